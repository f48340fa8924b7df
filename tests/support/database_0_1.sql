-- A database of version 0.1 with made-up threads, dumped by Python's iterdump.
BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'faultlore','m001_threads','2026-11-29 07:31:03.698667+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'faultlore','m002_knowledge','2026-11-29 07:31:03.740506+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'faultlore','m003_relations','2026-11-29 07:31:03.777538+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'faultlore','m004_post_signs','2026-11-29 07:31:03.785729+00:00');
INSERT INTO "_sqlite_migrations" VALUES(5,'faultlore','m005_evidence_elsewhere','2026-11-29 07:31:03.791256+00:00');
INSERT INTO "_sqlite_migrations" VALUES(6,'faultlore','m006_slugs','2026-11-29 07:31:03.793438+00:00');
INSERT INTO "_sqlite_migrations" VALUES(7,'faultlore','m007_runs','2026-11-29 07:31:03.815060+00:00');
CREATE TABLE alias (
        old_id text primary key, entry_id text not null references entry (entry_id) deferrable initially deferred
    ) without rowid;
INSERT INTO "alias" VALUES('EOLDOLDOLDOL','E3NU6EZ67P2J');
CREATE TABLE block (                    -- index from which candidates for near pairs come
        key integer not null,               -- hash of a word pair, a code, ... (kb.candidates.keys_of)
        fingerprint text not null,
        primary key (key, fingerprint)
    ) without rowid;
INSERT INTO "block" VALUES(-7942812568500063312,'v1:cac9a84aa2ab8f76');
INSERT INTO "block" VALUES(-7074279958566035599,'v1:b8735edb9c3fe3d1');
INSERT INTO "block" VALUES(-6722616792335081214,'v1:b8735edb9c3fe3d1');
INSERT INTO "block" VALUES(-6399553594003615841,'v1:b8735edb9c3fe3d1');
INSERT INTO "block" VALUES(-5796174521909593338,'v1:b8735edb9c3fe3d1');
INSERT INTO "block" VALUES(-3225338246326754627,'v1:cac9a84aa2ab8f76');
INSERT INTO "block" VALUES(-2097794406904896513,'v1:b8735edb9c3fe3d1');
INSERT INTO "block" VALUES(-1838009193273815948,'v1:b8735edb9c3fe3d1');
INSERT INTO "block" VALUES(-1620457474260789644,'v1:b8735edb9c3fe3d1');
INSERT INTO "block" VALUES(-981493578192528291,'v1:cac9a84aa2ab8f76');
INSERT INTO "block" VALUES(809289206187744548,'v1:b8735edb9c3fe3d1');
INSERT INTO "block" VALUES(1552444872782770407,'v1:cac9a84aa2ab8f76');
INSERT INTO "block" VALUES(1811662039328534648,'v1:b8735edb9c3fe3d1');
INSERT INTO "block" VALUES(4959868111209607324,'v1:b8735edb9c3fe3d1');
INSERT INTO "block" VALUES(5092312398261477729,'v1:b8735edb9c3fe3d1');
INSERT INTO "block" VALUES(5368261106167775906,'v1:cac9a84aa2ab8f76');
INSERT INTO "block" VALUES(6691828225061251313,'v1:b8735edb9c3fe3d1');
CREATE TABLE claim (
        claim_id text primary key,
        repo text not null, number integer not null, comment_id integer, field text not null,
        kind text not null, quote text not null, start integer not null, end integer not null,
        author text, author_role text not null, association text not null, created_at text not null, url text not null,
        stance text not null, confidence real not null, about text, says text,
        foreign key (repo, number) references thread (repo, number)
    ) without rowid;
