/* One line key=value on stderr for each thing worth knowing; journald and people read the same. Library code returns
 * faults and does not log; programs log once, with device, link and step. */
#pragma once

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Lines above this level are dropped. LOG_INFO until set. */
void log_limit(enum log_level level);

/* Writes "ts=… level=… event=<event> <details>". `details` is a printf format of key=value pairs; values with blanks
 * must be quoted by the caller; control characters become blanks. Safe from any thread; a line is written whole. */
__attribute__((format(printf, 3, 4))) void log_line(enum log_level level, const char *event, const char *details, ...);

/* What is written is told there, too, on the thread that logs: be quick, and do not log. NULL: to nobody; what was given must
 * live until every thread that logs has ended. */
typedef void log_tap_fn(void *context, enum log_level level, const char *event, const char *details);
void log_tap(log_tap_fn *tap, void *context);
