/* Retention and the check; see care.h. Copies are in backup_sqlite.c. */
#include "store/house/care.h"
#include "store/inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- retention ---- */

static void drop_between(struct side *side, const char *sql, int64_t from, int64_t to)
{
    struct query *q = db_query(side->db, sql);
    query_put_int(q, 1, from);
    query_put_int(q, 2, to);
    query_run(q);
}

static void retain_blocks(struct side *side, enum archive a, int64_t before)
{
    drop_between(side, "DELETE FROM block WHERE key >= $1 AND key < $2", block_key(a, 0, 0),
                 block_key(a, period_of(a, before), 0));
    drop_between(side, "DELETE FROM hot WHERE archive = $1 AND slot < $2", a, before / SLOT_SECONDS);
    if (archive_has_grid(a))
        owed_forget_before(side, a, before);
}

enum { STATE_KINDS_MAX = 4096 };

static void set_term(struct side *side, int64_t code, int64_t before)
{
    struct query *q = query_for(side, "INSERT INTO state_term(code, before) VALUES($1, $2)", code);
    query_put_int(q, 2, before);
    query_run(q);
}

/* Codes there are of states (and -1 - kind of facts), each with the moment up to which it goes: so one walk through a table
 * deletes all that is too old. */
static void set_terms(struct side *side, const int64_t before[STATE_GROUPS])
{
    int64_t *codes = memory_new(STATE_KINDS_MAX * sizeof *codes);
    size_t count = 0;
    query_run(db_query(side->db, "DELETE FROM state_term"));
    struct query *q = db_query(side->db, "SELECT DISTINCT obis FROM state");
    while (count < STATE_KINDS_MAX && query_row(q))
        codes[count++] = query_int(q, 0);
    query_end(q);
    for (size_t i = 0; i < count; i++)
        set_term(side, codes[i], before[state_group((struct obis){ (uint64_t)codes[i] })]);
    for (int kind = 0; kind < FACT_COUNT; kind++)
        set_term(side, -1 - kind, before[fact_group((enum fact_kind)kind)]);
    free(codes);
}

enum fault store_retain_states(struct store *s, const int days[STATE_GROUPS])
{
    int64_t before[STATE_GROUPS];
    for (int g = 0; g < STATE_GROUPS; g++)
        before[g] = days[g] > 0 ? s->now_ms() / 1000 - (int64_t)days[g] * DAY_SECONDS : 0;
    struct side *side = side_begin(s, DB_WRITE);
    set_terms(side, before);
    query_run(db_query(side->db, "DELETE FROM state WHERE EXISTS (SELECT 1 FROM state_term t WHERE t.code = state.obis"
                                 " AND state.wall < t.before AND state.wall < (SELECT max(wall) FROM state AS x WHERE x.meter = state.meter AND x.obis = state.obis"
                                 " AND x.wall < t.before))"));
    query_run(db_query(side->db, "DELETE FROM fact WHERE EXISTS (SELECT 1 FROM state_term t JOIN fact AS x ON x.meter = fact.meter"
                                 " AND x.kind = fact.kind AND x.since_ms > fact.since_ms AND x.since_ms <= t.before * 1000"
                                 " WHERE t.code = -1 - fact.kind)"));
    return side_end(side);
}

static enum fault retain_all_states(struct store *s, int term)
{
    int days[STATE_GROUPS];
    for (int g = 0; g < STATE_GROUPS; g++)
        days[g] = term;
    return store_retain_states(s, days);
}

enum fault store_retain(struct store *s, enum archive archive, int days)
{
    int64_t before = s->now_ms() / 1000 - (int64_t)days * DAY_SECONDS;
    if (days < 1 || (unsigned)archive >= ARCHIVE_COUNT || before < 0)
        return FAULT_SETTING;
    if (archive == ARCHIVE_STATE)
        return retain_all_states(s, days);
    struct side *side = side_begin(s, DB_WRITE);
    if (archive_is_blocks(archive))
        retain_blocks(side, archive, archive_block_start(archive, before));
    else
        drop_between(side, "DELETE FROM event WHERE wall >= $1 AND wall < $2", INT64_MIN, before);
    return side_end(side);
}

