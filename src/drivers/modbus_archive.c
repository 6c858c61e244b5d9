/* Archives of Взлёт meters by function 65 (heat-modbus.md 4.1, 4.2, 4.4): the record of an interval is asked for by a moment within it, and
 * says itself which one it is. What it holds is a table of its archive; see modbus.h. */
#include "drivers/modbus.h"

static struct modbus_state *state(struct conversation *c)
{
    return conversation_state(c);
}

/* A record of an hour holds the registers of its end and is named by its beginning; those of days and months are the registers at the
 * start of the next day or month, and named by it. */
static struct span interval_of(enum archive archive, int64_t at)
{
    if (archive == ARCHIVE_HOUR)
        return (struct span){ at, at + HOUR_SECONDS };
    int64_t before = archive == ARCHIVE_DAY ? at - DAY_SECONDS : month_wall(wall_month(at) - 1);
    return (struct span){ before, at };
}

/* Seconds, minutes, hours, day, month, year of two digits. */
static struct bytes moment(int64_t wall, uint8_t memory[MODBUS_ARCHIVE_TIME])
{
    struct civil t = civil_of_wall(wall);
    struct writer w = writer_over(memory, MODBUS_ARCHIVE_TIME);
    put_u8(&w, 1);
    put_u8(&w, (unsigned)t.second);
    put_u8(&w, (unsigned)t.minute);
    put_u8(&w, (unsigned)t.hour);
    put_u8(&w, (unsigned)t.day);
    put_u8(&w, (unsigned)t.month);
    put_u8(&w, (unsigned)(t.year % 100));
    return writer_bytes(&w);
}

/* A number of the row, with its fraction where it has one. */
static bool take_value(const struct modbus_archive_row *row, struct cursor *r, struct decimal *ret)
{
    struct decimal fraction = { 0 };
    return modbus_take_number(r, row->type, MODBUS_ABCD, ret) && (!row->fraction || modbus_take_number(r, MODBUS_F32, MODBUS_ABCD, &fraction)) &&
           decimal_add(*ret, fraction, ret) && decimal_multiply(*ret, row->scale, ret);
}

static void emit_row(const struct modbus_archive_row *row, struct bytes data, const struct record *record)
{
    for (uint8_t n = 0; n < (row->channels ? row->channels : 1); n++) {
        size_t size = row->fraction ? 8 : 4;
        struct cursor r = cursor_over(bytes_part(data, row->at + n * size, size));
        struct obis obis = row->channels ? obis_with(row->obis, 1, (uint8_t)(row->before + n + 1)) : row->obis;
        struct decimal value;
        if (take_value(row, &r, &value))
            emit_in(record, obis, value, row->unit);
        else
            emit_missing(record, obis);
    }
}

/* The state behind the values: what the meter itself says of the record. */
enum { STATE_SHIFTED = 1 << 5, STATE_EMPTY = 1 << 6, STATE_DAMAGED = 1 << 7 };

/* True when it is the record of that interval: its time is the last second. */
static bool is_of(const struct modbus_archive *a, struct bytes data, struct span interval, uint8_t *ret_state)
{
    struct cursor r = cursor_over(data), s = cursor_over(bytes_part(data, a->state_at, 1));
    uint32_t last = take_be32(&r);
    uint8_t word = take_u8(&s);
    *ret_state = a->state_at ? word : 0;
    return !r.failed && !s.failed && data.size == a->size && (int64_t)last + 1 == interval.to && !(*ret_state & STATE_EMPTY);
}

static void read_record(struct conversation *c, const struct modbus_archive *a, enum archive archive, int64_t at, struct sink *out)
{
    struct span interval = interval_of(archive, at);
    struct record record = { .out = out, .wall = at, .archive = archive, .step = archive == ARCHIVE_HOUR ? HOUR_SECONDS : 0 };
    uint8_t memory[MODBUS_ARCHIVE_TIME], word = 0;
    struct bytes data = modbus_ask(c, &(struct modbus_request){ .function = MODBUS_READ_ARCHIVE, .address = a->number, .count = 1,
                                                                .data = moment(interval.from + (interval.to - interval.from) / 2, memory) });
    if (conversation_fault(c))
        return;
    if (state(c)->exception == MODBUS_BAD_FUNCTION) {
        conversation_fail(c, FAULT_NOT_SUPPORTED, "%s", modbus_exception_text(MODBUS_BAD_FUNCTION, conversation_lang(c)));
        return;
    }
    bool there = !state(c)->exception && is_of(a, data, interval, &word);
    record.quality = there ? (uint8_t)((word & STATE_SHIFTED ? QUALITY_CLOCK : 0) | (word & STATE_DAMAGED ? QUALITY_METER : 0)) : 0;
    for (const struct modbus_archive_row *row = a->rows; row->scale.mantissa; row++)
        emit_row(row, there ? data : bytes_of(NULL, 0), &record); /* without data each is missing */
}

void modbus_archive_read(struct conversation *c, const struct modbus_map *map, const struct want *w, struct sink *out)
{
    const struct modbus_archive *a = map->archives;
    while (a && a->size && a->archive != w->archive)
        a++;
    if (!a || !a->size) {
        conversation_fail(c, FAULT_NOT_SUPPORTED, "%s", archive_title(w->archive, conversation_lang(c)));
        return;
    }
    conversation_step(c, archive_name(w->archive));
    int64_t at = archive_floor(w->archive, HOUR_SECONDS, w->span.from);
    if (at < w->span.from)
        at = archive_next(w->archive, HOUR_SECONDS, at);
    for (; at < w->span.to && !conversation_fault(c); at = archive_next(w->archive, HOUR_SECONDS, at))
        read_record(c, a, w->archive, at, out);
}
