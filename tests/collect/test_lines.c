/* Communication lines of meters in the collector: the next one when no session opens, profiles, what is said of channels. What
 * happened is read from the exchange journal. */
#include "base/clock.h"
#include "collect/collector_inside.h"
#include "collect/states.h"
#include "scene.h"
#include "store/registry/vault.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#define OWN "transport=wrapper;password=111111"

static void scene_collect(struct scene *s, int threads)
{
    scene_collector(s, threads, 1 << 20);
    is_int(collector_load(s->collector), FAULT_NONE);
}

/* Ends the collector first: then the exchange journal is written. */
static void collector_end(struct scene *s)
{
    collector_free(&s->collector);
}

static struct collector_figures pass(struct scene *s)
{
    struct collector_figures f;
    collector_pass(s->collector);
    collector_figures(s->collector, &f);
    return f;
}

static int64_t add_link_at(struct scene *s, const char *host, unsigned port)
{
    char uri[96];
    int64_t id = 0;
    snprintf(uri, sizeof uri, "tcp://%s:%u", host, port);
    is_int(store_link_put(s->store, &(struct store_link){ .title = host, .uri = uri }, &id), FAULT_NONE);
    return id;
}

static int64_t add_link(struct scene *s, const char *host)
{
    return add_link_at(s, host, s->port);
}

/* Nobody listens there: port 1 of loopback. */
static int64_t add_dead_link(struct scene *s, const char *host)
{
    return add_link_at(s, host, 1);
}

static int64_t add_meter(struct scene *s, const struct store_line *lines, int count)
{
    struct store_meter m = { .driver = "spodes", .lines = lines, .line_count = count, .enabled = true, .zone_minutes = clock_zone_minutes(clock_utc_ms()) };
    int64_t id = 0;
    m.depth_days[ARCHIVE_DAY] = 2;
    is_int(store_meter_put(s->store, &m, &id), FAULT_NONE);
    return id;
}

/* What the journal says of one meter: frames and notes by link. */
struct told {
    int frames[8], notes[8];
    char note[400];
};

static bool take_exchange(void *context, const struct exchange *e)
{
    struct told *t = context;
    t->frames[e->link] += e->direction != EXCHANGE_NOTE;
    if (e->direction == EXCHANGE_NOTE && strncmp(e->note, "no session", 10) == 0) {
        t->notes[e->link]++;
        snprintf(t->note, sizeof t->note, "%s", e->note);
    }
    return true;
}

static struct told told_of(struct scene *s, int64_t meter)
{
    struct told t = { 0 };
    is_int(store_exchanges(s->store, meter, 0, INT64_MAX, take_exchange, &t), FAULT_NONE);
    return t;
}

static bool take_contact(void *context, const struct state *state)
{
    if (obis_equal(state->obis, STATE_CONTACT))
        *(int64_t *)context = state->value;
    return true;
}

/* A pass over the meter fails for its settings, and not a frame goes to it. */
static void check_unasked(struct scene *s, int64_t id, int64_t link, const char *why)
{
    is_int(pass(s).failed, 1);
    collector_end(s);
    is_int(told_of(s, id).frames[link], 0, "%s", why);
    int64_t contact = -1;
    store_states_now(s->store, id, take_contact, &contact);
    is_int(contact, FAULT_SETTING);
    scene_end(s);
}

/* --- the next line -------------------------------------------------------------------------------------------------------- */

