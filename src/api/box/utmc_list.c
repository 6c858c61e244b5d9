/* The text list of УТМЦ-700; see utmc_list.h. */
#include "api/box/utmc_list.h"

#include <stdio.h>
#include <stdlib.h>

enum { FIELDS = 8, FIELD_ROOM = 200, NAME_ROOM = 256 };
enum { AT_NUMBER, AT_MODEL, AT_SERIAL, AT_VERSION, AT_MAKER, AT_ADDRESS, AT_BAUD, AT_NOTE };

/* Models as S4 names them (15.2); what it says of electricity meters «(протокол СПОДЭС)» is left out when names are compared. */
static const struct {
    const char *name, *driver, *model;
    const char *password; /* from the factory, where it is known; NULL: none wanted, or not known */
} models[] = {
    { "EKF SKAT", "spodes", "SKAT", NULL },
    { "I-PROM", "spodes", "i-PROM", NULL },
    { "Вавиот Фобос", "spodes", "ФОБОС", NULL },
    { "Меркурий 200", "mercury200", "Меркурий 200", NULL },
    { "Меркурий 203", "mercury200", "Меркурий 203", NULL },
    { "Меркурий 206", "mercury200", "Меркурий 206", NULL },
    { "Меркурий 230", "mercury230", "Меркурий 230", NULL },
    { "Меркурий 234", "mercury230", "Меркурий 234", NULL },
    { "Меркурий 236", "mercury230", "Меркурий 236", NULL },
    { "Нева", "spodes", "Нева СПОДЭС", NULL },
    { "Энергомера СЕ207", "spodes", "CE207", "12345678" },
    { "Энергомера СЕ307", "spodes", "CE307", "12345678" },
    { "Энергомера СЕ308", "spodes", "CE308", "12345678" },
    { "Hiterm", "mbus", "Hiterm", NULL },
    { "Valtec VHM-T", "mbus", "Valtec VHM-T", NULL },
    { "Weser", "mbus", "Weser", NULL },
    { "Авектра ТСУ-Д", "mbus", "Авектра ТСУ-Д", NULL },
    { "Карат-Компакт 2х3", "mbus", "Карат-Компакт 2х3", NULL },
    { "Пульсар mBus", "mbus", "Пульсар", NULL },
    { "Теплоконтроль ТТК-01-М", "mbus", "ТТК-01-М", NULL },
    { "Пульс", "mbus", "Пульс", NULL },
};

/* --- names ------------------------------------------------------------------------------------------------------------------- */

/* Letters that look alike are one: people type CE207 in either alphabet. Both are two bytes in UTF-8 and one in ASCII. */
static void unify(const char *from, char *out, size_t room)
{
    static const struct { const char *russian; char latin; } alike[] = { { "а", 'a' }, { "в", 'b' }, { "с", 'c' }, { "е", 'e' }, { "н", 'h' }, { "к", 'k' },
                                                                         { "м", 'm' }, { "о", 'o' }, { "р", 'p' }, { "т", 't' }, { "х", 'x' }, { "у", 'y' } };
    char folded[NAME_ROOM];
    size_t size = 0;
    text_fold(from, folded, sizeof folded);
    for (const char *at = folded; *at && size + 3 < room;) {
        size_t i = 0;
        while (i < sizeof alike / sizeof *alike && strncmp(at, alike[i].russian, 2) != 0)
            i++;
        if (i < sizeof alike / sizeof *alike) {
            out[size++] = alike[i].latin;
            at += 2;
        } else if (strchr(" -_.,\"«»", *at))
            at++;
        else
            out[size++] = *at++;
    }
    out[size] = '\0';
}

/* The name without what S4 puts around it: «ЕМ » before electricity meters, «(485, mBus)» behind. */
static void bare_name(const char *from, char *out, size_t room)
{
    char text[NAME_ROOM];
    static const char *const before[] = { "ЕМ ", "EM ", NULL };
    for (size_t i = 0; before[i]; i++)
        if (strncmp(from, before[i], strlen(before[i])) == 0)
            from += strlen(before[i]);
    snprintf(text, sizeof text, "%.*s", (int)strcspn(from, "("), from);
    unify(text, out, room);
}

/* A driver, one of its models, or a name of S4. False: the program does not read it. */
static bool find_model(const char *name, const char **ret_driver, const char **ret_model, const char **ret_password)
{
    char wanted[NAME_ROOM], has[NAME_ROOM];
    bare_name(name, wanted, sizeof wanted);
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        bare_name(models[i].name, has, sizeof has);
        if (strcmp(has, wanted) == 0 && driver_find(models[i].driver)) {
            *ret_driver = models[i].driver;
            *ret_model = models[i].model;
            *ret_password = models[i].password;
            return true;
        }
    }
    for (size_t i = 0; i < drivers_count(); i++) {
        const struct driver *d = driver_at(i);
        *ret_driver = d->name;
        *ret_model = "";
        bare_name(d->title.in[LANG_RU], has, sizeof has);
        if (strcmp(d->name, name) == 0 || strcmp(has, wanted) == 0)
            return true;
        for (const struct model *m = d->models; m && m->name; m++) {
            *ret_model = m->name;
            bare_name(m->name, has, sizeof has);
            if (strcmp(has, wanted) == 0)
                return true;
        }
    }
    return false;
}

/* --- a meter's line --------------------------------------------------------------------------------------------------------------- */

struct listed {
    char field[FIELDS][FIELD_ROOM];
    int count;
};

