/* Records of an M-Bus answer; see mbus_records.h. */
#include "wire/mbus_records.h"

/* --- time types -------------------------------------------------------------------------------------------------- */

/* Seven bits: the high three of the day byte, the high four of the month byte. 0..80 are 2000.., 81..99 are 19.. as in
 * EN 13757-3; `century` (type F) overrules. */
static int year_of(uint8_t day, uint8_t month, unsigned century)
{
    int year = (day >> 5 & 7) | (month & 0xF0) >> 1;
    if (century)
        return 1900 + (int)century * 100 + year;
    return year <= 80 ? 2000 + year : 1900 + year;
}

int64_t mbus_time_g(struct bytes two)
{
    struct cursor c = cursor_over(two);
    uint8_t day = take_u8(&c), month = take_u8(&c);
    return c.failed ? WALL_NONE : wall_from_fields(year_of(day, month, 0), month & 0x0F, day & 0x1F, 0, 0, 0);
}

int64_t mbus_time_f(struct bytes four)
{
    struct cursor c = cursor_over(four);
    uint8_t minute = take_u8(&c), hour = take_u8(&c), day = take_u8(&c), month = take_u8(&c);
    if (c.failed || minute & 0x80)
        return WALL_NONE;
    return wall_from_fields(year_of(day, month, hour >> 5 & 3), month & 0x0F, day & 0x1F, hour & 0x1F, minute & 0x3F, 0);
}

int64_t mbus_time_i(struct bytes six)
{
    struct cursor c = cursor_over(six);
    uint8_t second = take_u8(&c), minute = take_u8(&c), hour = take_u8(&c), day = take_u8(&c), month = take_u8(&c);
    if (c.failed || minute & 0x80)
        return WALL_NONE;
    return wall_from_fields(year_of(day, month, 0), month & 0x0F, day & 0x1F, hour & 0x1F, minute & 0x3F, second & 0x3F);
}

int64_t mbus_time_j(struct bytes three)
{
    struct cursor c = cursor_over(three);
    int second = take_u8(&c) & 0x3F, minute = take_u8(&c) & 0x3F, hour = take_u8(&c) & 0x1F;
    if (c.failed || second > 59 || minute > 59 || hour > 23)
        return WALL_NONE;
    return hour * HOUR_SECONDS + minute * 60 + second;
}

void mbus_text_put(struct text *t, struct bytes reversed)
{
    uint8_t turned[256];
    struct writer w = writer_over(turned, sizeof turned);
    for (size_t i = reversed.size; i > 0; i--)
        put_bytes(&w, bytes_part(reversed, i - 1, 1));
    text_put_foreign(t, writer_bytes(&w));
}

/* --- numbers ----------------------------------------------------------------------------------------------------- */

static bool set_number(struct mbus_record *r, struct decimal value)
{
    r->kind = MBUS_NUMBER;
    r->value = value;
    return true;
}

/* Little-endian packed digits; F as the highest nibble is a minus, any other nibble above 9 makes it no number. */
static bool read_bcd(struct mbus_record *r, bool negative)
{
    int64_t value = 0;
    for (size_t i = r->data.size; i > 0; i--) {
        struct cursor c = cursor_over(bytes_part(r->data, i - 1, 1));
        uint8_t b = take_u8(&c);
        unsigned high = b >> 4, low = b & 0x0F;
        if (i == r->data.size && high == 0xF) {
            negative = true;
            high = 0;
        }
        if (high > 9 || low > 9 || __builtin_mul_overflow(value, 100, &value) ||
            __builtin_add_overflow(value, (int64_t)(high * 10 + low), &value))
            return false;
    }
    return set_number(r, decimal_of(negative ? -value : value, 0));
}

