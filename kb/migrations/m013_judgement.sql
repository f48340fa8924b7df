-- Answers of a second reader (a language model), by a hash of what it was asked.

create table judgement (
    content text not null, model text not null,
    kind text not null,                -- claims, pair, error
    about text not null,               -- owner/repo#12, or two fingerprints
    answer text not null,              -- ids and labels, as JSON
    asked_at text not null,
    primary key (content, model)
) without rowid;
create index judgement_about on judgement (about);
