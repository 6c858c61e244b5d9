/* The journals of the Меркурий 230 family (mercury.md 2.9; sizes from the maker's paper of 05.2023, 4.2).
 *
 *   04 jrn rec   rec 0..9 one record, FE all ten in one answer; quality journals: 100 records, FE..FA blocks of twenty
 *
 * Records stand in the order of their places, a ring whose beginning nobody tells: all are read, times choose. */
#include "drivers/mercury230.h"

#include "meter/events.h"

enum { RECORDS = 10, ALL_RECORDS = 0xFE, BLOCK_FIRST = 0xFE, BLOCK_LAST = 0xFA, QUALITY_RECORDS = 100, LATEST = 0xFF, FULL = 12, SHORT = 6 };

/* How a record is laid out. */
enum shape {
    PAIR,     /* begin (or on), end (or off) */
    BEFORE,   /* the clock before, the clock after */
    MOMENT,   /* one time */
    STATUS,   /* time, status word */
    PROGRAM,  /* day, month, year, how many writes, what kinds of them */
    DIP,      /* dips and over-voltages */
    LOAD,     /* time, what happened to the load */
};

enum have { ALWAYS, THREE_PHASES, QUALITY, QUALITY_THREE_PHASES, RELAY };

static const struct row {
    uint8_t number;
    enum shape shape;
    enum journal journal;
    uint8_t detail; /* phase, or what tells apart journals that share a kind */
    enum have have;
} rows[] = {
    { 0x01, PAIR, JOURNAL_POWER, 0, ALWAYS },
    { 0x02, BEFORE, JOURNAL_CLOCK, 0, ALWAYS },
    { 0x03, PAIR, JOURNAL_PHASE_A, 0, ALWAYS },
    { 0x04, PAIR, JOURNAL_PHASE_B, 0, THREE_PHASES },
    { 0x05, PAIR, JOURNAL_PHASE_C, 0, THREE_PHASES },
    { 0x06, PAIR, JOURNAL_POWER_LIMIT, 0, ALWAYS },
    { 0x07, MOMENT, JOURNAL_TARIFF, 0x07, ALWAYS },
    { 0x08, MOMENT, JOURNAL_TARIFF, 0x08, ALWAYS },
    { 0x09, MOMENT, JOURNAL_RESET, 0, ALWAYS },
    { 0x0A, MOMENT, JOURNAL_PROFILE_INIT, 0, ALWAYS },
    { 0x0B, MOMENT, JOURNAL_ENERGY_LIMIT_T1, 0, ALWAYS },
    { 0x0C, MOMENT, JOURNAL_ENERGY_LIMIT_T2, 0, ALWAYS },
    { 0x0D, MOMENT, JOURNAL_ENERGY_LIMIT_T3, 0, ALWAYS },
    { 0x0E, MOMENT, JOURNAL_ENERGY_LIMIT_T4, 0, ALWAYS },
    { 0x0F, MOMENT, JOURNAL_PROGRAMMING, 0x0F, ALWAYS },
    { 0x10, MOMENT, JOURNAL_PROGRAMMING, 0x10, ALWAYS },
    { 0x11, MOMENT, JOURNAL_PROGRAMMING, 0x11, ALWAYS },
    { 0x12, PAIR, JOURNAL_COVER, 0, ALWAYS },
    { 0x13, PROGRAM, JOURNAL_PROGRAMMING, 0, ALWAYS },
    { 0x14, STATUS, JOURNAL_SELF_TEST, 0, ALWAYS },
    { 0x15, MOMENT, JOURNAL_PROGRAMMING, 0x15, ALWAYS },
    { 0x16, MOMENT, JOURNAL_RESET, 0x16, ALWAYS },
    { 0x17, PAIR, JOURNAL_CURRENT_A, 0, ALWAYS },
    { 0x18, PAIR, JOURNAL_CURRENT_B, 0, THREE_PHASES },
    { 0x19, PAIR, JOURNAL_CURRENT_C, 0, THREE_PHASES },
    { 0x1A, PAIR, JOURNAL_MAGNET, 0, ALWAYS },
    /* detail of the limits: 1 the one still normal, 2 the one at most allowed */
    { 0x20, PAIR, JOURNAL_U_MIN_A, 2, QUALITY },
    { 0x21, PAIR, JOURNAL_U_MIN_A, 1, QUALITY },
    { 0x22, PAIR, JOURNAL_U_MAX_A, 1, QUALITY },
    { 0x23, PAIR, JOURNAL_U_MAX_A, 2, QUALITY },
    { 0x24, PAIR, JOURNAL_U_MIN_B, 2, QUALITY_THREE_PHASES },
    { 0x25, PAIR, JOURNAL_U_MIN_B, 1, QUALITY_THREE_PHASES },
    { 0x26, PAIR, JOURNAL_U_MAX_B, 1, QUALITY_THREE_PHASES },
    { 0x27, PAIR, JOURNAL_U_MAX_B, 2, QUALITY_THREE_PHASES },
    { 0x28, PAIR, JOURNAL_U_MIN_C, 2, QUALITY_THREE_PHASES },
    { 0x29, PAIR, JOURNAL_U_MIN_C, 1, QUALITY_THREE_PHASES },
    { 0x2A, PAIR, JOURNAL_U_MAX_C, 1, QUALITY_THREE_PHASES },
    { 0x2B, PAIR, JOURNAL_U_MAX_C, 2, QUALITY_THREE_PHASES },
    { 0x2C, PAIR, JOURNAL_F_MIN, 2, QUALITY },
    { 0x2D, PAIR, JOURNAL_F_MIN, 1, QUALITY },
    { 0x2E, PAIR, JOURNAL_F_MAX, 1, QUALITY },
    { 0x2F, PAIR, JOURNAL_F_MAX, 2, QUALITY },
    { 0x30, DIP, JOURNAL_QUALITY, 1, QUALITY },
    { 0x31, DIP, JOURNAL_QUALITY, 2, QUALITY_THREE_PHASES },
    { 0x32, DIP, JOURNAL_QUALITY, 3, QUALITY_THREE_PHASES },
    { 0x80, PAIR, JOURNAL_REVERSE, 1, ALWAYS },
    { 0x81, PAIR, JOURNAL_REVERSE, 2, THREE_PHASES },
    { 0x82, PAIR, JOURNAL_REVERSE, 3, THREE_PHASES },
    { 0x83, PAIR, JOURNAL_CURRENT_WITHOUT_VOLTAGE, 1, ALWAYS },
    { 0x84, PAIR, JOURNAL_CURRENT_WITHOUT_VOLTAGE, 2, THREE_PHASES },
    { 0x85, PAIR, JOURNAL_CURRENT_WITHOUT_VOLTAGE, 3, THREE_PHASES },
    { 0x86, PAIR, JOURNAL_PHASE_ORDER, 0, THREE_PHASES },
    { 0x87, LOAD, JOURNAL_RELAY, 0, RELAY },
};

