/* Notices under the bell: one's own list, what one wants to be told, news of them as events. */
#include "api/call.h"
#include "api/routes.h"

#define V1 "/api/v1"


SHAPE(shape_notice, "Notice", { .name = "id", .kind = FIELD_INT }, { .name = "time", .kind = FIELD_TIME },
      { .name = "kind", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "level", .kind = FIELD_WORD, .words = note_levels },
      { .name = "text", .kind = FIELD_TEXT }, { .name = "count", .kind = FIELD_INT }, { .name = "object", .kind = FIELD_TEXT },
      { .name = "project", .kind = FIELD_INT, .help = { { "0: не о проекте", "0: of no project" } } }, { .name = "read", .kind = FIELD_BOOL });
SHAPE(shape_notice_query, "NoticeQuery", PAGE_FIELDS, { .name = "unread", .kind = FIELD_BOOL, .help = { { "true: только непрочитанные", "true: unread only" } } },
      { .name = "kind", .kind = FIELD_TEXT, .most = 40 });
SHAPE(shape_unread, "Unread", { .name = "unread", .kind = FIELD_INT });
SHAPE(shape_kind, "NoticeKind", { .name = "name", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "measure", .kind = FIELD_TEXT, .help = { { "что считает порог; пусто: порога нет", "what the threshold counts; empty: there is none" } } },
      { .name = "least", .kind = FIELD_INT }, { .name = "most", .kind = FIELD_INT }, { .name = "shown", .kind = FIELD_BOOL },
      { .name = "mailed", .kind = FIELD_BOOL }, { .name = "threshold", .kind = FIELD_INT });
SHAPE(shape_choice, "NoticeChoice", { .name = "name", .kind = FIELD_TEXT, .flags = REQUIRED, .least = 1, .most = 40 },
      { .name = "shown", .kind = FIELD_BOOL, .flags = REQUIRED, .help = { { "показывать", "show it" } } },
      { .name = "mailed", .kind = FIELD_BOOL, .flags = REQUIRED, .help = { { "и письмом", "by mail, too" } } },
      { .name = "threshold", .kind = FIELD_INT, .least = 1, .most = 100000 });
SHAPE(shape_choices, "NoticeChoices", { .name = "kinds", .kind = FIELD_LIST, .flags = REQUIRED, .shape = &shape_choice, .least = 1, .most = NOTICE_KINDS });

/* --- the list --------------------------------------------------------------------------------------------------------------- */

struct notice_list {
    struct call *c;
    size_t skip, take, count;
};

static bool put_notice(void *context, const struct store_notice *n)
{
    struct notice_list *l = context;
    struct call *c = l->c;
    size_t at = l->count++;
    if (at < l->skip || at - l->skip >= l->take)
        return true;
    char sentence[NOTICE_TEXT_MAX];
    struct text t = text_over(sentence, sizeof sentence);
    enum notice_kind kind = notice_find(n->kind);
    notice_sentence(n, c->lang, &t);
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "id", n->id);
    json_put_utc(&c->out, "time", n->at_ms);
    json_put_text(&c->out, "kind", n->kind);
    json_put_text(&c->out, "title", kind < NOTICE_KINDS ? phrase_in(&notice_kinds[kind].title, c->lang) : n->kind);
    json_put_text(&c->out, "level", note_levels[n->level >= AUDIT_INFO && n->level <= AUDIT_ERROR ? n->level : AUDIT_INFO]);
    json_put_text(&c->out, "text", sentence);
    json_put_int(&c->out, "count", n->count);
    json_put_text(&c->out, "object", n->object);
    json_put_int(&c->out, "project", n->project);
    json_put_bool(&c->out, "read", n->read);
    json_put_end(&c->out);
    return true;
}

static void list_notices(struct call *c)
{
    struct notice_list l = { c, call_skip(c), call_take(c), 0 };
    struct notice_filter f = { .person = c->caller.person, .unread = call_bool(c->query, "unread", false), .kind = call_text(c->query, "kind", "") };
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    enum fault fault = store_notices(c->api->store, &f, put_notice, &l);
    json_put_end(&c->out);
    json_put_int(&c->out, "total", (int64_t)l.count);
    json_put_end(&c->out);
    call_good(c, fault, REFUSE_IN_USE);
}

