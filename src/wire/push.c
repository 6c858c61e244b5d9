/* Frames between a gateway and its head-end; see push.h and docs/push.md. */
#include "wire/push.h"

/* --- frames and numbers -------------------------------------------------------------------------------------------------- */

void put_push_head(struct writer *w, enum push_kind kind, size_t size)
{
    put_be(w, size, 3);
    put_u8(w, (unsigned)kind);
}

static bool is_letter(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

enum push_found push_find(struct bytes heard, size_t most, struct push_frame *ret)
{
    struct cursor c = cursor_over(heard);
    if (heard.size < PUSH_HEAD)
        return PUSH_PARTIAL;
    size_t size = (size_t)take_be(&c, 3);
    ret->kind = take_u8(&c);
    if (size > most || !is_letter(ret->kind))
        return PUSH_WRONG;
    ret->body = take_bytes(&c, size);
    return c.failed ? PUSH_PARTIAL : PUSH_WHOLE;
}

void put_push_number(struct writer *w, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        put_u8(w, (value & 0x7F) | 0x80);
    put_u8(w, (unsigned)value);
}

void put_push_signed(struct writer *w, int64_t value)
{
    put_push_number(w, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0));
}

uint64_t take_push_number(struct cursor *c)
{
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        uint8_t byte = take_u8(c);
        if (shift == 63 && byte > 1)
            break;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80))
            return c->failed ? 0 : value;
    }
    cursor_fail(c);
    return 0;
}

