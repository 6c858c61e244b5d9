/* What the files of reading_lines share. */
#pragma once
#include "api/readings/reading_lines.h"

struct gathering {
    struct store *store;
    const struct reading_query *q;
    const struct store_meter *m;
    const char *reason;
    struct arena *a;
    struct reading_lines *ret;
    int64_t now;            /* the meter's wall clock */
    int64_t *places;        /* of each column: by how much its mark moves */
    uint8_t *units;         /* of each column: what its numbers are in */
    enum fault fault;
};

/* Adds a line with empty cells; NULL once there are too many. */
struct reading_line *reading_line_add(struct gathering *g, int64_t wall);

/* Place of the column that a code is of, from `from` on; column_count when there is none. */
size_t reading_column_of(const struct gathering *g, enum column_source source, struct obis code, uint8_t unit, size_t from);

/* The unit of a column's values as they are stored. */
uint8_t reading_unit_of(const struct kind_column *column);

/* A reading as a cell of that column. */
struct reading_cell reading_cell_of(struct gathering *g, size_t column, const struct reading *r);
struct reading_cell reading_cell_state(const struct kind_column *column, int64_t value);
struct reading_cell reading_cell_text(const char *text);

/* The same text with `format` in the arena. */
__attribute__((format(printf, 2, 3))) const char *reading_text(struct gathering *g, const char *format, ...);

/* Changes of the states that the columns show, up to the span's end, by time. */
struct state_change {
    size_t column;
    struct state state;
};
size_t reading_state_changes(struct gathering *g, struct state_change **ret);

/* Lays the states onto the lines as they were then. */
void reading_lay_states(struct gathering *g);

/* One function a form. */
void reading_gather_starts(struct gathering *g);
void reading_gather_use(struct gathering *g);
void reading_gather_power(struct gathering *g);
void reading_gather_configuration(struct gathering *g);
void reading_gather_channels(struct gathering *g);
void reading_gather_changes(struct gathering *g);
void reading_gather_events(struct gathering *g);
