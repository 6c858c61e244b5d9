/* Wired M-Bus meters (EN 13757-2/-3; mbus.md): heat, water, gas, electricity and cost allocators that send records.
 *
 * One readout serves the current values, the network, the months and the state: it is asked for once. Registers of
 * storage numbers 1.. become archive records at the moment their own date record tells; a storage without a date is never
 * guessed. Days, months and hours behind an application reset are rows of mbus_quirks. Maxima, minima and values during
 * an error (function bits of the DIF) are never shown as values. */
#include "drivers/mbus.h"

#include "meter/events.h"

#include <stdio.h>

enum { DATES_MAX = 160, NAMES_MAX = 64 };

#define NO_SET (-1)

/* The letters of a maker, and the sub-codes of its logs. Danfoss: names of the data types [V 2] D, the hour's sub-code
 * from the order of its table of contents [1] D, the records of the logs not seen: unverified. 20h would be years, for
 * which the house has no archive. */
static const struct mbus_quirks danfoss = { .maker = "DFS", .day = MBUS_SET_ENHANCED_BILLING, .month = MBUS_SET_TARIFF_BILLING, .hour = MBUS_SET_LOAD };

static const struct mbus_quirks *const quirks[] = { &danfoss };

const struct mbus_quirks *mbus_quirks_of(uint16_t maker)
{
    for (size_t i = 0; i < sizeof quirks / sizeof *quirks; i++)
        if (mbus_maker_parse(quirks[i]->maker) == maker)
            return quirks[i];
    return NULL;
}

/* --- walking what was read --------------------------------------------------------------------------------------- */

/* All records of all telegrams. */
struct walk {
    const struct mbus_session *s;
    int telegram; /* of the record given last */
    struct mbus_records records;
};

static struct walk walk_over(const struct mbus_session *s)
{
    struct walk w = { .s = s, .telegram = 0 };
    if (s->count)
        w.records = mbus_records_of(&s->telegrams->response);
    return w;
}

static const struct mbus_response *response_of(const struct walk *w)
{
    return &w->s->telegrams[w->telegram].response;
}

static bool walk_next(struct walk *w, struct mbus_record *ret)
{
    if (w->s->count == 0)
        return false;
    while (!mbus_records_next(&w->records, ret)) {
        if (w->telegram + 1 >= w->s->count)
            return false;
        w->telegram++;
        w->records = mbus_records_of(response_of(w));
    }
    return true;
}

/* The header's medium; telegrams without header are of the first one's meter. */
static uint8_t medium_of(const struct walk *w)
{
    const struct mbus_response *r = response_of(w);
    return r->identified ? r->address.medium : w->s->telegrams->response.address.medium;
}

/* First plain instantaneous record of a quantity with storage, tariff and subunit 0. */
static bool find(const struct mbus_session *s, enum mbus_quantity quantity, struct mbus_record *ret)
{
    struct walk w = walk_over(s);
    while (walk_next(&w, ret))
        if (ret->meaning.quantity == quantity && ret->storage == 0 && ret->tariff == 0 && ret->subunit == 0 &&
            ret->function == MBUS_INSTANT && !ret->altered && !ret->vendor && mbus_record_valid(ret))
            return true;
    return false;
}

/* The meter's clock as the telegrams show it; WALL_NONE when they do not. */
static int64_t clock_of(const struct mbus_session *s)
{
    struct mbus_record r;
    return find(s, MBUS_DATE_TIME, &r) && r.kind == MBUS_MOMENT ? r.wall : WALL_NONE;
}

static int64_t moment_of(const struct mbus_session *s, const struct want *w)
{
    int64_t wall = clock_of(s);
    return wall == WALL_NONE ? w->now : wall;
}

/* --- emitting ---------------------------------------------------------------------------------------------------- */

/* Names given so far for one moment: a meter that sends its energy in kWh and again in GJ has sent one value. */
struct names {
    struct obis obis[NAMES_MAX];
    int count;
};

static bool is_new(struct names *n, struct obis o)
{
    for (int i = 0; i < n->count; i++)
        if (obis_equal(n->obis[i], o))
            return false;
    if (n->count < NAMES_MAX)
        n->obis[n->count++] = o;
    return true;
}

