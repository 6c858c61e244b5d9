/* The gateway's lines (how they live) and its digital interfaces (what they are; manual S0 4.2.3). */
#include "api/box/line_life.h"
#include "api/devices/links.h"
#include "api/routes.h"
#include "upstream/transit/transit.h"

#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"
enum { PAST_MOST = 100, METERS_MOST = 2000 };

static const char *const parity_names[] = { "none", "even", "odd", NULL };
static const char *const mode_names[] = { [TRANSIT_SPEAK] = "speak", [TRANSIT_LISTEN] = "listen", NULL };

SHAPE(shape_holder, "LineHolder", { .name = "use", .kind = FIELD_WORD, .words = line_use_names }, { .name = "device", .kind = FIELD_INT }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "client", .kind = FIELD_TEXT, .help = { { "откуда клиент транзита", "where a transit client calls from" } } },
      { .name = "since", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "ms", .kind = FIELD_INT });
SHAPE(shape_stay, "LineStay", { .name = "use", .kind = FIELD_WORD, .words = line_use_names }, { .name = "device", .kind = FIELD_INT }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "client", .kind = FIELD_TEXT }, { .name = "since", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "ms", .kind = FIELD_INT },
      { .name = "exchanges", .kind = FIELD_INT }, { .name = "timeouts", .kind = FIELD_INT }, { .name = "bytes_sent", .kind = FIELD_INT }, { .name = "bytes_received", .kind = FIELD_INT });
SHAPE(shape_cycle, "LineCycle", { .name = "begun", .kind = FIELD_TIME }, { .name = "running", .kind = FIELD_BOOL }, { .name = "ms", .kind = FIELD_INT },
      { .name = "talking_ms", .kind = FIELD_INT, .help = { { "обмены с ответом", "exchanges that were answered" } } }, { .name = "silent_ms", .kind = FIELD_INT, .help = { { "ожидание ответов, которых не было", "waiting for answers that did not come" } } },
      { .name = "away_ms", .kind = FIELD_INT, .help = { { "линия была у транзита и проверок", "transit and tests had the line" } } }, { .name = "use_percent", .kind = FIELD_INT, .help = { { "доля обменов в цикле", "exchanges' share of the cycle" } } },
      { .name = "devices", .kind = FIELD_INT }, { .name = "failed", .kind = FIELD_INT }, { .name = "exchanges", .kind = FIELD_INT }, { .name = "timeouts", .kind = FIELD_INT },
      { .name = "retries", .kind = FIELD_INT }, { .name = "bytes_sent", .kind = FIELD_INT }, { .name = "bytes_received", .kind = FIELD_INT });
#define LIFE_FIELDS \
    { .name = "id", .kind = FIELD_INT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "uri", .kind = FIELD_TEXT }, \
    { .name = "interface", .kind = FIELD_INT, .help = { { "номер на корпусе; 0: нет", "number on the case; 0: none" } } }, { .name = "devices", .kind = FIELD_INT }, \
    { .name = "holder", .kind = FIELD_OBJECT, .shape = &shape_holder }, { .name = "cycle", .kind = FIELD_OBJECT, .flags = NULLABLE, .shape = &shape_cycle }, \
    { .name = "former", .kind = FIELD_OBJECT, .flags = NULLABLE, .shape = &shape_cycle, .help = { { "предыдущий цикл", "the cycle before" } } }, \
    { .name = "plan_ms", .kind = FIELD_INT, .help = { { "сколько займёт цикл по всем устройствам, судя по последним сеансам; 0: неизвестно", "what a cycle over all devices takes by their last sessions; 0: not known" } } }, \
    { .name = "period_ms", .kind = FIELD_INT, .help = { { "период опроса; 0: нет", "period of collection; 0: none" } } }, \
    { .name = "fit", .kind = FIELD_WORD, .words = line_fit_names, .help = { { "укладывается ли план в период", "whether the plan fits the period" } } }
