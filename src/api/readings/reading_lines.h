/* What the pages of readings show of one device: the lines of a kind (meter/kinds.h) out of the store. The page, its JSON and its
 * workbook are made of the same lines. */
#pragma once
#include "meter/kinds.h"
#include "store/registry/registry.h"

enum cell_kind { CELL_NONE, CELL_NUMBER, CELL_TEXT, CELL_YES_NO };

struct reading_cell {
    uint8_t kind;           /* enum cell_kind */
    uint8_t quality;        /* bits of enum quality; of CELL_NONE only when `known` */
    bool known;             /* the store has something: a value, or that the meter has none */
    struct decimal number;  /* of CELL_YES_NO 0 or 1 */
    const char *text;
};

struct reading_line {
    int64_t wall;           /* of the moment, or of the beginning of the interval; WALL_NONE: nothing is known of the device */
    struct reading_cell *cells; /* one a column */
    const char *why;        /* why something is not there, or what the line is; "" when there is nothing to say */
    bool gap;               /* something should be there and is not: it may be asked for again */
};

struct reading_query {
    const struct reading_kind *kind;
    struct kind_column *columns;
    size_t column_count;
    struct span span;       /* wall time; not of FORM_LATEST */
    enum kind_scale scale;
    uint64_t journals;      /* of FORM_EVENTS: bit n is journal n of the 42, bit 0 all others; 0: all */
    enum lang lang;
};

enum { READING_LINES_MOST = 50000, READING_CELLS_MOST = 1000000 };

struct reading_lines {
    struct reading_line *lines; /* in order of time */
    size_t count;
    bool more;              /* not all fitted: the newest are left out */
};

/* Lines of a device, in `a`. `reason` is why it was not read last time, for gaps that are still to be collected. FAULT_LIMIT when
 * the span has more points than fit. */
enum fault reading_lines_gather(struct store *s, const struct reading_query *q, const struct store_meter *m, const char *reason, struct arena *a,
                                struct reading_lines *ret);

/* The unit that a column's numbers are shown in; places by which their mark was moved. */
const char *reading_column_unit(const struct reading_query *q, const struct kind_column *column, char text[16], int *ret_places);
