/* Printing what meters say; see output.h. */
#include "cli/output.h"

#include "base/text.h"
#include "meter/events.h"
#include "meter/quantity.h"

#include <stdio.h>
#include <stdlib.h>

static void *room_for_one(void *list, size_t *room, size_t count, size_t size)
{
    if (count < *room)
        return list;
    size_t grown = *room ? *room * 2 : 64;
    list = memory_grow(list, *room * size, grown * size);
    *room = grown;
    return list;
}

static void keep_reading(struct sink *s, const struct reading *r)
{
    struct output *o = (struct output *)s;
    o->readings = room_for_one(o->readings, &o->reading_room, o->reading_count, sizeof *r);
    o->readings[o->reading_count++] = *r;
}

static void keep_event(struct sink *s, const struct event *e)
{
    struct output *o = (struct output *)s;
    o->events = room_for_one(o->events, &o->event_room, o->event_count, sizeof *e);
    o->events[o->event_count++] = *e;
}

static void keep_state(struct sink *s, const struct state *state)
{
    struct output *o = (struct output *)s;
    o->states = room_for_one(o->states, &o->state_room, o->state_count, sizeof *state);
    o->states[o->state_count++] = *state;
}

static void keep_fact(struct sink *s, enum fact_kind kind, const char *utf8)
{
    struct output *o = (struct output *)s;
    if (o->fact_count == sizeof o->facts / sizeof *o->facts)
        return;
    o->facts[o->fact_count].kind = kind;
    o->facts[o->fact_count++].text = arena_text(&o->arena, bytes_of_text(utf8));
}

void output_begin(struct output *o)
{
    *o = (struct output){ .sink = { keep_reading, keep_event, keep_state, keep_fact } };
}

void output_end(struct output *o)
{
    arena_free(&o->arena);
    free(o->readings);
    free(o->events);
    free(o->states);
    *o = (struct output){ 0 };
}

/* --- what a value looks like ------------------------------------------------------------------------------------------ */

/* «В», or «кВт·ч» for energies, which people read in thousands: the same digits, the point moved. */
static bool shown_in_thousands(uint8_t unit)
{
    return unit == UNIT_WATT_HOUR || unit == UNIT_VAR_HOUR || unit == UNIT_VOLT_AMPERE_HOUR;
}

static void unit_text(uint8_t unit, enum lang lang, struct text *t)
{
    static const struct phrase kilo = { { "к", "k" } };
    if (shown_in_thousands(unit))
        text_put(t, phrase_in(&kilo, lang));
    text_put(t, unit_symbol(unit, lang));
}

