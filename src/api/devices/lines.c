/* Parameters and lines of devices; see lines.h. */
#include "api/devices/lines.h"

#include <stdio.h>
#include <stdlib.h>



#define LINE_FIELDS \
    { .name = "place", .kind = FIELD_INT, .least = 1, .most = 30, .help = { { "имя линии в пределах устройства; у новой его нет", "names the line within its device; a new one has none" } } }, \
    { .name = "link", .kind = FIELD_INT, .least = 0, .most = INT32_MAX, .help = { { "канал связи; 0: нет", "channel; 0: none" } } }, \
    { .name = "protocol", .kind = FIELD_INT, .least = 0, .most = INT32_MAX, .help = { { "протокол; 0: значения драйвера", "protocol profile; 0: the driver's presets" } } }, \
    { .name = "priority", .kind = FIELD_INT, .least = 0, .most = PRIORITY_MOST, .help = { { "меньшее идёт первым", "the smaller goes first" } } }, \
    { .name = "enabled", .kind = FIELD_BOOL }, \
    { .name = "retries", .kind = FIELD_INT, .least = 0, .most = RETRIES_MOST, .help = { { "попыток при неудаче, прежде чем перейти к следующей линии", "further tries to begin a session before the next line's turn" } } }, \
    { .name = "address", .kind = FIELD_TEXT, .most = 64, .help = { { "заменяет адрес протокола", "replaces the protocol's address" } } }, \
    { .name = "parameters", .kind = FIELD_MAP, .help = { { "свои параметры поверх протокола: пароль, ключи…; см. /drivers; секреты показаны как ***", "own parameters over the protocol's: password, keys...; see /drivers; secrets show as ***" } } }

static const struct field answer_fields[] = { LINE_FIELDS, { .name = "link_title", .kind = FIELD_TEXT }, { .name = "link_uri", .kind = FIELD_TEXT },
                                              { .name = "protocol_title", .kind = FIELD_TEXT }, { .name = NULL } };
static const struct field put_fields[] = { LINE_FIELDS, { .name = NULL } };
const struct shape shape_comm_line = { "CommLine", answer_fields }, shape_comm_line_put = { "CommLinePut", put_fields };

/* --- parameters --------------------------------------------------------------------------------------------------------- */

static const struct parameter *find_parameter(const struct driver *d, const char *name)
{
    const struct parameter *const lists[] = { d ? d->parameters : NULL, parameters_common };
    for (size_t i = 0; i < 2; i++)
        for (const struct parameter *p = lists[i]; p && p->name; p++)
            if (strcmp(p->name, name) == 0)
                return p;
    return NULL;
}

const struct parameter *driver_address(const struct driver *d)
{
    for (const struct parameter *p = d ? d->parameters : NULL; p && p->name; p++)
        if (p->address)
            return p;
    return NULL;
}

/* The next pair of a copy of "name=value;name=value"; later ones of a name replace earlier ones. */
static char *next_pair(char **at, char **ret_value)
{
    char *pair = strsep(at, ";");
    char *value = pair ? strchr(pair, '=') : NULL;
    if (value)
        *value++ = '\0';
    *ret_value = value ? value : pair ? pair + strlen(pair) : NULL;
    return pair;
}

const char *parameters_open(struct call *c, const char *text)
{
    return secrets_open(c->api->store, text, c->arena, NULL);
}

const char *parameter_value(struct call *c, const char *text, const char *name)
{
    const char *found = NULL;
    char *at = arena_text(c->arena, bytes_of_text(text)), *value;
    for (char *pair = next_pair(&at, &value); pair; pair = next_pair(&at, &value))
        if (strcmp(pair, name) == 0)
            found = value;
    return found;
}

void parameters_put(struct call *c, const char *key, const struct driver *d, const char *text, const char *but)
{
    char *at = arena_text(c->arena, bytes_of_text(text)), *value;
    json_put_object(&c->out, key);
    for (char *pair = next_pair(&at, &value); pair; pair = next_pair(&at, &value)) {
        const struct parameter *p = find_parameter(d, pair);
        if (*pair && (!but || strcmp(pair, but) != 0))
            json_put_text(&c->out, pair, (p && p->secret) || secrets_reserved(value) ? SECRET_MASK : value);
    }
    json_put_end(&c->out);
}

/* "lines[1]" and "parameters" as "lines[1].parameters". */
static const char *join(struct call *c, const char *field, const char *name)
{
    char *path = arena_take(c->arena, PROBLEM_PATH);
    struct text t = text_over(path, PROBLEM_PATH);
    text_printf(&t, "%s%s%s", field, name ? "." : "", name ? name : "");
    return path;
}

static bool wrong_at(struct call *c, const char *field, const char *name, const char *ru, const char *en)
{
    return call_wrong_field(c, join(c, field, name), c->lang == LANG_RU ? ru : en);
}

