/* The objects of a simulated СПОДЭС meter: what each answers, who may write what (dlms.md 10, spodes.md 1, 3, 6). */
#include "sim/twin_spodes.h"

#include "meter/unit.h"

#include <stdio.h>

enum { CLASS_DATA = 1, CLASS_REGISTER = 3, CLASS_PROFILE = 7, CLASS_CLOCK = 8, CLASS_ASSOCIATION = 15, CLASS_HDLC = 23,
       CLASS_SECURITY = 64, CLASS_DISCONNECT = 70, CLASS_LIMITER = 71 };

/* Where a number comes from. */
enum source {
    NO_NUMBER, ENERGY, LAST_INTERVAL, VOLTAGE, CURRENT, POWER, REACTIVE, APPARENT, COSINE, FREQUENCY, TANGENT, LINE_VOLTAGE, TEMPERATURE,
    WORKED, CONSTANT, CAUSES, COUNTER, HAPPENED, RELAY_LOCKED, TEXT_SERIAL, TEXT_TYPE, TEXT_MAKER, TEXT_FIRMWARE, TEXT_EDITION,
    TEXT_NAME, TEXT_POINT, DATE_MADE,
};

/* A row. `argument`: phase; channel << 8 | tariff; the constant; the journal whose events are counted. */
struct spodes_object {
    uint16_t class_id;
    struct obis obis;
    uint8_t source;
    uint32_t argument;
    struct spodes_number number;
    uint8_t phases;     /* 0 any meter, 1 or 3 only those */
    uint8_t level;      /* least that may read it */
    uint8_t attributes; /* how many the class has here */
    uint8_t version;
    uint8_t methods;
};

#define DATA(o, s, a, t) { CLASS_DATA, o, s, a, { t, 0, UNIT_NONE }, 0, SPODES_READER, 2, 0, 0 }
#define REGISTER(o, s, a, t, e, u, p) { CLASS_REGISTER, o, s, a, { t, e, u }, p, SPODES_READER, 3, 0, 0 }
#define TARIFF(c, t) REGISTER(OBIS(1, 0, c, 8, t, 255), ENERGY, ((c) - 1) << 8 | (t), COSEM_UINT32, 0, (c) < 3 ? UNIT_WATT_HOUR : UNIT_VAR_HOUR, 0)
#define TARIFFS(c) TARIFF(c, 0), TARIFF(c, 1), TARIFF(c, 2), TARIFF(c, 3), TARIFF(c, 4), TARIFF(c, 5), TARIFF(c, 6), TARIFF(c, 7), TARIFF(c, 8)
#define USED(c) REGISTER(OBIS(1, 0, c, 29, 0, 255), LAST_INTERVAL, ((c) - 1) << 8, COSEM_UINT32, 0, UNIT_WATT_HOUR, 0)
#define NOW(c, s, a, t, e, u, p) REGISTER(OBIS(1, 0, c, 7, 0, 255), s, a, t, e, u, p)

