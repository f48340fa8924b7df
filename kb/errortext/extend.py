"""From an error's line to its whole text: bodies, wrapped lines, what follows, frames."""

from __future__ import annotations

from kb import lazy_re as re
from kb.errortext.lines import (
    BEFORE_FRAMES,
    CAUSED_BY,
    PREFIX,
    begins_record,
    content,
    is_frame,
)
from kb.tables import load_patterns

_P = load_patterns("spans.toml")

MAX_TEXT = 4000
"""An error's text is at most this many characters long."""

_MAX_BODY_LINES = 80
_WIDTH = 56
_NARROW = 36
_SHORT_TEXT = 600
_MAX_STEPS = 40_000
_MAX_WRAPPED = 8
_MAX_FRAMES = 40
_MAX_PASSED = 4
_OPENER = re.compile(r"[{\[(]\s*\Z")
_JSONISH = re.compile(r"\s*(?:[\"'}\]{[]|[A-Za-z_]\w{0,40}\"?\s?:\s|\.\.\.)")
_ANNOUNCES = re.compile(_P["announces"])
_JOINED = re.compile(_P["joined"])
_OPENS_JOIN = re.compile(_P["opens_join"])
_ENDED = re.compile(r"(?:[.!?。！}\]>;]['\")]*|\*\*)\s*\Z")
_LABELLED = re.compile(_P["labelled"])
_KEYED = re.compile(_P["keyed"])
_LOWER = re.compile(r"\s*(?:[a-z`'\"(\d&<]|[A-Z]{2,}\W|https?:)")


