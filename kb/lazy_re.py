"""The module `re`, with patterns that are compiled when they are first asked.

Use: `from kb import lazy_re as re`. A question needs a quarter of the program's patterns, and
compiling the others would take as long as its answer.
"""

from __future__ import annotations

import re
from functools import cached_property
from re import *  # noqa: F403 - what patterns are made and used with
from typing import Any, AnyStr, cast


class LazyPattern:
    """A pattern, with its text as `pattern`, that is compiled when one of its methods is asked."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self.pattern, self._flags = pattern, flags

    @cached_property
    def own(self) -> re.Pattern[Any]:
        """The pattern itself."""
        return re.compile(self.pattern, self._flags)

    def __getattr__(self, name: str) -> Any:
        """An attribute of the pattern, which is found at once from then on."""
        self.__dict__[name] = found = getattr(self.own, name)
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        return compile, (self.pattern, self._flags)


def compile(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:  # type: ignore[no-redef] # noqa: A001
    """As `re.compile`; a mistake in the pattern is told when it is first asked."""
    return cast("re.Pattern[AnyStr]", LazyPattern(pattern, flags))