static const struct spodes_object objects[] = {
    { CLASS_CLOCK, OBIS(0, 0, 1, 0, 0, 255), NO_NUMBER, 0, { 0 }, 0, SPODES_PUBLIC, 9, 0, 6 },
    { CLASS_DATA, OBIS(0, 0, 42, 0, 0, 255), TEXT_NAME, 0, { COSEM_OCTETS, 0, 0 }, 0, SPODES_PUBLIC, 2, 0, 0 },
    { CLASS_DATA, OBIS(0, 0, 43, 1, 0, 255), COUNTER, 0, { COSEM_UINT32, 0, UNIT_NONE }, 0, SPODES_PUBLIC, 2, 0, 0 },
    { CLASS_ASSOCIATION, OBIS(0, 0, 40, 0, 0, 255), NO_NUMBER, 0, { 0 }, 0, SPODES_PUBLIC, 9, 1, 4 },
    { CLASS_ASSOCIATION, OBIS(0, 0, 40, 0, 2, 255), NO_NUMBER, SPODES_READER, { 0 }, 0, SPODES_READER, 9, 1, 4 },
    { CLASS_ASSOCIATION, OBIS(0, 0, 40, 0, 3, 255), NO_NUMBER, SPODES_CONFIGURATOR, { 0 }, 0, SPODES_READER, 9, 1, 4 },
    DATA(OBIS(0, 0, 96, 1, 0, 255), TEXT_SERIAL, 0, COSEM_OCTETS),
    DATA(OBIS(0, 0, 96, 1, 1, 255), TEXT_TYPE, 0, COSEM_OCTETS),
    DATA(OBIS(0, 0, 96, 1, 2, 255), TEXT_FIRMWARE, 0, COSEM_OCTETS),
    DATA(OBIS(0, 0, 96, 1, 3, 255), TEXT_MAKER, 0, COSEM_OCTETS),
    DATA(OBIS(0, 0, 96, 1, 4, 255), DATE_MADE, 0, COSEM_OCTETS),
    DATA(OBIS(0, 0, 96, 1, 6, 255), TEXT_EDITION, 0, COSEM_OCTETS),
    DATA(OBIS(0, 0, 96, 1, 10, 255), TEXT_POINT, 0, COSEM_OCTETS),
    DATA(OBIS(1, 0, 0, 3, 3, 255), CONSTANT, 1000, COSEM_UINT16),
    DATA(OBIS(1, 0, 0, 3, 4, 255), CONSTANT, 1000, COSEM_UINT16),
    DATA(OBIS(1, 0, 0, 4, 2, 255), CONSTANT, 1, COSEM_UINT16),
    DATA(OBIS(1, 0, 0, 4, 3, 255), CONSTANT, 1, COSEM_UINT16),
    DATA(OBIS(0, 0, 96, 2, 0, 255), HAPPENED, JOURNAL_PROGRAMMING, COSEM_UINT32),
    DATA(OBIS(0, 0, 96, 15, 0, 255), HAPPENED, JOURNAL_RELAY, COSEM_UINT32),
    DATA(OBIS(0, 0, 96, 20, 5, 255), HAPPENED, JOURNAL_COVER, COSEM_UINT32),
    DATA(OBIS(0, 0, 96, 20, 15, 255), HAPPENED, JOURNAL_MAGNET, COSEM_UINT32),
    DATA(OBIS(0, 0, 96, 51, 0, 255), CONSTANT, 0, COSEM_UINT8),
    DATA(OBIS(0, 0, 96, 51, 1, 255), CONSTANT, 0, COSEM_UINT8),
    DATA(OBIS(0, 0, 97, 98, 0, 255), CAUSES, 0, COSEM_UINT32),
    DATA(OBIS(0, 0, 97, 98, 10, 255), CONSTANT, 0x7FFF, COSEM_UINT32),
    TARIFFS(1), TARIFFS(2), TARIFFS(3), TARIFFS(4),
    USED(1), USED(2), USED(3), USED(4),
    NOW(1, POWER, 0, COSEM_INT32, 0, UNIT_WATT, 0),
    NOW(21, POWER, 1, COSEM_INT32, 0, UNIT_WATT, 3),
    NOW(41, POWER, 2, COSEM_INT32, 0, UNIT_WATT, 3),
    NOW(61, POWER, 3, COSEM_INT32, 0, UNIT_WATT, 3),
    NOW(3, REACTIVE, 0, COSEM_INT32, 0, UNIT_VAR, 0),
    NOW(23, REACTIVE, 1, COSEM_INT32, 0, UNIT_VAR, 3),
    NOW(43, REACTIVE, 2, COSEM_INT32, 0, UNIT_VAR, 3),
    NOW(63, REACTIVE, 3, COSEM_INT32, 0, UNIT_VAR, 3),
    NOW(9, APPARENT, 0, COSEM_UINT32, 0, UNIT_VOLT_AMPERE, 0),
    NOW(29, APPARENT, 1, COSEM_UINT32, 0, UNIT_VOLT_AMPERE, 3),
    NOW(49, APPARENT, 2, COSEM_UINT32, 0, UNIT_VOLT_AMPERE, 3),
    NOW(69, APPARENT, 3, COSEM_UINT32, 0, UNIT_VOLT_AMPERE, 3),
    NOW(11, CURRENT, 1, COSEM_UINT32, -3, UNIT_AMPERE, 1),
    NOW(91, CURRENT, 1, COSEM_UINT32, -3, UNIT_AMPERE, 1),
    NOW(31, CURRENT, 1, COSEM_UINT32, -3, UNIT_AMPERE, 3),
    NOW(51, CURRENT, 2, COSEM_UINT32, -3, UNIT_AMPERE, 3),
    NOW(71, CURRENT, 3, COSEM_UINT32, -3, UNIT_AMPERE, 3),
    NOW(12, VOLTAGE, 1, COSEM_UINT32, -3, UNIT_VOLT, 1),
    NOW(32, VOLTAGE, 1, COSEM_UINT32, -3, UNIT_VOLT, 3),
    NOW(52, VOLTAGE, 2, COSEM_UINT32, -3, UNIT_VOLT, 3),
    NOW(72, VOLTAGE, 3, COSEM_UINT32, -3, UNIT_VOLT, 3),
    REGISTER(OBIS(1, 0, 12, 7, 1, 255), LINE_VOLTAGE, 1, COSEM_UINT32, -3, UNIT_VOLT, 3),
    REGISTER(OBIS(1, 0, 12, 7, 2, 255), LINE_VOLTAGE, 2, COSEM_UINT32, -3, UNIT_VOLT, 3),
    REGISTER(OBIS(1, 0, 12, 7, 3, 255), LINE_VOLTAGE, 3, COSEM_UINT32, -3, UNIT_VOLT, 3),
    NOW(13, COSINE, 0, COSEM_INT32, -3, UNIT_NONE, 0),
    NOW(33, COSINE, 1, COSEM_INT32, -3, UNIT_NONE, 3),
    NOW(53, COSINE, 2, COSEM_INT32, -3, UNIT_NONE, 3),
    NOW(73, COSINE, 3, COSEM_INT32, -3, UNIT_NONE, 3),
    NOW(14, FREQUENCY, 0, COSEM_UINT32, -3, UNIT_HERTZ, 0),
    NOW(131, TANGENT, 0, COSEM_UINT32, -3, UNIT_NONE, 0),
    REGISTER(OBIS(0, 0, 96, 9, 0, 255), TEMPERATURE, 0, COSEM_INT16, 0, UNIT_CELSIUS, 0),
    REGISTER(OBIS(0, 0, 96, 8, 0, 255), WORKED, 0, COSEM_UINT32, 0, UNIT_SECOND, 0),
    { CLASS_HDLC, OBIS(0, 0, 22, 0, 0, 255), NO_NUMBER, 0, { 0 }, 0, SPODES_READER, 9, 1, 0 },
    { CLASS_HDLC, OBIS(0, 1, 22, 0, 0, 255), NO_NUMBER, 0, { 0 }, 0, SPODES_READER, 9, 1, 0 },
    { CLASS_SECURITY, OBIS(0, 0, 43, 0, 0, 255), NO_NUMBER, 0, { 0 }, 0, SPODES_READER, 5, 0, 0 },
    { CLASS_DISCONNECT, OBIS(0, 0, 96, 3, 10, 255), NO_NUMBER, 0, { 0 }, 0, SPODES_READER, 4, 0, 2 },
    { CLASS_DISCONNECT, OBIS(0, 0, 128, 2, 0, 255), NO_NUMBER, 1, { 0 }, 0, SPODES_READER, 4, 0, 2 },
    { CLASS_DISCONNECT, OBIS(0, 0, 128, 2, 1, 255), NO_NUMBER, 2, { 0 }, 0, SPODES_READER, 4, 0, 2 },
    { CLASS_DISCONNECT, OBIS(0, 0, 128, 2, 2, 255), NO_NUMBER, 3, { 0 }, 0, SPODES_READER, 4, 0, 2 },
    DATA(OBIS(0, 0, 96, 4, 3, 255), RELAY_LOCKED, 0, COSEM_ENUM),
    { CLASS_LIMITER, OBIS(0, 0, 17, 0, 0, 255), NO_NUMBER, 0, { 0 }, 0, SPODES_READER, 7, 0, 0 },
};

