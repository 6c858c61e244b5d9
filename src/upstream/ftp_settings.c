/* Settings of FTP, of hour files and of letters with data; see ftp_settings.h. */
#include "upstream/ftp_settings.h"
#include "base/civil.h"
#include "base/text.h"
#include "store/forms.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

const char *const ftp_second_names[] = { "off", "instead", "also", NULL };
const char *const post_format_names[] = { [SHEET_CSV] = "csv", [SHEET_XLSX] = "xlsx", NULL };

#define TAKE(field, json, key) snprintf(field, sizeof(field), "%s", text_in(json, key))

static const char *text_in(const json_t *from, const char *key)
{
    const char *text = json_string_value(json_object_get(from, key));
    return text ? text : "";
}

static int int_in(const json_t *from, const char *key, int preset)
{
    const json_t *value = json_object_get(from, key);
    return json_is_integer(value) ? (int)json_integer_value(value) : preset;
}

static bool bool_in(const json_t *from, const char *key, bool preset)
{
    const json_t *value = json_object_get(from, key);
    return json_is_boolean(value) ? json_is_true(value) : preset;
}

static enum fault form_read(struct store *s, const char *name, json_t **ret, int64_t *ret_revision)
{
    struct arena a = { 0 };
    const char *content;
    enum fault fault = store_form_get(s, name, &a, &content, ret_revision);
    *ret = fault == FAULT_NONE && *content ? json_loads(content, 0, NULL) : NULL;
    arena_free(&a);
    return fault;
}

static enum fault form_write(struct store *s, const char *name, json_t *form, int64_t revision)
{
    char *content = json_dumps(form, JSON_COMPACT);
    enum fault fault = content ? store_form_put(s, name, content, revision) : FAULT_LIMIT;
    free(content);
    json_decref(form);
    return fault;
}

/* ---- FTP ---- */

static void read_server(const json_t *from, const struct vault *v, struct ftp_server *s)
{
    struct arena a = { 0 };
    const char *password = vault_unseal(v, text_in(from, "password"), &a);
    TAKE(s->address, from, "address");
    s->port = int_in(from, "port", 21);
    TAKE(s->login, from, "login");
    snprintf(s->password, sizeof s->password, "%s", password ? password : "");
    s->tls = bool_in(from, "tls", false);
    s->verify = bool_in(from, "verify", true);
    arena_free(&a);
}

static enum ftp_second second_of(const char *name)
{
    for (int i = 0; ftp_second_names[i]; i++)
        if (strcmp(name, ftp_second_names[i]) == 0)
            return (enum ftp_second)i;
    return FTP_SECOND_OFF;
}

enum fault ftp_settings_get(struct store *s, const struct vault *v, struct arena *a, struct ftp_settings *ret)
{
    json_t *form;
    *ret = (struct ftp_settings){ .authority = "", .period_min = 60, .offset_min = 5, .packet_kib = 1024, .answer_s = 30, .passive = true, .time_least_s = 2, .time_most_s = 3600 };
    enum fault fault = form_read(s, "ftp", &form, &ret->revision);
    const json_t *servers = json_object_get(form, "servers");
    for (size_t i = 0; i < HOUR_SERVERS; i++)
        read_server(json_array_get(servers, i), v, &ret->server[i]);
    ret->enabled = bool_in(form, "enabled", false);
    ret->second = second_of(text_in(form, "second"));
    TAKE(ret->folder, form, "folder");
    ret->authority = *text_in(form, "authority") ? arena_text(a, bytes_of_text(text_in(form, "authority"))) : "";
    ret->period_min = int_in(form, "period_min", ret->period_min);
    ret->offset_min = int_in(form, "offset_min", ret->offset_min);
    ret->packet_kib = int_in(form, "packet_kib", ret->packet_kib);
    ret->answer_s = int_in(form, "answer_s", ret->answer_s);
    ret->passive = bool_in(form, "passive", true);
    ret->take_time = bool_in(form, "take_time", false);
    ret->time_least_s = int_in(form, "time_least_s", ret->time_least_s);
    ret->time_most_s = int_in(form, "time_most_s", ret->time_most_s);
    ret->pull = bool_in(form, "pull", false);
    TAKE(ret->pull_folder, form, "pull_folder");
    json_decref(form);
    return fault;
}

static json_t *server_json(const struct vault *v, const struct ftp_server *s, struct arena *a)
{
    return json_pack("{s:s,s:i,s:s,s:s,s:b,s:b}", "address", s->address, "port", s->port, "login", s->login, "password", vault_seal(v, s->password, a), "tls", s->tls,
                     "verify", s->verify);
}

