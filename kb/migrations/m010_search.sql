-- Words that entries are found by: a table with a full-text index that triggers keep. What people
-- said has a column of its own; a line break within `words` stood for that.

create table entry_words (
    seq integer primary key,           -- of table identity
    entry_id text not null, title text not null, signature text not null,
    words text not null,               -- other wordings, fields, objects
    said text not null default ''      -- titles and first words of its threads
);
insert into entry_words
    select rowid, entry_id, title, signature,
           substr(words, 1, instr(words || char(10), char(10)) - 1),
           substr(words, instr(words || char(10), char(10)) + 1)
    from entry_search;
drop table entry_search;
alter table entry_words rename to entry_search;
CREATE VIRTUAL TABLE "entry_search_fts" USING FTS5 (
    "title", "signature", "words", "said",
    tokenize='unicode61',
    content="entry_search"
);
CREATE TRIGGER "entry_search_ai" AFTER INSERT ON "entry_search" BEGIN
  INSERT INTO "entry_search_fts" (rowid, "title", "signature", "words", "said") VALUES (new.rowid, new."title", new."signature", new."words", new."said");
END;
CREATE TRIGGER "entry_search_ad" AFTER DELETE ON "entry_search" BEGIN
  INSERT INTO "entry_search_fts" ("entry_search_fts", rowid, "title", "signature", "words", "said") VALUES('delete', old.rowid, old."title", old."signature", old."words", old."said");
END;
CREATE TRIGGER "entry_search_au" AFTER UPDATE ON "entry_search" BEGIN
  INSERT INTO "entry_search_fts" ("entry_search_fts", rowid, "title", "signature", "words", "said") VALUES('delete', old.rowid, old."title", old."signature", old."words", old."said");
  INSERT INTO "entry_search_fts" (rowid, "title", "signature", "words", "said") VALUES (new.rowid, new."title", new."signature", new."words", new."said");
END;
insert into entry_search_fts (rowid, title, signature, words, said)
    select rowid, title, signature, words, said from entry_search;
