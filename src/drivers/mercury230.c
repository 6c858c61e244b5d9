/* Меркурий 203.2TD, 204, 208, 230, 231, 233, 234, 236, 238 by the maker's own protocol (mercury.md 2; frames and numbers
 * in wire/mercury.h). 9600 8N1, one address byte, a session that dies 240 s after the last request.
 *
 *   >> AA CC [PP [EE]] [data] crc      << AA data crc, one byte of data = status
 *
 * The power profile is in mercury230_profile.c, the journals in mercury230_journals.c. */
#include "drivers/mercury230.h"

#include <stdio.h>

enum { CLOCK_LIMIT_S = 240 };

/* --- models: the family is one protocol, the row tells what the front of the meter promises ---------------------- */

static const struct m230_quirks as_values = { .ascii = false }, as_ascii = { .ascii = true };

/* In the order of `model_names`. Meters with «D» in their code (СПОДЭС on board) take the password as ASCII, all others as
 * six values (2.2); for the generations that exist only with D the row says so [assumed]. */
static const struct model models[] = {
    { "Меркурий 230", "Инкотекс", NULL, &as_values },
    { "Меркурий 203.2TD", "Инкотекс", "одна фаза; пароль в ASCII", &as_ascii },
    { "Меркурий 204", "Инкотекс", "одна фаза; пароль в ASCII; говорит и по СПОДЭС", &as_ascii },
    { "Меркурий 208", "Инкотекс", "одна фаза, вынесенный на опору; пароль в ASCII; говорит и по СПОДЭС", &as_ascii },
    { "Меркурий 231", "Инкотекс", NULL, &as_values },
    { "Меркурий 233", "Инкотекс", NULL, &as_values },
    { "Меркурий 234", "Инкотекс", "с буквой D в коде: encoding=ascii; говорит и по СПОДЭС", &as_values },
    { "Меркурий 236", "Инкотекс", "с буквой D в коде: encoding=ascii", &as_values },
    { "Меркурий 238", "Инкотекс", "вынесенный на опору; пароль в ASCII; говорит и по СПОДЭС", &as_ascii },
    { .name = NULL },
};
static const char *const model_names[] = { "230", "203.2TD", "204", "208", "231", "233", "234", "236", "238", NULL };
static const char *const encodings[] = { "auto", "values", "ascii", NULL };
static const char *const long_answers[] = { "auto", "yes", "no", NULL };

/* --- asking ------------------------------------------------------------------------------------------------------- */

static const struct m230_settings *settings_of(const struct conversation *c)
{
    return conversation_settings(c);
}

struct m230 *m230_state(struct conversation *c)
{
    return conversation_state(c);
}

static uint8_t address_of(struct conversation *c)
{
    struct m230 *m = m230_state(c);
    return m->probing ? m->probe : (uint8_t)settings_of(c)->address;
}

/* A bare «done» cannot answer a request for data: it belongs to a request before. */
static enum verdict judge(void *context, struct bytes frame)
{
    const struct mercury_answer *wanted = context;
    struct bytes data = mercury_data(frame);
    struct cursor c = cursor_over(frame);
    if (take_u8(&c) != wanted->address)
        return VERDICT_FOREIGN;
    bool command = true;
    for (int i = 0; i < MERCURY_SIZES; i++) {
        if (wanted->sizes[i] && data.size == wanted->sizes[i])
            return VERDICT_MINE;
        command = command && wanted->sizes[i] == 0;
    }
    if (data.size != 1)
        return VERDICT_NONSENSE;
    return command || (take_u8(&c) & 15) != MERCURY_OK ? VERDICT_MINE : VERDICT_STALE;
}

static struct bytes exchange(struct conversation *c, struct bytes body, uint8_t tries, uint16_t answer_ms)
{
    uint8_t memory[40];
    struct writer w = writer_over(memory, sizeof memory);
    put_u8(&w, address_of(c));
    put_bytes(&w, body);
    mercury_seal(&w);
    struct mercury_answer wanted = { .address = address_of(c) };
    mercury_answer_sizes(writer_bytes(&w), wanted.sizes);
    return mercury_data(conversation_ask(c, &(struct question){
        .request = writer_bytes(&w), .find = mercury_find_answer, .judge = judge, .context = &wanted,
        .tries = tries, .answer_ms = answer_ms }));
}

static unsigned status_of(struct bytes data)
{
    struct cursor c = cursor_over(data);
    return data.size == 1 ? take_u8(&c) & 15 : MERCURY_OK;
}

