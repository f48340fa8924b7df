"""Text helpers that every room uses: cleaning, cutting, counting words, times as text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, TypeVar

from kb import lazy_re as re
from kb.errors import BadInputError

T = TypeVar("T")

_ANSI = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]"
    r"|\x1b(?:\][^\x07\x1b]{0,500}(?:\x07|\x1b\\)|[@-Z\\-_])"
)
_ASCII_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_VISIBLE_FORMAT = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u08e2")
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BLANK_LINES = re.compile(r"\n\s*\n+")
_AGO = re.compile(r"(\d{1,6})\s*([hdwmy])\Z")
_HOURS = {"h": 1, "d": 24, "w": 24 * 7, "m": 24 * 30, "y": 24 * 365}


class _Visible(dict[int, str | None]):
    """For `str.translate`: what a character becomes, worked out when it is first met."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        kept: str | None = character
        if character in "\u2028\u2029\u0085":
            kept = "\n"
        elif character in _BLANK_LETTERS or 0xFE00 <= code <= 0xFE0E or 0xE0100 <= code <= 0xE01EF:
            kept = None
        elif (
            unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn")
            and character not in "\n\t"
        ):
            kept = character if character in _VISIBLE_FORMAT else None
        self[code] = kept
        return kept


_VISIBLE = _Visible()


def clean(text: str) -> str:
    """Text without control and invisible characters; lines end with a line feed."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x1b" in text or "\x9b" in text:
        text = _ANSI.sub("", text)
    if text.isascii():
        return _ASCII_CONTROL.sub("", text)
    return text.translate(_VISIBLE)


def storable(text: str) -> str:
    """The text with U+FFFD for each lone surrogate, which UTF-8 cannot hold; same offsets."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def shorten(text: str | None, width: int = 200) -> str:
    """Cleaned text on one line of at most `width` characters, cut between words."""
    flat = " ".join(clean(text or "").split())
    if len(flat) <= width:
        return flat
    head = flat[: width - 1]
    cut = head.rfind(" ")
    return (head[:cut] if cut > width // 2 else head).rstrip(" ,;:.-(") + "…"


def block(text: str, width: int) -> str:
    """Cleaned text with its line breaks, without blank lines, of at most `width` characters."""
    kept = _BLANK_LINES.sub("\n", clean(text).strip("\n").expandtabs(4)).rstrip()
    return kept if len(kept) <= width else kept[: width - 1].rstrip() + "…"


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 thread`, `1,200 threads`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def letters(text: str) -> str:
    """Letters and digits alone, to compare texts that differ in marks and spaces."""
    return "".join(c for c in text if c.isalnum())


def capital(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


MOST_BYTES = 200_000_000
"""Bytes of a file that a command reads at once."""


def read_bytes(source: BinaryIO, name: str) -> bytes:
    """All that a file holds. Raises `BadInputError` where that is more than `MOST_BYTES`."""
    data = source.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise BadInputError(f"{name}: is larger than {MOST_BYTES // 10**6} MB; give a part of it")
    return data


def make_folder(path: Path) -> None:
    """Makes a folder unless it is there. Raises `BadInputError`."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = f"{path}: cannot be made ({error.strerror}); name another folder"
        raise BadInputError(problem) from error


def chunks(items: Sequence[T], size: int = 500) -> Iterator[Sequence[T]]:
    """The items in parts of at most `size`: as many as one SQL statement takes for parameters."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


# ---------------------------------------------------------------- times


def months_to(last: str, count: int) -> list[str]:
    """The names (`YYYY-MM`) of so many months up to that of a time, oldest first."""
    end = int(last[:4]) * 12 + int(last[5:7])
    return [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(end - count, end)]


def utc(moment: datetime) -> str:
    """A moment as text in seconds; without an offset it is taken for UTC."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def utc_of(seconds: float) -> str:
    """Epoch seconds as text."""
    return utc(datetime.fromtimestamp(seconds, UTC))


def now() -> str:
    """The present moment as text."""
    return utc(datetime.now(UTC))


def day(time: str | None) -> str:
    """The date of a time; empty where there is none."""
    return (time or "")[:10]


def days_before(time: str, days: int) -> str:
    """The time `days` before another one."""
    return seconds_before(time, days * 86_400)


def seconds_before(time: str, seconds: int) -> str:
    """The time `seconds` before another one."""
    return utc(datetime.fromisoformat(time) - timedelta(seconds=seconds))


def since_time(text: str, now: datetime | None = None) -> str:
    """The time that `--since` and its like name: a date, a time, or a span back from now.

    A span is a number with `h`, `d`, `w`, `m` (30 days) or `y` (365 days). A time without an offset
    is UTC. Raises `BadInputError` for anything else.
    """
    text = text.strip()
    try:
        if span := _AGO.match(text):
            hours = int(span[1]) * _HOURS[span[2]]
            return utc((now or datetime.now(UTC)) - timedelta(hours=hours))
        return utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise BadInputError(
            f"{text[:40]!r} is no time; write a date such as 2026-01-31, or a span back such as 90d"
        ) from None
