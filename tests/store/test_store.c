/* What the store promises: idempotent writing, one place for a value, folding, states as changes, counters, registry. */
#include "store/archive/batch.h"
#include "store_help.h"
#include <stdatomic.h>

static int64_t now_ms;
static int64_t day;

static int64_t fixed_now(void)
{
    return now_ms;
}

static void test_readings(struct store *s)
{
    struct batch b;
    batch_init(&b, BATCH_BYTES_USUAL);
    help_profile(&b, 1, day, 48);
    is_int(help_put(s, 1, &b).fresh, 96, "a day of two registers");
    help_profile(&b, 1, day, 48);
    struct put_result r = help_put(s, 1, &b);
    ok(r.same == 96 && r.fresh == 0 && r.changed == 0, "the same again changes nothing");
    for (int i = 0; i < 48; i++) { /* the next day slot by slot, each twice */
        help_profile(&b, 1, day + DAY_SECONDS + i * 1800, 1);
        is_int(help_put(s, 1, &b).fresh, 2);
        help_profile(&b, 1, day + DAY_SECONDS + i * 1800, 1);
        is_int(help_put(s, 1, &b).same, 2);
    }
    struct help_list *l = help_read(s, 1, ARCHIVE_PROFILE, day, day + 2 * DAY_SECONDS);
    is_int(l->count, 192, "both days");
    ok(l->ordered, "in order");
    int wrong = 0;
    for (size_t i = 0; i < l->count; i += 2)
        wrong += l->r[i].value.mantissa != help_value(1, l->r[i].wall);
    is_int(wrong, 0, "with their values");
    struct obis only = A_MINUS;
    struct help_list some = { .ordered = true };
    store_readings(s, 1, ARCHIVE_PROFILE, &only, 1, (struct span){ day + 3600, day + 7200 }, help_collect, &some);
    is_int(some.count, 2, "one register of one hour");
    is_int(help_read(s, 2, ARCHIVE_PROFILE, 0, INT64_MAX)->count, 0, "another meter has nothing");
    ok(help_sound(s));
    batch_free(&b);
}

static void test_fold(struct store *s)
{
    struct store_totals before, after;
    size_t rows = 0;
    store_totals(s, &before);
    is_int(before.hot_rows, 48);
    struct batch b;
    batch_init(&b, BATCH_BYTES_USUAL);
    help_profile(&b, 1, day + 2 * DAY_SECONDS, 3); /* today, stays hot */
    struct reading r = help_reading(ARCHIVE_DAY, A_PLUS, day + 2 * DAY_SECONDS, 5);
    emit_reading(&b.sink, &r);
    r.wall -= DAY_SECONDS;
    emit_reading(&b.sink, &r);
    help_put(s, 1, &b);
    is_int(store_fold(s, day + 2 * DAY_SECONDS, &rows), FAULT_NONE);
    is_int(rows, 49);
    store_totals(s, &after);
    is_int(after.hot_rows, 4);
    is_int(after.blocks, 3, "two profile days and a month");
    is_int(help_read(s, 1, ARCHIVE_PROFILE, 0, INT64_MAX)->count, 198, "nothing lost");
    is_int(help_read(s, 1, ARCHIVE_DAY, 0, INT64_MAX)->count, 2, "a month from both places");
    ok(help_sound(s));

    help_profile(&b, 1, day + DAY_SECONDS, 1);
    now_ms += 7000;
    is_int(help_put(s, 1, &b).same, 2, "a folded value put again is known");
    is_int(help_read(s, 1, ARCHIVE_PROFILE, day + DAY_SECONDS, day + DAY_SECONDS + 1)->stored_s[0], now_ms / 1000 - 7, "and came when it came first");
    r = help_reading(ARCHIVE_PROFILE, A_PLUS, day + DAY_SECONDS, 77777);
    emit_reading(&b.sink, &r);
    is_int(help_put(s, 1, &b).changed, 1, "a late correction goes into the block");
    struct help_list *l = help_read(s, 1, ARCHIVE_PROFILE, day + DAY_SECONDS, day + DAY_SECONDS + 1);
    ok(l->count == 2 && l->r[0].value.mantissa == 77777 && l->revision[0] == 1);
    is_int(l->stored_s[0], now_ms / 1000, "a corrected moment came with its correction");
    is_int(help_read(s, 1, ARCHIVE_PROFILE, day + DAY_SECONDS + 1800, day + DAY_SECONDS + 1801)->stored_s[0], now_ms / 1000 - 7, "its neighbour did not");
    now_ms -= 7000;
    help_profile(&b, 1, day + 2 * DAY_SECONDS, 48);
    is_int(help_put(s, 1, &b).fresh, 90, "the whole day takes its hot rows along");
    store_totals(s, &after);
    is_int(after.hot_rows, 1);
    is_int(store_fold(s, day + 90 * DAY_SECONDS, &rows), FAULT_NONE);
    is_int(rows, 1);
    ok(help_sound(s));
    batch_free(&b);
}