static void fail_by_status(struct conversation *c, unsigned status)
{
    static const enum fault faults[] = {
        [MERCURY_BAD_REQUEST] = FAULT_NOT_SUPPORTED, [MERCURY_INTERNAL] = FAULT_METER_ERROR,
        [MERCURY_ACCESS] = FAULT_ACCESS, [MERCURY_CLOCK_DONE] = FAULT_CLOCK_LIMIT, [MERCURY_NOT_OPEN] = FAULT_SESSION_LOST,
    };
    bool known = status < sizeof faults / sizeof *faults;
    conversation_fail(c, known ? faults[status] : FAULT_REFUSED, "%s: %u", conversation_step_now(c), status);
}

static void sign_in(struct conversation *c);

struct cursor m230_ask(struct conversation *c, struct bytes body, uint8_t tries)
{
    struct m230 *m = m230_state(c);
    struct bytes data = exchange(c, body, tries, 0);
    if (status_of(data) == MERCURY_NOT_OPEN && m->open) {
        /* The meter restarted or we were away for longer than 240 s: the password is known to be good. */
        const char *step = conversation_step_now(c);
        sign_in(c);
        conversation_step(c, step);
        data = exchange(c, body, tries, 0);
    }
    if (status_of(data) != MERCURY_OK)
        fail_by_status(c, status_of(data));
    struct cursor r = cursor_over(data);
    r.failed = conversation_fault(c) != FAULT_NONE;
    return r;
}

bool m230_ask_long(struct conversation *c, struct bytes body, struct cursor *ret)
{
    enum { TRIES = 2 };
    struct m230 *m = m230_state(c);
    if (m->short_only || settings_of(c)->long_answers == M230_LONG_NO)
        return false;
    *ret = m230_ask(c, body, TRIES);
    enum fault f = conversation_forgive(c);
    bool lost = f == FAULT_NO_ANSWER || f == FAULT_DAMAGED || f == FAULT_NONSENSE;
    if (lost && settings_of(c)->long_answers == M230_LONG_AUTO) {
        /* Lines and modems that lose long answers carry short ones (1.5.4.2 of the maker's paper); a dead line will say
         * so at the next question. */
        conversation_reset(c);
        conversation_note(c, "long answers are lost: short ones from here on");
        m->short_only = true;
    }
    return f == FAULT_NONE;
}

/* --- session (2.2) ------------------------------------------------------------------------------------------------ */

/* Six bytes as the meter wants them; false when the password cannot be one. */
static bool put_password(struct writer *w, const struct m230_settings *s)
{
    const struct m230_quirks *q = models[s->model].quirks;
    bool characters = s->encoding == M230_ENCODING_ASCII || (s->encoding == M230_ENCODING_AUTO && q->ascii);
    struct cursor password = cursor_over(bytes_of(s->password.data, s->password.size));
    if (s->password.size != MERCURY_PASSWORD_SIZE)
        return false;
    for (int i = 0; i < MERCURY_PASSWORD_SIZE; i++) {
        uint8_t b = take_u8(&password);
        bool digit = b >= '0' && b <= '9';
        put_u8(w, digit && !characters ? b - '0' : b < 10 && characters ? b + '0' : b);
    }
    return true;
}

/* Puts the password once, without repeats: after refusals a meter may lock the channel. */
static void sign_in(struct conversation *c)
{
    const struct m230_settings *s = settings_of(c);
    struct m230 *m = m230_state(c);
    uint8_t body[2 + MERCURY_PASSWORD_SIZE];
    struct writer w = writer_over(body, sizeof body);
    conversation_step(c, "open");
    m->open = false;
    put_u8(&w, MERCURY_OPEN);
    put_u8(&w, (unsigned)s->level);
    if (!put_password(&w, s))
        conversation_fail(c, FAULT_SETTING, "password");
    if (m->refused)
        conversation_fail(c, FAULT_PASSWORD_HELD, "open");
    struct bytes data = exchange(c, writer_bytes(&w), 1, 0);
    unsigned status = status_of(data);
    m->open = conversation_fault(c) == FAULT_NONE && status == MERCURY_OK;
    m->refused = status != MERCURY_OK && status != MERCURY_INTERNAL;
    if (m->refused)
        conversation_fail(c, FAULT_PASSWORD, "level %d, status %u; meters with D in their code: encoding=ascii", s->level, status);
    else if (status != MERCURY_OK)
        fail_by_status(c, status);
}

