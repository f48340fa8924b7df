"""All SQL stands in one place, and every statement of it is asked and fits the schema."""

from __future__ import annotations

import ast
import re
import sqlite3
from collections.abc import Iterator

import pytest

from kb import sql
from kb.store import Store
from kb.tables import HERE, read_text

ROOT = HERE.parent
PLACES = ("kb/rows.py", "kb/schema.py", "kb/sql/__init__.py")
"""The modules that hold SQL or run it."""
MODULES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for package in ("kb", "miner")
    for path in sorted((ROOT / package).rglob("*.py"))
}
OTHERS = [name for name in MODULES if name not in PLACES]
NAMES = sorted(
    f"{path.stem}.{name}"
    for path in (HERE / "sql").glob("*.sql")
    for name in sql.statements(path.stem)
)
_STATEMENT = re.compile(
    r"\s*(?:select\s[^.]*\bfrom\b|insert\s+(?:or\s+\w+\s+)?into\s|update\s+\w+\s+set\s|delete\s+from\s"
    r"|(?:create|drop)\s+(?:table|view|index|trigger|temp|virtual)\b|pragma\s|attach\s|vacuum\b)"
    r"|.*\b(?:left join|group by|order by|json_each)\b",
    re.IGNORECASE | re.DOTALL,
)


def _constants(tree: ast.Module) -> Iterator[ast.Constant]:
    """The constants of a module, without its docstrings."""
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in documents:
            yield node


@pytest.mark.parametrize("module", OTHERS)
def test_no_other_module_holds_sql(module: str) -> None:
    tree = MODULES[module]
    texts = [node for node in _constants(tree) if isinstance(node.value, str)]
    held = [node.lineno for node in texts if _STATEMENT.match(str(node.value))]
    runs = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in ("execute", "executemany", "executescript")
    ]
    assert (held, runs) == ([], []), "give the statement a name in kb/sql"


def test_sql_is_seen() -> None:
    for text in ("select a from b", "INSERT OR IGNORE INTO a", "pragma x = 1", " order by a"):
        assert _STATEMENT.match(text)
    assert not _STATEMENT.match("select the row, then delete it")


def _asked() -> Iterator[tuple[str, re.Pattern[str]]]:
    """The names by which modules ask, each as it stands; what is put in is any word."""
    for module, tree in MODULES.items():
        for node in ast.walk(tree):
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            text = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "\0" for part in parts
            )
            if re.fullmatch(r"[a-z]+\.[a-z_\0]+", text):
                yield module, re.compile(text.replace(".", r"\.").replace("\0", r"\w+"))


def test_a_name_stands_once_in_a_file() -> None:
    for path in (HERE / "sql").glob("*.sql"):
        names = re.findall(r"^-- name: (\w+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert sorted(names) == sorted(sql.statements(path.stem))


def test_every_statement_is_asked() -> None:
    asked = [pattern for _, pattern in _asked()]
    names = {name for name in NAMES if not any(pattern.fullmatch(name) for pattern in asked)}
    assert names == set()


def test_every_name_that_is_asked_is_that_of_a_statement() -> None:
    functions = ("ask", "first", "value", "column", "write", "write_many", "script")
    for module, tree in MODULES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                ours = isinstance(owner, ast.Name) and owner.id == "sql"
                if ours and node.func.attr in functions and len(node.args) > 1:
                    name = node.args[1]
                    if isinstance(name, ast.Constant):
                        assert name.value in NAMES, f"{module}: {name.value}"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("sql") / "whole.db"
    Store.open(path).close()
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(read_text("schema.sql"))
    connection.execute("attach ? as whole", (str(path),))
    connection.executescript(sql.text("slices.make_lists"))
    yield connection
    connection.close()


SCRIPTS = ("file.check_what_is_read", "file.only_read", "file.open_log", "slices.make_lists")


@pytest.mark.parametrize("name", [name for name in NAMES if name not in SCRIPTS])
def test_a_statement_fits_the_schema(name: str, database: sqlite3.Connection) -> None:
    text = sql.text(name)
    named = dict.fromkeys(re.findall(r"(?<![:\w]):(\w+)", text))
    numbers = [int(one) for one in re.findall(r"\?(\d+)", text)]
    marks = [None] * (max(numbers) if numbers else text.count("?"))
    assert not (named and marks)
    database.execute(f"explain\n{text}", named or marks)
