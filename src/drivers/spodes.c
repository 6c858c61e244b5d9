/* СПОДЭС: DLMS/COSEM meters of the Russian profile (ГОСТ Р 58940, СТО 34.01-5.1-006; spodes.md).
 *
 * What a meter has is read from the meter itself (capture objects, scalers) and remembered; the tables here say where to
 * look and what it is called. Makers differ in address rule, password form and quirks: rows of spodes_models.c. */
#include "drivers/dlms/profile.h"
#include "drivers/spodes_model.h"
#include "meter/relay.h"
#include "wire/dlms_explain.h"

#include <stdio.h>

/* What is remembered of a meter between conversations. */
struct spodes_memo {
    uint32_t registers_known;                 /* scalers of current registers read */
    struct cosem_scaler energy[SPODES_ENERGIES][SPODES_TARIFFS + 1];
    uint64_t network_absent;                  /* bits of spodes_network the meter does not have */
    bool network_known;
    struct cosem_scaler network[SPODES_NETWORK_MAX];
    uint32_t journals_absent;                 /* bits of the journals */
    uint32_t profiles_absent;                 /* bits of enum archive */
    struct profile_layout layout[3];          /* load, day, month */
};

struct spodes_state {
    struct dlms_client client;
    struct spodes_memo *own; /* when the caller keeps none */
};

static struct dlms_client *client(struct conversation *c)
{
    return &((struct spodes_state *)conversation_state(c))->client;
}

static struct spodes_memo *memo(struct conversation *c)
{
    struct spodes_memo *kept = conversation_memo(c);
    struct spodes_state *state = conversation_state(c);
    if (!kept && !state->own)
        state->own = arena_take(conversation_arena(c), sizeof *state->own);
    return kept ? kept : state->own;
}

static const struct spodes_settings *settings(struct conversation *c)
{
    return conversation_settings(c);
}

static void spodes_open(struct conversation *c)
{
    dlms_client_open(c, client(c), &settings(c)->dlms);
}

static void spodes_close(struct conversation *c)
{
    dlms_client_close(c, client(c));
}

/* --- identity -------------------------------------------------------------------------------------------------------- */

struct identity {
    struct sink *out;
};

static void take_identity(void *context, size_t i, struct cosem_result result)
{
    struct identity *id = context;
    if (!result.has_data)
        return;
    struct cosem_reader r = cosem_reader_over(result.data);
    struct cosem_data value = cosem_take(&r);
    char memory[160], number[DECIMAL_TEXT_MAX];
    struct text t = text_over(memory, sizeof memory);
    struct cosem_date_time time;
    struct decimal d;
    struct bytes text;
    if (spodes_identity[i].fact == FACT_PRODUCED && cosem_date_time(&value, &time)) {
        wall_format(cosem_date_time_wall(&time), memory);
        memory[10] = '\0';
    } else if (cosem_text(&value, &text)) {
        text_put_foreign(&t, text);
    } else if (cosem_decimal(&value, &d)) {
        text_put(&t, decimal_format(d, number));
    }
    if (memory[0])
        emit_fact(id->out, spodes_identity[i].fact, memory);
}

static void spodes_identify(struct conversation *c, struct sink *out)
{
    struct cosem_reference what[SPODES_IDENTITY_MAX];
    for (size_t i = 0; i < spodes_identity_count; i++)
        what[i] = dlms_attribute(1, spodes_identity[i].obis, 2);
    struct identity id = { out };
    dlms_client_get_list(c, client(c), what, spodes_identity_count, take_identity, &id);
}

/* The first row of the table is the serial number. */
static void spodes_who(struct conversation *c, struct sink *out)
{
    struct cosem_reference what = dlms_attribute(1, spodes_identity[0].obis, 2);
    struct identity id = { out };
    dlms_client_get_list(c, client(c), &what, 1, take_identity, &id);
}

/* --- current registers ----------------------------------------------------------------------------------------------- */

struct registers {
    const struct record *record;
    struct spodes_memo *memo;
    const struct cosem_reference *what;
    struct cosem_scaler *(*scaler)(struct spodes_memo *m, size_t place);
    uint8_t place[2 * SPODES_NETWORK_MAX]; /* table row of each reference */
    size_t values;                         /* references 0..values-1 are values, the rest scalers */
    struct { uint8_t size, data[10]; } kept[SPODES_NETWORK_MAX]; /* values that wait for their scalers */
    uint64_t absent;
};

