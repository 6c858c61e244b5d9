/* Brokers and publications as they run; see post.h. */
#include "upstream/mqtt/post.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/upward/feed.h"

#include <stdio.h>
#include <stdlib.h>

enum { SAVE_URGENT_MS = 1000, SAVE_MS = 300000, SAVE_ROWS = 4000 };

/* ---- acknowledgements ---- */

static void conclude(struct post_broker *b, struct post_publication *p)
{
    size_t done = 0;
    for (; done < p->flying && p->flight[done].arrived; done++) {
        p->urgent |= p->kept.order_ms && !p->flight[done].after.order_ms;
        p->kept = p->flight[done].after;
        p->unsaved = true;
        p->figures.sent++;
        b->figures.sent++;
        b->figures.bytes += (int64_t)p->flight[done].size;
        p->figures.sent_ms = b->figures.sent_ms = clock_utc_ms();
    }
    p->flying -= done;
    memmove(p->flight, p->flight + done, p->flying * sizeof *p->flight);
}

static struct post_broker *broker_find(struct post_broker *brokers, size_t count, int64_t id)
{
    for (size_t i = 0; i < count; i++)
        if (brokers[i].set.id == id)
            return &brokers[i];
    return NULL;
}

static void on_sent(void *context, int number)
{
    struct post_broker *b = context;
    for (size_t i = 0; i < b->count; i++)
        for (size_t k = 0; k < b->publications[i].flying; k++)
            if (b->publications[i].flight[k].number == number) {
                b->publications[i].flight[k].arrived = true;
                conclude(b, &b->publications[i]);
                return;
            }
}

/* What was under way is made anew from the last place that is sure. */
static void rewind_to_kept(struct post_publication *p)
{
    p->flying = 0;
    p->ahead = p->kept;
    p->look = true;
}

/* With QoS 1 and 2 the link itself sends again what was not acknowledged. */
static void on_lost(void *context)
{
    struct post_broker *b = context;
    for (size_t i = 0; i < b->count && b->set.qos == 0; i++)
        rewind_to_kept(&b->publications[i]);
    log_line(LOG_WARNING, "mqtt", "broker=%lld address=\"%s\" trouble=\"%s\"", (long long)b->set.id, b->set.address,
             mqtt_trouble_text(mqtt_link_trouble(b->link), b->post->lang));
}

/* ---- requests ---- */

static void on_asked(void *context, const char *topic, struct bytes body, bool late)
{
    struct post_broker *b = context;
    char who[sizeof "MQTT :65535 " + 253 + 64];
    snprintf(who, sizeof who, "MQTT %s:%d %s", b->set.address, b->set.port, b->set.device);
    struct request_from from = { .broker = b->set.id, .project = b->set.project, .who = who, .base = b->base, .control = strcmp(b->set.requests, "control") == 0, .late = late };
    if (requests_put(b->post->requests, &b->gate, &from, topic, body, clock_monotonic_ms()))
        b->figures.asked++;
    else
        b->figures.refused++;
}

void post_answer(struct post *p)
{
    struct request_answer a;
    while (p->requests && requests_next(p->requests, &a)) {
        struct post_broker *b = broker_find(p->brokers, p->count, a.broker);
        int number;
        if (!b || !b->link || !mqtt_link_publish(b->link, a.topic, bytes_of(a.body.data, a.body.size), false, &number))
            log_line(LOG_WARNING, "mqtt-request", "broker=%lld trouble=\"the answer could not be sent\"", (long long)a.broker);
        buffer_free(&a.body);
    }
}

/* ---- settings ---- */

static void keep_texts(struct arena *a, const char **const texts[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        *texts[i] = arena_text(a, bytes_of_text(*texts[i]));
}

struct reading_set {
    struct post *post;
    size_t room;
};

static bool read_broker(void *context, const struct store_broker *from)
{
    struct reading_set *set = context;
    struct post *p = set->post;
    if (p->count == set->room) {
        set->room = set->room ? set->room * 2 : 8;
        p->brokers = memory_resize(p->brokers, set->room * sizeof *p->brokers);
    }
    struct store_broker b = *from;
    const char **const texts[] = { &b.device, &b.address, &b.prefix, &b.security, &b.login, &b.password, &b.authority, &b.certificate, &b.key, &b.requests };
    keep_texts(&p->arena, texts, sizeof texts / sizeof *texts);
    struct post_broker *one = &p->brokers[p->count++];
    *one = (struct post_broker){ .post = p, .set = b, .figures = { .id = b.id, .state = MQTT_OFF, .since_ms = clock_utc_ms() } };
    mqtt_topic(b.prefix, b.device, "", one->base);
    return true;
}

static struct post_publication *publication_find(struct post_broker *brokers, size_t count, int64_t id)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < brokers[i].count; k++)
            if (brokers[i].publications[k].set.id == id)
                return &brokers[i].publications[k];
    return NULL;
}

