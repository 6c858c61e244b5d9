/* The collector over a simulated world in this process: back-off, turns on a shared line, what it adapts to, what it keeps
 * when it is stopped. Exchanges are counted, never time. */
#include "base/clock.h"
#include "collect/collector_inside.h"
#include "collect/states.h"
#include "scene.h"

#include <pthread.h>

enum { NEWS_MAX = 512 };

/* A world, a registry and a collector over them, and the news it told. */
struct stage {
    struct world *world;
    struct store *store;
    struct writer_thread *writer;
    struct collector *collector;
    pthread_mutex_t lock;
    struct { int64_t meter; enum fault fault; size_t readings; } news[NEWS_MAX];
    size_t news_count;
    bool stop_at_first; /* the pass is stopped by the first news of something stored */
};

static void hear(void *context, const struct collector_news *n)
{
    struct stage *s = context;
    pthread_mutex_lock(&s->lock);
    if (s->news_count < NEWS_MAX) {
        s->news[s->news_count].meter = n->meter;
        s->news[s->news_count].fault = n->fault;
        s->news[s->news_count++].readings = n->readings;
    }
    pthread_mutex_unlock(&s->lock);
    if (s->stop_at_first && n->readings > 0)
        collector_stop(s->collector);
}

static void stage_begin(struct stage *s, const char *words, const char *file)
{
    *s = (struct stage){ .world = words ? world_begin(words) : NULL, .store = help_open(file, NULL) };
    pthread_mutex_init(&s->lock, NULL);
    s->writer = writer_new(s->store, 0, 0);
}

static void stage_collect(struct stage *s, struct collector_options o)
{
    o.told = hear;
    o.context = s;
    s->collector = collector_new(s->store, s->writer, &o);
    is_int(collector_load(s->collector), FAULT_NONE, "the registry is loaded");
}

static void stage_end(struct stage *s)
{
    collector_free(&s->collector);
    writer_free(&s->writer);
    ok(help_sound(s->store), "the store is sound");
    store_close(&s->store);
    world_free(&s->world);
    pthread_mutex_destroy(&s->lock);
}

static int64_t add_link(struct stage *s, const char *uri)
{
    int64_t id = 0;
    is_int(store_link_put(s->store, &(struct store_link){ .title = uri, .uri = uri }, &id), FAULT_NONE);
    return id;
}

static int64_t add_meter(struct stage *s, int64_t link, const char *driver, const char *parameters, enum archive archive, uint16_t days)
{
    struct store_line line = { .link = link, .parameters = parameters, .enabled = true };
    struct store_meter m = { .driver = driver, .lines = &line, .line_count = 1, .enabled = true,
                             .zone_minutes = clock_zone_minutes(clock_utc_ms()) };
    int64_t id = 0;
    m.depth_days[archive] = days;
    is_int(store_meter_put(s->store, &m, &id), FAULT_NONE);
    return id;
}

/* Spodes meters of a fleet, each on a link of its own. Returns the first one's id. */
static int64_t add_fleet(struct stage *s, const char *network, uint16_t port, int count, enum archive archive, uint16_t days)
{
    int64_t first = 0;
    for (int i = 0; i < count; i++) {
        char uri[64];
        snprintf(uri, sizeof uri, "tcp://%s.%d:%u", network, i + 1, port);
        int64_t id = add_meter(s, add_link(s, uri), "spodes", "transport=wrapper;password=111111", archive, days);
        first = first ? first : id;
    }
    return first;
}

static struct meter_run *run_of(struct stage *s, int64_t id)
{
    for (size_t i = 0; i < s->collector->meter_count; i++)
        if (s->collector->meters[i]->id == id)
            return s->collector->meters[i];
    abort();
}

static struct collector_figures pass(struct stage *s)
{
    struct collector_figures f;
    s->news_count = 0;
    collector_pass(s->collector);
    collector_figures(s->collector, &f);
    return f;
}

struct sums {
    int64_t expected, missing, meters;
};

static bool add_up(void *context, int64_t meter, const struct owed_share *share)
{
    struct sums *c = context;
    (void)meter;
    c->expected += share->expected;
    c->missing += share->missing;
    c->meters++;
    return true;
}