static void quality_text(uint8_t quality, enum lang lang, struct text *t)
{
    static const struct {
        uint8_t bit;
        struct phrase mark;
    } marks[] = {
        { QUALITY_MISSING, { { "нет данных", "no data" } } },   { QUALITY_PARTIAL, { { "неполный", "partial" } } },
        { QUALITY_CLOCK, { { "часы?", "clock?" } } },            { QUALITY_OVERFLOW, { { "переполнение", "overflow" } } },
        { QUALITY_ESTIMATED, { { "расчётное", "estimated" } } }, { QUALITY_METER, { { "сомнительно", "suspect" } } },
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (quality & marks[i].bit)
            text_printf(t, " %s", phrase_in(&marks[i].mark, lang));
}

static void value_text(const struct reading *r, enum lang lang, struct text *t)
{
    char number[DECIMAL_TEXT_MAX];
    struct decimal d = r->value;
    if (shown_in_thousands(r->unit))
        d.exponent = (int8_t)(d.exponent - 3);
    if (r->quality & QUALITY_MISSING)
        text_put(t, "—");
    else
        text_put(t, decimal_format(d, number));
    quality_text(r->quality & (uint8_t)~QUALITY_MISSING, lang, t);
}

/* --- tables ----------------------------------------------------------------------------------------------------------- */

static int columns_of(const char *text)
{
    int count = 0;
    for (; *text; text++)
        count += (*text & 0xC0) != 0x80;
    return count;
}

static void print_cell(const char *text, int width, bool right)
{
    int pad = width - columns_of(text);
    if (right)
        printf("%*s%s", pad > 0 ? pad : 0, "", text);
    else
        printf("%s%*s", text, pad > 0 ? pad : 0, "");
    fputs("  ", stdout);
}

/* One archive with moments down and quantities across. */
struct grid {
    struct obis column[64];
    uint8_t unit[64];
    size_t columns;
};

static size_t column_of(struct grid *g, const struct reading *r)
{
    for (size_t i = 0; i < g->columns; i++)
        if (obis_equal(g->column[i], r->obis))
            return i;
    if (g->columns == sizeof g->column / sizeof *g->column)
        return g->columns - 1;
    g->column[g->columns] = r->obis;
    g->unit[g->columns] = r->unit;
    return g->columns++;
}

static void print_grid_head(const struct grid *g, enum lang lang)
{
    static const struct phrase time = { { "Время", "Time" } };
    print_cell(phrase_in(&time, lang), 16, false);
    for (size_t i = 0; i < g->columns; i++) {
        char title[QUANTITY_TITLE_MAX], memory[160];
        struct text t = text_over(memory, sizeof memory);
        text_printf(&t, "%s, ", quantity_title(g->column[i], lang, title));
        unit_text(g->unit[i], lang, &t);
        print_cell(memory, 14, true);
    }
    putchar('\n');
}

static int by_time(const void *a, const void *b)
{
    const struct reading *x = a, *y = b;
    return x->archive != y->archive ? x->archive - y->archive : (x->wall > y->wall) - (x->wall < y->wall);
}

static void print_row(const struct output *o, struct grid *g, size_t from, size_t to, enum lang lang)
{
    char time[CIVIL_TEXT_MAX], cell[64][40];
    memset(cell, 0, sizeof cell);
    for (size_t i = from; i < to; i++) {
        struct text t = text_over(cell[column_of(g, &o->readings[i])], sizeof cell[0]);
        value_text(&o->readings[i], lang, &t);
    }
    wall_format(o->readings[from].wall, time);
    time[16] = '\0';
    print_cell(time, 16, false);
    for (size_t i = 0; i < g->columns; i++)
        print_cell(cell[i], 14, true);
    putchar('\n');
}

static void print_pivot(const struct output *o, size_t from, size_t to, enum lang lang)
{
    struct grid g = { 0 };
    for (size_t i = from; i < to; i++)
        column_of(&g, &o->readings[i]);
    print_grid_head(&g, lang);
    for (size_t row = from; row < to;) {
        size_t end = row;
        while (end < to && o->readings[end].wall == o->readings[row].wall)
            end++;
        print_row(o, &g, row, end, lang);
        row = end;
    }
}

static void print_list(const struct output *o, size_t from, size_t to, enum lang lang)
{
    for (size_t i = from; i < to; i++) {
        const struct reading *r = &o->readings[i];
        char title[QUANTITY_TITLE_MAX], code[OBIS_TEXT_MAX], value[96];
        struct text t = text_over(value, sizeof value);
        value_text(r, lang, &t);
        print_cell(quantity_title(r->obis, lang, title), 24, false);
        print_cell(value, 16, true);
        struct text u = text_over(value, sizeof value);
        unit_text(r->unit, lang, &u);
        print_cell(value, 8, false);
        printf("%s\n", obis_format(r->obis, code));
    }
}

static void print_readings(struct output *o, enum lang lang)
{
    if (o->reading_count)
        qsort(o->readings, o->reading_count, sizeof *o->readings, by_time);
    for (size_t from = 0; from < o->reading_count;) {
        size_t to = from;
        while (to < o->reading_count && o->readings[to].archive == o->readings[from].archive)
            to++;
        printf("\n%s\n", archive_title(o->readings[from].archive, lang));
        if (archive_has_grid(o->readings[from].archive))
            print_pivot(o, from, to, lang);
        else
            print_list(o, from, to, lang);
        from = to;
    }
}

static int event_by_time(const void *a, const void *b)
{
    const struct event *x = a, *y = b;
    return (x->wall > y->wall) - (x->wall < y->wall);
}

static void print_events(struct output *o, enum lang lang)
{
    if (o->event_count == 0)
        return;
    qsort(o->events, o->event_count, sizeof *o->events, event_by_time);
    printf("\n%s\n", archive_title(ARCHIVE_JOURNAL, lang));
    for (size_t i = 0; i < o->event_count; i++) {
        const struct event *e = &o->events[i];
        char time[CIVIL_TEXT_MAX], title[EVENT_TEXT_MAX], text[EVENT_TEXT_MAX];
        printf("%s  %s: %s\n", wall_format(e->wall, time), journal_title(e->journal, lang, title),
               event_text(e->journal, e->code, lang, text));
    }
}

static void print_states(const struct output *o, enum lang lang)
{
    if (o->state_count)
        printf("\n%s\n", archive_title(ARCHIVE_STATE, lang));
    for (size_t i = 0; i < o->state_count; i++) {
        char title[QUANTITY_TITLE_MAX];
        print_cell(quantity_title(o->states[i].obis, lang, title), 24, false);
        const char *words = quantity_state_text(o->states[i].obis, o->states[i].value, lang);
        printf("%lld%s%s\n", (long long)o->states[i].value, words ? "  " : "", words ? words : "");
    }
}

static void print_table(struct output *o, enum lang lang)
{
    for (size_t i = 0; i < o->fact_count; i++) {
        print_cell(fact_title(o->facts[i].kind, lang), 38, false);
        puts(o->facts[i].text);
    }
    print_readings(o, lang);
    print_events(o, lang);
    print_states(o, lang);
}

/* --- JSON -------------------------------------------------------------------------------------------------------------- */

static void print_json_text(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c < 0x20)
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

static void print_iso(int64_t wall)
{
    char time[CIVIL_TEXT_MAX];
    wall_format(wall, time);
    if (wall != WALL_NONE)
        time[10] = 'T';
    printf("\"%s\"", time);
}

/* Numbers go out as JSON numbers with all their digits: whoever reads them exactly, keeps them exact. */
static void print_json_reading(const struct reading *r, const char *before)
{
    char code[OBIS_TEXT_MAX], number[DECIMAL_TEXT_MAX];
    printf("%s\n  {\"archive\": \"%s\", \"time\": ", before, archive_name(r->archive));
    print_iso(r->wall);
    printf(", \"obis\": \"%s\", \"value\": %s, \"unit\": \"%s\", \"quality\": %u}", obis_format(r->obis, code),
           r->quality & QUALITY_MISSING ? "null" : decimal_format(r->value, number), unit_symbol(r->unit, LANG_EN), r->quality);
}

static void print_json(struct output *o)
{
    printf("{\"facts\": {");
    for (size_t i = 0; i < o->fact_count; i++) {
        printf("%s\"%s\": ", i ? ", " : "", fact_name(o->facts[i].kind));
        print_json_text(o->facts[i].text);
    }
    printf("},\n\"readings\": [");
    for (size_t i = 0; i < o->reading_count; i++)
        print_json_reading(&o->readings[i], i ? "," : "");
    printf("],\n\"events\": [");
    for (size_t i = 0; i < o->event_count; i++) {
        const struct event *e = &o->events[i];
        char text[EVENT_TEXT_MAX];
        printf("%s\n  {\"time\": ", i ? "," : "");
        print_iso(e->wall);
        printf(", \"journal\": %u, \"code\": %u, \"text\": ", e->journal, e->code);
        print_json_text(event_text(e->journal, e->code, LANG_EN, text));
        putchar('}');
    }
    printf("],\n\"states\": [");
    for (size_t i = 0; i < o->state_count; i++) {
        char code[OBIS_TEXT_MAX];
        printf("%s\n  {\"obis\": \"%s\", \"value\": %lld}", i ? "," : "", obis_format(o->states[i].obis, code), (long long)o->states[i].value);
    }
    printf("]}\n");
}

static void print_csv(const struct output *o)
{
    char line[READING_CSV_MAX];
    puts(READING_CSV_HEAD);
    for (size_t i = 0; i < o->reading_count; i++)
        puts(reading_csv(&o->readings[i], line));
}

void output_print(struct output *o, enum output_format format, enum lang lang)
{
    if (format == OUTPUT_JSON)
        print_json(o);
    else if (format == OUTPUT_CSV)
        print_csv(o);
    else
        print_table(o, lang);
}