/* ---- check ---- */

struct check {
    struct side *side;
    store_finding_fn *found;
    void *context;
    bool good;
};

__attribute__((format(printf, 2, 3))) static void find(struct check *c, const char *format, ...)
{
    char text[200];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    c->good = false;
    c->found(c->context, text);
}

static void engine_found(void *context, const char *what)
{
    find(context, "engine: %s", what);
}

/* Reads a layout without failing the whole check when it is gone. */
static bool layout_there(struct check *c, int64_t id, struct arena *arena, struct bytes *ret)
{
    struct query *q = db_query(c->side->db, "SELECT body FROM layout WHERE id = $1");
    query_put_int(q, 1, id);
    bool found = query_row(q);
    if (found)
        *ret = arena_copy(arena, query_bytes(q, 0));
    query_end(q);
    return found;
}

static void check_blocks(struct check *c)
{
    struct arena arena = { 0 };
    struct query *q = db_query(c->side->db, "SELECT key, layout, body FROM block");
    while (query_row(q)) {
        int64_t key = query_int(q, 0);
        enum archive a = (enum archive)key_archive(key);
        long long meter = key_meter(key), period = key_period(key);
        struct bytes layout;
        struct block b;
        arena_reset(&arena);
        if (key < 0 || !archive_is_blocks(a))
            find(c, "block key %lld: no such archive", (long long)key);
        else if (!layout_there(c, query_int(q, 1), &arena, &layout)
                 || !block_take(layout, query_bytes(q, 2), period_start(a, period), &arena, &b))
            find(c, "block archive=%s meter=%lld period=%lld does not decode", archive_name(a), meter, period);
        else if (b.walls[b.rows - 1] >= archive_block_end(a, b.start))
            find(c, "block archive=%s meter=%lld period=%lld goes beyond its end", archive_name(a), meter, period);
    }
    arena_free(&arena);
}

static void check_hot(struct check *c)
{
    struct arena arena = { 0 };
    struct query *q = db_query(c->side->db, "SELECT slot, meter, archive, offset, layout, body FROM hot");
    while (query_row(q)) {
        long long meter = query_int(q, 1), wall = query_int(q, 0) * SLOT_SECONDS + query_int(q, 3);
        enum archive a = (enum archive)query_int(q, 2);
        struct bytes layout;
        struct block b;
        arena_reset(&arena);
        if (!archive_is_blocks(a) || !layout_there(c, query_int(q, 4), &arena, &layout)
            || !block_take(layout, query_bytes(q, 5), wall, &arena, &b) || b.rows != 1) {
            find(c, "hot row meter=%lld wall=%lld does not decode", meter, wall);
            continue;
        }
        const struct block *stored = c->good ? cells_load(c->side, a, period_of(a, wall), meter, &arena) : NULL;
        if (stored && block_has_row(stored, wall))
            find(c, "meter=%lld archive=%s wall=%lld lies in a block and in the hot table", meter, archive_name(a),
                 wall);
    }
    arena_free(&arena);
}

static void owed_found(void *context, const char *what)
{
    find(context, "%s", what);
}

enum fault store_check(struct store *s, store_finding_fn *found, void *context, bool *ret_good)
{
    struct side side = { 0 };
    if (!side_open_reader(s, &side))
        return FAULT_STORE;
    struct check c = { &side, found, context, true };
    side_enter(&side, DB_READ);
    db_check(c.side->db, engine_found, &c);
    check_blocks(&c);
    check_hot(&c);
    if (c.good) /* what is stored is sound: debts can be compared with it */
        owed_check(c.side, owed_found, &c);
    enum fault fault = side_end(&side);
    side_close(&side);
    if (fault == FAULT_STORE)
        find(&c, "broken off: %s", store_error_last(s).detail);
    *ret_good = c.good;
    return fault;
}
