/* The JSON of manual S3; see s3.h. */
#include "api/devices/s3.h"
#include "base/civil.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define TCP "CHAN_TYPE_TCP"
#define OURS "SVOD_"
enum { SETTINGS_MAX = 4096, TITLE_MOST = 200, ADDRESS_MOST = 64, PATH = 120 };

const char *const s3_statuses[METER_STATUSES] = { "DS_INUSE", "DS_INSTOCK", "DS_INREPAIR", "DS_RETIRED" };
static const char *const channel_types[] = { [LINK_TCP] = TCP, [LINK_UDP] = "CHAN_TYPE_UDP", [LINK_SERIAL] = "CHAN_TYPE_SERIAL", [LINK_GATEWAY] = OURS "GATEWAY" };

/* S3's names for parameters of DLMS; times are "00:00:05", authentication has words of its own. */
static const struct setting {
    const char *name, *parameter;
} dlms_settings[] = {
    { "DLMS_AUTHENTICATION", "security" }, { "DLMS_PASSWORD", "password" }, { "DLMS_CLIENT_ADDRESS", "client" }, { "DLMS_LOGICAL_SERVER", "logical" },
    { "DLMS_PHYSICAL_SERVER", "physical" }, { "DLMS_RESEND_COUNT", "tries" }, { "DLMS_WAIT_TIME", "timeout" },
};
enum { DLMS_SETTINGS = sizeof dlms_settings / sizeof *dlms_settings };

static const struct { const char *theirs, *ours; } authentications[] = {
    { "None", "none" }, { "Low", "low" }, { "High", "high" }, { "HighMD5", "md5" }, { "HighSHA1", "sha1" }, { "HighGMAC", "gmac" },
    { "HighSHA256", "sha256" }, { "HighECDSA", "ecdsa" } };
enum { AUTHENTICATIONS = sizeof authentications / sizeof *authentications };

/* --- out --------------------------------------------------------------------------------------------------------------------- */

static void put_settings(struct json_writer *j, struct buffer *inner)
{
    buffer_put(inner, "", 1);
    json_put_text(j, "Settings", inner->data);
    buffer_free(inner);
}

void s3_put_link(struct json_writer *j, const struct store_link *k, const char *guid)
{
    struct link_address a = { 0 };
    struct link_settings s = link_settings_read(k->settings);
    char problem[200], number[16];
    struct text t = text_over(problem, sizeof problem);
    struct buffer inner = { 0 };
    struct json_writer settings = { .out = &inner };
    bool plain = link_address_parse(k->uri, LANG_EN, &a, &t) && a.kind == LINK_TCP && !a.line_given && !a.echo;
    json_put_object(j, NULL);
    json_put_text(j, "Id", guid);
    json_put_text(j, "Name", k->title);
    json_put_text(j, "Type", channel_types[a.kind]);
    json_put_bool(j, "IsExclusive", s.exclusive);
    json_put_object(&settings, NULL);
    if (a.kind == LINK_TCP) {
        snprintf(number, sizeof number, "%u", a.port);
        json_put_text(&settings, TCP "_OP_IP_ADDRESS", a.host);
        json_put_text(&settings, TCP "_OP_IP_PORT", number);
        json_put_text(&settings, TCP "_OP_USE_7E1", a.soft7 ? "true" : "false");
    }
    if (!plain)
        json_put_text(&settings, OURS "URI", k->uri);
    if (s.connect_ms)
        json_put_text(&settings, OURS "CONNECT_MS", (snprintf(number, sizeof number, "%d", s.connect_ms), number));
    if (s.answer_ms)
        json_put_text(&settings, OURS "ANSWER_MS", (snprintf(number, sizeof number, "%d", s.answer_ms), number));
    json_put_end(&settings);
    put_settings(j, &inner);
    json_put_end(j);
}

