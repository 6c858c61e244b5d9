/* Whole sessions as `svod read` holds them, through the links that people write: serial lines with echo and with parity
 * made in software, shared by several families; UDP that loses datagrams. */
#include "cli/dialogue.h"
#include "collect/session.h"
#include "sim/fleet.h"
#include "sim/rs485.h"
#include "../sim/parrot.h"
#include "tap.h"

#include "base/clock.h"

#include <stdlib.h>

/* What a session said, counted. */
struct heard {
    struct sink sink;
    size_t readings, facts, states;
    char serial[64];
};

static void hear_reading(struct sink *s, const struct reading *r)
{
    (void)r;
    ((struct heard *)s)->readings++;
}

static void hear_event(struct sink *s, const struct event *e)
{
    (void)s, (void)e;
}

static void hear_state(struct sink *s, const struct state *state)
{
    (void)state;
    ((struct heard *)s)->states++;
}

static void hear_fact(struct sink *s, enum fact_kind kind, const char *utf8)
{
    struct heard *h = (struct heard *)s;
    h->facts++;
    if (kind == FACT_SERIAL)
        snprintf(h->serial, sizeof h->serial, "%s", utf8);
}

struct visit {
    struct session_plan plan;
    struct session_result result;
    struct heard heard;
    struct conversation_figures figures;
};

static void run_visit(struct conversation *c, void *context)
{
    struct visit *v = context;
    session_run(c, &v->plan, &v->heard.sink, &v->result, NULL, NULL);
    v->figures = *conversation_figures(c);
}

/* One session with the archives over the link, patient or not. */
static void visit(struct visit *v, const char *link, const char *driver, const char *parameters, const enum archive *archives,
                  size_t count, struct timing timing)
{
    int64_t now = clock_local_wall(clock_utc_ms()), today = wall_day_start(now);
    struct dialogue d = { .timing = timing, .run = run_visit, .context = v };
    *v = (struct visit){ .heard.sink = { hear_reading, hear_event, hear_state, hear_fact } };
    if (!ok(dialogue_prepare(&d, link, driver, &parameters, 1, LANG_EN), "%s %s", link, driver))
        return;
    v->plan = (struct session_plan){ .driver = d.driver, .identify = true, .now_wall = now, .tariffs = 4 };
    for (size_t i = 0; i < count; i++)
        v->plan.want[v->plan.wants++] = (struct want){ .archive = archives[i], .span = { today - DAY_SECONDS, today }, .now = now };
    dialogue_hold(&d);
    dialogue_end(&d);
}

static bool all_done(const struct visit *v)
{
    bool done = v->result.fault == FAULT_NONE;
    for (size_t i = 0; i < v->plan.wants; i++)
        done = done && v->result.want_done[i];
    return done;
}

static bool is_own(const struct visit *v, uint32_t serial)
{
    return strtoul(v->heard.serial, NULL, 10) == serial;
}

/* --- serial ------------------------------------------------------------------------------------------------------- */

static struct rs485 *open_bus(struct rs485_options o)
{
    char message[256];
    struct text problem = text_over(message, sizeof message);
    struct rs485 *b = rs485_new(&o, LANG_EN, &problem);
    ok(b != NULL, "a bus opens %s", b ? "" : message);
    return b;
}

static void add_meter(struct rs485 *b, const char *family, uint32_t serial, uint32_t address)
{
    rs485_add(b, &(struct sim_birth){ .twin = twin_find(family), .serial = serial, .address = address,
                                      .zone_minutes = clock_zone_minutes(clock_utc_ms()) });
}

static void test_families(bool echo)
{
    static const enum archive archives[] = { ARCHIVE_CURRENT, ARCHIVE_NETWORK, ARCHIVE_PROFILE };
    struct rs485 *b = open_bus((struct rs485_options){ .line = { 115200, 8, 'N', 1 }, .echo = echo, .strict = true });
    struct timing patient = { .answer_ms = 5000, .byte_gap_ms = 2000 };
    struct visit v;
    char link[128];
    add_meter(b, "mercury230", 41000007, 7);
    add_meter(b, "spodes", 61000061, 61);
    add_meter(b, "mbus", 50000031, 31);
    rs485_start(b);
    snprintf(link, sizeof link, "serial:%s?115200,8N1%s", rs485_device(b), echo ? ",echo" : "");
    visit(&v, link, "mercury230", "address=7", archives, 3, patient);
    ok(all_done(&v) && is_own(&v, 41000007) && v.heard.readings > 48 * 4, "%s: Меркурий %s, %zu values", fault_name(v.result.fault), v.heard.serial, v.heard.readings);
    ok(v.result.clock_read && v.figures.retries == 0, "nothing is asked twice");
    visit(&v, link, "spodes", "physical=61;password=111111", archives, 3, patient);
    ok(all_done(&v) && is_own(&v, 61000061) && v.heard.readings > 48 * 4, "%s: СПОДЭС %s, %zu values", fault_name(v.result.fault), v.heard.serial, v.heard.readings);
    is_int(v.figures.retries, 0);
    visit(&v, link, "mbus", "address=31", archives, 2, patient);
    ok(all_done(&v) && is_own(&v, 50000031) && v.heard.readings > 0, "%s: M-Bus %s, %zu values", fault_name(v.result.fault), v.heard.serial, v.heard.readings);
    is_int(v.figures.retries, 0);
    rs485_free(&b);
}

