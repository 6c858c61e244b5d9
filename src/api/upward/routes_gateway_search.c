/* Gateways that answer in the networks of this machine (box/beacon.h; manual S4, «Поиск»): «Найти в сети» of the page «Шлюзы». */
#include "api/call.h"
#include "api/routes.h"
#include "box/beacon.h"
#include "store/upward/gateways.h"
#include "upstream/service.h"

#include <net/if.h>
#include <stdatomic.h>
#include <stdio.h>

#define V1 "/api/v1"

enum { WAIT_S = 3, WAIT_MOST_S = 10 };

SHAPE(shape_search, "GatewaySearch",
      { .name = "interface", .kind = FIELD_TEXT, .most = IF_NAMESIZE - 1, .help = { { "только в сети этого интерфейса; пусто — на всех", "in the network of this interface only; empty: on all of them" } } },
      { .name = "seconds", .kind = FIELD_INT, .least = 1, .most = WAIT_MOST_S, .help = { { "сколько ждать ответов, обычно 3", "how long to wait for answers, usually 3" } } });
SHAPE(shape_found, "GatewayFound", { .name = "serial", .kind = FIELD_TEXT }, { .name = "type", .kind = FIELD_TEXT }, { .name = "version", .kind = FIELD_TEXT },
      { .name = "url", .kind = FIELD_TEXT, .help = { { "адрес страниц шлюза, каким он виден отсюда", "address of the gateway's pages as it is seen from here" } } },
      { .name = "addresses", .kind = FIELD_TEXT, .help = { { "все адреса шлюза с длиной префикса, через пробел", "all its addresses with their prefixes, blanks between" } } },
      { .name = "gateway", .kind = FIELD_INT, .help = { { "номер шлюза этого проекта с тем же серийным номером; 0: такого нет", "the gateway of this project with the same serial number; 0: none" } } });

struct catch {
    struct beacon_found found[BEACON_FOUND];
    size_t count;
};

static void keep(void *context, const struct beacon_found *f)
{
    struct catch *k = context;
    if (k->count < BEACON_FOUND)
        k->found[k->count++] = *f;
}

struct acquaintance {
    const char *serial;
    int64_t gateway;
};

static bool compare(void *context, const struct store_gateway *g)
{
    struct acquaintance *a = context;
    if (*g->serial && strcmp(g->serial, a->serial) == 0)
        a->gateway = g->id;
    return a->gateway == 0;
}

static void put_found(struct call *c, const struct beacon_found *f)
{
    struct acquaintance known = { .serial = f->serial };
    char url[BEACON_URL];
    store_gateways(c->api->store, c->caller.project, compare, &known); /* a store that fails knows nobody: he can be added, and is refused there */
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "serial", f->serial);
    json_put_text(&c->out, "type", f->type);
    json_put_text(&c->out, "version", f->version);
    json_put_text(&c->out, "url", beacon_url(f, url));
    json_put_text(&c->out, "addresses", f->addresses);
    json_put_int(&c->out, "gateway", known.gateway);
    json_put_end(&c->out);
}

/* One search at a time: each holds a worker for its seconds and loads the networks. */
static atomic_flag searching = ATOMIC_FLAG_INIT;

static bool search(struct call *c, struct catch *k)
{
    static const struct phrase unsent = { { "спросить не удалось: такой сети нет", "nothing could be asked: there is no such network" } };
    const char *interface = call_text(c->body, "interface", "");
    int wait_ms = (int)call_int(c->body, "seconds", WAIT_S) * 1000;
    if (atomic_flag_test_and_set(&searching))
        return call_refuse(c, REFUSE_HELD);
    bool asked = beacon_find(*interface ? interface : NULL, wait_ms, keep, k);
    atomic_flag_clear(&searching);
    return asked || call_wrong_field(c, "interface", phrase_in(&unsent, c->lang));
}

static void search_gateways(struct call *c)
{
    struct catch *k = arena_take(c->arena, sizeof *k);
    k->count = 0;
    if (c->api->face != FACE_HEAD_END) {
        call_refuse(c, REFUSE_NOT_FOUND);
        return;
    }
    if (!search(c, k))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    for (size_t i = 0; i < k->count; i++)
        put_found(c, &k->found[i]);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)k->count);
    json_put_end(&c->out);
}

static const struct route rows[] = {
    { "POST", V1 "/gateway-search", MAY_WRITE_CHANNEL_SETTINGS, ROUTE_LIST | ROUTE_SLOW, NULL, &shape_search, &shape_found, NULL, 0, search_gateways, { { "найти шлюзы в сетях этой машины", "find gateways in the networks of this machine" } } },
};

ROUTE_TABLE(rows);
