/* Words of the protocol SMART (JSON over HTTP) by which УМ-31 SMART and УМ-40 SMART are read (manual S1 3.7; schemas published by its
 * maker's tests, TR1GUN/json_validation): types of measurement and tags, and which of our archives and codes they are. */
#pragma once
#include "api/json.h"
#include "meter/kinds.h"

#include <jansson.h>

enum smart_kind {
    SMART_REGISTERS, SMART_NETWORK, SMART_PROFILE, SMART_CONFIGURATION, SMART_JOURNAL,
    SMART_LINES,  /* lines of a kind of readings (meter/kinds.h) */
    SMART_CLOCK, SMART_RELAYS
};

/* What must be read of a meter for a measure of the moment. */
enum smart_ask { SMART_ASK_CURRENT = 1, SMART_ASK_NETWORK = 2, SMART_ASK_STATES = 4, SMART_ASK_CONTACT = 8 };

struct smart_measure {
    const char *name, *name40; /* of УМ-31 and of УМ-40; NULL: none */
    enum smart_kind kind;
    enum archive archive;
    bool last;                 /* only the newest moment, whatever time is asked for */
    uint16_t journal;
    const char *lines;         /* of SMART_LINES: the kind's name */
    unsigned ask;              /* bits of enum smart_ask; 0: not to be asked of a meter */
};

/* By either name; NULL for one that is not answered. */
const struct smart_measure *smart_measure_find(const char *name);

enum { SMART_TAGS_MAX = 64, SMART_TAG_ROOM = COLUMN_NAME_MAX };

struct smart_tag {
    char name[SMART_TAG_ROOM];
    struct obis obis;
};

/* Tags of that kind that are readings, of those in the list `wanted`; all of the kind when it is empty. */
size_t smart_tags(enum smart_kind kind, const json_t *wanted, struct smart_tag ret[SMART_TAGS_MAX]);

/* True when the list names the tag, or names none. */
bool smart_wants(const json_t *wanted, const char *tag);

/* "2018-09-03T14:17:33+03:00" as seconds of UTC. False for anything else. */
bool smart_time(const char *text, int64_t *ret_utc);
