/* What the files of the event model share. */
#pragma once
#include "box/occasions.h"
#include "box/letter_maker.h"
#include "people/journal.h"

#include <pthread.h>

enum { LETTERS_WAIT_MAX = 32, CAUSE_MAX = 160, KNOWN_MAX = 24, NEWS_MAX = 64, DEED_NOTE_MAX = BOARD_WHY_MAX };

/* An occasion as it is watched. */
struct watched {
    struct store_occasion row;      /* texts in the service's arena, `state` kept up to date */
    struct condition condition;
    struct actions actions;
    struct pacing pacing;
    char known[KNOWN_MAX];          /* row.state.known */
    bool dirty;                     /* row.state is not stored yet */
    char cause[CAUSE_MAX];          /* of what waits for the pause's end */
    int64_t run[OCCASION_ACTIONS_MAX]; /* the last that each action began */
};

/* One who wants an occasion to happen now, and waits. */
struct hand {
    struct hand *next;
    int64_t id, happening;
    const char *login;
    enum fault fault;
    bool done;
};

struct input_news {
    int number;   /* as of CONDITION_INPUT */
    bool on;
};

/* A letter with data that was promised: it waits for the runs which the same happening began, what they read is to be in it, and to be
 * made. Kept in the store until it is in the mail's queue. */
struct letter_wait {
    int64_t occasion, at_ms;        /* whose, and when it happened */
    size_t place;                   /* of the action */
    int64_t run[OCCASION_ACTIONS_MAX];
    size_t runs;
    bool making;                    /* the maker has it */
    int64_t again_ms;               /* monotonic: it could not be made, the next try; 0: not tried yet */
    char cause[CAUSE_MAX];
};

struct occasions {
    struct occasions_options o;
    struct board *board;
    pthread_t thread;
    pthread_mutex_t lock;          /* guards what follows; never held while something is done */
    pthread_cond_t wake, handed;
    bool ending, reload;
    struct hand *hands;
    struct input_news news[NEWS_MAX];
    size_t news_count;
    bool news_lost;

    /* the thread's own */
    struct arena arena;            /* of the watches' texts */
    struct watched *watches;
    size_t count;
    bool begun;                    /* the first load is over */
    bool stopping;
    int64_t position, written, written_ms; /* of the reader of the feed: gone over, stored, when */
    bool reads;                    /* it has joined */
    unsigned long stirs;
    struct letter_wait letters[LETTERS_WAIT_MAX];
    size_t letter_count;
    struct letter_maker *maker;
    int64_t trimmed_ms;            /* monotonic: when the letters' readers of the feed were last looked at */
};

/* --- occasions.c */

/* It happens now, whatever its pace: actions, table, log, news. Returns the happening's number, 0 when it could not be stored. */
int64_t happen(struct occasions *o, struct watched *w, const char *cause, int64_t merged, bool late);

/* It happens now or when its pause is over. */
void come(struct occasions *o, struct watched *w, const char *cause);

/* What is known of it; stored within a beat. */
void know(struct watched *w, const char *known);

/* --- occasion_watch.c */

/* The state as it is becomes what is known where nothing is; a change since then happens. */
void settle_inputs(struct occasions *o);
void hear_input(struct occasions *o, int number, bool on);
void settle_watches(struct occasions *o);
void look_at_clock(struct occasions *o, int64_t now_ms);
void look_at_loop(struct occasions *o);
void look_at_feed(struct occasions *o);
void write_position(struct occasions *o, bool at_once);

/* --- occasion_letters.c */

/* What is done of an action that is a letter, FAULT_REFUSED: the former still waits. *ret_waits: so does this one. */
enum fault letter_order(struct occasions *o, struct watched *w, size_t place, const char *cause, bool *ret_waits);

/* At the start: those that waited when the program ended. */
void resume_letters(struct occasions *o);

/* What is watched was loaded: letters with data read the feed, and nobody else under their names. */
void settle_letters(struct occasions *o);

/* Those whose runs have ended go to the maker, what he has made is off the list. */
void look_at_letters(struct occasions *o);

/* At the end: what the maker has in work is broken off and stays on the list. */
void end_letters(struct occasions *o);

/* --- occasion_acts.c */

bool run_goes_on(struct occasions *o, int64_t run);

/* Does one action; what came of it in *ret, whose note is in `note` (DEED_NOTE_MAX). */
void act(struct occasions *o, struct watched *w, size_t place, const char *cause, bool late, struct store_deed *ret, char *note);
