/* Hour files on the gateway's card and their way up by FTP (manual S4 11, 13.2, 24.2): settings, how it goes, files to download. */
#include "api/call.h"
#include "api/routes.h"
#include "api/rows.h"
#include "upstream/files/service.h"
#include "upstream/files/hour_book.h"
#include "upstream/mqtt/tls.h"

#include <stdio.h>
#include <unistd.h>

#define V1 "/api/v1"
#define REVISION { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX }
enum { BODY_MAX = 128 << 10, PART = 32 << 10 };

#define SERVER_FIELDS \
    { .name = "address", .kind = FIELD_TEXT, .most = FTP_ADDRESS_MAX - 1, .help = { { "имя или адрес; пусто: сервера нет", "a name or an address; empty: no such server" } } }, \
    { .name = "port", .kind = FIELD_INT, .least = 1, .most = 65535 }, \
    { .name = "login", .kind = FIELD_TEXT, .most = FTP_WORD_MAX - 1, .help = { { "пусто: без имени (anonymous)", "empty: anonymous" } } }, \
    { .name = "tls", .kind = FIELD_BOOL, .help = { { "явный TLS (FTPS)", "explicit TLS (FTPS)" } } }, { .name = "verify", .kind = FIELD_BOOL }, \
    { .name = "interface", .kind = FIELD_TEXT, .most = WAY_MAX - 1, .help = { { "сетевой интерфейс, по которому с ним связываются; пусто: любой", "the network interface by which it is reached; empty: any" } } }
SHAPE(shape_server, "FtpServer", SERVER_FIELDS, { .name = "password", .kind = FIELD_TEXT });
SHAPE(shape_server_change, "FtpServerChange", SERVER_FIELDS, { .name = "password", .kind = FIELD_SECRET, .most = FTP_WORD_MAX - 1, .help = { { "«***»: прежний", "\"***\": the one that is set" } } });
SHAPE(shape_leg, "FtpServerState", { .name = "tried", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "good", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "sent", .kind = FIELD_INT, .help = { { "файлов с запуска программы", "files since the program began" } } }, { .name = "bytes", .kind = FIELD_INT },
      { .name = "waiting", .kind = FIELD_INT, .help = { { "файлов ещё не на этом сервере", "files that this server does not have yet" } } }, { .name = "trouble", .kind = FIELD_TEXT });
#define FTP_FIELDS \
    { .name = "enabled", .kind = FIELD_BOOL }, \
    { .name = "second", .kind = FIELD_WORD, .words = ftp_second_names, .help = { { "второй сервер: нет, вместо первого, когда тот недоступен, тоже всё", "the second server: none, instead of the first while that is away, everything as well" } } }, \
    { .name = "folder", .kind = FIELD_TEXT, .most = FTP_FOLDER_MAX - 1, .help = { { "адрес объекта: папка на сервере", "the object's folder on the server" } } }, \
    { .name = "authority", .kind = FIELD_TEXT, .most = FTP_PEM_MAX }, \
    { .name = "period_min", .kind = FIELD_INT, .least = 1, .most = FTP_PERIOD_MOST }, { .name = "offset_min", .kind = FIELD_INT, .least = 0, .most = FTP_PERIOD_MOST - 1 }, \
    { .name = "packet_kib", .kind = FIELD_INT, .least = FTP_PACKET_LEAST, .most = FTP_PACKET_MOST, .help = { { "наибольший файл", "the largest file" } } }, \
    { .name = "answer_s", .kind = FIELD_INT, .least = 1, .most = 600 }, { .name = "passive", .kind = FIELD_BOOL }, \
    { .name = "take_time", .kind = FIELD_BOOL, .help = { { "брать время сервера", "take the server's time" } } }, \
    { .name = "time_least_s", .kind = FIELD_INT, .least = 1, .most = 86400 }, { .name = "time_most_s", .kind = FIELD_INT, .least = 1, .most = INT32_MAX }, \
    { .name = "pull", .kind = FIELD_BOOL, .help = { { "раз в сутки брать с первого сервера настройки и обновление для этого устройства", "fetch settings and an update for this unit from the first server once a day" } } }, \
    { .name = "pull_folder", .kind = FIELD_TEXT, .most = FTP_FOLDER_MAX - 1 }