static bool read_publication(void *context, const struct store_publication *from)
{
    struct post *p = context;
    struct post_broker *b = broker_find(p->brokers, p->count, from->broker);
    struct store_publication set = *from;
    struct store_mqtt_template template;
    if (!b || !set.enabled || store_mqtt_template_get(p->store, set.template, &p->arena, &template) != FAULT_NONE)
        return true;
    const char **const texts[] = { &set.postfix, &set.cause, &set.layout };
    keep_texts(&p->arena, texts, sizeof texts / sizeof *texts);
    b->publications = memory_resize(b->publications, (b->count + 1) * sizeof *b->publications);
    struct post_publication *one = &b->publications[b->count++];
    *one = (struct post_publication){ .set = set, .template = template, .look = true, .figures = { .id = set.id } };
    one->kept = one->ahead = mqtt_place_read(0, "");
    publication_reader(set.id, one->reader);
    mqtt_topic(b->set.prefix, b->set.device, set.postfix, one->topic);
    return true;
}

static bool read_place(void *context, const struct feed_reader *r)
{
    struct post *p = context;
    for (size_t i = 0; i < p->count; i++)
        for (size_t k = 0; k < p->brokers[i].count; k++) {
            struct post_publication *one = &p->brokers[i].publications[k];
            if (strcmp(one->reader, r->name) == 0) {
                one->kept = one->ahead = mqtt_place_read(r->position, r->note);
                one->saved = r->position;
                one->figures.lost = r->lost;
            }
        }
    return true;
}

/* Opens the way to a broker that is switched on. */
static void open_link(struct post *p, struct post_broker *b)
{
    struct arena a = { 0 };
    char status[MQTT_TOPIC_MAX], requests[MQTT_TOPIC_MAX] = "";
    const struct store_broker *s = &b->set;
    mqtt_topic(s->prefix, s->device, "status", status);
    if (p->requests)
        mqtt_topic(s->prefix, s->device, "in", requests);
    struct mqtt_link_options o = {
        .address = s->address, .port = s->port, .qos = s->qos, .client = s->device, .status_topic = status, .security = s->security, .login = s->login,
        .password = vault_unseal(p->vault, s->password, &a), .verify = s->verify, .authority = s->authority, .certificate = s->certificate,
        .key = vault_unseal(p->vault, s->key, &a), .sent = on_sent, .lost = on_lost, .request_topic = requests,
        .listens = strcmp(s->requests, "none") != 0, .asked = on_asked, .context = b };
    if (o.password && o.key)
        b->link = mqtt_link_new(&o, &b->figures.trouble);
    else
        b->figures.trouble.why = MQTT_OTHER_KEY;
    if (!b->link)
        log_line(LOG_ERROR, "mqtt", "broker=%lld trouble=\"%s\"", (long long)s->id, mqtt_trouble_text(&b->figures.trouble, p->lang));
    arena_free(&a);
}

/* What ran before goes on where its settings are the same: links by the broker's revision, places always. */
static void carry_on(struct post *p, struct post_broker *old, size_t old_count)
{
    for (size_t i = 0; i < p->count; i++) {
        struct post_broker *b = &p->brokers[i], *was = broker_find(old, old_count, b->set.id);
        bool same = was && was->set.revision == b->set.revision;
        b->gate = was ? was->gate : b->gate;
        if (same) {
            b->link = was->link;
            b->figures = was->figures;
            was->link = NULL;
            mqtt_link_move(b->link, b);
        }
        for (size_t k = 0; k < b->count; k++) {
            struct post_publication *one = &b->publications[k], *before = publication_find(old, old_count, one->set.id);
            if (!before)
                continue;
            struct post_publication fresh = *one;
            *one = *before;
            one->set = fresh.set;
            one->template = fresh.template;
            one->look = true;
            memcpy(one->topic, fresh.topic, sizeof one->topic);
            if (!same || before->set.broker != one->set.broker)
                rewind_to_kept(one);
        }
        if (!b->link && b->set.enabled)
            open_link(p, b);
    }
}

