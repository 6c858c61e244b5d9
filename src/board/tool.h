/* Runs a program of the system and takes what it prints: no shell, bounded in time and size. */
#pragma once
#include "base/text.h"

enum { TOOL_OUTPUT = 16 << 10 };

/* What it printed on both outputs goes to `said` (may be NULL). True when it ended with 0 within the time; else `said` has the reason
 * when it said nothing itself. */
bool tool_run(const char *const *arguments, int timeout_ms, struct text *said);

/* The value of "key : value" (mmcli -K) in what a tool printed, trimmed, "--" being none; "" without it. */
const char *tool_value(const char *output, const char *key, char *ret, size_t room);

/* A number that a tool or a file of the system gave, in units of 10^exponent, further digits cut; false when it is none. */
bool tool_number(const char *text, int exponent, int64_t *ret);
