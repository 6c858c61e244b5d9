/* Data of meters by the protocol SMART, streamed as they are read from the store: the same for what is asked of the archive and for
 * what was just read from meters (docs/smart.md). */
#pragma once
#include "api/call.h"
#include "api/upward/smart.h"
#include "store/registry/registry.h"

struct telling {
    struct call *c;
    struct flow *flow;
    struct buffer text;
    struct json_writer out;
    const json_t *tags_wanted;
    struct span *times; /* UTC */
    size_t time_count;
    bool last, whole;
    const int64_t *answered; /* ascending: only these have values, the others were not read just now; NULL: all */
    size_t answered_count;
    /* the measure and the meter at work */
    const struct smart_measure *measure;
    struct smart_tag tags[SMART_TAGS_MAX];
    struct obis filter[SMART_TAGS_MAX];
    size_t tag_count;
    struct store_meter meter;
    struct span stamps; /* UTC: what `ts` may be */
    int64_t wall; /* of the values that are open; WALL_NONE: none are */
    uint8_t quality;
    uint16_t step;
    int64_t newest;
};

/* The whole answer: every measure of the names, each with every meter. Ends the flow and lets it go. */
void smart_tell(struct telling *t, const json_t *measures, const int64_t *ids, size_t count);

/* What a request for data asks for, in the call's arena, and of which meters; NULL after a refusal. */
struct telling *smart_question(struct call *c, int64_t **ret_ids, size_t *ret_count);

/* Only a gateway is taken for an УМ: 404 otherwise. */
bool smart_here(struct call *c);

extern const struct shape smart_shape_res, smart_shape_data_query, smart_shape_data;
