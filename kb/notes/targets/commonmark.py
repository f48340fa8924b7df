"""Plain CommonMark, as GitHub shows it."""

from kb.notes.targets import Target

TARGET = Target("commonmark", heading=True)
