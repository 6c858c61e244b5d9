/* Delivery to a real mosquitto: what arrives equals what is stored and comes once; a broker that is away for a week costs delay;
 * a program that is killed loses nothing; wrong passwords and certificates are told in words. */
#include "upstream/mqtt/mqtt.h"
#include "../store/store_help.h"
#include "broker.h"
#include "store/upward/feed.h"
#include "store/upward/mqtt.h"
#include "upstream/mqtt/kinds.h"

enum { PATIENCE = 1500 /* of 20 ms */, SAID_MAX = 300 };

static struct vault *vault;
static int64_t day;
static char folder[160];

static struct broker broker_of(const char *name)
{
    struct broker b = { .port = free_port(), .settings = "allow_anonymous true" };
    snprintf(b.folder, sizeof b.folder, "%s/%s", folder, name);
    mkdir(b.folder, 0700);
    return b;
}

static int64_t add_meter(struct store *s, const char *serial, const char *group)
{
    int64_t id = 0;
    store_meter_put(s, &(struct store_meter){ .serial = serial, .title = serial, .driver = "spodes", .enabled = true, .group = group, .zone_minutes = 180, .project = 1 }, &id);
    return id;
}

static int64_t add_broker(struct store *s, const struct broker *b, int qos)
{
    int64_t id = 0;
    store_broker_put(s, &(struct store_broker){ .project = 1, .device = "box1", .address = "127.0.0.1", .port = b->port, .qos = qos, .prefix = "town",
        .security = "none", .login = "", .password = "", .authority = "", .certificate = "", .key = "", .enabled = true }, &id);
    return id;
}

static int64_t publish(struct store *s, int64_t broker, const char *kinds, const char *format, const char *cause, const char *layout)
{
    int64_t template = 0, id = 0;
    store_mqtt_template_put(s, &(struct store_mqtt_template){ .project = 1, .title = "t", .format = format, .kinds = kinds }, &template);
    store_publication_put(s, &(struct store_publication){ .project = 1, .broker = broker, .template = template, .postfix = "data", .cause = cause,
        .layout = layout, .enabled = true }, &id);
    return id;
}

static void put_profile(struct store *s, int64_t meter, int64_t from, int count)
{
    static struct batch b;
    static bool made;
    if (!made)
        batch_init(&b, BATCH_BYTES_USUAL);
    made = true;
    for (int i = 0; i < count; i++) {
        struct reading r = help_reading(ARCHIVE_PROFILE, OBIS(1, 0, 1, 29, 0, 255), from + i * 1800, help_value(meter, from + i * 1800));
        r.value.exponent = -1; /* 412.5 Wh */
        emit_reading(&b.sink, &r);
    }
    help_put(s, meter, &b);
}

/* Waits for a condition that is looked at fifty times a second. */
#define until(condition)                                                     \
    do {                                                                     \
        for (int tries_ = 0; tries_ < PATIENCE && !(condition); tries_++)    \
            usleep(20000);                                                   \
    } while (0)

static bool delivered(struct mqtt *m, int64_t publication)
{
    struct mqtt_publication_figures f;
    return mqtt_publication_figures(m, publication, &f) && f.waiting == 0 && f.under_way == 0 && !f.ordered;
}

static enum mqtt_state state_of(struct mqtt *m, int64_t broker, char trouble[SAID_MAX])
{
    struct mqtt_broker_figures f;
    if (!mqtt_broker_figures(m, broker, &f))
        return MQTT_STATES;
    if (trouble)
        snprintf(trouble, SAID_MAX, "%s", mqtt_trouble_text(&f.trouble, LANG_EN));
    return f.state;
}

/* Of a meter's moments: how many came, how often the most frequent, how many with another value than was stored. */
struct tally {
    size_t moments, wrong;
    int most;
};

