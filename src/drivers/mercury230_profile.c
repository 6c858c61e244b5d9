/* The power profile of the Меркурий 230 family (mercury.md 2.8).
 *
 * Memory 3 is a ring of 15-byte records at steps of 10h. A record's place is a matter of arithmetic, for the address
 * advances with the clock, also while the meter is off:
 *
 *   place(t) = last − (t_last − t) / T  modulo 4096 or 8192
 *
 * until the clock is set: then the places before it lie shifted. Every record carries the end of its interval, so what is
 * read is filed by its own time, never by the place it was read from. A mismatch teaches a shift; a slot is missing once
 * its place under every shift that is known has been seen and holds something else. */
#include "drivers/mercury230.h"

enum { ALL_KINDS = 0 << 4, MEMORY_MAIN = 3, HIGH_BIT = 0x80, WHOLE_BLOCK = 0xFF, SHIFTS = 8 };

/* One owed interval. */
struct slot {
    bool done;    /* given to the sink */
    uint8_t seen; /* bit i: its place under shifts[i] was read */
};

struct profile {
    struct sink *out;
    enum archive archive;
    struct mercury_ring ring;
    uint16_t last;       /* number of the record formed last */
    int64_t last_end;    /* wall time of its interval's end */
    int64_t step;        /* seconds */
    int64_t first;       /* start of slot 0; slots run to the last one owed and formed */
    int64_t count;
    int64_t shifts[SHIFTS]; /* records that slots lie before their calculated place; the first is 0 */
    int shifts_count, now;  /* now: index of the one in use */
    uint32_t milli_wh;   /* of one count: 500/A Wh, exact for every A there is */
    struct slot *slots;
};

static struct record record_of(const struct profile *p, int64_t slot, uint8_t quality)
{
    return (struct record){ .out = p->out, .wall = p->first + slot * p->step, .archive = p->archive,
                            .step = (uint16_t)p->step, .quality = quality };
}

static void give_missing(struct profile *p, int64_t slot)
{
    struct record r = record_of(p, slot, QUALITY_VALID);
    emit_missing(&r, OBIS(1, 0, 1, 29, 0, 255));
    p->slots[slot].done = true;
}

/* Bit 0 of the status says that the ring («массив срезов») has wrapped, nothing of the value: it is passed over. */
static void give(struct profile *p, int64_t slot, const struct mercury_record *m)
{
    bool partial = m->status & (MERCURY_RECORD_PARTIAL | MERCURY_RECORD_INIT);
    struct record r = record_of(p, slot, partial ? QUALITY_PARTIAL : QUALITY_VALID);
    bool any = false;
    for (uint8_t i = 0; i < 4; i++) {
        if (m->counts[i] == 0xFFFF)
            continue;
        emit(&r, OBIS(1, 0, i + 1, 29, 0, 255), decimal_normal(decimal_of((int64_t)m->counts[i] * p->milli_wh, -3)));
        any = true;
    }
    if (!any)
        emit_missing(&r, OBIS(1, 0, 1, 29, 0, 255));
    p->slots[slot].done = true;
}

/* The slot whose interval ends at the record's time, -1 when none is owed. */
static int64_t slot_of(const struct profile *p, const struct mercury_record *m)
{
    if (m->end == WALL_NONE || m->period * 60 != p->step)
        return -1;
    int64_t from_first = m->end - p->step - p->first;
    return from_first < 0 || from_first % p->step || from_first / p->step >= p->count ? -1 : from_first / p->step;
}

