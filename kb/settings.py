"""What `faultlore.toml` may hold: every setting with its type, its default and what it means.

This is the one table of settings: the file is checked against it (msgspec), and
docs/reference/configuration.md is made of it. `kb.config` reads the file; this module is imported
only where there is one.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import msgspec
from msgspec import Meta, Struct

from kb.config import DEFAULT_DB, line_of
from kb.models import STANCES

_NAME = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9._-]+"
MOST = 1_000_000_000

Text = Annotated[str, Meta(pattern=r"^[^\x00]+$")]
Count = Annotated[int, Meta(ge=0, le=MOST)]
Share = Annotated[float, Meta(ge=0, le=1)]
_NAMES = _NAME.replace("._-", "._*?-")
Repo = Annotated[str, Meta(pattern=rf"^{_NAME}/{_NAMES}$")]

WHEN, FORMS = ("news", "trouble", "always"), ("slack", "discord", "json")
"""When a notice is sent, and what a webhook takes."""

_TEXT, _COUNT = "a text in quotes", f"a whole number, 0 or more, up to {MOST:,}"


def _setting(takes: str, description: str) -> Meta:
    return Meta(description=description, extra={"takes": takes})


class Harvest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table `[harvest]`."""

    repos: Annotated[
        tuple[Repo, ...],
        _setting(
            "a list of repositories, each written 'owner/name' or 'owner/*'",
            "What `nightly` harvests; `owner/*` for all of an owner.",
        ),
    ] = ()
    since: Annotated[
        Text | None,
        _setting(
            _TEXT,
            "First run: only threads changed since then. A span (`90d`; also `h`, `w`, `m` of 30"
            " days, `y`) or a date (`2026-01-31`).",
        ),
    ] = None
    max_issues: Annotated[
        Count | None, _setting(_COUNT, "At most this many threads a repository and run.")
    ] = None
    max_wait: Annotated[
        Count, _setting(_COUNT, "Seconds to wait at GitHub's rate limit before the run stops.")
    ] = 900
    timelines: Annotated[
        Count, _setting(_COUNT, "Timelines (who closed it, with what) that a run may ask for.")
    ] = 200
    api_url: Annotated[
        Text | None,
        _setting(
            _TEXT,
            "GitHub Enterprise: `https://HOST/api/v3`. The host gets the token only if"
            " `FAULTLORE_TRUST_API_URL` names it too ([how](../how-to/enterprise.md)).",
        ),
    ] = None