static void test_next_line(void)
{
    static struct scene s;
    scene_begin(&s, "--exact --tcp 127.46.1.1:0 --family spodes", "next.db");
    int64_t dead = add_dead_link(&s, "127.46.1.9"), good = add_link(&s, "127.46.1.1"), off = add_dead_link(&s, "127.46.1.8");
    int64_t id = add_meter(&s, (struct store_line[]){ { .link = good, .priority = 5, .enabled = true, .parameters = OWN },
                                                      { .link = dead, .priority = 1, .enabled = true, .retries = 2, .parameters = OWN },
                                                      { .link = off, .priority = 0, .enabled = false, .parameters = OWN } }, 3);
    scene_collect(&s, 4);
    struct collector_figures f = pass(&s);
    is_int(f.done, 1, "the pass reads it over the second line");
    int64_t contact = -1;
    store_states_now(s.store, id, take_contact, &contact);
    is_int(contact, FAULT_NONE, "no loss of contact is told");
    collector_end(&s);
    struct told t = told_of(&s, id);
    is_int(t.frames[dead], 0);
    ok(t.frames[good] > 4, "frames went over the good line");
    is_int(t.notes[dead], 3, "the first line was tried once and twice again, and not in the pass's further turns");
    ok(strstr(t.note, "cannot be opened") && strstr(t.note, "next line: 127.46.1.1"), "the journal says why, and what came next: %s", t.note);
    is_int(t.frames[off] + t.notes[off], 0, "a line that is off is let alone");
    scene_end(&s);
}

/* Everything dead: the meter failed once, over all of its lines, and is let alone as any other. */
static void test_all_dead(void)
{
    static struct scene s;
    scene_begin(&s, "--exact --tcp 127.46.2.1:0 --family spodes", "all-dead.db");
    int64_t first = add_dead_link(&s, "127.46.2.8"), second = add_dead_link(&s, "127.46.2.9");
    int64_t id = add_meter(&s, (struct store_line[]){ { .link = first, .enabled = true, .parameters = OWN }, { .link = second, .enabled = true, .parameters = OWN } }, 2);
    scene_collect(&s, 1);
    struct collector_figures f = pass(&s);
    is_int(f.failed, 1);
    is_int(pass(&s).waiting_back_off, 1, "a meter silent on every line is let alone");
    collector_end(&s);
    struct told t = told_of(&s, id);
    is_int(t.notes[first], 2, "the first line in both tries of the pass");
    is_int(t.notes[second], 0, "and after the last there is no next");
    scene_end(&s);
}

/* A refused password is no matter of the way: it is not put again over another. */
static void test_refusal_stops(void)
{
    static struct scene s;
    scene_begin(&s, "--exact --tcp 127.46.3.1:0 --count 2 --family spodes", "refusal.db");
    int64_t first = add_link(&s, "127.46.3.1"), second = add_link(&s, "127.46.3.2");
    int64_t id = add_meter(&s, (struct store_line[]){ { .link = first, .enabled = true, .parameters = "transport=wrapper;password=222222" },
                                                      { .link = second, .enabled = true, .parameters = OWN } }, 2);
    scene_collect(&s, 1);
    is_int(pass(&s).failed, 1);
    collector_end(&s);
    is_int(told_of(&s, id).frames[second], 0, "a refused password ends it");
    scene_end(&s);
}

static void hold(struct scene *s, int64_t meter, const char *mark)
{
    char key[64];
    snprintf(key, sizeof key, "password-refused:%lld", (long long)meter);
    is_int(store_setting_put(s->store, key, mark), FAULT_NONE);
}

static const char *held(struct scene *s, int64_t meter, struct arena *a)
{
    char key[64];
    const char *mark = NULL;
    snprintf(key, sizeof key, "password-refused:%lld", (long long)meter);
    store_setting_get(s->store, key, a, &mark);
    return mark ? mark : "";
}