static struct sums completeness(struct stage *s, enum archive archive)
{
    struct sums c = { 0 };
    int64_t now = clock_utc_ms() / 1000;
    is_int(store_completeness(s->store, archive, &(struct span){ now - 100 * (int64_t)DAY_SECONDS, now + 2 * DAY_SECONDS }, 1, add_up, &c), FAULT_NONE);
    return c;
}

static int64_t contact_of(struct stage *s, int64_t meter);

/* --- back-off ----------------------------------------------------------------------------------------------------- */

static void check_wait(struct stage *s, int64_t meter, int failures, int64_t wait_ms)
{
    struct meter_run *m = run_of(s, meter);
    m->next_try_ms = 0; /* as if its time had come */
    int64_t before = clock_monotonic_ms();
    pass(s);
    int64_t after = clock_monotonic_ms();
    is_int(m->failures, failures);
    ok(m->next_try_ms >= before + wait_ms && m->next_try_ms <= after + wait_ms, "after %d failures it is let alone for %lld s", failures, (long long)wait_ms / 1000);
}

static void test_back_off(void)
{
    static struct stage s;
    struct world *w = world_begin("--exact --tcp 127.45.1.1:0 --family spodes");
    uint16_t port = fleet_port(world_fleet(w, 0));
    world_free(&w);
    stage_begin(&s, NULL, "back-off.db");
    int64_t id = add_fleet(&s, "127.45.1", port, 1, ARCHIVE_DAY, 3);
    stage_collect(&s, (struct collector_options){ 0 });
    struct collector_figures f = pass(&s);
    is_int(f.sessions, 2, "a first failure is tried once more in the same pass");
    is_int(f.failed, 1, "and counts once");
    is_int(contact_of(&s, id), FAULT_NO_CONNECTION, "the loss of contact is a state");
    f = pass(&s);
    is_int(f.sessions, 0, "then it is let alone");
    is_int(f.waiting_back_off, 1, "and that is told");
    check_wait(&s, id, 3, 120000);
    check_wait(&s, id, 4, 240000);
    run_of(&s, id)->failures = 15;
    check_wait(&s, id, 16, 6 * 3600 * 1000);
    check_wait(&s, id, 16, 6 * 3600 * 1000);
    is_int(collector_load(s.collector), FAULT_NONE);
    f = pass(&s);
    is_int(f.sessions, 0, "a registry read anew does not forget it");

    char words[96];
    snprintf(words, sizeof words, "--exact --tcp 127.45.1.1:%u --family spodes", port);
    s.world = world_begin(words);
    run_of(&s, id)->next_try_ms = 0;
    f = pass(&s);
    is_int(f.done, 1, "it answers again");
    ok(run_of(&s, id)->failures == 0 && run_of(&s, id)->next_try_ms == 0, "an answer clears the back-off");
    is_int(contact_of(&s, id), FAULT_NONE, "and is the return of contact");
    is_int(completeness(&s, ARCHIVE_DAY).missing, 0, "what was missed is there");
    is_int(pass(&s).sessions, 1, "the next pass asks it as usual");
    stage_end(&s);
}

static bool take_contact(void *context, const struct state *state)
{
    if (obis_equal(state->obis, STATE_CONTACT))
        *(int64_t *)context = state->value;
    return true;
}

/* Fault of the last session as it is stored; -1: never asked. */
static int64_t contact_of(struct stage *s, int64_t meter)
{
    int64_t value = -1;
    store_states_now(s->store, meter, take_contact, &value);
    return value;
}

/* --- a dead meter on a bus ---------------------------------------------------------------------------------------- */

static bool count_sent(void *context, const struct exchange *e)
{
    *(int *)context += e->direction == EXCHANGE_SENT;
    return true;
}

static int sent_to(struct stage *s, int64_t meter)
{
    int sent = 0;
    store_exchanges(s->store, meter, 0, INT64_MAX, count_sent, &sent);
    return sent;
}

