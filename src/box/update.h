/* Updates of the program from inside it: a package is received or offered, checked, put into the free slot and ordered; the starter
 * (starter.h) does the rest when the program has ended. Without a starter there are no updates. Any thread may call. */
#pragma once
#include "box/slots.h"
#include "people/access.h"
#include "store/store.h"

struct update;

enum update_stage { UPDATE_IDLE, UPDATE_RECEIVING, UPDATE_CHECKED, UPDATE_INSTALLING, UPDATE_RESTARTING, UPDATE_STAGES };
extern const char *const update_stage_names[]; /* NULL behind the last */

struct update_look {
    bool supported;                 /* a starter has begun us */
    bool has_key;                   /* the maker's key is known */
    bool trial;                     /* this version is still proving itself */
    const char *version, *architecture; /* ours */
    enum update_stage stage;
    int64_t received;               /* bytes of a package that is being received */
    struct package package;         /* of UPDATE_CHECKED and behind */
    char trouble[SLOT_WHY_MAX];     /* why the last package was not taken; "" none */
};

/* `version` is the program's. Notes in the log what became of an update while we were away. The store must outlive it. */
struct update *update_new(struct store *s, const char *version, enum lang lang);
void update_free(struct update **u);

void update_look(struct update *u, struct update_look *ret);
size_t update_history(struct update *u, struct slot_record *out, size_t room);

/* A part of a package; `offset` 0 begins anew, any other must be where the last part ended (FAULT_CHANGED: *ret_size says where).
 * FAULT_REFUSED: not now, or too large, or no room; the reason in `why`, in the caller's language. */
enum fault update_receive(struct update *u, int64_t offset, struct bytes part, enum lang lang, int64_t *ret_size, struct text *why);
/* Looks at what was received. FAULT_REFUSED: it is not taken. */
enum fault update_check(struct update *u, enum lang lang, struct text *why);
/* Puts the checked package into its slot and orders the restart. */
enum fault update_install(struct update *u, const struct caller *caller, enum lang lang, struct text *why);
void update_forget(struct update *u);

/* All three for a package in a file that somebody has brought (a daily look at a server): it is taken when everything is as it must be,
 * else nothing happens. FAULT_REFUSED: the reason is in `why`; FAULT_NO_DATA: it is the version that runs. The file stays. */
enum fault update_offer(struct update *u, const char *path, enum lang lang, struct text *why);

/* From the program's beat, while all is well with it: the starter hears of it. True: the program is to end, its successor waits. */
bool update_beat(struct update *u);
