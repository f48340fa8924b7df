"""The web addresses in a post, and which of them could be somebody's product.

An address is a product link if it leads to a site or a repository as a whole, not to a page of
reference: documentation, an issue, a file, a log, a package registry, a question-and-answer site or
the thread's own project.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import re2

from kb.providers import providers
from miner.authors.pattern_lists import load_names

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
_WORD = re2.compile(r"[\p{L}\p{N}]+")


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
        for match in _BARE.finditer(_INLINE_CODE.sub(_spaces, text)):
            start, name = match.start(1), match.group(1)
            known = name.lower().startswith(tuple(_HOSTS["bare names"]))
            if not known and not any(start in place for place in taken):
                found.append(_judge("https://" + name, start, repo, image=False, length=len(name)))
    return sorted(found, key=lambda link: link.start)


def _spaces(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _judge(url: str, start: int, repo: str, *, image: bool, length: int | None = None) -> WebLink:
    rest = url.split("://", 1)[1]
    place, _, fragment = rest.partition("#")
    host, _, tail = place.partition("/")
    path, _, query = tail.partition("?")
    host, _, query_of_host = host.partition("?")
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
    asked = "?" + (query or query_of_host)
    return WebLink(
        start=start,
        end=start + (len(url) if length is None else length),
        target=target,
        names=tuple(map(str.lower, _WORD.findall(" ".join(named)))),
        is_product=not reference,
        is_repository=repository and not own,
        is_referral=bool(_REFERRAL.search(asked) or _REFERRAL.search(url)),
    )


def _is_known(host: str, names: frozenset[str]) -> bool:
    """Whether a host, one it is under, or its name without the ending is listed."""
    labels = host.split(".")
    listed = any(".".join(labels[i:]) in names for i in range(len(labels)))
    return listed or any(label in names for label in labels[-2:-1])
