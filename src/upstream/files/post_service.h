/* Letters with what was stored, by schedule, as a service of the gateway (manual S0 «Введение»; schedule as S4 11.4). One thread.
 *
 * It is a reader of the store's feed: what was stored since the last letter becomes a file, the file and its letters go into the
 * letters' queue (people/mail.h), and the reader behind it, in one transaction: a line is in one letter, whoever dies in between.
 * While the queue takes no more the reader waits, and the next letter has more lines. */
#pragma once
#include "upstream/files/ftp_settings.h"
#include "upstream/service.h"

extern const struct upstream_service service_post;

struct post_status {
    bool ordered;               /* a letter was asked for and is not made yet */
    int64_t next_ms;            /* UTC of the next letter; 0: none */
    int64_t made_ms, lines;     /* the last letter that went into the queue, and how many lines it had; 0: none since the program began */
    int64_t letters;            /* since the program began, each to all recipients */
    int64_t lost;               /* rows of the feed that went before they were read */
    enum fault trouble;         /* why none could be made; FAULT_NONE: none was the last time */
};

/* That in words; "" for FAULT_NONE. */
const char *post_trouble(enum fault fault, enum lang lang);

/* Of what upstream_state gave; any thread, as what follows. */
void post_service_status(void *state, struct post_status *ret);

/* What was stored up to now goes, and letters that wait are tried again. FAULT_NO_DATA: switched off, nobody to send to, or the
 * service does not live here. */
enum fault post_send_now(const struct upstream *u);