static const char *authentication_out(const char *ours)
{
    for (size_t i = 0; i < AUTHENTICATIONS; i++)
        if (strcmp(authentications[i].ours, ours) == 0)
            return authentications[i].theirs;
    return ours;
}

static void put_pair(struct json_writer *j, bool dlms, const struct parameter *p, const char *name, const char *value, bool secrets)
{
    char text[64];
    int seconds = atoi(value);
    const char *shown = p && p->secret && !secrets ? SECRET_MASK : value;
    for (size_t i = 0; i < DLMS_SETTINGS && dlms; i++) {
        if (strcmp(dlms_settings[i].parameter, name) != 0)
            continue;
        if (strcmp(name, "security") == 0)
            shown = authentication_out(value);
        if (strcmp(name, "timeout") == 0)
            shown = (snprintf(text, sizeof text, "%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60), text);
        json_put_text(j, dlms_settings[i].name, shown);
        return;
    }
    snprintf(text, sizeof text, OURS "%.50s", name);
    json_put_text(j, text, shown);
}

static const struct parameter *parameter_named(const struct driver *d, const char *name)
{
    for (const struct parameter *p = d ? d->parameters : NULL; p && p->name; p++)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

/* Later pairs of a name replace earlier ones: only the last goes out. */
static bool comes_again(const char *rest, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = rest; at && *at; at = strchr(at, ';'), at += at != NULL)
        if (strncmp(at, name, size) == 0 && at[size] == '=')
            return true;
    return false;
}

void s3_put_protocol(struct json_writer *j, const char *guid, const char *title, const char *driver, const char *parameters, bool secrets)
{
    bool dlms = strcmp(driver, "spodes") == 0;
    char type[64] = "PROTO_DLMS", copy[2 * (PARAMETERS_MAX + SECRETS_GROW) + 2], *at = copy;
    struct buffer inner = { 0 };
    struct json_writer settings = { .out = &inner };
    if (!dlms) {
        snprintf(type, sizeof type, "PROTO_%.50s", driver);
        for (char *up = type; *up; up++)
            *up = (char)(*up >= 'a' && *up <= 'z' ? *up - 32 : *up);
    }
    snprintf(copy, sizeof copy, "%s", parameters);
    json_put_object(&settings, NULL);
    for (char *pair = strsep(&at, ";"); pair; pair = strsep(&at, ";")) {
        char *value = strchr(pair, '=');
        if (!value)
            continue;
        *value++ = '\0';
        if (!comes_again(at, pair))
            put_pair(&settings, dlms, parameter_named(driver_find(driver), pair), pair, value, secrets);
    }
    json_put_end(&settings);
    json_put_object(j, NULL);
    json_put_text(j, "Id", guid);
    json_put_text(j, "Name", title);
    json_put_text(j, "Type", type);
    put_settings(j, &inner);
    json_put_end(j);
}

void s3_device_type(const struct store_meter *m, struct text *t)
{
    if (strcmp(m->driver, "spodes") == 0)
        text_printf(t, "DT_%s", m->model);
    else
        text_printf(t, "DT_%s:%s", m->driver, m->model);
}

/* "CE307" is library DL_CE_307: a mark between letters and digits. */
void s3_device_lib(const struct store_meter *m, struct text *t)
{
    text_put(t, "DL_");
    for (const char *at = m->model; *at; at++) {
        bool digit = *at >= '0' && *at <= '9', before = at > m->model && at[-1] >= 'A' && at[-1] <= 'Z';
        text_printf(t, "%s%c", digit && before ? "_" : "", *at);
    }
}

/* --- in: words ----------------------------------------------------------------------------------------------------------------- */

/* A member's path; in the arena. */
__attribute__((format(printf, 2, 3))) static const char *at_path(struct intake *in, const char *format, ...)
{
    char text[PATH];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    return arena_text(in->c->arena, bytes_of_text(text));
}

static const char *text_of(struct intake *in, const json_t *from, const char *key, const char *where, size_t most)
{
    const char *text = json_string_value(json_object_get(from, key));
    bool good = text && !text_is_blank(text) && utf8_length(text) <= most;
    if (!good)
        intake_wrong(in, at_path(in, "%s.%s", where, key), "нужен непустой текст", "a text is needed that is not empty");
    return good ? text : "";
}

static const char *guid_in(struct intake *in, const json_t *from, const char *key, const char *where)
{
    const char *text = json_string_value(json_object_get(from, key));
    if (!text || !guid_valid(text))
        intake_wrong(in, at_path(in, "%s.%s", where, key), "нужен Guid", "a guid is needed");
    return text && guid_valid(text) ? text : "";
}

static bool bool_of(struct intake *in, const json_t *from, const char *key, const char *where)
{
    const json_t *value = json_object_get(from, key);
    if (!json_is_boolean(value))
        intake_wrong(in, at_path(in, "%s.%s", where, key), "нужно true или false", "true or false is needed");
    return json_is_true(value);
}

/* "Settings" is a JSON object written as a text; its members are texts. Empty when it is none. */
static json_t *settings_of(struct intake *in, const json_t *from, const char *where)
{
    const char *text = json_string_value(json_object_get(from, "Settings")), *key;
    json_t *settings = text && strlen(text) <= SETTINGS_MAX ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL, *value;
    if (!json_is_object(settings)) {
        intake_wrong(in, at_path(in, "%s.Settings", where), "нужен текст с объектом JSON", "a text is needed that holds a JSON object");
        json_decref(settings);
        return json_object();
    }
    json_object_foreach(settings, key, value)
        if (!json_is_string(value))
            intake_wrong(in, at_path(in, "%s.Settings.%s", where, key), "нужен текст", "a text is needed");
    return settings;
}

/* --- in: channels ---------------------------------------------------------------------------------------------------------------- */

static bool whole_number(const char *text, long least, long most, long *ret)
{
    char *end;
    *ret = strtol(text, &end, 10);
    return *text && !*end && *ret >= least && *ret <= most;
}

static bool take_channel_setting(struct intake *in, struct link_address *a, struct link_settings *s, const char *key, const char *value, const char *where)
{
    char problem[256];
    struct text t = text_over(problem, sizeof problem);
    long number;
    if (strcmp(key, TCP "_OP_IP_ADDRESS") == 0)
        return snprintf(a->host, sizeof a->host, "%s", value) < (int)sizeof a->host && *value && !strpbrk(value, "?/ ") ? true : intake_wrong(in, where, "нужен адрес", "an address is needed");
    if (strcmp(key, TCP "_OP_IP_PORT") == 0) {
        bool good = whole_number(value, 1, 65535, &number);
        a->port = good ? (uint16_t)number : 0;
        return good || intake_wrong(in, where, "порт от 1 до 65535", "a port is 1 to 65535");
    }
    if (strcmp(key, TCP "_OP_USE_7E1") == 0) {
        a->soft7 = strcasecmp(value, "true") == 0;
        return a->soft7 || strcasecmp(value, "false") == 0 || intake_wrong(in, where, "нужно true или false", "true or false is needed");
    }
    if (strcmp(key, OURS "URI") == 0)
        return link_address_parse(value, in->c->lang, a, &t) || intake_wrong_text(in, where, problem);
    if (strcmp(key, OURS "CONNECT_MS") == 0 && whole_number(value, 0, LINK_CONNECT_MOST_MS, &number))
        s->connect_ms = (int)number;
    else if (strcmp(key, OURS "ANSWER_MS") == 0 && whole_number(value, 0, LINK_ANSWER_MOST_MS, &number))
        s->answer_ms = (int)number;
    else
        return intake_wrong(in, where, "такой настройки нет, или значение недопустимо", "there is no such setting, or the value is not allowed");
    return true;
}

/* Our own full address last: it says more than S3's words do. */
static void take_channel(struct intake *in, const json_t *from, const char *where)
{
    struct intake_link *k = &in->links[in->link_count++];
    struct link_address a = { .kind = LINK_TCP, .line = { 9600, 8, 'N', 1 } };
    struct link_settings s = { .exclusive = bool_of(in, from, "IsExclusive", where) };
    const char *type = text_of(in, from, "Type", where, TITLE_MOST), *key;
    json_t *settings = settings_of(in, from, where), *value;
    *k = (struct intake_link){ .where = where };
    k->row = (struct store_link){ .title = text_of(in, from, "Name", where, TITLE_MOST), .guid = guid_in(in, from, "Id", where), .project = in->c->caller.project };
    json_object_foreach(settings, key, value)
        if (json_is_string(value) && strcmp(key, OURS "URI") != 0)
            take_channel_setting(in, &a, &s, key, json_string_value(value), at_path(in, "%s.Settings.%s", where, key));
    value = json_object_get(settings, OURS "URI");
    if (json_is_string(value))
        take_channel_setting(in, &a, &s, OURS "URI", json_string_value(value), at_path(in, "%s.Settings." OURS "URI", where));
    if (strcmp(type, channel_types[a.kind]) != 0 && *type)
        intake_wrong(in, at_path(in, "%s.Type", where), "такие каналы не поддерживаются", "channels of this type are not supported");
    else if (a.kind == LINK_TCP && (!*a.host || !a.port) && *type)
        intake_wrong(in, at_path(in, "%s.Settings", where), "нужны адрес и порт", "address and port are needed");
    char uri[320], text[100];
    struct text u = text_over(uri, sizeof uri), t = text_over(text, sizeof text);
    link_address_format(&a, &u);
    link_settings_format(&s, &t);
    k->row.uri = arena_text(in->c->arena, bytes_of_text(uri));
    k->row.settings = arena_text(in->c->arena, bytes_of_text(text));
    json_decref(settings);
}

/* --- in: protocols ------------------------------------------------------------------------------------------------------------------ */

static const struct driver *driver_of_type(const char *type)
{
    if (strcmp(type, "PROTO_DLMS") == 0)
        return driver_find("spodes");
    for (size_t i = 0; i < drivers_count(); i++)
        if (strncmp(type, "PROTO_", 6) == 0 && strcasecmp(type + 6, driver_at(i)->name) == 0)
            return driver_at(i);
    return NULL;
}

/* S3's word for a value as ours; NULL when it is none. */
static const char *value_in(struct intake *in, const char *parameter, const char *value)
{
    int hours, minutes, seconds, used = 0;
    if (strcmp(parameter, "security") == 0) {
        for (size_t i = 0; i < AUTHENTICATIONS; i++)
            if (strcasecmp(authentications[i].theirs, value) == 0)
                return authentications[i].ours;
        return NULL;
    }
    if (strcmp(parameter, "timeout") != 0)
        return value;
    if (sscanf(value, "%2d:%2d:%2d%n", &hours, &minutes, &seconds, &used) != 3 || value[used] || hours < 0 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59)
        return NULL;
    return at_path(in, "%d", hours * 3600 + minutes * 60 + seconds);
}

static bool is_secret(const struct driver *d, const char *name)
{
    const struct parameter *p = parameter_named(d, name);
    return p && p->secret;
}

static void take_parameter(struct intake *in, const struct driver *d, const char *key, const char *value, const char *where, struct text *all)
{
    const char *name = strncmp(key, OURS, sizeof OURS - 1) == 0 ? key + sizeof OURS - 1 : NULL;
    for (size_t i = 0; i < DLMS_SETTINGS && strcmp(d->name, "spodes") == 0; i++)
        if (strcmp(dlms_settings[i].name, key) == 0) {
            name = dlms_settings[i].parameter;
            value = value_in(in, name, value);
        }
    char one[PARAMETERS_MAX], problem[256];
    struct text t = text_over(problem, sizeof problem);
    void *settings = memory_new(d->settings_size);
    bool fits = name && value && !strpbrk(name, ";=") && !strchr(value, ';') && !secrets_reserved(value) && snprintf(one, sizeof one, "%s=%s", name, value) < (int)sizeof one;
    if (!name)
        intake_wrong(in, where, "такой настройки у протокола нет", "the protocol has no such setting");
    else if (!fits)
        intake_wrong(in, where, "недопустимое значение", "the value is not allowed");
    else if (strcmp(value, SECRET_MASK) == 0 && is_secret(d, name))
        intake_wrong(in, where, "при выгрузке секрет был скрыт: впишите его", "the secret was hidden in the export: write it here");
    else if (!parameters_read(d, one, in->c->lang, settings, &t))
        intake_wrong_text(in, where, problem);
    else
        text_printf(all, "%s%s", all->size ? ";" : "", one);
    free(settings);
}

static void take_protocol(struct intake *in, const json_t *from, const char *where)
{
    struct intake_protocol *p = &in->protocols[in->protocol_count++];
    const char *type = text_of(in, from, "Type", where, TITLE_MOST), *key;
    const struct driver *d = driver_of_type(type);
    char *memory = arena_take(in->c->arena, PARAMETERS_MAX);
    struct text all = text_over(memory, PARAMETERS_MAX);
    json_t *settings = settings_of(in, from, where), *value;
    *p = (struct intake_protocol){ .where = where };
    p->row = (struct store_protocol){ .title = text_of(in, from, "Name", where, TITLE_MOST), .guid = guid_in(in, from, "Id", where),
                                      .driver = d ? d->name : "spodes", .parameters = memory, .project = in->c->caller.project };
    if (!d)
        intake_wrong(in, at_path(in, "%s.Type", where), "такие протоколы не поддерживаются", "protocols of this type are not supported");
    json_object_foreach(settings, key, value)
        if (d && json_is_string(value))
            take_parameter(in, d, key, json_string_value(value), at_path(in, "%s.Settings.%s", where, key), &all);
    if (all.cut)
        intake_wrong(in, at_path(in, "%s.Settings", where), "слишком длинно", "too long");
    json_decref(settings);
}

/* --- in: devices ---------------------------------------------------------------------------------------------------------------------- */

/* Files name them in the order they stand in: the search begins behind the last one found. */
static int place_of(struct intake *in, bool link, const char *guid)
{
    size_t count = link ? in->link_count : in->protocol_count, *last = link ? &in->link_last : &in->protocol_last;
    for (size_t n = 0; n < count; n++) {
        size_t i = (*last + n) % count;
        if (strcasecmp(link ? in->links[i].row.guid : in->protocols[i].row.guid, guid) != 0)
            continue;
        *last = i;
        return (int)i + 1;
    }
    return 0;
}

/* A guid of the file's own channels or protocols; null: none. */
static int reference(struct intake *in, const json_t *from, const char *key, bool link, const char *where)
{
    if (json_is_null(json_object_get(from, key)))
        return 0;
    const char *guid = guid_in(in, from, key, where);
    int place = *guid ? place_of(in, link, guid) : 0;
    if (*guid && !place)
        intake_wrong(in, at_path(in, "%s.%s", where, key), "в файле такого нет", "the file has none of this Id");
    return place;
}

static void take_line(struct intake *in, struct intake_meter *m, const json_t *from, const char *where)
{
    struct intake_line *l = &m->lines[m->line_count++];
    const json_t *priority = json_object_get(from, "Priority");
    const char *address = json_string_value(json_object_get(from, "Address"));
    *l = (struct intake_line){ .where = where, .link = reference(in, from, "ChannelId", true, where), .protocol = reference(in, from, "ProtocolId", false, where) };
    l->row = (struct store_line){ .place = m->line_count, .enabled = bool_of(in, from, "Enabled", where), .guid = guid_in(in, from, "Id", where), .parameters = "",
                                  .priority = (int)json_integer_value(priority) };
    if (!json_is_integer(priority) || l->row.priority < 0 || l->row.priority > PRIORITY_MOST)
        intake_wrong(in, at_path(in, "%s.Priority", where), "нужно число от 0 до 1000", "a number from 0 to 1000 is needed");
    const struct parameter *p = driver_address(driver_find(l->protocol ? in->protocols[l->protocol - 1].row.driver : "spodes"));
    if (address && *address && (!p || strlen(address) > ADDRESS_MOST || strchr(address, ';')))
        intake_wrong(in, at_path(in, "%s.Address", where), "недопустимый адрес", "the address is not allowed");
    else if (address && *address)
        l->row.parameters = at_path(in, "%s=%s", p->name, address);
}

/* "DT_CE307", or with the driver "DT_mbus:Sontex": the driver is that of the first line's protocol, when it is not said. */
static void take_type(struct intake *in, struct intake_meter *m, const char *type, const char *where)
{
    const char *mark = strchr(type, ':');
    m->row.driver = m->line_count && m->lines[0].protocol ? in->protocols[m->lines[0].protocol - 1].row.driver : "spodes";
    if (strncmp(type, "DT_", 3) != 0 || strlen(type) > TITLE_MOST) {
        intake_wrong(in, at_path(in, "%s.Type", where), "тип устройства пишут так: DT_CE307", "a type of device is written DT_CE307");
        return;
    }
    m->row.model = mark ? mark + 1 : type + 3;
    if (!mark)
        return;
    const struct driver *d = driver_find(arena_text(in->c->arena, bytes_of(type + 3, (size_t)(mark - type - 3))));
    if (d)
        m->row.driver = d->name;
    else
        intake_wrong(in, at_path(in, "%s.Type", where), "такого драйвера нет", "there is no such driver");
}

/* "2023-12-20T07:56:22.220148Z": to milliseconds. */
static int64_t moment_of(struct intake *in, const json_t *from, const char *key, const char *where)
{
    const char *text = json_string_value(json_object_get(from, key));
    char seconds[20] = "";
    snprintf(seconds, sizeof seconds, "%s", text ? text : "");
    int64_t wall = strlen(seconds) == 19 ? wall_parse(seconds) : WALL_NONE;
    if (wall == WALL_NONE)
        return intake_wrong(in, at_path(in, "%s.%s", where, key), "нужно время вида 2023-12-20T07:56:22Z", "a time like 2023-12-20T07:56:22Z is needed"), 0;
    int64_t ms = 0, scale = 100;
    for (const char *at = text[19] == '.' ? text + 20 : ""; *at >= '0' && *at <= '9' && scale; at++, scale /= 10)
        ms += (*at - '0') * scale;
    return wall * 1000 + ms;
}

static void take_device(struct intake *in, const json_t *from, const char *group, const char *where)
{
    struct intake_meter *m = &in->meters[in->meter_count++];
    const json_t *lines = json_object_get(from, "CommLines"), *children = json_object_get(from, "Children");
    const char *status = text_of(in, from, "Status", where, TITLE_MOST);
    int known = 0;
    *m = (struct intake_meter){ .where = where, .row = in->model };
    m->row.source = METER_IMPORTED;
    m->row.group = group;
    m->row.serial = text_of(in, from, "SerialNumber", where, SERIAL_MOST);
    m->row.guid = guid_in(in, from, "Id", where);
    m->row.enabled = bool_of(in, from, "Enabled", where);
    m->row.added_ms = moment_of(in, from, "PlugDate", where);
    while (known < METER_STATUSES && strcasecmp(s3_statuses[known], status) != 0)
        known++;
    if (known == METER_STATUSES && *status)
        intake_wrong(in, at_path(in, "%s.Status", where), "такого статуса нет", "there is no such status");
    m->row.status = known < METER_STATUSES ? (enum meter_status)known : METER_IN_USE;
    size_t count = json_array_size(lines);
    m->lines = arena_take(in->c->arena, (STORE_LINES_MAX + 1) * sizeof *m->lines);
    if (!json_is_array(lines) || count > STORE_LINES_MAX)
        intake_wrong(in, at_path(in, "%s.CommLines", where), "нужен список, не больше 8 линий", "a list is needed, of at most 8 lines");
    for (size_t i = 0; i < count && i < STORE_LINES_MAX; i++)
        take_line(in, m, json_array_get(lines, i), at_path(in, "%s.CommLines[%zu]", where, i));
    if (!json_is_array(children) || json_array_size(children))
        intake_wrong(in, at_path(in, "%s.Children", where), "нужен пустой список: дочерних устройств нет", "an empty list is needed: there are no child devices");
    take_type(in, m, text_of(in, from, "Type", where, TITLE_MOST), where);
}

static void take_group(struct intake *in, const json_t *from, const char *where)
{
    const json_t *devices = json_object_get(from, "Devices");
    bool none = json_is_null(json_object_get(from, "Id")) && json_is_null(json_object_get(from, "Name"));
    const char *title = none ? "" : text_of(in, from, "Name", where, TITLE_MOST);
    if (!none)
        in->groups[in->group_count++].row = (struct store_group){ .title = title, .guid = guid_in(in, from, "Id", where), .project = in->c->caller.project };
    if (!json_is_array(devices))
        intake_wrong(in, at_path(in, "%s.Devices", where), "нужен список", "a list is needed");
    for (size_t i = 0; i < json_array_size(devices); i++)
        take_device(in, json_array_get(devices, i), title, at_path(in, "%s.Devices[%zu]", where, i));
}

/* --- in: the file ------------------------------------------------------------------------------------------------------------------------ */

static bool lists_there(struct intake *in, const json_t *file)
{
    static const char *const names[] = { "Channels", "Protocols", "Groups" };
    bool good = true;
    for (size_t i = 0; i < 3; i++)
        if (!json_is_array(json_object_get(file, names[i])))
            good = intake_wrong(in, names[i], "нужен список", "a list is needed");
    const char *version = json_string_value(json_object_get(json_object_get(file, "Meta"), "SchemaVersion"));
    if (!version || strcmp(version, "v1") != 0)
        good = intake_wrong(in, "Meta.SchemaVersion", "нужна v1", "v1 is needed");
    return good;
}

bool s3_read(struct intake *in, struct call *c, const json_t *file)
{
    const json_t *channels = json_object_get(file, "Channels"), *protocols = json_object_get(file, "Protocols"), *groups = json_object_get(file, "Groups");
    size_t devices = 0;
    for (size_t i = 0; i < json_array_size(groups); i++)
        devices += json_array_size(json_object_get(json_array_get(groups, i), "Devices"));
    intake_begin(in, c, json_array_size(channels), json_array_size(protocols), json_array_size(groups), devices);
    if (!lists_there(in, file))
        return false;
    if (devices > INTAKE_MOST || json_array_size(channels) > INTAKE_MOST || json_array_size(protocols) > INTAKE_MOST)
        return intake_wrong(in, "Groups", "не больше 20000 устройств, каналов и протоколов в файле", "at most 20000 devices, channels and protocols in a file");
    for (size_t i = 0; i < json_array_size(channels); i++)
        take_channel(in, json_array_get(channels, i), at_path(in, "Channels[%zu]", i));
    for (size_t i = 0; i < json_array_size(protocols); i++)
        take_protocol(in, json_array_get(protocols, i), at_path(in, "Protocols[%zu]", i));
    for (size_t i = 0; i < json_array_size(groups); i++)
        take_group(in, json_array_get(groups, i), at_path(in, "Groups[%zu]", i));
    return true;
}
