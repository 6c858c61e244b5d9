/* Tables in SQLite's words; see schema.h. A step that was ever released is never edited: a change is a new step.
 *
 * block    key = archive << 50 | period << 32 | meter (inside.h): time-major, so that writing appends
 * hot      what came one by one and is not folded yet; slot = half-hours since 1970, offset = seconds within it
 * owed_mark, owed   what must exist and is not there (owed.h)
 */
#include "store/db/schema.h"

#include <stdio.h>

static const char step_archive[] =
    "CREATE TABLE layout(id INTEGER PRIMARY KEY, body BLOB NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE block(key INTEGER PRIMARY KEY, layout INTEGER NOT NULL, body BLOB NOT NULL) STRICT;"
    "CREATE TABLE hot(slot INTEGER NOT NULL, meter INTEGER NOT NULL, archive INTEGER NOT NULL,"
    " offset INTEGER NOT NULL, layout INTEGER NOT NULL, body BLOB NOT NULL,"
    " PRIMARY KEY(slot, meter, archive, offset)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE owed_mark(archive INTEGER NOT NULL, meter INTEGER NOT NULL, step INTEGER NOT NULL,"
    " first INTEGER NOT NULL, until INTEGER NOT NULL, done INTEGER NOT NULL,"
    " PRIMARY KEY(archive, meter)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE owed(meter INTEGER NOT NULL, archive INTEGER NOT NULL, period INTEGER NOT NULL,"
    " step INTEGER NOT NULL, missing BLOB NOT NULL,"
    " PRIMARY KEY(meter, archive, period, step)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE event(meter INTEGER NOT NULL, wall INTEGER NOT NULL, journal INTEGER NOT NULL,"
    " code INTEGER NOT NULL, detail INTEGER NOT NULL, stored_ms INTEGER NOT NULL,"
    " PRIMARY KEY(meter, wall, journal, code, detail)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE state(meter INTEGER NOT NULL, obis INTEGER NOT NULL, wall INTEGER NOT NULL, value INTEGER NOT NULL,"
    " PRIMARY KEY(meter, obis, wall)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE fact(meter INTEGER NOT NULL, kind INTEGER NOT NULL, since_ms INTEGER NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY(meter, kind, since_ms)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE link(id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, uri TEXT NOT NULL,"
    " settings TEXT NOT NULL) STRICT;"
    "CREATE TABLE meter(id INTEGER PRIMARY KEY AUTOINCREMENT, serial TEXT NOT NULL, title TEXT NOT NULL,"
    " driver TEXT NOT NULL, model TEXT NOT NULL, link INTEGER NOT NULL, parameters TEXT NOT NULL,"
    " enabled INTEGER NOT NULL, grouping TEXT NOT NULL, zone_minutes INTEGER NOT NULL, depth TEXT NOT NULL) STRICT;"
    "CREATE TABLE counter(key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE setting(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;";

/* The journal of exchanged frames; the fleet's events by time. */
static const char step_exchange[] =
    "CREATE TABLE exchange(id INTEGER PRIMARY KEY AUTOINCREMENT, meter INTEGER NOT NULL, link INTEGER NOT NULL,"
    " from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, body BLOB NOT NULL) STRICT;"
    "CREATE INDEX exchange_by_meter ON exchange(meter, from_ms);"
    "CREATE INDEX event_by_time ON event(wall);";

/* Projects, people, groups; every row of the registry says when it last changed, in numbers of one counter, so that two
 * editors do not overwrite each other and whoever keeps a copy asks only for what is new. */
