/* The table of meters of a gateway (manuals S0 4.3.1, S4 14-19): the devices of a project as rows that are written all at once, or
 * not at all. A view and an editor of the registry, not a second store: a row is a device with its first communication line.
 *
 * A meter keeps its number and so its archives: a row that names a device changes it; a new row that is a device which left the
 * table (same driver and serial number, or same driver, address and line) brings that one back; a row that is left out is taken
 * out of use, nothing of it is deleted.
 *
 * Rows come as JSON (shape_table_row), from the page, a file, or the text list of S4 (api/box/utmc_list.h). What an existing row does not
 * say stays as it is. */
#pragma once
#include "api/devices/devices.h"
#include "link/address.h"

enum { TABLE_ROWS_MOST = 10000, TABLE_TOLD = 1000 /* mistakes told; the rest are counted */ };

struct table_link {
    struct store_link row;       /* id below 0: to be made with the rows */
    struct link_address address;
    bool good, changed;
};

struct table_row {
    const json_t *said;
    size_t place;                /* in the request */
    int64_t said_id, parent_id;  /* as the request numbers rows */
    const struct driver *driver; /* NULL: none of the program's */
    const struct store_meter *old; /* the device it is; NULL: a new one */
    struct store_meter meter;    /* as it shall be */
    struct store_line lines[STORE_LINES_MAX];
    const char *address;
    bool added, restored, changed, stale;
};

struct table_mistake {
    size_t row;
    const char *cell, *message;
};

struct meter_table {
    struct call *c;
    struct store_meter *meters;  /* of the project, by id, those that left the table among them */
    struct table_link *links;    /* by id, then those to be made */
    struct store_protocol *protocols;
    size_t meter_count, meter_room, link_count, link_room, links_made, protocol_count, protocol_room;
    int64_t revision, last;      /* of the registry; the highest number ever given */
    /* of a request */
    bool by_identity;            /* of a file: rows are devices by what they are, their numbers are names within the file */
    bool trying;                 /* mistakes are told beside the rows instead of refusing them */
    bool keep_rest;              /* rows that are not in the request stay */
    int64_t seen;                /* the revision that the writer saw; 0: he overwrites whatever is there */
    struct table_row *rows;
    size_t row_count;
    struct table_mistake mistakes[TABLE_TOLD];
    size_t mistake_count;
    size_t added, changed, restored, removed;
    struct store_meter *retired; /* rows that are left out, as they shall be */
};

/* True for devices that stand in the table. */
static inline bool table_has(const struct store_meter *m)
{
    return m->status != METER_RETIRED;
}

/* What there is; NULL, refused, when the store does not answer. In the call's arena. */
struct meter_table *table_load(struct call *c);

const struct store_meter *table_meter(const struct meter_table *t, int64_t id);
struct table_link *table_link(const struct meter_table *t, int64_t id);

/* What the driver is told on the device's first line. */
const char *table_told(const struct meter_table *t, const struct store_meter *m);

/* The address as the table shows it: of a hub host:port, of others what their driver calls so, or the secondary one. */
const char *table_address(const struct meter_table *t, const struct store_meter *m);

/* True for a driver whose address is a TCP port. */
bool table_is_hub(const struct driver *d);

/* The parameter of a driver that takes addresses which its short one has no room for (M-Bus secondary address); NULL: none. */
const struct parameter *table_long_address(const struct driver *d);

/* The whole table as an answer. */
void table_put(struct meter_table *t);

/* The table as a file that table_take reads again, channels by their names; `secrets`: passwords in clear, else masked. */
#define TABLE_FORMAT "svod-meter-table"
void table_put_file(struct meter_table *t, bool secrets);

/* What table_take came to, and the rows as they would be after writing, with the mistakes that are left in them. */
void table_put_taken(struct meter_table *t);

/* "mistakes": how many, "first": those that are kept, as members of the object that is open. */
void table_put_mistakes(struct meter_table *t);

bool table_wrong(struct meter_table *t, size_t row, const char *cell, const char *ru, const char *en);
bool table_wrong_text(struct meter_table *t, size_t row, const char *cell, const char *message);

/* The request's rows against what there is: fills t->rows and tells mistakes. False: refused (unless trying), with rows and cells, or as changed by
 * somebody else with the numbers of the rows. */
bool table_take(struct meter_table *t, const json_t *rows);

/* Writes what table_take found, all or nothing, and notes it. False: refused. */
bool table_write(struct meter_table *t);

/* 400 with what table_wrong noted. Returns false. */
bool table_refuse(struct meter_table *t);

extern const struct shape shape_table_row, shape_table, shape_table_taken;
