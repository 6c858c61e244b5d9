/* Records of the variable data structure (EN 13757-3; mbus.md 7) and the two counters of the fixed one (8).
 *
 *   DIF [DIFE...] | VIF [VIFE...] [text] | data
 *   DIF  E S FF DDDD   E more follow, S lowest bit of the storage number, FF function, DDDD coding of the data
 *   DIFE E U TT SSSS   subunit, tariff and storage bits, the lowest first
 *   VIF  E VVVVVVV     quantity and power of ten; FB and FD open further tables
 *
 * Values come in base units without prefixes: Wh, J, m3, W, m3/h, kg, s, bar. Shared by wired and wireless M-Bus. */
#pragma once
#include "base/civil.h"
#include "base/decimal.h"
#include "base/text.h"
#include "meter/unit.h"
#include "wire/mbus.h"

enum { MBUS_EXTENSIONS_MAX = 10, MBUS_TELEGRAM_RECORDS_MAX = 128 };

enum mbus_quantity {
    MBUS_UNKNOWN,
    MBUS_ENERGY, MBUS_VOLUME, MBUS_MASS, MBUS_ON_TIME, MBUS_OPERATING_TIME, MBUS_POWER, MBUS_VOLUME_FLOW,
    MBUS_MASS_FLOW, MBUS_FLOW_TEMPERATURE, MBUS_RETURN_TEMPERATURE, MBUS_TEMPERATURE_DIFFERENCE,
    MBUS_EXTERNAL_TEMPERATURE, MBUS_PRESSURE, MBUS_DATE, MBUS_DATE_TIME, MBUS_COST_UNITS, MBUS_AVERAGING,
    MBUS_ACTUALITY, MBUS_FABRICATION_NUMBER, MBUS_IDENTIFICATION, MBUS_BUS_ADDRESS, MBUS_PLAIN_TEXT, MBUS_ANY,
    MBUS_VENDOR,
    /* table FD */
    MBUS_CREDIT, MBUS_DEBIT, MBUS_ACCESS_NUMBER, MBUS_MEDIUM, MBUS_MAKER, MBUS_PARAMETER_SET, MBUS_MODEL,
    MBUS_HARDWARE_VERSION, MBUS_FIRMWARE_VERSION, MBUS_SOFTWARE_VERSION, MBUS_CUSTOMER_LOCATION, MBUS_CUSTOMER,
    MBUS_ACCESS_CODE, MBUS_PASSWORD, MBUS_ERROR_FLAGS, MBUS_ERROR_MASK, MBUS_DIGITAL_OUTPUT, MBUS_DIGITAL_INPUT,
    MBUS_BAUD, MBUS_RESPONSE_DELAY, MBUS_RETRY, MBUS_STORAGE_FIRST, MBUS_STORAGE_LAST, MBUS_STORAGE_SIZE,
    MBUS_STORAGE_INTERVAL, MBUS_SINCE_READOUT, MBUS_TARIFF_START, MBUS_TARIFF_DURATION, MBUS_TARIFF_PERIOD,
    MBUS_DIMENSIONLESS, MBUS_VOLTAGE, MBUS_CURRENT, MBUS_RESET_COUNTER, MBUS_CUMULATION_COUNTER, MBUS_CONTROL_SIGNAL,
    MBUS_WEEKDAY, MBUS_WEEK, MBUS_DAY_CHANGE, MBUS_PARAMETER_ACTIVATION, MBUS_SUPPLIER_INFORMATION,
    MBUS_SINCE_CUMULATION, MBUS_BATTERY_TIME, MBUS_BATTERY_CHANGE, MBUS_BATTERY_LEFT,
    /* table FB */
    MBUS_HUMIDITY, MBUS_TEMPERATURE_LIMIT, MBUS_CUMULATED_MAXIMUM,
};

/* What a VIF says; from the tables of mbus_vif.c. Value = number on the wire x scale, in `unit`. */
struct mbus_meaning {
    enum mbus_quantity quantity;
    uint8_t unit;               /* enum unit; UNIT_OTHER when `symbol` names it */
    const char *symbol;         /* of units without a number of their own ("kg/h"); NULL: unit_symbol(unit) */
    struct decimal scale;
    bool moment;                /* the data is a date or time, not a number */
    const struct phrase *title;
};

/* Meanings of one byte of the primary table, FB and FD; its bit 7 does not matter. MBUS_UNKNOWN for reserved codes. */
struct mbus_meaning mbus_vif_primary(uint8_t vif);
struct mbus_meaning mbus_vif_fb(uint8_t vif);
struct mbus_meaning mbus_vif_fd(uint8_t vif);