static const char step_people[] =
    "CREATE TABLE project(id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL UNIQUE, note TEXT NOT NULL,"
    " revision INTEGER NOT NULL) STRICT;"
    "INSERT INTO project(id, title, note, revision) VALUES(1, 'Default', '', 1);"
    "ALTER TABLE meter ADD COLUMN project INTEGER NOT NULL DEFAULT 1;"
    "ALTER TABLE meter ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;"
    "ALTER TABLE meter ADD COLUMN added_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE link ADD COLUMN project INTEGER NOT NULL DEFAULT 1;"
    "ALTER TABLE link ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;"
    "CREATE INDEX meter_by_revision ON meter(revision);"
    "CREATE INDEX meter_by_link ON meter(link);"
    "CREATE TABLE registry(id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, deleted INTEGER NOT NULL) STRICT;"
    "INSERT INTO registry(id, revision, deleted) VALUES(1, 1, 0);"
    "CREATE TABLE device_group(id INTEGER PRIMARY KEY AUTOINCREMENT, project INTEGER NOT NULL, title TEXT NOT NULL,"
    " note TEXT NOT NULL, preset INTEGER NOT NULL, revision INTEGER NOT NULL, UNIQUE(project, title)) STRICT;"
    "INSERT INTO device_group(project, title, note, preset, revision)"
    " SELECT DISTINCT 1, grouping, '', 0, 1 FROM meter WHERE grouping <> '';"
    "CREATE TABLE role(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, note TEXT NOT NULL,"
    " builtin INTEGER NOT NULL, permissions TEXT NOT NULL, revision INTEGER NOT NULL) STRICT;"
    "CREATE TABLE person(id INTEGER PRIMARY KEY AUTOINCREMENT, login TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
    " email TEXT NOT NULL, language TEXT NOT NULL, hash TEXT NOT NULL, role INTEGER NOT NULL, enabled INTEGER NOT NULL,"
    " must_change INTEGER NOT NULL, totp_secret TEXT NOT NULL, totp_on INTEGER NOT NULL, totp_step INTEGER NOT NULL,"
    " recovery TEXT NOT NULL, created_ms INTEGER NOT NULL, signed_in_ms INTEGER NOT NULL,"
    " revision INTEGER NOT NULL) STRICT;"
    "CREATE TABLE person_project(person INTEGER NOT NULL, project INTEGER NOT NULL,"
    " PRIMARY KEY(person, project)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE former_password(person INTEGER NOT NULL, since_ms INTEGER NOT NULL, hash TEXT NOT NULL,"
    " PRIMARY KEY(person, since_ms, hash)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE pass(id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, person INTEGER NOT NULL,"
    " token INTEGER NOT NULL, title TEXT NOT NULL, project INTEGER NOT NULL, created_ms INTEGER NOT NULL,"
    " seen_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, address TEXT NOT NULL) STRICT;"
    "CREATE INDEX pass_by_person ON pass(person);"
    "CREATE TABLE audit(id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, kind TEXT NOT NULL,"
    " security INTEGER NOT NULL, level INTEGER NOT NULL, project INTEGER NOT NULL, person INTEGER NOT NULL,"
    " login TEXT NOT NULL, address TEXT NOT NULL, object TEXT NOT NULL, before TEXT NOT NULL,"
    " after TEXT NOT NULL) STRICT;"
    "CREATE INDEX audit_by_time ON audit(security, at_ms);";

/* When meters were spoken to (contacts.h), and when their days became whole (arrivals.h). */
static const char step_contacts[] =
    "CREATE TABLE contact(key INTEGER PRIMARY KEY, hours BLOB NOT NULL) STRICT;"
    "CREATE TABLE arrival(key INTEGER PRIMARY KEY, hours BLOB NOT NULL) STRICT;";

/* The server's household: mail, notices, how archives are kept, its own log lines. Terms of archives that were settings become
 * rules. */
static const char step_household[] =
    "CREATE TABLE mail_server(id INTEGER PRIMARY KEY, sender TEXT NOT NULL, name TEXT NOT NULL, login TEXT NOT NULL,"
    " password TEXT NOT NULL, server TEXT NOT NULL, port INTEGER NOT NULL, security TEXT NOT NULL, authority TEXT NOT NULL,"
    " revision INTEGER NOT NULL) STRICT;"
    "CREATE TABLE letter(id INTEGER PRIMARY KEY AUTOINCREMENT, recipient TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,"
    " state INTEGER NOT NULL, tries INTEGER NOT NULL, created_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL,"
    " ended_ms INTEGER NOT NULL, trouble TEXT NOT NULL) STRICT;"
    "CREATE INDEX letter_by_due ON letter(state, due_ms);"
    "CREATE TABLE notice(id INTEGER PRIMARY KEY AUTOINCREMENT, person INTEGER NOT NULL, project INTEGER NOT NULL,"
    " kind TEXT NOT NULL, level INTEGER NOT NULL, at_ms INTEGER NOT NULL, count INTEGER NOT NULL, object TEXT NOT NULL,"
    " seen INTEGER NOT NULL) STRICT;"
    "CREATE INDEX notice_by_person ON notice(person, id);"
    "CREATE TABLE notice_choice(person INTEGER NOT NULL, kind TEXT NOT NULL, shown INTEGER NOT NULL, mailed INTEGER NOT NULL,"
    " threshold INTEGER NOT NULL, PRIMARY KEY(person, kind)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE archive_rule(name TEXT PRIMARY KEY, title TEXT NOT NULL, active INTEGER NOT NULL, days INTEGER NOT NULL,"
    " forever INTEGER NOT NULL, revision INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "INSERT INTO archive_rule(name, title, active, days, forever, revision)"
    " SELECT substr(key, 8), '', 1, max(CAST(value AS INTEGER), 1), CAST(value AS INTEGER) <= 0, 1 FROM setting WHERE key LIKE 'retain:%';"
    "DELETE FROM setting WHERE key LIKE 'retain:%';"
    "CREATE TABLE log_line(id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, level INTEGER NOT NULL,"
    " service TEXT NOT NULL, event TEXT NOT NULL, details TEXT NOT NULL) STRICT;"
    "CREATE INDEX log_line_by_time ON log_line(at_ms);";

