/* A simulated wired M-Bus meter (mbus.md 2..9), the twin of drivers/mbus.c: heat or water, found by primary address or
 * by any secondary mask that fits it.
 *
 * Options: medium=heat|water, storages=0..31 (month starts kept, 13), telegrams=1|2 (1: only the storages that fit into one
 * telegram), maker=AXI (DFS: also a log of 31 days behind application reset 30), status=0..255, due=first|last (how a month
 * start is dated: its first day, or the last day of the month before).
 *
 * The meter's number is its serial as eight BCD digits. The same FCB twice brings the same telegram again; after the last
 * telegram the first one follows. */
#include "sim/twin.h"
#include "wire/crc.h"
#include "wire/mbus.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    DAYS_KEPT = 31,
    BODY_MAX = 240,      /* 252 - 12 of the header */
    TELEGRAMS_MAX = 8,
    LOG_OF_DAYS = 0x30,  /* application reset sub-code */
    HEAT_INLET = 0x0C, WATER = 0x07,
    STATION_SELECTED = 253, STATION_ALL = 254, STATION_SILENT = 255,
};

/* What survives sessions. */
struct mbus_meter {
    uint32_t number; /* eight BCD digits */
    uint8_t primary;
    bool selected;
    uint8_t access;
    uint8_t data_set;
};

/* The link's memory. */
struct mbus_link {
    bool asked;         /* since SND_NKE */
    bool last_fcb;
    uint8_t telegram;   /* given last */
};

/* --- options ----------------------------------------------------------------------------------------------------- */

/* The option's value, up to ';'; NULL when it is not given. */
static const char *option(const struct sim_meter *m, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = m->options; at && *at; at = strchr(at, ';') ? strchr(at, ';') + 1 : NULL)
        if (strncmp(at, name, length) == 0 && at[length] == '=')
            return at + length + 1;
    return NULL;
}

static int number_option(const struct sim_meter *m, const char *name, int preset)
{
    const char *value = option(m, name);
    return value ? (int)strtol(value, NULL, 0) : preset;
}

static bool word_option(const struct sim_meter *m, const char *name, const char *word)
{
    const char *value = option(m, name);
    size_t length = strlen(word);
    return value && strncmp(value, word, length) == 0 && (value[length] == ';' || value[length] == '\0');
}

static bool is_water(const struct sim_meter *m)
{
    return word_option(m, "medium", "water");
}

/* Three letters of five bits each, A = 1. */
static uint16_t maker_of(const struct sim_meter *m)
{
    const char *letters = option(m, "maker");
    if (!letters || strlen(letters) < 3)
        letters = "AXI";
    return (uint16_t)((letters[0] - 64) * 1024 + (letters[1] - 64) * 32 + (letters[2] - 64));
}

static uint8_t medium_of(const struct sim_meter *m)
{
    return is_water(m) ? WATER : HEAT_INLET;
}

enum { VERSION = 2 };

/* --- addressing -------------------------------------------------------------------------------------------------- */

static uint32_t eight_digits(uint32_t number)
{
    uint32_t bcd = 0;
    for (int shift = 0; shift < 32; shift += 4, number /= 10)
        bcd |= number % 10 << shift;
    return bcd;
}

static void born(struct sim_meter *m)
{
    struct mbus_meter *state = m->state;
    state->number = eight_digits(m->serial);
    state->primary = (uint8_t)m->address;
}

/* The mask of a SELECT: digits F, maker FFFF, version FF, medium FF fit all. */
static bool mask_fits(const struct sim_meter *m, struct bytes mask)
{
    const struct mbus_meter *state = m->state;
    struct cursor c = cursor_over(mask);
    uint32_t id = take_le32(&c);
    uint16_t maker = take_le16(&c);
    uint8_t version = take_u8(&c), medium = take_u8(&c);
    if (c.failed)
        return false;
    for (int shift = 0; shift < 32; shift += 4)
        if ((id >> shift & 15) != 15 && (id >> shift & 15) != (state->number >> shift & 15))
            return false;
    return (maker == 0xFFFF || maker == maker_of(m)) && (version == 0xFF || version == VERSION) && (medium == 0xFF || medium == medium_of(m));
}

