/* A table of meters as somebody wants it, against what there is; see meter_table.h. */
#include "api/box/meter_table.h"

#include <stdio.h>
#include <stdlib.h>

enum { HOST_MOST = 250 };

bool table_wrong_text(struct meter_table *t, size_t row, const char *cell, const char *message)
{
    if (t->mistake_count < TABLE_TOLD)
        t->mistakes[t->mistake_count] = (struct table_mistake){ row, cell, arena_text(t->c->arena, bytes_of_text(message)) };
    t->mistake_count++;
    return false;
}

bool table_wrong(struct meter_table *t, size_t row, const char *cell, const char *ru, const char *en)
{
    return table_wrong_text(t, row, cell, t->c->lang == LANG_RU ? ru : en);
}

/* --- what identifies a meter ------------------------------------------------------------------------------------------------ */

/* Keys in order, for rows that are looked for among them. */
struct key {
    const char *text;
    const void *of;
};

struct keys {
    struct key *list;
    size_t count;
};

static int by_text(const void *a, const void *b)
{
    return strcmp(((const struct key *)a)->text, ((const struct key *)b)->text);
}

static const char *serial_key(struct arena *a, const char *driver, const char *serial)
{
    char text[200];
    snprintf(text, sizeof text, "%s\n#%s", driver, serial + strspn(serial, "0"));
    return arena_text(a, bytes_of_text(text));
}

/* Of a hub the link is its address. */
static const char *place_key(struct arena *a, const struct driver *d, const char *driver, const char *address, int64_t link)
{
    char text[512];
    snprintf(text, sizeof text, "%s\n%s\n%lld", driver, address, table_is_hub(d) ? 0 : (long long)link);
    return arena_text(a, bytes_of_text(text));
}

/* The device of the key; NULL: none, or several. */
static const void *only(const struct keys *k, const char *text)
{
    struct key key = { text, NULL };
    const struct key *found = k->count ? bsearch(&key, k->list, k->count, sizeof *k->list, by_text) : NULL;
    if (!found || (found > k->list && strcmp(found[-1].text, text) == 0) || (found + 1 < k->list + k->count && strcmp(found[1].text, text) == 0))
        return NULL;
    return found->of;
}

/* Devices that a row may turn out to be: of a file all, else those that left the table, or leave it with this request. */
struct identities {
    struct keys serials, places;
};

static struct identities identities_of(struct meter_table *t)
{
    struct arena *a = t->c->arena;
    struct identities all = { { arena_take(a, (t->meter_count + 1) * sizeof(struct key)), 0 }, { arena_take(a, (t->meter_count + 1) * sizeof(struct key)), 0 } };
    bool *claimed = arena_take(a, t->meter_count + 1);
    for (size_t i = 0; i < t->row_count; i++)
        if (t->rows[i].old)
            claimed[t->rows[i].old - t->meters] = true;
    for (size_t i = 0; i < t->meter_count; i++) {
        const struct store_meter *m = &t->meters[i];
        const struct driver *d = driver_find(m->driver);
        if (claimed[i])
            continue;
        if (*m->serial)
            all.serials.list[all.serials.count++] = (struct key){ serial_key(a, m->driver, m->serial), m };
        if (m->line_count && (m->lines[0].link || table_is_hub(d)))
            all.places.list[all.places.count++] = (struct key){ place_key(a, d, m->driver, table_address(t, m), m->lines[0].link), m };
    }
    qsort(all.serials.list, all.serials.count, sizeof(struct key), by_text);
    qsort(all.places.list, all.places.count, sizeof(struct key), by_text);
    return all;
}

static const struct store_meter *identify(const struct meter_table *t, const struct identities *all, const struct table_row *r)
{
    struct arena *a = t->c->arena;
    const char *serial = call_text(r->said, "serial", "");
    const struct store_meter *m = *serial ? only(&all->serials, serial_key(a, r->driver->name, serial)) : NULL;
    if (m || !*r->address)
        return m;
    m = only(&all->places, place_key(a, r->driver, r->driver->name, r->address, r->lines[0].link));
    return m && *m->serial && *serial ? NULL : m; /* another number at the same place is another meter */
}

