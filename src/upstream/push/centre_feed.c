/* What goes up over the push's connection: parcels of data within a window, rows of the meter table, hours of contact, results of
 * orders ahead of them; see centre_inside.h. */
#include "upstream/push/centre_inside.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/debts/contacts.h"
#include "store/registry/registry.h"

#include <stdio.h>
#include <stdlib.h>

#define SECOND_US INT64_C(1000000)
enum {
    BEAT_US = 200000, LOOK_ANYWAY_MS = 15000, SAVE_MS = 30000,
    TABLE_MS = 600000,        /* what meters say of themselves changes now and then */
    TABLE_LEAST_MS = 1500,    /* a table that is being edited is not told row by row */
    CONTACTS_MS = 300000, CONTACT_DAYS = 2, PARCEL_HEAD = 30, HOURS_MAX = 24,
};

static const char reader_name[] = "centre";

/* --- the place --------------------------------------------------------------------------------------------------------------- */

static bool take_reader(void *context, const struct feed_reader *r)
{
    struct centre *c = context;
    if (strcmp(r->name, reader_name) == 0) {
        c->kept = centre_place_read(r->position, r->note ? r->note : "");
        c->lost = r->lost;
    }
    return true;
}

void centre_join(struct centre *c)
{
    c->kept = (struct centre_place){ 0 };
    c->lost = 0;
    if (store_feed_join(c->house.store, reader_name) != FAULT_NONE || store_feed_readers(c->house.store, reader_name, take_reader, c) != FAULT_NONE)
        log_line(LOG_ERROR, "push-feed", "trouble=\"cannot be read\"");
    c->saved = c->kept;
}

static void save(void *argument)
{
    struct centre *c = argument;
    char note[CENTRE_NOTE_MAX];
    centre_place_write(&c->kept, note);
    if (store_feed_move(c->house.store, &(struct feed_reader){ .name = reader_name, .position = c->kept.position, .note = note }, 1) == FAULT_NONE)
        c->saved = c->kept;
}

/* The place is on the disk some seconds later than it is true: what was acknowledged in between is sent again after a power cut,
 * and changes nothing there. A flash is spared a write for every parcel. */
void centre_save(struct centre *c, bool now)
{
    char kept[CENTRE_NOTE_MAX], saved[CENTRE_NOTE_MAX];
    int64_t ms = clock_monotonic_ms();
    if (!c->joined || (!now && ms - c->saved_ms < SAVE_MS))
        return;
    c->saved_ms = ms;
    centre_place_write(&c->kept, kept);
    centre_place_write(&c->saved, saved);
    if (c->kept.position != c->saved.position || strcmp(kept, saved) != 0)
        task_aside(save, c);
}

/* --- figures ------------------------------------------------------------------------------------------------------------------ */

static bool take_lost(void *context, const struct feed_reader *r)
{
    struct centre *c = context;
    if (strcmp(r->name, reader_name) == 0)
        c->lost = r->lost;
    return true;
}

static void show(void *argument)
{
    struct centre *c = argument;
    int64_t last = 0, done = 0, all = 0, now = clock_utc_ms();
    if (store_feed_last(c->house.store, &last) != FAULT_NONE)
        return;
    store_feed_readers(c->house.store, reader_name, take_lost, c);
    centre_source_progress(c->source, &c->kept, &done, &all);
    int64_t behind = last > c->kept.position ? last - c->kept.position : 0;
    int64_t sent = 0, received = 0;
    if (c->link)
        push_link_counts(c->link, &sent, &received);
    c->behind_since_ms = !behind ? 0 : c->behind_since_ms ? c->behind_since_ms : now;
    pthread_mutex_lock(&c->lock);
    c->view.behind = behind;
    c->view.behind_since_ms = c->behind_since_ms;
    c->view.lost = c->lost;
    c->view.sent = c->sent + sent;
    c->view.received = c->received + received;
    c->view.all_done = done;
    c->view.all_count = all;
    c->view.readings_left = (int64_t)c->flying_count;
    pthread_mutex_unlock(&c->lock);
}

