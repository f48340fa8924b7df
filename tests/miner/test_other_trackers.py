"""Threads as trackers of other kinds have them: desktop programs, Android, Rust, Go, C++, Electron,
gateways. What is the error, and what it is called.
"""

from __future__ import annotations

import pytest

from kb.models import Mention
from miner.detect import detect
from miner.detect.shapes import CHANGE, COMMIT, is_setting
from tests.miner.test_detect import primary, thread


def counted(found: list[Mention]) -> list[str]:
    return [mention.raw for mention in found if mention.counted]


@pytest.mark.parametrize(
    ("title", "kind", "body"),
    [
        ("fix: wrap the unhandled rejection of the pump", "pull", "Closes #4."),
        ("Handle a crash of the lid when the kettle is empty", "pull", "As discussed."),
        ("gui: Fix wrong error colour of the lid", "pull", "It was red."),
        ("refactor(valve)!: remove invalid states", "issue", "To do after the release."),
        ('The button "Pour and close" is too wide', "issue", 'The label "Pour and close" is cut.'),
        ("Handlers for uncaught exceptions",
         "issue", "Unhandled exceptions/rejections in the pump can end the program."),
        ("Empty message", "issue", 'When I pour, a window opens that only says "error: ".'),
        ("Labels cannot be translated",
         "issue", "### Versions\n\n```\n    Kettle.Desktop 5.0.5 [C:\\Kettle\\5.0.5]\n"
         "    Kettle.Desktop 6.0.1 [C:\\Kettle\\6.0.1]\n```\n\nThe labels stay in English."),
        ("All PluginErrors answer with 200",
         "issue", "I found that the pump answers with 200 where it should not. The status is the"
         " same for every PluginError"),
        ("Slow on a Mac", "issue", "```\nClang version: Could not collect\n```"),
        ("The agent stops",
         "issue", "```\nERROR kettle.agents - Error in _pour_task\n```"),
        ("Pods that are not ready are not seen",
         "issue", '```\npump-659c pump {"level":"info","ts":1.5,"msg":"1 pods that are not ready,'
         ' all must be ready before it can go on"}\n```'),
        ("Feature: errors in red",
         "issue", "Please show such lines in red, e.g. `ERROR: pump failed`, to find them."),
        ("Kettle on a new computer",
         "issue", "Error when installing the kettle via pip install kettle\n\nWhat can I do?"),
        ("Release 1.2", "issue", "## Changes\n- Fix: error when the lid is missing\n- Bigger cups"),
        ("Small cups", "issue", "```\nOS: Linux\nError reporting: enabled\nTimeout: 30\n```"),
        ("fix: a pump that loses power",
         "pull", "## Test plan\n- [ ] Pull the plug: no `Error: read ECONNRESET` in the log\n"
         "- [ ] It goes on"),
        ("Lids that are none", "pull",
         "1. Start with `lid: none`, expect `ValueError: lid must not be none`."),
        ("Better words for a missing lid",
         "issue", "Without a lid the program prints `Error: lid is undefined`.\n\n"
         "**Describe the solution you'd like**\nName the file."),
        ("Kettle 2.4", "issue", "### Fixed\n- `TypeError: lid is not a function` on start"),
        ("My settings", "issue", "```yaml\npump:\n  on_error: retry\n  max_errors: 5\n```"),
        ("Logs for machines",
         "issue", "Logs like `ERROR pump failed` are hard to read for a machine."),
        ("Guide for those who pour",
         "issue", "If the pour fails, rinse. If you see `lid.h: No such file or directory`, get a"
         " lid. Add this to the guide."),
        ("Typo in a message", "issue", "It says `Could not conect to the pump`."),
        ("Drop the oldest kettles",
         "issue", "`TypeError: 'lid' object is not subscriptable` is what they would see."),
        ("A processor that works",
         "issue", "```\nVulnerability Steam data: Unknown: Dependent on kettle status\n```"),
        ("Look into the API errors",
         "issue", "Review the API errors that give a 400 response code and write tickets."),
    ],
)  # fmt: skip
def test_no_error(title: str, kind: str, body: str) -> None:
    assert counted(detect(thread(title, body, kind=kind))) == []


