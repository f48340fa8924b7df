-- Whether nothing but its confidence decides that a mention is counted; null until it is mined
-- again.

alter table mention add column by_confidence integer;