static void test_missing_echo(void)
{
    static const enum archive archives[] = { ARCHIVE_CURRENT };
    struct rs485 *b = open_bus((struct rs485_options){ .line = { 115200, 8, 'N', 1 } });
    struct visit v;
    char link[128];
    add_meter(b, "mercury230", 41000007, 7);
    rs485_start(b);
    snprintf(link, sizeof link, "serial:%s?115200,8N1,echo", rs485_device(b));
    visit(&v, link, "mercury230", "address=7", archives, 1, (struct timing){ .answer_ms = 5000, .byte_gap_ms = 2000 });
    /* The answer to a link test repeats the question letter for letter: without the echo it is taken for one. */
    ok(v.result.fault == FAULT_NONE || v.result.fault == FAULT_NO_ANSWER, "an echo that never comes ends in %s", fault_name(v.result.fault));
    rs485_free(&b);
}

/* A driver's dialogue in text: a parrot's meter number and count of requests. */
static void talk_to_parrot(struct conversation *c, void *context)
{
    int *good = context;
    for (int i = 1; i <= 20; i++) {
        char want[32];
        snprintf(want, sizeof want, "<5000:%d:q>", i);
        struct bytes b = conversation_ask(c, &(struct question){ .request = bytes_of_text("<5:q>"), .find = parrot_find, .answer_ms = 5000 });
        *good += bytes_equal(b, bytes_of_text(want));
    }
}

static void test_soft_parity(char parity, bool echo)
{
    struct rs485 *b = open_bus((struct rs485_options){ .line = { 115200, 7, parity, 1 }, .soft7 = true, .echo = echo });
    rs485_add(b, &(struct sim_birth){ .twin = &twin_parrot, .serial = 5000, .address = 5 });
    rs485_start(b);
    char link[128];
    const char *none = "";
    int good = 0;
    snprintf(link, sizeof link, "serial:%s?115200,7%c1,soft7%s", rs485_device(b), parity, echo ? ",echo" : "");
    struct dialogue d = { .run = talk_to_parrot, .context = &good };
    ok(dialogue_prepare(&d, link, "spodes", &none, 1, LANG_EN), "%s", link);
    dialogue_hold(&d);
    dialogue_end(&d);
    is_int(good, 20, "seven bits with parity %c made in software%s: every answer is understood", parity, echo ? ", through an echo" : "");
    rs485_free(&b);
}

/* --- UDP ---------------------------------------------------------------------------------------------------------- */

enum { UDP_METERS = 12, UDP_SERIAL = 30000001 };

static struct fleet *open_udp(const char *options, uint16_t silent)
{
    char message[256];
    struct text problem = text_over(message, sizeof message);
    struct fleet *f = fleet_new(&(struct fleet_options){
        .twin = twin_find("spodes"), .first_address = "127.22.0.1", .udp = true, .count = UDP_METERS, .first_serial = UDP_SERIAL,
        .zone_minutes = clock_zone_minutes(clock_utc_ms()), .options = options, .troubles.each.silent = silent }, LANG_EN, &problem);
    ok(f != NULL, "a fleet behind UDP opens %s", f ? "" : message);
    return f;
}

static const enum archive udp_archives[] = { ARCHIVE_CURRENT, ARCHIVE_DAY, ARCHIVE_PROFILE };

static void visit_udp(struct visit *v, struct fleet *f, uint32_t i, struct timing timing)
{
    char link[64];
    snprintf(link, sizeof link, "udp://127.22.0.%u:%u", 1 + i, fleet_port(f));
    visit(v, link, "spodes", "transport=wrapper;password=111111", udp_archives, 3, timing);
}

static void test_udp(void)
{
    struct fleet *f = open_udp(NULL, 0);
    for (uint32_t i = 0; i < 3; i++) {
        struct visit v;
        visit_udp(&v, f, i, (struct timing){ .answer_ms = 5000 });
        ok(all_done(&v) && is_own(&v, UDP_SERIAL + i) && v.heard.readings > 200 && v.figures.retries == 0,
           "%s: meter %s, %zu values by datagrams", fault_name(v.result.fault), v.heard.serial, v.heard.readings);
    }
    fleet_free(&f);
}

/* So many answers of a thousand are lost, the same ones each time. What may be asked again is; only a password is not said twice. */
static void test_lost_datagrams(const char *options, uint16_t lost)
{
    struct fleet *f = open_udp(options, lost);
    int whole = 0, at_password = 0;
    uint32_t timeouts = 0;
    for (uint32_t i = 0; i < UDP_METERS; i++) {
        struct visit v;
        visit_udp(&v, f, i, (struct timing){ .answer_ms = 150, .tries = 6 });
        whole += all_done(&v) && is_own(&v, UDP_SERIAL + i) && v.heard.readings > 200;
        at_password += v.result.fault == FAULT_NO_ANSWER && strcmp(v.result.step, "AARQ") == 0;
        timeouts += v.figures.timeouts;
        if (!all_done(&v))
            printf("# meter %u: %s %s %s\n", UDP_SERIAL + i, fault_name(v.result.fault), v.result.step, v.result.detail);
    }
    is_int(whole + at_password, UDP_METERS, "%d sessions whole, %d ended at the password, none in between", whole, at_password);
    ok(whole > UDP_METERS / 2 && timeouts > (uint32_t)at_password, "%u datagrams were lost on the way", timeouts);
    fleet_free(&f);
}

int main(void)
{
    test_families(false);
    test_families(true);
    test_missing_echo();
    test_soft_parity('E', false);
    test_soft_parity('E', true);
    test_soft_parity('O', true);
    test_udp();
    test_lost_datagrams(NULL, 125);
    test_lost_datagrams("pdu=256;info=256", 40); /* long answers in many blocks */
    return tap_done();
}
