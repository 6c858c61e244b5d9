/* What a life uses: energies, volume, heat. docs/simulators.md sections 2 and 3, whose letters are used here.
 *
 * No loop over history: the weight of all days before a day is a sum in closed form, so a register costs the same on
 * the first day and after fifty years. */
#include "sim/life.h"

#include "sim/life_draw.h"

enum { FIRST_YEAR = 2020, FIRST_DAY = 18262 /* 2020-01-01 */, LAST_DAY = 47482 /* 2100-01-01 */, SLOTS = 48, SLOT_PARTS = 256 };

static int64_t first_moment(void)
{
    return day_wall(FIRST_DAY);
}

/* Registers stand still from here on: far enough for anybody, and near enough for 64-bit products. */
static int64_t last_moment(void)
{
    return day_wall(LAST_DAY);
}

/* How one kind of consumer spreads its use over hours, months and weekdays. */
struct habit {
    int16_t hours[2][24]; /* workday, weekend */
    int16_t months[12];   /* percent of the nominal day */
    int8_t weekdays[7];   /* added to the month's percent, Monday first */
    uint8_t vacation;     /* taken from it while nobody is at home */
};

enum habit_kind { FLAT, HOUSE, SHOP, PLANT, SOLAR, WATER, HEAT };

static const struct habit habits[] = {
    [FLAT] = {
        .hours = { { 30, 22, 20, 20, 20, 24, 40, 62, 60, 45, 40, 42, 46, 44, 42, 46, 56, 76, 96, 104, 100, 90, 70, 46 },
                   { 36, 26, 22, 20, 20, 20, 26, 38, 58, 72, 74, 72, 72, 70, 66, 64, 68, 80, 94, 100, 98, 90, 74, 52 } },
        .months = { 118, 114, 106, 98, 90, 84, 82, 84, 94, 104, 112, 118 },
        .weekdays = { 0, 0, 0, 0, 2, 12, 14 },
        .vacation = 60,
    },
    [HOUSE] = {
        .hours = { { 60, 56, 54, 54, 56, 60, 72, 80, 70, 60, 56, 56, 58, 56, 56, 60, 70, 84, 96, 100, 96, 88, 76, 66 },
                   { 62, 58, 54, 52, 52, 54, 60, 68, 80, 88, 88, 84, 82, 80, 78, 78, 82, 90, 98, 100, 96, 90, 80, 70 } },
        .months = { 170, 160, 135, 100, 70, 50, 46, 48, 66, 100, 135, 160 },
        .weekdays = { 0, 0, 0, 0, 4, 10, 10 },
        .vacation = 30,
    },
    [SHOP] = {
        .hours = { { 20, 20, 20, 20, 20, 22, 30, 50, 80, 100, 104, 106, 106, 106, 106, 106, 104, 104, 100, 96, 80, 50, 28, 22 },
                   { 20, 20, 20, 20, 20, 20, 22, 30, 52, 90, 104, 110, 112, 112, 110, 106, 102, 98, 88, 70, 44, 28, 22, 20 } },
        .months = { 104, 102, 100, 96, 94, 98, 104, 104, 96, 96, 102, 108 },
        .weekdays = { 0, 0, 0, 0, 6, 8, -10 },
    },
    [PLANT] = {
        .hours = { { 60, 60, 60, 60, 60, 62, 70, 92, 108, 112, 112, 108, 100, 110, 112, 110, 104, 92, 84, 80, 76, 72, 66, 62 },
                   { 60, 60, 60, 60, 60, 60, 60, 62, 64, 66, 66, 66, 64, 66, 66, 66, 64, 62, 60, 60, 60, 60, 60, 60 } },
        .months = { 108, 106, 104, 100, 94, 92, 88, 90, 98, 104, 108, 110 },
        .weekdays = { 10, 12, 12, 12, 8, -30, -40 },
    },
    [SOLAR] = {
        .hours = { { 0, 0, 0, 0, 1, 4, 12, 26, 44, 62, 78, 88, 94, 92, 84, 72, 56, 38, 22, 10, 3, 0, 0, 0 },
                   { 0, 0, 0, 0, 1, 4, 12, 26, 44, 62, 78, 88, 94, 92, 84, 72, 56, 38, 22, 10, 3, 0, 0, 0 } },
        .months = { 20, 45, 90, 130, 165, 180, 175, 150, 110, 65, 28, 14 },
    },
    [WATER] = {
        .hours = { { 4, 2, 1, 1, 2, 8, 40, 70, 60, 40, 34, 34, 36, 34, 30, 32, 40, 56, 80, 96, 92, 80, 50, 16 },
                   { 8, 3, 1, 1, 1, 3, 10, 24, 52, 80, 84, 76, 70, 60, 54, 52, 56, 64, 76, 84, 80, 72, 50, 22 } },
        .months = { 98, 100, 100, 102, 102, 98, 90, 92, 100, 104, 106, 104 },
        .weekdays = { 0, 0, 0, 0, 0, 10, 14 },
        .vacation = 60,
    },
    [HEAT] = {
        .hours = { { 4, 2, 1, 1, 2, 8, 40, 70, 60, 40, 34, 34, 36, 34, 30, 32, 40, 56, 80, 96, 92, 80, 50, 16 },
                   { 8, 3, 1, 1, 1, 3, 10, 24, 52, 80, 84, 76, 70, 60, 54, 52, 56, 64, 76, 84, 80, 72, 50, 22 } },
        .months = { 210, 195, 160, 90, 0, 0, 0, 0, 0, 95, 160, 200 },
    },
};