static void emit_register(const struct registers *g, size_t i)
{
    struct cosem_reader r = cosem_reader_over(bytes_of(g->kept[i].data, g->kept[i].size));
    struct cosem_data value = cosem_take(&r);
    struct cosem_scaler s = *g->scaler(g->memo, g->place[i]);
    struct decimal d;
    if (g->kept[i].size && cosem_decimal(&value, &d) && cosem_scaled(d, s, &d))
        emit_in(g->record, g->what[i].obis, d, (enum unit)s.unit);
}

/* Values first, then the scalers that are not known yet; all in as few exchanges as fit. */
static void take_register(void *context, size_t i, struct cosem_result result)
{
    struct registers *g = context;
    if (i >= g->values) {
        struct cosem_reader r = cosem_reader_over(result.data);
        struct cosem_scaler s = cosem_take_scaler(&r);
        if (result.has_data && !cosem_failed(&r))
            *g->scaler(g->memo, g->place[i]) = s;
        return;
    }
    bool missing = result.code == COSEM_OBJECT_UNDEFINED || result.code == COSEM_CLASS_INCONSISTENT;
    if (!result.has_data) {
        g->absent |= missing ? 1ull << g->place[i] : 0;
    } else if (result.data.size <= sizeof g->kept[i].data) {
        memcpy(g->kept[i].data, result.data.data, result.data.size);
        g->kept[i].size = (uint8_t)result.data.size;
    }
}

/* Reads `count` registers of which the references 0..count-1 are given, with their scalers unless `known`. */
static void read_registers(struct conversation *c, struct registers *g, struct cosem_reference *what, size_t count, bool known)
{
    g->values = count;
    g->what = what;
    size_t all = count;
    for (size_t i = 0; i < count && !known; i++, all++) {
        what[all] = what[i];
        what[all].index = 3;
        g->place[all] = g->place[i];
    }
    dlms_client_get_list(c, client(c), what, all, take_register, g);
    for (size_t i = 0; i < count && !conversation_fault(c); i++)
        emit_register(g, i);
}

static struct cosem_scaler *energy_scaler(struct spodes_memo *m, size_t place)
{
    return &m->energy[place / (SPODES_TARIFFS + 1)][place % (SPODES_TARIFFS + 1)];
}

static void spodes_current(struct conversation *c, const struct want *w, struct sink *out)
{
    struct record record = { .out = out, .wall = w->now, .archive = ARCHIVE_CURRENT };
    struct arena arena = { 0 }; /* only for the time of the reading */
    struct registers *g = arena_take(&arena, sizeof *g);
    *g = (struct registers){ .record = &record, .memo = memo(c), .scaler = energy_scaler };
    int tariffs = w->tariffs > SPODES_TARIFFS ? SPODES_TARIFFS : w->tariffs;
    bool known = (int)g->memo->registers_known > tariffs;
    size_t most = (size_t)(known ? 1 : 2) * SPODES_ENERGIES * (size_t)(tariffs + 1);
    struct cosem_reference *what = arena_take(&arena, most * sizeof *what);
    size_t count = 0;
    for (int energy = 0; energy < SPODES_ENERGIES; energy++)
        for (int tariff = 0; tariff <= tariffs; tariff++) {
            what[count] = dlms_attribute(3, OBIS(1, 0, energy + 1, 8, tariff, 255), 2);
            g->place[count++] = (uint8_t)(energy * (SPODES_TARIFFS + 1) + tariff);
        }
    read_registers(c, g, what, count, known);
    if (!known && !conversation_fault(c))
        g->memo->registers_known = (uint32_t)tariffs + 1;
    arena_free(&arena);
}

static struct cosem_scaler *network_scaler(struct spodes_memo *m, size_t place)
{
    return &m->network[place];
}