static void test_irregular(struct store *s)
{
    struct batch b;
    batch_init(&b, BATCH_BYTES_USUAL);
    for (int i = 0; i < 20; i++) {
        struct reading r = help_reading(ARCHIVE_CURRENT, A_PLUS, day + i * 977, 1000 + i);
        emit_reading(&b.sink, &r);
        help_put(s, 3, &b);
    }
    struct help_list latest = { .ordered = true };
    store_latest(s, 3, ARCHIVE_CURRENT, help_collect, &latest);
    ok(latest.count == 1 && latest.r[0].value.mantissa == 1019, "the latest, hot");
    store_fold(s, day + DAY_SECONDS, NULL);
    latest.count = 0;
    store_latest(s, 3, ARCHIVE_CURRENT, help_collect, &latest);
    ok(latest.count == 1 && latest.r[0].value.mantissa == 1019, "the latest, folded");
    is_int(help_read(s, 3, ARCHIVE_CURRENT, day, day + DAY_SECONDS)->count, 20);

    struct reading odd[] = { help_reading(ARCHIVE_JOURNAL, A_PLUS, day, 1), help_reading(ARCHIVE_CURRENT, A_PLUS, -5, 1),
                             help_reading(ARCHIVE_CURRENT, A_PLUS, INT64_MAX, 1) };
    for (int i = 0; i < 3; i++)
        emit_reading(&b.sink, &odd[i]);
    is_int(help_put(s, 3, &b).refused, 3, "impossible readings are counted, not stored");
    is_int(store_put(s, 0, &b, NULL), FAULT_SETTING, "nor is a meter without number");
    for (int i = 0; i < 10000; i++) {
        struct reading r = help_reading(ARCHIVE_CURRENT, A_PLUS, (int64_t)i * DAY_SECONDS, 1);
        emit_reading(&b.sink, &r);
    }
    is_int(help_put(s, 8, &b).refused, 10000 - 8192, "a clock gone mad is bounded");
    is_int(store_meter_delete(s, 8, true), FAULT_NO_DATA, "it was never in the registry");
    batch_free(&b);
}

static int state_count;

static bool count_state(void *context, const struct state *state)
{
    *(struct state *)context = *state;
    state_count++;
    return true;
}

static int fact_count;

static bool count_fact(void *context, enum fact_kind kind, const char *utf8, int64_t since_ms)
{
    (void)kind, (void)since_ms;
    snprintf(context, 32, "%s", utf8);
    fact_count++;
    return true;
}

static int event_count;

static bool count_event(void *context, int64_t meter, const struct event *e, int64_t stored_ms)
{
    (void)context, (void)meter, (void)e, (void)stored_ms;
    event_count++;
    return true;
}