static void free_brokers(struct post_broker *brokers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        mqtt_link_free(&brokers[i].link);
        free(brokers[i].publications);
    }
    free(brokers);
}

void post_read(struct post *p)
{
    struct post_broker *old = p->brokers;
    size_t old_count = p->count;
    struct arena old_arena = p->arena;
    struct reading_set set = { p, 0 };
    if (!p->source)
        p->source = mqtt_source_new(p->store);
    p->arena = (struct arena){ 0 };
    p->brokers = NULL;
    p->count = 0;
    if (store_brokers(p->store, 0, read_broker, &set) != FAULT_NONE || store_publications(p->store, 0, read_publication, p) != FAULT_NONE
        || store_feed_readers(p->store, "mqtt:", read_place, p) != FAULT_NONE)
        log_line(LOG_ERROR, "mqtt", "trouble=\"settings cannot be read\"");
    carry_on(p, old, old_count);
    free_brokers(old, old_count);
    arena_free(&old_arena);
}

void post_free(struct post *p)
{
    free_brokers(p->brokers, p->count);
    mqtt_source_free(&p->source);
    arena_free(&p->arena);
    *p = (struct post){ 0 };
}

/* ---- running ---- */

static void note_state(struct post_broker *b)
{
    enum mqtt_state now = b->link ? mqtt_link_state(b->link) : MQTT_OFF;
    if (now != b->figures.state) {
        b->figures.since_ms = clock_utc_ms();
        for (size_t i = 0; i < b->count && now == MQTT_CONNECTED; i++)
            b->publications[i].look = true;
        if (now == MQTT_CONNECTED)
            log_line(LOG_INFO, "mqtt", "broker=%lld address=\"%s\" connected=1", (long long)b->set.id, b->set.address);
    }
    b->figures.state = now;
    if (b->link && (now == MQTT_CONNECTED || mqtt_link_trouble(b->link)->why != MQTT_FINE)) /* a new try does not hide why the last one failed */
        b->figures.trouble = *mqtt_link_trouble(b->link);
}

void post_beat(struct post *p, int64_t now_ms, bool look)
{
    for (size_t i = 0; i < p->count; i++) {
        struct post_broker *b = &p->brokers[i];
        if (b->link)
            mqtt_link_beat(b->link, now_ms);
        note_state(b);
        for (size_t k = 0; k < b->count && look; k++)
            b->publications[k].look = true;
    }
}

static size_t flying_to(const struct post_broker *b)
{
    size_t flying = 0;
    for (size_t i = 0; i < b->count; i++)
        flying += b->publications[i].flying;
    return flying;
}

/* The message is noted as under way before it is handed over: one of QoS 0 may arrive within the call. */
static void hand_over(struct post_broker *b, struct post_publication *one, const struct mqtt_message *m)
{
    struct mqtt_place before = one->ahead;
    size_t at = one->flying++;
    one->flight[at] = (struct post_flight){ .size = m->size, .after = m->after };
    one->ahead = m->after;
    if (mqtt_link_publish(b->link, m->topic, bytes_of(m->body, m->size), m->retain, &one->flight[at].number))
        return;
    one->flying = at;
    one->ahead = before;
    one->look = false; /* with the next beat */
}

static bool same_place(const struct mqtt_place *a, const struct mqtt_place *b)
{
    return a->position == b->position && a->want == b->want && a->order_ms == b->order_ms && a->order_meter == b->order_meter
        && a->order_want == b->order_want && a->order_wall == b->order_wall;
}

/* Nothing to send: what was looked at and is not for this publication is passed all the same. */
static void no_message(struct post_publication *one, enum fault fault, const struct mqtt_place *after)
{
    one->look = false;
    one->figures.trouble = fault == FAULT_NO_DATA ? FAULT_NONE : fault;
    if (fault != FAULT_NO_DATA || same_place(&one->ahead, after))
        return;
    one->ahead = *after;
    if (one->flying)
        return;
    one->urgent |= one->kept.order_ms != after->order_ms;
    one->kept = *after;
    one->unsaved = true;
}

/* What arrives does not wait for a publication that is only sent when it is ordered, whether its broker is there or not. */
static void pass_over(struct post *p, struct post_publication *one)
{
    struct mqtt_place after = one->ahead;
    if (!one->look || one->flying || strcmp(one->set.cause, "order") != 0)
        return;
    if (store_feed_last(p->store, &after.position) == FAULT_NONE)
        no_message(one, FAULT_NO_DATA, &after);
}

