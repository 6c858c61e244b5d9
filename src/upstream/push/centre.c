/* The push of the gateway: its thread, the connection and how it is made; see centre.h. */
#include "upstream/push/centre_inside.h"
#include "base/clock.h"
#include "base/log.h"
#include "link/coroutine.h"
#include "link/tls.h"
#include "people/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SECOND_US INT64_C(1000000)
enum { DIAL_S = 15, GREET_S = 20, BACK_OFF_S = 1, BACK_OFF_MOST_S = 60, LOOK_US = 200000 };

/* --- the view ------------------------------------------------------------------------------------------------------------------- */

static void show_state(struct centre *c, enum centre_state state)
{
    pthread_mutex_lock(&c->lock);
    if (c->view.state != state)
        c->view.since_ms = clock_utc_ms();
    c->view.state = state;
    if (state == CENTRE_CONNECTED || state == CENTRE_OFF)
        *c->view.trouble = '\0';
    c->view.next_ms = 0;
    pthread_mutex_unlock(&c->lock);
}

static void show_trouble(struct centre *c, const char *trouble)
{
    pthread_mutex_lock(&c->lock);
    bool same = strcmp(c->view.trouble, trouble) == 0;
    snprintf(c->view.trouble, sizeof c->view.trouble, "%s", trouble);
    pthread_mutex_unlock(&c->lock);
    if (!same)
        log_line(LOG_WARNING, "push-trouble", "reason=\"%s\"", trouble);
}

/* What the other side or the link said, in words. */
static void put_reason(struct centre *c, const char *reason, int64_t wait_s)
{
    static const struct { const char *name; struct phrase text; } words[] = {
        { "unknown", { { "центр не знает такого шлюза: проверьте код подключения", "the head-end knows no such gateway: check the connection code" } } },
        { "revoked", { { "центр отозвал код подключения этого шлюза", "the head-end has revoked this gateway's code" } } },
        { "proof", { { "ключ не подходит: код подключения выдан другой или устарел", "the key does not fit: another or an older connection code" } } },
        { "version", { { "версия протокола центра другая: обновите шлюз или центр", "the head-end speaks another version: update the gateway or the head-end" } } },
        { "wait", { { "слишком много неудачных попыток: центр просит подождать", "too many failed tries: the head-end asks to wait" } } },
        { "busy", { { "центр занят: слишком много подключений", "the head-end is busy: too many connections" } } },
        { "stranger", { { "ответил не тот центр: он не знает ключа этого шлюза", "this is not the head-end: it does not know this gateway's key" } } },
        { "replaced", { { "с этим кодом подключился другой шлюз", "another gateway has connected with this code" } } },
        { "store", { { "центр не может записать данные", "the head-end cannot store" } } },
        { "closed", { { "центр закрыл соединение", "the head-end closed the connection" } } },
        { "lost", { { "соединение оборвалось", "the connection broke" } } },
        { "silent", { { "центр молчит", "the head-end is silent" } } },
        { "stalled", { { "центр не принимает данные", "the head-end takes nothing" } } },
        { "nonsense", { { "ответил не центр Свод: проверьте адрес, порт и шифрование", "what answers is no Svod head-end: check address, port and encryption" } } },
        { "setting", { { "не заданы адрес или код подключения", "address or connection code are not set" } } },
    };
    char text[CENTRE_TROUBLE_MAX];
    struct text t = text_over(text, sizeof text);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].name, reason) == 0)
            text_put(&t, phrase_in(&words[i].text, c->house.lang));
    if (!t.size)
        text_put(&t, reason);
    if (wait_s > 0)
        text_printf(&t, ", %lld %s", (long long)wait_s, c->house.lang == LANG_RU ? "с" : "s");
    show_trouble(c, text);
}

/* --- settings --------------------------------------------------------------------------------------------------------------------- */

static bool is_set(const struct centre_settings *s)
{
    return *s->code.host && s->code.port && s->code.gateway && *s->code.secret;
}

static void read_settings(void *argument)
{
    struct centre *c = argument;
    char said[CENTRE_TROUBLE_MAX];
    struct text why = text_over(said, sizeof said);
    tls_trust_free(&c->trust);
    arena_wipe(&c->arena);
    c->settings = (struct centre_settings){ .authority = "" };
    if (centre_settings_get(c->house.store, c->house.vault, &c->arena, &c->settings) != FAULT_NONE)
        log_line(LOG_ERROR, "push-settings", "trouble=\"cannot be read\"");
    if (c->settings.enabled && c->settings.security == CENTRE_TLS) {
        c->trust = tls_trust_new(c->settings.code.pin, c->settings.authority, c->settings.code.host, &why);
        if (!c->trust)
            show_trouble(c, said);
    }
    if (c->settings.enabled)
        centre_join(c);
    else
        store_feed_leave(c->house.store, "centre");
    c->joined = c->settings.enabled;
}

