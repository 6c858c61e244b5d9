/* Updates of the gateway's program (manual S0 4.7.2): receiving a package in parts, what is in it, installing it, what became of
 * former ones. */
#include "api/box/box_json.h"
#include "api/routes.h"
#include "box/update.h"

#include <stdio.h>

#define V1 "/api/v1"
enum { PART_MAX = 512 << 10, HISTORY_SHOWN = 30, RECONNECT_S = 300 };

SHAPE(shape_package, "UpdatePackage", { .name = "version", .kind = FIELD_TEXT }, { .name = "minimum", .kind = FIELD_TEXT, .help = { { "наименьшая версия, поверх которой ставится", "the oldest version that it replaces" } } },
      { .name = "architecture", .kind = FIELD_TEXT }, { .name = "bytes", .kind = FIELD_INT }, { .name = "notes", .kind = FIELD_TEXT, .help = { { "что изменится", "what changes" } } });
SHAPE(shape_record, "UpdateRecord", { .name = "time", .kind = FIELD_TIME }, { .name = "result", .kind = FIELD_WORD, .words = slot_result_names }, { .name = "version", .kind = FIELD_TEXT },
      { .name = "former", .kind = FIELD_TEXT }, { .name = "text", .kind = FIELD_TEXT, .help = { { "почему не состоялось", "why it did not come about" } } });
SHAPE(shape_update, "Update", { .name = "supported", .kind = FIELD_BOOL, .help = { { "программу запустил стартер", "the starter has begun the program" } } },
      { .name = "has_key", .kind = FIELD_BOOL, .help = { { "ключ изготовителя известен", "the maker's key is known" } } },
      { .name = "version", .kind = FIELD_TEXT }, { .name = "architecture", .kind = FIELD_TEXT },
      { .name = "trial", .kind = FIELD_BOOL, .help = { { "новая версия ещё на проверке", "the new version is still on trial" } } },
      { .name = "stage", .kind = FIELD_WORD, .words = update_stage_names }, { .name = "received", .kind = FIELD_INT, .help = { { "принято байтов пакета", "bytes of the package received" } } },
      { .name = "package", .kind = FIELD_OBJECT, .flags = NULLABLE, .shape = &shape_package }, { .name = "trouble", .kind = FIELD_TEXT },
      { .name = "reconnect_s", .kind = FIELD_INT, .help = { { "сколько ждать связи после начала", "how long to wait for the box after the beginning" } } },
      { .name = "history", .kind = FIELD_LIST, .shape = &shape_record });
SHAPE(shape_part, "UpdatePart", { .name = "offset", .kind = FIELD_INT, .flags = REQUIRED, .least = 0, .most = (int64_t)PACKAGE_PROGRAM_MAX * 2, .help = { { "место части в пакете; 0 начинает заново", "the part's place in the package; 0 begins anew" } } });
SHAPE(shape_received, "UpdateReceived", { .name = "received", .kind = FIELD_INT });

static bool update_here(struct call *c)
{
    return c->api->update != NULL || call_refuse(c, REFUSE_NOT_FOUND);
}

/* The starter's short words as a sentence. */
static const char *why_text(const struct slot_record *r, enum lang lang)
{
    static const struct { const char *word; struct phrase text; } known[] = {
        { "silent", { { "новая версия не подала признаков жизни", "the new version gave no sign of life" } } },
        { "hung", { { "новая версия зависла", "the new version hung" } } },
        { "power", { { "устройство трижды выключилось во время проверки", "the box went off three times during the trial" } } },
        { "no-room", { { "не удалось сохранить копию базы", "the database could not be kept" } } },
        { "exit 127", { { "новая версия не запускается", "the new version cannot be started" } } },
        { "exit", { { "новая версия завершилась", "the new version ended" } } },
        { "signal", { { "новая версия упала", "the new version crashed" } } },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strncmp(r->why, known[i].word, strlen(known[i].word)) == 0)
            return phrase_in(&known[i].text, lang);
    return r->why;
}

static void put_package(struct call *c, const struct package *p)
{
    json_put_object(&c->out, "package");
    json_put_text(&c->out, "version", p->version);
    json_put_text(&c->out, "minimum", p->minimum);
    json_put_text(&c->out, "architecture", p->architecture);
    json_put_int(&c->out, "bytes", p->size);
    json_put_text(&c->out, "notes", p->notes[c->lang]);
    json_put_end(&c->out);
}

