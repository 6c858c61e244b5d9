/* The life of simulated meters: what must hold for every serial number, and agreement with tests/support/truth.py, which
 * is written from docs/simulators.md apart from the C code. */
#include "sim/life.h"
#include "tap.h"

#include <stdlib.h>
#include <unistd.h>

/* A plain generator for the test's own random points. */
static uint64_t seed = 20261121;

static int64_t any(int64_t limit)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)((seed >> 33) % (uint64_t)limit);
}

static int64_t any_wall(void)
{
    int64_t from = wall_parse("2019-12-30"), to = wall_parse("2101-01-05");
    int64_t wall = any(10) == 0 ? from + any(to - from) : wall_parse("2024-01-01") + any(4 * 366 * (int64_t)DAY_SECONDS);
    switch (any(3)) {
    case 0: return wall_day_start(wall);
    case 1: return wall - wall % HALF_HOUR_SECONDS;
    default: return wall;
    }
}

static uint32_t any_serial(void)
{
    return any(4) == 0 ? (uint32_t)any(1LL << 31) * 2 + (uint32_t)any(2) : 10000000 + (uint32_t)any(1000);
}

static int64_t grown(uint32_t serial, enum life_channel channel, int tariff, int64_t from, int64_t to)
{
    return life_energy(serial, channel, tariff, to) - life_energy(serial, channel, tariff, from);
}

static void test_sums(void)
{
    int wrong_tariffs = 0, wrong_slots = 0, backwards = 0, foreign = 0;
    for (int i = 0; i < 3000; i++) {
        uint32_t serial = any_serial();
        enum life_channel channel = (enum life_channel)any(LIFE_CHANNELS);
        int64_t wall = any_wall(), day = wall_day_start(wall), sum = 0;
        for (int t = 1; t <= LIFE_TARIFFS; t++)
            sum += life_energy(serial, channel, t, wall);
        wrong_tariffs += sum != life_energy(serial, channel, 0, wall);
        sum = 0;
        for (int64_t slot = day; slot < day + DAY_SECONDS; slot += HALF_HOUR_SECONDS) {
            int64_t step = grown(serial, channel, 0, slot, slot + HALF_HOUR_SECONDS);
            sum += step;
            backwards += step < 0;
            foreign += step != grown(serial, channel, life_tariff(serial, slot), slot, slot + HALF_HOUR_SECONDS);
        }
        wrong_slots += sum != grown(serial, channel, 0, day, day + DAY_SECONDS);
    }
    is_int(wrong_tariffs, 0, "the total is the sum of the tariffs");
    is_int(wrong_slots, 0, "a day is the sum of its half-hours");
    is_int(backwards, 0, "no half-hour is negative");
    is_int(foreign, 0, "only the tariff in force grows");
}

static void test_monotone(void)
{
    int backwards = 0, curved = 0;
    for (int i = 0; i < 20000; i++) {
        uint32_t serial = any_serial();
        enum life_channel channel = (enum life_channel)any(LIFE_CHANNELS);
        int64_t a = any_wall(), b = a + any(40 * DAY_SECONDS), slot = a - a % HALF_HOUR_SECONDS;
        int tariff = (int)any(LIFE_TARIFFS + 1);
        backwards += grown(serial, channel, tariff, a, b) < 0;
        backwards += life_volume_l(serial, b) < life_volume_l(serial, a) || life_heat_wh(serial, b) < life_heat_wh(serial, a);
        int64_t half = grown(serial, channel, 0, slot, slot + 900), whole = grown(serial, channel, 0, slot, slot + 1800);
        curved += half != whole / 2;
    }
    is_int(backwards, 0, "registers never run backwards");
    is_int(curved, 0, "inside a half-hour use is even");
    is_int(life_energy(10000001, LIFE_A_PLUS, 0, wall_parse("2020-01-01")), 0, "registers begin at zero");
    is_int(life_energy(10000001, LIFE_A_PLUS, 0, WALL_NONE), 0, "at no moment there is nothing");
    is_int(grown(10000001, LIFE_A_PLUS, 0, wall_parse("2100-01-01"), INT64_MAX), 0, "the end of time is bearable");
}

