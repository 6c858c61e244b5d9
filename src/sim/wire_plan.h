/* Who puts which byte on a shared pair of wires, and when: the pure part of a simulated bus, without clock or thread.
 *
 * A talker says its bytes one after another from a moment on. wire_next gives the next byte as the wire carries it: bytes
 * that overlap in time are one disturbed byte. Times are nanoseconds of any clock. */
#pragma once
#include "base/bytes.h"

struct talker {
    int64_t start_ns;
    uint8_t *data;
    size_t size, said;
    bool master;
};

struct wire_plan {
    int64_t byte_ns; /* how long a byte takes */
    struct talker *talkers;
    size_t count, room;
};

/* One byte on the wire. */
struct wire_byte {
    int64_t start_ns, end_ns;
    uint8_t value;
    bool master, meter; /* who took part */
    bool spoilt;        /* several talked and they did not say the same at the same time */
};

/* The master says more, from `now_ns` or when it has said what it says already. */
void wire_master_says(struct wire_plan *w, struct bytes b, int64_t now_ns);

/* A meter will say the bytes (copied) from `start_ns` on. */
void wire_meter_says(struct wire_plan *w, struct bytes b, int64_t start_ns);

/* The next byte, if it is over by `now_ns`. */
bool wire_next(struct wire_plan *w, int64_t now_ns, struct wire_byte *ret);

/* When the next byte will be over, and when the first of the talkers will have said all; INT64_MAX when nobody talks. */
int64_t wire_next_end_ns(const struct wire_plan *w);
int64_t wire_pause_ns(const struct wire_plan *w);

/* Bytes that the master still has to say. */
size_t wire_master_left(const struct wire_plan *w);

void wire_plan_free(struct wire_plan *w);
