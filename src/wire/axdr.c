/* COSEM data on the wire; see axdr.h.
 *
 * compact array: 13 | TypeDescription | length of contents | contents
 * TypeDescription: tag; after array 01 the number of elements (2 bytes) and their description; after structure 02 the
 * count and as many descriptions. `13 02 02 11 12 06 01 01 02 02 03 04` = two structures {u8, u16}. */
#include "wire/axdr.h"
#include "base/civil.h"

/* Bytes of the types whose size the tag tells; 0 for the others. */
static const uint8_t fixed_size[] = {
    [COSEM_BOOLEAN] = 1, [COSEM_INT32] = 4,   [COSEM_UINT32] = 4,     [COSEM_BCD] = 1,     [COSEM_INT8] = 1,
    [COSEM_INT16] = 2,   [COSEM_UINT8] = 1,   [COSEM_UINT16] = 2,     [COSEM_INT64] = 8,   [COSEM_UINT64] = 8,
    [COSEM_ENUM] = 1,    [COSEM_FLOAT32] = 4, [COSEM_FLOAT64] = 8,    [COSEM_DATE_TIME] = 12,
    [COSEM_DATE] = 5,    [COSEM_TIME] = 4,
};

static size_t type_size(uint8_t type)
{
    return type < sizeof fixed_size ? fixed_size[type] : 0;
}

static bool type_is_string(uint8_t type)
{
    return type == COSEM_OCTETS || type == COSEM_VISIBLE || type == COSEM_UTF8;
}

uint32_t take_axdr_length(struct cursor *c)
{
    uint8_t first = take_u8(c);
    if (first < 0x80)
        return first;
    size_t size = first & 0x7F;
    if (size == 0 || size > 4) {
        cursor_fail(c);
        return 0;
    }
    return (uint32_t)take_be(c, size);
}

void put_axdr_length(struct writer *w, size_t length)
{
    if (length < 0x80) {
        put_u8(w, (unsigned)length);
        return;
    }
    size_t size = length > 0xFFFFFF ? 4 : length > 0xFFFF ? 3 : length > 0xFF ? 2 : 1;
    put_u8(w, 0x80 + (unsigned)size);
    put_be(w, length, size);
}

struct bytes take_axdr_octets(struct cursor *c)
{
    uint32_t size = take_axdr_length(c);
    return take_bytes(c, size);
}

void put_axdr_octets(struct writer *w, struct bytes b)
{
    put_axdr_length(w, b.size);
    put_bytes(w, b);
}

/* --- type descriptions of compact arrays --- */

/* Passes over one description; every step takes a byte, so the wire's counts cannot make it long. */
static void skip_description(struct cursor *c)
{
    for (uint64_t pending = 1; pending && !c->failed; pending--) {
        uint8_t type = take_u8(c);
        if (type == COSEM_STRUCTURE)
            pending += take_axdr_length(c);
        else if (type == COSEM_ARRAY) {
            cursor_skip(c, 2);
            pending++;
        } else if (type == COSEM_COMPACT) {
            cursor_fail(c);
        }
    }
}

/* Fewest bytes that one value of the description takes (saturated); fails for arrays of things without bytes, of which
 * any number would fit into nothing. */
static uint32_t description_minimum(struct cursor *c, int depth)
{
    uint8_t type = take_u8(c);
    uint64_t sum = 0;
    if (depth >= COSEM_DEPTH_MAX - 1) {
        cursor_fail(c);
    } else if (type == COSEM_STRUCTURE) {
        uint32_t count = take_axdr_length(c);
        for (uint32_t i = 0; i < count && !c->failed; i++)
            sum += description_minimum(c, depth + 1);
    } else if (type == COSEM_ARRAY) {
        uint64_t count = take_be16(c);
        sum = count * description_minimum(c, depth + 1);
        if (count && !sum)
            cursor_fail(c);
    } else {
        sum = type_is_string(type) || type == COSEM_BITS ? 1 : type_size(type);
        if (!sum && type != COSEM_NULL && type != COSEM_DONT_CARE)
            cursor_fail(c);
    }
    return sum > 1 << 24 ? 1 << 24 : (uint32_t)sum;
}

/* --- reading --- */

struct cosem_reader cosem_reader_over(struct bytes b)
{
    return (struct cosem_reader){ .in = cursor_over(b) };
}

