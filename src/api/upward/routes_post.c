/* Letters of the gateway with what was stored, by schedule (manual S0 «Введение»): settings, how it goes, send now. */
#include "api/call.h"
#include "api/routes.h"
#include "upstream/files/post_service.h"

#include <jansson.h>
#include <stdio.h>

#define V1 "/api/v1"
#define REVISION { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX }

#define POST_FIELDS \
    { .name = "enabled", .kind = FIELD_BOOL }, \
    { .name = "recipients", .kind = FIELD_LIST, .of = FIELD_TEXT, .most = POST_RECIPIENTS_MAX, .help = { { "адреса электронной почты", "e-mail addresses" } } }, \
    { .name = "subject", .kind = FIELD_TEXT, .most = POST_SUBJECT_MAX - 1, .help = { { "тема писем; пусто: обычная", "subject of the letters; empty: the usual one" } } }, \
    { .name = "format", .kind = FIELD_WORD, .words = post_format_names, .help = { { "csv: строки почасовых файлов; xlsx: книга с теми же столбцами", "csv: the lines of hour files; xlsx: a workbook with the same columns" } } }, \
    { .name = "period_min", .kind = FIELD_INT, .least = 1, .most = FTP_PERIOD_MOST }, { .name = "offset_min", .kind = FIELD_INT, .least = 0, .most = FTP_PERIOD_MOST - 1 }, \
    { .name = "packet_kib", .kind = FIELD_INT, .least = POST_PACKET_LEAST, .most = POST_PACKET_MOST, .help = { { "файл одного письма; остальное уйдёт следующим", "the file of one letter; the rest goes in another" } } }
SHAPE(shape_post, "Post", POST_FIELDS, { .name = "ordered", .kind = FIELD_BOOL }, { .name = "next", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "made", .kind = FIELD_TIME, .flags = NULLABLE, .help = { { "последнее письмо встало в очередь", "the last letter went into the queue" } } },
      { .name = "lines", .kind = FIELD_INT, .help = { { "строк в нём", "lines in it" } } }, { .name = "letters", .kind = FIELD_INT, .help = { { "писем с запуска программы", "letters since the program began" } } },
      { .name = "waiting", .kind = FIELD_INT, .help = { { "писем ждут отправки", "letters wait to be sent" } } }, { .name = "given_up", .kind = FIELD_INT },
      { .name = "sent", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "lost", .kind = FIELD_INT, .help = { { "записей ушло непрочитанными", "rows went unread" } } },
      { .name = "server", .kind = FIELD_BOOL, .help = { { "почтовый сервер указан", "a mail server is set" } } },
      { .name = "trouble", .kind = FIELD_TEXT }, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_post_change, "PostChange", REVISION, POST_FIELDS);

/* Only a gateway sends them. */
static bool settings_of(struct call *c, struct post_settings *set)
{
    return (c->api->face == FACE_GATEWAY || call_refuse(c, REFUSE_NOT_FOUND)) && call_good(c, post_settings_get(c->api->store, set), REFUSE_IN_USE);
}

static void put_settings(struct json_writer *out, const void *row)
{
    const struct post_settings *set = row;
    json_put_bool(out, "enabled", set->enabled);
    json_put_list(out, "recipients");
    for (size_t i = 0; i < POST_RECIPIENTS_MAX && *set->recipient[i]; i++)
        json_put_text(out, NULL, set->recipient[i]);
    json_put_end(out);
    json_put_text(out, "subject", set->subject);
    json_put_text(out, "format", post_format_names[set->format]);
    json_put_int(out, "period_min", set->period_min);
    json_put_int(out, "offset_min", set->offset_min);
    json_put_int(out, "packet_kib", set->packet_kib);
}

static void get_post(struct call *c)
{
    struct post_settings set;
    struct post_status s = { 0 };
    struct store_letters_filed filed;
    struct store_mail mail;
    if (!settings_of(c, &set) || !call_good(c, store_letters_filed(c->api->store, c->arena, &filed), REFUSE_IN_USE)
        || !call_good(c, store_mail_get(c->api->store, c->arena, &mail), REFUSE_IN_USE))
        return;
    void *state = upstream_state(c->api->upstream, &service_post);
    if (state)
        post_service_status(state, &s);
    json_put_object(&c->out, NULL);
    put_settings(&c->out, &set);
    json_put_bool(&c->out, "ordered", s.ordered);
    json_put_utc(&c->out, "next", s.next_ms);
    json_put_utc(&c->out, "made", s.made_ms);
    json_put_int(&c->out, "lines", s.lines);
    json_put_int(&c->out, "letters", s.letters);
    json_put_int(&c->out, "waiting", filed.waiting);
    json_put_int(&c->out, "given_up", filed.given_up);
    json_put_utc(&c->out, "sent", filed.sent_ms);
    json_put_int(&c->out, "lost", s.lost);
    json_put_bool(&c->out, "server", *mail.server);
    json_put_text(&c->out, "trouble", s.trouble != FAULT_NONE ? post_trouble(s.trouble, c->lang) : filed.trouble);
    json_put_int(&c->out, "revision", set.revision);
    json_put_end(&c->out);
}

