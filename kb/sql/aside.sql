-- A dry run's own addresses: temporary tables, in memory, that stand before those of the file.

-- name: let_write
-- the file stays closed to writing: it was opened so
pragma query_only = off;

-- name: slugs
create temp table slug as select * from main.slug;

-- name: checks
create temp table stage_version as select * from main.stage_version where stage <> 'addresses';
