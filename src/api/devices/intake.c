/* Devices out of a file; see intake.h. */
#include "api/devices/intake.h"
#include "api/routes.h"

#include <stdio.h>
#include <stdlib.h>

static const struct field intake_fields[] = {
    { .name = "devices", .kind = FIELD_INT, .help = { { "добавлено", "added" } } }, { .name = "updated", .kind = FIELD_INT, .help = { { "изменено устройств", "devices changed" } } },
    { .name = "links", .kind = FIELD_INT }, { .name = "protocols", .kind = FIELD_INT }, { .name = "groups", .kind = FIELD_INT }, { .name = NULL } };
const struct shape shape_intake = { "Intake", intake_fields };

void intake_begin(struct intake *in, struct call *c, size_t links, size_t protocols, size_t groups, size_t meters)
{
    in->c = c;
    in->model = device_new(c);
    in->links = arena_take(c->arena, (links + 1) * sizeof *in->links);
    in->protocols = arena_take(c->arena, (protocols + 1) * sizeof *in->protocols);
    in->groups = arena_take(c->arena, (groups + 1) * sizeof *in->groups);
    in->meters = arena_take(c->arena, (meters + 1) * sizeof *in->meters);
    in->mistakes = arena_take(c->arena, INTAKE_TOLD * sizeof *in->mistakes);
}

bool intake_wrong_text(struct intake *in, const char *where, const char *message)
{
    if (in->mistake_count < INTAKE_TOLD)
        in->mistakes[in->mistake_count] = (struct intake_mistake){ where, arena_text(in->c->arena, bytes_of_text(message)) };
    in->mistake_count++;
    return false;
}

bool intake_wrong(struct intake *in, const char *where, const char *ru, const char *en)
{
    return intake_wrong_text(in, where, in->c->lang == LANG_RU ? ru : en);
}

/* --- names to places: open addressing, place + 1 ------------------------------------------------------------------------- */

struct names {
    struct { const char *name; size_t place, count; } *slot;
    size_t room;
};

static struct names names_new(struct arena *a, size_t most)
{
    struct names n = { .room = 16 };
    while (n.room < most * 2)
        n.room *= 2;
    n.slot = arena_take(a, n.room * sizeof *n.slot);
    return n;
}

static size_t names_slot(const struct names *n, const char *name)
{
    uint64_t hash = 14695981039346656037ull;
    for (const char *at = name; *at; at++)
        hash = (hash ^ (uint8_t)*at) * 1099511628211ull;
    size_t slot = (size_t)hash & (n->room - 1);
    while (n->slot[slot].name && strcmp(n->slot[slot].name, name) != 0)
        slot = (slot + 1) & (n->room - 1);
    return slot;
}

/* How often the name was added before. */
static size_t names_add(struct names *n, const char *name, size_t place)
{
    size_t slot = names_slot(n, name);
    if (!n->slot[slot].name) {
        n->slot[slot].name = name;
        n->slot[slot].place = place;
    }
    return n->slot[slot].count++;
}

/* --- channels -------------------------------------------------------------------------------------------------------------- */

/* Stored rows looked for among the file's, by name or by guid. */
struct matching {
    struct intake *in;
    struct names names;
    uint8_t base[8];
};

static const char *lower(struct call *c, const char *guid)
{
    char *copy = arena_text(c->arena, bytes_of_text(guid));
    for (char *at = copy; *at; at++)
        *at = (char)(*at >= 'A' && *at <= 'F' ? *at + 32 : *at);
    return copy;
}

/* By what a stored row is looked up. */
static const char *key_of(struct matching *m, enum guid_kind kind, int64_t id, const char *title, const char *guid)
{
    if (m->in->by_name)
        return title;
    if (*guid)
        return guid;
    char *own = arena_take(m->in->c->arena, GUID_TEXT);
    guid_of(m->base, kind, id, own);
    return own;
}

static bool same_link(const struct store_link *a, const struct store_link *b)
{
    return strcmp(a->uri, b->uri) == 0 && strcmp(a->settings, b->settings) == 0 && strcmp(a->title, b->title) == 0;
}