/* Communication lines: what a meter's one link and parameters were is its first line now. Protocol profiles; what people say
 * of a meter; the names by which other systems know rows. */
static const char step_lines[] =
    "CREATE TABLE protocol(id INTEGER PRIMARY KEY AUTOINCREMENT, project INTEGER NOT NULL, title TEXT NOT NULL,"
    " driver TEXT NOT NULL, parameters TEXT NOT NULL, revision INTEGER NOT NULL, guid TEXT NOT NULL) STRICT;"
    "CREATE TABLE comm_line(meter INTEGER NOT NULL, place INTEGER NOT NULL, link INTEGER NOT NULL, protocol INTEGER NOT NULL,"
    " priority INTEGER NOT NULL, enabled INTEGER NOT NULL, retries INTEGER NOT NULL, parameters TEXT NOT NULL,"
    " guid TEXT NOT NULL, PRIMARY KEY(meter, place)) STRICT, WITHOUT ROWID;"
    "INSERT INTO comm_line(meter, place, link, protocol, priority, enabled, retries, parameters, guid)"
    " SELECT id, 1, link, 0, 0, 1, 0, parameters, '' FROM meter WHERE link <> 0 OR parameters <> '';"
    "CREATE INDEX link_by_title ON link(project, title);"
    "CREATE INDEX protocol_by_title ON protocol(project, title);"
    "CREATE INDEX comm_line_by_link ON comm_line(link);"
    "CREATE INDEX comm_line_by_protocol ON comm_line(protocol);"
    "DROP INDEX meter_by_link;"
    "ALTER TABLE meter DROP COLUMN link;"
    "ALTER TABLE meter DROP COLUMN parameters;"
    "ALTER TABLE meter ADD COLUMN note TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE meter ADD COLUMN status INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE meter ADD COLUMN source INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE meter ADD COLUMN guid TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE link ADD COLUMN guid TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE device_group ADD COLUMN guid TEXT NOT NULL DEFAULT '';";

