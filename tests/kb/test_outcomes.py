"""What every note must hold, whatever its threads say: an outcome comes after what it is said of,
and what is published with an outcome of its own is shown or linked.
"""

from __future__ import annotations

import json
import random
import re
from contextlib import closing
from pathlib import Path

import pytest

from kb.claims import NOT_ALONE, Quote, Statement, _twins
from kb.evidence import entries_to_show
from kb.models import GOOD_STANCES
from kb.notes.beside import SOLUTIONS
from kb.notes.descriptions import WAYS
from kb.notes.export import documents
from kb.notes.markdown import View
from kb.notes.note import note_of
from kb.notes.outline import Outline, outlines
from kb.notes.page import page_plan
from kb.notes.passages import Passage
from kb.notes.points import Point
from kb.notes.wording import briefly, went
from kb.notes.worth import NOTHING, why_no_page
from kb.store import connect_readonly
from tests.support.growth import calls
from tests.support.published import Filled, Said, fill
from tests.support.threads import comment, thread

OUTCOMES = ("confirms", "contradicts")
WORDS = (
    "Set `lid` to {n} in tea.yaml.",
    "Fixed in #{n}, out in 0.{n}.3.",
    "until then: `export LIDS={n}`, it does arrive. works for me",
    "did you try `lid reload {n}`? the pot keeps an old copy",
    "A new lid {n} fixed it for me too.",
    "This happens because the pot number {n} was never filled with water.",
    "Run this:\n\n```\nlid pour --cups {n}\n```\n",
    "Here is another pot: https://tea.example/{n}\nBut I think it is mended.",
    "Fixed by #{n}",
    "Fixed in {n}.5.5!",
)


def made_up(path: Path, seed: int) -> Path:
    """An entry of two threads, whose posts say any of these words and report on each other."""
    chosen = random.Random(seed)
    filled = []
    for number in (1, 2):
        days = sorted(chosen.sample(range(2, 28), chosen.randint(1, 5)))
        said = [chosen.choice(WORDS) for _ in days]
        posts = [
            comment(
                100 * number + n,
                said[n].format(n=chosen.randint(100, 999)),
                login=f"user{number}{n}",
                day=day,
                html_url=f"https://github.com/acme/tool/issues/{number}#issuecomment-{number}{n}",
            )
            for n, day in enumerate(days)
        ]
        claims = []
        for n, post in enumerate(posts):
            words = post["body"].split("\n\n")[0]
            later = posts[n + 1 :]
            told = chosen.sample(later, chosen.randint(0, min(2, len(later))))
            claims.append(
                Said(
                    "cause" if "because" in words else "fix",
                    post["id"],
                    words,
                    chosen.choice(["confirmed", "supported", "stated", "unverified", "refuted"]),
                    chosen.choice(["maintainer", "user"]),
                    says=chosen.choice([None, f"S{WORDS.index(said[n])}"]),
                    evidence=[(chosen.choice(OUTCOMES), p["id"], p["body"]) for p in told],
                    published="by #" not in words and chosen.random() < 0.7,
                    withheld=NOT_ALONE if "by #" in words else None,
                )
            )
        filled.append(
            Filled(thread(number, "boom here", "", posts), "E1", "boom here", claims=claims)
        )
    return fill(path, filled)


@pytest.fixture(params=["demo", *range(30)])
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The demo's knowledge base, and bases made at random."""
    if request.param == "demo":
        return Path(request.getfixturevalue("demo_db"))
    return made_up(tmp_path / "kb.db", request.param)


def all_of(path: Path) -> list[Outline]:
    with closing(connect_readonly(path)) as connection:
        return list(outlines(connection, entries_to_show(connection)))


def shown_in(outline: Outline) -> list[Point]:
    return [*outline.points(), *outline.tail, *outline.leads]


def outcomes(point: Point) -> list[Quote]:
    return [q for role in OUTCOMES for q in point.answers(role)]


def test_no_success_is_older_than_what_it_is_said_of(base: Path) -> None:
    for outline in all_of(base):
        for point in shown_in(outline):
            assert all(q.created_at >= point.quote.created_at for q in point.answers("confirms"))
        for said in outline.known.statements:
            assert all(q.created_at >= said.best.created_at for q in said.answers("confirms"))


def test_what_has_an_outcome_of_its_own_is_shown_or_linked(base: Path) -> None:
    for outline in all_of(base):
        text = note_of(outline)
        for said in outline.known.statements:
            own = [q for q in said.answers(*OUTCOMES) if q.claim_id == said.best.claim_id]
            if any(q.url != said.best.url for q in own):
                assert f"({said.best.url})" in text, said.best.text


TOLD = {
    "released": "Fixed in",
    "confirmed": "A fix (?:that is only linked here )?is confirmed.",
    "supported": "A fix (?:that is only linked here )?is (?:reported|said) to work",
    "stated": "The project suggests a fix",
    "untested": "not confirmed yet|none confirmed yet",
    "changed": "aid to be fixed",
    "linked": "A fix is suggested.|The project names a fix.|A change is announced.",
    "cause": "A cause is named(?:;|, but) no fix|The cause is confirmed",
    "open": "Un(?:resolved|decided)",
}
"""What the first sentence says of a solution."""


