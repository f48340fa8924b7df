-- How surely a mention is an error that its thread reports; null until it is mined again.

alter table mention add column confidence real;
