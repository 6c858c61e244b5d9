/* Gateways at the head-end: the door, who they are, their connections; see gateways.h. */
#include "upstream/push/gateways_inside.h"
#include "base/clock.h"
#include "base/log.h"
#include "link/coroutine.h"
#include "people/journal.h"
#include "store/box/form_json.h"

#include <arpa/inet.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define SECOND_US INT64_C(1000000)
enum { GREET_S = 15, SEEN_MS = 60000, BEAT_US = 500000, TRIES = 5, TRIES_WINDOW_MS = 60000, TRIES_WAIT_MS = 60000 };

static const char form_name[] = "gateways.door";

/* --- the door as a form --------------------------------------------------------------------------------------------------- */

enum fault gateways_door_get(struct store *s, struct gateways_door *ret)
{
    struct gateways_door d = { .port = PUSH_PORT };
    json_t *form = NULL;
    enum fault fault = store_form_read(s, form_name, &form, &d.revision);
    d.enabled = form_bool(form, "enabled", false);
    d.plain = form_bool(form, "plain", false);
    d.port = (int)form_int(form, "port", PUSH_PORT);
    d.away_s = (int)form_int(form, "away_s", GATEWAY_AWAY_USUAL_S);
    FORM_TAKE(d.host, form, "host");
    json_decref(form);
    if (fault == FAULT_NONE)
        *ret = d;
    return fault;
}

enum fault gateways_door_put(struct store *s, const struct gateways_door *d)
{
    json_t *form = json_pack("{s:b,s:b,s:i,s:s,s:i}", "enabled", d->enabled, "plain", d->plain, "port", d->port, "host", d->host, "away_s", d->away_s);
    return store_form_write(s, form_name, form, d->revision);
}

/* --- what others see --------------------------------------------------------------------------------------------------------- */

struct gateway_seen *gateways_seen_of(struct gateways *g, int64_t gateway)
{
    for (size_t i = 0; i < g->seen_count; i++)
        if (g->seen[i].gateway == gateway)
            return &g->seen[i];
    if (g->seen_count == g->seen_room) {
        size_t room = g->seen_room ? g->seen_room * 2 : 64;
        g->seen = memory_grow(g->seen, g->seen_room * sizeof *g->seen, room * sizeof *g->seen);
        g->seen_room = room;
    }
    g->seen[g->seen_count] = (struct gateway_seen){ .gateway = gateway };
    return &g->seen[g->seen_count++];
}

struct gateway_view *gateways_seen(struct gateways *g, int64_t gateway)
{
    return &gateways_seen_of(g, gateway)->view;
}

struct guest *gateways_guest(struct gateways *g, int64_t gateway)
{
    struct guest *t = g->guests;
    while (t && !(t->known && t->row.id == gateway && !push_link_over(t->link)))
        t = t->next;
    return t;
}

static void show_refused(struct guest *t, int64_t gateway, const char *why)
{
    struct gateways *g = t->house;
    pthread_mutex_lock(&g->lock);
    g->view.refused++;
    if (gateway > 0) {
        struct gateway_view *v = gateways_seen(g, gateway);
        snprintf(v->trouble, sizeof v->trouble, "%s", why);
        v->trouble_ms = clock_utc_ms();
    }
    pthread_mutex_unlock(&g->lock);
}

/* --- who is it ------------------------------------------------------------------------------------------------------------------ */

struct knock {
    struct guest *guest;
    int64_t gateway;
    const char *refusal; /* "": come in */
    const char *secret;
};

static void find_gateway(void *argument)
{
    struct knock *k = argument;
    struct guest *t = k->guest;
    enum fault f = store_gateway_get(t->house->house.store, k->gateway, &t->arena, &t->row);
    const char *secret = f == FAULT_NONE && *t->row.key ? vault_unseal(t->house->house.vault, t->row.key, &t->arena) : NULL;
    k->secret = secret ? secret : "";
    k->refusal = f == FAULT_NO_DATA ? "unknown" : f != FAULT_NONE ? "store" : !t->row.enabled || !*k->secret ? "revoked" : "";
}