enum fault ftp_settings_put(struct store *s, const struct vault *v, const struct ftp_settings *f)
{
    struct arena a = { 0 };
    json_t *form = json_pack("{s:b,s:[o,o],s:s,s:s,s:s,s:i,s:i,s:i,s:i,s:b,s:b,s:i,s:i,s:b,s:s}", "enabled", f->enabled, "servers", server_json(v, &f->server[0], &a),
                             server_json(v, &f->server[1], &a), "second", ftp_second_names[f->second], "folder", f->folder, "authority", f->authority, "period_min", f->period_min,
                             "offset_min", f->offset_min, "packet_kib", f->packet_kib, "answer_s", f->answer_s, "passive", f->passive, "take_time", f->take_time,
                             "time_least_s", f->time_least_s, "time_most_s", f->time_most_s, "pull", f->pull, "pull_folder", f->pull_folder);
    enum fault fault = form_write(s, "ftp", form, f->revision);
    arena_free(&a);
    return fault;
}

/* ---- files ---- */

enum fault files_settings_get(struct store *s, struct files_settings *ret)
{
    json_t *form;
    *ret = (struct files_settings){ 0 };
    enum fault fault = form_read(s, "files", &form, &ret->revision);
    ret->on = bool_in(form, "on", false);
    ret->days = int_in(form, "days", 365);
    ret->mib = int_in(form, "mib", 512);
    json_decref(form);
    return fault;
}

enum fault files_settings_put(struct store *s, const struct files_settings *f)
{
    return form_write(s, "files", json_pack("{s:b,s:i,s:i}", "on", f->on, "days", f->days, "mib", f->mib), f->revision);
}

/* ---- letters ---- */

enum fault post_settings_get(struct store *s, struct post_settings *ret)
{
    json_t *form;
    *ret = (struct post_settings){ 0 };
    enum fault fault = form_read(s, "post", &form, &ret->revision);
    const json_t *to = json_object_get(form, "recipients");
    size_t count = json_array_size(to) < POST_RECIPIENTS_MAX ? json_array_size(to) : POST_RECIPIENTS_MAX;
    for (size_t i = 0; i < count; i++) {
        const char *one = json_string_value(json_array_get(to, i));
        snprintf(ret->recipient[i], sizeof ret->recipient[i], "%s", one ? one : "");
    }
    ret->enabled = bool_in(form, "enabled", false);
    TAKE(ret->subject, form, "subject");
    ret->format = strcmp(text_in(form, "format"), post_format_names[SHEET_XLSX]) == 0 ? SHEET_XLSX : SHEET_CSV;
    ret->period_min = int_in(form, "period_min", 1440);
    ret->offset_min = int_in(form, "offset_min", 30);
    ret->packet_kib = int_in(form, "packet_kib", 4096);
    json_decref(form);
    return fault;
}

enum fault post_settings_put(struct store *s, const struct post_settings *p)
{
    json_t *to = json_array();
    for (size_t i = 0; i < POST_RECIPIENTS_MAX && *p->recipient[i]; i++)
        json_array_append_new(to, json_string(p->recipient[i]));
    json_t *form = json_pack("{s:b,s:o,s:s,s:s,s:i,s:i,s:i}", "enabled", p->enabled, "recipients", to, "subject", p->subject, "format", post_format_names[p->format],
                             "period_min", p->period_min, "offset_min", p->offset_min, "packet_kib", p->packet_kib);
    return form_write(s, "post", form, p->revision);
}

/* ---- rules ---- */

bool ftp_folder_valid(const char *folder)
{
    size_t size = strlen(folder);
    if (size >= FTP_FOLDER_MAX || !utf8_valid(bytes_of(folder, size)))
        return false;
    for (const char *part = folder + (*folder == '/'); *part;) {
        size_t length = strcspn(part, "/");
        if (length == 0 || (length == 1 && part[0] == '.') || (length == 2 && part[0] == '.' && part[1] == '.'))
            return false;
        for (size_t i = 0; i < length; i++)
            if ((uint8_t)part[i] < ' ' || part[i] == 0x7F || part[i] == '\\')
                return false;
        part += length;
        if (*part && !*++part)
            return false; /* nothing behind the last slash */
    }
    return true;
}

int64_t period_next(int64_t wall, int period_min, int offset_min)
{
    int64_t day = wall_day_start(wall), period = (int64_t)period_min * 60, offset = (int64_t)(offset_min % period_min) * 60;
    int64_t next = day + offset;
    if (wall >= next)
        next += ((wall - next) / period + 1) * period;
    int64_t tomorrow = day + DAY_SECONDS + offset; /* a period that does not divide the day begins anew at midnight */
    return next < tomorrow ? next : tomorrow;
}