static bool unread_of(struct store *s, int64_t person, struct buffer *out)
{
    int64_t unread = 0;
    struct json_writer j = { .out = out };
    if (store_notices_unread(s, person, &unread) != FAULT_NONE)
        return false;
    json_put_object(&j, NULL);
    json_put_int(&j, "unread", unread);
    json_put_end(&j);
    return true;
}

/* Other pages of the same person count anew. */
void api_noticed(void *context, int64_t person)
{
    struct api *api = context;
    struct buffer line = { 0 };
    if (unread_of(api->store, person, &line)) {
        buffer_put(&line, "", 1);
        hub_tell_person(api->hub, person, "notice", line.data);
    }
    buffer_free(&line);
}

static void get_unread(struct call *c)
{
    if (!unread_of(c->api->store, c->caller.person, &c->answer->body))
        call_refuse(c, REFUSE_STORE);
}

static void changed(struct call *c, enum fault f)
{
    if (!call_good(c, f, REFUSE_IN_USE))
        return;
    api_noticed(c->api, c->caller.person);
    get_unread(c);
}

static void read_notice(struct call *c) { changed(c, store_notices_read(c->api->store, c->caller.person, c->match.number[0])); }
static void read_all(struct call *c) { changed(c, store_notices_read(c->api->store, c->caller.person, 0)); }
static void delete_notice(struct call *c) { changed(c, store_notices_delete(c->api->store, c->caller.person, c->match.number[0])); }
static void delete_all(struct call *c) { changed(c, store_notices_delete(c->api->store, c->caller.person, 0)); }

/* --- what one wants to be told ------------------------------------------------------------------------------------------------ */

/* What he may look at, and what there is here: gateways come to a head-end. */
static bool offered(struct call *c, enum notice_kind kind)
{
    bool here = c->api->face != FACE_GATEWAY || (kind != NOTICE_GATEWAY_AWAY && kind != NOTICE_GATEWAY_BACK);
    return here && call_may(c, notice_kinds[kind].permission);
}

