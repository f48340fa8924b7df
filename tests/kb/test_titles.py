"""Titles that people can read, from the fields of a signature."""

from __future__ import annotations

import pytest

from kb.models import Signature
from kb.notes.subjects import subjects, when_told
from kb.notes.titles import fitted, marks_of, names_of, told_in
from kb.notes.written import plain_title
from kb.signature import sign
from kb.signature.title import WIDTH, title_of
from tests.support.growth import assert_linear, calls


def test_provider_status_and_message() -> None:
    raw = '401 {"error":{"message":"User not found.","code":401}} https://openrouter.ai/api/v1'
    assert title_of(sign(raw)) == "OpenRouter 401: User not found"


def test_the_status_is_said_once() -> None:
    assert title_of(sign("HTTP 429: Too Many Requests")) == "429: Too many requests"
    assert (
        title_of(sign("HTTP 429: Too Many Requests"), "HTTP 429: Too Many Requests")
        == "429: Too Many Requests"
    )


def test_a_class_and_a_code_keep_their_letters() -> None:
    assert title_of(sign("Error: spawn npx ENOENT")) == "spawn npx ENOENT"


def test_the_letters_are_those_of_a_real_form() -> None:
    raw = "MCP error -32000: Connection closed"
    assert title_of(sign(raw), raw) == "MCP error -32000: Connection closed"
    raw = "cudaMalloc failed: out of memory"
    assert title_of(sign(raw), raw) == raw


def test_a_long_message_is_cut_at_a_word() -> None:
    title = title_of(Signature(text="word " * 60 + "end", fingerprint="v1:0"))
    assert title.endswith("word…")
    assert len(title) <= WIDTH + 1