/* Tasks, their runs and what came of each device; relays as they were last read. */
static const char step_tasks[] =
    "CREATE TABLE task(id INTEGER PRIMARY KEY AUTOINCREMENT, project INTEGER NOT NULL, title TEXT NOT NULL,"
    " priority INTEGER NOT NULL, work TEXT NOT NULL, schedule TEXT NOT NULL, zone TEXT NOT NULL, reason TEXT NOT NULL,"
    " restart_delay INTEGER NOT NULL, restarts INTEGER NOT NULL, endless INTEGER NOT NULL, scheduled INTEGER NOT NULL,"
    " on_ms INTEGER NOT NULL, off_ms INTEGER NOT NULL, next_ms INTEGER NOT NULL, person INTEGER NOT NULL,"
    " login TEXT NOT NULL, revision INTEGER NOT NULL) STRICT;"
    "CREATE TABLE task_device(task INTEGER NOT NULL, device INTEGER NOT NULL, PRIMARY KEY(task, device)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE task_group(task INTEGER NOT NULL, device_group INTEGER NOT NULL,"
    " PRIMARY KEY(task, device_group)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE run(id INTEGER PRIMARY KEY AUTOINCREMENT, project INTEGER NOT NULL, task INTEGER NOT NULL,"
    " cause INTEGER NOT NULL, title TEXT NOT NULL, work TEXT NOT NULL, reason TEXT NOT NULL, initiator TEXT NOT NULL,"
    " person INTEGER NOT NULL, login TEXT NOT NULL, priority INTEGER NOT NULL, begun_ms INTEGER NOT NULL,"
    " ended_ms INTEGER NOT NULL, result INTEGER NOT NULL, total INTEGER NOT NULL, good INTEGER NOT NULL,"
    " partial INTEGER NOT NULL, failed INTEGER NOT NULL, absent INTEGER NOT NULL) STRICT;"
    "CREATE INDEX run_by_task ON run(task, id);"
    "CREATE INDEX run_by_project ON run(project, id);"
    "CREATE TABLE run_device(run INTEGER NOT NULL, device INTEGER NOT NULL, result INTEGER NOT NULL,"
    " begun_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL, readings INTEGER NOT NULL, events INTEGER NOT NULL,"
    " tries INTEGER NOT NULL, notes TEXT NOT NULL, story TEXT NOT NULL, PRIMARY KEY(run, device)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE run_request(project INTEGER NOT NULL, request TEXT NOT NULL, run INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
    " PRIMARY KEY(project, request)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE relay(device INTEGER NOT NULL, number INTEGER NOT NULL, output INTEGER NOT NULL,"
    " control INTEGER NOT NULL, mode INTEGER NOT NULL, locked INTEGER NOT NULL, read_ms INTEGER NOT NULL,"
    " PRIMARY KEY(device, number)) STRICT, WITHOUT ROWID;";

/* What was ordered of one device (its history of commands). */
static const char step_command_history[] = "CREATE INDEX run_device_by_device ON run_device(device, run);";

/* Every project has a group where new devices go (S3 2.2.11). */
static const char step_default_groups[] =
    "INSERT INTO device_group(project, title, note, preset, revision, guid)"
    " SELECT id, 'Default', '', 1, 1, '' FROM project WHERE id NOT IN (SELECT project FROM device_group WHERE preset = 1)"
    " ON CONFLICT(project, title) DO UPDATE SET preset = 1;";

/* Groups are counted without walking the fleet once for each. */
static const char step_group_index[] = "CREATE INDEX meter_by_group ON meter(project, grouping);";

/* Which hour files of a gateway lie on its card, and where they have gone (hour_files.h). */
static const char step_hour_files[] =
    "CREATE TABLE hour_file(id INTEGER PRIMARY KEY AUTOINCREMENT, hour INTEGER NOT NULL, part INTEGER NOT NULL, rows INTEGER NOT NULL,"
    " size INTEGER NOT NULL, made_ms INTEGER NOT NULL, sent1_ms INTEGER NOT NULL, sent2_ms INTEGER NOT NULL, UNIQUE(hour, part)) STRICT;";

/* Files that go with letters: kept until none of their letters waits any more. */
static const char step_letter_files[] =
    "ALTER TABLE letter ADD COLUMN file INTEGER NOT NULL DEFAULT 0;" /* 0: none */
    "CREATE TABLE letter_file(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, type TEXT NOT NULL, size INTEGER NOT NULL, content BLOB NOT NULL) STRICT;";

/* A run that asks again who another one did not read. */
static const char step_again_of[] = "ALTER TABLE run ADD COLUMN again_of INTEGER NOT NULL DEFAULT 0;"
                              "CREATE INDEX run_by_again_of ON run(again_of, id) WHERE again_of <> 0;";

/* Channels and profiles are searched and paged by the database: what is searched is kept in lower case (text_fold), and each order
 * has an index that holds it. Old rows are folded here, once. */
#define FOLD_LETTER(text, capital, small) "replace(" text ", '" capital "', '" small "')"
#define FOLD_1(text) \
    FOLD_LETTER(FOLD_LETTER(FOLD_LETTER(FOLD_LETTER(FOLD_LETTER(FOLD_LETTER(FOLD_LETTER(FOLD_LETTER(FOLD_LETTER(FOLD_LETTER( \
    FOLD_LETTER(text, "А", "а"), "Б", "б"), "В", "в"), "Г", "г"), "Д", "д"), "Е", "е"), "Ё", "ё"), "Ж", "ж"), "З", "з") \
    , "И", "и"), "Й", "й")