/* --- records → events --------------------------------------------------------------------------------------------- */

struct target {
    struct sink *out;
    int64_t from; /* older events are not wanted */
    const struct row *row;
    enum journal journal;
    uint8_t latest;    /* number of the latest record */
};

static void give(const struct target *t, enum event_code code, int64_t wall, uint32_t detail)
{
    struct event e = { .journal = (uint16_t)t->journal, .code = (uint16_t)code, .wall = wall, .detail = detail };
    if (wall != WALL_NONE && wall >= t->from)
        emit_event(t->out, &e);
}

/* Time of begin, kind and depth; the event's detail: phase in the high byte, then 1 for a dip, then 0.01 %. */
static void give_dip(const struct target *t, struct cursor *r)
{
    unsigned hundredths = take_bcd(r);
    int64_t begin = mercury_take_time(r);
    unsigned duration = take_le16(r), dip = take_u8(r) & 1, depth = take_le16(r);
    uint32_t detail = (uint32_t)t->row->detail << 24 | dip << 16 | depth;
    give(t, EVENT_BEGIN, begin, detail);
    if (begin != WALL_NONE)
        give(t, EVENT_END, begin + (hundredths + duration) / 100, detail);
}

/* Bits of journal 87h that say «off» and «on»; the others are done things (2.9). */
enum {
    LOAD_OFF = 1u << 0x03 | 1u << 0x06 | 1u << 0x08 | 1u << 0x0A | 1u << 0x0C | 1u << 0x0E | 1u << 0x0F | 1u << 0x11 | 1u << 0x13 |
               1u << 0x14 | 1u << 0x15 | 1u << 0x16 | 1u << 0x17,
    LOAD_ON = 1u << 0x04 | 1u << 0x07 | 1u << 0x09 | 1u << 0x0B | 1u << 0x0D | 1u << 0x10 | 1u << 0x12,
};