/* The link test takes the repeats that the password must not have. */
static void m230_open(struct conversation *c)
{
    conversation_step(c, "test");
    ASK(c, MERCURY_TEST);
    sign_in(c);
}

/* How closing went is nobody's concern: the session would end by itself. After a fault nothing is sent. */
static void m230_close(struct conversation *c)
{
    if (!m230_state(c)->open || conversation_fault(c) != FAULT_NONE)
        return;
    conversation_step(c, "close");
    exchange(c, BODY(MERCURY_CLOSE), 1, 0);
    conversation_reset(c);
    m230_state(c)->open = false;
}

/* --- who it is (2.5) ---------------------------------------------------------------------------------------------- */

static void take_firmware(struct m230 *m, struct cursor *r)
{
    for (int i = 0; i < 3; i++)
        m->firmware[i] = take_bcd(r);
}

static void take_variant(struct m230 *m, struct cursor *r)
{
    struct cursor copy = *r;
    for (int i = 0; i < 6; i++)
        m->variant_bytes[i] = take_u8(&copy);
    m->variant = mercury_take_variant(r);
}

/* Passport in one answer, or in three where the meter has no parameter 01. */
struct m230 *m230_know(struct conversation *c)
{
    struct m230 *m = m230_state(c);
    if (m->known || conversation_fault(c) != FAULT_NONE)
        return m;
    conversation_step(c, "passport");
    struct cursor r = ASK(c, MERCURY_PARAMETER, 0x01);
    bool whole = conversation_forgive(c) == FAULT_NONE;
    if (!whole)
        r = ASK(c, MERCURY_PARAMETER, 0x00);
    m->serial = mercury_take_serial(&r);
    m->produced = mercury_take_produced(&r);
    if (!whole)
        r = ASK(c, MERCURY_PARAMETER, 0x03);
    take_firmware(m, &r);
    if (!whole)
        r = ASK(c, MERCURY_PARAMETER, 0x12);
    take_variant(m, &r);
    m->known = !r.failed;
    return m;
}

static void emit_number(struct sink *out, enum fact_kind kind, unsigned number)
{
    char text[16];
    snprintf(text, sizeof text, "%u", number);
    emit_fact(out, kind, text);
}

static void emit_passport(const struct m230 *m, const char *model, struct sink *out)
{
    char text[96];
    const uint8_t *v = m->variant_bytes;
    snprintf(text, sizeof text, "%08u", m->serial);
    emit_fact(out, FACT_SERIAL, text);
    snprintf(text, sizeof text, "%s (%02X%02X%02X%02X%02X%02X)", model, v[0], v[1], v[2], v[3], v[4], v[5]);
    emit_fact(out, FACT_TYPE, text);
    emit_fact(out, FACT_MAKER, "Инкотекс");
    snprintf(text, sizeof text, "%u.%u.%u", m->firmware[0], m->firmware[1], m->firmware[2]);
    emit_fact(out, FACT_FIRMWARE, text);
    char moment[CIVIL_TEXT_MAX];
    snprintf(text, sizeof text, "%.10s", wall_format(m->produced, moment));
    if (m->produced != WALL_NONE)
        emit_fact(out, FACT_PRODUCED, text);
    if (m->variant.constant)
        emit_number(out, FACT_CONSTANT, m->variant.constant);
}

/* The ratios only inform: energies are not multiplied by them (2.5). */
static void m230_identify(struct conversation *c, struct sink *out)
{
    const struct m230 *m = m230_know(c);
    if (conversation_fault(c) != FAULT_NONE)
        return;
    emit_passport(m, models[settings_of(c)->model].name, out);
    conversation_step(c, "ratios");
    struct cursor r = ASK(c, MERCURY_PARAMETER, 0x02);
    unsigned voltage = take_be16(&r), current = take_be16(&r);
    if (conversation_forgive(c) != FAULT_NONE || r.failed)
        return;
    emit_number(out, FACT_RATIO_VOLTAGE, voltage);
    emit_number(out, FACT_RATIO_CURRENT, current);
}

/* The passport comes as a whole, and is needed anyway. */
static void m230_who(struct conversation *c, struct sink *out)
{
    const struct m230 *m = m230_know(c);
    if (conversation_fault(c) == FAULT_NONE)
        emit_passport(m, models[settings_of(c)->model].name, out);
}

/* --- registers (2.6) ---------------------------------------------------------------------------------------------- */

static uint8_t bcd(int value)
{
    return (uint8_t)(value / 10 % 10 << 4 | value % 10);
}