static int64_t steps_back(const struct profile *p, int64_t slot)
{
    return (p->last_end - p->step - p->first) / p->step - slot + p->shifts[p->now];
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static struct bytes memory_request(const struct profile *p, uint16_t record, uint8_t size, uint8_t memory[5])
{
    uint32_t address = mercury_record_address(&p->ring, record);
    struct writer w = writer_over(memory, 5);
    put_u8(&w, MERCURY_MEMORY);
    put_u8(&w, (address >> 16 ? HIGH_BIT : 0) | ALL_KINDS | MEMORY_MAIN);
    put_be16(&w, address & 0xFFFF);
    put_u8(&w, size);
    return writer_bytes(&w);
}

/* A block must not run over the end of 64 KB: whether the meter carries on into the other half is not told. */
static bool fits_block(uint32_t address)
{
    return (address & 0xFFFF) + MERCURY_BULK * MERCURY_RECORD_STEP <= 0x10000;
}

/* Seventeen records in one answer. False when that cannot be had here: then one by one. */
static bool read_block(struct conversation *c, const struct profile *p, uint16_t record, struct cursor *ret)
{
    struct m230 *m = m230_state(c);
    uint8_t body[5];
    if (m->no_bulk || !fits_block(mercury_record_address(&p->ring, record)))
        return false;
    if (m230_ask_long(c, memory_request(p, record, WHOLE_BLOCK, body), ret))
        return true;
    m->no_bulk = conversation_fault(c) == FAULT_NONE;
    return false;
}

/* Files the records of an answer that begins at the calculated place of `slot`, each where its own time belongs. Returns
 * the record found at the first place. */
static struct mercury_record file(struct profile *p, int64_t slot, struct cursor *r)
{
    struct mercury_record found = { .end = WALL_NONE };
    for (int64_t at = slot; cursor_left(r) >= MERCURY_RECORD_SIZE; at++) {
        struct mercury_record m = mercury_take_record(r);
        int64_t own = slot_of(p, &m);
        if (at == slot)
            found = m;
        if (own >= 0 && !p->slots[own].done)
            give(p, own, &m);
        if (at < p->count)
            p->slots[at].seen |= (uint8_t)(1u << p->now);
    }
    return found;
}

static struct mercury_record read_one(struct conversation *c, struct profile *p, int64_t slot)
{
    uint8_t body[5];
    struct cursor r = m230_ask(c, memory_request(p, mercury_record_before(&p->ring, p->last, steps_back(p, slot)), MERCURY_RECORD_SIZE, body), 0);
    conversation_forgive(c);
    return file(p, slot, &r);
}

/* Blocks pay when more than two slots are owed from here on. Near the end of the ring's history the block begins earlier,
 * so that it ends with the last record. */
static struct mercury_record read_slot(struct conversation *c, struct profile *p, int64_t slot)
{
    enum { BLOCK_PAYS = 3 };
    int64_t back = steps_back(p, slot);
    struct cursor r;
    if (p->count - slot >= BLOCK_PAYS && back >= 0) {
        int64_t early = back < MERCURY_BULK - 1 ? MERCURY_BULK - 1 - back : 0;
        if (read_block(c, p, mercury_record_before(&p->ring, p->last, back + early), &r)) {
            cursor_skip(&r, (size_t)early * MERCURY_RECORD_SIZE);
            return file(p, slot, &r);
        }
    }
    return read_one(c, p, slot);
}

/* The clock was set: the record at the slot's place is some steps off, and so will be its neighbours. */
static void learn_shift(struct conversation *c, struct profile *p, int64_t slot, const struct mercury_record *found)
{
    int64_t end = p->first + (slot + 1) * p->step;
    if (found->end == WALL_NONE || found->period * 60 != p->step || (found->end - end) % p->step || p->shifts_count == SHIFTS)
        return;
    int64_t off = (found->end - end) / p->step, shift = p->shifts[p->now] + off;
    if (off > p->ring.records / 2 || -off > p->ring.records / 2)
        return; /* a record of the lap before: nothing was written here since */
    for (int i = 0; i < p->shifts_count; i++)
        if (p->shifts[i] == shift)
            return;
    p->shifts[p->shifts_count++] = shift;
    conversation_note(c, "profile is shifted by %lld records", (long long)shift);
}

/* A shift under which the slot was not looked for yet, the one in use first; -1 when there is none. */
static int next_shift(const struct profile *p, int64_t slot)
{
    if (!(p->slots[slot].seen >> p->now & 1))
        return p->now;
    for (int i = 0; i < p->shifts_count; i++)
        if (!(p->slots[slot].seen >> i & 1))
            return i;
    return -1;
}

/* Answers carry no number: one that was late may have been taken for that of a later question, of the same size, and its records stand
 * elsewhere then. So the first of a row of missing slots is asked for alone before it is called so; when it is there, what was seen was
 * another's, and the places from here on are looked at anew. */
static bool is_there(struct conversation *c, struct profile *p, int64_t slot)
{
    p->now = 0;
    read_one(c, p, slot);
    for (int64_t i = slot + 1; i < p->count && p->slots[slot].done; i++)
        p->slots[i].seen = 0;
    return p->slots[slot].done;
}

static void read_slots(struct conversation *c, struct profile *p)
{
    bool gap = false; /* the slot before is missing, and that is sure */
    for (int64_t slot = 0; slot < p->count; slot++) {
        int shift;
        while (!p->slots[slot].done && (shift = next_shift(p, slot)) >= 0) {
            p->now = shift;
            struct mercury_record found = read_slot(c, p, slot);
            if (conversation_fault(c) != FAULT_NONE)
                return;
            p->slots[slot].seen |= (uint8_t)(1u << p->now); /* a refused place too */
            learn_shift(c, p, slot, &found);
        }
        gap = !p->slots[slot].done && (gap || !is_there(c, p, slot));
        if (conversation_fault(c) != FAULT_NONE)
            return;
        if (gap)
            give_missing(p, slot);
    }
}

/* --- what is owed ------------------------------------------------------------------------------------------------- */

/* Before firmware 7.0.0 parameter 13h gives 16 bits of a 17-bit address: the half that holds the last record's own time
 * is the one. */
static uint16_t find_last(struct conversation *c, const struct profile *p, const struct mercury_last *last)
{
    uint16_t low = mercury_record_of(&p->ring, last->place, false);
    if (p->ring.numbered || p->ring.records <= 4096)
        return low;
    uint8_t body[5];
    struct cursor r = m230_ask(c, memory_request(p, low, MERCURY_RECORD_SIZE, body), 0);
    struct mercury_record m = mercury_take_record(&r);
    return mercury_record_of(&p->ring, last->place, m.end != last->end);
}

/* Slots of the span that are formed and within the ring; what is older than the ring is missing, what is not formed yet
 * is nobody's debt. */
static void lay_out(struct conversation *c, const struct want *w, struct profile *p)
{
    int64_t depth = (int64_t)p->ring.records * p->step;
    int64_t first = archive_floor(p->archive, (int)p->step, w->span.from);
    if (first < w->span.from)
        first += p->step;
    int64_t end = w->span.to < p->last_end ? w->span.to : p->last_end;
    struct record lost = { .out = p->out, .archive = p->archive, .step = (uint16_t)p->step };
    for (; first < end && first < p->last_end - depth; first += p->step) {
        lost.wall = first;
        emit_missing(&lost, OBIS(1, 0, 1, 29, 0, 255));
    }
    p->first = first;
    p->count = end > first ? (end - first + p->step - 1) / p->step : 0;
    p->slots = arena_take(conversation_arena(c), ((size_t)p->count + 1) * sizeof *p->slots); /* at most the ring's records */
}

static bool begin(struct conversation *c, const struct want *w, struct sink *out, struct profile *p)
{
    const struct m230 *m = m230_know(c);
    if (conversation_fault(c) == FAULT_NONE && !m->variant.profile)
        conversation_fail(c, FAULT_NOT_SUPPORTED, "no profile in this variant");
    if (conversation_fault(c) == FAULT_NONE && m->variant.constant == 0)
        conversation_fail(c, FAULT_NONSENSE, "meter constant");
    conversation_step(c, "last profile record");
    struct cursor r = ASK(c, MERCURY_PARAMETER, 0x13);
    struct mercury_last last = mercury_take_last(&r);
    if (r.failed)
        return false;
    *p = (struct profile){ .out = out, .shifts_count = 1, .last_end = last.end, .step = last.period * 60,
                           .archive = last.period == 60 ? ARCHIVE_HOUR : ARCHIVE_PROFILE,
                           .ring = mercury_ring_of(m->variant.wide_memory, m->firmware[0]),
                           .milli_wh = 500000u / m->variant.constant };
    if (last.end == WALL_NONE || last.period == 0 || last.period > 60) {
        conversation_fail(c, FAULT_NO_DATA, "profile not begun");
        return false;
    }
    if (w->archive == ARCHIVE_HOUR && p->archive != ARCHIVE_HOUR) {
        conversation_fail(c, FAULT_NOT_SUPPORTED, "profile period %u min", last.period);
        return false;
    }
    p->last = find_last(c, p, &last);
    return conversation_fault(c) == FAULT_NONE;
}

void m230_profile(struct conversation *c, const struct want *w, struct sink *out)
{
    struct profile p;
    if (!begin(c, w, out, &p))
        return;
    conversation_step(c, "profile");
    lay_out(c, w, &p);
    read_slots(c, &p);
}