/* Quality by the status byte: a permanent fault, or an application that says error or busy, makes values suspect; a
 * temporary one (no flow, air, a sensor out of range) leaves the registers valid. */
static uint8_t quality_of(const struct mbus_response *r)
{
    uint8_t application = r->status & MBUS_STATUS_APPLICATION;
    bool suspect = application == MBUS_STATUS_BUSY || application == MBUS_STATUS_ERROR || r->status & MBUS_STATUS_PERMANENT;
    return suspect ? QUALITY_METER : QUALITY_VALID;
}

static void emit_value(const struct record *base, struct obis obis, const struct mbus_response *from, const struct mbus_record *r)
{
    enum { VIFE_OVERFLOW = 0x16 };
    struct record record = *base;
    record.quality |= quality_of(from);
    if (r->error == VIFE_OVERFLOW)
        record.quality |= QUALITY_OVERFLOW;
    if (!mbus_record_valid(r) || r->kind != MBUS_NUMBER)
        record.quality |= QUALITY_MISSING;
    enum unit unit = r->at_base && r->meaning.unit == UNIT_CUBIC_METRE ? UNIT_CUBIC_METRE_CORRECTED : (enum unit)r->meaning.unit;
    emit_in(&record, obis, record.quality & QUALITY_MISSING ? decimal_of(0, 0) : r->value, unit);
}

/* Values as they are now: registers, or what is measured at the moment. */
static void emit_present(const struct mbus_session *s, const struct want *want, struct sink *out, bool network)
{
    struct record record = { .out = out, .archive = want->archive, .wall = moment_of(s, want) };
    struct names names = { .count = 0 };
    struct walk w = walk_over(s);
    struct mbus_record r;
    struct mbus_place place;
    while (walk_next(&w, &r))
        if (r.storage == 0 && r.kind != MBUS_NOTHING && mbus_place_of(medium_of(&w), &r, &place) &&
            place.network == network && is_new(&names, place.obis))
            emit_value(&record, place.obis, response_of(&w), &r);
}

static void read_current(struct conversation *c, const struct want *want, struct sink *out)
{
    if (mbus_readout_for(c, 1u << ARCHIVE_CURRENT))
        emit_present(conversation_state(c), want, out, false);
}

static void read_network(struct conversation *c, const struct want *want, struct sink *out)
{
    if (mbus_readout_for(c, 1u << ARCHIVE_NETWORK))
        emit_present(conversation_state(c), want, out, true);
}

/* --- archives ---------------------------------------------------------------------------------------------------- */

/* When a storage was frozen. */
struct dating {
    uint64_t storage;
    int telegram;
    bool with_time;
    int64_t moment;
};

struct calendar {
    struct dating dates[DATES_MAX];
    int count;
};

/* A date without time names the day at whose END the value was frozen when it is the last of its month (31.12 is the
 * usual due date), else the day's start; 23:59 is the coming midnight. */
static int64_t frozen_at(const struct mbus_record *r)
{
    struct civil c = civil_of_wall(r->wall);
    bool with_time = r->data.size > 2;
    if (!with_time)
        return c.day == days_in_month(c.year, c.month) ? r->wall + DAY_SECONDS : r->wall;
    return c.minute == 59 ? r->wall - c.second + 60 : r->wall;
}

static struct dating *dating_of(struct calendar *cal, int telegram, uint64_t storage)
{
    struct dating *elsewhere = NULL;
    for (int i = 0; i < cal->count; i++) {
        struct dating *d = &cal->dates[i];
        if (d->storage == storage && d->telegram == telegram)
            return d;
        if (d->storage == storage && storage > 0)
            elsewhere = d;
    }
    return elsewhere;
}

