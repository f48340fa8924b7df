"""The web addresses in a post, and which of them could be somebody's product.

An address is a product link if it leads to a site or a repository as a whole, not to a page of reference:
documentation, an issue, a file, a log, a package registry, a question-and-answer site or the thread's own project.
"""

from __future__ import annotations

from dataclasses import dataclass

import re2

from miner.ownwords import without_inline_code

_URL = re2.compile(r"https?://[^\s<>()\[\]{}\"'`|\\^，。！；）]{3,400}")
_BARE = re2.compile(
    r"(?i)(?:^|[\s(:,→])((?:[a-z0-9][a-z0-9-]{1,40}\.){1,3}(?:com|io|ai|app|dev|net|cloud|shop|store|xyz|tech|tools|pro|club|page|site|online|de|fr|eu|nl|es|pl|example)(?:/[^\s<>()\[\]\"'`]{0,200})?)(?:$|[\s),.;:!?])"
)
_BARE_KNOWN = (
    "docker.io",
    "ghcr.io",
    "quay.io",
    "k8s.io",
    "kubernetes.io",
    "socket.io",
    "asp.net",
    "vb.net",
    "fly.io",
    "draw.io",
    "github.com",
    "gitlab.com",
)
_REPRODUCTION = re2.compile(
    r"(?i)repro|minimal|testcase|test-case|dotfiles|bug-?report|(?:^|[-_])mwe$|(?:^|[-_])mre$|-fork$|-patch(?:ed|es)?$"
)
_ARTICLE = re2.compile(r"^(?:19|20)\d\d$")
_IMAGE = re2.compile(r"!\[[^\]\n]{0,200}\]\(\s*$")
_PRIVATE = re2.compile(
    r"^(?:localhost|host\.docker\.internal|\d{1,3}(?:\.\d{1,3}){3}|[^.]+|.*\.(?:local|internal|lan|svc|test|invalid|localhost))$"
)
_CODE_HOSTS = frozenset({"github.com", "gitlab.com", "codeberg.org", "bitbucket.org", "gitee.com", "sr.ht", "git.sr.ht"})
_SHARED_HOSTS = _CODE_HOSTS | {
    "example.com", "example.org", "example.net", "marketplace.visualstudio.com", "chromewebstore.google.com", "apps.apple.com",
    "play.google.com", "t.me", "discord.gg", "medium.com", "dev.to", "youtube.com", "youtu.be", "notion.site", "gumroad.com",
    "producthunt.com", "linkedin.com", "x.com", "twitter.com", "npmjs.com", "pypi.org", "glama.ai", "smithery.ai",
}  # fmt: skip
_REFERENCE_HOSTS = frozenset(
    {
        "arxiv.org", "anthropic.com", "claude.ai", "openai.com", "mistral.ai", "deepseek.com", "groq.com", "cohere.com",
        "vercel.com", "supabase.com", "cloudflare.com", "docker.com", "netlify.com", "google.com", "x.ai", "moonshot.ai",
        "bigmodel.cn", "aliyun.com", "elastic.co", "grafana.com", "nginx.org", "traefik.io", "kubernetes.io", "pytorch.org",
        "npmmirror.com", "hf-mirror.com", "lmstudio.ai", "artifacthub.io", "bugs.chromium.org", "bugs.debian.org",
        "bugs.launchpad.net", "bugzilla.mozilla.org", "bugzilla.redhat.com", "crates.io", "docs.rs", "en.wikipedia.org",
        "gist.github.com", "godbolt.org", "hub.docker.com", "huggingface.co", "imgur.com", "issues.chromium.org", "man7.org",
        "nodejs.org", "npmjs.com", "openrouter.ai", "pastebin.com", "pkg.go.dev", "proxy.golang.org", "pypi.org", "python.org",
        "rubygems.org", "serverfault.com", "stackoverflow.com", "superuser.com", "unix.stackexchange.com", "askubuntu.com",
        "wandb.ai", "w3.org", "web.archive.org", "wikipedia.org", "raw.githubusercontent.com", "nuget.org", "mvnrepository.com",
        "status.openai.com", "rfc-editor.org", "datatracker.ietf.org", "tools.ietf.org", "kernel.org", "lore.kernel.org",
        "lkml.org", "nvd.nist.gov", "platform.openai.com", "console.anthropic.com", "ai.google.dev", "cloud.google.com",
        "aws.amazon.com", "azure.microsoft.com", "apple.com", "microsoft.com", "nvidia.com", "intel.com", "amd.com",
        "jetbrains.com", "youtrack.jetbrains.com", "code.visualstudio.com", "ollama.com", "postgresql.org", "sqlite.org",
        "debian.org", "archlinux.org", "ubuntu.com", "fedoraproject.org",
    }
)  # fmt: skip
_REFERENCE_START = (
    "docs.", "doc.", "developer.", "developers.", "learn.", "wiki.", "help.", "support.", "status.", "paste.", "bugs.", "forum.",
    "forums.", "community.", "discuss.", "discourse.", "issues.", "bugzilla.", "api.", "cdn.", "registry.", "download.", "downloads.",
    "archive.", "man.", "lists.", "ci.", "build.", "builds.", "reference.", "kb.", "grafana.", "wheels.", "mirror.", "mirrors.",
)  # fmt: skip
_REFERENCE_PART = frozenset(
    {
        "docs", "doc", "documentation", "reference", "issues", "issue", "pull", "pulls", "merge_requests", "commit", "commits",
        "blob", "tree", "raw", "wiki", "discussions", "compare", "releases", "tags", "runs", "actions", "faq", "man", "rfc",
        "questions", "advisories", "manual", "upload", "posts", "blog", "article", "articles", "uploads", "build", "builds", "log",
        "logs", "job", "jobs", "paste", "p", "q", "changelog", "bug", "ticket", "browse", "files", "wandb", "thread", "threads",
        "t", "topic", "news", "errata", "security", "guide", "guides", "api-reference", "status", "attachments",
    }
)  # fmt: skip
_FILE = re2.compile(
    r"(?i)\.(?:log|txt|png|jpe?g|gif|svg|webp|mp4|mov|webm|patch|diff|c|cc|cpp|h|py|js|ts|go|rs|java|json|ya?ml|toml|zip|gz|tgz|tar|xz|whl|deb|rpm|exe|msi|dmg|apk|pdf|csv|qlog|sh|md|rst|mdx|html?#\S+|gguf)$"
)
_REFERRAL = re2.compile(
    r"(?i)[?&](?:ref|via|aff|affiliate|utm_\w+|coupon|code|promo|r|invite|referral|src|partner)=|/\?r=|/(?:ref|invite|aff)/"
)
_WORD = re2.compile(r"[\p{L}\p{N}]+")


