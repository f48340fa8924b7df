"""What never leaves, as a table of data: formats of keys, places that give a secret away, what
tells of people and networks.

A pattern is RE2's (linear time on any text; no look-around), so what must stand before or after is
matched too and the part in group 1 is what goes. `check` names a test of the found value in
`kb.redact`, for patterns that ordinary error text also fits: request ids, hashes, versions and
public hosts stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Check = Literal["", "random", "strong", "user", "host", "mail"]


@dataclass(frozen=True, slots=True)
class Secret:
    """A kind of text that never leaves. The part in group 1 (the whole match where there is none)
    becomes `[name]`.
    """

    name: str
    pattern: str
    why: str
    check: Check = ""


_VALUE = r"[A-Za-z0-9+/_.~!@#$%^&*-]"
_GAP = r"[\"'\\`]{0,3}\s{0,3}[:=]\s{0,3}[\"'\\`]{0,3}"
_STRONG = (
    r"(?:api[_-]?key|apikey|secret|passwd|password|passphrase|pgpassword|private[_-]?key|signing[_-]?key|encryption[_-]?key"
    r"|access[_-]?key|account[_-]?key|master[_-]?key|auth[_-]?token|access[_-]?token|refresh[_-]?token|bearer[_-]?token|credentials?)"
)
_WEAK = r"(?:token|session(?:[_-]?id)?|sid|cookie|csrf\w{0,6}|jwt|authorization|auth|key)"

SECRETS: tuple[Secret, ...] = (
    Secret(
        "private key",
        (
            r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z "
            r"]{0,40}PRIVATE KEY(?: BLOCK)?-----|\z)"
        ),
        "PEM and PGP blocks, also cut ones (RFC 7468)",
    ),
    Secret("key", r"\bAGE-SECRET-KEY-1[A-Z0-9]{20,}", "age"),
    Secret(
        "key",
        r"\bsk-(?:or-v1|ant|proj|svcacct|admin|lf|cp)-[A-Za-z0-9_-]{8,}",
        "OpenRouter, Anthropic, OpenAI, LangFuse",
    ),
    Secret(
        "key",
        r"\bsk-([A-Za-z0-9_-]{12,})",
        "OpenAI's first format, DeepSeek, LiteLLM and all who copied it",
        "random",
    ),
    Secret(
        "key",
        r"\b(?:gsk|xai|pplx|r8|hf|nvapi|fw|tgp_v1|csk|sgp|fc|ctx7sk|e2b|voyage|jina|re|lin_api|lin_oauth|ntn|figd|pcsk|sbp|sb_secret|hvs"
        r"|sntrys|sntryu|glc|glsa|phx|ops|dckr_pat|rnd|pat|key|secret|apify_api|waka|nfp|vcp)[-_]([A-Za-z0-9_-]{16,})",
        (
            "vendors that begin a key with their mark: Groq, xAI, Perplexity, Replicate, Hugging "
            "Face, NVIDIA, Fireworks, Together, Cerebras, ..."
        ),
        "random",
    ),
    Secret(
        "key",
        r"\b(?:lsv2_(?:pt|sk)_|glpat-|npm_|dop_v1_|pypi-AgE|shp(?:at|ca|pa|ss)_|sq0(?:atp|csp)-|(?:rk|sk|pk)_(?:live|test)_|tvly-|dapi|whsec_|PMAK-|ATATT3x|EZ[AT]K|tskey-)"
        r"[A-Za-z0-9_=-]{16,}",
        (
            "LangSmith, GitLab, npm, DigitalOcean, PyPI, Shopify, Square, Stripe, Tavily, "
            "Databricks, Postman, Atlassian, Tailscale"
        ),
    ),
    Secret("key", r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}", "SendGrid"),
    Secret("token", r"\bgh[pousr]_[A-Za-z0-9]{16,}|\bgithub_pat_[A-Za-z0-9_]{20,}", "GitHub"),
    Secret(
        "key",
        r"\bAIza[A-Za-z0-9_-]{20,}|\bya29\.[A-Za-z0-9_-]{20,}|\bGOCSPX-[A-Za-z0-9_-]{16,}",
        "Google",
    ),
    Secret("key", r"\b(?:AKIA|ASIA|AGPA|AIDA|AROA|ABIA|ACCA)[A-Z0-9]{16}\b", "AWS access key ids"),
    Secret("token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-[A-Za-z0-9-]{10,}", "Slack"),
    Secret(
        "token",
        r"https://hooks\.slack\.com/(?:services|workflows)/([A-Za-z0-9/_-]{16,})",
        "Slack webhooks",
    ),
    Secret(
        "token",
        r"https://(?:\w{1,10}\.)?(?:discord|discordapp)\.com/api/webhooks/([A-Za-z0-9/_-]{16,})",
        "Discord webhooks",
    ),
    Secret(
        "token",
        r"\b[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}\b",
        "Discord bots",
    ),
    Secret("token", r"\b\d{8,10}:AA[A-Za-z0-9_-]{32,}", "Telegram bots"),
    Secret(
        "token",
        r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?",
        "JSON Web Tokens (RFC 7519)",
    ),
    Secret(
        "token",
        r"(?i)authorization[\"'\\`]{0,3}\s{0,3}[:=]\s{0,3}[\"'\\`]{0,3}(?:bearer|basic|token|apikey)\s{1,3}("
        + _VALUE
        + r"{6,}={0,2})",
        "Authorization headers (RFC 7235)",
        "strong",
    ),
    Secret(
        "token",
        r"(?i)\b(?:bearer|basic|token)\s{1,3}([A-Za-z0-9+/_.~-]{16,}={0,2})",
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
        r"(?i)--[\w-]{0,20}(?:key|token|password|secret)(?:=|\s{1,3})[\"']?("
        + _VALUE
        + r"{8,}={0,2})",
        "options of a command",
        "random",
    ),
    Secret(
        "secret",
        r"(?i)(?:^|[\s\"'\\`?&;,{(._-])" + _WEAK + _GAP + r"(" + _VALUE + r"{16,}={0,2})",
        "names that may hold a secret",
        "random",
    ),
    Secret(
        "secret",
        r"(?i)[?&=\s\"'](?:sig|signature|code|x-amz-signature|x-goog-signature)=([A-Za-z0-9%+/_-]{20,}={0,2})",
        "signed addresses",
        "random",
    ),
    Secret(
        "password",
        r"\s-p'([^'\s]{6,128})'|\bsshpass -p\s{0,3}(\S{4,128})",
        "passwords on a command line",
    ),
    Secret(
        "password",
        r"\b[a-z][a-z0-9+.-]{1,30}://[^\s:/@\"']{0,64}:([^\s:/@\"']{3,128})@",
        "credentials in URLs (RFC 3986)",
        "strong",
    ),
    Secret(
        "e-mail",
        r"\b([A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,6}\.[A-Za-z]{2,24})\b",
        "addresses of people (RFC 5322, the common part)",
        "mail",
    ),
    Secret(
        "user",
        r"(?i)\b[a-z]:[\\/]{1,4}Users[\\/]{1,4}([^\s\\/\"'<>|:*?]{1,32} [^\s\\/\"'<>|:*?]{1,32})\\",
        "user names with a space in paths of Windows",
        "user",
    ),
    Secret(
        "user",
        r"(?i)(?:/home/|/Users/|[\\/-]Users[\\/]{1,4}|[a-z]:[\\/]{1,4}Users[\\/]{1,4}"
        r"|[\\/]{1,2}Documents and Settings[\\/]{1,2})"
        r"([^\s\\/\"'<>|:*?`,;()\[\]{}]{1,64})",
        "user names in paths",
        "user",
    ),
    Secret(
        "host",
        r"(?:^|[^\d.])((?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])|169\.254)\.\d{1,3}\.\d{1,3})\b",
        "private addresses (RFC 1918, RFC 6598, RFC 3927)",
    ),
    Secret(
        "host",
        r"(?i)(?:^|[^\w:.])((?:f[cd][0-9a-f]{2}|fe80):[0-9a-f:]{2,40})\b",
        "private addresses of IPv6 (RFC 4193, RFC 4291)",
    ),
    Secret(
        "host",
        r"(?i)(?:^|[^\w.@-])([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,8}\.(?:local|lan|internal|intranet|corp|home\.arpa|ts\.net))(?:[^\w.-]|\.\s|\.?\z)",
        "private host names (RFC 6762, RFC 8375)",
        "host",
    ),
    Secret(
        "number",
        r"\borg-[A-Za-z0-9]{20,}\b|\bproj_[A-Za-z0-9]{20,}\b|\buser-[A-Za-z0-9]{20,}\b",
        "account ids of providers",
    ),
)

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