static void note_date(struct calendar *cal, int telegram, const struct mbus_record *r)
{
    bool with_time = r->data.size > 2;
    struct dating *known = dating_of(cal, telegram, r->storage);
    if (known && known->telegram == telegram && known->with_time >= with_time)
        return;
    if (!known || known->telegram != telegram) {
        if (cal->count == DATES_MAX)
            return;
        known = &cal->dates[cal->count++];
    }
    *known = (struct dating){ .storage = r->storage, .telegram = telegram, .with_time = with_time, .moment = frozen_at(r) };
}

/* True when the telegram holds nothing but storage 0: in a log its records are then those of the date they stand with. */
static bool only_present(const struct mbus_session *s, int telegram)
{
    struct mbus_records w = mbus_records_of(&s->telegrams[telegram].response);
    struct mbus_record r;
    while (mbus_records_next(&w, &r))
        if (r.storage)
            return false;
    return true;
}

static void fill_calendar(const struct mbus_session *s, struct calendar *cal)
{
    struct walk w = walk_over(s);
    struct mbus_record r;
    bool log = s->data_set != MBUS_SET_UNNAMED;
    cal->count = 0;
    while (walk_next(&w, &r)) {
        bool date = r.meaning.quantity == MBUS_DATE || r.meaning.quantity == MBUS_DATE_TIME;
        if (!date || r.altered || r.vendor || r.function != MBUS_INSTANT || r.kind != MBUS_MOMENT || !mbus_record_valid(&r))
            continue;
        if (r.storage || (log && only_present(s, w.telegram)))
            note_date(cal, w.telegram, &r);
    }
}

/* The grid point of an archive that a frozen register belongs to; WALL_NONE when it is none. An hour's record holds the
 * registers at its end and is named by its start. */
static int64_t point_of(enum archive a, int64_t moment)
{
    int64_t floor = archive_floor(a, HOUR_SECONDS, moment);
    if (moment - floor >= HOUR_SECONDS)
        return WALL_NONE;
    if (a == ARCHIVE_HOUR)
        return moment == floor ? floor - HOUR_SECONDS : WALL_NONE;
    return floor;
}

/* Does the readout hold this archive at all? Month starts are days too, but do not make a day archive. */
static bool holds_archive(const struct calendar *cal, enum archive a)
{
    for (int i = 0; i < cal->count; i++) {
        int64_t moment = cal->dates[i].moment;
        bool finer = (a == ARCHIVE_DAY && point_of(ARCHIVE_MONTH, moment) == WALL_NONE) ||
                     (a == ARCHIVE_HOUR && point_of(ARCHIVE_DAY, moment) == WALL_NONE) || a == ARCHIVE_MONTH;
        if (finer && point_of(a, moment) != WALL_NONE)
            return true;
    }
    return false;
}

static const struct dating *dating_at(const struct calendar *cal, enum archive a, int64_t at)
{
    for (int i = 0; i < cal->count; i++)
        if (point_of(a, cal->dates[i].moment) == at)
            return &cal->dates[i];
    return NULL;
}

/* The registers of one storage; as missing when the storage stands for another moment (`shape` only lends its names). */
static void emit_storage(const struct mbus_session *s, struct calendar *cal, const struct dating *d, const struct record *record, bool shape)
{
    struct names names = { .count = 0 };
    struct walk w = walk_over(s);
    struct mbus_record r;
    struct mbus_place place;
    while (walk_next(&w, &r)) {
        if (r.storage != d->storage || r.kind == MBUS_NOTHING || dating_of(cal, w.telegram, r.storage) != d)
            continue;
        if (!mbus_place_of(medium_of(&w), &r, &place) || place.network || !is_new(&names, place.obis))
            continue;
        if (shape)
            emit_missing(record, place.obis);
        else
            emit_value(record, place.obis, response_of(&w), &r);
    }
}

static void emit_archive(const struct mbus_session *s, struct calendar *cal, const struct want *want, struct sink *out)
{
    struct record record = { .out = out, .archive = want->archive };
    record.step = want->archive == ARCHIVE_HOUR ? HOUR_SECONDS : 0;
    int64_t at = archive_floor(want->archive, HOUR_SECONDS, want->span.from);
    for (; at < want->span.to; at = archive_next(want->archive, HOUR_SECONDS, at)) {
        if (at < want->span.from)
            continue;
        const struct dating *d = dating_at(cal, want->archive, at);
        record.wall = at;
        emit_storage(s, cal, d ? d : &cal->dates[0], &record, d == NULL);
    }
}

