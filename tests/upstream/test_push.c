/* The parts of the push without processes: codes and proofs; frames over a pair of sockets with rough neighbours; parcels along the
 * feed and out of the archives, resumed wherever they stopped; gateways and their meters in the store; a relay told by its story. */
#include "../store/store_help.h"
#include "collect/story.h"
#include "store/upward/feed.h"
#include "store/upward/gateways.h"
#include "upstream/push/centre_source.h"
#include "upstream/push/link.h"
#include "upstream/push/proof.h"

#include <sys/socket.h>

/* --- who is it ------------------------------------------------------------------------------------------------------------- */

static void test_codes(void)
{
    struct push_code code = { .host = "hes.example.org", .port = 4070, .gateway = 7 }, back;
    char text[PUSH_CODE_MAX];
    struct text t = text_over(text, sizeof text);
    secret_new(code.secret);
    secret_new(code.pin);
    push_code_write(&code, &t);
    ok(push_code_read(text, &back) && memcmp(&back, &code, sizeof code) == 0, "a code is read as it was written");
    char around[PUSH_CODE_MAX + 20];
    snprintf(around, sizeof around, "  %s\r\n", text);
    ok(push_code_read(around, &back) && memcmp(&back, &code, sizeof code) == 0, "with what a clipboard puts around it");
    t = text_over(text, sizeof text);
    snprintf(code.host, sizeof code.host, "fd00::5");
    *code.pin = '\0';
    push_code_write(&code, &t);
    ok(push_code_read(text, &back) && strcmp(back.host, "fd00::5") == 0 && !*back.pin, "an address of version 6, without a pin");
    static const char *const wrong[] = { "", "svod://", "svod://h:1/0?key=00", "http://h:1/7?key=0", "svod://h:70000/7?key=0", "svod://:1/7?key=0", "svod://h/7?key=0" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ok(!push_code_read(wrong[i], &back), "no code: %s", wrong[i]);
    for (size_t cut = 1; cut < strlen(text); cut++) {
        char part[PUSH_CODE_MAX];
        snprintf(part, sizeof part, "%.*s", (int)cut, text);
        if (push_code_read(part, &back))
            ok(false, "a code that was cut is none: %s", part);
    }
}

static void test_proofs(void)
{
    char one[PUSH_PROOF_TEXT], other[PUSH_PROOF_TEXT];
    push_proof("key", "gateway", 7, "n1", "n2", one);
    /* printf 'svod-push 1\ngateway\n7\nn1\nn2' | openssl dgst -sha256 -hmac key */
    is_text(one, "89c648f02e5b7ddf8082717824d0997834cda136da02f393df545c8453d56b57", "a proof, computed apart");
    push_proof("key", "head-end", 7, "n1", "n2", other);
    ok(!push_proof_fits(one, other), "that of the one side is none of the other");
    push_proof("key", "gateway", 8, "n1", "n2", other);
    ok(!push_proof_fits(one, other), "nor of another gateway");
    push_proof("key", "gateway", 7, "n1", "n2", other);
    ok(push_proof_fits(one, other) && !push_proof_fits("", one) && !push_proof_fits(one, ""), "and fits itself alone");
}

/* --- frames over a pair of sockets -------------------------------------------------------------------------------------------- */

enum { MANY = 300 };

struct side {
    struct loop *loop;
    int socket;
    size_t most;
    int heard;
    bool in_order, json;
    char why[20];
    void (*speak)(struct side *s, struct push_link *l);
};

static void speak_many(struct side *s, struct push_link *l)
{
    (void)s;
    static uint8_t body[2000];
    push_link_tell_json(l, PUSH_HELLO, json_pack("{s:i}", "seven", 7));
    for (int i = 0; i < MANY; i++) {
        struct writer w = writer_over(body, sizeof body);
        put_push_number(&w, (uint64_t)i);
        push_link_tell(l, PUSH_DATA, bytes_of(body, (size_t)(i * 5) + writer_size(&w)));
    }
    push_link_tell(l, PUSH_PING, bytes_of_text(""));
}

static void speak_large(struct side *s, struct push_link *l)
{
    (void)s;
    static uint8_t body[PUSH_BODY_STRANGER + 1];
    push_link_tell(l, PUSH_DATA, bytes_of(body, sizeof body));
}

static void side_body(void *argument)
{
    struct side *s = argument;
    struct pipe *p = pipe_socket_new(s->socket);
    struct push_frame f;
    pipe_open(p, LOOP_NEVER, NULL);
    struct push_link *l = push_link_new(p);
    if (s->speak)
        s->speak(s, l);
    s->in_order = true;
    while (s->heard < MANY + 1 && push_link_hear(l, s->most, loop_now_us(s->loop) + 2000000, &f)) {
        struct cursor c = cursor_over(f.body);
        if (f.kind == PUSH_HELLO) {
            json_t *body = push_link_json(f.body);
            s->json = push_int(body, "seven") == 7;
            json_decref(body);
        } else {
            s->in_order &= take_push_number(&c) == (uint64_t)s->heard - 1;
        }
        s->heard++;
    }
    snprintf(s->why, sizeof s->why, "%s", push_link_why(l));
    task_renew();
    push_link_free(&l);
}

static void converse(struct side *a, struct side *b)
{
    int pair[2];
    struct loop *l = loop_new();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0)
        abort();
    a->loop = b->loop = l;
    a->socket = pair[0];
    b->socket = pair[1];
    loop_spawn(l, side_body, a);
    loop_spawn(l, side_body, b);
    loop_run(l);
    loop_free(&l);
}

