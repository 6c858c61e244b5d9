/* The last message (УТМЦ: «При отключении внешнего питания, УТМЦ посылает на сервер пакет с флагами ошибок и событий»): when outside
 * power goes and stays away for a moment, what was collected is put on the disk, the servers hear of it while the battery lasts, and
 * they hear, too, when power is back.
 *
 * The message is JSON, the same over MQTT (topic «<prefix>/<device>/power» of every broker that is on, not retained) and in a letter:
 *   {"event": "power-lost"|"power-back"|"test", "ts": <UTC, s>, "lost_ts": <UTC, s; when it is back>, "type", "serial",
 *    "mains", "reserve", "battery": "on"|"off"|"absent", "battery_percent": n|null, "inputs": ["on"|"off"|"absent", …],
 *    "errors": ["PWR", …]}
 * where errors are the flags of the self-test (S4 13.4) that are raised, PWR among them while power is away. */
#pragma once
#include "box/box.h"
#include "upstream/service.h"

struct last_word;

/* Begins to listen to the board. All of it must outlive it; `mail` and `upstream` may be NULL. */
struct last_word_options {
    struct box *box;
    struct store *store;
    struct collect_service *collection;
    struct mail *mail;
    struct upstream *upstream;
    enum lang lang;          /* of letters */
};
struct last_word *last_word_new(const struct last_word_options *o);
void last_word_free(struct last_word **l);

/* Sends one now, for a try. Any thread. */
void last_word_try(struct last_word *l);

enum { LAST_WORD_TEXT = 1200 };

/* How it is, and how the last one went. */
struct last_word_look {
    bool away, sending;           /* outside power is away; one is under way */
    int64_t at_ms, stored_ms;     /* UTC, when the last one was begun; how long the batch took to the disk. 0: none yet */
    int brokers, orders, letters; /* that took it */
    char text[LAST_WORD_TEXT];    /* it */
};
void last_word_look(struct last_word *l, struct last_word_look *ret);
