"""Makes threads that mimic issue trackers: few errors that many report, a long tail that one
reports.

    python benchmarks/generate.py 10000 > threads.jsonl

The same number and seed give the same threads. Wording is made up from error words, service names
and invented nouns.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADS = [
    "cannot {verb} the {noun} of {noun2}",
    "{noun} {noun2} is not {done} by the {noun3}",
    "{noun}: unexpected {noun2} in {noun3}",
    "failed to {verb} {noun} because the {noun2} was {done}",
    "{status} {noun} {noun2} {done}",
    "{code}: {noun} could not {verb} {noun2}",
    "{exception}: {noun} has no {noun2}",
    "the {noun} {noun2} exceeded its {noun3} limit",
    "no {noun} found for {noun2} {noun3}",
    "{noun} {noun2} timed out while it tried to {verb}",
    "invalid {noun} in {noun2}.{noun3}",
    "{noun} refused to {verb}: {noun2} {done}",
]
VERBS = [
    "open",
    "load",
    "parse",
    "resolve",
    "reach",
    "start",
    "attach",
    "decode",
    "verify",
    "flush",
    "mount",
    "render",
    "compile",
    "sign",
    "send",
    "fetch",
    "lock",
    "allocate",
    "bind",
    "merge",
]
DONE = [
    "rejected",
    "expired",
    "missing",
    "truncated",
    "corrupt",
    "locked",
    "revoked",
    "disabled",
    "unsupported",
    "unavailable",
    "exhausted",
    "malformed",
    "stale",
    "detached",
]
EXCEPTIONS = [
    "ValueError",
    "TypeError",
    "KeyError",
    "RuntimeError",
    "StateError",
    "ParseError",
    "MountError",
    "SchemaError",
    "TokenError",
    "LinkError",
]
WRAPS = [
    "{}",
    "Error: {}",
    "ERROR {}",
    "[error] {}",
    "2026-01-04 11:02:09 ERROR worker: {}",
    "API call failed (attempt 1/3): {}",
    "fatal: {}",
    '{{"error": {{"message": "{}", "type": "invalid_request_error"}}}}',
    'Traceback (most recent call last):\n  File "a.py", line 3\nRuntimeError: {}',
]
TAILS = [
    "",
    "",
    "",
    " (retrying)",
    " - see the log",
    ". Please try again later.",
    " after upgrade to 2.3.1",
    " on Linux",
    " when two jobs run",
]
SYLLABLES = [
    "ba",
    "co",
    "du",
    "fen",
    "gra",
    "hil",
    "jor",
    "ka",
    "lum",
    "mer",
    "nop",
    "ost",
    "pli",
    "qua",
    "ris",
    "sto",
    "tav",
    "und",
    "vex",
    "wol",
    "yar",
    "zin",
    "tri",
    "spel",
    "dro",
    "chi",
]
REPOS = [
    f"acme/{name}"
    for name in (
        "agent",
        "gateway",
        "runner",
        "studio",
        "server",
        "cli",
        "sdk",
        "desktop",
        "worker",
        "proxy",
    )
]
FIRST_DAY = date(2024, 1, 1)
DAYS = 700
BODY = "### What happened?\n\n```\n{}\n```\n\nIt worked before."


@dataclass(frozen=True, slots=True)
class Family:
    """One made-up error: the message, and the word that another wording of it changes."""

    message: str
    other: str


def _nouns(random_: random.Random, count: int) -> list[str]:
    return ["".join(random_.choices(SYLLABLES, k=random_.choice((2, 2, 3)))) for _ in range(count)]


def family(seed: int, number: int) -> Family:
    """The error of a rank; those of near ranks share words, so that there is something to tell
    apart.
    """
    random_ = random.Random(f"{seed}/{number}")
    common = _nouns(random.Random(f"{seed}/n"), 400)
    own = _nouns(random_, 2)
    noun = random_.choice(common)
    values: dict[str, Any] = {
        "verb": random_.choice(VERBS),
        "done": random_.choice(DONE),
        "noun": noun,
        "noun2": own[0],
        "noun3": random_.choice([own[1], random_.choice(common)]),
        "status": random_.choice((400, 401, 403, 404, 409, 429, 500, 502, 503)),
        "exception": random_.choice(EXCEPTIONS),
        "code": "_".join(_nouns(random_, 2)).upper(),
    }
    message = random_.choice(HEADS).format(**values)
    return Family(
        message,
        message.replace(values["done"], "not usable")
        if values["done"] in message
        else f"{message} in {random_.choice(common)}",
    )


def rank(random_: random.Random, families: int) -> int:
    """A rank from 0 by a power law: half of the draws hit a few dozen ranks, the rest the long
    tail.
    """
    return min(
        families - 1,
        int(families ** random_.random())
        - 1
        + int(random_.random() < 0.35) * random_.randrange(families),
    )


def text(random_: random.Random, error: Family) -> str:
    """One wording of an error, wrapped as a program would print it."""
    message = error.message if random_.random() < 0.8 else error.other
    return random_.choice(WRAPS).format(message + random_.choice(TAILS))


def threads(count: int, seed: int = 1, first: int = 1) -> Iterator[dict[str, Any]]:
    """Threads in the import format; their numbers start at `first`."""
    families = max(20, count // 2)
    for number in range(first, first + count):
        random_ = random.Random(f"{seed}:{number}")
        repo = REPOS[number % len(REPOS)]
        error = text(random_, family(seed, rank(random_, families)))
        day = random_.randrange(DAYS)
        on = (FIRST_DAY + timedelta(days=day)).isoformat()
        at = f"{on}T{random_.randrange(24):02d}:00:00Z"
        user = {"login": f"user{random_.randrange(1 + count // 2)}", "id": 1, "type": "User"}
        issue = {
            "id": number,
            "number": number,
            "title": error.splitlines()[-1][:90],
            "body": BODY.format(error),
            "state": "open",
            "state_reason": None,
            "user": user,
            "author_association": "NONE",
            "labels": [],
            "created_at": at,
            "updated_at": at,
            "closed_at": None,
            "html_url": f"https://github.com/{repo}/issues/{number}",
        }
        comments = [
            {
                "id": number * 10 + k,
                "user": {**user, "login": f"user{random_.randrange(1 + count // 2)}"},
                "author_association": "NONE",
                "created_at": at,
                "updated_at": at,
                "body": random_.choice(
                    ("Same here.", "Updating to 2.4 fixed it for me.", "Any news?")
                ),
                "html_url": f"https://github.com/{repo}/issues/{number}"
                f"#issuecomment-{number * 10 + k}",
            }
            for k in range(random_.choice((0, 0, 1, 2)))
        ]
        yield {"repo": repo, "issue": issue, "comments": comments, "events": []}


def distinct_texts(count: int, seed: int = 1) -> Iterator[str]:
    """Error texts of which no two are the same, in families of one to about thirty wordings,
    long-tailed.
    """
    random_ = random.Random(seed)
    seen: set[str] = set()
    number = 0
    while len(seen) < count:
        number += 1
        error = family(seed, number)
        for _ in range(min(30, int(1 / (1 - random_.random()) ** 0.8))):
            message = error.message if random_.random() < 0.7 else error.other
            words = [
                message,
                random_.choice(TAILS),
                random_.choice(
                    ("", "", f" in {random_.choice(SYLLABLES)}{random_.choice(SYLLABLES)}")
                ),
            ]
            made = "".join(words)
            if made not in seen and len(seen) < count:
                seen.add(made)
                yield made


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes made-up threads, one JSON object a line.")
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    for thread in threads(arguments.count, arguments.seed):
        sys.stdout.write(json.dumps(thread, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
