/* A TCP port that others connect to. Opened on any thread, so that whoever turns it on learns at once why it cannot be; served by
 * one task of one loop. */
#pragma once
#include "base/text.h"
#include "link/loop.h"

struct listener {
    int fd;        /* -1: none */
    uint16_t port; /* as it was given, or chosen for port 0 */
    struct watch watch;
};

/* Listens on the address ("" for every one of this machine, both families) and port; 0 is any free one. False with the reason in
 * `why`. */
bool listener_open(struct listener *l, const char *address, uint16_t port, struct text *why);

/* From a task: the next connection as a non-blocking socket of the caller's, ready for pipe_socket_new; -1 when the task was
 * cancelled. Trouble of a single connection, or no descriptors left for a while, is waited out. */
int listener_accept(struct listener *l);

/* Stops listening; from the task that accepted, if one did. */
void listener_close(struct listener *l);