static bool read_integer(struct mbus_record *r)
{
    struct cursor c = cursor_over(r->data);
    size_t size = r->data.size;
    if (size == 0 || size > 8)
        return false;
    r->bits = take_le(&c, size);
    unsigned unused = 64 - 8 * (unsigned)size;
    return set_number(r, decimal_of((int64_t)(r->bits << unused) >> unused, 0));
}

/* Exponents beyond what struct decimal holds: digits too small to matter are dropped, too large is no number. */
static bool fit(int64_t mantissa, int exponent, struct decimal *ret)
{
    for (; exponent < -18; exponent++)
        mantissa /= 10;
    for (; exponent > 18; exponent--)
        if (__builtin_mul_overflow(mantissa, 10, &mantissa))
            return false;
    *ret = decimal_of(mantissa, exponent);
    return true;
}

static bool scale_by(struct decimal *value, struct decimal factor)
{
    int64_t mantissa;
    return !__builtin_mul_overflow(value->mantissa, factor.mantissa, &mantissa) &&
           fit(mantissa, value->exponent + factor.exponent, value);
}

static bool read_float(struct mbus_record *r)
{
    enum { TINY = 64 }; /* exponents below 2^-63 are noise around zero, beyond what struct decimal can say */
    struct cursor c = cursor_over(r->data);
    uint32_t bits = take_le32(&c);
    struct decimal value = decimal_of(0, 0);
    if ((bits >> 23 & 0xFF) > TINY && (!decimal_from_float32(bits, &value) || !fit(value.mantissa, value.exponent, &value)))
        return false;
    return set_number(r, value);
}

/* --- data -------------------------------------------------------------------------------------------------------- */

enum { CODING_NONE = 0, CODING_FLOAT = 5, CODING_INT64 = 7, CODING_SELECT = 8, CODING_LVAR = 13, CODING_BCD12 = 14, CODING_SPECIAL = 15 };

static size_t size_of_coding(uint8_t coding)
{
    static const uint8_t sizes[] = { 0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4, 0, 6 };
    return sizes[coding];
}

/* LVAR: the first byte says what follows and how long it is. F0..FA differ by edition: not read. */
static void take_variable(struct cursor *c, struct mbus_record *r)
{
    uint8_t lvar = take_u8(c);
    unsigned low = lvar & 0x0F;
    if (lvar < 0xC0) {
        r->data = take_bytes(c, lvar);
        r->kind = MBUS_TEXT;
    } else if (lvar >= 0xF0 || (lvar < 0xE0 && low > 9)) {
        cursor_fail(c);
    } else {
        r->data = take_bytes(c, low);
        bool good = lvar < 0xE0 ? low <= 9 && read_bcd(r, lvar >= 0xD0) : read_integer(r);
        if (!good)
            r->kind = lvar < 0xE0 ? MBUS_INVALID : MBUS_BINARY;
    }
}

static void read_moment(struct mbus_record *r)
{
    r->kind = MBUS_MOMENT;
    switch (r->data.size) {
    case 2:
        r->wall = mbus_time_g(r->data);
        break;
    case 3:
        r->wall = mbus_time_j(r->data);
        r->kind = MBUS_TIME_OF_DAY;
        break;
    case 4:
        r->wall = mbus_time_f(r->data);
        break;
    case 6:
        r->wall = mbus_time_i(r->data);
        break;
    default:
        r->wall = WALL_NONE;
    }
    if (r->wall == WALL_NONE)
        r->kind = MBUS_INVALID;
}

static void take_data(struct cursor *c, struct mbus_record *r)
{
    bool good = true;
    r->kind = MBUS_NOTHING;
    if (r->coding == CODING_LVAR) {
        take_variable(c, r);
        return;
    }
    r->data = take_bytes(c, size_of_coding(r->coding));
    if (c->failed || r->coding == CODING_NONE || r->coding == CODING_SELECT)
        return;
    if (r->meaning.moment && r->coding <= CODING_INT64 && r->coding != CODING_FLOAT)
        read_moment(r);
    else if (r->coding == CODING_FLOAT)
        good = read_float(r);
    else if (r->coding <= CODING_INT64)
        good = read_integer(r);
    else
        good = read_bcd(r, false);
    if (!good)
        r->kind = MBUS_INVALID;
}