static void note_refusal(void *argument)
{
    struct knock *k = argument;
    char after[200];
    snprintf(after, sizeof after, "{\"address\":\"%.64s\",\"reason\":\"%s\",\"gateway\":%lld}", k->guest->address, k->refusal, (long long)k->gateway);
    journal_note(k->guest->house->house.store, NOTE_GATEWAY_REFUSED, NULL, k->guest->row.title ? k->guest->row.title : k->guest->address, NULL, after);
}

static bool refuse(struct guest *t, int64_t gateway, const char *why, int64_t wait_ms)
{
    struct gateways *g = t->house;
    struct knock k = { t, gateway, why, "" };
    push_link_tell_json(t->link, PUSH_REFUSAL, json_pack("{s:s,s:I}", "reason", why, "wait_s", (json_int_t)(wait_ms + 999) / 1000));
    show_refused(t, gateway, why);
    if (wait_ms == 0 && throttle_failed(g->throttle, t->address, clock_monotonic_ms()) == 0)
        task_aside(note_refusal, &k);
    log_line(LOG_WARNING, "gateway-refused", "address=%s gateway=%lld reason=%s", t->address, (long long)gateway, why);
    return false;
}

static json_t *hear_json(struct guest *t, uint8_t kind)
{
    struct push_frame f;
    int64_t deadline = loop_now_us(t->house->loop) + GREET_S * SECOND_US;
    return push_link_hear(t->link, PUSH_BODY_STRANGER, deadline, &f) && f.kind == kind ? push_link_json(f.body) : NULL;
}

static bool speaks_ours(const json_t *hello)
{
    const json_t *versions = json_object_get(hello, "versions");
    for (size_t i = 0; i < json_array_size(versions); i++)
        if (json_integer_value(json_array_get(versions, i)) == PUSH_VERSION)
            return true;
    return false;
}

static bool prove(struct guest *t, const struct knock *k, const char *theirs)
{
    char nonce[SECRET_TEXT_MAX], proof[PUSH_PROOF_TEXT];
    secret_new(nonce);
    push_proof(k->secret, "head-end", k->gateway, theirs, nonce, proof);
    push_link_tell_json(t->link, PUSH_CHALLENGE, json_pack("{s:i,s:s,s:s}", "version", PUSH_VERSION, "nonce", nonce, "proof", proof));
    json_t *answer = hear_json(t, PUSH_PROOF);
    push_proof(k->secret, "gateway", k->gateway, theirs, nonce, proof);
    bool fits = answer && push_proof_fits(push_text(answer, "proof"), proof);
    bool said = answer != NULL;
    json_decref(answer);
    return fits || (said && refuse(t, k->gateway, "proof", 0));
}

static bool greet(struct guest *t)
{
    struct gateways *g = t->house;
    int64_t wait_ms = throttle_wait(g->throttle, t->address, clock_monotonic_ms());
    if (wait_ms)
        return refuse(t, 0, "wait", wait_ms);
    json_t *hello = hear_json(t, PUSH_HELLO);
    if (!hello)
        return false;
    struct knock k = { .guest = t, .gateway = push_int(hello, "gateway") };
    const char *nonce = arena_text(&t->arena, bytes_of_text(push_text(hello, "nonce")));
    const char *program = arena_text(&t->arena, bytes_part(bytes_of_text(push_text(hello, "program")), 0, 40));
    const char *serial = arena_text(&t->arena, bytes_part(bytes_of_text(push_text(hello, "serial")), 0, 40));
    bool ours = speaks_ours(hello);
    json_decref(hello);
    if (!ours || strlen(nonce) != SECRET_TEXT_MAX - 1)
        return refuse(t, k.gateway, "version", 0);
    task_aside(find_gateway, &k);
    if (*k.refusal)
        return refuse(t, k.gateway, k.refusal, 0);
    if (!prove(t, &k, nonce))
        return false;
    t->row.version = utf8_valid(bytes_of_text(program)) ? program : "";
    t->row.serial = utf8_valid(bytes_of_text(serial)) ? serial : "";
    t->row.address = t->address;
    throttle_clear(g->throttle, t->address);
    return true;
}

/* --- a gateway that came in -------------------------------------------------------------------------------------------------------- */