/* Tariff of each hour, by the serial number's zone. */
static const uint8_t zones[2][24] = {
    { 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2 },
    { 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 3, 3, 4, 4, 4, 3, 3, 1, 1, 1, 1, 3, 3, 2 },
};

/* One register's nature: whose habit, how much on a nominal day, which dice. */
struct use {
    const struct habit *habit;
    int64_t mean;     /* Wh, varh or litres on a day of weight 100 */
    uint32_t channel; /* of the salts */
};

enum { CHANNEL_WATER = 4 };

static const uint8_t *zone_of(uint32_t serial)
{
    return zones[life_draw(serial, SALT_ZONE, 0, 100) < 15];
}

static enum habit_kind consumer_of(uint32_t serial)
{
    int64_t percent = life_draw(serial, SALT_CLASS, 0, 100);
    return percent < 70 ? FLAT : percent < 88 ? HOUSE : percent < 97 ? SHOP : PLANT;
}

static int64_t consumer_mean(uint32_t serial, enum habit_kind kind)
{
    static const struct {
        int32_t least, spread;
    } means[] = { [FLAT] = { 4000, 8000 }, [HOUSE] = { 15000, 35000 }, [SHOP] = { 50000, 150000 }, [PLANT] = { 150000, 450000 } };
    return means[kind].least + life_draw(serial, SALT_MEAN, 0, means[kind].spread);
}

static struct use use_of(uint32_t serial, enum life_channel channel)
{
    enum habit_kind kind = consumer_of(serial);
    struct use u = { .habit = &habits[kind], .channel = channel };
    if (channel == LIFE_A_MINUS) {
        bool exports = life_draw(serial, SALT_EXPORT, 0, 100) < 4;
        u.habit = &habits[SOLAR];
        u.mean = exports ? 5000 + life_draw(serial, SALT_SOLAR_MEAN, 0, 25000) : 0;
        return u;
    }
    u.mean = consumer_mean(serial, kind);
    if (channel == LIFE_R_PLUS)
        u.mean = u.mean * (15 + life_draw(serial, SALT_R_PLUS, 0, 35)) / 100;
    else if (channel == LIFE_R_MINUS)
        u.mean = u.mean * life_draw(serial, SALT_R_MINUS, 0, 8) / 100;
    return u;
}

static struct use water_of(uint32_t serial)
{
    return (struct use){ &habits[WATER], 200 + life_draw(serial, SALT_WATER_MEAN, 0, 600), CHANNEL_WATER };
}

/* Heat throws the water's dice, so that heat and volume rise and fall together and the temperatures make sense. */
static struct use heat_of(uint32_t serial)
{
    return (struct use){ &habits[HEAT], 15 * water_of(serial).mean, CHANNEL_WATER };
}

/* A day of the life: D counts from 2020-01-01. */
struct day {
    int64_t number;
    struct civil date;
    int weekday; /* 0 = Monday */
};

