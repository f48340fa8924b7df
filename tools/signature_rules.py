"""The page `docs/reference/signature-rules.md`, written from the rule tables."""

from __future__ import annotations

from kb.signature.tables import Rule
from kb.signature.tables import table as rows_of
from kb.tables import load_lines, load_toml

_INTRO = """# Signatures: how an error gets its name

This page is written from the tables in `kb/rules/` by `make docs`; a test keeps it current.

An error's text is taken apart in five steps, each a module of `kb/signature/`. `faultlore
signature --explain TEXT` prints what each rule did.

1. **Plain lines** (`clean`): terminal escapes, boxes, emoji, clocks and log levels in front, stack
   frames and the earlier part of a chain of tracebacks go; escaped quotes and line ends are undone
   at any depth; lines that a terminal wrapped are joined. At most 16,384 characters are looked at.
2. **Innermost message** (`bodies`, `unwrap`): bodies are scanned for their messages (JSON, Python
   repr, JavaScript dump; whole, cut off or nested in a string), layers come off the front one by
   one and are kept as wrappers.
3. **Placeholders** (`mask`): what varies gets a named placeholder, in one pass of one combined
   expression.
4. **Naming sentences** (`sentences`): sentences that advise, explain or count are dropped, if one
   that names the failure stands before them; quotes go; plain words get one letter case, names of
   classes and codes keep theirs; punctuation at the ends goes; at most 320 characters stay.
5. **One wording** (`canon`): a few failures that systems word differently get one wording; a
   message that only repeats an HTTP status is named by provider, status and phrase.

The result is passed through the same steps until it stays as it is, so that the signature of a
signature is itself. The fingerprint is `v1:` and 16 hex digits of BLAKE2b over the text:
everything that decides it can be read in the text.

A message that a language or an operating system prints for many failures (`list index out of
range`) names none: its place belongs to the fingerprint too, which is the last frame of a program's
or library's own code (`file:function`), else the file that the message names, else the repository
or the thread, as the table below says.

**Status and code are fields, not part of the name**, where the message says what failed: the same
message with and without its status is one error. They stand in the name where the message is
nothing but a status's phrase (`429 too many requests`), and numbers that name an error inside a
message (exit codes, errno, JSON-RPC codes) stay in it. Names of missing modules, commands and
symbols stay in the name; names of models do not.

To add a rule, add one row with a reason and an example to a table, and run the tests: the example
is the test and the documentation. No version has to be raised: `mine` sees that a table changed and
reads the threads again (`miner/versions.py`).
"""

_TABLES = (
    (
        "placeholders.toml",
        "Placeholders",
        "What varies, and the name that stands for it. Tried in this order at each position.",
    ),
    (
        "anchors.toml",
        "Messages that are whole wherever they stand",
        "What precedes is wrapper, what follows is data. The first that matches wins.",
    ),
    (
        "wrappers.toml",
        "Layers",
        "Taken off the front, one by one, while something that can stand alone is left.",
    ),
    ("canonical.toml", "One wording", "Failures that systems or versions word differently."),
)
_WIDE = {
    "message": "everywhere",
    "file": "where the same file is named",
    "repository": "in a repository",
    "tracker": "in a repository, whatever the frame",
    "place": "at the same frame, else in a repository",
    "thread": "at the same frame, else in a thread",
    "nothing": "in a thread",
}
_LISTS = (
    ("asides.txt", "Openings of sentences that name nothing"),
    ("telling.txt", "Words that keep such a sentence after all"),
    ("uninformative.txt", "Messages that name nothing"),
    ("os_messages.txt", "System messages that need the words before them"),
    ("errno.txt", "Names that keep their capitals"),
)


def _cell(text: str) -> str:
    return "`" + text.replace("\n", "⏎").replace("|", "\\|") + "`"


def _row(rule: Rule) -> str:
    given, result = rule.example
    fence = "``" if "`" in given else "`"
    shown = f"{fence} {given} {fence}" if fence == "``" else _cell(given)
    return f"| {rule.name} | {rule.why} | {shown.replace(chr(10), '⏎')} | {_cell(result)} |"


def page() -> str:
    """The page as Markdown."""
    parts = [_INTRO]
    for name, title, about in _TABLES:
        parts.append(
            f"## {title}\n\n{about} (`kb/rules/{name}`)\n\n| rule | why | example | "
            f"signature |\n| --- | --- | --- | --- |"
        )
        parts[-1] += "\n" + "\n".join(_row(rule) for rule in rows_of(name).rules) + "\n"
    phrases = [
        f"| {row['status']} | {', '.join(row['phrases'])} |"
        for row in load_toml("http_reasons.toml")["reason"]
    ]
    parts.append(
        "## Phrases that only repeat a status\n\n| status | phrases |\n| --- | --- |\n"
        + "\n".join(phrases)
        + "\n"
    )
    generic = load_toml("generic.toml")["rule"]
    parts.append(
        "## Messages that are printed for many failures\n\nTheir fingerprint holds the place as "
        "well. The first that matches wins. (`kb/rules/generic.toml`)\n\n"
        "| rule | why | one failure | example |\n| --- | --- | --- | --- |\n"
        + "\n".join(
            f"| {row['name']} | {row['why']} | {_WIDE[row['scope']]} | {_cell(row['example'][0])} |"
            for row in generic
        )
        + "\n"
    )
    for name, title in _LISTS:
        parts.append(
            f"## {title}\n\n(`kb/rules/{name}`)\n\n"
            + ", ".join(f"`{entry}`" for entry in load_lines(name))
            + "\n"
        )
    return "\n".join(parts)
