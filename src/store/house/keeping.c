/* Rules of archives and what they delete; see keeping.h. */
#include "store/house/keeping.h"
#include "store/frames/exchange.h"
#include "store/house/care.h"
#include "store/house/house.h"
#include "store/inside.h"
#include "store/people/people.h"

#include <stdio.h>

enum { DAYS_BILLING = 1300, DAYS_PROGRAM = 30 };

static const struct row {
    const char *name, *kind;
    struct phrase title; /* of the logs; archives have theirs */
    int days;
} rows[KEEPING_COUNT] = {
    [ARCHIVE_CURRENT] = { NULL, "measurement", { { 0 } }, DAYS_BILLING },
    [ARCHIVE_NETWORK] = { NULL, "measurement", { { 0 } }, DAYS_BILLING },
    [ARCHIVE_DAY] = { NULL, "measurement", { { 0 } }, DAYS_BILLING },
    [ARCHIVE_MONTH] = { NULL, "measurement", { { 0 } }, 3653 },
    [ARCHIVE_PROFILE] = { NULL, "measurement", { { 0 } }, DAYS_BILLING },
    [ARCHIVE_HOUR] = { NULL, "measurement", { { 0 } }, DAYS_BILLING },
    [ARCHIVE_JOURNAL] = { NULL, "event", { { 0 } }, DAYS_BILLING },
    [KEEP_STATES + STATE_GROUP_TIME] = { "state-time", "state", { { 0 } }, DAYS_BILLING },
    [KEEP_STATES + STATE_GROUP_CONFIGURATION] = { "state-configuration", "state", { { 0 } }, DAYS_BILLING },
    [KEEP_STATES + STATE_GROUP_STATUS] = { "state-status", "state", { { 0 } }, DAYS_BILLING },
    [KEEP_STATES + STATE_GROUP_INFORMATION] = { "state-information", "state", { { 0 } }, DAYS_BILLING },
    [KEEP_STATES + STATE_GROUP_RELAY] = { "state-relay", "state", { { 0 } }, DAYS_BILLING },
    [KEEP_EXCHANGES] = { "exchange", "log", { { "Журнал обмена", "Frames exchanged" } }, DAYS_PROGRAM },
    [KEEP_LOG_GENERAL] = { "log-general", "log", { { "Общие события", "General events" } }, 400 },
    [KEEP_LOG_SECURITY] = { "log-security", "log", { { "События безопасности", "Security events" } }, DAYS_BILLING },
    [KEEP_LINES] = { "log-system", "log", { { "Логи служб", "Log of the services" } }, DAYS_PROGRAM },
};

_Static_assert(ARCHIVE_STATE + 1 == ARCHIVE_COUNT, "groups of states stand in their place");
_Static_assert(KEEPING_COUNT <= 32, "bits of store.unkept");

const char *keeping_name(int what)
{
    return what < KEEP_STATES ? archive_name((enum archive)what) : rows[what].name;
}

int keeping_find(const char *name)
{
    int what = 0;
    while (what < KEEPING_COUNT && strcmp(keeping_name(what), name) != 0)
        what++;
    return what;
}

const char *keeping_usual_title(int what, enum lang lang)
{
    if (what >= KEEP_EXCHANGES)
        return phrase_in(&rows[what].title, lang);
    return what < KEEP_STATES ? archive_title((enum archive)what, lang) : state_group_title((enum state_group)(what - KEEP_STATES), lang);
}

const char *keeping_kind(int what)
{
    return rows[what].kind;
}

static uint16_t depth_by(const struct keeping *k, uint16_t wanted)
{
    if (!k->active)
        return 0;
    return k->forever || wanted <= k->days ? wanted : (uint16_t)k->days;
}

uint16_t keeping_depth(const struct keeping all[KEEPING_COUNT], enum archive a, uint16_t wanted)
{
    uint16_t depth = depth_by(&all[a], wanted);
    for (int g = 1; a == ARCHIVE_STATE && g < STATE_GROUPS; g++) {
        uint16_t more = depth_by(&all[KEEP_STATES + g], wanted);
        depth = more > depth ? more : depth;
    }
    return depth;
}