static struct day day_of(int64_t number)
{
    return (struct day){
        .number = number,
        .date = civil_of_wall((FIRST_DAY + number) * DAY_SECONDS),
        .weekday = (int)((number + 2) % 7), /* 2020-01-01 was a Wednesday */
    };
}

static struct day day_after(struct day d)
{
    d.number++;
    d.weekday = (d.weekday + 1) % 7;
    if (++d.date.day > days_in_month(d.date.year, d.date.month)) {
        d.date.day = 1;
        if (++d.date.month > 12) {
            d.date.month = 1;
            d.date.year++;
        }
    }
    return d;
}

/* Days of vacation before the day; with `today`, whether the day itself is one. */
static int64_t vacation_before(uint32_t serial, struct day d, bool *today)
{
    int64_t days = 7 + life_draw(serial, SALT_VACATION_DAYS, 0, 15);
    int64_t july = wall_day(wall_from_fields(d.date.year, 7, 1, 0, 0, 0)) - FIRST_DAY;
    int64_t gone = d.number - july - life_draw(serial, SALT_VACATION_START, d.date.year, 40);
    *today = gone >= 0 && gone < days;
    return (d.date.year - FIRST_YEAR) * days + (gone < 0 ? 0 : gone > days ? days : gone);
}

/* w(D): the day's weight, 100 = nominal. */
static int64_t weight(uint32_t serial, const struct habit *h, struct day d)
{
    bool vacation = false;
    if (h->vacation && d.date.month >= 7 && d.date.month <= 8)
        vacation_before(serial, d, &vacation);
    return h->months[d.date.month - 1] + h->weekdays[d.weekday] - (vacation ? h->vacation : 0);
}

