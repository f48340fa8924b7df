"""Adverts that pose as answers: a product with praise, by somebody who has nothing else to say in
the thread.

Each sign is a word list or a fact about the post; a weighted sum of signs decides. The weights were
fitted (logistic regression) on the labelled replies of `data/labels/replies.jsonl` and stand here
as numbers to read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import re2

from kb.providers import providers
from miner.authors.pattern_lists import MAX_CHARACTERS, load_names, load_wording
from miner.posts import ParsedPost, ParsedThread

_INLINE_CODE = re.compile(r"`[^`\n]{1,400}`")
_URL = re.compile(r"https?://[^ \t\n\f\r<>()\[\]{}\"'`|\\^，。！；）]{3,400}")
_ENDINGS = (
    "com|io|ai|app|dev|net|cloud|shop|store|xyz|tech|tools|pro|club|page|site|online|de|fr|eu|nl"
    "|es|pl|example"
)
_ENDING = re2.compile(rf"(?i)[a-z0-9]\.(?:{_ENDINGS})\b")
_BARE = re2.compile(
    rf"(?i)(?:^|[\s(:,→])((?:[a-z0-9][a-z0-9-]{{1,40}}\.){{1,3}}(?:{_ENDINGS})(?:/[^\s<>()\[\]\"'`]{{0,200}})?)(?:$|[\s),.;:!?])"
)
_HOSTS = load_names("hosts")
_REFERENCE_HOSTS = _HOSTS["reference hosts"] | {
    host for provider in providers() for host in provider.hosts
}
_REPRODUCTION = re2.compile(
    r"(?i)repro|minimal|testcase|test-case|dotfiles|bug-?report|(?:^|[-_])mwe$|(?:^|[-_])mre$|-fork$|-patch(?:ed|es)?$"
)
_ARTICLE = re2.compile(r"^(?:19|20)\d\d$")
_IMAGE = re2.compile(r"!\[[^\]\n]{0,200}\]\(\s*$")
_PRIVATE = re2.compile(
    r"^(?:localhost|host\.docker\.internal|\d{1,3}(?:\.\d{1,3}){3}|[^.]+|.*\.(?:local|internal|lan|svc|test|invalid|localhost))$"
)
_FILE = re2.compile(
    r"(?i)\.(?:log|txt|png|jpe?g|gif|svg|webp|mp4|mov|webm|patch|diff|c|cc|cpp|h|py|js|ts|go|rs|java|json|ya?ml|toml|zip|gz|tgz|tar|xz|whl|deb|rpm|exe|msi|dmg|apk|pdf|csv|qlog|sh|md|rst|mdx|html?#\S+|gguf)$"
)
_REFERRAL = re2.compile(
    r"(?i)[?&](?:ref|via|aff|affiliate|utm_\w+|coupon|code|promo|r|invite|referral|src|partner)=|/\?r=|/(?:ref|invite|aff)/"
)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class WebLink:
    """An address in a text; `target`: host, and path where many share it; `names`: its words."""

    start: int
    end: int
    target: str
    names: tuple[str, ...]
    is_product: bool
    is_repository: bool
    is_referral: bool


def web_links(text: str, repo: str) -> list[WebLink]:
    """The addresses in a text, in order; `repo`: of the thread, whose own links are no products."""
    found = []
    if "://" in text:
        for match in _URL.finditer(text):
            url = match.group(0).rstrip(".,;:!?*_~")
            image = bool(_IMAGE.search(text[max(0, match.start() - 220) : match.start()]))
            found.append(_judge(url, match.start(), repo, image=image))
    # looked for first: most texts have no bare host, and this costs a tenth
    if _ENDING.search(text):
        taken = [range(link.start, link.end) for link in found]
        for match in _BARE.finditer(_INLINE_CODE.sub(lambda code: " " * len(code[0]), text)):
            start, name = match.start(1), match.group(1)
            known = name.lower().startswith(tuple(_HOSTS["bare names"]))
            if not known and not any(start in place for place in taken):
                found.append(_judge("https://" + name, start, repo, image=False, length=len(name)))
    return sorted(found, key=lambda link: link.start)


def _judge(url: str, start: int, repo: str, *, image: bool, length: int | None = None) -> WebLink:
    rest = url.split("://", 1)[1]
    place, _, fragment = rest.partition("#")
    host, _, tail = place.partition("/")
    path, host = tail.partition("?")[0], host.partition("?")[0]
    host = host.lower().split("@")[-1].split(":")[0].removeprefix("www.")
    parts = [part for part in path.split("/") if part]
    owner = repo.split("/")[0].lower()
    code = host in _HOSTS["code hosts"]
    target, named = host, [host.rsplit(".", 1)[0], *parts]
    if _is_known(host, _HOSTS["shared hosts"]):
        target, named = "/".join([host, *map(str.lower, parts[: 2 if code else 1])]), parts
    repository = code and len(parts) in (1, 2) and fragment in ("", "readme")
    own = code and bool(parts) and parts[0].lower() == owner
    own = own or host in (f"{owner}.github.io", f"{owner}.dev", f"{owner}.com")
    reference = (
        image
        or own
        or bool(_PRIVATE.match(host))
        or _is_known(host, _REFERENCE_HOSTS)
        or host.startswith(tuple(_HOSTS["reference starts"]))
        or any(part.lower() in _HOSTS["reference parts"] for part in parts)
        or bool(_FILE.search(path + ("#" + fragment if fragment else "")))
        or len(parts) > (2 if code else 3)
        or any(_ARTICLE.match(part) for part in parts[:-1])
        or (code and bool(parts) and bool(_REPRODUCTION.search(parts[-1])))
    )
    return WebLink(
        start=start,
        end=start + (len(url) if length is None else length),
        target=target,
        names=tuple(map(str.lower, _WORD.findall(" ".join(named)))),
        is_product=not reference,
        is_repository=repository and not own,
        is_referral=bool(_REFERRAL.search(url)),
    )


def _is_known(host: str, names: frozenset[str]) -> bool:
    """Whether a host, one it is under, or its name without the ending is listed."""
    labels = host.split(".")
    listed = any(".".join(labels[i:]) in names for i in range(len(labels)))
    return listed or any(label in names for label in labels[-2:-1])


_RULES = load_wording("adverts")
_OFFER = _RULES["offer"]
_STARS = _RULES["stars"]
_HYPE = _RULES["hype"]
_OPENER = _RULES["opener"]
_VENDOR = _RULES["vendor"]
_CALL = _RULES["call"]
_EMOJI = re2.compile("[🚀👉🔥⚡💥💯🎁🤑💸✨👇👈🩺⚓🦦🐦🦾💪🙌⭐🌟🎯❤😱]")
_LOGIN = _RULES["login"]
_OWN_TROUBLE = _RULES["own trouble"]
_LOGIN_SPLIT = re.compile(r"[-_.]+|\d+")
_MENTION = re2.compile(r"(?:^|[\s(,])@[A-Za-z0-9][A-Za-z0-9-]*")
_NAME = re2.compile(
    r"\*\*[^*\n]{2,40}\*\*|\b[A-Z][a-z]+(?:[A-Z][a-z0-9]+)+\b|\b[A-Z][a-z]{3,}\b"
    r"|\b[A-Z]{2,}[a-z]{2,}\w*\b|\[[^\]\n]{2,40}\]\("
)
_ACTS = re2.compile(
    r"\b([A-Z][A-Za-z]{3,30}(?: (?:Pro|Cloud|AI|Edge|Hub))?)\W{0,3} (?:\w+ly )?"
    r"(?:is (?:a|an|our|hosted|managed|where)|has\b|will\b|would\b|[a-z]{2,14}s\b)"
)
_TECHNICAL = re2.compile(
    r"(?:^|\s)--?[a-z][\w-]+|[A-Z]{2,}_[A-Z_]{2,}|\w+\(\)|\b[a-z]+(?:[._][a-z]+)+="
    r"|\.(?:json|ya?ml|toml|lock|py|ts|js|conf)\b|\bv?\d+\.\d+(?:\.\d+)?\b"
)
_LETTERS = re.compile(r"[\W_]+")

WEIGHTS: dict[str, float] = {
    "bias": -4.7,
    "product_link": 2.7,
    "repository_link": 1.0,
    "referral": 1.5,
    "offer": 2.9,
    "offers": 2.0,
    "stars": 2.5,
    "hype": 2.3,
    "hypes": 0.5,
    "opener": 0.3,
    "vendor": 2.4,
    "call": 2.3,
    "emoji": 0.5,
    "login_vendor": 0.7,
    "login_names_product": 2.5,
    "link_names_product": 1.3,
    "name_acts": 1.6,
    "long": -2.5,
    "technical": -0.8,
    "own_trouble": -0.6,
    "answers_somebody": -1.0,
    "reporter": -1.5,
    "contributor": -2.5,
    "repeated": 2.5,
}
"""Log-odds that a post is an advert, by sign.

