/* Delivery over MQTT: its thread and what others ask of it; see mqtt.h. */
#include "upstream/mqtt/mqtt.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/upward/feed.h"
#include "upstream/mqtt/post.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* What arrives is gathered for a LOOK before it is looked at: a message holds what many meters said in it. */
enum { BEAT_MS = 250, LOOK_MS = 1000, LOOK_ANYWAY_MS = 30000, FAREWELL_MS = 3000, SOCKETS_MAX = 64 };

/* What somebody waits for the thread to do. */
struct asking {
    int64_t publication;   /* to be sent now */
    int64_t broker;        /* to be tried now */
    struct mqtt_saying *saying;
    bool done;
    enum fault fault;
    struct asking *next;
};

struct mqtt {
    struct store *store;
    struct post post;      /* the thread's own */
    struct requests *requests; /* NULL: nobody answers them */
    pthread_t thread;
    int bell;              /* eventfd: wakes the thread */
    atomic_bool ending, changed;
    unsigned long stirs;   /* of the feed, as last seen */
    int64_t beat_ms, looked_ms;
    pthread_mutex_t lock;  /* guards what follows */
    pthread_cond_t answered;
    struct asking *asked;
    struct mqtt_broker_figures *brokers;
    struct mqtt_publication_figures *publications;
    size_t broker_count, publication_count;
};