RUST_BUILD = """```console
error: failed to run custom build command for `kettle-sys v0.4.1 (/srv/kettle-sys)`

Caused by:
  process didn't exit successfully: `/srv/target/build/kettle-sys-1f/build-script-build` (exit status: 101)
  --- stderr
  thread 'main' panicked at build.rs:41:9:
  called `Result::unwrap()` on an `Err` value: "the lid of kettle.toml is missing"
  note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
```"""  # noqa: E501
ANDROID = """```
E AndroidRuntime: FATAL EXCEPTION: main
E AndroidRuntime: Process: org.kettle, PID: 4711
java.lang.RuntimeException: Unable to start activity ComponentInfo{org.kettle/org.kettle.Main}: \
java.lang.NullPointerException: Attempt to invoke virtual method 'void org.kettle.Lid.open()' \
on a null object reference
\tat android.app.ActivityThread.performLaunchActivity(ActivityThread.java:2416)
\tat android.os.Looper.loop(Looper.java:148)
Caused by: java.lang.NullPointerException: Attempt to invoke virtual method \
'void org.kettle.Lid.open()' on a null object reference
\tat org.kettle.Main.onCreate(Main.java:31)
```"""
GO = """```
panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x28 pc=0x47d1f0]

goroutine 1 [running]:
sync.(*Once).Do(0xc00009a000)
\t/usr/local/go/src/sync/once.go:40 +0x1d
example.org/kettle/valve.(*Valve).Open(0x0)
\t/home/ann/kettle/valve/valve_linux.go:52 +0x1d
main.main()
\t/home/ann/kettle/main.go:9 +0x25
exit status 2
```"""
GDB = """```
[Thread 0x7ffff (LWP 9) exited]
Thread 1 "kettle-qt" received signal SIGSEGV, Segmentation fault.
0x00007ffff7a1 in ?? () from /lib/x86_64-linux-gnu/libQt5Core.so.5
(gdb) where
#0  0x00007ffff7a1 in ?? () from /lib/x86_64-linux-gnu/libQt5Core.so.5
#1  0x00005555557a in PourPage::setKettle(Kettle*) ()
#2  0x00005555556b in KettleView::KettleView(Kettle*) ()
```"""
LLDB = """```
Process 4711 stopped
* thread #3, name = 'pump.0', stop reason = EXC_BAD_ACCESS (code=1, address=0x0)
    frame #0: 0x0000000100 kettle-qt`PumpController::start(this=0x0000) at pumpcontroller.cpp:96:36
-> 96  \t        std::string name = pump->getName();
Target 0: (kettle-qt) stopped.
```"""
RICH = """```
╭──────────────────── Traceback (most recent call last) ─────────────────────╮
│ /home/ann/kettle/src/kettle/pour.py:41 in pour_cup                         │
│                                                                            │
│   40 │   │   # the lid may be gone                                         │
│ ❱ 41 │   │   raise LidError("no lid")                                      │
│                                                                            │
╰────────────────────────────────────────────────────────────────────────────╯
AttributeError: 'NoneType' object has no attribute 'flow'
```"""
COMPOSE = """```
agent-1  | Traceback (most recent call last):
agent-1  |   File "/app/kettle/pour.py", line 41, in pour_cup
agent-1  |     return lid.open()
agent-1  | AttributeError: 'NoneType' object has no attribute 'open'
agent-1 exited with code 1
```"""
GRADLE = """```
FAILURE: Build failed with an exception.

* What went wrong:
Execution failed for task ':app:compileKettleDebug'.
> Could not resolve com.teapot.lids.
  Required by:
      project :app

BUILD FAILED in 23s
Exception: Gradle task assembleDebug failed with exit code 1
```"""
FLUTTER = """```
[   +1 ms]      at org.gradle.api.internal.Tasks.run(Tasks.java:57)
[        ] FAILURE: Build failed with an exception.
[        ] > Plugin with id 'com.teapot.lids' not found.
```"""
ELIXIR = """```
** (KettleError) the lid of the kettle is fastened
    (kettle 0.3.1) lib/kettle/pour.ex:41: Kettle.Pour.cup/2
```"""
RUBY = """```
/srv/kettle/lib/pour.rb:41:in `cup': undefined method `open_lid' for nil:NilClass (NoMethodError)
\tfrom bin/kettle:7:in `<main>'
```"""
KLOG = """```
I0408 12:20:31.275330       1 request.go:655] Throttling request took 1.04s
E0408 12:20:33.275330       1 reflector.go:138] Failed to watch the kettle: its lid is fastened
{"level":"info","ts":161.2,"msg":"done"}
```"""
KOTLIN = """```
e: file:///srv/Pour.kt:41:9 Unresolved reference: openLid

FAILURE: Build failed with an exception.
```"""
KERNEL = """```
[ 1234.567990] kettle 0000:01:00.0: BUG: the lid of the kettle is fastened
```"""
POSTGRES = """```
2026-01-05 10:22:33.123 UTC [41] FATAL:  the lid of database "tea" is fastened
```"""
NGINX = """```
2026/01/05 10:22:33 [error] 7#7: *12 the upstream closed the lid of the kettle too early
```"""
DYLD = """```
Exception Type:        EXC_CRASH (SIGABRT)
Dyld Error Message:
  Library not loaded: @rpath/libkettle.dylib
  Reason: image not found
```"""
HEADLINE = """```
INFO pouring
ERROR turn failed
ERROR teapots.APIError: the valve of cup 4 is stuck: no steam
```"""
SQL = """```
ERROR:  relation "kettles" does not exist
LINE 1: select * from kettles
```"""
SKIPPED = """```
Error: File /srv/kettle/NOTES.md does not exist. Skipping.
Kettle 0.7
Unable to pour the cup: the valve of the pump is stuck
```"""
TWO_LINES = """```
Fatal Exception: java.lang.NullPointerException
Attempt to invoke virtual method 'void org.kettle.Lid.open()' on a null object reference
```"""


