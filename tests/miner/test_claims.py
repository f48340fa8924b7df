"""Claims of threads: what is found, who is heard, what a stance rests on."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.models import Claim, Evidence, Mention, Signature, Thread
from miner.detect import detect
from miner.extract import ClaimContext, find_claims
from miner.extract.context import posts_of
from miner.extract.find import LONGEST, Judged
from miner.extract.publication import with_publication
from miner.extract.replies import Said
from miner.extract.spans import Run
from miner.extract.stance import bare, stance
from miner.posts import Speaker
from tests.support.claims_threads import KEYRING, thread
from tests.support.growth import assert_linear

NO_CONTEXT = ClaimContext()
LID = "v1:LidError"
KINDS = {"cause", "fix", "workaround"}
STANCES = {"confirmed", "stated", "supported", "suspected", "refuted", "unverified"}


def claims(one: Thread, context: ClaimContext = NO_CONTEXT) -> list[Claim]:
    return find_claims(one, detect(one), context)


def check(one: Thread, found: list[Claim]) -> None:
    """What holds for every claim of every thread."""
    for claim in found:
        assert one.texts[claim.comment_id, claim.field][claim.start : claim.end] == claim.quote
        assert 0 < len(claim.quote) <= LONGEST
        assert claim.kind in KINDS
        assert claim.stance in STANCES
        assert 0 <= claim.confidence <= 1
        for row in claim.evidence:
            assert one.texts[row.comment_id, row.field][row.start : row.end] == row.quote


def test_cause_and_workaround_of_a_maintainer_are_found() -> None:
    found = claims(KEYRING)
    check(KEYRING, found)
    cause = next(c for c in found if c.kind == "cause" and c.comment_id == 2)
    assert "system keyring" in cause.quote
    assert cause.stance in ("stated", "confirmed")
    assert cause.author_role == "maintainer"
    fix = next(c for c in found if c.kind != "cause" and c.comment_id == 2)
    assert fix.kind == "workaround"
    assert fix.stance == "confirmed"


def test_a_stance_keeps_the_reports_it_rests_on() -> None:
    fix = next(c for c in claims(KEYRING) if c.kind != "cause" and c.comment_id == 2)
    assert {row.author for row in fix.evidence if row.role == "confirms"} >= {"rowan-t"}


def test_code_that_belongs_to_a_fix_is_kept_as_its_own_span() -> None:
    fix = next(c for c in claims(KEYRING) if c.kind != "cause" and c.comment_id == 2)
    code = [row for row in fix.evidence if row.role == "code"]
    assert [row.quote for row in code] == [
        "export PLUME_KEYRING=file\nplume login"
    ] or "plume login" in fix.quote


def test_bots_are_never_cited() -> None:
    assert {2} <= {c.comment_id for c in claims(KEYRING)} <= {None, 1, 2, 3, 4}


def test_posts_that_are_no_evidence_are_never_cited_nor_heard() -> None:
    context = ClaimContext(posts={2: Speaker("user", evidence=False)})
    found = claims(KEYRING, context)
    assert 2 in {c.comment_id for c in claims(KEYRING)}
    assert all(c.comment_id != 2 for c in found)
    assert all(row.comment_id != 2 for c in found for row in c.evidence)


def test_what_is_quoted_of_somebody_else_is_not_the_quoters_claim() -> None:
    answer = (
        "The cause is that 4.2 reads the key from the system keyring, and without one running it "
        "sends an empty header."
    )
    one = thread(
        "401 on every request",
        "Error 401: Missing Authorization Header",
        ("m-oakes", "MEMBER", answer),
        ("kit-lowe", "NONE", f"> {answer}\n\n{answer}"),
    )
    found = claims(one)
    assert {c.comment_id for c in found if c.kind == "cause"} == {1}


def test_a_workaround_that_did_not_help_is_refuted() -> None:
    one = thread(
        "EPIPE on start",
        "```\nError: write EPIPE\n```",
        ("kit-lowe", "NONE", "Try to set the timeout to 60 seconds in the settings."),
        ("rowan-t", "NONE", "set the timeout to 60 seconds, no change, still EPIPE"),
    )
    found = claims(one)
    check(one, found)
    assert {(c.comment_id, c.stance) for c in found} == {(1, "refuted"), (2, "refuted")}


@pytest.mark.parametrize(("who", "shown"), [("m-oakes", {2}), ("ghost", {1, 2})])
def test_a_promise_gives_way_to_the_fix_that_its_author_names_later(
    who: str, shown: set[int]
) -> None:
    promise = "I'm moving the pipe to `kettle.Client`, so it should be fixed in some days."
    fix = "Please upgrade to 4.3 and use `kettle.Client`, that solves this issue."
    one = thread(
        "EPIPE on start",
        "```\nError: write EPIPE\n```",
        (who, "MEMBER", promise),
        (who, "MEMBER", fix),
    )
    assert {c.comment_id for c in claims(one) if c.published and c.kind != "cause"} == shown


@pytest.mark.parametrize(
    ("answer", "published"),
    [
        ("I am on Debian, in a container.\n\nThere is no folder /opt/kettle here.", False),
        ("在容器里，没有/opt/kettle 这个文件夹。", False),
        ("There was no file /etc/cups, the rest is as you say.", True),
        ("There is no /opt/kettle here, but /usr/kettle/setvars.sh worked, thanks!", True),
    ],
)
def test_what_needs_a_file_that_the_reporter_has_not_is_no_help(
    answer: str, published: bool
) -> None:
    one = thread(
        "EPIPE on start",
        "```\nError: write EPIPE\n```",
        ("m-oakes", "NONE", "You need to `source /opt/kettle/setvars.sh`"),
        ("rowan-t", "NONE", answer),
    )
    fix = next(c for c in claims(one) if c.comment_id == 1)
    assert fix.published is published
    assert any(e.role == "contradicts" for e in fix.evidence) is not published


@pytest.mark.parametrize(
    "head",
    [
        "On 2 Feb 2026, at 00:02, m-oakes ***@***.***> wrote:",
        "Am 2. Februar 2026 um 00:02 Uhr, m-oakes <m-oakes@plume.example> schrieb:",
        "From: m-oakes ***@***.***>\r\nSent: Monday, February 2, 2026",
        "---Original---\r\nFrom: m-oakes ***@***.***>",
    ],
)
def test_the_mail_below_an_answer_is_its_first_authors(head: str) -> None:
    told = "The fix is in 4.3: please upgrade the package, then the pipe stays open [#12](x)."
    one = thread(
        "EPIPE on start",
        "```\nError: write EPIPE\n```",
        ("m-oakes", "MEMBER", told),
        ("rowan-t", "NONE", f"ok, thanks.\r\n{head}\r\n{told.replace('(x)', '(y)')}"),
    )
    assert {c.comment_id for c in claims(one)} == {1}


@pytest.mark.parametrize(
    "head",
    [
        "As @m-oakes wrote:",
        "I did exactly what @m-oakes wrote",
        "from: kettle 1.2\nto: kettle 1.3, thanks @m-oakes",
    ],
)
def test_a_mention_is_no_head_of_a_mail(head: str) -> None:
    one = thread(
        "EPIPE on start",
        "```\nError: write EPIPE\n```",
        ("rowan-t", "MEMBER", f"{head}\n\nUpgrading to 4.3 fixes it: the pipe stays open then."),
    )
    assert {c.kind for c in claims(one)} == {"fix"}


@pytest.mark.parametrize(
    ("quote", "role", "why"),
    [
        ("I tried the beta driver, but still the same error.", None, None),
        ("Try to remove the lock file.", "contradicts", None),
        ("Try to remove the lock file.", None, "nobody says that it did not help"),
        (
            "The lock file breaks the pipe.",
            "contradicts",
            "tells of a failure and not of what was tried",
        ),
    ],
)
def test_what_did_not_help_is_shown_where_somebody_says_so(
    quote: str, role: str | None, why: str | None
) -> None:
    place = (None, "body", 0, len(quote))
    rest = () if role is None else (Evidence(role, *place, "no", "bo", "NONE", "", "https://x"),)
    one = Claim(
        None, "body", "fix", quote, 0, len(quote), "bo", "user", "NONE", "", "https://x",
        "refuted", 0.8, None, rest,
    )  # fmt: skip
    shown = with_publication(one, 0.7, quote)
    assert (shown.withheld, shown.published) == (why, why is None)


def test_thanks_and_requests_are_no_claims() -> None:
    one = thread(
        "EPIPE on start",
        "```\nError: write EPIPE\n```",
        ("m-oakes", "MEMBER", "Can you post the output of `plume doctor` please?"),
        ("rowan-t", "NONE", "sure, later today"),
        ("m-oakes", "MEMBER", "Thanks!"),
    )
    assert claims(one) == []


def test_a_thread_without_text_has_no_claims() -> None:
    assert claims(thread("", "")) == []


def test_merged_pull_request_confirms() -> None:
    one = thread(
        "EPIPE on start",
        "```\nError: write EPIPE\n```",
        (
            "kit-lowe",
            "NONE",
            "The cause is that the pipe is closed twice, #12 fixes it and is part of 4.3",
        ),
    )
    merged = ClaimContext(merged=frozenset({(one.repo, 12)}))
    before = {c.start: c.stance for c in claims(one)}
    after = {c.start: c.stance for c in claims(one, merged)}
    assert before
    assert before.keys() == after.keys()
    assert "confirmed" not in before.values()
    assert set(after.values()) == {"confirmed"}


def test_claim_about_an_error_of_its_own_post() -> None:
    def mention(comment_id: int | None, name: str, *, primary: bool = False) -> Mention:
        return Mention(
            comment_id, "body", 0, 1, "x", Signature(name, f"v1:{name}"), is_primary=primary
        )

    main, other = mention(None, "main", primary=True), mention(2, "other")
    for mentions, about in (([main], None), ([main, other], "v1:other")):
        found = find_claims(KEYRING, mentions, NO_CONTEXT)
        assert {c.about for c in found} == {about}


@pytest.mark.parametrize(
    ("says", "about"),
    [
        ("`bucket lid is stuck` comes from the missing hinge, install the package `hinge`.", LID),
        ("The cause of LidError is the missing hinge, install the package `hinge`.", LID),
        (
            "> LidError: bucket lid is stuck\n\nThe cause is the missing hinge, install `hinge`.",
            LID,
        ),
        ("@kit-lowe the cause is the missing hinge, install the package `hinge`.", LID),
        ("@kit-lowe the pipe is closed twice by the cause `auto`, install `hinge`.", None),
    ],
)
def test_a_claim_goes_to_the_error_that_it_names_quotes_or_answers(
    says: str, about: str | None
) -> None:
    main, other = "PipeError: pipe is closed twice", "LidError: bucket lid is stuck"
    one = thread(
        "PipeError on start",
        f"```\n{main}\n```",
        ("kit-lowe", "NONE", f"And with 4.3 there is this as well:\n\n```\n{other}\n```"),
        ("zoe", "NONE", "I see this on Fedora, Debian and Arch."),
        ("zoe", "NONE", f"Here it is still\n\n```\n{main}\n```"),
        ("m-oakes", "MEMBER", says),
    )

    def mention(comment_id: int | None, raw: str) -> Mention:
        exception = raw.split(":")[0]
        signature = Signature(raw, f"v1:{exception}", exception=exception)
        start = one.texts[comment_id, "body"].index(raw)
        end = start + len(raw)
        is_main = comment_id is None
        return Mention(comment_id, "body", start, end, raw, signature, is_primary=is_main)

    mentions = [mention(None, main), mention(1, other), mention(3, main)]
    found = [c for c in find_claims(one, mentions, NO_CONTEXT) if c.comment_id == 4]
    assert found
    assert {c.about for c in found} == {about}


@pytest.mark.parametrize(
    ("answer", "withheld"),
    [
        ("Fixed in 1.14.1, which escapes names in the toast.", True),
        ("Fixed in 1.14.1, which renews the key.", False),
        ("1. The key is renewed in 1.14.1.\n2. Fixed in 1.14.2.\n\nThat answers all.", True),
    ],
)
def test_a_fix_of_a_reports_other_point_is_kept_and_not_shown(answer: str, withheld: bool) -> None:
    raw = "Error 401: the key is unknown"
    body = f"1. It stops with `{raw}`.\n2. The toast shows html, I named it <b>Pot</b>.\n"
    one = thread("Two things", body, ("mia", "MEMBER", answer))
    start = body.index(raw)
    mention = Mention(
        None, "body", start, start + len(raw), raw, Signature("key", LID), is_primary=True
    )
    found = [c for c in find_claims(one, [mention], NO_CONTEXT) if c.kind != "cause"]
    assert found
    assert (found[-1].withheld == "answers another point of the report") is withheld


TWO = (
    "### Issue 1\nThe toast stays open for a minute.\n\n### Issue 2\nIt stops:\n\n```\n"
    "LidError: the handle is unknown\n```\n"
)
TWO_ERRORS = (
    "Since the move I get the following two errors.\n\nWith an old handle:\n\n```\n"
    "LidError: the handle is unknown\n```\n\nWhen the pot is moved:\n\n```\n"
    "SpoutError: no such spout\n```\n"
)


@pytest.mark.parametrize(
    ("body", "posts", "withheld"),
    [
        (TWO, [("mia", "Fixed in 1.14.1.")], True),
        (TWO, [("mia", "The handle is renewed, fixed in 1.14.1.")], False),
        (TWO, [("mia", "Fixed in 1.14.1.\n\nRegarding the second issue: it is odd.")], True),
        (TWO, [("mia", "Regarding the second issue: it was fixed in 1.14.1.")], False),
        (TWO_ERRORS, [("mia", "Fixed in 1.14.1.")], True),
        (TWO_ERRORS, [("mia", "Fixed in 1.14.1, which renews the handle.")], False),
        (TWO_ERRORS, [("mia", "> LidError: the handle is unknown\n\nFixed in 1.14.1.")], False),
        ("```\nLidError: the handle is unknown\n```", [("mia", "Fixed in 2.1.")], False),
        (
            "```\nLidError: the handle is unknown\n```",
            [("mia", "Try 2.1"), ("rowan-t", "Here's the new result:"), ("mia", "Fixed in 2.2.")],
            True,
        ),
        (
            "```\nLidError: the handle is unknown\n```",
            [("mia", "Try 2.1"), ("kit", "I get another error."), ("mia", "Fixed in 2.2.")],
            False,
        ),
        (
            "```\nLidError: the handle is unknown\n```",
            [("rowan-t", "Now I get another error."), ("mia", "The handle: fixed in 2.2.")],
            False,
        ),
    ],
)
def test_a_fix_of_another_failure_of_the_thread_is_kept_and_not_shown(
    body: str, posts: list[tuple[str, str]], withheld: bool
) -> None:
    one = thread("It stops", body, *((who, "NONE", text) for who, text in posts))
    mentions = []
    texts = {None: body} | {c.comment_id: c.body for c in one.comments}
    for (place, text), raw in product(
        texts.items(), ("LidError: the handle is unknown", "SpoutError: no such spout")
    ):
        if (start := text.find(raw)) >= 0:
            error = Signature(raw, f"v1:{raw.split(chr(58))[0]}")
            main = raw.startswith("Lid") and place is None
            mentions.append(
                Mention(place, "body", start, start + len(raw), raw, error, is_primary=main)
            )
    found = [c for c in find_claims(one, mentions, NO_CONTEXT) if "ixed" in c.quote]
    assert found
    assert (found[-1].withheld == "answers another point of the report") is withheld


def test_the_same_thread_gives_the_same_claims_in_the_order_of_the_text() -> None:
    found = claims(KEYRING)
    assert found == claims(KEYRING)
    assert [(c.comment_id or 0, c.start) for c in found] == sorted(
        (c.comment_id or 0, c.start) for c in found
    )


def said_by(*posts: tuple[str, str, str]) -> list[Claim]:
    one = thread(
        "401 from the provider",
        '```\nError: 401 {"error":{"message":"User not found."}}\n```',
        *posts,
    )
    found = claims(one)
    check(one, found)
    return found


def test_a_maintainers_fix_is_confirmed_by_the_reporter() -> None:
    found = said_by(
        (
            "mia",
            "MEMBER",
            "The key was deleted on the provider's side, that is why it answers 401.",
        ),
        ("mia", "MEMBER", "Create a new key and paste it into the settings."),
        ("rowan-t", "NONE", "A new key fixed it, thanks!"),
    )
    cause = next(c for c in found if c.kind == "cause")
    assert (cause.comment_id, cause.stance) == (1, "stated")
    fix = next(c for c in found if c.comment_id == 2)
    assert fix.stance == "confirmed"
    assert [row.quote for row in fix.evidence] == ["A new key fixed it, thanks!"]


@pytest.mark.parametrize(
    ("answer", "stance"), [("That fixed it, thanks!", "confirmed"), ("I see.", "suspected")]
)
def test_a_guess_is_borne_out_by_its_remedy(answer: str, stance: str) -> None:
    found = said_by(
        (
            "mia",
            "NONE",
            "It looks like the key was deleted on the provider's side, that is why it answers 401. "
            "Create a new key and paste it into the settings.",
        ),
        ("rowan-t", "NONE", answer),
    )
    assert next(c for c in found if c.kind == "cause").stance == stance


def test_who_denies_a_cause_does_not_confirm_it() -> None:
    found = said_by(
        ("mia", "NONE", "The key was deleted on the provider's side, that is why it answers 401."),
        ("eva", "NONE", "The key was not deleted on the provider's side, that is not the cause."),
    )
    cause = next(c for c in found if c.comment_id == 1)
    assert [row.role for row in cause.evidence if row.role == "confirms"] == []


def test_a_quote_does_not_end_in_what_leads_to_a_link() -> None:
    found = said_by(
        (
            "mia",
            "NONE",
            "The key was deleted on the provider's side, that is why it answers 401.\n\n"
            "Possibly related to\n\nhttps://git.example/12",
        ),
    )
    cause = next(c for c in found if c.kind == "cause")
    assert cause.quote.endswith("401.")
    assert cause.stance == "unverified"


@pytest.mark.parametrize(
    "asks",
    [
        "Can you try the key outside of the editor?",
        "Does #231 fix it?",
        "Would you mind testing with the new driver, 570.12?",
        "Please try the branch `fix/keys`.",
        "Could you switch to the beta channel and see if it works there?",
    ],
)
def test_what_a_maintainer_asks_is_no_statement_until_it_worked(asks: str) -> None:
    asked, works = ("mia", "MEMBER", asks), ("rowan-t", "NONE", "That works, no more 401.")
    assert {c.stance for c in said_by(asked) if c.comment_id == 1} <= {"suspected"}
    assert [c.stance for c in said_by(asked, works) if c.comment_id == 1] == ["confirmed"]


@pytest.mark.parametrize(
    ("says", "quote"),
    [
        (
            "Hi @rowan-t, please update to 4.3 with its keys like this:\n\n```\nplume up\n```\nBye",
            "please update to 4.3 with its keys like this:\n\n```\nplume up\n```",
        ),
        (
            "As a workaround please try the old store with\n\n```\nplume --old\n```",
            "As a workaround please try the old store with\n\n```\nplume --old\n```",
        ),
        (
            "The key store was locked. This is fixed in [3.1](https://git.example/3.1), let me know"
            " if it is not.",
            "The key store was locked. This is fixed in [3.1](https://git.example/3.1)",
        ),
    ],
)
def test_a_quote_has_what_it_points_to_and_nothing_for_one_reader(says: str, quote: str) -> None:
    fixes = [c for c in said_by(("mia", "MEMBER", says)) if c.kind != "cause"]
    assert [(c.quote, c.published) for c in fixes if c.comment_id == 1] == [(quote, True)]


@pytest.mark.parametrize("other", [True, False])
def test_a_quote_that_its_source_cut_is_shown_only_without_another(other: bool) -> None:
    cut = "As a workaround go back to the old key store like this:\n\n```\n[keys]\nfile = "
    post = f"> {'x' * (296 - len(cut) % 100)}\n\n{cut}"
    whole = "As a workaround you can downgrade to 1.4.2, that works."
    posts = [("mia", "MEMBER", post), ("zoe", "MEMBER", whole)][: 1 + other]
    found = [c for c in said_by(*posts) if c.quote.startswith("As a workaround go")]
    assert any(c.published for c in found) is not other


@pytest.mark.parametrize(
    ("words", "rest"),
    [
        (
            "As a workaround you can install the old key store:\n\n```\npip install plume==1.4",
            "pip inst",
        ),
        (
            "I had this error too, these lines in the `.env` file fixed it for me.\n\n"
            "Put the following entries into the .env file.\n\n```\nKEY_STORE=lid",
            "KEY_FILE=/ke",
        ),
    ],
)
def test_of_lines_that_their_source_cut_the_whole_ones_are_quoted(words: str, rest: str) -> None:
    cut = f"{words}\n{rest}"
    post = f"> {'x' * (296 - len(cut) % 100)}\n\n{cut}"
    fixes = [c for c in said_by(("mia", "MEMBER", post)) if c.kind != "cause"]
    assert [(c.quote, c.published) for c in fixes] == [(words, True)]


@pytest.mark.parametrize(
    ("kind", "chances", "text", "quote"),
    [
        ("fix", (0.1, 0.9), "I work on this the whole week. Set `lid` to 2.", "Set `lid` to 2."),
        ("cause", (0.9, 0.1), "The lid was shut. The docs are great.", "The lid was shut."),
        # the words that are left point back
        ("fix", (0.1, 0.9), "There is a new lid. Take that for now.", None),
        ("cause", (0.1, 0.9), "It uses a lid of clay. Now the clay breaks in the oven.", None),
        ("fix", (0.1, 0.9), "This seems to be an old lid. Did you try another kettle?", None),
        # it tells how it went, limits, advises, or names a release
        ("fix", (0.9, 0.1), "Set `lid` to 2. All works well now.", None),
        ("fix", (0.9, 0.1), "Set `lid` to 2. However, Windows has none.", None),
        ("cause", (0.9, 0.1), "The lid was shut. Please open the lid.", None),
        ("fix", (0.1, 0.9), "The lid 4.2 is on its way. Set `lid` to 2.", None),
        ("fix", (0.9, 0.1), "Set `lid` to 2. It still fails.", None),
        ("fix", (0.1, 0.9), "Please open it first. Set `lid` to 2.", None),
        # it says how far to trust the others, or where they hold
        ("cause", (0.1, 0.9), "This is only a guess. The lid was shut by the timer.", None),
        ("cause", (0.9, 0.1), "The lid was shut by the timer. I have not verified that.", None),
        ("cause", (0.9, 0.1), "The timer shut the lid. I think that makes it fail.", None),
        ("fix", (0.9, 0.1), "Set `lid` to 2. Only for Windows.", None),
        ("fix", (0.9, 0.1), "Set `lid` to 2. You will lose your history.", None),
        ("fix", (0.1, 0.9), "On Windows there is no lid. Set `lid` to 2.", None),
        ("fix", (0.1, 0.9), "Back up the folder of lids. Set `lid` to 2.", None),
        (
            "cause",
            (0.9, 0.1),
            "The timer shut the lid. Did you set a timer?",
            "The timer shut the lid.",
        ),
        # nothing is sure, or too little is left
        ("fix", (0.1, 0.3), "I work on this the whole week. Set `lid` to 2.", None),
        ("fix", (0.1, 0.9), "I changed the `lid`. Fixed.", None),
        ("fix", (0.3, 0.9), "I work on this the whole week. Set `lid` to 2.", None),
    ],
)
def test_what_hardly_belongs_to_a_claim_is_not_quoted_at_its_ends(
    kind: str, chances: tuple[float, float], text: str, quote: str | None
) -> None:
    post = posts_of(thread("t", "b", ("mia", "MEMBER", text)), NO_CONTEXT)[2]
    place = 1 if kind == "cause" else 3
    said = tuple(
        Said(post, i, tuple(chance * (n == place) for n in range(5)))
        for i, chance in enumerate(chances)
    )
    run = Run(said, kind, False, 0.9)
    assert Judged(run, 0.9, 0.0).quoted.text == (quote or text)


def run_of(text: str) -> Run:
    """All of a maintainer's post as one fix."""
    post = posts_of(thread("t", "b", ("mia", "MEMBER", text)), NO_CONTEXT)[2]
    return Run(tuple(Said(post, i, ()) for i in range(len(post.sentences))), "fix", False, 0.9)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Downgrade to 4.1.", "stated"),
        ("It is fixed in 4.3.", "stated"),
        ("Draft in #2160, it replaces the lock.", "suspected"),
        ("Can you downgrade to 4.1?", "suspected"),
        ("Maybe downgrade to 4.1.", "suspected"),
        ("Try 4.1.", "suspected"),
        ("I'll make the settings page say which of the two is used (#418).", "suspected"),
        ("It is fixed in 4.3, I'll release it tomorrow.", "stated"),
        ("I have fixed the lock. Please try the nightly.", "stated"),
        ("Has it been fixed by 4.3? Please try the nightly.", "suspected"),
        ("I am on 4.3 and it still fails", "unverified"),
        ("Can you run this?\n\n```\nplume doctor\n```", "suspected"),
    ],
)
def test_a_maintainers_word_is_stated(text: str, word: str) -> None:
    assert stance(run_of(text), [], NO_CONTEXT)[0] == word


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("works now, thanks", True),
        ("That did it, thank you!", True),
        ("Fixed it for me as well :)", True),
        ("4.3 works, thanks", False),
        ("A new key fixed it, thanks!", False),
        ("Fixed by #12", False),
        ("`--no-gpu` works", False),
        ("The same here with version 1.2.", True),
        ("@oakes I'm having the same problem on 4.2.1", True),
        ("Same error here, but setting `PLUME_KEYRING=file` made it go away, it works now.", False),
        ("Same issue; you can go back to 4.1 until then.", False),
    ],
)
def test_a_report_that_names_nothing_is_bare(text: str, expected: bool) -> None:
    assert bare(run_of(text)) is expected