/* False: more fields than the list has. */
static bool split(struct bytes line, struct listed *l)
{
    *l = (struct listed){ 0 };
    for (size_t from = 0; from <= line.size; l->count++) {
        size_t to = from;
        while (to < line.size && line.data[to] != ';')
            to++;
        if (l->count == FIELDS)
            return to == from && to == line.size; /* a semicolon at the end */
        while (from < to && (line.data[from] == ' ' || line.data[from] == '\t'))
            from++;
        struct text t = text_over(l->field[l->count], FIELD_ROOM);
        text_put_foreign(&t, bytes_of(line.data + from, to - from));
        from = to + 1;
    }
    return true;
}

/* Which letters of the note there are: bits C, H, M, T, P; -1: it is a comment. */
static int letters_of(const char *note)
{
    static const char *const letters[][2] = { { "C", "С" }, { "H", "Н" }, { "M", "М" }, { "T", "Т" }, { "P", "Р" } };
    int found = 0;
    for (const char *at = note; *at;) {
        size_t size = strchr(" ,+/", *at) ? 1 : 0;
        for (int i = 0; i < 5 && !size; i++)
            for (int alphabet = 0; alphabet < 2 && !size; alphabet++)
                if (strncmp(at, letters[i][alphabet], strlen(letters[i][alphabet])) == 0) {
                    found |= 1 << i;
                    size = strlen(letters[i][alphabet]);
                }
        if (!size)
            return -1;
        at += size;
    }
    return found;
}

static void put_note(struct meter_table *t, json_t *row, const char *note)
{
    static const struct phrase words[] = { [0] = { { "холодная вода", "cold water" } }, [1] = { { "горячая вода", "hot water" } }, [4] = { { "счётчик импульсов", "pulse counter" } } };
    int letters = letters_of(note);
    char comment[FIELD_ROOM];
    struct text text = text_over(comment, sizeof comment);
    for (int i = 0; i < 5 && letters > 0; i++)
        if (letters >> i & 1 && phrase_in(&words[i], t->c->lang))
            text_printf(&text, "%s%s", text.size ? ", " : "", phrase_in(&words[i], t->c->lang));
    if (letters < 0)
        text_put(&text, note);
    if (text.size)
        json_object_set_new(row, "comment", json_string(comment));
    if (letters > 0 && letters >> 2 & 1)
        json_object_set_new(row, "monthly", json_true());
    if (letters > 0 && letters >> 3 & 1)
        json_object_set_new(row, "clock", json_integer(UTMC_CLOCK_FROM_S));
}

/* The number's channel: its place among the serial ones. */
static int64_t link_of(const struct meter_table *t, int64_t number)
{
    int64_t channel = (number - 1) / UTMC_CHANNEL_METERS;
    for (size_t i = 0; i < t->link_count; i++)
        if (t->links[i].good && t->links[i].address.kind == LINK_SERIAL && channel-- == 0)
            return t->links[i].row.id;
    return 0;
}

static bool number_in(const char *text, int64_t least, int64_t most, int64_t *ret)
{
    char *end;
    *ret = strtoll(text, &end, 10);
    return *text && !*end && *ret >= least && *ret <= most;
}

/* The list numbers its meters in their channels; as a row's number it is a wish. */
static json_t *row_of(struct meter_table *t, const struct listed *l, size_t place, int64_t link)
{
    const char *driver = "", *model = l->field[AT_MODEL], *password = NULL;
    int64_t number = 0, version, baud = 0;
    json_t *row = json_object();
    if (!number_in(l->field[AT_NUMBER], 1, INT32_MAX, &number))
        table_wrong(t, place, "id", "номер прибора — число от 1", "the meter's number is one from 1 on");
    if (!find_model(l->field[AT_MODEL], &driver, &model, &password)) {
        driver = "";
        model = l->field[AT_MODEL];
    }
    if (*l->field[AT_VERSION] && !number_in(l->field[AT_VERSION], 0, 255, &version))
        table_wrong(t, place, "model", "версия — число от 0 до 255", "the version is a number from 0 to 255");
    if (*l->field[AT_BAUD] && !number_in(l->field[AT_BAUD], 0, 115200, &baud))
        table_wrong(t, place, "baud", "такой скорости нет", "there is no such speed");
    int64_t over = link ? link : link_of(t, number);
    if (!over && number > 0)
        table_wrong(t, place, "interface", "у программы нет канала с таким номером", "the program has no channel of this number");
    json_object_set_new(row, "id", json_integer(number > 0 ? number : 0));
    json_object_set_new(row, "driver", json_string(driver));
    json_object_set_new(row, "model", json_string(model));
    json_object_set_new(row, "serial", json_string(l->field[AT_SERIAL]));
    json_object_set_new(row, "address", json_string(l->field[AT_ADDRESS]));
    json_object_set_new(row, "interface", json_integer(over));
    json_object_set_new(row, "baud", json_integer(baud));
    if (password)
        json_object_set_new(row, "password", json_string(password));
    put_note(t, row, l->field[AT_NOTE]);
    return row;
}

json_t *utmc_rows(struct meter_table *t, struct bytes list, int64_t link)
{
    json_t *rows = json_array();
    list = utf8_begin(list);
    for (size_t from = 0; from < list.size && json_array_size(rows) < TABLE_ROWS_MOST;) {
        size_t to = from, place = json_array_size(rows);
        while (to < list.size && list.data[to] != '\n' && list.data[to] != '\r')
            to++;
        struct listed l;
        bool whole = split(bytes_of(list.data + from, to - from), &l);
        if (l.count > 1 || *l.field[0]) {
            if (!whole || l.count <= AT_BAUD)
                table_wrong(t, place, "id", "в строке должно быть семь или восемь полей через точку с запятой", "a line has seven or eight fields divided by semicolons");
            json_array_append_new(rows, row_of(t, &l, place, link));
        }
        from = to + 1;
    }
    if (json_array_size(rows) == 0)
        table_wrong(t, 0, "id", "в файле нет приборов", "the file has no meters");
    return rows;
}
