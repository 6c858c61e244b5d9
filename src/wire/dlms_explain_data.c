/* COSEM data as a tree for a person; see dlms_explain.h. */
#include "meter/unit.h"
#include "wire/dlms_explain_parts.h"

#include <stdio.h>

enum { HEX_SHOWN = 48, ELEMENTS_SHOWN = 5000 };

static void put_hex_cut(struct text *t, struct bytes b)
{
    text_put_hex(t, bytes_part(b, 0, HEX_SHOWN));
    if (b.size > HEX_SHOWN)
        text_printf(t, "… (%zu)", b.size);
}

void explain_raw(struct explain *e, struct bytes part, struct phrase label)
{
    char memory[200];
    struct text t = text_over(memory, sizeof memory);
    put_hex_cut(&t, part);
    explain_leaf(e, part, label, "%s", memory);
}

/* A field of a time with its wildcards. */
static void put_field(struct text *t, unsigned value, unsigned any, int digits)
{
    if (value == any)
        text_put(t, "*");
    else
        text_printf(t, "%0*u", digits, value);
}

static void put_day(struct text *t, const struct cosem_date_time *d, enum lang lang)
{
    static const struct phrase last[] = {
        { { "предпоследний", "last but one" } },
        { { "последний", "last" } },
    };
    if (d->day == COSEM_DAY_BEFORE_LAST || d->day == COSEM_DAY_LAST)
        text_put(t, phrase_in(&last[d->day - COSEM_DAY_BEFORE_LAST], lang));
    else
        put_field(t, d->day, COSEM_ANY, 2);
}

static void put_month(struct text *t, const struct cosem_date_time *d, enum lang lang)
{
    static const struct phrase change[] = {
        { { "конец лета", "end of DST" } },
        { { "начало лета", "begin of DST" } },
    };
    if (d->month == COSEM_DST_END || d->month == COSEM_DST_BEGIN)
        text_put(t, phrase_in(&change[d->month - COSEM_DST_END], lang));
    else
        put_field(t, d->month, COSEM_ANY, 2);
}

static void put_status(struct text *t, uint8_t status, enum lang lang)
{
    static const struct {
        uint8_t bit;
        struct phrase text;
    } bits[] = {
        { COSEM_CLOCK_INVALID, { { "время неверно", "invalid" } } },
        { COSEM_CLOCK_DOUBTFUL, { { "время сомнительно", "doubtful" } } },
        { COSEM_CLOCK_OTHER_BASE, { { "другой источник времени", "different clock base" } } },
        { COSEM_CLOCK_INVALID_STATUS, { { "статус неверен", "invalid status" } } },
        { COSEM_CLOCK_SUMMER, { { "летнее время", "summer time" } } },
    };
    for (size_t i = 0; i < sizeof bits / sizeof *bits && status != 0xFF; i++)
        if (status & bits[i].bit)
            text_printf(t, ", %s", phrase_in(&bits[i].text, lang));
}

void text_put_date_time(struct text *t, const struct cosem_date_time *d, enum lang lang)
{
    static const struct phrase weekdays[] = {
        { { "пн", "Mon" } }, { { "вт", "Tue" } }, { { "ср", "Wed" } }, { { "чт", "Thu" } },
        { { "пт", "Fri" } }, { { "сб", "Sat" } }, { { "вс", "Sun" } },
    };
    static const struct phrase deviation = { { "отклонение", "deviation" } };
    put_field(t, d->year, COSEM_YEAR_ANY, 4);
    text_put(t, "-");
    put_month(t, d, lang);
    text_put(t, "-");
    put_day(t, d, lang);
    if (d->weekday >= 1 && d->weekday <= 7)
        text_printf(t, " %s", phrase_in(&weekdays[d->weekday - 1], lang));
    text_put(t, " ");
    put_field(t, d->hour, COSEM_ANY, 2);
    text_put(t, ":");
    put_field(t, d->minute, COSEM_ANY, 2);
    text_put(t, ":");
    put_field(t, d->second, COSEM_ANY, 2);
    if (d->hundredths != COSEM_ANY && d->hundredths != 0)
        text_printf(t, ".%02u", d->hundredths);
    if (d->deviation != COSEM_DEVIATION_NONE)
        text_printf(t, ", %s %d", phrase_in(&deviation, lang), d->deviation);
    put_status(t, d->status, lang);
}

