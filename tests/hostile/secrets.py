"""Made-up secrets in the formats that providers give them, and ordinary error text that must stay
as it is.

Every value is drawn from a seeded generator or is a documented example; none opens anything.
"""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Callable
from dataclasses import dataclass

ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase + string.digits
URLSAFE = ALNUM + "-_"


@dataclass(frozen=True)
class Planted:
    """A secret and the sentence it is planted in (`{}`)."""

    kind: str
    secret: str
    context: str

    @property
    def text(self) -> str:
        return self.context.replace("{}", self.secret)


def _draw(rng: random.Random, alphabet: str, length: int) -> str:
    text = "".join(rng.choice(alphabet) for _ in range(length))
    # a run of letters alone could be a word; keys are not
    return (
        text
        if any(c.isdigit() for c in text) and any(c.isalpha() for c in text)
        else _draw(rng, alphabet, length)
    )


def _jwt(rng: random.Random) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    body = (
        base64.urlsafe_b64encode(f'{{"sub":"{rng.randint(1, 9**9)}","iat":1700000000}}'.encode())
        .decode()
        .rstrip("=")
    )
    return f"{head}.{body}.{_draw(rng, URLSAFE, 43)}"


KEYS: dict[str, Callable[[random.Random], str]] = {
    "openrouter": lambda r: "sk-or-v1-" + _draw(r, HEX, 64),
    "anthropic": lambda r: "sk-ant-api03-" + _draw(r, URLSAFE, 93) + "AA",
    "anthropic oauth": lambda r: "sk-ant-oat01-" + _draw(r, URLSAFE, 80),
    "openai old": lambda r: "sk-" + _draw(r, ALNUM, 48),
    "openai project": lambda r: "sk-proj-" + _draw(r, URLSAFE, 120),
    "openai service": lambda r: "sk-svcacct-" + _draw(r, URLSAFE, 60),
    "litellm": lambda r: "sk-" + _draw(r, URLSAFE, 22),
    "deepseek": lambda r: "sk-" + _draw(r, HEX, 32),
    "groq": lambda r: "gsk_" + _draw(r, ALNUM, 52),
    "xai": lambda r: "xai-" + _draw(r, ALNUM, 80),
    "perplexity": lambda r: "pplx-" + _draw(r, HEX, 48),
    "replicate": lambda r: "r8_" + _draw(r, ALNUM, 37),
    "hugging face": lambda r: "hf_" + _draw(r, string.ascii_letters + "0", 34),
    "nvidia": lambda r: "nvapi-" + _draw(r, URLSAFE, 64),
    "fireworks": lambda r: "fw_" + _draw(r, ALNUM, 24),
    "together": lambda r: "tgp_v1_" + _draw(r, URLSAFE, 43),
    "cerebras": lambda r: "csk-" + _draw(r, string.ascii_lowercase + string.digits, 48),
    "langsmith": lambda r: "lsv2_pt_" + _draw(r, HEX, 32) + "_" + _draw(r, HEX, 10),
    "tavily": lambda r: "tvly-" + _draw(r, ALNUM, 32),
    "google": lambda r: "AIza" + _draw(r, URLSAFE, 35),
    "google oauth": lambda r: "ya29." + _draw(r, URLSAFE, 80),
    "google client": lambda r: "GOCSPX-" + _draw(r, URLSAFE, 28),
    "github": lambda r: "ghp_" + _draw(r, ALNUM, 36),
    "github oauth": lambda r: "gho_" + _draw(r, ALNUM, 36),
    "github app": lambda r: "ghs_" + _draw(r, ALNUM, 36),
    "github fine-grained": lambda r: (
        "github_pat_" + _draw(r, ALNUM, 22) + "_" + _draw(r, ALNUM, 59)
    ),
    "gitlab": lambda r: "glpat-" + _draw(r, URLSAFE, 20),
    "npm": lambda r: "npm_" + _draw(r, ALNUM, 36),
    "pypi": lambda r: "pypi-AgEIcHlwaS5vcmc" + _draw(r, URLSAFE, 70),
    "slack": lambda r: (
        f"xoxb-{r.randint(10**11, 10**12)}-{r.randint(10**11, 10**12)}-{_draw(r, ALNUM, 24)}"
    ),
    "stripe": lambda r: "sk_live_" + _draw(r, ALNUM, 24),
    "sendgrid": lambda r: "SG." + _draw(r, URLSAFE, 22) + "." + _draw(r, URLSAFE, 43),
    "aws id": lambda r: "AKIA" + _draw(r, UPPER, 16),
    "telegram": lambda r: f"{r.randint(10**8, 10**10)}:AA{_draw(r, URLSAFE, 33)}",
    "discord": lambda r: (
        "MT" + _draw(r, ALNUM, 22) + "." + _draw(r, URLSAFE, 6) + "." + _draw(r, URLSAFE, 38)
    ),
    "jwt": _jwt,
    "databricks": lambda r: "dapi" + _draw(r, HEX, 32),
    "digitalocean": lambda r: "dop_v1_" + _draw(r, HEX, 64),
    "shopify": lambda r: "shpat_" + _draw(r, HEX, 32),
    "linear": lambda r: "lin_api_" + _draw(r, ALNUM, 40),
    "notion": lambda r: "ntn_" + _draw(r, ALNUM, 46),
    "figma": lambda r: "figd_" + _draw(r, URLSAFE, 40),
    "azure sas": lambda r: "sig=" + _draw(r, ALNUM, 43) + "%3D",
    "age": lambda r: "AGE-SECRET-KEY-1" + _draw(r, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58),
}

