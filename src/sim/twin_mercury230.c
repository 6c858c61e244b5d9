/* The twin of the Меркурий 230 family, written from mercury.md 2 and the maker's paper of 05.2023, not from the driver:
 * only the checksum and the search for requests are shared.
 *
 *   request AA CC ... crc → reply AA data crc; one byte of data = status
 *
 * Options ("name=value;..."): fw 1..15 (major version, default 9), a (constant: 5000 25000 1250 500 1000 250; default 500),
 * period (minutes, 30), wide (131 KB ring, 1), extended (18h, 1), groups (16h, 1), long (long answers, 1), phases (3),
 * ascii (passwords as characters, 0), oneway (A− and R− not measured, 0), shift (records by which the ring's places before
 * `shift_at`, a wall time, lie off as after a clock setting, 0).
 *
 * The profile counts half-pulses: N = Wh × A / 500. With A = 500 one count is 1 Wh and the profile is the truth itself;
 * with A = 1000, 5000, 25000 a Wh is a whole number of counts; with 1250 and 250 counts are the difference of the two
 * registers, each rounded down, so that sums stay true within one count. */
#include "sim/twin.h"
#include "wire/crc.h"
#include "wire/mercury.h"

#include <stdlib.h>

enum { SESSION_S = 240, CORRECTION_S = 240, DAYS_KEPT = 123, MONTHS_KEPT = 36, BULK = 17 };

enum status { DONE = 0, BAD = 1, NO_ACCESS = 3, CORRECTED = 4, CLOSED = 5, NONE = -1, SILENT = -2 };

struct kept {
    int major, constant, period, phases, shift;
    bool wide, extended, groups, longs, oneway;
    uint8_t passwords[2][6];
    int64_t corrected_day, shift_at;
};

struct session {
    int level;
    int64_t until;
};

/* What a request is answered from. */
struct ask {
    struct sim_meter *m;
    struct kept *k;
    struct session *s;
    int64_t now;
    struct cursor in;   /* after the code */
    struct writer *out; /* data of the answer */
};

/* --- birth -------------------------------------------------------------------------------------------------------- */

static long long option(const struct sim_meter *m, const char *name, long long preset)
{
    size_t length = strlen(name);
    for (const char *at = m->options; at && *at; at = strchr(at, ';') ? strchr(at, ';') + 1 : NULL)
        if (strncmp(at, name, length) == 0 && at[length] == '=')
            return strtoll(at + length + 1, NULL, 10);
    return preset;
}