/* True when the bytes are likely Russian or English words: whole UTF-8 without controls, or cp1251 letters. */
static bool reads_as_text(struct bytes b)
{
    size_t letters = 0;
    for (size_t i = 0; i < b.size; i++) {
        uint8_t c = b.data[i];
        if (c < 0x20 || c == 0x7F)
            return false;
        letters += c >= 0xC0 || (c >= 'A' && c <= 'z');
    }
    return b.size >= 3 && (utf8_valid(b) || letters * 2 >= b.size);
}

static bool reads_as_time(struct bytes b, struct cosem_date_time *d)
{
    return cosem_date_time_decode(b, d) && cosem_date_time_plausible(d);
}

static void put_octets(struct text *t, struct bytes b, enum lang lang)
{
    char name[OBIS_TEXT_MAX];
    struct cosem_date_time d;
    if (b.size && text_is_ascii(b)) {
        text_put(t, "\"");
        text_put_foreign(t, b);
        text_put(t, "\"");
    } else if (b.size == 6) {
        text_put(t, obis_format(obis_from_bytes(b.data), name));
    } else if (reads_as_time(b, &d)) {
        text_put_date_time(t, &d, lang);
    } else {
        put_hex_cut(t, b);
        if (reads_as_text(b)) {
            text_put(t, " \"");
            text_put_foreign(t, bytes_part(b, 0, 200));
            text_put(t, "\"");
        }
    }
}

void text_put_octets(struct text *t, struct bytes b)
{
    put_octets(t, b, LANG_EN);
}

static void put_bits(struct text *t, const struct cosem_data *d)
{
    for (uint32_t i = 0; i < d->count && i < 64; i++)
        text_put(t, d->content.data[i / 8] << i % 8 & 0x80 ? "1" : "0");
    if (d->count > 64)
        text_printf(t, "… (%u)", (unsigned)d->count);
}

static void put_scalar(struct text *t, const struct cosem_data *d, enum lang lang)
{
    char number[DECIMAL_TEXT_MAX];
    struct cosem_date_time time;
    struct decimal value;
    struct cursor c = cursor_over(d->content);
    if (d->type == COSEM_OCTETS)
        put_octets(t, d->content, lang);
    else if (d->type == COSEM_VISIBLE || d->type == COSEM_UTF8) {
        text_put(t, "\"");
        text_put_foreign(t, d->content);
        text_put(t, "\"");
    } else if (d->type == COSEM_BITS)
        put_bits(t, d);
    else if (cosem_date_time(d, &time))
        text_put_date_time(t, &time, lang);
    else if (cosem_decimal(d, &value))
        text_put(t, decimal_format(value, number));
    else if (d->type == COSEM_UINT64)
        text_printf(t, "%llu", (unsigned long long)take_be64(&c));
    else if (d->content.size)
        put_hex_cut(t, d->content);
}