static struct tally tally_of(struct listener *l, const char *measure, int64_t meter)
{
    struct tally t = { 0 };
    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < l->count; i++) {
        const struct heard *h = &l->heard[i];
        char want[DECIMAL_TEXT_MAX];
        if (h->meter != meter || strcmp(h->measure, measure) != 0 || strcmp(h->tag, "P+") != 0)
            continue;
        int64_t value = 2 * help_value(meter, h->ts - 1800 + 180 * 60); /* mean power of the half-hour that ended then */
        snprintf(want, sizeof want, "%lld.%lld", (long long)value / 10, (long long)value % 10);
        t.moments++;
        t.wrong += strcmp(want, h->value) != 0;
        t.most = h->times > t.most ? h->times : t.most;
    }
    pthread_mutex_unlock(&l->lock);
    return t;
}

static size_t messages_of(struct listener *l)
{
    pthread_mutex_lock(&l->lock);
    size_t n = l->messages;
    pthread_mutex_unlock(&l->lock);
    return n;
}

static bool status_is(struct listener *l, const char *want)
{
    pthread_mutex_lock(&l->lock);
    bool is = strcmp(l->status, want) == 0;
    pthread_mutex_unlock(&l->lock);
    return is;
}

/* ---- what arrives ---- */

static void test_once(int qos)
{
    enum { METERS = 3 };
    char name[32];
    snprintf(name, sizeof name, "once%d", qos);
    struct broker b = broker_of(name);
    broker_start(&b);
    struct listener l;
    listener_start(&l, &b, "listener");
    snprintf(name, sizeof name, "once%d.db", qos);
    struct store *s = help_open(name, NULL);
    int64_t meters[METERS] = { add_meter(s, "100", "A"), add_meter(s, "200", "A"), add_meter(s, "300", "B") };
    put_profile(s, meters[0], day - DAY_SECONDS, 48); /* before the publication is: not its business */
    int64_t broker = add_broker(s, &b, qos), publication = publish(s, broker, "aCons full", "json", "arrival", "together");
    struct mqtt *m = mqtt_new(s, vault, LANG_RU);
    until(state_of(m, broker, NULL) == MQTT_CONNECTED && status_is(&l, "online"));
    is_int(state_of(m, broker, NULL), MQTT_CONNECTED, "QoS %d: connected", qos);
    ok(status_is(&l, "online"), "and says so");
    for (int i = 0; i < 48; i++)
        for (int k = 0; k < METERS; k++)
            put_profile(s, meters[k], day + i * 1800, 1);
    put_profile(s, meters[0], day + DAY_SECONDS, 48); /* a whole day at once */
    put_profile(s, meters[0], day, 48);               /* nothing new */
    until(delivered(m, publication) && tally_of(&l, "aCons", meters[0]).moments >= 96 && tally_of(&l, "aCons", meters[2]).moments >= 48);
    for (int k = 0; k < METERS; k++) {
        struct tally t = tally_of(&l, "aCons", meters[k]);
        is_int(t.moments, k ? 48 : 96, "every moment of meter %d came", k);
        is_int(t.wrong, 0, "as it is stored");
        is_int(t.most, 1, "once");
    }
    is_text(l.last_topic, "town/box1/data");
    mqtt_free(&m);
    until(status_is(&l, "offline"));
    ok(status_is(&l, "offline"), "gone in order");
    size_t before = messages_of(&l);
    m = mqtt_new(s, vault, LANG_RU);
    until(state_of(m, broker, NULL) == MQTT_CONNECTED && delivered(m, publication));
    put_profile(s, meters[1], day + DAY_SECONDS, 1);
    until(messages_of(&l) > before);
    is_int(tally_of(&l, "aCons", meters[1]).moments, 49, "started anew it goes on where it was");
    is_int(tally_of(&l, "aCons", meters[1]).most, 1);
    mqtt_free(&m);
    store_close(&s);
    listener_stop(&l);
    broker_stop(&b);
}

