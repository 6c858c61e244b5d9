/* A driver against a twin; see twin_harness.h. */
#include "twin_harness.h"
#include "support/peer.h"

#include "link/coroutine.h"

#include <stdio.h>
#include <stdlib.h>

enum { ANSWER_MAX = 65536, RECEIVED_MAX = 8192 };

/* --- the meter's side --------------------------------------------------------------------------------------------- */

struct side {
    struct harness *h;
    const struct twin *twin;
    struct peer peer;
    void *session;
    uint8_t received[RECEIVED_MAX];
    size_t size;
};

static enum mischief next_mischief(struct harness *h)
{
    if (h->skip > 0) {
        h->skip--;
        return MISCHIEF_NONE;
    }
    if (h->count == 0)
        return MISCHIEF_NONE;
    h->count -= h->count > 0;
    return h->mischief;
}

static void send_answer(struct side *s, struct bytes request, uint8_t *answer, size_t size)
{
    static const uint8_t noise[] = { 0x00, 0xFF, 0x55 };
    bool here = size && s->h->mischief != MISCHIEF_RESTART; /* a restart has struck before the answer */
    enum mischief m = here ? next_mischief(s->h) : MISCHIEF_NONE;
    if (m == MISCHIEF_SILENCE)
        return;
    if (m == MISCHIEF_CUT)
        size /= 2;
    if (m == MISCHIEF_WRONG_SUM)
        answer[size - 1] ^= 0x10;
    if (m == MISCHIEF_NOISE)
        peer_say(&s->peer, bytes_of(noise, sizeof noise));
    if (m == MISCHIEF_ECHO)
        peer_say(&s->peer, request);
    if (m == MISCHIEF_TWIST)
        size = s->h->twist(answer, size);
    s->peer.split = m == MISCHIEF_SPLIT;
    peer_say(&s->peer, bytes_of(answer, size));
}

static void answer_request(struct side *s, struct bytes request)
{
    struct harness *h = s->h;
    h->requests++;
    if (h->heard_size + request.size <= sizeof h->heard) {
        memcpy(h->heard + h->heard_size, request.data, request.size);
        h->heard_size += request.size;
    }
    if (s->twin->addressed && !s->twin->addressed(&h->meter, request))
        return;
    if (h->mischief == MISCHIEF_RESTART && next_mischief(h) == MISCHIEF_RESTART)
        memset(s->session, 0, s->twin->session_size);
    uint8_t *answer = malloc(ANSWER_MAX);
    struct writer w = writer_over(answer, ANSWER_MAX);
    s->twin->answer(&h->meter, s->session, request, h->wall + h->meter.clock_shift_s, &w);
    h->meter.answers++;
    send_answer(s, request, answer, writer_bytes(&w).size);
    free(answer);
}

static void take_requests(struct side *s)
{
    while (s->size) {
        struct frame_found f = s->twin->find(bytes_of(s->received, s->size), NULL);
        bool whole = f.state == FRAME_WHOLE || f.state == FRAME_PERHAPS;
        if (whole)
            answer_request(s, bytes_of(s->received + f.start, f.size));
        size_t gone = whole || f.state == FRAME_DAMAGED ? f.start + f.size : f.start;
        memmove(s->received, s->received + gone, s->size - gone);
        s->size -= gone;
        if (!whole && f.state != FRAME_DAMAGED)
            return;
    }
}

static void hear(struct peer *peer, struct bytes b)
{
    struct side *s = (struct side *)((char *)peer - offsetof(struct side, peer));
    size_t taken = b.size < sizeof s->received - s->size ? b.size : sizeof s->received - s->size;
    memcpy(s->received + s->size, b.data, taken);
    s->size += taken;
    take_requests(s);
}

/* --- what is emitted ---------------------------------------------------------------------------------------------- */

static struct harness *of_sink(struct sink *s)
{
    return (struct harness *)((char *)s - offsetof(struct harness, sink));
}

static void keep_reading(struct sink *s, const struct reading *r)
{
    struct harness *h = of_sink(s);
    if (h->readings_count < (int)(sizeof h->readings / sizeof *h->readings))
        h->readings[h->readings_count++] = *r;
}

static void keep_event(struct sink *s, const struct event *e)
{
    struct harness *h = of_sink(s);
    if (h->events_count < (int)(sizeof h->events / sizeof *h->events))
        h->events[h->events_count++] = *e;
}

