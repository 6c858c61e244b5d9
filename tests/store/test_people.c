/* Revisions of the registry, groups, people and their passes, the log. */
#include "store/people/people.h"
#include "store/registry/registry.h"
#include "store_help.h"
#include "tap.h"

struct seen {
    size_t count;
    int64_t last;
    char text[64];
};

static bool note_meter(void *context, const struct store_meter *m)
{
    struct seen *s = context;
    s->count++;
    s->last = m->id;
    return true;
}

static bool note_group(void *context, const struct store_group *g, int64_t meters)
{
    struct seen *s = context;
    s->count++;
    if (g->preset)
        s->last = meters;
    return true;
}

static void test_registry(struct store *s)
{
    struct arena a = { 0 };
    struct store_meter two[2] = { { .serial = "1", .group = "A", .enabled = true }, { .serial = "2", .group = "A" } }, m;
    int64_t revision, deleted, group, mark, gone;
    is_int(store_meters_put(s, two, 2), FAULT_NONE);
    is_int(store_registry_mark(s, &revision, &deleted), FAULT_NONE);
    is_int(store_meter_get(s, two[0].id, &a, &m), FAULT_NONE);
    ok(m.revision == revision && m.project == 1 && m.added_ms > 0);
    m.title = "one";
    is_int(store_meter_put(s, &m, NULL), FAULT_NONE, "the revision seen is the present one");
    is_int(store_meter_put(s, &m, NULL), FAULT_CHANGED, "not any more");
    m.revision = 0;
    is_int(store_meter_put(s, &m, NULL), FAULT_NONE, "whoever does not ask is not told");
    struct seen fresh = { 0 };
    is_int(store_meters_since(s, revision, note_meter, &fresh, &mark, &gone), FAULT_NONE);
    ok(fresh.count == 1 && fresh.last == two[0].id && mark == revision + 2 && gone == deleted, "only what changed is new");
    struct seen groups = { 0 };
    store_groups(s, 1, note_group, &groups);
    is_int(groups.count, 2, "a meter's group is made with it, beside the default one");
    int64_t town = 0;
    is_int(store_project_put(s, &(struct store_project){ .title = "Town" }, &town), FAULT_NONE);
    struct seen theirs = { .last = -1 };
    store_groups(s, town, note_group, &theirs);
    ok(theirs.count == 1 && theirs.last == 0, "a new project has its default group");
    struct store_group b = { .title = "B", .preset = true };
    is_int(store_group_put(s, &b, &group), FAULT_NONE);
    b.id = group;
    b.title = "A";
    is_int(store_group_put(s, &b, NULL), FAULT_REFUSED, "a title is given once");
    is_int(store_group_delete(s, group, false), FAULT_NONE, "an empty group goes");
    is_int(store_group_delete(s, 2, false), FAULT_REFUSED, "one with meters stays");
    struct store_group first = { .id = 2, .title = "Renamed", .note = "" };
    is_int(store_group_put(s, &first, NULL), FAULT_NONE);
    store_meter_get(s, two[1].id, &a, &m);
    is_text(m.group, "Renamed", "meters follow their group's title");
    is_int(store_meter_delete(s, two[1].id, false), FAULT_NONE);
    store_registry_mark(s, &mark, &gone);
    is_int(gone, deleted + 1, "a deletion is counted");
    arena_free(&a);
}

static struct meter_set in_group(struct store *s, int64_t group, struct arena *a)
{
    struct meter_set set = { 0 };
    is_int(store_group_meters(s, group, a, &set), FAULT_NONE);
    return set;
}

static bool is_set(struct meter_set set, const int64_t *ids, size_t count)
{
    return set.ids && set.count == count && (!count || memcmp(set.ids, ids, count * sizeof *ids) == 0);
}

#define IS_SET(set, ...) is_set(set, (int64_t[]){ __VA_ARGS__ }, sizeof((int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t))

static bool count_members(void *context, const struct store_group *g, int64_t meters)
{
    *(int64_t *)context += strcmp(g->title, "All") == 0 ? meters : 0;
    return true;
}

