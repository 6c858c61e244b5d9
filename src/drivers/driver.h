/* What a family of meters is to the rest of the house: one const struct at the end of one file.
 *
 * A driver is straight-line dialogue over a conversation (link/conversation.h): ask, take, emit. It never sees a socket,
 * a timer or a thread, never allocates from lengths on the wire, never logs, never touches the database. Adding a family
 * is adding its file; the linker collects the list. */
#pragma once
#include "base/cursor.h"
#include "link/address.h"
#include "link/conversation.h"
#include "meter/reading.h"
#include "wire/explain.h"

enum resource { RESOURCE_ELECTRICITY, RESOURCE_WATER, RESOURCE_HEAT, RESOURCE_GAS, RESOURCE_MIXED };

/* --- parameters: what an installer types in ----------------------------------------------------------------------- */

enum parameter_kind {
    PARAMETER_NUMBER, /* int32_t in the settings */
    PARAMETER_TEXT,   /* char[size] */
    PARAMETER_BYTES,  /* struct setting_bytes: "hex:30303030" or text as it is */
    PARAMETER_CHOICE, /* int32_t: index of the word in `choices` */
};

/* Passwords and keys: at most 96 bytes, the x || y of a P-384 key. */
struct setting_bytes {
    uint8_t size;
    uint8_t data[96];
};

/* What it is about, for forms. */
enum parameter_part { PART_MAIN, PART_ADDRESS, PART_ACCESS, PART_EXCHANGE, PART_SECURITY, PARAMETER_PARTS };

/* What is usual over a kind of channel (manual S3, table 3). */
struct advice {
    enum link_kind channel;
    const char *value;        /* NULL: it depends on the meter, as `text` says. NULL with an empty text ends a list */
    struct phrase text;       /* where to learn it; may be empty beside a value */
};

struct parameter {
    const char *name;         /* "password" */
    enum parameter_kind kind;
    uint16_t offset, size;    /* of the field in the driver's settings */
    const char *preset;       /* value when none is given */
    int32_t least, most;      /* PARAMETER_NUMBER */
    const char *const *choices; /* PARAMETER_CHOICE, NULL-terminated */
    bool secret;              /* never shown, never logged */
    enum parameter_part part;
    const char *when;         /* only where this parameter, a choice, is none of `when_not`; NULL: always */
    const char *const *when_not;
    bool address;             /* which meter of a line is meant: what a line's address override replaces */
    const struct advice *advice; /* NULL: none */
    struct phrase title, help;
};

#define PARAMETER(settings, field) .offset = offsetof(struct settings, field), .size = sizeof(((struct settings *)0)->field)

struct driver;

/* Fills `settings` (driver->settings_size bytes) with the presets and then with "name=value;name=value". False with the
 * reason for a person in `problem`; the settings are then not to be used. Values may not contain ';'. */
bool parameters_read(const struct driver *d, const char *text, enum lang lang, void *settings, struct text *problem);

/* Parameters that every driver takes beside its own: how long to wait for an answer, how often to ask, the line's speed and format,
 * when its clock is corrected. Ends with a NULL name. */
extern const struct parameter parameters_common[];

/* Whether the text says anything of the parameter. */
bool parameters_tell(const char *text, const char *name);

/* The driver's timing with what the text says of it. */
struct timing parameters_timing(const struct driver *d, const char *text);

/* The driver's speed and format with what the text says of them; *ret_given: it says something. */
struct line parameters_line(const struct driver *d, const char *text, bool *ret_given);

/* From which clock error on this meter's clock is corrected, seconds; `usual` when the text says nothing. */
int parameters_clock(const struct driver *d, const char *text, int usual);

/* The parameters of a session that commands: where the text has a second password, the driver's second access with it, in `a`;
 * otherwise the text itself. */
const char *parameters_second(const struct driver *d, const char *text, struct arena *a);

/* Words of parameters_common for speeds and formats; NULL behind the last. */
extern const char *const parameters_speeds[], *const parameters_formats[];

/* Rules between parameters, after parameters_read of the same text. `whole`: all that the driver will be told is there; else only
 * contradictions count, not what is missing. False: *ret_name is the parameter to blame, the reason for a person in `problem`. */
bool parameters_rules(const struct driver *d, const char *text, const void *settings, bool whole, enum lang lang, const char **ret_name, struct text *problem);

/* --- what is wanted and what is said ------------------------------------------------------------------------------ */

/* What to read now. Archives with a grid: the intervals of `span` (on the meter's wall clock) are owed. Journals: events
 * from span.from on. Current archives: span does not matter. */
struct want {
    struct span span;
    int64_t now;      /* what the meter's clock should show */
    enum archive archive;
    uint8_t tariffs;  /* registers of tariffs 1..tariffs beside the total */
};