static void test_week(void)
{
    enum { METERS = 6, HALF_HOURS = 7 * 48 };
    struct broker b = broker_of("week");
    broker_start(&b);
    struct listener l;
    listener_start(&l, &b, "listener");
    struct store *s = help_open("week.db", NULL);
    int64_t meters[METERS], broker = add_broker(s, &b, 1), publication = publish(s, broker, "aCons full", "json", "arrival", "together");
    for (int k = 0; k < METERS; k++)
        meters[k] = add_meter(s, "1", "A");
    struct mqtt *m = mqtt_new(s, vault, LANG_EN);
    until(state_of(m, broker, NULL) == MQTT_CONNECTED);
    put_profile(s, meters[0], day - 1800, 1);
    until(tally_of(&l, "aCons", meters[0]).moments == 1 && delivered(m, publication));
    broker_stop(&b);
    until(state_of(m, broker, NULL) != MQTT_CONNECTED);
    for (int i = 0; i < HALF_HOURS; i++)
        for (int k = 0; k < METERS; k++)
            put_profile(s, meters[k], day + i * 1800, 1);
    struct mqtt_publication_figures f = { 0 };
    until(mqtt_publication_figures(m, publication, &f) && f.waiting == METERS * HALF_HOURS);
    is_int(f.waiting, METERS * HALF_HOURS, "a week of data waits");
    char trouble[SAID_MAX] = "";
    until(state_of(m, broker, trouble) != MQTT_CONNECTED && strcmp(trouble, "nobody listens at that address and port") == 0);
    is_text(trouble, "nobody listens at that address and port");
    broker_start(&b);
    mqtt_hurry(m, broker);
    until(delivered(m, publication));
    until(tally_of(&l, "aCons", meters[METERS - 1]).moments >= HALF_HOURS);
    for (int k = 0; k < METERS; k++) {
        struct tally t = tally_of(&l, "aCons", meters[k]);
        is_int(t.moments, HALF_HOURS + (k == 0), "all of it came");
        is_int(t.wrong, 0, "right");
        is_int(t.most, 1, "and once");
    }
    ok(messages_of(&l) < METERS * HALF_HOURS / 50, "in few messages: %zu", messages_of(&l));
    mqtt_free(&m);
    store_close(&s);
    listener_stop(&l);
    broker_stop(&b);
}

/* A child delivers and is killed in the middle; what comes after it delivers the rest. */
static void test_killed(void)
{
    enum { METERS = 4, HALF_HOURS = 480, MIDDLE = 300 };
    struct broker b = broker_of("killed");
    broker_start(&b);
    struct listener l;
    listener_start(&l, &b, "listener");
    struct store *s = help_open("killed.db", NULL);
    int64_t meters[METERS], broker = add_broker(s, &b, 1), publication = publish(s, broker, "aCons full", "json", "arrival", "tree");
    for (int k = 0; k < METERS; k++)
        meters[k] = add_meter(s, "1", "A");
    for (int i = 0; i < HALF_HOURS; i++)
        for (int k = 0; k < METERS; k++)
            put_profile(s, meters[k], day + i * 1800, 1);
    store_close(&s);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        mqtt_new(help_open("killed.db", NULL), vault, LANG_EN);
        for (;;)
            pause();
    }
    until(messages_of(&l) > MIDDLE);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    size_t before = messages_of(&l);
    ok(before > MIDDLE && before < METERS * HALF_HOURS, "killed in the middle: after %zu messages", before);
    s = help_open("killed.db", NULL);
    ok(help_sound(s), "the database is sound");
    struct mqtt *m = mqtt_new(s, vault, LANG_EN);
    until(delivered(m, publication));
    mqtt_free(&m);
    until(tally_of(&l, "aCons", meters[METERS - 1]).moments >= HALF_HOURS);
    for (int k = 0; k < METERS; k++) {
        struct tally t = tally_of(&l, "aCons", meters[k]);
        is_int(t.moments, HALF_HOURS, "nothing is lost");
        ok(t.wrong == 0 && t.most <= 2, "and at worst it came twice");
    }
    store_close(&s);
    listener_stop(&l);
    broker_stop(&b);
}

/* The broker ends while messages are under way and comes back: QoS 1 loses nothing, QoS 2 repeats nothing either. The latter is
 * asked of the broker: what it had not finished with the listener as it ended, it may tell him twice itself. */
