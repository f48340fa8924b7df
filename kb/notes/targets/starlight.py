"""Starlight (Astro's documentation theme): boxes by directive, `lastUpdated` and `head` in its
schema.
"""

from kb.notes.targets import Facts, Target, lowered


def _head(facts: Facts) -> list[dict[str, object]]:
    script = {"tag": "script", "attrs": {"type": "application/ld+json"}}
    return [{**script, "content": facts.json_ld}] if facts.json_ld else []


TARGET = Target(
    "starlight",
    box=(":::tip[{}]", ":::"),
    href=lambda slug: f"../{slug}/",
    built=lowered,
    front="title sidebar description lastUpdated category tags head published_at updated updated_at"
    " more former_slugs",
    fields={"head": _head, "sidebar": lambda f: {"label": f.label} if f.label else None},
    hidden={"pagefind": False},
)