/* A+ A− R+ R−. False when the meter says of every one that it is not measured. */
static bool emit_registers(const struct record *r, int tariff, struct cursor *data)
{
    bool any = false;
    for (uint8_t channel = 1; channel <= 4; channel++) {
        uint32_t value = mercury_take_word32(data);
        if (data->failed || value == MERCURY_NONE)
            continue;
        emit(r, OBIS(1, 0, channel, 8, tariff, 255), decimal_of(value, 0));
        any = true;
    }
    return any;
}

static void m230_current(struct conversation *c, const struct want *w, struct sink *out)
{
    struct record r = { .out = out, .wall = w->now, .archive = ARCHIVE_CURRENT };
    conversation_step(c, "energy");
    for (int tariff = 0; tariff <= w->tariffs && tariff <= M230_TARIFFS; tariff++) {
        struct cursor data = ASK(c, MERCURY_ENERGY, M230_SINCE_RESET << 4, (uint8_t)tariff);
        emit_registers(&r, tariff, &data);
    }
}

/* Where the registers of one date are: the request body up to the tariff; size 0 when this meter keeps them nowhere. */
struct place {
    uint8_t body[5];
    uint8_t size;
};

static struct place place_dated(enum archive archive, int64_t at)
{
    struct civil d = civil_of_wall(at);
    uint8_t array = archive == ARCHIVE_MONTH ? 1 : 0;
    return (struct place){ { MERCURY_EXTENDED, array, bcd(d.day), bcd(d.month), bcd(d.year) }, 5 };
}

/* Arrays B, C, D: start of a month of the last twelve, of today, of yesterday, by the meter's own calendar. */
static struct place place_plain(enum archive archive, int64_t at, int64_t clock)
{
    int64_t days = wall_day(clock) - wall_day(at), months = wall_month(clock) - wall_month(at);
    struct civil d = civil_of_wall(at);
    struct place p = { { MERCURY_ENERGY }, 2 };
    if (archive == ARCHIVE_MONTH && months >= 0 && months < 12)
        p.body[1] = (uint8_t)(M230_MONTH_START << 4 | d.month);
    else if (archive == ARCHIVE_DAY && (days == 0 || days == 1))
        p.body[1] = days == 0 ? M230_TODAY_START << 4 : M230_YESTERDAY_START << 4;
    else
        p.size = 0;
    return p;
}

/* Registers of an array; false when the meter has no such array. */
static bool take_registers(struct conversation *c, uint8_t array, int tariff, int64_t ret[4])
{
    struct cursor data = ASK(c, MERCURY_ENERGY, array, (uint8_t)tariff);
    for (int i = 0; i < 4; i++) {
        uint32_t value = mercury_take_word32(&data);
        ret[i] = value == MERCURY_NONE ? -1 : (int64_t)value;
    }
    return conversation_forgive(c) == FAULT_NONE;
}

/* What stands now less what was used since `at`: today and yesterday, or the months. False when an array is missing or
 * the meter counted on in between. */
static bool subtract_since(struct conversation *c, const struct record *r, int64_t clock, int tariff, int64_t ret[4])
{
    int64_t used[4], after[4], back = r->archive == ARCHIVE_MONTH ? wall_month(clock) - wall_month(r->wall) : wall_day(clock) - wall_day(r->wall);
    if (!take_registers(c, M230_SINCE_RESET << 4, tariff, ret))
        return false;
    memcpy(after, ret, sizeof after);
    for (int64_t i = 0; i <= back; i++) {
        int month = civil_of_wall(month_wall(wall_month(clock) - i)).month;
        uint8_t array = r->archive == ARCHIVE_MONTH ? (uint8_t)(M230_OF_MONTH << 4 | month) : i == 0 ? M230_OF_TODAY << 4 : M230_OF_YESTERDAY << 4;
        if (!take_registers(c, array, tariff, used))
            return false;
        for (int k = 0; k < 4; k++)
            ret[k] -= ret[k] < 0 || used[k] < 0 ? 0 : used[k];
    }
    int64_t again[4];
    return take_registers(c, M230_SINCE_RESET << 4, tariff, again) && memcmp(after, again, sizeof after) == 0;
}

/* Old firmware knows what was used in a day or month and not where the registers stood at its beginning. The difference
 * is good to the Wh that each array is rounded to, hence estimated. */
