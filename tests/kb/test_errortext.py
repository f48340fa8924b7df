"""Finding errors in plain text: forms of error, exact spans, frames, roots."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.errortext import find_errors, judge, may_hold_errors, root_error
from kb.errortext.rules import NOISE, RULES

DOCS = Path(__file__).resolve().parents[2] / "docs"

# name: text as printed, what the root error's text must hold (None: nothing sure enough is found)
FORMS: dict[str, tuple[str, str | None]] = {
    "py_chain": (
        "Traceback (most recent call last):\n"
        '  File "/app/a.py", line 3, in get\n'
        "    return self._data[key]\n"
        "KeyError: 'region'\n"
        "\n"
        "During handling of the above exception, another exception occurred:\n"
        "\n"
        "Traceback (most recent call last):\n"
        '  File "/app/main.py", line 9, in <module>\n'
        "    run()\n"
        '  File "/app/main.py", line 5, in run\n'
        '    raise ConfigError("region is not set") from None\n'
        "app.errors.ConfigError: region is not set\n",
        "app.errors.ConfigError: region is not set",
    ),
    "v8": (
        "/srv/app/index.js:14\n"
        "    throw new TypeError('no handler');\n"
        "    ^\n"
        "\n"
        "TypeError: no handler\n"
        "    at start (/srv/app/index.js:14:11)\n"
        "    at Object.<anonymous> (/srv/app/index.js:20:1)\n"
        "\n"
        "Node.js v20.11.0",
        "TypeError: no handler",
    ),
    "v8_with_code": (
        "node:internal/modules/cjs/loader:1147\n"
        "  throw err;\n"
        "  ^\n"
        "\n"
        "Error: Cannot find module 'left-pad'\n"
        "Require stack:\n"
        "- /srv/app/index.js\n"
        "    at Module._resolveFilename (node:internal/modules/cjs/loader:1144:15) {\n"
        "  code: 'MODULE_NOT_FOUND',\n"
        "  requireStack: [ '/srv/app/index.js' ]\n"
        "}",
        "Error: Cannot find module 'left-pad'",
    ),
    "unhandled": (
        "[UnhandledPromiseRejection: This error originated either by throwing inside of an "
        "async function without "
        "a catch block, or by rejecting a promise which was not handled with .catch(). The "
        "promise rejected with t"
        'he reason "boom".] {\n'
        "  code: 'ERR_UNHANDLED_REJECTION'\n"
        "}",
        "UnhandledPromiseRejection",
    ),
    "bun": (
        'error: Cannot find package "zod" from "/app/src/x.ts"\n\nBun v1.1.8 (Linux x64)',
        'error: Cannot find package "zod" from "/app/src/x.ts"',
    ),
    "java": (
        'Exception in thread "main" java.lang.RuntimeException: could not start\n'
        "\tat com.acme.Main.run(Main.java:12)\n"
        "\tat com.acme.Main.main(Main.java:7)\n"
        "Caused by: java.net.BindException: Address already in use\n"
        "\tat sun.nio.ch.Net.bind0(Native Method)\n"
        "\t... 2 more",
        'Exception in thread "main" java.lang.RuntimeException: could not start',
    ),
    "go": (
        "panic: runtime error: invalid memory address or nil pointer dereference\n"
        "[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x49a1f2]\n"
        "\n"
        "goroutine 1 [running]:\n"
        "main.main()\n"
        "\t/app/main.go:9 +0x1d\n"
        "exit status 2",
        "panic: runtime error: invalid memory address or nil pointer dereference",
    ),
    "rust": (
        "thread 'main' panicked at src/main.rs:4:10:\n"
        "called `Result::unwrap()` on an `Err` value: Os { code: 2, kind: NotFound, message: "
        '"No such file or dire'
        'ctory" }\n'
        "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
        "called `Result::unwrap()` on an `Err` value",
    ),
    "rustc": (
        "error[E0308]: mismatched types\n"
        " --> src/main.rs:3:18\n"
        "  |\n"
        '3 |     let x: u32 = "a";\n'
        "  |            ---   ^^^ expected `u32`, found `&str`\n"
        "\n"
        'error: could not compile `demo` (bin "demo") due to 1 previous error',
        "error[E0308]: mismatched types",
    ),
    "gcc": (
        "In file included from a.c:1:\n"
        "a.h:3:10: fatal error: foo.h: No such file or directory\n"
        '    3 | #include "foo.h"\n'
        "      |          ^~~~~~~\n"
        "compilation terminated.\n"
        "make: *** [Makefile:4: a.o] Error 1",
        "a.h:3:10: fatal error: foo.h: No such file or directory",
    ),
    "dotnet": (
        "Unhandled exception. System.IO.FileNotFoundException: Could not load file or "
        "assembly 'Foo, Version=1.0.0"
        ".0'.\n"
        "   at Program.Main(String[] args) in /src/Program.cs:line 5",
        "System.IO.FileNotFoundException: Could not load file or assembly",
    ),
    "pwsh": (
        "uvx : The term 'uvx' is not recognized as the name of a cmdlet, function, script "
        "file, or operable progra"
        "m. Check the\n"
        "spelling of the name, or if a path was included, verify that the path is correct "
        "and try again.\n"
        "At line:1 char:1\n"
        "+ uvx foo\n"
        "+ ~~~\n"
        "    + CategoryInfo          : ObjectNotFound: (uvx:String) [], CommandNotFoundException\n"
        "    + FullyQualifiedErrorId : CommandNotFoundException",
        (
            "The term 'uvx' is not recognized as the name of a cmdlet, function, script file, or "
            "operable program. Check the\nspelling"
        ),
    ),
    "npm": (
        (
            "npm ERR! code ERESOLVE\nnpm ERR! ERESOLVE unable to resolve dependency tree\n"
            "npm ERR! \nnpm ERR! While resolving: demo@1.0.0"
        ),
        "ERESOLVE unable to resolve dependency tree",
    ),
    "pip": (
        "Collecting foo==9\n"
        "ERROR: Could not find a version that satisfies the requirement foo==9 (from "
        "versions: 1.0, 2.0)\n"
        "ERROR: No matching distribution found for foo==9",
        "ERROR: Could not find a version that satisfies the requirement foo==9",
    ),
    "http": (
        "< HTTP/1.1 429 Too Many Requests\n< retry-after: 12",
        "HTTP/1.1 429 Too Many Requests",
    ),
    "json_multi": (
        (
            'response body:\n{\n  "type": "error",\n  "error": {\n    "type": "overloaded_error",'
            '\n    "message": "Overloaded"\n  }\n}'
        ),
        '"message": "Overloaded"\n  }\n}',
    ),
    "esc": (
        '{"error":{"message":"Provider returned error","code":400,'
        '"metadata":{"raw":"{\\"error\\":{\\"message\\":\\"bad'
        ' tool\\"}}","provider_name":"X"}}}',
        '{"error":{"message":"Provider returned error"',
    ),
    "pyrepr": (
        (
            "openai.BadRequestError: Error code: 400 - {'error': {'message': \"it's too long\", "
            "'code': None}}"
        ),
        "openai.BadRequestError: Error code: 400 - {'error'",
    ),
    "box": (
        "╭──────────────────────────────────────────╮\n"
        '│ ✖ API Error: 401 {"type":"error","error": │\n'
        '│   {"type":"authentication_error",         │\n'
        '│   "message":"invalid x-api-key"}}         │\n'
        "╰──────────────────────────────────────────╯",
        '"message":"invalid x-api-key"}}',
    ),
    "ansi": (
        "\x1b[31m\x1b[1mError:\x1b[22m connect ECONNREFUSED 127.0.0.1:8080\x1b[39m",
        "connect ECONNREFUSED 127.0.0.1:8080",
    ),
    "log": (
        "2025-01-02 10:00:00,123 INFO gateway: starting\n"
        "2025-01-02 10:00:01,002 WARNING gateway: retrying in 3s\n"
        "2025-01-02 10:00:04,511 ERROR gateway: upstream said 503 Service Unavailable\n"
        "2025-01-02 10:00:04,600 INFO gateway: 0 errors in queue",
        "upstream said 503 Service Unavailable",
    ),
    "jsonrpc": (
        '{"jsonrpc":"2.0","id":3,"error":{"code":-32601,"message":"Method not found"}}',
        '"message":"Method not found"',
    ),
    "nothing_wrong": (
        "All tests passed, 0 errors, 0 failures\nDone in 3s.",
        None,
    ),
    "asan": (
        (
            "==31==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602 at pc 0x4f\n"
            "    #0 0x4f in f /a.c:3"
        ),
        "AddressSanitizer: heap-buffer-overflow",
    ),
    "warning_only": (
        "Warning: something odd\nLine two is fine",
        None,
    ),
    "validation": (
        "Error: 1 validation error for Settings\n"
        "api_key\n"
        "  Field required [type=missing, input_value={}, input_type=dict]\n"
        "    For further information visit https://errors.pydantic.dev/2.7/v/missing",
        "1 validation error for Settings",
    ),
    "logfmt": (
        (
            'time="2025-01-01T00:00:00Z" level=fatal msg="failed to start: listen tcp :80: bind: '
            'permission denied" app=x'
        ),
        "failed to start: listen tcp :80: bind: permission denied",
    ),
    "zsh_prompt": (
        "$ ./run\nbash: ./run: Permission denied",
        "bash: ./run: Permission denied",
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_forms(name: str) -> None:
    text, wanted = FORMS[name]
    root = root_error(find_errors(text), text)
    if wanted is None:
        assert root is None or root.weight < 0.45
    else:
        assert root is not None
        assert wanted in text[root.start : root.end]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_matches_its_example(rule: object) -> None:
    assert isinstance(rule, type(RULES[0]))
    verdict = judge(rule.example)
    assert rule.name in [RULES[index].name for index in verdict.rules]
    assert may_hold_errors(rule.example)
    assert find_errors(rule.example)


WORDS = st.sampled_from(
    [word for rule in RULES for word in rule.example.split(" ")]
    + ["x", "A1", "::", "[3]", "(", "):", "code", "status", "5", "0x1f", "failed:", "Error:"]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, max_size=12).map(" ".join))
def test_the_first_pass_finds_every_line_that_a_rule_matches(line: str) -> None:
    assert may_hold_errors(line) or not judge(line).rules
    for rule in RULES:
        if rule.trigger and re2.search(rule.pattern, line):
            assert re2.search(rule.trigger, line), rule.name


def test_the_example_of_the_documentation_runs() -> None:
    text = (DOCS / "explanation" / "detection.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(example, {})


def test_rules_and_noise_are_named_once() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert len({noise.name for noise in NOISE}) == len(NOISE)
    assert all(0 < rule.weight <= 1 for rule in RULES)
    assert all(0 <= noise.factor < 1 for noise in NOISE)


def test_exception_chain_is_context() -> None:
    text, _ = FORMS["py_chain"]
    first, last = find_errors(text)
    assert first.chained
    assert text[first.start : first.end] == "KeyError: 'region'"
    assert not last.chained
    assert last.frames == (
        'File "/app/main.py", line 9, in <module>',
        'File "/app/main.py", line 5, in run',
    )


def test_frames_of_javascript_are_kept_apart() -> None:
    text, _ = FORMS["v8"]
    root = root_error(find_errors(text), text)
    assert root is not None
    assert text[root.start : root.end] == "TypeError: no handler"
    assert root.frames == (
        "at start (/srv/app/index.js:14:11)",
        "at Object.<anonymous> (/srv/app/index.js:20:1)",
    )


def test_time_level_and_decoration_stay_outside() -> None:
    for line in (
        "2025-01-02T03:04:05.678Z [error] spawn npx ENOENT",
        "\x1b[31m✖ spawn npx ENOENT\x1b[0m",
        "│ ● spawn npx ENOENT      │",
        "[10:11:12] ERROR | spawn npx ENOENT",
        "Feb  3 10:11:12 host agent[311]: spawn npx ENOENT",
    ):
        (span,) = find_errors(line)
        assert line[span.start : span.end] == "spawn npx ENOENT", line


def test_wrapped_message_is_whole() -> None:
    text = (
        "  API Error: 402 This request requires more credits than the account has, or fewer max\n"
        "  tokens. You asked for up to 32000 tokens.\n\nnext thing\n"
    )
    (span,) = find_errors(text)
    assert text[span.start : span.end].endswith("up to 32000 tokens.")


@pytest.mark.parametrize(
    "shown",
    [
        " template <typename Lid, auto close>\n                         ^~~~~\n",
        "   31 |  template <typename Lid, auto close>\n",
        "      pour_tea(pot, lid, 90, cup, saucer);\n      ^\n",
    ],
)
def test_source_that_a_compiler_shows_is_no_part_of_the_message(shown: str) -> None:
    error = "/usr/include/tea/pot.h:31:25: error: 'auto' parameter not permitted in this context"
    (span,) = find_errors(f"{error}\n{shown}")
    assert f"{error}\n{shown}"[span.start : span.end] == error
    wrapped = f"{error} of\n      lids that close by themselves\n{shown}"
    (span,) = find_errors(wrapped)
    assert wrapped[span.start : span.end].endswith("close by themselves")


def test_records_of_a_log_are_not_joined() -> None:
    text = (
        "loader: error loading model: tensor has the wrong shape, expected 1536, 73728\n"
        "loader: failed to load the model\n"
    )
    assert len(find_errors(text)) == 2


def test_body_over_lines_belongs_to_its_status() -> None:
    text = (
        'Chat error 429: {\n  "error": {\n    "message": "Quota exceeded",\n    "code": null\n'
        "  }\n}\nbye\n"
    )
    (span,) = find_errors(text)
    assert text[span.start : span.end] == text[: text.index("\nbye")]


def test_member_alone_brings_its_body() -> None:
    text = (
        'sent\n{\n  "name": "x",\n  "message": "No endpoints found that can do this",\n'
        '  "status": 404\n}\n'
    )
    (span,) = find_errors(text)
    assert text[span.start : span.end] == text[text.index("{") : text.rindex("}") + 1]


def test_log_with_several_errors_has_the_first_as_root() -> None:
    text = "Error: cannot open database\nError: worker gave up\nError: exiting\n"
    root = root_error(find_errors(text), text)
    assert root is not None
    assert text[root.start : root.end] == "Error: cannot open database"


def test_prose_gives_what_is_surely_printed() -> None:
    text = (
        'When I press it I get Error 401: Missing key. Then I tried "TypeError: x is not a '
        'function" and gave up.'
    )
    found = [text[span.start : span.end] for span in find_errors(text, prose=True)]
    assert found
    assert found[0].startswith("Error 401: Missing key")
    assert find_errors("It fails whenever something is missing or wrong.", prose=True) == []


def test_the_body_of_an_answer_within_a_sentence_is_whole() -> None:
    body = "status code: 422, with response body: {'error': 'no pot is here. Bring one first!'}"
    for behind in (". What now?", ". Then I poured {it} and it was warm."):
        text = f"It was not successful! Unexpected {body}{behind}"
        (span,) = find_errors(text, prose=True)
        assert text[span.start : span.end] == body


def test_no_text_no_error() -> None:
    assert find_errors("") == []
    assert find_errors("\n \t\n") == []
    assert root_error([], "") is None


PIECES = st.sampled_from(
    [
        "Error: ",
        "error",
        "x",
        " ",
        "\n",
        "\r\n",
        "{",
        "}",
        '"',
        "'",
        "\\",
        "(",
        ")",
        ":",
        ",",
        "401 ",
        "é",
        "错误",
        "\x1b[31m",
        "    at f (a.js:1:2)",
        '{"error":',
        '"message": "',
        "failed to ",
        "\ud800",
        "😀",
        "Caused by:",
        "panic: ",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=60).map("".join), st.booleans())
def test_spans_are_within_in_order_and_apart(text: str, prose: bool) -> None:
    spans = find_errors(text, prose=prose)
    last = 0
    for span in spans:
        assert last <= span.start < span.end <= len(text)
        assert 0 < span.weight <= 1
        assert text[span.start : span.end].strip()
        last = span.end
    root = root_error(spans, text)
    assert (root is None) == (not spans)


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_line_ends_change_nothing(text: str) -> None:
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    windows = plain.replace("\n", "\r\n")
    assert [plain[s.start : s.end] for s in find_errors(plain)] == [
        windows[s.start : s.end].replace("\r\n", "\n") for s in find_errors(windows)
    ]


@settings(max_examples=50, deadline=None)
@given(st.lists(PIECES | st.text(max_size=20), max_size=30).map("".join))
def test_any_text_is_taken(text: str) -> None:
    for span in find_errors(text):
        assert 0 <= span.start < span.end <= len(text)


WHOLE = {
    "a validation error with its fields": (
        "ValidationError: 2 validation errors for Kettle\nlid\n  Field required [type=missing]\n"
        "    For further information visit https://errors.example.com/v/missing\nspout.size\n"
        "  Input should be a number [type=float]\nbye\n",
        "ValidationError: 2 validation errors for Kettle\nlid\n  Field required [type=missing]\n"
        "    For further information visit https://errors.example.com/v/missing\nspout.size\n"
        "  Input should be a number [type=float]",
    ),
    "a validation error of all fields together": (
        "ValidationError: 1 validation error for Kettle\n  Value error, Please fill it"
        " [type=value_error, input_value={'lid': 1}]\n    For further information\n",
        "ValidationError: 1 validation error for Kettle\n  Value error, Please fill it"
        " [type=value_error, input_value={'lid': 1}]",
    ),
    "a debugger's message one line below": (
        'Exception has occurred: TypeError\nlid is no string\n  File "a.py", line 1\n',
        "Exception has occurred: TypeError\nlid is no string",
    ),
    "a body below a wrapper's name": (
        'tea.BadRequestError: SpoutException -\n{\n  "error": {"message": "no tea"}\n}\n',
        'tea.BadRequestError: SpoutException -\n{\n  "error": {"message": "no tea"}\n}',
    ),
    "not the prompt below": (
        "AttributeError: 'Cup' object has no attribute 'lid'\n(tea) \u279c  kettle git:(main)\n",
        "AttributeError: 'Cup' object has no attribute 'lid'",
    ),
    "not a container's name before it": (
        "kettle-1   | ValueError: no lid\n",
        "ValueError: no lid",
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_whole(name: str) -> None:
    text, wanted = WHOLE[name]
    root = root_error(find_errors(text), text)
    assert root is not None
    assert text[root.start : root.end] == wanted


def test_a_line_that_announces_the_next_ones_error_is_none_of_its_own() -> None:
    text = "ERROR turn failed\nValueError: no lid\n\nERROR pump failed\n\nERROR cup failed"
    spans = find_errors(text)
    assert [span.chained for span in spans] == [True, False, False, False]


def test_the_cause_that_node_prints_below_an_error_is_the_root() -> None:
    text = (
        "TypeError: fetch failed\n    at node:internal/deps/undici/undici:12618:11\n"
        "    at async pour (/srv/kettle.js:3:5) {\n"
        "  [cause]: Error: connect ECONNREFUSED 127.0.0.1:11434\n"
        "      at TCPConnectWrap (node:net:1)\n"
    )
    spans = find_errors(text)
    root = root_error(spans, text)
    assert root is not None
    assert "ECONNREFUSED" in text[root.start : root.end]
    assert [span.chained for span in spans] == [True, False]


def test_a_retry_that_only_says_that_it_gave_up_is_not_the_error() -> None:
    text = (
        "Traceback (most recent call last):\n"
        "  File '/srv/a.py', line 1, in pour\nKeyError: 'lid'\n\n"
        "The above exception was the direct cause of the following exception:\n\n"
        'Traceback (most recent call last):\n  File "/srv/b.py", line 1, in retry\n'
        "tenacity.RetryError: RetryError[<Future at 0x7f state=finished raised KeyError>]\n"
    )
    spans = find_errors(text)
    root = root_error(spans, text)
    assert root is not None
    assert text[root.start : root.end] == "KeyError: 'lid'"
    assert [span.chained for span in spans] == [False, True]


@pytest.mark.parametrize(
    "line",
    [
        "Target: x86_64-unknown-linux-gnu",
        "configure.ac:9: installing 'build-aux/missing'",
        'export CFLAGS="-fsanitize=address,undefined -O0"',
        "100% tests passed, 0 tests failed out of 33",
        "12:03 < ana> that would be invalid anyway",
        "raise ValueError('no lid')",
    ],
)
def test_names_settings_source_and_chat_are_no_errors(line: str) -> None:
    assert all(span.weight < 0.45 for span in find_errors(line))


def test_frames_of_a_containers_log() -> None:
    text = (
        "kettle-1  | Traceback (most recent call last):\n"
        'kettle-1  |   File "/srv/pump.py", line 8, in start\n'
        "kettle-1  |     self.flow[0]\n"
        "kettle-1  | IndexError: list index out of range\n"
    )
    (span,) = find_errors(text)
    assert span.frames == ('File "/srv/pump.py", line 8, in start',)


@pytest.mark.parametrize("line", ["> No problem, I will look at it tomorrow", "> No lid left"])
def test_a_quoted_no_is_no_error_of_a_build(line: str) -> None:
    assert find_errors(line) == []


def test_a_traceback_in_one_line_ends_with_its_error() -> None:
    text = (
        'Traceback (most recent call last): File "/srv/tea.py", line 4, in pour lid.open()'
        ' File "/srv/lid.py", line 9, in open raise LidError("x") tea.LidError: the lid is fastened'
    )
    [span] = find_errors(text)
    assert text[span.start : span.end] == "tea.LidError: the lid is fastened"


@pytest.mark.parametrize(
    "line",
    [
        "tea.LidError: the lid that was found on the pot has no attribute called 'fasten_wit>",
        '    "(2) is not a valid lid for a pot, "',
        '    f"invalid lid: {lid}"',
        'error_msg = f"pouring failed: {lid}"',
    ],
)
def test_what_a_pager_cut_and_pieces_of_source_are_no_error(line: str) -> None:
    assert not find_errors(line)


@pytest.mark.parametrize(
    "following", ["--- stdout ---", ">>> exit()", "[GIN] 2026/01/02 | 500 |", "pot-1  |"]
)
def test_an_error_ends_where_other_output_begins(following: str) -> None:
    line = "KettleError: the lid of the second pot has no attribute called 'spout_of_the_pot'"
    [span] = find_errors(f"{line}\n{following}")
    assert span.end == len(line)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (
            '水壶报错 Error: 400 {"detail": "壶盖不存在，请检查。"}',
            'Error: 400 {"detail": "壶盖不存在，请检查。"}',
        ),
        ("error：the lid is fastened", "error：the lid is fastened"),
        ("Voici ce que je vois : ✕ [API Error: no lid]", "[API Error: no lid]"),
        ("               ^ Unresolved reference: lid", "Unresolved reference: lid"),
    ],
)
def test_an_error_within_words_of_another_language_or_behind_a_sign(line: str, error: str) -> None:
    (span,) = find_errors(line)
    assert line[span.start : span.end] == error


def test_how_many_errors_there_were_is_none() -> None:
    assert find_errors("65 connection errors in one pour", floor=0.45) == []
    assert find_errors("2 validation errors for Kettle", floor=0.45)
