/* A recorded meter: answers as a real one once did, from a file of real exchanges. For meters nobody has a twin of, and
 * for the oddities of one particular firmware.
 *
 * The file has lines ">> hex" (request) and "<< hex" (the answer, which may go over several lines or be missing), or
 * "name | request hex | answer hex". Lines that begin with '#' are comments. A byte "??" in a request is any byte: for
 * clocks, counters and the checksums over them. Of several recorded answers to the same request each is given in its
 * turn, beginning anew after the last. */
#pragma once
#include "base/lang.h"
#include "base/text.h"
#include "sim/twin.h"

struct recorded;

/* Reads a recording. `family` lends its finder, turnaround and line; without one (NULL) what arrives together is a
 * request. NULL with line and reason in `problem`. */
struct recorded *recorded_parse(const char *text, const struct twin *family, enum lang lang, struct text *problem);

/* The same from a file of at most 16 MiB. */
struct recorded *recorded_load(const char *path, const struct twin *family, enum lang lang, struct text *problem);

/* The twin that plays it, for fleets and buses; lives as long as the recording. Meters of it share no state. */
const struct twin *recorded_twin(const struct recorded *r);

/* How many exchanges there are. */
size_t recorded_count(const struct recorded *r);

/* Sets *r to NULL; accepts NULL. No meter may play it any more. */
void recorded_free(struct recorded **r);