static void test_plausible(void)
{
    int64_t july = wall_parse("2026-07-15"), january = wall_parse("2026-01-15"), least = INT64_MAX, most = 0;
    int exporters = 0, heated = 0, strange = 0;
    for (uint32_t serial = 10000000; serial < 10001000; serial++) {
        int64_t year = grown(serial, LIFE_A_PLUS, 0, wall_parse("2025-01-01"), wall_parse("2026-01-01")) / 1000;
        least = year < least ? year : least;
        most = year > most ? year : most;
        exporters += life_energy(serial, LIFE_A_MINUS, 0, july) > 0;
        heated += life_heat_wh(serial, july + DAY_SECONDS) != life_heat_wh(serial, july);
        strange += life_heat_wh(serial, january + DAY_SECONDS) <= life_heat_wh(serial, january);
        for (int phase = 1; phase <= 3; phase++) {
            int64_t wall = january + serial % DAY_SECONDS, u = life_voltage_mv(serial, phase, wall);
            int64_t va = u * life_current_ma(serial, phase, wall) / 1000000, s = life_apparent_va(serial, phase, wall);
            int64_t p = life_power_w(serial, phase, wall);
            strange += u < 180000 || u > 270000 || va < s - 2 || va > s;
            strange += life_current_ma(serial, phase, wall) > 120000;
            strange += llabs(llabs(p) - s * life_cosine_milli(serial, phase, wall) / 1000) > s / 900 + 1;
        }
        strange += abs(life_clock_error_s(serial, wall_parse("2026-01-31 23:59"))) > 62;
    }
    ok(least > 1000 && least < 3000, "the smallest flat uses %lld kWh a year", (long long)least);
    ok(most > 100000 && most < 400000, "the largest plant uses %lld kWh a year", (long long)most);
    ok(exporters > 20 && exporters < 60, "%d of a thousand export", exporters);
    is_int(heated, 0, "nobody heats in July");
    is_int(strange, 0, "voltages, currents, powers and clocks fit each other");
}

static void test_events(void)
{
    int wrong = 0, seen = 0;
    for (uint32_t serial = 10000000; serial < 10000200; serial++) {
        struct life_event newer, e, again;
        int64_t wall = wall_parse("2026-11-21");
        if (!life_event_before(serial, JOURNAL_POWER, wall, 0, &newer))
            continue;
        for (int n = 1; life_event_before(serial, JOURNAL_POWER, wall, n, &e); n++, seen++) {
            wrong += e.begin >= newer.begin || e.end <= e.begin || e.end >= newer.begin;
            wrong += !life_event_before(serial, JOURNAL_POWER, e.begin + 1, 0, &again) || again.begin != e.begin || again.end != WALL_NONE;
            wrong += !life_event_before(serial, JOURNAL_POWER, newer.begin, 0, &again) || again.begin != e.begin;
            newer = e;
        }
    }
    ok(seen > 10000, "%d power cuts", seen);
    is_int(wrong, 0, "events are in order, end before the next and can be asked for from any moment");
    struct life_event e;
    ok(!life_event_before(1, JOURNAL_POWER, wall_parse("2020-01-01"), 0, &e), "nothing happened before the life began");
    ok(!life_event_before(1, JOURNAL_SPODES, wall_parse("2026-01-01"), 0, &e), "kinds that do not happen");
}

/* --- the same numbers from another hand --------------------------------------------------------------------------- */

struct answer {
    char question[96], value[64];
};

static void ask_network(struct answer *a, uint32_t serial, int64_t wall)
{
    static int64_t (*const values[])(uint32_t, int, int64_t) = { life_voltage_mv, life_current_ma, life_power_w,
                                                                 life_reactive_var, life_apparent_va, life_cosine_milli };
    static const char *const names[] = { "voltage", "current", "power", "reactive", "apparent", "cosine" };
    int i = (int)any(6), phase = (int)any(4);
    snprintf(a->question, sizeof a->question, "%s %u %d %lld", names[i], serial, phase, (long long)wall);
    snprintf(a->value, sizeof a->value, "%lld", (long long)values[i](serial, phase, wall));
}

