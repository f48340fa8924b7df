"""The page `docs/reference/detection-rules.md`, written from the rules."""

from __future__ import annotations

from kb.errortext.rules import NOISE, RULES

_INTRO = """# Recognisers of errors

Which lines hold an error's text ([how detection works](../explanation/detection.md)). Written from
`kb/rules/errors.toml` by `make docs`; a test fails when it is out of date.

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
    rows += [f"| {noise.name} | {noise.factor:g} | {noise.why} |" for noise in NOISE]
    return "\n".join(rows)


def page() -> str:
    """The whole page as Markdown."""
    return f"{_INTRO}\n{tables()}\n"
