/* Gateways that are away are told to people; see gateways_watch. */
#include "upstream/push/gateways_inside.h"
#include "base/clock.h"
#include "base/log.h"
#include "people/notices.h"

#include <stdlib.h>

enum { LOOK_MS = 30000 };

/* What is to be told, gathered first: telling writes. */
struct turn {
    int64_t id, project, seen_ms;
    char *title;
    bool away, told; /* told: else it is only forgotten that it was */
};

struct watching {
    struct gateways *g;
    int64_t now_ms, away_ms;
    struct turn *turns;
    size_t count, room;
};

static void take_turn(struct watching *w, const struct store_gateway_contact *c, bool away, bool told)
{
    if (w->count == w->room) {
        w->room = w->room ? w->room * 2 : 16;
        w->turns = memory_resize(w->turns, w->room * sizeof *w->turns);
    }
    w->turns[w->count++] = (struct turn){ c->id, c->project, c->seen_ms, strdup(c->title), away, told };
}

/* For how long it has been out of contact while this head-end listened; -1: it is in contact. */
static int64_t away_for(struct watching *w, int64_t gateway)
{
    pthread_mutex_lock(&w->g->lock);
    const struct gateway_seen *s = gateways_seen_of(w->g, gateway);
    int64_t since = s->gone_ms > w->g->listens_ms ? s->gone_ms : w->g->listens_ms;
    int64_t result = s->view.connected ? -1 : w->now_ms - since;
    pthread_mutex_unlock(&w->g->lock);
    return result;
}

static bool look_at(void *context, const struct store_gateway_contact *c)
{
    struct watching *w = context;
    int64_t away = away_for(w, c->id);
    if (!c->awaited && c->away_ms)
        take_turn(w, c, false, false);
    else if (c->awaited && away < 0 && c->away_ms)
        take_turn(w, c, false, true);
    else if (c->awaited && c->seen_ms && !c->away_ms && w->away_ms && away >= w->away_ms)
        take_turn(w, c, true, true);
    return true;
}

static void tell(struct gateways *g, const struct turn *t, struct notices *n)
{
    if (store_gateway_away(g->house.store, t->id, t->away ? clock_utc_ms() : 0) != FAULT_NONE)
        return; /* it is told when that can be kept */
    log_line(t->away ? LOG_WARNING : LOG_INFO, t->away ? "gateway-away" : "gateway-back", "gateway=%lld", (long long)t->id);
    if (t->told)
        notices_gateway(n, t->project, t->title, t->away ? t->seen_ms : 0);
}

void gateways_watch(void *state, struct notices *n)
{
    struct gateways *g = state;
    struct gateways_door d;
    struct gateways_door_view v;
    int64_t now = clock_monotonic_ms();
    gateways_door_look(g, &v);
    if (!v.listening)
        g->listens_ms = 0;
    else if (!g->listens_ms)
        g->listens_ms = now;
    if (!v.listening || gateways_door_get(g->house.store, &d) != FAULT_NONE)
        return;
    struct watching w = { .g = g, .now_ms = now, .away_ms = (int64_t)d.away_s * 1000 };
    int64_t wait = w.away_ms < LOOK_MS ? 0 : LOOK_MS; /* a short time is looked at often */
    if (g->looked_ms && now - g->looked_ms < wait)
        return;
    g->looked_ms = now;
    store_gateway_contacts(g->house.store, look_at, &w);
    for (size_t i = 0; i < w.count; i++) {
        tell(g, &w.turns[i], n);
        free(w.turns[i].title);
    }
    free(w.turns);
}