static void list_kinds(struct call *c)
{
    struct notice_choice choice[NOTICE_KINDS];
    int64_t total = 0;
    if (!call_good(c, notice_choices(c->api->store, c->caller.person, choice), REFUSE_IN_USE))
        return;
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    for (int i = 0; i < NOTICE_KINDS; i++) {
        const struct notice_about *about = &notice_kinds[i];
        const char *measure = phrase_in(&about->measure, c->lang);
        if (!offered(c, (enum notice_kind)i))
            continue;
        total++;
        json_put_object(&c->out, NULL);
        json_put_text(&c->out, "name", about->name);
        json_put_text(&c->out, "title", phrase_in(&about->title, c->lang));
        json_put_text(&c->out, "measure", measure ? measure : "");
        json_put_int(&c->out, "least", about->least);
        json_put_int(&c->out, "most", about->most);
        json_put_bool(&c->out, "shown", choice[i].shown);
        json_put_bool(&c->out, "mailed", choice[i].mailed);
        json_put_int(&c->out, "threshold", choice[i].threshold);
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
    json_put_int(&c->out, "total", total);
    json_put_end(&c->out);
}

/* One row of the body; false, the answer refused, when it is wrong. */
static bool take_choice(struct call *c, size_t at, const struct notice_choice now[NOTICE_KINDS], struct store_notice_choice *ret)
{
    char field[48];
    const json_t *row = json_array_get(json_object_get(c->body, "kinds"), at);
    enum notice_kind kind = notice_find(call_text(row, "name", ""));
    struct text t = text_over(field, sizeof field);
    if (kind == NOTICE_KINDS || !offered(c, kind)) {
        text_printf(&t, "kinds[%zu].name", at);
        return call_wrong_field(c, field, c->lang == LANG_RU ? "таких уведомлений нет" : "there are no such notices");
    }
    *ret = (struct store_notice_choice){ notice_kinds[kind].name, call_bool(row, "shown", true), call_bool(row, "mailed", false),
                                         (int)call_int(row, "threshold", now[kind].threshold) };
    if (ret->threshold >= notice_kinds[kind].least && ret->threshold <= notice_kinds[kind].most)
        return true;
    char message[80];
    struct text m = text_over(message, sizeof message);
    text_printf(&t, "kinds[%zu].threshold", at);
    text_printf(&m, c->lang == LANG_RU ? "допустимо от %d до %d" : "allowed from %d to %d", notice_kinds[kind].least, notice_kinds[kind].most);
    return call_wrong_field(c, field, message);
}

static void change_kinds(struct call *c)
{
    struct notice_choice now[NOTICE_KINDS];
    struct store_notice_choice wanted[NOTICE_KINDS];
    size_t count = json_array_size(json_object_get(c->body, "kinds"));
    if (!call_good(c, notice_choices(c->api->store, c->caller.person, now), REFUSE_IN_USE))
        return;
    for (size_t i = 0; i < count; i++)
        if (!take_choice(c, i, now, &wanted[i]))
            return;
    if (call_good(c, store_notice_choices_put(c->api->store, c->caller.person, wanted, count), REFUSE_IN_USE))
        list_kinds(c);
}

static void stream_notices(struct call *c)
{
    struct buffer first = { 0 };
    answer_header(c->answer, "X-Accel-Buffering", "no"); /* a proxy must not gather events */
    struct flow *flow = call_stream(c, "text/event-stream; charset=utf-8", NULL);
    buffer_text(&first, "event: notice\ndata: ");
    unread_of(c->api->store, c->caller.person, &first);
    buffer_text(&first, "\n\n");
    flow_offer(flow, first.data, first.size);
    buffer_free(&first);
    hub_join_person(c->api->hub, flow, 0, c->caller.person, c->caller.pass);
}

static const struct route rows[] = {
    { "GET", V1 "/notices", MAY_SIGNED_IN, ROUTE_LIST, &shape_notice_query, NULL, &shape_notice, NULL, 0, list_notices, { { "свои уведомления", "one's notices" } } },
    { "DELETE", V1 "/notices", MAY_SIGNED_IN, 0, NULL, NULL, &shape_unread, NULL, 0, delete_all, { { "удалить все свои уведомления", "delete all one's notices" } } },
    { "GET", V1 "/notices/unread", MAY_SIGNED_IN, 0, NULL, NULL, &shape_unread, NULL, 0, get_unread, { { "сколько непрочитанных", "how many are unread" } } },
    { "POST", V1 "/notices/read", MAY_SIGNED_IN, 0, NULL, NULL, &shape_unread, NULL, 0, read_all, { { "отметить все прочитанными", "mark all as read" } } },
    { "GET", V1 "/notices/kinds", MAY_SIGNED_IN, ROUTE_LIST, NULL, NULL, &shape_kind, NULL, 0, list_kinds, { { "виды уведомлений и свой выбор", "kinds of notices and one's choice" } } },
    { "PUT", V1 "/notices/kinds", MAY_SIGNED_IN, ROUTE_LIST, NULL, &shape_choices, &shape_kind, NULL, 0, change_kinds, { { "выбрать, о чём уведомлять", "choose what to be told" } } },
    { "GET", V1 "/notices/stream", MAY_SIGNED_IN, ROUTE_STREAM, NULL, NULL, NULL, "text/event-stream", 0, stream_notices, { { "новые уведомления, событиями", "new notices, as events" } } },
    { "POST", V1 "/notices/{id}/read", MAY_SIGNED_IN, 0, NULL, NULL, &shape_unread, NULL, 0, read_notice, { { "отметить прочитанным", "mark as read" } } },
    { "DELETE", V1 "/notices/{id}", MAY_SIGNED_IN, 0, NULL, NULL, &shape_unread, NULL, 0, delete_notice, { { "удалить уведомление", "delete a notice" } } },
};

ROUTE_TABLE(rows);
