/* Devices as workbooks (S3 2.2.34, 2.2.35): a template, import of new ones, import with update, export, and the workbook that
 * says what was wrong. Table 6 names the columns and their limits; they are found by their headings, whatever their order. */
#include "api/devices/intake.h"
#include "api/routes.h"
#include "http/sheet.h"
#include "http/sheet_read.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define V1 "/api/v1"
#define XLSX "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
enum { FILE_MOST = 16 << 20, NAME_MOST = 100, NUMBER_MOST = 65535 };

enum column {
    LINK_NAME, LINK_KIND, LINK_IP, LINK_PORT, PROTOCOL_NAME, PROTOCOL_KIND, PROTOCOL_ADDRESS, PROTOCOL_PASSWORD, PROTOCOL_TIMEOUT, GROUP_NAME,
    DEVICE_TYPE, DEVICE_SERIAL, COLUMNS
};

static const struct phrase heads[COLUMNS] = {
    { { "канал связи имя", "channel name" } }, { { "канал связи тип", "channel type" } }, { { "адрес ip", "ip address" } }, { { "порт ip", "ip port" } },
    { { "протокол имя", "protocol name" } }, { { "протокол тип", "protocol type" } }, { { "протокол адрес", "protocol address" } },
    { { "протокол пароль", "protocol password" } }, { { "протокол тайм аут", "protocol timeout" } }, { { "группа имя", "group name" } },
    { { "тип устройства", "device type" } }, { { "серийный номер устройства", "device serial number" } } };

SHAPE(shape_options, "XlsxOptions", { .name = "update", .kind = FIELD_BOOL, .help = { { "true: изменить то, что уже есть", "true: change what there is already" } } });
SHAPE(shape_filters, "XlsxExport", FILTER_FIELDS);

/* --- rows ------------------------------------------------------------------------------------------------------------------- */

struct row {
    int number;
    const char *cell[COLUMNS];
    size_t link, protocol; /* of the file's: number from 1 */
    bool masked;           /* "***": the password stays */
};

struct table {
    struct call *c;
    struct intake in;
    int at[COLUMNS];       /* where each column stands; -1: nowhere */
    bool headed;
    struct row *rows;
    size_t count, room;
    int last;
};

static const char *where(struct table *t, const struct row *r, enum column column)
{
    char name[16];
    struct text text = text_over(name, sizeof name);
    sheet_cell_name(t->at[column], r->number, &text);
    return arena_text(t->c->arena, bytes_of_text(name));
}

static bool wrong(struct table *t, const struct row *r, enum column column, const char *ru, const char *en)
{
    return intake_wrong(&t->in, where(t, r, column), ru, en);
}

static bool same_heading(const char *cell, const struct phrase *head)
{
    char folded[SHEET_CELL_MAX + 1];
    text_fold(cell, folded, sizeof folded);
    folded[strcspn(folded, "\r\n")] = '\0';
    for (size_t size = strlen(folded); size && folded[size - 1] == ' '; size--)
        folded[size - 1] = '\0';
    return strcmp(folded, phrase_in(head, LANG_RU)) == 0 || strcmp(folded, phrase_in(head, LANG_EN)) == 0;
}

static void take_headings(struct table *t, const char *const cell[SHEET_COLUMNS_MAX])
{
    for (int i = 0; i < COLUMNS; i++) {
        t->at[i] = -1;
        for (int k = 0; k < SHEET_COLUMNS_MAX && t->at[i] < 0; k++)
            if (cell[k] && same_heading(cell[k], &heads[i]))
                t->at[i] = k;
        if (t->at[i] < 0) {
            char message[200];
            snprintf(message, sizeof message, t->c->lang == LANG_RU ? "нет столбца «%s»" : "there is no column \"%s\"", phrase_in(&heads[i], t->c->lang));
            intake_wrong_text(&t->in, "1", message);
        }
    }
    t->headed = true;
}