/* --- parcels -------------------------------------------------------------------------------------------------------------------- */

struct making {
    struct centre *centre;
    struct writer writer;
    struct centre_place place;
    enum fault fault;
};

static void make_parcel(void *argument)
{
    struct making *m = argument;
    struct centre *c = m->centre;
    m->place = c->place;
    m->writer = writer_over(c->parcel + PARCEL_HEAD, sizeof c->parcel - PARCEL_HEAD);
    m->fault = centre_source_next(c->source, &m->place, &m->writer);
}

/* The head is written before the items, which lie where they were made. */
static struct bytes with_head(struct centre *c, uint64_t number, const struct writer *items)
{
    uint8_t head[PARCEL_HEAD];
    struct writer w = writer_over(head, sizeof head);
    int64_t last = 0;
    pthread_mutex_lock(&c->lock);
    last = c->view.behind;
    pthread_mutex_unlock(&c->lock);
    put_push_parcel(&w, &(struct push_parcel){ number, (uint64_t)last, (uint64_t)c->behind_since_ms });
    struct bytes h = writer_bytes(&w), body = writer_bytes(items);
    uint8_t *start = items->start - h.size;
    memcpy(start, h.data, h.size);
    return bytes_of(start, h.size + body.size);
}

static bool has_window(const struct centre *c)
{
    return c->flying_count < CENTRE_FLYING_MAX && c->flying_bytes < CENTRE_WINDOW;
}

/* The next parcel, if there is something to tell and room for it. */
static bool send_parcel(struct centre *c)
{
    struct making m = { .centre = c };
    if (!has_window(c))
        return false;
    task_aside(make_parcel, &m);
    c->fed_all = m.fault != FAULT_NONE;
    if (m.fault == FAULT_NO_DATA) {
        c->place = m.place;
        if (c->flying_count == 0)
            c->kept = m.place; /* over rows that say nothing any more */
    }
    if (m.fault != FAULT_NONE)
        return false;
    struct bytes parcel = with_head(c, ++c->number, &m.writer);
    c->flying[c->flying_count++] = (struct flying){ c->number, parcel.size, m.place };
    c->flying_bytes += parcel.size;
    c->place = m.place;
    return push_link_tell(c->link, PUSH_DATA, parcel);
}

void centre_acknowledged(struct centre *c, uint64_t number)
{
    size_t done = 0;
    while (done < c->flying_count && c->flying[done].number <= number) {
        c->kept = c->flying[done].after;
        c->flying_bytes -= c->flying[done].size;
        done++;
    }
    if (!done)
        return;
    c->flying_count -= done;
    memmove(c->flying, c->flying + done, c->flying_count * sizeof *c->flying);
    pthread_mutex_lock(&c->lock);
    c->view.acknowledged_ms = clock_utc_ms();
    c->view.parcels += (int64_t)done;
    pthread_mutex_unlock(&c->lock);
    if (c->flying_count == 0)
        task_aside(show, c);
    if (!c->feeder_over)
        task_wake(c->feeder);
}

/* --- results of orders, with what they brought ahead of them ---------------------------------------------------------------------- */

struct bringing {
    struct centre *centre;
    struct centre_outcome outcome;
    struct writer writer;
    bool found, more;
};

static void next_outcome(void *argument)
{
    struct bringing *b = argument;
    b->found = centre_orders_next(b->centre->orders, &b->outcome);
}

static void bring(void *argument)
{
    struct bringing *b = argument;
    struct centre *c = b->centre;
    b->writer = writer_over(c->parcel + PARCEL_HEAD, sizeof c->parcel - PARCEL_HEAD);
    if (centre_source_of_meter(c->source, b->outcome.meter, &b->outcome.position, &b->writer, &b->more) != FAULT_NONE)
        b->more = false;
}

