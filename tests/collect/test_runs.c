/* Several runs of the collector at once over a simulated world: shares of lines, one session a meter, cancelling one of them,
 * restarts, relays. Nothing asserts time; order is taken from the exchange journal and from the news. */
#include "base/clock.h"
#include "collect/collector_inside.h"
#include "scene.h"

#include <pthread.h>

#define READER "transport=wrapper;password=111111"
#define WRITER "transport=wrapper;client=48;security=high;password=2222222222222222"
enum { NEWS_MAX = 256 };

/* What one run told. */
struct heard {
    pthread_mutex_t lock;
    struct { int64_t meter; enum run_result result; bool last, ordered; struct relay_order order; int tries; } news[NEWS_MAX];
    size_t count;
    bool ended;
    struct collector_run *cancel_at_first;
};

static void hear(void *context, const struct collector_news *n)
{
    struct heard *h = context;
    pthread_mutex_lock(&h->lock);
    if (h->count < NEWS_MAX) {
        h->news[h->count].meter = n->meter;
        h->news[h->count].result = n->result;
        h->news[h->count].last = n->last;
        h->news[h->count].tries = n->tries;
        h->news[h->count].ordered = n->order != NULL;
        if (n->order)
            h->news[h->count].order = *n->order;
        h->count++;
    }
    pthread_mutex_unlock(&h->lock);
}

static void end(void *context)
{
    ((struct heard *)context)->ended = true;
}

static int64_t add_link(struct scene *s, const char *host, unsigned port)
{
    char uri[96];
    int64_t id = 0;
    snprintf(uri, sizeof uri, "tcp://%s:%u", host, port ? port : s->port);
    is_int(store_link_put(s->store, &(struct store_link){ .title = host, .uri = uri }, &id), FAULT_NONE);
    return id;
}

static int64_t add_meter(struct scene *s, int64_t link, const char *parameters)
{
    struct store_line line = { .link = link, .parameters = parameters, .enabled = true };
    struct store_meter m = { .driver = "spodes", .lines = &line, .line_count = 1, .enabled = true, .zone_minutes = clock_zone_minutes(clock_utc_ms()) };
    int64_t id = 0;
    m.depth_days[ARCHIVE_PROFILE] = 20;
    is_int(store_meter_put(s->store, &m, &id), FAULT_NONE);
    return id;
}

static struct collector_run *begin(struct scene *s, struct heard *h, const char *work, enum run_class class, int priority, const int64_t *ids, size_t count, const struct run_options *more)
{
    static struct work w;
    struct run_options o = more ? *more : (struct run_options){ 0 };
    struct collector_run *run = NULL;
    *h = (struct heard){ .lock = PTHREAD_MUTEX_INITIALIZER };
    ok(!work || work_read_text(work, &w), "%s", work ? work : "debts");
    o.class = class;
    o.priority = priority;
    o.work = work ? &w : NULL;
    o.insist = true;
    o.told = hear;
    o.ended = end;
    o.context = h;
    is_int(collector_begin(s->collector, 0, ids, count, &o, &run), FAULT_NONE);
    return run;
}

static enum run_result last_result(struct heard *h, int64_t meter)
{
    enum run_result result = RUN_PENDING;
    for (size_t i = 0; i < h->count; i++)
        if (h->news[i].meter == meter && h->news[i].last)
            result = h->news[i].result;
    return result;
}

static void await_news(struct heard *h, size_t count)
{
    for (bool there = false; !there;) {
        pthread_mutex_lock(&h->lock);
        there = h->count >= count;
        pthread_mutex_unlock(&h->lock);
        usleep(2000);
    }
}

/* --- who goes first --------------------------------------------------------------------------------------------------------- */

/* On one shared line a fleet is collected for long; an order gets through, though it came last. */
static void test_order_first(void)
{
    enum { METERS = 6 };
    static struct scene s;
    static struct heard fleet, order;
    int64_t ids[METERS];
    scene_begin(&s, "--exact --tcp 127.47.1.1:0 --family spodes --latency 5", "first.db");
    scene_collector(&s, 1, 4 << 20);
    int64_t link = add_link(&s, "127.47.1.1", 0);
    for (int i = 0; i < METERS; i++)
        ids[i] = add_meter(&s, link, i == METERS - 1 ? WRITER : READER);
    struct collector_run *all = begin(&s, &fleet, NULL, RUN_COLLECT, 0, ids, METERS - 1, NULL);
    await_news(&fleet, 1);
    struct collector_run *relay = begin(&s, &order, "command relay-off 0;", RUN_RELAY, 999, &ids[METERS - 1], 1, NULL);
    collector_wait(relay);
    is_int(last_result(&order, ids[METERS - 1]), RUN_SUCCESS, "the relay is switched");
    ok(collector_running(all), "while the fleet is still collected");
    ok(order.ended && !fleet.ended, "each run has its own end");
    struct collector_figures f;
    collector_run_figures(relay, &f);
    is_int(f.meters, 1, "and its own figures");
    is_int(f.done, 1);
    collector_wait(all);
    collector_run_figures(all, &f);
    is_int(f.done, METERS - 1, "the fleet is read none the less");
    collector_run_free(&relay);
    collector_run_free(&all);
    scene_end(&s);
}