/* Columns whose blanks at the ends count: by the names rows are found, and a password is what it is. */
static bool is_exact(int column)
{
    return column == LINK_NAME || column == PROTOCOL_NAME || column == GROUP_NAME || column == PROTOCOL_PASSWORD;
}

static bool take_row(void *context, int number, const char *const cell[SHEET_COLUMNS_MAX])
{
    struct table *t = context;
    if (!t->headed) {
        take_headings(t, cell);
        t->last = number;
        return t->in.mistake_count == 0;
    }
    if (t->count == INTAKE_MOST)
        return intake_wrong(&t->in, "1", "не больше 20000 строк", "at most 20000 rows");
    if (t->count == t->room) {
        size_t room = t->room ? t->room * 2 : 256;
        t->rows = memory_grow(t->rows, t->room * sizeof *t->rows, room * sizeof *t->rows);
        t->room = room;
    }
    struct row *r = &t->rows[t->count++];
    *r = (struct row){ .number = number };
    for (int i = 0; i < COLUMNS; i++)
        r->cell[i] = cell[t->at[i]] ? arena_text(t->c->arena, is_exact(i) ? bytes_of_text(cell[t->at[i]]) : text_trimmed(cell[t->at[i]])) : "";
    if (number != t->last + 1)
        wrong(t, r, LINK_NAME, "перед этой строкой есть пустые", "there are empty rows before this one");
    t->last = number;
    return true;
}

/* --- limits of table 6 -------------------------------------------------------------------------------------------------------- */

static bool is_number(const char *text, long least, long most)
{
    char *end;
    long value = strtol(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && value >= least && value <= most;
}

static bool is_ip(const char *text)
{
    unsigned part[4];
    int used = 0;
    if (sscanf(text, "%3u.%3u.%3u.%3u%n", &part[0], &part[1], &part[2], &part[3], &used) != 4 || text[used] || strspn(text, "0123456789.") != strlen(text))
        return false;
    return part[0] <= 255 && part[1] <= 255 && part[2] <= 255 && part[3] <= 255;
}

/* Letters that look alike in both alphabets: people type СЕ207 either way. */
static const char *type_of(struct table *t, const char *cell)
{
    char *plain = arena_take(t->c->arena, strlen(cell) + 1), *out = plain;
    for (const char *at = cell; *at;) {
        static const struct { const char *letter; char latin; } alike[] = { { "С", 'C' }, { "Е", 'E' }, { "с", 'C' }, { "е", 'E' } };
        bool met = false;
        for (size_t i = 0; i < sizeof alike / sizeof *alike && !met; i++)
            if (strncmp(at, alike[i].letter, 2) == 0) {
                *out++ = alike[i].latin;
                at += 2;
                met = true;
            }
        if (!met) {
            *out++ = (char)(*at == 'c' ? 'C' : *at == 'e' ? 'E' : *at);
            at++;
        }
    }
    *out = '\0';
    if ((plain[0] == 's' || plain[0] == 'S') && plain[1] == 'E') /* as table 6 spells it */
        plain[0] = 'C';
    return strncmp(plain, "CE", 2) == 0 ? plain : cell;
}

/* The types of table 6, and no other. */
static bool known_type(const char *type)
{
    static const char *const types[] = { "CE207", "CE208", "CE307", "CE308" };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i], type) == 0)
            return true;
    return false;
}

static void check_texts(struct table *t, const struct row *r)
{
    static const enum column named[] = { LINK_NAME, PROTOCOL_NAME, PROTOCOL_PASSWORD, DEVICE_SERIAL, GROUP_NAME };
    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        size_t size = utf8_length(r->cell[named[i]]);
        if (text_is_blank(r->cell[named[i]]) || size > NAME_MOST)
            wrong(t, r, named[i], "длина от 1 до 100 символов", "1 to 100 characters");
    }
    if (strchr(r->cell[PROTOCOL_PASSWORD], ';'))
        wrong(t, r, PROTOCOL_PASSWORD, "точка с запятой не допускается", "semicolons are not allowed");
}

