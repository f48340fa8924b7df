"""Every target that documents can be written for."""

from __future__ import annotations

from kb.notes.targets import target_named, target_names

TARGETS = {name: target_named(name) for name in target_names()}
