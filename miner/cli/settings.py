"""A run's settings: each from its option, else from faultlore.toml, else from the environment."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.errors import BadInputError
from kb.models import STANCES

if TYPE_CHECKING:
    from kb.notes.options import Options
    from kb.settings import Config
    from miner.harvest.github import HarvestOptions


def _settings(table: object, *names: str, **given: Any) -> dict[str, Any]:
    """Settings as they are given, else (None) as the configuration's table has them."""
    chosen = {name: given.get(name) for name in names}
    return {n: getattr(table, n) if value is None else value for n, value in chosen.items()}


def harvest_options(
    config: "Config",
    *,
    api_url: str | None = None,
    since: str | None = None,
    full: bool = False,
    **given: int | None,
) -> "HarvestOptions":
    """What a harvest is to do; `given`: other settings of `[harvest]`. Raises `BadInputError`."""
    from miner.harvest.access import find_access, parse_since
    from miner.harvest.github import HarvestOptions

    access = find_access(config, api_url)
    if since:
        since = parse_since(since)
    elif config.harvest.since:
        since = parse_since(config.harvest.since, name=config.where("harvest", "since"))
    return HarvestOptions(
        api_url=access.url,
        token=access.token,
        token_source=access.source,
        since=since,
        full=full,
        **_settings(config.harvest, "max_issues", "max_wait", "timelines", **given),
    )


def export_options(
    config: "Config",
    *,
    target: str | None = None,
    min_grade: str | None = None,
    stance: str | None = None,
    since: str | None = None,
    **given: Any,
) -> "Options":
    """How to export; `given`: other fields of `Options`. None takes the configuration's setting.
    Raises `BadInputError`.
    """
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
        categories=table.categories,
        notes=table.notes_url,
        site=table.site_url,
        schema=table.candidates or None,
        min_grade=min_grade.upper() if min_grade else table.min_grade,
        stance=stance or table.stance,
        since=since_time(since) if since else None,
        **{**given, **_settings(table, "min_threads", "confidence", "markers", **given)},
    )


def curation_file(config: "Config", option: Path | None = None) -> Path | None:
    """The person's curation file, None if there is none."""
    if option is None and config.curation:
        return config.resolve(config.curation)
    return option