static void check_row(struct table *t, struct row *r)
{
    check_texts(t, r);
    if (strcasecmp(r->cell[LINK_KIND], "tcp") != 0 && strcasecmp(r->cell[LINK_KIND], "tcp/ip") != 0)
        wrong(t, r, LINK_KIND, "такое значение недопустимо: нужно TCP", "this value is not allowed: TCP is needed");
    if (!is_ip(r->cell[LINK_IP]))
        wrong(t, r, LINK_IP, "нужен адрес вида 10.0.0.5", "an address like 10.0.0.5 is needed");
    if (!is_number(r->cell[LINK_PORT], 0, NUMBER_MOST))
        wrong(t, r, LINK_PORT, "нужно число от 0 до 65535", "a number from 0 to 65535 is needed");
    if (strcasecmp(r->cell[PROTOCOL_KIND], "dlms") != 0)
        wrong(t, r, PROTOCOL_KIND, "такое значение недопустимо: нужно DLMS", "this value is not allowed: DLMS is needed");
    if (!is_number(r->cell[PROTOCOL_ADDRESS], 0, NUMBER_MOST))
        wrong(t, r, PROTOCOL_ADDRESS, "нужно число от 0 до 65535", "a number from 0 to 65535 is needed");
    if (!is_number(r->cell[PROTOCOL_TIMEOUT], 0, NUMBER_MOST))
        wrong(t, r, PROTOCOL_TIMEOUT, "нужно число от 0 до 65535", "a number from 0 to 65535 is needed");
    r->cell[DEVICE_TYPE] = type_of(t, r->cell[DEVICE_TYPE]);
    if (!known_type(r->cell[DEVICE_TYPE]))
        wrong(t, r, DEVICE_TYPE, "такое значение недопустимо: нужно CE207, CE208, CE307 или CE308", "this value is not allowed: CE207, CE208, CE307 or CE308 is needed");
    if (secrets_reserved(r->cell[PROTOCOL_PASSWORD]))
        wrong(t, r, PROTOCOL_PASSWORD, "значение не может начинаться с «sealed:»", "a value may not begin with \"sealed:\"");
    r->masked = strcmp(r->cell[PROTOCOL_PASSWORD], SECRET_MASK) == 0;
}

/* --- channels and profiles of the rows --------------------------------------------------------------------------------------------- */

/* Rows that share the name in one column, the file's order within. */
struct run {
    struct row **rows;
    size_t count;
    struct store_protocol stored; /* the profile of that name */
    size_t stored_count;
};

struct runs {
    struct table *t;
    enum column column;
    struct row **sorted;
    struct run *list;
    size_t count;
};

static int compare_names(const void *a, const void *b, void *context)
{
    const struct row *x = *(struct row *const *)a, *y = *(struct row *const *)b;
    enum column column = *(enum column *)context;
    int order = strcmp(x->cell[column], y->cell[column]);
    return order ? order : x->number - y->number;
}

static struct runs runs_of(struct table *t, enum column column)
{
    struct runs all = { .t = t, .column = column };
    all.sorted = arena_take(t->c->arena, (t->count + 1) * sizeof *all.sorted);
    all.list = arena_take(t->c->arena, (t->count + 1) * sizeof *all.list);
    for (size_t i = 0; i < t->count; i++)
        all.sorted[i] = &t->rows[i];
    qsort_r(all.sorted, t->count, sizeof *all.sorted, compare_names, &column);
    for (size_t i = 0; i < t->count; i++) {
        if (i == 0 || strcmp(all.sorted[i]->cell[column], all.sorted[i - 1]->cell[column]) != 0)
            all.list[all.count++].rows = &all.sorted[i];
        all.list[all.count - 1].count++;
    }
    return all;
}