static void test_cut(int qos)
{
    enum { METERS = 2, HALF_HOURS = 480, MIDDLE = 200 };
    char name[32];
    snprintf(name, sizeof name, "cut%d", qos);
    struct broker b = broker_of(name);
    b.settings = "allow_anonymous true\nlog_type all";
    broker_start(&b);
    struct listener l;
    listener_start(&l, &b, "listener");
    snprintf(name, sizeof name, "cut%d.db", qos);
    struct store *s = help_open(name, NULL);
    int64_t meters[METERS], broker = add_broker(s, &b, qos), publication = publish(s, broker, "aCons full", "json", "arrival", "tree");
    for (int k = 0; k < METERS; k++)
        meters[k] = add_meter(s, "1", "A");
    for (int i = 0; i < HALF_HOURS; i++)
        for (int k = 0; k < METERS; k++)
            put_profile(s, meters[k], day + i * 1800, 1);
    struct mqtt *m = mqtt_new(s, vault, LANG_EN);
    until(messages_of(&l) > MIDDLE);
    broker_stop(&b);
    size_t before = messages_of(&l);
    until(state_of(m, broker, NULL) != MQTT_CONNECTED);
    ok(before < METERS * HALF_HOURS, "QoS %d: cut in the middle, after %zu messages", qos, before);
    broker_start(&b);
    mqtt_hurry(m, broker);
    until(delivered(m, publication));
    until(tally_of(&l, "aCons", meters[METERS - 1]).moments >= HALF_HOURS && tally_of(&l, "aCons", meters[0]).moments >= HALF_HOURS);
    for (int k = 0; k < METERS; k++) {
        char topic[80];
        struct tally t = tally_of(&l, "aCons", meters[k]);
        is_int(t.moments, HALF_HOURS, "everything came");
        ok(t.wrong == 0 && t.most <= 2, "as it was stored, twice at worst: %d", t.most);
        snprintf(topic, sizeof topic, "town/box1/data/meter/%lld/arch/aCons", (long long)meters[k]);
        if (qos == 2)
            is_int(broker_passed(&b, "listener", topic), HALF_HOURS, "the broker took each for a new one once");
    }
    mqtt_free(&m);
    store_close(&s);
    listener_stop(&l);
    broker_stop(&b);
}

static bool note_heard_topic(struct listener *l, const char *topic)
{
    pthread_mutex_lock(&l->lock);
    bool is = strcmp(l->last_topic, topic) == 0;
    pthread_mutex_unlock(&l->lock);
    return is;
}