/* A file that goes by names says host and port only: the rest of the channel stays as it is. */
static void keep_rest(struct call *c, struct store_link *mine, const struct store_link *there)
{
    struct link_address said, has;
    char problem[200], uri[320];
    struct text t = text_over(problem, sizeof problem), u = text_over(uri, sizeof uri);
    mine->settings = arena_text(c->arena, bytes_of_text(there->settings));
    if (!link_address_parse(mine->uri, LANG_EN, &said, &t) || !link_address_parse(there->uri, LANG_EN, &has, &t) || has.kind != said.kind)
        return;
    memcpy(has.host, said.host, sizeof has.host);
    has.port = said.port;
    link_address_format(&has, &u);
    mine->uri = arena_text(c->arena, bytes_of_text(uri));
}

static void meet_link(struct matching *m, struct intake_link *mine, const struct store_link *there)
{
    struct intake *in = m->in;
    if (mine->row.id) {
        intake_wrong(in, mine->where, "таких каналов связи несколько: имя не говорит, какой из них", "several channels have this name: it does not say which is meant");
        return;
    }
    mine->row.id = there->id;
    mine->row.revision = there->revision;
    if (in->by_name)
        keep_rest(in->c, &mine->row, there);
    mine->changed = !same_link(&mine->row, there);
    mine->row.guid = arena_text(in->c->arena, bytes_of_text(there->guid));
    if (mine->changed && !in->update)
        intake_wrong(in, mine->where, "канал связи с таким именем уже есть, и настройки у него другие", "there is such a channel already, with other settings");
}

static bool note_link(void *context, const struct store_link *there)
{
    struct matching *m = context;
    size_t slot = names_slot(&m->names, key_of(m, GUID_LINK, there->id, there->title, there->guid));
    if (m->names.slot[slot].name)
        meet_link(m, &m->in->links[m->names.slot[slot].place], there);
    return true;
}

static bool match_links(struct intake *in)
{
    struct matching m = { .in = in, .names = names_new(in->c->arena, in->link_count) };
    if (!guid_base(in->c, m.base))
        return call_good(in->c, FAULT_STORE, REFUSE_IN_USE);
    for (size_t i = 0; i < in->link_count; i++) {
        struct intake_link *k = &in->links[i];
        k->changed = true;
        k->row.guid = lower(in->c, k->row.guid);
        if (names_add(&m.names, in->by_name ? k->row.title : k->row.guid, i))
            intake_wrong(in, k->where, "канал связи описан дважды", "the channel is described twice");
    }
    return call_good(in->c, store_links_of(in->c->api->store, in->c->caller.project, note_link, &m), REFUSE_IN_USE);
}

/* --- profiles ---------------------------------------------------------------------------------------------------------------- */

/* True when a driver is told the same by both, whatever the order and what is left to presets. */
static bool same_parameters(struct call *c, const struct driver *d, const char *a, const char *b)
{
    char problem[200];
    struct text t = text_over(problem, sizeof problem);
    void *one = memory_new(d->settings_size), *two = memory_new(d->settings_size);
    struct timing s = parameters_timing(d, a), u = parameters_timing(d, b);
    bool same = parameters_read(d, parameters_open(c, a), c->lang, one, &t) && parameters_read(d, parameters_open(c, b), c->lang, two, &t) && memcmp(one, two, d->settings_size) == 0 &&
                s.answer_ms == u.answer_ms && s.tries == u.tries;
    free(one);
    free(two);
    return same;
}

static bool note_protocol(void *context, const struct store_protocol *there)
{
    struct matching *m = context;
    struct intake *in = m->in;
    size_t slot = names_slot(&m->names, key_of(m, GUID_PROTOCOL, there->id, there->title, there->guid));
    if (!m->names.slot[slot].name)
        return true;
    struct intake_protocol *mine = &in->protocols[m->names.slot[slot].place];
    const struct driver *d = driver_find(mine->row.driver);
    if (mine->row.id)
        return intake_wrong(in, mine->where, "таких протоколов несколько: имя не говорит, какой из них", "several profiles have this name: it does not say which is meant") || true;
    mine->row.id = there->id;
    mine->row.revision = there->revision;
    mine->changed = strcmp(mine->row.driver, there->driver) != 0 || strcmp(mine->row.title, there->title) != 0 ||
                    !same_parameters(in->c, d, mine->row.parameters, there->parameters);
    mine->row.guid = arena_text(in->c->arena, bytes_of_text(there->guid));
    if (mine->changed && !in->update)
        intake_wrong(in, mine->where, "протокол с таким именем уже есть, и настройки у него другие", "there is such a profile already, with other settings");
    return true;
}