@pytest.mark.parametrize(
    ("title", "forms", "made"),
    [("", ["Error: no tea\n  at pour"], "Error: no tea"), ("", [], ""), ("Error:", [], "Error")],
)
def test_an_entry_that_has_no_title_yet_has_that_of_its_form(
    title: str, forms: list[str], made: str
) -> None:
    assert plain_title(title, forms) == made


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("1 validation error for Kettle\nlid\n  Input should be a valid string [type=string_type]",
         "Validation error for Kettle lid. Input should be a valid string"),
        ("ImportError: cannot import name 'Lid' from 'kettles' (/srv/kettles/__init__.py)",
         "Cannot import name Lid from kettles"),
        ("ERROR: cannot pour (/srv/kettle/b.py)**", "Cannot pour"),
        ("The kettle is cold. You passed a pot. Pour you passed, then wait",
         "The kettle is cold. You passed a pot. Pour you passed, then wait"),
        ("The limit of the kettle (https://tea.example.com/limits) is reached, pour later",
         "The limit of the kettle is reached, pour later"),
        ("This pot is only supported in v1/pots /v1/lids and not here",
         "This pot is only supported in … and not here"),
        ("AttributeError: 'str' object has no attribute 'pour_all_cups'",
         "str object has no attribute pour_all_cups"),
        ("error KT2039: 'spout': is not a part of 'kettle'", "spout: is not a part of kettle"),
        ("ValueError: Create pot P1 error, kind: teapot, error: Unable to fill the pot with tea",
         "Create pot P1 error, kind: teapot, error: Unable to fill the pot with tea"),
        ("tea.run - ERROR - Command failed with exit code 1: /opt/tea/bin/pour -m pot install lid",
         "Command failed with exit code 1: … -m pot install lid"),
        ("kettle_utils:193 - ERROR - File not found: /srv/pots/lids.yaml",
         "File not found: pots/lids.yaml"),
        ("Error pouring by query: SELECT lid FROM pots WHERE spout is not a part of it",
         "Error pouring by query: SELECT lid FROM pots WHERE spout is not a part of it"),
        ("the kettle knows no lid called 'tea'          | 1/37 [00:00<00:25,  1.42lid/s]",
         "The kettle knows no lid called tea"),
        ("(tea) ➜  pots git:(main) pour lid ERROR: the lid is fastened to it (tea) ➜  pots",
         "The lid is fastened to it"),
        ("kettle.PourError: could not reach the host 'tea': Temporary failure in name resolution",
         "Could not reach the host tea: Temporary failure in name resolution"),
        ("E 12 12] lid_worker.cc:496: The kettle does not know the spout",
         "The kettle does not know the spout"),
        ("![500 The spout is not there](https://kettle.example/a(1).png)",
         "500: The spout is not there"),
        ("[pots.sh](javascript:void(0);): line 14: pour: command not found",
         "pour: command not found"),
        ("#9 3.037 ModuleNotFoundError: No module named 'kettles'", "No module named kettles"),
        ("**KettleError: the lid is fastened to the pot**", "The lid is fastened to the pot"),
        ("ERROR 1234 (28000): Access denied for user 'ana'@'kettle.example' (using password: YES)",
         "Access denied for user … (using password: YES)"),
        ('kettle.db.OperationalError: (1234, "Unknown database \'tea\'")', "Unknown database tea"),
        ("[2026-01-02 03:04:05,678: ERROR/MainProcess] Task tea.pour[1-2] raised unexpected:"
         " KettleError('the lid is fastened')", "The lid is fastened"),
        ("dyld[4711]: Library not loaded: @rpath/libkettle.9.dylib",
         "Library not loaded: libkettle.9.dylib"),
        ("2026/01/02 03:04:05 [error] 31#31: *7 connect() failed (111: Connection refused) while"
         ' pouring, client: 10.0.0.7, server: _, request: "GET / HTTP/1.1", host: "tea"',
         "connect() failed (111: Connection refused) while pouring"),
        ("PHP Warning:  Undefined array key \"lid\" in /srv/tea/pot.php on line 88",
         "Undefined array key lid"),
        ("Could not load file or assembly 'Tea.Lids, Version=4.2.0.0, Culture=neutral,"
         " PublicKeyToken=null'.", "Could not load file or assembly Tea.Lids"),
        ("error: builder for '/nix/store/0abc3k2l9m8n7p6q5r4s3t2v1w0x9y8z-kettle-1.4.drv' failed",
         "Builder for kettle failed"),
        ("Job aborted due to stage failure: Task 3 in stage 7.0 failed 4 times, most recent"
         " failure: Lost task 3.3 in stage 7.0 (TID 41) (10.0.0.7 executor 6):"
         " org.tea.PourException: the kettle was empty at once", "The kettle was empty at once"),
        ("java.lang.NoSuchMethodError: 'org.tea.Lid org.tea.Lids.open(java.lang.String)'",
         "java.lang.NoSuchMethodError: org.tea.Lid org.tea.Lids.open"),
        ("The file Letter of Ana Kettle.docx could not be read at all", "The file … could not be"),
        ("Request to /teas/cups?user_id=ana-kettle went wrong at last", "Request to … went wrong"),
        ("unsupported operand type(s) for +: 'Lid' and 'Cup' occurred when I tried to pour",
         "Unsupported operand type(s) for +: Lid and Cup"),
        ("Timed out while waiting for the lid. Waited 30s", "Timed out while waiting for the lid"),
        ("UnicodeDecodeError: 'kettle' codec can't decode: no lid", "kettle codec can't decode"),
        ("Error code: 307 - {'lid': None}", "Error code: 307"),
        ("Error code: 503", "Error code: 503"),
        ("openai not installed. Please install it with pip", "Openai not installed"),
        ("gpt-4.1-mini does not support lids", "The model does not support lids"),
        ("Error: You are not logged in", "You are not logged in"),
        ("AttributeError: 'NoneType' object has no attribute 'on'",
         "NoneType object has no attribute on"),
        ("messages.7: every `lid` must follow its pot immediately after: lid_01Ab, lid_02Cd",
         "Every lid must follow its pot"),
        ("mär 15 11:39:07 kitchen kettled[4711]: the lid is fastened to the pot",
         "The lid is fastened to the pot"),
        ("API Error (Pouring took too long.) · Retrying in 4 seconds… (attempt 4/10)",
         "Pouring took too long"),
        ("Sorry, I encountered an error (LidError). the lid is fastened to the pot"
         " Try again or use /reset", "The lid is fastened to the pot"),
        ("[Kettle Error]: Error pouring from https://tea.example/v1: [400 Bad Request] * The lid"
         " is fastened to the pot", "400: The lid is fastened to the pot"),
        ("the lid grew from 404 to 17133 cups while pouring",
         "The lid grew from N to N cups while pouring"),
        ("panic(main thread): the lid is fastened to the pot\noh no: Kettle has crashed. This is",
         "The lid is fastened to the pot"),
        ("今天两次出现以下报错：the kettle disconnected before completion of the pour",
         "The kettle disconnected before completion of the pour"),
        ("API Error (503 upstream connect error or disconnect/reset before headers. reset reason:"
         " connection termination) · Retrying in 4 seconds…",
         "503: Upstream connect error or disconnect/reset before headers"),
        ("could not connect error after all", "Could not connect error after all"),
        ("Error: Kettle exited with an error. This is often caused by: a lid",
         "Kettle exited with an error"),
        ("Cup: HelloC:\\tea\\pot.cpp:6078: GGML_ASSERT(pot_holds(lid)) failed",
         "GGML_ASSERT(pot_holds(lid)) failed"),
        ("terminate called after throwing an instance of 'tea::LidError'\n"
         "  what():  the lid is fastened to the pot", "The lid is fastened to the pot"),
        ("Problem in node 'Tea Agent' the lid is fastened to the pot",
         "The lid is fastened to the pot"),
        ('{"errorMessage": "Bad request - please check your parameters", "errorDetails":'
         ' {"rawErrorMessage": ["the lid is fastened to the pot"]}}',
         "The lid is fastened to the pot"),
    ],
)  # fmt: skip
def test_titles_are_what_a_person_would_type(raw: str, title: str) -> None:
    assert title_of(sign(raw), raw).startswith(title)
    assert "…" not in title_of(sign(raw), raw) or "…" in title
    assert not title_of(sign(raw), raw).startswith("N ")


