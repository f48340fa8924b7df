"""The pages in a real browser: Debian's Chromium, driven by Playwright.

`make test` installs Chromium where it may; where there is none these tests are skipped and say so.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from kb.notes.formats.site import files_of
from kb.query.knowledge import KnowledgeBase
from tools.screenshots import served

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
AXE = Path(__file__).parent / "targets" / "node_modules" / "axe-core" / "axe.min.js"
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
ERROR = "401 User not found"

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: install Debian's package chromium"),
    # one browser and one server for all of them
    pytest.mark.xdist_group("browser"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture(scope="module")
def server(demo_db: Path) -> Iterator[str]:
    """The address of a server over the demo's knowledge base."""
    with served(demo_db) as address:
        yield address


@contextmanager
def opened(browser: Browser, address: str, **settings: Any) -> Iterator[Page]:
    """A page that may load nothing from elsewhere, and whose console must stay empty."""
    context = browser.new_context(**settings)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
    page.goto(address)
    yield page
    context.close()
    assert complaints == []


def test_paste_an_error_open_it_and_follow_a_quote(browser: Browser, server: str) -> None:
    with opened(browser, server) as page:
        page.get_by_label("Paste the error message").fill(f"Error: {ERROR}\n  at f (/a/b.js:1:2)")
        page.get_by_role("button", name="Find it").click()
        assert "This error is known" in page.inner_text("h1")
        page.locator("section.sure h3 a").first.click()
        assert page.locator(".chart svg").count() == 1
        # GitHub is not asked; what matters is where the link leads
        page.route("https://github.com/**", lambda route: route.fulfill(body="the thread"))
        page.locator(".card p.soft a").first.click()
        page.wait_for_url(re.compile(r"https://github\.com/[\w.-]+/[\w.-]+/(?:issues|pull)/\d+"))
        assert page.inner_text("body") == "the thread"


def test_keyboard_alone_is_enough(browser: Browser, server: str) -> None:
    with opened(browser, server) as page:
        page.keyboard.press("/")
        page.keyboard.type(ERROR)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**/ask")
        assert "This error is known" in page.inner_text("h1")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"


def test_a_phone_shows_all_without_scrolling_sideways(
    browser: Browser, server: str, demo_db: Path
) -> None:
    entry_id = KnowledgeBase(demo_db).entries(limit=1)[0].entry_id
    long = f"Error: {ERROR} {'x' * 3000}"
    paths = ["/", f"/ask?q={ERROR}", f"/ask?q={long}", f"/entry/{entry_id}", "/browse", "/review"]
    with opened(browser, server, viewport={"width": 375, "height": 700}) as page:
        tables = ["/kb", "/kb/entries", "/kb/comments"]
        for path in [*paths, "/search?q=key", "/provider/openrouter", *tables]:
            page.goto(server + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 375, path


def test_dark_is_dark(browser: Browser, server: str) -> None:
    shades = {}
    for scheme in ("light", "dark"):
        with opened(browser, server, color_scheme=scheme) as page:
            shades[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert shades == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 31)"}


def test_everything_works_without_script(browser: Browser, server: str) -> None:
    with opened(browser, server, java_script_enabled=False) as page:
        page.locator("textarea").fill(ERROR)
        page.get_by_role("button", name="Find it").click()
        assert "This error is known" in page.inner_text("h1")
        assert not page.get_by_text("Copy as Markdown").is_visible()


def test_an_entry_is_copied_as_markdown(browser: Browser, server: str, demo_db: Path) -> None:
    entry_id = KnowledgeBase(demo_db).entries(limit=1)[0].entry_id
    allowed = ["clipboard-read", "clipboard-write"]
    with opened(browser, f"{server}/entry/{entry_id}", permissions=allowed) as page:
        page.get_by_role("button", name="Copy as Markdown").click()
        page.get_by_role("button", name="Copied").wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == KnowledgeBase(demo_db).note(entry_id).strip()


@pytest.mark.skipif(not AXE.is_file(), reason="no axe-core: npm ci in tests/targets brings it")
@pytest.mark.parametrize(("scheme", "rules"), [("light", None), ("dark", ["color-contrast"])])
def test_axe_finds_nothing_serious(
    browser: Browser, server: str, demo_db: Path, scheme: str, rules: list[str] | None
) -> None:
    """All rules on light pages; of dark ones what differs from them, the colours."""
    entry_id = KnowledgeBase(demo_db).entries(limit=1)[0].entry_id
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": rules}
    with opened(browser, server, color_scheme=scheme) as page:
        # run beside the page: its own policy lets no other script into it
        page.add_init_script(AXE.read_text(encoding="utf-8"))
        paths = ("/", f"/ask?q={ERROR}", f"/entry/{entry_id}", "/browse", "/search", "/review")
        for path in (*paths, "/kb", "/kb/entries"):
            page.goto(server + path)
            for details in page.locator("details").all()[:3]:
                details.evaluate("element => { element.open = true }")
            found = page.evaluate("options => axe.run(options)", options)["violations"]
            serious = [v["id"] for v in found if v["impact"] in ("serious", "critical")]
            assert serious == [], path


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *message: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def static_site(demo_db: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a folder below a plain file server that holds the static site."""
    folder = tmp_path_factory.mktemp("static")
    for name, text in files_of(KnowledgeBase(demo_db)):
        path = folder / "below" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{site.server_port}/below"
        site.shutdown()


def test_the_static_site_finds_a_pasted_error_by_itself(browser: Browser, static_site: str) -> None:
    with opened(browser, f"{static_site}/index.html") as page:
        page.locator("textarea").fill(f"litellm.AuthenticationError: {ERROR}")
        page.get_by_role("button", name="Find it").click()
        page.locator("#found a").first.click()
        assert "User not found" in page.inner_text("h1")
        page.get_by_role("link", name="faultlore").first.click()
        page.get_by_label("Paste the error message").wait_for()
        # a program does not print the place that a title names
        page.locator("textarea").fill("JSONDecodeError: Expecting value: line 1 column 1 (char 0)")
        page.get_by_role("button", name="Find it").click()
        page.get_by_role("heading", name="Errors with these words").wait_for()
        assert "Expecting value" in page.inner_text("#found")
        # words that stand far apart, or only some of them, make no error known
        page.locator("textarea").fill("user\n\n1\n2\n3\n4\nfound\n1\n2\n3\nnot\n401\n")
        page.get_by_role("button", name="Find it").click()
        page.get_by_role("heading", name="No error here has these words").wait_for()


def test_an_index_that_does_not_load_is_named_and_asked_for_again(
    browser: Browser, static_site: str
) -> None:
    with opened(browser, f"{static_site}/index.html") as page:
        page.route(
            "**/site-index.json", lambda route: route.fulfill(body="<h1>You are offline</h1>")
        )
        page.locator("textarea").fill(ERROR)
        page.get_by_role("button", name="Find it").click()
        page.get_by_role("heading", name="could not be loaded").wait_for()
        page.unroute("**/site-index.json")
        page.get_by_role("button", name="Find it").click()
        page.get_by_role("heading", name="Errors with these words").wait_for()


def test_a_form_that_needs_its_script_cannot_be_sent_before(
    browser: Browser, static_site: str
) -> None:
    with opened(browser, f"{static_site}/index.html", java_script_enabled=False) as page:
        assert page.get_by_role("button", name="Find it").is_disabled()
        assert "The search needs JavaScript." in page.inner_text("form")
