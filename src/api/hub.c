/* Listeners; see hub.h. */
#include "api/hub.h"
#include "base/buffer.h"

#include <pthread.h>
#include <stdlib.h>

enum { LISTENERS_MAX = 500 };

struct listener {
    struct flow *flow;
    int64_t project, pass;
    int64_t person; /* 0: of nobody in particular */
};

struct hub {
    pthread_mutex_t lock;
    struct listener listeners[LISTENERS_MAX];
    unsigned count;
};

struct hub *hub_new(void)
{
    struct hub *h = memory_new(sizeof *h);
    pthread_mutex_init(&h->lock, NULL);
    return h;
}

/* Under the lock; the last one takes its place. */
static void drop(struct hub *h, unsigned at)
{
    flow_end(h->listeners[at].flow, true);
    flow_unref(&h->listeners[at].flow);
    h->listeners[at] = h->listeners[--h->count];
}

void hub_free(struct hub **hub)
{
    struct hub *h = *hub;
    if (!h)
        return;
    while (h->count)
        drop(h, 0);
    pthread_mutex_destroy(&h->lock);
    free(h);
    *hub = NULL;
}

static bool join(struct hub *h, const struct listener *one)
{
    static const char hello[] = "retry: 3000\n\n";
    struct flow *f = one->flow;
    pthread_mutex_lock(&h->lock);
    bool room = h->count < LISTENERS_MAX && flow_offer(f, hello, sizeof hello - 1);
    if (room)
        h->listeners[h->count++] = *one;
    pthread_mutex_unlock(&h->lock);
    if (!room) {
        flow_end(f, true);
        flow_unref(&f);
    }
    return room;
}

bool hub_join(struct hub *h, struct flow *f, int64_t project, int64_t pass)
{
    return join(h, &(struct listener){ f, project, pass, 0 });
}

bool hub_join_person(struct hub *h, struct flow *f, int64_t project, int64_t person, int64_t pass)
{
    return join(h, &(struct listener){ f, project, pass, person });
}

/* Whom a message is for: a person, a project (0: all of them), or everybody who is connected. */
struct addressee {
    bool everybody;
    int64_t project, person;
};

static bool is_meant(const struct addressee *to, const struct listener *l)
{
    if (to->everybody)
        return true;
    return to->person ? l->person == to->person : l->project && (to->project == 0 || l->project == to->project);
}

static void send_to(struct hub *h, struct addressee to, const struct buffer *b)
{
    pthread_mutex_lock(&h->lock);
    for (unsigned i = 0; i < h->count;) {
        if (is_meant(&to, &h->listeners[i]) && !flow_offer(h->listeners[i].flow, b->data, b->size))
            drop(h, i);
        else
            i++;
    }
    pthread_mutex_unlock(&h->lock);
}

static void tell(struct hub *h, struct addressee to, const char *event, const char *data)
{
    struct buffer b = { 0 };
    buffer_text(&b, "event: ");
    buffer_text(&b, event);
    buffer_text(&b, "\ndata: ");
    buffer_text(&b, data);
    buffer_text(&b, "\n\n");
    send_to(h, to, &b);
    buffer_free(&b);
}

void hub_tell(struct hub *h, int64_t project, const char *event, const char *data)
{
    tell(h, (struct addressee){ .project = project }, event, data);
}

void hub_tell_person(struct hub *h, int64_t person, const char *event, const char *data)
{
    tell(h, (struct addressee){ .person = person }, event, data);
}

void hub_leave(struct hub *h, int64_t pass)
{
    pthread_mutex_lock(&h->lock);
    for (unsigned i = h->count; i-- > 0;)
        if (h->listeners[i].pass == pass)
            drop(h, i);
    pthread_mutex_unlock(&h->lock);
}

void hub_beat(struct hub *h)
{
    static char beat[] = ":\n\n";
    send_to(h, (struct addressee){ .everybody = true }, &(struct buffer){ .data = beat, .size = 3 });
}

unsigned hub_count(struct hub *h)
{
    pthread_mutex_lock(&h->lock);
    unsigned count = h->count;
    pthread_mutex_unlock(&h->lock);
    return count;
}
