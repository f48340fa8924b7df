"""Where a failure happened, and what is one failure of a message that is printed for many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errortext import find_errors
from kb.matching.features import view_of
from kb.matching.model import judge
from kb.signature import fingerprint_of, sign
from kb.signature.generic import is_generic, same_place, scope_of
from kb.signature.place import Where, frame_in, frame_of, raised_in
from kb.signature.title import title_of

INDEX = "IndexError: list index out of range"
FRAMES = [
    'File "/home/ann/kiln/venv/lib/python3.12/site-packages/kiln/cli.py", line 40, in main',
    'File "/home/ann/kiln/venv/lib/python3.12/site-packages/kiln/glaze.py", line 7, in mix_colours',
    'File "/usr/lib/python3.12/pathlib.py", line 1013, in open',
]


@pytest.mark.parametrize(
    ("path", "thing"),
    [
        ("/Users/ann.kiln/glaze-colours", "glaze-colours"),
        ("C:\\Users\\ann\\glaze_colours.txt", "glaze_colours.txt"),
        ("/home/ann/kiln/glaze.yaml", "kiln/glaze.yaml"),
        ("/srv/kiln/glaze.yaml", "kiln/glaze.yaml"),
    ],
)
def test_a_users_folder_names_no_failure(path: str, thing: str) -> None:
    signed = sign(f"Error: ENOENT: no such file or directory, open '{path}'")
    assert signed.place is not None
    assert Where.parse(signed.place).thing == thing
    assert "ann" not in title_of(signed)


def test_a_folder_of_ones_own_is_no_part_of_a_title() -> None:
    own = sign("Error: EACCES: permission denied, open '/home/ann/pottery/kiln/glazes'")
    assert own.place is None
    assert "kiln" not in title_of(own)
    cached = sign("Error: EACCES: permission denied, open '/home/ann/.cache/kiln/glazes'")
    assert Where.parse(cached.place or "").thing == "kiln/glazes"


@pytest.mark.parametrize(
    ("frames", "place"),
    [
        (FRAMES, "glaze.py:mix_colours"),
        (["at mixColours (/srv/kiln/dist/glaze.js:10:3)", "at main (/srv/kiln/dist/x.js:1:1)"],
         "glaze.js:mixcolours"),
        (["at node:internal/modules/cjs/loader:1228:14", "at Kiln.fire (file:///app/kiln.mjs:3:9)"],
         "kiln.mjs:fire"),
        (["at java.util.ArrayList.get(ArrayList.java:427)", "at org.kiln.Oven.heat(Oven.java:9)"],
         "oven.java:heat"),
        (["at Object.onceWrapper (events.js:316:30)", "at Kiln.fire (/srv/kiln.js:2:4)"],
         "kiln.js:fire"),
        (['File "/opt/bot/app/main.py", line 3, in run'], "app/main.py:run"),
        (['File "C:\\bot\\venv\\Lib\\site-packages\\kiln\\shelf.py", line 3, in stack'],
         "shelf.py:stack"),
        (['File "<frozen importlib._bootstrap>", line 3, in _load'], None),
        (['File "shelf.py", line 9, in stack', 'File "__init__.py", line 346, in loads',
          'File "decoder.py", line 337, in decode', 'File "decoder.py", line 355, in raw_decode'],
         "shelf.py:stack"),
        (['File "shelf.py", line 9, in stack', 'File "decoder.py", line 3, in open_lid'],
         "decoder.py:open_lid"),
        ([], None),
    ],
)  # fmt: skip
def test_the_place_is_the_last_frame_of_own_or_library_code(
    frames: list[str], place: str | None
) -> None:
    assert frame_of(frames) == place


_LIB = "/srv/venv/lib/python3.12/site-packages"


@pytest.mark.parametrize(
    ("repo", "paths", "place"),
    [
        ("ann/kiln", ["/opt/x.py", f"{_LIB}/kiln/shelf.py", f"{_LIB}/clay/wet.py"], "shelf.py"),
        ("ann/kiln", ["/opt/x.py", f"{_LIB}/clay/wet.py"], None),
        ("ann/kiln", ["/opt/kiln-main/kiln/shelf.py", "clay/wet.py"], "shelf.py"),
        ("ann/kiln", ["/opt/kiln-shop/shelf.py"], None),
        ("ann/kiln", ["shelf.py", "wet.py"], None),
        ("ann/Kiln", ["/srv/goldenkiln/shelf.py"], "shelf.py"),
        ("clay/clay-kiln", [f"{_LIB}/clay_kiln/shelf.py", f"{_LIB}/clay/wet.py"], "shelf.py"),
        ("clay/agents", [f"{_LIB}/clay/agents/shelf.py", f"{_LIB}/fire/hot.py"], "shelf.py"),
        ("ann/Glaze-Mixer-Plugin", ["plugins.glaze_mixer.shelf"], "plugins.glaze_mixer.shelf"),
    ],
)
def test_a_frame_is_the_projects_where_its_folders_say_so(
    repo: str, paths: list[str], place: str | None
) -> None:
    frames = [f'File "{path}", line 3, in stack' for path in paths]
    assert frame_in(repo, frames) == (place and f"{place}:stack")


@given(
    st.builds(
        Where,
        frame=st.none() | st.from_regex(r"[a-z]{1,9}\.py:[a-z_]{1,9}", fullmatch=True),
        repo=st.none() | st.from_regex(r"[a-z]{1,9}/[a-z]{1,9}", fullmatch=True),
        number=st.none() | st.integers(1, 10**6),
        thing=st.none() | st.from_regex(r"[a-z./<>]{1,20}", fullmatch=True),
    )
)
def test_a_place_is_read_as_it_was_stored(where: Where) -> None:
    assert Where.parse(str(where)) == where


def test_a_generic_message_has_its_place_in_the_fingerprint() -> None:
    bare = sign(INDEX)
    here = sign(INDEX, where=Where(frame="glaze.py:mix", repo="ann/kiln", number=3))
    there = sign(INDEX, where=Where(frame="shelf.py:stack", repo="ann/kiln", number=4))
    assert is_generic(bare.text)
    assert bare.place is None
    assert bare.text == here.text == there.text
    assert len({bare.fingerprint, here.fingerprint, there.fingerprint}) == 3
    assert here.fingerprint == fingerprint_of(here.text, here.place)


def test_a_service_s_answer_is_the_same_everywhere() -> None:
    text = "Error code: 401 - {'error': {'message': 'Incorrect API key provided: abc'}}"
    a = sign(text, where=Where(repo="ann/kiln", number=3))
    b = sign(text, where=Where(frame="glaze.py:mix", repo="bob/oven", number=4))
    assert a.place is None
    assert a.fingerprint == b.fingerprint == sign(text).fingerprint


def _same(text: str, a: Where, b: Where, other: str | None = None) -> bool:
    one, two = sign(text, where=a), sign(other or text, where=b)
    return one.fingerprint == two.fingerprint or judge(view_of(one), view_of(two)).same


KILN, OVEN = Where(repo="ann/kiln", number=3), Where(repo="bob/oven", number=9)


@pytest.mark.parametrize(
    ("text", "a", "b", "same"),
    [
        (INDEX, KILN, Where(repo="ann/kiln", number=4), False),
        (INDEX, Where(frame="glaze.py:mix", repo="ann/kiln"),
         Where(frame="glaze.py:mix", repo="bob/oven"), True),
        ("AttributeError: 'NoneType' object has no attribute 'glow'", KILN,
         Where(repo="ann/kiln", number=4), True),
        ("AttributeError: 'NoneType' object has no attribute 'glow'", KILN, OVEN, False),
        ("AttributeError: 'NoneType' object has no attribute 'glow'",
         Where(frame="glaze.py:mix", repo="ann/kiln"),
         Where(frame="shelf.py:stack", repo="ann/kiln"), False),
        ("FileNotFoundError: [Errno 2] No such file or directory: '/srv/kiln/glazes/blue.toml'",
         KILN, OVEN, True),
        ("FileNotFoundError: [Errno 2] No such file or directory", KILN,
         Where(repo="ann/kiln", number=4), False),
        ("An unexpected error occurred", KILN, Where(repo="ann/kiln", number=4), False),
    ],
)  # fmt: skip
def test_what_is_one_failure_of_a_generic_message(
    text: str, a: Where, b: Where, same: bool
) -> None:
    assert _same(text, a, b) is same


REQUIREMENT = (
    "ERROR: Could not find a version that satisfies the requirement {} (from versions: none)"
)
CODEC = "Unicode{0}codeError: 'charmap' codec can't {0}code character at position 5"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "ModuleNotFoundError: No module named 'kiln'",
            "ModuleNotFoundError: No module named 'oven'",
        ),
        (
            "TypeError: unsupported operand type(s) for +: 'int' and 'str'",
            "TypeError: unsupported operand type(s) for *: 'NoneType' and 'int'",
        ),
        (REQUIREMENT.format("kiln==3"), REQUIREMENT.format("oven==3")),
        (
            "1 validation error for Kiln\nheat\n  Field required",
            "1 validation error for Oven\nheat\n  Field required",
        ),
        (CODEC.format("de"), CODEC.format("en")),
    ],
)
def test_messages_about_other_objects_are_other_failures(one: str, other: str) -> None:
    assert not _same(one, KILN, KILN, other)


def test_a_place_is_no_wider_than_its_scope() -> None:
    repo, thread = str(Where(repo="ann/kiln")), str(Where(repo="ann/kiln", number=3))
    assert same_place("place", repo, repo)
    assert not same_place("thread", repo, thread)
    assert not same_place("place", None, repo)
    assert same_place("place", str(Where(frame="glaze.py")), str(Where(frame="glaze.py:mix")))


def test_a_title_tells_the_place() -> None:
    signature = sign(INDEX, where=Where(frame="glaze.py:mix", repo="ann/kiln"))
    assert title_of(signature, INDEX) == "List index out of range (glaze.py:mix in ann/kiln)"
    missing = "FileNotFoundError: [Errno 2] No such file or directory: '/srv/kiln/glazes/blue.toml'"
    assert title_of(sign(missing), missing).endswith("No such file or directory: glazes/blue.toml")


@given(st.text(max_size=300))
def test_any_text_has_a_scope(text: str) -> None:
    assert scope_of(text)[0] == "message" or is_generic(text)
    assert frame_of([text]) is None or ":" in str(frame_of([text])) or frame_of([text])


def test_a_title_is_what_a_person_would_type() -> None:
    text = "TimeoutError: no answer from worker 17 within 30 s at /srv/kiln/run"
    title = title_of(sign(text), text)
    assert "<" not in title
    assert ">" not in title
    missing = sign("Error: spawn glaze ENOENT", provider="anthropic")
    assert missing.provider is None
    assert sign("Error: the oven is busy", provider="anthropic").provider == "anthropic"


@pytest.mark.parametrize(
    "text",
    [
        "oven-1     | Error: the glaze of the cup is cracked",
        "[rank0]: Error: the glaze of the cup is cracked",
        "Error: the glaze of the cup is cracked",
    ],
)
def test_a_container_s_prefix_is_no_part_of_the_name(text: str) -> None:
    assert sign(text).text == "the glaze of the cup is cracked"


def test_entities_of_html_are_read() -> None:
    one = sign("Error: can&#39;t read &lt;b&gt; of &quot;kiln&quot; today")
    assert one.fingerprint == sign('Error: can\'t read <b> of "kiln" today').fingerprint


def test_a_bare_status_is_one_failure_in_its_tracker_whatever_client_raised_it() -> None:
    one, again = (
        sign("403 Forbidden", where=Where(frame=frame, repo="demo/kettle", number=number))
        for frame, number in (("_client.py:pour", 1), (None, 2))
    )
    other = sign("403 Forbidden", where=Where(frame="_client.py:pour", repo="demo/pot", number=3))
    assert one.fingerprint == again.fingerprint != other.fingerprint


def test_a_frame_without_its_first_word_is_read_behind_a_folder() -> None:
    text = (
        "Traceback (most recent call last):\n"
        '  .\\tea\\pots\\lids.py", line 7, in close\n    shut(lid)\n'
        '  ids.py", line 9, in shut\n'
        "TypeError: no lid\n"
    )
    (found,) = [span for span in find_errors(text) if span.frames]
    assert found.frames == ('File ".\\tea\\pots\\lids.py", line 7, in close',)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/v/site-packages/lid/seal.py", "lid/seal.py:close"),
        ("/v/site-packages/lid/a/b/seal.py", "lid/a/b/seal.py:close"),
        ("/v/site-packages/lid/a/b/c/seal.py", "lid/…/seal.py:close"),
        ("/srv/pot/seal.py", None),
    ],
)
def test_what_a_package_raised_is_told_with_its_folders(path: str, shown: str | None) -> None:
    frame = f'File "{path}", line 3, in close'
    assert raised_in((frame,)) == shown
    assert raised_in((frame, 'File "/v/site-packages/pot/main.py", line 3, in __call__')) == shown
