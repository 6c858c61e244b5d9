/* Sealing the secrets of the registry; see secrets.h. */
#include "store/registry/secrets.h"
#include "drivers/driver.h"
#include "store/inside.h"

#include <stdlib.h>

const struct vault *store_vault(struct store *s)
{
    struct store_error error = { 0 };
    pthread_mutex_lock(&s->vault_lock);
    if (!s->vault)
        s->vault = vault_open(s->path, &error);
    const struct vault *v = s->vault;
    pthread_mutex_unlock(&s->vault_lock);
    if (!v)
        store_error_keep(s, &error);
    return v;
}

bool secrets_reserved(const char *value)
{
    return vault_is_sealed(value);
}

/* --- "name=value;name=value" -------------------------------------------------------------------------------------------- */

struct pair {
    struct bytes name, value;
};

static bool next_pair(const char **at, struct pair *ret)
{
    if (!**at)
        return false;
    size_t size = strcspn(*at, ";"), name = strcspn(*at, "=;");
    size_t begin = name < size ? name + 1 : size;
    *ret = (struct pair){ bytes_of(*at, name), bytes_of(*at + begin, size - begin) };
    *at += size + ((*at)[size] == ';');
    return true;
}

/* Appended, a semicolon before all but the first. */
static void put_pair(struct text *t, struct bytes name, const char *value)
{
    if (t->size)
        text_put(t, ";");
    text_put_bytes(t, name);
    text_put(t, "=");
    text_put(t, value);
}

static bool is_secret(const struct driver *d, struct bytes name)
{
    for (const struct parameter *p = d ? d->parameters : NULL; p && p->name; p++)
        if (p->secret && bytes_equal(name, bytes_of_text(p->name)))
            return true;
    return false;
}

/* Of a family that this program does not know, what is secret of any it knows. */
static bool is_secret_of(const char *driver, struct bytes name)
{
    const struct driver *d = driver_find(driver ? driver : "");
    bool secret = is_secret(d, name);
    for (size_t i = 0; !d && !secret && i < drivers_count(); i++)
        secret = is_secret(driver_at(i), name);
    return secret;
}

static bool any_to_seal(const char *driver, const char *parameters)
{
    struct pair p;
    bool any = false;
    while (!any && next_pair(&parameters, &p))
        any = p.value.size && strncmp((const char *)p.value.data, VAULT_SEALED, sizeof VAULT_SEALED - 1) != 0 && is_secret_of(driver, p.name);
    return any;
}

/* NULL: the connection has failed. */
static const struct vault *vault_for(struct side *side)
{
    const struct vault *v = store_vault(side->store);
    if (!v) {
        struct store_error why = store_error_last(side->store);
        db_fail(side->db, why.trouble, why.detail);
    }
    return v;
}

const char *secrets_seal(struct side *side, const char *driver, const char *parameters, struct arena *a)
{
    if (!parameters || !any_to_seal(driver, parameters))
        return parameters;
    const struct vault *v = vault_for(side);
    if (!v)
        return "";
    size_t room = strlen(parameters) * 2 + SECRETS_GROW;
    struct text t = text_over(arena_take(a, room), room);
    struct pair p;
    for (const char *at = parameters; next_pair(&at, &p);) {
        const char *value = arena_text(a, p.value);
        put_pair(&t, p.name, !vault_is_sealed(value) && is_secret_of(driver, p.name) ? vault_seal(v, value, a) : value);
    }
    if (t.cut)
        db_fail(side->db, TROUBLE_INTERNAL, "parameters");
    return t.start;
}