/* --- cells --------------------------------------------------------------------------------------------------------------------- */

/* "name=value;..." without `name`, and with `value` for it unless that is NULL. */
static const char *with(struct call *c, const char *text, const char *name, const char *value)
{
    size_t size = strlen(text) + strlen(name) + (value ? strlen(value) : 0) + 3;
    char *memory = arena_take(c->arena, size), *copy = arena_text(c->arena, bytes_of_text(text)), *save;
    struct text t = text_over(memory, size);
    for (char *pair = strtok_r(copy, ";", &save); pair; pair = strtok_r(NULL, ";", &save))
        if (strncmp(pair, name, strlen(name)) != 0 || pair[strlen(name)] != '=')
            text_printf(&t, "%s%s", t.size ? ";" : "", pair);
    if (value)
        text_printf(&t, "%s%s=%s", t.size ? ";" : "", name, value);
    return memory;
}

/* The cell in which a parameter of the driver stands. */
static const char *cell_of(const struct driver *d, const char *name)
{
    static const char *const cells[][2] = { { "password", "password" }, { "password2", "password2" }, { "speed", "baud" }, { "format", "bits" }, { "clock", "clock" } };
    const struct parameter *address = driver_address(d), *secondary = table_long_address(d);
    if ((address && strcmp(name, address->name) == 0) || (secondary && strcmp(name, secondary->name) == 0))
        return "address";
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        if (strcmp(name, cells[i][0]) == 0)
            return cells[i][1];
    return "driver";
}

/* The parameter becomes `value`, "" and NULL meaning that the line says nothing of its own. */
static bool set_parameter(struct meter_table *t, struct table_row *r, const char *name, const char *value)
{
    const char *has = value && *value ? parameter_value(t->c, parameters_open(t->c, table_told(t, &r->meter)), name) : NULL;
    if (value && secrets_reserved(value))
        return table_wrong(t, r->place, cell_of(r->driver, name), "значение не может начинаться с «sealed:»", "a value may not begin with \"sealed:\"");
    if (value && strchr(value, ';'))
        return table_wrong(t, r->place, cell_of(r->driver, name), "точка с запятой не допускается", "semicolons are not allowed");
    if (value && *value && has && strcmp(has, value) == 0)
        return true;
    r->lines[0].parameters = with(t->c, r->lines[0].parameters, name, value && *value ? value : NULL);
    return true;
}

static bool driver_has(const struct driver *d, const char *name)
{
    for (const struct parameter *p = d->parameters; p && p->name; p++)
        if (strcmp(p->name, name) == 0)
            return true;
    return false;
}

static void take_password(struct meter_table *t, struct table_row *r, const char *name)
{
    const char *value = call_text(r->said, name, NULL);
    if (value && strcmp(value, SECRET_MASK) == 0) {
        const struct store_meter *like = table_meter(t, call_int(r->said, "like", 0));
        value = like ? parameter_value(t->c, parameters_open(t->c, table_told(t, like)), name) : NULL;
    }
    if (!value)
        return;
    if (*value && !driver_has(r->driver, name))
        table_wrong(t, r->place, name, "у этого типа нет такого пароля", "this type has no such password");
    else if (driver_has(r->driver, name))
        set_parameter(t, r, name, value);
}

static bool known(const char *const *words, const char *word)
{
    while (*words && strcmp(*words, word) != 0)
        words++;
    return *words != NULL;
}

static void take_line_settings(struct meter_table *t, struct table_row *r)
{
    char text[16];
    int64_t baud = call_int(r->said, "baud", -1), bits = call_int(r->said, "bits", -1), stop = call_int(r->said, "stop", -1), clock = call_int(r->said, "clock", -1);
    const char *parity = call_text(r->said, "parity", NULL);
    snprintf(text, sizeof text, "%lld", (long long)baud);
    if (baud > 0 && !known(parameters_speeds, text))
        table_wrong(t, r->place, "baud", "такой скорости нет", "there is no such speed");
    else if (baud >= 0)
        set_parameter(t, r, "speed", baud ? text : NULL);
    snprintf(text, sizeof text, "%d%s%d", (int)bits, parity ? parity : "", (int)stop);
    if (bits > 0 || stop > 0 || (parity && *parity)) {
        if (!known(parameters_formats, text))
            table_wrong(t, r->place, "bits", "биты, чётность и стоповые биты задаются вместе", "bits, parity and stop bits are given together");
        else
            set_parameter(t, r, "format", text);
    } else if (bits == 0 && stop == 0 && parity)
        set_parameter(t, r, "format", NULL);
    snprintf(text, sizeof text, "%lld", (long long)clock);
    if (clock >= 0)
        set_parameter(t, r, "clock", clock ? text : NULL);
}