static void spodes_network_read(struct conversation *c, const struct want *w, struct sink *out)
{
    struct record record = { .out = out, .wall = w->now, .archive = ARCHIVE_NETWORK };
    struct arena arena = { 0 };
    struct registers *g = arena_take(&arena, sizeof *g);
    *g = (struct registers){ .record = &record, .memo = memo(c), .scaler = network_scaler };
    struct cosem_reference *what = arena_take(&arena, (g->memo->network_known ? 1 : 2) * SPODES_NETWORK_MAX * sizeof *what);
    size_t count = 0;
    for (size_t i = 0; i < spodes_network_count; i++) {
        if (g->memo->network_absent >> i & 1)
            continue;
        what[count] = dlms_attribute(3, spodes_network[i], 2);
        g->place[count++] = (uint8_t)i;
    }
    read_registers(c, g, what, count, g->memo->network_known);
    if (!conversation_fault(c)) {
        g->memo->network_known = true;
        g->memo->network_absent |= g->absent;
    }
    arena_free(&arena);
}

/* --- profiles -------------------------------------------------------------------------------------------------------- */

/* Records of one answer at most: keeps an answer near 16 KB. */
enum { RECORDS_AT_ONCE = 240, GRID_MAX = 512 };

struct profile_reading {
    const struct spodes_profile *profile;
    const struct profile_layout *layout;
    struct sink *out;
    struct span span;
    uint64_t seen[GRID_MAX / 64]; /* grid points of the span that came */
};

static int grid_step(const struct profile_reading *p)
{
    return p->layout->step ? p->layout->step : HALF_HOUR_SECONDS;
}

/* Which interval a stamp means: registers are frozen at the moment itself; intervals are stamped at their end. */
static int64_t interval_of(const struct profile_reading *p, int64_t stamp)
{
    enum archive a = p->profile->archive;
    return archive_floor(a, grid_step(p), p->profile->stamps_end ? stamp - 1 : stamp);
}

static enum archive archive_of(const struct profile_reading *p)
{
    return p->profile->archive == ARCHIVE_PROFILE && p->layout->step == HOUR_SECONDS ? ARCHIVE_HOUR : p->profile->archive;
}

static uint8_t quality_of(const struct profile_reading *p, const struct profile_record *r, int64_t interval)
{
    uint8_t quality = 0;
    if (r->status != 0xFF && r->status & (COSEM_CLOCK_INVALID | COSEM_CLOCK_DOUBTFUL))
        quality |= QUALITY_CLOCK;
    if (p->profile->stamps_end && r->wall != archive_next(p->profile->archive, grid_step(p), interval))
        quality |= QUALITY_PARTIAL; /* stamped off the grid: the interval was cut by a power failure or a new clock */
    return quality;
}

static void take_record(void *context, const struct profile_record *r)
{
    struct profile_reading *p = context;
    if (r->wall == WALL_NONE)
        return;
    int64_t interval = interval_of(p, r->wall);
    if (!span_holds(p->span, interval))
        return;
    int64_t place = archive_count(p->profile->archive, grid_step(p), (struct span){ p->span.from, interval });
    if (place < GRID_MAX)
        p->seen[place / 64] |= 1ull << place % 64;
    struct record record = { .out = p->out, .wall = interval, .archive = archive_of(p), .quality = quality_of(p, r, interval) };
    if (p->profile->archive == ARCHIVE_PROFILE)
        record.step = p->layout->step;
    for (uint8_t i = 0; i < r->count; i++) {
        const struct profile_column *k = &p->layout->column[i];
        struct decimal d;
        if (k->is_number && cosem_decimal(&r->value[i], &d) && cosem_scaled(d, (struct cosem_scaler){ k->exponent, k->unit }, &d))
            emit_in(&record, column_obis(k), d, (enum unit)k->unit);
    }
}

/* What the meter was asked for and did not give is not there: crossed off, unless so young that it may still come. */
static void emit_absent(const struct profile_reading *p, int64_t now)
{
    enum { YOUNG_SECONDS = 2 * HOUR_SECONDS };
    int64_t place = 0;
    for (int64_t at = p->span.from; at < p->span.to; at = archive_next(p->profile->archive, grid_step(p), at), place++) {
        bool seen = place >= GRID_MAX || p->seen[place / 64] >> place % 64 & 1;
        if (seen || at > now - YOUNG_SECONDS - grid_step(p))
            continue;
        struct record record = { .out = p->out, .wall = at, .archive = archive_of(p), .step = p->profile->archive == ARCHIVE_PROFILE ? p->layout->step : 0 };
        for (uint8_t i = 0; i < p->layout->count; i++)
            if (p->layout->column[i].is_number)
                emit_missing(&record, column_obis(&p->layout->column[i]));
    }
}