/* What belongs to the named thing is the same in all of its rows. */
static void agree(struct table *t, const struct run *run, enum column column)
{
    for (size_t i = 1; i < run->count; i++)
        if (strcmp(run->rows[i]->cell[column], run->rows[0]->cell[column]) != 0)
            wrong(t, run->rows[i], column, "у строк с одним именем значение должно быть одинаковым", "rows with one name must have one value here");
}

static void make_links(struct table *t)
{
    struct runs all = runs_of(t, LINK_NAME);
    for (size_t i = 0; i < all.count; i++) {
        const struct run *run = &all.list[i];
        const struct row *first = run->rows[0];
        char uri[64];
        agree(t, run, LINK_IP);
        agree(t, run, LINK_PORT);
        snprintf(uri, sizeof uri, "tcp://%.15s:%.5s", first->cell[LINK_IP], first->cell[LINK_PORT]);
        t->in.links[t->in.link_count++] = (struct intake_link){
            .where = where(t, first, LINK_NAME),
            .row = { .title = first->cell[LINK_NAME], .uri = arena_text(t->c->arena, bytes_of_text(uri)), .settings = "", .guid = "", .project = t->c->caller.project } };
        for (size_t k = 0; k < run->count; k++)
            run->rows[k]->link = t->in.link_count;
    }
}

/* --- profiles: what goes into them and what stays with the device ------------------------------------------------------------------- */

static bool note_stored(void *context, const struct store_protocol *p)
{
    struct runs *all = context;
    struct arena *a = all->t->c->arena;
    size_t low = 0, high = all->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(all->list[middle].rows[0]->cell[PROTOCOL_NAME], p->title) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == all->count || strcmp(all->list[low].rows[0]->cell[PROTOCOL_NAME], p->title) != 0)
        return true;
    all->list[low].stored_count++;
    all->list[low].stored = *p;
    all->list[low].stored.parameters = arena_text(a, bytes_of_text(parameters_open(all->t->c, p->parameters)));
    all->list[low].stored.driver = arena_text(a, bytes_of_text(p->driver));
    return true;
}

static bool alike(const struct run *run, enum column column)
{
    for (size_t i = 1; i < run->count; i++)
        if (strcmp(run->rows[i]->cell[column], run->rows[0]->cell[column]) != 0)
            return false;
    return true;
}

static const char *set_parameter(struct table *t, const char *text, const char *name, const char *value)
{
    json_t *map = json_pack("{s:s}", name, value);
    const char *all = map ? parameters_over(t->c, "", map, text) : text;
    json_decref(map);
    return all ? all : text;
}

/* A value that all rows share belongs to the profile, unless others use it, whom the file does not know; else to each device. */
static const char *share(struct table *t, const struct run *run, enum column column, const char *name, const char *text, bool ours)
{
    const char *has = parameter_value(t->c, text, name), *value = run->rows[0]->cell[column];
    bool masked = column == PROTOCOL_PASSWORD && run->rows[0]->masked;
    if (masked || !alike(run, column) || (has && strcmp(has, value) == 0) || !ours)
        return text;
    return set_parameter(t, text, name, value);
}

static void make_protocol(struct table *t, struct run *run)
{
    const struct row *first = run->rows[0];
    int64_t uses = 0;
    bool known = run->stored_count == 1;
    agree(t, run, PROTOCOL_TIMEOUT);
    if (known)
        store_protocol_uses(t->c->api->store, run->stored.id, &uses);
    bool ours = !known || (t->in.update && uses <= (int64_t)run->count);
    const char *text = known ? run->stored.parameters : "", *timeout = parameter_value(t->c, text, "timeout");
    if (atoi(timeout ? timeout : "0") != atoi(first->cell[PROTOCOL_TIMEOUT]))
        text = set_parameter(t, text, "timeout", first->cell[PROTOCOL_TIMEOUT]);
    text = share(t, run, PROTOCOL_ADDRESS, "physical", text, ours);
    text = share(t, run, PROTOCOL_PASSWORD, "password", text, ours);
    t->in.protocols[t->in.protocol_count++] = (struct intake_protocol){
        .where = where(t, first, PROTOCOL_NAME),
        .row = { .title = first->cell[PROTOCOL_NAME], .driver = "spodes", .parameters = text, .guid = "", .project = t->c->caller.project } };
    for (size_t i = 0; i < run->count; i++)
        run->rows[i]->protocol = t->in.protocol_count;
}

