"""Who speaks in a thread, and which posts can be evidence.

A post is no evidence if no person stands behind it (bot, stale notice, generated answer), if it is
an advert, or if it is only the form it was written in. The account says that it is a bot (type,
app, login) or the wording does: only where a person would hardly write it (a notice that says it is
automatic, a footer that asks for a thumb, the set phrases of stale actions).

Every comment leaves a few signs (hashes) in table `post_hash`: its text, and its author's product
links. A sign seen in several repositories, or in many threads of one, is repeated, which an honest
answer is not. So is that somebody speaks for a project to four people, which tells its people where
GitHub does not: where it shows them, by association or by whose threads they close, a stranger's
fine words are only that. Without a thread's events a comment of the second in which it was closed
is of who closed it. The table is a function of the stored posts, so the order of arrival does
not matter.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterable

import re2

from kb import sql
from kb.markdown import Document, document
from kb.models import MAINTAINERS, Thread, ThreadKey
from miner.authors.pattern_lists import MAX_CHARACTERS, in_any_line, load_names, load_wording
from miner.authors.spam import THRESHOLD, advert_probability, web_links
from miner.posts import ParsedPost, ParsedThread, Role, Speaker, parsed

MIN_LETTERS = 60
"""A shorter text ("same here", "any news?") is repeated by chance."""
MIN_REPOS = 2
MIN_THREADS = 4
"""Threads of one repository that repeat a sign; cross-posting to two or three is honest."""

_HANDLE = re.compile(r"@[A-Za-z0-9-]+|#\d+|https?://\S+")
_KEPT = re.compile(r"[\W\d_]+")


def _hash(kind: str, text: str) -> str:
    return kind + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def signs_of_post(text: str | Document, author: str | None, repo: str) -> list[str]:
    """The signs of a post: its words without names, numbers, links; its author's product links."""
    words = document(text).own_words[:MAX_CHARACTERS]
    signs = []
    letters = _KEPT.sub(" ", _HANDLE.sub(" ", words)).strip().lower()
    if len(letters) >= MIN_LETTERS:
        signs.append(_hash("t", letters))
    if author:
        targets = [link.target for link in web_links(words, repo) if link.is_product]
        signs += [_hash("l", f"{author.lower()} {target}") for target in targets]
    return sorted(set(signs))


_OF_PEOPLE = "srk"
"""Signs of people instead of posts: they matter where their author answers (`a`)."""
_FOR_PROJECT = load_wording("voices")["for the project"]


def voice(kind: str, author: str, repo: str) -> str:
    """A sign of somebody in a project: `s` he speaks for it, `r` he has the right to close others'
    threads, `a` he answers there. Of nobody by name (""): `k` some of its people are known, `a` an
    outsider answers.
    """
    return _hash(kind, f"{author} {repo}".lower())


def signs_of_thread(thread: Thread | ParsedThread) -> list[str]:
    """The signs of a thread: of comments of outsiders that are neither bots nor the reporter's."""
    whole = parsed(thread)
    repo, reporter = whole.thread.repo, whole.thread.author
    closing = {e.actor for e in whole.thread.events if e.event == "closed"} - {reporter, None}
    found = {voice("r", actor, repo) for actor in closing if actor and not bot_login(actor)}
    if found or any(p.association in MAINTAINERS for p in (whole.body, *whole.comments)):
        found.add(voice("k", "", repo))
    if not whole.thread.events:
        # who closes a thread with a comment makes both in one second
        last = {p.author for p in whole.comments if p.created_at == whole.thread.closed_at}
        found |= {voice("r", one, repo) for one in last - {reporter} if one and not bot_login(one)}
    for post in whole.comments:
        is_reporter = post.author and post.author == reporter
        if post.association not in MAINTAINERS and post.author_type != "Bot" and not is_reporter:
            found.update(signs_of_post(post.document, post.author, repo))
            if post.author:
                found |= {voice("a", post.author, repo), voice("a", "", repo)}
                speaks = _FOR_PROJECT.search(post.document.own_words[:MAX_CHARACTERS])
                if speaks and speaker_of(whole, post).evidence:  # no maker of another product
                    found.add(voice("s", post.author, repo))
    return sorted(found)