/* --- shaking hands ------------------------------------------------------------------------------------------------------------------ */

static json_t *hear_json(struct centre *c, uint8_t *ret_kind)
{
    struct push_frame f;
    int64_t deadline = loop_now_us(c->loop) + GREET_S * SECOND_US;
    if (!push_link_hear(c->link, PUSH_BODY_STRANGER, deadline, &f)) {
        put_reason(c, push_link_over(c->link) ? push_link_why(c->link) : "silent", 0);
        return NULL;
    }
    json_t *body = push_link_json(f.body);
    *ret_kind = f.kind;
    if (body && f.kind == PUSH_REFUSAL) {
        put_reason(c, push_text(body, "reason"), push_int(body, "wait_s"));
        json_decref(body);
        return NULL;
    }
    if (!body)
        put_reason(c, "nonsense", 0);
    return body;
}

static bool greet(struct centre *c)
{
    struct board_identity identity = { .serial = "" };
    if (c->house.board)
        board_identity(c->house.board, &identity);
    char nonce[SECRET_TEXT_MAX], ours[PUSH_PROOF_TEXT], theirs[PUSH_PROOF_TEXT];
    const struct push_code *code = &c->settings.code;
    uint8_t kind = 0;
    secret_new(nonce);
    push_link_tell_json(c->link, PUSH_HELLO, json_pack("{s:[i],s:I,s:s,s:s,s:s}", "versions", PUSH_VERSION, "gateway", (json_int_t)code->gateway, "nonce", nonce,
                                                       "program", c->house.version, "serial", identity.serial));
    json_t *challenge = hear_json(c, &kind);
    if (!challenge)
        return false;
    bool good = kind == PUSH_CHALLENGE && push_int(challenge, "version") == PUSH_VERSION;
    push_proof(code->secret, "head-end", code->gateway, nonce, push_text(challenge, "nonce"), theirs);
    if (good && !push_proof_fits(push_text(challenge, "proof"), theirs)) {
        put_reason(c, "stranger", 0);
        json_decref(challenge);
        return false;
    }
    push_proof(code->secret, "gateway", code->gateway, nonce, push_text(challenge, "nonce"), ours);
    json_decref(challenge);
    if (good)
        push_link_tell_json(c->link, PUSH_PROOF, json_pack("{s:s}", "proof", ours));
    else
        put_reason(c, "nonsense", 0);
    return good;
}

/* Another head-end's database than the one that acknowledged: it gets everything. So does one that has gaps. */
static void begin_place(struct centre *c, const char *head_end)
{
    bool other = strcmp(c->kept.head_end, head_end) != 0;
    if (other || c->lost > c->kept.lost) {
        c->kept.everything = true;
        c->kept.meter = 0;
        c->kept.archive = 0;
        c->kept.within = (struct centre_within){ 0 };
        c->kept.lost = c->lost;
    }
    snprintf(c->kept.head_end, sizeof c->kept.head_end, "%s", head_end);
    c->place = c->kept;
    c->flying_count = c->flying_bytes = 0;
    c->number = 0;
    c->table_flies = false;
    c->table_ms = c->mark_ms = c->contacts_ms = 0;
    c->table_revision = -1;
    c->contact_count = 0;
    c->fed_all = false;
    c->looked_ms = 0;
}

static bool welcome(struct centre *c)
{
    uint8_t kind = 0;
    json_t *w = hear_json(c, &kind);
    if (!w)
        return false;
    const char *head_end = push_text(w, "head_end");
    bool good = kind == PUSH_WELCOME && *head_end && strlen(head_end) < sizeof c->kept.head_end && !strpbrk(head_end, " \t\n");
    if (good) {
        begin_place(c, head_end);
        centre_table_taken(c->table, push_text(w, "table"));
        pthread_mutex_lock(&c->lock);
        snprintf(c->view.head_end, sizeof c->view.head_end, "%s", push_text(w, "title"));
        pthread_mutex_unlock(&c->lock);
    } else {
        put_reason(c, "nonsense", 0);
    }
    json_decref(w);
    return good;
}

/* --- the connection ------------------------------------------------------------------------------------------------------------------- */

struct coming {
    struct centre *centre;
    json_t *body;
};