static bool make_protocols(struct table *t)
{
    struct runs all = runs_of(t, PROTOCOL_NAME);
    if (!call_good(t->c, store_protocols_of(t->c->api->store, t->c->caller.project, note_stored, &all), REFUSE_IN_USE))
        return false;
    for (size_t i = 0; i < all.count; i++)
        make_protocol(t, &all.list[i]);
    return true;
}

/* --- devices -------------------------------------------------------------------------------------------------------------------------- */

static const char *const says_all[] = { "physical", "password", NULL }, *const says_address[] = { "physical", NULL };

/* What the row says and its profile does not is the device's own. */
static const char *own_parameters(struct table *t, const struct row *r)
{
    const char *profile = t->in.protocols[r->protocol - 1].row.parameters, *own = "";
    const struct { const char *name; enum column column; } values[] = { { "physical", PROTOCOL_ADDRESS }, { "password", PROTOCOL_PASSWORD } };
    for (size_t i = 0; i < 2; i++) {
        const char *has = parameter_value(t->c, profile, values[i].name);
        if ((!has || strcmp(has, r->cell[values[i].column]) != 0) && !(values[i].column == PROTOCOL_PASSWORD && r->masked))
            own = set_parameter(t, own, values[i].name, r->cell[values[i].column]);
    }
    return own;
}

static void make_meter(struct table *t, const struct row *r)
{
    struct intake_meter *m = &t->in.meters[t->in.meter_count++];
    *m = (struct intake_meter){ .row = t->in.model, .line_count = 1, .says = r->masked ? says_address : says_all, .where = where(t, r, DEVICE_SERIAL) };
    m->row.driver = "spodes";
    m->row.source = METER_IMPORTED;
    m->row.serial = r->cell[DEVICE_SERIAL];
    m->row.model = r->cell[DEVICE_TYPE];
    m->row.group = *r->cell[GROUP_NAME] ? r->cell[GROUP_NAME] : m->row.group;
    m->lines = arena_take(t->c->arena, sizeof *m->lines);
    m->lines[0] = (struct intake_line){ .link = (int)r->link, .protocol = (int)r->protocol, .where = where(t, r, PROTOCOL_ADDRESS),
                                        .row = { .enabled = true, .parameters = own_parameters(t, r), .guid = "" } };
}

/* True when all was taken in; everything that is wrong is noted. */
static bool take_table(struct table *t, struct bytes file)
{
    char problem[256];
    struct text why = text_over(problem, sizeof problem);
    struct call *c = t->c;
    intake_begin(&t->in, c, 0, 0, 0, 0);
    t->in.by_name = true;
    if (!sheet_read(file, take_row, t, c->lang, &why))
        return intake_wrong_text(&t->in, "1", problem);
    if (!t->headed)
        take_headings(t, (const char *const[SHEET_COLUMNS_MAX]){ NULL });
    if (t->count == 0 && !t->in.mistake_count)
        intake_wrong(&t->in, "2", "в книге нет устройств", "the workbook has no devices");
    for (size_t i = 0; i < t->count; i++)
        check_row(t, &t->rows[i]);
    if (t->in.mistake_count)
        return false;
    struct intake_mistake *mistakes = t->in.mistakes;
    intake_begin(&t->in, c, t->count, t->count, 0, t->count);
    t->in.mistakes = mistakes;
    make_links(t);
    if (!make_protocols(t))
        return false;
    for (size_t i = 0; i < t->count; i++)
        make_meter(t, &t->rows[i]);
    return !t->in.mistake_count && intake_finish(&t->in);
}

