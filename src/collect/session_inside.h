/* Inside of sessions: session.c and session_commands.c only. */
#pragma once
#include "collect/session.h"

/* Does the plan's command number `i` and writes what came of it to it. `begun_ms` is when the session began, monotonic. */
void session_do(struct conversation *c, const struct session_plan *plan, size_t i, struct sink *out, struct session_result *ret,
                int64_t begun_ms);