/* Numbers that the short address has no room for are the long one (S4, «Подключение теплосчётчиков Пульсар», 4). */
static void take_address(struct meter_table *t, struct table_row *r)
{
    const struct parameter *address = driver_address(r->driver), *secondary = table_long_address(r->driver);
    const char *said = call_text(r->said, "address", NULL);
    bool same = r->old && strcmp(r->old->driver, r->driver->name) == 0 && strcmp(r->address, table_address(t, r->old)) == 0;
    if (r->old && (!said || same))
        return;
    if (!*r->address && (address || secondary)) {
        table_wrong(t, r->place, "address", "укажите адрес", "give an address");
        return;
    }
    if (!address && !secondary)
        return;
    bool is_long = secondary && address && address->kind == PARAMETER_NUMBER && strtol(r->address, NULL, 10) > address->most;
    if (address)
        set_parameter(t, r, address->name, is_long ? NULL : r->address);
    if (secondary)
        set_parameter(t, r, secondary->name, is_long ? r->address : NULL);
}

/* --- rows: who they are ----------------------------------------------------------------------------------------------------------- */

static void begin_row(struct meter_table *t, struct table_row *r, const json_t *said, size_t place)
{
    r->said = said;
    r->place = place;
    r->said_id = call_int(said, "id", 0);
    const struct store_meter *there = t->by_identity || !r->said_id ? NULL : table_meter(t, r->said_id);
    if (there && table_has(there))
        r->old = there;
    const char *driver = call_text(said, "driver", r->old ? r->old->driver : "");
    r->driver = driver_find(driver);
    r->parent_id = call_int(said, "parent", r->old ? r->old->parent : 0);
    r->address = call_text(said, "address", r->old && strcmp(driver, r->old->driver) == 0 ? table_address(t, r->old) : "");
    if (r->driver)
        return;
    /* what can be shown of it, for who tries */
    r->meter = (struct store_meter){ .serial = call_text(said, "serial", ""), .title = "", .driver = driver, .model = call_text(said, "model", ""), .note = call_text(said, "comment", ""), .enabled = true };
    r->added = true;
    table_wrong(t, place, "driver", *driver ? "такой тип программа не опрашивает" : "выберите тип", *driver ? "the program does not read this type" : "choose a type");
}

/* Rows by the numbers that the request gives them. */
static int by_said(const void *a, const void *b)
{
    const struct table_row *x = *(const struct table_row *const *)a, *y = *(const struct table_row *const *)b;
    return x->said_id != y->said_id ? (x->said_id > y->said_id) - (x->said_id < y->said_id) : (x->place > y->place) - (x->place < y->place);
}

struct numbered {
    struct table_row **list;
    size_t count;
};

static struct numbered number_rows(struct meter_table *t)
{
    struct numbered n = { arena_take(t->c->arena, (t->row_count + 1) * sizeof *n.list), 0 };
    for (size_t i = 0; i < t->row_count; i++)
        if (t->rows[i].said_id)
            n.list[n.count++] = &t->rows[i];
    qsort(n.list, n.count, sizeof *n.list, by_said);
    for (size_t i = 1; i < n.count; i++)
        if (n.list[i]->said_id == n.list[i - 1]->said_id)
            table_wrong(t, n.list[i]->place, "id", "этот номер уже у другой строки", "another row has this number");
    return n;
}