static void write_seen(void *argument)
{
    struct guest *t = argument;
    pthread_mutex_lock(&t->house->lock);
    t->row.behind = gateways_seen(t->house, t->row.id)->behind;
    pthread_mutex_unlock(&t->house->lock);
    t->row.seen_ms = clock_utc_ms();
    if (store_gateway_seen(t->house->house.store, &t->row) != FAULT_NONE)
        log_line(LOG_ERROR, "gateway-seen", "gateway=%lld", (long long)t->row.id);
    t->seen_ms = clock_monotonic_ms();
}

/* The channel of its meters, made when they first come. */
static void make_channel(struct guest *t)
{
    struct store *s = t->house->house.store;
    char uri[40];
    struct store_link k;
    struct store_gateway now;
    struct arena a = { 0 };
    if (t->row.link && store_link_get(s, t->row.link, &a, &k) == FAULT_NONE) {
        arena_free(&a);
        return;
    }
    snprintf(uri, sizeof uri, "gateway:%lld", (long long)t->row.id);
    k = (struct store_link){ .title = t->row.title, .uri = uri, .project = t->row.project };
    if (store_link_put(s, &k, &t->row.link) == FAULT_NONE && store_gateway_get(s, t->row.id, &a, &now) == FAULT_NONE) {
        now.link = t->row.link;
        store_gateway_put(s, &now, NULL);
    }
    arena_free(&a);
}

static void settle_in(void *argument)
{
    struct guest *t = argument;
    make_channel(t);
    guest_meters_load(t);
    write_seen(t);
}

static void show_connected(struct guest *t, bool connected)
{
    struct gateways *g = t->house;
    pthread_mutex_lock(&g->lock);
    struct gateway_view *v = gateways_seen(g, t->row.id);
    if (connected)
        *v = (struct gateway_view){ .since_ms = clock_utc_ms() };
    v->connected = connected || gateways_guest(g, t->row.id);
    if (!v->connected)
        gateways_seen_of(g, t->row.id)->gone_ms = clock_monotonic_ms();
    snprintf(v->address, sizeof v->address, "%s", t->address);
    g->view.connected += connected ? 1 : -1;
    pthread_mutex_unlock(&g->lock);
}

/* Of two with one key the later stays: the former may be a connection that died unseen. */
static void replace_former(struct guest *t)
{
    for (struct guest *old = gateways_guest(t->house, t->row.id); old; old = gateways_guest(t->house, t->row.id)) {
        push_link_tell_json(old->link, PUSH_REFUSAL, json_pack("{s:s}", "reason", "replaced"));
        push_link_break(old->link);
    }
}

static void apply_page(void *argument)
{
    void **both = argument;
    guest_meters_take(both[0], both[1]);
}

static void take_json(struct guest *t, const struct push_frame *f)
{
    uint8_t kind = f->kind; /* the frame is gone after the next hearing */
    json_t *body = push_link_json(f->body);
    if (!body)
        return;
    if (kind == PUSH_METERS)
        task_aside(apply_page, (void *[]){ t, body });
    else if (kind == PUSH_RESULT) {
        guest_data_settle(t, 0); /* what it brought is there when its result is */
        desk_result(t, body);
    } else if (kind == PUSH_OPENED)
        guest_channel_opened(t, body);
    json_decref(body);
}

static bool take_frame(struct guest *t, const struct push_frame *f)
{
    switch (f->kind) {
    case PUSH_DATA: return guest_data_take(t, f->body);
    case PUSH_BYTES:
    case PUSH_ROOM:
    case PUSH_END: guest_channel_take(t, f); return true;
    default: take_json(t, f); return true;
    }
}

static void serve(struct guest *t)
{
    struct gateways *g = t->house;
    struct push_frame f;
    t->known = true;
    show_connected(t, true);
    task_aside(settle_in, t);
    push_link_tell_json(t->link, PUSH_WELCOME, json_pack("{s:s,s:s,s:s,s:I}", "head_end", g->identity, "title", "Svod", "table", t->row.table_mark,
                                                         "time", (json_int_t)clock_utc_ms()));
    log_line(LOG_INFO, "gateway-connected", "gateway=%lld address=%s version=%s", (long long)t->row.id, t->address, t->row.version);
    desk_flush(t, true);
    while (push_link_hear(t->link, PUSH_BODY_MAX, LOOP_NEVER, &f)) {
        if (!take_frame(t, &f)) {
            refuse(t, t->row.id, "nonsense", 0);
            break;
        }
        if (clock_monotonic_ms() - t->seen_ms >= SEEN_MS)
            task_aside(write_seen, t);
    }
    log_line(LOG_INFO, "gateway-gone", "gateway=%lld reason=%s", (long long)t->row.id, push_link_why(t->link));
    t->known = false;
    if (!gateways_guest(g, t->row.id)) /* else its later connection has them */
        desk_lost(t);
    guest_channels_close(t);
    guest_data_settle(t, 0);
    show_connected(t, false);
    task_aside(write_seen, t);
}