/* The same for the six unit bits of the fixed structure. `historic` tells that the counter is the other one's value at
 * the due date. */
struct mbus_meaning mbus_fixed_unit(uint8_t unit, bool *historic);

/* What a VIFE does to its record. */
enum mbus_effect {
    MBUS_VIFE_UNKNOWN,
    MBUS_VIFE_ERROR,     /* 00..1F: the meter says what is wrong with the value */
    MBUS_VIFE_ALTERS,    /* the value is no longer the plain quantity: a rate, a limit, a duration */
    MBUS_VIFE_MOMENT,    /* the value is a date or time that concerns the quantity */
    MBUS_VIFE_FORWARD, MBUS_VIFE_BACKWARD,
    MBUS_VIFE_BASE,      /* at base conditions */
    MBUS_VIFE_PLAIN,     /* says nothing that changes the value's place */
    MBUS_VIFE_MULTIPLY,  /* x 10^(n-6) */
    MBUS_VIFE_ADD,       /* + 10^(n-3) */
    MBUS_VIFE_THOUSAND,  /* x 1000 */
    MBUS_VIFE_SECOND,    /* the next VIFE is of the second table */
    MBUS_VIFE_VENDOR,    /* this and what follows is the maker's own */
};

struct mbus_vife {
    uint8_t code, mask;      /* the row holds for (vife & mask) == code */
    uint8_t effect;          /* enum mbus_effect */
    struct phrase title;
};

/* The row of a VIFE, bit 7 not looked at; never NULL. */
const struct mbus_vife *mbus_vife_row(uint8_t vife);

/* Phase 1..3, 4 for neutral, 5..7 for L1-L2, L2-L3, L3-L1 of a VIFE of the second table; 0 for others. */
uint8_t mbus_vife_phase(uint8_t vife);

enum mbus_function { MBUS_INSTANT, MBUS_MAXIMUM, MBUS_MINIMUM, MBUS_AT_ERROR };

enum mbus_value {
    MBUS_NOTHING,     /* no data */
    MBUS_NUMBER,      /* `value` */
    MBUS_MOMENT,      /* `wall` */
    MBUS_TIME_OF_DAY, /* `wall`: seconds since midnight */
    MBUS_TEXT,        /* `data`, last character first */
    MBUS_BINARY,      /* `data` */
    MBUS_INVALID,     /* what stands there is no value: a BCD nibble A..E, NaN, a day that does not exist, an overflow */
};

struct mbus_record {
    struct bytes whole, vib, data; /* slices of the input; `vib` are VIF and VIFEs */
    uint8_t coding;                /* DDDD */
    enum mbus_function function;
    uint64_t storage;              /* 0 current, 1 last due date, 2.. history */
    uint32_t tariff;
    uint16_t subunit;
    struct mbus_meaning meaning;
    struct bytes name;             /* plain-text VIF: the unit's name, last character first */
    uint8_t error;                 /* VIFE 01..1F: the value means nothing */
    uint8_t phase;                 /* see mbus_vife_phase */
    int8_t direction;              /* 1 forward, -1 backward contributions only, 0 not said */
    bool at_base, altered, vendor; /* see enum mbus_effect */
    enum mbus_value kind;
    struct decimal value;
    int64_t wall;
    uint64_t bits;                 /* integers as they stand on the wire, for flags */
};

static inline bool mbus_record_valid(const struct mbus_record *r)
{
    return r->kind != MBUS_INVALID && r->kind != MBUS_NOTHING && r->error == 0;
}

/* Walks an answer's records. */
struct mbus_records {
    struct cursor at;
    const struct mbus_response *fixed; /* CI 73: not NULL */
    int given;
    struct bytes vendor;  /* after the last record: what follows DIF 0F or 1F */
    bool has_vendor;
    bool more;            /* DIF 1F: more telegrams follow */
};

/* `r` must outlive the walk. An answer that has no records gives none. */
struct mbus_records mbus_records_of(const struct mbus_response *r);

/* The next record. False at the end; at.failed then tells that the rest could not be read (cut, reserved coding, more
 * than ten extensions, more records than a telegram can hold). */
bool mbus_records_next(struct mbus_records *w, struct mbus_record *ret);

/* Time types; WALL_NONE when the bytes name no moment. `seconds of the day` for type J. */
int64_t mbus_time_g(struct bytes two);
int64_t mbus_time_f(struct bytes four);
int64_t mbus_time_i(struct bytes six);
int64_t mbus_time_j(struct bytes three);

/* Text as it stands on the wire (last character first) in reading order, UTF-8. */
void mbus_text_put(struct text *t, struct bytes reversed);