#define FOLD_2(text) \
    FOLD_LETTER(FOLD_LETTER(FOLD_LETTER(FOLD_LETTER(FOLD_LETTER(FOLD_LETTER(FOLD_LETTER(FOLD_LETTER(FOLD_LETTER(FOLD_LETTER( \
    FOLD_LETTER(text, "К", "к"), "Л", "л"), "М", "м"), "Н", "н"), "О", "о"), "П", "п"), "Р", "р"), "С", "с"), "Т", "т") \
    , "У", "у"), "Ф", "ф")
#define FOLD_3(text) \
    FOLD_LETTER(FOLD_LETTER(FOLD_LETTER(FOLD_LETTER(FOLD_LETTER(FOLD_LETTER(FOLD_LETTER(FOLD_LETTER(FOLD_LETTER(FOLD_LETTER( \
    FOLD_LETTER(text, "Х", "х"), "Ц", "ц"), "Ч", "ч"), "Ш", "ш"), "Щ", "щ"), "Ъ", "ъ"), "Ы", "ы"), "Ь", "ь"), "Э", "э") \
    , "Ю", "ю"), "Я", "я")
#define FOLD(table, text) /* in turns: an expression has a limit of depth */ \
    "UPDATE " table " SET folded = lower(" text ");" \
    "UPDATE " table " SET folded = " FOLD_1("folded") ";" \
    "UPDATE " table " SET folded = " FOLD_2("folded") ";" \
    "UPDATE " table " SET folded = " FOLD_3("folded") ";"
#define FOLDED FOLD("link", "title || char(10) || uri") FOLD("protocol", "title || char(10) || driver")
static const char step_folded_search[] =
    "ALTER TABLE link ADD COLUMN folded TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE protocol ADD COLUMN folded TEXT NOT NULL DEFAULT '';"
    FOLDED
    "DROP INDEX link_by_title; DROP INDEX protocol_by_title;"
    "CREATE INDEX link_by_title ON link(project, title, id, folded);"
    "CREATE INDEX link_by_uri ON link(project, uri, id, folded);"
    "CREATE INDEX link_by_id ON link(project, id, folded);"
    "CREATE INDEX protocol_by_title ON protocol(project, title, id, folded);"
    "CREATE INDEX protocol_by_driver ON protocol(project, driver, id, folded);"
    "CREATE INDEX protocol_by_id ON protocol(project, id, folded);";

/* Passwords and keys of meters are sealed from now on; those that lie open are found at the next opening (secrets.c). */
static const char step_sealed_secrets[] =
    "INSERT INTO setting(key, value) SELECT 'secrets:open', '1'"
    " WHERE EXISTS (SELECT 1 FROM comm_line) OR EXISTS (SELECT 1 FROM protocol)"
    " ON CONFLICT(key) DO NOTHING;";

/* States are kept by what they are about (keeping.h); the terms of their codes while old ones are deleted (care.c). */
static const char step_state_archives[] =
    "CREATE TABLE state_term(code INTEGER PRIMARY KEY, before INTEGER NOT NULL) STRICT;"
    "INSERT INTO archive_rule(name, title, active, days, forever, revision)"
    " SELECT n.name, '', r.active, r.days, r.forever, 1 FROM archive_rule r,"
    " (SELECT 'state-time' AS name UNION ALL SELECT 'state-configuration' UNION ALL SELECT 'state-status'"
    " UNION ALL SELECT 'state-information' UNION ALL SELECT 'state-relay') n WHERE r.name = 'state';"
    "DELETE FROM archive_rule WHERE name = 'state';";

/* The gateway's own settings: forms that people fill in, and the servers it opens, no two of one type or on one port (S0 4.2.2.3). */
static const char step_forms[] =
    "CREATE TABLE form(name TEXT PRIMARY KEY, content TEXT NOT NULL, revision INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE server(type TEXT PRIMARY KEY, port INTEGER NOT NULL UNIQUE, tls INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "INSERT INTO server(type, port, tls) VALUES('http', 80, 0);";

/* A meter table of a gateway: meters behind others, numbers that people choose, data templates of poll templates. */
static const char step_meter_table[] =
    "ALTER TABLE meter ADD COLUMN parent INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE registry ADD COLUMN last_meter INTEGER NOT NULL DEFAULT 0;"
    "UPDATE registry SET last_meter = coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'meter'), 0);"
    "CREATE TABLE data_template(id INTEGER PRIMARY KEY AUTOINCREMENT, project INTEGER NOT NULL, title TEXT NOT NULL,"
    " note TEXT NOT NULL, work TEXT NOT NULL, revision INTEGER NOT NULL, UNIQUE(project, title)) STRICT;"
    "ALTER TABLE task ADD COLUMN template INTEGER NOT NULL DEFAULT 0;";