static void guest_body(void *argument)
{
    struct guest *t = argument;
    struct gateways *g = t->house;
    if (pipe_open(t->pipe, loop_now_us(g->loop) + GREET_S * SECOND_US, NULL) == FAULT_NONE) {
        t->link = push_link_new(t->pipe);
        t->pipe = NULL;
    }
    if (t->link && greet(t)) {
        replace_former(t);
        serve(t);
    }
    push_link_free(&t->link);
    pipe_free(&t->pipe);
    guest_meters_free(t);
    arena_wipe(&t->arena);
    *t->back = t->next;
    if (t->next)
        t->next->back = t->back;
    g->guest_count--;
    if (g->keeper)
        task_wake(g->keeper);
    free(t);
}

/* --- the door ------------------------------------------------------------------------------------------------------------------------ */

static void name_peer(int fd, char address[GUEST_ADDRESS_MAX])
{
    struct sockaddr_storage from;
    socklen_t size = sizeof from;
    const void *bytes = &((struct sockaddr_in *)&from)->sin_addr;
    *address = '\0';
    if (getpeername(fd, (struct sockaddr *)&from, &size) != 0)
        return;
    const struct in6_addr *six = &((struct sockaddr_in6 *)&from)->sin6_addr;
    bool mapped = from.ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(six);
    if (from.ss_family == AF_INET6)
        bytes = mapped ? (const void *)(six->s6_addr + 12) : six;
    inet_ntop(mapped ? AF_INET : from.ss_family, bytes, address, GUEST_ADDRESS_MAX);
}

static bool has_room(const struct gateways *g, const char *address)
{
    size_t strangers = 0, same = 0;
    for (const struct guest *t = g->guests; t; t = t->next) {
        strangers += !t->known;
        same += !t->known && strcmp(t->address, address) == 0;
    }
    return g->guest_count < GUESTS_MAX && strangers < STRANGERS_MAX && same < STRANGERS_OF_ADDRESS;
}

static void let_in(struct gateways *g, int fd)
{
    struct guest *t = memory_new(sizeof *t);
    t->house = g;
    t->last = &t->first;
    t->row = (struct store_gateway){ .title = "", .note = "", .key = "", .address = "", .version = "", .serial = "", .table_mark = "" };
    t->pipe = pipe_socket_new(fd);
    name_peer(fd, t->address);
    if (g->tls)
        t->pipe = pipe_tls_new(t->pipe, g->tls);
    t->task = has_room(g, t->address) ? loop_spawn(g->loop, guest_body, t) : NULL;
    if (!t->task) {
        pipe_free(&t->pipe);
        free(t);
        return;
    }
    t->next = g->guests;
    t->back = &g->guests;
    if (t->next)
        t->next->back = &t->next;
    g->guests = t;
    g->guest_count++;
}

static void door_body(void *argument)
{
    struct gateways *g = argument;
    for (int fd; (fd = listener_accept(&g->listener)) >= 0;)
        let_in(g, fd);
    listener_close(&g->listener);
    g->door = NULL;
    task_wake(g->keeper);
}

