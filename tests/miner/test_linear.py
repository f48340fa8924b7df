"""What a stage does with a thread grows with its text: counted in lines of the program that run, at
two lengths.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from kb.models import Thread
from miner.authors.roles import roles, signs_of_thread
from miner.detect import detect
from miner.extract import ClaimContext, find_claims
from miner.extract.references import links_of
from miner.extract.releases import versions_of
from tests.support.claims_threads import thread

UNITS = [
    *("a! ", "?", "é. ", "中。", "a_b", "#1 ", "@ab ", "> a\n", "- a\n", "a\n\n", "`a` ", "v1.2 "),
    *("[a](b) ", "error: x\n", "|a|b|\n", "<!-- ", "```\n", "it works now. ", "acme/tool#3 "),
]
SIZE = 1200
"""Characters of a post; the longer thread has twice as many."""

STAGES: dict[str, Callable[[Thread], Any]] = {
    "detect": detect,
    "roles": roles,
    "links": links_of,
    "versions": lambda t: versions_of(t, roles(t)),
    "signs": signs_of_thread,
    "claims": lambda t: find_claims(t, [], ClaimContext()),
}


def lines_run(work: Callable[[], Any]) -> int:
    """How many lines of Python run; a loop counts a line each time around."""
    count = 0

    def trace(frame: FrameType, event: str, arg: object) -> Any:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def posts(unit: str, size: int) -> Thread:
    text = (unit * size)[:size] + "x"
    return thread("It fails", text, *(("juno", "NONE", text), ("m-oakes", "MEMBER", text)))


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("unit", UNITS)
def test_twice_the_text_is_twice_the_work(unit: str, stage: str) -> None:
    run = STAGES[stage]
    run(posts(unit, 20))  # loads tables
    short, long = posts(unit, SIZE), posts(unit, 2 * SIZE)
    once, twice = lines_run(lambda: run(short)), lines_run(lambda: run(long))
    assert twice < 2.6 * once + 500


def test_a_snake_case_name_ends() -> None:
    name = "_".join(str(i) for i in range(60))
    assert find_claims(thread("It fails", f"{name} is the cause."), [], ClaimContext()) is not None


def test_odd_counts_of_reactions_are_read() -> None:
    """Databases of earlier versions may hold negative ones."""
    from dataclasses import replace

    one = thread("It fails", "x", ("m-oakes", "MEMBER", "The cause is the cache. Delete it."))
    odd = one.comments[0]._replace(thumbs_up=-2, thumbs_down=-1)
    assert find_claims(replace(one, comments=(odd,)), [], ClaimContext()) is not None
