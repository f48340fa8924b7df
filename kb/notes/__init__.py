"""Documents made of evidence: notes, pages, candidate records, and keeping a site up to date."""
