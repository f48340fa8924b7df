"""The pictures of the README and the documentation, taken of the demo's knowledge base.

    make screenshots            writes docs/images/*: three of the browser, one of a terminal

Chromium is Debian's (package `chromium`), driven by Playwright; the terminal's picture is drawn by
rich. Whoever changes how an answer looks runs it and commits what changed.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "images"
LOG = """\
21:04:11 INFO  asking x-ai/grok-4-fast:free
21:04:12 ERROR 401 No auth credentials found
21:04:12 INFO  giving up after 1 attempt
"""
QUESTION = "401 No auth credentials found"
MOST_BYTES = 150_000

if TYPE_CHECKING:
    from collections.abc import Iterator


def demo(folder: Path) -> Path:
    """The demo's knowledge base."""
    from kb.store import Store
    from miner.harvest.files import import_files
    from miner.pipeline import mine

    path = folder / "demo.db"
    with Store.open(path) as store:
        import_files(store, sorted((ROOT / "data" / "demo").glob("*.jsonl")))
        mine(store, now="2026-06-30T00:00:00Z")
    return path


@contextmanager
def served(path: Path) -> Iterator[str]:
    """The address of a server over a knowledge base."""
    import socket
    import threading
    import time

    import uvicorn

    from kb.web import application

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(application(path).app(), port=port, log_level="error")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join(10)


def browser_pictures(address: str) -> None:
    """An answer in light and in dark, and an entry on a phone."""
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        sys.exit("no Chromium: install Debian's package chromium, or set CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, scheme, width, height, scale in (
            ("answer-light", "light", 1000, 900, 1),
            ("answer-dark", "dark", 1000, 900, 1),
            ("phone", "dark", 375, 780, 1.5),
        ):
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=scheme,  # type: ignore[arg-type]
                device_scale_factor=scale,
            )
            page = context.new_page()
            page.goto(address)
            page.locator("textarea").fill(LOG)
            page.get_by_role("button", name="Find it").click()
            if name == "phone":
                page.locator("section.sure h3 a").first.click()
            page.screenshot(path=OUT / f"{name}.png")
            context.close()
        browser.close()


def terminal_picture(path: Path) -> None:
    """An answer of `faultlore query` as SVG, without the fonts that rich loads from elsewhere."""
    from rich.console import Console
    from rich.text import Text

    from kb.query.knowledge import KnowledgeBase
    from kb.query.terminal import emit
    from kb.query.terminal_views import answer_view

    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    os.environ |= {"COLUMNS": "96", "TERM": "xterm-256color"}
    os.environ.pop("NO_COLOR", None)
    screen = Screen()
    with KnowledgeBase(path) as kb:
        emit(answer_view(kb.query(QUESTION, limit=2)), file=screen)
    console = Console(record=True, width=96, file=io.StringIO(), force_terminal=True)
    console.print(Text(f'$ faultlore query "{QUESTION}"', "bold"))
    console.print(Text.from_ansi(screen.getvalue()))
    svg = console.export_svg(title="faultlore", unique_id="faultlore")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    (OUT / "terminal.svg").write_text(svg, encoding="utf-8")


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        path = demo(Path(folder))
        with served(path) as address:
            browser_pictures(address)
        terminal_picture(path)
    for picture in sorted(OUT.iterdir()):
        size = picture.stat().st_size
        print(f"{picture.relative_to(ROOT)}  {size / 1000:,.0f} kB")
        if size > MOST_BYTES:
            sys.exit(f"{picture.name} is larger than {MOST_BYTES / 1000:,.0f} kB")


if __name__ == "__main__":
    main()