static struct phrase type_phrase(const struct cosem_data *d)
{
    static const struct phrase names[] = {
        [COSEM_NULL] = { { "пусто", "null" } },
        [COSEM_ARRAY] = { { "массив", "array" } },
        [COSEM_STRUCTURE] = { { "структура", "structure" } },
        [COSEM_BOOLEAN] = { { "логическое", "boolean" } },
        [COSEM_BITS] = { { "биты", "bit-string" } },
        [COSEM_INT32] = { { "int32", "int32" } },
        [COSEM_UINT32] = { { "uint32", "uint32" } },
        [COSEM_OCTETS] = { { "октеты", "octet-string" } },
        [COSEM_VISIBLE] = { { "строка", "visible-string" } },
        [COSEM_UTF8] = { { "строка UTF-8", "utf8-string" } },
        [COSEM_BCD] = { { "BCD", "bcd" } },
        [COSEM_INT8] = { { "int8", "int8" } },
        [COSEM_INT16] = { { "int16", "int16" } },
        [COSEM_UINT8] = { { "uint8", "uint8" } },
        [COSEM_UINT16] = { { "uint16", "uint16" } },
        [COSEM_INT64] = { { "int64", "int64" } },
        [COSEM_UINT64] = { { "uint64", "uint64" } },
        [COSEM_ENUM] = { { "перечисление", "enum" } },
        [COSEM_FLOAT32] = { { "float32", "float32" } },
        [COSEM_FLOAT64] = { { "float64", "float64" } },
        [COSEM_DATE_TIME] = { { "дата и время", "date-time" } },
        [COSEM_DATE] = { { "дата", "date" } },
        [COSEM_TIME] = { { "время", "time" } },
    };
    if (d->compact)
        return PHRASE("компактный массив", "compact-array");
    if (d->type >= sizeof names / sizeof *names || !names[d->type].in[0])
        return PHRASE("любое", "dont-care");
    return names[d->type];
}

static void draw_element(struct explain *e, struct cosem_reader *r, const struct phrase *label, int depth, int *budget);

static void draw_items(struct explain *e, struct cosem_reader *r, uint32_t count, int depth, int *budget)
{
    for (uint32_t i = 0; i < count && !cosem_failed(r) && *budget >= 0; i++) {
        if (depth < COSEM_DEPTH_MAX)
            draw_element(e, r, NULL, depth + 1, budget);
        else
            cosem_skip(r);
    }
    if (depth == COSEM_DEPTH_MAX && count)
        explain_leaf(e, bytes_of(NULL, 0), PHRASE("слишком глубоко", "too deep"), NULL);
}

/* True when a scaler and unit come next; nothing is taken. */
static bool scaler_next(const struct cosem_reader *r, struct cosem_scaler *ret)
{
    struct cosem_reader ahead = *r;
    if (r->depth == 0 && peek_u8(&r->in) != COSEM_STRUCTURE) /* a compact array would be counted for nothing */
        return false;
    *ret = cosem_take_scaler(&ahead);
    return !cosem_failed(&ahead);
}

/* The tree of one element; `budget` bounds the lines of one input. */
static void draw_element(struct explain *e, struct cosem_reader *r, const struct phrase *label, int depth, int *budget)
{
    char memory[400];
    struct text t = text_over(memory, sizeof memory);
    const uint8_t *start = r->in.at;
    struct cosem_scaler scaler;
    bool is_scaler = scaler_next(r, &scaler);
    struct cosem_data d = cosem_take(r);
    if (cosem_failed(r) || --*budget < 0)
        return;
    struct bytes part = r->in.at >= start && !d.compact ? bytes_of(start, (size_t)(r->in.at - start)) : bytes_of(start, 0);
    struct phrase name = label ? *label : type_phrase(&d);
    if (d.type != COSEM_ARRAY && d.type != COSEM_STRUCTURE) {
        put_scalar(&t, &d, e->lang);
        explain_leaf(e, part, name, "%s", memory);
        return;
    }
    text_printf(&t, "%u", (unsigned)d.count);
    if (is_scaler && d.type == COSEM_STRUCTURE)
        text_printf(&t, ": 10^%d %s", scaler.exponent, unit_symbol(scaler.unit, e->lang));
    if (label)
        text_printf(&t, " (%s)", type_phrase(&d).in[e->lang]);
    explain_open(e, part, name, "%s", memory);
    draw_items(e, r, d.count, depth, budget);
    explain_close(e);
}

void explain_data(struct explain *e, struct phrase label, struct bytes element)
{
    struct cosem_reader r = cosem_reader_over(element);
    int budget = ELEMENTS_SHOWN;
    draw_element(e, &r, &label, 0, &budget);
    if (cosem_failed(&r))
        explain_raw(e, element, PHRASE("данные не читаются", "data not readable"));
    else if (budget < 0)
        explain_leaf(e, bytes_of(element.data, 0), PHRASE("показано не всё", "not all is shown"), "%d", ELEMENTS_SHOWN);
}