/* A selected meter listens to every SELECT, for the one that fits another deselects it. */
static bool addressed(const struct sim_meter *m, struct bytes frame)
{
    const struct mbus_meter *state = m->state;
    struct mbus_frame f;
    if (!mbus_frame_decode(frame, &f) || f.shape == MBUS_ACK || !(f.control & 0x40))
        return false;
    if (f.address == STATION_SELECTED)
        return state->selected || (f.shape == MBUS_LONG && f.ci == 0x52 && mask_fits(m, f.data));
    return f.address == state->primary || f.address >= STATION_ALL;
}

/* --- records ----------------------------------------------------------------------------------------------------- */

/* DIF, DIFE where the storage needs it. `coding` is DDDD. */
static void put_dib(struct writer *w, unsigned coding, unsigned storage)
{
    put_u8(w, coding | (storage & 1) << 6 | (storage > 1 ? 0x80u : 0));
    if (storage > 1)
        put_u8(w, storage >> 1 & 15);
}

static void put_int32(struct writer *w, unsigned storage, unsigned vif, int64_t value)
{
    put_dib(w, 4, storage);
    put_u8(w, vif);
    put_le32(w, (uint64_t)value);
}

static void put_int16(struct writer *w, unsigned storage, unsigned vif, int64_t value)
{
    put_dib(w, 2, storage);
    put_u8(w, vif);
    put_le16(w, (uint64_t)value);
}

static void put_bcd8(struct writer *w, unsigned storage, unsigned vif, int64_t value)
{
    put_dib(w, 12, storage);
    put_u8(w, vif);
    put_le32(w, eight_digits((uint32_t)(value % 100000000)));
}

/* Date as type G: year in the three high bits of the day and the four of the month. */
static void put_date(struct writer *w, unsigned storage, int64_t wall)
{
    struct civil c = civil_of_wall(wall);
    unsigned year = (unsigned)c.year % 100;
    put_dib(w, 2, storage);
    put_u8(w, 0x6C);
    put_u8(w, (unsigned)c.day | (year & 7) << 5);
    put_u8(w, (unsigned)c.month | (year & 0x78) << 1);
}

static void put_moment(struct writer *w, unsigned storage, int64_t wall)
{
    struct civil c = civil_of_wall(wall);
    unsigned year = (unsigned)c.year % 100;
    put_dib(w, 4, storage);
    put_u8(w, 0x6D);
    put_u8(w, (unsigned)c.minute);
    put_u8(w, (unsigned)c.hour);
    put_u8(w, (unsigned)c.day | (year & 7) << 5);
    put_u8(w, (unsigned)c.month | (year & 0x78) << 1);
}

/* Registers of one storage: kWh and litres. Water sends BCD, heat binary, as real ones differ. */
static void put_registers(const struct sim_meter *m, struct writer *w, unsigned storage, int64_t wall)
{
    if (is_water(m)) {
        put_bcd8(w, storage, 0x13, life_volume_l(m->serial, wall));
        return;
    }
    put_int32(w, storage, 0x06, life_heat_wh(m->serial, wall) / 1000);
    put_int32(w, storage, 0x13, life_volume_l(m->serial, wall));
}

static void put_heat_present(const struct sim_meter *m, struct writer *w, int64_t wall)
{
    int supply = life_flow_temperature_cc(m->serial, wall), back = life_return_temperature_cc(m->serial, wall);
    int64_t watts = life_heat_wh(m->serial, wall) - life_heat_wh(m->serial, wall - HOUR_SECONDS);
    put_int16(w, 0, 0x59, supply);        /* 0.01 C */
    put_int16(w, 0, 0x5D, back);
    put_int16(w, 0, 0x61, supply - back); /* 0.01 K */
    put_int32(w, 0, 0x2B, watts);
    put_int32(w, 0, 0x3B, life_flow_lh(m->serial, wall));
    /* a maximum and a value during an error: never to be shown as current ones */
    put_be(w, 0x143B, 2);
    put_le32(w, 4000);
    put_be(w, 0x325A, 2);
    put_le16(w, 999);
}