static void put_history(struct call *c)
{
    struct slot_record *records = arena_take(c->request->arena, HISTORY_SHOWN * sizeof *records);
    size_t count = update_history(c->api->update, records, HISTORY_SHOWN);
    json_put_list(&c->out, "history");
    for (size_t i = 0; i < count; i++) {
        json_put_object(&c->out, NULL);
        json_put_utc(&c->out, "time", records[i].at_ms);
        json_put_text(&c->out, "result", slot_result_names[records[i].result]);
        json_put_text(&c->out, "version", records[i].version);
        json_put_text(&c->out, "former", records[i].former_version);
        json_put_text(&c->out, "text", why_text(&records[i], c->lang));
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
}

static void get_update(struct call *c)
{
    struct update_look *l = arena_take(c->request->arena, sizeof *l);
    if (!update_here(c))
        return;
    update_look(c->api->update, l);
    json_put_object(&c->out, NULL);
    json_put_bool(&c->out, "supported", l->supported);
    json_put_bool(&c->out, "has_key", l->has_key);
    json_put_text(&c->out, "version", l->version);
    json_put_text(&c->out, "architecture", l->architecture);
    json_put_bool(&c->out, "trial", l->trial);
    json_put_text(&c->out, "stage", update_stage_names[l->stage]);
    json_put_int(&c->out, "received", l->received);
    if (l->stage >= UPDATE_CHECKED)
        put_package(c, &l->package);
    else
        json_put_null(&c->out, "package");
    json_put_text(&c->out, "trouble", l->trouble);
    json_put_int(&c->out, "reconnect_s", RECONNECT_S);
    put_history(c);
    json_put_end(&c->out);
}

/* Why a package is not taken stands at the field of the file. */
static bool took(struct call *c, enum fault fault, const char *why)
{
    if (fault == FAULT_REFUSED)
        return call_wrong_field(c, "package", why);
    return fault == FAULT_CHANGED ? call_refuse(c, REFUSE_CHANGED) : call_good(c, fault, REFUSE_IN_USE);
}

static void take_part(struct call *c)
{
    char words[PROBLEM_TEXT];
    struct text why = text_over(words, sizeof words);
    int64_t received = 0;
    if (!update_here(c) || !took(c, update_receive(c->api->update, call_int(c->query, "offset", 0), c->request->body, c->lang, &received, &why), words))
        return;
    json_put_object(&c->out, NULL);
    json_put_int(&c->out, "received", received);
    json_put_end(&c->out);
}

static void check_package(struct call *c)
{
    char words[PROBLEM_TEXT];
    struct text why = text_over(words, sizeof words);
    if (update_here(c) && took(c, update_check(c->api->update, c->lang, &why), words))
        get_update(c);
}

static void install(struct call *c)
{
    char words[PROBLEM_TEXT];
    struct text why = text_over(words, sizeof words);
    if (!update_here(c) || !took(c, update_install(c->api->update, &c->caller, c->lang, &why), words))
        return;
    c->answer->status = 202;
    get_update(c);
}

static void forget(struct call *c)
{
    if (!update_here(c))
        return;
    update_forget(c->api->update);
    call_done(c);
}

static const struct route rows[] = {
    { "GET", V1 "/box/update", MAY_READ_HES_CONFIG, 0, NULL, NULL, &shape_update, NULL, 0, get_update, { { "обновление программы устройства: версия, пакет, прежние обновления", "update of the box's program: version, package, former updates" } } },
    { "POST", V1 "/box/update", MAY_WRITE_HES_CONFIG, ROUTE_SLOW, NULL, NULL, &shape_update, NULL, 0, install, { { "установить проверенный пакет", "install the package that was checked" } } },
    { "PUT", V1 "/box/update/package", MAY_WRITE_HES_CONFIG, ROUTE_BYTES | ROUTE_SLOW, &shape_part, NULL, &shape_received, NULL, PART_MAX, take_part, { { "принять часть пакета обновления", "take a part of an update's package" } } },
    { "POST", V1 "/box/update/check", MAY_WRITE_HES_CONFIG, ROUTE_SLOW, NULL, NULL, &shape_update, NULL, 0, check_package, { { "проверить принятый пакет", "check the package that was received" } } },
    { "DELETE", V1 "/box/update/package", MAY_WRITE_HES_CONFIG, 0, NULL, NULL, NULL, NULL, 0, forget, { { "отбросить принятый пакет", "drop the package that was received" } } },
};

ROUTE_TABLE(rows);
