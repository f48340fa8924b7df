"""Times making, checking and reading again of many pages, in seconds of the processor:
`python benchmarks/bench_pages.py [PAGES] [--folder DIR]`.

The knowledge base is filled by hand (no mining): an entry a page with 3 threads, 6 claims and 6
answers.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

WORDS = (
    "router cache socket worker kernel tensor bundle parser schema stream buffer driver index "
    "token layer probe queue shard"
)


def _filled(number: int) -> list[object]:
    from tests.support.published import Filled, Said
    from tests.support.threads import comment, thread

    words = WORDS.split()
    name = (
        f"{words[number % 18]} {words[number // 18 % 18]} {words[number // 324 % 18]} failed "
        f"with code {number}"
    )
    out: list[object] = []
    for turn in range(3):
        base = number * 40 + turn * 10 + 1
        repo = f"acme/r{number % 50}"
        where = f"https://github.com/{repo}/issues/{base}#issuecomment-"
        said = (
            f"The {name} comes from a stale lock of part {base}.",
            f"Set the option part_{base} to false and restart it.",
            f"Part {base} works now, thanks a lot",
            f"Did not help with part {base} here",
        )
        posts = [
            comment(
                base + place,
                text,
                login=f"u{base + place}",
                association="NONE" if place > (turn == 0) else "MEMBER",
                html_url=f"{where}{base + place}",
            )
            for place, text in enumerate(said)
        ]
        made = thread(
            base,
            f"{name} in part {turn}",
            f"log\n{name}\nend",
            repo=repo,
            comments=posts,
        )
        claims = [
            Said("cause", base, said[0]),
            Said(
                "fix",
                base + 1,
                said[1],
                stance="supported" if turn else "confirmed",
                # of several answers only a maintainer's leads a page
                role="user" if turn else "maintainer",
                # what helped no more people than it did not leads no page
                evidence=[
                    ("confirms", base + 2, said[2]),
                    *([("contradicts", base + 3, said[3])] if turn else []),
                ],
            ),
        ]
        fields = {
            "title": name.capitalize(),
            "provider": words[number % 7],
            "status": 400 + number % 40,
        }
        out.append(
            Filled(
                made,
                f"E{number:06d}",
                name,
                "body",
                fields=fields,
                claims=claims,
                tool="tool",
                version=f"1.{turn}",
            )
        )
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", type=int, nargs="?", default=5_000)
    parser.add_argument("--folder", type=Path, help="keep the database and the pages there")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        run(arguments.pages, arguments.folder or Path(name))


def timed(what: str, start: float, count: int) -> None:
    seconds = time.process_time() - start
    print(f"{what:<36} {seconds:8.2f} s {seconds / count * 1000:8.2f} ms a page")


def run(count: int, folder: Path) -> None:
    import pyromark

    from kb.notes.export import export_to, prepare
    from kb.notes.options import Options
    from kb.notes.outline import made_once
    from kb.site.audit import audit
    from kb.site.refresh import refresh
    from kb.store import Store, connect_readonly
    from kb.verify import verify_export
    from tests.support.page_figures import body_of, figures
    from tests.support.published import fill

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pages.db"
    if not path.exists():
        fill(path, [f for n in range(count) for f in _filled(n)])  # type: ignore[misc]
    start = time.process_time()
    with Store.open(path) as store:
        prepare(store)
    timed("addresses", start, count)
    connection = connect_readonly(path)
    options = Options(site_url="https://example.com/errors")
    for kind in ("note", "page", "candidates", "extras"):
        start = time.process_time()
        export_to(connection, kind, folder / kind, options)
        timed(f"export {kind}", start, count)
    start = time.process_time()
    assert export_to(connection, "page", folder / "page", options).written == []
    timed("export page again, nothing changed", start, count)
    start = time.process_time()
    with made_once():
        for kind in ("note", "page", "candidates", "extras"):
            export_to(connection, kind, folder / kind, options)
    timed("all formats again, as a night does", start, count)
    start = time.process_time()
    export_to(connection, "page", folder / "mdx", Options(target="mdx"))
    timed("export page for mdx", start, count)
    texts = [p.read_text(encoding="utf-8") for p in (folder / "page").glob("*.md")]
    stubs = sum("\nwithdrawn: true" in text for text in texts)  # no measure of a page
    start = time.process_time()
    for text in texts:
        pyromark.html(body_of(text))
    timed("parse (pulldown-cmark)", start, count)
    start = time.process_time()
    problems = verify_export(connection, folder / "page")
    timed(f"verify ({len(problems)} problems)", start, count)
    start = time.process_time()
    report = audit(connection, folder / "page")
    timed(f"audit ({len(report.findings)} findings)", start, count)
    start = time.process_time()
    refresh(connection, folder / "page", insert=True, write=False)
    timed("refresh, nothing to do", start, count)
    print(f"{sum(map(len, texts)) / 1e6:.1f} MB; {stubs} stubs; {figures(folder / 'page')}")
    connection.close()


if __name__ == "__main__":
    main()
