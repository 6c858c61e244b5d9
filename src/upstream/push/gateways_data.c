/* What gateways bring: parcels become batches of the store's writer; a parcel is acknowledged when all of it and all before it is
 * stored; see gateways_inside.h. */
#include "upstream/push/gateways_inside.h"
#include "base/clock.h"
#include "base/log.h"
#include "collect/service.h"
#include "collect/states.h"
#include "store/debts/owed.h"

#include <stdio.h>
#include <stdlib.h>

enum { PORTION_BYTES = 1 << 20, CONTACTS_MAX = 4096 };

/* What a parcel has of one meter. */
struct portion {
    struct parcel *parcel;
    struct portion *next;
    int64_t meter;
    struct batch batch;
    struct put_result put;
    enum fault fault;
};

struct parcel {
    struct parcel *next;
    struct guest *guest;
    uint64_t number;
    struct portion *portions;
    atomic_int left;          /* portions that are not stored, and the parcel's own making */
    bool stored;
    int64_t refused;
    struct contact_note *contacts;
    size_t contact_count;
    bool damaged;
};

/* --- out of the frame ----------------------------------------------------------------------------------------------------------- */

static struct portion *portion_of(struct parcel *p, int64_t meter)
{
    for (struct portion *one = p->portions; one; one = one->next)
        if (one->meter == meter)
            return one;
    struct portion *one = memory_new(sizeof *one);
    one->parcel = p;
    one->meter = meter;
    batch_init(&one->batch, PORTION_BYTES);
    one->next = p->portions;
    p->portions = one;
    return one;
}

/* Hours of UTC become hours of this machine. */
static void take_contacts(struct parcel *p, const struct push_item *item, int64_t meter)
{
    struct push_contacts walk = { .cursor = cursor_over(item->body) };
    struct push_contact h;
    int64_t now = clock_utc_ms() / 3600000;
    if (!p->contacts)
        p->contacts = memory_resize(NULL, CONTACTS_MAX * sizeof *p->contacts);
    while (push_contact_next(&walk, &h) && p->contact_count + 2 <= CONTACTS_MAX) {
        if (h.hour > now || h.hour < now - 24 * 8)
            continue;
        int64_t wall = clock_local_wall(h.hour * 3600000);
        if (h.good)
            p->contacts[p->contact_count++] = (struct contact_note){ meter, wall, true };
        if (h.failed)
            p->contacts[p->contact_count++] = (struct contact_note){ meter, wall, false };
    }
}

struct unpacking {
    struct parcel *parcel;
    struct bytes body;
};

static void unpack(void *argument)
{
    struct unpacking *u = argument;
    struct parcel *p = u->parcel;
    struct guest *t = p->guest;
    struct cursor c = cursor_over(u->body);
    struct push_parcel head = take_push_parcel(&c);
    struct push_item item;
    size_t cells = PUSH_CELLS_MAX;
    p->number = head.number;
    while (!p->damaged && push_item_next(&c, &item)) {
        const struct guest_meter *m = item.meter <= INT32_MAX ? guest_meter(t, (int64_t)item.meter) : NULL;
        if (!m || !m->meter) {
            p->refused++;
            continue;
        }
        if (item.what == PUSH_ITEM_CONTACTS)
            take_contacts(p, &item, m->meter);
        else if (item.what < ARCHIVE_COUNT)
            p->damaged = !push_item_emit(&item, &t->house->scratch, &cells, &portion_of(p, m->meter)->batch.sink);
    }
    p->damaged |= c.failed;
    pthread_mutex_lock(&t->house->lock);
    struct gateway_view *v = gateways_seen(t->house, t->row.id);
    v->behind = head.behind < INT32_MAX ? (int64_t)head.behind : INT32_MAX;
    v->behind_since_ms = head.oldest_ms < (uint64_t)clock_utc_ms() ? (int64_t)head.oldest_ms : 0;
    v->refused += p->refused;
    pthread_mutex_unlock(&t->house->lock);
    if (p->contact_count && store_contacts_put(t->house->house.store, p->contacts, p->contact_count) != FAULT_NONE)
        log_line(LOG_ERROR, "gateway-contacts", "gateway=%lld", (long long)t->row.id);
}

/* --- after it is stored ------------------------------------------------------------------------------------------------------------ */

/* Meters told of their profile's period: what is expected of them is counted by it. */
static void note_step(struct guest *t, const struct portion *one)
{
    struct guest_meter *m = guest_meter_of(t, one->meter);
    struct reading_walk walk = reading_walk_over(&one->batch.readings);
    int step = 0;
    for (struct reading r; reading_walk_next(&walk, &r);)
        if (r.archive == ARCHIVE_PROFILE && r.step)
            step = r.step;
    if (!m || !step || step == m->step)
        return;
    m->step = step;
    char key[64], value[16];
    const char *known = NULL;
    struct arena a = { 0 };
    struct store *s = t->house->house.store;
    snprintf(key, sizeof key, "profile-step:%lld", (long long)one->meter);
    snprintf(value, sizeof value, "%d", step);
    store_setting_get(s, key, &a, &known);
    if (strcmp(known ? known : "1800", value) != 0 && store_setting_put(s, key, value) == FAULT_NONE) {
        store_owed_cancel(s, one->meter, ARCHIVE_PROFILE);
        t->house->expected_hour = 0; /* declared anew at the next beat */
    }
    arena_free(&a);
}

