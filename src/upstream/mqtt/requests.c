/* Requests by a broker and their thread; see requests.h. */
#include "upstream/mqtt/requests.h"
#include "base/log.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum { PATH_ROOM = 256, WHO_ROOM = 400, ANSWERS_MAX = 2 * REQUESTS_WAITING_MAX };

struct request {
    struct request_answer answer; /* its topic is known from the beginning */
    int64_t project;
    char who[WHO_ROOM], method[8], path[PATH_ROOM];
    bool control, late;
    uint8_t *body;
    size_t size;
    struct request *next;
};

struct list {
    struct request *first, **last;
    size_t count;
};

struct requests {
    const struct upstream_answerer *answerer;
    enum lang lang;
    void (*bell)(void *context);
    void *context;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wanted;
    struct list waiting, answered;
    atomic_bool ending;
};

/* ---- lists ---- */

static void put_last(struct list *l, struct request *r)
{
    r->next = NULL;
    *l->last = r;
    l->last = &r->next;
    l->count++;
}

static struct request *take_first(struct list *l)
{
    struct request *r = l->first;
    if (!r)
        return NULL;
    l->first = r->next;
    if (!l->first)
        l->last = &l->first;
    l->count--;
    return r;
}

static void request_free(struct request *r)
{
    buffer_free(&r->answer.body);
    free(r->body);
    free(r);
}

static void list_free(struct list *l)
{
    struct request *r;
    while ((r = take_first(l)))
        request_free(r);
}

/* ---- the thread ---- */

static void answer(struct requests *all, struct request *r)
{
    struct upstream_request asked = { .project = r->project, .who = r->who, .method = r->method, .path = r->path, .body = bytes_of(r->body, r->size),
                                      .control = r->control, .late = r->late, .answer_most = REQUEST_ANSWER_MAX, .ending = &all->ending };
    all->answerer->answer(all->answerer->context, &asked, &r->answer.body);
}

static void *work_off(void *argument)
{
    struct requests *all = argument;
    pthread_mutex_lock(&all->lock);
    while (!atomic_load(&all->ending)) {
        struct request *r = take_first(&all->waiting);
        if (!r) {
            pthread_cond_wait(&all->wanted, &all->lock);
            continue;
        }
        pthread_mutex_unlock(&all->lock);
        answer(all, r);
        pthread_mutex_lock(&all->lock);
        put_last(&all->answered, r);
        all->bell(all->context);
    }
    pthread_mutex_unlock(&all->lock);
    return NULL;
}

struct requests *requests_new(const struct upstream_answerer *answerer, enum lang lang, void (*bell)(void *context), void *context)
{
    struct requests *r = memory_new(sizeof *r);
    *r = (struct requests){ .answerer = answerer, .lang = lang, .bell = bell, .context = context };
    r->waiting.last = &r->waiting.first;
    r->answered.last = &r->answered.first;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->wanted, NULL);
    pthread_create(&r->thread, NULL, work_off, r);
    return r;
}

void requests_free(struct requests **requests)
{
    struct requests *r = *requests;
    if (!r)
        return;
    pthread_mutex_lock(&r->lock);
    atomic_store(&r->ending, true);
    pthread_cond_signal(&r->wanted);
    pthread_mutex_unlock(&r->lock);
    pthread_join(r->thread, NULL);
    list_free(&r->waiting);
    list_free(&r->answered);
    pthread_cond_destroy(&r->wanted);
    pthread_mutex_destroy(&r->lock);
    free(r);
    *requests = NULL;
}

/* ---- what comes ---- */

/* «/meter/data/post»: path and method; without a method it is get. */
static void read_topic(struct request *r, const char *below)
{
    static const char *const methods[] = { "get", "post", "put", "delete" };
    const char *last = strrchr(below, '/'), *method = "get";
    size_t length = strlen(below);
    for (size_t i = 0; last && i < sizeof methods / sizeof *methods; i++)
        if (strcasecmp(last + 1, methods[i]) == 0) {
            method = methods[i];
            length = (size_t)(last - below);
        }
    snprintf(r->path, sizeof r->path, "%.*s", (int)length, below);
    for (size_t i = 0; method[i]; i++)
        r->method[i] = (char)toupper(method[i]);
}