static bool send_outcomes(struct centre *c)
{
    bool any = false;
    for (struct bringing b = { .centre = c }; !push_link_over(c->link); any = true) {
        task_aside(next_outcome, &b);
        if (!b.found)
            break;
        for (b.more = b.outcome.position > 0; b.more;) {
            task_aside(bring, &b);
            if (writer_size(&b.writer))
                push_link_tell(c->link, PUSH_DATA, with_head(c, 0, &b.writer));
        }
        push_link_tell_json(c->link, PUSH_RESULT, b.outcome.result);
    }
    return any;
}

/* --- the meter table ----------------------------------------------------------------------------------------------------------------- */

struct looking {
    struct centre *centre;
    char *page;
    bool differs;
};

static void look_at_table(void *argument)
{
    struct looking *l = argument;
    struct centre *c = l->centre;
    store_registry_mark(c->house.store, &c->table_revision, &c->table_deleted);
    l->differs = centre_table_look(c->table) == FAULT_NONE && centre_table_differs(c->table);
}

static void next_page(void *argument)
{
    struct looking *l = argument;
    l->page = centre_table_page(l->centre->table);
}

static void look_at_mark(void *argument)
{
    struct looking *l = argument;
    struct centre *c = l->centre;
    int64_t revision = 0, deleted = 0;
    l->differs = store_registry_mark(c->house.store, &revision, &deleted) == FAULT_NONE && (revision != c->table_revision || deleted != c->table_deleted);
    l->differs |= centre_table_differs(c->table); /* the head-end wants it again */
}

/* When the registry has changed, and now and then. One table is under way at a time. */
static void send_table(struct centre *c)
{
    struct looking l = { .centre = c };
    int64_t now = clock_monotonic_ms();
    if (c->table_flies || (c->mark_ms && now - c->mark_ms < TABLE_LEAST_MS))
        return;
    c->mark_ms = now;
    if (c->table_ms && now - c->table_ms < TABLE_MS) {
        task_aside(look_at_mark, &l);
        if (!l.differs)
            return;
    }
    c->table_ms = now;
    task_aside(look_at_table, &l);
    if (!l.differs)
        return;
    c->table_flies = true;
    for (task_aside(next_page, &l); l.page && !push_link_over(c->link); task_aside(next_page, &l)) {
        push_link_tell(c->link, PUSH_METERS, bytes_of_text(l.page));
        free(l.page);
        while (push_link_waiting(c->link) > CENTRE_WINDOW && !push_link_over(c->link) && !task_cancelled())
            task_park(loop_now_us(c->loop) + BEAT_US);
    }
    if (l.page)
        free(l.page);
}

void centre_table_answered(struct centre *c, const json_t *answer)
{
    c->table_flies = false;
    centre_table_taken(c->table, push_text(answer, "mark"));
    pthread_mutex_lock(&c->lock);
    c->view.refused_meters = push_int(answer, "refused");
    pthread_mutex_unlock(&c->lock);
    if (!c->feeder_over)
        task_wake(c->feeder);
}

/* --- hours of contact ------------------------------------------------------------------------------------------------------------------ */

/* What was told of a meter's day, by day and meter. */
struct contact_sent {
    int64_t day, meter;
    uint32_t good, failed;
};

struct contacting {
    struct centre *centre;
    struct contact_sent *now;
    size_t count, room, at;
    int64_t zone_h;
    struct writer writer;
};

static bool note_contact(void *context, int64_t meter, int64_t day, uint32_t good, uint32_t failed)
{
    struct contacting *k = context;
    if (k->count == k->room) {
        k->room = k->room ? k->room * 2 : 256;
        k->now = memory_resize(k->now, k->room * sizeof *k->now);
    }
    k->now[k->count++] = (struct contact_sent){ day, meter, good, failed };
    return true;
}

static const struct contact_sent *former(const struct centre *c, const struct contact_sent *one)
{
    size_t low = 0, high = c->contact_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct contact_sent *k = &c->contacts[middle];
        if (k->day < one->day || (k->day == one->day && k->meter < one->meter))
            low = middle + 1;
        else
            high = middle;
    }
    return low < c->contact_count && c->contacts[low].day == one->day && c->contacts[low].meter == one->meter ? &c->contacts[low] : NULL;
}