/* --- reports of mistakes: the file again, its wrong cells marked --------------------------------------------------------------------------- */

enum { REPORTS = 8, REPORT_MOST = 4 << 20, REPORT_ID = 32 };

/* The last few, in memory; a file that is too large has none. */
static struct report {
    char id[REPORT_ID + 1];
    int64_t person, project;
    struct bytes file;
    struct intake_mistake *mistakes;
    size_t count;
} reports[REPORTS];
static size_t next_report;
static pthread_mutex_t reports_lock = PTHREAD_MUTEX_INITIALIZER;

static void forget_report(struct report *r)
{
    for (size_t i = 0; i < r->count; i++) {
        free((void *)(uintptr_t)r->mistakes[i].where);
        free((void *)(uintptr_t)r->mistakes[i].message);
    }
    free(r->mistakes);
    free((void *)(uintptr_t)r->file.data);
    *r = (struct report){ .id = "" };
}

/* Its id, in the arena; NULL when there is none. */
static const char *keep_report(struct table *t, struct bytes file)
{
    size_t count = t->in.mistake_count < INTAKE_TOLD ? t->in.mistake_count : INTAKE_TOLD;
    uint8_t noise[REPORT_ID / 2];
    if (!t->headed || t->count == 0 || count == 0 || file.size > REPORT_MOST)
        return NULL;
    pthread_mutex_lock(&reports_lock);
    struct report *r = &reports[next_report++ % REPORTS];
    forget_report(r);
    randombytes_buf(noise, sizeof noise);
    sodium_bin2hex(r->id, sizeof r->id, noise, sizeof noise);
    r->person = t->c->caller.person;
    r->project = t->c->caller.project;
    uint8_t *copy = memory_new(file.size);
    memcpy(copy, file.data, file.size);
    r->file = bytes_of(copy, file.size);
    r->mistakes = memory_new(count * sizeof *r->mistakes);
    r->count = count;
    for (size_t i = 0; i < count; i++)
        r->mistakes[i] = (struct intake_mistake){ strdup(t->in.mistakes[i].where), strdup(t->in.mistakes[i].message) };
    const char *id = arena_text(t->c->arena, bytes_of_text(r->id));
    pthread_mutex_unlock(&reports_lock);
    return id;
}

struct marking {
    struct sheet *sheet;
    const struct report *report;
    enum lang lang;
    int columns;
};

static const char *mistake_at(const struct marking *m, int row, int column, const char *found, size_t *from)
{
    char name[16];
    struct text t = text_over(name, sizeof name);
    sheet_cell_name(column, row, &t);
    for (; *from < m->report->count; (*from)++)
        if (strcmp(m->report->mistakes[*from].where, name) == 0)
            return m->report->mistakes[(*from)++].message;
    return found;
}

/* The row as it came, and what is wrong with it in words behind its last cell: "D7: ...; G7: ...". */
static bool mark_row(void *context, int row, const char *const cell[SHEET_COLUMNS_MAX])
{
    static const struct phrase head = { { "Ошибка", "Mistake" } };
    struct marking *m = context;
    char words[2000] = "";
    struct text t = text_over(words, sizeof words);
    if (!m->columns) {
        for (int k = 0; k < SHEET_COLUMNS_MAX; k++)
            m->columns = cell[k] ? k + 1 : m->columns;
        for (int k = 0; k < m->columns; k++)
            sheet_head(m->sheet, cell[k] ? cell[k] : "");
        sheet_head(m->sheet, phrase_in(&head, m->lang));
        return sheet_row(m->sheet);
    }
    for (int k = 0; k < m->columns; k++) {
        bool marked = false;
        size_t from = 0;
        for (const char *message = mistake_at(m, row, k, NULL, &from); message; message = mistake_at(m, row, k, NULL, &from)) {
            text_put(&t, t.size ? "; " : "");
            sheet_cell_name(k, row, &t);
            text_printf(&t, ": %s", message);
            marked = true;
        }
        if (marked)
            sheet_marked(m->sheet, cell[k] ? cell[k] : "");
        else
            sheet_text(m->sheet, cell[k] ? cell[k] : "");
    }
    sheet_text(m->sheet, words);
    return sheet_row(m->sheet);
}