def test_a_long_title_leaves_no_bracket_open() -> None:
    raw = f"The kettle could not be poured into the cup {'x' * 30} (caused by {'a lid ' * 20})"
    assert title_of(sign(raw), raw).endswith("x")


@pytest.mark.parametrize("message", ["User is not logged in", "Wrong option passed to"])
def test_a_message_that_ends_in_a_preposition_is_whole(message: str) -> None:
    assert title_of(sign(message), message) == message


def test_nothing_at_all_has_a_title_too() -> None:
    assert title_of(sign("")) == "Unnamed error"


_LID = "BrewError: 'tea' object has no lid"
_CUPS = "Got 9 cups: too many of them"


@pytest.mark.parametrize(
    ("title", "forms", "shown"),
    [
        ("Got N, not N", ["got 2, not 9", "Got 2, not 9"], "Got 2, not 9"),
        ("Got N, not N", ["got 2, not 9", "got 2, not 8"], "Got 2, not N"),
        ("Kettle not installed", ["`kettle` not installed"], "'kettle' not installed"),
        ("No tea in a/pot.tea", ["No tea in 'a/p\n  ot.tea'"], "No tea in 'a/pot.tea'"),
        ("No tea in …", [], "No tea in …"),
        ("Tea object has no lid", ["x.BrewError: 'tea' object has no lid"], _LID),
        ("Unknown tea: …", ["unknown tea: 'oolong'", "unknown tea: sencha"], "Unknown tea"),
        (
            "AcmeAI 400: No lid for …",
            ["400 {'e': 'no lid for \\'pot\\''}"],
            "AcmeAI 400: No lid for …",
        ),
        ("Got N cups: too many of them. You…", ["got 9 cups: too many of them. You may"], _CUPS),
        ("Lost lid (p.py:<lambda> in ann/tea)", ["lost lid"], "Lost lid"),
        ("Lost lid (ann/tea#7)", ["lost lid"], "Lost lid"),
        ("No reply came to the request. Waited", [], "No reply came to the request"),
        ("It takes one lid but two were given", [], "It takes one lid but two were given"),
        ("KettleError: Lid' is not fully defined", [], "KettleError: Lid is not fully defined"),
        ("No pot: File 'Letter of", [], "No pot: File Letter of …"),
        ("'Lids' object has no 'pot'", [], "'Lids' object has no 'pot'"),
        ("Name all_lids' is not defined", [], "Name all_lids is not defined"),
        ("… is empty", ["Pot is empty", "Cup is empty"], "… is empty"),
        ("… is empty", ["tea:pot is empty"], "… is empty"),
        ("… is empty", ["model Pot is empty"], "… is empty"),
        ("SELECT tea FROM kettle(pot", [], "SELECT tea FROM kettle"),
        ("This lid needs a pot; Found one of version", [], "This lid needs a pot"),
        ("The lid is out of reach. Tried to allocate", [], "The lid is out of reach"),
        ("tea.pot.lids.LidError: no lid", [], "LidError: no lid"),
        ("401: tea.pot.<locals>.lid_lost: HTTP Error 401: no lid", [], "401: lid_lost: no lid"),
        ("403: No lid for the pot (http 403)", [], "403: No lid for the pot"),
        ("404: The lid is gone, status=404", [], "404: The lid is gone"),
        ("400: No lid on the pot: HTTP 400", [], "400: No lid on the pot"),
        ("No such lid as spout. Did you mean: 'pot', 'cup'", [], "No such lid as spout"),
        *((title, [], title) for title in (
            "503: No available lids: only pots are left",
            "The lid of spout is not a valid lid: it leaks",
            "404: The pot said HTTP 404 for a lid",
        )),
        ("No such lid as spout; valid lids: pot, cup", [], "No such lid as spout"),
        ("Bad lid \\H at place N", ["re.error: bad lid \\H at place 7"],
         "re.error: bad lid \\H at place 7"),
        ("No lid is there", ["x: <b>LidError</b>:no lid is there"], "LidError: no lid is there"),
        ("kettle: not found", ["sh: 1: /tmp/pip-build-env-x1y2z3/lib/kettle: not found"],
         "pip-build-env-…/kettle: not found"),
        ('404: "pot" and "lid"', [], '404: "pot" and "lid"'),
        ("org.tea.LidError", [], "org.tea.LidError"),
        ("It holds {self.cups", [], "It holds {self.cups"),
        ("unsupported operand for |: lid and pot", [], "unsupported operand for |: lid and pot"),
        ("Got <class Lid", ["got <class 'Lid'>"], "Got <class 'Lid'>"),
        ("Cannot pour the type: <class 'Lid", [], "Cannot pour the type: Lid"),
        ("'<' not supported between lid and pot", [], "'<' not supported between lid and pot"),
        ("lids cannot have keywords {'pot'", [], "lids cannot have keywords {'pot'"),
        ("No lid on … today", ["no lid on '/a/pot.yaml' today"], "No lid on '/a/pot.yaml' today"),
        ("No lid on … today", ["no lid on /home/[user]/a/pot.yaml today"], "No lid on /…/pot.yaml"
         " today"),
        ("No lid on … today", ["no lid on 0x7f3a1c2b today"], "No lid on … today"),
        ("Validation errors for Pot lid Field required", ["2 validation errors for Pot\nlid\n"
         " Field required"], "Validation errors for Pot: lid: Field required"),
        ("No lid is found here", ["x 'No lid is found 'here'"], "No lid is found 'here'"),
        ("Got N (d N), not N (d N)", ["got 2 (d 1), not 3 (d 0)"], "Got 2 (d 1), not 3 (d 0)"),
        ("No kettle at … today", ["no kettle at 84.23.11.5 today"], "No kettle at … today"),
        ("User … has no tea", ["user 'ann.smith' has no tea"], "User '…' has no tea"),
        ("Account … is out", ["account [e-mail] is out"], "Account […] is out"),
        ("Pot … is not there", ["pot 'https://x.example/ann' is not there"], "Pot '…' is not"
         " there"),
        ("The cup is not logged in", [], "The cup is not logged in"),
        ("Pot' is not full; fill 'Lid', then call 'Pot.refill", [], "Pot is not full; fill 'Lid',"
         " then call Pot.refill"),
        ("Lost[<lid at … state open>]", ["x.Lost: Lost[<lid at 0x7f3a1c2b state open>]"],
         "Lost[<lid at … state open>]"),
        ("Lids at N, then pots", ["lids at 4, then lids at 5"], "Lids at N, then pots"),
        ("Lids at N, then pots", ["lids at 4, then lids at 4"], "Lids at 4, then pots"),
        ("Void pour_tea(): Assertion lid failed", ["pot.c:7: void pour_tea(cup *, int): Assertion"
         " `lid' failed."], "pour_tea(): Assertion lid failed"),
        ("Auto pour_tea(): no lid", [], "pour_tea(): no lid"),
        ("int pot::pour(cup *): no lid", [], "pot::pour(cup *): no lid"),
        ("int argument(s): too many", [], "int argument(s): too many"),
        ("Auto pour (tea) is off", [], "Auto pour (tea) is off"),
        ("Lid must be [N] and not [N]", ["lid must be [1, 48] and not [1, 12]"],
         "Lid must be [1, 48] and not [1, 12]"),
        ("Lids do not fit (4, pot.py:pour in ann/tea)", [], "Lids do not fit"),
        ("Lost lid about", [], "Lost lid"),
        ("400: The lid must be ASCII, but got ◇ Otto [POT-3]: hello there", [],
         "400: The lid must be ASCII"),
        ("Lids must be alike, but got Round and Flat", [],
         "Lids must be alike, but got Round and Flat"),
        ("Too many lids: 24. Lids that fit are …", [], "Too many lids: 24"),
        ("_pour(): no lid is there", ["_pour(): no lid is there"], "_pour(): no lid is there"),
        ("Lost {lid", ["lost {lid} today"], "Lost {lid}"),
        ("No lid at URL http:// tea. example/ pots. Gz", [], "No lid"),
        ("HTTPConnectionPool(host=…, port=N): Max retries exceeded with url: …",
         ["HTTPConnectionPool(host='tea.example', port=7007): Max retries exceeded with url: /lid"],
         "HTTPConnectionPool(host='tea.example', port=7007): Max retries exceeded with url: /lid"),
        # a sign that the message is about; what tools print around it
        ("Unexpected token", ["Error: Unexpected token '}'", "Unexpected token '}'\nat pot"],
         "Unexpected token '}'"),
        ("Unexpected token", ["Unexpected token -", "Unexpected token +"], "Unexpected token"),
        ("Unexpected token", ["Unexpected token - see below"], "Unexpected token"),
        ("$ : no lid", ["pot.sh: line 2: $'\\r': no lid"], "$'\\r': no lid"),
        ("…(lid.o):lid.c:(.text+…): undefined reference to pour",
         ["/pot/libtea.a(lid.o):lid.c:(.text+0x5c): undefined reference to `pour'"],
         "Undefined reference to pour"),
        ("undefined is not a lid (evaluating pot.lid)",
         ["undefined is not a lid (evaluating 'pot.lid')"],
         "undefined is not a lid (evaluating 'pot.lid')"),
        ("Undefined symbols for tea: pour, referenced from: _main in pot.o",
         ['Undefined symbols for tea: "_pour", referenced from:\n_main in pot.o'],
         "Undefined symbols for tea: pour"),
        ("Received N (no tea) Lost. No lid at spout.; then sent N (no tea) Lost. No…",
         ["received 1007 (no tea) Lost. No lid at spout.; then sent 1007 (no tea) Lost. No lid"],
         "Received 1007 (no tea) Lost. No lid at spout"),
        ("The lid is | | lost", ["The lid is          |\n| lost"], "The lid is lost"),
        ("No lid for type Tea.ShelfN[Tea.Lid] here",
         ["No lid for type 'Tea.Shelf`1[Tea.Lid]' here"],
         "No lid for type 'Tea.Shelf`1[Tea.Lid]' here"),
        ("Can not open the tin at …", ['Can not open the tin at "C:\\Users\\[user]\\tin.dll"'],
         'Can not open the tin at "…\\tin.dll"'),
        ("The pot holds no more than … Tried to allocate … (…", ["The pot holds no more than"
         " 4GB! Tried to allocate 9 GiB (1 in use)"], "The pot holds no more than 4GB"),
        ("No such tea. Failed to read the cup: End of kettle pot_id", ["No such tea. Failed to read"
         " the cup: End of kettle pot_id=07000000ffffffff"],
         "No such tea. Failed to read the cup: End of kettle"),
        ("Unrecognized arguments: --pot-lid", ["unrecognized arguments: --pot-lid=http://tea:1"],
         "Unrecognized arguments: --pot-lid"),
        ("Lid == not compatible with pot in memory if(lid == pot.lid)",
         ["Error: Lid == not compatible with pot in memory\n   if(lid == pot.lid) {"],
         "Lid == not compatible with pot in memory"),
        ("Validation error for Pot lid Input should be a lid",
         ["1 validation error for Pot\nlid\n  Input should be a lid"],
         "Validation error for Pot: lid: Input should be a lid"),
        ("No version of the tea pot==… (from ver sions: …) ERROR: No match for pot==…",
         ["ERROR: No version of the tea pot==0.5 (from ver   sions: 0.8)    ERROR: No match for"
          " pot==0.5"], "No version of the tea pot==0.5"),
        ("No version of the tea pot==… (from versions: none)",
         ["ERROR: No version of the tea pot==0.5 (from versions: none)"],
         "No version of the tea pot==0.5 (from versions: none)"),
        ("POST brew: POST …: read tcp …->…: recv: the cup was closed",
         ['POST brew: Post "http://tea:1/pot": read tcp 127.0.0.1:32036->127.0.0.1:32034: recv:'
          " the cup was closed"], "recv: the cup was closed"),
        ("Error in file tea_demo.py An error occurred: POT_BASE",
         ["error in file tea_demo.py  An error occurred: 'POT_BASE'"],
         "tea_demo.py: An error occurred: 'POT_BASE'"),
        ("… has no file named tea.json. Checkout … for available files",
         ["/pots/red has no file named tea.json. Checkout 'https://tea/x' for available files"],
         "… has no file named tea.json"),
        ("The pot takes no two lids or cups (lids.N and lids.N). You should put the cups on the…",
         ["The pot takes no two lids or cups (lids.3 and lids.4). You should put the cups on the"
          " shelf in turn"], "The pot takes no two lids or cups (lids.3 and lids.4)"),
        ("POT_LIDS is not set in the file!Please copy the lid into it. For example a lid…",
         ["POT_LIDS is not set in the file!Please copy the lid into it. For example a lid is 1"],
         "POT_LIDS is not set in the file"),
        ("pour() of Pot … from … not allowed. Instead change the pour of tea in … to a call of lid",
         [f"pour() of Pot /home/[user]/node_modules/@acme/{'k' * 20}/pot.js from"
          " /home/[user]/node_modules/tea/cup.js not allowed. Instead change the pour of tea in"
          f" /home/[user]/{'kettle/' * 15}{'pot' * 14}.js to a call of lid"],
         f"pour() of Pot /…/@acme/{'k' * 20}/pot.js from /…/tea/cup.js not allowed"),
        ("… var m = lid.match(tea). ^. LidError: No more tea is in it",
         ["pot.js:9\n  var m = lid.match(tea);\n          ^\nLidError: No more tea is in it"],
         "LidError: No more tea is in it"),
        ("C test_tea.o …: error: lids of N from pot to cup [-Wlids] N | lid<tea, N> = {N",
         ["C test_tea.o   ../pot/test_tea.cpp:3:2: error: lids of 5 from pot to cup [-Wlids]  3 |"
          "   lid<tea, 4> = {8, 5};"], "lids of 5 from pot to cup [-Wlids]"),
        ("cargo:warning=…: fatal error: tea/lid.h file not found cargo:warning=#include <tea>",
         ["cargo:warning=/usr/tea.h:2:1: fatal error: 'tea/lid.h' file not found\n"
          "  cargo:warning=#include <tea>"], "'tea/lid.h' file not found"),
        ("TEA_LID cannot be called after TEA_POT m4/tea.m4:38: TEA_CUP is expanded from …",
         ["configure.ac:4: error: TEA_LID cannot be called after TEA_POT\n"
          "m4/tea.m4:38: TEA_CUP is expanded from..."], "TEA_LID cannot be called after TEA_POT"),
        ("The tea is not poured: <LidError: N, message=not enough tea for it.>",
         ["The tea is not poured: <LidError: 400, message='Not enough tea for it.'>"],
         "The tea is not poured: LidError: Not enough tea for it"),
        ("Lid green does not match any of the expected tags: <Lid.red: red>, <Lid.t: t>",
         ["Lid 'green' does not match any of the expected tags: <Lid.red: 'red'>, <Lid.t: 't'>"],
         "Lid 'green' does not match any of the expected tags"),
        ("Failed to reach the pot. Error", ["Failed to reach the pot. Error: [400]"],
         "Failed to reach the pot"),
        ("The cups have duplicate ids: tea_", ["The cups have duplicate ids: tea_}"],
         "The cups have duplicate ids"),
        ("POT error libtea.so", ["pot.hpp:107: POT error\nlibtea.so(+0x7d)[0x7d]"], "POT error"),
        ("Pouring to incomplete type ‘LID_POT", ["pouring to incomplete type ‘LID_POT {aka x}’"],
         "Pouring to incomplete type ‘LID_POT’"),
        ("NOTEA: no such tea", ["**pot error Could not read tea.json: Error: NOTEA: no such tea**"],
         "Could not read tea.json: NOTEA: no such tea"),
        ("The tea is cold", ["Failed to start: the tea is cold"], "The tea is cold"),
        ("NOTEA: no such tea", ["Could not read a.json: NOTEA: no such tea", "NOTEA: no such tea"],
         "NOTEA: no such tea"),
        ("No such tea is here", ["Unable to fill pot: no such tea is here"],
         "Unable to fill pot: no such tea is here"),
        ("Manifest for '@tea/pot' failed to load. Import … failed",
         ["error: Manifest for '@tea/pot' failed to load. Import 'https://tea/x/meta.js' failed."],
         "Manifest for '@tea/pot' failed to load"),
        ("The lid of the pot is on the cup by now", ["Failed to open the pot: the lid of the pot is"
         " on the cup by now"], "The lid of the pot is on the cup by now"),
    ],
)  # fmt: skip
def test_titles_are_what_the_forms_say(title: str, forms: list[str], shown: str) -> None:
    assert plain_title(title, forms) == shown


