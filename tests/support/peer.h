/* A pipe whose other end is a function. What is sent is heard at once, and what comes back is there at once; when there is
 * nothing, nothing will come however long one waits, so nobody waits: no test's outcome depends on how fast the machine is. */
#pragma once
#include "link/pipe.h"

struct peer {
    /* Hears the bytes of one sending, on a stack with room (task_aside); answers by peer_say. */
    void (*hear)(struct peer *, struct bytes);
    bool split; /* what comes back comes byte by byte */

    /* kept */
    uint8_t *said;
    size_t at, size, room;
    bool closed;
};

void peer_say(struct peer *p, struct bytes b);

/* The peer must outlive the pipe. */
struct pipe *peer_pipe(struct peer *p);

/* Frees what was said; the pipe is gone. */
void peer_end(struct peer *p);