CONTEXTS = (
    "The request was sent with {} and came back with 401.",
    'curl https://api.example.org/v1/models -H "Authorization: Bearer {}"',
    'export API_KEY="{}"',
    (
        '{"error": {"message": "Incorrect API key provided: {}. You can find your key in the '
        'dashboard."}}'
    ),
    "api_key: {}\nmodel: auto",
    "https://api.example.org/v1/chat?key={}&stream=true",
    "`{}` is what stands in my .env, and it still fails",
    "2026-01-02T03:04:05Z ERROR http client: headers={'x-api-key': '{}'}",
)


def _others(rng: random.Random) -> list[Planted]:
    """Secrets that only their place gives away, and what tells of a person or a private network."""
    out = []
    for name in ("AWS_SECRET_ACCESS_KEY", "aws_secret_access_key"):
        out.append(Planted("aws secret", _draw(rng, ALNUM + "/+", 40), name + "={}"))
    out += [
        Planted("azure key", _draw(rng, HEX, 32), "AZURE_OPENAI_API_KEY={}"),
        Planted("azure key", _draw(rng, ALNUM, 84), "api-key: {}"),
    ]
    for context in (
        'password = "{}"',
        "DB_PASSWORD={}",
        '"client_secret": "{}"',
        "refresh_token={}",
        "secret: '{}'",
        '\\"api_key\\": \\"{}\\"',
        "--api-key {}",
        "--token={}",
        "Authorization: Basic {}",
        "Cookie: session={}; path=/",
        "Set-Cookie: sid={}; HttpOnly",
        "x-goog-api-key: {}",
        "OPENAI_API_KEY: {}",
        "set ANTHROPIC_AUTH_TOKEN={}",
        "passphrase={}",
        "ACCESS_TOKEN='{}'",
        "private_key_id: {}",
        "PGPASSWORD={} psql -h db",
        "mysql -u root -p'{}' shop",
        "signing_secret={}",
        "webhook_secret: {}",
        "encryption_key={}",
        'headers: {"token": "{}"}',
    ):
        out.append(Planted("assigned", _draw(rng, ALNUM, 24), context))
    for context in (
        "postgresql://app:{}@db.example.org:5432/shop",
        "redis://:{}@cache.example.org:6379/0",
        "mongodb+srv://root:{}@cluster0.example.org/x",
        "https://bob:{}@git.example.org/team/repo.git",
        "amqp://guest:{}@mq.example.org//",
        "proxy http://user:{}@proxy.example.org:3128",
    ):
        out.append(Planted("in an address", _draw(rng, ALNUM, 14), context))
    for name in ("jane.doe", "k_schmidt", "o'neil".replace("'", ""), "li.wei42", "m+spam", "ops"):
        for host in ("bigcorp.example.com", "mail.example.org", "example.net", "uni-x.example.edu"):
            out.append(
                Planted("e-mail", f"{name}@{host}", "please write to {} if it happens again")
            )
    for user in ("janedoe", "k.schmidt", "Max Muster", "JANE~1", "liwei", "анна"):
        safe = user.split(" ")[0]
        out.append(
            Planted("user", safe, "ENOENT: no such file or directory, open '/Users/{}/proj/a.json'")
        )
        out.append(
            Planted("user", safe, 'File "/home/{}/.venv/lib/python3.12/site-packages/x.py", line 3')
        )
        out.append(Planted("user", safe, "C:\\Users\\{}\\AppData\\Roaming\\Code\\logs"))
        out.append(Planted("user", safe, '{"cwd":"C:\\\\Users\\\\{}\\\\work"}'))
    for host in (
        "10.1.2.3",
        "192.168.178.20",
        "172.16.5.9",
        "100.64.3.2",
        "nas.local",
        "build01.corp",
        "gpu-7.internal",
        "git.lan",
        "box.tail1234.ts.net",
        "fd12:3456:789a::1",
        "vault.intranet",
        "printer.home.arpa",
    ):
        out.append(Planted("host", host, "connect ECONNREFUSED {}:11434"))
        out.append(Planted("host", host, "http://{}/v1/models answered 502"))
    out.append(
        Planted(
            "private key",
            _draw(rng, ALNUM, 64),
            "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----",
        )
    )
    out.append(
        Planted("private key", _draw(rng, ALNUM, 64), "-----BEGIN RSA PRIVATE KEY-----\\n{}\\n")
    )
    out.append(
        Planted(
            "slack hook",
            f"T{_draw(rng, UPPER, 8)}/B{_draw(rng, UPPER, 8)}/{_draw(rng, ALNUM, 24)}",
            "https://hooks.slack.com/services/{}",
        )
    )
    out.append(
        Planted(
            "discord hook",
            f"{rng.randint(10**17, 10**18)}/{_draw(rng, URLSAFE, 68)}",
            "https://discord.com/api/webhooks/{}",
        )
    )
    return out


