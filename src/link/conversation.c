/* Conversations; see conversation.h. */
#include "link/conversation.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    RECEIVE_START = 512,
    RECEIVE_MAX = 70 * 1024, /* the largest wrapper APDU with its header, and some noise before it */
    LINE_WAIT_MS = 15 * 60 * 1000,
};

struct conversation {
    struct conversation_options o;
    struct bus_turn turn;
    struct pipe *pipe;
    int holds;
    uint8_t *received;
    size_t size, room, used; /* `used` bytes belong to the frame returned last */
    enum fault fault;
    const char *step;
    char detail[128];
    struct conversation_figures figures;
    struct arena arena, scratch;
    void *state;
};

struct conversation *conversation_new(const struct conversation_options *options)
{
    struct conversation *c = memory_new(sizeof *c + options->state_size);
    c->o = *options;
    c->step = "";
    c->state = c + 1;
    c->pipe = bus_pipe(options->bus);
    c->turn.user = options->user;
    return c;
}

void conversation_free(struct conversation **c)
{
    struct conversation *dead = *c;
    *c = NULL;
    if (!dead)
        return;
    dead->holds = 0;
    conversation_release(dead);
    arena_free(&dead->arena);
    arena_free(&dead->scratch);
    free(dead->received);
    free(dead);
}

void conversation_release(struct conversation *c)
{
    if (c->turn.holding && c->holds == 0)
        bus_give(c->o.bus, &c->turn);
}

enum fault conversation_fault(const struct conversation *c)
{
    return c->fault;
}

const char *conversation_detail(const struct conversation *c)
{
    return c->detail;
}

void conversation_fail(struct conversation *c, enum fault f, const char *detail, ...)
{
    if (c->fault != FAULT_NONE)
        return;
    c->fault = f;
    va_list arguments;
    va_start(arguments, detail);
    vsnprintf(c->detail, sizeof c->detail, detail, arguments);
    va_end(arguments);
}

enum fault conversation_forgive(struct conversation *c)
{
    enum fault f = c->fault;
    bool small = f == FAULT_NOT_SUPPORTED || f == FAULT_NO_DATA || f == FAULT_ACCESS || f == FAULT_REFUSED ||
                 f == FAULT_METER_ERROR || f == FAULT_CLOCK_LIMIT;
    if (small)
        conversation_reset(c);
    return f;
}

void conversation_reset(struct conversation *c)
{
    if (c->fault == FAULT_CANCELLED)
        return;
    c->fault = FAULT_NONE;
    c->detail[0] = '\0';
}

enum lang conversation_lang(const struct conversation *c)
{
    return c->o.lang;
}

void conversation_step(struct conversation *c, const char *step)
{
    c->step = step;
}

const char *conversation_step_now(const struct conversation *c)
{
    return c->step;
}

bool conversation_on_line(const struct conversation *c)
{
    return c->pipe->timed;
}

const void *conversation_settings(const struct conversation *c)
{
    return c->o.settings;
}

void *conversation_state(struct conversation *c)
{
    return c->state;
}

struct arena *conversation_arena(struct conversation *c)
{
    return &c->arena;
}

struct counters *conversation_counters(const struct conversation *c)
{
    return c->o.counters;
}

void *conversation_memo(const struct conversation *c)
{
    return c->o.memo;
}

struct arena *conversation_scratch(struct conversation *c)
{
    return &c->scratch;
}

const struct conversation_figures *conversation_figures(const struct conversation *c)
{
    return &c->figures;
}

void conversation_pause(struct conversation *c, uint32_t ms)
{
    if (c->fault == FAULT_NONE)
        task_sleep((int64_t)ms * 1000);
}

void conversation_hold(struct conversation *c)
{
    c->holds++;
}

void conversation_unhold(struct conversation *c)
{
    assert(c->holds > 0);
    c->holds--;
}

void conversation_shape(struct conversation *c, struct line line)
{
    c->o.line = line;
}