class Export(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table `[export]`."""

    formats: Annotated[
        tuple[Text, ...], _setting("a list of texts in quotes", "What `nightly` writes: {formats}.")
    ] = ("note",)
    out: Annotated[Text, _setting(_TEXT, "The folder below which each format has its own.")] = (
        "evidence"
    )
    min_threads: Annotated[
        Count, _setting(_COUNT, "Entries with fewer threads are not exported.")
    ] = 1
    target: Annotated[Text, _setting(_TEXT, "The site generator: {targets}.")] = "commonmark"
    notes_url: Annotated[
        Text | None, _setting(_TEXT, "Where the notes are published; pages link to them.")
    ] = None
    site_url: Annotated[
        Text | None,
        _setting(_TEXT, "Where the pages are published: for structured data, feed and sitemap."),
    ] = None
    min_grade: Annotated[
        Text | None, _setting(_TEXT, "Entries of a lower grade are not exported (A is best).")
    ] = None
    confidence: Annotated[
        Share, _setting("a number from 0 to 1", "Statements of less confidence are not shown.")
    ] = 0.0
    stance: Annotated[
        Text | None,
        _setting(_TEXT, "Statements that stand worse are not shown: `supported`, for example."),
    ] = None
    markers: Annotated[
        bool | None,
        _setting(
            "true or false", "Comments beside quotes that name the claims; else as the target can."
        ),
    ] = None
    candidates: Annotated[
        dict[Text, Text],
        _setting(
            'a table that maps fields to texts: { headline = "{title}" }',
            "The fields of a candidate record, where a queue wants others"
            " ([candidates](candidates.md)).",
        ),
    ] = {}
    categories: Annotated[
        dict[Text, Text],
        _setting(
            'a table that maps technologies to categories: { openrouter = "API errors" }',
            "A technology (or `owner/name`, or `*` for all others) to the site's own category.",
        ),
    ] = {}


class Judge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table `[judge]`."""

    model: Annotated[
        Text | None,
        _setting(_TEXT, "The language model that judges what the built-in one is not sure of."),
    ] = None
    base_url: Annotated[
        Text,
        _setting(
            _TEXT,
            "An endpoint of OpenAI's API: OpenRouter, Ollama, vLLM and others too. A host that is"
            " not well known gets the key only if `FAULTLORE_TRUST_API_URL` names it too.",
        ),
    ] = "https://openrouter.ai/api/v1"
    api_key_env: Annotated[
        str,
        _setting(
            "the name of a variable in quotes",
            "The environment variable that holds the key; empty for an endpoint that wants none.",
        ),
    ] = "OPENROUTER_API_KEY"
    max_requests: Annotated[Count, _setting(_COUNT, "Requests of one run at most.")] = 200
    max_tokens: Annotated[Count, _setting(_COUNT, "Tokens of one run at most.")] = 500_000
    band: Annotated[
        tuple[Share, Share],
        _setting(
            "two numbers from 0 to 1: [0.3, 0.8]",
            "Claims, pairs of errors and texts of a confidence in between are asked about.",
        ),
    ] = (0.3, 0.8)


class Publish(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table `[publish]`."""

    confidence: Annotated[
        Annotated[float, Meta(ge=0, le=1)] | None,
        _setting(
            "a number from 0 to 1",
            "How sure a cause or fix must be to be shown: of claims with 0.8 eight in ten "
            "are right."
            " By default so that nine of ten that are shown are right.",
        ),
    ] = None


class Notify(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table `[notify]`."""

    webhook_env: Annotated[
        Text | None,
        _setting(
            "the name of a variable in quotes",
            "The environment variable that holds the webhook's address, which is a key and belongs"
            " in no file. Off until it is named.",
        ),
    ] = None
    form: Annotated[
        Text | None,
        _setting(_TEXT, "What the webhook takes: slack, discord or json. By default by its host."),
    ] = None
    when: Annotated[
        Text,
        _setting(
            _TEXT,
            "`news`: if there are new, rising, better known errors or contradicted fixes, or"
            " trouble; `trouble`: if the run ended with a status other than 0; `always`.",
        ),
    ] = "news"


class File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole file."""

    db: Annotated[Text, _setting(_TEXT, "The database.")] = DEFAULT_DB
    curation: Annotated[
        Text | None,
        _setting(
            _TEXT, "Your decisions on entries, causes, fixes ([review](../how-to/review.md))."
        ),
    ] = None
    harvest: Annotated[Harvest, _setting("a table: write [harvest]", "")] = Harvest()
    publish: Annotated[Publish, _setting("a table: write [publish]", "")] = Publish()
    export: Annotated[Export, _setting("a table: write [export]", "")] = Export()
    judge: Annotated[Judge, _setting("a table: write [judge]", "")] = Judge()
    notify: Annotated[Notify, _setting("a table: write [notify]", "")] = Notify()


class Config(File, frozen=True, kw_only=True):
    """A configuration; `path` is its file, None for the defaults."""

    path: Path | None = None

    def resolve(self, name: str) -> Path:
        """A path of the configuration: relative ones count from the folder of the file."""
        return (self.path.parent / name) if self.path else Path(name)

    def where(self, table: str, key: str) -> str:
        """A setting's name with its file and line, for messages."""
        if self.path is None:
            return f"{table}.{key}"
        text = self.path.read_text(encoding="utf-8")
        return f"{self.path}:{line_of(text, key, table)}: {table}.{key}"


class WrongSettingError(Exception):
    """A setting that cannot be: `keys` lead to it; `problem` follows its name in a sentence."""

    def __init__(self, keys: tuple[str, ...], problem: str) -> None:
        super().__init__(f"{'.'.join(keys)} {problem}")
        self.keys = keys
        self.problem = problem


_AT = re.compile(r"(?P<why>.*?)(?: - at `\$\.(?P<path>[^`]*)`)?\Z", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`\Z", re.DOTALL)


def checked(document: dict[str, Any], path: Path | None) -> Config:
    """The configuration that a TOML document holds. Raises `WrongSettingError`."""
    try:
        file = msgspec.convert(document, File)
    except msgspec.ValidationError as error:
        raise _wrong(document, str(error)) from error
    _check_names(file)
    export = msgspec.structs.replace(
        file.export, categories={k.lower(): v for k, v in file.export.categories.items()}
    )
    return Config(**(msgspec.structs.asdict(file) | {"export": export, "path": path}))


def _wrong(document: dict[str, Any], message: str) -> WrongSettingError:
    """What msgspec found, in the words of the table."""
    found = _AT.match(message)
    assert found is not None
    keys = tuple(re.findall(r"[^.\[\]]+", found["path"] or ""))[:2]
    if unknown := _UNKNOWN.match(found["why"]):
        known = ", ".join(TABLES[keys].__struct_fields__)
        return WrongSettingError((*keys, unknown[1]), f"is not a setting; known here: {known}")
    value: Any = document
    for key in re.findall(r"[^.\[\]]+", found["path"] or ""):
        value = value[int(key)] if isinstance(value, list) else value.get(key)
    shown = "" if isinstance(value, dict | list | None) else f"; found {repr(value)[:60]}"
    return WrongSettingError(keys, f"must be {about(keys).extra['takes']}{shown}")


TABLES: dict[tuple[str, ...], type[Struct]] = {
    (): File,
    ("harvest",): Harvest,
    ("publish",): Publish,
    ("export",): Export,
    ("judge",): Judge,
    ("notify",): Notify,
}
"""The tables of a file by their name; `()`: its top."""


def about(keys: tuple[str, ...]) -> Any:
    """What is said of a setting: `description`, and in `extra` what it `takes`."""
    return get_type_hints(TABLES[keys[:-1]], include_extras=True)[keys[-1]].__metadata__[-1]


def _check_names(file: File) -> None:
    """What a type cannot say: names of formats and targets, and no repository twice."""
    from kb.notes.formats import format_names
    from kb.notes.targets import target_names

    repos = file.harvest.repos
    if doubled := sorted({repo for repo in repos if repos.count(repo) > 1}):
        raise WrongSettingError(("harvest", "repos"), f"names {doubled[0]} twice")
    export = file.export
    named = [("formats", name, format_names()) for name in export.formats]
    named.append(("target", export.target, target_names()))
    named += [("min_grade", export.min_grade, list("ABCD"))] if export.min_grade else []
    named += [("stance", export.stance, list(STANCES[:-1]))] if export.stance else []
    notify = file.notify
    notices = [("when", notify.when, list(WHEN))]
    notices += [("form", notify.form, list(FORMS))] if notify.form else []
    for table, rows in (("export", named), ("notify", notices)):
        for key, name, known in rows:
            if name not in known:
                raise WrongSettingError(
                    (table, key), f"names {name[:60]!r}; known: {', '.join(known)}"
                )
