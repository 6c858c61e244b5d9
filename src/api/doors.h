/* The servers by which requests come in: the one that listens itself, and a gateway's behind its СКЗИ port. Either may be missing and may
 * change while the program runs; who opens them is hes/door.h. */
#pragma once
#include "http/server.h"

#include <pthread.h>

struct doors {
    pthread_mutex_t lock;
    struct server *plain, *fronted; /* guarded */
};

/* Of all of them together. */
void doors_figures(struct doors *d, struct server_figures *ret);

/* Of the one that listens itself; 0: none does. */
unsigned doors_port(struct doors *d);
