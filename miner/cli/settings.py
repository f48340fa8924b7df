"""A run's settings: each from its option, else from faultlore.toml, else from the environment."""

from pathlib import Path
from typing import TYPE_CHECKING

from kb.errors import BadInputError
from kb.models import STANCES

if TYPE_CHECKING:
    from kb.notes.options import Options
    from kb.settings import Config
    from miner.harvest.github import HarvestOptions


def harvest_options(
    config: "Config",
    *,
    api_url: str | None = None,
    since: str | None = None,
    max_issues: int | None = None,
    max_wait: int | None = None,
    timelines: int | None = None,
    full: bool = False,
) -> "HarvestOptions":
    """What a harvest is to do; None takes the configuration's setting. Raises `BadInputError`."""
    from miner.harvest.access import find_access, parse_since
    from miner.harvest.github import HarvestOptions

    table = config.harvest
    access = find_access(config, api_url)
    if since:
        since = parse_since(since)
    elif table.since:
        since = parse_since(table.since, name=config.where("harvest", "since"))
    return HarvestOptions(
        api_url=access.url,
        token=access.token,
        token_source=access.source,
        since=since,
        max_issues=table.max_issues if max_issues is None else max_issues,
        full=full,
        max_wait=table.max_wait if max_wait is None else max_wait,
        timeline_budget=table.timelines if timelines is None else timelines,
    )


def export_options(
    config: "Config",
    *,
    target: str | None = None,
    min_threads: int | None = None,
    min_grade: str | None = None,
    confidence: float | None = None,
    stance: str | None = None,
    provider: str | None = None,
    tool: str | None = None,
    since: str | None = None,
    markers: bool | None = None,
    unanswered: bool = False,
) -> "Options":
    """How to export; None takes the configuration's setting. Raises `BadInputError`."""
    from kb.notes.options import GRADES, Options
    from kb.notes.targets import target_named
    from kb.text import since_time

    if min_grade is not None and min_grade.upper() not in GRADES:
        raise BadInputError(f"--min-grade {min_grade!r} is no grade; write A, B, C or D")
    if stance is not None and stance not in STANCES[:-1]:
        raise BadInputError(f"--stance {stance!r} is not known; known: {', '.join(STANCES[:-1])}")
    table = config.export
    return Options(
        target=target_named(target or table.target),
        min_threads=table.min_threads if min_threads is None else min_threads,
        categories=table.categories,
        notes=table.notes_url,
        site=table.site_url,
        schema=table.candidates or None,
        min_grade=min_grade.upper() if min_grade else table.min_grade,
        confidence=table.confidence if confidence is None else confidence,
        stance=stance or table.stance,
        provider=provider,
        tool=tool,
        since=since_time(since) if since else None,
        markers=table.markers if markers is None else markers,
        unanswered=unanswered,
    )


def curation_file(config: "Config", option: Path | None = None) -> Path | None:
    """The person's curation file, None if there is none."""
    if option is None and config.curation:
        return config.resolve(config.curation)
    return option