@pytest.mark.parametrize(
    ("body", "text", "frame"),
    [
        (RUST_BUILD, "the lid of kettle.toml is missing", None),
        (ANDROID, "attempt to invoke virtual method void org.kettle.lid.open() on a null object"
         " reference", "main.java:oncreate"),
        (GO, "invalid memory address or nil pointer dereference", "valve_linux.go"),
        (GDB, "SIGSEGV, segmentation fault", "pourpage::setkettle"),
        (LLDB, "EXC_BAD_ACCESS (code=1, address=0x0)",
         "pumpcontroller.cpp:pumpcontroller::start"),
        (RICH, "NoneType object has no attribute flow", "pour.py:pour_cup"),
        (COMPOSE, "NoneType object has no attribute open", "pour.py:pour_cup"),
        (GRADLE, "could not resolve com.teapot.lids", None),
        (FLUTTER, "plugin with id com.teapot.lids not found", None),
        (ELIXIR, "the lid of the kettle is fastened", None),
        (RUBY, "undefined method open_lid for nil:NilClass (NoMethodError)", None),
        (KLOG, "its lid is fastened", None),
        (KOTLIN, "unresolved reference: openLid", None),
        (KERNEL, "kettle <n>:<n>:<n>: bug: the lid of the kettle is fastened", None),
        (POSTGRES, "the lid of database tea is fastened", None),
        (NGINX, "the upstream closed the lid of the kettle too early", None),
        (DYLD, "library not loaded: libkettle.dylib", None),
        (HEADLINE, "the valve of cup <n> is stuck: no steam", None),
        (SQL, "relation kettles does not exist", None),
        (SKIPPED, "the valve of the pump is stuck", None),
        (TWO_LINES, "attempt to invoke virtual method void org.kettle.lid.open() on a null object"
         " reference", None),
    ],
    ids=["rust build", "android", "go", "gdb", "lldb", "rich", "compose", "gradle", "flutter",
         "elixir", "ruby", "klog", "kotlin", "kernel",
         "postgres", "nginx", "dyld", "headline", "sql", "skipped", "two lines"],
)  # fmt: skip
def test_error_and_place(body: str, text: str, frame: str | None) -> None:
    main = primary(detect(thread("Does not start any more", body)))
    assert main.counted
    assert main.signature.text == text
    place = main.signature.place
    assert frame is None or (place is not None and place.startswith(frame + "|"))


def test_no_panic_of_another_program_without_its_place() -> None:
    """The trace's note on the signal is no part of the message: else it would be no generic one."""
    one, other = (
        primary(detect(thread("Crash", body))).signature.place
        for body in (GO, GO.replace("valve_linux.go:52", "spout.go:7"))
    )
    assert one != other


def test_a_bare_crash_is_its_own_threads() -> None:
    main = primary(detect(thread("Crash", "```\nSegmentation fault (core dumped)\n```")))
    assert main.signature.place == "|demo/kettle|1|"
    main = primary(
        detect(
            thread(
                "Crash", "```\n./run: line 12:  4711 Segmentation fault  (core dumped) pour\n```"
            )
        )
    )
    assert main.signature.place == "|demo/kettle|1|"


