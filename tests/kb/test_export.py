"""A folder that people share: only what changed is written, nothing of theirs is lost."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from kb.errors import BadInputError
from kb.notes.folder import MANIFEST, read_manifest, write_atomically, write_folder


def listing(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}


def test_the_same_again_changes_no_file(tmp_path: Path) -> None:
    first = write_folder(tmp_path / "out", {"a.md": "A\n", "b.md": "B\n"})
    before = listing(tmp_path / "out")
    again = write_folder(tmp_path / "out", {"b.md": "B\n", "a.md": "A\n"})
    assert (first.written, again.written, again.unchanged) == (["a.md", "b.md"], [], 2)
    assert listing(tmp_path / "out") == before


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    write_folder(tmp_path, {"a.md": "A\n", "b.md": "B\n"})
    report = write_folder(tmp_path, {"a.md": "A\n", "b.md": "new\n"})
    assert report.written == ["b.md"]
    assert (tmp_path / "b.md").read_text() == "new\n"


def test_a_persons_change_is_kept_and_told(tmp_path: Path) -> None:
    write_folder(tmp_path, {"a.md": "A\n", "b.md": "B\n"})
    (tmp_path / "a.md").write_text("mine\n")
    for _ in range(2):
        report = write_folder(tmp_path, {"a.md": "A2\n", "b.md": "B\n"})
        assert report.kept == ["a.md"]
        assert (tmp_path / "a.md").read_text() == "mine\n"
    (tmp_path / "a.md").unlink()
    assert write_folder(tmp_path, {"a.md": "A2\n", "b.md": "B\n"}).written == ["a.md"]


def test_a_persons_own_files_are_never_touched(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("was here before\n")
    (tmp_path / "other.md").write_text("theirs\n")
    assert write_folder(tmp_path, {"a.md": "A\n"}).kept == ["a.md"]
    write_folder(tmp_path, {})
    assert (tmp_path / "a.md").read_text() == "was here before\n"
    assert (tmp_path / "other.md").read_text() == "theirs\n"


def test_what_is_no_longer_made_is_removed_unless_changed(tmp_path: Path) -> None:
    write_folder(tmp_path, {"a.md": "A\n", "b.md": "B\n"})
    (tmp_path / "b.md").write_text("mine\n")
    report = write_folder(tmp_path, {})
    assert (report.removed, report.kept) == (["a.md"], ["b.md"])
    assert (tmp_path / "b.md").read_text() == "mine\n"


def test_a_manifest_cannot_reach_outside(tmp_path: Path) -> None:
    (tmp_path / "victim.md").write_text("A\n")
    out = tmp_path / "out"
    write_folder(out, {"a.md": "A\n"})
    manifest = json.loads((out / MANIFEST).read_text())
    manifest["files"]["../victim.md"] = manifest["files"]["a.md"]
    (out / MANIFEST).write_text(json.dumps(manifest))
    write_folder(out, {})
    assert (tmp_path / "victim.md").exists()


def test_a_damaged_manifest_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text("{")
    with pytest.raises(BadInputError, match="is damaged"):
        write_folder(tmp_path, {"a.md": "A\n"})
    assert not (tmp_path / "a.md").exists()


def test_a_killed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.md"
    path.write_text("old\n")

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new\n")
    assert path.read_text() == "old\n"
    assert [p.name for p in tmp_path.iterdir()] == ["a.md"]


def test_only_a_file_that_was_there_is_called_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "old.md").write_text("old\n")
    monkeypatch.setattr(os, "fsync", full)
    for name, said in (
        ("old.md", "what was there before is kept"),
        ("new.md", "see to the folder"),
    ):
        with pytest.raises(BadInputError, match=said):
            write_atomically(tmp_path / name, b"new\n")


def test_a_run_killed_between_files_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder(tmp_path, {"a.md": "A\n", "b.md": "B\n"})
    real = os.replace

    def second_dies(source: str, target: Path) -> None:
        if target.name == "b.md":
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr(os, "replace", second_dies)
    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path, {"a.md": "A2\n", "b.md": "B2\n"})
    monkeypatch.undo()
    # what is written meanwhile may be newer than what the killed run had in hand
    report = write_folder(tmp_path, {"a.md": "A3\n", "b.md": "B3\n"})
    assert report.kept == []
    assert (tmp_path / "a.md").read_text() == "A3\n"
    assert set(read_manifest(tmp_path).files) == {"a.md", "b.md"}


def test_a_file_that_a_power_cut_emptied_is_written_anew(tmp_path: Path) -> None:
    write_folder(tmp_path, {"a.md": "A\n"})
    (tmp_path / "a.md").write_bytes(b"")
    assert write_folder(tmp_path, {"a.md": "A\n"}).written == ["a.md"]


def test_two_formats_do_not_share_a_folder(tmp_path: Path) -> None:
    write_folder(tmp_path, {"a.md": "A\n"}, "note")
    with pytest.raises(BadInputError, match="holds an export of format note"):
        write_folder(tmp_path, {"b.md": "B\n"}, "page")
    assert (tmp_path / "a.md").exists()


def test_a_file_for_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    with pytest.raises(BadInputError, match="is a file"):
        write_folder(tmp_path / "f", {})
    with pytest.raises(BadInputError, match=r"cannot be made \(Not a directory\); name another"):
        write_folder(tmp_path / "f" / "g", {})