INSERT INTO "claim" VALUES('C0d2e92cbf1c2a34','lantern/cli',2,21,'body','cause','The cause is a missing dependency in 1.4.',0,41,'keeper','maintainer','MEMBER','2026-01-05T10:00:00Z','https://github.com/lantern/cli/issues/2#issuecomment-21','confirmed',0.4831,NULL,'C0d2e92cbf1c2a34');
INSERT INTO "claim" VALUES('C28d9f4a63b1518e','lantern/cli',2,21,'body','fix','Run `pip install lantern-wick`.',42,73,'keeper','maintainer','MEMBER','2026-01-05T10:00:00Z','https://github.com/lantern/cli/issues/2#issuecomment-21','confirmed',0.9458,NULL,'C28d9f4a63b1518e');
INSERT INTO "claim" VALUES('C63835e5c131271b','lantern/cli',1,11,'body','cause','This happens because the daemon is not running when the shell starts.',0,69,'keeper','maintainer','MEMBER','2026-01-05T10:00:00Z','https://github.com/lantern/cli/issues/1#issuecomment-11','confirmed',0.245,NULL,'C63835e5c131271b');
INSERT INTO "claim" VALUES('C65bf3ec212dcba7','lantern/cli',2,22,'body','fix','pip install worked for me.',0,26,'bo','reporter','NONE','2026-01-06T11:00:00Z','https://github.com/lantern/cli/issues/2#issuecomment-22','unverified',0.8965,NULL,'C65bf3ec212dcba7');
CREATE TABLE comment (
        comment_id integer primary key, repo text not null, number integer not null,
        author text, author_type text not null, association text not null,
        created_at text not null, updated_at text not null, body text not null, url text not null,
        via_app text, thumbs_up integer not null, thumbs_down integer not null, gone_at text,
        foreign key (repo, number) references thread (repo, number)
    );
INSERT INTO "comment" VALUES(11,'lantern/cli',1,'keeper','User','MEMBER','2026-01-05T10:00:00Z','2026-01-05T10:00:00Z','This happens because the daemon is not running when the shell starts.','https://github.com/lantern/cli/issues/1#issuecomment-11',NULL,0,0,NULL);
INSERT INTO "comment" VALUES(12,'lantern/cli',1,'keeper','User','MEMBER','2026-01-05T10:00:00Z','2026-01-05T10:00:00Z','Start the daemon before the shell.','https://github.com/lantern/cli/issues/1#issuecomment-12',NULL,0,0,NULL);
INSERT INTO "comment" VALUES(13,'lantern/cli',1,'ana','User','NONE','2026-01-06T10:00:00Z','2026-01-06T10:00:00Z','That fixed it, thanks!','https://github.com/lantern/cli/issues/1#issuecomment-13',NULL,0,0,NULL);
INSERT INTO "comment" VALUES(21,'lantern/cli',2,'keeper','User','MEMBER','2026-01-05T10:00:00Z','2026-01-05T10:00:00Z','The cause is a missing dependency in 1.4. Run `pip install lantern-wick`.','https://github.com/lantern/cli/issues/2#issuecomment-21',NULL,0,0,NULL);
INSERT INTO "comment" VALUES(22,'lantern/cli',2,'bo','User','NONE','2026-01-06T11:00:00Z','2026-01-06T11:00:00Z','pip install worked for me.','https://github.com/lantern/cli/issues/2#issuecomment-22',NULL,0,0,NULL);
INSERT INTO "comment" VALUES(31,'moss/bridge',3,'dee','User','NONE','2026-01-05T10:00:00Z','2026-01-05T10:00:00Z','Same here, started the daemon first and it works now.','https://github.com/moss/bridge/issues/3#issuecomment-31',NULL,0,0,NULL);
CREATE TABLE cursor (
        repo text not null, stream text not null,
        since text, next_url text, state text,
        primary key (repo, stream)
    ) without rowid;
CREATE TABLE decision (line text primary key) without rowid;
CREATE TABLE dirty (                    -- threads that a stage has still to read
        stage text not null, repo text not null, number integer not null,
        primary key (stage, repo, number)
    ) without rowid;