/* What was stored, in order, and who carries it on (feed.h); brokers, templates and publications of MQTT (mqtt.h). */
static const char step_feed[] =
    "CREATE TABLE feed(id INTEGER PRIMARY KEY, meter INTEGER NOT NULL, archive INTEGER NOT NULL, first INTEGER NOT NULL,"
    " length INTEGER NOT NULL, at_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE feed_reader(name TEXT PRIMARY KEY, position INTEGER NOT NULL, lost INTEGER NOT NULL,"
    " note TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE mqtt_broker(id INTEGER PRIMARY KEY AUTOINCREMENT, project INTEGER NOT NULL, device TEXT NOT NULL,"
    " address TEXT NOT NULL, port INTEGER NOT NULL, qos INTEGER NOT NULL, prefix TEXT NOT NULL, security TEXT NOT NULL,"
    " login TEXT NOT NULL, password TEXT NOT NULL, verify INTEGER NOT NULL, authority TEXT NOT NULL, certificate TEXT NOT NULL,"
    " key TEXT NOT NULL, enabled INTEGER NOT NULL, revision INTEGER NOT NULL) STRICT;"
    "CREATE TABLE mqtt_template(id INTEGER PRIMARY KEY AUTOINCREMENT, project INTEGER NOT NULL, title TEXT NOT NULL,"
    " device_group INTEGER NOT NULL, format TEXT NOT NULL, kinds TEXT NOT NULL, revision INTEGER NOT NULL) STRICT;"
    "CREATE TABLE mqtt_publication(id INTEGER PRIMARY KEY AUTOINCREMENT, project INTEGER NOT NULL, broker INTEGER NOT NULL,"
    " template INTEGER NOT NULL, postfix TEXT NOT NULL, cause TEXT NOT NULL, layout TEXT NOT NULL, enabled INTEGER NOT NULL,"
    " revision INTEGER NOT NULL) STRICT;";

/* The journal of frames is sealed, too: see step_sealed_secrets. */
static const char step_sealed_exchanges[] =
    "INSERT INTO setting(key, value) SELECT 'secrets:open', '1' WHERE EXISTS (SELECT 1 FROM exchange)"
    " ON CONFLICT(key) DO NOTHING;";

/* Gateways that deliver to the head-end, and which of their meters is which of ours (gateways.h). */
static const char step_gateways[] =
    "CREATE TABLE gateway(id INTEGER PRIMARY KEY AUTOINCREMENT, project INTEGER NOT NULL, title TEXT NOT NULL, note TEXT NOT NULL,"
    " key TEXT NOT NULL, enabled INTEGER NOT NULL, link INTEGER NOT NULL, made_by TEXT NOT NULL, made_ms INTEGER NOT NULL,"
    " revision INTEGER NOT NULL, address TEXT NOT NULL, version TEXT NOT NULL, serial TEXT NOT NULL, seen_ms INTEGER NOT NULL,"
    " table_mark TEXT NOT NULL, behind INTEGER NOT NULL) STRICT;"
    "CREATE TABLE gateway_meter(gateway INTEGER NOT NULL, number INTEGER NOT NULL, meter INTEGER NOT NULL, state INTEGER NOT NULL,"
    " serial TEXT NOT NULL, driver TEXT NOT NULL, title TEXT NOT NULL, rival INTEGER NOT NULL,"
    " PRIMARY KEY(gateway, number)) STRICT, WITHOUT ROWID;";

