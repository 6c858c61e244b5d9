/* A frame explained to a person: an annotated tree like a protocol analyser's, drawn by whoever listens.
 *
 * Each format has one `<format>_explain(struct explain *, struct bytes)` beside its decoder. An explainer never fails:
 * what it cannot read it shows as raw bytes with the reason. */
#pragma once
#include "base/bytes.h"
#include "base/lang.h"

struct explain {
    /* One line of the tree. `part` is the piece of input it speaks of (empty when there is none), `depth` its level,
     * `label` and `value` UTF-8 in `lang`; valid only during the call. */
    void (*line)(struct explain *, int depth, struct bytes part, const char *label, const char *value);
    enum lang lang;
    int depth;
};

/* One leaf. `format` gives the value by printf; NULL for none. */
__attribute__((format(printf, 4, 5))) void explain_leaf(struct explain *e, struct bytes part, struct phrase label, const char *format, ...);

/* A branch: the same, and what follows until explain_close lies one level deeper. */
__attribute__((format(printf, 4, 5))) void explain_open(struct explain *e, struct bytes part, struct phrase label, const char *format, ...);
void explain_close(struct explain *e);