/* The part of the span that one request reads: a grid-aligned piece from its start. */
static struct span next_piece(const struct profile_reading *p, struct span rest)
{
    enum archive a = p->profile->archive;
    struct span piece = { archive_floor(a, grid_step(p), rest.from), 0 };
    if (piece.from < rest.from)
        piece.from = archive_next(a, grid_step(p), piece.from); /* the interval that has begun before is not owed */
    piece.to = piece.from;
    for (int i = 0; i < RECORDS_AT_ONCE && piece.to < rest.to; i++)
        piece.to = archive_next(a, grid_step(p), piece.to);
    return piece;
}

static void read_profile(struct conversation *c, const struct want *w, struct sink *out, const struct spodes_profile *profile)
{
    struct spodes_memo *m = memo(c);
    struct profile_layout *layout = &m->layout[profile->place];
    if (m->profiles_absent >> profile->place & 1)
        conversation_fail(c, FAULT_NOT_SUPPORTED, "%s", "");
    profile_layout_read(c, client(c), profile->obis, profile->scales, layout);
    if (conversation_fault(c) == FAULT_NOT_SUPPORTED)
        m->profiles_absent |= 1u << profile->place;
    struct span rest = w->span;
    while (rest.from < rest.to && !conversation_fault(c)) {
        struct profile_reading p = { .profile = profile, .layout = layout, .out = out };
        p.span = next_piece(&p, rest);
        if (p.span.from == p.span.to)
            break;
        int64_t last = archive_floor(profile->archive, grid_step(&p), p.span.to - 1);
        int64_t from = profile->stamps_end ? archive_next(profile->archive, grid_step(&p), p.span.from) : p.span.from;
        int64_t to = profile->stamps_end ? archive_next(profile->archive, grid_step(&p), last) : last;
        if (profile_records_read(c, client(c), profile->obis, layout, from, to, take_record, &p))
            emit_absent(&p, w->now);
        else if (!conversation_fault(c))
            emit_absent(&p, w->now); /* "data block unavailable": the meter says the range holds nothing */
        rest.from = p.span.to;
    }
}

static void spodes_day(struct conversation *c, const struct want *w, struct sink *out)
{
    read_profile(c, w, out, &spodes_day_profile);
}

static void spodes_month(struct conversation *c, const struct want *w, struct sink *out)
{
    read_profile(c, w, out, &spodes_month_profile);
}

/* The load profile is the profile or the hour archive, by its period; asking for the other is no fault of the meter's. */
static void read_load(struct conversation *c, const struct want *w, struct sink *out, bool hourly)
{
    struct profile_layout *layout = &memo(c)->layout[spodes_load_profile.place];
    profile_layout_read(c, client(c), spodes_load_profile.obis, spodes_load_profile.scales, layout);
    if (conversation_fault(c))
        return;
    if ((layout->step == HOUR_SECONDS) != hourly)
        conversation_fail(c, FAULT_NOT_SUPPORTED, "%u s", layout->step);
    else
        read_profile(c, w, out, &spodes_load_profile);
}

static void spodes_load(struct conversation *c, const struct want *w, struct sink *out)
{
    read_load(c, w, out, false);
}

static void spodes_hour(struct conversation *c, const struct want *w, struct sink *out)
{
    read_load(c, w, out, true);
}

/* --- journals -------------------------------------------------------------------------------------------------------- */

struct journal_reading {
    struct sink *out;
    uint16_t journal;
};

