"""From what people paste to the errors in it: decoding, bounded reading of large logs, detection,
the root error first.

The detection and the normalisation are those of mining (`kb.errortext`, `kb.signature`), so that a
pasted error gets the name that the same text got in a thread.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from kb import lazy_re as re
from kb.errors import BadInputError
from kb.models import Signature
from kb.query.results import AskedError
from kb.signature import sign
from kb.signature.generic import is_generic
from kb.signature.place import Where, frame_of

if TYPE_CHECKING:
    from kb.errortext import ErrorSpan

WHOLE = 2_000_000
"""Characters up to which a text is read line by line; of a larger one the two ends are, and what
lies around error words.
"""
END = 700_000
"""Characters of each end of a larger text that are read in full."""
BETWEEN = 600_000
"""Characters read between the ends, around lines that name an error."""
ERRORS = 20
"""Different errors of one text that are answered."""
SIGNED = 400
"""Different error texts that are normalised; a log repeats itself far below that."""
RAW = 6_000
"""Characters of a text without a detected error that are taken as the error."""

_WEAK = 0.55
"""Beside the root error, detections below this weight are the noise of a log."""
_WORDS = re.compile(
    rb"(?i)error|exception|panic|fatal|fail|traceback|denied|refused|timed out|not found|ERR!"
)
_AROUND = 1_500
_DIGITS = re.compile(r"\d+")
_BROKEN = re.compile(r"(?<=\S)\r?\n(?=\S)")
_EDGE = r"[ \t│┃|]{0,200}"
_GOES_ON = re.compile(rf"{_EDGE}\r?\n{_EDGE}(?!at )([a-z0-9`'\"(][^\r\n│┃|]{{0,300}})")
WRAPPED = 2
"""Lines on which a message may go on that a screen or a mail has broken between words."""


class Asked(NamedTuple):
    """What was asked: its errors, the root one first, and remarks for the person. Empty `errors`:
    there was no text.
    """

    errors: tuple[AskedError, ...]
    signatures: tuple[Signature, ...]
    notes: tuple[str, ...] = ()


def decode(data: bytes, name: str) -> str:
    """Text of bytes: UTF-8, UTF-16 (what PowerShell writes into files) or whatever else, with
    U+FFFD for what is no text.

    Raises `BadInputError` for binary data.
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    head = data[:65536]
    nulls = head.count(0)
    if nulls > len(head) // 3 and head[1::2].count(0) > 0.9 * nulls:
        return data.decode("utf-16-le", "replace")
    # tabs, line ends, form feeds, backspaces and escapes stand in logs; other controls do not
    controls = sum(head.count(byte) for byte in range(32) if byte not in b"\t\n\r\x0c\x08\x1b\x07")
    text = data.decode("utf-8", "replace")
    broken = text[:65536].count("\ufffd")
    if head and (controls > len(head) // 20 or broken > min(len(text), 65536) // 4):
        raise BadInputError(f"{name}: is binary, not text; give it a log or an error message")
    return text.replace("\x00", "")


def read_errors(text: str) -> Asked:
    """The errors of a text of any size, normalised, the root one first.

    Where none is detected, the whole text (its first `RAW` characters) is taken for one: people
    type a bare message too.
    """
    notes: list[str] = []
    if not text.strip():
        return Asked((), ())
    named = _name(text, _detect(text, notes), notes)
    if not named.errors:
        start = len(text) - len(text.lstrip())
        raw = text[start : start + RAW].rstrip()
        signature = sign(raw)
        notes += _many_causes(signature)
        return Asked((_asked(start, raw, signature, detected=False),), (signature,), tuple(notes))
    return named


def narrower_errors(text: str, error: AskedError) -> Iterator[tuple[AskedError, Signature]]:
    """What the lines of an asked error may mean without the words around it, likeliest first."""
    from kb.query.readings import narrower

    start = text.rfind("\n", 0, error.start) + 1
    end = text.find("\n", error.end)
    lines = text[start : len(text) if end < 0 else end]
    known = {error.fingerprint}
    readings = [(first, last, lines[first:last]) for first, last in narrower(lines)]
    if "\n" in error.raw and len(error.raw) <= RAW:
        # a terminal of any width may have broken it within a word
        at = error.start - start
        readings.insert(0, (at, at + len(error.raw), _BROKEN.sub("", error.raw)))
    said, last = error.raw, error.end
    for _ in range(WRAPPED):
        if goes_on := _GOES_ON.match(text, last):
            said, last = f"{said} {goes_on[1].rstrip()}", goes_on.end()
            readings.insert(0, (error.start - start, last - start, said))
    lines = text[start:]
    for first, last, said in readings:
        raw, signature = lines[first:last], sign(said)
        if signature.text and signature.fingerprint not in known:
            known.add(signature.fingerprint)
            yield _asked(start + first, raw, signature), signature


def _many_causes(signature: Signature) -> list[str]:
    """What to tell a person who asks about a message that is printed for many failures."""
    told = "this message has many causes: give the whole stack trace, to have its place compared"
    return [told] if is_generic(signature.text) and signature.place is None else []


def _detect(text: str, notes: list[str]) -> list[ErrorSpan]:
    """Detected spans with their places in the whole text; the root error first, then by
    position.
    """
    from kb.errortext import find_errors, root_error

    spans: list[ErrorSpan] = []
    for offset, piece in _pieces(text, notes):
        for span in find_errors(piece):
            spans.append(span._replace(start=span.start + offset, end=span.end + offset))
    root = root_error(spans, text)
    if root is None:
        return []
    others = (span for span in spans if span is not root and not span.chained)
    return [root, *(span for span in others if span.weight >= _WEAK)]


def _pieces(text: str, notes: list[str]) -> Iterator[tuple[int, str]]:
    """The parts of a text that are read, with their offsets, in order."""
    size = len(text)
    if size <= WHOLE:
        yield 0, text
        return
    head = text.rfind("\n", 0, END) + 1 or END
    tail = text.find("\n", size - END) + 1 or size - END
    spans = [(0, head), *_around_errors(text, head, tail), (tail, size)]
    yield from ((start, text[start:end]) for start, end in spans)
    read = sum(end - start for start, end in spans)
    notes.append(
        f"of {size:,} characters, {read:,} were read: both ends, and between them the first parts"
        " that name an error; for an error from elsewhere, give its lines alone"
    )


def _around_errors(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The first stretches around words that errors have, `BETWEEN` characters in all. Latin-1 keeps
    one byte a character, so that places stay the same.
    """
    data = text[start:end].encode("latin-1", "replace")
    at, budget = 0, BETWEEN
    while budget > 0 and (match := _WORDS.search(data, at)):
        line = data.rfind(b"\n", 0, max(0, match.start() - _AROUND)) + 1
        first = max(at, line, match.start() - 2 * _AROUND)
        most = min(len(data), match.end() + 2 * _AROUND)
        last = data.find(b"\n", match.end() + _AROUND, most)
        at = min(most if last < 0 else last, first + budget)
        yield start + first, start + at
        budget -= at - first


def _name(text: str, spans: list[ErrorSpan], notes: list[str]) -> Asked:
    """Normalises spans and puts those of one fingerprint together."""
    # a log says the same thing with other numbers a thousand times: normalise one of them
    alike: dict[str, list[ErrorSpan]] = {}
    for span in spans:
        alike.setdefault(_DIGITS.sub("0", text[span.start : span.end]), []).append(span)
    found: dict[str, tuple[AskedError, Signature]] = {}
    for group in list(alike.values())[:SIGNED]:
        span = group[0]
        raw = text[span.start : span.end]
        signature = sign(span.message or raw, where=Where(frame=frame_of(span.frames)))
        if signature.text:
            error = _asked(span.start, raw, signature, count=0)
            error, signature = found.get(signature.fingerprint, (error, signature))
            counted = error._replace(count=error.count + len(group))
            found[signature.fingerprint] = counted, signature
    if len(found) > ERRORS:
        notes.append(
            f"the text holds {len(found)} different errors; the root one and {ERRORS - 1} "
            f"more are answered"
        )
    if len(alike) > SIGNED:
        notes.append(f"{len(alike) - SIGNED} more error texts were left out")
    kept = list(found.values())[:ERRORS]
    for _, signature in kept[:1]:
        notes += _many_causes(signature)
    return Asked(tuple(e for e, _ in kept), tuple(s for _, s in kept), tuple(notes))


def _asked(
    start: int, raw: str, signature: Signature, *, count: int = 1, detected: bool = True
) -> AskedError:
    named = ("fingerprint", "provider", "tool", "status", "code", "exception")
    return AskedError(
        start=start,
        end=start + len(raw),
        raw=raw,
        signature=signature.text,
        place=Where.parse(signature.place).in_words() if signature.place else None,
        count=count,
        detected=detected,
        **{name: getattr(signature, name) for name in named},
    )