static void test_news(struct store *s)
{
    struct batch b;
    struct obis relay = OBIS(0, 0, 96, 3, 10, 255);
    struct state last;
    char firmware[32] = "";
    batch_init(&b, BATCH_BYTES_USUAL);
    for (int i = 0; i < 10; i++)
        emit_state(&b.sink, relay, day + i * 60, i < 5);
    is_int(help_put(s, 4, &b).states, 2, "two changes in ten looks");
    emit_state(&b.sink, relay, day - 60, 1);
    is_int(help_put(s, 4, &b).states, 1, "news from before");
    store_states(s, 4, (struct span){ 0, INT64_MAX }, count_state, &last);
    is_int(state_count, 2, "and the later row, now no change, went");
    store_states_now(s, 4, count_state, &last);
    ok(last.value == 0 && last.wall == day + 300, "now");

    emit_fact(&b.sink, FACT_FIRMWARE, "1.0");
    help_put(s, 4, &b);
    now_ms += 1000;
    emit_fact(&b.sink, FACT_FIRMWARE, "1.0");
    is_int(help_put(s, 4, &b).facts, 0);
    emit_fact(&b.sink, FACT_FIRMWARE, "1.1");
    is_int(help_put(s, 4, &b).facts, 1);
    store_facts(s, 4, false, count_fact, firmware);
    is_text(firmware, "1.1");
    store_facts(s, 4, true, count_fact, firmware);
    is_int(fact_count, 1 + 2, "history");

    struct event e = { .journal = 1, .code = 0, .wall = day };
    emit_event(&b.sink, &e);
    emit_event(&b.sink, &e);
    e.code = 1;
    emit_event(&b.sink, &e);
    is_int(help_put(s, 4, &b).events, 2, "an event is stored once");
    emit_event(&b.sink, &e);
    is_int(help_put(s, 4, &b).events, 0);
    store_events(s, 4, (struct span){ day, day + 1 }, count_event, NULL);
    store_events(s, 0, (struct span){ day, day + 1 }, count_event, NULL);
    is_int(event_count, 4);
    batch_free(&b);
}

static void test_keys(struct store *s)
{
    int64_t value = -1, first = -1;
    struct arena a = { 0 };
    const char *text;
    is_int(store_counter_get(s, "ic.7", &value), FAULT_NONE);
    is_int(value, 0);
    is_int(store_counter_put(s, "ic.7", 100), FAULT_NONE);
    is_int(store_counter_put(s, "ic.7", 99), FAULT_REFUSED, "never backwards");
    is_int(store_counter_reserve(s, "ic.7", 50, 1000, &first), FAULT_NONE);
    is_int(first, 100);
    is_int(store_counter_reserve(s, "ic.7", 5000, 10, &first), FAULT_NONE);
    is_int(first, 5000);
    store_counter_get(s, "ic.7", &value);
    is_int(value, 5010);
    is_int(store_counter_reserve(s, "ic.7", INT64_MAX, 10, &first), FAULT_SETTING, "the end of numbers");
    store_setting_put(s, "refused.7", "пароль");
    store_setting_get(s, "refused.7", &a, &text);
    is_text(text, "пароль");
    store_setting_put(s, "refused.7", NULL);
    store_setting_get(s, "refused.7", &a, &text);
    ok(text == NULL);
    arena_free(&a);
}

static bool count_meter(void *context, const struct store_meter *m)
{
    *(int *)context += m->enabled ? 1 : 100;
    return true;
}

static void test_registry(struct store *s)
{
    struct arena a = { 0 };
    int64_t link = 0, id = 0, next = 0;
    struct store_link k = { .title = "Подъезд 1", .uri = "tcp://10.0.0.1:4001" };
    is_int(store_link_put(s, &k, &link), FAULT_NONE);
    struct store_line line = { .link = link, .parameters = "address=1;password=111111", .enabled = true };
    struct store_meter m = { .serial = "0123", .title = "Кв. 1", .driver = "mercury230", .enabled = true,
                             .lines = &line, .line_count = 1, .group = "Ленина/5", .zone_minutes = 180 };
    m.depth_days[ARCHIVE_PROFILE] = 60;
    m.depth_days[ARCHIVE_DAY] = 400;
    is_int(store_meter_put(s, &m, &id), FAULT_NONE);
    struct store_meter back;
    is_int(store_meter_get(s, id, &a, &back), FAULT_NONE);
    ok(back.zone_minutes == 180 && back.depth_days[ARCHIVE_DAY] == 400 && back.depth_days[ARCHIVE_HOUR] == 0);
    is_text(back.group, "Ленина/5");
    back.enabled = false;
    is_int(store_meter_put(s, &back, NULL), FAULT_NONE);
    int seen = 0;
    store_meters(s, count_meter, &seen);
    is_int(seen, 100, "changed in place");
    is_int(store_link_delete(s, link), FAULT_REFUSED, "a link in use stays");

    struct batch b;
    batch_init(&b, BATCH_BYTES_USUAL);
    help_profile(&b, id, day + 50 * DAY_SECONDS, 48);
    help_put(s, id, &b);
    is_int(store_meter_delete(s, id, false), FAULT_NONE);
    is_int(store_meter_get(s, id, &a, &back), FAULT_NO_DATA);
    ok(help_read(s, id, ARCHIVE_PROFILE, day + 50 * DAY_SECONDS, INT64_MAX)->count == 96, "its readings stay");
    m.id = 0;
    store_meter_put(s, &m, &next);
    ok(next > id, "a number is never used again");
    help_profile(&b, next, day + 50 * DAY_SECONDS, 48);
    help_put(s, next, &b);
    is_int(store_meter_delete(s, next, true), FAULT_NONE);
    is_int(help_read(s, next, ARCHIVE_PROFILE, 0, INT64_MAX)->count, 0, "unless asked for");
    m.id = 999;
    is_int(store_meter_put(s, &m, NULL), FAULT_NO_DATA);
    is_int(store_link_delete(s, link), FAULT_NONE);
    batch_free(&b);
    arena_free(&a);
}

