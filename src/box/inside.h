/* What the files of the keeper share. */
#pragma once
#include "box/box.h"
#include "people/journal.h"

#include <jansson.h>
#include <pthread.h>

struct box {
    struct box_options o;
    struct board *board;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows; never held while the board is asked */
    pthread_cond_t wake, beaten;
    unsigned beats;
    bool ending, hurried, restart_wanted, test_wanted, modem_changed, defaults_wanted, supplies_changed;
    unsigned http_port;
    bool http_tls;
    struct box_look look;
    struct box_test test;
    struct modem_settings modem;
    struct {
        bool on, applied, over, keep;    /* over: the former settings are to come back */
        int64_t until_ms;                /* monotonic */
        struct lan_settings settings;
    } trial;

    /* the thread's own */
    struct failover failover;
    int64_t tested_ms, defaults_ms;      /* monotonic */
    bool was_connected;
    enum board_state supply[BOARD_SUPPLIES]; /* wanted of the power lines; absent: left alone */
    bool supply_bad[BOARD_SUPPLIES];         /* did not become what is wanted; told once */
    unsigned char program[32];           /* SHA-256 of the program's file at its start */
    bool has_program;
};

/* The program's file as it is now; false when it cannot be read. */
bool program_digest(unsigned char ret[32]);

/* Looks at every flag; takes seconds. */
void box_test_all(struct box *b, struct box_test *ret);

/* Into the general log; takes `after` over, which may be NULL. */
void box_note(struct box *b, enum note n, const struct caller *caller, const char *object, json_t *after);
