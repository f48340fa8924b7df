-- Where a message that is printed for many failures was seen: part of its signature.

alter table signature add column place text;
create index signature_text on signature (text) where place is not null;
