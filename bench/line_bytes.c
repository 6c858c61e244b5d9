/* line-bytes: bytes on the wire, both ways, for one complete reading of a СПОДЭС meter over HDLC: who it is, its clock,
 * 4 energies × 5 tariffs, one day record (8 registers), 48 half-hours × 4.
 *
 * "ours" is the client as collection uses it: lists, frames as large as the meter takes, one association, the layout of the
 * archives remembered. "plain" is the same driver without all that, as simple readers do it: attribute by attribute, frames
 * of 128 bytes, columns and scalers asked for each time, an association for each archive. Both really talk to the same
 * simulated meter. Told beside: what the first reading of an unknown meter costs, and one after the meter has told all of
 * itself today, when only its serial number is checked. Nothing is stored.
 *   build/bench/line_bytes [--trace] */
#include "base/clock.h"
#include "collect/session.h"
#include "link/address.h"
#include "sim/fleet.h"
#include "support/place.h"

#include <stdio.h>
#include <stdlib.h>

enum { SERIAL = 20000001, VALUES = 20 + 8 + 48 * 4 };

/* Counts what is said. */
struct counter {
    struct sink sink;
    size_t readings, facts;
};

static void count_reading(struct sink *s, const struct reading *r)
{
    ((struct counter *)s)->readings += !(r->quality & QUALITY_MISSING);
}

static void count_fact(struct sink *s, enum fact_kind kind, const char *utf8)
{
    (void)kind, (void)utf8;
    ((struct counter *)s)->facts++;
}

static void pass_event(struct sink *s, const struct event *e)
{
    (void)s, (void)e;
}

static void pass_state(struct sink *s, const struct state *state)
{
    (void)s, (void)state;
}

/* One reading, in one session or several. */
struct reader {
    uint16_t port;
    const char *parameters;
    struct session_plan plan;
    const char *serial; /* only this is checked; NULL: all of the identity is read */
    void *memo; /* NULL: nothing is remembered */
    struct trace *trace;
    struct counter counter;
    size_t bytes, exchanges;
    enum fault fault;
};

static void print_frame(struct trace *t, enum direction direction, struct bytes b, const char *note)
{
    (void)t;
    printf("%s %4zu ", direction == DIRECTION_SENT ? ">>" : direction == DIRECTION_RECEIVED ? "<<" : "--", b.size);
    for (size_t i = 0; i < b.size; i++)
        printf("%02X", b.data[i]);
    printf(" %s\n", note);
}

static void run_session(void *argument)
{
    struct reader *r = argument;
    const struct driver *d = r->plan.driver;
    struct bus *bus = bus_new(task_loop(task_self()), pipe_tcp_new("127.21.0.1", r->port), NULL);
    void *settings = calloc(1, d->settings_size);
    char problem[200];
    struct text t = text_over(problem, sizeof problem);
    if (!parameters_read(d, r->parameters, LANG_EN, settings, &t)) {
        fprintf(stderr, "line-bytes: %s\n", problem);
        exit(1);
    }
    struct conversation *c = conversation_new(&(struct conversation_options){
        .bus = bus, .priority = BUS_POLL, .timing = d->timing, .settings = settings, .state_size = d->state_size, .memo = r->memo, .trace = r->trace });
    struct session_result result;
    session_run(c, &r->plan, &r->counter.sink, &result, NULL, NULL);
    const struct conversation_figures *f = conversation_figures(c);
    r->bytes += f->sent + f->received;
    r->exchanges += f->exchanges;
    r->fault = r->fault ? r->fault : result.fault;
    for (size_t i = 0; i < r->plan.wants; i++)
        r->fault = r->fault ? r->fault : result.want_fault[i];
    conversation_free(&c);
    free(settings);
    bus_free(&bus);
}

static void hold_session(struct reader *r)
{
    struct loop *l = loop_new();
    loop_spawn(l, run_session, r);
    loop_run(l);
    loop_free(&l);
}

static struct want want_of(enum archive archive, int64_t now)
{
    int64_t today = wall_day_start(now);
    struct span span = archive == ARCHIVE_PROFILE ? (struct span){ today - DAY_SECONDS, today } : (struct span){ today, today + DAY_SECONDS };
    return (struct want){ .archive = archive, .span = span, .now = now };
}

static const enum archive archives[] = { ARCHIVE_CURRENT, ARCHIVE_DAY, ARCHIVE_PROFILE };
enum { ARCHIVES = sizeof archives / sizeof *archives };

/* All in one session, or each archive in one of its own; identity and clock with the first. */
static void read_meter(struct reader *r, bool apart)
{
    int64_t now = clock_local_wall(clock_utc_ms());
    struct session_plan whole = { .driver = driver_find("spodes"), .identify = !r->serial, .serial = r->serial, .now_wall = now, .tariffs = 4 };
    r->bytes = r->exchanges = 0;
    r->fault = FAULT_NONE;
    r->counter = (struct counter){ .sink = { count_reading, pass_event, pass_state, count_fact } };
    r->plan = whole;
    for (size_t i = 0; i < ARCHIVES; i++) {
        r->plan.want[r->plan.wants++] = want_of(archives[i], now);
        if (!apart && i + 1 < ARCHIVES)
            continue;
        hold_session(r);
        r->plan = whole;
        r->plan.identify = false;
        r->plan.serial = NULL;
        r->plan.now_wall = apart ? WALL_NONE : now;
    }
}

static bool tell(const char *what, const struct reader *r)
{
    bool whole = r->fault == FAULT_NONE && r->counter.readings == VALUES;
    printf("%s: %zu bytes in %zu exchanges, %zu values, %zu facts%s%s\n", what, r->bytes, r->exchanges, r->counter.readings, r->counter.facts,
           whole ? "" : " INCOMPLETE ", whole ? "" : fault_name(r->fault));
    return whole;
}

static struct fleet *make_fleet(const char *options)
{
    char problem[256];
    struct text t = text_over(problem, sizeof problem);
    struct fleet *f = fleet_new(&(struct fleet_options){
        .twin = twin_find("spodes"), .first_address = "127.21.0.1", .count = 1, .first_serial = SERIAL, .options = options,
        .zone_minutes = clock_zone_minutes(clock_utc_ms()) }, LANG_EN, &t);
    if (f)
        return f;
    fprintf(stderr, "line-bytes: %s\n", problem);
    exit(1);
}

int main(int argc, char **argv)
{
    struct trace trace = { print_frame };
    bool traced = argc > 1 && strcmp(argv[1], "--trace") == 0;
    struct fleet *fleet = make_fleet(NULL);
    struct reader ours = { .port = fleet_port(fleet), .parameters = "password=111111" };
    ours.memo = calloc(1, driver_find("spodes")->memo_size);
    read_meter(&ours, false);
    bool whole = tell("ours, first time", &ours);
    ours.trace = traced ? &trace : NULL;
    read_meter(&ours, false);
    whole = tell("ours", &ours) && whole;
    struct reader known = ours;
    known.serial = "20000001";
    read_meter(&known, false);
    whole = tell("ours, identity known", &known) && whole;
    free(ours.memo);
    fleet_free(&fleet);
    fleet = make_fleet("lists=no");
    struct reader plain = { .port = fleet_port(fleet), .parameters = "password=111111;info=128" };
    read_meter(&plain, true);
    whole = tell("plain", &plain) && whole;
    fleet_free(&fleet);
    printf("plain / ours: %.2f\n", (double)plain.bytes / (double)ours.bytes);
    bench_result("line-bytes", (double)ours.bytes, "bytes");
    return whole ? 0 : 1;
}