/* The sub-code that brings this archive: the installer's, else the maker's, else none. */
static int set_of(struct conversation *c, enum archive a)
{
    const struct mbus_settings *o = conversation_settings(c);
    const struct mbus_session *s = conversation_state(c);
    int set = a == ARCHIVE_DAY ? o->reset_day : a == ARCHIVE_MONTH ? o->reset_month : o->reset_hour;
    if (set >= 0)
        return set;
    if (!s->quirks)
        return NO_SET;
    uint8_t known = a == ARCHIVE_DAY ? s->quirks->day : a == ARCHIVE_MONTH ? s->quirks->month : s->quirks->hour;
    return known ? known : NO_SET;
}

/* A log that this meter of the maker does not have: then what it sends by itself may still hold the archive. */
static bool forgive_missing_log(struct conversation *c)
{
    enum fault f = conversation_fault(c);
    bool refused = f == FAULT_NO_ANSWER || f == FAULT_NOT_SUPPORTED || f == FAULT_METER_ERROR;
    return f == FAULT_NONE || (refused && mbus_go_on(c));
}

static void read_archive(struct conversation *c, const struct want *want, struct sink *out)
{
    struct mbus_session *s = conversation_state(c);
    struct calendar calendar;
    int set = set_of(c, want->archive);
    if (set == NO_SET && s->count == 0) { /* tells the maker, and may hold the archive already */
        mbus_readout_for(c, 0);
        set = set_of(c, want->archive);
    }
    if (set != NO_SET && conversation_fault(c) == FAULT_NONE) {
        mbus_readout(c, set);
        if (!forgive_missing_log(c))
            return;
        fill_calendar(s, &calendar);
        if (calendar.count) {
            emit_archive(s, &calendar, want, out);
            return;
        }
    }
    if (!mbus_readout_for(c, 1u << want->archive))
        return;
    fill_calendar(s, &calendar);
    if (holds_archive(&calendar, want->archive))
        emit_archive(s, &calendar, want, out);
    else
        conversation_fail(c, FAULT_NOT_SUPPORTED, "%s", archive_name(want->archive));
}

/* --- state and journal ------------------------------------------------------------------------------------------- */

#define STATUS_BYTE OBIS(0, 0, 97, 97, 0, 255)
#define ERROR_FLAGS OBIS(0, 0, 97, 97, 1, 255)

static void read_state(struct conversation *c, const struct want *want, struct sink *out)
{
    struct mbus_session *s = conversation_state(c);
    struct mbus_record flags;
    if (!mbus_readout_for(c, 1u << ARCHIVE_STATE))
        return;
    int64_t wall = moment_of(s, want);
    const struct mbus_response *first = &s->telegrams->response;
    if (first->ci != MBUS_CI_NO_HEADER)
        emit_state(out, STATUS_BYTE, wall, first->status);
    if (find(s, MBUS_ERROR_FLAGS, &flags))
        emit_state(out, ERROR_FLAGS, wall, flags.kind == MBUS_NUMBER && flags.bits ? (int64_t)flags.bits : flags.value.mantissa);
}

/* The standard has no journal; what comes near are the error flags frozen with a dated storage (x7 FD 17). */
static void read_journal(struct conversation *c, const struct want *want, struct sink *out)
{
    struct mbus_session *s = conversation_state(c);
    struct calendar calendar;
    struct mbus_record r;
    if (!mbus_readout_for(c, 1u << ARCHIVE_JOURNAL))
        return;
    fill_calendar(s, &calendar);
    for (struct walk w = walk_over(s); walk_next(&w, &r);) {
        const struct dating *d = r.storage ? dating_of(&calendar, w.telegram, r.storage) : NULL;
        if (!d || d->moment < want->span.from || r.meaning.quantity != MBUS_ERROR_FLAGS || !mbus_record_valid(&r) || r.value.mantissa == 0)
            continue;
        struct event e = { .journal = JOURNAL_SELF_TEST, .code = EVENT_BEGIN, .wall = d->moment, .detail = (uint32_t)r.bits };
        emit_event(out, &e);
    }
}

