"""Small charts as SVG, drawn by the server: they need no script, follow the page's colours, and
carry their figures as text for people who cannot see them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from kb.text import clean, counted, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 720
_TOP, _BARS, _LABELS = 18, 110, 18
_MOST_BARS = 60


def by_month(months: Sequence[tuple[str, int]]) -> Markup:
    """A bar a month (`YYYY-MM`, threads), months without a thread included; the newest sixty."""
    filled = _filled(months)[-_MOST_BARS:]
    if not filled:
        return Markup("<p>No dated thread.</p>")
    highest = max(count for _, count in filled)
    step = WIDTH / len(filled)
    parts = []
    for place, (month, count) in enumerate(filled):
        height = _BARS * count / highest
        x, y = place * step + step * 0.1, _TOP + _BARS - height
        bar = Markup('<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}">')
        title = Markup("<title>{}: {}</title></rect>").format(month, counted(count, "thread"))
        parts.append(bar.format(x, y, min(step * 0.8, 40.0), height) + title)
        if place in (0, len(filled) - 1):
            end = Markup('<text x="{:.1f}" y="{}" text-anchor="{}">{}</text>')
            anchor = "start" if place == 0 else "end"
            at = 0.0 if place == 0 else float(WIDTH)
            if place == 0 or len(filled) > 1:
                parts.append(end.format(at, _TOP + _BARS + _LABELS - 4, anchor, month))
    parts.append(Markup('<text x="0" y="11">most in a month: {}</text>').format(highest))
    total = sum(count for _, count in filled)
    label = f"{counted(total, 'thread')} from {filled[0][0]} to {filled[-1][0]}"
    return _svg(parts, _TOP + _BARS + _LABELS, label)


def _filled(months: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    known = dict(months)
    if not known:
        return []
    year, month = map(int, min(known).split("-"))
    last = max(known)
    filled: list[tuple[str, int]] = []
    while (name := f"{year:04d}-{month:02d}") <= last and len(filled) < 12 * 100:
        filled.append((name, known.get(name, 0)))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return filled


def of_fixes(fixes: Sequence[tuple[str, int, int]]) -> Markup | None:
    """What each fix did: (its words, whom it helped, whom it did not); None where nobody said."""
    rows = [row for row in fixes if row[1] or row[2]][:8]
    if not rows:
        return None
    most = max(helped + failed for _, helped, failed in rows)
    unit, parts, y = (WIDTH - 120) / most, [], 4
    for words, helped, failed in rows:
        said = [f"helped {helped}"] * bool(helped) + [f"did not help {failed}"] * bool(failed)
        line = Markup('<text x="0" y="{}">{}: {}</text>')
        parts.append(line.format(y + 10, shorten(clean(words), 80), ", ".join(said)))
        bar = Markup('<rect class="{}" x="{:.1f}" y="{}" width="{:.1f}" height="12"></rect>')
        if helped:
            parts.append(bar.format("helped", 0.0, y + 15, helped * unit))
        if failed:
            parts.append(bar.format("failed", helped * unit, y + 15, failed * unit))
        y += 38
    return _svg(parts, y, f"Outcomes of {counted(len(rows), 'fix', 'fixes')}")


def _svg(parts: Sequence[Markup], height: int, label: str) -> Markup:
    head = Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">')
    return head.format(WIDTH, height, label) + Markup("").join(parts) + Markup("</svg>")