static void fill_one(struct post *p, struct post_broker *b, struct post_publication *one)
{
    while (one->look && flying_to(b) < POST_WINDOW) {
        struct mqtt_message m;
        enum fault fault = mqtt_source_next(p->source, &one->set, &one->template, one->topic, &one->ahead, &m);
        if (fault == FAULT_NONE)
            hand_over(b, one, &m);
        else
            no_message(one, fault, &m.after);
        free(m.body);
    }
}

void post_fill(struct post *p)
{
    for (size_t i = 0; i < p->count; i++) {
        struct post_broker *b = &p->brokers[i];
        for (size_t k = 0; k < b->count; k++)
            if (b->link && mqtt_link_state(b->link) == MQTT_CONNECTED)
                fill_one(p, b, &b->publications[k]);
            else
                pass_over(p, &b->publications[k]);
    }
}

struct post_publication *post_find(struct post *p, int64_t publication)
{
    return publication_find(p->brokers, p->count, publication);
}

void post_order(struct post_publication *one, int64_t now_ms)
{
    mqtt_place_order(&one->kept, now_ms);
    mqtt_place_order(&one->ahead, now_ms);
    for (size_t i = 0; i < one->flying; i++)
        mqtt_place_order(&one->flight[i].after, now_ms);
    one->look = one->unsaved = one->urgent = true;
}

size_t post_flying(const struct post *p)
{
    size_t flying = 0;
    for (size_t i = 0; i < p->count; i++)
        if (p->brokers[i].link && mqtt_link_state(p->brokers[i].link) == MQTT_CONNECTED)
            flying += flying_to(&p->brokers[i]);
    return flying;
}

/* ---- writing places down ---- */

static bool worth_saving(const struct post *p, int64_t now_ms)
{
    bool unsaved = false, urgent = false, many = false;
    for (size_t i = 0; i < p->count; i++)
        for (size_t k = 0; k < p->brokers[i].count; k++) {
            const struct post_publication *one = &p->brokers[i].publications[k];
            unsaved |= one->unsaved;
            urgent |= one->urgent;
            many |= one->unsaved && one->kept.position - one->saved >= SAVE_ROWS;
        }
    int64_t since = now_ms - p->saved_ms;
    return ((urgent || many) && since >= SAVE_URGENT_MS) || (unsaved && since >= SAVE_MS);
}

static bool note_lost(void *context, const struct feed_reader *r)
{
    struct post *p = context;
    for (size_t i = 0; i < p->count; i++)
        for (size_t k = 0; k < p->brokers[i].count; k++) {
            struct post_publication *one = &p->brokers[i].publications[k];
            if (strcmp(one->reader, r->name) != 0 || one->figures.lost == r->lost)
                continue;
            log_line(LOG_ERROR, "mqtt-lost", "publication=%lld rows=%lld", (long long)one->set.id, (long long)(r->lost - one->figures.lost));
            one->figures.lost = r->lost;
        }
    return true;
}

enum fault post_save(struct post *p, int64_t now_ms, bool now)
{
    struct feed_reader rows[64];
    char notes[64][MQTT_NOTE_MAX];
    size_t count = 0;
    enum fault fault = FAULT_NONE;
    if (!now && !worth_saving(p, now_ms))
        return FAULT_NONE;
    for (size_t i = 0; i < p->count; i++)
        for (size_t k = 0; k < p->brokers[i].count && fault == FAULT_NONE; k++) {
            struct post_publication *one = &p->brokers[i].publications[k];
            if (!one->unsaved)
                continue;
            mqtt_place_write(&one->kept, notes[count]);
            rows[count] = (struct feed_reader){ .name = one->reader, .position = one->kept.position, .note = notes[count] };
            one->unsaved = one->urgent = false;
            one->saved = one->kept.position;
            if (++count == sizeof rows / sizeof *rows) {
                fault = store_feed_move(p->store, rows, count);
                count = 0;
            }
        }
    if (count && fault == FAULT_NONE)
        fault = store_feed_move(p->store, rows, count);
    if (fault == FAULT_NONE)
        fault = store_feed_readers(p->store, "mqtt:", note_lost, p);
    if (fault != FAULT_NONE && !p->broken)
        log_line(LOG_ERROR, "mqtt", "trouble=\"places cannot be stored\"");
    p->broken = fault != FAULT_NONE;
    p->saved_ms = now_ms;
    return fault;
}