static int64_t plain_value(int i, uint32_t serial, int64_t wall)
{
    switch (i) {
    case 0: return life_frequency_mhz(serial, wall);
    case 1: return life_temperature_c(serial, wall);
    case 2: return life_volume_l(serial, wall);
    case 3: return life_heat_wh(serial, wall);
    case 4: return life_flow_lh(serial, wall);
    case 5: return life_flow_temperature_cc(serial, wall);
    case 6: return life_return_temperature_cc(serial, wall);
    case 7: return life_clock_error_s(serial, wall);
    default: return life_tariff(serial, wall);
    }
}

static void ask_plain(struct answer *a, uint32_t serial, int64_t wall)
{
    static const char *const names[] = { "frequency", "temperature", "volume", "heat", "flow", "flow_temperature",
                                         "return_temperature", "clock_error", "tariff" };
    int i = (int)any(9);
    snprintf(a->question, sizeof a->question, "%s %u %lld", names[i], serial, (long long)wall);
    snprintf(a->value, sizeof a->value, "%lld", (long long)plain_value(i, serial, wall));
}

static void ask_event(struct answer *a, uint32_t serial, int64_t wall)
{
    static const uint16_t journals[] = { 1, 2, 3, 6, 7, 9, 10, 11, 12, 13, 20, 25, 34, 38, 42, 50, 51, 52, 99 };
    uint16_t journal = journals[any(sizeof journals / sizeof *journals)];
    int n = (int)any(12);
    struct life_event e;
    bool found = life_event_before(serial, journal, wall, n, &e);
    snprintf(a->question, sizeof a->question, "event %u %u %d %lld", serial, journal, n, (long long)wall);
    if (!found)
        strcpy(a->value, "-");
    else if (e.end == WALL_NONE)
        snprintf(a->value, sizeof a->value, "%lld -", (long long)e.begin);
    else
        snprintf(a->value, sizeof a->value, "%lld %lld", (long long)e.begin, (long long)e.end);
}

static void ask_energy(struct answer *a, uint32_t serial, int64_t wall)
{
    enum life_channel channel = (enum life_channel)any(LIFE_CHANNELS);
    int tariff = (int)any(LIFE_TARIFFS + 1);
    snprintf(a->question, sizeof a->question, "energy %u %u %d %lld", serial, channel, tariff, (long long)wall);
    snprintf(a->value, sizeof a->value, "%lld", (long long)life_energy(serial, channel, tariff, wall));
}

static void test_truth(void)
{
    enum { POINTS = 20000 };
    static struct answer answers[POINTS];
    char name[] = "/tmp/svod-truth-XXXXXX", command[128], line[64];
    FILE *questions = fdopen(mkstemp(name), "w");
    for (int i = 0; i < POINTS; i++) {
        int64_t kind = any(10), wall = any_wall();
        uint32_t serial = any_serial();
        (kind < 6 ? ask_energy : kind < 7 ? ask_network : kind < 9 ? ask_plain : ask_event)(&answers[i], serial, wall);
        fprintf(questions, "%s\n", answers[i].question);
    }
    fclose(questions);
    snprintf(command, sizeof command, "python3 tests/support/truth.py --batch < %s", name);
    FILE *truth = popen(command, "r");
    int wrong = 0, read = 0;
    for (; read < POINTS && fgets(line, sizeof line, truth); read++) {
        line[strcspn(line, "\n")] = '\0';
        if (strcmp(line, answers[read].value) != 0 && wrong++ < 5)
            printf("# %s: C %s, truth %s\n", answers[read].question, answers[read].value, line);
    }
    is_int(pclose(truth), 0, "truth.py runs");
    unlink(name);
    is_int(read, POINTS, "truth.py answers everything");
    is_int(wrong, 0, "two hands, one life");
}

int main(void)
{
    test_sums();
    test_monotone();
    test_plausible();
    test_events();
    if (system("python3 -c '' 2>/dev/null") == 0)
        test_truth();
    else
        ok(1, "two hands, one life # SKIP no python3");
    return tap_done();
}