static void test_dead_neighbour(void)
{
    enum { LIVE = 3 };
    static struct stage s;
    char parameters[32], uri[128], words[600];
    int64_t id[LIVE];
    snprintf(words, sizeof words, "--exact --bus %s --line 115200,8N1 --meter mercury230:1:41000001 --meter mercury230:2:41000002 "
             "--meter mercury230:3:41000003", help_file("bus"));
    stage_begin(&s, words, "dead.db");
    snprintf(uri, sizeof uri, "serial:%s?115200,8N1", rs485_device(world_bus(s.world, 0)));
    int64_t link = add_link(&s, uri);
    int64_t dead = add_meter(&s, link, "mercury230", "address=9", ARCHIVE_DAY, 20);
    for (int i = 0; i < LIVE; i++) {
        snprintf(parameters, sizeof parameters, "address=%d", i + 1);
        id[i] = add_meter(&s, link, "mercury230", parameters, ARCHIVE_DAY, 3);
    }
    stage_collect(&s, (struct collector_options){ .frame_bytes = 1 << 20, .ask_everybody = true });
    run_of(&s, dead)->failures = 2; /* it was silent before */
    struct collector_figures f = pass(&s);
    is_int(f.done, LIVE, "its neighbours are read");
    is_int(f.failed, 1);
    is_int(completeness(&s, ARCHIVE_DAY).missing, 21, "all that is missing is its own");
    is_int(s.news[0].fault == FAULT_NONE && s.news[1].fault == FAULT_NONE && s.news[2].fault == FAULT_NONE, 1, "the silent one comes behind the others' first turns");
    collector_free(&s.collector); /* the frames are written */
    is_int(sent_to(&s, dead), 1, "one frame is spent on it");
    ok(sent_to(&s, id[0]) > 5 && sent_to(&s, id[2]) > 5, "and many on the others");
    stage_end(&s);
}

/* --- commits far apart ------------------------------------------------------------------------------------------------ */

/* Two lines whose sessions are stored together, once an hour: others talk meanwhile, and nobody waits for the hour. */
static void test_gathering(void)
{
    enum { LINES = 2, METERS = 12 };
    static struct stage s;
    char words[2000], uri[160], parameters[32];
    size_t at = (size_t)snprintf(words, sizeof words, "--exact");
    for (int line = 0; line < LINES; line++) {
        at += (size_t)snprintf(words + at, sizeof words - at, " --bus %s%d --line 115200,8N1", help_file("gather"), line);
        for (int i = 1; i <= METERS; i++)
            at += (size_t)snprintf(words + at, sizeof words - at, " --meter mercury230:%d:%d", i, 41000000 + 100 * line + i);
    }
    stage_begin(&s, words, "gathering.db");
    writer_gather(s.writer, HOUR_SECONDS * 1000);
    for (size_t line = 0; line < LINES; line++) {
        snprintf(uri, sizeof uri, "serial:%s?115200,8N1", rs485_device(world_bus(s.world, line)));
        int64_t link = add_link(&s, uri);
        for (int i = 1; i <= METERS; i++) {
            snprintf(parameters, sizeof parameters, "address=%d", i);
            add_meter(&s, link, "mercury230", parameters, ARCHIVE_DAY, 4);
        }
    }
    stage_collect(&s, (struct collector_options){ .gather_ms = HOUR_SECONDS * 1000, .frame_bytes = 1 << 20 });
    struct collector_figures f = pass(&s);
    is_int(f.done, LINES * METERS, "everybody is read");
    is_int(completeness(&s, ARCHIVE_DAY).missing, 0, "and stored");
    stage_end(&s);
}

/* --- turns on a shared line --------------------------------------------------------------------------------------- */

static void test_turns(void)
{
    enum { METERS = 5 };
    static struct stage s;
    char uri[64];
    stage_begin(&s, "--exact --tcp 127.45.2.1:0 --family spodes", "turns.db");
    snprintf(uri, sizeof uri, "tcp://127.45.2.1:%u", fleet_port(world_fleet(s.world, 0)));
    int64_t link = add_link(&s, uri), first = 0;
    for (int i = 0; i < METERS; i++) {
        int64_t id = add_meter(&s, link, "spodes", "transport=wrapper;password=111111", ARCHIVE_PROFILE, 8);
        first = first ? first : id;
    }
    stage_collect(&s, (struct collector_options){ 0 });
    struct collector_figures f = pass(&s);
    int turns[METERS] = { 0 }, early = 0;
    for (size_t i = 0; i < s.news_count; i++) {
        int who = (int)(s.news[i].meter - first), least = turns[0];
        for (int k = 1; k < METERS; k++)
            least = turns[k] < least ? turns[k] : least;
        early += turns[who] > 0 && least == 0;
        turns[who]++;
    }
    is_int(f.done, METERS);
    is_int(early, 0, "nobody has a second turn before everybody had the first");
    is_int(turns[0], 3, "eight days are a day, four days and the rest");
    is_int(f.sessions, 3 * METERS);
    is_int(completeness(&s, ARCHIVE_PROFILE).missing, 0, "and everything is there");
    is_int(pass(&s).readings, 0, "nothing is read twice");
    stage_end(&s);
}