static void open_door(void *argument)
{
    static const struct phrase none = { { "нет сертификата", "there is no certificate" } };
    struct gateways *g = argument;
    struct gateways_door d = { 0 };
    struct gateways_door_view v = { 0 };
    struct text why = text_over(v.trouble, sizeof v.trouble);
    const struct upstream_house *h = &g->house;
    bool wanted = gateways_door_get(h->store, &d) == FAULT_NONE && d.enabled;
    if (wanted && !d.plain) {
        g->tls = h->certificate && h->key ? tls_identity_new(h->certificate, h->key, &why) : NULL;
        if (g->tls)
            tls_pin_of(h->certificate, v.pin);
        else if (!why.size)
            text_put(&why, phrase_in(&none, h->lang));
    }
    if (wanted && (d.plain || g->tls))
        v.listening = listener_open(&g->listener, "", (uint16_t)d.port, &why);
    v.port = v.listening ? g->listener.port : d.port;
    pthread_mutex_lock(&g->lock);
    v.connected = g->view.connected;
    v.refused = g->view.refused;
    g->view = v;
    pthread_mutex_unlock(&g->lock);
    if (v.listening)
        log_line(LOG_INFO, "gateways-listen", "port=%d tls=%d", v.port, !d.plain);
    else if (wanted)
        log_line(LOG_ERROR, "gateways-cannot-listen", "reason=\"%s\"", v.trouble);
}

/* Guests of the former door stay until it is closed: with another certificate they have to come again. */
static void close_door(struct gateways *g)
{
    if (g->door)
        task_cancel(g->door);
    for (struct guest *t = g->guests; t; t = t->next)
        task_cancel(t->task);
    while (g->door || g->guests)
        task_park_firmly(LOOP_NEVER);
    tls_identity_free(&g->tls);
}

static void declare(void *argument)
{
    gateways_expect(argument);
}

/* Opens the door and opens it anew when its settings change; looks after what must not wait for ever. */
static void keep(void *argument)
{
    struct gateways *g = argument;
    g->reopen = true;
    while (!g->ending) {
        if (g->reopen) {
            g->reopen = false;
            close_door(g);
            task_aside(open_door, g);
            g->door = g->view.listening ? loop_spawn(g->loop, door_body, g) : NULL;
        }
        if (clock_utc_ms() / 3600000 != g->expected_hour) {
            g->expected_hour = clock_utc_ms() / 3600000;
            task_aside(declare, g);
        }
        desk_beat(g);
        task_park(loop_now_us(g->loop) + BEAT_US);
    }
    close_door(g);
    gateways_wishes(g); /* nobody is there to open one */
    g->keeper = NULL;
}

/* --- its life -------------------------------------------------------------------------------------------------------------------------- */

static void *run(void *argument)
{
    struct gateways *g = argument;
    loop_run(g->loop);
    coroutine_trim();
    return NULL;
}

static void wake_keeper(void *argument)
{
    struct gateways *g = argument;
    g->reopen = true;
    if (g->keeper)
        task_wake(g->keeper);
}

static void end(void *argument)
{
    struct gateways *g = argument;
    g->ending = true;
    task_wake(g->keeper);
}

/* By which gateways know this database: what one has acknowledged another has not. */
static bool read_identity(struct gateways *g)
{
    static const char key[] = "push.identity";
    struct arena a = { 0 };
    const char *kept = NULL;
    uint8_t random[16];
    struct text t = text_over(g->identity, sizeof g->identity);
    bool good = store_setting_get(g->house.store, key, &a, &kept) == FAULT_NONE;
    if (good && kept)
        text_put(&t, kept);
    RAND_bytes(random, sizeof random);
    for (size_t i = 0; good && !kept && i < sizeof random; i++)
        text_printf(&t, "%02x", random[i]);
    if (good && !kept)
        good = store_setting_put(g->house.store, key, g->identity) == FAULT_NONE;
    arena_free(&a);
    return good;
}

void gateways_let_go(struct gateways *g)
{
    if (atomic_fetch_sub(&g->holders, 1) != 1)
        return;
    pthread_mutex_destroy(&g->lock);
    free(g->seen);
    free(g);
}

/* Ways that the collector has not given back yet find it closed. */
static void drop(struct gateways *g)
{
    writer_free(&g->writer);
    throttle_free(&g->throttle);
    loop_free(&g->loop);
    gateways_let_go(g);
}