enum { OBJECTS = sizeof objects / sizeof *objects };

static bool is_visible(const struct spodes_view *v, const struct spodes_object *o)
{
    bool tariff = o->source != ENERGY || (int32_t)(o->argument & 0xFF) <= v->s->tariffs;
    bool phases = o->phases == 0 || (o->phases == 1) == (v->s->phases == 1);
    /* A Mercury-234 tells the scalers of its load profile only in the scale profile (spodes.md 8). */
    bool there = o->source != LAST_INTERVAL || v->s->maker != SPODES_MERCURY;
    bool relay = (o->source != RELAY_LOCKED || v->s->lock >= 0) && (o->class_id != CLASS_DISCONNECT || (int32_t)o->argument <= v->s->signals);
    return tariff && phases && there && relay;
}

static const struct spodes_object *object_find(const struct spodes_view *v, struct obis obis)
{
    for (size_t i = 0; i < OBJECTS; i++)
        if (obis_equal(objects[i].obis, obis) && is_visible(v, &objects[i]))
            return &objects[i];
    return NULL;
}

/* --- numbers ---------------------------------------------------------------------------------------------------------- */

/* Meters of M2M count thousandths of a watt-hour in 64 bits, the others watt-hours in 32 (spodes.md 3.4). */
struct spodes_number spodes_energy_number(const struct spodes_meter *s, unsigned channel)
{
    bool fine = s->maker == SPODES_M2M;
    return (struct spodes_number){ fine ? COSEM_UINT64 : COSEM_UINT32, fine ? -3 : 0, channel < LIFE_R_PLUS ? UNIT_WATT_HOUR : UNIT_VAR_HOUR };
}

int64_t spodes_energy_raw(const struct spodes_meter *s, int64_t watt_hours)
{
    return s->maker == SPODES_M2M ? watt_hours * 1000 : watt_hours & UINT32_MAX;
}

/* How many events of this kind the life has had: its n-th newest exists for every smaller n. */
static int64_t happened(const struct spodes_view *v, enum journal journal)
{
    struct life_event e;
    int most = 1, least = 0;
    while (most < 1 << 20 && life_event_before(v->m->serial, journal, v->wall, most, &e))
        most *= 2;
    if (!life_event_before(v->m->serial, journal, v->wall, 0, &e))
        return 0;
    while (most - least > 1) {
        int middle = least + (most - least) / 2;
        if (life_event_before(v->m->serial, journal, v->wall, middle, &e))
            least = middle;
        else
            most = middle;
    }
    return least + 1;
}

/* Bits of 0.0.97.98.0.255 (spodes.md 7) for what happened in the last day and was not cleared. */
static int64_t causes(const struct spodes_view *v)
{
    static const struct {
        uint16_t journal;
        uint8_t bit;
    } kinds[] = { { JOURNAL_SELF_TEST, 0 }, { JOURNAL_POWER, 1 }, { JOURNAL_QUALITY, 2 }, { JOURNAL_MAGNET, 3 },
                  { JOURNAL_COVER, 4 }, { JOURNAL_POWER_LIMIT_A_PLUS, 6 }, { JOURNAL_PROGRAMMING, 13 } };
    int64_t since = v->wall - DAY_SECONDS, bits = 0;
    if (v->s->alarms_cleared > since)
        since = v->s->alarms_cleared;
    struct life_event e;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (life_event_before(v->m->serial, kinds[i].journal, v->wall, 0, &e) && e.begin > since)
            bits |= (int64_t)1 << kinds[i].bit;
    return bits;
}

static int64_t tangent(uint32_t serial, int64_t wall)
{
    int64_t p = life_power_w(serial, 0, wall), q = life_reactive_var(serial, 0, wall);
    p = p < 0 ? -p : p;
    q = q < 0 ? -q : q;
    return p ? q * 1000 / p : 0;
}

