/* Hour files and their way up as a service of the gateway (manual S4): the card is written every hour, files go to the FTP servers by
 * their schedule, files for this unit are fetched once a day. One thread. */
#pragma once
#include "upstream/files/ftp_settings.h"
#include "upstream/service.h"

extern const struct upstream_service service_files;

enum { FILES_WHY_MAX = 300 };

struct files_status {
    bool writing;                    /* hour files are written */
    char trouble[FILES_WHY_MAX];     /* why the card does not take them; "" for none */
    int64_t dropped;                 /* files that went from the card before any server had them, since the program began */
    bool sending, ordered;           /* a round runs; one was ordered and waits */
    int64_t next_ms;                 /* UTC of the next round; 0: none */
    struct {
        int64_t tried_ms, good_ms;   /* UTC of the last try and of the last file that arrived; 0: none yet */
        int64_t sent, bytes;         /* since the program began */
        char trouble[FILES_WHY_MAX]; /* of the last try */
    } server[HOUR_SERVERS];
    int64_t time_ms, time_off_s;     /* when the server's clock was looked at last, and by how much it was ahead of ours */
    bool time_taken;                 /* and was taken over */
    int64_t pulled_ms;               /* the last look for files for this unit */
    char pulled[FILES_WHY_MAX];      /* what came of it */
};

/* Of what upstream_state gave; any thread, as all that follows. */
void files_service_status(void *state, struct files_status *ret);

/* «Передача на сервер» (S4 25): what was stored up to now becomes a file, and all files go now. This is also the event model's action
 * «send files now». FAULT_NO_DATA: FTP is switched off, or the service does not live here. */
enum fault files_send_now(const struct upstream *u);

/* A look for files for this unit now. FAULT_NO_DATA as above. */
enum fault files_pull_now(const struct upstream *u);

/* The card's folder; NULL without one. */
const char *files_folder(const struct upstream *u);