const char *parameters_take(struct call *c, const char *field, const json_t *map, const char *stored)
{
    enum { ROOM = PARAMETERS_MAX + SECRETS_GROW };
    char *memory = arena_take(c->arena, ROOM);
    struct text t = text_over(memory, ROOM);
    const char *key;
    json_t *item;
    json_object_foreach((json_t *)(uintptr_t)map, key, item) {
        const char *value = json_string_value(item);
        const char *kept = value ? parameter_value(c, stored, key) : NULL;
        if (value && strcmp(value, SECRET_MASK) == 0)
            value = kept;
        if (!value)
            continue;
        if (secrets_reserved(value) && (!kept || strcmp(value, kept) != 0)) {
            wrong_at(c, field, key, "значение не может начинаться с «sealed:»", "a value may not begin with \"sealed:\"");
            return NULL;
        }
        if (strpbrk(key, ";=") || strchr(value, ';')) {
            wrong_at(c, field, key, "точка с запятой не допускается", "semicolons are not allowed");
            return NULL;
        }
        text_printf(&t, "%s%s=%s", t.size ? ";" : "", key, value);
    }
    if (t.cut || strlen(parameters_open(c, memory)) >= PARAMETERS_MAX) {
        wrong_at(c, field, NULL, "слишком длинно", "too long");
        return NULL;
    }
    return memory;
}

static json_t *map_of(struct call *c, const char *text)
{
    json_t *map = json_object();
    char *at = arena_text(c->arena, bytes_of_text(text)), *value;
    for (char *pair = next_pair(&at, &value); pair; pair = next_pair(&at, &value))
        if (*pair)
            json_object_set_new(map, pair, json_string(value));
    return map;
}

const char *parameters_over(struct call *c, const char *field, const json_t *map, const char *stored)
{
    json_t *all = map_of(c, stored);
    json_object_update(all, (json_t *)(uintptr_t)map);
    const char *text = parameters_take(c, field, all, stored);
    json_decref(all);
    return text;
}

/* Every parameter that the driver does not take, each at its own field. */
bool parameters_check(struct call *c, const char *field, const struct driver *d, const char *text)
{
    bool good = true;
    char *at = arena_text(c->arena, bytes_of_text(parameters_open(c, text))), *value;
    void *settings = memory_new(d->settings_size);
    for (char *pair = next_pair(&at, &value); pair; pair = next_pair(&at, &value)) {
        char one[PARAMETERS_MAX + 2], problem[256];
        struct text t = text_over(problem, sizeof problem);
        snprintf(one, sizeof one, "%s=%s", pair, value);
        if (!*pair || parameters_read(d, one, c->lang, settings, &t))
            continue;
        good = call_wrong_field(c, join(c, field, pair), problem);
    }
    free(settings);
    return good;
}

bool parameters_agree(struct call *c, const char *field, const struct driver *d, const char *text, bool whole)
{
    char problem[256];
    const char *name = NULL;
    struct text t = text_over(problem, sizeof problem);
    void *settings = memory_new(d->settings_size);
    text = parameters_open(c, text);
    bool good = parameters_read(d, text, c->lang, settings, &t) && parameters_rules(d, text, settings, whole, c->lang, &name, &t);
    free(settings);
    return good || call_wrong_field(c, join(c, field, name), problem);
}

/* --- lines -------------------------------------------------------------------------------------------------------------- */

const char *line_told(struct call *c, const struct store_line *l)
{
    struct store_protocol p = { 0 };
    if (l->protocol && store_protocol_get(c->api->store, l->protocol, c->arena, &p) != FAULT_NONE)
        p.parameters = "";
    return line_parameters(p.parameters, l->parameters, c->arena);
}

void line_put(struct call *c, const char *key, const struct driver *d, const struct store_line *l)
{
    const struct parameter *address = driver_address(d);
    const char *told = address ? parameter_value(c, l->parameters, address->name) : NULL;
    struct store_link k = { .title = "", .uri = "" };
    struct store_protocol p = { .title = "" };
    if (l->link)
        store_link_get(c->api->store, l->link, c->arena, &k);
    if (l->protocol)
        store_protocol_get(c->api->store, l->protocol, c->arena, &p);
    json_put_object(&c->out, key);
    json_put_int(&c->out, "place", l->place);
    json_put_int(&c->out, "link", l->link);
    json_put_text(&c->out, "link_title", k.title);
    json_put_text(&c->out, "link_uri", k.uri);
    json_put_int(&c->out, "protocol", l->protocol);
    json_put_text(&c->out, "protocol_title", p.title);
    json_put_int(&c->out, "priority", l->priority);
    json_put_bool(&c->out, "enabled", l->enabled);
    json_put_int(&c->out, "retries", l->retries);
    json_put_text(&c->out, "address", told ? told : "");
    parameters_put(c, "parameters", d, l->parameters, address ? address->name : NULL);
    json_put_end(&c->out);
}