/* Orders: depths; zipped; a tree with retained moments. */
static void test_orders(void)
{
    struct broker b = broker_of("orders");
    broker_start(&b);
    struct listener l;
    listener_start(&l, &b, "listener");
    struct store *s = help_open("orders.db", NULL);
    int64_t now_wall = time(NULL) + 180 * 60, today = now_wall / DAY_SECONDS * DAY_SECONDS;
    int64_t meter = add_meter(s, "7001", "A"), other = add_meter(s, "7002", "B"), broker = add_broker(s, &b, 1);
    put_profile(s, meter, today - 40 * DAY_SECONDS, 48 * 40);
    put_profile(s, other, today - 40 * DAY_SECONDS, 48 * 40);
    int64_t template = 0, ordered = 0;
    int64_t group = 0;
    store_group_put(s, &(struct store_group){ .title = "G", .note = "", .project = 1, .guid = "", .members = &(struct meter_set){ &meter, 1 } }, &group);
    store_mqtt_template_put(s, &(struct store_mqtt_template){ .project = 1, .title = "t", .group = group, .format = "json", .kinds = "aCons days 3" }, &template);
    store_publication_put(s, &(struct store_publication){ .project = 1, .broker = broker, .template = template, .postfix = "", .cause = "order",
        .layout = "together", .enabled = true }, &ordered);
    int64_t zipped = publish(s, broker, "mEng last;aCons last", "json-zip", "order", "together");
    int64_t tree = publish(s, broker, "mEng last", "json", "order", "tree"), full = publish(s, broker, "aCons full", "json", "order", "together");
    struct mqtt *m = mqtt_new(s, vault, LANG_EN);
    until(state_of(m, broker, NULL) == MQTT_CONNECTED);
    is_int(mqtt_order(m, 4711), FAULT_NO_DATA, "an unknown publication cannot be ordered");
    is_int(mqtt_order(m, ordered), FAULT_NONE);
    until(tally_of(&l, "aCons", meter).moments >= 96 && delivered(m, ordered));
    is_int(tally_of(&l, "aCons", meter).moments, 96, "three days, of which today has nothing yet");
    is_int(tally_of(&l, "aCons", meter).most, 1);
    is_int(tally_of(&l, "aCons", other).moments, 0, "and only its group's");
    is_text(l.last_topic, "town/box1");
    is_int(mqtt_order(m, full), FAULT_NONE);
    until(tally_of(&l, "aCons", other).moments >= 1920 && delivered(m, full));
    is_int(tally_of(&l, "aCons", other).moments, 1920, "the whole depth, over several messages");
    is_int(tally_of(&l, "aCons", other).most, 1);
    size_t before = messages_of(&l);
    is_int(mqtt_order(m, zipped), FAULT_NONE);
    until(messages_of(&l) > before);
    ok(memcmp(l.last, "PK\3\4", 4) == 0, "a ZIP file");
    static struct batch batch;
    batch_init(&batch, BATCH_BYTES_USUAL);
    struct reading now = help_reading(ARCHIVE_CURRENT, A_PLUS, now_wall, 123456);
    emit_reading(&batch.sink, &now);
    help_put(s, meter, &batch);
    is_int(mqtt_order(m, tree), FAULT_NONE);
    char want[64];
    snprintf(want, sizeof want, "town/box1/data/meter/%lld/mEng", (long long)meter);
    until(note_heard_topic(&l, want));
    is_text(l.last_topic, want);
    struct listener late;
    listener_start(&late, &b, "late");
    until(messages_of(&late) > 0);
    ok(late.retained == 1 && late.count == 1 && strcmp(late.heard[0].value, "123456") == 0 && strcmp(late.heard[0].tag, "A+0") == 0,
       "whoever comes later sees the present at once");
    listener_stop(&late);
    mqtt_free(&m);
    batch_free(&batch);
    store_close(&s);
    listener_stop(&l);
    broker_stop(&b);
}

/* ---- who may in ---- */

static void change_broker(struct store *s, int64_t id, void (*change)(struct store_broker *b, struct arena *a), struct mqtt *m)
{
    struct arena a = { 0 };
    struct store_broker b;
    store_broker_get(s, id, &a, &b);
    change(&b, &a);
    store_broker_put(s, &b, NULL);
    arena_free(&a);
    mqtt_changed(m);
}

static const char *file_text(const char *name, struct arena *a)
{
    char path[400];
    static char text[16384];
    snprintf(path, sizeof path, "%s/tls/%s", folder, name);
    FILE *f = fopen(path, "r");
    size_t size = f ? fread(text, 1, sizeof text, f) : 0;
    if (f)
        fclose(f);
    return arena_text(a, bytes_of(text, size));
}

static void wrong_password(struct store_broker *b, struct arena *a) { b->login = "box"; b->password = vault_seal(vault, "wrong", a); }
static void right_password(struct store_broker *b, struct arena *a) { b->password = vault_seal(vault, "right", a); }
static void wrong_authority(struct store_broker *b, struct arena *a) { b->security = "tls1.2"; b->verify = true; b->authority = file_text("other.pem", a); }
static void right_authority(struct store_broker *b, struct arena *a) { b->authority = file_text("ca.pem", a); }
static void own_certificate(struct store_broker *b, struct arena *a)
{
    b->certificate = file_text("box.pem", a);
    b->key = vault_seal(vault, file_text("box.key", a), a);
}
static void damaged_authority(struct store_broker *b, struct arena *a) { (void)a; b->authority = "-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n"; }