@pytest.mark.parametrize(
    ("where", "own", "shown"),
    [
        ("ann/tea", "", "tea"),
        ("ann/tea#7", "", "tea#7"),
        ("ann/agents#7", "", "ann/agents#7"),
        ("ann/big-tea-pot-of-the-kitchen", "", "big-tea-pot-of-the"),
        ("lid.py:pour in ann/tea", "pot.py:pour", "pot.py in tea"),
        ("4, lid.py:pour in ann/tea", "pot.py:pour", "pot.py in tea"),
        ("lid.py:pour in ann/tea", "__init__.py:pour", "pour in tea"),
        ("lid.py:pour in ann/tea", "tea.lids.pots:pour", "pour in tea"),
        ("lid.py:pour in ann/tea", "", "tea, lid.py"),
        ("_pot.py:pour in ann/tea", "", "tea"),
        ("utils.py:pour_out in ann/tea", "", "tea, pour_out"),
        ("utils.py:call in ann/tea", "", "tea"),
        ("index.js:pourout in ann/tea", "", "tea"),
        ("ottos_pot.py:main in ann/tea", "", "tea"),
    ],
)
def test_a_place_is_the_projects_where_its_own_trace_shows_it(
    where: str, own: str, shown: str
) -> None:
    assert marks_of("No lid", where, own, "")[0] == f" ({shown})"


