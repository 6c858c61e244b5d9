/* RTU-327; see rtu327.h. */
#include "wire/rtu327.h"
#include "wire/crc.h"

/* --- frames -------------------------------------------------------------------------------------------------------- */

enum { LENGTH_AT = 1, BODY_AT = 3, CRC_SIZE = 2 };

static size_t body_size(const uint8_t *frame)
{
    return (size_t)frame[LENGTH_AT] << 8 | frame[LENGTH_AT + 1];
}

struct frame_found rtu327_find(struct bytes received, void *context)
{
    size_t most = context ? *(size_t *)context : RTU327_BODY_MAX;
    for (size_t at = 0; at < received.size; at++) {
        if (received.data[at] != RTU327_START)
            continue;
        struct bytes rest = bytes_part(received, at, received.size);
        if (rest.size < BODY_AT)
            return (struct frame_found){ FRAME_PARTIAL, at, BODY_AT };
        size_t body = body_size(rest.data), whole = body + RTU327_AROUND;
        if (body < RTU327_BODY_MIN || body > most)
            continue;
        if (rest.size < whole)
            return (struct frame_found){ FRAME_PARTIAL, at, whole };
        struct rtu327_frame f;
        return (struct frame_found){ rtu327_decode(bytes_part(rest, 0, whole), &f) ? FRAME_WHOLE : FRAME_DAMAGED, at, whole };
    }
    return (struct frame_found){ FRAME_PARTIAL, received.size, 1 };
}

bool rtu327_decode(struct bytes frame, struct rtu327_frame *ret)
{
    struct cursor c = cursor_over(frame);
    bool begins = take_u8(&c) == RTU327_START;
    struct bytes body = take_bytes(&c, take_be16(&c));
    uint16_t crc = take_be16(&c);
    if (!begins || !cursor_done(&c) || crc != crc16_rtu327(body))
        return false;
    c = cursor_over(body);
    struct rtu327_frame f = { .number = take_le16(&c) };
    struct bytes password = take_bytes(&c, RTU327_PASSWORD_SIZE);
    cursor_skip(&c, 2);
    f.code = take_u8(&c);
    f.data = take_rest(&c);
    if (c.failed)
        return false;
    memcpy(f.password, password.data, RTU327_PASSWORD_SIZE);
    *ret = f;
    return true;
}

uint16_t rtu327_number(struct bytes frame)
{
    struct cursor c = cursor_over(frame);
    cursor_skip(&c, BODY_AT);
    return take_le16(&c);
}

void rtu327_encode(struct writer *w, const struct rtu327_frame *f)
{
    if (f->data.size > RTU327_DATA_MAX || writer_room(w) < f->data.size + RTU327_BODY_MIN + RTU327_AROUND) {
        w->failed = true;
        return;
    }
    put_u8(w, RTU327_START);
    put_be16(w, RTU327_BODY_MIN + f->data.size);
    const uint8_t *body = w->at;
    put_le16(w, f->number);
    put_bytes(w, bytes_of(f->password, RTU327_PASSWORD_SIZE));
    put_le16(w, 0);
    put_u8(w, f->code);
    put_bytes(w, f->data);
    put_be16(w, crc16_rtu327(bytes_of(body, (size_t)(w->at - body))));
}

/* --- requests ------------------------------------------------------------------------------------------------------ */

/* What a command's data are, field by field: n meter's number in BCD, m mask of channels, o one channel, t time, c count in
 * two bytes, s signed count in two, b signed count in one, k correction, j section of the journal. */
static const struct command {
    uint8_t code;
    const char *fields;
} commands[] = {
    { RTU327_GETVERSION, "" }, { RTU327_GETTIME, "" }, { RTU327_SETTIME, "k" }, { RTU327_GETMAXLOGID, "j" }, { RTU327_GETSHPRM, "n" },
    { RTU327_GETPOK, "nmt" }, { RTU327_GETLP, "nmtc" }, { RTU327_GETTESTS, "ntb" }, { RTU327_GETAUTOREAD, "ntob" }, { RTU327_GETMTRLOG, "nts" },
};

static const char *fields_of(uint8_t code)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (commands[i].code == code)
            return commands[i].fields;
    return NULL;
}

bool rtu327_knows(uint8_t command)
{
    return fields_of(command) != NULL;
}

static uint64_t take_number(struct cursor *c)
{
    uint64_t number = 0;
    for (int i = 0; i < RTU327_NUMBER_DIGITS / 2; i++)
        number = number * 100 + take_bcd(c);
    return number;
}

static void put_number(struct writer *w, uint64_t number)
{
    for (uint64_t unit = 100000000; unit; unit /= 100)
        put_bcd(w, (unsigned)(number / unit % 100));
}

static uint16_t take_signed_count(struct cursor *c, size_t size)
{
    uint64_t count = take_le(c, size);
    if (count >> (8 * size - 1))
        cursor_fail(c);
    return (uint16_t)count;
}