/* The order of the six bytes is not told; taken like the status word's [assumed]. */
static void give_load(const struct target *t, struct cursor *r)
{
    int64_t wall = mercury_take_time(r);
    uint32_t bits = (uint32_t)mercury_take_bits48(r);
    give(t, bits & LOAD_OFF ? EVENT_END : bits & LOAD_ON ? EVENT_BEGIN : EVENT_DONE, wall, bits);
}

/* The day only: the event stands at its beginning. */
static void give_program(const struct target *t, struct cursor *r)
{
    struct bytes date = take_bytes(r, 3);
    uint8_t six[6] = { 0 };
    struct writer w = writer_over(six, sizeof six);
    put_be(&w, 0, 3);
    put_bytes(&w, date);
    struct cursor day = cursor_over(bytes_of(six, sizeof six));
    unsigned writes = take_u8(r);
    cursor_skip(r, FULL - 4);
    give(t, EVENT_DONE, mercury_take_time(&day), writes);
}

static void give_record(const struct target *t, struct cursor *r)
{
    uint32_t detail = t->row->detail;
    switch (t->row->shape) {
    case PAIR:
        give(t, EVENT_BEGIN, mercury_take_time(r), detail);
        give(t, EVENT_END, mercury_take_time(r), detail);
        break;
    case BEFORE:
        give(t, EVENT_END, mercury_take_time(r), detail);
        give(t, EVENT_BEGIN, mercury_take_time(r), detail);
        break;
    case MOMENT: give(t, EVENT_DONE, mercury_take_time(r), detail); break;
    case STATUS: {
        int64_t wall = mercury_take_time(r);
        give(t, EVENT_DONE, wall, (uint32_t)mercury_take_bits48(r));
        break;
    }
    case PROGRAM: give_program(t, r); break;
    case DIP: give_dip(t, r); break;
    case LOAD: give_load(t, r); break;
    }
}

