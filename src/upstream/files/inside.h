/* Inside the service of files; see service.h. */
#pragma once
#include "upstream/files/service.h"
#include "upstream/files/ftp_link.h"
#include "upstream/files/hour_book.h"

#include <pthread.h>

struct files_service {
    struct upstream_house house;
    char *folder;
    pthread_t thread;
    pthread_mutex_t lock;            /* guards what follows down to `status` */
    pthread_cond_t wanted;
    bool changed, send_wanted, pull_wanted;
    struct files_status status;
    atomic_bool ending;
    /* the thread's own */
    struct hour_book *book;
    struct arena arena;              /* of the settings */
    struct ftp_settings ftp;
    struct files_settings files;
    bool known;                      /* the settings were read */
    int64_t send_at, pull_at;        /* wall seconds; WALL_NONE: not */
    int64_t again_ms;                /* monotonic: the next try after a failure; 0: none */
    int failures;
    int64_t bound_day;               /* the day on which the card's bounds were looked at last */
};

/* A round: all that waits goes, as long as servers take it (send.c). False: something is left, for a reason that may pass. */
bool files_send_round(struct files_service *f);

/* A look for files for this unit (pull.c). */
void files_pull_round(struct files_service *f);

/* The status, to be changed in between. */
struct files_status *files_status_begin(struct files_service *f);
void files_status_end(struct files_service *f);
