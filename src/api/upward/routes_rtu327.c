/* The RTU-327 server of a gateway: password, time, what a head-end's own table says of our meters, and how it goes. Its port is a row
 * of the table of servers (routes_servers.c). */
#include "api/call.h"
#include "api/devices/devices.h"
#include "api/routes.h"
#include "upstream/rtu327/service.h"

#include <inttypes.h>
#include <stdio.h>

#define V1 "/api/v1"

enum { NUMBER_MOST = 10 };

static const char *const times[] = { "utc", "local", NULL };
static const char hidden[] = "***";

#define TIME_FIELD { .name = "time", .kind = FIELD_WORD, .words = times, .help = { { "utc: секунды с 1970 года UTC; local: по часам счётчика", "utc: seconds since 1970 UTC; local: by the meter's clock" } } }
#define NUMBER_FIELD \
    { .name = "number", .kind = FIELD_TEXT, .most = NUMBER_MOST, .help = { { "номер счётчика в опросе, до 10 цифр; пусто: заводской", "the number it is read by, 10 digits at most; empty: the serial number" } } }
#define OBJECT_FIELD(what, ru, en) { .name = what, .kind = FIELD_INT, .least = INT32_MIN, .most = INT32_MAX, .help = { { ru, en } } }
#define OBJECT_FIELDS OBJECT_FIELD("object_type", "тип объекта", "type of the object"), OBJECT_FIELD("object", "номер объекта", "number of the object"), \
    OBJECT_FIELD("feeder", "номер фидера", "number of the feeder")

SHAPE(shape_rtu, "Rtu327", { .name = "password", .kind = FIELD_TEXT, .help = { { "«***», если задан; пусто: без пароля", "\"***\" when set; empty: without a password" } } },
      TIME_FIELD, { .name = "listening", .kind = FIELD_BOOL }, { .name = "port", .kind = FIELD_INT },
      { .name = "trouble", .kind = FIELD_TEXT, .help = { { "почему не слушает, хотя должен", "why it does not listen, though it should" } } },
      { .name = "clients", .kind = FIELD_INT, .help = { { "подключены сейчас", "connected now" } } }, { .name = "connections", .kind = FIELD_INT },
      { .name = "turned_away", .kind = FIELD_INT }, { .name = "requests", .kind = FIELD_INT }, { .name = "refused", .kind = FIELD_INT },
      { .name = "wrong_passwords", .kind = FIELD_INT }, { .name = "asked", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_rtu_change, "Rtu327Change", { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX },
      { .name = "password", .kind = FIELD_SECRET, .most = 8, .help = { { "8 шестнадцатеричных цифр; пусто: без пароля; «***»: прежний", "8 hex digits; empty: none; \"***\": the one that is set" } } },
      TIME_FIELD);
SHAPE(shape_entry, "Rtu327Meter", { .name = "device", .kind = FIELD_INT }, { .name = "serial", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT },
      NUMBER_FIELD, OBJECT_FIELDS);
SHAPE(shape_entry_change, "Rtu327MeterChange", NUMBER_FIELD, OBJECT_FIELDS);

/* Only a gateway is taken for an RTU-327. */
static bool here(struct call *c)
{
    return c->api->face == FACE_GATEWAY || call_refuse(c, REFUSE_NOT_FOUND);
}

/* --- the server -------------------------------------------------------------------------------------------------------- */

static void put_figures(struct call *c, const struct rtu327_status *s)
{
    json_put_bool(&c->out, "listening", s->listening);
    json_put_int(&c->out, "port", s->port);
    json_put_text(&c->out, "trouble", s->trouble);
    json_put_int(&c->out, "clients", s->figures.clients);
    json_put_int(&c->out, "connections", s->figures.connections);
    json_put_int(&c->out, "turned_away", s->figures.turned_away);
    json_put_int(&c->out, "requests", s->figures.requests);
    json_put_int(&c->out, "refused", s->figures.refused);
    json_put_int(&c->out, "wrong_passwords", s->figures.wrong_passwords);
    json_put_utc(&c->out, "asked", s->figures.asked_ms);
}

static void get_rtu(struct call *c)
{
    struct rtu327_settings settings;
    struct rtu327_status status = { 0 };
    void *state = upstream_state(c->api->upstream, &service_rtu327);
    if (!here(c) || !call_good(c, rtu327_settings_get(c->api->store, c->api->vault, &settings), REFUSE_IN_USE))
        return;
    if (state)
        status = rtu327_service_status(state);
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "password", call_secret(c, settings.password));
    json_put_text(&c->out, "time", times[settings.local_time]);
    put_figures(c, &status);
    json_put_int(&c->out, "revision", settings.revision);
    json_put_end(&c->out);
}

static bool take_password(struct call *c, struct rtu327_settings *s)
{
    static const struct phrase wrong = { { "нужны 8 шестнадцатеричных цифр: четыре байта пароля", "8 hex digits are wanted: the password's four bytes" } };
    const char *password = call_text(c->body, "password", hidden);
    if (strcmp(password, hidden) == 0)
        return true;
    if (*password && (strlen(password) != 8 || strspn(password, "0123456789ABCDEFabcdef") != 8))
        return call_wrong_field(c, "password", phrase_in(&wrong, c->lang));
    snprintf(s->password, sizeof s->password, "%s", password);
    return true;
}