SHAPE(shape_ftp, "Ftp", FTP_FIELDS, { .name = "servers", .kind = FIELD_LIST, .shape = &shape_server }, { .name = "states", .kind = FIELD_LIST, .shape = &shape_leg },
      { .name = "sending", .kind = FIELD_BOOL }, { .name = "ordered", .kind = FIELD_BOOL }, { .name = "next", .kind = FIELD_TIME, .flags = NULLABLE },
      { .name = "unsent", .kind = FIELD_INT, .help = { { "файлов, которых нет ни на одном сервере", "files that no server has" } } },
      { .name = "time", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "time_off_s", .kind = FIELD_INT }, { .name = "time_taken", .kind = FIELD_BOOL },
      { .name = "pulled", .kind = FIELD_TIME, .flags = NULLABLE }, { .name = "pulled_text", .kind = FIELD_TEXT }, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_ftp_change, "FtpChange", REVISION, FTP_FIELDS, { .name = "servers", .kind = FIELD_LIST, .least = HOUR_SERVERS, .most = HOUR_SERVERS, .shape = &shape_server_change });
#define FILES_FIELDS \
    { .name = "on", .kind = FIELD_BOOL, .help = { { "писать почасовые файлы; с FTP пишутся всегда", "write hour files; with FTP they are written anyway" } } }, \
    { .name = "days", .kind = FIELD_INT, .least = 1, .most = FILES_DAYS_MOST }, { .name = "mib", .kind = FIELD_INT, .least = 1, .most = FILES_MIB_MOST }
