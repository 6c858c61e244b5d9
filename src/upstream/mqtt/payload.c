/* Records gathered, sorted and written as JSON; see payload.h. */
#include "upstream/mqtt/payload.h"
#include "meter/kinds.h"
#include "upstream/mqtt/kinds.h"

#include <inttypes.h>
#include <stdlib.h>

struct payload_record {
    int order;
    const char *measure;
    int64_t meter;
    const char *serial;
    int64_t ts;
    size_t place; /* in order of arrival */
    const char *tags;
};

/* ---- tags ---- */

void payload_tags_begin(struct payload_tags *t)
{
    *t = (struct payload_tags){ 0 };
    t->file = open_memstream(&t->text, &t->size);
    if (!t->file)
        abort();
}

static void put_quoted(FILE *file, const char *utf8)
{
    fputc('"', file);
    for (const char *c = utf8; *c; c++)
        if (*c == '"' || *c == '\\')
            fprintf(file, "\\%c", *c);
        else if ((uint8_t)*c < ' ')
            fprintf(file, "\\u%04x", (unsigned)(uint8_t)*c);
        else
            fputc(*c, file);
    fputc('"', file);
}

static void put_tag(struct payload_tags *t, const char *tag, const char *json)
{
    fprintf(t->file, "%s{\"tag\":", t->any ? "," : "");
    put_quoted(t->file, tag);
    fprintf(t->file, ",\"val\":%s}", json);
    t->any = true;
}

void payload_tags_number(struct payload_tags *t, const char *tag, struct decimal value)
{
    char text[DECIMAL_TEXT_MAX];
    put_tag(t, tag, decimal_format(value, text));
}

/* Of an interval of the load profile the mean power. */
static struct decimal value_of(const struct reading *r)
{
    struct decimal power = r->value;
    if (r->archive == ARCHIVE_PROFILE)
        kind_power(r->value, r->step, &power);
    return power;
}

void payload_tags_reading(struct payload_tags *t, const struct reading *r)
{
    char text[OBIS_TEXT_MAX], number[DECIMAL_TEXT_MAX];
    put_tag(t, mqtt_tag(r->obis, text), r->quality & QUALITY_MISSING ? "null" : decimal_format(value_of(r), number));
    t->step = r->archive == ARCHIVE_PROFILE ? r->step : 0;
    t->partial |= r->quality & QUALITY_PARTIAL;
    t->overflow |= r->quality & QUALITY_OVERFLOW;
}

/* ---- records ---- */

void payload_add(struct payload *p, int order, const char *measure, const struct payload_meter *meter, int64_t wall, struct payload_tags *t)
{
    char minutes[16];
    snprintf(minutes, sizeof minutes, "%d", t->step / 60);
    if (t->step)
        put_tag(t, "cTime", minutes);
    if (t->partial)
        put_tag(t, "isPart", "true");
    if (t->overflow)
        put_tag(t, "isOvfl", "true");
    fclose(t->file);
    if (p->count == p->room) {
        size_t room = p->room ? p->room * 2 : 64;
        p->records = memory_resize(p->records, room * sizeof *p->records);
        p->room = room;
    }
    p->records[p->count] = (struct payload_record){
        order, arena_text(&p->arena, bytes_of_text(measure)), meter->id, arena_text(&p->arena, bytes_of_text(meter->serial)),
        wall + t->step - (int64_t)meter->zone_minutes * 60, p->count, arena_text(&p->arena, bytes_of(t->text, t->size)) };
    p->count++;
    free(t->text);
}

static int record_order(const void *x, const void *y)
{
    const struct payload_record *a = x, *b = y;
    int measure = a->order != b->order ? a->order - b->order : strcmp(a->measure, b->measure);
    return measure ? measure : a->meter != b->meter ? (a->meter > b->meter) - (a->meter < b->meter)
         : a->ts != b->ts ? (a->ts > b->ts) - (a->ts < b->ts) : (a->place > b->place) - (a->place < b->place);
}

static bool same_measure(const struct payload_record *a, const struct payload_record *b)
{
    return a->order == b->order && strcmp(a->measure, b->measure) == 0;
}

static bool same_record(const struct payload_record *a, const struct payload_record *b)
{
    return same_measure(a, b) && a->meter == b->meter && a->ts == b->ts && strcmp(a->tags, b->tags) == 0;
}

static void open_device(FILE *file, const struct payload_record *r, bool first)
{
    fprintf(file, "%s{\"id\":%" PRId64 ",\"deviceIdx\":%" PRId64 ",\"meterId\":%" PRId64 ",\"serial\":", first ? "" : ",", r->meter, r->meter, r->meter);
    put_quoted(file, r->serial);
    fprintf(file, ",\"vals\":[");
}

char *payload_write(struct payload *p, size_t *ret_size)
{
    char *text = NULL;
    FILE *file = open_memstream(&text, ret_size);
    const struct payload_record *before = NULL;
    if (!file)
        abort();
    qsort(p->records, p->count, sizeof *p->records, record_order);
    fprintf(file, "{\"res\":0,\"measures\":[");
    for (size_t i = 0; i < p->count; i++) {
        const struct payload_record *r = &p->records[i];
        bool measure = !before || !same_measure(before, r), device = measure || before->meter != r->meter;
        if (before && same_record(before, r))
            continue;
        if (before && device)
            fprintf(file, "]}");
        if (before && measure)
            fprintf(file, "]}");
        if (measure) {
            fprintf(file, "%s{\"measure\":", before ? "," : "");
            put_quoted(file, r->measure);
            fprintf(file, ",\"devices\":[");
        }
        if (device)
            open_device(file, r, measure);
        fprintf(file, "%s{\"ts\":%" PRId64 ",\"tags\":[%s]}", device ? "" : ",", r->ts, r->tags);
        before = r;
    }
    fprintf(file, "%s]}", before ? "]}]}" : "");
    fclose(file);
    return text;
}

void payload_reset(struct payload *p)
{
    arena_reset(&p->arena);
    p->count = 0;
}

void payload_free(struct payload *p)
{
    arena_free(&p->arena);
    free(p->records);
    *p = (struct payload){ 0 };
}
