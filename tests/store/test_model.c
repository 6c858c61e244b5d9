/* The store against a plain table in memory: random readings of every archive, any scale, unit and quality, one by one and
 * in heaps, with folds and reopenings in between. The table knows the rules of block.h in ten lines. */
#include "store_help.h"

enum { REGISTERS = 4, MOMENTS = 300, ROUNDS = 600 };

struct cell {
    bool there;
    struct reading r;
    unsigned revision;
};

static struct cell table[ARCHIVE_HOUR + 1][MOMENTS][REGISTERS];
static int64_t day;

static int64_t moment(enum archive a, int i)
{
    if (a == ARCHIVE_MONTH)
        return month_wall(wall_month(day) + i % 40);
    if (a == ARCHIVE_DAY)
        return day + (int64_t)(i % 100) * DAY_SECONDS;
    return a == ARCHIVE_PROFILE ? day + i * 1800 : a == ARCHIVE_HOUR ? day + i * 3600 : day + i * 1234;
}

static int moments_of(enum archive a)
{
    return a == ARCHIVE_MONTH ? 40 : a == ARCHIVE_DAY ? 100 : MOMENTS;
}

static struct reading random_reading(enum archive a, int at, int k)
{
    struct reading r = help_reading(a, OBIS(1, 0, k + 1, 8, 0, 255), moment(a, at), rand() % 50);
    if (rand() % 8 == 0)
        r.value = decimal_of((int64_t)((uint64_t)rand() << 32 | (uint64_t)rand()) * (rand() % 2 ? 1 : -1),
                             rand() % 37 - 18);
    else
        r.value.exponent = (int8_t)(k == 3 ? -(rand() % 4) : 0);
    r.quality = (uint8_t)(rand() % 10 ? 0 : 1 << rand() % 6);
    r.unit = (uint8_t)(rand() % 50 ? UNIT_WATT_HOUR : UNIT_VAR_HOUR);
    r.origin = (uint8_t)(rand() % 5);
    return r;
}

static bool equal(const struct reading *x, const struct reading *y)
{
    if (x->quality != y->quality)
        return false;
    return x->quality & QUALITY_MISSING
        || (x->unit == y->unit && x->step == y->step && decimal_compare(x->value, y->value) == 0);
}

/* 0 fresh, 1 changed, 2 same. */
static int table_put(struct cell *c, const struct reading *r)
{
    bool number = c->there && !(c->r.quality & QUALITY_MISSING);
    bool worse = number && (r->quality & QUALITY_MISSING
                            || (r->quality & QUALITY_ESTIMATED && !(c->r.quality & QUALITY_ESTIMATED)));
    if (c->there && (worse || equal(&c->r, r)))
        return 2;
    int what = c->there ? 1 : 0;
    c->revision = c->there ? c->revision + 1 : 0;
    c->there = true;
    c->r = *r;
    return what;
}

static bool one_round(struct store *s, struct batch *b)
{
    enum archive a = (enum archive)(rand() % (ARCHIVE_HOUR + 1));
    size_t counts[3] = { 0 };
    int heap = rand() % 3 ? 1 + rand() % 4 : 1 + rand() % 150, from = rand() % moments_of(a);
    for (int i = 0; i < heap; i++) {
        int at = (from + i) % moments_of(a);
        for (int k = 0; k < REGISTERS; k++) {
            if (rand() % 6 == 0)
                continue;
            struct reading r = random_reading(a, at, k);
            counts[table_put(&table[a][at][k], &r)]++;
            emit_reading(&b->sink, &r);
        }
    }
    struct put_result r = help_put(s, 1, b);
    return r.fresh == counts[0] && r.changed == counts[1] && r.same == counts[2];
}

static int wrong_cells(struct store *s, enum archive a)
{
    struct help_list *l = help_read(s, 1, a, 0, INT64_MAX);
    int wrong = !l->ordered;
    size_t next = 0;
    for (int at = 0; at < moments_of(a); at++)
        for (int k = 0; k < REGISTERS; k++) {
            const struct cell *c = &table[a][at][k];
            if (!c->there)
                continue;
            const struct reading *r = &l->r[next];
            wrong += next >= l->count || !equal(r, &c->r) || r->wall != c->r.wall || !obis_equal(r->obis, c->r.obis)
                || r->origin != c->r.origin || l->revision[next] != c->revision;
            next++;
        }
    return wrong + (next != l->count);
}

int main(void)
{
    day = wall_from_fields(2026, 1, 1, 0, 0, 0);
    struct store *s = help_open("model.db", NULL);
    struct batch b;
    batch_init(&b, BATCH_BYTES_USUAL);
    int miscounted = 0;
    srand(4);
    for (int round = 0; s && round < ROUNDS; round++) {
        miscounted += !one_round(s, &b);
        if (rand() % 15 == 0)
            store_fold(s, day + rand() % 60 * DAY_SECONDS, NULL);
        if (round % 100 == 99) {
            store_close(&s);
            s = help_open("model.db", NULL);
        }
    }
    if (!ok(s != NULL))
        return tap_done();
    is_int(miscounted, 0, "every put counted as the table counts");
    for (enum archive a = ARCHIVE_CURRENT; a <= ARCHIVE_HOUR; a++)
        is_int(wrong_cells(s, a), 0, "every value, quality, origin and revision");
    store_fold(s, day + 4000 * DAY_SECONDS, NULL);
    for (enum archive a = ARCHIVE_CURRENT; a <= ARCHIVE_HOUR; a++)
        is_int(wrong_cells(s, a), 0, "folded, too");
    ok(help_sound(s));
    store_close(&s);
    batch_free(&b);
    help_clean();
    return tap_done();
}