/* A meter stands in several groups: one is its own, in the others it stands beside that. */
static void test_members(struct store *s)
{
    struct arena a = { 0 };
    struct store_meter three[3] = { { .serial = "11", .group = "North" }, { .serial = "12", .group = "North" }, { .serial = "13", .group = "South" } }, other = { .serial = "14", .project = 7 }, m;
    int64_t all = 0, inputs = 0, strange = 0, counted = 0;
    is_int(store_meters_put(s, three, 3), FAULT_NONE);
    is_int(store_meter_put(s, &other, &strange), FAULT_NONE);
    int64_t one = three[0].id, two = three[1].id, last = three[2].id;
    struct meter_set set = { (int64_t[]){ one, two, last, strange }, 4 };
    is_int(store_group_put(s, &(struct store_group){ .title = "All", .members = &set }, &all), FAULT_NONE);
    ok(IS_SET(in_group(s, all, &a), one, two, last), "all of the project, not another project's");
    set = (struct meter_set){ (int64_t[]){ two }, 1 };
    is_int(store_group_put(s, &(struct store_group){ .title = "Inputs", .members = &set }, &inputs), FAULT_NONE);
    ok(IS_SET(in_group(s, inputs, &a), two) && IS_SET(in_group(s, all, &a), one, two, last), "a meter stands in both");
    store_meter_get(s, two, &a, &m);
    is_text(m.group, "North", "its own group is as it was");
    is_int(store_group_meters_titled(s, 1, "North", &a, &set), FAULT_NONE);
    ok(IS_SET(set, one, two), "which has those whose own it is");
    is_int(store_groups(s, 1, count_members, &counted), FAULT_NONE);
    is_int(counted, 3, "and each is counted once");

    struct store_group g;
    is_int(store_group_get(s, all, &a, &g), FAULT_NONE);
    g.title = "Everybody";
    is_int(store_group_put(s, &g, NULL), FAULT_NONE);
    ok(IS_SET(in_group(s, all, &a), one, two, last), "another title changes nothing of it");
    set = (struct meter_set){ (int64_t[]){ one }, 1 };
    g.members = &set;
    is_int(store_group_put(s, &g, NULL), FAULT_CHANGED, "two people: the second is told");
    ok(IS_SET(in_group(s, all, &a), one, two, last), "and nothing is written");
    m.group = "Everybody";
    m.revision = 0;
    is_int(store_meter_put(s, &m, NULL), FAULT_NONE);
    ok(IS_SET(in_group(s, all, &a), one, two, last), "a meter that stands in its own group beside is in it once");
    g.revision = 0;
    is_int(store_group_put(s, &g, NULL), FAULT_NONE);
    ok(IS_SET(in_group(s, all, &a), one) && IS_SET(in_group(s, inputs, &a), two), "who is not named leaves, of this group alone");
    store_meter_get(s, two, &a, &m);
    is_text(m.group, "", "and has no group of his own, if that was it");
    is_int(store_group_meters_titled(s, 7, "", &a, &set), FAULT_NONE);
    ok(IS_SET(set, strange), "as those who never had one");
    is_int(store_group_meters_titled(s, 1, "Nowhere", &a, &set), FAULT_NONE);
    ok(is_set(set, NULL, 0), "no such group: nobody");

    is_int(store_meter_delete(s, two, false), FAULT_NONE);
    ok(is_set(in_group(s, inputs, &a), NULL, 0), "a meter that is deleted is in no group");
    is_int(store_group_delete(s, all, false), FAULT_REFUSED, "a group with meters stays");
    is_int(store_group_delete(s, all, true), FAULT_NONE, "unless they leave it first");
    is_int(store_group_meters(s, all, &a, &set), FAULT_NO_DATA);
    is_int(store_meter_get(s, one, &a, &m), FAULT_NONE, "who stay themselves");
    arena_free(&a);
}

static bool note_text(void *context, const char *text)
{
    struct seen *s = context;
    if (s->count++ == 0)
        snprintf(s->text, sizeof s->text, "%s", text);
    return true;
}

static bool note_pass(void *context, const struct store_pass *p)
{
    struct seen *s = context;
    s->count++;
    s->last = p->id;
    return true;
}

