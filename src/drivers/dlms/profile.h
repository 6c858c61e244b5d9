/* Reading a Profile generic (class 7): its columns, and its buffer by range as records of exact values
 * (IEC 62056-62; dlms.md 8.2, spodes.md 4). */
#pragma once
#include "drivers/dlms/client.h"

enum { PROFILE_COLUMNS_MAX = 64 };

/* One captured attribute. 12 bytes: every session with a meter that is met for the first time holds three layouts. */
struct profile_column {
    uint64_t code : 48;     /* of its OBIS */
    uint64_t class_id : 16;
    int8_t attribute;
    int8_t exponent; /* of the register's scaler */
    uint8_t unit;
    bool is_number;  /* a register's value: emitted */
} __attribute__((packed, aligned(4)));

static inline struct obis column_obis(const struct profile_column *k)
{
    return (struct obis){ k->code };
}

/* What a buffer's records hold; zero when not known yet. */
struct profile_layout {
    uint8_t count;
    uint16_t step;   /* capture period in seconds; 0: captured on events */
    struct profile_column column[PROFILE_COLUMNS_MAX];
};

/* Reads capture objects, period and the scalers of all columns, unless `l` is known already. Scalers that the registers
 * themselves do not tell are looked for in the scale profile `scales` (code 0: none). Faults: FAULT_NOT_SUPPORTED
 * when the meter has no such profile (the layout is then remembered as empty by the caller). */
void profile_layout_read(struct conversation *c, struct dlms_client *d, struct obis profile, struct obis scales, struct profile_layout *l);

/* One record of a buffer, values in the order of the columns. */
struct profile_record {
    int64_t wall;    /* of the clock column; WALL_NONE when it has none */
    uint8_t status;  /* clock status byte; 0xFF not given */
    struct cosem_data *value;
    uint8_t count;
};

/* Reads the records stamped from..to (both included) and calls `take` for each, nulls already replaced by what they
 * stand for. True when the meter gave the range, be it empty; false with a fault, or when it has nothing there. */
bool profile_records_read(struct conversation *c, struct dlms_client *d, struct obis profile, const struct profile_layout *l,
                          int64_t from, int64_t to, void (*take)(void *context, const struct profile_record *r), void *context);
