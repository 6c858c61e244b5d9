/* One meter of the simulated world: its birth, its clock, its troubles, and an answer with all of them. What fleets and
 * buses share; the meter itself is described in twin.h. */
#pragma once
#include "base/text.h"
#include "sim/twin.h"

/* The clock of a simulated world. Zero: real time. */
struct sim_clock {
    int64_t shift_s; /* added to the machine's UTC; when stopped: the UTC moment itself */
    bool stopped;    /* time stands still, for tests */
    bool exact;      /* meters' clocks do not drift */
};

/* Seconds of UTC since 1970 in that world. */
int64_t sim_clock_utc_s(const struct sim_clock *c);

/* Moves the world so that it is `wall` now in a zone `zone_minutes` east of UTC. */
void sim_clock_set(struct sim_clock *c, int64_t wall, int zone_minutes);

/* What the meter's own clock shows now: true time, drift, and what corrections added. */
int64_t sim_meter_wall(const struct sim_meter *m, const struct sim_clock *c);

/* The troubles of a whole population: what each meter suffers, and thousandths of the meters that are hit for good. */
struct sim_troubles {
    struct sim_faults each;
    uint16_t dead, refuse;
};

/* Reads "silent=10,noise=5,wrong_sum=5,cut=5,restart=1,slow=200,refuse=3,dead=20": thousandths, `slow` in milliseconds;
 * "dead" and "refuse" alone mean every meter. False with the reason in `problem`; *ret untouched then. */
bool sim_troubles_parse(const char *text, enum lang lang, struct sim_troubles *ret, struct text *problem);

/* What the meter with that serial number suffers of them. */
struct sim_faults sim_troubles_of(const struct sim_troubles *t, uint32_t serial);

/* How meters of a population are born. */
struct sim_birth {
    const struct twin *twin;
    uint32_t serial, address;
    int32_t zone_minutes;
    const char *options; /* stays the caller's, which outlives the meter */
    struct sim_faults faults;
};

/* A meter with its state, one piece of memory; free() ends it. */
struct sim_meter *sim_meter_new(const struct sim_birth *birth);

/* Lets the meter answer one whole request, and does to the answer what its faults command (but for `slow_ms`, which is the
 * caller's to wait). `session` is the twin's session memory. What is to be sent lies in `memory`; empty when nothing is:
 * silence, a restart, a request that nobody answers, an answer that does not fit `room`. */
struct bytes sim_meter_answer(struct sim_meter *m, void *session, struct bytes frame, const struct sim_clock *clock,
                              void *memory, size_t room);
