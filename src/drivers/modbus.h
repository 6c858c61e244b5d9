/* Modbus devices as tables: a map says which register holds what and what becomes of it; the engine groups neighbours into
 * requests, finds its way around holes, and speaks RTU or TCP. A model is a map (modbus_modules.c); nothing here knows one. */
#pragma once
#include "drivers/driver.h"
#include "wire/modbus.h"

/* --- maps --------------------------------------------------------------------------------------------------------- */

/* What a row's value becomes. */
enum modbus_becomes {
    MODBUS_READING = 1, /* a reading of the row's archive */
    MODBUS_STATE,       /* a state, kept as changes; of a mask, one for each channel */
    MODBUS_OUTPUT,      /* the state of relay n, which is switched through `write` */
    MODBUS_HEALTH,      /* a channel's status word, a state too: while it is not 0, readings of that channel are missing */
    MODBUS_FACT,        /* what the device says of itself */
};

/* How an output is switched. */
enum modbus_write {
    MODBUS_NOT_WRITTEN,
    MODBUS_BY_COIL,     /* function 05 at write_address + n */
    MODBUS_BY_COILS,    /* function 15 with one bit at write_address + n, for devices without 05 */
    MODBUS_BY_MASK,     /* the mask is read, changed and written to write_address by function 16 */
};

/* One row: `channels` values alike, `step` addresses apart. Channel n of a reading or state is group B of its OBIS code. */
struct modbus_row {
    enum modbus_becomes becomes;
    enum archive archive;       /* of MODBUS_READING */
    uint8_t function;           /* 01..04: where it is read */
    uint16_t address;           /* zero-based, of the first channel */
    enum modbus_type type;
    enum modbus_order order;
    uint8_t channels;           /* 0: one value */
    uint8_t first;              /* number of the first channel */
    uint8_t step;               /* from channel to channel; 0: side by side. A mask holds all its channels */
    uint8_t length;             /* registers of a text */
    uint8_t fraction;           /* so many registers further a float that is added to the value; 0: none */
    struct obis obis;
    struct decimal scale;       /* the integer is multiplied by this; 0: by one */
    uint32_t over;              /* and divided by this, rounded to the scale's exponent; 0: by one */
    enum unit unit;             /* where it is not the one of the OBIS code; 0: it is */
    bool measured;              /* a measured value whose quantity the installer says (struct modbus_settings.measures) */
    int32_t absent;             /* an integer that means «no value»; 0: none does */
    enum modbus_write write;
    uint16_t write_address;
    enum fact_kind fact;
};

/* A holding register that must hold a value before the device works as the map says; a table's addresses follow one another. */
struct modbus_setup {
    uint16_t address, value;
};

enum { MODBUS_SIGNATURES = 2 };

/* A value of an archive's record: whole numbers of 32 bits, the channels one behind the other. */
struct modbus_archive_row {
    uint16_t at;             /* byte of the record */
    enum modbus_type type;
    uint8_t channels;        /* 0: one value; else channel 1.. in group B of the code */
    struct obis obis;
    struct decimal scale;    /* mantissa 0 ends the rows */
    enum unit unit;
    uint8_t before;          /* channels of the code that come before the first */
    bool fraction;           /* a float behind each whole number is added to it */
};

/* An archive that function 65 gives record by record. */
struct modbus_archive {
    enum archive archive;
    uint16_t number, size;   /* its number, bytes of a record; size 0 ends the list */
    uint16_t state_at;       /* byte of the record's own state; 0: it has none */
    const struct modbus_archive_row *rows;
};

struct modbus_map {
    const struct modbus_row *rows, *facts; /* end with a row that becomes nothing; facts may be NULL */
    const char *signatures[MODBUS_SIGNATURES]; /* FACT_TYPE must begin with one of them; NULL: cannot be checked */
    uint8_t registers_most;  /* of one request; 0: MODBUS_REGISTERS_MOST */
    uint8_t hole;            /* so many unused registers between two values may be read over */
    uint16_t stride;         /* module n of a composite device begins at n * stride (struct modbus_settings.position) */
    const struct modbus_setup *setup; /* ends with address 0; may be NULL */
    struct modbus_setup setup_done;   /* written after a change of the others */
    const struct modbus_archive *archives; /* NULL: none */
};

