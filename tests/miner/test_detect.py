"""Mentions of a thread: where the error stands, which one is the main one, and when there is
none."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.errors import BadInputError
from kb.models import ENTRY_CONFIDENCE, Comment, Mention, Thread
from kb.signature.place import Where
from miner.detect import MAX_MENTIONS, detect, form_fields
from miner.detect.scoring import CONFIDENCE, RANK, model
from miner.detect.service import _settings
from miner.detect.shapes import heading_class, is_output, title_start
from miner.training.detect import Rows, calibrated_confidence, read_examples
from tests.support.growth import assert_linear


def thread(
    title: str,
    body: str,
    comments: tuple[tuple[str, str, str], ...] = (),
    kind: str = "issue",
    labels: tuple[str, ...] = (),
) -> Thread:
    """A thread of author `ana`; comments are `(author, type, body)`."""
    said = tuple(
        Comment(
            100 + n,
            author,
            sort,
            "NONE",
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00Z",
            text,
            f"u{n}",
        )
        for n, (author, sort, text) in enumerate(comments)
    )
    at = "2026-01-01T00:00:00Z"
    return Thread(
        "demo/kettle",
        1,
        kind,
        title,
        body,
        "open",
        None,
        "ana",
        "User",
        "NONE",
        at,
        at,
        None,
        None,
        "u",
        labels,
        0,
        0,
        said,
    )


def primary(found: list[Mention]) -> Mention:
    (main,) = [mention for mention in found if mention.is_primary]
    return main


def test_fence_of_a_form() -> None:
    body = (
        "### What happened?\n\nno tea\n\n### Relevant log output\n\n"
        "```shell\nboiling\nError: spawn boiler ENOENT\n    at x (k.js:1:2)\n```\n\n"
        "### Version\n\n1.4\n"
    )
    main = primary(detect(thread("kettle does not start", body)))
    assert main.raw == "Error: spawn boiler ENOENT"
    assert (main.comment_id, main.field) == (None, "body")
    assert main.counted
    assert main.frames == ("at x (k.js:1:2)",)
    assert main.signature.version == "1.4"


def test_raw_is_the_stored_text() -> None:
    body = "Привет 😀\r\n\r\n```\r\nTypeError: нет ключа é\r\n```\r\n> `Error: second thing`\r\n"
    one = thread(
        "[Bug]: TypeError: нет ключа é",
        body,
        (("bo", "User", "me too\r\n\r\n`TypeError: нет ключа é`"),),
    )
    found = detect(one)
    assert len(found) >= 3
    for mention in found:
        assert (
            one.texts[mention.comment_id, mention.field][mention.start : mention.end] == mention.raw
        )
    assert primary(found).raw == "TypeError: нет ключа é"


def test_noise_before_the_error_is_not_the_main_one() -> None:
    body = (
        "server dies when two people ask at once\n\n```\nWARNING cache: failed to read old "
        "entry, rebuilding\n"
        "INFO pool: connection closed by peer\nRuntimeError: pool is closed\n```\n"
    )
    assert (
        primary(detect(thread("RuntimeError: pool is closed", body))).raw
        == "RuntimeError: pool is closed"
    )


@pytest.mark.parametrize(
    "body",
    [
        "every call gives\n\n    HTTP 429: Too Many Requests\n\nsince noon",
        "every call gives `HTTP 429: Too Many Requests` since noon",
        "every call gives\n\n> HTTP 429: Too Many Requests\n\nsince noon",
        "<details>\n<summary>log</summary>\n\n```\nHTTP 429: Too Many Requests\n```\n\n</details>",
        "| time | answer |\n| --- | --- |\n| 10:01 | HTTP 429: Too Many Requests |\n",
        "every call gives\n\nHTTP 429: Too Many Requests\n\nsince noon",
    ],
    ids=["indented", "inline", "quote", "details", "table", "line"],
)
def test_places(body: str) -> None:
    main = primary(detect(thread("all requests fail", body)))
    assert main.raw == "HTTP 429: Too Many Requests"
    assert main.counted


def test_title_alone() -> None:
    main = primary(
        detect(
            thread(
                "[Bug]: HTTP 402: Insufficient credits",
                "see the picture\n\n![x](https://example.com/a.png)",
            )
        )
    )
    assert main.field == "title"
    assert main.raw == "HTTP 402: Insufficient credits"


def test_screenshot_only_has_no_mention() -> None:
    assert (
        detect(
            thread(
                "it looks odd",
                (
                    "### What happened?\n\n![screen](https://example.com/error.png)\n\n### Logs\n"
                    "\n_No response_\n"
                ),
            )
        )
        == []
    )


@pytest.mark.parametrize(
    ("title", "body"),
    [
        (
            "[Feature] quieter bell",
            '### Problem\n\nToo loud.\n\n```json\n{ "bell": { "error": true } }\n```\n',
        ),
        (
            "Question: which limit wins?",
            (
                "Nothing is broken. Docs say unset values cannot be negative, which one is "
                "used?\n\n```yaml\nlimit: 0\n```\n"
            ),
        ),
        ("Please support more kettles", "I'd like `kettle --many`. Thanks for the great tool!"),
        ("Great work", "Love it, thanks for this awesome project."),
        (
            "Where is the log kept?",
            "Is it possible to move it? I run\n\n```sh\nkettle --log /tmp/x\n```\n",
        ),
    ],
)
def test_wishes_and_questions_report_nothing(title: str, body: str) -> None:
    assert not any(mention.counted or mention.is_primary for mention in detect(thread(title, body)))


def test_a_change_that_reports_nothing_is_quiet() -> None:
    body = "Adds a retry.\n\n```python\nraise ValueError('bad spout')\n```\n"
    assert not any(
        m.counted for m in detect(thread("Retry when the spout fails", body, kind="pull"))
    )


@pytest.mark.parametrize(
    "said",
    [
        "tea leaves settle before the pour — cup stays half full",
        "Model list is empty after upgrade",
        "boiler_stream_ended",
    ],
)
def test_plain_words_in_a_report_are_the_error(said: str) -> None:
    main = primary(detect(thread(f"Kettle: {said}", f"### What happened?\n\n```\n{said}\n```\n")))
    assert main.raw == said
    assert main.field == "body"
    assert main.counted


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("After the update", "Later the app would crash with `{error}` every single time."),
        ("Broken since 2.0", "I must have done something wrong: {error}"),
        ("It fails", "Previously it should just work, now I see `{error}`."),
        ("Login broken", "I would get this error when starting it: {error}"),
        ("Support chat is down: {error}", "It crashed twice today."),
    ],
)
def test_words_of_wishes_in_a_report_hide_no_error(title: str, body: str) -> None:
    error = "RuntimeError: kettle lid is open"
    found = detect(thread(title.format(error=error), body.format(error=error)))
    assert [m.counted for m in found if error in m.raw] == [True]


@pytest.mark.parametrize(
    "shown",
    [
        "pip install kettle\npip install spout",
        "version: 1.2.3\nos: linux",
        "const x = makeTea();\nx.pour();",
    ],
)
def test_code_commands_and_versions_are_not(shown: str) -> None:
    assert not is_output(shown)
    assert detect(thread("how my setup looks", f"### What happened?\n\n```\n{shown}\n```\n")) == []


def test_follow_ups_in_comments_are_mentions_and_bots_are_not_counted() -> None:
    one = thread(
        "ConnectError on start",
        "```\nhttpx.ConnectError: All connection attempts failed\n```",
        (
            (
                "bo",
                "User",
                (
                    "with 2.0 I have another one:\n\n```\nPermissionError: [Errno 13] Permission "
                    "denied: '/var/tea'\n```"
                ),
            ),
            (
                "helper[bot]",
                "Bot",
                "`httpx.ConnectError: All connection attempts failed` is usually a proxy.",
            ),
        ),
    )
    by_place = {mention.comment_id: mention for mention in detect(one)}
    assert by_place[None].is_primary or primary(detect(one)).comment_id is None
    assert by_place[100].raw.startswith("PermissionError: [Errno 13]")
    assert by_place[100].counted
    assert not by_place[101].counted


def test_main_error_may_come_late() -> None:
    one = thread(
        "no tea in the morning",
        "it worked yesterday",
        (("ana", "User", "log:\n```\npanic: no water\n```"),),
    )
    assert primary(detect(one)).raw == "panic: no water"


def test_a_client_closed_in_vain_is_not_what_failed() -> None:
    closing = "RuntimeError: Attempted to exit cancel scope in a different task than it began in"
    frame = 'File "/srv/lib/stdio.py", line 3, in stdio_client'
    body = (
        f"```\n  + Exception Group Traceback (most recent call last):\n  |   {frame}\n"
        "  | BaseExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)\n"
        "  +-+---------------- 1 ----------------\n"
        "    | Traceback (most recent call last):\n"
        '    |   File "/srv/tea/pot.py", line 9, in pour\n    |     raise PourError(lid)\n'
        "    | tea.errors.PourError: 'NoneType' object has no lid\n    +----------------\n\n"
        "During handling of the above exception, another exception occurred:\n\n"
        f"Traceback (most recent call last):\n  {frame}\n    yield\n{closing}\n```\n"
    )
    main = primary(detect(thread("It pours nothing", body)))
    assert main.raw == "tea.errors.PourError: 'NoneType' object has no lid"
    alone = thread("It cannot be closed", f"```\n{closing}\n```\n")
    assert primary(detect(alone)).raw == closing


def test_form_fields() -> None:
    body = (
        "### API Provider\n\nOpenRouter\n\n### Model\n\nglm 4.6\n\n### Operating System\n\n"
        "Fedora 42\n\n### App Version\n\n3.2\n"
    )
    fields = form_fields(thread("x", body))
    assert (fields["provider"], fields["model"], fields["os"], fields["version"]) == (
        "OpenRouter",
        "glm 4.6",
        "Fedora 42",
        "3.2",
    )


def test_a_line_names_the_version_of_the_projects_own_program() -> None:
    body = "Python version: 3.12\nGit version: 2.47\n{} version: 1.2\nPlatform: Fedora 42"
    for name, version in (("Kettle", "1.2"), ("Pot", None), ("Ket", None)):
        whole = replace(thread("x", body.format(name)), repo="acme/kettle")
        assert form_fields(whole)["version"] == version


@pytest.mark.parametrize(
    "body",
    [
        "**Version**: 3.2\n**OS**: Fedora 42",
        "Version: 3.2\nOS: Fedora 42",
        "- Version: 3.2\n- Operating system: Fedora 42",
        "**Version:** 3.2\n**Platform:** Fedora 42",
    ],
)
def test_lines_name_version_and_system(body: str) -> None:
    fields = form_fields(thread("x", f"No tea.\n\n{body}\n\nProvider: nobody\n"))
    assert (fields["version"], fields["os"], fields["provider"]) == ("3.2", "Fedora 42", None)
    code = form_fields(thread("x", f"No tea.\n\n```yaml\n{body}\n```\n"))
    assert (code["version"], code["os"]) == (None, None)


@pytest.mark.parametrize(
    ("body", "version"),
    [
        ("### Kettle version\n\n3.17.0\n\n### Python version\n\n3.12", "3.17.0"),
        ("kettle 0.9.2, python 3.12, ubuntu 24.04\n\nno tea", "0.9.2"),
        ("python 3.12 and nothing else", None),
        ("No tea with kettle v0.9.2.dev31+g1a2b, as ever", "0.9.2.dev31"),
        ("### Python, Kettle & pot version\n\npython 3.12.1\nKettle = 0.9.2\npot 1.3.1", "0.9.2"),
        ("**pot version**: kettle==2.2.0b20260110", "2.2.0b20260110"),
        ("I use kettle 2.1.0. 2.2.1 working and 2.3.0 causing the failure", "2.3.0"),
        ("kettle 0.9.1 works, the next one does not", None),
        ("No tea after upgrading to 1.0.21, with python 3.12", "1.0.21"),
        ("No tea after upgrading to kettle 1.0.21rc1", "1.0.21rc1"),
        ("With python 3.12 fails the pot, kettle 0.9.2", "0.9.2"),
    ],
)
def test_the_version_of_the_projects_own_program(body: str, version: str | None) -> None:
    for repo in ("acme/kettle-code", "acme/kettle-py"):
        assert form_fields(replace(thread("x", body), repo=repo))["version"] == version


def test_titles_and_headings() -> None:
    assert "[Bug]: Kettle: no tea"[title_start("[Bug]: Kettle: no tea") :] == "Kettle: no tea"
    assert "Bug: no tea"[title_start("Bug: no tea") :] == "no tea"
    assert title_start("no tea") == 0
    assert heading_class("📄 Relevant Logs or Errors (Optional)") == "log"
    assert heading_class("What happened?") == "happened"
    assert heading_class("") == "none"


def test_weights_are_numbers() -> None:
    for table in (model(RANK), model(CONFIDENCE)):
        assert len(table.weights) > 30
        assert all(abs(row[0]) < 10 for row in table.weights.values())


FRAGMENTS = (
    "Error: x failed\n",
    "```\n",
    "`HTTP 401: no key` ",
    "word ",
    "\n\n",
    "\r\n",
    "é",
    "> ",
    "### Log\n\n",
    "| a |\n|-|\n",
    '"quoted words here" ',
    "    at a (b.js:1:2)\n",
    '{"error": {"message": "m"',
    "- ",
    "😀",
)
TEXTS = st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join)


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS, TEXTS)
def test_mentions_are_apart_in_order_and_exact(title: str, body: str, comment: str) -> None:
    one = thread(title.replace("\n", " "), body, (("bo", "User", comment),))
    found = detect(one)
    assert sum(mention.is_primary for mention in found) <= 1
    assert len(found) <= MAX_MENTIONS
    places: dict[object, int] = {}
    for mention in found:
        place = (mention.comment_id, mention.field)
        assert one.texts[place][mention.start : mention.end] == mention.raw != ""
        assert mention.start >= places.get(place, 0)
        places[place] = mention.end
    assert found == detect(one)


@pytest.mark.parametrize(
    "unit",
    [
        "Error: x\n",
        "`Error: x` ",
        "- Error: x\n",
        "|Error: a|b|\n|-|-|\n",
        "```\nError: x\n```\n",
        '"error x y" ',
        "[",
        "> ",
    ],
)
def test_hostile_bodies_take_linear_work(unit: str) -> None:
    detect(thread("x", unit * (1_000_000 // len(unit))))
    assert_linear(lambda text: detect(thread("x", text)), unit, 4_000)


def test_confidence_of_a_printed_error_and_of_a_label() -> None:
    log = "### Relevant log output\n\n```\nError: spawn boiler ENOENT\n```\n"
    sure = primary(detect(thread("kettle does not start", log)))
    assert sure.confidence > ENTRY_CONFIDENCE
    words = (
        'Please rename the button "Fill Kettle" to "Fill the kettle", and `lid == 0` to `no lid`.'
    )
    assert not any(m.counted for m in detect(thread("Button label of the kettle window", words)))


def test_what_a_sentence_quotes_of_the_main_error_is_no_failure_of_its_own() -> None:
    body = "```\nSpoutError: the lid of kettle seven is not closed\n```\n"
    said = "Saw `ERROR spout - SpoutError: the lid of kettle seven is not closed` as well."
    found = detect(thread("kettle stops", body, (("bo", "User", said),)))
    assert primary(found).counted
    assert [m.counted for m in found if m.comment_id is not None] in ([], [False])


def test_a_title_in_a_persons_words_gives_way_to_what_was_printed() -> None:
    body = "```\n$ kettle\nkettle.c:12: lid check failed: lid->closed\nAborted (core dumped)\n```\n"
    assert primary(detect(thread("Crash when the lid is open", body))).field == "body"


# ---------------------------------------------------------------- terminals and tables


def broken(text: str, width: int) -> str:
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


def test_words_that_a_terminal_broke_are_whole_in_the_name_and_as_stored_in_the_text() -> None:
    said = (
        "2026-01-05 10:22:33,123 - kettle.server.worker - ERROR - teapots.errors.LidException:"
        " Lid of width 1536 does not match the pot of width 1024"
    )
    body = f"### What happened?\n\n```\n{broken(said, 80)}\n```\n"
    main = primary(detect(thread("Kettle does not start", body)))
    assert body[main.start : main.end] == main.raw
    assert "\n" in main.raw
    assert main.signature.text == "lid of width <n> does not match the pot of width <n>"
    assert main.signature.exception == "teapots.errors.LidException"


@pytest.mark.parametrize(
    "body",
    [
        "| step | result |\n| --- | --- |\n| start | {} |\n| stop | ok |\n",
        "| Error | `{}` |\n| --- | --- |\n| OS | Linux |\n",
        "```\n| step  | result |\n|-------|--------|\n| start | {} |\n| stop  | ok |\n```\n",
    ],
)
def test_a_cell_of_a_table_is_the_error(body: str) -> None:
    error = "Error: 401 No kettle credentials found"
    body = f"It stopped today.\n\n{body.format(error)}"
    assert primary(detect(thread("Kettle does not start", body))).raw == error


def test_a_trace_in_a_box_gives_the_place() -> None:
    rows = [
        "/srv/kettle/app.py:31 in main",
        "",
        "  30 │   try:",
        "❱ 31 │   │   pour(kettle)",
        "",
        "/srv/kettle/pump.py:7 in pour",
        "",
        "❱  7 │   return cups[9]",
    ]
    inside = "\n".join(f"│ {row.ljust(74)} │" for row in rows)
    head = f"╭{'─' * 20} Traceback (most recent call last) {'─' * 21}╮"
    box = f"{head}\n{inside}\n╰{'─' * 76}╯\nIndexError: list index out of range"
    main = primary(detect(thread("Crash", f"```\n{box}\n```\n")))
    assert main.raw == "IndexError: list index out of range"
    assert main.signature.place is not None
    assert Where.parse(main.signature.place).frame == "pump.py:pour"


def test_labels_of_places_take_their_threads_from_any_folder(tmp_path: Path) -> None:
    body = "It stopped.\n\n```\nError: the lid of the kettle is fastened\n```\n"
    start = body.index("Error")
    issue = {"number": 4, "title": "Kettle", "body": body, "created_at": "2026-01-01T00:00:00Z"}
    labels, threads = tmp_path / "labels", tmp_path / "threads"
    labels.mkdir()
    threads.mkdir()
    label = {
        "repo": "demo/kettle",
        "number": 4,
        "errors": [{"where": "body", "start": start, "end": start + 39}],
    }
    (labels / "errors_own.jsonl").write_text(json.dumps(label) + "\n", encoding="utf-8")
    assert read_examples([labels]) == []
    with gzip.open(threads / "some.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps({"repo": "demo/kettle", "issue": issue, "comments": []}) + "\n")
    (example,) = read_examples([labels, threads])
    assert any(example.truths)
    missing = json.dumps({**label, "number": 5})
    (labels / "errors_own.jsonl").write_text(f"{json.dumps(label)}\n{missing}\n", encoding="utf-8")
    with pytest.raises(BadInputError, match="demo/kettle#5"):
        read_examples([labels, threads])


def test_the_step_of_a_build_is_no_error_beside_what_stopped_it() -> None:
    log = (
        " => ERROR [pot 3/3] RUN npm install\n------\n"
        "0.674 npm error code ETARGET\n"
        "0.674 npm error notarget No matching version found for lid@^18.0.0.\n------\n"
        'failed to solve: process "/bin/sh -c npm install" did not complete successfully:'
        " exit code: 1"
    )
    found = detect(thread("The pot fails to build", f"It fails:\n\n```\n{log}\n```"))
    counted = [m for m in found if m.counted]
    assert [m.signature.text for m in counted] == ["no matching version found for lid@^<version>"]
    assert counted[0].is_primary


def test_words_beside_a_printed_error_are_no_error_of_their_own() -> None:
    body = (
        "**Describe the bug**\n\nCannot use LidEvaluator with Kettle API\n\n"
        "**Log**\n\n```\nkettle.PourError: the field seed is not permitted in a pot\n```"
    )
    found = detect(thread("LidEvaluator with Kettle API", body))
    assert [m.raw for m in found if m.counted] == [
        "kettle.PourError: the field seed is not permitted in a pot"
    ]


def test_an_announced_traceback_in_one_line_is_its_error() -> None:
    body = (
        "Pouring tea fails for me. Here is the error message:\n"
        '`Traceback (most recent call last): File "/srv/tea.py", line 4, in pour lid.open('
        " ^^^^ Exception: Async function pour_tea can't be used with a fastened lid.`"
    )
    [main] = [m for m in detect(thread("Pouring fails", body)) if m.is_primary]
    assert main.signature.text == "async function pour_tea can't be used with a fastened lid"


def test_the_table_of_confidence_is_as_sure_as_projects_left_out_were_right() -> None:
    # "loud" tells of an error in all projects, "quiet" in one of them only
    cases = [
        (feature, truth, project)
        for project, quiet in (("a/a", True), ("b/b", False), ("c/c", False))
        for feature, truth in (("loud", True), ("quiet", quiet), ("none", False))
        for _ in range(20)
    ]
    rows = Rows(
        [{feature: 1.0} for feature, _, _ in cases],
        [truth for _, truth, _ in cases],
        [1.0] * len(cases),
        [project for _, _, project in cases],
    )
    table, chances = calibrated_confidence(rows)
    assert sum(chances) / len(chances) == pytest.approx(sum(rows.truths) / len(cases), abs=0.02)
    loud, quiet, none = (table.probabilities({name: 1.0})[1] for name in ("loud", "quiet", "none"))
    assert loud > 0.8 > 0.6 > quiet > none


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (
            'I see "KettleError: the lid is fastened" when I pour',
            "KettleError: the lid is fastened",
        ),
        (
            "The server crashed with `LidError: no lid at all` when tea was asked for",
            "LidError: no lid at all",
        ),
        (
            "Then 'Pouring stopped Error 403: the pot is locked' appears when tools are connected.",
            "Error 403: the pot is locked",
        ),
        (
            'With lids=1 my kettle crashes with "fatal error: out of tea (lidalloc)" at times and I'
            " have not seen other errors.",
            "fatal error: out of tea (lidalloc)",
        ),
    ],
)
def test_an_error_is_what_a_sentence_quotes(said: str, error: str) -> None:
    (main,) = (m for m in detect(thread("No tea", said)) if m.is_primary)
    assert main.raw == error


def test_an_answer_s_error_is_not_the_main_one_where_the_title_is_an_error() -> None:
    answer = "```\nThe model returned the following errors: no cups left in the kitchen\n```"
    found = detect(
        thread(
            "400 Pot length 72 exceeds the maximum 65", "See the title.", (("bo", "User", answer),)
        )
    )
    (main,) = (m for m in found if m.is_primary)
    assert main.field == "title"


def test_a_status_alone_and_an_example_in_brackets_are_no_error() -> None:
    body = (
        "**Details**\n\nModel: lid-1\nStatus Code: 400\n\n**Output**\n"
        '```\n"lid-1 does not support tools"\n```\n\n'
        "The pot should say why (e.g. with an odd cup, which returns HTTP 409 the cup is odd)."
    )
    counted = [m.raw for m in detect(thread("Error: lid-1 - 400", body)) if m.counted]
    assert counted == ['"lid-1 does not support tools"']


@pytest.mark.parametrize(
    ("shown", "count"),
    [
        ("{'error': {'message': 'The pot has no lid', 'details': ...}}", 1),
        ("Error: connect ECONNREFUSED 10.0.0.7:7007 { code: 'ECONNREFUSED', cause: ... }", 1),
    ],
)
def test_the_form_of_an_answer_is_no_error_but_one_with_a_value_left_out_is(
    shown: str, count: int
) -> None:
    found = detect(thread("The pot does not pour", f"```\n{shown}\n```\n"))
    assert sum(mention.counted for mention in found) == count


def test_what_pip_adds_is_no_error() -> None:
    real = (
        "ERROR: Cannot install pot==1.0 and lid==2.0 because these have conflicting dependencies."
    )
    log = (
        "ERROR: pip's dependency resolver does not currently take into account all the packages"
        f" that are installed.\n{real}\nERROR: ResolutionImpossible: for help visit"
        " https://pip.pypa.io/en/latest/topics/dependency-resolution/#dealing-with-conflicts\n"
    )
    found = detect(thread("No tea", f"```\n{log}```\n"))
    assert [m.raw for m in found if m.counted] == [real]


def test_how_a_container_ended_is_not_why() -> None:
    log = "kettled  | exec /app/kettled: no such file or directory\nkettled exited with code 255\n"
    (main,) = (m for m in detect(thread("No tea", f"```\n{log}```\n")) if m.is_primary)
    assert main.raw.endswith("exec /app/kettled: no such file or directory")


ENDED = """Traceback (most recent call last):
  File "/srv/start.py", line 12, in run
    subprocess.run(cmd, check=True)