SHAPE(shape_line, "LineLife", LIFE_FIELDS);
SHAPE(shape_meter, "LineDevice", { .name = "device", .kind = FIELD_INT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "asked", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "ms", .kind = FIELD_INT, .help = { { "держало линию в последнем цикле", "it held the line in its last cycle" } } }, { .name = "exchanges", .kind = FIELD_INT }, { .name = "timeouts", .kind = FIELD_INT },
      { .name = "fault", .kind = FIELD_TEXT }, { .name = "fault_text", .kind = FIELD_TEXT });
SHAPE(shape_client, "TransitClient", { .name = "client", .kind = FIELD_TEXT }, { .name = "listens", .kind = FIELD_BOOL }, { .name = "since", .kind = FIELD_TIME },
      { .name = "held_ms", .kind = FIELD_INT, .help = { { "линия была у него, без нынешнего раза", "it had the line, the present stay not counted" } } },
      { .name = "bytes_sent", .kind = FIELD_INT }, { .name = "bytes_received", .kind = FIELD_INT }, { .name = "bytes_missed", .kind = FIELD_INT });
SHAPE(shape_transit, "TransitPort", { .name = "port", .kind = FIELD_INT, .help = { { "0: в таблице серверов его нет", "0: the table of servers has none" } } }, { .name = "listening", .kind = FIELD_BOOL },
      { .name = "trouble", .kind = FIELD_TEXT }, { .name = "clients", .kind = FIELD_LIST, .shape = &shape_client });
SHAPE(shape_line_whole, "LineLifeWhole", LIFE_FIELDS, { .name = "past", .kind = FIELD_LIST, .shape = &shape_stay, .help = { { "кто держал линию, последние впереди", "who held the line, the last first" } } },
      { .name = "meters", .kind = FIELD_LIST, .shape = &shape_meter }, { .name = "transit", .kind = FIELD_OBJECT, .flags = NULLABLE, .shape = &shape_transit });

#define INTERFACE_FIELDS \
    { .name = "link", .kind = FIELD_INT, .least = 0, .most = INT64_MAX, .help = { { "канал связи; 0: нет", "the channel; 0: none" } } }, \
    { .name = "baud", .kind = FIELD_INT, .least = 0, .most = 115200, .help = { { "скорость в транзите; 0: автоматически", "speed in transit; 0: automatic" } } }, \
    { .name = "bits", .kind = FIELD_INT, .least = 7, .most = 8 }, { .name = "parity", .kind = FIELD_WORD, .words = parity_names }, { .name = "stop_bits", .kind = FIELD_INT, .least = 1, .most = 2 }, \
    { .name = "mode", .kind = FIELD_WORD, .words = mode_names, .help = { { "транзит или прослушка: копия обмена, ничего не передаётся", "transit, or listening: a copy of the traffic, nothing is sent" } } }, \
    { .name = "others_listen", .kind = FIELD_BOOL, .help = { { "второй клиент слушает, а не получает отказ", "a second client listens instead of being refused" } } }, \
    { .name = "idle_s", .kind = FIELD_INT, .least = 1, .most = INTERFACE_IDLE_MOST_S, .help = { { "тишина, после которой линия возвращается опросу", "silence after which collection gets the line back" } } }, \
    { .name = "hold_s", .kind = FIELD_INT, .least = 1, .most = INTERFACE_HOLD_MOST_S, .help = { { "наибольшее время удержания линии", "longest stay on the line" } } }, \
    { .name = "power_line", .kind = FIELD_INT, .least = 0, .most = BOARD_SUPPLIES, .help = { { "линия питания, к которой подключены счётчики; 0: нет", "the power line that feeds its meters; 0: none" } } }, \
    { .name = "allowed", .kind = FIELD_TEXT, .most = INTERFACE_ALLOWED_MAX - 1, .help = { { "разрешённые адреса и сети через пробел; пусто: все", "allowed addresses and networks, blanks between; empty: all" } } }