static bool compute_start(struct conversation *c, const struct record *r, int64_t clock, int tariff)
{
    enum { TRIES = 3 };
    struct record estimated = *r;
    estimated.quality |= QUALITY_ESTIMATED;
    int64_t values[4];
    bool still = false, any = false;
    for (int i = 0; i < TRIES && !still && conversation_fault(c) == FAULT_NONE; i++)
        still = subtract_since(c, r, clock, tariff, values);
    for (uint8_t i = 0; i < 4 && still; i++) {
        if (values[i] < 0)
            continue;
        emit(&estimated, OBIS(1, 0, i + 1, 8, tariff, 255), decimal_of(values[i], 0));
        any = true;
    }
    return any;
}

/* A date the meter refuses, does not keep, or keeps without a single register is missing. */
static void read_place(struct conversation *c, const struct place *p, const struct record *r, int64_t clock, int tariff)
{
    struct m230 *m = m230_state(c);
    uint8_t body[6];
    struct writer w = writer_over(body, sizeof body);
    bool any = false, dated = m->variant.extended;
    put_bytes(&w, bytes_of(p->body, p->size));
    put_u8(&w, (unsigned)tariff);
    if (p->size && !m->no_starts) {
        struct cursor data = m230_ask(c, writer_bytes(&w), 0);
        any = emit_registers(r, tariff, &data);
        m->no_starts = conversation_forgive(c) == FAULT_NOT_SUPPORTED && !dated;
    }
    if (p->size && m->no_starts)
        any = compute_start(c, r, clock, tariff);
    if (!any && conversation_fault(c) == FAULT_NONE)
        emit_missing(r, OBIS(1, 0, 1, 8, tariff, 255));
}

static int64_t m230_clock_read(struct conversation *c)
{
    conversation_step(c, "clock");
    struct cursor r = ASK(c, MERCURY_JOURNAL, 0x00);
    struct mercury_clock k = mercury_take_clock(&r);
    if (k.wall == WALL_NONE)
        conversation_fail(c, FAULT_NONSENSE, "clock");
    m230_state(c)->clock_read = conversation_fault(c) == FAULT_NONE;
    return conversation_fault(c) == FAULT_NONE ? k.wall : WALL_NONE;
}

/* A record comes tariff by tariff; what is emitted counts as received, so its values wait until all have come. */
struct whole_record {
    struct sink sink;
    struct reading value[(M230_TARIFFS + 1) * 4];
    size_t count;
};

static void hold_value(struct sink *s, const struct reading *r)
{
    struct whole_record *h = (struct whole_record *)s;
    if (h->count < sizeof h->value / sizeof *h->value)
        h->value[h->count++] = *r;
}

static void release(const struct whole_record *h, struct sink *out)
{
    for (size_t i = 0; i < h->count; i++)
        emit_reading(out, &h->value[i]);
}

/* Meters without extended arrays do not answer 18h at all (4.3.2 of the maker's paper): only the variant's flag tells.
 * What is today is the meter's to say: a slow clock has not frozen the date that ours already shows. */
static void m230_dated(struct conversation *c, const struct want *w, struct sink *out)
{
    const struct m230 *m = m230_know(c);
    bool extended = m->variant.extended;
    int64_t clock = m230_state(c)->clock_read ? w->now : m230_clock_read(c);
    int64_t at = archive_floor(w->archive, 0, w->span.from);
    if (at < w->span.from)
        at = archive_next(w->archive, 0, at);
    conversation_step(c, "registers at a date");
    for (; at < w->span.to && at <= clock; at = archive_next(w->archive, 0, at)) {
        struct whole_record whole = { .sink.reading = hold_value };
        struct record r = { .out = &whole.sink, .wall = at, .archive = w->archive };
        struct place p = extended ? place_dated(w->archive, at) : place_plain(w->archive, at, clock);
        for (int tariff = 0; tariff <= w->tariffs && tariff <= M230_TARIFFS; tariff++)
            read_place(c, &p, &r, clock, tariff);
        if (conversation_fault(c) != FAULT_NONE)
            return;
        release(&whole, out);
    }
}

/* --- network (2.5, BWRI) ------------------------------------------------------------------------------------------ */

enum sign { UNSIGNED, BY_ACTIVE, BY_REACTIVE };