/* What put.c looks at. */
static void note_unkept(struct store *s, const struct keeping rules[KEEPING_COUNT])
{
    unsigned unkept = 0;
    for (int a = 0; a < KEEP_EXCHANGES; a++)
        unkept |= rules[a].active ? 0u : 1u << a;
    atomic_store(&s->unkept, unkept);
}

enum fault store_keeping(struct store *s, struct keeping ret[KEEPING_COUNT])
{
    for (int i = 0; i < KEEPING_COUNT; i++)
        ret[i] = (struct keeping){ .title = "", .active = true, .days = rows[i].days, .revision = 1 };
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT name, title, active, days, forever, revision FROM archive_rule");
    while (query_row(q)) {
        int what = keeping_find(query_text(q, 0));
        if (what == KEEPING_COUNT)
            continue;
        struct keeping *k = &ret[what];
        *k = (struct keeping){ .active = query_int(q, 2) != 0, .days = (int)query_int(q, 3), .forever = query_int(q, 4) != 0, .revision = query_int(q, 5) };
        snprintf(k->title, sizeof k->title, "%s", query_text(q, 1));
    }
    query_end(q);
    enum fault fault = side_end(side);
    if (fault == FAULT_NONE)
        note_unkept(s, ret);
    return fault;
}

static int64_t revision_of(struct side *side, const char *name)
{
    struct query *q = db_query(side->db, "SELECT revision FROM archive_rule WHERE name = $1");
    query_put_text(q, 1, name);
    int64_t revision = query_row(q) ? query_int(q, 0) : 1;
    query_end(q);
    return revision;
}

enum fault store_keeping_put(struct store *s, int what, const struct keeping *k)
{
    const char *name = keeping_name(what);
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    if (revision_of(side, name) != k->revision)
        return side_cancel(side, FAULT_CHANGED);
    struct query *q = db_query(side->db, "INSERT INTO archive_rule(name, title, active, days, forever, revision) VALUES($1, $2, $3, $4, $5, $6)"
                                         " ON CONFLICT(name) DO UPDATE SET title = $2, active = $3, days = $4, forever = $5, revision = $6");
    query_put_text(q, 1, name);
    query_put_text(q, 2, k->title);
    query_put_int(q, 3, k->active);
    query_put_int(q, 4, k->days);
    query_put_int(q, 5, k->forever);
    query_put_int(q, 6, k->revision + 1);
    query_run(q);
    enum fault fault = side_end(side);
    struct keeping rules[KEEPING_COUNT];
    return fault == FAULT_NONE ? store_keeping(s, rules) : fault;
}

static enum fault clear_one(struct store *s, int what, int days)
{
    int64_t before_ms = s->now_ms() - (int64_t)days * DAY_SECONDS * 1000;
    switch (what) {
    case KEEP_EXCHANGES: return store_exchanges_clear(s, before_ms);
    case KEEP_LOG_GENERAL: return store_audit_clear(s, false, before_ms);
    case KEEP_LOG_SECURITY: return store_audit_clear(s, true, before_ms);
    case KEEP_LINES: return store_log_lines_clear(s, before_ms);
    default: return store_retain(s, (enum archive)what, days);
    }
}

static bool is_states(int what)
{
    return what >= KEEP_STATES && what < KEEP_EXCHANGES;
}

enum fault store_keep(struct store *s)
{
    struct keeping rules[KEEPING_COUNT];
    enum fault worst = store_keeping(s, rules);
    int days[STATE_GROUPS];
    for (int g = 0; g < STATE_GROUPS; g++)
        days[g] = rules[KEEP_STATES + g].forever ? 0 : rules[KEEP_STATES + g].days;
    if (worst == FAULT_NONE)
        worst = store_retain_states(s, days);
    for (int i = 0; i < KEEPING_COUNT && worst != FAULT_STORE; i++)
        if (!is_states(i) && !rules[i].forever && clear_one(s, i, rules[i].days) != FAULT_NONE)
            worst = FAULT_STORE;
    return worst;
}