/* Pages and the list of relays learn of it as of a session. */
static void tell_news(struct guest *t, const struct portion *one)
{
    struct relay_status relays[RELAY_NUMBERS];
    int count = 0;
    enum fault contact = FAULT_NONE;
    for (int n = 0; n < RELAY_NUMBERS; n++) {
        struct relay_status s = relay_nothing(n);
        for (size_t i = 0; i < one->batch.states.count; i++)
            relay_take(&s, &batch_states(&one->batch)[i]);
        if (relay_exists(&s))
            relays[count++] = s;
    }
    for (size_t i = 0; i < one->batch.states.count; i++) {
        const struct state *s = &batch_states(&one->batch)[i];
        if (obis_equal(s->obis, STATE_CONTACT) && s->value > 0 && s->value < FAULT_COUNT)
            contact = (enum fault)s->value;
        else if (obis_equal(s->obis, STATE_CONTACT))
            contact = FAULT_NONE;
    }
    size_t readings = one->put.fresh + one->put.changed;
    if (readings + one->put.events + one->put.states == 0)
        return;
    service_hear(t->house->house.collection, &(struct collector_news){
        .meter = one->meter, .serial = "", .title = "", .fault = contact, .sentence = fault_text(contact, t->house->house.lang), .readings = readings,
        .events = one->put.events, .relays = relays, .relay_count = count });
}

struct telling {
    struct parcel *parcel;
    struct guest *guest;
};

static void look_back(void *argument)
{
    struct telling *l = argument;
    struct guest *t = l->guest;
    size_t readings = 0, events = 0;
    for (const struct portion *one = l->parcel->portions; one; one = one->next) {
        if (one->fault != FAULT_NONE)
            continue;
        readings += one->put.fresh + one->put.changed;
        events += one->put.events;
        note_step(t, one);
        tell_news(t, one);
    }
    pthread_mutex_lock(&t->house->lock);
    struct gateway_view *v = gateways_seen(t->house, t->row.id);
    v->readings += (int64_t)readings;
    v->events += (int64_t)events;
    pthread_mutex_unlock(&t->house->lock);
}

static void parcel_free(struct parcel *p)
{
    while (p->portions) {
        struct portion *next = p->portions->next;
        batch_free(&p->portions->batch);
        free(p->portions);
        p->portions = next;
    }
    free(p->contacts);
    free(p);
}

/* A disk that does not take it now takes it later: the gateway comes again. What cannot be stored at all is let go. */
static bool is_stored(const struct parcel *p)
{
    bool good = true;
    for (const struct portion *one = p->portions; one; one = one->next) {
        good &= one->fault != FAULT_STORE;
        if (one->fault != FAULT_NONE)
            log_line(LOG_ERROR, "gateway-portion", "meter=%lld fault=%s", (long long)one->meter, fault_name(one->fault));
    }
    return good;
}

static void acknowledge(struct guest *t, uint64_t number)
{
    uint8_t memory[10];
    struct writer w = writer_over(memory, sizeof memory);
    put_push_number(&w, number);
    push_link_tell(t->link, PUSH_ACK, writer_bytes(&w));
}

/* On the loop, outside of tasks: parcels that are stored, in order. */
static void settle(void *argument)
{
    struct parcel *p = argument;
    struct guest *t = p->guest;
    p->stored = true;
    while (t->first && t->first->stored) {
        struct parcel *done = t->first;
        t->first = done->next;
        t->last = t->first ? t->last : &t->first;
        t->parcels--;
        bool good = is_stored(done);
        look_back(&(struct telling){ done, t });
        if (good && done->number)
            acknowledge(t, done->number);
        else if (!good) {
            push_link_tell(t->link, PUSH_REFUSAL, bytes_of_text("{\"reason\":\"store\"}"));
            push_link_expel(t->link);
        }
        parcel_free(done);
    }
    if (t->waits)
        task_wake(t->task);
}

/* On the writer's thread. */
static void less(struct parcel *p)
{
    struct loop *loop = p->guest->house->loop;
    if (atomic_fetch_sub(&p->left, 1) == 1)
        loop_post(loop, settle, p);
}

static void portion_stored(void *context, const struct batch *batch, enum fault fault, const struct put_result *result)
{
    struct portion *one = context;
    (void)batch;
    one->fault = fault;
    one->put = *result;
    less(one->parcel);
}

/* --- its way ------------------------------------------------------------------------------------------------------------------------------ */

static void submit(struct guest *t, struct parcel *p)
{
    for (struct portion *one = p->portions; one; one = one->next) {
        atomic_fetch_add(&p->left, 1);
        while (!writer_try_submit(t->house->writer, one->meter, &one->batch, portion_stored, one))
            task_park_firmly(loop_now_us(t->house->loop) + 2000);
    }
    less(p);
}

void guest_data_settle(struct guest *t, size_t left)
{
    t->waits = true;
    while (t->parcels > left)
        task_park_firmly(LOOP_NEVER);
    t->waits = false;
}

bool guest_data_take(struct guest *t, struct bytes body)
{
    struct parcel *p = memory_new(sizeof *p);
    struct unpacking u = { p, body };
    p->guest = t;
    atomic_store(&p->left, 1);
    task_aside(unpack, &u);
    for (const struct portion *one = p->portions; one; one = one->next)
        p->damaged |= one->batch.dropped > 0;
    if (p->damaged) {
        parcel_free(p);
        return false;
    }
    *t->last = p;
    t->last = &p->next;
    t->parcels++;
    submit(t, p);
    guest_data_settle(t, PARCELS_MAX - 1);
    return true;
}