/* Values of one group, in the order they come; `single` is how many single-phase meters have. */
static const struct group {
    uint8_t bwri, count, single;
    int8_t exponent;
    enum sign sign;
    struct obis obis[4];
} groups[] = {
#define INSTANT(c) OBIS(1, 0, c, 7, 0, 255)
    { 0x11, 3, 1, -2, UNSIGNED, { INSTANT(32), INSTANT(52), INSTANT(72) } },
    { 0x21, 3, 1, -3, UNSIGNED, { INSTANT(31), INSTANT(51), INSTANT(71) } },
    { 0x00, 4, 1, -2, BY_ACTIVE, { INSTANT(1), INSTANT(21), INSTANT(41), INSTANT(61) } },
    { 0x04, 4, 1, -2, BY_REACTIVE, { INSTANT(3), INSTANT(23), INSTANT(43), INSTANT(63) } },
    { 0x08, 4, 1, -2, UNSIGNED, { INSTANT(9), INSTANT(29), INSTANT(49), INSTANT(69) } },
    { 0x30, 4, 1, -3, BY_ACTIVE, { INSTANT(13), INSTANT(33), INSTANT(53), INSTANT(73) } },
    { 0x40, 1, 1, -2, UNSIGNED, { INSTANT(14) } },
    /* between the phases 1–2, 1–3, 2–3, unsigned; the direction that OBIS tells the meter does not */
    { 0x51, 3, 0, -2, UNSIGNED, { OBIS(1, 0, 81, 7, 10, 255), OBIS(1, 0, 81, 7, 2, 255), OBIS(1, 0, 81, 7, 21, 255) } },
#undef INSTANT
};

static void emit_measure(const struct record *r, const struct group *g, int i, struct cursor *data)
{
    struct mercury_measure m = mercury_take_measure3(data);
    bool negative = (g->sign == BY_ACTIVE && m.active_reverse) || (g->sign == BY_REACTIVE && m.reactive_reverse);
    if (m.measured && !data->failed)
        emit(r, g->obis[i], decimal_of(negative ? -(int64_t)m.value : (int64_t)m.value, g->exponent));
}

/* One question for the group by 16h; one for each value by 11h where the meter has no 16h, and of a single phase. */
static void read_group(struct conversation *c, const struct group *g, const struct record *r)
{
    struct m230 *m = m230_state(c);
    int count = m->variant.one_phase ? g->single : g->count;
    if (count > 1 && !m->no_groups) {
        struct cursor data = ASK(c, MERCURY_PARAMETER, 0x16, g->bwri);
        for (int i = 0; i < count; i++)
            emit_measure(r, g, i, &data);
        m->no_groups = conversation_forgive(c) == FAULT_NOT_SUPPORTED;
    }
    if (count > 1 && !m->no_groups)
        return;
    for (int i = 0; i < count; i++) {
        struct cursor data = ASK(c, MERCURY_PARAMETER, 0x11, (uint8_t)(g->bwri + i));
        emit_measure(r, g, i, &data);
        conversation_forgive(c);
    }
}

static void m230_network(struct conversation *c, const struct want *w, struct sink *out)
{
    struct record r = { .out = out, .wall = w->now, .archive = ARCHIVE_NETWORK };
    const struct m230 *m = m230_know(c);
    conversation_step(c, "network");
    for (size_t i = 0; i < sizeof groups / sizeof *groups && conversation_fault(c) == FAULT_NONE; i++)
        read_group(c, &groups[i], &r);
    static const struct group neutral = { 0x22, 1, 1, -3, UNSIGNED, { OBIS(1, 0, 91, 7, 0, 255) } };
    if (m->variant.one_phase && m->variant.neutral)
        read_group(c, &neutral, &r);
    struct cursor data = ASK(c, MERCURY_PARAMETER, 0x11, 0x70);
    int16_t celsius = (int16_t)take_be16(&data); /* «with sign»: two's complement [assumed] */
    if (conversation_forgive(c) == FAULT_NONE && !data.failed)
        emit(&r, OBIS(0, 0, 96, 9, 0, 255), decimal_of(celsius, 0));
}

/* --- states, relay, clock ----------------------------------------------------------------------------------------- */

/* Load control word: bit 9 set = the load is off now, whoever did it (4.4.19 of the maker's paper; low byte first). */
static void read_relay(struct conversation *c, int64_t now, struct sink *out)
{
    conversation_step(c, "relay");
    struct cursor r = ASK(c, MERCURY_PARAMETER, 0x18);
    unsigned word = take_le16(&r);
    if (!r.failed)
        emit_state(out, OBIS(0, 0, 96, 3, 10, 255), now, !(word >> 9 & 1));
}

static void m230_relay_read(struct conversation *c, int number, int64_t now, struct sink *out)
{
    (void)number;
    const struct m230 *m = m230_know(c);
    if (!conversation_fault(c) && m->variant.relay)
        read_relay(c, now, out);
}

