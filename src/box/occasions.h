/* The event model of a gateway at work (manual S0 4.5, S1 3.2): a thread that watches what people have set (store/box/occasions.h,
 * occasion.h) and does what they have ordered. It reads nothing by itself: the box's inputs are told by the board, values of
 * devices come from the store's feed, whoever read them, and what is to be asked of meters is a run of collect/tasks.h.
 *
 * What holds:
 * - Everything that happens is in the general log and in the table of what happened, with the runs that it began.
 * - An occasion by an input, a state or a value happens at once and then not before its pause is over; what comes meanwhile is
 *   counted and happens as one. A run of the same action that still goes on is not begun a second time.
 * - The last known state is stored: a change while the box was off is noticed at the next start.
 * - A time that was missed while the box was off comes once, late; relays are not switched late.
 * - Conditions of S0's «не проверять» and disabled occasions never happen; by hand every occasion can. */
#pragma once
#include "box/box.h"
#include "box/occasion.h"
#include "upstream/service.h"

struct occasions;

struct occasions_options {
    struct store *store;
    struct box *box;
    struct task_service *tasks;
    struct upstream *upstream;
    struct mail *mail;
    enum lang lang;      /* of letters and of what is made at the first start */
    int beat_ms;         /* 0: a second. For tests */
    /* Something happened or is known anew: for pages. On the service's thread. */
    void (*told)(void *context, int64_t project, int64_t occasion);
    void *context;
};

/* What it is given must outlive it. At the first start of a database the check of meters' clocks every half-hour is set (S1 2). */
struct occasions *occasions_new(const struct occasions_options *options);

/* What is to happen at the stop happens now. */
void occasions_free(struct occasions **o);

/* Occasions, timetables or calendars were changed. Nothing where no event model lives. */
void occasions_changed(struct occasions *o);

/* «Выполнить сейчас»: its actions, whatever its condition. FAULT_NO_DATA when there is none; waits for them to be begun. */
enum fault occasions_run(struct occasions *o, int64_t id, const char *login, int64_t *ret_happening);

/* What is not possible of an action at a stop: runs end with the program. */
bool action_fits_stop(enum action_kind kind);