/* --- VIB --------------------------------------------------------------------------------------------------------- */

/* What the modifiers do to the number, applied when it is known. */
struct correction {
    struct decimal factor, addend;
};

static void apply_vife(struct mbus_record *r, const struct mbus_vife *row, uint8_t vife, struct correction *k)
{
    unsigned n = vife & 0x7Fu & ~(unsigned)row->mask;
    switch ((enum mbus_effect)row->effect) {
    case MBUS_VIFE_ERROR:
        r->error = vife & 0x7F;
        break;
    case MBUS_VIFE_MOMENT:
        r->meaning.moment = true;
        r->altered = true;
        break;
    case MBUS_VIFE_UNKNOWN:
    case MBUS_VIFE_ALTERS:
        r->altered = true;
        break;
    case MBUS_VIFE_FORWARD:
        r->direction = 1;
        break;
    case MBUS_VIFE_BACKWARD:
        r->direction = -1;
        break;
    case MBUS_VIFE_BASE:
        r->at_base = true;
        break;
    case MBUS_VIFE_MULTIPLY:
        k->factor.exponent = (int8_t)(k->factor.exponent + (int)n - 6);
        break;
    case MBUS_VIFE_ADD:
        if (!decimal_add(k->addend, decimal_of(1, (int)n - 3), &k->addend))
            r->altered = true;
        break;
    case MBUS_VIFE_THOUSAND:
        k->factor.exponent = (int8_t)(k->factor.exponent + 3);
        break;
    case MBUS_VIFE_VENDOR:
        r->vendor = true;
        break;
    case MBUS_VIFE_PLAIN:
    case MBUS_VIFE_SECOND:
        break;
    }
}

static void take_vifes(struct cursor *c, struct mbus_record *r, bool more, struct correction *k)
{
    bool second = false;
    for (int i = 0; more; i++) {
        uint8_t vife = take_u8(c);
        if (i == MBUS_EXTENSIONS_MAX)
            cursor_fail(c);
        more = !c->failed && vife & 0x80;
        if (r->vendor)
            continue; /* after a maker's own code the rest is the maker's own */
        if (second) {
            r->phase = mbus_vife_phase(vife);
            r->altered |= r->phase == 0;
            second = false;
            continue;
        }
        const struct mbus_vife *row = mbus_vife_row(vife);
        second = row->effect == MBUS_VIFE_SECOND;
        apply_vife(r, row, vife, k);
    }
}

static void take_vib(struct cursor *c, struct mbus_record *r, struct correction *k)
{
    const uint8_t *start = c->at;
    uint8_t vif = take_u8(c);
    if (vif == 0xFB || vif == 0xFD) {
        bool fb = vif == 0xFB;
        vif = take_u8(c);
        r->meaning = fb ? mbus_vif_fb(vif) : mbus_vif_fd(vif);
    } else {
        r->meaning = mbus_vif_primary(vif);
    }
    r->vendor = r->meaning.quantity == MBUS_VENDOR;
    take_vifes(c, r, vif & 0x80, k);
    r->vib = bytes_of(start, (size_t)(c->at - start));
    if (r->meaning.quantity == MBUS_PLAIN_TEXT)
        r->name = take_bytes(c, take_u8(c));
}

static void take_difes(struct cursor *c, struct mbus_record *r, bool more)
{
    for (unsigned n = 0; more; n++) {
        uint8_t dife = take_u8(c);
        if (n == MBUS_EXTENSIONS_MAX) {
            cursor_fail(c);
            return;
        }
        r->storage |= (uint64_t)(dife & 0x0F) << (1 + 4 * n);
        r->tariff |= (dife >> 4 & 3u) << (2 * n);
        r->subunit |= (uint16_t)((dife >> 6 & 1u) << n);
        more = !c->failed && dife & 0x80;
    }
}

