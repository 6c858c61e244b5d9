/* Groups of devices. On a head-end a device is in one, its own (manual S3 2.2.11); on a gateway a group is any choice of polled meters
 * of the table (S0 4.3.2.1), written as a whole. */
#include "api/call.h"
#include "api/devices/devices.h"
#include "api/routes.h"
#include "box/occasion.h"
#include "drivers/driver.h"
#include "store/box/occasions.h"

#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"
enum { MEMBERS_MOST = 10000 /* the table has no more rows */ };
#define MEMBERS \
    { .name = "members", .kind = FIELD_LIST, .of = FIELD_INT, .most = MEMBERS_MOST, \
      .help = { { "приборы группы целиком (номера); только на шлюзе", "the meters of the group as a whole (numbers); on a gateway only" } } }

SHAPE(shape_list, "GroupQuery", { .name = "members", .kind = FIELD_BOOL, .help = { { "назвать приборы каждой группы", "name the meters of each group" } } });
#define SHOWN \
    { .name = "id", .kind = FIELD_INT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "note", .kind = FIELD_TEXT }, { .name = "default", .kind = FIELD_BOOL }, \
    { .name = "devices", .kind = FIELD_INT, .help = { { "сколько их в группе; на шлюзе — опрашиваемых", "how many are in it; on a gateway: that are polled" } } }, \
    { .name = "members", .kind = FIELD_LIST, .of = FIELD_INT, .flags = NULLABLE, .help = { { "опрашиваемые приборы группы; null: не спрашивали", "polled meters of the group; null: not asked for" } } }, \
    { .name = "revision", .kind = FIELD_INT }
SHAPE(shape_group, "Group", SHOWN);
SHAPE(shape_new, "GroupNew", { .name = "title", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 1, .most = 200 },
      { .name = "note", .kind = FIELD_TEXT, .most = 1000 }, { .name = "default", .kind = FIELD_BOOL }, MEMBERS);
SHAPE(shape_change, "GroupChange", { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX },
      { .name = "title", .kind = FIELD_TEXT, .least = 1, .most = 200 }, { .name = "note", .kind = FIELD_TEXT, .most = 1000 }, { .name = "default", .kind = FIELD_BOOL }, MEMBERS);

/* --- showing -------------------------------------------------------------------------------------------------------------------- */

/* The polled meters of the group come first in `set`; returns how many they are. The others, who stay in it whatever a person
 * chooses, stand behind them. */
static size_t part(struct call *c, const struct meter_set *set, int64_t **ret)
{
    size_t polled = 0, others = set->count;
    int64_t *list = arena_take(c->arena, (set->count + 1) * sizeof *list);
    for (size_t i = 0; i < set->count; i++)
        list[device_is_polled(c, set->ids[i]) ? polled++ : --others] = set->ids[i];
    *ret = list;
    return polled;
}

static bool put_group(struct call *c, const struct store_group *g, int64_t devices, bool members)
{
    int64_t *ids = NULL;
    size_t polled = 0;
    bool here = c->api->face == FACE_GATEWAY;
    struct meter_set in;
    if (here || members) {
        enum fault f = store_group_meters(c->api->store, g->id, c->arena, &in);
        if (f != FAULT_NONE)
            return false;
        polled = part(c, &in, &ids);
    }
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", g->id);
    json_put_text(&c->out, "title", g->title);
    json_put_text(&c->out, "note", g->note);
    json_put_bool(&c->out, "default", g->preset);
    json_put_int(&c->out, "devices", here ? (int64_t)polled : devices);
    if (members)
        json_put_list(&c->out, "members");
    else
        json_put_null(&c->out, "members");
    for (size_t i = 0; members && i < polled; i++)
        json_put_int(&c->out, NULL, ids[i]);
    if (members)
        json_put_end(&c->out);
    json_put_int(&c->out, "revision", g->revision);
    json_put_end(&c->out);
    return true;
}

struct list {
    struct call *c;
    bool members, whole;
    size_t count;
};

static bool list_group(void *context, const struct store_group *g, int64_t devices)
{
    struct list *l = context;
    l->count++;
    return l->whole = put_group(l->c, g, devices, l->members);
}

static void list_groups(struct call *c)
{
    struct list l = { .c = c, .members = call_bool(c->query, "members", false), .whole = true };
    if (!call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    enum fault f = store_groups(c->api->store, c->caller.project, list_group, &l);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)l.count);
    json_put_end(&c->out);
    call_good(c, f == FAULT_NONE && !l.whole ? FAULT_STORE : f, REFUSE_IN_USE);
}

static bool find_group(struct call *c, struct store_group *g)
{
    if (!call_good(c, store_group_get(c->api->store, c->match.number[0], c->arena, g), REFUSE_IN_USE))
        return false;
    return g->project == c->caller.project || call_refuse(c, REFUSE_NOT_FOUND);
}

static void get_group(struct call *c)
{
    struct store_group g;
    struct meter_set in;
    if (find_group(c, &g) && call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE) &&
        call_good(c, store_group_meters(c->api->store, g.id, c->arena, &in), REFUSE_IN_USE))
        put_group(c, &g, (int64_t)in.count, true);
}

/* --- changing ------------------------------------------------------------------------------------------------------------------- */

static bool wrong_member(struct call *c, size_t i, const struct phrase *why)
{
    char *field = arena_take(c->arena, 32);
    snprintf(field, 32, "members[%zu]", i);
    return call_wrong_field(c, field, phrase_in(why, c->lang));
}