static void take_recipients(struct call *c, struct post_settings *set)
{
    static const struct phrase no_address = { { "%s — не адрес электронной почты", "%s is no e-mail address" } }, twice = { { "%s указан дважды", "%s is given twice" } };
    const json_t *to = json_object_get(c->body, "recipients");
    char message[PROBLEM_TEXT];
    if (!to)
        return;
    memset(set->recipient, 0, sizeof set->recipient);
    for (size_t i = 0; i < json_array_size(to); i++) {
        const char *address = json_string_value(json_array_get(to, i));
        const struct phrase *bad = mail_address_valid(address) ? NULL : &no_address;
        for (size_t k = 0; k < i; k++)
            bad = strcmp(set->recipient[k], address) == 0 ? &twice : bad;
        if (bad) {
            snprintf(message, sizeof message, phrase_in(bad, c->lang), address);
            call_wrong_field(c, "recipients", message);
            return;
        }
        snprintf(set->recipient[i], sizeof set->recipient[i], "%s", address);
    }
}

static void take_settings(struct call *c, struct post_settings *set)
{
    const char *subject = call_text(c->body, "subject", NULL), *format = call_text(c->body, "format", post_format_names[set->format]);
    set->enabled = call_bool(c->body, "enabled", set->enabled);
    take_recipients(c, set);
    if (subject)
        snprintf(set->subject, sizeof set->subject, "%s", subject);
    set->format = strcmp(format, post_format_names[SHEET_XLSX]) == 0 ? SHEET_XLSX : SHEET_CSV;
    set->period_min = (int)call_int(c->body, "period_min", set->period_min);
    set->offset_min = (int)call_int(c->body, "offset_min", set->offset_min);
    set->packet_kib = (int)call_int(c->body, "packet_kib", set->packet_kib);
    set->revision = call_int(c->body, "revision", 0);
}

static bool settings_right(struct call *c, const struct post_settings *set)
{
    static const struct phrase nobody = { { "укажите, кому отправлять", "say to whom letters go" } }, offset = { { "смещение меньше периода", "the offset is less than the period" } };
    static const struct phrase line = { { "без переводов строки", "without line ends" } };
    if (set->enabled && !*set->recipient[0] && c->problems.count == 0)
        call_wrong_field(c, "recipients", phrase_in(&nobody, c->lang));
    if (set->offset_min >= set->period_min)
        call_wrong_field(c, "offset_min", phrase_in(&offset, c->lang));
    if (strpbrk(set->subject, "\r\n"))
        call_wrong_field(c, "subject", phrase_in(&line, c->lang));
    return c->problems.count == 0;
}

static void change_post(struct call *c)
{
    struct post_settings set, before;
    if (!settings_of(c, &set))
        return;
    before = set;
    take_settings(c, &set);
    if (!settings_right(c, &set) || !call_good(c, post_settings_put(c->api->store, &set), REFUSE_TAKEN))
        return;
    call_note(c, NOTE_CONFIGURATION_CHANGE, c->lang == LANG_RU ? "письма с данными" : "letters with data", call_row_json(c, put_settings, &before), call_row_json(c, put_settings, &set));
    upstream_changed(c->api->upstream, &service_post);
    get_post(c);
}

static void send_post(struct call *c)
{
    static const struct phrase off = { { "сначала включите отправку и укажите, кому", "switch it on and say to whom first" } };
    struct post_settings set;
    if (!settings_of(c, &set))
        return;
    enum fault f = post_send_now(c->api->upstream);
    if (f == FAULT_NO_DATA)
        call_wrong_field(c, "enabled", phrase_in(&off, c->lang));
    else if (call_good(c, f, REFUSE_IN_USE))
        call_done(c);
}

static const struct route rows[] = {
    { "GET", V1 "/post", MAY_READ_HES_CONFIG, 0, NULL, NULL, &shape_post, NULL, 0, get_post, { { "письма с данными учёта: настройки и как они идут", "letters with meter data: settings and how they go" } } },
    { "PATCH", V1 "/post", MAY_WRITE_HES_CONFIG, 0, NULL, &shape_post_change, &shape_post, NULL, 0, change_post, { { "настроить письма с данными учёта", "set letters with meter data up" } } },
    { "POST", V1 "/post/send", MAY_WRITE_HES_CONFIG, 0, NULL, NULL, NULL, NULL, 0, send_post, { { "отправить письмо сейчас", "send a letter now" } } },
};

ROUTE_TABLE(rows);