/* --- profiles of another period ----------------------------------------------------------------------------------- */

static void test_hours(void)
{
    static struct stage s;
    stage_begin(&s, "--exact --tcp 127.45.3.1:0 --family spodes --options step=3600", "hours.db");
    int64_t id = add_fleet(&s, "127.45.3", fleet_port(world_fleet(s.world, 0)), 1, ARCHIVE_PROFILE, 3);
    stage_collect(&s, (struct collector_options){ 0 });
    is_int(pass(&s).done, 1);
    struct arena a = { 0 };
    struct store_meter m = { 0 };
    is_int(store_meter_get(s.store, id, &a, &m), FAULT_NONE);
    ok(m.depth_days[ARCHIVE_HOUR] == 3 && m.depth_days[ARCHIVE_PROFILE] == 0, "a profile of hours is owed as hours");
    arena_free(&a);
    is_int(completeness(&s, ARCHIVE_PROFILE).expected, 0, "no half-hours are waited for");
    struct sums hours = completeness(&s, ARCHIVE_HOUR);
    ok(hours.expected >= 72 && hours.expected <= 73, "three days of hours are");
    is_int(hours.missing, 0, "and they came in the same pass");
    is_int(collector_load(s.collector), FAULT_NONE);
    ok(pass(&s).readings <= 4, "once, but for an hour that has ended meanwhile");
    stage_end(&s);
}

static void test_quarters(void)
{
    static struct stage s;
    stage_begin(&s, "--exact --tcp 127.45.4.1:0 --family spodes --options step=900", "quarters.db");
    int64_t id = add_fleet(&s, "127.45.4", fleet_port(world_fleet(s.world, 0)), 1, ARCHIVE_PROFILE, 2);
    stage_collect(&s, (struct collector_options){ 0 });
    is_int(pass(&s).done, 1);
    is_int(run_of(&s, id)->profile_step, 900, "the period is learned");
    struct sums quarters = completeness(&s, ARCHIVE_PROFILE);
    ok(quarters.expected >= 192 && quarters.expected <= 193, "two days of quarters are owed: %lld", (long long)quarters.expected);
    is_int(quarters.missing, 0, "and there");
    collector_free(&s.collector);
    stage_collect(&s, (struct collector_options){ 0 });
    is_int(run_of(&s, id)->profile_step, 900, "another process knows it");
    is_int(completeness(&s, ARCHIVE_PROFILE).missing, 0, "and owes no half-hours");
    stage_end(&s);
}

/* --- stopped in the middle ---------------------------------------------------------------------------------------- */

static void test_cancel(void)
{
    enum { METERS = 4 };
    static struct stage s;
    char uri[64];
    int64_t ids[METERS];
    stage_begin(&s, "--exact --tcp 127.45.5.1:0 --family spodes --latency 10", "cancel.db");
    snprintf(uri, sizeof uri, "tcp://127.45.5.1:%u", fleet_port(world_fleet(s.world, 0)));
    int64_t link = add_link(&s, uri);
    for (int i = 0; i < METERS; i++)
        ids[i] = add_meter(&s, link, "spodes", "transport=wrapper;password=111111", ARCHIVE_PROFILE, 8);
    stage_collect(&s, (struct collector_options){ 0 });
    s.stop_at_first = true;
    struct collector_figures f = pass(&s);
    s.stop_at_first = false;
    is_int(f.failed, 0, "whoever is stopped did not fail");
    struct sums half = completeness(&s, ARCHIVE_PROFILE);
    ok(half.missing > 0 && half.missing < half.expected, "stopped in the middle: %lld of %lld are missing", (long long)half.missing, (long long)half.expected);
    int lost = 0, told = 0;
    for (int i = 0; i < METERS; i++) {
        lost += contact_of(&s, ids[i]) > FAULT_NONE;
        is_int(run_of(&s, ids[i])->failures, 0);
    }
    for (size_t i = 0; i < s.news_count; i++)
        told += s.news[i].fault == FAULT_CANCELLED;
    is_int(lost, 0, "nobody's contact counts as lost");
    is_int(told, 0, "and no news tells of cancelled sessions");
    f = pass(&s);
    is_int(f.done, METERS, "the next pass goes on");
    is_int(completeness(&s, ARCHIVE_PROFILE).missing, 0, "and completes");
    ok((int64_t)f.readings <= half.missing * 4 && f.readings > 0, "without reading again what was kept");
    collector_stop(s.collector);
    f = pass(&s);
    is_int(f.sessions, 0, "stopped before it begins, a pass does nothing");
    is_int(pass(&s).done, METERS, "once");
    stage_end(&s);
}

