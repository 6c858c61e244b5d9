/* The gate; see api.h. In this order: route, caller, forgery, permission, shape. */
#include "api/api.h"
#include "api/call.h"
#include "api/routes.h"
#include "base/clock.h"
#include "http/sheet.h"
#include "upstream/skzi/skzi.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROUTES_MAX = 512, BEAT_MS = 15000 };

static struct route all_routes[ROUTES_MAX];
static size_t route_count;

extern const struct route_table *const __start_routes[], *const __stop_routes[];

/* Rows that name a thing stand before those that take it as a parameter, within their files. */
__attribute__((constructor)) static void gather_routes(void)
{
    for (const struct route_table *const *t = __start_routes; t < __stop_routes; t++) {
        assert(route_count + (*t)->count <= ROUTES_MAX);
        for (size_t k = 0; k < (*t)->count; k++)
            all_routes[route_count++] = (*t)->routes[k];
    }
}

const struct route *api_routes(size_t *ret_count)
{
    *ret_count = route_count;
    return all_routes;
}

size_t api_admit(void *context, const char *method, const char *path, enum http_lane *ret_lane)
{
    (void)context;
    struct route_match m;
    bool found = route_find(all_routes, route_count, method, path, &m);
    *ret_lane = found && m.route->flags & ROUTE_SLOW ? LANE_SLOW : LANE_USUAL;
    return found && m.route->body_limit ? m.route->body_limit : HTTP_BODY_USUAL;
}

/* --- who is it ------------------------------------------------------------------------------------------------------------ */

static const char *cookie_value(struct call *c, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = c->request->cookie; *at;) {
        at += strspn(at, "; ");
        size_t length = strcspn(at, ";");
        if (length > size && memcmp(at, name, size) == 0 && at[size] == '=')
            return arena_text(c->arena, bytes_of(at + size + 1, length - size - 1));
        at += length;
    }
    return NULL;
}

static void find_caller(struct call *c)
{
    const char *bearer = strncmp(c->request->authorization, "Bearer ", 7) == 0 ? c->request->authorization + 7 : NULL;
    const char *session = bearer ? NULL : cookie_value(c, c->request->tls ? "__Host-svod" : "svod");
    if (!bearer && !session && c->match.route->flags & ROUTE_SMART)
        session = cookie_value(c, "sessionid");
    if (bearer || session)
        c->signed_in = access_enter(c->api->access, bearer ? bearer : session, bearer != NULL, c->request->address, &c->caller);
    if (c->signed_in && *c->caller.language)
        c->lang = strcmp(c->caller.language, "en") == 0 ? LANG_EN : LANG_RU;
}

static bool is_safe(const char *method)
{
    return strcmp(method, "GET") == 0;
}

/* A program may say which of its owner's projects it means. */
static bool choose_project(struct call *c)
{
    if (!*c->request->project || !c->caller.token)
        return true;
    char *end;
    int64_t project = strtoll(c->request->project, &end, 10);
    if (*end || project < 1 || !access_project(c->api->access, &c->caller, project))
        return call_refuse(c, REFUSE_NO_PROJECT);
    c->caller.project = project;
    return true;
}

static bool admitted(struct call *c)
{
    const struct route *r = c->match.route;
    if (r->permission == MAY_ANYBODY)
        return true;
    if (!c->signed_in)
        return call_refuse(c, REFUSE_SIGN_IN);
    if (c->request->fronted)
        skzi_proven(c->api->skzi);
    bool forged = !c->caller.token && !is_safe(r->method) && !(r->flags & ROUTE_SMART) && strcmp(c->request->csrf, c->caller.csrf) != 0;
    if (forged)
        return call_refuse(c, REFUSE_CSRF);
    if (c->caller.must_change && !(r->flags & ROUTE_UNCHANGED))
        return call_refuse(c, REFUSE_MUST_CHANGE);
    if (r->permission < PERMISSION_COUNT && !call_may(c, (enum permission)r->permission))
        return call_refuse(c, REFUSE_FORBIDDEN);
    if (!choose_project(c))
        return false;
    if (c->caller.project == 0 && r->permission < PERMISSION_COUNT)
        return call_refuse(c, REFUSE_NO_PROJECT);
    return true;
}

/* Either of the two types by which browsers and programs send one; never a type that a form of another site can send. */
static bool is_file(const struct call *c, const char *wanted)
{
    const char *type = c->request->content_type;
    return c->request->body.size > 0 && (strncmp(type, wanted, strlen(wanted)) == 0 || strncmp(type, "application/octet-stream", 24) == 0);
}

static bool well_formed(struct call *c)
{
    static const struct field none[] = { { .name = NULL } };
    static const struct shape empty = { "Empty", none };
    const struct route *r = c->match.route;
    c->problems.lang = c->lang;
    c->query = shape_query(r->query, c->request->query, c->request->query_count, &c->problems);
    bool has_body = c->request->body.size > 0;
    if (r->flags & ROUTE_WORKBOOK && !is_file(c, sheet_type(SHEET_XLSX)))
        return call_refuse(c, REFUSE_NOT_WORKBOOK);
    if (r->flags & ROUTE_TEXT && !is_file(c, "text/csv"))
        return call_refuse(c, REFUSE_NOT_TEXT);
    if (r->flags & ROUTE_BYTES && !is_file(c, "application/octet-stream"))
        return call_refuse(c, REFUSE_NOT_BYTES);
    if (r->flags & (ROUTE_WORKBOOK | ROUTE_TEXT | ROUTE_BYTES))
        return c->problems.count == 0 || call_refuse(c, REFUSE_INVALID);
    if (has_body && !(r->flags & ROUTE_SMART) && strncmp(c->request->content_type, "application/json", 16) != 0)
        return call_refuse(c, REFUSE_NOT_JSON);
    if (r->body || has_body) {
        c->body = shape_body(has_body ? c->request->body : bytes_of("{}", 2), &c->problems);
        if (c->body)
            shape_check(r->body ? r->body : &empty, c->body, &c->problems);
    }
    return c->problems.count == 0 || call_refuse(c, REFUSE_INVALID);
}

