"""Documentation that fails the tests when it lies: the command reference, the README's commands,
links between files.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager

from kb.notes.export import documents, prepare_aside
from kb.store import connect_readonly
from kb.verify import verify_export
from tools import gallery
from tools.write_docs import references

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "CHANGELOG.md",
        ROOT / "SECURITY.md",
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("data/**/README.md"),
    ]
)


REFERENCES = references()


@pytest.mark.parametrize("name", REFERENCES)
def test_a_generated_page_is_current(name: str) -> None:
    page = ROOT / "docs" / name
    assert page.read_text(encoding="utf-8") == REFERENCES[name], "run 'make docs'"


def test_every_quote_of_the_gallery_is_as_the_demo_stores_it(demo_db: Path, tmp_path: Path) -> None:
    """The wording around the quotes may be an earlier one until 'make docs' is run."""
    names = {p.name for p in (ROOT / "docs" / "gallery").glob("*.md")} - {"index.md"}
    assert names >= {f"{name}-{kind}.md" for name in gallery.CHOSEN for kind in ("note", "page")}
    for name in names:
        shutil.copy(ROOT / "docs" / "gallery" / name, tmp_path)
    with closing(connect_readonly(demo_db)) as connection:
        problems = verify_export(connection, tmp_path)
    assert problems == [], "run 'make docs'"


@pytest.mark.usefixtures("learned_table")
def test_by_the_learned_table_the_demo_has_the_page_that_compares_messages(demo_db: Path) -> None:
    """A training after which it is gone has to be looked at."""
    with closing(connect_readonly(demo_db)) as connection:
        prepare_aside(connection)
        made = documents(connection, "page")
    messages = {line for line in made["openrouter-401-errors.md"].splitlines() if "## " in line}
    assert messages >= {
        "## User not found",
        "## No auth credentials found",
        "## Missing Authentication header",
        "## Provider returned error",
    }


def test_the_answer_in_the_readme_quotes_what_the_demo_stores(demo_db: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"$ faultlore query --db demo-out/demo.db {gallery.ASKED}" in text
    assert f"now try: faultlore query --db demo-out/demo.db {gallery.ASKED}\n" in text
    answer = text.split(gallery.BEGIN)[1].split(gallery.END)[0]
    with closing(connect_readonly(demo_db)) as connection:
        stored = {
            row["url"]: " ".join(row["body"].split())
            for row in connection.execute("select url, body from comments")
        }
    quotes = re.findall(r"((?:^ +\| .*\n)+)(?: +[^|\s].*\n){1,3}? +(https://\S+)", answer, re.M)
    assert len(quotes) >= 2
    for quote, url in quotes:
        words = " ".join(line.split("| ", 1)[1] for line in quote.splitlines())
        assert words in stored[url], "run 'make docs'"


def readme_commands() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.S | re.M)
    return [line[2:] for block in blocks for line in block.split("\n") if line.startswith("$ ")]


def test_the_readme_begins_with_demo_and_test_and_names_real_targets() -> None:
    commands = readme_commands()
    assert commands[:2] == ["make demo", "make test"]
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    for command in commands:
        if command.startswith("make "):
            assert command.split()[1] in targets, command


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_between_files_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", target) and not target.startswith("#"):
            assert (page.parent / target.split("#")[0]).exists(), f"{page.name}: {target}"


def test_the_readme_of_the_package_index_links_to_the_repository() -> None:
    """The build backend makes the links absolute: beside a package there is no docs folder."""
    metadata = ProjectMetadata(str(ROOT), PluginManager())
    built = metadata.core.readme
    assert metadata.core.readme_content_type == "text/markdown"
    source = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"", built)
    assert len(targets) > 30
    for target in (link or picture for link, picture in targets):
        assert target.startswith("https://"), target
        if own := re.match(r"https://[^/]+/faultlore/faultlore/(?:blob/)?main/(.+)", target):
            assert (ROOT / own[1]).exists(), target
    assert "https://raw.githubusercontent.com/faultlore/faultlore/main/docs/images/" in built
    # nothing else is changed, and nothing of a code block
    assert re.findall(r"^```.*?^```", source, re.S | re.M) == re.findall(
        r"^```.*?^```", built, re.S | re.M
    )


def test_no_page_names_this_machine_or_a_registry() -> None:
    for page in [*PAGES, *ROOT.glob("requirements/*")]:
        text = page.read_text(encoding="utf-8")
        assert "pypi.org" not in text, page
        assert "npmjs" not in text, page
        assert str(ROOT) not in text, page


def test_the_documentation_builds_as_a_site_without_a_warning(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    done = subprocess.run(
        [Path(sys.executable).parent / "zensical", "build", "--clean", "--strict"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    built = {
        page.parent.relative_to(tmp_path / "site")
        for page in (tmp_path / "site").rglob("index.html")
    }
    sources = {
        page.relative_to(ROOT / "docs").with_suffix("")
        for page in (ROOT / "docs").rglob("*.md")
        if page.name != "index.md"
    }
    assert sources <= built


def test_every_page_has_a_place_in_the_navigation() -> None:
    named = set(
        re.findall(r'"([\w/-]+\.md)"', (ROOT / "zensical.toml").read_text(encoding="utf-8"))
    )
    pages = {str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")}
    assert named == pages


def test_links_to_files_of_the_repository_lead_somewhere() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(
            r"https://github\.com/faultlore/faultlore/(?:blob|tree)/main/([\w./-]+)", text
        ):
            assert (ROOT / target).exists(), f"{page.name}: {target}"


def test_pictures_are_small_used_and_load_nothing() -> None:
    pictures = sorted((ROOT / "docs" / "images").iterdir())
    assert len(pictures) >= 4
    texts = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    for picture in pictures:
        assert picture.stat().st_size < 150_000, picture.name
        assert f"images/{picture.name}" in texts, picture.name
        if picture.suffix == ".svg":
            svg = picture.read_text(encoding="utf-8")
            assert not re.search(r"url\((?!#)|href=|@import|<script", svg), picture.name


def test_the_changelog_has_the_usual_form() -> None:
    """Keep a Changelog: versions newest first, each kind of change once and in the usual order."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.split(r"^## ", text, flags=re.M)[1:]
    assert versions[0].startswith("[Unreleased]")
    kinds = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
    for version in versions:
        name = version.split("\n")[0]
        if not name.startswith("[Unreleased]"):
            assert re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", name), name
        found = re.findall(r"^### (.+)$", version, flags=re.M)
        assert found == [kind for kind in kinds if kind in found], name
        assert f"\n[{name.split(']')[0][1:]}]: https://" in text


