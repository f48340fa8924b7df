"""A log's line: its message without escapes, boxes, spinners, times and levels."""

from __future__ import annotations

import re

# Every alternative consumes at least one character and none nests a quantifier, so the loop in
# `content` is linear.
_PIECE = re.compile(
    r"""
      \s+
    | \x1b(?:\[[0-9;?]{0,16}[A-Za-z]|\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)|[()][0-9A-B])   # ANSI
    | [\u2500-\u259f\u23bf\u25a0-\u25ff\u2190-\u21ff\u2580-\u259f\u2800-\u28ff│┃]+  # boxes, arrows
    | [\u2600-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff\ufe0f\u200d]+                     # emoji
    | [*•·»›>|^]+(?=\s)
    | \[\d{5}\](?=\s)                                         # a server of llama-server
    | -{1,3}(?=\s)
    | \[?\d{4}[-/]\d\d[-/]\d\d[T\s_]\s?\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?:Z
    |\s?[+-]\d\d:?\d\d|\sUTC|\sGMT)?\]?[,:|]?
    | \[?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\]?(?=[\s|,:-])
    | \d\d?/\d\d?/\d{2,4},?\s\d\d?:\d\d(?::\d\d)?(?:\s[AP]M)?(?=[\s|,:-])
    | \[[A-Z]{2,20}\s[A-Z]\([^)\]\n]{1,120}\)\](?=\s)                        # Convex
    | \[\d\d[-/.](?:\d\d|[A-Z][a-z]{2})[-/.]\d{2,4}[\s:]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?\]
    | \d\d-\d\d\s\d\d:\d\d:\d\d(?:[.,]\d{1,9})?
    | [^\W\d_]{3,5}\.?\s{1,2}\d{1,2}\s\d\d:\d\d:\d\d\s[\w.-]{1,64}\s[\w./-]{1,64}(?:\[\d{1,8}\])?:
    | time="?[\dT:.+Z-]{10,40}"?
    | (?:level|lvl)="?\w{3,8}"?
    | (?:source|logger|component|caller)=[\w./:-]{1,80}
    | \[(?:error|err|info|warn|warning|debug|fatal|trace
    |critical|notice|ERROR|ERR|INFO|WARN|WARNING|DEBUG|FATAL|TRACE)\](?::)?
    | (?:ERROR|ERR|INFO|WARN|WARNING|DEBUG|FATAL|CRITICAL
    |TRACE|NOTICE)\s{0,8}(?=[|\[(<]|\d{4}-|\d\d-\d\d\s|---|-\s)
    | \|\s[\w.:<>]{1,80}:\d{1,6}\s-
    | \[?[\w./-]{1,120}\.(?:py|ts|js|go|rs|cc|java|rb):\d{1,6}\](?::)?
    | \[(?:Window|Extension\sHost|main|renderer\d*|exthost|\w{1,20}(?:[./-]\w{1,20}){0,3})\](?=\s)
    | log\.ts:\d{1,5}
    | (?:stderr|stdout):(?=\s)
    | [a-z][\w.-]{1,40}[-_]\d{1,3}\s{1,40}\|(?=\s)          # a container's name in front of its log
    | \[rank\d{1,4}\]:(?=\s)
    | \(\w{1,40}\spid=\d{1,8}(?:,\sip=[\d.]{7,15})?\)(?=\s)   # a worker's name, as Ray prints it
    | ==\d{1,8}==(?=\s)                                       # valgrind
    | thread\s\#\d{1,6}(?:,\s(?:name|queue)\s=\s'[^'\n]{0,80}'){0,2},\sstop\sreason\s=\s   # lldb
    | \[\s{0,6}\d{1,8}\.\d{6}\](?=\s)                        # the kernel's seconds
    | \[\d{1,8}\](?=\s(?:FATAL|ERROR|PANIC|LOG|DETAIL|HINT):) # PostgreSQL's process
    | \d{1,8}\#\d{1,8}:(?:\s\*\d{1,12})?(?=\s)               # nginx
    | [EWIF]\d{4}\s\d\d:\d\d:\d\d\.\d{1,9}\s{1,10}\d{1,8}\s[\w.-]{1,60}:\d{1,6}\]   # klog
    | \[(?:\s{8}|[\s+\d]{2,10}\sm?s)\](?=\s)                   # flutter -v
    | E\s{2,6}(?=\S)                                          # pytest
    | (?:\#\d{1,3}\s)?\d{1,4}\.\d{2,3}\s{1,40}(?=[A-Za-z\[])     # BuildKit's seconds
    """,
    re.VERBOSE,
)
_TAIL = re.compile(r"(?:[\s\u2500-\u259f|]|\x1b\[[0-9;?]{0,16}[A-Za-z])+\Z")
_DECORATION = re.compile(r"[\s\u2500-\u259f|]")
_MAX_PIECES = 24
_TAIL_WINDOW = 120

PREFIX = re.compile(
    r"(?:(?:[a-z][\w.-]{1,40}\s{1,40}\||\[rank\d{1,4}\]:|\[\d{5}\]|\(\w{1,40}\spid=\d{1,8}[^)\n]{0,60}\)"
    r"|[A-Z]{4,8}\s\d\d-\d\d\s\d\d:\d\d:\d\d\s\[[\w./-]{1,80}:\d{1,6}\]|==\d{1,8}==)(?:\s|\Z)){1,3}"
)
"""What stands before every line of the log of a container, a rank, a worker or vLLM."""

