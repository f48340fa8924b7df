-- What pieces of components of near signatures were cut into.

create table component_cut (
    first text primary key,        -- the smallest member's fingerprint
    digest blob not null,          -- of members, fields, near pairs, and what keeps them apart
    groups blob not null           -- for each member the number of its group
) without rowid;