/* Leaves the compact containers that have no more items. */
static void compact_unwind(struct cosem_reader *r)
{
    bool inside = r->depth > 0;
    while (r->depth && r->level[r->depth - 1].left == 0)
        r->depth--;
    if (inside && !r->depth && !r->in.failed) {
        if (r->in.at != r->in.end)
            r->in.failed = true;
        else
            r->in = r->after;
    }
}

/* Makes `count` items of `types` the next elements. */
static void compact_enter(struct cosem_reader *r, struct bytes types, uint32_t count, bool same)
{
    if (r->depth == COSEM_DEPTH_MAX) {
        cosem_fail(r);
        return;
    }
    r->level[r->depth++] = (struct cosem_level){ .types = types, .left = count, .same = same };
}

/* How many elements of one description the contents hold; false when they do not hold a whole number of them. */
static bool compact_count(struct bytes types, struct bytes contents, uint32_t *ret)
{
    struct cosem_reader walk = cosem_reader_over(contents);
    uint32_t count = 0;
    compact_enter(&walk, types, UINT32_MAX, true);
    for (; cursor_left(&walk.in); count++)
        cosem_skip(&walk);
    *ret = count;
    return !walk.in.failed;
}

static struct cosem_data compact_open(struct cosem_reader *r)
{
    struct cosem_data d = { .type = COSEM_ARRAY, .compact = true };
    struct cursor types = r->in;
    uint32_t minimum = description_minimum(&types, 0);
    size_t size = (size_t)(types.at - r->in.at);
    if (types.failed || size > COSEM_DESCRIPTION_MAX) {
        cosem_fail(r);
        return (struct cosem_data){ 0 };
    }
    struct bytes description = take_bytes(&r->in, size);
    struct bytes contents = take_axdr_octets(&r->in);
    if (r->in.failed || (contents.size && !minimum) || !compact_count(description, contents, &d.count)) {
        cosem_fail(r);
        return (struct cosem_data){ 0 };
    }
    r->after = r->in;
    r->in = cursor_over(contents);
    compact_enter(r, description, d.count, true);
    return d;
}

/* The value of a scalar, or the count of a container, after its tag. */
static struct cosem_data take_content(struct cursor *c, uint8_t type)
{
    struct cosem_data d = { .type = type };
    if (type == COSEM_ARRAY || type == COSEM_STRUCTURE) {
        d.count = take_axdr_length(c);
        if (d.count > cursor_left(c)) /* every item takes a byte at least */
            cursor_fail(c);
    } else if (type == COSEM_BITS) {
        d.count = take_axdr_length(c);
        d.content = take_bytes(c, ((size_t)d.count + 7) / 8);
    } else if (type_is_string(type)) {
        d.content = take_axdr_octets(c);
    } else if (type_size(type)) {
        d.content = take_bytes(c, type_size(type));
    } else if (type != COSEM_NULL && type != COSEM_DONT_CARE) {
        cursor_fail(c);
    }
    return c->failed ? (struct cosem_data){ 0 } : d;
}

static struct cosem_data compact_take(struct cosem_reader *r)
{
    struct cosem_level *top = &r->level[r->depth - 1];
    struct cursor types = cursor_over(top->types);
    struct cursor next = types;
    uint8_t type = take_u8(&types);
    top->left--;
    if (!top->same) {
        skip_description(&next);
        top->types = bytes_of(next.at, cursor_left(&next));
    }
    if (type == COSEM_ARRAY || type == COSEM_STRUCTURE) {
        struct cosem_data d = { .type = type };
        d.count = type == COSEM_ARRAY ? take_be16(&types) : take_axdr_length(&types);
        compact_enter(r, bytes_of(types.at, cursor_left(&types)), d.count, type == COSEM_ARRAY);
        return d;
    }
    return take_content(&r->in, type);
}

struct cosem_data cosem_take(struct cosem_reader *r)
{
    struct cosem_data d = { 0 };
    if (r->in.failed)
        return d;
    if (r->depth) {
        d = compact_take(r);
    } else {
        uint8_t type = take_u8(&r->in);
        d = type == COSEM_COMPACT ? compact_open(r) : take_content(&r->in, type);
    }
    compact_unwind(r);
    return r->in.failed ? (struct cosem_data){ 0 } : d;
}

void cosem_skip(struct cosem_reader *r)
{
    for (uint64_t pending = 1; pending && !r->in.failed; pending--) {
        struct cosem_data d = cosem_take(r);
        if (d.type == COSEM_ARRAY || d.type == COSEM_STRUCTURE)
            pending += d.count;
    }
}

