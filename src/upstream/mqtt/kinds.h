/* Kinds of data that an MQTT template names (manual S0 4.6.1.2) and the words of SMART JSON for them: measures and tags.
 * Measures m… are the present, a… archives, jrnl… the 42 journals of S1 table 6. Pure. */
#pragma once
#include "base/lang.h"
#include "meter/archive.h"
#include "meter/obis.h"
#include "base/text.h"

struct mqtt_kind {
    const char *name;     /* the measure: "aDay" */
    struct phrase title;  /* empty for a journal: journal_title(journal) */
    enum archive archive; /* where its data lie */
    bool moment;          /* the newest record only */
    uint16_t journal;     /* of ARCHIVE_JOURNAL; 0: every journal */
    bool use;             /* what was used between the starts that the archive has (use.h) */
};

/* All kinds, as they are offered; the order of measures within a message. */
extern const struct mqtt_kind mqtt_kinds[];
extern const size_t mqtt_kind_count;
const struct mqtt_kind *mqtt_kind_find(const char *name);
const char *mqtt_kind_title(const struct mqtt_kind *k, enum lang lang, char *text);

/* How far back an order reaches («Тип глубины», «Размер глубины»); of a moment always DEPTH_LAST. */
enum mqtt_depth { DEPTH_FULL, DEPTH_DAYS, DEPTH_LAST, DEPTHS };
extern const char *const mqtt_depth_names[DEPTHS + 1]; /* "full", "days", "last", NULL */
enum { MQTT_DAYS_MAX = 3660, MQTT_WANTS_MAX = 64, MQTT_WANTS_TEXT_MAX = 2000 };

struct mqtt_want {
    const struct mqtt_kind *kind;
    enum mqtt_depth depth;
    int days; /* of DEPTH_DAYS */
};

/* As templates are stored: "aDay full;aCons days 7;mEng last". Reading takes any text: false when it is none of ours. */
void mqtt_wants_write(const struct mqtt_want *wants, size_t count, struct text *t);
bool mqtt_wants_read(const char *text, struct mqtt_want wants[MQTT_WANTS_MAX], size_t *ret_count);

/* The measure of a journal's events: "jrnlPwr"; those beyond the 42 are "jrnl" and their number. */
enum { MQTT_NAME_MAX = 32 };
const char *mqtt_journal_measure(uint16_t journal, char text[MQTT_NAME_MAX]);

/* The tag of a register: "A+0", "UA", "P+"; a code that SMART JSON has no tag for is its own. */
const char *mqtt_tag(struct obis o, char text[OBIS_TEXT_MAX]);