/* Its copy, so that a slow client holds nothing; an empty one when there is none of this id for the caller. */
static struct report copy_report(struct call *c, const char *id)
{
    struct report found = { .id = "" };
    pthread_mutex_lock(&reports_lock);
    for (size_t i = 0; i < REPORTS; i++) {
        const struct report *r = &reports[i];
        if (!*r->id || strcmp(r->id, id) != 0 || r->person != c->caller.person || r->project != c->caller.project)
            continue;
        found = *r;
        found.file = arena_copy(c->arena, r->file);
        found.mistakes = arena_take(c->arena, r->count * sizeof *found.mistakes);
        for (size_t k = 0; k < r->count; k++)
            found.mistakes[k] = (struct intake_mistake){ arena_text(c->arena, bytes_of_text(r->mistakes[k].where)), arena_text(c->arena, bytes_of_text(r->mistakes[k].message)) };
    }
    pthread_mutex_unlock(&reports_lock);
    return found;
}

static void get_report(struct call *c)
{
    char problem[256];
    struct text t = text_over(problem, sizeof problem);
    struct report r = copy_report(c, c->match.word[0]);
    if (!*r.id) {
        call_refuse(c, REFUSE_NOT_FOUND);
        return;
    }
    struct flow *flow = call_stream(c, XLSX, "devices-errors.xlsx");
    struct marking m = { .sheet = sheet_new(SHEET_XLSX, flow, c->lang == LANG_RU ? "Ошибки импорта" : "Mistakes"), .report = &r, .lang = c->lang };
    sheet_read(r.file, mark_row, &m, c->lang, &t);
    flow_end(flow, sheet_end(&m.sheet));
    flow_unref(&flow);
}

/* --- import ---------------------------------------------------------------------------------------------------------------------------------- */

static void import_xlsx(struct call *c)
{
    struct table t = { .c = c, .in = { .update = call_bool(c->query, "update", false) } };
    bool good = take_table(&t, c->request->body);
    intake_answer(&t.in, good ? NULL : keep_report(&t, c->request->body));
    free(t.rows);
}

/* --- template and export --------------------------------------------------------------------------------------------------------------------- */

static void put_heads(struct call *c, struct sheet *s)
{
    for (int i = 0; i < COLUMNS; i++)
        sheet_head(s, phrase_in(&heads[i], c->lang));
    sheet_row(s);
}

static void get_template(struct call *c)
{
    struct flow *flow = call_stream(c, XLSX, "devices-template.xlsx");
    struct sheet *s = sheet_new(SHEET_XLSX, flow, c->lang == LANG_RU ? "Устройства" : "Devices");
    put_heads(c, s);
    flow_end(flow, sheet_end(&s));
    flow_unref(&flow);
}

