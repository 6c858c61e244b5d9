/* Frames over a pipe; see link.h. */
#include "upstream/push/link.h"
#include "base/arena.h"

#include <stdlib.h>

#define SECOND_US INT64_C(1000000)

enum { FAREWELL_US = 200000 };

struct outgoing {
    struct outgoing *next;
    size_t size;
    uint8_t bytes[];
};

struct push_link {
    struct pipe *pipe;
    struct loop *loop;
    struct task *listener, *teller;
    bool teller_over, ending;
    const char *why; /* it is over; NULL: it is not */
    struct outgoing *first, **last;
    size_t waiting;
    uint8_t *heard;
    size_t size, room, used; /* `used`: of the frame that was given last */
    int64_t heard_us, told_us, sent, received;
};

static void is_over(struct push_link *l, const char *why)
{
    l->why = l->why ? l->why : why;
}

/* --- telling ---------------------------------------------------------------------------------------------------------------- */

static void send_one(struct push_link *l)
{
    struct outgoing *o = l->first;
    l->first = o->next;
    l->last = l->first ? l->last : &l->first;
    if (pipe_send(l->pipe, bytes_of(o->bytes, o->size), loop_now_us(l->loop) + PUSH_SEND_S * SECOND_US) != FAULT_NONE)
        is_over(l, "lost");
    l->waiting -= o->size;
    l->sent += (int64_t)o->size;
    l->told_us = loop_now_us(l->loop);
    free(o);
}

static void tell(void *argument)
{
    struct push_link *l = argument;
    while (!l->why && !task_cancelled()) {
        if (l->first)
            send_one(l);
        else if (l->ending)
            break;
        else
            task_park(LOOP_NEVER);
    }
    l->teller_over = true;
    if (l->why && !l->ending)
        task_cancel(l->listener);
    else
        task_wake(l->listener);
}

bool push_link_tell(struct push_link *l, enum push_kind kind, struct bytes body)
{
    if (l->why || l->ending || l->waiting + body.size + PUSH_HEAD > PUSH_QUEUE_MAX || body.size > PUSH_BODY_MAX) {
        if (!l->ending)
            is_over(l, "stalled");
        return false;
    }
    struct outgoing *o = memory_resize(NULL, sizeof *o + PUSH_HEAD + body.size);
    o->next = NULL;
    o->size = PUSH_HEAD + body.size;
    struct writer w = writer_over(o->bytes, o->size);
    put_push_head(&w, kind, body.size);
    put_bytes(&w, body);
    *l->last = o;
    l->last = &o->next;
    l->waiting += o->size;
    if (!l->teller_over)
        task_wake(l->teller);
    return true;
}

struct json_work {
    struct bytes body;
    json_t *object;
    char *text;
};

static void read_json(void *argument)
{
    struct json_work *w = argument;
    w->object = json_loadb((const char *)w->body.data, w->body.size, JSON_REJECT_DUPLICATES, NULL);
    if (w->object && !json_is_object(w->object)) {
        json_decref(w->object);
        w->object = NULL;
    }
}

static void write_json(void *argument)
{
    struct json_work *w = argument;
    w->text = json_dumps(w->object, JSON_COMPACT);
    json_decref(w->object);
}

/* Who is no task has a stack that is large enough. */
static void aside(void (*call)(void *), void *argument)
{
    if (task_self())
        task_aside(call, argument);
    else
        call(argument);
}

json_t *push_link_json(struct bytes body)
{
    struct json_work w = { .body = body };
    aside(read_json, &w);
    return w.object;
}

bool push_link_tell_json(struct push_link *l, enum push_kind kind, json_t *object)
{
    struct json_work w = { .object = object };
    aside(write_json, &w);
    bool told = w.text && push_link_tell(l, kind, bytes_of_text(w.text));
    free(w.text);
    return told;
}

const char *push_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

