-- The words of record linkage, and names that say what a table or column holds.

alter table near rename to similar_pair;
alter table block rename to blocking_key;
alter table decision rename to curation_line;
alter table seen rename to full_sync_seen;
alter table rules rename to stage_version;
alter table post_sign rename to post_hash;
alter table post_hash rename column sign to hash;
alter table reported_entry rename to last_report_entry;
alter table reported_claim rename to last_report_claim;
alter table reported_document rename to last_report_document;
alter table identity rename column born to seq;
alter table identity rename to entry_id;
alter table mention rename column before to previous_fingerprint;
alter table evidence rename column place to position;
