/* Work and schedules (collect/work.h, collect/schedule.h) as JSON and back, for the routes of tasks, runs and relays. */
#pragma once
#include "api/call.h"
#include "collect/schedule.h"
#include "collect/work.h"
#include "store/work/tasks.h"

extern const struct shape shape_work, shape_schedule;

/* What the store holds as text, as JSON; null for "". */
void work_put(struct call *c, const char *key, const char *text);
void schedule_put(struct call *c, const char *key, const char *text);

/* A checked body's object as the text to store, in the arena; NULL, refused, when it cannot be. */
const char *work_take(struct call *c, const json_t *from, struct work *ret);
const char *schedule_take(struct call *c, const json_t *from, struct schedule *ret);

/* A run and a device within it: the same in answers and in news. */
extern const struct shape shape_run, shape_run_device;
void run_put(struct json_writer *j, const char *key, const struct store_run *r, enum lang lang);
struct roster_row;
/* `row` NULL: a device deleted since; `running`: the run goes on, so that a device may wait for its next try. */
void run_device_put(struct json_writer *j, const struct store_run_device *d, const struct roster_row *row, bool running, enum lang lang);
extern const char *const run_result_words[RUN_RESULTS + 1];
extern const char *const run_cause_words[];
const char *run_result_title(enum run_result r, enum lang lang);

/* Place of a word in its table; -1 when it is not there. */
int word_place(const char *const *words, const char *word);