static void take_order(void *argument)
{
    struct coming *k = argument;
    centre_orders_take(k->centre->orders, k->body);
}

static void take_json(struct centre *c, const struct push_frame *f)
{
    json_t *body = push_link_json(f->body);
    struct coming k = { c, body };
    if (!body)
        return;
    switch (f->kind) {
    case PUSH_METERS_TAKEN: centre_table_answered(c, body); break;
    case PUSH_ORDER: task_aside(take_order, &k); break;
    case PUSH_CANCEL: centre_orders_cancel(c->orders, push_text(body, "request")); break;
    case PUSH_OPEN: centre_transit_open(c, body); break;
    case PUSH_REFUSAL:
        put_reason(c, push_text(body, "reason"), 0);
        c->put_out = true;
        break;
    default: break;
    }
    json_decref(body);
}

/* Kinds that are not known are passed over: a newer head-end may say more. */
static void take_frame(struct centre *c, const struct push_frame *f)
{
    struct cursor body = cursor_over(f->body);
    switch (f->kind) {
    case PUSH_ACK: {
        uint64_t number = take_push_number(&body);
        if (!body.failed)
            centre_acknowledged(c, number);
        break;
    }
    case PUSH_AGAIN: atomic_store(&c->again, true); break;
    case PUSH_BYTES:
    case PUSH_ROOM:
    case PUSH_END: centre_transit_take(c, f); break;
    default: take_json(c, f);
    }
}

static void converse(struct centre *c)
{
    struct push_frame f;
    c->put_out = false;
    show_state(c, CENTRE_CONNECTED);
    log_line(LOG_INFO, "push-connected", "host=%s gateway=%lld", c->settings.code.host, (long long)c->settings.code.gateway);
    c->feeder_over = false;
    c->feeder = loop_spawn(c->loop, centre_feed, c);
    c->feeder_over = !c->feeder;
    while (!c->feeder_over && push_link_hear(c->link, PUSH_BODY_MAX, LOOP_NEVER, &f))
        take_frame(c, &f);
    if (!c->put_out && push_link_over(c->link) && strcmp(push_link_why(c->link), "broken") != 0)
        put_reason(c, push_link_why(c->link), 0);
    if (!c->feeder_over)
        task_cancel(c->feeder);
    while (!c->feeder_over)
        task_park_firmly(LOOP_NEVER);
    centre_transit_close_all(c);
}

static struct pipe *dial(struct centre *c)
{
    const struct push_code *code = &c->settings.code;
    char said[CENTRE_TROUBLE_MAX];
    struct text why = text_over(said, sizeof said);
    struct pipe *p = pipe_tcp_by_new(c->settings.interface, code->host, (uint16_t)code->port);
    if (c->settings.security == CENTRE_TLS)
        p = pipe_tls_call_new(p, c->trust);
    if (pipe_open(p, loop_now_us(c->loop) + DIAL_S * SECOND_US, &why) == FAULT_NONE)
        return p;
    if (!task_cancelled())
        put_reason(c, said, 0);
    pipe_free(&p);
    return NULL;
}

static void count_bytes(struct centre *c)
{
    int64_t sent, received;
    push_link_counts(c->link, &sent, &received);
    c->sent += sent;
    c->received += received;
}

/* One connection from dialling to its end. True when it stood. */
static bool connect_once(struct centre *c)
{
    show_state(c, CENTRE_CONNECTING);
    struct pipe *p = dial(c);
    c->link = p ? push_link_new(p) : NULL;
    if (!c->link)
        return false;
    bool stood = greet(c) && welcome(c);
    if (stood)
        converse(c);
    count_bytes(c);
    push_link_free(&c->link);
    centre_save(c, true);
    return stood;
}

/* --- the thread ------------------------------------------------------------------------------------------------------------------------- */

static void rest(struct centre *c, int64_t seconds)
{
    pthread_mutex_lock(&c->lock);
    c->view.next_ms = clock_utc_ms() + seconds * 1000;
    pthread_mutex_unlock(&c->lock);
    int64_t until = loop_now_us(c->loop) + seconds * SECOND_US;
    while (!atomic_load(&c->ending) && !atomic_load(&c->changed) && !atomic_load(&c->hurry) && loop_now_us(c->loop) < until)
        task_park(until);
}

