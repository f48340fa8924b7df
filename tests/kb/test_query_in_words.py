"""Asking as people ask: in sentences of many languages, in boxes and tables, broken at a column,
cut off, escaped. What is asked is found surely; what is not known never is."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb import KnowledgeBase
from kb.errortext import find_errors
from kb.errortext.columns import rejoin
from kb.query.readings import LONGEST, MOST, narrower
from tests.support.growth import assert_linear
from tests.support.kb_builder import Filler, filled

KNOWN = {
    "auth": "Error: 401 No kettle credentials found",
    "dim": "teapots.errors.LidException: Lid of width 1536 does not match the pot of width 1024",
    "uvx": "Error: spawn uvx ENOENT",
    "rate": "Error: 429 Rate limit exceeded: free-cups-per-day",
    "lid": "ValueError: the lid of the kettle is fastened",
    "cups": "BadRequestError: This kettle holds a maximum of 8192 cups. However, you asked for 9001"
    " cups. Please reduce the number of the cups.",
    "attr": "AttributeError: module 'kettle' has no attribute 'pour_twice'",
    "lib": "ImportError: libKettle.so.1: cannot open shared object file: No such file or directory",
    "git": "fatal: not a git repository (or any of the parent directories): .git",
    "pump": "Failed to start the pump: valve is not connected to the boiler",
}
UNKNOWN = (
    "Error: 402 No teacup credits left",
    "ValueError: the spout of the teapot is bent",
    "Failed to find the saucer: cupboard is locked by the butler",
    "Rate limit exceeded: spoons-per-hour for this account",
)


def escaped(error: str) -> str:
    return html.escape(error, quote=True)


def in_box(error: str, width: int = 60) -> str:
    rows = textwrap.wrap(error, width - 4)
    inside = "\n".join(f"│ {row.ljust(width - 4)} │" for row in rows)
    return f"╭─ Error {'─' * (width - 10)}╮\n{inside}\n╰{'─' * (width - 2)}╯"


def boxed_trace(error: str) -> str:
    rows = ["/srv/kettle/app.py:31 in main", "", "  30 │   try:", "❱ 31 │   │   pour(kettle)"]
    inside = "\n".join(f"│ {row.ljust(74)} │" for row in rows)
    head = f"╭{'─' * 20} Traceback (most recent call last) {'─' * 21}╮"
    return f"{head}\n{inside}\n╰{'─' * 76}╯\n{error}"


def broken(text: str, width: int) -> str:
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


SURROUNDINGS: dict[str, Callable[[str], str]] = {
    "chinese": lambda e: f"启动的时候报错了：{e}，请问怎么解决？",
    "chinese, no stops": lambda e: f"出现 {e} 怎么办",
    "chinese, quoted": lambda e: f"使用本地模型，提示“{e}”。",
    "chinese, apart": lambda e: f"我在运行程序时遇到了下面的问题\n\n{e}\n\n请问有人知道原因吗",
    "japanese, quoted": lambda e: f"起動すると「{e}」というエラーが出ます。",
    "japanese": lambda e: f"実行時に {e} が発生しました。どうすればいいですか？",
    "korean": lambda e: f"실행하면 {e} 오류가 발생합니다",
    "russian": lambda e: f"После обновления получаю ошибку {e}. Как исправить?",
    "german, quoted": lambda e: f'Beim Start bekomme ich die Fehlermeldung "{e}". Was nun?',
    "german": lambda e: f"Ich bekomme immer {e} wenn ich das Programm starte",
    "german, label": lambda e: f"Fehler beim Ausführen: {e}",
    "french": lambda e: f"Bonjour, j'ai l'erreur suivante : {e}. Comment faire ?",
    "french, quoted": lambda e: f"J'obtiens « {e} » au démarrage",
    "spanish": lambda e: f"Hola, me sale el error: {e} al iniciar la aplicación",
    "portuguese": lambda e: f'Estou recebendo o erro "{e}" ao iniciar',
    "entities": escaped,
    "tags": lambda e: f"<p>{escaped(e)}</p>",
    "quoted mail": lambda e: f"&gt; {escaped(e)}&nbsp;",
    "container": lambda e: f"agent-1  | INFO starting\nagent-1  | {e}\nagent-1 exited with code 1",
    "container's trace": lambda e: (
        'web_1 | Traceback (most recent call last):\nweb_1 |   File "/app/k.py", line 3, in run\n'
        f"web_1 |     pour()\nweb_1 | {e}"
    ),
    "words around": lambda e: f"I get this error: {e} when I start the app",
    "a question": lambda e: f'How do I fix "{e}"?',
    "code in words": lambda e: f"Hi all, after upgrading to 1.2.3 I see `{e}` on Windows 11",
    "asking behind": lambda e: f"{e} - anyone knows how to solve this?",
    "search words": lambda e: f"how to fix {e} in docker",
    "bold": lambda e: f"**{e}**",
    "table": lambda e: f"| step | result |\n| --- | --- |\n| start | {e} |\n| stop | ok |",
    "box": in_box,
    "box of a trace": boxed_trace,
    "80 columns": lambda e: broken(f"2026-01-05 10:22:33,123 - kettle.worker - ERROR - {e}", 80),
    "40 columns": lambda e: broken(e, 40),
    "wrapped": lambda e: "\n".join(textwrap.wrap(f"It said: {e}", 60)),
    "a log as JSON": lambda e: f'{{"level":"error","msg":"{e}"}}',
}


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    def fill(f: Filler) -> None:
        for name, raw in KNOWN.items():
            f.add(raw, title=f"{name} entry")

    return KnowledgeBase(filled(tmp_path_factory.mktemp("words") / "kb.db", fill))


@pytest.mark.parametrize("around", SURROUNDINGS)
def test_an_error_within_words_is_surely_found(kb: KnowledgeBase, around: str) -> None:
    for name, error in KNOWN.items():
        text = SURROUNDINGS[around](error)
        answer = kb.query(text)
        assert answer.found, text
        assert answer.results[0].entry.title == f"{name} entry", text
        asked = answer.errors[answer.results[0].error]
        assert text[asked.start : asked.end] == asked.raw


@pytest.mark.parametrize("around", SURROUNDINGS)
def test_words_around_make_nothing_sure(kb: KnowledgeBase, around: str) -> None:
    for error in UNKNOWN:
        assert not kb.query(SURROUNDINGS[around](error)).found, error


@pytest.mark.parametrize(
    "text",
    [
        # a service's longer sentence is another message than its beginning
        "Error: 401 No kettle credentials found for the guest account and none can be made",
        '{"error":{"message":"Kettle busy","raw":"the lid of the kettle is fastened upstream"}}',
        "The valve is not connected to the boiler in the second cellar - retry with another cellar",
        "Error: 401 No kettle credentials found for our guest plan; see help",
        "ValueError: the lid of the kettle is fastened when starting worker: missing spout",
    ],
)
def test_the_beginning_of_a_programs_sentence_is_not_the_error(
    kb: KnowledgeBase, text: str
) -> None:
    assert not kb.query(text).found


def test_a_message_that_was_cut_off_needs_half_of_what_it_was(kb: KnowledgeBase) -> None:
    assert kb.query("ValueError: the lid of the kettle is…").found
    assert not kb.query("fatal: not a git repository…").found
    assert not kb.query("Error: the lid…").found


def test_words_that_only_resemble_are_searched_as_words(kb: KnowledgeBase) -> None:
    answer = kb.query("why is the valve of my boiler never connected to anything")
    assert not answer.found
    assert answer.results[0].entry.title == "pump entry"


# ---------------------------------------------------------------- readings


WORDS = ["Error: a b c", " when I ", "I get ", '"', "「", "」", "<p>", "错误：", "\n", ": ", ". "]


@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=9), max_size=20).map("".join))
@settings(max_examples=60, deadline=None)
def test_readings_are_parts_and_few(text: str) -> None:
    parts = list(narrower(text))
    assert len(parts) <= MOST
    assert len(set(parts)) == len(parts)
    assert all(0 <= start < end <= len(text) for start, end in parts)


@pytest.mark.parametrize("unit", ["Error: a b c when I ", '"', "「a", "<p>", "i ", "错误：a "])
def test_readings_of_repetitions_take_linear_work(unit: str) -> None:
    assert_linear(lambda text: list(narrower(text[:LONGEST])), unit, LONGEST // 4)


# ---------------------------------------------------------------- columns

LONG = ("kettle", "spout", "valve", "teapot", "saucer", "boiler")
SHORT = ("the", "a", "of", "file", "is", "not", "found", "open", "in", "directory")


@given(st.lists(st.sampled_from(LONG), min_size=30))
@settings(max_examples=40, deadline=None)
def test_what_a_column_broke_is_whole_again(words: list[str]) -> None:
    said = f"ValueError: {' '.join(words)}"
    text = broken(said, 80)
    whole = rejoin(text)
    if whole is None:
        return  # every line ended beside a blank
    assert whole.text.replace("\n", "") == said.replace("\n", "")
    for at in range(len(whole.text)):
        assert text[whole.back(at, at + 1)[0]] == whole.text[at]


@given(st.lists(st.sampled_from(SHORT), min_size=30))
@settings(max_examples=40, deadline=None)
def test_what_was_wrapped_between_words_stays(words: list[str]) -> None:
    text = textwrap.fill(" ".join(words), 80)
    whole = rejoin(text)
    assert whole is None or " ".join(whole.text.split()) == " ".join(text.split())


@pytest.mark.parametrize("line", ["kettle.LidError: lid of kettle {} is stuck", "npm error {} lid"])
def test_lines_of_one_kind_and_length_are_errors_of_their_own(line: str) -> None:
    text = "\n".join(line.format(f"{n:030}") for n in (1, 2, 3))
    assert rejoin(text) is None


def test_the_name_of_a_broken_class_is_found() -> None:
    said = (
        "2026-01-05 10:22:33,123 - kettle.cellar.worker.nine - ERROR - teapots.BadLidError: no lid"
    )
    text = broken(said, 80)
    (span,) = find_errors(text)
    assert span.message is not None
    assert span.message.endswith("teapots.BadLidError: no lid")
    assert text[span.start : span.end].replace("\n", "") == span.message