def test_a_message_that_names_the_project_does_not_name_it_again() -> None:
    assert marks_of("The tea is cold", "ann/tea", "", "") == [""]
    assert marks_of("No teapot", "ann/tea", "", "") == [" (tea)"]
    assert marks_of("No lid", "ann/tea", "", "", [["OpenAI"]]) == [" (tea, OpenAI)", " (tea)"]
    assert marks_of("The tea is cold", "ann/tea", "", "", [["OpenAI"]]) == [" (OpenAI)", ""]


@pytest.mark.parametrize(
    ("forms", "shown"),
    [
        (["Cannot open '/srv/pot.yaml'"], "Cannot open '/srv/pot.yaml'"),
        (["Cannot open /home/[user]/tea/pot.yaml"], "Cannot open …/pot.yaml"),
        (["Cannot open pot.yaml", "Cannot open lid.yaml"], "Cannot open"),
        (
            ["Cannot open '/Users/ann/tea/node_modules/tea-pot/dist/Lid.js'"],
            "Cannot open '…/tea-pot/dist/Lid.js'",
        ),
        (["Cannot open after dinner"], "Cannot open"),
        (["Cannot open pots >= 3.35.0."], "Cannot open"),
        (["Cannot open >= 3.35.0."], "Cannot open >= 3.35.0"),
        (["Cannot open at 192.0.2.7"], "Cannot open"),
        (["Cannot open at 127.0.0.1"], "Cannot open at 127.0.0.1"),
        (["Cannot open 127.0.0.1:3000"], "Cannot open"),
        (["Cannot open version 4.10.0.84"], "Cannot open version 4.10.0.84"),
        (["Cannot open@^18.0.0."], "Cannot open@^18.0.0"),
    ],
)
def test_a_title_ends_in_the_value_that_all_forms_end_in(forms: list[str], shown: str) -> None:
    assert plain_title("Cannot open", forms) == shown


