"""Readable titles of entries, made from the fields of a signature: `OpenRouter 401: User not found`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kb.models import Signature

_NAMES = {
    "openrouter": "OpenRouter",
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "ollama": "Ollama",
    "bedrock": "Amazon Bedrock",
    "vertex": "Vertex AI",
    "gemini": "Gemini",
    "azure": "Azure OpenAI",
    "deepseek": "DeepSeek",
    "mistral": "Mistral",
    "groq": "Groq",
    "xai": "xAI",
    "vllm": "vLLM",
    "lmstudio": "LM Studio",
    "huggingface": "Hugging Face",
    "cloudflare": "Cloudflare",
    "github-copilot": "GitHub Copilot",
    "github-models": "GitHub Models",
    "opencode": "OpenCode",
    "opengateway": "OpenGateway",
    "dashscope": "DashScope",
}
WIDTH = 110


def title_of(signature: Signature) -> str:
    """A title of at most `WIDTH` characters and an ellipsis."""
    message = signature.text
    status = str(signature.status) if signature.status else ""
    if status and message.startswith(status):
        message = message[len(status) :].lstrip(" :-")
    head = " ".join(part for part in (_NAMES.get(signature.provider or "", signature.provider or ""), status) if part)
    if len(message) > WIDTH:
        message = message[:WIDTH].rsplit(" ", 1)[0] + "…"
    message = message[:1].upper() + message[1:]
    return f"{head}: {message}" if head and message else head or message or "Unnamed error"
