"""Where threads come from: what a source is, all of them, and the way into storage.

A source is one module of this package with a function `bring`: its name is the module's. Whatever
the tracker, it hands over threads in the import format, where each object has the fields that
GitHub's REST API gives it (docs/reference/import-format.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from inspect import signature
from itertools import islice
from pkgutil import iter_modules

from kb.errors import BadInputError
from kb.store import Store
from miner.harvest.objects import BadThreadError
from miner.harvest.threads import Counts, ThreadWriter

THREADS_A_TRANSACTION = 200
MAX_PROBLEMS = 1000


@dataclass(frozen=True, slots=True)
class Document:
    """One thread in the import format as a source found it, or the reason why there is none."""

    path: str
    line: int
    thread: object = None
    reason: str | None = None

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.reason}"


@dataclass(slots=True)
class ImportReport:
    """What an import brought: threads, comments and events by outcome, and the bad lines."""

    threads: Counts = field(default_factory=Counts)
    comments: Counts = field(default_factory=Counts)
    events: int = 0
    bad_lines: int = 0
    files_known: int = 0
    """Files that were passed over because they had been read to their end before."""
    problems: list[Document] = field(default_factory=list)

    def add_problem(self, path: str, line: int, reason: str) -> None:
        """Counts a bad line; the first `MAX_PROBLEMS` are kept to be printed."""
        self.bad_lines += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Document(path, line, reason=reason))


Bring = Callable[..., ImportReport]
"""`bring(store, arguments, advance)` brings threads into the store, a batch a transaction
(`store_threads` does that). `advance` is called with the bytes read since the last call. One with a
further parameter `only` takes the names and patterns of the repositories that are wanted. Raises
`BadInputError` for arguments that are none, `GitHubError` for a server that cannot be asked.
"""


def source_names() -> list[str]:
    """The names of all sources."""
    import miner.harvest as package

    modules = (module.name for module in iter_modules(package.__path__))
    return sorted(name for name in modules if _source(name) is not None)


def _source(name: str) -> Bring | None:
    module = f"{__package__}.{name}"
    try:
        return getattr(import_module(module), "bring", None)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        return None


def import_from(
    store: Store,
    name: str,
    arguments: Sequence[str],
    advance: Callable[[int], None] = lambda _: None,
    only: Sequence[str] = (),
) -> ImportReport:
    """Brings threads from the source of this name, `only` of these repositories.

    Raises `BadInputError` for a name or arguments that are none, and for a source that brings all.
    """
    bring = _source(name) if name.isidentifier() else None
    if bring is None:
        raise BadInputError(f"no source {name!r}; there are: {', '.join(source_names())}")
    if not only:
        return bring(store, arguments, advance)
    if "only" not in signature(bring).parameters:
        raise BadInputError(f"source {name} brings all it is given; leave out --only")
    return bring(store, arguments, advance, only)


def store_threads(store: Store, documents: Iterator[Document]) -> ImportReport:
    """Stores threads, a batch a transaction; of a bad one nothing, but the reason in the report."""
    report = ImportReport()
    more = True
    while more:
        with store.transaction() as connection:
            writer = ThreadWriter(connection, live=False)
            more = False
            for document in islice(documents, THREADS_A_TRANSACTION):
                more = True
                try:
                    if document.reason is not None:
                        raise BadThreadError(document.reason)
                    thread = document.thread
                    report.events += writer.put_thread(thread, report.threads, report.comments)
                except BadThreadError as error:
                    report.add_problem(document.path, document.line, str(error))
    return report