CREATE TABLE dirty_entry (entry_id text primary key) without rowid;
CREATE TABLE dirty_signature (fingerprint text primary key) without rowid;
CREATE TABLE entry (
        entry_id text primary key, title text not null, signature text not null, fingerprint text not null,
        provider text, tool text, status integer, code text, exception text,
        threads integer not null, repos integer not null, reporters integer not null,
        first_seen text, last_seen text, grade text not null,
        born_run integer not null,          -- order in which ids were given (table identity)
        ignored integer not null default 0, retired integer not null default 0
    ) without rowid;
INSERT INTO "entry" VALUES('E3NU6EZ67P2J','connect ECONNREFUSED <host>','connect ECONNREFUSED <host>','v1:cac9a84aa2ab8f76',NULL,'lantern/cli',NULL,'ECONNREFUSED',NULL,2,2,2,'2026-01-01T10:00:00Z','2026-01-03T10:00:00Z','B',1,0,0);
INSERT INTO "entry" VALUES('EBJTYEWRLIJF','No module named lantern_wick','no module named lantern_wick','v1:b8735edb9c3fe3d1',NULL,'lantern/cli',NULL,NULL,'ModuleNotFoundError',1,1,1,'2026-01-02T10:00:00Z','2026-01-02T10:00:00Z','A',2,0,0);
CREATE TABLE entry_log (
        log_id integer primary key, at text not null, action text not null,   -- minted, merged, split, retired, titled
        entry_id text not null, other_id text, why text not null, rules text not null
    );
INSERT INTO "entry_log" VALUES(1,'2026-02-01T00:00:00Z','minted','E3NU6EZ67P2J',NULL,'first mention has signature v1:cac9a84aa2ab8f76','group1-8544ef82');
INSERT INTO "entry_log" VALUES(2,'2026-02-01T00:00:00Z','minted','EBJTYEWRLIJF',NULL,'first mention has signature v1:b8735edb9c3fe3d1','group1-8544ef82');
CREATE TABLE event (
        repo text not null, number integer not null, id text not null,
        event text not null, created_at text, actor text, commit_id text, state_reason text,
        source_repo text, source_number integer, source_is_pull integer not null, source_merged_at text,
        primary key (repo, number, id),
        foreign key (repo, number) references thread (repo, number)
    ) without rowid;
CREATE TABLE evidence (
        claim_id text not null references claim (claim_id) on delete cascade,
        place integer not null, role text not null,
        comment_id integer, field text not null, start integer not null, end integer not null, quote text not null,
        author text, association text not null, created_at text, url text not null, repo text, number integer,
        primary key (claim_id, place)
    ) without rowid;
INSERT INTO "evidence" VALUES('C28d9f4a63b1518e',0,'confirms',22,'body',0,26,'pip install worked for me.','bo','NONE','2026-01-06T11:00:00Z','https://github.com/lantern/cli/issues/2#issuecomment-22',NULL,NULL);
CREATE TABLE identity (                 -- every id ever given, by the signature it was given for
        entry_id text primary key, fingerprint text not null, born integer not null
    ) without rowid;
INSERT INTO "identity" VALUES('E3NU6EZ67P2J','v1:cac9a84aa2ab8f76',1);
INSERT INTO "identity" VALUES('EBJTYEWRLIJF','v1:b8735edb9c3fe3d1',2);
INSERT INTO "identity" VALUES('EOLDOLDOLDOL','v1:0000000000000000',999);
CREATE TABLE link (                     -- what a thread says of another one
        repo text not null, number integer not null, kind text not null,  -- duplicate, fixed_by, mentions
        to_repo text not null, to_number integer not null,
        primary key (repo, number, kind, to_repo, to_number)
    ) without rowid;