void lines_put(struct call *c, const char *key, const struct store_meter *m)
{
    json_put_list(&c->out, key);
    for (int i = 0; i < m->line_count; i++)
        line_put(c, NULL, driver_find(m->driver), &m->lines[i]);
    json_put_end(&c->out);
}

/* One line with the fields given over those it has. Own parameters and address are one text in the store. */
bool line_take(struct call *c, const char *field, const json_t *from, const struct driver *d, struct store_line *l)
{
    const json_t *map = json_object_get(from, "parameters");
    const struct parameter *address = driver_address(d);
    const char *stored = l->parameters, *told = address ? parameter_value(c, stored, address->name) : NULL;
    l->link = call_int(from, "link", l->link);
    l->protocol = call_int(from, "protocol", l->protocol);
    l->priority = (int)call_int(from, "priority", l->priority);
    l->enabled = call_bool(from, "enabled", l->enabled);
    l->retries = (int)call_int(from, "retries", l->retries);
    told = call_text(from, "address", told);
    if (told && *told && !address)
        return wrong_at(c, field, "address", "у этого драйвера нет адреса", "this driver has no address");
    json_t *own = map ? json_copy((json_t *)(uintptr_t)map) : map_of(c, stored);
    if (address && told && (json_object_get(from, "address") || !json_object_get(own, address->name)))
        json_object_set_new(own, address->name, *told ? json_string(told) : json_null());
    l->parameters = parameters_take(c, join(c, field, "parameters"), own, stored);
    json_decref(own);
    return l->parameters != NULL;
}

static bool link_there(struct call *c, int64_t id)
{
    struct store_link k;
    return id == 0 || (store_link_get(c->api->store, id, c->arena, &k) == FAULT_NONE && k.project == c->caller.project);
}

bool line_fits(struct call *c, const char *field, const struct driver *d, const struct store_line *l)
{
    const char *path = join(c, field, "parameters");
    struct store_protocol p = { .parameters = "" };
    bool good = link_there(c, l->link) || wrong_at(c, field, "link", "такого канала связи нет", "there is no such channel");
    bool known = !l->protocol || (store_protocol_get(c->api->store, l->protocol, c->arena, &p) == FAULT_NONE && p.project == c->caller.project);
    if (!known)
        return wrong_at(c, field, "protocol", "такого протокола нет", "there is no such protocol profile");
    if (l->protocol && strcmp(p.driver, d->name) != 0)
        return wrong_at(c, field, "protocol", "протокол другого драйвера", "the profile is of another driver");
    if (!parameters_check(c, path, d, l->parameters))
        return false;
    if (strlen(parameters_open(c, line_parameters(p.parameters, l->parameters, c->arena))) > PARAMETERS_MAX)
        return call_wrong_field(c, path, c->lang == LANG_RU ? "слишком длинно вместе с протоколом" : "too long together with the profile");
    return good && parameters_agree(c, path, d, line_parameters(p.parameters, l->parameters, c->arena), true);
}

bool lines_fit(struct call *c, const char *field, const struct store_meter *m)
{
    const struct driver *d = driver_find(m->driver);
    bool good = true;
    if (!d)
        return call_wrong_field(c, "driver", c->lang == LANG_RU ? "такого драйвера нет" : "there is no such driver");
    for (int i = 0; i < m->line_count; i++) {
        char path[PROBLEM_PATH];
        snprintf(path, sizeof path, "%s[%d]", field, i);
        good &= line_fits(c, path, d, &m->lines[i]);
    }
    return good;
}

static const struct store_line *line_at(const struct store_meter *m, int place)
{
    for (int i = 0; i < m->line_count; i++)
        if (m->lines[i].place == place)
            return &m->lines[i];
    return NULL;
}

bool lines_take(struct call *c, const char *field, const json_t *list, struct store_meter *m)
{
    struct store_line *lines = arena_take(c->arena, STORE_LINES_MAX * sizeof *lines);
    const struct driver *d = driver_find(m->driver);
    int count = (int)json_array_size(list);
    unsigned seen = 0;
    bool good = true;
    if (count > STORE_LINES_MAX)
        return call_wrong_field(c, field, c->lang == LANG_RU ? "не больше 8 линий" : "at most 8 lines");
    for (int i = 0; i < count; i++) {
        char path[PROBLEM_PATH];
        const json_t *from = json_array_get(list, (size_t)i);
        int place = (int)call_int(from, "place", 0);
        const struct store_line *old = place ? line_at(m, place) : NULL;
        snprintf(path, sizeof path, "%s[%d]", field, i);
        lines[i] = old ? *old : (struct store_line){ .enabled = true, .parameters = "", .guid = "" };
        if (place && (!old || seen >> place & 1))
            good = wrong_at(c, path, "place", "у устройства нет такой линии", "the device has no such line");
        seen |= 1u << place;
        good &= line_take(c, path, from, d, &lines[i]);
    }
    m->lines = lines;
    m->line_count = count;
    return good && lines_fit(c, field, m);
}