bool cosem_done(const struct cosem_reader *r)
{
    return r->depth == 0 && cursor_done(&r->in);
}

static uint32_t take_container(struct cosem_reader *r, uint8_t type)
{
    struct cosem_data d = cosem_take(r);
    if (d.type != type)
        cosem_fail(r);
    return r->in.failed ? 0 : d.count;
}

uint32_t cosem_take_array(struct cosem_reader *r)
{
    return take_container(r, COSEM_ARRAY);
}

uint32_t cosem_take_structure(struct cosem_reader *r)
{
    return take_container(r, COSEM_STRUCTURE);
}

int64_t cosem_take_integer(struct cosem_reader *r)
{
    struct cosem_data d = cosem_take(r);
    int64_t value = 0;
    if (!cosem_integer(&d, &value))
        cosem_fail(r);
    return value;
}

struct bytes cosem_take_octets(struct cosem_reader *r)
{
    struct cosem_data d = cosem_take(r);
    if (!type_is_string(d.type))
        cosem_fail(r);
    return r->in.failed ? bytes_of(r->in.at, 0) : d.content;
}

struct obis cosem_take_obis(struct cosem_reader *r)
{
    struct cosem_data d = cosem_take(r);
    struct obis o = { 0 };
    if (!cosem_obis(&d, &o))
        cosem_fail(r);
    return o;
}

struct bytes take_cosem_slice(struct cursor *c)
{
    const uint8_t *start = c->at;
    for (uint64_t pending = 1; pending && !c->failed; pending--) {
        uint8_t type = take_u8(c);
        if (type == COSEM_COMPACT) {
            skip_description(c);
            (void)take_axdr_octets(c);
            continue;
        }
        struct cosem_data d = take_content(c, type);
        if (type == COSEM_ARRAY || type == COSEM_STRUCTURE)
            pending += d.count;
    }
    return c->failed ? bytes_of(start, 0) : bytes_of(start, (size_t)(c->at - start));
}

/* --- meaning --- */

bool cosem_integer(const struct cosem_data *d, int64_t *ret)
{
    struct cursor c = cursor_over(d->content);
    switch (d->type) {
    case COSEM_INT8: *ret = (int8_t)take_u8(&c); return true;
    case COSEM_INT16: *ret = (int16_t)take_be16(&c); return true;
    case COSEM_INT32: *ret = (int32_t)take_be32(&c); return true;
    case COSEM_INT64: *ret = (int64_t)take_be64(&c); return true;
    case COSEM_BOOLEAN: *ret = take_u8(&c) != 0; return true;
    case COSEM_ENUM:
    case COSEM_UINT8: *ret = take_u8(&c); return true;
    case COSEM_UINT16: *ret = take_be16(&c); return true;
    case COSEM_UINT32: *ret = take_be32(&c); return true;
    case COSEM_BCD: {
        uint8_t value = take_bcd(&c);
        if (!c.failed)
            *ret = value;
        return !c.failed;
    }
    case COSEM_UINT64: {
        uint64_t value = take_be64(&c);
        if (value <= INT64_MAX)
            *ret = (int64_t)value;
        return value <= INT64_MAX;
    }
    default: return false;
    }
}

bool cosem_decimal(const struct cosem_data *d, struct decimal *ret)
{
    struct cursor c = cursor_over(d->content);
    if (d->type == COSEM_FLOAT32)
        return decimal_from_float32(take_be32(&c), ret);
    if (d->type == COSEM_FLOAT64)
        return decimal_from_float64(take_be64(&c), ret);
    int64_t value;
    if (!cosem_integer(d, &value))
        return false;
    *ret = decimal_of(value, 0);
    return true;
}

bool cosem_text(const struct cosem_data *d, struct bytes *ret)
{
    if (!type_is_string(d->type))
        return false;
    *ret = d->content;
    return true;
}

bool cosem_obis(const struct cosem_data *d, struct obis *ret)
{
    if (d->type != COSEM_OCTETS || d->content.size != 6)
        return false;
    *ret = obis_from_bytes(d->content.data);
    return true;
}

/* --- date and time --- */

static const struct cosem_date_time time_any = {
    .year = COSEM_YEAR_ANY, .month = COSEM_ANY, .day = COSEM_ANY, .weekday = COSEM_ANY, .hour = COSEM_ANY,
    .minute = COSEM_ANY, .second = COSEM_ANY, .hundredths = COSEM_ANY, .deviation = COSEM_DEVIATION_NONE, .status = 0xFF,
};