CREATE TABLE mention (
        mention_id integer primary key,
        repo text not null, number integer not null, comment_id integer, field text not null,
        start integer not null, end integer not null, raw text not null,
        fingerprint text not null references signature (fingerprint),
        is_primary integer not null, counted integer not null,
        provider text, tool text, status integer, model text, version text, os text, frames text not null,
        code text, exception text, wrappers text not null default '[]', objects text not null default '[]',
        created_at text, author text,       -- of the post it stands in
        before text,                        -- fingerprint of the same text by rules that were replaced since
        foreign key (repo, number) references thread (repo, number)
    );
INSERT INTO "mention" VALUES(1,'lantern/cli',1,NULL,'body',38,80,'Error: connect ECONNREFUSED 127.0.0.1:7411','v1:cac9a84aa2ab8f76',1,1,NULL,'lantern/cli',NULL,NULL,NULL,NULL,'[]','ECONNREFUSED',NULL,'["Error"]','[]','2026-01-01T10:00:00Z','ana',NULL);
INSERT INTO "mention" VALUES(2,'lantern/cli',2,NULL,'title',0,12,'Wick missing','v1:a9c3f405f0149c05',0,0,NULL,'lantern/cli',NULL,NULL,NULL,NULL,'[]',NULL,NULL,'[]','[]','2026-01-02T10:00:00Z','bo',NULL);
INSERT INTO "mention" VALUES(3,'lantern/cli',2,NULL,'body',4,55,'ModuleNotFoundError: No module named ''lantern_wick''','v1:b8735edb9c3fe3d1',1,1,NULL,'lantern/cli',NULL,NULL,NULL,NULL,'[]',NULL,'ModuleNotFoundError','["ModuleNotFoundError"]','["lantern_wick"]','2026-01-02T10:00:00Z','bo',NULL);
INSERT INTO "mention" VALUES(4,'moss/bridge',3,NULL,'title',0,14,'Cannot connect','v1:536e9c76fc677fe9',0,0,NULL,'moss/bridge',NULL,NULL,NULL,NULL,'[]',NULL,NULL,'[]','[]','2026-01-03T10:00:00Z','cy',NULL);
INSERT INTO "mention" VALUES(5,'moss/bridge',3,NULL,'body',23,65,'Error: connect ECONNREFUSED 127.0.0.1:7411','v1:cac9a84aa2ab8f76',1,1,NULL,'moss/bridge',NULL,NULL,NULL,NULL,'[]','ECONNREFUSED',NULL,'["Error"]','[]','2026-01-03T10:00:00Z','cy',NULL);
CREATE TABLE near (                     -- pairs of signatures that are the same error, worded differently
        a text not null, b text not null, probability real not null,
        primary key (a, b)
    ) without rowid;
CREATE TABLE orphan_comment (      -- comments that arrived before their thread
        comment_id integer primary key, repo text not null, number integer not null, json blob not null
    );
CREATE TABLE post_sign (
        sign text not null, repo text not null, number integer not null,
        primary key (sign, repo, number)
    ) without rowid;
CREATE TABLE raw (
        kind text not null,            -- issue, comment, event
        repo text not null,
        number integer not null,       -- thread
        id text not null,              -- GitHub's id; events without one: a hash of their JSON
        json blob not null,            -- zlib, canonical JSON
        primary key (kind, repo, number, id)
    ) without rowid;