static void change_rtu(struct call *c)
{
    struct rtu327_settings s;
    if (!here(c) || !call_good(c, rtu327_settings_get(c->api->store, c->api->vault, &s), REFUSE_IN_USE) || !take_password(c, &s))
        return;
    s.revision = call_int(c->body, "revision", 0);
    s.local_time = strcmp(call_text(c->body, "time", times[s.local_time]), times[1]) == 0;
    s.project = c->caller.project; /* whose meters he manages */
    if (!call_good(c, rtu327_settings_put(c->api->store, c->api->vault, &s), REFUSE_TAKEN))
        return;
    json_object_del(c->body, "password");
    call_note(c, NOTE_CONFIGURATION_CHANGE, "rtu327", NULL, call_json(c, c->body));
    upstream_changed(c->api->upstream, &service_rtu327);
    get_rtu(c);
}

/* --- meters ------------------------------------------------------------------------------------------------------------- */

static void put_entry(struct call *c, const struct rtu327_entry *e, const char *serial, const char *title)
{
    char number[24] = "";
    if (e->number)
        snprintf(number, sizeof number, "%" PRIu64, e->number);
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "device", e->meter);
    json_put_text(&c->out, "serial", serial);
    json_put_text(&c->out, "title", title);
    json_put_text(&c->out, "number", number);
    json_put_int(&c->out, "object_type", e->object_type);
    json_put_int(&c->out, "object", e->object);
    json_put_int(&c->out, "feeder", e->feeder);
    json_put_end(&c->out);
}

struct entry_list {
    struct call *c;
    int64_t count;
};

static bool list_entry(void *context, const struct rtu327_entry *e)
{
    struct entry_list *l = context;
    struct store_meter m;
    if (store_meter_get(l->c->api->store, e->meter, l->c->arena, &m) != FAULT_NONE || m.project != l->c->caller.project)
        return true; /* deleted since, or of another project */
    put_entry(l->c, e, m.serial, m.title);
    l->count++;
    return true;
}

static void list_entries(struct call *c)
{
    struct entry_list l = { c, 0 };
    if (!here(c))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    enum fault f = rtu327_entries(c->api->store, list_entry, &l);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", l.count);
    json_put_end(&c->out);
    call_good(c, f, REFUSE_IN_USE);
}

static void change_entry(struct call *c)
{
    static const struct phrase wrong = { { "нужны цифры", "digits are wanted" } };
    struct store_meter m;
    const char *number = call_text(c->body, "number", "");
    if (!here(c) || !device_find(c, c->match.number[0], &m))
        return;
    if (strspn(number, "0123456789") != strlen(number)) {
        call_wrong_field(c, "number", phrase_in(&wrong, c->lang));
        return;
    }
    struct rtu327_entry e = { .meter = m.id, .number = strtoull(number, NULL, 10), .object_type = (int32_t)call_int(c->body, "object_type", 0),
                              .object = (int32_t)call_int(c->body, "object", 0), .feeder = (int32_t)call_int(c->body, "feeder", 0) };
    if (!call_good(c, rtu327_entry_put(c->api->store, &e), REFUSE_TAKEN))
        return;
    call_note(c, NOTE_CONFIGURATION_CHANGE, m.serial, NULL, call_json(c, c->body));
    upstream_changed(c->api->upstream, &service_rtu327);
    put_entry(c, &e, m.serial, m.title);
}

static const struct route rows[] = {
    { "GET", V1 "/servers/rtu327", MAY_READ_HES_CONFIG, 0, NULL, NULL, &shape_rtu, NULL, 0, get_rtu, { { "сервер RTU-327: настройки и как он работает", "the RTU-327 server: settings and how it goes" } } },
    { "PATCH", V1 "/servers/rtu327", MAY_WRITE_HES_CONFIG, 0, NULL, &shape_rtu_change, &shape_rtu, NULL, 0, change_rtu, { { "настроить сервер RTU-327; видны счётчики проекта того, кто настроил", "set the RTU-327 server up; it shows the meters of the project of who did" } } },
    { "GET", V1 "/servers/rtu327/meters", MAY_READ_DEVICES, ROUTE_LIST, NULL, NULL, &shape_entry, NULL, 0, list_entries, { { "счётчики, о которых таблица RTU-327 говорит больше заводского номера", "meters of which the table of RTU-327 says more than a serial number" } } },
    { "PUT", V1 "/servers/rtu327/meters/{id}", MAY_WRITE_DEVICES, 0, NULL, &shape_entry_change, &shape_entry, NULL, 0, change_entry, { { "номер и объект счётчика для RTU-327; пустое и нули убирают строку", "the meter's number and object for RTU-327; nothing and zeros take the row away" } } },
};

ROUTE_TABLE(rows);