/* --- threads, memories -------------------------------------------------------------------------------------------- */

static void test_threads(void)
{
    enum { METERS = 24 };
    static struct stage s;
    stage_begin(&s, "--exact --tcp 127.45.6.1:0 --family spodes --count 24", "threads.db");
    int64_t first = add_fleet(&s, "127.45.6", fleet_port(world_fleet(s.world, 0)), METERS, ARCHIVE_PROFILE, 2);
    stage_collect(&s, (struct collector_options){ .threads = 2, .at_once = 5, .frame_bytes = 1 << 20 });
    struct collector_figures f = pass(&s);
    is_int(f.done, METERS, "two threads read everybody");
    is_int(f.sessions, 2 * METERS, "in a short first session and one for the rest");
    is_int(f.running, 0);
    is_int(completeness(&s, ARCHIVE_PROFILE).missing, 0);
    const void *memo[2] = { NULL, NULL };
    int strangers = 0;
    for (int64_t id = first; id < first + METERS; id++) {
        struct meter_run *m = run_of(&s, id);
        size_t thread = (size_t)m->row->lines[0].link % 2;
        memo[thread] = memo[thread] ? memo[thread] : m->memo;
        strangers += m->memo != memo[thread];
    }
    ok(memo[0] && memo[1], "what the driver learned is kept");
    is_int(strangers, 0, "equal meters of a thread share one memory");
    int64_t asked = (int64_t)f.exchanges;
    is_int(collector_load(s.collector), FAULT_NONE);
    f = pass(&s);
    is_int(f.done, METERS);
    ok((int64_t)f.exchanges < asked, "and who is known is asked less: %zu questions after %lld", f.exchanges, (long long)asked);
    stage_end(&s);
}

/* --- passwords ---------------------------------------------------------------------------------------------------- */

static void test_passwords(void)
{
    static struct stage s;
    char uri[64];
    stage_begin(&s, "--exact --tcp 127.45.7.1:0 --family spodes", "passwords.db");
    snprintf(uri, sizeof uri, "tcp://127.45.7.1:%u", fleet_port(world_fleet(s.world, 0)));
    int64_t id = add_meter(&s, add_link(&s, uri), "spodes", "transport=wrapper;password=222222", ARCHIVE_DAY, 2);
    stage_collect(&s, (struct collector_options){ .retry_passwords = true });
    is_int(pass(&s).failed, 1);
    is_int(s.news[0].fault, FAULT_PASSWORD, "a refused password is told as such");
    for (int i = 0; i < 3; i++) {
        is_int(collector_load(s.collector), FAULT_NONE);
        is_int(pass(&s).exchanges, 0, "one process tries it once, whatever its options");
        is_int(s.news[0].fault, FAULT_PASSWORD_HELD, "and says so");
    }
    is_int(run_of(&s, id)->failures, 0, "which is no silence");
    struct store_line line = { .link = run_of(&s, id)->row->lines[0].link, .parameters = "transport=wrapper;password=111111", .enabled = true };
    struct store_meter m = { .id = id, .driver = "spodes", .lines = &line, .line_count = 1, .enabled = true };
    m.depth_days[ARCHIVE_DAY] = 2;
    is_int(store_meter_put(s.store, &m, NULL), FAULT_NONE);
    is_int(collector_load(s.collector), FAULT_NONE);
    is_int(pass(&s).done, 1, "other parameters deserve a try");
    stage_end(&s);
}

int main(void)
{
    test_back_off();
    test_passwords();
    test_dead_neighbour();
    test_gathering();
    test_turns();
    test_hours();
    test_quarters();
    test_cancel();
    test_threads();
    help_clean();
    return tap_done();
}