static void take_date(struct cursor *c, struct cosem_date_time *t)
{
    t->year = take_be16(c);
    t->month = take_u8(c);
    t->day = take_u8(c);
    t->weekday = take_u8(c);
}

static void take_time(struct cursor *c, struct cosem_date_time *t)
{
    t->hour = take_u8(c);
    t->minute = take_u8(c);
    t->second = take_u8(c);
    t->hundredths = take_u8(c);
}

bool cosem_date_time_decode(struct bytes twelve, struct cosem_date_time *ret)
{
    struct cursor c = cursor_over(twelve);
    if (twelve.size != 12)
        return false;
    take_date(&c, ret);
    take_time(&c, ret);
    ret->deviation = (int16_t)take_be16(&c);
    ret->status = take_u8(&c);
    return true;
}

bool cosem_date_time(const struct cosem_data *d, struct cosem_date_time *ret)
{
    struct cursor c = cursor_over(d->content);
    if (d->type == COSEM_OCTETS || d->type == COSEM_DATE_TIME)
        return cosem_date_time_decode(d->content, ret);
    if (d->type != COSEM_DATE && d->type != COSEM_TIME)
        return false;
    *ret = time_any;
    if (d->type == COSEM_DATE)
        take_date(&c, ret);
    else
        take_time(&c, ret);
    return true;
}

void cosem_date_time_encode(struct writer *w, const struct cosem_date_time *t)
{
    const uint8_t fields[] = { t->month, t->day, t->weekday, t->hour, t->minute, t->second, t->hundredths };
    put_be16(w, t->year);
    put_bytes(w, bytes_of(fields, sizeof fields));
    put_be16(w, (uint16_t)t->deviation);
    put_u8(w, t->status);
}

bool cosem_date_time_plausible(const struct cosem_date_time *t)
{
    /* A value is good from `least` to `most`, or from `special` up: wildcards, last days, changes of DST. */
    const struct {
        int value, least, most, special;
    } fields[] = {
        { t->year, 1900, 2199, COSEM_YEAR_ANY }, { t->month, 1, 12, COSEM_DST_END },  { t->day, 1, 31, COSEM_DAY_BEFORE_LAST },
        { t->weekday, 0, 7, COSEM_ANY },         { t->hour, 0, 23, COSEM_ANY },       { t->minute, 0, 59, COSEM_ANY },
        { t->second, 0, 59, COSEM_ANY },         { t->hundredths, 0, 99, COSEM_ANY }, { t->deviation, -840, 840, INT32_MAX },
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        bool good = (fields[i].value >= fields[i].least && fields[i].value <= fields[i].most) ||
                    fields[i].value >= fields[i].special || fields[i].value == COSEM_DEVIATION_NONE;
        if (!good)
            return false;
    }
    return true;
}

int64_t cosem_date_time_wall(const struct cosem_date_time *t)
{
    int second = t->second == COSEM_ANY ? 0 : t->second;
    return wall_from_fields(t->year, t->month, t->day, t->hour, t->minute, second);
}

struct cosem_date_time cosem_date_time_of_wall(int64_t wall)
{
    struct civil c = civil_of_wall(wall);
    struct cosem_date_time t = time_any;
    t.year = (uint16_t)c.year;
    t.month = (uint8_t)c.month;
    t.day = (uint8_t)c.day;
    t.hour = (uint8_t)c.hour;
    t.minute = (uint8_t)c.minute;
    t.second = (uint8_t)c.second;
    t.status = 0;
    return t;
}

/* --- scaler and unit --- */

struct cosem_scaler cosem_take_scaler(struct cosem_reader *r)
{
    struct cosem_scaler s = { 0 };
    if (cosem_take_structure(r) != 2)
        cosem_fail(r);
    struct cosem_data exponent = cosem_take(r), unit = cosem_take(r);
    int64_t power = 0, code = 0;
    if (!cosem_integer(&exponent, &power) || !cosem_integer(&unit, &code) || power != (int8_t)power || code != (uint8_t)code)
        cosem_fail(r);
    if (!r->in.failed)
        s = (struct cosem_scaler){ .exponent = (int8_t)power, .unit = (uint8_t)code };
    return s;
}

void put_cosem_scaler(struct writer *w, struct cosem_scaler s)
{
    put_cosem_structure(w, 2);
    put_cosem_number(w, COSEM_INT8, s.exponent);
    put_cosem_number(w, COSEM_ENUM, s.unit);
}