static void m230_state_read(struct conversation *c, const struct want *w, struct sink *out)
{
    const struct m230 *m = m230_know(c);
    conversation_step(c, "status word");
    struct cursor r = ASK(c, MERCURY_PARAMETER, 0x0A);
    uint64_t bits = mercury_take_bits48(&r);
    if (!r.failed)
        emit_state(out, OBIS(0, 0, 97, 97, 0, 255), w->now, (int64_t)bits);
    conversation_forgive(c);
    if (m->variant.relay)
        read_relay(c, w->now, out);
    conversation_forgive(c);
}

/* Writes are obeyed only at the meter's own address, and once: a repeat after a lost answer would be another command. */
static void command(struct conversation *c, struct bytes body)
{
    if (address_of(c) == MERCURY_ANY)
        conversation_fail(c, FAULT_SETTING, "%s: address 0 cannot be written to", conversation_step_now(c));
    m230_ask(c, body, 1);
}

/* 03 31: off and on «by interface» at level 2; at level 1 the meter counts them as manual. */
static void m230_relay_operate(struct conversation *c, int number, enum relay_action action)
{
    (void)number;
    conversation_step(c, "relay");
    command(c, BODY(MERCURY_WRITE, 0x31, action == RELAY_ON ? 0x00 : 0x01));
}

/* 03 0D carries the time of day only, so a correction must not cross midnight. */
static void m230_clock_correct(struct conversation *c, int seconds)
{
    int64_t now = m230_clock_read(c);
    conversation_step(c, "clock correction");
    if (conversation_fault(c) != FAULT_NONE)
        return;
    if (seconds > CLOCK_LIMIT_S || seconds < -CLOCK_LIMIT_S || wall_day(now) != wall_day(now + seconds))
        conversation_fail(c, FAULT_CLOCK_LIMIT, "%d s", seconds);
    struct civil t = civil_of_wall(now + seconds);
    command(c, BODY(MERCURY_WRITE, 0x0D, bcd(t.second), bcd(t.minute), bcd(t.hour)));
}

/* No daylight saving in Russia since 2014: winter always. */
static void m230_clock_set(struct conversation *c, int64_t wall)
{
    uint8_t body[10];
    struct writer w = writer_over(body, sizeof body);
    put_u8(&w, MERCURY_WRITE);
    put_u8(&w, 0x0C);
    mercury_put_clock(&w, wall, true);
    conversation_step(c, "clock setting");
    command(c, writer_bytes(&w));
}

/* --- search ------------------------------------------------------------------------------------------------------- */

/* Is anybody there? The serial number is told without a session (4.4.1 of the maker's paper). */
static bool probe(struct conversation *c, struct scan *s, uint8_t address)
{
    uint16_t patience_ms = conversation_on_line(c) ? 300 : 1500; /* 150 ms by the sheet at 9600 with the factory multiplier */
    struct m230 *m = m230_state(c);
    m->probing = true;
    m->probe = address;
    exchange(c, BODY(MERCURY_TEST), 1, patience_ms);
    enum fault silence = conversation_fault(c);
    conversation_reset(c);
    if (silence != FAULT_NONE)
        return false;
    struct cursor r = cursor_over(exchange(c, BODY(MERCURY_PARAMETER, 0x00), 2, 0));
    uint32_t serial = mercury_take_serial(&r);
    bool told = conversation_fault(c) == FAULT_NONE && !r.failed;
    conversation_reset(c);
    char parameters[16], number[16] = "";
    snprintf(parameters, sizeof parameters, "address=%u", address);
    if (told)
        snprintf(number, sizeof number, "%08u", serial);
    s->found(s, parameters, number, "Меркурий 230");
    return true;
}

/* Address 0 comes last and only to an otherwise silent line: on a full one all would answer at once. */
static void m230_scan(struct conversation *c, struct scan *s)
{
    int from = s->from < 1 ? 1 : s->from, to = s->to < 1 || s->to > MERCURY_LAST ? MERCURY_LAST : s->to;
    int total = to - from + 1 + (s->from <= 0), done = 0;
    bool any = false;
    for (int address = from; address <= to; address++) {
        if (!s->progress(s, done++, total) || conversation_fault(c) != FAULT_NONE)
            return;
        any = probe(c, s, (uint8_t)address) || any;
    }
    if (s->from <= 0 && !any && s->progress(s, done, total))
        probe(c, s, MERCURY_ANY);
    m230_state(c)->probing = false;
}

static void m230_explain(struct explain *e, struct bytes frame, const void *settings)
{
    (void)settings;
    mercury_explain(e, frame);
}

