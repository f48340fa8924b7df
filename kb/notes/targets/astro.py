"""Astro's own Markdown: pages at `<slug>/`, front matter checked by the site's schema (texts for
times).
"""

from kb.notes.targets import Target, lowered

TARGET = Target("astro", href=lambda slug: f"../{slug}/", built=lowered, script=True)
