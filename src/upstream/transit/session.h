/* One client of a transit port, from its connection to its end. Its sockets live on the thread that owns the line. */
#pragma once
#include "collect/collector.h"
#include "link/tls.h"
#include "upstream/transit/interfaces.h"

#include <stdatomic.h>

/* How it ended. */
enum transit_end { TRANSIT_LEFT, TRANSIT_STOPPED, TRANSIT_SILENT, TRANSIT_HELD, TRANSIT_STALLED, TRANSIT_LINE, TRANSIT_NO_TLS, TRANSIT_SLOW_TLS, TRANSIT_ENDS };

struct transit_session;

/* What is known of it; final once it is over. */
struct transit_session_view {
    char client[LINE_NAME_MAX];        /* "10.0.0.5:4000" */
    bool listens;
    int64_t begun_ms, ended_ms;        /* UTC; ended 0: not yet */
    int64_t held_ms;                   /* the line was its own, all stays together */
    int64_t sent, received, lost;      /* bytes to the line, to the client, and copies that a slow listener missed */
    enum transit_end why;
    char detail[96];
};

/* Who has connected. */
struct transit_caller {
    int socket;
    const char *name;                    /* "10.0.0.5:4000" */
    const struct tls_identity *identity; /* TLS is spoken with him; outlives the session. NULL: plainly */
    bool listens;
};

/* Takes the connected socket over: closed at the end whatever happens. NULL when the line cannot be had: the reason in *ret. `over`
 * is called on the line's thread when the session has ended; then any other may free it. */
struct transit_session *transit_session_new(struct collector *c, const struct interface *i, const struct transit_caller *caller,
                                            void (*over)(void *context), void *context, enum fault *ret);
bool transit_session_over(const struct transit_session *s);
void transit_session_look(const struct transit_session *s, struct transit_session_view *ret);

/* Asks it to end soon. */
void transit_session_stop(struct transit_session *s);

/* Waits for its end and frees it. */
void transit_session_end(struct transit_session **s, struct transit_session_view *ret);