static void keep_state(struct sink *s, const struct state *state)
{
    struct harness *h = of_sink(s);
    if (h->states_count < (int)(sizeof h->states / sizeof *h->states))
        h->states[h->states_count++] = *state;
}

static void keep_fact(struct sink *s, enum fact_kind kind, const char *utf8)
{
    snprintf(of_sink(s)->facts[kind], sizeof of_sink(s)->facts[kind], "%s", utf8);
}

const struct reading *harness_reading(const struct harness *h, enum archive archive, struct obis obis, int64_t wall)
{
    const struct reading *found = NULL;
    for (int i = 0; i < h->readings_count; i++) {
        const struct reading *r = &h->readings[i];
        if (r->archive != archive || r->wall != wall || !obis_equal(r->obis, obis))
            continue;
        if (found)
            return NULL;
        found = r;
    }
    return found;
}

/* --- the driver's side -------------------------------------------------------------------------------------------- */

struct harness *harness_new(const char *name, const char *parameters, uint32_t serial, uint32_t address, int64_t wall)
{
    struct harness *h = calloc(1, sizeof *h);
    h->name = name;
    h->parameters = parameters;
    h->serial = serial;
    h->address = address;
    h->wall = wall;
    h->sink = (struct sink){ keep_reading, keep_event, keep_state, keep_fact };
    return h;
}

struct play {
    struct harness *h;
    struct pipe *pipe;
    void (*dialogue)(struct harness *, struct conversation *);
    bool ended;
    char problem[600];
};

static void run_play(void *argument)
{
    struct play *p = argument;
    struct harness *h = p->h;
    char problem[256];
    struct text t = text_over(problem, sizeof problem);
    void *settings = calloc(1, h->driver->settings_size + 1);
    if (!parameters_read(h->driver, h->parameters, LANG_EN, settings, &t))
        printf("# parameters: %s\n", problem);
    struct bus *bus = bus_new(task_loop(task_self()), p->pipe, NULL);
    struct timing timing = h->driver->timing;
    timing.answer_ms = 250;
    timing.byte_gap_ms = 60;
    struct conversation *c = conversation_new(&(struct conversation_options){
        .bus = bus, .priority = BUS_POLL, .timing = timing, .settings = settings, .state_size = h->driver->state_size });
    p->dialogue(h, c);
    h->fault = conversation_fault(c);
    h->figures = *conversation_figures(c);
    conversation_free(&c);
    if (p->ended) { /* a recording: what it says of itself dies with it */
        const char *went = pipe_transcript_problem(p->pipe);
        snprintf(p->problem, sizeof p->problem, "%s", went ? went : pipe_transcript_ended(p->pipe) ? "" : "not all of it was played");
    }
    bus_free(&bus);
    free(settings);
}

static void play(struct play *p)
{
    struct loop *l = loop_new();
    loop_spawn(l, run_play, p);
    loop_run(l);
    loop_free(&l);
    coroutine_trim();
}

void harness_play(struct harness *h, void (*dialogue)(struct harness *, struct conversation *))
{
    const struct twin *twin = twin_find(h->name);
    h->driver = driver_find(h->name);
    h->meter = (struct sim_meter){ .twin = twin, .serial = h->serial, .address = h->address, .options = h->options,
                                   .state = calloc(1, twin->meter_size + 1) };
    if (twin->born)
        twin->born(&h->meter);
    struct side s = { .h = h, .twin = twin, .peer = { .hear = hear }, .session = calloc(1, twin->session_size + 1) };
    struct play p = { .h = h, .pipe = peer_pipe(&s.peer), .dialogue = dialogue };
    play(&p);
    peer_end(&s.peer);
    free(s.session);
    free(h->meter.state);
    h->meter.state = NULL;
}

bool harness_replay(struct harness *h, const char *path, void (*dialogue)(struct harness *, struct conversation *), const char **problem)
{
    static char told[700];
    char script[16384] = "";
    FILE *f = fopen(path, "r");
    size_t size = f ? fread(script, 1, sizeof script - 1, f) : 0;
    script[size] = '\0';
    if (f)
        fclose(f);
    h->driver = driver_find(h->name);
    struct play p = { .h = h, .pipe = pipe_transcript_new(script), .dialogue = dialogue, .ended = true };
    play(&p);
    snprintf(told, sizeof told, "%s: %s", path, size ? p.problem : "cannot be read");
    *problem = told;
    return size && !*p.problem;
}