/* The event model of a gateway (occasions.h) and what clocks of meters showed. */
static const char step_occasions[] =
    "CREATE TABLE timetable(id INTEGER PRIMARY KEY AUTOINCREMENT, project INTEGER NOT NULL, title TEXT NOT NULL,"
    " schedule TEXT NOT NULL, zone TEXT NOT NULL, revision INTEGER NOT NULL) STRICT;"
    "CREATE TABLE calendar(id INTEGER PRIMARY KEY AUTOINCREMENT, project INTEGER NOT NULL, title TEXT NOT NULL,"
    " revision INTEGER NOT NULL) STRICT;"
    "CREATE TABLE calendar_timetable(calendar INTEGER NOT NULL, timetable INTEGER NOT NULL,"
    " PRIMARY KEY(calendar, timetable)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE occasion(id INTEGER PRIMARY KEY AUTOINCREMENT, project INTEGER NOT NULL, title TEXT NOT NULL,"
    " condition TEXT NOT NULL, actions TEXT NOT NULL, enabled INTEGER NOT NULL, pause_s INTEGER NOT NULL, revision INTEGER NOT NULL,"
    " last_ms INTEGER NOT NULL, count INTEGER NOT NULL, next_ms INTEGER NOT NULL, known TEXT NOT NULL, seen INTEGER NOT NULL) STRICT;"
    "CREATE TABLE happening(id INTEGER PRIMARY KEY AUTOINCREMENT, occasion INTEGER NOT NULL, project INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL, title TEXT NOT NULL, cause TEXT NOT NULL, merged INTEGER NOT NULL) STRICT;"
    "CREATE INDEX happening_of ON happening(occasion, id);"
    "CREATE TABLE deed(happening INTEGER NOT NULL, place INTEGER NOT NULL, kind TEXT NOT NULL, run INTEGER NOT NULL,"
    " result TEXT NOT NULL, note TEXT NOT NULL, PRIMARY KEY(happening, place)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE meter_clock(meter INTEGER PRIMARY KEY, read_ms INTEGER NOT NULL, error_s INTEGER NOT NULL,"
    " corrected_ms INTEGER NOT NULL, corrected_s INTEGER NOT NULL) STRICT;";

/* People were told that a gateway is away (gateways.h). */
static const char step_gateway_away[] = "ALTER TABLE gateway ADD COLUMN away_ms INTEGER NOT NULL DEFAULT 0;";

/* Meters that stand in groups beside their own (registry.h), and who is in a group: whose own it is, and those. */
static const char step_group_members[] =
    "CREATE TABLE group_member(device_group INTEGER NOT NULL, meter INTEGER NOT NULL,"
    " PRIMARY KEY(device_group, meter)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX group_member_by_meter ON group_member(meter);"
    "CREATE VIEW in_group(device_group, meter) AS"
    " SELECT g.id, m.id FROM device_group g JOIN meter m ON m.project = g.project AND m.grouping = g.title"
    " UNION ALL SELECT b.device_group, b.meter FROM group_member b JOIN device_group g ON g.id = b.device_group"
    " JOIN meter m ON m.id = b.meter AND +m.project = g.project AND m.grouping <> g.title;"; /* +: not by the project's index */

static const char *const steps[] = {
    step_archive,
    step_exchange,
    step_people,
    step_contacts,
    step_household,
    step_lines,
    step_tasks,
    step_command_history,
    step_default_groups,
    step_group_index,
    step_folded_search,
    step_sealed_secrets,
    step_again_of,
    step_state_archives,
    step_forms,
    step_meter_table,
    step_feed,
    step_sealed_exchanges,
    step_gateways,
    step_occasions,
    step_hour_files,
    step_letter_files,
    step_gateway_away,
    step_group_members,
};
enum { STEPS = sizeof steps / sizeof *steps };

int schema_version(void)
{
    return STEPS;
}

static int64_t version_of(struct db *db)
{
    struct query *q = db_query(db, "PRAGMA user_version");
    int64_t version = query_row(q) ? query_int(q, 0) : 0;
    query_end(q);
    return version;
}

/* Another process may be doing the same: the version is looked at again inside the transaction. */
static void bring_by_one(struct db *db, int64_t from)
{
    char sql[48];
    db_begin(db, DB_WRITE_DURABLE);
    if (version_of(db) == from) {
        db_run(db, steps[from]);
        snprintf(sql, sizeof sql, "PRAGMA user_version=%d", (int)from + 1);
        db_run(db, sql);
    }
    db_end(db);
}

void schema_bring_to(struct db *db, int version)
{
    for (int64_t at = version_of(db); at < version && !db_failed(db); at = version_of(db))
        bring_by_one(db, at);
}

void schema_bring(struct db *db, bool readonly)
{
    char detail[64];
    int64_t version = version_of(db);
    snprintf(detail, sizeof detail, "%d > %d", (int)version, STEPS);
    if (version > STEPS)
        db_fail(db, TROUBLE_NEWER, detail);
    else if (version < STEPS && readonly)
        db_fail(db, TROUBLE_READONLY, "schema");
    else
        schema_bring_to(db, STEPS);
}