static void put_present(const struct sim_meter *m, struct writer *w, int64_t wall)
{
    const struct mbus_meter *state = m->state;
    put_be(w, 0x0C78, 2);
    put_le32(w, state->number);
    put_registers(m, w, 0, wall);
    if (is_water(m))
        put_int32(w, 0, 0x3B, life_flow_lh(m->serial, wall));
    else
        put_heat_present(m, w, wall);
    put_moment(w, 0, wall);
    put_int32(w, 0, 0x22, (wall - wall_from_fields(2020, 1, 1, 0, 0, 0)) / HOUR_SECONDS);
    put_be(w, 0x01FD17, 3); /* error flags */
    put_u8(w, (unsigned)number_option(m, "status", 0));
}

/* --- telegrams --------------------------------------------------------------------------------------------------- */

/* Bodies of all telegrams of the present data set. */
struct telegrams {
    uint8_t memory[TELEGRAMS_MAX][BODY_MAX + 12];
    size_t size[TELEGRAMS_MAX];
    int count, most;
};

/* Adds a block of records to the last telegram; to a new one when it does not fit. False when no more may be begun. */
static bool add_block(struct telegrams *t, struct bytes block)
{
    if (t->size[t->count - 1] + block.size + 1 > BODY_MAX) { /* 1 for DIF 1F */
        if (t->count == t->most)
            return false;
        t->count++;
    }
    size_t *size = &t->size[t->count - 1];
    memcpy(t->memory[t->count - 1] + *size, block.data, block.size);
    *size += block.size;
    return true;
}

static bool add_storage(const struct sim_meter *m, struct telegrams *t, unsigned storage, int64_t at, bool day)
{
    uint8_t memory[64];
    struct writer w = writer_over(memory, sizeof memory);
    if (day)
        put_moment(&w, storage, at);
    else
        put_date(&w, storage, word_option(m, "due", "last") ? at - DAY_SECONDS : at);
    put_registers(m, &w, storage, at);
    return add_block(t, writer_bytes(&w));
}

static void add_months(const struct sim_meter *m, struct telegrams *t, int64_t wall)
{
    int months = number_option(m, "storages", 13);
    for (int n = 1; n <= months && n <= 31; n++)
        if (!add_storage(m, t, (unsigned)n, month_wall(wall_month(wall) - (n - 1)), false))
            return;
}

static void add_days(const struct sim_meter *m, struct telegrams *t, int64_t wall)
{
    for (int n = 1; n <= DAYS_KEPT; n++)
        if (!add_storage(m, t, (unsigned)n, wall_day_start(wall) - (int64_t)(n - 1) * DAY_SECONDS, true))
            return;
}

static void fill(const struct sim_meter *m, struct telegrams *t, int64_t wall)
{
    const struct mbus_meter *state = m->state;
    memset(t, 0, sizeof *t);
    t->count = 1;
    if (state->data_set == LOG_OF_DAYS && word_option(m, "maker", "DFS")) {
        t->most = TELEGRAMS_MAX;
        add_days(m, t, wall);
        return;
    }
    t->most = number_option(m, "telegrams", 2);
    uint8_t memory[BODY_MAX];
    struct writer w = writer_over(memory, sizeof memory);
    put_present(m, &w, wall);
    add_block(t, writer_bytes(&w));
    add_months(m, t, wall);
}

static void put_frame(struct writer *out, uint8_t control, uint8_t address, uint8_t ci, struct bytes data)
{
    size_t length = data.size + 3;
    put_u8(out, 0x68);
    put_u8(out, (unsigned)length);
    put_u8(out, (unsigned)length);
    put_u8(out, 0x68);
    put_u8(out, control);
    put_u8(out, address);
    put_u8(out, ci);
    put_bytes(out, data);
    put_u8(out, (unsigned)control + address + ci + sum8(data));
    put_u8(out, 0x16);
}

/* Who speaks: a meter of address 0 behind a TCP address of its own answers as whoever it was called. */
static uint8_t speaker(const struct sim_meter *m, uint8_t called)
{
    const struct mbus_meter *state = m->state;
    return state->primary == 0 && called <= 250 ? called : state->primary;
}