def planted() -> list[Planted]:
    """All planted secrets, the same ones every time."""
    rng = random.Random(7)
    out = []
    for number, (kind, make) in enumerate(KEYS.items()):
        for turn in range(3):
            out.append(Planted(kind, make(rng), CONTEXTS[(number + turn * 3) % len(CONTEXTS)]))
    return out + _others(rng)


ORDINARY = (
    "request_id: req_011CQbZ8v3vYq7r9kYwq2h4m",
    "toolu_01A09q90qw90lq917835lq9 was not found in the previous message",
    (
        "tool_use ids were found without tool_result blocks immediately after: "
        "toolu_vrtx_01XyzAbC123dEf456GhI"
    ),
    "call_9pw1qnYScqvGrCH58HWCvFH6 has no matching output",
    "chatcmpl-9xKqW4b2VZyN8u3cR5tGfDsA1eHjL failed",
    "msg_01XFDUDYJgAACzvnptvVoYEL stop_reason: null",
    "gen-1749035288-AbCdEfGhIjKlMnOpQrSt provider returned error",
    "x-request-id: 7f1c2f0e-5e5f-4a43-9a5c-2f9c1b1f2d3e",
    "commit 3f786850e387550fdab836ed7e6dc881de23001b broke it",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    (
        "image ghcr.io/acme/tool@sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886"
        "266e7ae"
    ),
    "docker pull ollama/ollama:0.5.7-rocm",
    "ModuleNotFoundError: No module named 'skimage'",
    "sk-learn is not a package, use scikit-learn",
    "Error: 401 No auth credentials found",
    "secret storage migration of 3.17.0 runs too late",
    "token limit exceeded: 200000 > 128000",
    "max_tokens: 8192, temperature: 0.7",
    "invalid x-api-key",
    (
        "Error code: 401 - {'error': {'message': 'Incorrect API key provided', 'code': "
        "'invalid_api_key'}}"
    ),
    "AuthenticationError: authentication_error: invalid bearer token",
    'api_key=os.environ["OPENAI_API_KEY"]',
    "api_key: ${OPENAI_API_KEY}",
    "Authorization: Bearer $OPENROUTER_API_KEY",
    "Authorization: Bearer <token>",
    'password: "" is refused by the form',
    'password authentication failed for user "postgres"',
    "secret: null",
    "token: undefined",
    "Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON",
    "Unexpected token: export at line 12",
    "token expired at 2026-01-02T03:04:05Z",
    "access_token: expected string, received undefined",
    "api-version=2024-08-01-preview is not supported",
    "https://openrouter.ai/api/v1/chat/completions answered 502",
    "POST https://api.anthropic.com/v1/messages 529",
    "getaddrinfo ENOTFOUND api.openai.com",
    "connect ECONNREFUSED 127.0.0.1:11434",
    "connect ECONNREFUSED ::1:11434",
    "listening on 0.0.0.0:8080",
    "http://localhost:1234/v1/models",
    "http://host.docker.internal:11434 could not be reached",
    "dial tcp 8.8.8.8:53: i/o timeout",
    "version 10.0.19045 of Windows",
    "CUDA 12.4.131, driver 550.54.14",
    "Python 3.12.10.1 is no version",
    "node v22.14.0, npm 10.9.2",
    "claude-3-5-sonnet-20241022 was not found",
    "anthropic/claude-sonnet-4-20250514 has no endpoints",
    "gpt-4o-mini-2024-07-18 is not available in your region",
    "deepseek-r1-distill-qwen-32b-q4_k_m.gguf",
    "hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M",
    "npm ERR! code ERESOLVE",
    "npm_config_registry is set",
    "re-installing the extension did not help",
    "fc-cache: failed to write cache",
    "/home/user/project/app.py, line 3",
    "/home/runner/_work/tool/tool/src/index.ts",
    "/Users/runner/hostedtoolcache/Python",
    "/usr/local/lib/python3.12/site-packages/litellm/main.py",
    "C:\\Users\\Public\\Desktop",
    "C:\\Program Files\\nodejs\\node.exe",
    "~root/.cache/huggingface/hub",
    "@anthropic-ai/claude-code@1.0.35",
    "@modelcontextprotocol/server-filesystem@2025.1.14 failed",
    "git@github.com:acme/tool.git",
    "ssh: connect to host github.com port 22: Connection refused",
    "pip install tool@git+https://github.com/acme/tool.git",
    "urllib3.connectionpool:Retrying (Retry(total=2, connect=None))",
    "session ses_4f9Kq2 was closed",
    "trace 4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "0x00007FF8A1B2C3D4 in ntdll.dll",
    "at Object.<anonymous> (/app/dist/index.js:12:34)",
    "error TS2345: Argument of type 'string' is not assignable",
    "basic authentication is not supported by this endpoint",
    "Basic understanding of the configuration is needed",
    "bearer authentication_required_for_this_endpoint",
    "the token refreshed-automatically is ignored",
    "task-runner: sk-runner-timeout-exceeded",
    "risk-assessment-module-not-loaded",
    "disk-usage-monitor-not-running",
    "keep_alive: -1, num_ctx: 32768",
    'ETag: W/"5e0-1a2b3c4d5e6f"',
    "cf-ray: 8c1f2a3b4c5d6e7f-FRA",
    "anthropic-beta: prompt-caching-2024-07-31",
    "rev 9c1d7b9e8f2a of main",
    "uuid 123e4567-e89b-12d3-a456-426614174000",
    "prettier --write .",
    "The model `qwen2.5-coder:7b` does not support tools",
    "ERR_MODULE_NOT_FOUND: Cannot find package 'undici'",
    "Error: spawn npx ENOENT",
    "secret-tool: command not found",
    "passwordless sudo is needed",
    "set the password in Settings > Account",
    "token_type_ids are not expected by this model",
    "tokenizer.json was not found",
)