static void test_link(void)
{
    struct side a = { .most = PUSH_BODY_MAX, .speak = speak_many }, b = { .most = PUSH_BODY_MAX, .speak = speak_many };
    converse(&a, &b);
    ok(a.heard == MANY + 1 && b.heard == MANY + 1 && a.in_order && b.in_order && a.json && b.json, "both tell and hear at once, in order (%d, %d)", a.heard, b.heard);
    a = (struct side){ .most = PUSH_BODY_STRANGER };
    b = (struct side){ .most = PUSH_BODY_MAX, .speak = speak_large };
    converse(&a, &b);
    ok(a.heard == 0 && strcmp(a.why, "nonsense") == 0, "a stranger's large frame is not waited for: %s", a.why);
    ok(strcmp(b.why, "closed") == 0 || strcmp(b.why, "lost") == 0, "he is left: %s", b.why);
}

/* --- parcels ------------------------------------------------------------------------------------------------------------------------ */

enum { METERS = 3, DAYS = 40 };
static int64_t first_day = 20400 * (int64_t)DAY_SECONDS;


static uint8_t memory[PUSH_BODY_MAX];
static struct push_scratch scratch;

/* What a parcel says goes into another store, as the head-end does. */
static bool deliver(struct store *to, struct bytes parcel)
{
    struct cursor c = cursor_over(parcel);
    struct push_item item;
    size_t cells = PUSH_CELLS_MAX;
    bool good = true;
    while (good && push_item_next(&c, &item)) {
        struct batch b;
        struct put_result put;
        batch_init(&b, BATCH_BYTES_USUAL);
        good = push_item_emit(&item, &scratch, &cells, &b.sink) && store_put(to, (int64_t)item.meter, &b, &put) == FAULT_NONE && put.changed == 0;
        batch_free(&b);
    }
    return good && !c.failed;
}

struct sum {
    uint64_t sum;
    size_t count;
};

static bool add_up(void *context, const struct reading *r, const struct reading_kept *kept)
{
    struct sum *s = context;
    (void)kept;
    s->count++;
    s->sum += (uint64_t)r->wall * 31 + (uint64_t)r->value.mantissa * 7 + r->obis.code + r->quality;
    return true;
}

static bool add_event(void *context, int64_t meter, const struct event *e, int64_t stored_ms)
{
    struct sum *s = context;
    (void)meter, (void)stored_ms;
    s->count++;
    s->sum += (uint64_t)e->wall + e->code;
    return true;
}

static struct sum all_of(struct store *s)
{
    struct sum sum = { 0 };
    struct span always = { 0, INT64_MAX };
    for (int64_t m = 1; m <= METERS; m++) {
        store_readings(s, m, ARCHIVE_PROFILE, NULL, 0, always, add_up, &sum);
        store_readings(s, m, ARCHIVE_DAY, NULL, 0, always, add_up, &sum);
        store_events(s, m, always, add_event, &sum);
    }
    return sum;
}