INSERT INTO "raw" VALUES('comment','lantern/cli',1,'11',X'789C858EB10AC33010437FC5DCDC143BD00E1E0B19B3944C5DC2253E62D3D4363E9B5242FEBD4E7FA0A0457A4268032CD986342273981D66173C68E8BBFED6DDE10453309FEA07EB58588C913C8B89662C4C225B1206E915BCA8D4872C52F1DEF945BC2DF91F664BEB2A3863CA7CAE737322CC6446CC75B495EDB591AA919741492D0F3D6AC719D04A9DA044F3B75B6F24D01BAC6171C7EF2751ACC9BE7F0159634408');
INSERT INTO "raw" VALUES('comment','lantern/cli',1,'12',X'789C858EC10AC23010447F25ECB99534A0871C851E7B514F5ECAB6594DB0764BB23948E9BF9BFA03C25CE6F1066605CCE239F698128F0125F00C16BAB63BB717A86060F729FD2A18458927E590DE3CAB811E1CE94792A7693A14778C8442AE47290BA3CDA9D64DAD8FB7465BBDE75E9CE0C036A682BCB8BF6E4E14C1AE30F133ECA75E444B21DBF605687536EA');
INSERT INTO "raw" VALUES('comment','lantern/cli',1,'13',X'789C85CE310BC2301005E0BF126F4E21A9D021BB6B5D3A75296713CDA1E424B98052FADF4D7F81F096C7FB86B70156899C172C855742214EE060BC8E17D07063FF6D6D8A28EA4E9FE015895612313DCBA9ED6B0E28C12F284DF5A61F3A633B334CD63873646E863C387BD650DFFEAFAD2564701BBCF841C70D4C08FBFE0361B13070');
INSERT INTO "raw" VALUES('comment','lantern/cli',2,'21',X'789C858ECD0AC23010845F65D9B32D69510F390A3D7A293D79D13559EA624D427E9022BEBBE913087399E163F83E48253F7CBC524ADE0865F10E359E87F369187187776FD7DAA70783A192182401C14B52123783E5C0CEB2332B8883AEDDB7301607B720A10E29D3B2C0422E7374CD5BCCF3D6D64B139932DB2BE57ADCABFED8A8AE5187A9535A6DB954462CEABEDB6109F62F5BAD22EA0F2E7E96CDFDC9D52AE2F7FB03D773443F');
INSERT INTO "raw" VALUES('comment','lantern/cli',2,'22',X'789C85CE3B0EC2301045D1AD585327C87691C23D6D68A868A249C6C00893B1FC5184A2EC1DB302A4D75CE9146F07ACE52969C29C65612C2C2B38182FE3193A98853EAD2247C56B2E1882DA24BD3CA9BB24F5F6A76696E4B1789AB03469B51D7A6D7A3D5C8D715AB7DD9A6102676D0735D25F5BB34FE07608F2E0DF9559E038BE529F31F2');
INSERT INTO "raw" VALUES('comment','moss/bridge',3,'31',X'789C858EC10AC23010447F65D9732B69450FB97BAD073D79296BB3DAA0CD4AB2A148E9BF9B7E81309781F7865990B28E127B4A49064FEA25A0C5EEDC9DB0C2BBB86F69179A18468E5C41528ACA0E746470C4930478F898142838F00AB3C4578220F3AEE843642A704F5A465AD31E6BD3D4E6706D8C355B6E85F10EEDBEA9307FDC5F36278E68177CCBD36F2F1D33AEEB0F344D3BCA');
INSERT INTO "raw" VALUES('issue','lantern/cli',1,'1',X'789C854F4D6BC3300CFD2BC6E774D861ACE0EBEA1D5358BBCB08348A6366432A155B618CD2FF3E19761F7A9787DE8774D7B071A272815A2964E04CA89D1E8E83D79D9E69F911764E51AD801C0BAA9AE8BB2A4EB92A6055190ABB11479CA669445F0A15A70221C6C0CABF1E87E1DDBF7D9CFC41D97EFF6464ACDB3F5BFB67908E5022705C2EC0D2D49BFE6567ACE06C8D330D9FA2C1ED3AC7A29DEDB434721425DD627373E6B5D103C42BA192AB905849644830CBA6D3DB6DF9377FAB2DFDAE57FACAED7D40D08FC72F005C585F');
INSERT INTO "raw" VALUES('issue','lantern/cli',2,'2',X'789C858F410A83301045AF1266D38D4274D1857BBBABDD140A45D068820DD51949269422DEBD891728CCE67FDE7F301BA8C02F729DF29E46ABD8124205CDADA9218381F437A6BEEF5BBC920EB369882F1450D7CE91AB444362397A816A315A9C66856C1C761F3BBE4F2D1ECB281A9D516C74A738EA4A599E7359E4B2BC17B292E99E91C1B00CC6415566E039D291A4D5A4355B9E537C44A958ACF716A7588755FF95069F941BCC34D9F4D840B0EF3F2FBE4DE4');
INSERT INTO "raw" VALUES('issue','moss/bridge',3,'3',X'789C7D8F418B02310C85FF4AC9D9917694157AD5EE710656F722034EED94B5E026D2C91C44FCEFA6A857492E8FBCF725B9819FF844F9E0C79142F29C08C142D3360E6670A4E12A6A9B3044C5A7A8A6CBE039DA0E3BECFBBE43973365AB0221C6C0CAADDBA6F971DFBF5BB751A65ECDB594B1ABA531AF8040438EC2180E9E055DEBFAABD2A6D28B9DD15697DE8B07A7FF63CC6017331859DCE2A44B2C694E7C2E72ED1189DF9B65F03CED33761A0BF40667FA4BE5CD7085FBFD01AF974F58');
CREATE TABLE repo (
        repo text primary key, moved_to text, failed_at text, failure text
    ) without rowid;