static struct event take_event(struct cosem_reader *r, uint16_t journal)
{
    /* Journals 12 and 13 hold a value or a second time instead of a code: the record itself is the event. */
    bool coded = journal == JOURNAL_SPODES + 12 || journal == JOURNAL_SPODES + 13;
    struct event e = { .journal = journal, .wall = WALL_NONE, .code = coded ? EVENT_DONE : 0 };
    uint32_t fields = cosem_take_structure(r);
    for (uint32_t i = 0; i < fields; i++) {
        struct cosem_data value = cosem_take(r);
        struct cosem_date_time t;
        int64_t number;
        if (e.wall == WALL_NONE && cosem_date_time(&value, &t)) {
            e.wall = cosem_date_time_wall(&t);
        } else if (!coded && cosem_integer(&value, &number) && number >= 0 && number <= UINT16_MAX) {
            e.code = (uint16_t)number;
            coded = true;
        } else if (coded && e.detail == 0 && i == 2 && cosem_integer(&value, &number) && number >= 0 && number <= UINT32_MAX) {
            e.detail = (uint32_t)number;
        }
    }
    return e;
}

static void read_journal(struct conversation *c, const struct want *w, struct sink *out, int number)
{
    uint8_t range[128];
    struct writer p = writer_over(range, sizeof range);
    struct cosem_date_time from = cosem_date_time_of_wall(w->span.from), to = cosem_date_time_of_wall(w->span.to);
    cosem_put_clock_range(&p, &from, &to);
    struct cosem_reference what = dlms_attribute(7, OBIS(0, 0, 99, 98, number, 255), 2);
    what.selective = true;
    what.selector = COSEM_BY_RANGE;
    what.parameters = writer_bytes(&p);
    struct cosem_result result = dlms_client_get(c, client(c), &what);
    if (conversation_fault(c))
        return;
    if (result.code == COSEM_OBJECT_UNDEFINED || result.code == COSEM_CLASS_INCONSISTENT)
        memo(c)->journals_absent |= 1u << number;
    if (!result.has_data)
        return;
    struct cosem_reader r = cosem_reader_over(result.data);
    uint32_t count = cosem_take_array(&r);
    for (uint32_t i = 0; i < count && !cosem_failed(&r); i++) {
        struct event e = take_event(&r, (uint16_t)(JOURNAL_SPODES + number));
        if (!cosem_failed(&r) && e.wall != WALL_NONE && e.wall >= w->span.from)
            emit_event(out, &e);
    }
    if (!cosem_done(&r))
        conversation_fail(c, FAULT_NONSENSE, "0.0.99.98.%d.255", number);
}

static void spodes_journals(struct conversation *c, const struct want *w, struct sink *out)
{
    for (int number = 0; number <= JOURNAL_SPODES_LAST - JOURNAL_SPODES; number++)
        if (spodes_journal_has_events(number) && !(memo(c)->journals_absent >> number & 1))
            read_journal(c, w, out, number);
}

/* --- states ---------------------------------------------------------------------------------------------------------- */

struct states {
    struct sink *out;
    int64_t now;
    const struct spodes_state_row *rows;
};

static void take_state(void *context, size_t i, struct cosem_result result)
{
    struct states *s = context;
    struct cosem_reader r = cosem_reader_over(result.data);
    struct cosem_data value = cosem_take(&r);
    int64_t number;
    if (result.has_data && cosem_integer(&value, &number))
        emit_state(s->out, s->rows[i].state, s->now, number);
}

static void read_states(struct conversation *c, struct sink *out, int64_t now, const struct spodes_state_row *rows, size_t count)
{
    struct cosem_reference what[SPODES_STATES_MAX];
    for (size_t i = 0; i < count; i++)
        what[i] = dlms_attribute(rows[i].class_id, rows[i].obis, rows[i].attribute);
    struct states s = { out, now, rows };
    dlms_client_get_list(c, client(c), what, count, take_state, &s);
}

/* A notification that came unasked during the session: its first number is the register of causes (spodes.md 7). */
static void take_push(struct conversation *c, struct sink *out, int64_t now)
{
    struct dlms_client *d = client(c);
    struct cosem_notification n;
    if (d->pushed_size == 0 || !cosem_notification_decode(bytes_of(d->pushed, d->pushed_size), &n))
        return;
    struct cosem_reader r = cosem_reader_over(n.data);
    for (int i = 0; i < 32 && !cosem_done(&r) && !cosem_failed(&r); i++) {
        struct cosem_data value = cosem_take(&r);
        int64_t flags;
        if (value.type != COSEM_UINT32 || !cosem_integer(&value, &flags))
            continue;
        emit_state(out, OBIS(0, 0, 97, 98, 0, 255), now, flags);
        break;
    }
    d->pushed_size = 0;
}