static bool match_protocols(struct intake *in)
{
    struct matching m = { .in = in, .names = names_new(in->c->arena, in->protocol_count) };
    if (!guid_base(in->c, m.base))
        return call_good(in->c, FAULT_STORE, REFUSE_IN_USE);
    for (size_t i = 0; i < in->protocol_count; i++) {
        struct intake_protocol *p = &in->protocols[i];
        p->changed = true;
        p->row.guid = lower(in->c, p->row.guid);
        if (names_add(&m.names, in->by_name ? p->row.title : p->row.guid, i))
            intake_wrong(in, p->where, "протокол описан дважды", "the profile is described twice");
    }
    return call_good(in->c, store_protocols_of(in->c->api->store, in->c->caller.project, note_protocol, &m), REFUSE_IN_USE);
}

/* --- devices -------------------------------------------------------------------------------------------------------------------- */

struct found {
    const char *driver;
    int64_t id;
};

static void note_found(void *context, const struct roster_row *row)
{
    struct found *f = context;
    if (strcmp(row->driver, f->driver) == 0)
        f->id = row->id;
}

/* A device that there is keeps what the file says nothing of. */
static bool meet_meter(struct intake *in, struct intake_meter *m, int64_t id)
{
    struct store_meter there;
    if (!in->update)
        return intake_wrong(in, m->where, "такое устройство уже есть", "there is such a device already");
    if (store_meter_get(in->c->api->store, id, in->c->arena, &there) != FAULT_NONE)
        return intake_wrong(in, m->where, "устройство удаляют", "the device is being deleted");
    there.group = m->row.group;
    there.model = m->row.model;
    if (!in->by_name) {
        there.status = m->row.status;
        there.enabled = m->row.enabled;
    }
    m->row = there;
    return true;
}

static const char *serial_key(struct intake *in, const struct store_meter *m)
{
    size_t size = strlen(m->serial) + strlen(m->driver) + 2;
    char *key = arena_take(in->c->arena, size);
    snprintf(key, size, "%s\n%s", m->serial, m->driver);
    return key;
}

static bool match_meters(struct intake *in)
{
    struct names seen = names_new(in->c->arena, in->meter_count);
    if (!call_good(in->c, roster_refresh(in->c->api->roster), REFUSE_IN_USE))
        return false;
    for (size_t i = 0; i < in->meter_count; i++) {
        struct intake_meter *m = &in->meters[i];
        struct found f = { m->row.driver, 0 };
        if (names_add(&seen, serial_key(in, &m->row), i))
            intake_wrong(in, m->where, "номер повторяется", "the serial number is repeated");
        roster_find(in->c->api->roster, in->c->caller.project, m->row.serial, note_found, &f);
        if (f.id)
            meet_meter(in, m, f.id);
    }
    return true;
}

/* --- lines ------------------------------------------------------------------------------------------------------------------------ */

static void check_line(struct intake *in, const struct intake_meter *m, const struct intake_line *l)
{
    char problem[256];
    const char *name = NULL;
    struct text t = text_over(problem, sizeof problem);
    const struct driver *d = driver_find(m->row.driver);
    const struct store_protocol *p = l->protocol ? &in->protocols[l->protocol - 1].row : NULL;
    if (p && strcmp(p->driver, m->row.driver) != 0) {
        intake_wrong(in, l->where, "протокол другого драйвера", "the profile is of another driver");
        return;
    }
    const char *all = parameters_open(in->c, line_parameters(p ? p->parameters : "", l->row.parameters, in->c->arena));
    void *settings = memory_new(d->settings_size);
    bool good = strlen(all) <= PARAMETERS_MAX && parameters_read(d, all, in->c->lang, settings, &t) && parameters_rules(d, all, settings, true, in->c->lang, &name, &t);
    if (!good && in->by_name && name && strcmp(name, "physical") == 0) /* table 6 lets any 16 bits in; a session then says why it cannot be */
        good = true;
    free(settings);
    if (good)
        return;
    char told[400];
    snprintf(told, sizeof told, "%s%s%s", name ? name : "", name ? ": " : "", problem);
    intake_wrong_text(in, l->where, told);
}