class Lines:
    """The lines of a text as `(start, end)` without their line ends, found as they are asked for.

    At most `_MAX_STEPS` steps up or down are made in one text; after that every error is one line.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.budget = _MAX_STEPS

    def around(self, at: int) -> tuple[int, int]:
        """The line that holds the character at `at`."""
        start = self.text.rfind("\n", max(0, at - 2 * MAX_TEXT), at) + 1 or max(
            0, at - 2 * MAX_TEXT
        )
        end = self.text.find("\n", at, at + 2 * MAX_TEXT)
        end = min(len(self.text), at + 2 * MAX_TEXT) if end < 0 else end
        return start, end - 1 if end > start and self.text[end - 1] == "\r" else end

    def after(self, end: int) -> tuple[int, int] | None:
        """The line below the one that `end` stands in (or ends)."""
        self.budget -= 1
        at = self.text.find("\n", end, end + MAX_TEXT) if self.budget > 0 else -1
        return None if at < 0 or at + 1 >= len(self.text) else self.around(at + 1)

    def before(self, start: int) -> tuple[int, int] | None:
        """The line above the one that starts at `start`."""
        self.budget -= 1
        return None if start <= 0 or self.budget <= 0 else self.around(start - 1)


def depth(text: str, start: int, end: int) -> tuple[int, str]:
    """How many braces and brackets stay open after `text[start:end]`, and the quote it ends within
    (or "").

    An apostrophe within a word opens nothing.
    """
    level, quote = 0, ""
    skip = False
    for index in range(start, end):
        char = text[index]
        if skip:
            skip = False
        elif char == "\\":
            skip = True
        elif quote:
            if char == quote:
                quote = ""
        elif char == '"' or (char == "'" and not (index > start and text[index - 1].isalnum())):
            quote = char
        elif char in "{[":
            level += 1
        elif char in "}]":
            level = max(0, level - 1)
    return level, quote


def body_end(text: str, lines: Lines, start: int, end: int) -> int:
    """The end of the JSON or Python body open at `end`; `end` if none closes nearby."""
    level, here = _open_level(text, lines, start, end)
    if level == 0:
        return here if here > end else end
    last = here
    for _ in range(_MAX_BODY_LINES):
        line = lines.after(here)
        if line is None or line[1] - start > MAX_TEXT:
            break
        if begins_record(text, *line) and not _JSONISH.match(
            text, content(text, *line)[0], line[1]
        ):
            break
        here = line[1]
        level += _balance(text, *line)
        first, stop = content(text, *line)
        if first < stop:
            last = stop
        if level <= 0:
            return last
    return last if last - start <= MAX_TEXT else end


_BODY_BELOW = re.compile(r"\s*[{\[]\s*(?:[\"']|\Z)")


def _open_level(text: str, lines: Lines, start: int, end: int) -> tuple[int, int]:
    """The open braces after a text, and where to read on: a body may begin on the next line."""
    if text.find("{", start, end) >= 0 or text.find("[", start, end) >= 0:
        level, _ = depth(text, start, end)
        return level, end
    line = lines.after(end)
    if line is None or not _BODY_BELOW.match(text, *line) or begins_record(text, *line):
        return 0, end
    level, _ = depth(text, *line)
    return level, content(text, *line)[1]


def _balance(text: str, start: int, end: int) -> int:
    return sum(text.count(char, start, end) for char in "{[") - sum(
        text.count(char, start, end) for char in "}]"
    )


def body_start(text: str, lines: Lines, start: int) -> int:
    """Where the body, with the words before it, begins that this line is in; else `start`."""
    open_at, here, level = start, start, 0
    for _ in range(_MAX_BODY_LINES):
        line = lines.before(here)
        if line is None or start - line[0] > MAX_TEXT:
            break
        opener = _OPENER.search(text, max(line[0], line[1] - 40), line[1])
        if not opener and not _JSONISH.match(text, *line):
            break
        here = line[0]
        level += _balance(text, *line)
        if opener and level > 0:
            open_at, level = content(text, *line)[0], 0
            if not _JSONISH.match(text, *line) or not text[line[0] : line[1]].strip(" {[("):
                above = lines.before(here)
                if above is None or not (
                    _OPENER.search(text, max(above[0], above[1] - 40), above[1])
                    or _JSONISH.match(text, *above)
                ):
                    break
    return open_at


def wrapped_end(text: str, lines: Lines, start: int, end: int) -> int:
    """The end of a message that a terminal wrapped or that a colon announces on the next line."""
    joined = 0
    while joined < _MAX_WRAPPED and end - start < MAX_TEXT:
        line = lines.after(end)
        if line is not None and not text[line[0] : line[1]].strip():
            # with an empty line between, an announced message, or one in brackets
            line = lines.after(line[1])
            opens = _OPENS_JOIN.search(text[max(start, end - 200) : end])
            announced = line is not None and opens and _JOINED.match(text, *line)
            if not announced and not _is_open(text, start, end):
                break
        if line is None or is_frame(text, *line) or not _continues(text, start, end, line):
            break
        if _is_shown_source(text, lines, (start, end), line):
            break
        first, last = content(text, *line)
        if first == last:
            break
        end = last
        joined += 1
    return end


_NUMBERED = re.compile(r"[\s>]{0,40}\d{1,7} {0,3}\| ")
_POINTER = re.compile(r"(?:[a-z:]{1,30}=)?[\s|>]{0,400}[~^][~^ |-]{0,400}\s{0,9}\Z")


def _is_shown_source(
    text: str, lines: Lines, message: tuple[int, int], line: tuple[int, int]
) -> bool:
    """Whether a line is the source that a compiler shows below its message: with its number before
    it, or with signs (`~~^~~`) below it. What a colon announces is shown on purpose.
    """
    if text[message[1] - 1] == ":":
        return False
    if _NUMBERED.match(text, *line):
        return True
    below = lines.after(line[1])
    return below is not None and _POINTER.match(text[below[0] : below[1]]) is not None


def _is_open(text: str, start: int, end: int) -> bool:
    level, quote = depth(text, max(start, end - 800), end)
    return level > 0 or quote == '"' or text.count("(", start, end) > text.count(")", start, end)


def _continues(text: str, start: int, end: int, line: tuple[int, int]) -> bool:
    here = max(start, text.rfind("\n", start, end) + 1)
    head = text[max(here, end - 200) : end]
    if _OPENS_JOIN.search(text[start : start + 400]) and _JOINED.match(text, *line):
        return True
    if begins_record(text, *line):
        return False
    if _ANNOUNCES.search(head) or (_KEYED.match(head) and _KEYED.match(text, *line)):
        return True
    open_body = depth(text, max(start, end - 400), end) != (0, "")
    if (_ENDED.search(head) and not open_body) or _LOWER.match(
        text, content(text, *line)[0], line[1]
    ) is None:
        return False
    # a log's records begin alike, a wrapped line's halves do not
    same_head = text[here : here + 6].strip() == text[line[0] : line[0] + 6].strip()
    if same_head or (_LABELLED.match(text, *line) and not open_body):
        return False
    return end - (text.rfind("\n", 0, end) + 1) >= (_NARROW if len(text) <= _SHORT_TEXT else _WIDTH)


_FIELDS = re.compile(r"\b\d{1,4} validation errors? for \S{1,120}\Z")
_FIELD = re.compile(r"[\w.\[\]`-]{1,200}\s*\Z")
_OF_THE_WHOLE = re.compile(_P["of_the_whole"])
_MAX_FIELDS = 12


def fields_end(text: str, lines: Lines, start: int, end: int) -> int:
    """The end of a validation error with its fields: below "2 validation errors for Kettle" the
    name of each field on a line, and indented below it what is wrong with it.
    """
    if not _FIELDS.search(text[max(start, end - 160) : end]):
        return end
    here = end
    for _ in range(_MAX_FIELDS):
        field = lines.after(here)
        if field is None:
            break
        if _OF_THE_WHOLE.match(text[field[0] : field[1]].rstrip()):
            end, here = content(text, *field)[1], field[1]
            continue
        if not _FIELD.match(text[field[0] : field[1]].strip()):
            break
        wrong = lines.after(field[1])
        if wrong is None or text[wrong[0] : wrong[0] + 1] not in (" ", "\t"):
            break
        last = content(text, *wrong)[1]
        if last <= wrong[0] or last - start > MAX_TEXT:
            break
        end, here = last, wrong[1]
        more = lines.after(here)
        if more is not None and "For further information" in text[more[0] : more[1]]:
            here = more[1]
    return end


def frames_after(text: str, lines: Lines, end: int) -> tuple[str, ...]:
    """The stack trace below an error, a frame a string (all languages but Python)."""
    found: list[str] = []
    passed = 0
    while len(found) < _MAX_FRAMES:
        line = lines.after(end)
        if line is None:
            break
        if is_frame(text, *line):
            found.append(text[line[0] : min(line[1], line[0] + 300)].strip())
        elif found and CAUSED_BY.match(text, *line):
            pass  # the trace of the cause follows
        elif found or passed == _MAX_PASSED or not BEFORE_FRAMES.match(text, *line):
            break
        else:
            passed += 1
        end = line[1]
    return tuple(found)


_BOXED_FRAME = re.compile(r"\s*│\s(\S{1,300}:\d{1,6} in \S{1,120})")


def _boxed_frames(text: str, lines: Lines, start: int) -> tuple[str, ...]:
    found: list[str] = []
    for _ in range(_MAX_FRAMES * 8):
        line = lines.before(start)
        if line is None or text[line[0] : line[1]].lstrip()[:1] not in ("│", "╰"):
            break
        match = _BOXED_FRAME.match(text, *line)
        if match is not None and len(found) < _MAX_FRAMES:
            found.append(match[1])
        start = line[0]
    return tuple(reversed(found))


def frames_before(text: str, lines: Lines, start: int) -> tuple[str, ...]:
    """The stack trace above an error (Python, plain or in a box of rich), outermost first."""
    found: list[str] = []
    above = lines.before(start)
    if above is not None and text[above[0] : above[1]].lstrip().startswith("╰"):
        return _boxed_frames(text, lines, start)
    for _ in range(_MAX_FRAMES * 3):
        line = lines.before(start)
        if line is None:
            break
        prefix = PREFIX.match(text, *line)
        first = line[0] if prefix is None else prefix.end()
        if text[first : first + 1] not in (" ", "\t"):
            break
        if text.startswith("File ", content(text, first, line[1])[0]):
            found.append(text[first : min(line[1], first + 300)].strip())
        elif (frame := _BARE_FRAME.match(text, first, line[1])) is not None:
            found.append(f'File "{frame[1]}')
        start = line[0]
    return tuple(reversed(found[:_MAX_FRAMES]))


_BARE_FRAME = re.compile(
    r'\s{1,40}([^\s"]{1,260}[\\/][\w.-]{1,60}\.py", line \d{1,7}, in \S{1,120})'
)
"""A frame of Python whose first word somebody cut off with the folders before the file."""