/* Told the database anew, the password is the same one: it stays held, as does one that an earlier version remembered. */
static void test_refusal_kept(void)
{
    static struct scene s;
    struct arena a = { 0 };
    scene_begin(&s, "--exact --tcp 127.46.6.1:0 --family spodes", "kept.db");
    struct store_line line = { .link = add_link(&s, "127.46.6.1"), .enabled = true, .parameters = "transport=wrapper;password=222222" };
    int64_t id = add_meter(&s, &line, 1);
    scene_collect(&s, 1);
    is_int(pass(&s).failed, 1);
    const char *mark = held(&s, id, &a);
    is_int(strlen(mark), VAULT_MARK_TEXT - 1, "what is remembered is a keyed sum");
    struct store_meter m = { 0 };
    is_int(store_meter_get(s.store, id, &a, &m), FAULT_NONE);
    m.lines = &line;
    is_int(store_meter_put(s.store, &m, NULL), FAULT_NONE);
    collector_end(&s);
    int64_t frames = told_of(&s, id).frames[line.link];
    ok(frames > 0);
    scene_collect(&s, 1);
    pass(&s);
    is_text(held(&s, id, &a), mark);
    hold(&s, id, "held");
    collector_end(&s);
    scene_collect(&s, 1);
    pass(&s);
    is_text(held(&s, id, &a), mark, "a refusal of whatever it was is about these parameters from now on");
    collector_end(&s);
    is_int(told_of(&s, id).frames[line.link], frames, "it is not asked again");
    line.parameters = OWN;
    store_meter_get(s.store, id, &a, &m);
    m.lines = &line;
    is_int(store_meter_put(s.store, &m, NULL), FAULT_NONE);
    scene_collect(&s, 1);
    is_int(pass(&s).done, 1, "but with another password");
    collector_end(&s);
    arena_free(&a);
    scene_end(&s);
}

/* A database without its key: the meter is not asked with half of its parameters. */
static void test_lost_key(void)
{
    static struct scene s;
    scene_begin(&s, "--exact --tcp 127.46.7.1:0 --family spodes", "keyless.db");
    int64_t link = add_link(&s, "127.46.7.1");
    int64_t id = add_meter(&s, (struct store_line[]){ { .link = link, .enabled = true, .parameters = OWN } }, 1);
    writer_free(&s.writer);
    store_close(&s.store);
    unlink(help_file("keyless.db.key"));
    s.store = help_open("keyless.db", NULL);
    s.writer = writer_new(s.store, 0, 0);
    scene_collect(&s, 1);
    check_unasked(&s, id, link, "what cannot be opened is not asked with");
}

/* An address that no frame can carry (table 6 of S3 lets it in): told, not cut to another meter's. */
static void test_wide_address(void)
{
    static struct scene s;
    scene_begin(&s, "--exact --tcp 127.46.8.1:0 --family spodes", "wide.db");
    int64_t link = add_link(&s, "127.46.8.1");
    int64_t id = add_meter(&s, (struct store_line[]){ { .link = link, .enabled = true, .parameters = "physical=16401;password=111111" } }, 1);
    scene_collect(&s, 1);
    check_unasked(&s, id, link, "nothing is sent");
}

/* Somebody who listens and never says a word: as often as the parameters say he is asked, in each of the pass's two tries. */
static void test_patience(void)
{
    static struct scene s;
    scene_begin(&s, "--exact --tcp 127.46.5.1:0 --family spodes", "patience.db");
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof at;
    int mute = socket(AF_INET, SOCK_STREAM, 0);
    ok(bind(mute, (struct sockaddr *)&at, sizeof at) == 0 && listen(mute, 8) == 0 && getsockname(mute, (struct sockaddr *)&at, &size) == 0);
    int64_t link = add_link_at(&s, "127.0.0.1", ntohs(at.sin_port));
    int64_t id = add_meter(&s, (struct store_line[]){ { .link = link, .enabled = true, .parameters = "security=none;timeout=1;tries=2" } }, 1);
    scene_collect(&s, 1);
    is_int(pass(&s).failed, 1);
    collector_end(&s);
    is_int(told_of(&s, id).frames[link], 4, "SNRM twice, in each try");
    struct timing timing = parameters_timing(driver_find("spodes"), "physical=17;tries=7;timeout=35;password=1");
    ok(timing.tries == 7 && timing.answer_ms == 35000 && timing.frame_gap == driver_find("spodes")->timing.frame_gap, "the timing a profile says");
    close(mute);
    scene_end(&s);
}

/* --- profiles -------------------------------------------------------------------------------------------------------------- */

