/* A service upward, and all of them together.
 *
 * A service is a file that says UPSTREAM_SERVICE(rtu327) = { ... }; the linker collects them as it does drivers. It is started
 * with the program, owns its threads and reads its own settings from the store; when they change, who changed them calls
 * upstream_changed and the service reads them again. It never holds a line or the store longer than one exchange or one read. */
#pragma once
#include "base/buffer.h"
#include "base/lang.h"
#include "board/board.h"
#include "collect/tasks.h"
#include "people/mail.h"
#include "store/store.h"

#include <stdatomic.h>

/* In which of the program's faces a service lives. */
enum upstream_face { FACE_HEAD_END = 1, FACE_GATEWAY = 2 };

/* Files that a server above holds ready for this unit go to whoever can judge them: functions given from above, called on a
 * service's thread. */
struct upstream_taker {
    /* A file of settings, all or nothing; `answer` gets what its sender is told. False: it is none, or not for this unit. */
    bool (*settings)(void *context, struct bytes file, struct buffer *answer);
    /* An update package lies whole at `path`, which is the taker's from then on. NULL: packages are left where they are. */
    bool (*update)(void *context, const char *path, struct buffer *answer);
    void *context;
};

/* A request of the protocol SMART (docs/smart.md) that came by another way than HTTP. */
struct upstream_request {
    int64_t project;         /* whose meters */
    const char *who;         /* for the logs: "MQTT host:1883 box1" */
    const char *method, *path; /* "GET", "/meter/data" */
    struct bytes body;       /* JSON; empty for none */
    bool control;            /* may switch relays, too, not read alone */
    bool late;               /* may have waited for us to come back: what would switch something is refused */
    size_t answer_most;      /* bytes; a longer answer becomes an error that says so */
    const atomic_bool *ending; /* the service ends: the request is given up */
};

/* Who answers such requests: a function given from above, called on a service's thread, which waits. `answer` gets SMART's answer, an
 * error's where it must be. */
struct upstream_answerer {
    void (*answer)(void *context, const struct upstream_request *request, struct buffer *answer);
    void *context;
};

/* What services work with; all of it outlives them. */
struct upstream_house {
    enum upstream_face face;
    struct store *store;
    const struct vault *vault;
    struct mail *mail;
    struct collect_service *collection;
    struct task_service *tasks;
    struct board *board;           /* the gateway's box, for its news (board_listen); NULL in the head-end */
    const char *certificate, *key; /* PEM, for services over TLS; NULL: none */
    const char *version;           /* of the program */
    const char *card;              /* the folder of the gateway's memory card; NULL: none */
    const struct upstream_taker *taker; /* of files that come from above for this unit; NULL: nobody takes them */
    const struct upstream_answerer *answerer; /* of requests of the protocol SMART; NULL: nobody answers them */
    enum lang lang; /* of what they log */
};

struct upstream_service {
    const char *name;    /* "rtu327" */
    struct phrase title;
    int faces;           /* of upstream_face, together */
    /* What it was started as, NULL when it cannot live (logged why). A service whose settings turn it off starts and rests. */
    void *(*start)(const struct upstream_house *house);
    void (*stop)(void *state);
    /* Settings have changed; may be none. Called on any thread. */
    void (*changed)(void *state);
};

/* At the end of the service's file: UPSTREAM_SERVICE(rtu327) = { ... }; the others know it as &service_rtu327. */
#define UPSTREAM_SERVICE(id)                                                                                                   \
    extern const struct upstream_service service_##id;                                                                         \
    __attribute__((used, section("upward"))) static const struct upstream_service *const entry_##id = &service_##id;           \
    const struct upstream_service service_##id

struct upstream;

/* Starts the services of the house's face; those that cannot are left out. */
struct upstream *upstream_new(const struct upstream_house *house);

/* Stops them, the last started first. */
void upstream_free(struct upstream **u);

/* What the service's start returned; NULL when it does not live here. For routes that show or steer it. */
void *upstream_state(const struct upstream *u, const struct upstream_service *service);

/* The service reads its settings again. Nothing when it does not live here. */
void upstream_changed(struct upstream *u, const struct upstream_service *service);

/* All of them do: what they share has changed (servers.h). */
void upstream_all_changed(struct upstream *u);
