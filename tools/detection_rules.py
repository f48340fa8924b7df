"""The page `docs/reference/detection-rules.md`, written from the rules."""

from __future__ import annotations

from kb.errortext.rules import NOISE, RULES

_INTRO = """# Recognisers of errors

Which lines hold an error's text ([how detection works](../explanation/detection.md)). Written from
`kb/errortext/rules.py` by `make docs`; a test fails when it is out of date.

A line gets the weight of its surest recogniser, a little more for each further one, times the
factor of every noise. A recogniser marked *in prose* also counts in sentences that people write.
To add one, add a row with an example: the example is the test.
"""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def tables() -> str:
    """The recognisers and the noise as two Markdown tables."""
    rows = ["| recogniser | weight | in prose | example |", "| --- | --- | --- | --- |"]
    rows += [
        (
            f"| {rule.name} | {rule.weight:g} | {'yes' if rule.prose else ''} | "
            f"``{_cell(rule.example)}`` |"
        )
        for rule in RULES
    ]
    rows += ["", "| noise | factor | why |", "| --- | --- | --- |"]
    rows += [f"| {name} | {factor:g} | {_WHY[name]} |" for name, _, factor in NOISE]
    return "\n".join(rows)


_WHY = {
    "info": "the program itself calls it information",
    "warning": "a warning; the error mostly comes after it",
    "zero": "it says that nothing went wrong",
    "code": "source that would raise an error, not the error",
    "call": "a call or an assignment in source",
    "comment": "a comment in source",
    "environment": "a variable that somebody set",
    "said": "a line of a chat",
    "info_field": "a log's field says that it is information",
    "skipped": "the program passed over it and went on",
    "banner": "it says that there is an error, not which",
    "shell_line": "what somebody typed",
    "probe": "a build probing what there is",
    "retry": "an attempt that is made again",
    "sse_event": "the name of a server-sent event; its data line holds the error",
    "number_field": "one number of a larger object",
    "bar": "decoration",
    "key_value": "a setting",
    "listing": "numbered source, as debuggers print it",
    "setting": "a value that is named unknown or none, a header",
    "stopped": "a debugger that stopped a program; the signal stands above",
    "summary": "it only says that something failed; what failed stands elsewhere",
    "bare": "a status without a message",
    "chain": "what Python prints between the exceptions of a chain",
    "token": "a name alone, without a message",
    "bisect": "git's words",
    "question": "a question",
}


def page() -> str:
    """The whole page as Markdown."""
    return f"{_INTRO}\n{tables()}\n"