/* NULL: not under «<base>/in», or its answer's topic would be too long. */
static struct request *request_of(const struct request_from *from, const char *topic)
{
    size_t base = strlen(from->base);
    if (strncmp(topic, from->base, base) != 0 || strncmp(topic + base, "/in", 3) != 0 || (topic[base + 3] != '\0' && topic[base + 3] != '/'))
        return NULL;
    const char *below = topic + base + 3;
    struct request *r = memory_new(sizeof *r);
    struct text t = text_over(r->answer.topic, sizeof r->answer.topic);
    text_printf(&t, "%s/out%s", from->base, below);
    if (strlen(topic) + 2 > sizeof r->answer.topic) {
        free(r);
        return NULL;
    }
    r->answer.broker = from->broker;
    r->project = from->project;
    r->control = from->control;
    r->late = from->late;
    snprintf(r->who, sizeof r->who, "%s", from->who);
    read_topic(r, below);
    return r;
}

/* The gate counts down by time: a request moves the moment when it is whole again. */
static bool pass_gate(struct request_gate *g, int64_t now_ms)
{
    int64_t from = g->full_ms > now_ms ? g->full_ms : now_ms;
    if (from + REQUEST_EVERY_MS - now_ms > (int64_t)REQUEST_BURST * REQUEST_EVERY_MS)
        return false;
    g->full_ms = from + REQUEST_EVERY_MS;
    return true;
}

static const struct refusal {
    const char *code;
    struct phrase message;
} refusals[] = {
    { "too-large", { { "запрос слишком велик: не больше 64 КиБ", "the request is too large: 64 KiB at most" } } },
    { "held", { { "слишком частые запросы, подождите", "requests come too often, wait" } } },
    { "busy", { { "слишком много запросов ждут ответа", "too many requests wait for an answer" } } },
};

/* As the API writes one. */
static void refuse(struct requests *all, struct request *r, const struct refusal *why)
{
    buffer_printf(&r->answer.body, "{\"error\":{\"code\":\"%s\",\"message\":\"%s\",\"fields\":[]}}", why->code, phrase_in(&why->message, all->lang));
    pthread_mutex_lock(&all->lock);
    bool room = all->answered.count < ANSWERS_MAX;
    if (room)
        put_last(&all->answered, r);
    pthread_mutex_unlock(&all->lock);
    if (!room)
        request_free(r);
}

static bool put_waiting(struct requests *all, struct request *r)
{
    pthread_mutex_lock(&all->lock);
    bool room = all->waiting.count < REQUESTS_WAITING_MAX && all->answered.count < ANSWERS_MAX;
    if (room) {
        put_last(&all->waiting, r);
        pthread_cond_signal(&all->wanted);
    }
    pthread_mutex_unlock(&all->lock);
    return room;
}

bool requests_put(struct requests *all, struct request_gate *gate, const struct request_from *from, const char *topic, struct bytes body, int64_t now_ms)
{
    struct request *r = request_of(from, topic);
    if (!r)
        return false;
    const struct refusal *why = !pass_gate(gate, now_ms) ? &refusals[1] : body.size > REQUEST_BYTES_MAX ? &refusals[0] : NULL;
    if (!why) {
        r->size = body.size;
        r->body = memory_new(body.size + 1);
        if (body.size)
            memcpy(r->body, body.data, body.size);
        why = put_waiting(all, r) ? NULL : &refusals[2];
    }
    if (!why) {
        gate->told = false;
        return true;
    }
    if (gate->told) { /* a flood fills neither the broker nor the log */
        request_free(r);
        return false;
    }
    log_line(LOG_WARNING, "mqtt-request", "from=\"%s\" refused=%s", from->who, why->code);
    refuse(all, r, why);
    gate->told = true;
    return false;
}

bool requests_next(struct requests *all, struct request_answer *ret)
{
    pthread_mutex_lock(&all->lock);
    struct request *r = take_first(&all->answered);
    pthread_mutex_unlock(&all->lock);
    if (!r)
        return false;
    *ret = r->answer;
    r->answer.body = (struct buffer){ 0 };
    request_free(r);
    return true;
}