CREATE TABLE reported_claim (claim_id text primary key, stance text not null) without rowid;
CREATE TABLE reported_document (
        kind text not null, name text not null, digest text not null, primary key (kind, name)
    ) without rowid;
CREATE TABLE reported_entry (
        entry_id text primary key, title text not null, grade text not null, threads integer not null
    ) without rowid;
CREATE TABLE revision (            -- former versions of edited texts
        repo text not null, number integer not null, comment_id integer, field text not null,
        sha256 text not null, valid_until text not null
    );
CREATE TABLE rules (stage text primary key, version text not null) without rowid;
INSERT INTO "rules" VALUES('claims','1');
INSERT INTO "rules" VALUES('detect','1');
INSERT INTO "rules" VALUES('group','group1-8544ef82');
CREATE TABLE run (
        run_id integer primary key, command text not null, started_at text not null, ended_at text,
        outcome text, report text
    , process integer, exit_status integer, failure text, rules text, new_entries integer, changed_entries integer, merged_entries integer);
CREATE TABLE run_repo (
        run_id integer not null references run (run_id) on delete cascade, repo text not null, moved_to text,
        issues_new integer not null, issues_changed integer not null, comments_new integer not null, comments_changed integer not null,
        timelines integer not null, gone integer not null, bad integer not null,
        requests integer not null, waits integer not null, waited real not null, complete integer not null, failure text,
        primary key (run_id, repo)
    ) without rowid;
CREATE TABLE run_stage (
        run_id integer not null references run (run_id) on delete cascade, place integer not null, stage text not null,
        taken integer not null, made integer not null, seconds real not null,
        primary key (run_id, place)
    ) without rowid;
CREATE TABLE seen (                -- what a full walk has met so far; emptied at its end
        repo text not null, stream text not null, id integer not null,
        primary key (repo, stream, id)
    ) without rowid;
CREATE TABLE signature (
        fingerprint text primary key, text text not null,
        provider text, status integer, code text, exception text,
        wrappers text not null, objects text not null,
        entry_id text,
        first_seen text, first_key text,    -- time and place of its first mention
        keys blob                           -- its keys in table block, 8 bytes each; null: not in the index
    ) without rowid;