bool cosem_scaled(struct decimal raw, struct cosem_scaler s, struct decimal *ret)
{
    int exponent = raw.exponent + s.exponent;
    if (exponent < -18 || exponent > 18)
        return false;
    *ret = decimal_of(raw.mantissa, exponent);
    return true;
}

/* --- writing --- */

void put_cosem_null(struct writer *w)
{
    put_u8(w, COSEM_NULL);
}

void put_cosem_array(struct writer *w, size_t count)
{
    put_u8(w, COSEM_ARRAY);
    put_axdr_length(w, count);
}

void put_cosem_structure(struct writer *w, size_t count)
{
    put_u8(w, COSEM_STRUCTURE);
    put_axdr_length(w, count);
}

void put_cosem_number(struct writer *w, enum cosem_type type, int64_t value)
{
    static const struct {
        int64_t least, most;
    } range[] = {
        [COSEM_BOOLEAN] = { 0, 1 },         [COSEM_INT32] = { INT32_MIN, INT32_MAX }, [COSEM_UINT32] = { 0, UINT32_MAX },
        [COSEM_BCD] = { 0, 99 },            [COSEM_INT8] = { INT8_MIN, INT8_MAX },    [COSEM_INT16] = { INT16_MIN, INT16_MAX },
        [COSEM_UINT8] = { 0, UINT8_MAX },   [COSEM_UINT16] = { 0, UINT16_MAX },       [COSEM_INT64] = { INT64_MIN, INT64_MAX },
        [COSEM_UINT64] = { 0, INT64_MAX },  [COSEM_ENUM] = { 0, UINT8_MAX },
    };
    size_t known = sizeof range / sizeof *range;
    if ((size_t)type >= known || range[type].most == 0 || value < range[type].least || value > range[type].most) {
        w->failed = true;
        return;
    }
    put_u8(w, type);
    if (type == COSEM_BCD)
        put_bcd(w, (unsigned)value);
    else
        put_be(w, (uint64_t)value, type_size((uint8_t)type));
}

void put_cosem_uint64(struct writer *w, uint64_t value)
{
    put_u8(w, COSEM_UINT64);
    put_be64(w, value);
}

void put_cosem_float32(struct writer *w, uint32_t bits)
{
    put_u8(w, COSEM_FLOAT32);
    put_be32(w, bits);
}

void put_cosem_float64(struct writer *w, uint64_t bits)
{
    put_u8(w, COSEM_FLOAT64);
    put_be64(w, bits);
}

void put_cosem_string(struct writer *w, enum cosem_type type, struct bytes b)
{
    if (!type_is_string((uint8_t)type)) {
        w->failed = true;
        return;
    }
    put_u8(w, type);
    put_axdr_octets(w, b);
}

void put_cosem_octets(struct writer *w, struct bytes b)
{
    put_cosem_string(w, COSEM_OCTETS, b);
}

void put_cosem_obis(struct writer *w, struct obis o)
{
    uint8_t six[6];
    obis_to_bytes(o, six);
    put_cosem_octets(w, bytes_of(six, 6));
}

void put_cosem_bits(struct writer *w, struct bytes b, size_t count)
{
    if (b.size != (count + 7) / 8) {
        w->failed = true;
        return;
    }
    put_u8(w, COSEM_BITS);
    put_axdr_length(w, count);
    put_bytes(w, b);
}

void put_cosem_date_time(struct writer *w, const struct cosem_date_time *t)
{
    put_u8(w, COSEM_OCTETS);
    put_axdr_length(w, 12);
    cosem_date_time_encode(w, t);
}

void put_cosem_date_time_tagged(struct writer *w, const struct cosem_date_time *t)
{
    put_u8(w, COSEM_DATE_TIME);
    cosem_date_time_encode(w, t);
}

void put_cosem_compact(struct writer *w, struct bytes description, struct bytes contents)
{
    put_u8(w, COSEM_COMPACT);
    put_bytes(w, description);
    put_axdr_octets(w, contents);
}

void put_cosem_data(struct writer *w, const struct cosem_data *d)
{
    put_u8(w, d->type);
    if (d->type == COSEM_ARRAY || d->type == COSEM_STRUCTURE || d->type == COSEM_BITS)
        put_axdr_length(w, d->count);
    else if (type_is_string(d->type))
        put_axdr_length(w, d->content.size);
    put_bytes(w, d->content);
}