static void gather_contacts(void *argument)
{
    struct contacting *k = argument;
    int64_t now = clock_utc_ms(), today = wall_day(clock_local_wall(now));
    store_contacts(k->centre->house.store, 0, today - CONTACT_DAYS + 1, today, note_contact, k);
    k->zone_h = clock_zone_minutes(now) / 60;
}

/* Those of a meter's day that are new since they were told. */
static size_t new_hours(const struct contacting *k, const struct contact_sent *one, struct push_contact out[HOURS_MAX])
{
    const struct contact_sent *old = former(k->centre, one);
    uint32_t good = one->good & ~(old ? old->good : 0), failed = one->failed & ~(old ? old->failed : 0);
    size_t count = 0;
    for (int h = 0; h < HOURS_MAX; h++)
        if ((good | failed) >> h & 1)
            out[count++] = (struct push_contact){ one->day * 24 + h - k->zone_h, one->good >> h & 1, one->failed >> h & 1 };
    return count;
}

static void fill_contacts(void *argument)
{
    struct contacting *k = argument;
    struct push_contact hours[HOURS_MAX];
    k->writer = writer_over(k->centre->parcel + PARCEL_HEAD, sizeof k->centre->parcel - PARCEL_HEAD);
    for (; k->at < k->count && writer_size(&k->writer) < CENTRE_PARCEL_USUAL; k->at++)
        put_push_contacts(&k->writer, (uint64_t)k->now[k->at].meter, hours, new_hours(k, &k->now[k->at], hours));
}

static void send_contacts(struct centre *c)
{
    int64_t now = clock_monotonic_ms();
    struct contacting k = { .centre = c };
    if (c->contacts_ms && now - c->contacts_ms < CONTACTS_MS)
        return;
    c->contacts_ms = now;
    task_aside(gather_contacts, &k);
    while (k.at < k.count && !push_link_over(c->link)) {
        task_aside(fill_contacts, &k);
        if (writer_size(&k.writer))
            push_link_tell(c->link, PUSH_DATA, with_head(c, 0, &k.writer));
    }
    free(c->contacts);
    c->contacts = k.now;
    c->contact_count = k.count;
}

/* --- the task ------------------------------------------------------------------------------------------------------------------------------ */

/* Whether it is worth looking into the feed: something was stored, or nobody has looked for a while (another process may store). */
static bool worth_looking(struct centre *c)
{
    unsigned long stirs = store_feed_stirs(c->house.store);
    int64_t now = clock_monotonic_ms();
    if (c->fed_all && stirs == c->stirs && now - c->looked_ms < LOOK_ANYWAY_MS)
        return false;
    c->stirs = stirs;
    c->looked_ms = now;
    return true;
}

static void want_everything(struct centre *c, struct centre_place *p)
{
    p->everything = true;
    p->meter = 0;
    p->archive = 0;
    p->within = (struct centre_within){ 0 };
    p->lost = c->lost;
}

/* Everything again: somebody wants it, or the feed has lost rows, which the archives still have. */
static void begin_again(struct centre *c)
{
    if (!atomic_exchange(&c->again, false) && c->lost <= c->place.lost)
        return;
    want_everything(c, &c->place);
    want_everything(c, &c->kept);
    for (size_t i = 0; i < c->flying_count; i++)
        want_everything(c, &c->flying[i].after);
    c->fed_all = false;
}

void centre_feed(void *argument)
{
    struct centre *c = argument;
    while (!push_link_over(c->link) && !task_cancelled()) {
        send_outcomes(c);
        send_table(c);
        send_contacts(c);
        begin_again(c);
        centre_save(c, false);
        bool sent = has_window(c) && !c->table_flies && worth_looking(c) && send_parcel(c);
        if (sent) {
            c->fed_all = false;
            task_aside(show, c);
            task_yield();
        } else {
            task_park(loop_now_us(c->loop) + BEAT_US);
        }
    }
    c->feeder_over = true;
    task_wake(c->main);
}
