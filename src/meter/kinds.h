/* Kinds of readings as a gateway shows them (manual S0 4.4, S1 3.3, S4): for each resource what is read now, what lies in archives
 * and which journals there are; of which values each is made, under which names, in which codes meters tell them. Pages, JSON and
 * workbooks are made from this table. Pure. */
#pragma once
#include "base/lang.h"
#include "meter/reading.h"

enum kind_resource { KIND_ELECTRICITY, KIND_WATER, KIND_HEAT, KIND_PULSES, KIND_TELEMECHANICS, KIND_RESOURCES };
enum kind_page { KIND_NOW, KIND_ARCHIVE, KIND_JOURNAL, KIND_PAGES };
extern const char *const kind_resource_names[KIND_RESOURCES + 1], *const kind_page_names[KIND_PAGES + 1]; /* NULL behind the last */

/* How its rows come about. */
enum kind_form {
    FORM_LATEST,        /* one row a device: the newest of each value */
    FORM_TAKEN,         /* a row for every moment at which values were read */
    FORM_STARTS,        /* a row for each point of the archive's grid, gaps too */
    FORM_USE,           /* what was used from a point of the grid to the next, gaps too */
    FORM_POWER,         /* mean power of each interval of the load profile, gaps too */
    FORM_CONFIGURATION, /* a row for every change of what the meter says of itself */
    FORM_CHANNELS,      /* states: all channels, whenever one of them changed */
    FORM_EVENTS,        /* the meter's journals */
    FORM_CHANGES,       /* states: a row for every change, and when contact was lost and came back */
    FORMS
};

/* Where a column's value comes from. */
enum column_source {
    COLUMN_READING,  /* readings of the kind's archives */
    COLUMN_STATE,    /* the newest state; with a mask: is any of its bits set */
    COLUMN_FACT,     /* what the meter says of itself */
    COLUMN_INTERVAL, /* minutes of the load profile */
    COLUMN_HAS,      /* has the meter told such values: profile, clock, tariffs, reverse energy (enum column_has) */
    COLUMN_SAYS,     /* words of an event or of a change (enum column_says) */
};
enum column_has { HAS_PROFILE = 1, HAS_CLOCK, HAS_TARIFFS, HAS_REVERSE, HAS_SUMMER_TIME };
enum column_says { SAYS_JOURNAL = 1, SAYS_EVENT, SAYS_CODE, SAYS_DETAIL, SAYS_CHANNEL, SAYS_BEFORE, SAYS_NOW };

enum { COLUMN_CODES = 3, COLUMN_NAME_MAX = 16, COLUMNS_MAX = 256, KIND_TITLE_MAX = 128 };

/* One value of a kind: "A+0", "UA", "Vd", "Pls7". Names are those of SMART JSON where it has them. */
struct kind_column {
    char name[COLUMN_NAME_MAX];
    enum column_source source;
    uint8_t group;            /* place in kind_groups */
    uint8_t channel;          /* 0: none */
    uint8_t unit;             /* only values in this unit; UNIT_UNKNOWN: any */
    uint8_t detail;           /* enum fact_kind, column_has, column_says */
    uint32_t mask;            /* of COLUMN_STATE; 0: the number itself */
    struct obis code[COLUMN_CODES]; /* whichever the meter tells; 0 behind the last */
    struct phrase title;      /* of itself; empty: its name says it */
};

extern const struct phrase kind_groups[]; /* «Прямая активная энергия»: headings over columns */
extern const size_t kind_group_count;

struct reading_kind {
    const char *name;         /* "electricity.day" */
    enum kind_resource resource;
    enum kind_page page;
    enum kind_form form;
    enum archive archive;     /* where its values lie; of FORM_LATEST the first place */
    unsigned beside;          /* bits of enum archive: where the others lie */
    int within_s;             /* of FORM_STARTS: a value taken so long after a point stands for it where the archive has none; 0: none does */
    int set;                  /* which columns: enum column_set of kinds.c */
    struct phrase title;      /* as the manual has it */
    const char *measure;      /* of SMART JSON; NULL: none */
};

extern const struct reading_kind reading_kinds[];
extern const size_t reading_kind_count;
const struct reading_kind *reading_kind_find(const char *name); /* NULL for a name that is none */

/* Its columns in their order, channels one by one; returns how many. */
size_t reading_kind_columns(const struct reading_kind *k, struct kind_column ret[COLUMNS_MAX]);

/* True when values with this code are what the pages of the resource show: of devices that may be anything (M-Bus, modules). */
bool kind_resource_shows(enum kind_resource r, struct obis o);

/* The tag by which SMART JSON names a register of electricity or a pulse counter: "A+0", "UAB", "P+", "Pls7". NULL: it has none. */
const char *kind_tag(struct obis o, char text[COLUMN_NAME_MAX]);

/* «A+0 (сумма)», "Vd". Returns `text`. */
char *kind_column_title(const struct kind_column *column, enum lang lang, char text[KIND_TITLE_MAX]);

/* --- journals 1..42 (S1 table 6) --- */

enum { KIND_JOURNALS = 42 };

/* Who fills a journal: families that tell such events. */
enum { JOURNAL_OF_SPODES = 1, JOURNAL_OF_MERCURY = 2 };
unsigned kind_journal_sources(uint16_t journal);

/* "jrnlPwr": its name in SMART JSON; NULL for one beyond the 42. And back: 0 when the name is none. */
const char *kind_journal_measure(uint16_t journal);
uint16_t kind_journal_named(const char *measure);

/* --- numbers: exact, whatever the scale ------------------------------------------------------------------------------------ */

/* «Величина измерений» of the manual: as it is, or by a thousand. */
enum kind_scale { SCALE_ONE, SCALE_THOUSANDTH };

/* The unit in which a resource's value is shown, in words, and by how many places its decimal mark moves: Wh are kWh at a
 * thousandth (-3), water is in litres (3) or in m³, heat that meters count in joules always in gigajoules (-9). What has no
 * prefix (angles, factors, °C) stays. Returns `text`. */
char *kind_unit(enum kind_resource r, uint8_t unit, enum kind_scale scale, enum lang lang, char text[16], int *ret_places);

/* The value with its mark moved; no digit is lost or made. False (and *ret untouched) when it does not fit. */
bool kind_shifted(struct decimal value, int places, struct decimal *ret);

/* Why there is no use of an interval. */
enum use_trouble { USE_KNOWN, USE_NO_START, USE_NO_END, USE_BACKWARDS, USE_OTHER_UNIT, USE_TOO_LARGE };

/* What was used between two starts: the register at the end less the one at the beginning. NULL or QUALITY_MISSING: not there. */
enum use_trouble kind_use(const struct reading *start, const struct reading *end, struct decimal *ret);
const char *use_trouble_text(enum use_trouble t, enum lang lang);

/* Mean power of the interval that used so much: 3600 / step times the energy. False when it is no whole number of times. */
bool kind_power(struct decimal used, int step_s, struct decimal *ret);