static void ring(struct mqtt *m)
{
    uint64_t one = 1;
    while (write(m->bell, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

/* ---- the thread ---- */

/* Figures for others, as they are now. */
static void show(struct mqtt *m, const struct post *p, int64_t feed_last)
{
    size_t publications = 0, at = 0;
    for (size_t i = 0; i < p->count; i++)
        publications += p->brokers[i].count;
    pthread_mutex_lock(&m->lock);
    m->brokers = memory_resize(m->brokers, (p->count + 1) * sizeof *m->brokers);
    m->publications = memory_resize(m->publications, (publications + 1) * sizeof *m->publications);
    for (size_t i = 0; i < p->count; i++) {
        m->brokers[i] = p->brokers[i].figures;
        for (size_t k = 0; k < p->brokers[i].count; k++) {
            const struct post_publication *one = &p->brokers[i].publications[k];
            struct mqtt_publication_figures f = one->figures;
            f.waiting = feed_last > one->kept.position ? feed_last - one->kept.position : 0;
            f.under_way = (int64_t)one->flying;
            f.ordered = one->kept.order_ms != 0;
            m->publications[at++] = f;
        }
    }
    m->broker_count = p->count;
    m->publication_count = at;
    pthread_mutex_unlock(&m->lock);
}

static void beat(struct mqtt *m)
{
    int64_t now = clock_monotonic_ms(), last = 0;
    if (now - m->beat_ms < BEAT_MS)
        return;
    unsigned long stirs = store_feed_stirs(m->store);
    int64_t since = now - m->looked_ms;
    bool look = (stirs != m->stirs && since >= LOOK_MS) || since >= LOOK_ANYWAY_MS; /* another process may have stored, too */
    m->beat_ms = now;
    m->stirs = look ? stirs : m->stirs;
    m->looked_ms = look ? now : m->looked_ms;
    post_beat(&m->post, now, look);
    if (store_feed_last(m->store, &last) == FAULT_NONE)
        show(m, &m->post, last);
}

static void say(struct post *p, struct mqtt_saying *s)
{
    s->wanted = 0;
    for (size_t i = 0; i < p->count; i++) {
        struct post_broker *b = &p->brokers[i];
        char topic[MQTT_TOPIC_MAX];
        bool took = false;
        for (size_t k = 0; k < s->count; k++)
            took = took || s->took[k] == b->set.id;
        s->wanted += b->link && s->wanted < MQTT_SAYING_BROKERS;
        if (took || !b->link || s->count == MQTT_SAYING_BROKERS)
            continue;
        int number;
        mqtt_topic(b->set.prefix, b->set.device, s->name, topic);
        if (mqtt_link_publish(b->link, topic, s->body, false, &number))
            s->took[s->count++] = b->set.id;
        else
            mqtt_link_hurry(b->link);
    }
}

static void do_asked(struct mqtt *m)
{
    pthread_mutex_lock(&m->lock);
    struct asking *all = m->asked;
    m->asked = NULL;
    pthread_mutex_unlock(&m->lock);
    if (!all)
        return;
    for (struct asking *a = all; a; a = a->next) {
        struct post_publication *one = a->publication ? post_find(&m->post, a->publication) : NULL;
        a->fault = a->publication && !one ? FAULT_NO_DATA : FAULT_NONE;
        if (one)
            post_order(one, clock_utc_ms());
        if (a->saying)
            say(&m->post, a->saying);
        for (size_t i = 0; a->broker && i < m->post.count; i++)
            if (m->post.brokers[i].set.id == a->broker && m->post.brokers[i].link)
                mqtt_link_hurry(m->post.brokers[i].link);
    }
    enum fault saved = post_save(&m->post, clock_monotonic_ms(), true);
    m->beat_ms = 0;
    pthread_mutex_lock(&m->lock);
    for (struct asking *a = all, *next; a; a = next) {
        next = a->next;
        a->fault = a->fault == FAULT_NONE ? saved : a->fault;
        a->done = true; /* gone from here on */
    }
    pthread_cond_broadcast(&m->answered);
    pthread_mutex_unlock(&m->lock);
}

/* Sleeps until a socket has something, somebody rings, or the next beat. */
static void wait_and_serve(struct mqtt *m)
{
    struct pollfd polled[SOCKETS_MAX + 1] = { { .fd = m->bell, .events = POLLIN } };
    struct post_broker *of[SOCKETS_MAX + 1];
    size_t count = 1;
    for (size_t i = 0; i < m->post.count && count <= SOCKETS_MAX; i++) {
        short events = 0;
        int at = m->post.brokers[i].link ? mqtt_link_socket(m->post.brokers[i].link, &events) : -1;
        if (at < 0)
            continue;
        of[count] = &m->post.brokers[i];
        polled[count++] = (struct pollfd){ .fd = at, .events = events };
    }
    int64_t left = m->beat_ms + BEAT_MS - clock_monotonic_ms();
    if (poll(polled, (nfds_t)count, left > 0 ? (int)left : 0) <= 0)
        return;
    uint64_t rings;
    if (polled[0].revents && read(m->bell, &rings, sizeof rings) < 0 && errno != EAGAIN)
        log_line(LOG_ERROR, "mqtt", "trouble=\"bell\"");
    for (size_t i = 1; i < count; i++)
        mqtt_link_serve(of[i]->link, polled[i].revents, clock_monotonic_ms());
}

/* Acknowledgements that are under way still come in. */
static void farewell(struct mqtt *m)
{
    int64_t until = clock_monotonic_ms() + FAREWELL_MS;
    while (post_flying(&m->post) && clock_monotonic_ms() < until)
        wait_and_serve(m);
    post_save(&m->post, clock_monotonic_ms(), true);
    post_free(&m->post);
}

static void *run(void *argument)
{
    struct mqtt *m = argument;
    while (!atomic_load(&m->ending)) {
        if (atomic_exchange(&m->changed, false)) {
            post_save(&m->post, clock_monotonic_ms(), true);
            post_read(&m->post);
            m->beat_ms = 0;
        }
        do_asked(m);
        post_answer(&m->post);
        beat(m);
        post_fill(&m->post);
        post_save(&m->post, clock_monotonic_ms(), false);
        wait_and_serve(m);
    }
    do_asked(m);
    farewell(m);
    return NULL;
}

/* ---- the outside ---- */

static void ring_for(void *context)
{
    ring(context);
}

struct mqtt *mqtt_new(struct store *s, const struct vault *v, const struct upstream_answerer *answerer, enum lang lang)
{
    struct mqtt *m = memory_new(sizeof *m);
    m->store = s;
    m->post = (struct post){ .store = s, .vault = v, .lang = lang };
    m->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    m->post.requests = m->requests = answerer ? requests_new(answerer, lang, ring_for, m) : NULL;
    pthread_mutex_init(&m->lock, NULL);
    pthread_cond_init(&m->answered, NULL);
    atomic_store(&m->changed, true);
    pthread_create(&m->thread, NULL, run, m);
    return m;
}

void mqtt_free(struct mqtt **mqtt)
{
    struct mqtt *m = *mqtt;
    if (!m)
        return;
    atomic_store(&m->ending, true);
    ring(m);
    pthread_join(m->thread, NULL);
    requests_free(&m->requests);
    pthread_mutex_destroy(&m->lock);
    pthread_cond_destroy(&m->answered);
    close(m->bell);
    free(m->brokers);
    free(m->publications);
    free(m);
    *mqtt = NULL;
}

void mqtt_changed(struct mqtt *m)
{
    atomic_store(&m->changed, true);
    ring(m);
}

static enum fault ask(struct mqtt *m, struct asking *a)
{
    pthread_mutex_lock(&m->lock);
    a->next = m->asked;
    m->asked = a;
    ring(m);
    while (!a->done)
        pthread_cond_wait(&m->answered, &m->lock);
    pthread_mutex_unlock(&m->lock);
    return a->fault;
}

enum fault mqtt_order(struct mqtt *m, int64_t publication)
{
    return ask(m, &(struct asking){ .publication = publication });
}

void mqtt_say(struct mqtt *m, struct mqtt_saying *saying)
{
    ask(m, &(struct asking){ .saying = saying });
}

void mqtt_hurry(struct mqtt *m, int64_t broker)
{
    ask(m, &(struct asking){ .broker = broker });
}

bool mqtt_broker_figures(struct mqtt *m, int64_t id, struct mqtt_broker_figures *ret)
{
    bool found = false;
    pthread_mutex_lock(&m->lock);
    for (size_t i = 0; i < m->broker_count && !found; i++)
        if (m->brokers[i].id == id) {
            *ret = m->brokers[i];
            found = true;
        }
    pthread_mutex_unlock(&m->lock);
    return found;
}

bool mqtt_publication_figures(struct mqtt *m, int64_t id, struct mqtt_publication_figures *ret)
{
    bool found = false;
    pthread_mutex_lock(&m->lock);
    for (size_t i = 0; i < m->publication_count && !found; i++)
        if (m->publications[i].id == id) {
            *ret = m->publications[i];
            found = true;
        }
    pthread_mutex_unlock(&m->lock);
    return found;
}

/* ---- as a service ---- */

static void *start(const struct upstream_house *house)
{
    return mqtt_new(house->store, house->vault, house->answerer, house->lang);
}

static void stop(void *state)
{
    struct mqtt *m = state;
    mqtt_free(&m);
}

static void changed(void *state)
{
    mqtt_changed(state);
}

UPSTREAM_SERVICE(mqtt) = { "mqtt", { { "Передача по MQTT", "Delivery over MQTT" } }, FACE_GATEWAY, start, stop, changed };