SHAPE(shape_files, "HourFiles", FILES_FIELDS, { .name = "writing", .kind = FIELD_BOOL }, { .name = "folder", .kind = FIELD_TEXT }, { .name = "trouble", .kind = FIELD_TEXT },
      { .name = "files", .kind = FIELD_INT }, { .name = "size", .kind = FIELD_INT }, { .name = "dropped", .kind = FIELD_INT, .help = { { "файлов ушло с карты неотправленными", "files that went from the card unsent" } } },
      { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_files_change, "HourFilesChange", REVISION, FILES_FIELDS);
SHAPE(shape_day, "HourFileDay", { .name = "day", .kind = FIELD_TEXT }, { .name = "files", .kind = FIELD_INT }, { .name = "rows", .kind = FIELD_INT }, { .name = "size", .kind = FIELD_INT },
      { .name = "waiting", .kind = FIELD_INT, .help = { { "не отправлено ни на один сервер", "sent to no server" } } });
SHAPE(shape_file, "HourFile", { .name = "id", .kind = FIELD_INT }, { .name = "path", .kind = FIELD_TEXT }, { .name = "rows", .kind = FIELD_INT }, { .name = "size", .kind = FIELD_INT },
      { .name = "made", .kind = FIELD_TIME }, { .name = "sent", .kind = FIELD_LIST, .of = FIELD_TIME, .help = { { "когда ушёл на каждый из серверов", "when it went to each of the servers" } } });

static const char hidden[] = "***";

/* What was sent takes the field's place; what was not sent leaves it. */
#define TAKE(field, from, key) take_text(field, sizeof(field), from, key)
static void take_text(char *field, size_t room, const json_t *from, const char *key)
{
    const char *sent = call_text(from, key, NULL);
    if (sent)
        snprintf(field, room, "%s", sent);
}

/* Only a gateway has a card. */
static bool here(struct call *c)
{
    return c->api->face == FACE_GATEWAY || call_refuse(c, REFUSE_NOT_FOUND);
}

static bool wrong(struct call *c, const char *field, const char *ru, const char *en)
{
    return call_wrong_field(c, field, c->lang == LANG_RU ? ru : en);
}

static bool settings_of(struct call *c, struct ftp_settings *set)
{
    return here(c) && call_good(c, ftp_settings_get(c->api->store, c->api->vault, c->arena, set), REFUSE_IN_USE);
}

static struct files_status status_of(struct call *c)
{
    struct files_status s = { 0 };
    void *state = upstream_state(c->api->upstream, &service_files);
    if (state)
        files_service_status(state, &s);
    return s;
}

/* --- FTP ------------------------------------------------------------------------------------------------------------------ */

static void put_servers(struct json_writer *out, const struct ftp_settings *set, bool reveal)
{
    json_put_list(out, "servers");
    for (int i = 0; i < HOUR_SERVERS; i++) {
        const struct ftp_server *s = &set->server[i];
        json_put_object(out, NULL);
        json_put_text(out, "address", s->address);
        json_put_int(out, "port", s->port);
        json_put_text(out, "login", s->login);
        json_put_text(out, "password", reveal ? s->password : *s->password ? hidden : "");
        json_put_bool(out, "tls", s->tls);
        json_put_bool(out, "verify", s->verify);
        json_put_text(out, "interface", s->interface);
        json_put_end(out);
    }
    json_put_end(out);
}

static void put_settings(struct json_writer *out, const struct ftp_settings *set, bool reveal)
{
    json_put_bool(out, "enabled", set->enabled);
    put_servers(out, set, reveal);
    json_put_text(out, "second", ftp_second_names[set->second]);
    json_put_text(out, "folder", set->folder);
    json_put_text(out, "authority", set->authority);
    json_put_int(out, "period_min", set->period_min);
    json_put_int(out, "offset_min", set->offset_min);
    json_put_int(out, "packet_kib", set->packet_kib);
    json_put_int(out, "answer_s", set->answer_s);
    json_put_bool(out, "passive", set->passive);
    json_put_bool(out, "take_time", set->take_time);
    json_put_int(out, "time_least_s", set->time_least_s);
    json_put_int(out, "time_most_s", set->time_most_s);
    json_put_bool(out, "pull", set->pull);
    json_put_text(out, "pull_folder", set->pull_folder);
}

static void put_states(struct call *c, const struct files_status *s, const struct hour_figures *figures)
{
    json_put_list(&c->out, "states");
    for (int i = 0; i < HOUR_SERVERS; i++) {
        json_put_object(&c->out, NULL);
        json_put_utc(&c->out, "tried", s->server[i].tried_ms);
        json_put_utc(&c->out, "good", s->server[i].good_ms);
        json_put_int(&c->out, "sent", s->server[i].sent);
        json_put_int(&c->out, "bytes", s->server[i].bytes);
        json_put_int(&c->out, "waiting", figures->waiting[i]);
        json_put_text(&c->out, "trouble", s->server[i].trouble);
        json_put_end(&c->out);
    }
    json_put_end(&c->out);
    json_put_bool(&c->out, "sending", s->sending);
    json_put_bool(&c->out, "ordered", s->ordered);
    json_put_utc(&c->out, "next", s->next_ms);
    json_put_int(&c->out, "unsent", figures->unsent);
    json_put_utc(&c->out, "time", s->time_ms);
    json_put_int(&c->out, "time_off_s", s->time_off_s);
    json_put_bool(&c->out, "time_taken", s->time_taken);
    json_put_utc(&c->out, "pulled", s->pulled_ms);
    json_put_text(&c->out, "pulled_text", s->pulled);
}

static void get_ftp(struct call *c)
{
    struct ftp_settings set;
    struct hour_figures figures;
    if (!settings_of(c, &set) || !call_good(c, store_hour_figures(c->api->store, &figures), REFUSE_IN_USE))
        return;
    struct files_status status = status_of(c);
    json_put_object(&c->out, NULL);
    put_settings(&c->out, &set, c->reveal);
    put_states(c, &status, &figures);
    json_put_int(&c->out, "revision", set.revision);
    json_put_end(&c->out);
}

static void take_server(const json_t *from, struct ftp_server *s)
{
    const char *password = call_text(from, "password", hidden);
    TAKE(s->address, from, "address");
    s->port = (int)call_int(from, "port", s->port);
    TAKE(s->login, from, "login");
    if (strcmp(password, hidden) != 0)
        snprintf(s->password, sizeof s->password, "%s", password);
    s->tls = call_bool(from, "tls", s->tls);
    s->verify = call_bool(from, "verify", s->verify);
    TAKE(s->interface, from, "interface");
}

static void take_settings(struct call *c, struct ftp_settings *s)
{
    const char *second = call_text(c->body, "second", ftp_second_names[s->second]);
    for (int i = 0; ftp_second_names[i]; i++)
        if (strcmp(second, ftp_second_names[i]) == 0)
            s->second = (enum ftp_second)i;
    for (size_t i = 0; i < HOUR_SERVERS; i++)
        take_server(json_array_get(json_object_get(c->body, "servers"), i), &s->server[i]);
    s->enabled = call_bool(c->body, "enabled", s->enabled);
    TAKE(s->folder, c->body, "folder");
    s->authority = call_text(c->body, "authority", s->authority);
    s->period_min = (int)call_int(c->body, "period_min", s->period_min);
    s->offset_min = (int)call_int(c->body, "offset_min", s->offset_min);
    s->packet_kib = (int)call_int(c->body, "packet_kib", s->packet_kib);
    s->answer_s = (int)call_int(c->body, "answer_s", s->answer_s);
    s->passive = call_bool(c->body, "passive", s->passive);
    s->take_time = call_bool(c->body, "take_time", s->take_time);
    s->time_least_s = (int)call_int(c->body, "time_least_s", s->time_least_s);
    s->time_most_s = (int)call_int(c->body, "time_most_s", s->time_most_s);
    s->pull = call_bool(c->body, "pull", s->pull);
    TAKE(s->pull_folder, c->body, "pull_folder");
    s->revision = call_int(c->body, "revision", 0);
}

static void check_server(struct call *c, const struct ftp_settings *s, int which)
{
    char field[48];
    bool needed = which == 0 ? s->enabled || s->pull : s->second != FTP_SECOND_OFF;
    snprintf(field, sizeof field, "servers[%d].address", which);
    if (*s->server[which].address ? !mail_server_valid(s->server[which].address) : needed)
        wrong(c, field, "нужно имя или адрес, без порта", "a name or an address is wanted, without a port");
    snprintf(field, sizeof field, "servers[%d].login", which);
    if (strpbrk(s->server[which].login, "\r\n"))
        wrong(c, field, "без переводов строки", "without line ends");
    snprintf(field, sizeof field, "servers[%d].interface", which);
    if (!interface_name_valid(s->server[which].interface))
        wrong(c, field, "имя сетевого интерфейса: eth0, wwan0", "the name of a network interface: eth0, wwan0");
}

static bool settings_right(struct call *c, const struct ftp_settings *s)
{
    for (int i = 0; i < HOUR_SERVERS; i++)
        check_server(c, s, i);
    if (!ftp_folder_valid(s->folder))
        wrong(c, "folder", "части через /, без . и ..", "parts divided by /, without . and ..");
    if (!ftp_folder_valid(s->pull_folder))
        wrong(c, "pull_folder", "части через /, без . и ..", "parts divided by /, without . and ..");
    if (s->offset_min >= s->period_min)
        wrong(c, "offset_min", "смещение меньше периода", "the offset is less than the period");
    if (s->time_most_s < s->time_least_s)
        wrong(c, "time_most_s", "не меньше нижнего предела", "not less than the lower limit");
    for (int i = 0; i < HOUR_SERVERS; i++)
        if (*s->server[i].address && s->server[i].tls && !s->passive && c->problems.count == 0)
            wrong(c, "passive", "по TLS данные идут только в пассивном режиме", "over TLS data go in passive mode only");
    if (*s->authority && !mqtt_certificates_valid(s->authority))
        wrong(c, "authority", "нужен сертификат в виде PEM", "a certificate in PEM form is wanted");
    return c->problems.count == 0;
}

/* For the log: the settings, passwords as they are shown. */
static void put_for_log(struct json_writer *out, const void *set)
{
    put_settings(out, set, false);
}

static void change_ftp(struct call *c)
{
    struct ftp_settings set, before;
    if (!settings_of(c, &set))
        return;
    before = set;
    take_settings(c, &set);
    if (!settings_right(c, &set) || !call_good(c, ftp_settings_put(c->api->store, c->api->vault, &set), REFUSE_TAKEN))
        return;
    call_note(c, NOTE_CONFIGURATION_CHANGE, "FTP", call_row_json(c, put_for_log, &before), call_row_json(c, put_for_log, &set));
    upstream_changed(c->api->upstream, &service_files);
    get_ftp(c);
}

static void ordered(struct call *c, enum fault f)
{
    if (f == FAULT_NO_DATA)
        wrong(c, "enabled", "сначала включите передачу и укажите сервер", "switch it on and name a server first");
    else if (call_good(c, f, REFUSE_IN_USE))
        call_done(c);
}

static void send_ftp(struct call *c)
{
    if (here(c))
        ordered(c, files_send_now(c->api->upstream));
}

static void pull_ftp(struct call *c)
{
    if (here(c))
        ordered(c, files_pull_now(c->api->upstream));
}

/* --- files ---------------------------------------------------------------------------------------------------------------- */

static void get_files(struct call *c)
{
    struct files_settings set;
    struct hour_figures figures;
    if (!here(c) || !call_good(c, files_settings_get(c->api->store, &set), REFUSE_IN_USE) || !call_good(c, store_hour_figures(c->api->store, &figures), REFUSE_IN_USE))
        return;
    struct files_status status = status_of(c);
    const char *folder = files_folder(c->api->upstream);
    json_put_object(&c->out, NULL);
    json_put_bool(&c->out, "on", set.on);
    json_put_int(&c->out, "days", set.days);
    json_put_int(&c->out, "mib", set.mib);
    json_put_bool(&c->out, "writing", status.writing);
    json_put_text(&c->out, "folder", folder ? folder : "");
    json_put_text(&c->out, "trouble", status.trouble);
    json_put_int(&c->out, "files", figures.files);
    json_put_int(&c->out, "size", figures.size);
    json_put_int(&c->out, "dropped", status.dropped);
    json_put_int(&c->out, "revision", set.revision);
    json_put_end(&c->out);
}

static void change_files(struct call *c)
{
    struct files_settings set;
    if (!here(c) || !call_good(c, files_settings_get(c->api->store, &set), REFUSE_IN_USE))
        return;
    set.on = call_bool(c->body, "on", set.on);
    set.days = (int)call_int(c->body, "days", set.days);
    set.mib = (int)call_int(c->body, "mib", set.mib);
    set.revision = call_int(c->body, "revision", 0);
    if (!call_good(c, files_settings_put(c->api->store, &set), REFUSE_TAKEN))
        return;
    call_note(c, NOTE_CONFIGURATION_CHANGE, c->lang == LANG_RU ? "почасовые файлы" : "hour files", NULL, call_json(c, c->body));
    upstream_changed(c->api->upstream, &service_files);
    get_files(c);
}

struct listing {
    struct call *c;
    int64_t count;
};

static bool put_day(void *context, const struct hour_day *d)
{
    struct listing *l = context;
    char text[CIVIL_TEXT_MAX];
    wall_format(d->day, text);
    text[10] = 0;
    json_put_object(&l->c->out, NULL);
    json_put_text(&l->c->out, "day", text);
    json_put_int(&l->c->out, "files", d->files);
    json_put_int(&l->c->out, "rows", d->rows);
    json_put_int(&l->c->out, "size", d->size);
    json_put_int(&l->c->out, "waiting", d->waiting);
    json_put_end(&l->c->out);
    l->count++;
    return true;
}

static void list_days(struct call *c)
{
    struct listing l = { c, 0 };
    if (!here(c))
        return;
    list_begin(c);
    enum fault f = store_hour_days(c->api->store, put_day, &l);
    list_end(c, l.count, f);
}

static bool put_file(void *context, const struct hour_file *f)
{
    struct listing *l = context;
    char path[HOUR_PATH_MAX];
    json_put_object(&l->c->out, NULL);
    json_put_int(&l->c->out, "id", f->id);
    json_put_text(&l->c->out, "path", hour_file_path(f, path));
    json_put_int(&l->c->out, "rows", f->rows);
    json_put_int(&l->c->out, "size", f->size);
    json_put_utc(&l->c->out, "made", f->made_ms);
    json_put_list(&l->c->out, "sent");
    for (int i = 0; i < HOUR_SERVERS; i++)
        json_put_utc(&l->c->out, NULL, f->sent_ms[i]);
    json_put_end(&l->c->out);
    json_put_end(&l->c->out);
    l->count++;
    return true;
}

/* The day that the path names. */
static bool day_of(struct call *c, struct span *ret)
{
    int64_t day = strlen(c->match.word[0]) == 10 ? wall_parse(c->match.word[0]) : WALL_NONE;
    if (!here(c))
        return false;
    *ret = (struct span){ day, day + DAY_SECONDS };
    return day != WALL_NONE || call_refuse(c, REFUSE_NOT_FOUND);
}

static void list_files(struct call *c)
{
    struct listing l = { c, 0 };
    struct span day;
    if (!day_of(c, &day))
        return;
    list_begin(c);
    enum fault f = store_hour_files(c->api->store, day, put_file, &l);
    list_end(c, l.count, f);
}

/* From the card to the client; `heading`: with its first line. */
static bool pour(struct call *c, struct flow *out, const struct hour_file *file, bool heading)
{
    char part[PART];
    int fd = hour_book_open(files_folder(c->api->upstream), file);
    ssize_t size = 0;
    bool good = fd >= 0, first = !heading;
    while (good && (size = read(fd, part, sizeof part)) > 0) {
        char *from = first ? memchr(part, '\n', (size_t)size) : NULL;
        size_t skip = from ? (size_t)(from + 1 - part) : 0;
        first = false;
        good = flow_write(out, part + skip, (size_t)size - skip, STREAM_PATIENCE_MS);
    }
    if (fd >= 0)
        close(fd);
    return good && size == 0;
}

static void get_file(struct call *c)
{
    struct hour_file file;
    char path[HOUR_PATH_MAX];
    if (!here(c) || !call_good(c, store_hour_file_get(c->api->store, c->match.number[0], &file), REFUSE_IN_USE))
        return;
    if (!files_folder(c->api->upstream)) {
        call_refuse(c, REFUSE_NOT_FOUND);
        return;
    }
    hour_file_path(&file, path);
    for (char *at = path; *at; at++)
        *at = *at == '/' ? '-' : *at;
    struct flow *out = call_stream(c, "text/csv; charset=utf-8", path);
    flow_end(out, pour(c, out, &file, true));
    flow_unref(&out);
}

struct day_files {
    struct call *c;
    struct hour_file *at;
    size_t count, room;
};

static bool keep_file(void *context, const struct hour_file *f)
{
    struct day_files *d = context;
    if (d->count == d->room) {
        size_t room = d->room ? d->room * 2 : 32;
        struct hour_file *more = arena_take(d->c->arena, room * sizeof *more);
        if (d->count)
            memcpy(more, d->at, d->count * sizeof *more);
        d->at = more;
        d->room = room;
    }
    d->at[d->count++] = *f;
    return true;
}

/* All of a day as one table. */
static void get_day(struct call *c)
{
    struct day_files d = { .c = c };
    struct span day;
    char name[48];
    if (!day_of(c, &day) || !call_good(c, store_hour_files(c->api->store, day, keep_file, &d), REFUSE_IN_USE))
        return;
    if (!d.count || !files_folder(c->api->upstream)) {
        call_refuse(c, REFUSE_NOT_FOUND);
        return;
    }
    snprintf(name, sizeof name, "%.10s.csv", c->match.word[0]);
    struct flow *out = call_stream(c, "text/csv; charset=utf-8", name);
    bool good = true;
    for (size_t i = 0; i < d.count && good; i++)
        good = pour(c, out, &d.at[i], i == 0);
    flow_end(out, good);
    flow_unref(&out);
}

#define READ MAY_READ_HES_CONFIG
#define WRITE MAY_WRITE_HES_CONFIG
#define CSV "text/csv; charset=utf-8"

static const struct route rows[] = {
    { "GET", V1 "/ftp", READ, 0, NULL, NULL, &shape_ftp, NULL, 0, get_ftp, { { "передача файлов по FTP: настройки и как она идёт", "delivery by FTP: settings and how it goes" } } },
    { "PATCH", V1 "/ftp", WRITE, 0, NULL, &shape_ftp_change, &shape_ftp, NULL, BODY_MAX, change_ftp, { { "настроить передачу по FTP", "set delivery by FTP up" } } },
    { "POST", V1 "/ftp/send", WRITE, 0, NULL, NULL, NULL, NULL, 0, send_ftp, { { "передать на сервер сейчас", "send to the server now" } } },
    { "POST", V1 "/ftp/pull", WRITE, 0, NULL, NULL, NULL, NULL, 0, pull_ftp, { { "взять с сервера файлы для этого устройства сейчас", "fetch files for this unit from the server now" } } },
    { "GET", V1 "/files", READ, 0, NULL, NULL, &shape_files, NULL, 0, get_files, { { "почасовые файлы на карте памяти", "hour files on the memory card" } } },
    { "PATCH", V1 "/files", WRITE, 0, NULL, &shape_files_change, &shape_files, NULL, 0, change_files, { { "настроить почасовые файлы", "set hour files up" } } },
    { "GET", V1 "/files/days", READ, ROUTE_LIST, NULL, NULL, &shape_day, NULL, 0, list_days, { { "дни, за которые есть файлы", "days that have files" } } },
    { "GET", V1 "/files/days/{day:word}", READ, ROUTE_LIST, NULL, NULL, &shape_file, NULL, 0, list_files, { { "файлы дня", "files of a day" } } },
    { "GET", V1 "/files/days/{day:word}/content", READ, ROUTE_SLOW | ROUTE_STREAM, NULL, NULL, NULL, CSV, 0, get_day, { { "все файлы дня одной таблицей", "all files of a day as one table" } } },
    { "GET", V1 "/files/{id}/content", READ, ROUTE_SLOW | ROUTE_STREAM, NULL, NULL, NULL, CSV, 0, get_file, { { "файл", "a file" } } },
};

ROUTE_TABLE(rows);
