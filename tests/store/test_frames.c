/* The journal of frames with its two places: the disk and, where a box's flash is spared, memory. */
#include "store_help.h"

enum { METER = 5, OTHER = 6, LINK = 2 };

static const uint8_t plain[] = { 0x05, 0x08, 0x05, 0x11, 0x22 };

/* A question and its answer, 20 ms later, with the moment as a note. */
static void session(int64_t meter, int64_t at_ms, struct exchange ret[2])
{
    static char notes[64][24];
    static size_t turn;
    char *note = notes[turn++ % 64];
    snprintf(note, sizeof *notes, "at %lld", (long long)at_ms);
    ret[0] = (struct exchange){ .meter = meter, .link = LINK, .utc_ms = at_ms, .direction = EXCHANGE_SENT, .frame = bytes_of(plain, sizeof plain), .note = note };
    ret[1] = ret[0];
    ret[1].utc_ms += 20;
    ret[1].direction = EXCHANGE_RECEIVED;
}

static void store(struct store *s, int64_t meter, int64_t at_ms)
{
    struct exchange e[2];
    session(meter, at_ms, e);
    is_int(store_exchange_put(s, e, 2, 1 << 20), FAULT_NONE);
}

static void remember(struct store *s, int64_t meter, int64_t at_ms)
{
    struct exchange e[2];
    session(meter, at_ms, e);
    is_int(store_exchange_remember(s, e, 2), FAULT_NONE);
}

struct seen {
    int64_t at[64];
    size_t count, most; /* most: the callback has enough then; 0: never */
    bool whole;
};

static bool take(void *context, const struct exchange *e)
{
    struct seen *seen = context;
    char note[24];
    int64_t first = e->direction == EXCHANGE_SENT ? e->utc_ms : e->utc_ms - 20;
    snprintf(note, sizeof note, "at %lld", (long long)first);
    seen->whole &= e->link == LINK && e->frame.size == sizeof plain && memcmp(e->frame.data, plain, sizeof plain) == 0 && strcmp(e->note, note) == 0;
    seen->at[seen->count++] = e->utc_ms;
    return seen->count != seen->most;
}

static struct seen look(struct store *s, int64_t meter, int64_t from_ms, int64_t to_ms, size_t most)
{
    struct seen seen = { .most = most, .whole = true };
    is_int(store_exchanges(s, meter, from_ms, to_ms, take, &seen), FAULT_NONE);
    return seen;
}

static void are(const struct seen *seen, const char *want, const char *what)
{
    char got[600] = "";
    for (size_t i = 0; i < seen->count; i++)
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%lld", i ? " " : "", (long long)seen->at[i]);
    is_text(got, want, "%s", what);
    ok(seen->whole, "each as it went");
}

static void test_both_places(void)
{
    struct store *s = help_open("frames", NULL);
    struct exchange e[2];
    session(METER, 1000, e);
    is_int(store_exchange_remember(s, e, 2), FAULT_NOT_SUPPORTED, "a store that was not told so remembers nothing");
    store_exchange_memory(s, 1 << 20);
    store(s, METER, 2000);
    remember(s, METER, 1000);
    remember(s, OTHER, 1500);
    remember(s, METER, 3000);
    store(s, METER, 4000);
    remember(s, METER, 5000);
    struct seen all = look(s, METER, 0, INT64_MAX, 0);
    are(&all, "1000 1020 2000 2020 3000 3020 4000 4020 5000 5020", "in order of time, wherever they are");
    struct seen some = look(s, METER, 2020, 5020, 0);
    are(&some, "2020 3000 3020 4000 4020 5000", "within a span");
    struct seen few = look(s, METER, 0, INT64_MAX, 5);
    are(&few, "1000 1020 2000 2020 3000", "until the callback has enough");
    struct seen other = look(s, OTHER, 0, INT64_MAX, 0);
    are(&other, "1500 1520", "another meter's");
    is_int(store_exchanges_clear(s, 3500), FAULT_NONE);
    struct seen rest = look(s, METER, 0, INT64_MAX, 0);
    are(&rest, "4000 4020 5000 5020", "old ones go from both");
    store_close(&s);
    s = help_open("frames", NULL);
    struct seen after = look(s, METER, 0, INT64_MAX, 0);
    are(&after, "4000 4020", "what was stored is there after a stop");
    store_close(&s);
}

static void test_bound(void)
{
    struct store *s = help_open("bound", NULL);
    enum { LIMIT = 4000 };
    store_exchange_memory(s, LIMIT);
    uint8_t noise[300];
    for (int i = 0; i < 100; i++) {
        for (size_t k = 0; k < sizeof noise; k++) /* nothing in them that could be packed */
            noise[k] = (uint8_t)rand();
        struct exchange e = { .meter = METER, .link = LINK, .utc_ms = 1000 * i, .direction = EXCHANGE_RECEIVED, .frame = bytes_of(noise, sizeof noise) };
        is_int(store_exchange_remember(s, &e, 1), FAULT_NONE);
    }
    struct seen seen = look(s, METER, 0, INT64_MAX, 0);
    ok(seen.count >= 8 && seen.count <= LIMIT / (int)sizeof noise, "so many bytes, no more: %zu rows", seen.count);
    is_int(seen.at[seen.count - 1], 99000, "the newest are kept");
    is_int(seen.at[0], 1000 * (100 - (int64_t)seen.count), "without a gap");
    struct exchange huge = { .meter = METER, .link = LINK, .direction = EXCHANGE_SENT, .frame = bytes_of(noise, 70000) };
    is_int(store_exchange_remember(s, &huge, 1), FAULT_LIMIT, "a frame as no meter sends is refused");
    store_close(&s);
}

int main(void)
{
    test_both_places();
    test_bound();
    help_clean();
    return tap_done();
}