static struct table_row *row_numbered(const struct numbered *n, int64_t id)
{
    struct table_row key = { .said_id = id }, *at = &key;
    for (size_t low = 0, high = n->count; low < high;) {
        size_t middle = (low + high) / 2;
        if (n->list[middle]->said_id == at->said_id)
            return n->list[middle];
        if (n->list[middle]->said_id < at->said_id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* --- rows: over which link ---------------------------------------------------------------------------------------------------------- */

static struct table_link *hub_link(struct meter_table *t, struct table_row *r)
{
    char uri[HOST_MOST + 20], problem[200], title[HOST_MOST + 40];
    struct link_address address;
    struct text ignored = text_over(problem, sizeof problem);
    snprintf(uri, sizeof uri, "tcp://%s", r->address);
    if (!*r->address || strpbrk(r->address, "/?&, ;") || !link_address_parse(uri, LANG_EN, &address, &ignored) || !address.port) {
        table_wrong(t, r->place, "address", "нужен адрес вида 192.168.1.50:4001", "an address such as 192.168.1.50:4001 is wanted");
        return NULL;
    }
    struct table_link *k = r->old && r->old->line_count && table_is_hub(driver_find(r->old->driver)) ? table_link(t, r->old->lines[0].link) : NULL;
    if (!k) {
        k = &t->links[t->link_count + t->links_made++];
        *k = (struct table_link){ .row = { .id = -(int64_t)t->links_made, .settings = "", .guid = "", .project = t->c->caller.project }, .changed = true };
    }
    k->changed = k->changed || strcmp(k->row.uri, uri) != 0;
    snprintf(title, sizeof title, t->c->lang == LANG_RU ? "Хаб %s" : "Hub %s", r->address);
    if (k->changed)
        k->row.title = arena_text(t->c->arena, bytes_of_text(title));
    k->row.uri = arena_text(t->c->arena, bytes_of_text(uri));
    k->address = address;
    k->good = true;
    return k;
}

static const struct table_link *link_titled(const struct meter_table *t, const char *title)
{
    for (size_t i = 0; i < t->link_count; i++)
        if (strcmp(t->links[i].row.title, title) == 0 || strcmp(t->links[i].row.uri, title) == 0)
            return &t->links[i];
    return NULL;
}

/* What the row says of its channel; -1: nothing. */
static int64_t link_said(struct meter_table *t, const struct table_row *r)
{
    const char *title = call_text(r->said, "interface_title", "");
    if (json_object_get(r->said, "interface"))
        return call_int(r->said, "interface", 0);
    if (!*title)
        return -1;
    const struct table_link *k = link_titled(t, title);
    if (!k)
        table_wrong(t, r->place, "interface", "такого канала связи нет", "there is no such channel");
    return k ? k->row.id : 0;
}

static void take_link(struct meter_table *t, struct table_row *r, const struct table_row *parent)
{
    int64_t said = link_said(t, r);
    if (table_is_hub(r->driver)) {
        const struct table_link *k = hub_link(t, r);
        r->lines[0].link = k ? k->row.id : 0;
    } else if (parent)
        r->lines[0].link = parent->lines[0].link;
    else if (said > 0 && !table_link(t, said))
        table_wrong(t, r->place, "interface", "такого канала связи нет", "there is no such channel");
    else if (said >= 0)
        r->lines[0].link = said;
    bool given = r->lines[0].link || !call_bool(r->said, "enabled", r->old ? r->old->enabled : true);
    if (!given && !table_is_hub(r->driver) && said <= 0 && !(r->old && said < 0))
        table_wrong(t, r->place, "interface", "выберите интерфейс", "choose an interface");
}

/* The row's parent, looked at; NULL: it has none, or a wrong one. */
static const struct table_row *take_parent(struct meter_table *t, const struct numbered *n, struct table_row *r)
{
    const struct table_row *parent = r->parent_id ? row_numbered(n, r->parent_id) : NULL;
    if (r->parent_id == 0)
        return NULL;
    if (!parent)
        table_wrong(t, r->place, "parent", "в таблице нет строки с таким номером", "the table has no row of this number");
    else if (parent == r || !parent->driver || !parent->driver->carries)
        table_wrong(t, r->place, "parent", "за этим прибором не может быть других: нужен хаб или концентратор", "no others can stand behind this one: a hub or a concentrator is wanted");
    else if (r->driver && r->driver->carries)
        table_wrong(t, r->place, "parent", "у хаба не бывает родителя", "a hub has no parent");
    else
        return parent;
    return NULL;
}

/* --- rows: what they become ------------------------------------------------------------------------------------------------------------- */

/* The first line as it is, to be changed; a driver's own parameters do not outlive it. */
static void begin_meter(struct table_row *r, const struct store_meter *model)
{
    r->meter = r->old ? *r->old : *model;
    for (int i = 0; i < r->meter.line_count; i++)
        r->lines[i] = r->meter.lines[i];
    if (r->meter.line_count == 0) {
        r->lines[0] = (struct store_line){ .enabled = true, .parameters = "", .guid = "" };
        r->meter.line_count = 1;
    }
    r->meter.lines = r->lines;
    if (r->old && r->driver && strcmp(r->old->driver, r->driver->name) != 0) {
        r->lines[0].parameters = "";
        r->lines[0].protocol = 0;
    }
}

static void take_words(struct table_row *r)
{
    struct store_meter *m = &r->meter;
    enum { MONTHS_USUAL = 400 };
    m->driver = r->driver->name;
    m->model = call_text(r->said, "model", m->model);
    m->serial = call_text(r->said, "serial", m->serial);
    m->note = call_text(r->said, "comment", m->note);
    m->enabled = call_bool(r->said, "enabled", m->enabled || r->restored);
    bool monthly = call_bool(r->said, "monthly", m->depth_days[ARCHIVE_MONTH] > 0);
    if (monthly != (m->depth_days[ARCHIVE_MONTH] > 0))
        m->depth_days[ARCHIVE_MONTH] = monthly ? MONTHS_USUAL : 0;
    if (table_is_hub(r->driver)) /* it has nothing of its own to be read */
        memset(m->depth_days, 0, sizeof m->depth_days);
    if (r->restored)
        m->status = METER_IN_USE;
}

/* A driver that asks models differently has a parameter for it, whose words stand in their names: «Меркурий 234» is model=234. */
static void take_model(struct meter_table *t, struct table_row *r)
{
    const char *said = call_text(r->said, "model", NULL);
    for (const struct parameter *p = r->driver->parameters; p && p->name && said; p++) {
        if (strcmp(p->name, "model") != 0 || p->kind != PARAMETER_CHOICE)
            continue;
        for (const char *const *word = p->choices; *word; word++)
            if (strstr(said, *word)) {
                set_parameter(t, r, "model", *word);
                return;
            }
    }
}

/* Every parameter at its cell, then all of them together. */
static void check_parameters(struct meter_table *t, struct table_row *r)
{
    const char *told = parameters_open(t->c, table_told(t, &r->meter)), *name = NULL;
    char *copy = arena_text(t->c->arena, bytes_of_text(parameters_open(t->c, r->lines[0].parameters))), *save, problem[256];
    void *settings = memory_new(r->driver->settings_size);
    bool good = strlen(told) <= PARAMETERS_MAX || table_wrong(t, r->place, "password", "слишком длинно", "too long");
    for (char *pair = strtok_r(copy, ";", &save); pair; pair = strtok_r(NULL, ";", &save)) {
        struct text why = text_over(problem, sizeof problem);
        if (parameters_read(r->driver, pair, t->c->lang, settings, &why))
            continue;
        pair[strcspn(pair, "=")] = '\0';
        good = table_wrong_text(t, r->place, cell_of(r->driver, pair), problem);
    }
    struct text why = text_over(problem, sizeof problem);
    if (good && !(parameters_read(r->driver, told, t->c->lang, settings, &why) && parameters_rules(r->driver, told, settings, r->meter.enabled, t->c->lang, &name, &why)))
        table_wrong_text(t, r->place, name ? cell_of(r->driver, name) : "driver", problem);
    free(settings);
}

static bool same_meter(const struct store_meter *a, const struct store_meter *b)
{
    const struct store_line *x = a->lines, *y = b->lines;
    return strcmp(a->driver, b->driver) == 0 && strcmp(a->model, b->model) == 0 && strcmp(a->serial, b->serial) == 0 && strcmp(a->note, b->note) == 0 &&
           a->enabled == b->enabled && a->status == b->status && a->parent == b->parent && a->line_count == b->line_count && x->link == y->link &&
           x->protocol == y->protocol && strcmp(x->parameters, y->parameters) == 0 && memcmp(a->depth_days, b->depth_days, sizeof a->depth_days) == 0;
}

/* Which device the row is; numbers of new ones are chosen when all are known. */
static void settle_identity(struct meter_table *t, struct table_row *r, const struct identities *all)
{
    if (r->old)
        return;
    const struct store_meter *there = t->by_identity || !r->said_id ? NULL : table_meter(t, r->said_id);
    r->old = identify(t, all, r);
    r->restored = r->old && !table_has(r->old);
    if (table_is_hub(r->driver) && r->lines[0].link) /* the second look: told already */
        return;
    if (there && there != r->old)
        table_wrong(t, r->place, "id", "этот номер у прибора, который вышел из таблицы; его архивы хранятся", "a meter that left the table has this number; its archives are kept");
    else if (!r->old && !t->by_identity && r->said_id && r->said_id <= t->last)
        table_wrong(t, r->place, "id", "этот номер уже был у другого прибора", "another meter had this number");
}

static void take_row(struct meter_table *t, struct table_row *r, const struct table_row *parent, const struct identities *all, const struct store_meter *model)
{
    if (!r->driver)
        return;
    if (table_is_hub(r->driver)) /* known by its address, and its link is its own */
        settle_identity(t, r, all);
    begin_meter(r, model);
    take_link(t, r, parent);
    settle_identity(t, r, all);
    if (r->old && r->meter.id != r->old->id) { /* it is one that was there before */
        int64_t link = r->lines[0].link;
        begin_meter(r, model);
        r->lines[0].link = link;
    }
    take_address(t, r);
    take_password(t, r, "password");
    take_password(t, r, "password2");
    take_line_settings(t, r);
    take_model(t, r);
    take_words(r);
    check_parameters(t, r);
    r->added = !r->old;
}

/* Hubs first: their children answer over their links. */
static void take_rows(struct meter_table *t, const struct numbered *n)
{
    struct identities all = identities_of(t);
    struct store_meter model = device_new(t->c);
    model.source = t->by_identity ? METER_IMPORTED : METER_BY_HAND;
    for (size_t i = 0; i < t->row_count; i++)
        if (t->rows[i].driver && t->rows[i].driver->carries) {
            take_parent(t, n, &t->rows[i]);
            take_row(t, &t->rows[i], NULL, &all, &model);
        }
    for (size_t i = 0; i < t->row_count; i++)
        if (!t->rows[i].driver || !t->rows[i].driver->carries)
            take_row(t, &t->rows[i], take_parent(t, n, &t->rows[i]), &all, &model);
}

/* New rows keep the number they ask for where it is free; the others get the next ones. */
static void choose_numbers(struct meter_table *t, const struct numbered *n)
{
    int64_t next = t->last;
    for (size_t i = 0; i < t->row_count; i++)
        if (t->rows[i].added && t->rows[i].said_id > t->last)
            t->rows[i].meter.chosen = t->rows[i].said_id;
    for (size_t i = 0; i < t->row_count; i++)
        next = t->rows[i].meter.chosen > next ? t->rows[i].meter.chosen : next;
    for (size_t i = 0; i < t->row_count; i++)
        if (t->rows[i].added && !t->rows[i].meter.chosen)
            t->rows[i].meter.chosen = ++next;
    for (size_t i = 0; i < t->row_count; i++) {
        const struct table_row *parent = t->rows[i].parent_id ? row_numbered(n, t->rows[i].parent_id) : NULL;
        t->rows[i].meter.parent = !parent ? 0 : parent->meter.id ? parent->meter.id : parent->meter.chosen;
    }
}

/* --- what must not be there twice ------------------------------------------------------------------------------------------------------- */

static void find_doubles(struct meter_table *t, const struct keys *k, const char *cell, const char *ru, const char *en)
{
    qsort(k->list, k->count, sizeof *k->list, by_text);
    for (size_t i = 1; i < k->count; i++) {
        const struct table_row *a = k->list[i - 1].of, *b = k->list[i].of;
        char message[200];
        if (strcmp(k->list[i].text, k->list[i - 1].text) != 0)
            continue;
        snprintf(message, sizeof message, "%s %zu", t->c->lang == LANG_RU ? ru : en, (a->place < b->place ? a : b)->place + 1);
        table_wrong_text(t, (a->place < b->place ? b : a)->place, cell, message);
    }
}

static void check_doubles(struct meter_table *t)
{
    struct arena *a = t->c->arena;
    struct keys serials = { arena_take(a, (t->row_count + 1) * sizeof(struct key)), 0 }, places = { arena_take(a, (t->row_count + 1) * sizeof(struct key)), 0 }, olds = { arena_take(a, (t->row_count + 1) * sizeof(struct key)), 0 };
    for (size_t i = 0; i < t->row_count; i++) {
        const struct table_row *r = &t->rows[i];
        char number[24];
        if (!r->driver)
            continue;
        if (r->old) {
            snprintf(number, sizeof number, "%lld", (long long)r->old->id);
            olds.list[olds.count++] = (struct key){ arena_text(a, bytes_of_text(number)), r };
        }
        if (*r->meter.serial)
            serials.list[serials.count++] = (struct key){ serial_key(a, r->driver->name, r->meter.serial), r };
        if (r->meter.enabled && *r->address && (r->lines[0].link || table_is_hub(r->driver)))
            places.list[places.count++] = (struct key){ place_key(a, r->driver, r->driver->name, r->address, r->lines[0].link), r };
    }
    find_doubles(t, &serials, "serial", "этот номер уже в строке", "this serial number is in row");
    find_doubles(t, &places, "address", "на этой линии такой адрес уже в строке", "on this line the address is in row");
    find_doubles(t, &olds, "id", "это тот же прибор, что в строке", "this is the same meter as in row");
}

/* --- what changed meanwhile --------------------------------------------------------------------------------------------------------------- */

static bool newer(const struct meter_table *t, const struct store_meter *m)
{
    return t->seen && m->revision > t->seen;
}

/* Rows that differ, and devices that are in the table and not in the request. */
static size_t compare(struct meter_table *t)
{
    size_t stale = 0;
    bool *kept = arena_take(t->c->arena, t->meter_count + 1);
    for (size_t i = 0; i < t->row_count; i++) {
        struct table_row *r = &t->rows[i];
        r->changed = r->old && !same_meter(&r->meter, r->old);
        r->stale = r->changed && newer(t, r->old);
        stale += r->stale;
        t->added += r->added;
        t->restored += r->restored;
        t->changed += r->changed && !r->restored;
        if (r->old)
            kept[r->old - t->meters] = true;
    }
    t->retired = arena_take(t->c->arena, (t->meter_count + 1) * sizeof *t->retired);
    for (size_t i = 0; i < t->meter_count && !t->keep_rest; i++) {
        if (kept[i] || !table_has(&t->meters[i]))
            continue;
        stale += newer(t, &t->meters[i]);
        t->retired[t->removed] = t->meters[i];
        t->retired[t->removed].enabled = false;
        t->retired[t->removed++].status = METER_RETIRED;
    }
    return stale;
}

bool table_take(struct meter_table *t, const json_t *rows)
{
    t->row_count = json_array_size(rows);
    t->rows = arena_take(t->c->arena, (t->row_count + 1) * sizeof *t->rows);
    struct table_link *links = arena_take(t->c->arena, (t->link_count + t->row_count + 1) * sizeof *links); /* room for those of hubs */
    if (t->link_count)
        memcpy(links, t->links, t->link_count * sizeof *links);
    t->links = links;
    for (size_t i = 0; i < t->row_count; i++)
        begin_row(t, &t->rows[i], json_array_get(rows, i), i);
    struct numbered n = number_rows(t);
    take_rows(t, &n);
    choose_numbers(t, &n);
    check_doubles(t);
    if (t->mistake_count && !t->trying)
        return table_refuse(t);
    return compare(t) == 0 || call_refuse(t->c, REFUSE_CHANGED);
}