def record(connection: sqlite3.Connection, key: ThreadKey, signs: Iterable[str]) -> set[ThreadKey]:
    """Writes a thread's signs and returns the other threads whose judgement they change.

    Call it inside a transaction for each thread that changed, before any of them is judged, and
    judge the returned threads again.
    """
    new = set(signs)
    changed = new ^ set(sql.column(connection, "threads.post_hashes", *key))
    if not changed:
        return set()
    before = repeated_among(connection, changed)
    sql.write(connection, "threads.drop_post_hashes", *key)
    sql.write_many(connection, "threads.put_post_hash", [(sign, *key) for sign in sorted(new)])
    turned = before ^ repeated_among(connection, changed)
    held = ("a" + sign[1:] if sign[0] in _OF_PEOPLE else sign for sign in turned)
    rows = (row for sign in held for row in sql.ask(connection, "threads.with_post_hash", sign))
    return {(repo, number) for repo, number in rows} - {key}


def repeated_among(connection: sqlite3.Connection, signs: Iterable[str]) -> frozenset[str]:
    """Those of some signs that stand in unrelated threads of the database."""
    wanted = {sign for sign in signs if sign[0] != "a"}
    counts = {sign: sql.first(connection, "threads.count_post_hash", sign) for sign in wanted}
    return frozenset(
        sign
        for sign, (repos, threads, reporters) in counts.items()
        if (sign[0] in "kr" and threads)
        or repos >= MIN_REPOS
        or (reporters if sign[0] == "s" else threads) >= MIN_THREADS
    )


def repeated_in(connection: sqlite3.Connection, thread: Thread) -> frozenset[str]:
    """The signs of a stored thread's posts that are repeated, as `roles` takes them, and what is
    known of who answers in it.
    """
    signs = sql.column(connection, "threads.post_hashes", *thread.key)
    answering = [kind + sign[1:] for sign in signs if sign[0] == "a" for kind in _OF_PEOPLE]
    return repeated_among(connection, [*signs, *answering])


def speakers_in(whole: ParsedThread, repeated: frozenset[str]) -> frozenset[str]:
    """Who of those that answer in a thread speaks for its project, by `repeated_in`: who has a
    right there, or speaks so and is no stranger to a project whose people are known.
    """
    repo = whole.thread.repo
    known = voice("k", "", repo) in repeated
    found = set()
    for post in whole.comments:
        kinds = "r" if known and post.association != "CONTRIBUTOR" else "rs"
        if post.author and any(voice(kind, post.author, repo) in repeated for kind in kinds):
            found.add(post.author)
    return frozenset(found)


_LOGINS = load_names("logins")
_SPLIT = re2.compile(r"[-_.\[\]]+")
_CAMEL_BOT = re2.compile(r"[a-z0-9](?:Bot|BOT)$")


def bot_login(login: str | None) -> bool:
    """Whether a login names a machine: `x[bot]`, `x-bot`, `bot_x`, `XBot`, or a known one."""
    if not login:
        return False
    lower = login.lower()
    if lower.endswith("[bot]") or lower in _LOGINS["known"]:
        return True
    parts = [part for part in _SPLIT.split(lower) if part]
    if not parts:
        return False
    named = parts[-1] in _LOGINS["last parts"] or parts[0] in _LOGINS["first parts"]
    return named or bool(_CAMEL_BOT.search(login))


_RULES = load_wording("bots")
_SELF = _RULES["itself"]
_FEEDBACK = _RULES["asks for a thumb"]
_GENERATED = _RULES["generated"]
_STALE = _RULES["stale"]
_CHORE = _RULES["chore"]
_FIXED = re2.compile(
    r"(?i)\b(?:fix(?:ed|es)?|caus(?:e|ed) by|solved|resolved (?:in|by|with)|merged|released"
    r"|in v?\d+\.\d+)\b"
)
_PASTED = _RULES["pasted"]