static void spodes_state_read(struct conversation *c, const struct want *w, struct sink *out)
{
    read_states(c, out, w->now, spodes_states, spodes_states_count);
    take_push(c, out, w->now);
}

/* --- clock and relay ------------------------------------------------------------------------------------------------- */

static const struct cosem_reference clock_time = { .class_id = 8, .obis = { 0x0000010000FFull }, .index = 2 };

static bool read_time(struct conversation *c, struct cosem_date_time *ret)
{
    struct cosem_result result = dlms_client_get(c, client(c), &clock_time);
    if (conversation_fault(c))
        return false;
    struct cosem_reader r = cosem_reader_over(result.data);
    struct cosem_data value = cosem_take(&r);
    if (!result.has_data)
        dlms_client_refused(c, result.code, &clock_time);
    else if (!cosem_date_time(&value, ret))
        conversation_fail(c, FAULT_NONSENSE, "0.0.1.0.0.255");
    return conversation_fault(c) == FAULT_NONE;
}

static int64_t spodes_clock_read(struct conversation *c)
{
    struct cosem_date_time t;
    return read_time(c, &t) ? cosem_date_time_wall(&t) : WALL_NONE;
}

static void spodes_clock_correct(struct conversation *c, int seconds)
{
    struct cosem_reference shift = { .class_id = 8, .obis = clock_time.obis, .index = 6 };
    uint8_t memory[4];
    struct writer w = writer_over(memory, sizeof memory);
    put_cosem_number(&w, COSEM_INT16, seconds);
    if (seconds < -SPODES_SHIFT_MAX || seconds > SPODES_SHIFT_MAX) {
        conversation_fail(c, FAULT_CLOCK_LIMIT, "%d s > %d s", seconds, SPODES_SHIFT_MAX);
        return;
    }
    uint8_t code = dlms_client_action(c, client(c), &shift, writer_bytes(&w), NULL);
    if (!conversation_fault(c) && code != COSEM_SUCCESS)
        dlms_client_refused(c, code, &shift);
}

static void spodes_clock_set(struct conversation *c, int64_t wall)
{
    struct cosem_date_time now, t = cosem_date_time_of_wall(wall);
    if (!read_time(c, &now))
        return;
    t.deviation = now.deviation; /* the sign is the vendor's (dlms.md 7.1): keep what the meter uses */
    uint8_t memory[16];
    struct writer w = writer_over(memory, sizeof memory);
    put_cosem_date_time(&w, &t);
    uint8_t code = dlms_client_set(c, client(c), &clock_time, writer_bytes(&w));
    if (!conversation_fault(c) && code != COSEM_SUCCESS)
        dlms_client_refused(c, code, &clock_time);
}

static void spodes_relay_read(struct conversation *c, int number, int64_t now, struct sink *out)
{
    struct spodes_state_row signal[3];
    for (int8_t i = 0; i < 3; i++)
        signal[i] = (struct spodes_state_row){ 70, RELAY_OUTPUT(number), (int8_t)(i + 2), i == 0 ? RELAY_OUTPUT(number) : i == 1 ? RELAY_CONTROL(number) : RELAY_MODE(number) };
    conversation_step(c, "relay");
    read_states(c, out, now, number ? signal : spodes_states, number ? 3 : SPODES_RELAY_STATES);
}

static void spodes_relay_operate(struct conversation *c, int number, enum relay_action action)
{
    struct cosem_reference relay = dlms_attribute(70, RELAY_OUTPUT(number), action == RELAY_ON ? 2 : 1);
    conversation_step(c, "relay");
    uint8_t memory[2];
    struct writer w = writer_over(memory, sizeof memory);
    put_cosem_number(&w, COSEM_INT8, 0);
    uint8_t code = dlms_client_action(c, client(c), &relay, writer_bytes(&w), NULL);
    if (!conversation_fault(c) && code != COSEM_SUCCESS)
        dlms_client_refused(c, code, &relay);
}

/* --- search ---------------------------------------------------------------------------------------------------------- */

struct found {
    struct sink sink;
    char serial[64], type[64];
};

