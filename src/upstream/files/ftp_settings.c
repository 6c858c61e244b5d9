/* Settings of FTP, of hour files and of letters with data; see ftp_settings.h. */
#include "upstream/files/ftp_settings.h"
#include "base/civil.h"
#include "base/text.h"
#include "people/certificates.h"
#include "store/box/form_json.h"

#include <stdio.h>
#include <stdlib.h>

const char *const ftp_second_names[] = { "off", "instead", "also", NULL };
const char *const post_format_names[] = { [SHEET_CSV] = "csv", [SHEET_XLSX] = "xlsx", NULL };

/* ---- FTP ---- */

static void read_server(const json_t *from, const struct vault *v, struct ftp_server *s)
{
    struct arena a = { 0 };
    const char *password = vault_unseal(v, form_text(from, "password"), &a);
    FORM_TAKE(s->address, from, "address");
    s->port = (int)form_int(from, "port", 21);
    FORM_TAKE(s->login, from, "login");
    snprintf(s->password, sizeof s->password, "%s", password ? password : "");
    s->tls = form_bool(from, "tls", false);
    s->verify = form_bool(from, "verify", true);
    FORM_TAKE(s->interface, from, "interface");
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
    enum fault fault = store_form_read(s, "ftp", &form, &ret->revision);
    const json_t *servers = json_object_get(form, "servers");
    for (size_t i = 0; i < HOUR_SERVERS; i++)
        read_server(json_array_get(servers, i), v, &ret->server[i]);
    ret->enabled = form_bool(form, "enabled", false);
    ret->second = second_of(form_text(form, "second"));
    FORM_TAKE(ret->folder, form, "folder");
    ret->authority = *form_text(form, "authority") ? arena_text(a, bytes_of_text(form_text(form, "authority"))) : "";
    ret->period_min = (int)form_int(form, "period_min", ret->period_min);
    ret->offset_min = (int)form_int(form, "offset_min", ret->offset_min);
    ret->packet_kib = (int)form_int(form, "packet_kib", ret->packet_kib);
    ret->answer_s = (int)form_int(form, "answer_s", ret->answer_s);
    ret->passive = form_bool(form, "passive", true);
    ret->take_time = form_bool(form, "take_time", false);
    ret->time_least_s = (int)form_int(form, "time_least_s", ret->time_least_s);
    ret->time_most_s = (int)form_int(form, "time_most_s", ret->time_most_s);
    ret->pull = form_bool(form, "pull", false);
    FORM_TAKE(ret->pull_folder, form, "pull_folder");
    json_decref(form);
    return fault;
}

static json_t *server_json(const struct vault *v, const struct ftp_server *s, struct arena *a)
{
    return json_pack("{s:s,s:i,s:s,s:s,s:b,s:b,s:s}", "address", s->address, "port", s->port, "login", s->login, "password", vault_seal(v, s->password, a), "tls", s->tls,
                     "verify", s->verify, "interface", s->interface);
}

enum fault ftp_settings_put(struct store *s, const struct vault *v, const struct ftp_settings *f)
{
    struct arena a = { 0 };
    json_t *form = json_pack("{s:b,s:[o,o],s:s,s:s,s:s,s:i,s:i,s:i,s:i,s:b,s:b,s:i,s:i,s:b,s:s}", "enabled", f->enabled, "servers", server_json(v, &f->server[0], &a),
                             server_json(v, &f->server[1], &a), "second", ftp_second_names[f->second], "folder", f->folder, "authority", f->authority, "period_min", f->period_min,
                             "offset_min", f->offset_min, "packet_kib", f->packet_kib, "answer_s", f->answer_s, "passive", f->passive, "take_time", f->take_time,
                             "time_least_s", f->time_least_s, "time_most_s", f->time_most_s, "pull", f->pull, "pull_folder", f->pull_folder);
    enum fault fault = store_form_write(s, "ftp", form, f->revision);
    arena_free(&a);
    return fault;
}

static enum fault list_authority(struct store *s, certificate_kept_fn *each, void *context)
{
    json_t *form = NULL;
    int64_t revision;
    bool tls = false;
    enum fault fault = store_form_read(s, "ftp", &form, &revision);
    for (size_t i = 0; i < HOUR_SERVERS; i++)
        tls |= form_bool(json_array_get(json_object_get(form, "servers"), i), "tls", false);
    if (fault == FAULT_NONE)
        each(context, &(struct certificate_kept){ .part = "authority", .which = "", .pem = form_text(form, "authority"), .used = tls && form_bool(form, "enabled", false) });
    json_decref(form);
    return fault;
}

CERTIFICATE_OWNER(ftp) = { "ftp", { { "Отправка по FTP", "Sending by FTP" } }, list_authority };

/* ---- files ---- */

enum fault files_settings_get(struct store *s, struct files_settings *ret)
{
    json_t *form;
    *ret = (struct files_settings){ 0 };
    enum fault fault = store_form_read(s, "files", &form, &ret->revision);
    ret->on = form_bool(form, "on", false);
    ret->days = (int)form_int(form, "days", 365);
    ret->mib = (int)form_int(form, "mib", 512);
    json_decref(form);
    return fault;
}

enum fault files_settings_put(struct store *s, const struct files_settings *f)
{
    return store_form_write(s, "files", json_pack("{s:b,s:i,s:i}", "on", f->on, "days", f->days, "mib", f->mib), f->revision);
}

/* ---- letters ---- */

enum fault post_settings_get(struct store *s, struct post_settings *ret)
{
    json_t *form;
    *ret = (struct post_settings){ 0 };
    enum fault fault = store_form_read(s, "post", &form, &ret->revision);
    const json_t *to = json_object_get(form, "recipients");
    size_t count = json_array_size(to) < POST_RECIPIENTS_MAX ? json_array_size(to) : POST_RECIPIENTS_MAX;
    for (size_t i = 0; i < count; i++) {
        const char *one = json_string_value(json_array_get(to, i));
        snprintf(ret->recipient[i], sizeof ret->recipient[i], "%s", one ? one : "");
    }
    ret->enabled = form_bool(form, "enabled", false);
    FORM_TAKE(ret->subject, form, "subject");
    ret->format = strcmp(form_text(form, "format"), post_format_names[SHEET_XLSX]) == 0 ? SHEET_XLSX : SHEET_CSV;
    ret->period_min = (int)form_int(form, "period_min", 1440);
    ret->offset_min = (int)form_int(form, "offset_min", 30);
    ret->packet_kib = (int)form_int(form, "packet_kib", 4096);
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
    return store_form_write(s, "post", form, p->revision);
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