int64_t push_int(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

/* --- hearing ------------------------------------------------------------------------------------------------------------------ */

static void make_room(struct push_link *l, size_t most)
{
    size_t room = most + PUSH_HEAD;
    if (l->used) {
        l->size -= l->used;
        memmove(l->heard, l->heard + l->used, l->size);
        l->used = 0;
    }
    if (l->room < room) {
        l->heard = memory_resize(l->heard, room);
        l->room = room;
    }
}

/* Whether a whole frame is there; one that is ours is answered and passed over. */
static bool find(struct push_link *l, size_t most, struct push_frame *ret)
{
    for (;;) {
        enum push_found found = push_find(bytes_of(l->heard + l->used, l->size - l->used), most, ret);
        if (found == PUSH_WRONG)
            is_over(l, "nonsense");
        if (found != PUSH_WHOLE)
            return false;
        l->used += PUSH_HEAD + ret->body.size;
        if (ret->kind == PUSH_PING)
            push_link_tell(l, PUSH_PONG, ret->body);
        else if (ret->kind != PUSH_PONG)
            return true;
    }
}

/* Waits for bytes until the deadline, pinging meanwhile. */
static void receive(struct push_link *l, int64_t deadline_us)
{
    int64_t now = loop_now_us(l->loop), ping = l->told_us + PUSH_PING_S * SECOND_US, dead = l->heard_us + PUSH_DEAD_S * SECOND_US;
    if (now >= dead)
        is_over(l, "silent");
    if (now >= ping && !l->why) {
        push_link_tell(l, PUSH_PING, bytes_of_text(""));
        l->told_us = now;
        ping = now + PUSH_PING_S * SECOND_US;
    }
    if (l->why)
        return;
    int64_t until = deadline_us < ping ? deadline_us : ping;
    long got = pipe_receive(l->pipe, l->heard + l->size, l->room - l->size, until < dead ? until : dead);
    if (got < 0)
        is_over(l, "closed");
    if (got <= 0)
        return;
    l->size += (size_t)got;
    l->received += got;
    l->heard_us = loop_now_us(l->loop);
}

bool push_link_hear(struct push_link *l, size_t most, int64_t deadline_us, struct push_frame *ret)
{
    make_room(l, most);
    while (!l->why && !task_cancelled()) {
        if (find(l, most, ret))
            return true;
        if (l->why || loop_now_us(l->loop) >= deadline_us)
            return false;
        make_room(l, most);
        receive(l, deadline_us);
    }
    return false;
}

/* --- its life ------------------------------------------------------------------------------------------------------------------- */

struct push_link *push_link_new(struct pipe *pipe)
{
    struct push_link *l = memory_new(sizeof *l);
    l->pipe = pipe;
    l->listener = task_self();
    l->loop = task_loop(l->listener);
    l->last = &l->first;
    l->heard_us = l->told_us = loop_now_us(l->loop);
    l->teller = loop_spawn(l->loop, tell, l);
    if (l->teller)
        return l;
    pipe_free(&l->pipe);
    free(l);
    return NULL;
}

static void drop_waiting(struct push_link *l)
{
    while (l->first) {
        struct outgoing *next = l->first->next;
        free(l->first);
        l->first = next;
    }
}

void push_link_free(struct push_link **link)
{
    struct push_link *l = *link;
    *link = NULL;
    if (!l)
        return;
    l->ending = true;
    if (!l->teller_over)
        task_wake(l->teller);
    int64_t until = loop_now_us(l->loop) + FAREWELL_US;
    while (!l->teller_over && loop_now_us(l->loop) < until)
        task_park_firmly(until);
    if (!l->teller_over)
        task_cancel(l->teller);
    while (!l->teller_over)
        task_park_firmly(LOOP_NEVER);
    drop_waiting(l);
    pipe_free(&l->pipe);
    free(l->heard);
    free(l);
}

bool push_link_over(const struct push_link *l)
{
    return l->why != NULL;
}

const char *push_link_why(const struct push_link *l)
{
    return l->why ? l->why : "";
}

size_t push_link_waiting(const struct push_link *l)
{
    return l->waiting;
}

void push_link_counts(const struct push_link *l, int64_t *ret_sent, int64_t *ret_received)
{
    *ret_sent = l->sent;
    *ret_received = l->received;
}

void push_link_expel(struct push_link *l)
{
    l->ending = true;
    task_cancel(l->listener);
}

void push_link_break(struct push_link *l)
{
    is_over(l, "broken");
    task_cancel(l->listener);
    if (!l->teller_over)
        task_wake(l->teller);
}