static bool members_known(struct call *c, const int64_t *ids, size_t count)
{
    static const struct phrase none = { { "такого прибора в таблице нет", "the table has no such meter" } };
    static const struct phrase hub = { { "хаб не опрашивают: выберите приборы за ним", "a hub is not polled: choose the meters behind it" } };
    for (size_t i = 0; i < count; i++) {
        struct store_meter m;
        const struct driver *d;
        if (device_is_polled(c, ids[i]))
            continue;
        bool carries = roster_look(c->api->roster, ids[i], c->caller.project, NULL, NULL) && store_meter_get(c->api->store, ids[i], c->arena, &m) == FAULT_NONE &&
                       (d = driver_find(m.driver)) && d->carries;
        return wrong_member(c, i, carries ? &hub : &none);
    }
    return true;
}

/* The members that the body names, each once, with those of the group who are not to be chosen from. */
static bool take_members(struct call *c, int64_t group, const json_t *named, struct meter_set *ret)
{
    static const struct phrase one = { { "здесь у устройства одна группа: её меняют у него самого", "here a device has one group: it is changed at the device" } };
    struct meter_set before = { 0 };
    int64_t *ids, *there;
    size_t count = call_ids(c, named, &ids);
    if (c->api->face != FACE_GATEWAY)
        return call_wrong_field(c, "members", phrase_in(&one, c->lang));
    if (!call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE) || !members_known(c, ids, count) ||
        (group && !call_good(c, store_group_meters(c->api->store, group, c->arena, &before), REFUSE_IN_USE)))
        return false;
    size_t polled = part(c, &before, &there), others = before.count - polled;
    int64_t *all = arena_take(c->arena, (count + others + 1) * sizeof *all);
    memcpy(all, ids, count * sizeof *all);
    memcpy(all + count, there + polled, others * sizeof *all);
    *ret = (struct meter_set){ all, call_ids_once(all, count + others) };
    return true;
}

/* What the body says, over the group as it is; `set` is where its members are kept. */
static bool take_group(struct call *c, struct store_group *g, struct meter_set *set)
{
    const json_t *members = json_object_get(c->body, "members");
    g->title = call_text(c->body, "title", g->title);
    g->note = call_text(c->body, "note", g->note);
    g->preset = call_bool(c->body, "default", g->preset);
    g->members = members ? set : NULL;
    return !members || take_members(c, g->id, members, set);
}

static void add_group(struct call *c)
{
    int64_t id = 0;
    struct meter_set set;
    struct store_group g = { .title = "", .note = "", .project = c->caller.project };
    if (!take_group(c, &g, &set) || !call_good(c, store_group_put(c->api->store, &g, &id), REFUSE_TAKEN))
        return;
    call_note(c, NOTE_GROUP_ADD, g.title, NULL, call_json(c, c->body));
    call_made(c, id);
}

static void change_group(struct call *c)
{
    struct store_group g;
    struct meter_set set;
    if (!find_group(c, &g))
        return;
    const char *former = g.title;
    g.revision = call_int(c->body, "revision", 0);
    if (!take_group(c, &g, &set) || !call_good(c, store_group_put(c->api->store, &g, NULL), REFUSE_TAKEN))
        return;
    call_note(c, NOTE_GROUP_UPDATE, former, NULL, call_json(c, c->body));
    call_done(c);
}

struct naming {
    int64_t group;
    bool found;
};

static bool look_for_group(void *context, const struct store_occasion *o)
{
    struct naming *n = context;
    struct actions *actions = memory_new(sizeof *actions);
    for (size_t i = 0; actions_read(o->actions, actions) && i < actions->count; i++)
        n->found |= actions->action[i].scope == SCOPE_GROUP && actions->action[i].subject == n->group;
    free(actions);
    return !n->found;
}

/* An event acts for it: without the group it would do nothing, and settings in a file could not be loaded. */
static bool is_named_by_event(struct call *c, int64_t group)
{
    struct naming n = { .group = group };
    return store_occasions(c->api->store, c->caller.project, look_for_group, &n) == FAULT_NONE && n.found;
}

static void delete_group(struct call *c)
{
    struct store_group g;
    if (!find_group(c, &g) || (is_named_by_event(c, g.id) && !call_refuse(c, REFUSE_IN_USE)) || !call_good(c, store_group_delete(c->api->store, g.id, c->api->face == FACE_GATEWAY), REFUSE_IN_USE))
        return;
    call_note(c, NOTE_GROUP_REMOVE, g.title, NULL, NULL);
    call_done(c);
}

static const struct route rows[] = {
    { "GET", V1 "/groups", MAY_READ_DEVICES, ROUTE_LIST, &shape_list, NULL, &shape_group, NULL, 0, list_groups, { { "группы устройств", "groups of devices" } } },
    { "POST", V1 "/groups", MAY_WRITE_DEVICES, 0, NULL, &shape_new, NULL, NULL, 0, add_group, { { "добавить группу", "add a group" } } },
    { "GET", V1 "/groups/{id}", MAY_READ_DEVICES, 0, NULL, NULL, &shape_group, NULL, 0, get_group, { { "группа с её приборами", "a group with its meters" } } },
    { "PATCH", V1 "/groups/{id}", MAY_WRITE_DEVICES, 0, NULL, &shape_change, NULL, NULL, 0, change_group, { { "изменить группу, сделать её группой по умолчанию", "change a group, make it the default one" } } },
    { "DELETE", V1 "/groups/{id}", MAY_DELETE_DEVICES, 0, NULL, NULL, NULL, NULL, 0, delete_group, { { "удалить группу: пустую, а на шлюзе любую", "delete a group: an empty one, on a gateway any" } } },
};

ROUTE_TABLE(rows);