/* A device that the columns can describe: one line, over TCP to an address in digits, of a type they know (S3 2.2.35). */
static bool put_device(struct call *c, struct sheet *s, const struct store_meter *m, bool secrets)
{
    struct store_link k;
    struct store_protocol p = { .title = m->serial, .parameters = "" };
    struct link_address a;
    char problem[200], port[8];
    struct text t = text_over(problem, sizeof problem);
    const struct store_line *l = m->lines;
    if (strcmp(m->driver, "spodes") != 0 || m->line_count != 1 || !known_type(m->model) || !l->link || store_link_get(c->api->store, l->link, c->arena, &k) != FAULT_NONE ||
        !link_address_parse(k.uri, c->lang, &a, &t) || a.kind != LINK_TCP || !is_ip(a.host))
        return true;
    if (l->protocol && store_protocol_get(c->api->store, l->protocol, c->arena, &p) != FAULT_NONE)
        return true;
    const char *told = parameters_open(c, line_parameters(p.parameters, l->parameters, c->arena)), *address = parameter_value(c, told, "physical");
    const char *password = parameter_value(c, told, "password"), *timeout = parameter_value(c, told, "timeout");
    if (!password || !*password)
        return true;
    snprintf(port, sizeof port, "%u", a.port);
    const char *const cells[COLUMNS] = { k.title, "TCP", a.host, port, p.title, "DLMS", address ? address : "16", secrets ? password : SECRET_MASK, timeout ? timeout : "0",
                                         m->group, m->model, m->serial };
    for (int i = 0; i < COLUMNS; i++) {
        if (i == LINK_PORT || i == PROTOCOL_ADDRESS || i == PROTOCOL_TIMEOUT)
            sheet_int(s, strtol(cells[i], NULL, 0));
        else
            sheet_text(s, cells[i]);
    }
    return sheet_row(s);
}

static void export_xlsx(struct call *c)
{
    int64_t *ids;
    struct roster_query q = device_query(c);
    struct arena *kept = c->arena, own = { 0 };
    bool secrets = call_may(c, MAY_WRITE_PROTOCOL_SETTINGS), going = true;
    if (!call_good(c, roster_refresh(c->api->roster), REFUSE_IN_USE))
        return;
    size_t count = roster_ids_of(c->api->roster, &q, &ids);
    call_note(c, NOTE_DEVICES_EXPORT, secrets ? "XLSX, ***" : "XLSX", NULL, call_json(c, c->query));
    struct flow *flow = call_stream(c, XLSX, "devices.xlsx");
    struct sheet *s = sheet_new(SHEET_XLSX, flow, c->lang == LANG_RU ? "Устройства" : "Devices");
    put_heads(c, s);
    c->arena = &own;
    for (size_t i = 0; i < count && going; i++) {
        struct store_meter m;
        going = store_meter_get(c->api->store, ids[i], &own, &m) != FAULT_NONE || put_device(c, s, &m, secrets);
        arena_reset(&own);
    }
    c->arena = kept;
    arena_free(&own);
    flow_end(flow, sheet_end(&s));
    flow_unref(&flow);
    free(ids);
}

static const struct route rows[] = {
    { "GET", V1 "/devices/template.xlsx", MAY_READ_DEVICES, ROUTE_STREAM | ROUTE_SLOW, NULL, NULL, NULL, XLSX, 0, get_template, { { "шаблон книги для импорта", "a workbook to fill in for import" } } },
    { "GET", V1 "/devices/export.xlsx", MAY_READ_PROTOCOL_SETTINGS, ROUTE_STREAM | ROUTE_SLOW, &shape_filters, NULL, NULL, XLSX, 0, export_xlsx, { { "устройства с каналом и протоколом книгой", "devices with channel and protocol as a workbook" } } },
    { "POST", V1 "/devices/import.xlsx", MAY_WRITE_DEVICES, ROUTE_WORKBOOK | ROUTE_SLOW, &shape_options, NULL, &shape_intake, NULL, FILE_MOST, import_xlsx, { { "принять книгу, всё или ничего", "take a workbook in, all or nothing" } } },
    { "GET", V1 "/devices/import/{report:word}/errors.xlsx", MAY_WRITE_DEVICES, ROUTE_STREAM | ROUTE_SLOW, NULL, NULL, NULL, XLSX, 0, get_report, { { "книга с отмеченными ошибками импорта", "the workbook with the mistakes of an import marked" } } },
};

ROUTE_TABLE(rows);
