/* Who listens to news (server-sent events). A listener that does not keep up is let go: it connects again by itself. */
#pragma once
#include "http/flow.h"

#include <stdint.h>

struct hub;

struct hub *hub_new(void);

/* Ends all streams. */
void hub_free(struct hub **h);

/* Takes the caller's reference of the flow. False, and the flow ended, when too many listen. `pass`: the session it lives by. */
bool hub_join(struct hub *h, struct flow *f, int64_t project, int64_t pass);

/* The same of a person: hears hub_tell_person, too. `project` 0: nothing else. */
bool hub_join_person(struct hub *h, struct flow *f, int64_t project, int64_t person, int64_t pass);

/* To all pages of a person, whatever the project. */
void hub_tell_person(struct hub *h, int64_t person, const char *event, const char *data);

/* To those of the project (0: all projects). `data` is one line of JSON. */
void hub_tell(struct hub *h, int64_t project, const char *event, const char *data);

/* The session ended: so do its streams. */
void hub_leave(struct hub *h, int64_t pass);

/* A comment line to everybody, so that dead connections are noticed; called now and then. */
void hub_beat(struct hub *h);
unsigned hub_count(struct hub *h);