/* With two seals the first five records of journal 12h are the terminal cover's, the others the case's. */
static void give_records(struct target *t, struct cursor *r, int first, bool two_seals)
{
    size_t size = t->row->shape == MOMENT ? SHORT : FULL;
    for (int record = first; cursor_left(r) >= size; record++) {
        struct cursor one = cursor_over(take_bytes(r, size));
        t->journal = t->row->journal == JOURNAL_COVER && two_seals && record >= 5 ? JOURNAL_CASE : t->row->journal;
        give_record(t, &one);
    }
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static bool empty(struct cursor r)
{
    struct bytes b = take_rest(&r);
    struct cursor c = cursor_over(b);
    uint8_t first = peek_u8(&c);
    while (cursor_left(&c) && peek_u8(&c) == first)
        cursor_skip(&c, 1);
    return cursor_left(&c) == 0 && (first == 0x00 || first == 0xFF);
}

static void read_singly(struct conversation *c, struct target *t, bool two_seals)
{
    for (uint8_t record = 0; record < RECORDS; record++) {
        struct cursor r = ASK(c, MERCURY_JOURNAL, t->row->number, record);
        give_records(t, &r, record, two_seals);
        if (conversation_forgive(c) != FAULT_NONE)
            return;
    }
}

static void read_journal(struct conversation *c, struct target *t)
{
    struct m230 *m = m230_state(c);
    bool two_seals = m->variant.seal_top && m->variant.seal_terminal;
    struct cursor r;
    if (!m->no_whole_journals && m230_ask_long(c, BODY(MERCURY_JOURNAL, t->row->number, ALL_RECORDS), &r)) {
        give_records(t, &r, 0, two_seals);
        return;
    }
    int64_t before = conversation_figures(c)->exchanges;
    if (conversation_fault(c) == FAULT_NONE)
        read_singly(c, t, two_seals);
    /* Single records are known and the whole is not: it need not be asked for again. */
    m->no_whole_journals = m->no_whole_journals || conversation_figures(c)->exchanges - before == RECORDS;
}

/* The latest record, whose answer ends with its number, and the nine places before it. Read singly, a hundred records of
 * fifteen journals would hold the line for minutes. */
static void read_latest(struct conversation *c, struct target *t)
{
    struct cursor r = ASK(c, MERCURY_JOURNAL, t->row->number, LATEST);
    for (int i = 0; i < RECORDS && conversation_fault(c) == FAULT_NONE; i++) {
        struct cursor record = cursor_over(take_bytes(&r, FULL));
        if (i == 0)
            t->latest = take_u8(&r);
        give_record(t, &record);
        uint8_t before = (uint8_t)((t->latest + QUALITY_RECORDS - i - 1) % QUALITY_RECORDS);
        if (i + 1 < RECORDS)
            r = ASK(c, MERCURY_JOURNAL, t->row->number, before);
    }
    conversation_forgive(c);
}

/* Blocks of twenty until one is empty; only the latest ten records where long answers cannot be had. */
static void read_quality(struct conversation *c, struct target *t)
{
    const struct m230_settings *settings = conversation_settings(c);
    struct m230 *m = m230_state(c);
    for (uint8_t block = BLOCK_FIRST; block >= BLOCK_LAST && !m->no_quality; block--) {
        struct cursor r;
        if (!m230_ask_long(c, BODY(MERCURY_JOURNAL, t->row->number, block), &r)) {
            m->no_quality = conversation_fault(c) == FAULT_NONE && !m->short_only && block == BLOCK_FIRST &&
                            settings->long_answers != M230_LONG_NO;
            break;
        }
        if (empty(r))
            break;
        give_records(t, &r, 0, false);
    }
    bool short_only = m->short_only || settings->long_answers == M230_LONG_NO;
    if (short_only && conversation_fault(c) == FAULT_NONE)
        read_latest(c, t);
}

static bool present(const struct mercury_variant *v, enum have have)
{
    switch (have) {
    case ALWAYS: return true;
    case THREE_PHASES: return !v->one_phase;
    case QUALITY: return v->quality;
    case QUALITY_THREE_PHASES: return v->quality && !v->one_phase;
    case RELAY: return v->relay;
    }
    return false;
}

void m230_journals(struct conversation *c, const struct want *w, struct sink *out)
{
    const struct m230 *m = m230_know(c);
    conversation_step(c, "journals");
    for (size_t i = 0; i < sizeof rows / sizeof *rows && conversation_fault(c) == FAULT_NONE; i++) {
        struct target t = { .out = out, .from = w->span.from, .row = &rows[i], .journal = rows[i].journal };
        if (!present(&m->variant, rows[i].have))
            continue;
        bool quality = rows[i].have == QUALITY || rows[i].have == QUALITY_THREE_PHASES;
        (quality ? read_quality : read_journal)(c, &t);
    }
}