/* Two tasks wait for a line that a third one holds: the one of the higher priority comes first, though it came later. */
static void test_priorities(void)
{
    static struct scene s;
    static struct heard first, low, high;
    scene_begin(&s, "--exact --tcp 127.47.2.1:0 --family spodes --latency 5", "priorities.db");
    scene_collector(&s, 1, 4 << 20);
    int64_t link = add_link(&s, "127.47.2.1", 0), a = add_meter(&s, link, READER);
    struct collector_run *runs[3];
    runs[0] = begin(&s, &first, "read profile 20 again;", RUN_TASK, 500, &a, 1, NULL);
    runs[1] = begin(&s, &low, "states;", RUN_TASK, 1, &a, 1, NULL);
    runs[2] = begin(&s, &high, "read day 2;", RUN_TASK, 400, &a, 1, NULL);
    for (int i = 0; i < 3; i++)
        collector_wait(runs[i]);
    int64_t day = 0, state = 0;
    for (int i = 0; i < 3; i++) {
        struct visit *v = &runs[i]->visits[0];
        is_int(v->account->result, RUN_SUCCESS);
        day = i == 2 ? v->account->begun_ms : day;
        state = i == 1 ? v->account->begun_ms : state;
        ok(i == 0 || v->account->begun_ms >= runs[0]->visits[0].account->ended_ms, "a meter is talked to by one session at a time");
    }
    ok(day <= state, "the higher priority first");
    ok(runs[1]->visits[0].account->begun_ms >= runs[2]->visits[0].account->ended_ms, "and whole");
    for (int i = 0; i < 3; i++)
        collector_run_free(&runs[i]);
    scene_end(&s);
}

/* --- ending one of several ------------------------------------------------------------------------------------------------------ */

static void test_cancel_one(void)
{
    enum { METERS = 4 };
    static struct scene s;
    static struct heard one, other;
    int64_t ids[METERS];
    scene_begin(&s, "--exact --tcp 127.47.3.1:0 --family spodes --count 2 --latency 10", "cancel-one.db");
    scene_collector(&s, 2, 4 << 20);
    int64_t a = add_link(&s, "127.47.3.1", 0), b = add_link(&s, "127.47.3.2", 0);
    for (int i = 0; i < METERS; i++)
        ids[i] = add_meter(&s, i % 2 ? b : a, READER);
    struct collector_run *x = begin(&s, &one, "read profile 20 again;", RUN_TASK, 5, ids, METERS, NULL);
    struct collector_run *y = begin(&s, &other, "read day 3;", RUN_TASK, 1, ids, METERS, NULL);
    collector_cancel(x);
    collector_cancel(x);
    collector_wait(x);
    collector_wait(y);
    for (int i = 0; i < METERS; i++)
        is_int(last_result(&other, ids[i]), RUN_SUCCESS, "what waited behind a cancelled run is done %s", y->visits[i].account->notes);
    struct collector_figures f;
    collector_run_figures(x, &f);
    is_int(f.failed, 0, "whoever is cancelled did not fail");
    collector_run_free(&x);
    collector_run_free(&y);
    x = begin(&s, &one, "states;", RUN_TASK, 5, ids, METERS, NULL);
    collector_wait(x);
    is_int(last_result(&one, ids[0]), RUN_SUCCESS, "and the lines go on to serve");
    collector_cancel(x);
    collector_run_free(&x);
    x = begin(&s, &one, "states;", RUN_TASK, 5, ids, 0, NULL);
    collector_wait(x);
    ok(one.ended && one.count == 0, "a run over nobody ends by itself");
    collector_run_free(&x);
    scene_end(&s);
}

/* --- asked again ------------------------------------------------------------------------------------------------------------------ */

static void test_restarts(void)
{
    static struct scene s;
    static struct heard h;
    scene_begin(&s, "--exact --tcp 127.47.4.1:0 --family spodes", "restarts.db");
    scene_collector(&s, 1, 4 << 20);
    int64_t ids[] = { add_meter(&s, add_link(&s, "127.47.4.1", 0), READER), add_meter(&s, add_link(&s, "127.47.4.9", 1), READER) };
    struct collector_run *run = begin(&s, &h, "read day 2;", RUN_TASK, 1, ids, 2, &(struct run_options){ .restarts = 3 });
    collector_wait(run);
    int tries = 0, others = 0;
    for (size_t i = 0; i < h.count; i++) {
        tries += h.news[i].meter == ids[1];
        others += h.news[i].meter == ids[0] && h.news[i].last;
        ok(h.news[i].meter == ids[0] || h.news[i].last == (h.news[i].tries == 4), "it has its result with the last try");
    }
    is_int(tries, 4, "who failed is asked three times again");
    is_int(others, 1, "who did not is not");
    is_int(last_result(&h, ids[1]), RUN_ERROR);
    collector_run_free(&run);
    run = begin(&s, &h, "read day 2;", RUN_TASK, 1, ids, 1, &(struct run_options){ .endless = true, .restart_delay_s = 1 });
    await_news(&h, 2);
    ok(collector_running(run), "an endless run goes on");
    ok(h.news[0].last && h.news[1].last && h.news[1].result == RUN_SUCCESS, "each round has its result");
    collector_cancel(run);
    collector_wait(run);
    ok(h.ended, "until it is cancelled, asleep as it is");
    collector_run_free(&run);
    scene_end(&s);
}

