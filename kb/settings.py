"""What `faultlore.toml` may hold: every setting with its type, its default and what it means.

This is the one table of settings: the file is checked against it (msgspec), and
docs/reference/configuration.md is made of it and of the texts below its fields. `kb.config` reads
the file; this module is imported only where there is one.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from kb import lazy_re as re
from kb.errors import BadInputError
from kb.models import STANCES
from kb.tables import DEFAULT_DB, line_of
from kb.text import since_time

_NAME = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9._-]+"
MOST = 1_000_000_000

Text = Annotated[str, Meta(pattern=r"^[^\x00]+$")]
Address = Annotated[str, Meta(pattern=r"^https?://[^/\s\x00][^\s\x00]*$")]
AddressOrPath = Annotated[str, Meta(pattern=r"^(https?://[^/\s\x00]|/)[^\s\x00]*$")]
Count = Annotated[int, Meta(ge=0, le=MOST)]
Share = Annotated[float, Meta(ge=0, le=1)]
_NAMES = _NAME.replace("._-", "._*?-")
Repo = Annotated[str, Meta(pattern=rf"^{_NAME}/{_NAMES}$")]
Repos = tuple[Repo, ...]
Texts = tuple[Text, ...]
Variable = Text
MaybeVariable = str
Band = tuple[Share, Share]
Fields = dict[Text, Text]
Categories = dict[Text, Text]

_VARIABLE = "the name of a variable in quotes"
TAKES = {
    "Text": "a text in quotes",
    "Address": "an address that begins with https://",
    "AddressOrPath": "an address that begins with https://, or with / for the same host",
    "Count": f"a whole number, 0 or more, up to {MOST:,}",
    "Share": "a number from 0 to 1",
    "bool": "true or false",
    "Repos": "a list of repositories, each written 'owner/name' or 'owner/*'",
    "Texts": "a list of texts in quotes",
    "Variable": _VARIABLE,
    "MaybeVariable": _VARIABLE,
    "Band": "two numbers from 0 to 1: [0.3, 0.8]",
    "Fields": 'a table that maps fields to texts: { headline = "{title}" }',
    "Categories": 'a table that maps technologies to categories: { openrouter = "API errors" }',
}
"""What a setting of a type takes, for messages."""

WHEN, FORMS = ("news", "trouble", "always"), ("slack", "discord", "json")
"""When a notice is sent, and what a webhook takes."""
GRADES, SHOWN_STANCES = ("A", "B", "C", "D"), STANCES[:-1]
"""Grades of entries and stances of statements, best first."""


class Harvest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table `[harvest]`; the options of `faultlore harvest` are made of it too."""

    repos: Repos = ()
    """What `nightly` harvests; `owner/*` for all of an owner."""
    since: Text | None = None
    """On a first run, only threads changed since then: a span (`90d`; also `h`, `w`, `m` of 30
    days, `y`) or a date (`2026-01-31`)."""
    max_issues: Count | None = None
    """At most this many threads per repository and run."""
    max_wait: Count = 900
    """The longest wait for GitHub's rate limit, in seconds; a run that needs a longer one stops."""
    timelines: Count = 200
    """At most this many requests for timelines (who closed a thread, with what) per repository and
    run."""
    api_url: Text | None = None
    """GitHub Enterprise: `https://HOST/api/v3`. The host gets the token only if
    `FAULTLORE_TRUST_API_URL` names it too ([how](../how-to/enterprise.md))."""