/* --- facts, clock ------------------------------------------------------------------------------------------------ */

/* A value as text: what FD 0C, 0E and 78 carry may be a number or letters. */
static bool as_text(const struct mbus_session *s, enum mbus_quantity quantity, struct text *t)
{
    struct mbus_record r;
    char number[DECIMAL_TEXT_MAX];
    if (!find(s, quantity, &r))
        return false;
    if (r.kind == MBUS_TEXT)
        mbus_text_put(t, r.data);
    else if (r.kind == MBUS_NUMBER)
        text_put(t, decimal_format(r.value, number));
    return t->size > 0;
}

static void emit_fact_of(const struct mbus_session *s, enum mbus_quantity quantity, enum fact_kind kind, struct sink *out)
{
    char memory[128];
    struct text t = text_over(memory, sizeof memory);
    if (as_text(s, quantity, &t))
        emit_fact(out, kind, memory);
}

/* «тепло, подающий трубопровод, SonoSelect»: the medium and, when the meter tells it, the model. */
static void emit_type(const struct mbus_session *s, const struct mbus_response *r, struct sink *out)
{
    char memory[192];
    struct text t = text_over(memory, sizeof memory);
    const struct phrase *medium = mbus_medium_text(r->address.medium);
    if (medium)
        text_put(&t, phrase_in(medium, lang_from_environment()));
    else
        text_printf(&t, "%02X", r->address.medium);
    char model[96];
    struct text m = text_over(model, sizeof model);
    if (as_text(s, MBUS_MODEL, &m))
        text_printf(&t, ", %s", model);
    emit_fact(out, FACT_TYPE, memory);
}

/* The secondary address, and the fabrication number when it is another one. */
static void emit_logical_name(const struct mbus_session *s, const struct mbus_response *r, struct sink *out)
{
    char memory[128], maker[7], fabrication[64];
    struct text t = text_over(memory, sizeof memory), f = text_over(fabrication, sizeof fabrication);
    struct mbus_record number;
    mbus_maker_show(r->address.maker, maker);
    text_printf(&t, "%08X.%s.%02X.%02X", r->address.id, maker, r->address.version, r->address.medium);
    char id[9];
    snprintf(id, sizeof id, "%X", r->address.id); /* without leading zeros, as numbers come */
    if (find(s, MBUS_FABRICATION_NUMBER, &number) && as_text(s, MBUS_FABRICATION_NUMBER, &f) && strcmp(fabrication, id) != 0)
        text_printf(&t, " / %s", fabrication);
    emit_fact(out, FACT_LOGICAL_NAME, memory);
}

static void identify(struct conversation *c, struct sink *out)
{
    struct mbus_session *s = conversation_state(c);
    char text[32];
    if (!mbus_readout_for(c, 1u << ARCHIVE_COUNT))
        return;
    const struct mbus_response *r = &s->telegrams->response;
    if (r->identified) {
        snprintf(text, sizeof text, "%08X", r->address.id);
        emit_fact(out, FACT_SERIAL, text);
        emit_type(s, r, out);
    }
    if (r->identified && r->address.maker) {
        mbus_maker_show(r->address.maker, text);
        emit_fact(out, FACT_MAKER, text);
        snprintf(text, sizeof text, "%u", r->address.version);
        emit_fact(out, FACT_PROTOCOL_VERSION, text);
        emit_logical_name(s, r, out);
    }
    emit_fact_of(s, MBUS_FIRMWARE_VERSION, FACT_FIRMWARE, out);
    snprintf(text, sizeof text, "%u", r->primary);
    emit_fact(out, FACT_ADDRESS, text);
    snprintf(text, sizeof text, "%02X", r->status);
    emit_fact(out, FACT_STATUS, text);
}

/* Always read anew: a minute-old answer would show a clock a minute slow. Type F shows whole minutes, so a clock read
 * here may be up to 59 s ahead of what is returned. */