static void *start(const struct upstream_house *house)
{
    struct gateways *g = memory_new(sizeof *g);
    g->house = *house;
    g->hand = (struct far_hand){ desk_ask, desk_drop, gateways_pipe };
    atomic_store(&g->holders, 1);
    pthread_mutex_init(&g->lock, NULL);
    g->loop = loop_new();
    g->writer = writer_new(house->store, 0, 0);
    g->throttle = throttle_new(&(struct throttle_rule){ TRIES, TRIES_WINDOW_MS, TRIES_WAIT_MS });
    g->keeper = read_identity(g) ? loop_spawn(g->loop, keep, g) : NULL;
    if (!g->keeper || pthread_create(&g->thread, NULL, run, g) != 0) {
        log_line(LOG_ERROR, "no-thread", "what=gateways");
        g->ending = true;
        if (g->keeper)
            loop_run(g->loop);
        drop(g);
        return NULL;
    }
    collector_reach(service_collector(house->collection), &g->hand);
    return g;
}

static void stop(void *state)
{
    struct gateways *g = state;
    desk_close(g);
    collector_reach(service_collector(g->house.collection), NULL);
    loop_post(g->loop, end, g);
    pthread_join(g->thread, NULL);
    drop(g);
}

static void changed(void *state)
{
    struct gateways *g = state;
    loop_post(g->loop, wake_keeper, g);
}

/* --- for pages ------------------------------------------------------------------------------------------------------------------------------ */

void gateways_door_look(void *state, struct gateways_door_view *ret)
{
    struct gateways *g = state;
    pthread_mutex_lock(&g->lock);
    *ret = g->view;
    pthread_mutex_unlock(&g->lock);
}

bool gateways_look(void *state, int64_t gateway, struct gateway_view *ret)
{
    struct gateways *g = state;
    pthread_mutex_lock(&g->lock);
    *ret = *gateways_seen(g, gateway);
    for (struct far_errand *e = g->errands; e; e = desk_next(e))
        ret->orders += desk_gateway(e) == gateway;
    pthread_mutex_unlock(&g->lock);
    return ret->connected;
}

struct message {
    struct gateways *house;
    int64_t gateway;
    enum push_kind kind;
};

static void deliver(void *argument)
{
    struct message *m = argument;
    struct guest *t = gateways_guest(m->house, m->gateway);
    if (t && m->kind == PUSH_AGAIN) {
        guest_meters_recall(t);
        push_link_tell(t->link, PUSH_AGAIN, bytes_of_text(""));
    } else if (t) {
        push_link_tell(t->link, PUSH_REFUSAL, bytes_of_text("{\"reason\":\"revoked\"}"));
        push_link_expel(t->link);
    }
    free(m);
}

static void send_message(struct gateways *g, int64_t gateway, enum push_kind kind)
{
    struct message *m = memory_new(sizeof *m);
    *m = (struct message){ g, gateway, kind };
    loop_post(g->loop, deliver, m);
}

void gateways_expel(void *state, int64_t gateway)
{
    send_message(state, gateway, PUSH_REFUSAL);
}

bool gateways_again(void *state, int64_t gateway)
{
    struct gateway_view v;
    bool connected = gateways_look(state, gateway, &v);
    if (connected)
        send_message(state, gateway, PUSH_AGAIN);
    return connected;
}

enum fault gateways_code(void *state, const struct store_gateway *row, char code[PUSH_CODE_MAX])
{
    struct gateways *g = state;
    struct gateways_door d;
    struct gateways_door_view v;
    struct store_gateway next = *row;
    struct push_code c = { .gateway = row->id };
    struct arena a = { 0 };
    struct text t = text_over(code, PUSH_CODE_MAX);
    enum fault f = gateways_door_get(g->house.store, &d);
    gateways_door_look(state, &v);
    if (f == FAULT_NONE && !*d.host)
        f = FAULT_SETTING;
    secret_new(c.secret);
    if (f == FAULT_NONE) {
        next.key = vault_seal(g->house.vault, c.secret, &a);
        next.enabled = true;
        f = store_gateway_put(g->house.store, &next, NULL);
    }
    snprintf(c.host, sizeof c.host, "%s", d.host);
    snprintf(c.pin, sizeof c.pin, "%s", d.plain ? "" : v.pin);
    c.port = v.listening ? v.port : d.port;
    if (f == FAULT_NONE)
        push_code_write(&c, &t);
    explicit_bzero(&c, sizeof c);
    arena_wipe(&a);
    return f;
}

UPSTREAM_SERVICE(gateways) = {
    .name = "gateways",
    .title = { { "Шлюзы", "Gateways" } },
    .faces = FACE_HEAD_END,
    .start = start,
    .stop = stop,
    .changed = changed,
};