@pytest.mark.parametrize(
    "raw",
    [
        "TS2345: Argument of type 'string | undefined' is not assignable to type 'string'",
        "Type 'Pot | Lid' is missing the following properties",
        "TypeError: expected str | None, got int",
        "Property 'lid' does not exist on type 'Pot | Kettle'",
        "Kettle | Pot failed: tea | water",
        "Command failed: cat tea.txt | grep lid",
        "Invalid value for 'level': must be info | debug",
        "command 'npm run pour $ lid' failed",
        "Could not shift lid >>> 3 in a pot",
        "Lid must be | or nothing at all",
    ],
)
def test_an_ordinary_message_is_no_log(raw: str) -> None:
    """A bar, a dollar and three angles stand in types, choices, pipes and sums."""
    assert plain_title(raw) == plain_title(raw, [raw]) == raw


def test_the_package_stays_where_there_is_little_room() -> None:
    title = "Could not find a version that satisfies the requirement lid==1.2 (from versions: none)"
    assert fitted(names_of(title), 60) == "Could not find a version that satisfies … lid==1.2"


def test_a_gap_is_told_once_before_a_file_whose_folders_are_left_out() -> None:
    title = "Cannot find package '/a/b/c/PotLid.js' imported from /a/b/d/kettles/Fast.js"
    assert fitted(names_of(title), 40) == "Cannot find '…/PotLid.js' … Fast.js"
    assert fitted(names_of(title), 50) == "Cannot find '…/PotLid.js' imported from …/Fast.js"