static void fill(struct store *s, int64_t meter, int from, int days)
{
    struct batch b;
    struct put_result put;
    batch_init(&b, BATCH_BYTES_USUAL);
    for (int64_t i = 0; i < (int64_t)days * 48; i++)
        for (int k = 0; k < 2; k++) {
            struct reading r = help_reading(ARCHIVE_PROFILE, k ? A_MINUS : A_PLUS, first_day + (int64_t)from * DAY_SECONDS + i * 1800, help_value(meter, from * 48 + i + k));
            emit_reading(&b.sink, &r);
        }
    for (int d = from; d < from + days; d++) {
        struct reading r = help_reading(ARCHIVE_DAY, A_PLUS, first_day + (int64_t)d * DAY_SECONDS, 1000 * d);
        emit_reading(&b.sink, &r);
        for (uint16_t e = 0; e < 60; e++)
            emit_event(&b.sink, &(struct event){ .journal = 1, .code = e, .wall = first_day + (int64_t)d * DAY_SECONDS + e });
    }
    if (store_put(s, meter, &b, &put) != FAULT_NONE)
        abort();
    batch_free(&b);
}

/* Until there is nothing more. After every parcel the place goes through its text, and every third parcel is lost on its way: sent
 * again from where the last one that arrived ended. */
static int drain(struct store *from, struct store *to, struct centre_place *kept)
{
    struct centre_source *src = centre_source_new(from);
    int parcels = 0;
    for (int tries = 0; tries < 2000; tries++) {
        char note[CENTRE_NOTE_MAX];
        struct centre_place place = *kept;
        struct writer w = writer_over(memory, sizeof memory);
        enum fault f = centre_source_next(src, &place, &w);
        if (f == FAULT_NO_DATA) {
            *kept = place;
            break;
        }
        if (f != FAULT_NONE || (tries % 3 != 2 && !deliver(to, writer_bytes(&w)))) {
            ok(false, "a parcel: %s", fault_name(f));
            break;
        }
        if (tries % 3 == 2)
            continue;
        parcels++;
        centre_place_write(&place, note);
        *kept = centre_place_read(place.position, note);
    }
    centre_source_free(&src);
    return parcels;
}

static bool take_reader(void *context, const struct feed_reader *r)
{
    *(int64_t *)context = r->position;
    return true;
}

static void test_parcels(void)
{
    struct store *from = help_open("box.db", NULL), *to = help_open("hes.db", NULL);
    struct centre_place kept = { .head_end = "x" };
    for (int m = 1; m <= METERS; m++)
        store_meter_put(from, &(struct store_meter){ .serial = m == 1 ? "1" : m == 2 ? "2" : "3", .driver = "spodes", .project = 1 }, NULL);
    for (int64_t m = 1; m <= METERS; m++)
        fill(from, m, 0, DAYS);
    is_int(store_feed_join(from, "centre"), FAULT_NONE);
    store_feed_readers(from, "centre", take_reader, &kept.position);
    kept.everything = true;
    int parcels = drain(from, to, &kept);
    struct sum ours = all_of(from), theirs = all_of(to);
    ok(ours.count == METERS * DAYS * (96 + 1 + 60) && ours.count == theirs.count && ours.sum == theirs.sum, "everything that was there before: %zu of %zu in %d parcels", theirs.count, ours.count, parcels);
    ok(parcels >= 3 && !kept.everything, "in more parcels than one, to its end");
    fill(from, 2, DAYS, 3);
    fill(from, 1, DAYS - 1, 2); /* half of it is there already */
    is_int(drain(from, to, &kept) > 0, 1, "what is new goes along the feed");
    ours = all_of(from), theirs = all_of(to);
    ok(ours.count == theirs.count && ours.sum == theirs.sum, "exactly: %zu of %zu", theirs.count, ours.count);
    is_int(drain(from, to, &kept), 0, "and then there is nothing");
    struct centre_place none = centre_place_read(5, "nonsense");
    ok(none.position == 5 && !none.everything && !none.row.begun, "a note that is none is an empty place");
    store_close(&from);
    store_close(&to);
}

/* --- tables ---------------------------------------------------------------------------------------------------------------------------- */

