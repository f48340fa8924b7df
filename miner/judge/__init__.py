"""An optional second reader: a language model that judges and never writes.

It chooses among numbered sentences of a thread; its answer is ids and labels, nothing else, and no
word of its own reaches a document. Answers are kept in the database by a hash of what was asked, so
that mining uses them without a network and always gives the same result. See
docs/how-to/second-reader.md.
"""