/* OBIS codes of what modules tell, with channel n in group B. Groups D from 128 on are a manufacturer's own; here ours. */
#define MODBUS_INPUT OBIS(0, 0, 96, 3, 1, 255)        /* state of a discrete input: 1 closed */
#define MODBUS_PULSES OBIS(0, 0, 96, 128, 0, 255)     /* pulse counter, as the module counts */
#define MODBUS_FREQUENCY OBIS(0, 0, 96, 129, 0, 255)  /* frequency at an input */
#define MODBUS_MEASURED OBIS(0, 0, 96, 130, 0, 255)   /* analog input, in what its set-up says */
#define MODBUS_TEMPERATURE OBIS(0, 0, 96, 9, 0, 255)
#define MODBUS_SUPPLY OBIS(0, 0, 96, 131, 0, 255)     /* supply voltage of the module */
#define MODBUS_CHANNEL_STATUS OBIS(0, 0, 97, 97, 0, 255)

/* --- the engine --------------------------------------------------------------------------------------------------- */

enum modbus_measures { MODBUS_MEASURES_TEMPERATURE, MODBUS_MEASURES_OTHER };

/* The settings of a driver that uses the engine. */
struct modbus_settings {
    int32_t address;  /* unit, 1..255 */
    int32_t model;    /* which of the driver's models; their quirks are maps */
    int32_t framing;  /* enum modbus_framing */
    int32_t measures; /* enum modbus_measures */
    int32_t position; /* of a module in a composite device, from 1 */
    char pulses[512]; /* what the inputs count: modbus_pulse_find */
};

/* What one input counts: the reading is initial + pulses * weight. */
struct modbus_pulse {
    struct obis obis;               /* channel in group B */
    struct decimal weight, initial; /* in the unit of the OBIS code */
};

/* Finds the channel in "1:cold:0.01:125.3,2:heat:1": channel, cold, hot, gas (m³), heat or electricity (kWh), worth of a pulse,
 * and what the meter showed when the counter stood at zero. False when it is not there. */
bool modbus_pulse_find(const char *pulses, uint8_t channel, struct modbus_pulse *ret);

/* False when the text is not of this form or names a channel twice or above `channels`; then the word is in `wrong`. */
bool modbus_pulses_valid(const char *pulses, int channels, struct text *wrong);

enum { MODBUS_ITEMS_MAX = 128, MODBUS_POOL = 1024 };

/* One value of a map being read: where it lies, and where its bytes are kept. */
struct modbus_item {
    const struct modbus_row *row;
    uint16_t address, size; /* in bits or registers */
    uint16_t place;         /* in the pool */
    uint8_t channel;
    bool got;
};

/* A driver's state. */
struct modbus_state {
    uint16_t transaction;
    uint8_t unit;            /* instead of the settings', during a search; 0: theirs */
    uint16_t patience_ms;    /* likewise; 0: usual */
    uint8_t exception;       /* of the last answer */
    bool checked;            /* the signature, in this session */
    uint16_t count, used;
    struct modbus_item items[MODBUS_ITEMS_MAX];
    uint8_t pool[MODBUS_POOL];
};

/* driver->open: writes the set-up that the map demands, where it is another. */
void modbus_open(struct conversation *c, const struct modbus_map *map);

/* driver->identify: facts; FAULT_WRONG_METER when the signature is another. Nothing for maps without facts. */
void modbus_identify(struct conversation *c, const struct modbus_map *map, struct sink *out);

/* driver->read of the archive: current, network, state. FAULT_NOT_SUPPORTED when the device has none of it. */
void modbus_read(struct conversation *c, const struct modbus_map *map, enum archive archive, const struct want *w, struct sink *out);

