"""Errors in and within sentences of other languages and scripts: found whole, named without the
sentence.
"""

from __future__ import annotations

import pytest

from kb.errortext import find_errors, root_error
from kb.signature import sign
from kb.signature.generic import is_generic


@pytest.mark.parametrize(
    ("text", "error", "name"),
    [
        ("启动失败，提示 ModuleNotFoundError: No module named 'kettle'，请问怎么解决？",
         "ModuleNotFoundError: No module named 'kettle'", "no module named kettle"),
        ("运行时报错：ConnectionError: the kettle refused the cup，请检查网络",
         "ConnectionError: the kettle refused the cup", "the kettle refused the cup"),
        ("起動すると「TypeError: the lid of the kettle is fastened」というエラーが出ます",
         "TypeError: the lid of the kettle is fastened", "the lid of the kettle is fastened"),
        ("실행하면 오류가 나요: ValueError: the lid of the kettle is fastened",
         "ValueError: the lid of the kettle is fastened", "the lid of the kettle is fastened"),
        ("При запуске выдаёт ошибку: RuntimeError: kettle is already boiling, что делать?",
         "RuntimeError: kettle is already boiling", "kettle is already boiling"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("prose", [False, True])
def test_within_a_sentence(text: str, error: str, name: str, prose: bool) -> None:
    root = root_error(find_errors(text, prose=prose), text)
    assert root is not None
    assert text[root.start : root.end] == error
    assert sign(error).text == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("错误：无法打开水壶的盖子", "无法打开水壶的盖子"),
        ("エラー: やかんの蓋が開きません", "やかんの蓋が開きません"),
        ("오류: 주전자를 찾을 수 없습니다", "주전자를 찾을 수 없습니다"),
        ("Ошибка: не удалось открыть крышку", "не удалось открыть крышку"),
        ("Fehler: Der Deckel des Kessels ist zu", "der deckel des kessels ist zu"),
    ],
)
def test_a_label_in_another_language(text: str, name: str) -> None:
    assert root_error(find_errors(text), text) is not None
    assert sign(text).text == name


def test_english_labels_stay_what_they_are() -> None:
    spans = find_errors("Error: the lid of the kettle is fastened")
    assert [span.kind for span in spans] == ["error_colon"]


def test_box_and_container() -> None:
    boxed = "╭─ Error ─╮\n│ Invalid value for '--kettle': tin is not a kettle.  │\n╰────────╯"
    assert sign(boxed).text == "invalid value for --kettle: tin is not a kettle"
    log = "pump-2  | RuntimeError: the pump lost its valve"
    assert sign(log).text == "the pump lost its valve"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ValueError: Could not parse LLM output: `I would pour`", "could not parse llm output"),
        ("request failed with status code: 500 and respond with: {\"a\": 1}",
         "request failed with status code: 500 and respond with"),
        ("request error, status_code: 400, content: Error in the pump", "error in the pump"),
        ("kettle.BadRequestError: Error code: 400 often occurs", "error code: 400 often occurs"),
        ("9/30/2024, 5:59:09 PM [CONVEX A(pump:fill)] Uncaught Error: the lid of the pump is open",
         "the lid of the pump is open"),
        ("Error: 400 Bad Request: Wrong input: Kettle dimension error: expected dim: 768, got 192",
         "kettle dimension error: expected dim: <n>, got <n>"),
    ],
)  # fmt: skip
def test_names_hold_no_data_and_are_whole(text: str, name: str) -> None:
    assert sign(text).text == name


def test_the_name_of_a_logger_names_no_failure() -> None:
    told = "kettle.plugins.pump - Failed to handle the message of the lid"
    assert sign(told).text == "failed to handle the message of the lid"


@pytest.mark.parametrize(
    "text",
    [
        "ENOENT: no such file or directory. on npm run build",
        "litellm.BadRequestError: KettleException -",
        "timeout: 30 seconds",
        "kettle.service: Failed with result 'exit-code'.",
        'Error encountering "ENOENT: no such file or directory, ..." on npm run build',
        "ERROR: Cannot install -r lids.txt (line 18), -r lids.tx",
        "litellm.BadRequestError: ContextWindowExceededError: KettleException",
    ],
)
def test_messages_of_a_thousand_failures(text: str) -> None:
    assert is_generic(sign(text).text)


@pytest.mark.parametrize(
    "text",
    [
        "Error: invalid argument 'steam' for model kettle-7b",
        "Access is denied. Deployment kettle-7b is not in your region",
        "file not found in cache for model kettle-7b",
    ],
)
def test_words_behind_a_systems_message_make_it_another(text: str) -> None:
    assert not is_generic(sign(text).text)