static struct call *call_new(struct api *api, struct http_request *r, struct http_answer *a)
{
    struct call *c = arena_take(r->arena, sizeof *c);
    c->api = api;
    c->request = r;
    c->answer = a;
    c->arena = r->arena;
    c->lang = strncmp(r->language, "en", 2) == 0 ? LANG_EN : LANG_RU;
    c->out = (struct json_writer){ .out = &a->body };
    return c;
}

static void call_end(struct call *c)
{
    json_decref(c->query);
    json_decref(c->body);
}

void api_answer(void *context, struct http_request *r, struct http_answer *a)
{
    struct call *c = call_new(context, r, a);
    if (!route_find(all_routes, route_count, r->method, r->path, &c->match)) {
        call_refuse(c, c->match.other_method ? REFUSE_METHOD : REFUSE_NOT_FOUND);
    } else {
        find_caller(c);
        if (admitted(c) && well_formed(c))
            c->match.route->handle(c);
    }
    call_end(c);
}

/* What a handler streamed, as the body. */
static void gather(struct call *c)
{
    bool full = false;
    c->answer->body.size = 0;
    if (!flow_gathered(c->answer->flow, &c->answer->body, &full))
        call_refuse(c, full ? REFUSE_LONG : REFUSE_STORE);
    flow_unref(&c->answer->flow);
}

void api_answer_smart(struct api *api, const struct caller *who, const struct permissions *late, struct http_request *r, struct http_answer *a)
{
    struct call *c = call_new(api, r, a);
    c->caller = *who;
    c->signed_in = true;
    bool found = route_find(all_routes, route_count, r->method, r->path, &c->match);
    const struct route *route = c->match.route;
    if (!found)
        call_refuse(c, c->match.other_method ? REFUSE_METHOD : REFUSE_NOT_FOUND);
    else if (!(route->flags & ROUTE_SMART) || route->permission >= PERMISSION_COUNT)
        call_refuse(c, REFUSE_NOT_FOUND);
    else if (permissions_hold(late, (enum permission)route->permission))
        call_refuse(c, REFUSE_LATE);
    else if (admitted(c) && well_formed(c))
        route->handle(c);
    if (a->flow)
        gather(c);
    call_end(c);
}

/* --- news of collection ----------------------------------------------------------------------------------------------------- */

struct told {
    struct api *api;
    const struct service_news *news;
    bool turned;
    int before;
    struct buffer line;
    struct store_audit audit;
    char object[300], text[400];
    int64_t project;
};

static void describe(void *context, const struct roster_row *row)
{
    struct told *t = context;
    struct json_writer j = { .out = &t->line };
    t->project = row->project;
    snprintf(t->object, sizeof t->object, "%.60s %.200s", row->serial, row->title);
    json_put_object(&j, NULL);
    json_put_int(&j, "device", row->id);
    json_put_text(&j, "serial", row->serial);
    json_put_text(&j, "title", row->title);
    json_put_text(&j, "fault", t->news->fault == FAULT_NONE ? "" : fault_name(t->news->fault));
    json_put_text(&j, "message", t->news->sentence);
    json_put_int(&j, "readings", (int64_t)t->news->readings);
    json_put_int(&j, "events", (int64_t)t->news->events);
    json_put_int(&j, "took_ms", t->news->took_ms);
    json_put_end(&j);
}

static void tell_one(struct api *api, const struct service_news *n)
{
    struct told t = { .api = api, .news = n };
    int64_t now = clock_utc_ms();
    bool turned = n->fault != FAULT_LINE_BUSY && roster_contact(api->roster, n->meter, (int)n->fault, clock_local_wall(now), now, &t.before);
    if (!roster_look(api->roster, n->meter, 0, describe, &t))
        return;
    hub_tell(api->hub, t.project, "device", (buffer_put(&t.line, "", 1), t.line.data));
    notices_session(api->notices, t.project, n->meter, n->fault == FAULT_NONE, turned);
    if (turned) {
        enum note kind = n->fault == FAULT_NONE ? NOTE_CONTACT_BACK : NOTE_CONTACT_LOST;
        t.audit = (struct store_audit){ .kind = note_name(kind), .level = note_level(kind), .project = t.project, .object = t.object,
                                        .login = "", .address = "" };
        struct buffer after = { 0 };
        struct json_writer j = { .out = &after };
        json_put_object(&j, NULL);
        json_put_text(&j, "message", n->sentence);
        json_put_end(&j);
        buffer_put(&after, "", 1);
        t.audit.after = after.data;
        store_audit_put(api->store, &t.audit, 1);
        buffer_free(&after);
    }
    buffer_free(&t.line);
}

void api_told(void *context, const struct service_news *news, size_t count, const struct service_status *status, size_t status_count)
{
    struct api *api = context;
    if (count)
        roster_refresh(api->roster);
    for (size_t i = 0; i < count; i++)
        tell_one(api, &news[i]);
    struct service_status all;
    service_totals(api->service, &all);
    notices_running(api->notices, all.running);
    for (size_t i = 0; i < status_count; i++) {
        struct buffer line = { 0 };
        struct json_writer j = { .out = &line };
        collection_put(&j, &status[i]);
        buffer_put(&line, "", 1);
        hub_tell(api->hub, status[i].project, "progress", line.data);
        buffer_free(&line);
    }
}