/* Sum of the months' percents over all days before the day. */
static int64_t season_before(const struct habit *h, struct day d)
{
    static const uint8_t length[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int64_t years = d.date.year - FIRST_YEAR, leap_days = (d.date.year - 1) / 4 - (FIRST_YEAR - 1) / 4;
    int64_t year = 0, this_year = 0;
    for (int m = 1; m <= 12; m++) {
        if (m == d.date.month)
            this_year = year;
        year += length[m - 1] * h->months[m - 1];
    }
    if (d.date.month > 2 && d.date.year % 4 == 0)
        leap_days++;
    return years * year + leap_days * h->months[1] + this_year + (d.date.day - 1) * h->months[d.date.month - 1];
}

static int64_t weekdays_before(const struct habit *h, struct day d)
{
    int64_t week = 0, rest = 0;
    for (int i = 0; i < 7; i++) {
        if (i == d.number % 7)
            rest = week;
        week += h->weekdays[(i + 2) % 7];
    }
    return d.number / 7 * week + rest;
}

/* W(D): the weights of all days before the day. */
static int64_t weight_before(uint32_t serial, const struct habit *h, struct day d)
{
    bool today;
    int64_t vacations = h->vacation ? vacation_before(serial, d, &today) * h->vacation : 0;
    return season_before(h, d) + weekdays_before(h, d) - vacations;
}

/* Sums of the weights of each tariff's half-hours; index 0 is the sum of them all. */
struct shares {
    int64_t of[LIFE_TARIFFS + 1];
};

/* Over the day's half-hours before `slot`. */
static struct shares shares_before(const int16_t hours[24], const uint8_t *zone, int slot)
{
    struct shares s = { { 0 } };
    for (int hour = 0; hour < slot / 2; hour++)
        s.of[zone[hour]] += 2 * hours[hour];
    if (slot % 2)
        s.of[zone[slot / 2]] += hours[slot / 2];
    s.of[0] = s.of[1] + s.of[2] + s.of[3] + s.of[4];
    return s;
}

/* What is the same for every tariff of one question. */
struct moment {
    uint32_t serial;
    const struct use *use;
    const uint8_t *zone;
    const int16_t *hours; /* of the day */
    struct day day;
    int slot;             /* half-hour of the day, 0..47 */
    int64_t second;       /* inside the half-hour */
    struct shares nominal, whole, gone; /* of a workday; of this day; of this day before the half-hour */
};

/* C_T(D): a tariff's register at the day's first second. `before` is W(D), `today` w(D). */
static int64_t frozen(const struct moment *m, int tariff, int64_t number, int64_t before, int64_t today)
{
    if (number <= 0)
        return 0;
    int64_t portion = m->use->mean * m->nominal.of[tariff], all = m->nominal.of[0];
    int64_t most = 1 + 2 * portion * today / (500 * all);
    return portion * before / (100 * all) +
           life_draw(m->serial, SALT_DAY + m->use->channel, 8 * number + tariff, most);
}

/* What a half-hour has taken from the one before it, which is of the same tariff, in 1/256 of the weights. */
static int64_t taken_early(const struct moment *m, int slot)
{
    bool inside = slot > 0 && slot < SLOTS && m->zone[(slot - 1) / 2] == m->zone[slot / 2];
    int64_t most = inside ? 1 + m->hours[slot / 2] * SLOT_PARTS / 2 : 0;
    return inside ? life_draw(m->serial, SALT_SLOT + m->use->channel, SLOTS * m->day.number + slot, most) : 0;
}

/* What of `whole`, the tariff's use on the day, is used at the moment. */
static int64_t used_in_day(const struct moment *m, int tariff, int64_t whole)
{
    int64_t full = SLOT_PARTS * m->whole.of[tariff], gone = SLOT_PARTS * m->gone.of[tariff];
    if (full == 0)
        return 0;
    if (m->zone[m->slot / 2] != tariff)
        return whole * gone / full;
    int64_t from = whole * (gone + taken_early(m, m->slot)) / full;
    int64_t end = gone + SLOT_PARTS * m->hours[m->slot / 2] + taken_early(m, m->slot + 1);
    return from + (whole * end / full - from) * m->second / HALF_HOUR_SECONDS;
}

static struct moment moment_of(uint32_t serial, const struct use *u, int64_t since)
{
    struct moment m = { .serial = serial, .use = u, .zone = zone_of(serial), .day = day_of(since / DAY_SECONDS) };
    bool weekend = m.day.weekday >= 5;
    m.hours = u->habit->hours[weekend];
    m.slot = (int)(since % DAY_SECONDS / HALF_HOUR_SECONDS);
    m.second = since % HALF_HOUR_SECONDS;
    m.nominal = shares_before(u->habit->hours[0], m.zone, SLOTS);
    if (since % DAY_SECONDS == 0)
        return m;
    m.whole = weekend ? shares_before(m.hours, m.zone, SLOTS) : m.nominal;
    m.gone = shares_before(m.hours, m.zone, m.slot);
    return m;
}

/* The register of one tariff, or of all of them together, at a moment. */
static int64_t used(uint32_t serial, const struct use *u, int tariff, int64_t wall)
{
    if (wall <= first_moment() || u->mean == 0)
        return 0;
    int64_t since = (wall < last_moment() ? wall : last_moment()) - first_moment();
    bool inside = since % DAY_SECONDS != 0;
    struct moment m = moment_of(serial, u, since);
    struct day next = day_after(m.day);
    int64_t before = weight_before(serial, u->habit, m.day), today = weight(serial, u->habit, m.day);
    int64_t tomorrow = inside ? weight(serial, u->habit, next) : 0;
    int64_t sum = 0;
    for (int t = 1; t <= LIFE_TARIFFS; t++) {
        if (m.nominal.of[t] == 0 || (tariff != 0 && tariff != t))
            continue;
        int64_t from = frozen(&m, t, m.day.number, before, today);
        sum += from;
        if (inside)
            sum += used_in_day(&m, t, frozen(&m, t, next.number, before + today, tomorrow) - from);
    }
    return sum;
}

int64_t life_energy(uint32_t serial, enum life_channel channel, int tariff, int64_t wall)
{
    struct use u = use_of(serial, channel);
    return used(serial, &u, tariff, wall);
}

int life_tariff(uint32_t serial, int64_t wall)
{
    return zone_of(serial)[(wall - wall_day_start(wall)) / HOUR_SECONDS];
}

int64_t life_volume_l(uint32_t serial, int64_t wall)
{
    struct use u = water_of(serial);
    return used(serial, &u, 0, wall);
}

int64_t life_heat_wh(uint32_t serial, int64_t wall)
{
    struct use u = heat_of(serial);
    return used(serial, &u, 0, wall);
}
