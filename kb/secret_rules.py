"""What never leaves, as tables of data: formats of keys, places that give a secret away, what
tells of people and networks.

Patterns are RE2's (linear time on any text; no look-around), so what must stand before or after is
matched too and the part in group 1 is what goes. `check` names a test of the found value in
`kb.redact`, for patterns that ordinary error text also fits: request ids, hashes, versions and
public hosts stay.

The formats are facts that the vendors and published rule sets (gitleaks, Betterleaks,
detect-secrets) state: how a key begins, of what letters and how long it is. Lengths are lower
bounds below the real ones, because keys in issues are cut off.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from kb.providers import names, providers

Check = Literal["", "mixed", "random", "named", "vendor", "strong", "user", "host", "mail"]


@dataclass(frozen=True, slots=True)
class Secret:
    """A kind of text that never leaves. The part in group 1 (the whole match where there is none)
    becomes `[name]`.
    """

    name: str
    pattern: str
    why: str
    check: Check = ""


@dataclass(frozen=True, slots=True)
class Format:
    """A row of `kb/rules/key_formats.txt`."""

    pattern: str
    whose: str


def _rows(name: str) -> list[str]:
    text = (files("kb") / "rules" / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


KEY_FORMATS = (
    *(Format(*line.split(None, 1)) for line in _rows("key_formats.txt")),
    *(Format(f"{re.escape(k)}[A-Za-z0-9_-]{{16,}}", p.title) for p in providers() for k in p.keys),
)
"""Keys that their form alone identifies."""
_VENDORS = "|".join(
    re.escape(row).replace(r"\-", "[ _-]") for row in sorted({*_rows("key_vendors.txt"), *names()})
)

_W = "[A-Za-z0-9_-]"
_EDGE = r"(?:^|[^A-Za-z0-9])"
"""Before a mark that words also have: no letter or digit. `_` and `-` may stand there."""

FORMS: tuple[Secret, ...] = (
    Secret(
        "private key",
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: "
        r"BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: "
        r"BLOCK)?-----|\z)",
        "PEM and PGP blocks, also cut ones (RFC 7468)",
    ),
    Secret(
        "private key",
        r"PuTTY-User-Key-File-\d: [\s\S]*?(?:Private-MAC: [0-9a-f]{16,}|\z)",
        "PuTTY's key files",
    ),
    *(Secret("key", row.pattern, row.whose) for row in KEY_FORMATS),
    Secret("token", r"gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{20,}", "GitHub"),
    Secret(
        "token",
        r"xox[a-z]-[A-Za-z0-9%/+-]{10,}|xoxe\.xox[a-z]-[A-Za-z0-9-]{10,}"
        r"|xapp-[A-Za-z0-9-]{10,}",
        "Slack",
    ),
    Secret(
        "token",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9+/_-]{16,})",
        "Slack webhooks",
    ),
    Secret(
        "token",
        r"(?:discord|discordapp)\.com/api/(?:v\d{1,2}/)?webhooks/([A-Za-z0-9/_-]{1"
        r"6,})",
        "Discord webhooks",
    ),
    Secret("token", r"\.webhook\.office\.com/webhookb2/([A-Za-z0-9@/_-]{32,})", "Teams webhooks"),
    Secret(
        "token", r"[MNO][A-Za-z0-9_-]{23,}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}", "Discord bots"
    ),
    Secret("token", r"\d{8,}:AA[A-Za-z0-9_-]{32,}", "Telegram bots"),
    Secret(
        "token",
        r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,3}",
        "JSON Web Tokens (RFC 7519)",
    ),
    Secret(
        "key",
        r"(?:AKIA|ASIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ABIA|ACCA"
        r"|A3T[A-Z0-9])[A-Z0-9]{16}",
        "AWS access key ids",
        "mixed",
    ),
    Secret("key", r"[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{30,}", "Azure AD client secrets"),
    Secret("token", r"[?&=;\s\"']00[A-Za-z0-9]{13}!([A-Za-z0-9._-]{40,})", "Salesforce sessions"),
)
"""Told by their form alone. Every export is searched for them in several readings: as it stands,
with its escapes resolved, with its lines joined, with its base64 decoded.
"""

MARKED: tuple[Secret, ...] = (
    Secret(
        "key",
        _EDGE + r"(sk[-_]" + _W + r"{12,})",
        "OpenAI's first format, DeepSeek, LiteLLM, ElevenLabs and all who copied it",
        "random",
    ),
    Secret(
        "key",
        _EDGE + r"((?:fw|re|ops|rnd|rpa|rpk|pat|key|secret|token|live|test|live_pub"
        r"|test_pub|apk|apk_user|cog|prf|prf_cli|ico|lip|ion|tss|pa|al|m0|nk|ck"
        r"|ak|as|cs|db|endr|ntn|hvs"
        r"|sbp|figd|glc|phx|nfp|access|apikey|access-(?:sandbox|development"
        r"|production))[-_+]" + _W + r"{16,})",
        "marks that ordinary names also begin with: Fireworks, Resend, Render, "
        "Mailgun, Notion, Modal, Devin, Voyage, Lob, WooCommerce, Plaid, ...",
        "random",
    ),
    Secret("key", _EDGE + r"((?:SK|AC|PK)[0-9a-f]{32})(?:[^A-Za-z0-9]|\z)", "Twilio"),
    Secret(
        "key",
        _EDGE + r"(STS\.[A-Za-z0-9]{16,}|API-[A-Z0-9]{25,}|oy2[a-z0-9]{43}"
        r"|cio[A-Za-z0-9]{32}|BSA[A-Za-z0-9_-]{24,}|OC-[A-Za-z0-9_-]{11}"
        r"|YC[A-Za-z0-9_-]{38}"
        r"|2[A-Za-z0-9]{26}_[0-9][A-Za-z0-9]{20}|s\.[A-Za-z0-9]{24}"
        r"|t1\.[A-Za-z0-9_-]+={0,2}\.[A-Za-z0-9_-]{60,})",
        "Alibaba STS, Octopus, NuGet, crates.io, Brave, Canva, Yandex, ngrok, Vault",
        "mixed",
    ),
    Secret(
        "key",
        _EDGE + r"([0-9a-f]{32}\.[A-Za-z0-9_-]{16,24})(?:[^A-Za-z0-9._-]|\z)",
        "Zhipu, Ollama",
        "mixed",
    ),
    Secret(
        "key",
        _EDGE + r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}:[0-9a-f]{3"
        r"2})",
        "fal",
    ),
)

_VALUE = r"[A-Za-z0-9+/_.~!@#$%^&*-]"
_PLAIN = r"[A-Za-z0-9+/_.~-]"
_GAP = r"[\"'\\`]{0,3}\s{0,3}(?::=|=>|[:=])\s{0,3}[\"'\\`]{0,3}"
_STRONG = (
    r"(?:api[_ -]?key|apikey|secret|passwd|password|passwort|passphrase"
    r"|pgpassword|private[_-]?key|signing[_-]?key|encryption[_-]?key"
    r"|shared[_-]?key"
    r"|access[_-]?key|account[_-]?key|master[_-]?key|auth[_-]?token"
    r"|access[_-]?token|refresh[_-]?token|bearer[_-]?token|api[_-]?token"
    r"|credentials?)"
)
_WEAK = (
    r"(?:token|session(?:[_-]?id)?|sid|cookie|csrf\w{0,6}|jwt|authorization"
    r"|auth|key|pat|pwd|psw|creds)"
)
PLACES: tuple[Secret, ...] = (
    Secret(
        "token",
        r"(?i)authorization[\"'\\`]{0,3}\s{0,3}[:=]\s{0,3}[\"'\\`]{0,3}(?:bearer"
        r"|basic|token|apikey|api-key|key|bot|digest)\s{1,3}(" + _VALUE + r"{6,}={0,2})",
        "Authorization headers (RFC 7235)",
        "strong",
    ),
    Secret(
        "token",
        r"(?i)" + _EDGE + r"(?:bearer|basic|token)\s{1,3}[\"'`]?([A-Za-z0-9+/_.~-]{16,}={0,2})",
        "the same without the header's name (RFC 6750)",
        "random",
    ),
    Secret(
        "secret",
        r"(?i)" + _STRONG + r"(?:[_-]\w{1,20})?" + _GAP + r"(" + _VALUE + r"{6,}={0,2})",
        "assignments to a name that says it",
        "strong",
    ),
    Secret(
        "secret",
        r"(?i)"
        + _STRONG
        + r"(?:\s(?:is|was|ist|of|to|used|used was|here))?\s{1,3}[\"'`(<]{0,2}("
        + _PLAIN
        + r"{16,}={0,2})",
        "the same in a sentence",
        "random",
    ),
    Secret(
        "secret",
        r"(?i)--[\w-]{0,20}(?:key|token|password|secret|pass|auth)(?:="
        r"|\s{1,3})[\"']?(" + _VALUE + r"{8,}={0,2})",
        "options of a command",
        "random",
    ),
    Secret(
        "secret",
        r"(?i)(?:^|[^A-Za-z0-9])" + _WEAK + _GAP + r"(" + _VALUE + r"{16,}={0,2})",
        "names that may hold a secret",
        "named",
    ),
    Secret(
        "secret",
        r"(?i)" + _EDGE + r"(?:sig|signature|code|x-amz-signature|x-goog-signature"
        r"|x-amz-security-token|x-amz-credential)=([A-Za-z0-9%+/_-]{20,}={0,2})",
        "signed addresses",
        "random",
    ),
    Secret(
        "secret",
        r"(?i)<add key=\"(?:ClearText)?Password\"\s{1,3}value=\"([^\"<]{6,})\"",
        "NuGet's configuration",
    ),
    Secret(
        "password",
        r"\s-p'([^'\s]{6,})'|sshpass -p\s{0,3}(\S{4,})|\s(?:-u|--user)[ "
        r"=][\"']?[\w.@-]+:([^\s\"'@:/]{6,})[\"']?(?:\s|\z)",
        "passwords on a command line",
        "strong",
    ),
    Secret(
        "password",
        r"[a-z][a-z0-9+.-]+://[^\s:/@\"']*:([^\s:/@\"']{3,})@",
        "credentials in URLs (RFC 3986)",
        "strong",
    ),
    Secret(
        "token",
        r"https?://([A-Za-z0-9_-]{20,})(?::x-oauth-basic)?@",
        "a token in place of the name in a URL",
        "random",
    ),
)
"""Told by what stands before them."""

VENDORS: tuple[Secret, ...] = (
    Secret(
        "secret",
        r"(?i)"
        + _EDGE
        + r"(?:"
        + _VENDORS
        + r")(?:[ _.-]?\w{1,16}){0,2}(?:"
        + _GAP
        + r"|\s(?:is|was)\s[\"'`]?|\s(?:token|key|secret)\s[\"'`]?)("
        + _PLAIN
        + r"{15,}={0,2})",
        "what stands beside the name of a vendor as its value",
        "vendor",
    ),
)
"""Told by the name of a vendor."""

PEOPLE: tuple[Secret, ...] = (
    Secret(
        "e-mail",
        r"([A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24})\b",
        "addresses of people (RFC 5322, the common part)",
        "mail",
    ),
    Secret(
        "user",
        r"(?i)[a-z]:[\\/]{1,4}Users[\\/]{1,4}([^\s\\/\"'<>|:*?]+ "
        r"[^\s\\/\"'<>|:*?]+)\\",
        "user names with a space in paths of Windows",
        "user",
    ),
    Secret(
        "user",
        r"(?i)(?:/home/|/Users/|[\\/-]Users[\\/]{1,4}"
        r"|[a-z]:[\\/]{1,4}Users[\\/]{1,4}|[\\/]{1,2}Documents and "
        r"Settings[\\/]{1,2})"
        r"([^\s\\/\"'<>|:*?`,;()\[\]{}]+)",
        "user names in paths",
        "user",
    ),
    Secret(
        "host",
        r"(?:^|[^\d.])((?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01])"
        r"|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])|169\.254)\.\d{1,3}\.\d{1,3})\b",
        "private addresses (RFC 1918, RFC 6598, RFC 3927)",
    ),
    Secret(
        "host",
        r"(?i)(?:^|[^\w:.])((?:f[cd][0-9a-f]{2}|fe80):[0-9a-f:]{2,})",
        "private addresses of IPv6 (RFC 4193, RFC 4291)",
    ),
    Secret(
        "host",
        r"(?i)(?:^|[^\w.@-])([a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:local"
        r"|lan|internal|intranet|corp|home\.arpa|ts\.net))(?:[^\w.-]|\.\s|\.?\z)",
        "private host names (RFC 6762, RFC 8375)",
        "host",
    ),
    Secret(
        "number",
        _EDGE + r"(org-[A-Za-z0-9]{20,}|proj_[A-Za-z0-9]{20,}|user-[A-Za-z0-9]{20,})",
        "account ids of providers",
        "mixed",
    ),
)

SECRETS = (*FORMS, *MARKED, *PLACES, *VENDORS, *PEOPLE)

KEEP_USERS = frozenset(
    {
        "user",
        "username",
        "users",
        "your_user",
        "yourname",
        "youruser",
        "you",
        "me",
        "name",
        "myuser",
        "runner",
        "root",
        "admin",
        "administrator",
        "public",
        "default",
        "shared",
        "all",
        "xxx",
        "xxxx",
        "node",
        "app",
        "ubuntu",
        "debian",
        "ec2-user",
        "vscode",
        "codespace",
        "coder",
        "jovyan",
        "linuxbrew",
        "appuser",
        "docker",
        "dev",
        "developer",
        "test",
        "guest",
        "pi",
        "nobody",
        "...",
        "runneradmin",
    }
)
"""What stands in paths for any user: says nothing about a person."""
KEEP_HOSTS = frozenset(
    {
        "host.docker.internal",
        "gateway.docker.internal",
        "kubernetes.docker.internal",
        "metadata.google.internal",
        "host.lima.internal",
    }
)
"""Names that mean the same on every machine."""
FILE_ENDS = frozenset(
    {
        "png",
        "jpg",
        "jpeg",
        "gif",
        "svg",
        "webp",
        "ico",
        "js",
        "mjs",
        "cjs",
        "ts",
        "tsx",
        "jsx",
        "json",
        "md",
        "mdx",
        "py",
        "pyc",
        "css",
        "html",
        "xml",
        "yml",
        "yaml",
        "toml",
        "txt",
        "log",
        "zip",
        "gz",
        "tgz",
        "whl",
        "so",
        "dll",
    }
)
"""Ends of file names, which an address does not have: `icon@2x.png`."""
