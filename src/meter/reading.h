/* What meters tell us: readings, events, states and facts. The same records from the driver to the report.
 *
 * Everything that arrives, by poll, push, file or import, goes through one `struct sink`. */
#pragma once
#include "base/decimal.h"
#include "meter/archive.h"
#include "meter/obis.h"
#include "meter/unit.h"

/* What a reader must know about a value besides its number; bits may combine. A value without a bit is plainly valid. */
enum quality {
    QUALITY_VALID = 0,
    QUALITY_MISSING = 1,    /* the meter itself says that it has no such value: the number means nothing */
    QUALITY_PARTIAL = 2,    /* the interval was not measured whole (power cut, initialisation) */
    QUALITY_CLOCK = 4,      /* the meter's clock was doubtful or set during the interval */
    QUALITY_OVERFLOW = 8,
    QUALITY_ESTIMATED = 16, /* computed by us, not measured */
    QUALITY_METER = 32,     /* the meter marks the value as suspect for a reason of its own */
};

/* Where a reading came from. */
enum origin { ORIGIN_POLL, ORIGIN_PUSH, ORIGIN_IMPORT, ORIGIN_MANUAL, ORIGIN_COMPUTED };

/* One value. 40 bytes; kept small because batches hold thousands. */
struct reading {
    struct obis obis;
    int64_t wall;          /* the meter's wall time; see archive.h for which moment of an interval */
    struct decimal value;  /* in `unit`, no prefix: Wh, not kWh */
    uint16_t step;         /* seconds of the interval for ARCHIVE_PROFILE and ARCHIVE_HOUR, else 0 */
    uint8_t archive;       /* enum archive */
    uint8_t unit;          /* enum unit */
    uint8_t quality;       /* enum quality bits */
    uint8_t origin;        /* enum origin */
};

/* A reading as a row of a CSV file, without the line's end; the same wherever a file is made. Returns `line`. */
#define READING_CSV_HEAD "archive;time;obis;value;unit;quality"
enum { READING_CSV_MAX = 192 };
char *reading_csv(const struct reading *r, char line[READING_CSV_MAX]);

/* One record of a meter's journal. `text` is what the meter sent beside the code, may be empty. */
struct event {
    uint16_t journal;      /* enum journal (events.h) */
    uint16_t code;         /* enum-free: meaning is the journal's, see event_text() */
    int64_t wall;
    uint32_t detail;       /* channel, count or mask; 0 when none */
};

/* A thing that is kept as changes: a relay, an input, a status word. */
struct state {
    struct obis obis;
    int64_t wall;          /* when the meter says it changed, or when it was read */
    int64_t value;
};

/* What a meter says of itself. */
enum fact_kind {
    FACT_SERIAL, FACT_TYPE, FACT_MAKER, FACT_FIRMWARE, FACT_PRODUCED, FACT_PROTOCOL_VERSION, FACT_LOGICAL_NAME,
    FACT_ADDRESS, FACT_RATIO_CURRENT, FACT_RATIO_VOLTAGE, FACT_CONSTANT, FACT_STATUS, FACT_COUNT
};

/* Stable name ("serial") and title for people («Заводской номер»). */
const char *fact_name(enum fact_kind k);
const char *fact_title(enum fact_kind k, enum lang lang);

/* The only way in. Implementations copy what they keep; nothing passed outlives the call. */
struct sink {
    void (*reading)(struct sink *, const struct reading *);
    void (*event)(struct sink *, const struct event *);
    void (*state)(struct sink *, const struct state *);
    void (*fact)(struct sink *, enum fact_kind, const char *utf8);
};

static inline void emit_reading(struct sink *out, const struct reading *r)
{
    out->reading(out, r);
}

static inline void emit_event(struct sink *out, const struct event *e)
{
    out->event(out, e);
}

static inline void emit_state(struct sink *out, struct obis obis, int64_t wall, int64_t value)
{
    struct state s = { .obis = obis, .wall = wall, .value = value };
    out->state(out, &s);
}

static inline void emit_fact(struct sink *out, enum fact_kind kind, const char *utf8)
{
    out->fact(out, kind, utf8);
}
