"""Whatever a text holds, every part of the program answers it: no exception but the ones that say
what is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.config import read_config
from kb.curation import read_curation
from kb.errors import BadInputError, FaultloreError
from kb.errortext import find_errors, root_error
from kb.notes.escape import escaper, shown
from kb.query.knowledge import KnowledgeBase
from kb.redact import hide_keys, redact
from kb.signature import explain, sign
from kb.store import Store
from kb.text import block, clean, shorten
from miner.cli import run
from miner.harvest.files import import_files
from miner.pipeline import mine
from tests.hostile.fuzzed import ONCE_FOUND, TEXTS
from tests.support.targets import TARGETS
from tests.support.threads import comment, thread

BOUNDED = settings(
    max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


@pytest.fixture(scope="module")
def kb(demo_db: Path) -> Iterator[KnowledgeBase]:
    with KnowledgeBase(demo_db) as opened:
        yield opened


def everything_reads(text: str) -> None:
    """Every function over text; what comes out can be written as UTF-8."""
    made = [redact(text), clean(text), shorten(text), block(text, 80), shown(text)]
    assert redact(made[0]) == made[0]
    assert hide_keys(hide_keys(text)) == hide_keys(text)
    signature = sign(text)
    assert signature == explain(text)[0]
    spans = find_errors(text)
    root_error(spans, text)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    for _, target in TARGETS.items():
        writer = escaper(target)
        made += [writer.inline(text), writer.blockquote(text), writer.fence(text)]
        made.append(writer.yaml(text))
    for one in made:
        one.encode("utf-8")


@given(TEXTS)
@BOUNDED
def test_every_text_is_read(text: str) -> None:
    everything_reads(text)


@pytest.mark.parametrize("text", ONCE_FOUND)
def test_what_once_failed_is_read(text: str) -> None:
    everything_reads(text)


def asked(kb: KnowledgeBase, text: str) -> None:
    for ask in (kb.query, kb.search, kb.show, kb.explain, kb.history):
        try:
            answer = ask(text)
        except FaultloreError:
            continue
        str(answer).encode("utf-8")
    if text.strip():
        json.dumps(kb.query(text).to_dict(), ensure_ascii=False).encode("utf-8")


@given(text=TEXTS)
@settings(BOUNDED, max_examples=25)
def test_every_question_is_answered(kb: KnowledgeBase, text: str) -> None:
    asked(kb, text)


@pytest.mark.parametrize("text", ONCE_FOUND)
def test_what_once_failed_is_answered(kb: KnowledgeBase, text: str) -> None:
    asked(kb, text)


@given(st.lists(TEXTS, min_size=4, max_size=4))
@settings(BOUNDED, max_examples=6)
def test_every_thread_is_mined(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    mined(tmp_path_factory.mktemp("fuzz"), texts)


def test_threads_that_once_failed_are_mined(tmp_path: Path) -> None:
    mined(tmp_path, ONCE_FOUND)


def mined(folder: Path, texts: list[str]) -> None:
    """Threads whose every text is one of these: imported, mined, exported and verified."""
    lines = []
    for number, text in enumerate(texts, start=1):
        said = [
            comment(number * 10 + 1, f"The cause is that {text}", "mia", "MEMBER"),
            comment(number * 10 + 2, f"Fixed in 1.2.3. {text}", "mia", "MEMBER", day=3),
            comment(number * 10 + 3, f"{text} That works, thanks", "ada", day=4),
        ]
        body = f"It fails.\n\n```\nError: widget frobnication failed: {text}\n```\n{text}"
        lines.append(json.dumps(thread(number, f"frobnication failed {text}", body, said)))
    (folder / "t.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with Store.open(folder / "kb.db") as store:
        assert import_files(store, [folder / "t.jsonl"]).problems == []
        report = mine(store, now="2026-06-30T00:00:00Z", workers=1)
        assert report is not None
        assert store.connection.execute("select count(*) from dirty").fetchone()[0] == 0
    db = ["--db", str(folder / "kb.db")]
    for target in ("commonmark", "mkdocs"):
        out = str(folder / target)
        assert run(["export", "--out", out, "--target", target, *db]) == 0
        assert run(["verify", "--export", out, *db]) == 0


def refusal(read: Callable[[Path], object], path: Path) -> str | None:
    """Why a file was not read; None if it was."""
    try:
        read(path)
    except BadInputError as error:
        return str(error)
    return None


@given(TEXTS, st.sampled_from(["merge ", "split E4K2M7PQ3A ", "title E4K2M7PQ3A ", "ignore ", ""]))
@BOUNDED
def test_every_curation_file_is_read_or_its_line_named(
    tmp_path_factory: pytest.TempPathFactory, text: str, before: str
) -> None:
    path = tmp_path_factory.mktemp("curation") / "curation.txt"
    path.write_bytes((before + text).encode("utf-8", "surrogatepass"))
    assert str(path) in (refusal(read_curation, path) or str(path))


@given(
    TEXTS,
    st.sampled_from(["", "db = ", "[harvest]\n", "[export]\nmin_threads = ", "api_url = '", "[["]),
)
@BOUNDED
def test_every_configuration_is_read_or_its_line_named(
    tmp_path_factory: pytest.TempPathFactory, text: str, before: str
) -> None:
    path = tmp_path_factory.mktemp("config") / "faultlore.toml"
    path.write_bytes((before + text).encode("utf-8", "surrogatepass"))
    assert str(path) in (refusal(read_config, path) or str(path))


COMMANDS = ("query", "signature", "search", "show", "explain", "review", "history")
OPTIONS = ("export --out {out} --provider", "export --out {out} --tool", "query x --repo")


@given(text=TEXTS, command=st.sampled_from([*COMMANDS, *OPTIONS]))
@settings(BOUNDED, max_examples=40)
def test_every_argument_is_answered_in_one_line(
    demo_db: Path,
    tmp_path_factory: pytest.TempPathFactory,
    capfd: pytest.CaptureFixture[str],
    text: str,
    command: str,
) -> None:
    # what a shell can hand over: no NUL, and bytes that are not UTF-8 as surrogates
    argument = (
        text.encode("utf-8", "surrogatepass").replace(b"\0", b"").decode("utf-8", "surrogateescape")
    )
    db = [] if command == "signature" else ["--db", str(demo_db)]
    if command in OPTIONS:
        first, *words, option = command.format(out=tmp_path_factory.mktemp("out")).split()
        status = run([first, *words, *db, f"{option}={argument}"])
    else:
        status = run([command, *db, "--", argument])
    assert status in (0, 1, 2)
    errors = capfd.readouterr().err
    assert "a defect" not in errors
    assert "Traceback" not in errors.replace(argument, "")