int64_t take_push_signed(struct cursor *c)
{
    uint64_t value = take_push_number(c);
    return (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
}

/* Sums wrap, so that any difference of two 64-bit numbers can be carried. */
static int64_t plus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static int64_t minus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

void put_push_parcel(struct writer *w, const struct push_parcel *p)
{
    put_push_number(w, p->number);
    put_push_number(w, p->behind);
    put_push_number(w, p->oldest_ms);
}

struct push_parcel take_push_parcel(struct cursor *c)
{
    struct push_parcel p = { .number = take_push_number(c) };
    p.behind = take_push_number(c);
    p.oldest_ms = take_push_number(c);
    return p;
}

bool take_push_channel(struct cursor *c, uint32_t *ret)
{
    uint64_t channel = take_push_number(c);
    *ret = (uint32_t)channel;
    return !c->failed && channel && channel <= UINT32_MAX;
}

/* --- items going out ------------------------------------------------------------------------------------------------------- */

/* An item is written behind the largest head it can have, then drawn up to it. */
enum { ITEM_HEAD = 1 + 10 + 3 };

static struct writer item_begin(const struct writer *w)
{
    size_t room = writer_room(w);
    return room > ITEM_HEAD ? writer_over(w->at + ITEM_HEAD, room - ITEM_HEAD) : (struct writer){ .failed = true };
}

static bool item_end(struct writer *w, uint8_t what, uint64_t meter, const struct writer *body)
{
    size_t size = body->failed ? 0 : writer_size(body);
    if (body->failed)
        return false;
    put_u8(w, what);
    put_push_number(w, meter);
    put_push_number(w, size);
    memmove(w->at, body->start, size);
    w->at += size;
    return true;
}

static bool fits_column(const struct push_column *k, const struct reading *r)
{
    return obis_equal(k->obis, r->obis) && k->step == r->step && k->unit == r->unit && k->exponent == r->value.exponent;
}

/* The reading's column, looked for from `guess` on, added when new; PUSH_COLUMNS_MAX when there are too many. */
static size_t column_of(struct push_scratch *all, const struct reading *r, size_t guess)
{
    for (size_t tried = 0; tried < all->columns; tried++) {
        size_t i = (guess + tried) % all->columns;
        if (fits_column(&all->column[i], r))
            return i;
    }
    if (all->columns == PUSH_COLUMNS_MAX)
        return PUSH_COLUMNS_MAX;
    all->column[all->columns] = (struct push_column){ r->obis, r->step, r->unit, r->value.exponent, SIZE_MAX };
    return all->columns++;
}

/* Registers in the order in which they are met, and each reading's place in the matrix. A register has one value at a moment: a
 * second one is left out. False when there are too many registers. */
static bool lay_out(const struct reading *r, size_t count, struct push_scratch *all, size_t *ret_rows)
{
    size_t rows = 0, guess = 0;
    for (size_t i = 0; i < count; i++) {
        rows += i == 0 || r[i].wall != r[i - 1].wall;
        guess = column_of(all, &r[i], guess);
        if (guess == PUSH_COLUMNS_MAX)
            return false;
        bool again = all->column[guess].last == rows;
        all->column[guess].last = rows;
        all->place[i] = (struct push_place){ (uint32_t)(rows - 1), again ? UINT32_MAX : (uint32_t)guess };
        guess++;
    }
    *ret_rows = rows;
    return true;
}

static void put_walls(struct writer *w, const struct reading *r, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (i == 0)
            put_push_signed(w, r[i].wall);
        else if (r[i].wall != r[i - 1].wall)
            put_push_number(w, (uint64_t)minus(r[i].wall, r[i - 1].wall));
}

static void put_column_head(struct writer *w, const struct push_column *k)
{
    uint8_t six[6];
    obis_to_bytes(k->obis, six);
    put_bytes(w, bytes_of(six, sizeof six));
    put_u8(w, k->unit);
    put_push_signed(w, k->exponent);
    put_push_number(w, k->step);
}

/* Marks as runs, then the numbers as differences. */
static void put_column(struct writer *w, const struct reading *r, const struct push_place *places, size_t count, size_t column, size_t rows)
{
    size_t row = 0, run = 0;
    uint64_t mark = 0;
    int64_t former = 0;
    for (size_t i = 0; i <= count; i++) {
        if (i < count && places[i].column != column)
            continue;
        size_t at = i < count ? places[i].row : rows;
        for (; row < at; row++, run++)
            if (mark != 0) { /* a hole before the next value */
                put_push_number(w, run);
                put_push_number(w, mark);
                mark = run = 0;
            }
        uint64_t next = i < count ? UINT64_C(1) + r[i].quality : 0;
        if (i < count && run && next != mark) {
            put_push_number(w, run);
            put_push_number(w, mark);
            run = 0;
        }
        if (i < count) {
            mark = next;
            run++;
            row++;
        }
    }
    if (run) {
        put_push_number(w, run);
        put_push_number(w, mark);
    }
    for (size_t i = 0; i < count; i++)
        if (places[i].column == column && !(r[i].quality & QUALITY_MISSING)) {
            put_push_signed(w, minus(r[i].value.mantissa, former));
            former = r[i].value.mantissa;
        }
}

bool put_push_readings(struct writer *w, struct push_scratch *scratch, uint64_t meter, const struct reading *r, size_t count)
{
    struct writer body = item_begin(w);
    size_t rows = 0;
    if (count == 0)
        return true;
    scratch->columns = 0;
    if (count > PUSH_READINGS_MAX || !lay_out(r, count, scratch, &rows))
        return false;
    put_push_number(&body, rows);
    put_walls(&body, r, count);
    put_push_number(&body, scratch->columns);
    for (size_t k = 0; k < scratch->columns && !body.failed; k++) {
        put_column_head(&body, &scratch->column[k]);
        put_column(&body, r, scratch->place, count, k, rows);
    }
    return item_end(w, r->archive, meter, &body);
}

bool put_push_events(struct writer *w, uint64_t meter, const struct event *e, size_t count)
{
    struct writer body = item_begin(w);
    put_push_number(&body, count);
    for (size_t i = 0; i < count; i++) {
        put_push_signed(&body, minus(e[i].wall, i ? e[i - 1].wall : 0));
        put_push_number(&body, e[i].journal);
        put_push_number(&body, e[i].code);
        put_push_number(&body, e[i].detail);
    }
    return count == 0 || (count <= PUSH_RECORDS_MAX && item_end(w, ARCHIVE_JOURNAL, meter, &body));
}

bool put_push_states(struct writer *w, uint64_t meter, const struct state *s, size_t count)
{
    struct writer body = item_begin(w);
    put_push_number(&body, count);
    for (size_t i = 0; i < count; i++) {
        uint8_t six[6];
        obis_to_bytes(s[i].obis, six);
        put_bytes(&body, bytes_of(six, sizeof six));
        put_push_signed(&body, minus(s[i].wall, i ? s[i - 1].wall : 0));
        put_push_signed(&body, s[i].value);
    }
    return count == 0 || (count <= PUSH_RECORDS_MAX && item_end(w, ARCHIVE_STATE, meter, &body));
}

bool put_push_contacts(struct writer *w, uint64_t meter, const struct push_contact *h, size_t count)
{
    struct writer body = item_begin(w);
    put_push_number(&body, count);
    for (size_t i = 0; i < count; i++) {
        put_push_signed(&body, minus(h[i].hour, i ? h[i - 1].hour : 0));
        put_u8(&body, (unsigned)h[i].good | (unsigned)h[i].failed << 1);
    }
    return count == 0 || (count <= PUSH_RECORDS_MAX && item_end(w, PUSH_ITEM_CONTACTS, meter, &body));
}

/* --- items coming in ------------------------------------------------------------------------------------------------------- */

bool push_item_next(struct cursor *c, struct push_item *ret)
{
    if (cursor_left(c) == 0)
        return false;
    ret->what = take_u8(c);
    ret->meter = take_push_number(c);
    uint64_t size = take_push_number(c);
    if (size > cursor_left(c))
        cursor_fail(c);
    ret->body = take_bytes(c, c->failed ? 0 : (size_t)size);
    return !c->failed;
}

/* The marks of one column, unfolded; then its numbers. */
static bool take_column(struct cursor *c, enum archive archive, struct push_scratch *scratch, size_t rows, struct sink *out)
{
    uint16_t *marks = scratch->mark;
    struct bytes six = take_bytes(c, 6);
    uint8_t unit = take_u8(c);
    int64_t exponent = take_push_signed(c), number = 0;
    uint64_t step = take_push_number(c);
    if (c->failed || exponent < -18 || exponent > 18 || step > UINT16_MAX)
        return false;
    for (size_t row = 0; row < rows;) {
        uint64_t run = take_push_number(c), mark = take_push_number(c);
        if (c->failed || run == 0 || run > rows - row || mark > 256)
            return false;
        for (; run; run--)
            marks[row++] = (uint16_t)mark;
    }
    struct reading r = { .obis = obis_from_bytes(six.data), .step = (uint16_t)step, .archive = (uint8_t)archive, .unit = unit, .origin = ORIGIN_PUSH };
    for (size_t row = 0; row < rows && !c->failed; row++) {
        if (!marks[row])
            continue;
        r.quality = (uint8_t)(marks[row] - 1);
        bool missing = r.quality & QUALITY_MISSING;
        number = missing ? number : plus(number, take_push_signed(c));
        r.wall = scratch->wall[row];
        r.value = decimal_of(missing ? 0 : number, (int)exponent);
        if (!c->failed)
            emit_reading(out, &r);
    }
    return !c->failed;
}

static bool emit_readings(const struct push_item *item, struct push_scratch *scratch, size_t *cells, struct sink *out)
{
    struct cursor c = cursor_over(item->body);
    uint64_t rows = take_push_number(&c);
    if (c.failed || rows == 0 || rows > PUSH_READINGS_MAX || rows > *cells)
        return false;
    for (size_t i = 0; i < rows; i++)
        scratch->wall[i] = i ? plus(scratch->wall[i - 1], (int64_t)take_push_number(&c)) : take_push_signed(&c);
    uint64_t columns = take_push_number(&c);
    bool good = !c.failed && columns <= PUSH_COLUMNS_MAX && columns * rows <= *cells;
    if (good)
        *cells -= (size_t)(columns * rows);
    for (uint64_t k = 0; good && k < columns; k++)
        good = take_column(&c, (enum archive)item->what, scratch, (size_t)rows, out);
    return good && cursor_done(&c);
}

static bool emit_events(struct cursor *c, uint64_t count, struct sink *out)
{
    struct event e = { 0 };
    for (; count && !c->failed; count--) {
        e.wall = plus(e.wall, take_push_signed(c));
        uint64_t journal = take_push_number(c), code = take_push_number(c), detail = take_push_number(c);
        if (c->failed || journal > UINT16_MAX || code > UINT16_MAX || detail > UINT32_MAX)
            return false;
        e.journal = (uint16_t)journal;
        e.code = (uint16_t)code;
        e.detail = (uint32_t)detail;
        emit_event(out, &e);
    }
    return cursor_done(c);
}

static bool emit_states(struct cursor *c, uint64_t count, struct sink *out)
{
    int64_t wall = 0;
    for (; count && !c->failed; count--) {
        struct bytes six = take_bytes(c, 6);
        wall = plus(wall, take_push_signed(c));
        int64_t value = take_push_signed(c);
        if (!c->failed)
            emit_state(out, obis_from_bytes(six.data), wall, value);
    }
    return cursor_done(c);
}

bool push_item_emit(const struct push_item *item, struct push_scratch *scratch, size_t *cells, struct sink *out)
{
    if (item->what < ARCHIVE_JOURNAL)
        return emit_readings(item, scratch, cells, out);
    struct cursor c = cursor_over(item->body);
    uint64_t count = take_push_number(&c);
    if (c.failed || count > PUSH_RECORDS_MAX || count > *cells)
        return false;
    *cells -= (size_t)count;
    return item->what == ARCHIVE_JOURNAL ? emit_events(&c, count, out) : item->what == ARCHIVE_STATE && emit_states(&c, count, out);
}

bool push_contact_next(struct push_contacts *walk, struct push_contact *ret)
{
    struct cursor *c = &walk->cursor;
    if (!walk->begun)
        walk->left = take_push_number(c);
    walk->begun = true;
    if (c->failed || walk->left == 0 || walk->left > PUSH_RECORDS_MAX)
        return false;
    walk->left--;
    walk->hour = plus(walk->hour, take_push_signed(c));
    uint8_t flags = take_u8(c);
    *ret = (struct push_contact){ walk->hour, flags & 1, flags & 2 };
    return !c->failed;
}