SHAPE(shape_interface, "DigitalInterface", { .name = "id", .kind = FIELD_INT, .help = { { "номер на корпусе", "number on the case" } } }, { .name = "title", .kind = FIELD_TEXT }, INTERFACE_FIELDS,
      { .name = "link_title", .kind = FIELD_TEXT }, { .name = "power", .kind = FIELD_WORD, .words = board_state_names, .help = { { "состояние этой линии питания", "how that power line is" } } },
      { .name = "transit", .kind = FIELD_OBJECT, .shape = &shape_transit }, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_interface_change, "DigitalInterfaceChange", { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX }, INTERFACE_FIELDS);
SHAPE(shape_page, "LinesQuery", PAGE_FIELDS);
SHAPE(shape_interfaces, "DigitalInterfaces", { .name = "items", .kind = FIELD_LIST, .shape = &shape_interface },
      { .name = "power_lines", .kind = FIELD_INT, .help = { { "сколько линий питания у устройства", "how many power lines the box has" } } });

/* Only a gateway has them. */
static bool here(struct call *c)
{
    return c->api->face == FACE_GATEWAY || call_refuse(c, REFUSE_NOT_FOUND);
}

/* --- lines ---------------------------------------------------------------------------------------------------------------------------- */

static void put_transit(struct call *c, int number)
{
    struct transit_view v;
    transit_look(upstream_state(c->api->upstream, &service_transit), number, &v);
    json_put_object(&c->out, "transit");
    json_put_int(&c->out, "port", v.port);
    json_put_bool(&c->out, "listening", v.listening);
    json_put_text(&c->out, "trouble", v.trouble);
    json_put_list(&c->out, "clients");
    for (size_t i = 0; i < v.count; i++) {
        json_put_object(&c->out, NULL);
        json_put_text(&c->out, "client", v.clients[i].client);
        json_put_bool(&c->out, "listens", v.clients[i].listens);
        json_put_utc(&c->out, "since", v.clients[i].begun_ms);
        json_put_int(&c->out, "held_ms", v.clients[i].held_ms);
        json_put_int(&c->out, "bytes_sent", v.clients[i].sent);
        json_put_int(&c->out, "bytes_received", v.clients[i].received);
        json_put_int(&c->out, "bytes_missed", v.clients[i].lost);
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
    json_put_end(&c->out);
}

static void put_past(struct call *c, struct line_log *log)
{
    struct line_holder *past = arena_take(c->arena, PAST_MOST * sizeof *past);
    size_t count = log ? line_log_past(log, past, PAST_MOST) : 0;
    char title[200];
    json_put_list(&c->out, "past");
    for (size_t i = 0; i < count; i++) {
        line_device_title(c->api, past[i].meter, title);
        json_put_object(&c->out, NULL);
        json_put_text(&c->out, "use", line_use_names[past[i].use]);
        json_put_int(&c->out, "device", past[i].meter);
        json_put_text(&c->out, "title", title);
        json_put_text(&c->out, "client", past[i].name);
        json_put_utc(&c->out, "since", past[i].since_ms);
        json_put_int(&c->out, "ms", past[i].took_ms);
        json_put_int(&c->out, "exchanges", past[i].exchanges);
        json_put_int(&c->out, "timeouts", past[i].timeouts);
        json_put_int(&c->out, "bytes_sent", past[i].sent);
        json_put_int(&c->out, "bytes_received", past[i].received);
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
}

static void put_meters(struct call *c, struct line_log *log)
{
    struct line_meter *meters = arena_take(c->arena, METERS_MOST * sizeof *meters);
    size_t count = log ? line_log_meters(log, meters, METERS_MOST) : 0;
    char title[200];
    json_put_list(&c->out, "meters");
    for (size_t i = 0; i < count && i < METERS_MOST; i++) {
        line_device_title(c->api, meters[i].meter, title);
        json_put_object(&c->out, NULL);
        json_put_int(&c->out, "device", meters[i].meter);
        json_put_text(&c->out, "title", title);
        json_put_utc(&c->out, "asked", meters[i].at_ms);
        json_put_int(&c->out, "ms", meters[i].took_ms);
        json_put_int(&c->out, "exchanges", meters[i].exchanges);
        json_put_int(&c->out, "timeouts", meters[i].timeouts);
        json_put_text(&c->out, "fault", meters[i].fault == FAULT_NONE ? "" : fault_name(meters[i].fault));
        json_put_text(&c->out, "fault_text", meters[i].fault == FAULT_NONE ? "" : fault_text(meters[i].fault, c->lang));
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
}

/* The members that a list has, of an object that is open. */
static void put_line(struct call *c, const struct store_link *k, int interface, const struct line_polls *polls)
{
    struct line_about about = { .link = k->id, .project = k->project, .polls = polls };
    store_link_uses(c->api->store, k->id, &about.devices);
    json_put_int(&c->out, "id", k->id);
    json_put_text(&c->out, "title", k->title);
    json_put_text(&c->out, "uri", k->uri);
    json_put_int(&c->out, "interface", interface);
    json_put_int(&c->out, "devices", about.devices);
    line_life_put(&c->out, c->api, &about);
}

struct line_list {
    struct call *c;
    size_t skip, take, count;
    int64_t interfaces[INTERFACES]; /* their links */
    struct line_polls polls;
};

static bool list_line(void *context, const struct store_link *k)
{
    struct line_list *l = context;
    int interface = 0;
    for (int i = 0; i < INTERFACES; i++)
        interface = l->interfaces[i] == k->id ? i + 1 : interface;
    if (l->count >= l->skip && l->count - l->skip < l->take) {
        json_put_object(&l->c->out, NULL);
        put_line(l->c, k, interface, &l->polls);
        json_put_end(&l->c->out);
    }
    l->count++;
    return true;
}

static void list_lines(struct call *c)
{
    struct line_list l = { .c = c, .skip = call_skip(c), .take = call_take(c) };
    struct interface one;
    if (!here(c) || !call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        return;
    for (int i = 0; i < INTERFACES; i++)
        if (interface_read(c->api->store, i + 1, &one) == FAULT_NONE)
            l.interfaces[i] = one.link;
    line_polls_read(&l.polls, c->api, c->caller.project);
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    enum fault f = store_links_of(c->api->store, c->caller.project, list_line, &l);
    line_polls_free(&l.polls);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)l.count);
    json_put_end(&c->out);
    call_good(c, f, REFUSE_IN_USE);
}

static bool find_link(struct call *c, int64_t id, struct store_link *k)
{
    if (!call_good(c, store_link_get(c->api->store, id, c->arena, k), REFUSE_IN_USE))
        return false;
    return k->project == c->caller.project || call_refuse(c, REFUSE_NOT_FOUND);
}

static void get_line(struct call *c)
{
    struct store_link k;
    struct line_polls polls;
    if (!here(c) || !find_link(c, c->match.number[0], &k) || !call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        return;
    line_polls_read(&polls, c->api, k.project);
    struct line_log *log = collector_line_log(service_collector(c->api->service), k.id);
    int interface = interface_of_link(c->api->store, k.id);
    json_put_object(&c->out, NULL);
    put_line(c, &k, interface, &polls);
    line_polls_free(&polls);
    put_past(c, log);
    put_meters(c, log);
    if (interface)
        put_transit(c, interface);
    else
        json_put_null(&c->out, "transit");
    json_put_end(&c->out);
}

/* --- digital interfaces ------------------------------------------------------------------------------------------------------------------ */

static const char *parity_name(char parity)
{
    return parity_names[parity == 'E' ? 1 : parity == 'O' ? 2 : 0];
}

/* How power line 1.. is; absent for 0. */
static enum board_state supply_now(const struct call *c, int number)
{
    struct box_look *look = arena_take(c->arena, sizeof *look);
    if (number < 1 || number > BOARD_SUPPLIES || !c->api->box)
        return BOARD_ABSENT;
    box_look(c->api->box, look);
    return look->inputs.supply[number - 1];
}

static void put_interface(struct call *c, const struct interface *i)
{
    static const struct phrase title = { { "Интерфейс %d", "Interface %d" } };
    struct store_link k = { .title = "" };
    char text[40];
    bool known = i->link && store_link_get(c->api->store, i->link, c->arena, &k) == FAULT_NONE;
    snprintf(text, sizeof text, phrase_in(&title, c->lang), i->number);
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", i->number);
    json_put_text(&c->out, "title", text);
    json_put_int(&c->out, "link", known ? i->link : 0);
    json_put_text(&c->out, "link_title", known ? k.title : "");
    json_put_int(&c->out, "baud", i->line.baud);
    json_put_int(&c->out, "bits", i->line.bits);
    json_put_text(&c->out, "parity", parity_name(i->line.parity));
    json_put_int(&c->out, "stop_bits", i->line.stop);
    json_put_text(&c->out, "mode", mode_names[i->mode]);
    json_put_bool(&c->out, "others_listen", i->others_listen);
    json_put_int(&c->out, "idle_s", i->idle_s);
    json_put_int(&c->out, "hold_s", i->hold_s);
    json_put_int(&c->out, "power_line", i->supply > 0 ? i->supply : 0);
    json_put_text(&c->out, "allowed", i->allowed);
    json_put_text(&c->out, "power", board_state_names[supply_now(c, i->supply)]);
    put_transit(c, i->number);
    json_put_int(&c->out, "revision", i->revision);
    json_put_end(&c->out);
}

static void list_interfaces(struct call *c)
{
    struct interface one;
    if (!here(c))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    for (int n = 1; n <= INTERFACES; n++)
        if (call_good(c, interface_read(c->api->store, n, &one), REFUSE_IN_USE))
            put_interface(c, &one);
        else
            return;
    json_put_end(&c->out);
    int lines = 0;
    while (supply_now(c, lines + 1) != BOARD_ABSENT)
        lines++;
    json_put_int(&c->out, "power_lines", lines);
    json_put_end(&c->out);
}

static bool find_interface(struct call *c, struct interface *i)
{
    if (!here(c))
        return false;
    if (c->match.number[0] < 1 || c->match.number[0] > INTERFACES)
        return call_refuse(c, REFUSE_NOT_FOUND);
    return call_good(c, interface_read(c->api->store, (int)c->match.number[0], i), REFUSE_IN_USE);
}

static void get_interface(struct call *c)
{
    struct interface one;
    if (find_interface(c, &one))
        put_interface(c, &one);
}

static bool wrong(struct call *c, const char *field, const char *ru, const char *en)
{
    return call_wrong_field(c, field, c->lang == LANG_RU ? ru : en);
}

/* The channel is of the project, and no other interface has it. */
static bool take_link(struct call *c, struct interface *i)
{
    struct store_link k;
    i->link = call_int(c->body, "link", i->link);
    if (i->link == 0)
        return true;
    enum fault f = store_link_get(c->api->store, i->link, c->arena, &k);
    if (f == FAULT_NO_DATA || (f == FAULT_NONE && k.project != c->caller.project))
        return wrong(c, "link", "такого канала связи нет", "there is no such channel");
    if (!call_good(c, f, REFUSE_IN_USE))
        return false;
    int other = interface_of_link(c->api->store, i->link);
    return other == 0 || other == i->number || wrong(c, "link", "этот канал уже у другого интерфейса", "another interface has this channel");
}

/* One that the box has. One that was set before and is missing now may stay; none where nobody has named one yet says nothing new. */
static bool take_supply(struct call *c, struct interface *i)
{
    int wanted = (int)call_int(c->body, "power_line", i->supply);
    bool known = wanted < 1 || wanted == i->supply || supply_now(c, wanted) != BOARD_ABSENT;
    i->supply = wanted == 0 && i->supply < 0 ? i->supply : wanted;
    return known || wrong(c, "power_line", "такой линии питания у устройства нет", "the box has no such power line");
}

static bool take_interface(struct call *c, struct interface *i)
{
    const char *parity = call_text(c->body, "parity", parity_name(i->line.parity)), *allowed = call_text(c->body, "allowed", i->allowed);
    char list[INTERFACE_ALLOWED_MAX];
    i->line.baud = (uint32_t)call_int(c->body, "baud", i->line.baud);
    if (i->line.baud && !line_speed_valid(i->line.baud))
        return wrong(c, "baud", "такой скорости у линии не бывает", "lines have no such speed");
    i->line.bits = (uint8_t)call_int(c->body, "bits", i->line.bits);
    i->line.parity = *parity == 'e' ? 'E' : *parity == 'o' ? 'O' : 'N';
    i->line.stop = (uint8_t)call_int(c->body, "stop_bits", i->line.stop);
    i->mode = strcmp(call_text(c->body, "mode", mode_names[i->mode]), mode_names[TRANSIT_LISTEN]) == 0 ? TRANSIT_LISTEN : TRANSIT_SPEAK;
    i->others_listen = call_bool(c->body, "others_listen", i->others_listen);
    i->idle_s = (int)call_int(c->body, "idle_s", i->idle_s);
    i->hold_s = (int)call_int(c->body, "hold_s", i->hold_s);
    if (strlen(allowed) >= sizeof list || !addresses_valid(allowed))
        return wrong(c, "allowed", "адреса и сети через пробел: 10.0.0.0/8 192.168.1.5", "addresses and networks, blanks between: 10.0.0.0/8 192.168.1.5");
    snprintf(list, sizeof list, "%s", allowed);
    memcpy(i->allowed, list, sizeof list);
    return take_supply(c, i) && take_link(c, i);
}

static void change_interface(struct call *c)
{
    struct interface one;
    char number[24];
    if (!find_interface(c, &one) || !take_interface(c, &one))
        return;
    one.revision = call_int(c->body, "revision", 0);
    if (!call_good(c, interface_write(c->api->store, &one), REFUSE_TAKEN))
        return;
    snprintf(number, sizeof number, "%d", one.number);
    call_note(c, NOTE_INTERFACE_UPDATE, number, NULL, call_json(c, c->body));
    upstream_changed(c->api->upstream, &service_transit);
    if (c->api->box && c->api->upstream) /* while a file of settings is loaded nobody is told; then everybody (settings_file.c) */
        box_supplies_changed(c->api->box);
    get_interface(c);
}

static const struct route rows[] = {
    { "GET", V1 "/lines", MAY_READ_CHANNEL_SETTINGS, ROUTE_LIST, &shape_page, NULL, &shape_line, NULL, 0, list_lines, { { "линии: кто на них и сколько занимает опрос", "lines: who is on them and how long collection takes" } } },
    { "GET", V1 "/lines/{id}", MAY_READ_CHANNEL_SETTINGS, 0, NULL, NULL, &shape_line_whole, NULL, 0, get_line, { { "линия: журнал удержания, цикл, устройства, транзит", "a line: who held it, cycle, devices, transit" } } },
    { "GET", V1 "/interfaces", MAY_READ_CHANNEL_SETTINGS, 0, NULL, NULL, &shape_interfaces, NULL, 0, list_interfaces, { { "цифровые интерфейсы", "digital interfaces" } } },
    { "GET", V1 "/interfaces/{id}", MAY_READ_CHANNEL_SETTINGS, 0, NULL, NULL, &shape_interface, NULL, 0, get_interface, { { "цифровой интерфейс", "a digital interface" } } },
    { "PATCH", V1 "/interfaces/{id}", MAY_WRITE_CHANNEL_SETTINGS, 0, NULL, &shape_interface_change, &shape_interface, NULL, 0, change_interface, { { "изменить цифровой интерфейс", "change a digital interface" } } },
};

ROUTE_TABLE(rows);