@pytest.mark.parametrize(
    "answer",
    [
        "curl gives me the same",
        "I'll make the settings page say which of the two is used.",
        "which settings?",
    ],
)
def test_only_words_of_success_confirm(answer: str) -> None:
    fix = "The fix is to create a new key and paste it into the settings, that works for me."
    found = said_by(("kit-lowe", "NONE", fix), ("rowan-t", "NONE", answer))
    assert [row.quote for c in found for row in c.evidence if row.role == "confirms"] == []


def test_no_quote_begins_or_ends_inside_a_fence() -> None:
    found = said_by(
        (
            "mia",
            "MEMBER",
            (
                "As a workaround you can go back to the old key store, this works:\n\n```\n"
                "export KEYS=file\nplume login\n```\nThen restart."
            ),
        ),
    )
    assert found
    assert any("plume login" in c.quote for c in found)
    assert all(c.quote.count("```") in (0, 2) for c in found)


SENTENCES = [
    "The cause is that the lock is never released.",
    "Downgrade to 1.2 helped.",
    "no change here",
    "> quoted cause",
    "```\nrun it\n```",
    "Fixed in #12.",
    "did you try 2.0?",
    "换成新版本之后正常了。",
    "@rowan-t yes",
    "### Steps",
    "- item",
    "thanks!",
    "\n",
    "it works now, danke",
]