/* Energy of the last whole interval. */
static int64_t last_interval(const struct spodes_view *v, enum life_channel channel, int64_t wall)
{
    int64_t end = wall - (wall - wall_day_start(wall)) % v->s->step;
    return life_energy(v->m->serial, channel, 0, end) - life_energy(v->m->serial, channel, 0, end - v->s->step);
}

static int64_t number_of(const struct spodes_view *v, const struct spodes_object *o, int64_t wall)
{
    uint32_t serial = v->m->serial;
    int phase = (int)o->argument;
    if (v->s->phases == 1 && phase == 0 && (o->source == POWER || o->source == REACTIVE || o->source == APPARENT || o->source == COSINE))
        phase = 1;
    bool dead = v->m->relay_off;
    switch (o->source) {
    case ENERGY: return spodes_energy_raw(v->s, (o->argument & 0xFF) > LIFE_TARIFFS ? 0 :
                            life_energy(serial, (enum life_channel)(o->argument >> 8), (int)(o->argument & 0xFF), wall));
    case LAST_INTERVAL: return spodes_energy_raw(v->s, last_interval(v, (enum life_channel)(o->argument >> 8), wall));
    case VOLTAGE: return life_voltage_mv(serial, phase, wall);
    case LINE_VOLTAGE: return life_voltage_mv(serial, phase, wall) * 1732 / 1000;
    case CURRENT: return dead ? 0 : life_current_ma(serial, phase, wall);
    case POWER: return dead ? 0 : life_power_w(serial, phase, wall);
    case REACTIVE: return dead ? 0 : life_reactive_var(serial, phase, wall);
    case APPARENT: return dead ? 0 : life_apparent_va(serial, phase, wall);
    case COSINE: return life_cosine_milli(serial, phase, wall);
    case FREQUENCY: return life_frequency_mhz(serial, wall);
    case TANGENT: return tangent(serial, wall);
    case TEMPERATURE: return life_temperature_c(serial, wall);
    case WORKED: return wall - spodes_birth();
    case CONSTANT: return o->argument;
    case CAUSES: return causes(v);
    case COUNTER: return v->s->client_counter;
    case RELAY_LOCKED: return v->s->lock;
    case HAPPENED: return happened(v, (enum journal)o->argument);
    default: return 0;
    }
}

static void put_number(struct writer *w, uint8_t type, int64_t value)
{
    if (type == COSEM_UINT64)
        put_cosem_uint64(w, (uint64_t)value);
    else
        put_cosem_number(w, type, value);
}

static struct spodes_number number_form(const struct spodes_view *v, const struct spodes_object *o)
{
    return o->source == ENERGY || o->source == LAST_INTERVAL ? spodes_energy_number(v->s, o->argument >> 8) : o->number;
}

bool spodes_register(const struct spodes_view *v, uint16_t class_id, struct obis obis, int64_t wall, int64_t *ret_raw, struct spodes_number *ret)
{
    const struct spodes_object *o = object_find(v, obis);
    if (!o || o->class_id != class_id)
        return false;
    *ret_raw = number_of(v, o, wall);
    *ret = number_form(v, o);
    return true;
}

/* --- texts ------------------------------------------------------------------------------------------------------------ */

/* Type and maker by the maker's way; Russian letters in cp1251 where meters do so (spodes.md 3.1, 8). */
static const struct {
    const char *type1, *type3, *maker;
} names[SPODES_MAKERS] = {
    [SPODES_PLAIN] = { "SVOD-1", "SVOD-3", "SVOD" },
    [SPODES_NARTIS] = { "\xCD\xC0\xD0\xD2\xC8\xD1-100", "\xCD\xC0\xD0\xD2\xC8\xD1-300", "\xCD\xC0\xD0\xD2\xC8\xD1" },
    [SPODES_M2M] = { "M2M-1", "M2M-3", "M2M" },
    [SPODES_MERCURY] = { "Mercury 208", "Mercury 234", "Incotex" },
    [SPODES_RIM] = { "\xD0\xE8\xCC" "189", "\xD0\xE8\xCC" "489.38", "\xD0\xE8\xCC" },
};

static void put_text(struct spodes_view *v, const struct spodes_object *o, struct writer *w)
{
    char text[32];
    const char *chosen = text;
    text[0] = '\0';
    if (o->source == TEXT_SERIAL)
        snprintf(text, sizeof text, "%08u", v->m->serial);
    else if (o->source == TEXT_NAME)
        snprintf(text, sizeof text, "SVD%013u", v->m->serial);
    else if (o->source == TEXT_FIRMWARE)
        chosen = "1.00";
    else if (o->source == TEXT_EDITION)
        chosen = v->s->edition;
    else if (o->source == TEXT_TYPE)
        chosen = v->s->phases == 1 ? names[v->s->maker].type1 : names[v->s->maker].type3;
    else if (o->source == TEXT_MAKER)
        chosen = names[v->s->maker].maker;
    put_cosem_octets(w, o->source == TEXT_POINT ? bytes_of(v->s->point, v->s->point_size) : bytes_of_text(chosen));
}

/* Deviation is UTC minus local time; some makers turn the sign (dlms.md 7.1). */
struct cosem_date_time spodes_time(const struct spodes_view *v, int64_t wall)
{
    struct cosem_date_time t = cosem_date_time_of_wall(wall);
    bool turned = v->s->maker == SPODES_MERCURY || v->s->maker == SPODES_RIM;
    t.weekday = (uint8_t)wall_weekday(wall);
    t.hundredths = 0;
    t.deviation = (int16_t)(turned ? v->m->zone_minutes : -v->m->zone_minutes);
    t.status = 0;
    return t;
}