/* --- the driver --------------------------------------------------------------------------------------------------- */

static const struct parameter parameters[] = {
    { .name = "address", .kind = PARAMETER_NUMBER, PARAMETER(m230_settings, address), .preset = "0", .least = 0, .most = MERCURY_LAST, .address = true, .part = PART_ADDRESS,
      .title = { { "Сетевой адрес", "Network address" } },
      .help = { { "Три последние цифры заводского номера, если они не больше 239, иначе две; у счётчиков с D в коде 17..124. "
                  "0 — единственный счётчик на линии, только чтение",
                  "The last three digits of the serial number if at most 239, else two; 17..124 for meters with D in their "
                  "code. 0: the only meter on the line, reading only" } } },
    { .name = "password", .kind = PARAMETER_BYTES, PARAMETER(m230_settings, password), .part = PART_ACCESS, .preset = "111111", .secret = true,
      .title = { { "Пароль", "Password" } },
      .help = { { "Шесть знаков; заводской 111111 для уровня 1, 222222 для уровня 2",
                  "Six characters; factory 111111 for level 1, 222222 for level 2" } } },
    { .name = "password2", .kind = PARAMETER_BYTES, PARAMETER(m230_settings, password2), .part = PART_ACCESS, .preset = "", .secret = true,
      .title = { { "Пароль 2", "Password 2" } },
      .help = { { "второго уровня: с ним открывают сеанс, когда нужно управлять реле и часами", "of level 2: sessions that switch relays or set clocks are opened with it" } } },
    { .name = "level", .kind = PARAMETER_NUMBER, PARAMETER(m230_settings, level), .part = PART_ACCESS, .preset = "1", .least = 1, .most = 2,
      .title = { { "Уровень доступа", "Access level" } },
      .help = { { "1 — чтение и коррекция часов, 2 — запись и реле", "1: reading and clock correction, 2: writing and relay" } } },
    { .name = "model", .kind = PARAMETER_CHOICE, PARAMETER(m230_settings, model), .preset = "230", .choices = model_names,
      .title = { { "Модель", "Model" } },
      .help = { { "Как написано на счётчике", "As written on the meter" } } },
    { .name = "encoding", .kind = PARAMETER_CHOICE, PARAMETER(m230_settings, encoding), .part = PART_ACCESS, .preset = "auto", .choices = encodings,
      .title = { { "Кодировка пароля", "Password encoding" } },
      .help = { { "values — цифры числами (счётчики без D), ascii — знаками (с D в коде); auto — по модели",
                  "values: digits as numbers (meters without D), ascii: as characters (with D); auto: by the model" } } },
    { .name = "long", .kind = PARAMETER_CHOICE, PARAMETER(m230_settings, long_answers), .preset = "auto", .choices = long_answers,
      .title = { { "Длинные ответы", "Long answers" } },
      .help = { { "Профиль по 17 записей и журналы целиком; no — для линий, которые теряют длинные ответы",
                  "Profile by 17 records and whole journals; no: for lines that lose long answers" } } },
    { .name = NULL },
};

DRIVER(mercury230) = {
    .name = "mercury230", .title = { { "Меркурий 230", "Mercury 230" } }, .sheet = "mercury.md 2",
    .resource = RESOURCE_ELECTRICITY,
    .line = { 9600, 8, 'N', 1 },
    .timing = { .frame_gap = 48, .gap_ms = 3 }, /* ends a frame: 5 ms at 9600, 10 at 4800, …; 3 at 19200 and 2 above (2.1) */
    .models = models, .parameters = parameters, .second = "level=2",
    .settings_size = sizeof(struct m230_settings), .state_size = sizeof(struct m230),
    .open = m230_open, .close = m230_close, .identify = m230_identify, .who = m230_who,
    .read = { [ARCHIVE_CURRENT] = m230_current, [ARCHIVE_NETWORK] = m230_network, [ARCHIVE_DAY] = m230_dated,
              [ARCHIVE_MONTH] = m230_dated, [ARCHIVE_PROFILE] = m230_profile, [ARCHIVE_HOUR] = m230_profile,
              [ARCHIVE_JOURNAL] = m230_journals, [ARCHIVE_STATE] = m230_state_read },
    .clock = { m230_clock_read, m230_clock_correct, m230_clock_set, CLOCK_LIMIT_S },
    .relay = { m230_relay_read, m230_relay_operate },
    .scan = m230_scan, .looks = mercury_looks, .explain = m230_explain,
};
