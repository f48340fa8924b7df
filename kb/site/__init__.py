"""Pages that people wrote: held against the knowledge base, and kept in step with it."""

KINDS = {
    "unreadable": "front matter or markers cannot be read",
    "same-error": "several pages are about one error",
    "no-source": "no link to a source",
    "one-source": "only one source",
    "missing-link": "a link that the knowledge base cannot find",
    "deleted": "a cited post is gone",
    "edited": "a cited post was edited after the page",
    "contradicted": "a link to words that were contradicted",
    "withdrawn": "an entry or a quote that is no longer published",
    "fixed": "a release fixed the error after the page",
    "other-error": "a link to a thread about another error",
    "outdated": "older than the entry's news",
    "unwritten": "an entry that deserves a page and has none",
}
"""Findings by kind, in the order of a report."""