TEXT = st.lists(st.sampled_from(SENTENCES)).map(" ".join)
POST = st.tuples(
    st.sampled_from(["a", "b", "rowan-t", "x[bot]"]), st.sampled_from(["NONE", "MEMBER"]), TEXT
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(SENTENCES), max_size=5).map("\n".join),
    st.lists(
        POST,
        max_size=6,
    ),
)
def test_every_quote_stands_in_the_thread(body: str, comments: list[tuple[str, str, str]]) -> None:
    one = thread("EPIPE on start", body, *comments)
    found = claims(one)
    check(one, found)
    by_kind: dict[tuple[object, ...], int] = {}
    for claim in found:
        key = (claim.comment_id, claim.field, claim.kind == "cause", claim.stance == "refuted")
        assert claim.start >= by_kind.get(key, 0)
        by_kind[key] = claim.end


@pytest.mark.parametrize(
    "unit", ["@b it works now. ", "> The cause is it.\n\nno. ", "Fixed in #1. ", "a" * 50 + " "]
)
def test_hostile_threads_take_linear_work(unit: str) -> None:
    def work(text: str) -> object:
        many = [(f"user{i % 7}", "NONE", text[:320]) for i in range(len(text) // 160)]
        return claims(thread("EPIPE", "x", *many, ("b", "NONE", text)))

    assert_linear(work, unit, 2_500)
