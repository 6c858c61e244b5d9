/* The deterministic life of a simulated meter: what it used, measured and suffered at any moment.
 *
 * Everything is a pure integer function of the serial number and the wall time, described in docs/simulators.md so that
 * anyone can recompute any reading (tests/support/truth.py does). Energies at any two moments differ by exactly what the
 * intervals between them hold; the sum over tariffs is the total. Lives begin on 2020-01-01 with registers at zero. */
#pragma once
#include "base/civil.h"
#include "meter/events.h"

enum life_channel { LIFE_A_PLUS, LIFE_A_MINUS, LIFE_R_PLUS, LIFE_R_MINUS, LIFE_CHANNELS };

enum { LIFE_TARIFFS = 4 };

/* Register in Wh or varh at the moment; tariff 0 is the total, 1..4 the tariffs (1: 07..23 h, 2: 23..07 h; 3 and 4 are in
 * use for serial numbers whose zone has four: see the document). Before the life begins: 0. Linear inside a half-hour. */
int64_t life_energy(uint32_t serial, enum life_channel channel, int tariff, int64_t wall);

/* Tariff in force at the moment, 1..4. */
int life_tariff(uint32_t serial, int64_t wall);

/* Instantaneous values. Units: mV, mA, W, var, VA, thousandths (cos φ), thousandths of a hertz, whole degrees Celsius.
 * Phases 1..3. Phase 0 is the sum for P, Q, S, cos φ of the sums, and the current that the sum would draw from phase 1:
 * a single-phase meter, through which the whole load goes, measures phase 0. P and Q are constant inside a half-hour, and
 * negative while more is exported than used. */
int64_t life_voltage_mv(uint32_t serial, int phase, int64_t wall);
int64_t life_current_ma(uint32_t serial, int phase, int64_t wall);
int64_t life_power_w(uint32_t serial, int phase, int64_t wall);
int64_t life_reactive_var(uint32_t serial, int phase, int64_t wall);
int64_t life_apparent_va(uint32_t serial, int phase, int64_t wall);
int64_t life_cosine_milli(uint32_t serial, int phase, int64_t wall);
int64_t life_frequency_mhz(uint32_t serial, int64_t wall);
int life_temperature_c(uint32_t serial, int64_t wall);

/* Water and heat: volume in litres and heat in Wh at the moment, cumulative like energies; flow in l/h, temperatures in
 * hundredths of °C. */
int64_t life_volume_l(uint32_t serial, int64_t wall);
int64_t life_heat_wh(uint32_t serial, int64_t wall);
int64_t life_flow_lh(uint32_t serial, int64_t wall);
int life_flow_temperature_cc(uint32_t serial, int64_t wall);
int life_return_temperature_cc(uint32_t serial, int64_t wall);

/* How far the meter's clock is from the true time if never corrected, seconds (positive: fast): a drift of -2..+2 s a
 * day from the first of the month. */
int life_clock_error_s(uint32_t serial, int64_t wall);

/* The n-th newest event before `wall` in one of the kinds JOURNAL_POWER, JOURNAL_CLOCK, JOURNAL_COVER, JOURNAL_PHASE_A..C,
 * JOURNAL_PROGRAMMING, JOURNAL_RELAY, JOURNAL_U_MAX_A..., n from 0. An event has a beginning and an end. False when the
 * life has fewer. */
struct life_event {
    int64_t begin, end; /* end: WALL_NONE while it lasts and for things without duration */
};
bool life_event_before(uint32_t serial, enum journal kind, int64_t wall, int n, struct life_event *ret);