/* --- relays ------------------------------------------------------------------------------------------------------------------------- */

static int actions;

static bool count_actions(void *context, const struct exchange *e)
{
    static const uint8_t relay[] = { 0xC3, 0x01 }, load[] = { 0x60, 0x03, 0x0A, 0xFF, 0x01 };
    (void)context;
    bool found = e->direction == EXCHANGE_SENT && memmem(e->frame.data, e->frame.size, load, 4) && memmem(e->frame.data, e->frame.size, relay, sizeof relay);
    actions += found;
    return true;
}

static void test_relays(void)
{
    static struct scene s;
    static struct heard h;
    scene_begin(&s, "--exact --tcp 127.47.5.1:0 --family spodes --options lock=0 --tcp 127.47.6.1:0 --family spodes --options lock=2 "
                    "--tcp 127.47.7.1:0 --family mercury230", "relays.db");
    scene_collector(&s, 1, 4 << 20);
    int64_t free_one = add_meter(&s, add_link(&s, "127.47.5.1", 0), WRITER);
    int64_t locked = add_meter(&s, add_link(&s, "127.47.6.1", fleet_port(world_fleet(s.world, 1))), WRITER);
    int64_t reader = add_meter(&s, add_link(&s, "127.47.5.1", 0), READER);
    int64_t ids[] = { free_one, locked, reader };
    struct store_line way = { .link = add_link(&s, "127.47.7.1", fleet_port(world_fleet(s.world, 2))), .parameters = "address=26;level=2;password=222222", .enabled = true };
    struct store_meter native = { .driver = "mercury230", .lines = &way, .line_count = 1, .enabled = true, .zone_minutes = clock_zone_minutes(clock_utc_ms()) };
    int64_t mercury = 0;
    is_int(store_meter_put(s.store, &native, &mercury), FAULT_NONE);
    struct collector_run *run = begin(&s, &h, "command relay-off 0;command relay-on 3;", RUN_RELAY, 1, ids, 1, NULL);
    collector_wait(run);
    is_int(last_result(&h, free_one), RUN_ERROR, "one of two commands failed: there is no signal relay");
    is_int(run->visits[0].account->commands_done, 1, "the other was done");
    ok(strstr(run->visits[0].account->notes, "command:relay-on:3 not-supported !absent") != NULL, "%s", run->visits[0].account->notes);
    ok(strstr(run->visits[0].account->story, "relay 0 1 1 4 0\n") && strstr(run->visits[0].account->story, "relay 0 0 0 4 0\n"), "read before and after");
    collector_run_free(&run);
    run = begin(&s, &h, "command relay-on 0;", RUN_RELAY, 1, &ids[1], 2, &(struct run_options){ .restarts = 1 });
    collector_wait(run);
    is_int(last_result(&h, locked), RUN_ERROR);
    is_int(last_result(&h, reader), RUN_ERROR, "who may not write is refused by the meter");
    for (size_t i = 0; i < h.count; i++)
        ok(h.news[i].meter != locked || (h.news[i].ordered && !h.news[i].order.sent && h.news[i].order.refusal == RELAY_FORCED_OFF && h.news[i].order.before.lock == 2), "the lock decides, nothing is sent");
    collector_run_free(&run);
    run = begin(&s, &h, "command relay-off 0;", RUN_RELAY, 1, &mercury, 1, NULL);
    collector_wait(run);
    is_int(last_result(&h, mercury), RUN_SUCCESS, "a Mercury 230 by its own protocol: %s", run->visits[0].account->notes);
    ok(h.news[0].ordered && h.news[0].order.before.output == 1 && h.news[0].order.after.output == 0 && h.news[0].order.before.lock == RELAY_UNKNOWN, "read back, what it does not tell is unknown");
    collector_run_free(&run);
    run = begin(&s, &h, "command relay-off 1;", RUN_RELAY, 1, &mercury, 1, NULL);
    collector_wait(run);
    is_int(last_result(&h, mercury), RUN_ERROR, "it has no signal relays");
    collector_run_free(&run);
    collector_free(&s.collector);
    actions = 0;
    store_exchanges(s.store, free_one, 0, INT64_MAX, count_actions, NULL);
    is_int(actions, 1, "one command, one frame");
    actions = 0;
    store_exchanges(s.store, locked, 0, INT64_MAX, count_actions, NULL);
    is_int(actions, 0);
    scene_end(&s);
}

int main(void)
{
    test_order_first();
    test_priorities();
    test_cancel_one();
    test_restarts();
    test_relays();
    help_clean();
    return tap_done();
}