static void keep_fact(struct sink *s, enum fact_kind kind, const char *utf8)
{
    struct found *f = (struct found *)s;
    /* The public client may see no more than the clock and the logical name (spodes.md 1): that says who it is, too. */
    bool name = kind == FACT_TYPE || (kind == FACT_LOGICAL_NAME && !f->type[0]);
    char *to = kind == FACT_SERIAL ? f->serial : name ? f->type : NULL;
    struct text t = text_over(to ? to : (char[1]){ 0 }, to ? sizeof f->serial : 1);
    text_put(&t, utf8);
}

/* Without a password: an SNRM that is answered finds the meter; the public client may tell who it is. */
static bool probe(struct conversation *c, struct spodes_settings *s, struct found *f)
{
    struct dlms_client *d = client(c);
    s->dlms.client = 16;
    s->dlms.mechanism = ACSE_LOWEST;
    dlms_client_open(c, d, &s->dlms);
    bool linked = d->linked || d->associated;
    conversation_reset(c);
    if (d->associated)
        spodes_identify(c, &f->sink);
    conversation_reset(c);
    if (linked)
        dlms_client_close(c, d);
    conversation_reset(c);
    return linked;
}

static void spodes_scan(struct conversation *c, struct scan *scan)
{
    struct spodes_settings s = *settings(c);
    int from = scan->from ? scan->from : 16, to = scan->to ? scan->to : 126;
    for (int address = from; address <= to && scan->progress(scan, address - from, to - from + 1); address++) {
        struct found f = { .sink.fact = keep_fact };
        s.dlms.physical = address;
        if (!probe(c, &s, &f))
            continue;
        char parameters[64];
        snprintf(parameters, sizeof parameters, "physical=%d", address);
        scan->found(scan, parameters, f.serial, f.type);
    }
}

/* --- explanation ----------------------------------------------------------------------------------------------------- */

static struct bytes setting(const struct setting_bytes *b)
{
    return bytes_of(b->data, b->size);
}

static void spodes_explain(struct explain *e, struct bytes frame, const void *settings)
{
    const struct dlms_settings *s = &((const struct spodes_settings *)settings)->dlms;
    struct dlms_keys keys = {
        .suite = (uint8_t)s->suite, .encryption = setting(&s->encryption_key), .authentication = setting(&s->authentication_key),
        .client_title = setting(&s->client_title), .server_title = setting(&s->server_title),
    };
    dlms_explain(e, frame, s->encryption_key.size ? &keys : NULL);
}

/* --- the driver ------------------------------------------------------------------------------------------------------ */

DRIVER(spodes) = {
    .name = "spodes",
    .title = { { "СПОДЭС (DLMS/COSEM)", "SPODES (DLMS/COSEM)" } },
    .sheet = "spodes.md, dlms.md",
    .resource = RESOURCE_ELECTRICITY,
    .line = { 9600, 8, 'N', 1 },
    .timing = { .frame_gap = 20, .numbered = true }, /* flags tell frames apart; this is for the transceiver to turn round */
    .models = spodes_models,
    .parameters = spodes_parameters,
    .second = "client=48;security=high", /* СТО 34.01-5.1-006: the configurator */
    .rules = spodes_rules,
    .settings_size = sizeof(struct spodes_settings),
    .state_size = sizeof(struct spodes_state),
    .memo_size = sizeof(struct spodes_memo),
    .open = spodes_open,
    .close = spodes_close,
    .identify = spodes_identify,
    .who = spodes_who,
    .read = { [ARCHIVE_CURRENT] = spodes_current, [ARCHIVE_NETWORK] = spodes_network_read, [ARCHIVE_DAY] = spodes_day,
              [ARCHIVE_MONTH] = spodes_month, [ARCHIVE_PROFILE] = spodes_load, [ARCHIVE_HOUR] = spodes_hour,
              [ARCHIVE_JOURNAL] = spodes_journals, [ARCHIVE_STATE] = spodes_state_read },
    .clock = { spodes_clock_read, spodes_clock_correct, spodes_clock_set, SPODES_SHIFT_MAX },
    .relay = { spodes_relay_read, spodes_relay_operate, SPODES_SIGNALS },
    .scan = spodes_scan,
    .looks = dlms_looks,
    .explain = spodes_explain,
};