@dataclass(frozen=True, slots=True)
class WebLink:
    """An address in a text. `target`: host, or host and path where many share a host; `names`: words of host and path."""

    start: int
    end: int
    target: str
    names: tuple[str, ...]
    is_product: bool
    is_repository: bool
    is_referral: bool


def web_links(text: str, repo: str) -> list[WebLink]:
    """The addresses in a text, in order. `repo`: `owner/name` of the thread, whose own links are no products."""
    found = []
    for match in _URL.finditer(text):
        url = match.group(0).rstrip(".,;:!?*_~")
        image = bool(_IMAGE.search(text[max(0, match.start() - 220) : match.start()]))
        found.append(_judge(url, match.start(), repo, image=image))
    for match in _BARE.finditer(without_inline_code(text)):
        start = match.start(1)
        if not match.group(1).lower().startswith(_BARE_KNOWN) and not any(link.start <= start < link.end for link in found):
            found.append(_judge("https://" + match.group(1), start, repo, image=False, length=len(match.group(1))))
    return sorted(found, key=lambda link: link.start)


def _judge(url: str, start: int, repo: str, *, image: bool, length: int | None = None) -> WebLink:
    rest = url.split("://", 1)[1]
    place, _, fragment = rest.partition("#")
    host, _, tail = place.partition("/")
    path, _, query = tail.partition("?")
    host, _, query_of_host = host.partition("?")
    host = host.lower().split("@")[-1].split(":")[0].removeprefix("www.")
    parts = [part for part in path.split("/") if part]
    owner = repo.split("/")[0].lower()
    shared = host in _SHARED_HOSTS
    target = "/".join([host, *(part.lower() for part in parts[: 2 if host in _CODE_HOSTS else 1])]) if shared else host
    names = tuple(word.lower() for word in _WORD.findall(" ".join([host.rsplit(".", 1)[0] if not shared else "", *parts])))
    repository = host in _CODE_HOSTS and len(parts) in (1, 2) and fragment in ("", "readme")
    own = (host in _CODE_HOSTS and bool(parts) and parts[0].lower() == owner) or host in {
        f"{owner}.github.io",
        f"{owner}.dev",
        f"{owner}.com",
    }
    reference = (
        image
        or own
        or bool(_PRIVATE.match(host))
        or host in _REFERENCE_HOSTS
        or any(host.endswith("." + known) for known in _REFERENCE_HOSTS)
        or host.startswith(_REFERENCE_START)
        or any(part.lower() in _REFERENCE_PART for part in parts[:-1] + parts[-1:])
        or bool(_FILE.search(path + ("#" + fragment if fragment else "")))
        or (host in _CODE_HOSTS and len(parts) > 2)
        or len(parts) > 3
        or any(_ARTICLE.match(part) for part in parts[:-1])
        or (host in _CODE_HOSTS and bool(parts) and bool(_REPRODUCTION.search(parts[-1])))
    )
    return WebLink(
        start=start,
        end=start + (len(url) if length is None else length),
        target=target,
        names=names,
        is_product=not reference,
        is_repository=repository and not own,
        is_referral=bool(_REFERRAL.search("?" + (query or query_of_host))) or bool(_REFERRAL.search(url)),
    )