/* The number in the meaning's unit. */
static void finish_number(struct mbus_record *r, const struct correction *k)
{
    if (r->kind != MBUS_NUMBER)
        return;
    bool good = scale_by(&r->value, r->meaning.scale) && scale_by(&r->value, k->factor);
    if (good && k->addend.mantissa)
        good = decimal_add(r->value, k->addend, &r->value);
    if (!good)
        r->kind = MBUS_INVALID;
}

/* --- the walk ---------------------------------------------------------------------------------------------------- */

struct mbus_records mbus_records_of(const struct mbus_response *r)
{
    struct mbus_records w = { .at = cursor_over(bytes_part(r->body, 0, 0)) };
    if (r->kind == MBUS_ANSWER_VARIABLE || r->kind == MBUS_ANSWER_FIXED)
        w.at = cursor_over(r->body);
    if (r->kind == MBUS_ANSWER_FIXED)
        w.fixed = r;
    return w;
}

/* Status bits of the fixed structure: 0 counters are binary, 1 counters are of the due date. */
static bool next_fixed(struct mbus_records *w, struct mbus_record *r)
{
    if (w->given == 2)
        return false;
    int i = w->given++;
    bool historic, other;
    uint8_t units[2] = { w->fixed->fixed_units[0], w->fixed->fixed_units[1] };
    r->meaning = mbus_fixed_unit(units[i], &historic);
    if (historic)
        r->meaning = mbus_fixed_unit(units[1 - i], &other);
    r->storage = historic || w->fixed->status & 2;
    r->whole = r->data = take_bytes(&w->at, 4);
    r->coding = w->fixed->status & 1 ? 4 : 12;
    if (!(r->coding == 4 ? read_integer(r) : read_bcd(r, false)))
        r->kind = MBUS_INVALID;
    finish_number(r, &(struct correction){ .factor = decimal_of(1, 0) });
    return !w->at.failed;
}

/* Special DIFs; true when the walk is over. */
static bool special(struct mbus_records *w, uint8_t dif)
{
    switch (dif) {
    case 0x2F: /* filler */
    case 0x7F: /* global readout request: means nothing in an answer */
        return false;
    case 0x1F:
        w->more = true;
        /* fallthrough */
    case 0x0F:
        w->has_vendor = true;
        w->vendor = take_rest(&w->at);
        return true;
    }
    cursor_fail(&w->at);
    return true;
}

bool mbus_records_next(struct mbus_records *w, struct mbus_record *ret)
{
    struct mbus_record r = { .wall = WALL_NONE };
    if (w->fixed) {
        *ret = r;
        return next_fixed(w, ret);
    }
    const uint8_t *start = w->at.at;
    uint8_t dif = 0;
    while (cursor_left(&w->at)) {
        start = w->at.at;
        dif = take_u8(&w->at);
        if ((dif & 0x0F) != CODING_SPECIAL)
            break;
        if (special(w, dif))
            return false;
        dif = CODING_SPECIAL;
    }
    if (w->at.at == start || (dif & 0x0F) == CODING_SPECIAL)
        return false;
    struct correction k = { .factor = decimal_of(1, 0) };
    r.coding = dif & 0x0F;
    r.function = (enum mbus_function)(dif >> 4 & 3);
    r.storage = dif >> 6 & 1;
    if (w->given++ == MBUS_TELEGRAM_RECORDS_MAX)
        cursor_fail(&w->at);
    take_difes(&w->at, &r, dif & 0x80);
    take_vib(&w->at, &r, &k);
    take_data(&w->at, &r);
    finish_number(&r, &k);
    r.whole = bytes_of(start, (size_t)(w->at.at - start));
    *ret = r;
    return !w->at.failed;
}