static void put_date(struct spodes_view *v, int64_t wall, struct writer *w)
{
    struct cosem_date_time t = spodes_time(v, wall);
    put_cosem_date_time(w, &t);
}

/* --- attributes, by class ----------------------------------------------------------------------------------------------- */

static void get_data(struct spodes_view *v, const struct spodes_object *o, int attribute, struct writer *w)
{
    (void)attribute;
    if (o->source == DATE_MADE)
        put_date(v, spodes_birth(), w);
    else if (o->source >= TEXT_SERIAL)
        put_text(v, o, w);
    else
        put_number(w, o->number.type, number_of(v, o, v->wall));
}

static void get_register(struct spodes_view *v, const struct spodes_object *o, int attribute, struct writer *w)
{
    struct spodes_number n = number_form(v, o);
    if (attribute == 2)
        put_number(w, n.type, number_of(v, o, v->wall));
    else
        put_cosem_scaler(w, (struct cosem_scaler){ n.exponent, n.unit });
}

static void get_clock(struct spodes_view *v, const struct spodes_object *o, int attribute, struct writer *w)
{
    (void)o;
    static const struct cosem_date_time dst = { .year = COSEM_YEAR_ANY, .month = COSEM_ANY, .day = COSEM_ANY, .weekday = COSEM_ANY,
                                                .hour = COSEM_ANY, .minute = COSEM_ANY, .second = COSEM_ANY, .hundredths = COSEM_ANY,
                                                .deviation = COSEM_DEVIATION_NONE, .status = 0xFF };
    switch (attribute) {
    case 2: put_date(v, v->wall, w); break;
    case 3: put_cosem_number(w, COSEM_INT16, spodes_time(v, v->wall).deviation); break;
    case 4: put_cosem_number(w, COSEM_UINT8, 0); break;
    case 7: put_cosem_number(w, COSEM_INT8, 0); break;
    case 8: put_cosem_number(w, COSEM_BOOLEAN, 0); break;
    case 9: put_cosem_number(w, COSEM_ENUM, 1); break;
    default: put_cosem_date_time(w, &dst); break;
    }
}

static void get_hdlc(struct spodes_view *v, const struct spodes_object *o, int attribute, struct writer *w)
{
    (void)o;
    const struct {
        uint8_t type;
        int32_t value;
    } row[] = { { COSEM_ENUM, 5 }, { COSEM_UINT8, v->s->window }, { COSEM_UINT8, 1 }, { COSEM_UINT16, v->s->info },
                { COSEM_UINT16, v->s->info }, { COSEM_UINT16, 25 }, { COSEM_UINT16, 120 }, { COSEM_UINT16, (int32_t)(v->m->address & 0xFFFF) } };
    put_cosem_number(w, row[attribute - 2].type, row[attribute - 2].value);
}

static void get_security(struct spodes_view *v, const struct spodes_object *o, int attribute, struct writer *w)
{
    (void)o;
    uint8_t title[DLMS_TITLE_SIZE];
    spodes_title(v->m, title);
    if (attribute <= 3)
        put_cosem_number(w, COSEM_ENUM, attribute == 2 ? v->s->policy : v->s->suite);
    else
        put_cosem_octets(w, bytes_of(attribute == 4 ? v->session->client_title : title, DLMS_TITLE_SIZE));
}

static void get_disconnect(struct spodes_view *v, const struct spodes_object *o, int attribute, struct writer *w)
{
    enum { OFF, ON, READY };
    bool off = o->argument ? v->s->signals_off >> (o->argument - 1) & 1 : v->m->relay_off && v->s->mode != 0;
    if (o->argument) { /* of signals: it obeys at once */
        put_cosem_number(w, attribute == 2 ? COSEM_BOOLEAN : COSEM_ENUM, attribute == 4 ? 4 : !off);
        return;
    }
    if (attribute == 2)
        put_cosem_number(w, COSEM_BOOLEAN, !off);
    else if (attribute == 3)
        put_cosem_number(w, COSEM_ENUM, !off ? ON : v->s->relay_ready ? READY : OFF);
    else
        put_cosem_number(w, COSEM_ENUM, v->s->mode);
}

static void get_limiter(struct spodes_view *v, const struct spodes_object *o, int attribute, struct writer *w)
{
    (void)o;
    enum { OVER_SECONDS = 60, UNDER_SECONDS = 60 };
    if (attribute == 2) {
        put_cosem_structure(w, 3);
        put_cosem_number(w, COSEM_UINT16, CLASS_REGISTER);
        put_cosem_obis(w, OBIS(1, 0, 1, 7, 0, 255));
        put_cosem_number(w, COSEM_INT8, 2);
    } else {
        put_cosem_number(w, COSEM_UINT32, attribute <= 4 ? v->s->limit_w : attribute == 5 ? 0 : attribute == 6 ? OVER_SECONDS : UNDER_SECONDS);
    }
}

static void put_oid(struct writer *w, unsigned arc, unsigned last)
{
    const uint8_t oid[] = { 0x60, 0x85, 0x74, 0x05, 0x08, (uint8_t)arc, (uint8_t)last };
    put_cosem_octets(w, bytes_of(oid, sizeof oid));
}