static bool note_state(void *context, const struct store_gateway_meter *m)
{
    int *states = context;
    states[m->number] = (int)m->state * 100 + (int)m->meter;
    return true;
}

static void test_tables(void)
{
    struct store *s = help_open("tables.db", NULL);
    struct arena a = { 0 };
    struct store_gateway g = { .project = 1, .title = "Cellar", .note = "", .key = "sealed:x", .enabled = true, .made_by = "admin", .made_ms = 5 }, back;
    int64_t id = 0, link = 0;
    int states[10] = { 0 };
    is_int(store_gateway_put(s, &g, &id), FAULT_NONE);
    is_int(store_gateway_get(s, id, &a, &back), FAULT_NONE);
    ok(strcmp(back.title, "Cellar") == 0 && back.made_ms == 5 && back.revision == 1 && back.seen_ms == 0 && !*back.table_mark, "a gateway");
    store_link_put(s, &(struct store_link){ .title = "c", .uri = "gateway:1", .project = 1 }, &link);
    back.link = link;
    is_int(store_gateway_put(s, &back, NULL), FAULT_NONE);
    is_int(store_gateway_put(s, &back, NULL), FAULT_CHANGED, "who saw another revision overwrites nothing");
    const struct store_gateway_meter rows[] = { { id, 3, 8, GATEWAY_METER_PRESENT, "1", "spodes", "", 0 }, { id, 4, 0, GATEWAY_METER_REFUSED, "2", "spodes", "", 9 } };
    is_int(store_gateway_meters_put(s, rows, 2), FAULT_NONE);
    is_int(store_gateway_meters_put(s, &(struct store_gateway_meter){ id, 3, 8, GATEWAY_METER_GONE, "1", "spodes", "", 0 }, 1), FAULT_NONE);
    store_gateway_meters(s, id, note_state, states);
    ok(states[3] == 108 && states[4] == 200, "its meters, one row each");
    back.table_mark = "abc";
    back.seen_ms = 77;
    is_int(store_gateway_seen(s, &back), FAULT_NONE);
    store_gateway_get(s, id, &a, &back);
    ok(back.meters == 1 && back.present == 0 && back.seen_ms == 77 && strcmp(back.table_mark, "abc") == 0, "as it was last seen");
    struct store_line line = { .link = link, .priority = 1, .enabled = true };
    store_meter_put(s, &(struct store_meter){ .serial = "1", .driver = "spodes", .project = 1, .lines = &line, .line_count = 1 }, NULL);
    is_int(store_gateway_delete(s, id), FAULT_REFUSED, "one with meters over it stays");
    store_meter_delete(s, 1, false);
    is_int(store_gateway_delete(s, id), FAULT_NONE);
    is_int(store_link_get(s, link, &a, &(struct store_link){ 0 }), FAULT_NO_DATA, "its channel goes with it");
    arena_free(&a);
    store_close(&s);
}

static void test_story(void)
{
    struct relay_order o;
    ok(!story_relay("1 begin 1 x\n2 identified 5\n3 end none \n", &o), "a session without a relay");
    ok(story_relay("1 begin 1 x\n2 relay 0 1 1 4 0\n3 command relay-off 0 none \n4 relay 0 0 0 4 0\n", &o), "one that switches");
    ok(!o.on && o.sent && o.fault == FAULT_NONE && o.before.output == 1 && o.after.output == 0 && o.after.mode == 4, "as it was and is");
    ok(story_relay("2 relay 0 1 1 4 1\n3 command relay-off 0 refused !locked\n", &o) && !o.sent && o.refusal == RELAY_LOCKED && o.fault == FAULT_REFUSED, "a lock refuses, nothing was sent");
    ok(story_relay("3 command relay-on 2 no-answer AARQ\n", &o) && o.on && !o.sent && o.before.number == 2, "nothing was read, nothing sent");
    is_int(story_fault("session no-answer x\n"), FAULT_NO_ANSWER);
    is_int(story_fault(""), FAULT_METER_ERROR);
}

int main(void)
{
    secrets_begin();
    test_codes();
    test_proofs();
    test_link();
    test_parcels();
    test_tables();
    test_story();
    help_clean();
    return tap_done();
}