void conversation_hang_up(struct conversation *c)
{
    if (c->turn.holding)
        bus_close(c->o.bus);
    c->size = c->used = 0;
}

static void trace(struct conversation *c, enum direction direction, struct bytes b, const char *note)
{
    if (c->o.trace)
        c->o.trace->frame(c->o.trace, direction, b, note);
}

void conversation_note(struct conversation *c, const char *format, ...)
{
    if (!c->o.trace)
        return;
    char note[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(note, sizeof note, format, arguments);
    va_end(arguments);
    trace(c, DIRECTION_NOTE, bytes_of(NULL, 0), note);
}

static int64_t now_us(void)
{
    return loop_now_us(task_loop(task_self()));
}

/* --- patience ---------------------------------------------------------------------------------------------------- */

static uint32_t longest_answer_ms(const struct conversation *c, const struct question *q)
{
    if (q->answer_ms)
        return q->answer_ms;
    return c->o.timing.answer_ms ? c->o.timing.answer_ms : c->pipe->timed ? ANSWER_ON_LINE_MS : ANSWER_ON_NETWORK_MS;
}

/* How long to wait for the first byte at the given attempt: learned like a TCP retransmission timer (RFC 6298), doubled
 * at each repeat, never beyond what the family allows. */
static int64_t answer_us(const struct conversation *c, const struct question *q, int attempt)
{
    /* A network loses nothing by itself: a repeated question there costs more than a little patience. */
    enum { ANSWERS_TO_TRUST = 3, LINE_MARGIN_US = 60000, NETWORK_MARGIN_US = 3000000 };
    int64_t longest = (int64_t)longest_answer_ms(c, q) * 1000;
    const struct patience *p = c->o.patience;
    if (!p || p->answers < ANSWERS_TO_TRUST || q->answer_ms)
        return longest;
    int64_t learned = ((int64_t)p->smoothed_us + 4 * (int64_t)p->deviation_us + (c->pipe->timed ? LINE_MARGIN_US : NETWORK_MARGIN_US)) << attempt;
    return learned < longest ? learned : longest;
}

static void learn(struct conversation *c, int64_t turnaround_us)
{
    struct patience *p = c->o.patience;
    if (!p)
        return;
    uint32_t seen = turnaround_us < 0 ? 0 : (uint32_t)turnaround_us;
    if (p->answers++ == 0) {
        p->smoothed_us = seen;
        p->deviation_us = seen / 2;
        return;
    }
    uint32_t off = seen > p->smoothed_us ? seen - p->smoothed_us : p->smoothed_us - seen;
    p->deviation_us += (off >> 2) - (p->deviation_us >> 2);
    p->smoothed_us += (seen >> 3) - (p->smoothed_us >> 3);
}

static int64_t byte_gap_us(const struct conversation *c)
{
    uint32_t ms = c->o.timing.byte_gap_ms ? c->o.timing.byte_gap_ms : c->pipe->timed ? 150 : 3000;
    return (int64_t)ms * 1000;
}

/* --- silence between frames -------------------------------------------------------------------------------------- */

/* The silence that this family needs to tell frames apart, and its transceivers to turn round. */
static int64_t frame_gap_us(const struct conversation *c)
{
    enum { BITS = 40, LEAST_MS = 2 };
    const struct timing *t = &c->o.timing;
    int64_t baud = c->pipe->line.baud ? c->pipe->line.baud : 9600, gap = (t->frame_gap ? t->frame_gap : BITS) * 1000000 / baud;
    int64_t least = (int64_t)(t->gap_ms ? t->gap_ms : LEAST_MS) * 1000;
    return gap > least ? gap : least;
}

static void silence_begins(struct conversation *c)
{
    *bus_silence(c->o.bus) = (struct bus_silence){ now_us(), c->pipe->timed ? frame_gap_us(c) : 0, false };
}

/* Who was heard last may need a longer silence than who talks next. */
static void keep_frame_gap(struct conversation *c)
{
    if (!c->pipe->timed)
        return;
    const struct bus_silence *s = bus_silence(c->o.bus);
    int64_t own = frame_gap_us(c), free_at = s->since_us + (own > s->needed_us ? own : s->needed_us);
    task_sleep_until(free_at); /* from the last byte on: what we did since counts */
}

/* --- the receive buffer ------------------------------------------------------------------------------------------ */

static void drop_received(struct conversation *c, size_t count)
{
    if (count == 0)
        return;
    memmove(c->received, c->received + count, c->size - count);
    c->size -= count;
}

/* Reads more into the buffer: bytes, 0 at the deadline, -1 when the link broke or the buffer may grow no more. */
static long receive_more(struct conversation *c, int64_t deadline_us)
{
    if (c->size == c->room) {
        size_t room = c->room ? c->room * 2 : RECEIVE_START;
        if (room > RECEIVE_MAX)
            room = RECEIVE_MAX;
        if (room == c->room) {
            conversation_fail(c, FAULT_LIMIT, "%zu", c->room);
            return -1;
        }
        c->received = memory_grow(c->received, c->room, room);
        c->room = room;
    }
    long count = bus_receive(c->o.bus, c->received + c->size, c->room - c->size, deadline_us);
    if (count > 0) {
        c->size += (size_t)count;
        c->figures.received += (uint32_t)count;
        silence_begins(c);
    }
    return count;
}

/* Nobody asks before that moment: what comes until then answers nothing that will be asked. */
static void let_pass_until(struct conversation *c, int64_t until_us)
{
    enum { LATE_MOST_US = 3000000 };
    int64_t left = until_us - now_us();
    if (left > 0)
        *bus_silence(c->o.bus) = (struct bus_silence){ now_us(), left < LATE_MOST_US ? left : LATE_MOST_US, true };
}

/* The answer to a question that was cancelled would be heard by who talks next. A network link that nobody else waits for is
 * closed under it; otherwise the next one lets it pass. */
static void abandon(struct conversation *c, int64_t deadline_us)
{
    if (!c->pipe->timed && bus_waiting(c->o.bus) == 0)
        bus_close(c->o.bus);
    else
        let_pass_until(c, deadline_us);
}

static void let_pass(struct conversation *c)
{
    struct bus_silence *s = bus_silence(c->o.bus);
    if (s->late)
        task_sleep_until(s->since_us + s->needed_us);
    s->late = false;
}

/* What came between the exchanges belongs to nobody: noted, dropped. */
static void drop_stale(struct conversation *c)
{
    let_pass(c);
    drop_received(c, c->used);
    c->used = 0;
    while (receive_more(c, 0) > 0)
        ;
    if (c->size)
        trace(c, DIRECTION_RECEIVED, bytes_of(c->received, c->size), "unasked");
    c->size = 0;
}

/* --- one attempt ------------------------------------------------------------------------------------------------- */

static bool take_line(struct conversation *c)
{
    enum fault fault;
    char why[160];
    struct text t = text_over(why, sizeof why);
    int64_t deadline = now_us() + (int64_t)LINE_WAIT_MS * 1000;
    if (c->turn.holding)
        fault = c->holds ? FAULT_NONE : bus_yield(c->o.bus, &c->turn, deadline);
    else
        fault = bus_take(c->o.bus, &c->turn, c->o.priority, deadline, &t);
    if (fault != FAULT_NONE) {
        conversation_fail(c, fault, "%s", why);
        trace(c, DIRECTION_NOTE, bytes_of(NULL, 0), c->detail);
        return false;
    }
    struct line line = c->o.own_line || bus_may_shape(c->o.bus) ? c->o.line : bus_line(c->o.bus);
    if (line.baud)
        pipe_shape(c->pipe, line);
    return true;
}

static bool send_request(struct conversation *c, struct bytes request)
{
    if (request.size == 0)
        return true;
    keep_frame_gap(c);
    enum fault fault = bus_send(c->o.bus, request, now_us() + 30000000);
    if (fault != FAULT_NONE) {
        conversation_fail(c, fault, "%s", "");
        bus_close(c->o.bus);
        return false;
    }
    c->figures.sent += (uint32_t)request.size;
    trace(c, DIRECTION_SENT, request, "");
    return true;
}

static enum verdict judge(const struct question *q, struct bytes frame)
{
    return q->judge ? q->judge(q->context, frame) : VERDICT_MINE;
}

static const struct {
    enum fault fault;
    const char *note;
} verdicts[] = {
    [VERDICT_FOREIGN] = { FAULT_FOREIGN, "another meter's" },
    [VERDICT_STALE] = { FAULT_STALE, "answers an earlier request" },
    [VERDICT_NONSENSE] = { FAULT_NONSENSE, "no answer to this request" },
};

/* What an attempt saw besides the answer it wanted. */
struct sighting {
    enum fault fault;
    bool heard;   /* anything at all came */
    bool perhaps; /* what is there may be the answer, unless more follows */
    bool silent;  /* nothing followed */
};

/* Looks through the buffer for the wanted frame. True when found: then `*ret` is it. Otherwise *ret_need says how many
 * bytes must come before looking again makes sense. */
static bool find_answer(struct conversation *c, const struct question *q, struct sighting *seen, struct bytes *ret, size_t *ret_need)
{
    while (c->size) {
        struct frame_found found = q->find(bytes_of(c->received, c->size), q->context);
        seen->perhaps = found.state == FRAME_PERHAPS;
        if (seen->perhaps && !seen->silent) {
            *ret_need = 1;
            return false;
        }
        if (seen->perhaps)
            found.state = FRAME_WHOLE;
        if (found.start > 0)
            drop_received(c, found.start);
        if (found.state == FRAME_PARTIAL) {
            *ret_need = found.size > c->size ? found.size - c->size : 1;
            return false;
        }
        struct bytes frame = bytes_of(c->received, found.size);
        enum verdict v = found.state == FRAME_WHOLE ? judge(q, frame) : VERDICT_NONSENSE;
        if (found.state == FRAME_WHOLE && v == VERDICT_MINE) {
            trace(c, DIRECTION_RECEIVED, frame, "");
            c->used = found.size;
            *ret = frame;
            return true;
        }
        seen->fault = found.state == FRAME_DAMAGED ? FAULT_DAMAGED : verdicts[v].fault;
        c->figures.damaged += found.state == FRAME_DAMAGED;
        trace(c, DIRECTION_RECEIVED, frame, found.state == FRAME_DAMAGED ? "damaged" : verdicts[v].note);
        drop_received(c, found.size ? found.size : 1);
    }
    seen->perhaps = false;
    *ret_need = 1;
    return false;
}

static void note_leftover(struct conversation *c, struct sighting *seen)
{
    if (c->size == 0)
        return;
    seen->fault = FAULT_DAMAGED;
    c->figures.damaged++;
    trace(c, DIRECTION_RECEIVED, bytes_of(c->received, c->size), "incomplete");
    c->size = 0;
}

/* Until when to wait for more: shorter once there is something that more bytes would only make longer. A frame that is
 * the beginning of another by its checksum is one in 65,536, so the pause need not be the longest a network makes. */
static int64_t patience_us(const struct conversation *c, const struct sighting *seen, int64_t deadline_us)
{
    enum { PERHAPS_US = 300000 };
    if (!seen->perhaps)
        return deadline_us;
    int64_t gap = byte_gap_us(c) < PERHAPS_US ? byte_gap_us(c) : PERHAPS_US;
    return deadline_us < now_us() + gap ? deadline_us : now_us() + gap;
}

/* Waits for the answer until `deadline_us`; once something comes, for as long as bytes keep coming. */
static struct bytes await(struct conversation *c, const struct question *q, int64_t deadline_us, struct sighting *seen)
{
    struct bytes answer = { 0 };
    size_t need = 1;
    while (!find_answer(c, q, seen, &answer, &need)) {
        long count = receive_more(c, patience_us(c, seen, deadline_us));
        seen->silent = count == 0 && seen->perhaps && !task_cancelled();
        if (seen->silent)
            continue;
        if (count < 0 && c->fault == FAULT_NONE) {
            conversation_fail(c, FAULT_LINK_LOST, "%s", "");
            bus_close(c->o.bus);
        }
        if (count <= 0)
            break;
        seen->heard = true;
        /* A first byte within the time proves a meter at work: now only a pause between bytes ends the wait. */
        int64_t until = now_us() + byte_gap_us(c) + pipe_wire_us(c->pipe, need);
        if (until > deadline_us || seen->fault == FAULT_DAMAGED)
            deadline_us = until;
    }
    if (answer.size == 0)
        note_leftover(c, seen);
    if (task_cancelled())
        conversation_fail(c, FAULT_CANCELLED, "%s", "");
    if (answer.size == 0 && task_cancelled())
        abandon(c, deadline_us);
    return answer;
}

static void count_attempt(struct conversation *c, int64_t took_us, bool answered)
{
    struct bus_figures *f = bus_figures(c->o.bus);
    c->figures.exchanges++;
    f->exchanges++;
    if (answered) {
        f->talking_us += took_us;
        return;
    }
    c->figures.timeouts++;
    f->timeouts++;
    f->silent_us += took_us;
}

/* A question that was repeated into silence may be answered once more for each time it was put. Where answers say nothing of
 * what they answer, the second would pass for the answer to the next question: another register's value. If the first time
 * was answered, the last one will be after the same while, and a little. */
static void expect_twin(struct conversation *c, int64_t first_sent_us, int64_t last_sent_us)
{
    int64_t took = now_us() - first_sent_us;
    if (!c->o.timing.numbered)
        let_pass_until(c, last_sent_us + took + took / 4);
}

struct bytes conversation_ask(struct conversation *c, const struct question *q)
{
    int tries = q->tries ? q->tries : c->o.timing.tries ? c->o.timing.tries : 3;
    struct sighting seen = { 0 };
    int64_t first_sent = 0; /* of those that met silence */
    for (int attempt = 0; attempt < tries && c->fault == FAULT_NONE; attempt++) {
        if (!take_line(c))
            break;
        drop_stale(c);
        int64_t begun = now_us();
        if (!send_request(c, q->request))
            break;
        int64_t sent = now_us() + pipe_wire_us(c->pipe, q->request.size);
        seen = (struct sighting){ 0 };
        struct bytes answer = await(c, q, sent + answer_us(c, q, attempt), &seen);
        count_attempt(c, now_us() - begun, answer.size > 0);
        if (answer.size) {
            if (attempt == 0) /* a repeated question says nothing about which of the two was answered (Karn) */
                learn(c, now_us() - sent - pipe_wire_us(c->pipe, answer.size));
            if (first_sent)
                expect_twin(c, first_sent, sent);
            return answer;
        }
        if (!seen.heard && !first_sent)
            first_sent = sent;
        c->figures.retries += attempt + 1 < tries;
        bus_figures(c->o.bus)->retries += attempt + 1 < tries;
    }
    conversation_fail(c, seen.fault ? seen.fault : FAULT_NO_ANSWER, "%s", c->step);
    return bytes_of(NULL, 0);
}

void conversation_reach(struct conversation *c)
{
    if (c->fault == FAULT_NONE)
        take_line(c);
}

void conversation_tell(struct conversation *c, struct bytes request)
{
    if (c->fault != FAULT_NONE || !take_line(c))
        return;
    drop_stale(c);
    if (send_request(c, request) && c->pipe->timed)
        task_sleep(pipe_wire_us(c->pipe, request.size));
    silence_begins(c);
}

struct bytes conversation_listen(struct conversation *c, const struct question *q, uint32_t wait_ms)
{
    struct sighting seen = { 0 };
    if (c->fault != FAULT_NONE || !take_line(c))
        return bytes_of(NULL, 0);
    drop_received(c, c->used);
    c->used = 0;
    return await(c, q, now_us() + (int64_t)wait_ms * 1000, &seen);
}