/* The record being emitted: archive, moment and quality that its values share. */
struct record {
    struct sink *out;
    int64_t wall;
    enum archive archive;
    uint16_t step;     /* seconds, for profile and hour */
    uint8_t quality;
};

/* One value of the record; its unit from the OBIS table (meter/quantity.h). */
void emit(const struct record *r, struct obis obis, struct decimal value);

/* The same with a unit of its own, for what OBIS does not say. */
void emit_in(const struct record *r, struct obis obis, struct decimal value, enum unit unit);

/* The meter has no such value for this record (QUALITY_MISSING): crosses the debt off. */
void emit_missing(const struct record *r, struct obis obis);

enum relay_action { RELAY_OFF, RELAY_ON };

/* --- search -------------------------------------------------------------------------------------------------------*/

/* A search on a bus at one speed and format, under way. */
struct scan {
    int from, to;                /* addresses to try, by the family's own numbers */
    bool everything;             /* slow ways too */
    /* The driver tells: how far it is (false: stop), and what it found: parameters "address=26" with which `svod read`
     * finds it again, and what it said of itself. */
    bool (*progress)(struct scan *, int done, int total);
    void (*found)(struct scan *, const char *parameters, const char *serial, const char *type);
};

/* --- the driver ---------------------------------------------------------------------------------------------------*/

/* A model or maker the family is known to cover, for the list of what is supported and for the driver's own quirks. */
struct model {
    const char *name, *maker;
    const char *note;   /* NULL or what differs */
    const void *quirks; /* the driver's own row */
};

struct driver {
    const char *name;   /* "mercury230" */
    struct phrase title;
    const char *sheet;  /* where the facts come from */
    enum resource resource;
    struct line line;   /* usual serial settings */
    struct timing timing;
    const struct model *models;         /* ends with a NULL name */
    const struct parameter *parameters; /* ends with a NULL name */
    const char *second;                 /* parameters of its second access level, whose password is "password2"; NULL: none */
    bool carries;                       /* other meters answer over its link: a hub, a concentrator */
    bool (*rules)(const char *text, const void *settings, bool whole, enum lang lang, const char **ret_name, struct text *problem); /* NULL: none */
    size_t settings_size, state_size;
    size_t memo_size;                   /* what the driver likes to remember of a meter between conversations */

    /* Begins and ends the meter's session. `open` sets FAULT_PASSWORD when refused and never tries twice. `close` also
     * runs after faults and must not wait long. */
    void (*open)(struct conversation *c);
    void (*close)(struct conversation *c);

    /* Serial number, type, versions: emits facts. */
    void (*identify)(struct conversation *c, struct sink *out);

    /* The serial number only, for who knows the rest already; NULL where that saves nothing. */
    void (*who)(struct conversation *c, struct sink *out);

    /* Reads what is wanted of one archive; NULL where the family has none. May emit before a fault: what was emitted
     * counts. An interval the meter does not have is emitted as missing. */
    void (*read[ARCHIVE_COUNT])(struct conversation *c, const struct want *w, struct sink *out);

    struct {
        /* The meter's wall time; WALL_NONE with a fault. */
        int64_t (*read)(struct conversation *c);
        /* Moves the clock by `seconds` the gentle way; FAULT_CLOCK_LIMIT when beyond what the meter allows. */
        void (*correct)(struct conversation *c, int seconds);
        /* Sets the clock; may break profiles. */
        void (*set)(struct conversation *c, int64_t wall);
        int limit_seconds; /* largest gentle correction; 0: none */
        int step_seconds;  /* what it tells is a multiple of; 0: 1 */
    } clock;

    struct {
        /* Relay 0 is the load's, 1..signals those of signals or the outputs of a module. Emits its states under the codes of meter/relay.h, as of `now`;
         * none when the meter has no such relay. */
        void (*read)(struct conversation *c, int number, int64_t now, struct sink *out);
        void (*operate)(struct conversation *c, int number, enum relay_action action);
        int signals;
    } relay;

    /* Looks for meters on the line; runs with default settings, resets faults itself. */
    void (*scan)(struct conversation *c, struct scan *s);

    /* True when bytes are surely a frame of this family; and the frame explained. `settings` may hold keys. */
    bool (*looks)(struct bytes frame);
    void (*explain)(struct explain *e, struct bytes frame, const void *settings);
};

/* At the end of the driver's file: DRIVER(mercury230) = { ... }; */
#define DRIVER(id)                                                                                   \
    static const struct driver driver_##id;                                                          \
    __attribute__((used, section("drivers"))) static const struct driver *const entry_##id = &driver_##id; \
    static const struct driver driver_##id

/* All drivers, in the linker's order; `driver_find` by name, NULL when there is none. */
size_t drivers_count(void);
const struct driver *driver_at(size_t i);
const struct driver *driver_find(const char *name);
