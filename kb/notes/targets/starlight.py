"""Starlight (Astro's documentation theme): boxes by directive, `lastUpdated` and `head` in its
schema.
"""

from kb.notes.targets import Facts, Front, Target, day_of, lowered


def _front(facts: Facts) -> Front:
    script = {"tag": "script", "attrs": {"type": "application/ld+json"}}
    head = [{**script, "content": facts.json_ld}] if facts.json_ld else []
    return {
        "title": facts.title,
        "description": facts.description,
        "lastUpdated": day_of(facts.updated),
        "category": facts.category,
        "tags": list(facts.tags),
        "head": head,
        "published_at": facts.published,
        "updated": day_of(facts.updated),
        "updated_at": facts.updated,
        **facts.more,
        "former_slugs": list(facts.former),
    }


TARGET = Target(
    "starlight",
    box=(":::tip[{}]", ":::"),
    href=lambda slug: f"../{slug}/",
    built=lowered,
    front=_front,
    hidden={"pagefind": False},
)
