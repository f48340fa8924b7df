"""Small charts, drawn by the server: bars as SVG that fills its place, all words as text of the
page. They need no script, follow the page's colours, stay legible on a phone, and people who cannot
see them are read the figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from kb.text import clean, counted, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_BARS = 60
FEWEST_BARS = 12
_MOST_FIXES = 8


def by_month(months: Sequence[tuple[str, int]]) -> Markup:
    """A bar a month (`YYYY-MM`, threads), months without a thread included: the newest sixty, at
    least a year of them.
    """
    if not months:
        return Markup("<p>No dated thread.</p>")
    filled = _filled(months)
    shown = filled[-MOST_BARS:]
    highest = max(count for _, count in shown)
    bars = Markup("").join(
        Markup('<rect class="bar" x="{}" y="{:.2f}" width="8" height="{:.2f}">').format(
            place * 10 + 1, 100 - 100 * count / highest, 100 * count / highest
        )
        + Markup("<title>{}: {}</title></rect>").format(month, counted(count, "thread"))
        for place, (month, count) in enumerate(shown)
        if count
    )
    first, last = months[0][0], months[-1][0]
    total = counted(sum(count for _, count in months), "thread")
    label = f"{total} in {first}" if first == last else f"{total} from {first} to {last}"
    older = len(filled) - len(shown)
    return Markup(
        '<figure class="chart"><svg viewBox="0 0 {} 100" preserveAspectRatio="none" role="img"'
        ' aria-label="{}">{}</svg><p class="axis"><span>{}</span><span>at most {} in a month</span>'
        "<span>{}</span></p><figcaption>{}{}.</figcaption>{}</figure>"
    ).format(
        len(shown) * 10,
        label,
        bars,
        shown[0][0],
        highest,
        shown[-1][0],
        label,
        f"; the newest {MOST_BARS} months are shown" if older else "",
        _figures(months) if len(months) > 1 else "",
    )


def _figures(months: Sequence[tuple[str, int]]) -> Markup:
    rows = Markup("").join(
        Markup("<tr><td>{}</td><td>{}</td></tr>").format(month, count) for month, count in months
    )
    return Markup(
        '<details><summary>As figures</summary><div class="table"><table><thead><tr>'
        '<th scope="col">Month</th><th scope="col">Threads</th></tr></thead><tbody>{}</tbody>'
        "</table></div></details>"
    ).format(rows)


def _filled(months: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """The months from the first to the last without a gap, at least a year up to the last."""
    known = dict(months)
    first, last = _number(min(known)), _number(max(known))
    first = max(min(first, last - FEWEST_BARS + 1), last - 12 * 100)
    return [
        (name, known.get(name, 0))
        for number in range(first, last + 1)
        if (name := f"{number // 12:04d}-{number % 12 + 1:02d}")
    ]


def _number(month: str) -> int:
    year, _, rest = month.partition("-")
    return int(year) * 12 + int(rest) - 1


def of_fixes(fixes: Sequence[tuple[str, int, int]]) -> Markup | None:
    """What each fix did: (its words, whom it helped, whom it did not); None where nobody said."""
    rows = [row for row in fixes if row[1] or row[2]][:_MOST_FIXES]
    if not rows:
        return None
    most = max(helped + failed for _, helped, failed in rows)
    items = Markup("").join(_fix(*row, most) for row in rows)
    return Markup('<ol class="outcomes">{}</ol>').format(items)


def _fix(words: str, helped: int, failed: int, most: int) -> Markup:
    said = [f"helped {helped}"] * bool(helped) + [f"did not help {failed}"] * bool(failed)
    bar = Markup('<rect class="{}" x="{:.1f}" y="0" width="{:.1f}" height="1"></rect>')
    unit = 100 / most
    bars = [bar.format("helped", 0, helped * unit)] if helped else []
    bars += [bar.format("failed", helped * unit, failed * unit)] if failed else []
    return Markup(
        '<li>{}: <strong>{}</strong><svg viewBox="0 0 100 1" preserveAspectRatio="none"'
        ' aria-hidden="true">{}</svg></li>'
    ).format(shorten(clean(words), 90), ", ".join(said), Markup("").join(bars))