def test_a_status_is_not_told_again_in_brackets() -> None:
    raw = "Error: the lid is not on the pot (status code: 404)"
    assert title_of(sign(raw), raw) == "404: The lid is not on the pot"


def test_a_form_of_repeated_words_is_aligned_with_little_work() -> None:
    assert_linear(
        lambda form: plain_title("lid … lid … lid … lid lid lid end", [form]), "lid ", 150
    )


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        (f"System.MissingMethodException: Method not found: 'Void {'Tea.Kettle.' * 24}Pour(Cup)'.",
         "Method not found: Void Tea.Kettle.Tea.Kettle.Tea.Kettle.Tea.Kettle.Tea.Kettle"),
        ("ValueError: An empty pot must be given for a pour (from spout",
         "An empty pot must be given for a pour"),
    ],
)  # fmt: skip
def test_what_is_cut_off_leaves_a_name_and_no_open_bracket(raw: str, title: str) -> None:
    found = title_of(sign(raw), raw)
    assert found.startswith(title)
    assert "(" not in found


def test_a_sentence_in_brackets_at_the_end_of_a_title_makes_room() -> None:
    name = 'Failed to open the pot "lid_0.wav" (No such file or directory)'
    assert fitted([name], 40) == 'Failed to open the pot "lid_0.wav"'


@pytest.mark.parametrize(
    ("titles", "asked", "found"),
    [
        (["TeaModel fails with ollama and .jpg files"], True, ["Ollama", "TeaModel"]),
        (["TeaModel fails with ollama"], False, ["TeaModel"]),
        (["Pour with ollama and groq"], True, []),
        (["Please help me, it failed"], True, []),
        (["V0.6 壶连接TeaCloud模型报错"], True, ["TeaCloud"]),
        (["Slow TeaPot of the kettle", "Two TeaPot lids, one `lid.pour`"], True, ["TeaPot"]),
        (["Running big-tea-7b", "Running Pot3-VL"], True, ["big-tea-7b and Pot3-VL"]),
        (["LidError in kettle.py with the kettle_lids"], True, []),
        (["Not a non-TeaPot one"], True, []),
        (["Lid is lost with ICU 75.1 and GCC 8.4"], True, ["ICU 75.1", "GCC 8.4"]),
        (
            ["It is lost on cpu, building the spout docker image"],
            True,
            ["CPU", "spout docker image"],
        ),
        (["Lost lid of the docker image on windows"], True, ["Windows"]),
        (["The pot with sliding windows is lost"], True, []),
        (["The plugin is lost, and some plugins leak when plugins brew"], True, []),
        (["Handle KeyboardInterrupt with the lid"], True, ["KeyboardInterrupt"]),
        (["No lid on python3.12, works with Python 3.11"], True, ["Python 3.12"]),
        (["Works in Go 1.21 and is lost in Go 1.22, unlike Java 8.0"], True, ["Go 1.22"]),
        (["Python 3.11 works but Python 3.12 is lost"], True, ["Python 3.12"]),
        (["Lost after the upgrade from Node 18.1 to Node 20.1"], True, ["Node 20.1"]),
        (["It works with groq, but TeaPot does not work with ollama"], True, ["Ollama", "TeaPot"]),
        (["Lost lid, fine on Windows"], True, []),
        (["No lid with oneapi 2024.2.1 in /lib/python3.12/lid"], True, ["oneAPI 2024.2.1"]),
    ],
)
def test_titles_tell_what_threads_are_about(
    titles: list[str], asked: bool, found: list[str]
) -> None:
    said, project = "LidError: the lid is open acme/kettle", "kettle"
    assert subjects(titles, said, project, asked=asked, main=True) == found


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("LidError when Brewing tea", "when brewing tea"),
        ("LidError while using `/pour`: no lid", "while using /pour"),
        ("No lid during tea time due to rust", "during tea time"),
        ("The kettle fails when the pot has a lid", "when the pot has a lid"),
        ("Issue compiling on OpenTea 6.7", "when compiling on OpenTea 6.7"),
        ("Error in pouring tea in cups", "when pouring tea in cups"),
        ("Brewing green tea fails with 7", "when brewing green tea"),
        ("No lid when calling pot.pour() twice", "when calling pot.pour() twice"),
        ("It fails when I pour", ""),
        ("No lid while the pot needs one", ""),
        ("The error during brewing is", ""),
        ("It fails when in old pots", ""),
        ("It fails even when brewing tea", ""),
        ("It fails when run kettle windows", ""),
        ("It fails when the pot; the lid", ""),
        ("Missing lids causes leaks", ""),
        ("Issue regarding the lid of pots", ""),
        ("No lid when pouring (a cup) of tea 'that is hot", "when pouring"),
        ("Pot works, but fails when pouring tea", "when pouring tea"),
        ("The lid does not work when pouring tea", "when pouring tea"),
        # not when it failed
        ("LidError except when pouring tea", ""),
        ("No lid at all. Fixed when pouring tea", ""),
        ("Lid works when pouring tea, fails otherwise", ""),
        ("The pot doesn't crash when pouring tea", ""),
        ("No error when pouring tea without a lid", ""),
        ("LidError while pouring tea works", ""),
        ("The lids leak when they are closed", ""),
        # of somebody's machine, with what stands for his secret, an id
        ("LidError when calling [host] with tea", ""),
        ("LidError when opening /home/[user]/lid", ""),
        ("LidError when pouring 1234567", ""),
    ],
)
def test_a_title_tells_when_it_failed(title: str, told: str) -> None:
    assert when_told(title) == told


