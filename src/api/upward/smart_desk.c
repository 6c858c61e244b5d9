/* A request becomes one of the API, of a caller made for it; see smart_desk.h. */
#include "api/upward/smart_desk.h"
#include "api/call.h"
#include "api/routes.h"
#include "base/log.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

static const enum permission reading[] = { MAY_READ_DATASTORE, MAY_READ_DEVICES, MAY_WRITE_SCHEDULER_JOB_LAUNCHES };
static const enum permission steering[] = { MAY_WRITE_DEVICES, MAY_READ_HES_CONFIG };

static const char *const methods[] = { "get", "post", "put", "delete", NULL };
SHAPE(shape_named, "SmartNamed", { .name = "uri", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 1, .most = 200 },
      { .name = "method", .kind = FIELD_WORD, .words = methods }, { .name = "body", .kind = FIELD_ANY });

static struct caller caller_of(const struct upstream_request *asked)
{
    struct caller who = { .project = asked->project, .token = true };
    snprintf(who.login, sizeof who.login, "%s", asked->who);
    for (size_t i = 0; i < sizeof reading / sizeof *reading; i++)
        permissions_add(&who.may, reading[i]);
    for (size_t i = 0; asked->control && i < sizeof steering / sizeof *steering; i++)
        permissions_add(&who.may, steering[i]);
    return who;
}

/* Without a path the body says it: {"uri", "method", "body"}. What is none goes to no path, with its problem told. */
static bool open_named(struct http_request *r, struct problems *p)
{
    json_t *named = shape_body(r->body.size ? r->body : bytes_of("{}", 2), p);
    bool good = named && shape_check(&shape_named, named, p);
    const json_t *body = good ? json_object_get(named, "body") : NULL;
    char *text = body ? json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    if (good) {
        char *method = (char *)arena_text(r->arena, bytes_of_text(call_text(named, "method", "get")));
        for (char *at = method; *at; at++)
            *at = (char)toupper(*at);
        r->method = method;
        r->path = arena_text(r->arena, bytes_of_text(call_text(named, "uri", "")));
        r->body = text ? arena_copy(r->arena, bytes_of_text(text)) : bytes_of("", 0);
    }
    free(text);
    json_decref(named);
    return good;
}

/* Data are asked for with a body, so over HTTP by POST; get means the same. */
static void settle_method(struct http_request *r)
{
    size_t count;
    struct route_match m;
    const struct route *all = api_routes(&count);
    if (strcmp(r->method, "GET") == 0 && !route_find(all, count, "GET", r->path, &m) && m.other_method && route_find(all, count, "POST", r->path, &m))
        r->method = "POST";
}

static void note_steering(const struct upstream_request *asked, const struct http_request *r, const struct http_answer *a)
{
    if (strcmp(r->method, "GET") != 0 && strcmp(r->method, "POST") != 0)
        log_line(LOG_INFO, "smart-request", "from=\"%s\" method=%s path=\"%s\" status=%d", asked->who, r->method, r->path, a->status ? a->status : 200);
}

static void answer(void *context, const struct upstream_request *asked, struct buffer *ret)
{
    struct api *api = context;
    struct arena arena = { 0 };
    struct http_local local = { asked->answer_most, asked->ending };
    struct http_request r = { .method = asked->method, .path = asked->path, .body = asked->body, .content_type = "application/json", .cookie = "", .authorization = "",
                              .csrf = "", .language = api->lang == LANG_EN ? "en" : "ru", .agent = "", .origin = "", .host = "", .if_none_match = "", .project = "", .arena = &arena };
    struct http_answer a = { .local = &local };
    struct caller who = caller_of(asked);
    struct permissions late = { { 0 } };
    struct problems problems = { .lang = api->lang };
    for (size_t i = 0; asked->late && asked->control && i < sizeof steering / sizeof *steering; i++)
        permissions_add(&late, steering[i]);
    if (*r.path || open_named(&r, &problems)) {
        settle_method(&r);
        api_answer_smart(api, &who, &late, &r, &a);
    } else {
        struct call c = { .api = api, .request = &r, .answer = &a, .lang = api->lang, .arena = &arena, .problems = problems };
        call_refuse(&c, REFUSE_INVALID);
    }
    note_steering(asked, &r, &a);
    *ret = a.body;
    arena_free(&arena);
}

struct upstream_answerer smart_desk(struct api *api)
{
    return (struct upstream_answerer){ answer, api };
}