static void born(struct sim_meter *m)
{
    struct kept *k = m->state;
    *k = (struct kept){
        .major = (int)option(m, "fw", 9), .constant = (int)option(m, "a", 500), .period = (int)option(m, "period", 30),
        .phases = (int)option(m, "phases", 3), .wide = option(m, "wide", 1), .extended = option(m, "extended", 1),
        .groups = option(m, "groups", 1), .longs = option(m, "long", 1), .oneway = option(m, "oneway", 0),
        .shift = (int)option(m, "shift", 0), .shift_at = option(m, "shift_at", 0), .corrected_day = -1,
    };
    uint8_t base = option(m, "ascii", 0) ? '0' : 0;
    memset(k->passwords[0], base + 1, 6);
    memset(k->passwords[1], base + 2, 6);
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

static void put_word32(struct writer *w, uint32_t value)
{
    put_u8(w, value >> 16 & 0xFF);
    put_u8(w, value >> 24);
    put_u8(w, value & 0xFF);
    put_u8(w, value >> 8 & 0xFF);
}

static void put_time(struct writer *w, int64_t wall)
{
    if (wall == WALL_NONE) {
        put_be(w, 0, 6);
        return;
    }
    struct civil t = civil_of_wall(wall);
    const int fields[] = { t.second, t.minute, t.hour, t.day, t.month, t.year % 100 };
    for (int i = 0; i < 6; i++)
        put_bcd(w, (unsigned)fields[i]);
}

static void put_clock(struct writer *w, int64_t wall)
{
    struct civil t = civil_of_wall(wall);
    const int fields[] = { t.second, t.minute, t.hour, wall_weekday(wall), t.day, t.month, t.year % 100 };
    for (int i = 0; i < 7; i++)
        put_bcd(w, (unsigned)fields[i]);
    put_u8(w, 1); /* winter */
}

static int64_t take_date(struct cursor *c)
{
    int day = take_bcd(c), month = take_bcd(c), year = take_bcd(c);
    return c->failed ? WALL_NONE : wall_from_fields(2000 + year, month, day, 0, 0, 0);
}

/* --- energies (05h, 15h, 18h) ------------------------------------------------------------------------------------- */

static void put_register(const struct ask *a, enum life_channel channel, int tariff, int64_t from, int64_t to)
{
    bool masked = a->k->oneway && (channel == LIFE_A_MINUS || channel == LIFE_R_MINUS);
    int64_t value = life_energy(a->m->serial, channel, tariff, to);
    if (from != WALL_NONE)
        value -= life_energy(a->m->serial, channel, tariff, from);
    put_word32(a->out, masked || to == WALL_NONE ? 0xFFFFFFFFu : (uint32_t)value);
}

/* Registers at `to`, or what was used since `from`. */
static void put_registers(const struct ask *a, bool quadrants, int tariff, int64_t from, int64_t to)
{
    for (int channel = 0; channel < 4 && !quadrants; channel++)
        put_register(a, (enum life_channel)channel, tariff, from, to);
    if (!quadrants)
        return;
    put_register(a, LIFE_R_PLUS, tariff, from, to); /* all reactive energy of the life lies in the quadrants 1 and 4 */
    put_word32(a->out, 0);
    put_word32(a->out, 0);
    put_register(a, LIFE_R_MINUS, tariff, from, to);
}

/* First moment of the latest month `number` that has begun. */
static int64_t latest_month(int64_t now, int number)
{
    int64_t at = wall_month(now);
    while (at % 12 + 1 != number)
        at--;
    return month_wall(at);
}

static int energy(struct ask *a, bool quadrants)
{
    unsigned first = take_u8(&a->in), array = first >> 4;
    int number = first & 15, tariff = take_u8(&a->in);
    int64_t day = wall_day_start(a->now), year = wall_year_start(a->now), from = WALL_NONE, to = a->now;
    bool monthly = array == 0x3 || array == 0xB;
    if (tariff > 4 || (monthly && (number < 1 || number > 12)) || array == 7 || array == 8 || array > 0xD)
        return BAD;
    int64_t month = monthly ? latest_month(a->now, number) : 0;
    int64_t next = month_wall(wall_month(month) + 1);
    switch (array) {
    case 0x1: from = year; break;
    case 0x2: from = wall_year_start(year - 1), to = year; break;
    case 0x3: from = month, to = next < a->now ? next : a->now; break;
    case 0x4: from = day; break;
    case 0x5: from = day - DAY_SECONDS, to = day; break;
    case 0x9: to = year; break;
    case 0xA: to = wall_year_start(year - 1); break;
    case 0xB: to = month; break;
    case 0xC: to = day; break;
    case 0xD: to = day - DAY_SECONDS; break;
    default: break;
    }
    if (array >= 0x9 && a->k->major < 5)
        return BAD; /* the firmware that has them is not told; old papers know arrays 0..6 only */
    if (array == 0x6) {
        int64_t total = life_energy(a->m->serial, LIFE_A_PLUS, tariff, a->now);
        for (int phase = 0; phase < 3; phase++)
            put_word32(a->out, (uint32_t)((total + phase) / 3));
        return NONE;
    }
    put_registers(a, quadrants, tariff, from, to);
    return NONE;
}

/* Dates that are not kept: all ones [assumed]. */
static int dated(struct ask *a)
{
    unsigned array = take_u8(&a->in);
    int64_t at = take_date(&a->in);
    int tariff = take_u8(&a->in);
    bool monthly = array & 1;
    if (!a->k->extended || array > 3 || at == WALL_NONE || tariff > 4 || (monthly && at != wall_month_start(at)))
        return BAD;
    bool kept = at <= a->now && (monthly ? wall_month(a->now) - wall_month(at) < MONTHS_KEPT : wall_day(a->now) - wall_day(at) < DAYS_KEPT);
    put_registers(a, array >= 2, tariff, WALL_NONE, kept ? at : WALL_NONE);
    return NONE;
}

/* --- profile (06h, 16h, 08 13) ------------------------------------------------------------------------------------ */

static int64_t records(const struct kept *k)
{
    return k->wide && k->major >= 3 ? 8192 : 4096;
}

/* Number, since 1970, of the interval that was finished last. */
static int64_t last_interval(const struct ask *a)
{
    return a->now / (a->k->period * 60);
}

/* The place of an interval in the ring: it advances by one each interval, whether the meter is on or off. */
static int64_t place_of(const struct ask *a, int64_t interval)
{
    int64_t shift = interval * a->k->period * 60 <= a->k->shift_at ? a->k->shift : 0;
    return (interval + shift) % records(a->k);
}

/* How much of the interval the meter was without power: 0 none, 1 a part, 2 all of it. */
static int outage(const struct ask *a, int64_t from, int64_t to)
{
    struct life_event e;
    int found = 0;
    for (int n = 0; n < 100 && life_event_before(a->m->serial, JOURNAL_POWER, to, n, &e); n++) {
        int64_t end = e.end == WALL_NONE ? to : e.end;
        if (end <= from)
            break;
        found = e.begin <= from && end >= to ? 2 : found == 2 ? 2 : 1;
    }
    return found;
}

static int64_t counts(const struct ask *a, enum life_channel channel, int64_t wall)
{
    return life_energy(a->m->serial, channel, 0, wall) * a->k->constant / 500;
}

static void put_record(struct ask *a, int64_t interval)
{
    int64_t seconds = a->k->period * 60, end = interval * seconds;
    if (end <= wall_from_fields(2020, 1, 1, 0, 0, 0)) {
        put_be(a->out, 0, 8);
        put_be(a->out, 0, 7);
        return;
    }
    struct civil t = civil_of_wall(end);
    unsigned tariff = (unsigned)life_tariff(a->m->serial, end - 1) - 1;
    put_u8(a->out, (tariff & 3) << 5 | 0x08 | (outage(a, end - seconds, end) ? 0x02 : 0));
    const int fields[] = { t.hour, t.minute, t.day, t.month, t.year % 100 };
    for (int i = 0; i < 5; i++)
        put_bcd(a->out, (unsigned)fields[i]);
    put_u8(a->out, (unsigned)a->k->period);
    for (int channel = 0; channel < 4; channel++) {
        bool masked = a->k->oneway && (channel == LIFE_A_MINUS || channel == LIFE_R_MINUS);
        int64_t n = counts(a, (enum life_channel)channel, end) - counts(a, (enum life_channel)channel, end - seconds);
        put_le16(a->out, masked ? 0xFFFF : (uint64_t)(n > 0xFFFE ? 0xFFFE : n));
    }
}

/* The newest interval written at the place; intervals spent without power were never written. */
static int64_t interval_at(const struct ask *a, int64_t place)
{
    int64_t seconds = a->k->period * 60, interval = last_interval(a);
    for (int64_t tried = 0; tried < 4 * records(a->k) && interval > 0; tried++, interval--) {
        if (place_of(a, interval) != place)
            continue;
        if (outage(a, (interval - 1) * seconds, interval * seconds) < 2)
            return interval;
    }
    return 0;
}

static int memory(struct ask *a)
{
    unsigned what = take_u8(&a->in), address = take_be16(&a->in), size = take_u8(&a->in);
    int64_t place = (address | (what & 0x80) << 9) / 0x10;
    unsigned count = size == 0xFF && a->k->longs ? BULK : size == 0x0F ? 1 : 0;
    if ((what & 0x7F) != 0x03 || address % 0x10 || count == 0)
        return BAD;
    for (unsigned i = 0; i < count; i++)
        put_record(a, interval_at(a, (place + i) % records(a->k)));
    return NONE;
}

/* Oldest first, the record `offset` before the last one stands at the beginning of the answer's end (4.6). */
static int ring(struct ask *a)
{
    unsigned what = take_u8(&a->in), offset = take_be16(&a->in), count = take_u8(&a->in);
    if (what != 0x03 || count == 0 || count > (a->k->longs ? BULK : 1u))
        return BAD;
    for (unsigned i = count; i > 0; i--)
        put_record(a, last_interval(a) - offset - (i - 1));
    return NONE;
}

static void last_record(struct ask *a)
{
    int64_t end = last_interval(a) * a->k->period * 60, place = place_of(a, last_interval(a));
    struct civil t = civil_of_wall(end);
    put_be16(a->out, (uint64_t)(a->k->major >= 7 ? place : place * 0x10 & 0xFFFF));
    put_u8(a->out, 0x08);
    const int fields[] = { t.hour, t.minute, t.day, t.month, t.year % 100 };
    for (int i = 0; i < 5; i++)
        put_bcd(a->out, (unsigned)fields[i]);
    put_u8(a->out, (unsigned)a->k->period);
}

/* --- parameters (08h) --------------------------------------------------------------------------------------------- */

static void put_serial(const struct ask *a)
{
    uint32_t s = a->m->serial;
    const uint32_t pairs[] = { s / 1000000 % 100, s / 10000 % 100, s / 100 % 100, s % 100 };
    for (int i = 0; i < 4; i++)
        put_u8(a->out, pairs[i]);
    put_u8(a->out, 22); /* of June 2020 */
    put_u8(a->out, 6);
    put_u8(a->out, 20);
}

static void put_variant(const struct ask *a)
{
    static const int constants[] = { 5000, 25000, 1250, 500, 1000, 250 };
    unsigned code = 0;
    while (code < 5 && constants[code] != a->k->constant)
        code++;
    put_u8(a->out, 0xB4); /* classes 1 and 2, 230 V, 5 A */
    put_u8(a->out, (a->k->oneway ? 0x80u : 0) | 0x60 | (a->k->phases == 1 ? 0x10u : 0) | code);
    put_u8(a->out, 0xC2);
    put_u8(a->out, (a->k->wide ? 0x80u : 0) | 0x17); /* RS-485, seal of the top cover */
    put_u8(a->out, 0xDF);                            /* relay, seal of the terminal cover, power quality, A+ by phase */
    put_u8(a->out, (a->k->extended ? 0x40u : 0) | 0x18);
}

static void put_firmware(const struct ask *a)
{
    put_bcd(a->out, (unsigned)a->k->major);
    put_be16(a->out, 0);
}

/* Of a meter without «D»; one that is alone behind a TCP address has none told. */
static uint32_t address_of(const struct sim_meter *m)
{
    uint32_t last = m->serial % 1000 <= 239 ? m->serial % 1000 : m->serial % 100;
    return m->address ? m->address : last ? last : 1;
}

/* Value of one BWRI, thousandths or hundredths as the sheet says, with its direction bits. */
static void put_measure(const struct ask *a, unsigned kind, unsigned low)
{
    uint32_t serial = a->m->serial;
    bool single = a->k->phases == 1; /* the whole load goes through it: phase 0 of the life */
    int phase = single ? 0 : low & 3;
    int64_t p = life_power_w(serial, phase, a->now), q = life_reactive_var(serial, phase, a->now), value = 0;
    switch (kind) {
    case 0: value = (low >> 2 == 0 ? p : low >> 2 == 1 ? q : life_apparent_va(serial, phase, a->now)) * 100; break;
    case 1: value = life_voltage_mv(serial, phase ? phase : 1, a->now) / 10; break;
    case 2: value = life_current_ma(serial, phase || single ? phase : 1, a->now); break;
    case 3: value = life_cosine_milli(serial, phase, a->now); break;
    case 4: value = life_frequency_mhz(serial, a->now) / 10; break;
    case 5: value = phase == 2 ? 24000 : 12000; break;
    default: break;
    }
    bool directed = kind == 0 || kind == 3;
    uint32_t size = (uint32_t)llabs(value) & 0x3FFFFF;
    put_u8(a->out, size >> 16 | (directed && p < 0 ? 0x80u : 0) | (directed && q < 0 ? 0x40u : 0));
    put_le16(a->out, size & 0xFFFF);
}

static int measure(struct ask *a, bool group)
{
    unsigned bwri = take_u8(&a->in), kind = bwri >> 4;
    if (kind == 7) {
        put_be16(a->out, (uint16_t)life_temperature_c(a->m->serial, a->now));
        return NONE;
    }
    if (kind > 5 || (group && !a->k->groups))
        return BAD;
    bool summed = kind == 0 || kind == 3;
    unsigned first = group ? !summed : bwri & 3, last = group && kind != 4 ? 3 : first;
    for (unsigned phase = first; phase <= last; phase++)
        put_measure(a, kind, (bwri & 0x0C) | phase);
    return NONE;
}

/* Bit 3: off by interface; bit 9: off now; bit 0: the output controls the load. Low byte first. */
static void put_load(const struct ask *a)
{
    put_le16(a->out, a->m->relay_off ? 0x0209 : 0x0001);
}

static int parameter(struct ask *a)
{
    unsigned number = take_u8(&a->in);
    switch (number) {
    case 0x00: put_serial(a); return NONE;
    case 0x01: put_serial(a), put_firmware(a), put_variant(a); return NONE;
    case 0x02: put_be16(a->out, 1), put_be16(a->out, 1); return NONE;
    case 0x03: put_firmware(a); return NONE;
    case 0x05: put_be16(a->out, address_of(a->m)); return NONE;
    case 0x0A: put_be(a->out, 0, 6); return NONE;
    case 0x11: return measure(a, false);
    case 0x12: put_variant(a); return NONE;
    case 0x13: last_record(a); return NONE;
    case 0x16: return measure(a, true);
    case 0x18: put_load(a); return NONE;
    default: return BAD;
    }
}

/* --- journals (04h) ----------------------------------------------------------------------------------------------- */

enum shape { ON_OFF, BEGIN_END, MOMENT, WRITES, STATES, LOAD, DIPS };

static const struct journal_row {
    uint8_t number, shape, kind;
} journals[] = {
    { 0x01, ON_OFF, JOURNAL_POWER }, { 0x02, BEGIN_END, JOURNAL_CLOCK }, { 0x03, ON_OFF, JOURNAL_PHASE_A },
    { 0x04, ON_OFF, JOURNAL_PHASE_B }, { 0x05, ON_OFF, JOURNAL_PHASE_C }, { 0x06, BEGIN_END, JOURNAL_POWER_LIMIT },
    { 0x07, MOMENT, JOURNAL_TARIFF }, { 0x08, MOMENT, JOURNAL_TARIFF }, { 0x09, MOMENT, JOURNAL_RESET },
    { 0x0A, MOMENT, JOURNAL_PROFILE_INIT }, { 0x0B, MOMENT, JOURNAL_ENERGY_LIMIT_T1 }, { 0x0C, MOMENT, JOURNAL_ENERGY_LIMIT_T2 },
    { 0x0D, MOMENT, JOURNAL_ENERGY_LIMIT_T3 }, { 0x0E, MOMENT, JOURNAL_ENERGY_LIMIT_T4 }, { 0x0F, MOMENT, JOURNAL_PROGRAMMING },
    { 0x10, MOMENT, JOURNAL_PROGRAMMING }, { 0x11, MOMENT, JOURNAL_PROGRAMMING }, { 0x12, BEGIN_END, JOURNAL_COVER },
    { 0x13, WRITES, JOURNAL_PROGRAMMING }, { 0x14, STATES, JOURNAL_SELF_TEST }, { 0x15, MOMENT, JOURNAL_PROGRAMMING },
    { 0x16, MOMENT, JOURNAL_RESET }, { 0x17, ON_OFF, JOURNAL_CURRENT_A }, { 0x18, ON_OFF, JOURNAL_CURRENT_B },
    { 0x19, ON_OFF, JOURNAL_CURRENT_C }, { 0x1A, BEGIN_END, JOURNAL_MAGNET },
    { 0x20, BEGIN_END, JOURNAL_U_MIN_A }, { 0x21, BEGIN_END, JOURNAL_U_MIN_A }, { 0x22, BEGIN_END, JOURNAL_U_MAX_A },
    { 0x23, BEGIN_END, JOURNAL_U_MAX_A }, { 0x24, BEGIN_END, JOURNAL_U_MIN_B }, { 0x25, BEGIN_END, JOURNAL_U_MIN_B },
    { 0x26, BEGIN_END, JOURNAL_U_MAX_B }, { 0x27, BEGIN_END, JOURNAL_U_MAX_B }, { 0x28, BEGIN_END, JOURNAL_U_MIN_C },
    { 0x29, BEGIN_END, JOURNAL_U_MIN_C }, { 0x2A, BEGIN_END, JOURNAL_U_MAX_C }, { 0x2B, BEGIN_END, JOURNAL_U_MAX_C },
    { 0x2C, BEGIN_END, JOURNAL_F_MIN }, { 0x2D, BEGIN_END, JOURNAL_F_MIN }, { 0x2E, BEGIN_END, JOURNAL_F_MAX },
    { 0x2F, BEGIN_END, JOURNAL_F_MAX }, { 0x30, DIPS, JOURNAL_QUALITY }, { 0x31, DIPS, JOURNAL_QUALITY }, { 0x32, DIPS, JOURNAL_QUALITY },
    { 0x80, BEGIN_END, JOURNAL_REVERSE }, { 0x81, BEGIN_END, JOURNAL_REVERSE }, { 0x82, BEGIN_END, JOURNAL_REVERSE },
    { 0x83, BEGIN_END, JOURNAL_CURRENT_WITHOUT_VOLTAGE }, { 0x84, BEGIN_END, JOURNAL_CURRENT_WITHOUT_VOLTAGE },
    { 0x85, BEGIN_END, JOURNAL_CURRENT_WITHOUT_VOLTAGE }, { 0x86, BEGIN_END, JOURNAL_PHASE_ORDER }, { 0x87, LOAD, JOURNAL_RELAY },
};

/* The n-th newest event of the life; both times WALL_NONE when there is none. */
static struct life_event nth(const struct ask *a, enum journal kind, int n)
{
    struct life_event e;
    if (n >= 0 && life_event_before(a->m->serial, kind, a->now, n, &e))
        return e;
    return (struct life_event){ WALL_NONE, WALL_NONE };
}

/* Dip of 85.00 % for as long as the event lasted, at most 655 s. */
static void put_dip(const struct ask *a, struct life_event e)
{
    int64_t lasted = e.begin == WALL_NONE || e.end == WALL_NONE ? 0 : e.end - e.begin;
    put_u8(a->out, 0);
    put_time(a->out, e.begin);
    put_le16(a->out, (uint64_t)(lasted > 655 ? 65500 : lasted * 100));
    put_u8(a->out, e.begin != WALL_NONE);
    put_le16(a->out, e.begin == WALL_NONE ? 0 : 8500);
}

/* How many records a journal of `depth` places holds. */
static int filled(const struct ask *a, unsigned shape, enum journal kind, int depth)
{
    int records = shape == LOAD ? 2 : 1, count = 0; /* off and on are two records of one event */
    struct life_event e;
    while (count * records < depth && life_event_before(a->m->serial, kind, a->now, count, &e))
        count++;
    return count * records < depth ? count * records : depth;
}

/* Places are filled in rising order and then from 0 again; in a full ring the newest record stands at 0. */
static int newest_place(int count, int depth)
{
    return count < depth ? (count ? count - 1 : 0) : 0;
}

static void put_journal_record(const struct ask *a, unsigned shape, enum journal kind, int place, int depth)
{
    int count = filled(a, shape, kind, depth), record = (newest_place(count, depth) - place + depth) % depth;
    record = record < count ? record : -1; /* -1: an empty place */
    struct life_event e = nth(a, kind, record), newer = nth(a, kind, record - 1), load = nth(a, kind, record < 0 ? -1 : record / 2);
    int64_t load_wall = record % 2 ? load.begin : load.end; /* two records for an event: off, on */
    switch (shape) {
    case ON_OFF: put_time(a->out, e.end), put_time(a->out, newer.begin); break; /* on since the loss ended, until the next */
    case BEGIN_END: put_time(a->out, e.begin), put_time(a->out, e.end); break;
    case MOMENT: put_time(a->out, e.begin); break;
    case STATES: put_time(a->out, e.begin), put_be(a->out, 0, 6); break;
    case DIPS: put_dip(a, e); break;
    case LOAD:
        put_time(a->out, load_wall);
        put_be(a->out, 0, 4);
        put_le16(a->out, load_wall == WALL_NONE ? 0 : record % 2 ? 1u << 3 : 1u << 4);
        break;
    default: {
        struct civil t = civil_of_wall(e.begin == WALL_NONE ? 0 : e.begin);
        put_bcd(a->out, e.begin == WALL_NONE ? 0 : (unsigned)t.day);
        put_bcd(a->out, e.begin == WALL_NONE ? 0 : (unsigned)t.month);
        put_bcd(a->out, e.begin == WALL_NONE ? 0 : (unsigned)t.year);
        put_u8(a->out, e.begin != WALL_NONE);
        put_be(a->out, e.begin == WALL_NONE ? 0 : 0x4000000000000000, 8); /* «03 06..» bits: one parameter written */
        break;
    }
    }
}

/* Which records of a journal a request wants: one, the latest (FFh), or a block (FEh; quality journals FEh..FAh). */
struct journal_part {
    int from, count;
    bool latest;
};

static bool journal_part(const struct ask *a, unsigned number, unsigned record, int newest, struct journal_part *ret)
{
    bool quality = number >= 0x20 && number <= 0x32; /* a hundred records, in blocks of twenty */
    unsigned depth = quality ? 100 : 10, first_block = quality ? 0xFA : 0xFE;
    if (record < depth) {
        *ret = (struct journal_part){ (int)record, 1, false };
        return true;
    }
    if (record == 0xFF) {
        *ret = (struct journal_part){ newest, 1, true };
        return number != 0x12;
    }
    *ret = (struct journal_part){ quality ? (0xFE - (int)record) * 20 : 0, quality ? 20 : 10, false };
    return a->k->longs && record >= first_block;
}

static const struct journal_row *journal_find(unsigned number)
{
    for (size_t i = 0; i < sizeof journals / sizeof *journals; i++)
        if (journals[i].number == number)
            return &journals[i];
    return NULL;
}

static int journal(struct ask *a)
{
    enum { SEALS = 0x12, SEAL_RECORDS = 5 }; /* two seals: five records each */
    unsigned number = take_u8(&a->in);
    if (number == 0) {
        put_clock(a->out, a->now);
        return NONE;
    }
    const struct journal_row *row = journal_find(number);
    if (!row)
        return BAD;
    int depth = number >= 0x20 && number <= 0x32 ? 100 : number == SEALS ? SEAL_RECORDS : 10;
    enum journal kind = (enum journal)row->kind;
    int newest = newest_place(filled(a, row->shape, kind, depth), depth);
    struct journal_part part;
    if (!journal_part(a, number, take_u8(&a->in), newest, &part))
        return BAD;
    for (int i = part.from; i < part.from + part.count; i++) {
        bool top = number == SEALS && i >= SEAL_RECORDS;
        put_journal_record(a, row->shape, top ? JOURNAL_CASE : kind, top ? i - SEAL_RECORDS : i, depth);
    }
    if (part.latest)
        put_u8(a->out, (unsigned)newest);
    return NONE;
}

/* --- writing (03h) ------------------------------------------------------------------------------------------------ */

static int correct(struct ask *a)
{
    int second = take_bcd(&a->in), minute = take_bcd(&a->in), hour = take_bcd(&a->in);
    int64_t wanted = wall_day_start(a->now) + hour * 3600 + minute * 60 + second;
    if (a->in.failed || llabs(wanted - a->now) > CORRECTION_S)
        return BAD;
    if (a->k->corrected_day == wall_day(a->now))
        return CORRECTED;
    a->k->corrected_day = wall_day(a->now);
    a->m->clock_shift_s += wanted - a->now;
    return DONE;
}

static int set_clock(struct ask *a)
{
    int second = take_bcd(&a->in), minute = take_bcd(&a->in), hour = take_bcd(&a->in);
    cursor_skip(&a->in, 1);
    int64_t day = take_date(&a->in);
    if (a->in.failed || day == WALL_NONE || hour > 23 || minute > 59 || second > 59)
        return BAD;
    int64_t wanted = day + hour * 3600 + minute * 60 + second;
    a->m->clock_shift_s += wanted - a->now;
    return DONE;
}

static int set_relay(struct ask *a)
{
    unsigned mode = take_u8(&a->in);
    if (mode > 3)
        return BAD;
    a->m->relay_off = mode == 1 || mode == 2;
    return DONE;
}

static int set_period(struct ask *a)
{
    int minutes = take_u8(&a->in);
    if (minutes < 1 || minutes > 60)
        return BAD;
    a->k->period = minutes;
    return DONE;
}

static int change_password(struct ask *a)
{
    unsigned level = take_u8(&a->in);
    struct bytes old = take_bytes(&a->in, 6), new = take_bytes(&a->in, 6);
    if (level < 1 || level > 2 || a->in.failed || !bytes_equal(old, bytes_of(a->k->passwords[level - 1], 6)))
        return BAD;
    memcpy(a->k->passwords[level - 1], new.data, 6);
    return DONE;
}

static int write_parameter(struct ask *a)
{
    unsigned number = take_u8(&a->in);
    if (number == 0x0D)
        return correct(a);
    if (number == 0x31)
        return set_relay(a);
    if (a->s->level < 2)
        return NO_ACCESS;
    switch (number) {
    case 0x00: return set_period(a);
    case 0x0C: return set_clock(a);
    case 0x1F: return change_password(a);
    default: return BAD;
    }
}

/* --- sessions and the answer -------------------------------------------------------------------------------------- */

static int open_session(struct ask *a)
{
    unsigned level = take_u8(&a->in);
    struct bytes password = take_bytes(&a->in, 6);
    bool good = (level == 1 || level == 2) && bytes_equal(password, bytes_of(a->k->passwords[level ? level - 1 : 0], 6));
    if (!good || a->m->faults.refuse_password)
        return BAD; /* which status a wrong password gives is not told */
    a->s->level = (int)level;
    return DONE;
}

static bool needs_session(unsigned code, const struct cursor *in)
{
    bool serial = code == 0x08 && (peek_u8(in) == 0x00 || peek_u8(in) == 0x05); /* 05 [assumed], 00 told */
    return code != 0x00 && code != 0x01 && code != 0x02 && !serial;
}

static int act(struct ask *a, unsigned code)
{
    switch (code) {
    case 0x00: return DONE;
    case 0x01: return open_session(a);
    case 0x02: a->s->level = 0; return DONE;
    case 0x03: return write_parameter(a);
    case 0x04: return journal(a);
    case 0x05: return energy(a, false);
    case 0x15: return energy(a, true);
    case 0x06: return memory(a);
    case 0x08: return parameter(a);
    case 0x16: return ring(a);
    case 0x18: return a->k->extended ? dated(a) : SILENT; /* older meters do not answer 18h at all */
    default: return BAD;
    }
}

static bool addressed(const struct sim_meter *m, struct bytes frame)
{
    struct cursor c = cursor_over(frame);
    uint8_t to = take_u8(&c);
    return to == m->address || to == 0x00 || to == 0xFE;
}

static void answer(struct sim_meter *m, void *session, struct bytes frame, int64_t wall, struct writer *out)
{
    uint8_t memory_of_data[255];
    struct writer data = writer_over(memory_of_data, sizeof memory_of_data);
    struct ask a = { .m = m, .k = m->state, .s = session, .now = wall, .out = &data, .in = cursor_over(bytes_part(frame, 0, frame.size - 2)) };
    uint8_t to = take_u8(&a.in), code = take_u8(&a.in);
    if (a.s->until < wall)
        a.s->level = 0;
    if (code == 0x03 && to == 0x00)
        return; /* no writes to the universal address */
    int64_t shifted = m->clock_shift_s;
    int status = needs_session(code, &a.in) && a.s->level == 0 ? CLOSED : act(&a, code);
    a.s->until = wall + SESSION_S + m->clock_shift_s - shifted;
    if (status == SILENT || to == 0xFE || a.in.failed)
        return;
    if (status != NONE) {
        data = writer_over(memory_of_data, sizeof memory_of_data);
        put_u8(&data, (unsigned)status);
    }
    uint8_t *start = out->at;
    put_u8(out, to);
    put_bytes(out, writer_bytes(&data));
    put_le16(out, crc16_modbus(bytes_of(start, (size_t)(out->at - start))));
}

TWIN(mercury230) = {
    .name = "mercury230", .meter_size = sizeof(struct kept), .session_size = sizeof(struct session),
    .turnaround_us = 30000, .line = { 9600, 8, 1, 'N' },
    .find = mercury_find_request, .born = born, .addressed = addressed, .answer = answer,
};