/* driver->read of hours, days and months by function 65. FAULT_NOT_SUPPORTED when the map has no such archive. */
void modbus_archive_read(struct conversation *c, const struct modbus_map *map, const struct want *w, struct sink *out);

/* driver->relay. The signature is looked at once before a session's first switching. */
void modbus_relay_read(struct conversation *c, const struct modbus_map *map, int number, int64_t now, struct sink *out);
void modbus_relay_operate(struct conversation *c, const struct modbus_map *map, int number, enum relay_action action);

/* True when somebody answers at the unit, in whatever way; `type` and `serial` are what it says by these facts, "" when
 * nothing. Clears faults. */
enum { MODBUS_TEXT_MAX = 68 };
bool modbus_probe(struct conversation *c, const struct modbus_row *facts, uint8_t unit, char type[MODBUS_TEXT_MAX], char serial[MODBUS_TEXT_MAX]);

/* True when the type is one of the map's. */
bool modbus_signed(const struct modbus_map *map, const char *type);

/* The engine as functions of one driver: modbus_driver_open and so on, over the maps of its table of models. Modbus has no
 * sessions, so nothing is closed. */
#define MODBUS_CALLS(models) \
    static const struct modbus_map *modbus_driver_map(struct conversation *c) \
    { \
        return models[((const struct modbus_settings *)conversation_settings(c))->model].quirks; \
    } \
    static void modbus_driver_open(struct conversation *c) \
    { \
        modbus_open(c, modbus_driver_map(c)); \
    } \
    static void modbus_driver_close(struct conversation *c) \
    { \
        (void)c; \
    } \
    static void modbus_driver_identify(struct conversation *c, struct sink *out) \
    { \
        modbus_identify(c, modbus_driver_map(c), out); \
    } \
    static void modbus_driver_current(struct conversation *c, const struct want *w, struct sink *out) \
    { \
        modbus_read(c, modbus_driver_map(c), ARCHIVE_CURRENT, w, out); \
    } \
    static void modbus_driver_network(struct conversation *c, const struct want *w, struct sink *out) \
    { \
        modbus_read(c, modbus_driver_map(c), ARCHIVE_NETWORK, w, out); \
    } \
    static void modbus_driver_states(struct conversation *c, const struct want *w, struct sink *out) \
    { \
        modbus_read(c, modbus_driver_map(c), ARCHIVE_STATE, w, out); \
    } \
    static void modbus_driver_explain(struct explain *e, struct bytes frame, const void *settings) \
    { \
        (void)settings; \
        modbus_explain(e, frame); \
    } \
    static const char *const modbus_driver_framings[] = { "rtu", "tcp", NULL }

/* The parameter that every such driver has. */
#define MODBUS_FRAMING_PARAMETER \
    { .name = "framing", .kind = PARAMETER_CHOICE, PARAMETER(modbus_settings, framing), .preset = "rtu", .choices = modbus_driver_framings, \
      .part = PART_EXCHANGE, .title = { { "Кадры", "Framing" } }, \
      .help = { { "rtu — и по линии, и через преобразователь TCP; tcp — Modbus TCP", "rtu: on a line and through a TCP converter; tcp: Modbus TCP" } } }

/* --- inside ------------------------------------------------------------------------------------------------------- */

/* Asks; the data of the answer, empty after a fault or an exception (state->exception). */
struct bytes modbus_ask(struct conversation *c, const struct modbus_request *r);

/* Reads the rows that `wanted` chooses into state->items, in the order of the rows. What the device does not have stays
 * without `got`. */
typedef bool modbus_choice(const struct modbus_row *row, int argument);
void modbus_fetch(struct conversation *c, const struct modbus_map *map, const struct modbus_row *rows, modbus_choice *wanted, int argument);

/* How far a module of a composite device lies from the addresses of its map; facts are the whole device's. */
uint16_t modbus_shift(struct conversation *c, const struct modbus_map *map);

/* The kept bytes of an item. */
struct cursor modbus_kept(const struct modbus_state *s, const struct modbus_item *i);