INSERT INTO "signature" VALUES('v1:536e9c76fc677fe9','cannot connect',NULL,NULL,NULL,NULL,'[]','[]',NULL,NULL,NULL,NULL);
INSERT INTO "signature" VALUES('v1:a9c3f405f0149c05','wick missing',NULL,NULL,NULL,NULL,'[]','[]',NULL,NULL,NULL,NULL);
INSERT INTO "signature" VALUES('v1:b8735edb9c3fe3d1','no module named lantern_wick',NULL,NULL,NULL,'ModuleNotFoundError','["ModuleNotFoundError"]','["lantern_wick"]','EBJTYEWRLIJF','2026-01-02T10:00:00Z','lantern/cli#0000000002/0000000000000000/1/00000004',X'9DD31BDBDC019F71A2B477A533CAA102A73037E99C570F9FAF8FD9FB5568BB06E2E32319FCA1E3FFE67E14607D030C74E982FA83410F16740B3B2C3EC760DD2419245106B33CB07844D4FDC4C56FB09C46AB87255FB161615CDE2650DCB568F1');
INSERT INTO "signature" VALUES('v1:cac9a84aa2ab8f76','connect ECONNREFUSED <host>',NULL,NULL,'ECONNREFUSED',NULL,'["Error"]','[]','E3NU6EZ67P2J','2026-01-01T10:00:00Z','lantern/cli#0000000001/0000000000000000/1/00000038',X'91C5760D410BB3B0D33D4BF41B3662BDF26108CA7281DC5D158B6462F797F0E74A7FE508A6AD02A2');
CREATE TABLE slug (slug text primary key, entry_id text not null) without rowid;
CREATE TABLE thread (
        repo text not null, number integer not null, kind text not null,
        title text not null, body text not null, state text not null, state_reason text,
        author text, author_type text not null, association text not null,
        created_at text not null, updated_at text not null, closed_at text, merged_at text,
        url text not null, labels text not null, thumbs_up integer not null, thumbs_down integer not null,
        gone_at text,
        timeline_at text,              -- the closing time whose timeline was read
        primary key (repo, number)
    );