static void test_profiles(void)
{
    static struct scene s;
    scene_begin(&s, "--exact --tcp 127.46.4.1:0 --count 2 --family spodes", "profiles.db");
    int64_t profile = 0, a = add_link(&s, "127.46.4.1"), b = add_link(&s, "127.46.4.2");
    struct store_protocol p = { .title = "wrong", .driver = "spodes", .parameters = "transport=wrapper;password=000000" };
    is_int(store_protocol_put(s.store, &p, &profile), FAULT_NONE);
    add_meter(&s, (struct store_line[]){ { .link = a, .protocol = profile, .enabled = true, .parameters = "password=111111" } }, 1);
    int64_t second = add_meter(&s, (struct store_line[]){ { .link = b, .protocol = profile, .enabled = true } }, 1);
    scene_collect(&s, 1);
    struct collector_figures f = pass(&s);
    ok(f.done == 1 && f.failed == 1, "a line's own password goes over the profile's");
    p.id = profile;
    p.parameters = OWN;
    is_int(store_protocol_put(s.store, &p, NULL), FAULT_NONE);
    is_int(collector_load(s.collector), FAULT_NONE);
    is_int(pass(&s).done, 2, "a changed profile changes all of its meters");
    p.driver = "mbus";
    is_int(store_protocol_put(s.store, &p, NULL), FAULT_REFUSED, "a profile stays with its meters' driver");
    is_int(store_protocol_delete(s.store, profile), FAULT_REFUSED, "and while they use it");
    is_int(store_meter_delete(s.store, second, false), FAULT_NONE);
    int64_t uses = 0;
    is_int(store_protocol_uses(s.store, profile, &uses), FAULT_NONE);
    is_int(uses, 1, "a deleted meter uses nothing");
    collector_end(&s);
    scene_end(&s);
}

/* --- channels in words ------------------------------------------------------------------------------------------------------ */

static void test_settings(void)
{
    struct link_settings s = link_settings_read("answer_ms=70000;exclusive=yes;later=1;connect_ms=1500");
    ok(s.exclusive && s.connect_ms == 1500 && s.answer_ms == LINK_ANSWER_MOST_MS, "a channel's settings, bounded");
    char text[100];
    struct text t = text_over(text, sizeof text);
    link_settings_format(&s, &t);
    is_text(text, "exclusive=yes;connect_ms=1500;answer_ms=60000");
    s = link_settings_read("");
    ok(!s.exclusive && !s.connect_ms && !s.answer_ms, "nothing said");
    static const char *const addresses[] = { "tcp://10.0.0.5:4059", "udp://[::1]:4059?soft7", "serial:/dev/ttyS1?2400,8E1,rs485,echo", "tcp://a.b:1?9600,7E1,soft7" };
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        struct link_address a;
        char problem[200];
        struct text p = text_over(problem, sizeof problem);
        ok(link_address_parse(addresses[i], LANG_EN, &a, &p), "%s", addresses[i]);
        t = text_over(text, sizeof text);
        link_address_format(&a, &t);
        is_text(text, addresses[i]);
    }
}

/* --- what is said of a channel, while collection goes on --------------------------------------------------------------------- */

enum { NEIGHBOURS = 3, FRAMES_MOST = 4000 };

struct moment {
    int64_t utc_ms;
    int meter;
    enum exchange_direction direction;
};

struct moments {
    struct moment at[FRAMES_MOST];
    int count, meter;
};

static bool take_moment(void *context, const struct exchange *e)
{
    struct moments *m = context;
    if (e->direction != EXCHANGE_NOTE && m->count < FRAMES_MOST)
        m->at[m->count++] = (struct moment){ e->utc_ms, m->meter, e->direction };
    return true;
}

/* Within a millisecond one's answer comes before the other's question: answers take three (--latency). */
static int by_moment(const void *a, const void *b)
{
    const struct moment *x = a, *y = b;
    return x->utc_ms != y->utc_ms ? (x->utc_ms > y->utc_ms) - (x->utc_ms < y->utc_ms) : (int)y->direction - (int)x->direction;
}

