/* The process beside the gateway that has the engine of GOST: its life, and short questions to one of its kind. */
#pragma once
#include "base/arena.h"
#include "base/text.h"
#include "upstream/skzi/talk.h"

#include <sys/types.h>

struct skzi_process {
    pid_t id;    /* 0: none */
    int control; /* -1: none */
};

/* False with errno's words in `why`. */
bool skzi_process_begin(struct skzi_process *p, struct text *why);

/* Gently: its clients may have their answers, it ends by itself and is waited for later (skzi_process_bury). Else at once. */
void skzi_process_end(struct skzi_process *p, bool gently);
void skzi_process_bury(void);

/* How a question went. */
enum skzi_answer { SKZI_ANSWER_GOOD, SKZI_ANSWER_NO_ENGINE, SKZI_ANSWER_NO_IDENTITY, SKZI_ANSWER_FAILED };

/* A certificate made out to `name` with its key, PEM texts in `a`. Takes a moment. */
enum skzi_answer skzi_make(const char *name, struct arena *a, const char **ret_certificate, const char **ret_key, struct text *why);

/* Whether these may be served: a key of GOST R 34.10-2012 and its certificate. */
enum skzi_answer skzi_check(const char *certificate, const char *key, struct text *why);

/* Two texts, each ended by NUL, as both sides say a certificate and its key; `other` false when they are not that. */
struct bytes skzi_pair(const char *certificate, const char *key, struct arena *a);
bool skzi_pair_take(struct bytes b, const char **ret_certificate, const char **ret_key);

/* The other side: `svod gost-port`. Ends the process. */
_Noreturn void skzi_child(void);
