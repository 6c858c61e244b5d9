/* What the files that answer as an RTU-327 share. */
#pragma once
#include "meter/reading.h"
#include "upstream/rtu327/desk.h"

struct rtu327_desk {
    struct store *store;
    struct rtu327_rules rules;
    struct rtu327_meters *meters;
    struct arena arena; /* of the answer at work */
};

/* TIME_T of a wall moment of the meter and back. A moment that TIME_T cannot hold is 0. */
uint32_t desk_time(const struct rtu327_desk *d, const struct rtu327_point *p, int64_t wall);
int64_t desk_wall(const struct rtu327_desk *d, const struct rtu327_point *p, uint32_t time);

/* In thousands: kWh for Wh. */
struct decimal desk_kilo(struct decimal value);

/* Registers of channel 0..3 (A+ A- R+ R-) and tariff, 0 for their sum; energy of its profile's interval. */
#define RTU327_REGISTER(channel, tariff) OBIS(1, 0, (channel) + 1, 8, tariff, 255)
#define RTU327_USED(channel) OBIS(1, 0, (channel) + 1, 29, 0, 255)

/* True when the reading says a value, not that the meter has none. */
static inline bool desk_measured(const struct reading *r)
{
    return !(r->quality & QUALITY_MISSING);
}

/* Readings from a moment on, to the newest there is, in strides that leave the store to others in between; as store_readings. */
enum fault desk_readings_from(struct rtu327_desk *d, int64_t meter, enum archive archive, const struct obis *filter, size_t count, int64_t from,
                              store_reading_fn *each, void *context);

/* True when the meter's archive holds anything at all. */
enum fault desk_holds(struct rtu327_desk *d, int64_t meter, enum archive archive, bool *ret);

/* What is answered when nothing was found: the end of what there is, or an archive that never held anything. */
enum rtu327_result desk_nothing(struct rtu327_desk *d, int64_t meter, enum archive archive);

typedef enum rtu327_result desk_answer_fn(struct rtu327_desk *d, const struct rtu327_request *r, const struct rtu327_point *p, struct writer *w);
desk_answer_fn desk_registers, desk_profile, desk_frozen, desk_tests, desk_events;
