/* Frames of the push over a pipe: the same at both ends. One task hears, any task of the loop tells; what is told goes out in order by
 * a task of the link's own. Pings keep the way through NAT open and find a dead one. */
#pragma once
#include "link/pipe.h"
#include "wire/push.h"

#include <jansson.h>

enum {
    PUSH_PING_S = 20,          /* after so long a silence of ours */
    PUSH_DEAD_S = 65,          /* after so long a silence of the other side */
    PUSH_SEND_S = 60,          /* a frame is taken within this time */
    PUSH_QUEUE_MAX = 4 << 20,  /* bytes that wait to go out */
};

struct push_link;

/* Over an open pipe, from the task that will hear; owns the pipe. NULL when no stack can be had (the pipe is freed). */
struct push_link *push_link_new(struct pipe *pipe);

/* Ends its task and frees it with the pipe; what waits is sent first if that goes at once. From the task that heard. */
void push_link_free(struct push_link **l);

/* Puts a frame behind those that wait. False when it cannot go any more. */
bool push_link_tell(struct push_link *l, enum push_kind kind, struct bytes body);

/* The next frame, whose body lives until the next call; pings are answered within. `most`: the largest body that is accepted. False
 * at the deadline, when the other side is silent or gone or says what is no frame (push_link_over; the task may be cancelled by it), or
 * the task was cancelled. */
bool push_link_hear(struct push_link *l, size_t most, int64_t deadline_us, struct push_frame *ret);

/* A control frame's body as an object, and one to tell (which is given up); aside of the task's stack. NULL for what is none. */
json_t *push_link_json(struct bytes body);
bool push_link_tell_json(struct push_link *l, enum push_kind kind, json_t *object);

/* Members of such an object; "" and 0 for what is not there. */
const char *push_text(const json_t *object, const char *key);
int64_t push_int(const json_t *object, const char *key);

/* True when nothing will come any more. */
bool push_link_over(const struct push_link *l);

/* Why: a stable word; "" while it is not over. */
const char *push_link_why(const struct push_link *l);

/* Bytes that wait to go out, and all that went and came. */
size_t push_link_waiting(const struct push_link *l);
void push_link_counts(const struct push_link *l, int64_t *ret_sent, int64_t *ret_received);

/* Sends what waits and then ends; nothing more is heard. From the loop. */
void push_link_expel(struct push_link *l);

/* Ends the hearing and the telling at once: the task that hears is cancelled (it may task_renew). From any task of the loop. */
void push_link_break(struct push_link *l);