static int64_t clock_read(struct conversation *c)
{
    struct mbus_session *s = conversation_state(c);
    mbus_readout(c, MBUS_SET_UNNAMED);
    if (conversation_fault(c) != FAULT_NONE)
        return WALL_NONE;
    int64_t wall = clock_of(s);
    if (wall == WALL_NONE)
        conversation_fail(c, FAULT_NOT_SUPPORTED, "VIF 6D");
    return wall;
}

static void clock_set(struct conversation *c, int64_t wall)
{
    mbus_command(c, mbus_put_set_clock, wall);
}

/* --- the driver -------------------------------------------------------------------------------------------------- */

static const char *const addressings[] = { "primary", "secondary", "auto", NULL };

static const struct parameter parameters[] = {
    { .name = "addressing", .kind = PARAMETER_CHOICE, PARAMETER(mbus_settings, addressing), .part = PART_ADDRESS, .preset = "auto", .choices = addressings,
      .title = { { "Адресация", "Addressing" } },
      .help = { { "auto: по номеру прибора, если он указан, иначе по первичному адресу", "auto: by the meter's number when given, else by the primary address" } } },
    { .name = "address", .kind = PARAMETER_NUMBER, PARAMETER(mbus_settings, address), .preset = "0", .least = 0, .most = MBUS_PRIMARY_MAX, .address = true, .part = PART_ADDRESS,
      .title = { { "Первичный адрес", "Primary address" } },
      .help = { { "0 у прибора с завода", "0 for a meter from the factory" } } },
    { .name = "serial", .kind = PARAMETER_TEXT, PARAMETER(mbus_settings, serial), .part = PART_ADDRESS, .preset = "",
      .title = { { "Номер прибора", "Meter number" } },
      .help = { { "до 8 цифр, F вместо любой; при чтении по первичному адресу сверяется с ответом", "up to 8 digits, F for any; checked in the answer when read by primary address" } } },
    { .name = "maker", .kind = PARAMETER_TEXT, PARAMETER(mbus_settings, maker), .part = PART_ADDRESS, .preset = "",
      .title = { { "Изготовитель", "Manufacturer" } },
      .help = { { "три буквы (DFS) или код (0x8614); нужен, когда номера двух приборов совпали", "three letters (DFS) or code (0x8614); needed when two meters share a number" } } },
    { .name = "version", .kind = PARAMETER_NUMBER, PARAMETER(mbus_settings, version), .part = PART_ADDRESS, .preset = "-1", .least = -1, .most = 254,
      .title = { { "Версия", "Version" } }, .help = { { "-1: любая", "-1: any" } } },
    { .name = "medium", .kind = PARAMETER_NUMBER, PARAMETER(mbus_settings, medium), .preset = "-1", .least = -1, .most = 254,
      .title = { { "Среда", "Medium" } }, .help = { { "-1: любая", "-1: any" } } },
    { .name = "reset_day", .kind = PARAMETER_NUMBER, PARAMETER(mbus_settings, reset_day), .preset = "-1", .least = -1, .most = 255,
      .title = { { "Код суточного архива", "Day log sub-code" } },
      .help = { { "подкод сброса приложения; -1: по модели", "application reset sub-code; -1: by the model" } } },
    { .name = "reset_month", .kind = PARAMETER_NUMBER, PARAMETER(mbus_settings, reset_month), .preset = "-1", .least = -1, .most = 255,
      .title = { { "Код месячного архива", "Month log sub-code" } },
      .help = { { "подкод сброса приложения; -1: по модели", "application reset sub-code; -1: by the model" } } },
    { .name = "reset_hour", .kind = PARAMETER_NUMBER, PARAMETER(mbus_settings, reset_hour), .preset = "-1", .least = -1, .most = 255,
      .title = { { "Код часового архива", "Hour log sub-code" } },
      .help = { { "подкод сброса приложения; -1: по модели", "application reset sub-code; -1: by the model" } } },
    { .name = "silence_ms", .kind = PARAMETER_NUMBER, PARAMETER(mbus_settings, silence_ms), .preset = "0", .least = 0, .most = 20000,
      .title = { { "Ожидание при поиске, мс", "Wait in a search, ms" } },
      .help = { { "сколько ждать, прежде чем считать адрес пустым; 0: 400 на линии, 1500 по сети; на 300 бит/с нужно 1200", "how long silence takes to prove an address empty; 0: 400 on a line, 1500 on a network; 300 bit/s needs 1200" } } },
    { .name = NULL },
};