static int frames;

static bool count_frame(void *context, const struct exchange *e)
{
    frames++;
    *(int64_t *)context = e->utc_ms;
    return e->frame.size == 100 && strcmp(e->note, "open") == 0;
}

static void test_exchange(struct store *s)
{
    uint8_t frame[2][100];
    int64_t last = 0;
    for (int i = 0; i < 100; i++) {
        for (int k = 0; k < 200; k++) /* nothing in them that could be packed */
            frame[k / 100][k % 100] = (uint8_t)rand();
        struct exchange e[2] = { { .meter = 5, .link = 1, .utc_ms = 1000 * i, .direction = EXCHANGE_SENT,
                                   .frame = bytes_of(frame[0], 100), .note = "open" } };
        e[1] = e[0];
        e[1].utc_ms += 20;
        e[1].frame = bytes_of(frame[1], 100);
        e[1].direction = EXCHANGE_RECEIVED;
        is_int(store_exchange_put(s, e, 2, 5000), FAULT_NONE);
    }
    store_exchanges(s, 5, 0, INT64_MAX, count_frame, &last);
    ok(frames > 30 && frames <= 44, "a ring of 5000 bytes");
    is_int(last, 99020, "keeps the newest");
    frames = 0;
    store_exchanges(s, 5, 99000, 99020, count_frame, &last);
    is_int(frames, 1, "one moment of a conversation");
}

static void test_retention(struct store *s)
{
    struct batch b;
    batch_init(&b, BATCH_BYTES_USUAL);
    for (int i = 0; i < 100; i++)
        help_profile(&b, 9, day + i * DAY_SECONDS, 48);
    help_put(s, 9, &b);
    struct owed_want want = { 9, ARCHIVE_PROFILE, 1800, { day, day + 110 * DAY_SECONDS } };
    store_owed_expect(s, &want, 1);
    now_ms = (day + 100 * DAY_SECONDS) * 1000;
    is_int(store_retain(s, ARCHIVE_PROFILE, 30), FAULT_NONE);
    is_int(help_read(s, 9, ARCHIVE_PROFILE, 0, INT64_MAX)->count, 30 * 96, "thirty days stay");
    struct span gaps[4];
    size_t count = 0;
    store_owed_spans(s, 9, ARCHIVE_PROFILE, (struct span){ 0, INT64_MAX }, false, gaps, 4, &count);
    ok(count == 1 && gaps[0].from == day + 100 * DAY_SECONDS, "what went is not owed");
    is_int(store_retain(s, ARCHIVE_STATE, 1), FAULT_NONE);
    state_count = 0;
    struct state last;
    store_states(s, 4, (struct span){ 0, INT64_MAX }, count_state, &last);
    is_int(state_count, 1, "the state that holds stays");
    is_int(store_retain(s, ARCHIVE_JOURNAL, 1), FAULT_NONE);
    event_count = 0;
    store_events(s, 4, (struct span){ 0, INT64_MAX }, count_event, NULL);
    is_int(event_count, 0);
    ok(help_sound(s));
    batch_free(&b);
}

static int answered;

static void on_done(void *context, const struct batch *batch, enum fault fault, const struct put_result *result)
{
    (void)batch;
    answered++;
    if (fault != FAULT_NONE || result->fresh != 96)
        ++*(int *)context;
}