static void answer_data(struct sim_meter *m, struct mbus_link *link, const struct mbus_frame *f, int64_t wall, struct writer *out)
{
    struct mbus_meter *state = m->state;
    bool fcb = f->control & 0x20;
    struct telegrams t;
    uint8_t memory[252];
    struct writer w = writer_over(memory, sizeof memory);
    fill(m, &t, wall);
    if (link->asked && fcb != link->last_fcb)
        link->telegram = (uint8_t)((link->telegram + 1) % t.count);
    else if (!link->asked)
        link->telegram = 0;
    if (!link->asked || fcb != link->last_fcb)
        state->access++;
    link->asked = true;
    link->last_fcb = fcb;
    put_le32(&w, state->number);
    put_le16(&w, maker_of(m));
    put_u8(&w, VERSION);
    put_u8(&w, medium_of(m));
    put_u8(&w, state->access);
    put_u8(&w, (unsigned)number_option(m, "status", 0));
    put_le16(&w, 0);
    put_bytes(&w, bytes_of(t.memory[link->telegram], t.size[link->telegram]));
    if (link->telegram + 1 < t.count)
        put_u8(&w, 0x1F);
    put_frame(out, 0x08, speaker(m, f->address), 0x72, writer_bytes(&w));
}

/* --- commands ---------------------------------------------------------------------------------------------------- */

static void take_clock(struct sim_meter *m, struct cursor *c, int64_t wall)
{
    unsigned minute = take_u8(c), hour = take_u8(c), day = take_u8(c), month = take_u8(c);
    int year = 2000 + (int)((day >> 5) | (month & 0xF0) >> 1);
    int64_t to = wall_from_fields(year, (int)(month & 15), (int)(day & 31), (int)(hour & 31), (int)(minute & 63), 0);
    if (!c->failed && to != WALL_NONE)
        m->clock_shift_s += to - wall;
}

static void take_records(struct sim_meter *m, struct bytes data, int64_t wall)
{
    struct mbus_meter *state = m->state;
    struct cursor c = cursor_over(data);
    uint16_t what = take_be16(&c);
    if (what == 0x046D)
        take_clock(m, &c, wall);
    else if (what == 0x017A && cursor_left(&c) == 1)
        state->primary = take_u8(&c);
    else if (what == 0x0C79 && cursor_left(&c) == 4)
        state->number = take_le32(&c);
}

/* True when the meter acknowledges. */
static bool take_command(struct sim_meter *m, const struct mbus_frame *f, int64_t wall)
{
    struct mbus_meter *state = m->state;
    struct cursor c = cursor_over(f->data);
    switch (f->ci) {
    case 0x50:
        state->data_set = cursor_left(&c) ? take_u8(&c) : 0;
        return true;
    case 0x51:
        take_records(m, f->data, wall);
        return true;
    case 0x52:
        state->selected = mask_fits(m, f->data);
        return state->selected;
    }
    return f->ci >= 0xB8 && f->ci <= 0xBF;
}

static void answer(struct sim_meter *m, void *session, struct bytes frame, int64_t wall, struct writer *out)
{
    struct mbus_meter *state = m->state;
    struct mbus_link *link = session;
    struct mbus_frame f;
    struct writer silent = { .failed = true };
    if (!mbus_frame_decode(frame, &f))
        return;
    /* where `addressed` is not asked */
    if (f.address == STATION_SELECTED && !state->selected && !(f.shape == MBUS_LONG && f.ci == 0x52))
        return;
    if (f.address == STATION_SILENT)
        out = &silent;
    switch (f.control & ~0x20) {
    case 0x40: /* SND_NKE */
        *link = (struct mbus_link){ .asked = false };
        state->selected &= f.address != STATION_SELECTED;
        put_u8(out, 0xE5);
        break;
    case 0x5B: /* REQ_UD2 */
        answer_data(m, link, &f, wall, out);
        break;
    case 0x5A: /* REQ_UD1: no alarm */
        put_u8(out, 0xE5);
        break;
    case 0x53: /* SND_UD */
        if (f.shape == MBUS_LONG && take_command(m, &f, wall)) {
            if (f.ci == 0x50 || f.ci == 0x52)
                *link = (struct mbus_link){ .asked = false };
            put_u8(out, 0xE5);
        }
        break;
    }
}

TWIN(mbus) = {
    .name = "mbus",
    .meter_size = sizeof(struct mbus_meter),
    .session_size = sizeof(struct mbus_link),
    .turnaround_us = 20000, /* 11 bit times and some thinking at 2400 bit/s */
    .line = { 2400, 8, 1, 'E' },
    .find = mbus_find,
    .born = born,
    .addressed = addressed,
    .answer = answer,
};