def machine_wording(text: str | Document, *, person: bool = True) -> str | None:
    """Why a post's wording shows that no person stands behind it, or None.

    `person`: the account is a person's as far as GitHub says; a stale phrase then counts only in a
    post that says nothing of a cause or a fix, since people close threads too. Answers `bot`,
    `summary`, `stale` or `triage`.
    """
    words = document(text).own_prose[:MAX_CHARACTERS]
    if _SELF.search(words) or _FEEDBACK.search(words):
        return "bot"
    lines = [line for line in words.splitlines() if line.strip()]
    if in_any_line(_GENERATED, lines[:40]):
        return "summary"
    if _STALE.search(words) or in_any_line(_STALE, lines[:12]):
        if not person or (len(words.strip()) <= 500 and not _FIXED.search(words)):
            return "stale"
        return None
    if in_any_line(_CHORE, lines[:6]):
        return "triage" if not person or len(lines) <= 6 else None
    if _PASTED.search(words) or in_any_line(_PASTED, lines[:3]):
        return "summary"
    return None


BODY_THRESHOLD = 0.97
"""An issue's own text holds the report: it is taken for an advert only where hardly else can be."""

_FORM_LINE = load_wording("forms")["form line"]
_STRUCTURE = load_wording("forms")["structure"]


def roles(
    thread: Thread | ParsedThread, repeated: frozenset[str] = frozenset()
) -> dict[int | None, Speaker]:
    """Who speaks in the issue's own text (key None) and in every comment (key: its id).

    `repeated`: signs of its posts that stand in unrelated threads too (`repeated_in`).
    """
    whole = parsed(thread)
    found: dict[int | None, Speaker] = {None: speaker_of(whole, whole.body)}
    for post in whole.comments:
        found[post.place[0]] = _with_others(whole, post, repeated)
    return found


def speaker_of(thread: ParsedThread, post: ParsedPost) -> Speaker:
    """Who speaks in a post, as far as its own thread tells; judged once, kept with the post."""
    if post is thread.title:
        return speaker_of(thread, thread.body)
    if post.speaker is None:
        post.speaker = _opening(thread) if post is thread.body else _reply(thread, post)
    return post.speaker


def _with_others(thread: ParsedThread, post: ParsedPost, repeated: frozenset[str]) -> Speaker:
    """A post's speaker, given which texts stand in other threads too: an advert shows by that."""
    alone = speaker_of(thread, post)
    if not repeated or alone.role in ("bot", "maintainer") or alone.why not in _MAY_ADVERTISE:
        return alone
    stands = not repeated.isdisjoint(signs_of_post(post.document, post.author, thread.thread.repo))
    if stands and advert_probability(thread, post, repeated=True) >= THRESHOLD:
        return Speaker(alone.role, False, "advert")
    return alone


_MAY_ADVERTISE = (None, "template")


def _opening(thread: ParsedThread) -> Speaker:
    opening = thread.body
    role = role_of(opening, opening.author)
    if role == "bot":
        return Speaker(role, False, "bot")
    if is_only_form(opening.document):
        return Speaker(role, False, "template")
    if role == "reporter" and advert_probability(thread, opening) >= BODY_THRESHOLD:
        return Speaker(role, False, "advert")
    return Speaker(role, True)


def _reply(thread: ParsedThread, post: ParsedPost) -> Speaker:
    by_app = post.comment is not None and post.comment.via_app is not None
    role = role_of(post, thread.thread.author)
    machine = role == "bot" or by_app
    wording = machine_wording(post.document, person=not machine)
    if machine:
        return Speaker("bot", False, wording or "bot")
    if wording is not None:
        return Speaker("bot" if wording == "bot" else role, False, wording)
    if role == "maintainer":
        return Speaker(role, True)
    if advert_probability(thread, post) >= THRESHOLD:
        return Speaker(role, False, "advert")
    if is_only_form(post.document):
        return Speaker(role, False, "template")
    return Speaker(role, True)


def role_of(post: ParsedPost, reporter: str | None) -> Role:
    """The role of who wrote a post as far as its author tells; `reporter` opened the thread."""
    if post.author_type == "Bot" or bot_login(post.author):
        return "bot"
    if post.association in MAINTAINERS:
        return "maintainer"
    own = post.comment is None or (post.author is not None and post.author == reporter)
    return "reporter" if own else "user"


def is_only_form(text: str | Document) -> bool:
    """Whether a text is nothing but headings, check boxes and the prompts of a form."""
    lines = document(text).without_comments.splitlines()
    filled = [line for line in lines if line.strip()]
    return in_any_line(_STRUCTURE, filled) and all(_FORM_LINE.search(line) for line in filled)