static void run(void *argument)
{
    struct centre *c = argument;
    int64_t wait = BACK_OFF_S;
    while (!atomic_load(&c->ending)) {
        task_renew();
        if (atomic_exchange(&c->changed, false)) {
            task_aside(read_settings, c);
            wait = BACK_OFF_S;
        }
        atomic_store(&c->hurry, false);
        bool can = c->settings.enabled && is_set(&c->settings) && (c->trust || c->settings.security == CENTRE_PLAIN);
        if (!can) {
            show_state(c, c->settings.enabled ? CENTRE_WAITING : CENTRE_OFF);
            if (c->settings.enabled && !is_set(&c->settings))
                put_reason(c, "setting", 0);
            rest(c, BACK_OFF_MOST_S);
            continue;
        }
        bool stood = connect_once(c);
        task_renew();
        wait = stood && !c->put_out ? BACK_OFF_S : wait; /* two with one code do not throw each other out by the second */
        show_state(c, CENTRE_WAITING);
        if (!atomic_load(&c->ending) && !atomic_load(&c->changed))
            rest(c, wait);
        wait = wait * 2 > BACK_OFF_MOST_S ? BACK_OFF_MOST_S : wait * 2;
    }
    c->main_over = true;
}

static void *thread(void *argument)
{
    struct centre *c = argument;
    loop_run(c->loop);
    coroutine_trim();
    return NULL;
}

/* On the loop: whatever was asked from outside is looked at. */
static void look(void *argument)
{
    struct centre *c = argument;
    if (c->main_over)
        return;
    bool end = atomic_load(&c->ending) || atomic_load(&c->changed);
    if (end && c->link)
        push_link_break(c->link);
    else if (end)
        task_cancel(c->main);
    task_wake(c->main);
    if (c->link && c->feeder && !c->feeder_over)
        task_wake(c->feeder);
}

static void stirred(void *context)
{
    struct centre *c = context;
    loop_post(c->loop, look, c);
}

/* --- its life ------------------------------------------------------------------------------------------------------------------------------ */

static void drop(struct centre *c)
{
    centre_orders_free(&c->orders);
    centre_source_free(&c->source);
    centre_table_free(&c->table);
    tls_trust_free(&c->trust);
    arena_wipe(&c->arena);
    loop_free(&c->loop);
    pthread_mutex_destroy(&c->lock);
    free(c->contacts);
    free(c);
}

static void *start(const struct upstream_house *house)
{
    struct centre *c = memory_resize(NULL, sizeof *c);
    memset(c, 0, offsetof(struct centre, parcel)); /* the parcel's memory is touched when it is needed */
    c->house = *house;
    c->settings.authority = "";
    atomic_store(&c->changed, true);
    pthread_mutex_init(&c->lock, NULL);
    c->loop = loop_new();
    c->source = centre_source_new(house->store);
    c->table = centre_table_new(house->store);
    c->orders = centre_orders_new(house->store, house->tasks, stirred, c);
    c->main = loop_spawn(c->loop, run, c);
    if (c->main && pthread_create(&c->thread, NULL, thread, c) == 0)
        return c;
    log_line(LOG_ERROR, "no-thread", "what=push");
    atomic_store(&c->ending, true);
    loop_run(c->loop);
    drop(c);
    return NULL;
}

static void stop(void *state)
{
    struct centre *c = state;
    atomic_store(&c->ending, true);
    loop_post(c->loop, look, c);
    pthread_join(c->thread, NULL);
    drop(c);
}

static void changed(void *state)
{
    struct centre *c = state;
    atomic_store(&c->changed, true);
    loop_post(c->loop, look, c);
}

void centre_look(void *state, struct centre_view *ret)
{
    struct centre *c = state;
    pthread_mutex_lock(&c->lock);
    *ret = c->view;
    pthread_mutex_unlock(&c->lock);
    ret->orders = (int64_t)centre_orders_count(c->orders);
}

void centre_try(void *state, int wait_ms, struct centre_view *ret)
{
    struct centre *c = state;
    int64_t until = clock_monotonic_ms() + wait_ms;
    atomic_store(&c->hurry, true);
    loop_post(c->loop, look, c);
    do {
        nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
        centre_look(state, ret);
    } while (clock_monotonic_ms() < until && (ret->state == CENTRE_CONNECTING || (ret->state == CENTRE_WAITING && atomic_load(&c->hurry))));
}

void centre_again(void *state)
{
    struct centre *c = state;
    atomic_store(&c->again, true);
    loop_post(c->loop, look, c);
}

UPSTREAM_SERVICE(centre) = {
    .name = "centre",
    .title = { { "Передача в центр", "Delivery to the head-end" } },
    .faces = FACE_GATEWAY,
    .start = start,
    .stop = stop,
    .changed = changed,
};