def test_an_error_beside_the_main_one_is_only_told_its_service() -> None:
    title = "TeaModel fails with ollama"
    assert subjects([title], "no lid", "kettle", asked=True, main=False) == ["Ollama"]


@pytest.mark.parametrize(
    ("message", "width", "told"),
    [
        (
            "unsupported operand type(s) for +=: 'Lid' and 'NoneType'",
            45,
            "+=: 'Lid' and 'NoneType'",
        ),
        (
            "This version of Tea Leaves requires Pot version >= 2.1",
            40,
            "Tea Leaves requires Pot >= 2.1",
        ),
        (
            "Tea not made: This version of TeaDriver only supports Lids version 11",
            35,
            "supports Lids 11",
        ),
        (
            "A lid with 'a_pot' must be followed by a cup for each 'cup_id'",
            45,
            "must be followed … 'cup_id'",
        ),
        (
            "Can't instantiate abstract class HotTeaPot with abstract method _pour",
            40,
            "Can't instantiate … HotTeaPot",
        ),
        (
            "It is not permitted to pour other leaves than those we bought (tried to pour mud)",
            45,
            "It is not permitted … (tried to pour mud)",
        ),
        ("Your cup is too small to pour all of the tea into it", 30, "Your cup is too small"),
        (
            "It is not permitted to pour other leaves than the cups or pots defined/imported",
            45,
            "It is not permitted to pour other leaves…",
        ),
        (
            "oneTea: lid_of_pot.cpp:144 init_lids: EXCEPTION: openlid failed: no lid in the drawer",
            50,
            "oneTea: openlid failed: no lid in the drawer",
        ),
        (
            "Pouring of type struct KitchenPot.NestedLid leaf[] leaf to storage not yet supported",
            45,
            "not yet supported",
        ),
        (
            "Leaf runner process has terminated: signal: aborted (lid dropped)",
            49,
            "Leaf runner … signal: aborted (lid dropped)",
        ),
        (
            "The size of tensor a (45) must match the size of tensor b (44) at non-singleton "
            "dimension 3",
            46,
            "Tensor a (45) must match b (44) at dimension 3",
        ),
        (
            'TeaScope 400: A pot with "lid_calls" must be followed by cups for each "lid_call_id"',
            50,
            '"lid_calls" must be followed',
        ),
        (
            "Validation errors for GetTeaArgs: kettle.lid: Input should be a valid string",
            43,
            "kettle.lid: Input should be a valid string",
        ),
    ],
)
def test_what_is_left_of_a_long_message_keeps_its_noun_and_verb(
    message: str, width: int, told: str
) -> None:
    shown = fitted(names_of(message), width)
    assert shown.endswith(told)
    assert len(shown) <= width


def test_a_message_of_many_colons_takes_no_hundred_times_as_long() -> None:
    told_in(["x_y"], 60)  # what is made once, is made
    plain = calls(lambda: told_in(["x_y " * 40], 60))
    assert calls(lambda: told_in(["x_: " * 40], 60)) <= 12 * plain
