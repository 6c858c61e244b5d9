/* The doors; see doors.h. */
#include "api/doors.h"

void doors_figures(struct doors *d, struct server_figures *ret)
{
    *ret = (struct server_figures){ 0 };
    pthread_mutex_lock(&d->lock);
    struct server *all[] = { d->plain, d->fronted };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct server_figures one;
        if (!all[i])
            continue;
        server_figures(all[i], &one);
        ret->requests += one.requests;
        ret->refused += one.refused;
        ret->errors += one.errors;
        ret->connections += one.connections;
        ret->waiting += one.waiting;
    }
    pthread_mutex_unlock(&d->lock);
}

unsigned doors_port(struct doors *d)
{
    pthread_mutex_lock(&d->lock);
    unsigned port = d->plain ? server_port(d->plain) : 0;
    pthread_mutex_unlock(&d->lock);
    return port;
}