static void test_writer(struct store *s)
{
    static struct batch b[200];
    int wrong = 0;
    struct writer_thread *w = writer_new(s, 8, 16);
    for (int i = 0; i < 200; i++) {
        batch_init(&b[i], BATCH_BYTES_USUAL);
        help_profile(&b[i], 1000 + i, day, 48);
        writer_submit(w, 1000 + i, &b[i], on_done, &wrong);
        if (i == 100)
            writer_flush(w);
        if (i % 20 == 19)
            wrong += help_read(s, 1000 + i / 40, ARCHIVE_PROFILE, day, day + DAY_SECONDS)->count % 96 != 0;
    }
    writer_free(&w);
    is_int(answered, 200, "everything submitted is answered before the end");
    is_int(wrong, 0);
    w = writer_new(s, 8, 16);
    writer_submit(w, 0, &b[0], on_done, &wrong); /* impossible */
    help_profile(&b[1], 1001, day + DAY_SECONDS, 48);
    struct batch good;
    batch_init(&good, BATCH_BYTES_USUAL);
    help_profile(&good, 2000, day, 48);
    writer_submit(w, 2000, &good, on_done, &wrong);
    writer_free(&w);
    is_int(answered, 202);
    is_int(wrong, 1, "an impossible batch harms no other");
    for (int i = 0; i < 200; i++)
        batch_free(&b[i]);
    batch_free(&good);
}

static atomic_int gathered;

static void on_gathered(void *context, const struct batch *batch, enum fault fault, const struct put_result *result)
{
    (void)context, (void)batch, (void)result;
    atomic_fetch_add(&gathered, fault == FAULT_NONE);
}

static void await_gathered(int count)
{
    while (atomic_load(&gathered) < count)
        usleep(1000);
}

/* Commits an hour apart, unless somebody is in a hurry or enough has come. */
static void test_gathering(struct store *s)
{
    static struct batch b[7];
    struct writer_thread *w = writer_new(s, 16, 4);
    writer_gather(w, HOUR_SECONDS * 1000);
    for (int i = 0; i < 7; i++) {
        batch_init(&b[i], BATCH_BYTES_USUAL);
        help_profile(&b[i], 3000 + i, day, 48);
    }
    writer_submit(w, 3000, &b[0], on_gathered, NULL);
    await_gathered(1); /* what comes after a pause is stored at once */
    writer_submit(w, 3001, &b[1], on_gathered, NULL);
    usleep(50000);
    is_int(atomic_load(&gathered), 1, "the next one waits for company");
    writer_hurry(w);
    await_gathered(2);
    for (int i = 2; i < 6; i++)
        writer_submit(w, 3000 + i, &b[i], on_gathered, NULL);
    await_gathered(6); /* a whole group does not wait */
    writer_submit(w, 3006, &b[6], on_gathered, NULL);
    writer_flush(w);
    is_int(atomic_load(&gathered), 7, "who waits for all of it is in a hurry");
    writer_submit(w, 3006, &b[6], on_gathered, NULL);
    writer_free(&w);
    is_int(atomic_load(&gathered), 8, "the end stores everything");
    for (int i = 0; i < 7; i++)
        batch_free(&b[i]);
}

static void test_batch_limit(void)
{
    struct batch b;
    batch_init(&b, 64 << 10);
    for (int i = 0; i < 100 && b.dropped == 0; i++)
        help_profile(&b, 1, day, 5000);
    ok(b.dropped > 0 && b.arena.taken + reading_stream_memory(&b.readings) <= 64 << 10, "a batch has an end");
    batch_reset(&b);
    ok(batch_empty(&b) && b.dropped == 0);
    batch_free(&b);
}

int main(void)
{
    day = wall_from_fields(2026, 3, 5, 0, 0, 0);
    now_ms = day * 1000;
    struct store_options o = { .now_ms = fixed_now };
    struct store *s = help_open("store.db", &o);
    if (!ok(s != NULL))
        return tap_done();
    test_readings(s);
    test_fold(s);
    test_irregular(s);
    test_news(s);
    test_keys(s);
    test_registry(s);
    test_exchange(s);
    test_retention(s);
    test_writer(s);
    test_gathering(s);
    test_batch_limit();
    ok(help_sound(s), "sound at the end");
    store_close(&s);
    ok(s == NULL);
    help_clean();
    return tap_done();
}