def test_solution_title_page_candidates_and_first_sentence_agree(base: Path) -> None:
    with closing(connect_readonly(base)) as connection:
        found = json.loads(documents(connection, "candidates")["candidates.json"])
    wanted = {c["notes"].split()[1].rstrip(".") for c in found["candidates"]}
    for outline in all_of(base):
        solution, lead = outline.status, View.plain(outline).lead(short=True)
        assert re.search(TOLD[solution], lead), (solution, lead)
        assert bool(re.search(TOLD["open"], lead)) is (solution == "open")
        assert f'solution: "{solution}"' in note_of(outline)
        plan = page_plan(outline)
        # all that is quoted may stand in a thread about another error, or wait for a verdict
        why = None if plan.says_something else why_no_page(outline)
        assert plan.says_something or solution == "open" or why == NOTHING, why
        linked = outline.names_no_fix and outline.unquoted and solution != "changed"
        way = plan.title.rpartition(" – ")[2]
        assert (
            " – " not in plan.title
            or way in WAYS["linked" if linked else solution]
            or way.startswith("fixed in")
        )
        assert (outline.known.entry_id in wanted) is (solution != "open")
        assert SOLUTIONS[solution]


def test_every_published_fix_that_is_borne_out_is_quoted_linked_or_folded(base: Path) -> None:
    for outline in all_of(base):
        text = note_of(outline)
        for said in outline.known.statements:
            if said.kind == "cause" or said.stance not in GOOD_STANCES:
                continue
            assert any(q.claim_id in text or f"({q.url})" in text for q in said.alike), said.best


def test_a_confirmed_workaround_of_the_demo_is_quoted_behind_its_release(demo_db: Path) -> None:
    texts = [note_of(outline) for outline in all_of(demo_db)]
    [text] = [text for text in texts if "> Fixed in #91, out in 0.9.3." in text]
    assert text.index("> Fixed in #91") < text.index("> until then: `export SNIPEWORT_MAX_TOKENS")


class Row(dict[str, object]):
    """A row of which reading a column is a call."""

    def __getitem__(self, name: str) -> object:
        return super().__getitem__(name)


def test_many_claims_of_one_post_are_compared_with_few_others() -> None:
    def compared(number: int) -> int:
        rows = [
            Row(repo="a/b", number=1, comment_id=1, field="body", start=10 * n, end=10 * n + 5,
                says=f"S{n}", stance="stated")
            for n in range(number)
        ]  # fmt: skip
        shown = {"E1": {str(row["says"]): [row] for row in rows}}
        found: dict[tuple[str, str], list[Row]] = {}
        work = calls(lambda: found.update(_twins(shown, {"E1": rows})))  # type: ignore[arg-type]
        assert all(found["E1", str(row["says"])] == [row] for row in rows)
        return work

    assert compared(400) < 12 * compared(100)


def quote(kind: str, day: int, text: str = "x", author: str = "kit") -> Quote:
    who = {"role": "user", "author": author, "association": "NONE", "repo": "a/b", "number": 1}
    where = {"comment_id": day, "field": "body", "url": "", "text": text, "claim_id": "C1"}
    at = f"2026-01-0{day}T00:00:00Z"
    return Quote(**who, **where, place=day, kind=kind, created_at=at)


def test_a_failure_of_the_remedy_counts_whoever_named_it_first() -> None:
    told = (quote("contradicts", 2), quote("confirms", 2), quote("confirms", 4))
    fix = quote("fix", 3)
    said = Statement(best=fix, alike=(fix,), evidence=told)
    assert said.answers("contradicts", "confirms") == [told[0], told[2]]


@pytest.mark.parametrize(
    ("kind", "reports", "words"),
    [
        ("fix", ["That works.", "It works, but only for small pots."], "worked for one person"),
        ("fix", ["It works, but only for small pots."], "helped one person in part"),
        ("fix", ["It works, but I really don't understand why."], "worked for one person"),
        ("fix", ["It no longer fails. It looks like this now:"], "helped one person in part"),
        ("fix", ["It works. Had to build the lid as well."], "worked for one person"),
        ("cause", ["Yes.", "That is it."], "2 people agree"),
        ("fix", [], ""),
    ],
)
def test_in_brief_it_is_said_who_was_helped_in_part(
    kind: str, reports: list[str], words: str
) -> None:
    told = [quote("confirms", day, text, f"user{day}") for day, text in enumerate(reports, 2)]
    assert briefly(shown(kind, told)) == words


def test_who_limits_his_praise_is_counted_once() -> None:
    told = [
        quote("confirms", 2, "That works.", "mia"),
        quote("confirms", 3, "It works, but only for small pots.", "mia"),
    ]
    assert list(went(shown("fix", told))) == [("helped one person in part", told[1:])]


def test_two_deleted_accounts_are_two_people() -> None:
    told = [
        quote("confirms", day, "That works.", "ghost")._replace(url=f"u{day}") for day in (2, 3)
    ]
    assert briefly(shown("fix", told)) == "worked for 2 people"


def shown(kind: str, told: list[Quote]) -> Point:
    best = quote(kind, 1)
    return Point(Statement(best=best, alike=(best,), evidence=tuple(told)), Passage("Lid"))