class Export(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table `[export]`; the options of `faultlore export` are made of it too."""

    formats: Texts = ("note",)
    """What `nightly` writes: {formats}."""
    out: Text = "evidence"
    """The folder below which each format has its own."""
    min_threads: Count = 1
    """Leave out entries with fewer threads."""
    target: Text = "commonmark"
    """The site generator: {targets}."""
    notes_url: AddressOrPath | None = None
    """Where the notes are published; pages link to them."""
    site_url: Address | None = None
    """Where the pages are published: for structured data, feed and sitemap."""
    min_grade: Text = GRADES[-1]
    """Leave out entries of a lower grade (A is best)."""
    confidence: Share = 0.0
    """Leave out statements with less confidence (0 to 1)."""
    stance: Text = SHOWN_STANCES[-1]
    """Leave out statements with a weaker stance than this."""
    markers: bool | None = None
    """Comments beside quotes that name the claims; by default the target decides."""
    candidates: Fields = {}
    """The fields of a candidate record, where a queue wants others
    ([candidates](candidates.md))."""
    categories: Categories = {}
    """A technology (or `owner/name`, or `*` for all others) to the site's own category."""


class Judge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table `[judge]`."""

    model: Text | None = None
    """The language model that judges what the built-in one is not sure of."""
    base_url: Text = "https://openrouter.ai/api/v1"
    """An endpoint of OpenAI's API: OpenRouter, Ollama, vLLM and others too. A host that is not well
    known gets the key only if `FAULTLORE_TRUST_API_URL` names it too."""
    api_key_env: MaybeVariable = "OPENROUTER_API_KEY"
    """The environment variable that holds the key; empty for an endpoint that wants none."""
    max_requests: Count = 200
    """Requests of one run at most."""
    max_tokens: Count = 500_000
    """Tokens of one run at most."""
    band: Band = (0.3, 0.8)
    """Claims, pairs of errors and texts of a confidence in between are asked about."""


class Publish(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table `[publish]`."""

    confidence: Share | None = None
    """How sure a cause or fix must be to be shown: of claims with 0.8 eight in ten are right. By
    default so that nearly nine of ten that are shown are right."""


class Notify(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table `[notify]`."""

    webhook_env: Variable | None = None
    """The environment variable that holds the webhook's address, which is a key and belongs in no
    file. Off until it is named."""
    form: Text | None = None
    """What the webhook takes: slack, discord or json. By default by its host."""
    when: Text = "news"
    """`news`: if there are new, rising, better known errors or contradicted fixes, or trouble;
    `trouble`: if the run ended with a status other than 0; `always`."""


class File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole file."""

    db: Text = DEFAULT_DB
    """The database."""
    curation: Text | None = None
    """Your decisions on entries, causes, fixes ([review](../how-to/review.md))."""
    harvest: Harvest = Harvest()
    publish: Publish = Publish()
    export: Export = Export()
    judge: Judge = Judge()
    notify: Notify = Notify()


class Config(File, frozen=True, kw_only=True):
    """A configuration; `path` is its file, None for the defaults."""

    path: Path | None = None

    def resolve(self, name: str) -> Path:
        """A path of the configuration: relative ones count from the folder of the file."""
        return (self.path.parent / name) if self.path else Path(name)

    @property
    def curation_file(self) -> Path | None:
        """A person's decisions, None if no file of them is named."""
        return self.resolve(self.curation) if self.curation else None

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
    if keys[:-1] not in TABLES or keys in TABLES:
        return WrongSettingError(keys, f"must be a table: write [{keys[-1]}]{shown}")
    kind = TABLES[keys[:-1]].__annotations__[keys[-1]].removesuffix(" | None")
    return WrongSettingError(keys, f"must be {TAKES[kind]}{shown}")


_PARTS: tuple[type[Struct], ...] = (Harvest, Publish, Export, Judge, Notify)
TABLES: dict[tuple[str, ...], type[Struct]] = {(): File}
TABLES |= {(part.__name__.lower(),): part for part in _PARTS}
"""The tables of a file by their name; `()`: its top."""


def texts(table: type[Struct]) -> dict[str, str]:
    """The text below each field of a class and of those that it extends."""
    found = re.findall(r'\n    (\w+): [^\n]+\n    """(.*?)"""', inspect.getsource(table), re.DOTALL)
    own = {name: " ".join(text.split()) for name, text in found}
    return own if table.__base__ in (None, Struct) else texts(table.__base__) | own


def known_names() -> dict[tuple[str, str], Sequence[str]]:
    """The names that a setting takes, by table and key."""
    from kb.notes.formats import format_names
    from kb.notes.targets import target_names

    return {
        ("export", "formats"): format_names(),
        ("export", "target"): target_names(),
        ("export", "min_grade"): GRADES,
        ("export", "stance"): SHOWN_STANCES,
        ("notify", "when"): WHEN,
        ("notify", "form"): FORMS,
    }


def _check_names(file: File) -> None:
    """What a type cannot say: names of formats and targets, no repository twice, a time that can
    be read, bounds in their order.
    """
    repos, since, band = file.harvest.repos, file.harvest.since, file.judge.band
    if since:
        try:
            since_time(since)
        except BadInputError as error:
            raise WrongSettingError(("harvest", "since"), f"cannot be: {error}") from None
    if band[0] > band[1]:
        raise WrongSettingError(("judge", "band"), "names its higher bound first; swap the two")
    if doubled := sorted({repo for repo in repos if repos.count(repo) > 1}):
        raise WrongSettingError(("harvest", "repos"), f"names {doubled[0]} twice")
    for (table, key), known in known_names().items():
        chosen = getattr(getattr(file, table), key)
        for name in (chosen,) if isinstance(chosen, str) else chosen or ():
            if name not in known:
                named = f"names {name[:60]!r}; known: {', '.join(known)}"
                raise WrongSettingError((table, key), named)
