"""A small knowledge base by hand: three errors of two providers, in four threads of three
repositories.
"""

from __future__ import annotations

from pathlib import Path

from kb.notes.export import prepare
from kb.store import Store
from tests.support.published import Filled, Said, fill
from tests.support.threads import comment, thread

OPENROUTER = {"provider": "openrouter", "status": 401, "title": "OpenRouter 401: User not found."}
NO_KEY = {
    "provider": "openrouter",
    "status": 401,
    "title": "OpenRouter 401: No auth credentials found",
}
DISK = {"title": "ENOSPC: no space left on device"}


def filled() -> list[Filled]:
    first = thread(
        1,
        "401 User not found.",
        "since today",
        repo="acme/tool",
        state="closed",
        comments=[
            comment(
                10,
                "The key you send was deleted on the provider's site. Create a new key and "
                "put it into the settings.",
                association="MEMBER",
            ),
            comment(11, "New key, works again, thanks", login="eve", day=3),
            comment(12, "Did not help me, same error", login="zed", day=4),
            comment(13, "Delete the folder ~/.tool and start over", login="kim", day=5),
            comment(14, "Reinstalling changed nothing", login="kim", day=6),
            comment(15, "Released in 1.2.3, please update", association="MEMBER", day=7),
        ],
    )
    second = thread(
        7,
        "401 User not found. in the desktop app",
        "",
        repo="beta/app",
        comments=[comment(70, "A new key solved it here too", login="lea", day=8)],
    )
    third = thread(
        2,
        "No auth credentials found",
        "",
        repo="acme/tool",
        comments=[
            comment(20, "Set the variable in the container, it is not passed on", login="bob")
        ],
    )
    fourth = thread(3, "ENOSPC: no space left on device", "", repo="gamma/db")
    return [
        Filled(
            first,
            "E1",
            "401 User not found.",
            signature="user not found",
            fields=OPENROUTER,
            tool="tool",
            version="1.2.2",
            claims=[
                Said("cause", 10, "The key you send was deleted on the provider's site."),
                Said(
                    "fix",
                    10,
                    "Create a new key and put it into the settings.",
                    says="g1",
                    evidence=[
                        ("confirms", 11, "New key, works again, thanks"),
                        ("contradicts", 12, "Did not help me, same error"),
                        ("released", 15, "Released in 1.2.3, please update"),
                    ],
                ),
                Said(
                    "workaround",
                    13,
                    "Delete the folder ~/.tool and start over",
                    stance="supported",
                    role="user",
                    confidence=0.4,
                ),
                Said(
                    "fix",
                    14,
                    "Reinstalling changed nothing",
                    stance="refuted",
                    role="user",
                    confidence=0.8,
                ),
            ],
        ),
        Filled(
            second,
            "E1",
            "401 User not found.",
            signature="user not found",
            fields=OPENROUTER,
            tool="app",
            claims=[
                Said(
                    "fix",
                    70,
                    "A new key solved it here too",
                    stance="supported",
                    role="user",
                    says="g1",
                    confidence=0.7,
                ),
            ],
        ),
        Filled(
            third,
            "E2",
            "No auth credentials found",
            signature="no auth credentials found",
            fields=NO_KEY,
            claims=[
                Said(
                    "fix",
                    20,
                    "Set the variable in the container, it is not passed on",
                    role="user",
                    confidence=0.85,
                ),
            ],
        ),
        Filled(fourth, "E3", "ENOSPC: no space left on device", fields=DISK),
    ]


def small(path: Path) -> Path:
    return fill(path, filled())


def lived(path: Path) -> Path:
    """The same after some nights: a family of messages, a quote of several lines, an entry that was
    merged into `E1` (`E5`), one of which nothing is sure any more (`E6`) and one that a person
    ignores (`E7`); their pages had been published.
    """
    said = {
        4: ("Missing Authentication header", "The proxy takes the header away from requests."),
        5: ("No such user", "The account that made the key was closed by its owner."),
        6: ("No such organisation", "The organisation was renamed, so the key is not found."),
        7: ("The request was logged", "The logger counts every request as one that failed."),
    }
    steps = (
        "Leave the proxy out:\n\n1. stop it\n2. unset `HTTPS_PROXY`\n\n```sh\ntool --direct\n```"
    )
    more = [
        Filled(
            thread(
                n,
                raw,
                "",
                repo=f"acme/r{n}",
                comments=[
                    comment(
                        n * 10 + place,
                        text,
                        association="MEMBER",
                        html_url=f"https://github.com/acme/r{n}/issues/{n}#issuecomment-{n}{place}",
                    )
                    for place, text in enumerate((words, steps))
                ],
            ),
            f"E{n}",
            raw,
            fields={"provider": "openrouter", "status": 401, "title": f"OpenRouter 401: {raw}"},
            claims=[
                Said("cause", n * 10, words),
                *([Said("fix", n * 10 + 1, steps)] if n == 4 else []),
            ],
        )
        for n, (raw, words) in said.items()
    ]
    fill(path, [*filled(), *more])
    with Store.open(path) as store:
        prepare(store)
        with store.transaction() as db:
            db.execute("update signature set entry_id = 'E1' where entry_id = 'E5'")
            db.execute("delete from entry where entry_id = 'E5'")
            db.execute("insert into alias (old_id, entry_id) values ('E5', 'E1')")
            db.execute("update entry set threads = 3, repos = 3 where entry_id = 'E1'")
            db.execute("update claim set published = 0 where number = 6")
            db.execute("update entry set ignored = 1 where entry_id = 'E7'")
    return path