/* Parameters but those that the file speaks of. */
static const char *without(struct call *c, const char *text, const char *const *names)
{
    char *left = arena_take(c->arena, strlen(text) + 1), *at = arena_text(c->arena, bytes_of_text(text));
    struct text t = text_over(left, strlen(text) + 1);
    for (char *save, *pair = strtok_r(at, ";", &save); pair; pair = strtok_r(NULL, ";", &save)) {
        bool named = false;
        for (const char *const *n = names; n && *n && !named; n++)
            named = strncmp(pair, *n, strlen(*n)) == 0 && pair[strlen(*n)] == '=';
        if (!named)
            text_printf(&t, "%s%s", t.size ? ";" : "", pair);
    }
    return left;
}

/* The lines of the file become the device's. By name, a device with one line or none gets this one in its place, and what its
 * line says of itself stays. */
static void set_lines(struct intake *in, struct intake_meter *m)
{
    struct store_line *lines = arena_take(in->c->arena, (size_t)(m->line_count + 1) * sizeof *lines);
    if (in->by_name && m->row.line_count > 1) {
        intake_wrong(in, m->where, "у устройства несколько коммуникационных линий", "the device has several communication lines");
        return;
    }
    for (int i = 0; i < m->line_count; i++) {
        lines[i] = m->lines[i].row;
        if (in->by_name && m->row.line_count == 1) {
            lines[i] = m->row.lines[0];
            lines[i].parameters = line_parameters(without(in->c, lines[i].parameters, m->says), m->lines[i].row.parameters, in->c->arena);
            m->lines[i].row.parameters = lines[i].parameters;
        }
        check_line(in, m, &m->lines[i]);
    }
    m->row.lines = lines;
    m->row.line_count = m->line_count;
}

/* --- the change -------------------------------------------------------------------------------------------------------------------- */

/* What is really written: rows of the file, and where they came from. */
struct writing {
    struct intake *in;
    struct store_change change;
    size_t *link_from, *protocol_from;
};

/* Links and profiles are written: their ids go into the lines. */
static void settle(void *context)
{
    struct writing *w = context;
    struct intake *in = w->in;
    for (size_t i = 0; i < w->change.link_count; i++)
        in->links[w->link_from[i]].row.id = w->change.links[i].id;
    for (size_t i = 0; i < w->change.protocol_count; i++)
        in->protocols[w->protocol_from[i]].row.id = w->change.protocols[i].id;
    for (size_t i = 0; i < in->meter_count; i++) {
        const struct intake_meter *m = &in->meters[i];
        struct store_line *lines = (struct store_line *)(uintptr_t)m->row.lines; /* ours: set_lines */
        for (int l = 0; l < m->line_count; l++) {
            lines[l].link = m->lines[l].link ? in->links[m->lines[l].link - 1].row.id : 0;
            lines[l].protocol = m->lines[l].protocol ? in->protocols[m->lines[l].protocol - 1].row.id : 0;
        }
    }
}