static void test_people(struct store *s)
{
    struct arena a = { 0 };
    int64_t id, pass, token;
    struct store_person p = { .login = "ivan", .hash = "h", .enabled = true }, back;
    is_int(store_person_put(s, &p, &id), FAULT_NONE);
    is_int(store_person_put(s, &p, NULL), FAULT_REFUSED, "a login is given once");
    is_int(store_person_get(s, 0, "ivan", &a, &back), FAULT_NONE);
    back.name = "Иван";
    is_int(store_person_put(s, &back, NULL), FAULT_NONE);
    is_int(store_person_put(s, &back, NULL), FAULT_CHANGED);
    for (int i = 0; i < 5; i++) {
        char hash[16];
        snprintf(hash, sizeof hash, "h%d", i);
        store_password_note(s, id, hash, 24);
    }
    struct seen former = { 0 };
    store_passwords(s, id, note_text, &former);
    is_int(former.count, 5);
    struct store_pass session = { .key = "k1", .person = id, .expires_ms = 100 }, robot = { .key = "k2", .person = id, .token = true, .expires_ms = 200 }, found;
    is_int(store_pass_add(s, &session, &pass), FAULT_NONE);
    is_int(store_pass_add(s, &robot, &token), FAULT_NONE);
    is_int(store_pass_find(s, "k2", &a, &found), FAULT_NONE);
    ok(found.token && found.id == token);
    is_int(store_pass_find(s, "k3", &a, &found), FAULT_NO_DATA);
    store_passes_delete(s, id, 0, false);
    struct seen passes = { 0 };
    store_passes(s, id, note_pass, &passes);
    ok(passes.count == 1 && passes.last == token, "sessions end, the token stays");
    store_passes_expire(s, 201);
    is_int(store_pass_find(s, "k2", &a, &found), FAULT_NO_DATA, "until it is too old");
    is_int(store_person_delete(s, id), FAULT_NONE);
    is_int(store_person_get(s, id, NULL, &a, &back), FAULT_NO_DATA);
    arena_free(&a);
}

static bool note_audit(void *context, const struct store_audit *r)
{
    struct seen *s = context;
    if (s->count++ == 0)
        snprintf(s->text, sizeof s->text, "%s", r->object);
    s->last = r->id;
    return true;
}

static size_t audits(struct store *s, struct audit_filter f, struct seen *ret)
{
    *ret = (struct seen){ 0 };
    f.to_ms = f.to_ms ? f.to_ms : INT64_MAX;
    store_audits(s, &f, note_audit, ret);
    return ret->count;
}

static void test_log(struct store *s)
{
    struct seen seen;
    const struct store_audit rows[] = {
        { .at_ms = 10, .kind = "A", .login = "ivan", .object = "100%", .project = 1 }, { .at_ms = 20, .kind = "B", .login = "petr", .object = "x", .project = 2 },
        { .at_ms = 30, .kind = "A", .login = "", .object = "y" }, { .at_ms = 40, .kind = "C", .security = true, .login = "ivan", .object = "z" } };
    is_int(store_audit_put(s, rows, 4), FAULT_NONE);
    is_int(audits(s, (struct audit_filter){ 0 }, &seen), 3);
    is_text(seen.text, "y", "newest first");
    is_int(audits(s, (struct audit_filter){ .before_id = seen.last + 1 }, &seen), 1, "older than a record");
    is_int(audits(s, (struct audit_filter){ .project = 1 }, &seen), 2, "a project's, and those of none");
    is_int(audits(s, (struct audit_filter){ .kind = "A", .from_ms = 20 }, &seen), 1);
    is_int(audits(s, (struct audit_filter){ .search = "0%" }, &seen), 1, "a per cent sign means itself");
    is_int(audits(s, (struct audit_filter){ .search = "_" }, &seen), 0, "so does an underscore");
    is_int(audits(s, (struct audit_filter){ .security = true }, &seen), 1);
    store_audit_clear(s, false, 30);
    is_int(audits(s, (struct audit_filter){ 0 }, &seen), 1, "the old ones are cleared");
}

int main(void)
{
    struct store *s = help_open("people.db", NULL);
    test_registry(s);
    test_members(s);
    test_people(s);
    test_log(s);
    store_close(&s);
    help_clean();
    return tap_done();
}
