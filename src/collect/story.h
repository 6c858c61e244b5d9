/* What happened with a device in a run, kept so that it can be told in either language: notes (what failed) and steps (what was
 * done when). Lines of words; the words are ours, details are the meter's or the link's. Pure; any text is safe to tell. */
#pragma once
#include "base/fault.h"
#include "base/text.h"
#include "meter/relay.h"

enum { STORY_NOTES_MAX = 2000, STORY_STEPS_MAX = 12000, STORY_SENTENCE_MAX = 1200 };

/* Adds a note. `part`: "session", "archive:day", "events", "states", "command:relay-off:0", "register:1.0.1.8.1.255",
 * "relay:..."; see the table in story.c. `detail` may be "". */
void story_note(struct text *notes, const char *part, enum fault f, const char *detail);

/* All notes as one sentence, divided by "; ". */
void story_sentence(const char *notes, enum lang lang, struct text *t);

/* What the first note of a failure says; FAULT_METER_ERROR when none says anything. */
enum fault story_fault(const char *notes);

/* Adds a step: `words` is printf of a word of the table and its arguments. */
__attribute__((format(printf, 3, 4))) void story_step(struct text *steps, int64_t utc_ms, const char *words, ...);

/* Tells the steps one by one. False stops. */
typedef bool story_fn(void *context, int64_t utc_ms, const char *sentence);
void story_tell(const char *steps, enum lang lang, story_fn *each, void *context);

/* The relay that was ordered in the session the steps are of, as they tell it: false when there is none. */
bool story_relay(const char *steps, struct relay_order *ret);

/* The stretches of time (UTC ms) in which the device was talked to: its frames. Returns how many there are, at most `max`. */
struct story_session {
    int64_t from_ms, to_ms;
};
size_t story_sessions(const char *steps, struct story_session *out, size_t max);

/* When the device is asked again: it was not read, or the run is endless, and its last step is to wait. UTC ms; 0: it does not wait. */
int64_t story_resting_until(const char *steps);
