/* All settings of a gateway as one file (manual S4 9): saved, compared, loaded whole or not at all.
 *
 * A section is what a route answers to GET and takes as PATCH: the file is checked by the same rules that a page's form is, and a
 * mistake is told at "<section>.<field>". Sections of the database go into one transaction; those that the box itself must take
 * (time, modem, Ethernet) follow once it is kept, each by itself, for nothing can take a modem's setting back. */
#pragma once
#include "api/call.h"

enum { SETTINGS_FILE_MAX = 2 << 20, SETTINGS_PASSWORD_LEAST = 8 };

/* The name of section i; NULL behind the last. */
const char *settings_section(size_t i);

/* The file; to be decref'd. `parts` (may be NULL: all) are names of sections. With a password the secrets go with it, sealed by it
 * (Argon2id, XSalsa20-Poly1305); without one they are left out. */
json_t *settings_file_make(struct call *c, const json_t *parts, const char *password);

/* What a load did or, with `only_look`, would do. */
struct settings_outcome {
    json_t *changes;      /* [{"section", "field", "was", "will"}], secrets as "***" */
    json_t *mistakes;     /* [{"field", "message"}] */
    json_t *refused;      /* [{"field", "message"}]: the box itself did not take it, or has not the meters that a group names; the rest stands */
    bool loaded;
};
void settings_file_load(struct call *c, const json_t *file, const json_t *parts, const char *password, bool only_look, struct settings_outcome *ret);
void settings_outcome_free(struct settings_outcome *o);

/* Into the answer or into a file for whoever sent it. */
void settings_outcome_put(struct json_writer *out, const struct settings_outcome *o);