def test_the_next_record_of_a_log_is_no_rest_of_the_message() -> None:
    body = (
        "```\nTypeError: can't multiply sequence by non-int of type 'float'\n"
        "kettle-1  | 2026-05-25 21:03:11 | DEBUG | pump:fill:3 - taking the lid off\n```"
    )
    main = primary(detect(thread("Filling fails", body)))
    assert main.raw == "TypeError: can't multiply sequence by non-int of type 'float'"


def test_an_error_at_the_end_of_a_sentence_begins_behind_it() -> None:
    body = (
        "When the kettle is filled with the pump of an old house, it ends with `LidError: no lid`."
    )
    assert primary(detect(thread("Filling fails", body))).raw == "LidError: no lid"


def test_a_missing_header_names_the_failure() -> None:
    body = (
        "```\nsrc/pump_test.cpp:5:37: fatal error: kettle/lid.hpp: No such file or directory\n```"
    )
    assert primary(detect(thread("Build fails", body))).signature.place == "|||kettle/lid.hpp"


def test_quoted_log_is_no_prompt() -> None:
    body = "It says:\n\n> [ 25%] Built target\n> pump.cpp:25:26: 致命错误：lid.h：没有那个文件\n"
    assert primary(detect(thread("Build fails", body))).raw.endswith(
        "致命错误：lid.h：没有那个文件"
    )


def test_settings_and_changes() -> None:
    assert is_setting("Target: x86_64-unknown-linux-gnu")
    assert not is_setting("Error: ENOENT")
    assert CHANGE.match("Add two tests")
    assert not COMMIT.match("Add two tests")
    assert not CHANGE.match("Error: spawn kettle ENOENT")


@pytest.mark.parametrize(
    ("title", "error"),
    [
        ("TypeError: the lid of the kettle is no lid when opening the settings",
         "TypeError: the lid of the kettle is no lid"),
        ('"Error: the pump has terminated: out of water" while having two full tanks',
         "Error: the pump has terminated: out of water"),
        ("[Bug]: Object reference not set to an instance of an object when saving a snippet",
         "Object reference not set to an instance of an object"),
        ("Error: the lid closed early while reading the cup from upstream",
         "Error: the lid closed early while reading the cup from upstream"),
        ("Error in pour(lid) : there is no kettle of this name",
         "Error in pour(lid) : there is no kettle of this name"),
    ],
)  # fmt: skip
def test_a_title_without_what_its_author_was_doing(title: str, error: str) -> None:
    main = primary(detect(thread(title, "Since the last release.")))
    assert main.raw == error
    assert main.counted


def test_a_bare_class_does_not_replace_the_title() -> None:
    title = "ValidationError: 1 validation error for Kettle"
    main = primary(detect(thread(title, "I get a ValidationError\n\nfor each kettle.")))
    assert main.raw == title


def test_lua_names_the_function_and_its_trace_is_no_part_of_the_message() -> None:
    body = (
        "```\nError executing Lua callback: ...nvim/lazy/tea.nvim/lua/tea/pot.lua:44: attempt to"
        " index field 'lid' (a nil value)\nstack traceback:\n"
        "\t...are/nvim/lazy/tea.nvim/lua/tea/pot.lua:44: in function 'pour'\n"
        "\t[C]: in function 'pcall'\n```"
    )
    signature = primary(detect(thread("No tea", body))).signature
    assert signature.text == "attempt to index field lid (a nil value)"
    assert signature.place == "pot.lua:pour|demo/kettle||"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("Action: kettle.pour\nError type: 500\nError Message: The pot is stopped.\n\nOS: darwin",
         "the pot is stopped"),
        ("```\nMCP error -32603: MCP error -32603: Error calling tool pour: MCP error -32001: The"
         " kettle timed out\n```", "mcp error -32001: the kettle timed out"),
        ("It says that command 'kettle.pourTea' not found when I press the button.",
         "command kettle.pourTea not found"),
    ],
)  # fmt: skip
def test_forms_and_wrappers_of_editors(body: str, error: str) -> None:
    assert primary(detect(thread("No tea", body))).signature.text == error


def test_a_class_behind_words_of_another_script_begins_the_error() -> None:
    found = detect(thread("运行python3 pour.py 报错TeaError: the pot has no lid", "如题"))
    assert primary(found).raw == "TeaError: the pot has no lid"
