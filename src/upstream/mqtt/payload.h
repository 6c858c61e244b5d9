/* What goes up as one message: records of meters in SMART JSON, by measure, meter and time.
 *
 * {"res":0,"measures":[{"measure":"aDay","devices":[{"id":3,"deviceIdx":3,"meterId":3,"serial":"26001","vals":[
 *   {"ts":1795000000,"tags":[{"tag":"A+0","val":1234500},...]}]}]}]}
 *
 * The shape is that of the answer to a SMART request for data; ts is Unix time. Values are in the units they are stored in (Wh,
 * varh, V, A...), with all their digits; one that the meter does not have is null. Of the load profile they are the interval's mean
 * power, `cTime` its minutes and ts its end, as УМ stamps it. Whether УМ itself writes "res" into a
 * publication is not known: one source tells of answers only. Pure; not for several threads at once. */
#pragma once
#include "base/arena.h"
#include "meter/reading.h"

#include <stdio.h>

struct payload_record;

struct payload {
    struct arena arena;
    struct payload_record *records;
    size_t count, room;
};

struct payload_meter {
    int64_t id;
    const char *serial;
    int zone_minutes;
};

/* A record's tags under way. */
struct payload_tags {
    char *text;
    size_t size;
    FILE *file;
    int step; /* of an interval of the load profile, s; else 0 */
    bool any, partial, overflow;
};

void payload_tags_begin(struct payload_tags *t);
void payload_tags_number(struct payload_tags *t, const char *tag, struct decimal value);
void payload_tags_reading(struct payload_tags *t, const struct reading *r);

/* Ends the tags and adds the record, its time on the meter's wall; `order` puts measures one behind the other. Records of one
 * measure, meter and time with equal tags are one. */
void payload_add(struct payload *p, int order, const char *measure, const struct payload_meter *meter, int64_t wall, struct payload_tags *tags);

/* The message, to be freed; *ret_size without the NUL behind it. */
char *payload_write(struct payload *p, size_t *ret_size);

/* Empty again; keeps some memory. payload_free gives it back. */
void payload_reset(struct payload *p);
void payload_free(struct payload *p);
