/* What an RTU-327 answers, from the store: requests to data of answers, without a socket. Never asks a meter.
 *
 * Energy in kWh and kvarh without transformer ratios, which GETSHPRM tells beside it; power in kW and kVA. For one thread. */
#pragma once
#include "upstream/rtu327/meters.h"

struct rtu327_desk;

struct rtu327_rules {
    int64_t project;
    bool local_time;           /* TIME_T is the meter's wall clock instead of UTC */
    int64_t (*now_ms)(void);   /* UTC; NULL: the machine's clock */
};

/* The entries of the head-end's table of meters have changed. Any thread. */
void rtu327_desk_meters_changed(struct rtu327_desk *d);

struct rtu327_desk *rtu327_desk_new(struct store *s, const struct rtu327_rules *rules);
void rtu327_desk_free(struct rtu327_desk **d);

/* Writes the data of the answer, at most RTU327_DATA_MAX bytes; with another result than RTU327_OK they do not count. */
enum rtu327_result rtu327_desk_answer(struct rtu327_desk *d, const struct rtu327_request *r, struct writer *data);