def test_figures_for_readers_are_those_of_the_model_card() -> None:
    """Within three points: a training moves them a little, and then the sentences may stay."""
    card = (ROOT / "docs" / "reference" / "model-card.md").read_text(encoding="utf-8")

    def found(pattern: str) -> tuple[int, ...]:
        match = re.search(pattern, card, re.M)
        assert match, pattern
        return tuple(round(100 * float(value)) for value in match.groups())

    (main,) = found(r"^Main error: ([\d.]+) of")
    threshold = re.search(r"publish (\d\.\d+)", card)
    assert threshold
    row = rf"^\| {float(threshold[1]):.3f} \| \d+ \| ([\d.]+) \| ([\d.]+) \|"
    right, served = found(row)
    precision, recall = found(r"^\| all \| \d+ \| \d+ \| [\d.]+ \| ([\d.]+) \| ([\d.]+) \|")
    readme = (ROOT / "README.md").read_text(encoding="utf-8").split("It is measured")[1]
    limits = (ROOT / "docs" / "explanation" / "limits.md").read_text(encoding="utf-8")
    for text, wanted in (
        (readme, [main, right, served]),
        (limits, [main, right, served, recall, precision]),
    ):
        said = [int(number) for number in re.findall(r"(\d+) of 100", " ".join(text.split()))]
        assert len(said) == len(wanted), said
        assert all(abs(a - b) <= 3 for a, b in zip(said, wanted, strict=True)), (said, wanted)