const char *secrets_open(struct store *s, const char *parameters, struct arena *a, bool *ret_lost)
{
    bool lost = false;
    if (parameters && strstr(parameters, VAULT_SEALED)) {
        const struct vault *v = store_vault(s);
        size_t room = strlen(parameters) + 1;
        struct text t = text_over(arena_take(a, room), room);
        struct pair p;
        while (next_pair(&parameters, &p)) {
            const char *value = arena_text(a, p.value);
            if (vault_is_sealed(value))
                value = v ? vault_unseal(v, value, a) : NULL;
            lost |= !value;
            if (value)
                put_pair(&t, p.name, value);
        }
        parameters = t.start;
    }
    if (ret_lost)
        *ret_lost = lost;
    return parameters ? parameters : "";
}

/* --- rows of an earlier version ----------------------------------------------------------------------------------------- */

/* What a step of the schema leaves for us: it has no key. */
static const char open_mark[] = "secrets:open";

enum { OPEN_AT_ONCE = 1000 };

struct open_row {
    int64_t key, place;
    const char *parameters;
};

/* The rows after `after` that the query gives (key, place, driver, parameters), sealed in the arena. */
static size_t gather(struct side *side, const char *sql, const struct open_row *after, struct arena *a, struct open_row out[OPEN_AT_ONCE])
{
    struct query *q = db_query(side->db, sql);
    size_t count = 0;
    query_put_int(q, 1, after->key);
    query_put_int(q, 2, after->place);
    query_put_int(q, 3, OPEN_AT_ONCE);
    while (query_row(q)) {
        const char *parameters = arena_text(a, bytes_of_text(query_text(q, 3)));
        out[count++] = (struct open_row){ query_int(q, 0), query_int(q, 1), secrets_seal(side, query_text(q, 2), parameters, a) };
    }
    return count;
}

static void write_sealed(struct side *side, const char *sql, const struct open_row *row)
{
    struct query *q = db_query(side->db, sql);
    query_put_text(q, 1, row->parameters);
    query_put_int(q, 2, row->key);
    query_put_int(q, 3, row->place);
    query_run(q);
}

static void seal_table(struct side *side, const char *list, const char *write)
{
    struct open_row *rows = memory_new(OPEN_AT_ONCE * sizeof *rows), last = { 0 };
    struct arena a = { 0 };
    size_t count;
    do {
        count = gather(side, list, &last, &a, rows);
        for (size_t i = 0; i < count; i++)
            write_sealed(side, write, &rows[i]);
        if (count)
            last = rows[count - 1];
        arena_reset(&a);
    } while (count == OPEN_AT_ONCE && !db_failed(side->db));
    arena_free(&a);
    free(rows);
}

/* Marks of refused passwords were sums from which a short password could be found: that one was refused is all that stays. */
static void seal_all(struct side *side)
{
    seal_table(side, "SELECT id, 0, driver, parameters FROM protocol WHERE (id, 0) > ($1, $2) ORDER BY id LIMIT $3",
               "UPDATE protocol SET parameters = $1 WHERE id = $2 AND 0 = $3");
    seal_table(side, "SELECT l.meter, l.place, m.driver, l.parameters FROM comm_line l LEFT JOIN meter m ON m.id = l.meter"
                     " WHERE (l.meter, l.place) > ($1, $2) ORDER BY l.meter, l.place LIMIT $3",
               "UPDATE comm_line SET parameters = $1 WHERE meter = $2 AND place = $3");
    const struct vault *v = vault_for(side);
    if (v)
        exchanges_seal(side, v);
    query_run(db_query(side->db, "UPDATE setting SET value = 'held' WHERE key LIKE 'password-refused:%'"));
    struct query *q = db_query(side->db, "DELETE FROM setting WHERE key = $1");
    query_put_text(q, 1, open_mark);
    query_run(q);
}

enum fault secrets_settle(struct store *s)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT value FROM setting WHERE key = $1");
    query_put_text(q, 1, open_mark);
    bool open = row_found(q);
    enum fault f = side_end(side);
    if (f != FAULT_NONE || !open)
        return f;
    db_wipe(s->write.db);
    side = side_begin(s, DB_WRITE_DURABLE);
    seal_all(side);
    f = side_end(side);
    db_checkpoint(s->write.db);
    return f;
}