/* How often the line went from one meter to another during a pass, and how many sessions there were. */
static int changes_of_turn(const char *settings, const char *host, const char *file, int *ret_sessions)
{
    static struct scene s;
    static struct moments m;
    char words[100];
    int64_t link = 0, id[NEIGHBOURS];
    snprintf(words, sizeof words, "--exact --tcp %s:0 --family spodes --latency 3", host);
    scene_begin(&s, words, file);
    char uri[96];
    snprintf(uri, sizeof uri, "tcp://%s:%u", host, s.port);
    is_int(store_link_put(s.store, &(struct store_link){ .title = "gateway", .uri = uri, .settings = settings }, &link), FAULT_NONE);
    for (int i = 0; i < NEIGHBOURS; i++)
        id[i] = add_meter(&s, (struct store_line[]){ { .link = link, .enabled = true, .parameters = OWN } }, 1);
    s.collector = collector_new(s.store, s.writer, &(struct collector_options){ .frame_bytes = 1 << 20, .turn_ms = 1, .lang = LANG_EN });
    is_int(collector_load(s.collector), FAULT_NONE);
    struct collector_figures f = pass(&s);
    is_int(f.done, NEIGHBOURS);
    *ret_sessions = (int)f.sessions;
    collector_end(&s);
    m.count = 0;
    for (m.meter = 0; m.meter < NEIGHBOURS; m.meter++)
        is_int(store_exchanges(s.store, id[m.meter], 0, INT64_MAX, take_moment, &m), FAULT_NONE);
    qsort(m.at, (size_t)m.count, sizeof *m.at, by_moment);
    int changes = 0;
    for (int i = 1; i < m.count; i++)
        changes += m.at[i].meter != m.at[i - 1].meter;
    scene_end(&s);
    return changes;
}

static void test_exclusive(void)
{
    int sessions;
    int changes = changes_of_turn("", "127.46.9.1", "shared.db", &sessions);
    ok(changes > 2 * sessions, "neighbours share the line between exchanges: %d changes in %d sessions", changes, sessions);
    changes = changes_of_turn("exclusive=yes", "127.46.10.1", "exclusive.db", &sessions);
    ok(changes < sessions, "on an exclusive channel each session is whole: %d changes in %d sessions", changes, sessions);
}

/* The meter answers later than its driver waits: the channel's own patience holds. */
static void test_answer(void)
{
    static struct scene s;
    scene_begin(&s, "--exact --tcp 127.46.11.1:0 --family spodes --latency 1100", "answer.db");
    char uri[96];
    int64_t link = 0;
    snprintf(uri, sizeof uri, "tcp://127.46.11.1:%u", s.port);
    struct store_link k = { .title = "slow", .uri = uri, .settings = "" };
    is_int(store_link_put(s.store, &k, &link), FAULT_NONE);
    struct store_line line = { .link = link, .enabled = true, .parameters = OWN ";timeout=1;tries=1" };
    struct store_meter row = { .driver = "spodes", .lines = &line, .line_count = 1, .enabled = true };
    is_int(store_meter_put(s.store, &row, NULL), FAULT_NONE);
    scene_collect(&s, 1);
    is_int(pass(&s).failed, 1, "too late for the driver");
    collector_end(&s);
    k.id = link;
    k.settings = "answer_ms=60000";
    is_int(store_link_put(s.store, &k, NULL), FAULT_NONE);
    scene_collect(&s, 1);
    is_int(pass(&s).done, 1, "the channel waits longer");
    collector_end(&s);
    scene_end(&s);
}

int main(void)
{
    test_settings();
    test_next_line();
    test_all_dead();
    test_refusal_stops();
    test_refusal_kept();
    test_lost_key();
    test_wide_address();
    test_patience();
    test_profiles();
    test_exclusive();
    test_answer();
    help_clean();
    return tap_done();
}