#define DANFOSS_NOTE "logs by application reset: days 30, months 40, hours 60 (records of the logs unverified)"
#define VEGA_NOTE "plain M-Bus [1]"
#define SEED_NOTE "2400 or 9600; primary or secondary by the 8-digit number"

static const struct model models[] = {
    { "SonoMeter 40", "Danfoss", DANFOSS_NOTE, &danfoss },
    { "SonoSelect 10", "Danfoss", DANFOSS_NOTE, &danfoss },
    { "SonoSafe 10", "Danfoss", DANFOSS_NOTE, &danfoss },
    { "SonoMeter 500", "Danfoss", DANFOSS_NOTE, &danfoss },
    { "Elf", "Apator / Тепловодомер", NULL, NULL },
    { "СТК MARS NEO", "Декаст", "secondary address", NULL },
    { "СТК-15 Пульс", "Пульс", VEGA_NOTE, NULL },
    { "Пульсар M-Bus", "Тепловодохран", VEGA_NOTE, NULL },
    { "Weser", "Weser", VEGA_NOTE, NULL },
    { "Sharky 775", "Diehl", VEGA_NOTE, NULL },
    { "Multical 402/801", "Kamstrup", "vendor records (FF 07, FF 08, FF 22) are not mapped", NULL },
    { "Calec ST II", "Aquametro", VEGA_NOTE, NULL },
    { "Sensonic II", "ista", VEGA_NOTE, NULL },
    { "Multidata WR3", "Zenner", VEGA_NOTE, NULL },
    { "СТЭ-21 Берилл", "Берилл", VEGA_NOTE, NULL },
    { "ПУТМ-1", "Hiterm", VEGA_NOTE, NULL },
    { "Теплоучёт-1", "Теплоучёт", VEGA_NOTE, NULL },
    { "VHM-T", "Valtec", SEED_NOTE, NULL },
    { "ТСУ, Гефест", "СЭТ", SEED_NOTE, NULL },
    { "ТСУ", "Авектра", SEED_NOTE, NULL },
    { "Карат-Компакт 2-213/2-223", "Карат", SEED_NOTE, NULL },
    { "Sanext Ultra", "Sanext", NULL, NULL },
    { NULL, NULL, NULL, NULL },
};

static void explain(struct explain *e, struct bytes frame, const void *settings)
{
    (void)settings;
    mbus_explain(e, frame);
}

DRIVER(mbus) = {
    .name = "mbus",
    .title = { { "M-Bus (проводной)", "M-Bus (wired)" } },
    .sheet = "mbus.md",
    .resource = RESOURCE_MIXED,
    .line = { 2400, 8, 'E', 1 },
    /* A pause of 22 bit times ends a frame; level converters and networks stretch it. 33 bit times before a request. */
    .timing = { .byte_gap_ms = 0, .frame_gap = 33 },
    .models = models,
    .parameters = parameters,
    .settings_size = sizeof(struct mbus_settings),
    .state_size = sizeof(struct mbus_session),
    .open = mbus_session_begin,
    .close = mbus_session_end,
    .identify = identify,
    .read = { [ARCHIVE_CURRENT] = read_current, [ARCHIVE_NETWORK] = read_network, [ARCHIVE_DAY] = read_archive,
              [ARCHIVE_MONTH] = read_archive, [ARCHIVE_HOUR] = read_archive, [ARCHIVE_JOURNAL] = read_journal,
              [ARCHIVE_STATE] = read_state },
    .clock = { .read = clock_read, .set = clock_set, .step_seconds = 60 }, /* type F, EN 13757-3 annex A: minutes */
    .scan = mbus_scan,
    .looks = mbus_looks,
    .explain = explain,
};