static void get_association(struct spodes_view *v, const struct spodes_object *o, int attribute, struct writer *w)
{
    (void)o;
    struct spodes_session *s = v->session;
    uint8_t bits[4];
    struct writer b = writer_over(bits, sizeof bits);
    put_be(&b, s->conformance, 3);
    switch (attribute) {
    case 3:
        put_cosem_structure(w, 2);
        put_cosem_number(w, COSEM_INT8, s->client & 0x7F);
        put_cosem_number(w, COSEM_UINT16, 1);
        break;
    case 4: put_oid(w, 1, s->context); break;
    case 5:
        put_cosem_structure(w, 6);
        put_cosem_bits(w, bytes_of(bits, 3), 24);
        put_cosem_number(w, COSEM_UINT16, v->s->pdu);
        put_cosem_number(w, COSEM_UINT16, s->pdu);
        put_cosem_number(w, COSEM_UINT8, XDLMS_VERSION);
        put_cosem_number(w, COSEM_INT8, 0);
        put_cosem_octets(w, bytes_of(NULL, 0));
        break;
    case 6: put_oid(w, 2, s->mechanism); break;
    case 7: put_cosem_octets(w, bytes_of(NULL, 0)); break; /* the secret is not told */
    case 8: put_cosem_number(w, COSEM_ENUM, s->stage); break;
    default: put_cosem_obis(w, OBIS(0, 0, 43, 0, 0, 255)); break;
    }
}

static void get_attribute(struct spodes_view *v, const struct spodes_object *o, int attribute, struct writer *w)
{
    static const struct {
        uint16_t class_id;
        void (*get)(struct spodes_view *, const struct spodes_object *, int, struct writer *);
    } classes[] = { { CLASS_REGISTER, get_register }, { CLASS_DATA, get_data }, { CLASS_CLOCK, get_clock }, { CLASS_HDLC, get_hdlc },
                    { CLASS_SECURITY, get_security }, { CLASS_DISCONNECT, get_disconnect }, { CLASS_LIMITER, get_limiter },
                    { CLASS_ASSOCIATION, get_association } };
    if (attribute == 1) {
        put_cosem_obis(w, o->obis);
        return;
    }
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (classes[i].class_id == o->class_id) {
            classes[i].get(v, o, attribute, w);
            return;
        }
}

/* --- object_list: one piece for each object ------------------------------------------------------------------------------- */

static bool object_writable(const struct spodes_object *o, int attribute)
{
    static const struct {
        uint16_t class_id;
        int8_t attribute;
    } writable[] = { { CLASS_CLOCK, 2 }, { CLASS_DISCONNECT, 4 }, { CLASS_LIMITER, 3 }, { CLASS_LIMITER, 4 } };
    for (size_t i = 0; i < sizeof writable / sizeof *writable; i++)
        if (writable[i].class_id == o->class_id && writable[i].attribute == attribute)
            return true;
    return o->source == TEXT_POINT && attribute == 2;
}

static void put_listed(struct spodes_view *v, uint16_t class_id, unsigned version, struct obis obis, const struct spodes_object *o,
                       int attributes, int methods, struct writer *w)
{
    put_cosem_structure(w, 4);
    put_cosem_number(w, COSEM_UINT16, class_id);
    put_cosem_number(w, COSEM_UINT8, version);
    put_cosem_obis(w, obis);
    put_cosem_structure(w, 2);
    put_cosem_array(w, (size_t)attributes);
    for (int a = 1; a <= attributes; a++) {
        bool writes = o && v->session->level == SPODES_CONFIGURATOR && object_writable(o, a);
        put_cosem_structure(w, 3);
        put_cosem_number(w, COSEM_INT8, a);
        put_cosem_number(w, COSEM_ENUM, writes ? 3 : 1);
        put_cosem_null(w);
    }
    put_cosem_array(w, (size_t)methods);
    for (int m = 1; m <= methods; m++) {
        put_cosem_structure(w, 2);
        put_cosem_number(w, COSEM_INT8, m);
        put_cosem_number(w, COSEM_ENUM, v->session->level == SPODES_CONFIGURATOR || (class_id == CLASS_CLOCK && m == 6));
    }
}

static bool is_listed(struct spodes_view *v, const struct spodes_object *o)
{
    return is_visible(v, o) && o->level <= v->session->level;
}

static uint32_t count_listed(struct spodes_view *v)
{
    uint32_t count = 0;
    struct obis obis;
    for (size_t i = 0; i < OBJECTS; i++)
        count += is_listed(v, &objects[i]);
    for (size_t i = 0; v->session->level > SPODES_PUBLIC && spodes_profile_at(v, i, &obis); i++)
        count++;
    return count;
}

static void put_object(struct spodes_view *v, uint32_t n, struct writer *w)
{
    for (size_t i = 0; i < OBJECTS; i++) {
        const struct spodes_object *o = &objects[i];
        if (!is_listed(v, o))
            continue;
        if (n-- == 0) {
            put_listed(v, o->class_id, o->version, o->obis, o, o->attributes, o->methods, w);
            return;
        }
    }
    struct obis obis;
    if (spodes_profile_at(v, n, &obis))
        put_listed(v, CLASS_PROFILE, 1, obis, NULL, 8, 0, w);
}

/* --- reading ---------------------------------------------------------------------------------------------------------------- */

