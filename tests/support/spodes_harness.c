/* A driver against a simulated meter; see spodes_harness.h. */
#include "support/spodes_harness.h"

#include "base/arena.h"
#include "link/coroutine.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROOM = 256 * 1024 };

static bool holds_aarq(struct bytes frame)
{
    /* An AARQ of a whole frame: after LLC, or after the wrapper's header. */
    static const uint8_t llc[] = { 0xE6, 0xE6, 0x00, 0x60 };
    if (frame.size > 8 && frame.data[0] == 0 && frame.data[8] == 0x60)
        return true;
    for (size_t i = 0; i + sizeof llc <= frame.size && i < 24; i++)
        if (memcmp(frame.data + i, llc, sizeof llc) == 0)
            return true;
    return false;
}

static void hear(struct rig *r, struct bytes frame, uint8_t *memory)
{
    struct writer out = writer_over(memory, ROOM);
    uint32_t n = r->requests++;
    r->aarqs += holds_aarq(frame);
    r->meter.twin->answer(&r->meter, r->session, frame, r->wall + r->meter.clock_shift_s, &out);
    r->meter.answers++;
    size_t size = writer_bytes(&out).size;
    if (r->twist)
        size = r->twist(r, n, frame, memory, size, ROOM);
    if (r->drop_session)
        memset(r->session, 0, r->meter.twin->session_size);
    r->drop_session = false;
    peer_say(&r->peer, bytes_of(memory, size));
}

static void hear_bytes(struct peer *peer, struct bytes b)
{
    struct rig *r = (struct rig *)((char *)peer - offsetof(struct rig, peer));
    uint8_t *out = malloc(ROOM);
    size_t taken = b.size < ROOM - r->heard_size ? b.size : ROOM - r->heard_size;
    memcpy(r->heard + r->heard_size, b.data, taken);
    r->heard_size += taken;
    while (r->heard_size) {
        struct frame_found f = r->meter.twin->find(bytes_of(r->heard, r->heard_size), NULL);
        size_t gone = f.start + (f.state == FRAME_PARTIAL ? 0 : f.size);
        if (f.state == FRAME_WHOLE)
            hear(r, bytes_of(r->heard + f.start, f.size), out);
        memmove(r->heard, r->heard + gone, r->heard_size - gone);
        r->heard_size -= gone;
        if (f.state == FRAME_PARTIAL)
            break;
    }
    free(out);
}

static void take_reading(struct sink *s, const struct reading *reading)
{
    struct rig *r = (struct rig *)((char *)s - offsetof(struct rig, sink));
    if (r->readings_count < RIG_READINGS)
        r->readings[r->readings_count++] = *reading;
}

static void take_event(struct sink *s, const struct event *event)
{
    struct rig *r = (struct rig *)((char *)s - offsetof(struct rig, sink));
    if (r->events_count < RIG_EVENTS)
        r->events[r->events_count++] = *event;
}

static void take_state(struct sink *s, const struct state *state)
{
    struct rig *r = (struct rig *)((char *)s - offsetof(struct rig, sink));
    if (r->states_count < RIG_STATES)
        r->states[r->states_count++] = *state;
}

static void take_fact(struct sink *s, enum fact_kind kind, const char *utf8)
{
    struct rig *r = (struct rig *)((char *)s - offsetof(struct rig, sink));
    snprintf(r->facts[kind], sizeof r->facts[kind], "%s", utf8);
}

void rig_start(struct rig *r)
{
    r->meter = (struct sim_meter){ .twin = twin_find(r->twin ? r->twin : "spodes"), .serial = r->serial, .address = r->address,
                                   .zone_minutes = 180, .options = r->options };
    r->meter.state = memory_new(r->meter.twin->meter_size);
    r->session = memory_new(r->meter.twin->session_size);
    if (r->meter.twin->born)
        r->meter.twin->born(&r->meter);
    r->driver = driver_find("spodes");
    r->memo = memory_new(r->driver->memo_size);
    r->readings = calloc(RIG_READINGS, sizeof *r->readings);
    r->events = calloc(RIG_EVENTS, sizeof *r->events);
    r->states = calloc(RIG_STATES, sizeof *r->states);
    r->sink = (struct sink){ take_reading, take_event, take_state, take_fact };
}

struct run {
    struct rig *rig;
    void (*dialogue)(struct rig *, struct conversation *);
    void *settings;
};

static void trace_frame(struct trace *t, enum direction direction, struct bytes b, const char *note)
{
    (void)t;
    printf("# %s ", direction == DIRECTION_SENT ? ">>" : direction == DIRECTION_RECEIVED ? "<<" : "--");
    for (size_t i = 0; i < b.size; i++)
        printf("%02X", b.data[i]);
    printf(" %s\n", note);
}

static void run_body(void *argument)
{
    struct run *run = argument;
    struct rig *r = run->rig;
    struct bus *bus = bus_new(task_loop(task_self()), peer_pipe(&r->peer), NULL);
    struct trace trace = { trace_frame };
    struct conversation *c = conversation_new(&(struct conversation_options){
        .bus = bus, .priority = BUS_POLL, .timing = r->timing, .settings = run->settings, .counters = r->counters,
        .state_size = r->driver->state_size, .memo = r->no_memo ? NULL : r->memo, .trace = getenv("TRACE") ? &trace : NULL });
    r->driver->open(c);
    if (conversation_fault(c) == FAULT_NONE)
        run->dialogue(r, c);
    r->fault = conversation_fault(c);
    snprintf(r->detail, sizeof r->detail, "%s", conversation_detail(c));
    r->driver->close(c);
    r->exchanges = conversation_figures(c)->exchanges;
    conversation_free(&c);
    bus_free(&bus);
}

void rig_run(struct rig *r, void (*dialogue)(struct rig *r, struct conversation *c))
{
    char problem[160];
    struct text t = text_over(problem, sizeof problem);
    struct run run = { .rig = r, .dialogue = dialogue, .settings = memory_new(r->driver->settings_size) };
    if (!parameters_read(r->driver, r->settings, LANG_EN, run.settings, &t)) {
        printf("# rig: %s\n", problem);
        abort();
    }
    memset(r->session, 0, r->meter.twin->session_size);
    r->readings_count = r->events_count = r->states_count = 0;
    r->requests = r->aarqs = 0;
    r->peer = (struct peer){ .hear = hear_bytes, .split = r->split };
    r->heard = malloc(ROOM);
    r->heard_size = 0;
    struct loop *l = loop_new();
    loop_spawn(l, run_body, &run);
    loop_run(l);
    loop_free(&l);
    peer_end(&r->peer);
    free(r->heard);
    free(run.settings);
}

void rig_stop(struct rig *r)
{
    free(r->meter.state);
    free(r->session);
    free(r->memo);
    free(r->readings);
    free(r->events);
    free(r->states);
    coroutine_trim();
}

const struct reading *rig_reading(const struct rig *r, enum archive archive, int64_t wall, struct obis obis)
{
    for (size_t i = 0; i < r->readings_count; i++) {
        const struct reading *x = &r->readings[i];
        if (x->archive == archive && x->wall == wall && obis_equal(x->obis, obis))
            return x;
    }
    return NULL;
}