static void take_field(struct cursor *c, char field, struct rtu327_request *r)
{
    switch (field) {
    case 'n': r->meter = take_number(c); break;
    case 't': r->time = take_le32(c); break;
    case 'c': r->count = take_le16(c); break;
    case 's': r->count = take_signed_count(c, 2); break;
    case 'b': r->count = take_signed_count(c, 1); break;
    case 'k': r->correction = (int32_t)take_le32(c); break;
    case 'j': r->section = take_u8(c); break;
    case 'm':
        r->channels = take_u8(c);
        if (r->channels == 0 || r->channels > RTU327_ALL_CHANNELS)
            cursor_fail(c);
        break;
    case 'o':
        r->channels = take_u8(c);
        if (r->channels == 0 || r->channels > RTU327_CHANNELS)
            cursor_fail(c);
        break;
    }
}

bool rtu327_take_request(uint8_t command, struct bytes data, struct rtu327_request *ret)
{
    struct rtu327_request r = { .command = command };
    struct cursor c = cursor_over(data);
    const char *fields = fields_of(command);
    for (const char *at = fields; at && *at; at++)
        take_field(&c, *at, &r);
    if (!fields || !cursor_done(&c))
        return false;
    *ret = r;
    return true;
}

static void put_field(struct writer *w, char field, const struct rtu327_request *r)
{
    switch (field) {
    case 'n': put_number(w, r->meter); break;
    case 't': put_le32(w, r->time); break;
    case 'c':
    case 's': put_le16(w, r->count); break;
    case 'b': put_u8(w, r->count); break;
    case 'k': put_le32(w, (uint32_t)r->correction); break;
    case 'j': put_u8(w, r->section); break;
    case 'm':
    case 'o': put_u8(w, r->channels); break;
    }
}

void rtu327_put_request(struct writer *w, const struct rtu327_request *r)
{
    const char *fields = fields_of(r->command);
    w->failed |= !fields;
    for (const char *at = fields; at && *at; at++)
        put_field(w, *at, r);
}

/* --- answers ------------------------------------------------------------------------------------------------------- */

void rtu327_put_value(struct writer *w, struct decimal value)
{
    put_le64(w, decimal_to_float64(value));
}

struct decimal rtu327_take_value(struct cursor *c)
{
    struct decimal value = { 0 };
    uint64_t bits = take_le64(c);
    if (!c->failed && !decimal_from_float64(bits, &value))
        cursor_fail(c);
    return value;
}

void rtu327_put_channels(struct writer *w, uint8_t mask, const struct decimal values[RTU327_CHANNELS])
{
    for (int i = 0; i < RTU327_CHANNELS; i++)
        if (mask >> i & 1)
            rtu327_put_value(w, values[i]);
}

void rtu327_take_channels(struct cursor *c, uint8_t mask, struct decimal values[RTU327_CHANNELS])
{
    for (int i = 0; i < RTU327_CHANNELS; i++)
        if (mask >> i & 1)
            values[i] = rtu327_take_value(c);
}

static void put_two_digits(struct writer *w, unsigned value)
{
    put_u8(w, '0' + value / 10 % 10);
    put_u8(w, '0' + value % 10);
}

static uint8_t take_two_digits(struct cursor *c)
{
    unsigned high = take_u8(c) - (unsigned)'0', low = take_u8(c) - (unsigned)'0';
    if (high > 9 || low > 9)
        cursor_fail(c);
    return c->failed ? 0 : (uint8_t)(high * 10 + low);
}

void rtu327_put_version(struct writer *w, struct rtu327_version v)
{
    put_two_digits(w, v.major);
    put_two_digits(w, v.middle);
    put_two_digits(w, v.minor);
}

struct rtu327_version rtu327_take_version(struct cursor *c)
{
    struct rtu327_version v = { .major = take_two_digits(c) };
    v.middle = take_two_digits(c);
    v.minor = take_two_digits(c);
    return v;
}

void rtu327_put_parameters(struct writer *w, const struct rtu327_parameters *p)
{
    put_le16(w, p->version);
    put_u8(w, p->type);
    rtu327_put_value(w, p->current_ratio);
    rtu327_put_value(w, p->voltage_ratio);
    rtu327_put_value(w, p->multiplier);
    put_u8(w, p->interval);
    put_le32(w, (uint32_t)p->object_type);
    put_le32(w, (uint32_t)p->object);
    put_le32(w, (uint32_t)p->feeder);
}

struct rtu327_parameters rtu327_take_parameters(struct cursor *c)
{
    struct rtu327_parameters p = { .version = take_le16(c) };
    p.type = take_u8(c);
    p.current_ratio = rtu327_take_value(c);
    p.voltage_ratio = rtu327_take_value(c);
    p.multiplier = rtu327_take_value(c);
    p.interval = take_u8(c);
    p.object_type = (int32_t)take_le32(c);
    p.object = (int32_t)take_le32(c);
    p.feeder = (int32_t)take_le32(c);
    return p;
}

