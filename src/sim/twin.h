/* A simulated meter that speaks one family's protocol: the twin of a driver, written from the fact sheet and not from
 * the driver. It shares with the driver only the framing and coding of wire/. */
#pragma once
#include "base/civil.h"
#include "base/cursor.h"
#include "sim/life.h"
#include "wire/frame.h"

/* Faults on demand, counted or always. Rates are in thousandths of the answers; which answers they hit is a function of
 * the meter's serial and how many it has given. */
struct sim_faults {
    uint16_t silent;       /* no answer */
    uint16_t noise;        /* a few random bytes before the answer */
    uint16_t wrong_sum;    /* one bit of the answer turned over */
    uint16_t cut;          /* the answer stops in the middle */
    uint16_t restart;      /* the meter restarts instead of answering: its session is lost */
    uint32_t slow_ms;      /* every answer comes this much later */
    bool refuse_password;
    bool dead;             /* never answers */
};

struct twin;

/* One meter of the simulated world. */
struct sim_meter {
    const struct twin *twin;
    uint32_t serial;
    uint32_t address;        /* in the family's own sense; 0 behind its own TCP address: `addressed` is not asked then and
                                the meter answers as whoever it was called */
    int32_t zone_minutes;
    int64_t clock_shift_s;   /* what clock corrections have added to the drifting clock */
    bool relay_off;
    uint32_t answers;        /* given so far */
    struct sim_faults faults;
    const char *options;     /* "name=value;..." for the twin, may be NULL */
    void *state;             /* twin->meter_size bytes, zeroed at birth */
};

struct twin {
    const char *name;        /* of the driver whose meters it plays */
    size_t meter_size;       /* state of a meter that survives its sessions */
    size_t session_size;     /* state of a session: a TCP connection, or the meter's side of a bus */
    uint32_t turnaround_us;  /* how long a real one thinks before answering on a line */
    struct {
        uint32_t baud;
        uint8_t bits, stop;
        char parity;
    } line;
    frame_finder *find;      /* of requests; called with a NULL context */
    /* Prepares m->state; may be NULL. */
    void (*born)(struct sim_meter *m);
    /* True when a frame heard on a bus concerns this meter. NULL: every frame does (TCP). */
    bool (*addressed)(const struct sim_meter *m, struct bytes frame);
    /* Answers one whole request: writes what goes on the wire (one frame, several, or nothing). `wall` is what the meter's
     * own clock shows now. `session` is zeroed when a connection opens and after a restart. */
    void (*answer)(struct sim_meter *m, void *session, struct bytes frame, int64_t wall, struct writer *out);
};

/* At the end of the twin's file: TWIN(mercury230) = { ... }; */
#define TWIN(id)                                                                               \
    static const struct twin twin_##id;                                                        \
    __attribute__((used, section("twins"))) static const struct twin *const twin_entry_##id = &twin_##id; \
    static const struct twin twin_##id

/* All twins; `twin_find` by name, NULL when there is none. */
size_t twins_count(void);
const struct twin *twin_at(size_t i);
const struct twin *twin_find(const char *name);
