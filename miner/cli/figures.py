"""Commands that count."""

from typing import Annotated

import typer

from miner.cli.options import AsJson, Db, knowledge, option, show, when

app = typer.Typer()

WINDOWS = 12
"""Windows whose threads are drawn beside an entry on a terminal."""
_UNTIL = "End of the window: a date, or a span back such as 7d."


@app.command("stats")
def stats_command(db: Db = None, as_json: AsJson = False) -> int:
    """Shows figures: threads, entries, issues covered, what grew in the last week.

    Example, on the demo data:

        faultlore stats --db demo-out/demo.db
    """
    from kb.query.terminal_views import stats_view

    with knowledge(db) as kb:
        stats = kb.stats()
    show(as_json=as_json, document=stats.to_dict, view=lambda: stats_view(stats))
    return 0


@app.command("trends")
def trends_command(
    days: Annotated[int, option("Length of the window.", min=1, max=36500)] = 30,
    until: Annotated[
        str | None, option(_UNTIL, metavar="WHEN", parser=when, show_default="the newest thread")
    ] = None,
    limit: Annotated[int, option("At most this many entries of each kind.", min=1, max=200)] = 10,
    db: Db = None,
    as_json: AsJson = False,
) -> int:
    """Shows entries that are new, rising or fading, compared with the window before.

    Example, on the demo data:

        faultlore trends --db demo-out/demo.db --days 90
    """
    from kb.query.terminal_views import trends_view

    with knowledge(db) as kb:
        trends = kb.trends(days=days, until=until, limit=limit, windows=WINDOWS)
    show(as_json=as_json, document=trends.to_dict, view=lambda: trends_view(trends))
    return 0