static void gather(struct intake *in, struct writing *w)
{
    struct arena *a = in->c->arena;
    struct store_change *change = &w->change;
    *w = (struct writing){ .in = in, .change = { .settle = settle, .context = w } };
    change->links = arena_take(a, (in->link_count + 1) * sizeof *change->links);
    change->protocols = arena_take(a, (in->protocol_count + 1) * sizeof *change->protocols);
    change->groups = arena_take(a, (in->group_count + 1) * sizeof *change->groups);
    change->meters = arena_take(a, (in->meter_count + 1) * sizeof *change->meters);
    w->link_from = arena_take(a, (in->link_count + 1) * sizeof *w->link_from);
    w->protocol_from = arena_take(a, (in->protocol_count + 1) * sizeof *w->protocol_from);
    for (size_t i = 0; i < in->link_count; i++)
        if (in->links[i].changed) {
            w->link_from[change->link_count] = i;
            change->links[change->link_count++] = in->links[i].row;
        }
    for (size_t i = 0; i < in->protocol_count; i++)
        if (in->protocols[i].changed) {
            w->protocol_from[change->protocol_count] = i;
            change->protocols[change->protocol_count++] = in->protocols[i].row;
        }
    for (size_t i = 0; i < in->group_count; i++)
        change->groups[change->group_count++] = in->groups[i].row;
    for (size_t i = 0; i < in->meter_count; i++) {
        in->meters[i].row.id ? in->updated++ : in->added++;
        change->meters[change->meter_count++] = in->meters[i].row;
    }
    in->links_put = change->link_count;
    in->protocols_put = change->protocol_count;
    in->groups_put = change->group_count;
}

/* Groups that there are already need not be made. */
static bool drop_group(void *context, const struct store_group *there, int64_t meters)
{
    (void)meters;
    struct intake *in = context;
    for (size_t i = 0; i < in->group_count; i++)
        if (strcmp(in->groups[i].row.title, there->title) == 0)
            in->groups[i--] = in->groups[--in->group_count];
    return true;
}

static bool may_all(struct intake *in)
{
    struct call *c = in->c;
    return (call_may(c, MAY_WRITE_DEVICES) && call_may(c, MAY_WRITE_DEVICE_COMMLINE) && call_may(c, MAY_WRITE_CHANNEL_SETTINGS) &&
            call_may(c, MAY_WRITE_PROTOCOL_SETTINGS)) || call_refuse(c, REFUSE_FORBIDDEN);
}

bool intake_finish(struct intake *in)
{
    struct writing w;
    if (!may_all(in) || !match_links(in) || !match_protocols(in) || !match_meters(in))
        return false;
    for (size_t i = 0; i < in->meter_count; i++)
        set_lines(in, &in->meters[i]);
    if (in->mistake_count)
        return false;
    if (!call_good(in->c, store_groups(in->c->api->store, in->c->caller.project, drop_group, in), REFUSE_IN_USE))
        return false;
    gather(in, &w);
    return call_good(in->c, store_registry_put(in->c->api->store, &w.change), REFUSE_IN_USE);
}

/* --- the answer ---------------------------------------------------------------------------------------------------------------------- */

static void refuse_mistakes(struct intake *in, const char *report)
{
    enum { TOLD_AT_ONCE = 100 };
    struct call *c = in->c;
    if (c->answer->body.size)
        return; /* refused for another reason already */
    for (size_t i = 0; i < in->mistake_count && i < PROBLEMS_MAX; i++)
        problem_add(&c->problems, in->mistakes[i].where, in->mistakes[i].message);
    call_refuse(c, REFUSE_INVALID);
    call_beside(c);
    json_put_int(&c->out, "mistakes", (int64_t)in->mistake_count);
    json_put_list(&c->out, "first");
    for (size_t i = 0; i < in->mistake_count && i < TOLD_AT_ONCE; i++) {
        json_put_object(&c->out, NULL);
        json_put_text(&c->out, "where", in->mistakes[i].where);
        json_put_text(&c->out, "message", in->mistakes[i].message);
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
    if (report)
        json_put_text(&c->out, "report", report);
    json_put_end(&c->out);
}

void intake_answer(struct intake *in, const char *report)
{
    struct call *c = in->c;
    if (in->mistake_count || c->answer->body.size) {
        refuse_mistakes(in, report);
        return;
    }
    char object[64];
    snprintf(object, sizeof object, "+%zu, %zu", in->added, in->updated);
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "devices", (int64_t)in->added);
    json_put_int(&c->out, "updated", (int64_t)in->updated);
    json_put_int(&c->out, "links", (int64_t)in->links_put);
    json_put_int(&c->out, "protocols", (int64_t)in->protocols_put);
    json_put_int(&c->out, "groups", (int64_t)in->groups_put);
    json_put_end(&c->out);
    call_note(c, NOTE_DEVICES_IMPORT, object, NULL, NULL);
}