void rtu327_put_profile_head(struct writer *w, const struct rtu327_profile_head *h)
{
    put_le16(w, h->count | 0x8000u);
    put_u8(w, h->status);
    put_le32(w, h->end);
}

struct rtu327_profile_head rtu327_take_profile_head(struct cursor *c)
{
    struct rtu327_profile_head h = { .count = take_le16(c) & RTU327_INTERVALS_MAX };
    h.status = take_u8(c);
    h.end = take_le32(c);
    return h;
}

size_t rtu327_interval_size(uint8_t mask)
{
    return (size_t)__builtin_popcount(mask & RTU327_ALL_CHANNELS) * 8 + 1;
}

void rtu327_put_tests_head(struct writer *w, const struct rtu327_tests_head *h)
{
    put_le32(w, h->bits);
    put_u8(w, h->count);
    put_u8(w, h->elements);
}

struct rtu327_tests_head rtu327_take_tests_head(struct cursor *c)
{
    struct rtu327_tests_head h = { .bits = take_le32(c) };
    h.count = take_u8(c);
    h.elements = take_u8(c);
    return h;
}

void rtu327_put_tests(struct writer *w, uint32_t bits, uint32_t time, const struct decimal values[RTU327_TESTS])
{
    put_le32(w, time);
    for (int i = 0; i < RTU327_TESTS; i++)
        if (bits >> i & 1)
            rtu327_put_value(w, values[i]);
}

uint32_t rtu327_take_tests(struct cursor *c, uint32_t bits, struct decimal values[RTU327_TESTS])
{
    uint32_t time = take_le32(c);
    for (int i = 0; i < RTU327_TESTS; i++)
        if (bits >> i & 1)
            values[i] = rtu327_take_value(c);
    return time;
}

struct rtu327_frozen rtu327_nothing_frozen(uint64_t meter, uint32_t time)
{
    struct rtu327_frozen f = { .meter = meter, .time = time, .total = RTU327_ABSENT };
    for (int i = 0; i < RTU327_TARIFFS; i++)
        f.tariff[i] = (struct rtu327_tariff){ RTU327_ABSENT, RTU327_ABSENT, 0, RTU327_ABSENT, RTU327_ABSENT };
    for (int i = 0; i < RTU327_QUADRANTS; i++)
        f.quadrant[i] = RTU327_ABSENT;
    return f;
}

void rtu327_put_frozen(struct writer *w, const struct rtu327_frozen *f)
{
    uint64_t digits = f->meter;
    for (int i = 0; i < RTU327_NUMBER_DIGITS; i++, digits /= 10)
        put_u8(w, '0' + (unsigned)(digits % 10));
    put_le32(w, f->time);
    for (int i = 0; i < RTU327_TARIFFS; i++) {
        rtu327_put_value(w, f->tariff[i].energy);
        rtu327_put_value(w, f->tariff[i].maximum);
        put_le32(w, f->tariff[i].maximum_time);
        rtu327_put_value(w, f->tariff[i].cumulative);
        rtu327_put_value(w, f->tariff[i].coincident);
    }
    rtu327_put_value(w, f->total);
    for (int i = 0; i < RTU327_QUADRANTS; i++)
        rtu327_put_value(w, f->quadrant[i]);
}

static uint64_t take_digits_back(struct cursor *c)
{
    uint64_t number = 0, unit = 1;
    for (int i = 0; i < RTU327_NUMBER_DIGITS; i++, unit *= 10) {
        unsigned digit = take_u8(c) - (unsigned)'0';
        if (digit > 9)
            cursor_fail(c);
        number += c->failed ? 0 : digit * unit;
    }
    return number;
}

struct rtu327_frozen rtu327_take_frozen(struct cursor *c)
{
    struct rtu327_frozen f = { .meter = take_digits_back(c) };
    f.time = take_le32(c);
    for (int i = 0; i < RTU327_TARIFFS; i++) {
        f.tariff[i].energy = rtu327_take_value(c);
        f.tariff[i].maximum = rtu327_take_value(c);
        f.tariff[i].maximum_time = take_le32(c);
        f.tariff[i].cumulative = rtu327_take_value(c);
        f.tariff[i].coincident = rtu327_take_value(c);
    }
    f.total = rtu327_take_value(c);
    for (int i = 0; i < RTU327_QUADRANTS; i++)
        f.quadrant[i] = rtu327_take_value(c);
    return f;
}

void rtu327_put_event(struct writer *w, struct rtu327_event e)
{
    put_le32(w, e.time);
    put_le16(w, e.type);
}

struct rtu327_event rtu327_take_event(struct cursor *c)
{
    struct rtu327_event e = { .time = take_le32(c) };
    e.type = take_le16(c);
    return e;
}