static void expect_trouble(struct mqtt *m, int64_t broker, const char *part)
{
    char trouble[SAID_MAX] = "";
    until(state_of(m, broker, trouble) != MQTT_CONNECTED && strstr(trouble, part));
    ok(strstr(trouble, part) != NULL, "told: %s (got: %s)", part, trouble);
}

static void test_password(void)
{
    struct broker b = broker_of("password");
    char settings[400];
    shell(&b, "mosquitto_passwd -c -b passwords box right");
    snprintf(settings, sizeof settings, "allow_anonymous false\npassword_file %s/passwords", b.folder);
    b.settings = settings;
    broker_start(&b);
    struct store *s = help_open("password.db", NULL);
    int64_t broker = add_broker(s, &b, 1);
    struct mqtt *m = mqtt_new(s, vault, LANG_EN);
    expect_trouble(m, broker, "wrong login or password");
    change_broker(s, broker, wrong_password, m);
    expect_trouble(m, broker, "wrong login or password");
    change_broker(s, broker, right_password, m);
    until(state_of(m, broker, NULL) == MQTT_CONNECTED);
    is_int(state_of(m, broker, NULL), MQTT_CONNECTED, "with the right one it may in");
    mqtt_free(&m);
    store_close(&s);
    broker_stop(&b);
}

static void make_certificates(struct broker *b)
{
    static const char *const commands[] = {
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=Authority' -keyout ca.key -out ca.pem",
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=Another' -keyout other.key -out other.pem",
        "openssl req -newkey rsa:2048 -nodes -subj '/CN=broker' -keyout broker.key -out broker.csr",
        "printf 'subjectAltName=IP:127.0.0.1' >san && openssl x509 -req -in broker.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out broker.pem",
        "openssl req -newkey rsa:2048 -nodes -subj '/CN=box1' -keyout box.key -out box.csr",
        "openssl x509 -req -in box.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out box.pem",
    };
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        ok(shell(b, commands[i]), "openssl makes certificates");
}

static void test_tls(void)
{
    struct broker b = broker_of("tls");
    char settings[1200];
    make_certificates(&b);
    snprintf(settings, sizeof settings, "allow_anonymous true\ncafile %s/ca.pem\ncertfile %s/broker.pem\nkeyfile %s/broker.key\nrequire_certificate true", b.folder,
             b.folder, b.folder);
    b.settings = settings;
    broker_start(&b);
    struct store *s = help_open("tls.db", NULL);
    int64_t broker = add_broker(s, &b, 1);
    struct mqtt *m = mqtt_new(s, vault, LANG_EN);
    change_broker(s, broker, wrong_authority, m);
    expect_trouble(m, broker, "signed by another authority");
    change_broker(s, broker, damaged_authority, m);
    expect_trouble(m, broker, "the authority's certificate cannot be read");
    change_broker(s, broker, right_authority, m);
    expect_trouble(m, broker, "the device's certificate");
    change_broker(s, broker, own_certificate, m);
    char trouble[SAID_MAX] = "";
    until(state_of(m, broker, trouble) == MQTT_CONNECTED);
    is_int(state_of(m, broker, trouble), MQTT_CONNECTED, "both sides know each other: %s", trouble);
    mqtt_free(&m);
    store_close(&s);
    broker_stop(&b);
}

int main(void)
{
    struct store_error problem = { 0 };
    signal(SIGPIPE, SIG_IGN);
    day = wall_from_fields(2026, 3, 5, 0, 0, 0);
    snprintf(folder, sizeof folder, "%s", help_file("brokers"));
    mkdir(folder, 0700);
    vault = vault_open(help_file("vault"), &problem);
    ok(vault != NULL, "a vault %s", problem.detail);
    for (int qos = 0; qos <= 2; qos++)
        test_once(qos);
    test_week();
    test_cut(1);
    test_cut(2);
    test_killed();
    test_orders();
    test_password();
    test_tls();
    vault_free(&vault);
    help_clean();
    return tap_done();
}
