/* The meters as a head-end numbers them: NSH, the digits of the serial number, to the meter of the registry. A copy in memory,
 * made anew when the registry has changed. For one thread, but for what says otherwise. */
#pragma once
#include "upstream/rtu327/settings.h"

/* A meter by its number. */
struct rtu327_point {
    uint64_t number;
    int64_t meter;
    int zone_minutes; /* its clock east of UTC */
    uint8_t type;     /* enum rtu327_meter_type */
    bool enabled;
    int32_t object_type, object, feeder;
};

struct rtu327_meters;

struct rtu327_meters *rtu327_meters_new(struct store *s, int64_t project);
void rtu327_meters_free(struct rtu327_meters **m);

/* NULL when no meter of the project has the number; FAULT_STORE in *ret then tells that this is not known. Of several with one
 * number the enabled one is meant, then the one added first. Lives until the next call. */
const struct rtu327_point *rtu327_meters_find(struct rtu327_meters *m, uint64_t number, enum fault *ret);

/* The entries of the head-end's table have changed. Any thread. */
void rtu327_meters_forget(struct rtu327_meters *m);
