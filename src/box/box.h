/* The gateway keeps its own box: settings onto the board, SIM cards, self-test, indicators, the button, its journal.
 *
 * Any thread may call. What is looked at is gathered by the box's own thread, so a page never waits for the hardware. */
#pragma once
#include "board/board.h"
#include "box/settings.h"
#include "collect/service.h"
#include "people/access.h"
#include "people/mail.h"

struct box;

struct box_options {
    struct store *store;
    struct board *board;
    const struct vault *vault;
    struct collect_service *collection; /* may be NULL: its flags are absent then */
    struct mail *mail;                  /* may be NULL */
    int beat_ms;                        /* 0: a second. For tests */
    int trial_s;                        /* 0: two minutes; how long a network change waits to be confirmed */
    /* After the button has put the network back: the table of servers is new. */
    void (*servers_changed)(void *context);
    void *context;
};

/* Puts what was written onto the board and begins to watch. Board, store and vault must outlive it. */
struct box *box_new(const struct box_options *options);
void box_free(struct box **b);

struct board *box_board(struct box *b);

/* The port where the program's own pages are, and whether over TLS: the flag SOC looks whether somebody listens there. */
void box_http_port(struct box *b, unsigned port, bool tls);
unsigned box_http_door(struct box *b, bool *ret_tls);

/* --- how it is ------------------------------------------------------------------------------------------------------------------ */

/* As of the last beat. */
struct box_look {
    int64_t at_ms;            /* UTC */
    struct board_identity identity;
    struct board_clock clock;
    struct board_lan lan[BOARD_LANS];
    struct board_modem modem;
    int slot;                 /* the SIM card that is to be used; 0: none */
    struct board_power power;
    struct board_inputs inputs;
    struct led_pattern led[BOARD_LEDS];
};
void box_look(struct box *b, struct box_look *ret);

/* --- settings ----------------------------------------------------------------------------------------------------------------------
 * FAULT_CHANGED: somebody else has written; FAULT_REFUSED: the board did not take it, its words in `why`. `caller` is for the log;
 * NULL: the box itself. What a form must be is checked by who calls (board/net_rules.h). */

enum fault box_time_set(struct box *b, const struct time_settings *t, const struct caller *caller, struct text *why);
enum fault box_clock_set(struct box *b, int64_t utc_ms, const struct caller *caller, struct text *why);
enum fault box_time_now(struct box *b, const struct caller *caller, struct text *why);
enum fault box_modem_set(struct box *b, const struct modem_settings *m, const struct caller *caller);

/* Puts the settings on trial: they go onto the board within a beat and come into the database when confirmed. Whoever is still
 * there confirms; without that the former ones come back. FAULT_REFUSED while another trial runs. */
enum fault box_lan_try(struct box *b, const struct lan_settings *l, const struct caller *caller);
enum fault box_lan_confirm(struct box *b, const struct caller *caller);
void box_lan_revert(struct box *b);
/* Seconds until the trial ends, *ret its settings; 0: none runs. */
int box_lan_trial(struct box *b, struct lan_settings *ret);

enum fault box_relay_set(struct box *b, int which, bool on, const struct caller *caller, struct text *why);
/* Settings of interfaces have changed: their power lines follow (S0 4.2.3), as they do after every start. Waits for that a little. */
void box_supplies_changed(struct box *b);
/* Within a beat. */
void box_restart(struct box *b, const struct caller *caller);

/* --- self-test ------------------------------------------------------------------------------------------------------------------------ */

enum { TEST_SAY = 120 };
struct box_test {
    int64_t at_ms;                       /* UTC; 0: not yet */
    bool running;
    struct {
        enum test_result result;
        char say[TEST_SAY];              /* what was found, in the machine's words */
    } flag[TEST_FLAGS];
};
/* The last one. */
void box_test(struct box *b, struct box_test *ret);
/* Begins one; it is done within seconds. */
void box_test_begin(struct box *b);