INSERT INTO "thread" VALUES('lantern/cli',1,'issue','Daemon is not reachable','The lantern shows this at start:

```
Error: connect ECONNREFUSED 127.0.0.1:7411
```
','open',NULL,'ana','User','NONE','2026-01-01T10:00:00Z','2026-01-01T10:00:00Z',NULL,NULL,'https://github.com/lantern/cli/issues/1','[]',0,0,NULL,NULL);
INSERT INTO "thread" VALUES('lantern/cli',2,'issue','Wick missing','```
ModuleNotFoundError: No module named ''lantern_wick''
```
','open',NULL,'bo','User','NONE','2026-01-02T10:00:00Z','2026-01-02T10:00:00Z',NULL,NULL,'https://github.com/lantern/cli/issues/2','[]',0,0,NULL,NULL);
INSERT INTO "thread" VALUES('moss/bridge',3,'issue','Cannot connect','Since the update:

```
Error: connect ECONNREFUSED 127.0.0.1:7411
```
','open',NULL,'cy','User','NONE','2026-01-03T10:00:00Z','2026-01-03T10:00:00Z',NULL,NULL,'https://github.com/moss/bridge/issues/3','[]',0,0,NULL,NULL);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX thread_updated on thread (updated_at);
CREATE INDEX comment_thread on comment (repo, number, created_at, comment_id);
CREATE INDEX event_source on event (source_repo, source_number);
CREATE INDEX orphan_thread on orphan_comment (repo, number);
CREATE INDEX revision_thread on revision (repo, number);
CREATE INDEX signature_entry on signature (entry_id);
CREATE INDEX mention_thread on mention (repo, number);
CREATE INDEX mention_fingerprint on mention (fingerprint);
CREATE INDEX mention_before on mention (before) where before is not null;
CREATE INDEX near_b on near (b);
CREATE UNIQUE INDEX identity_born on identity (born);
CREATE INDEX identity_fingerprint on identity (fingerprint);
CREATE INDEX alias_entry on alias (entry_id);
CREATE INDEX entry_log_entry on entry_log (entry_id);
CREATE INDEX entry_log_other on entry_log (other_id);
CREATE INDEX claim_thread on claim (repo, number);
CREATE INDEX claim_says on claim (says);
CREATE INDEX link_to on link (to_repo, to_number);
CREATE VIEW threads as
        select repo, number, kind, title, body, state, state_reason, author, association,
               created_at, updated_at, closed_at, url, merged_at, author_type, labels, gone_at
        from thread;
CREATE VIEW comments as
        select repo, number, comment_id, author, association, created_at, updated_at, body, url,
               author_type, via_app, thumbs_up, thumbs_down, gone_at
        from comment;
CREATE VIEW mentions as
        select m.repo, m.number, m.comment_id, m.field, m.start, m.end, m.raw, s.text as signature,
               case when m.counted then s.entry_id end as entry_id, m.is_primary,
               m.mention_id, m.fingerprint, m.provider, m.tool, m.status, m.model, m.version, m.os, m.frames, m.counted
        from mention m join signature s using (fingerprint);
CREATE VIEW entries as
        select entry_id, title, signature, provider, tool, status, code, exception,
               threads, repos, reporters, first_seen, last_seen, grade, fingerprint
        from entry where not ignored;
CREATE VIEW claim_entry as       -- the entry of the mention a claim speaks of, else of the thread that its thread repeats
        select c.claim_id as claim_id, s.entry_id as entry_id
        from signature s join mention m on m.fingerprint = s.fingerprint
             join claim c on c.repo = m.repo and c.number = m.number
        where m.counted and ((c.about is null and m.is_primary)
              or (c.about = m.fingerprint and m.mention_id = (select min(x.mention_id) from mention x
                  where x.repo = m.repo and x.number = m.number and x.fingerprint = m.fingerprint and x.counted)))
        union all
        select c.claim_id, s.entry_id
        from signature s join mention m on m.fingerprint = s.fingerprint
             join link l on l.to_repo = m.repo and l.to_number = m.number and l.kind = 'duplicate'
             join claim c on c.repo = l.repo and c.number = l.number
        where m.counted and m.is_primary and c.about is null
              and not exists (select 1 from mention o where o.repo = c.repo and o.number = c.number and o.counted and o.is_primary)
              and l.to_repo || '#' || l.to_number = (select min(k.to_repo || '#' || k.to_number) from link k
                  join mention n on n.repo = k.to_repo and n.number = k.to_number and n.counted and n.is_primary
                  where k.repo = l.repo and k.number = l.number and k.kind = 'duplicate');
CREATE VIEW claims as
        select c.claim_id, e.entry_id, c.repo, c.number, c.comment_id, c.field, c.kind, c.quote, c.start, c.end,
               c.author, c.association, c.created_at, c.url, c.stance, c.confidence,
               c.author_role, c.about, c.says
        from claim c left join claim_entry e on e.claim_id = c.claim_id;
CREATE VIEW aliases as select old_id, entry_id from alias;
CREATE INDEX post_sign_thread on post_sign (repo, number);
CREATE UNIQUE INDEX slug_entry on slug (entry_id);
CREATE VIRTUAL TABLE entry_search using fts5 (entry_id unindexed, title, signature, words, tokenize='unicode61');
INSERT INTO entry_search (rowid, entry_id, title, signature, words) VALUES(1,'E3NU6EZ67P2J','connect ECONNREFUSED <host>','connect ECONNREFUSED <host>','lantern/cli ECONNREFUSED
Daemon is not reachable The lantern shows this at start: Cannot connect Since the update:');
INSERT INTO entry_search (rowid, entry_id, title, signature, words) VALUES(2,'EBJTYEWRLIJF','No module named lantern_wick','no module named lantern_wick','lantern/cli ModuleNotFoundError lantern_wick
Wick missing ');
COMMIT;
PRAGMA user_version=7;
PRAGMA application_id=1179406162;