Fitted with every advert seen twice, once under a login that says nothing, so that the login alone
decides little; signs too rare to fit (`referral`, `stars`, `long`, `reporter`, `contributor`,
`repeated`) were set by hand.
"""

OWN_PRODUCT = ("product_link", "login_names_product", "link_names_product")
"""A post that has no sign of a sale sells nothing, unless account, name and link all are the
product's.
"""

THRESHOLD = 0.4
LONG = 1200
"""Letters of own words from which on a post is long: it uses every word once; adverts are short."""


def _squash(text: str) -> str:
    return _LETTERS.sub("", text).lower()


def _names_in(names: set[str], places: Iterable[str]) -> bool:
    found = list(filter(None, map(_squash, places)))
    return any(n in place or (len(place) >= 5 and place in n) for n in names for place in found)


def _signs(
    thread: ParsedThread, post: ParsedPost, words: str, links: list[WebLink], bare: str
) -> dict[str, float]:
    """The signs of a post, each 0 or 1 (or a small count), by the names of `WEIGHTS` but
    `repeated`; `bare`: its own words without the links in them.
    """
    is_reply = post.comment is not None
    text = post.text[:MAX_CHARACTERS]
    pages = {link.target for link in links if not link.is_product}
    products = [x for x in links if x.is_product and not (x.is_repository and x.target in pages)]
    # names as products have them (bold, CamelCase, capitalised, link text), new to the thread
    known = thread.known_words if is_reply else frozenset()
    found = {_squash(match.group(0)) for match in _NAME.finditer(bare)}
    names = {name for name in found if len(name) >= 4 and name not in known}
    link_names = [name for link in products for name in link.names]
    long_link_names = {_squash(name) for name in link_names if len(name) >= 5}
    offers = _count(_OFFER, bare, 4)
    hypes = _count(_HYPE, bare, 4)
    login = post.author or ""
    login_words = [part for part in _LOGIN_SPLIT.split(login) if len(part) >= 4]
    quotes = any(line.lstrip().startswith(">") for line in text.splitlines())
    seen: dict[str, Any] = {
        "bias": True,
        "product_link": any(not link.is_repository for link in products),
        "repository_link": any(link.is_repository for link in products),
        "referral": any(link.is_referral for link in links),
        "offer": offers > 0,
        "offers": max(0.0, offers - 1.0) / 3,
        "stars": _STARS.search(bare) is not None,
        "hype": hypes > 0,
        "hypes": max(0.0, hypes - 1.0) / 3,
        "opener": _OPENER.search("\n".join(bare.strip().splitlines()[:1])) is not None,
        "vendor": _VENDOR.search(words) is not None,
        "call": _CALL.search(words) is not None,
        "emoji": _EMOJI.search(bare) is not None,
        "login_vendor": _LOGIN.search(login) is not None,
        "login_names_product": _names_in(names | long_link_names, login_words),
        "link_names_product": _names_in(names, link_names),
        "name_acts": any(_squash(m.group(1)) in names for m in _ACTS.finditer(bare)),
        "long": len("".join(bare.split())) > LONG,
        "technical": "`" in text or _TECHNICAL.search(bare) is not None,
        "own_trouble": _OWN_TROUBLE.search(bare) is not None,
        "answers_somebody": quotes or _MENTION.search(bare) is not None,
        "reporter": is_reply and bool(login) and login == thread.thread.author,
        "contributor": post.association == "CONTRIBUTOR",
    }
    return {name: float(value) for name, value in seen.items()}


def _count(pattern: re2._Regexp, text: str, most: int) -> int:
    return min(most, len({match.group(0).lower() for match in pattern.finditer(text)}))


def advert_probability(thread: ParsedThread, post: ParsedPost, *, repeated: bool = False) -> float:
    """How likely a post is an advert, 0 to 1; `repeated`: it stands in unrelated threads too."""
    words = post.document.own_words[:MAX_CHARACTERS]
    links = web_links(words, thread.thread.repo)
    bare = words
    for link in links:
        bare = bare[: link.start] + " " * (link.end - link.start) + bare[link.end :]
    sells = (  # whatever it links to
        repeated
        or any(link.is_referral for link in links)
        or any(pattern.search(bare) is not None for pattern in (_OFFER, _STARS, _HYPE))
        or any(pattern.search(words) is not None for pattern in (_VENDOR, _CALL))
    )
    if not sells and not any(link.is_product for link in links):
        return 0.0  # most posts: nothing else need be looked at
    seen = {**_signs(thread, post, words, links, bare), "repeated": float(repeated)}
    if not sells and not all(seen[name] for name in OWN_PRODUCT):
        return 0.0
    total = sum(WEIGHTS[name] * value for name, value in seen.items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