void spodes_resolve(struct spodes_view *v, const struct cosem_reference *what, struct spodes_value *ret)
{
    memset(ret, 0, offsetof(struct spodes_value, entry));
    ret->attribute = what->index;
    ret->wall = v->wall;
    ret->profile = spodes_profile_find(v, what->obis);
    if (ret->profile) {
        spodes_profile_resolve(v, what, ret);
        return;
    }
    const struct spodes_object *o = object_find(v, what->obis);
    ret->object = o;
    if (!o)
        ret->code = COSEM_OBJECT_UNDEFINED;
    else if (o->class_id != what->class_id)
        ret->code = COSEM_CLASS_INCONSISTENT;
    else if (what->index < 1 || what->index > o->attributes)
        ret->code = COSEM_OBJECT_UNDEFINED; /* dlms.md 12: unknown attribute 4 */
    else if (v->session->level < o->level)
        ret->code = COSEM_READ_WRITE_DENIED;
    else if (what->selective)
        ret->code = COSEM_OTHER_REASON;
    bool list = o && o->class_id == CLASS_ASSOCIATION && what->index == 2;
    ret->pieces = ret->code != COSEM_SUCCESS ? 0 : list ? 1 + count_listed(v) : 1;
}

void spodes_piece(struct spodes_view *v, struct spodes_value *value, uint32_t piece, struct writer *w)
{
    if (value->profile)
        spodes_profile_piece(v, value, piece, w);
    else if (value->object->class_id != CLASS_ASSOCIATION || value->attribute != 2)
        get_attribute(v, value->object, value->attribute, w);
    else if (piece == 0)
        put_cosem_array(w, value->pieces - 1);
    else
        put_object(v, piece - 1, w);
}

/* --- writing ---------------------------------------------------------------------------------------------------------------- */

enum { JOURNAL_CORRECTION = 3, JOURNAL_SWITCHING = 2, JOURNAL_CLOCKS = 13 };

static void move_clock(struct spodes_view *v, int64_t to)
{
    enum { CLOCK_SET = 3 };
    int64_t before = v->wall;
    v->m->clock_shift_s += to - before;
    v->wall = to;
    spodes_note(v, JOURNAL_CORRECTION, CLOCK_SET, v->session->client);
    spodes_note(v, JOURNAL_CLOCKS, 0, before);
}

static uint8_t set_clock(struct spodes_view *v, const struct cosem_data *d)
{
    struct cosem_date_time t;
    if (!cosem_date_time(d, &t) || cosem_date_time_wall(&t) == WALL_NONE)
        return COSEM_TYPE_UNMATCHED;
    move_clock(v, cosem_date_time_wall(&t));
    return COSEM_SUCCESS;
}

static uint8_t set_mode(struct spodes_view *v, const struct cosem_data *d)
{
    int64_t mode;
    if (d->type != COSEM_ENUM || !cosem_integer(d, &mode) || (mode > 6 && (mode < 129 || mode > 134)))
        return COSEM_TYPE_UNMATCHED;
    v->s->mode = (int32_t)mode;
    return COSEM_SUCCESS;
}

static uint8_t set_limit(struct spodes_view *v, const struct cosem_data *d)
{
    int64_t limit;
    if (!cosem_integer(d, &limit) || limit < 0 || limit > UINT32_MAX)
        return COSEM_TYPE_UNMATCHED;
    v->s->limit_w = (uint32_t)limit;
    return COSEM_SUCCESS;
}

static uint8_t set_point(struct spodes_view *v, const struct cosem_data *d)
{
    struct bytes text;
    if (!cosem_text(d, &text) || text.size > sizeof v->s->point)
        return COSEM_TYPE_UNMATCHED;
    if (text.size)
        memcpy(v->s->point, text.data, text.size);
    v->s->point_size = (uint8_t)text.size;
    return COSEM_SUCCESS;
}

/* The reader's password (spodes.md 1.1). */
static uint8_t set_password(struct spodes_view *v, const struct cosem_data *d)
{
    struct bytes text;
    if (!cosem_text(d, &text) || text.size > sizeof v->s->password.data)
        return COSEM_TYPE_UNMATCHED;
    if (text.size)
        memcpy(v->s->password.data, text.data, text.size);
    v->s->password.size = (uint8_t)text.size;
    return COSEM_SUCCESS;
}

static uint8_t clear_causes(struct spodes_view *v, const struct cosem_data *d)
{
    int64_t flags;
    if (!cosem_integer(d, &flags))
        return COSEM_TYPE_UNMATCHED;
    v->s->alarms_cleared = v->wall;
    return COSEM_SUCCESS;
}

/* What may be written; `noted` is the code in the journal of programming (spodes.md 5.4), 0: the setter notes itself. */
static const struct setter {
    uint16_t class_id;
    struct obis obis;
    int8_t attribute;
    uint8_t noted;
    uint8_t (*set)(struct spodes_view *, const struct cosem_data *);
} setters[] = {
    { CLASS_CLOCK, OBIS(0, 0, 1, 0, 0, 255), 2, 0, set_clock },
    { CLASS_DISCONNECT, OBIS(0, 0, 96, 3, 10, 255), 4, 50, set_mode },
    { CLASS_LIMITER, OBIS(0, 0, 17, 0, 0, 255), 3, 19, set_limit },
    { CLASS_LIMITER, OBIS(0, 0, 17, 0, 0, 255), 4, 19, set_limit },
    { CLASS_DATA, OBIS(0, 0, 96, 1, 10, 255), 2, 15, set_point },
    { CLASS_ASSOCIATION, OBIS(0, 0, 40, 0, 2, 255), 7, 13, set_password },
    { CLASS_DATA, OBIS(0, 0, 97, 98, 20, 255), 2, 70, clear_causes },
};