FRAME = re.compile(
    r"""\s*(?:
      (?:at|by)\s0x[0-9A-Fa-f]{2,16}:\s                         # valgrind
    | ERROR:[\w.]{1,60}:\s{1,8}File\s"                           # a traceback logged by lines
    |
      at\s+\S.{0,300}[(:@]                                     # JavaScript, Java, .NET
    | File\s"[^"\n]{1,300}",\sline\s\d+                        # Python
    | \#\d+\s+(?:0x[0-9a-f]+\s)?(?:in\s)?\S                    # gdb, sanitizers
    | │\s{1,4}(?:❱\s{0,6})?\d{1,6}\s│                          # rich: a line of the source
    | │\s\S{1,300}:\d{1,6}\sin\s\S                            # rich: a frame
    | (?:\*\s)?frame\s\#\d+:\s0x                              # lldb
    | /\S{1,300}\.go:\d+(?:\s\+0x[0-9a-f]+)?$                 # Go
    | (?:created\sby\s)?[\w./-]{1,120}\.(?:\(\*?\w{1,80}\)\.)?\w{1,80}(?:\.func\d+){0,4}
      \((?:0x[0-9a-f]|\.\.\.\)|\{0x|\)$)                        # Go
    | \d+:\s+(?:0x[0-9a-f]+\s-\s)?[\w:<>]+                     # Rust
    | from\s\S+:\d+:in\s                                       # Ruby
    | \.\.\.\s\d+\smore
    | \([\w.-]{1,60}(?:\s\d[\w.-]{0,30})?\)\s\S{1,200}\.exs?:\d+:\s   # Elixir
    | \[[\s+\d]{2,10}(?:\sm?s)?\s{0,8}\]\s+at\s\S                   # flutter -v
    )""",
    re.VERBOSE | re.MULTILINE,
)
"""A line of a stack trace (Python, JavaScript, Java, .NET, gdb, lldb, Go, Rust, Ruby)."""

BEFORE_FRAMES = re.compile(
    r"""\s{0,99}(?:$ | 0x[0-9a-f]+\sin\s | \((?:gdb|lldb)\) | goroutine\s\d+\s\[ | \[signal\s
    | (?i:stack\s(?:trace|backtrace)|backtrace):\s*$ | note:\srun\swith )""",
    re.VERBOSE | re.MULTILINE,
)
"""A line that may stand between an error and its trace."""
CAUSED_BY = re.compile(r"\s{0,99}Caused by: \S")
"""Java's line between the trace of an exception and that of its cause."""

RECORD = re.compile(
    r"""\s*(?:
      \[?\d{4}[-/]\d\d[-/]\d\d | \[?\d\d:\d\d:\d\d | time= | level=
    | \[?(?:ERROR|INFO|WARN|WARNING|DEBUG|FATAL|TRACE|error|info|warn|debug)\b
    | [^\W\d_]{3,5}\.?\s{1,2}\d{1,2}\s\d\d:\d\d:\d\d
    | [$%]\s | PS\s[A-Z]: | [\w.-]{1,60}\sexited\swith\scode\s
    | [EWIF]\d{4}\s\d\d:\d\d:\d\d\. | LINE\s\d{1,6}:\s
    | \{"(?:level|ts|time|timestamp|severity|msg|logger)":
    | (?:\([\w.-]{1,40}\)\s)?(?:[\u279c\u276f]|[\w.-]{1,40}@[\w.-]{1,60}[:~\s])
    | ``` | ~~~ | \#{1,6}\s | [-*]\s | -{3,}\s\w | \d+[.)]\s | >>>\s | \[GIN\]\s
    | checking\s(?:for|whether|if)\s | [a-z][\w.-]{1,40}[-_]\d{1,3}\s{0,40}(?:\||$)
    )""",
    re.VERBOSE,
)
"""The start of something else: a log's record, a prompt, a list item, a fence."""


def content(text: str, start: int, end: int) -> tuple[int, int]:
    """The bounds of a line's message; empty (`start == end`) for mere decoration."""
    at = start
    for _ in range(_MAX_PIECES):
        match = _PIECE.match(text, at, end)
        if match is None or match.end() == at:
            break
        at = match.end()
    floor = max(at, end - _TAIL_WINDOW)
    may_end = _DECORATION.match(text, end - 1) or "\x1b" in text[floor:end]
    tail = _TAIL.search(text, floor, end) if floor < end and may_end else None
    if tail is not None:
        end = tail.start()
    return (at, end) if at < end else (at, at)


def is_frame(text: str, start: int, end: int) -> bool:
    """Whether the line at `text[start:end]` belongs to a stack trace."""
    prefix = PREFIX.match(text, start, end)
    at = start if prefix is None else prefix.end()
    return FRAME.match(text, at, min(end, at + 400)) is not None


def begins_record(text: str, start: int, end: int) -> bool:
    """Whether the line starts a log record, a prompt, a list item or a fence of its own."""
    prefix = PREFIX.match(text, start, end)
    at = start if prefix is None else prefix.end()
    if prefix is not None and (prefix[0][0].isupper() or not text[at:end].strip()):
        return True
    return RECORD.match(text, at, min(end, at + 60)) is not None