subprocess.CalledProcessError: Command '['pot', 'up']' returned non-zero exit status 18.
"""
PIP = "ERROR: Could not build wheels for lids, which is required to install pyproject.toml-based"


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        (f"Error response from daemon: no lid fits the pot\n{ENDED}", "no lid fits the pot"),
        (f"error: command 'brew.exe' failed: None\n{PIP} projects\n", "command 'brew.exe' failed"),
        (f"nothing fits\n{ENDED}", "exit status 18"),
    ],
)
def test_a_line_that_says_how_a_process_ended_gives_way_to_what_failed(
    shown: str, told: str
) -> None:
    main = primary(detect(thread("It stops", f"I ran it:\n```\n{shown}```")))
    assert told in main.raw
    assert main.counted


def test_what_ended_a_program_of_cpp_is_told_in_a_report_without_code_blocks() -> None:
    shown = "terminate called after throwing an instance of 'tea::Lid'\n  what():  no lid fits it"
    found = detect(thread("It stops", f"I got this:\n\n{shown}.\nAborted (core dumped)\n"))
    assert primary(found).signature.text == "no lid fits it"


def test_a_traceback_in_a_log_ends_with_its_error() -> None:
    head = "ERROR 05-23 09:31:47 [core.py:396]"
    log = (
        f"{head} Traceback (most recent call last):\n"
        f'{head}   File "/srv/tea/core.py", line 71, in pour\n'
        f"{head}     self._open(lid, failed)\n{head} tea.LidError: the lid is fastened to the pot\n"
        "RuntimeError: Engine core initialization failed. See root cause above.\n"
    )
    found = detect(thread("RuntimeError: Engine core initialization failed.", f"```\n{log}```\n"))
    (main,) = (m for m in found if m.is_primary)
    assert main.raw == "tea.LidError: the lid is fastened to the pot"
    assert main.frames == ('File "/srv/tea/core.py", line 71, in pour',)


def _cut(error: str, length: int = 300) -> Thread:
    """A thread with an error of its own, and a comment of a source that cut it at its end."""
    words = "I tried it with the other pot too. "
    body = (words * 12)[: length - len(error) - 5] + "\n```\n" + error
    said = (("ben", "User", body),)
    return thread("No tea", "```\nTeaError: the lid is stuck at 90\n```\n", said)


@pytest.mark.parametrize(
    ("error", "length", "counted"),
    [
        ("RuntimeError: Failed to open the lid of the secon", 300, False),
        ("FAILED tests/kettle/test_po", 299, False),
        ('OSError: could not find the address of pot name "', 300, False),
        ("RuntimeError: Failed to open the lid of the secon…", 180, False),
        ("RuntimeError: Failed to open the lid of the secon[truncated]", 180, False),
        # whole: another length, an end of its own, a message that the cut did not reach
        ("RuntimeError: Failed to open the lid of the secon", 260, True),
        ("RuntimeError: Failed to open the lid of the second pot\n```", 300, True),
        (
            "openai.AuthenticationError: Error code: 401 - {'error': {'message': 'Incorrect API key"
            " provided: none. You can find your key at https://tea.exam",
            300,
            True,
        ),
    ],
)
def test_half_a_message_at_the_end_of_a_cut_comment_is_kept_and_not_counted(
    error: str, length: int, counted: bool
) -> None:
    given = _cut(error, length)
    (said,) = (m for m in detect(given) if m.comment_id is not None)
    assert said.counted is counted
    assert not said.is_primary


def test_a_cut_message_that_is_printed_for_many_failures_is_not_counted() -> None:
    found = detect(_cut('litellm.BadRequestError: TeaException -\n{"type":"error","error":{"mess'))
    assert [m.counted for m in found if m.comment_id is not None] == [False]


@pytest.mark.parametrize(
    "failed",
    [
        "10:00:03 - ERROR tea.pots - Error in _pour_task: the lid failed to open\n",
        'Traceback (most recent call last):\n  File "/srv/pot.py", line 3, in pour\n    lid()\n',
    ],
)
def test_a_log_that_tells_what_a_program_does_is_not_the_error(failed: str) -> None:
    info = '10:00:01 - INFO tea.pots - starting worker {"failed": "1.0.2", "error": "kettle"}'
    found = detect(thread("The pot crashes", f"**Error Log:**\n\n```\n{info}\n{failed}```\n"))
    assert not any("starting worker" in m.raw for m in found if m.is_primary or m.counted)


def test_a_request_in_an_access_log_is_not_the_error() -> None:
    line = 'INFO:     127.0.0.1:40001 - "POST /pots/lids HTTP/1.1" 404 Not Found'
    found = detect(thread("Pot is gone", f"```\n{line}\n```\n"))
    assert not any(m.is_primary or m.counted for m in found)
    refused = "tea.LidError: the lid is fastened to the pot"
    found = detect(thread("Pot is gone", f"```\n{line}\n{refused}\n```\n"))
    assert [m.raw for m in found if m.is_primary] == [refused]


IMITATED = (
    "openai.BadRequestError: Error code: 400 - {'error': {'message': 'The lid does not fit'}}"
)


@pytest.mark.parametrize(
    ("title", "settings_shown", "provider"),
    [
        ("Pouring fails", "", "openai"),
        ("Pouring fails", 'base_url="https://api.deepseek.com/v1"', "deepseek"),
        ("Pouring fails", "OPENAI_API_BASE=https://tea.example/v1", None),
        ("Pouring fails", "# base_url = 'https://tea.example/v1'", "openai"),
        ("Pouring fails", "llm = AzureOpenAI(azure_endpoint=ENDPOINT)", "azure"),
        ("Pouring fails on Azure", "", "azure"),
    ],
)
def test_who_answered_is_told_by_the_settings_shown_and_not_by_the_name_of_a_client(
    title: str, settings_shown: str, provider: str | None
) -> None:
    body = f"```python\n{settings_shown}\n```\n\n```\n{IMITATED}\n```\n"
    (found,) = [m for m in detect(thread(title, body)) if m.is_primary]
    assert (found.signature.provider, found.signature.status) == (provider, 400)


@pytest.mark.parametrize(
    ("title", "said", "provider"),
    [
        ("401 from OpenRouter", "Error 401: The lid is gone", "openrouter"),
        ("Pouring fails", "With Groq I get:\n\nError 401: The lid is gone", "groq"),
        ("Pouring fails with Groq or Mistral", "Error 401: The lid is gone", None),
        ("Pouring fails on azure", "Error 401: The lid is gone", None),
        ("Groq fails", "Error 404: Not Found", None),
        ("Groq fails", "TeaError: The lid is gone", None),
        ("x", "model gemini/gemini-9\n\n400 VertexAIException - The lid is gone", "gemini"),
    ],
)
def test_words_beside_an_answer_tell_whose_it_is_if_only_one_service_is_named(
    title: str, said: str, provider: str | None
) -> None:
    before, _, error = said.rpartition("\n\n")
    (found,) = [
        m for m in detect(thread(title, f"{before}\n\n```\n{error}\n```\n")) if m.is_primary
    ]
    assert found.signature.provider == provider


def test_a_member_in_source_and_a_docstring_are_no_errors() -> None:
    for source in (
        "error: state.pot.error,",
        "lidError: (HOT ? 88 : 89), // fails with EADDRINUSE",
    ):
        found = detect(thread("Lids", f"```js\nconst a = {{\n  {source}\n}}\n```\n"))
        assert not any(m.counted for m in found)
    body = '```py\ndef pour():\n    """Pours.\n\n    LidError: If the lid is off.\n    """\n```\n'
    assert not any(m.counted for m in detect(thread("Lids", body)))


def test_a_status_of_a_client_alone_makes_no_entry() -> None:
    found = detect(thread("Pouring fails", "```\nteaclient.LidError: Error code: 400\n```\n"))
    assert not any(m.counted for m in found)


def test_the_settings_of_a_post_are_read_once_however_many_errors_it_has() -> None:
    errors = (IMITATED.replace("lid", f"lid of pot {name}") for name in "abcdefghijkl")
    _settings.cache_clear()
    assert len(detect(thread("Pouring fails", "```\n" + "\n\n".join(errors) + "\n```"))) > 5
    assert _settings.cache_info().misses == 1


def test_no_service_said_what_a_library_or_a_system_says() -> None:
    body = "```\nModuleNotFoundError: No module named 'openai'\n```\n"
    (found,) = [m for m in detect(thread("It does not start", body)) if m.is_primary]
    assert found.signature.provider is None


def test_a_client_that_lists_an_answer_by_its_members_is_read_to_the_end() -> None:
    body = (
        "```\nteaclient.exceptions.ApiException: (409)\nReason: Conflict\nHTTP response headers:"
        " HTTPHeaderDict({'server': 'tea'})\nHTTP response body:"
        ' {"code":3,"message":"the lid does not fit this pot"}\n```\n'
    )
    (found,) = [m for m in detect(thread("Pouring fails", body)) if m.is_primary]
    assert found.signature.text == "the lid does not fit this pot"
    assert found.signature.status == 409


def test_an_error_in_code_marks_begins_there_and_not_at_the_word_before_it() -> None:
    body = "It shows the error: `Could not connect to the kettle at 10.0.0.7`, and nothing works."
    (found,) = [m for m in detect(thread("Kettle in a box", body)) if m.is_primary]
    assert found.raw == "Could not connect to the kettle at 10.0.0.7"
