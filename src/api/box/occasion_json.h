/* Conditions and actions of the gateway's events (box/occasion.h) as JSON and back, and in plain words. */
#pragma once
#include "api/call.h"
#include "box/occasion.h"

extern const struct shape shape_condition, shape_action;

void condition_put(struct call *c, const char *key, const struct condition *k);
void action_put(struct call *c, const struct action *a);

/* Checked by their shapes; what they name must be the project's. False, refused, when it cannot be. */
bool condition_take(struct call *c, const json_t *from, struct condition *ret);
bool actions_take(struct call *c, const json_t *list, struct actions *ret);

/* «Дискретный вход 1: появление сигнала», «Опрос: Ночной»; in the caller's language. */
void condition_tell(struct call *c, const struct condition *k, struct text *t);
void action_tell(struct call *c, const struct action *a, struct text *t);