uint8_t spodes_write(struct spodes_view *v, const struct cosem_reference *what, struct bytes data)
{
    for (size_t i = 0; i < sizeof setters / sizeof *setters; i++) {
        const struct setter *s = &setters[i];
        if (!obis_equal(s->obis, what->obis) || s->attribute != what->index)
            continue;
        if (s->class_id != what->class_id)
            return COSEM_CLASS_INCONSISTENT;
        if (v->session->level != SPODES_CONFIGURATOR)
            return COSEM_READ_WRITE_DENIED;
        struct cosem_reader r = cosem_reader_over(data);
        struct cosem_data d = cosem_take(&r);
        uint8_t code = cosem_done(&r) ? s->set(v, &d) : COSEM_TYPE_UNMATCHED;
        if (code == COSEM_SUCCESS && s->noted)
            spodes_note(v, JOURNAL_CORRECTION, s->noted, v->session->client);
        return code;
    }
    bool known = object_find(v, what->obis) || spodes_profile_find(v, what->obis);
    return known ? COSEM_READ_WRITE_DENIED : COSEM_OBJECT_UNDEFINED;
}

/* --- methods ---------------------------------------------------------------------------------------------------------------- */

static uint8_t switch_signal(struct spodes_view *v, unsigned number, int method)
{
    uint8_t bit = (uint8_t)(1u << (number - 1));
    v->s->signals_off = (uint8_t)(method == 1 ? v->s->signals_off | bit : v->s->signals_off & ~bit);
    return COSEM_SUCCESS;
}

/* Transitions a, b, c and d of dlms.md 10.1: mode 0 never acts; 1, 3, 5 and 6 only permit, the consumer connects. */
static uint8_t switch_relay(struct spodes_view *v, int method)
{
    enum { REMOTE_OFF = 3, REMOTE_ON = 4, PERMITTED = 5 };
    int32_t mode = v->s->mode;
    if (v->s->lock > 0)
        return COSEM_READ_WRITE_DENIED;
    bool direct = mode == 2 || mode == 4 || mode == 130 || mode == 132 || mode == 133;
    if (mode == 0)
        return COSEM_OTHER_REASON;
    if (method == 1) {
        v->m->relay_off = true;
        v->s->relay_ready = false;
        spodes_note(v, JOURNAL_SWITCHING, REMOTE_OFF, v->session->client);
    } else if (v->m->relay_off && direct) {
        v->m->relay_off = false;
        spodes_note(v, JOURNAL_SWITCHING, REMOTE_ON, v->session->client);
    } else if (v->m->relay_off) {
        v->s->relay_ready = true;
        spodes_note(v, JOURNAL_SWITCHING, PERMITTED, v->session->client);
    }
    return COSEM_SUCCESS;
}

/* 1 to the quarter, 3 to the minute, 6 by -900..900 s. */
static uint8_t adjust_clock(struct spodes_view *v, int method, struct bytes data)
{
    enum { SHIFT_MOST = 900, QUARTER = 900, MINUTE = 60 };
    struct cosem_reader r = cosem_reader_over(data);
    struct cosem_data d = cosem_take(&r);
    int64_t shift;
    if (method == 1 || method == 3) {
        int64_t grid = method == 1 ? QUARTER : MINUTE;
        move_clock(v, (v->wall + grid / 2) / grid * grid);
        return COSEM_SUCCESS;
    }
    if (method != 6)
        return COSEM_OBJECT_UNDEFINED;
    if (d.type != COSEM_INT16 || !cosem_done(&r) || !cosem_integer(&d, &shift))
        return COSEM_TYPE_UNMATCHED;
    if (shift < -SHIFT_MOST || shift > SHIFT_MOST)
        return COSEM_OTHER_REASON;
    move_clock(v, v->wall + shift);
    return COSEM_SUCCESS;
}

uint8_t spodes_invoke(struct spodes_view *v, const struct cosem_reference *what, struct bytes data, struct writer *returned)
{
    (void)returned;
    const struct spodes_object *o = object_find(v, what->obis);
    bool configurator = v->session->level == SPODES_CONFIGURATOR;
    if (!o)
        return spodes_profile_find(v, what->obis) ? COSEM_READ_WRITE_DENIED : COSEM_OBJECT_UNDEFINED;
    if (o->class_id != what->class_id)
        return COSEM_CLASS_INCONSISTENT;
    if (what->index < 1 || what->index > o->methods)
        return COSEM_OBJECT_UNDEFINED;
    if (o->class_id == CLASS_CLOCK)
        return configurator || (v->session->level == SPODES_READER && what->index == 6) ? adjust_clock(v, what->index, data) : COSEM_READ_WRITE_DENIED;
    if (!configurator)
        return COSEM_READ_WRITE_DENIED;
    if (o->class_id == CLASS_DISCONNECT && o->argument)
        return switch_signal(v, o->argument, what->index);
    return o->class_id == CLASS_DISCONNECT ? switch_relay(v, what->index) : COSEM_READ_WRITE_DENIED;
}
