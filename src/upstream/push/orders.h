/* Words that orders and their results have on the wire (docs/push.md). */
#pragma once
#include "store/work/tasks.h"

enum { PUSH_REQUEST_MAX = 65, PUSH_ORDERS_MAX = 256 /* under way at one gateway */ };

/* Results of a device: those of a run, and those of who was not even begun. */
enum push_result { PUSH_REFUSED = RUN_RESULTS, PUSH_UNKNOWN, PUSH_RESULTS };
const char *push_result_name(int result);
int push_result_find(const char *name); /* PUSH_RESULTS for none */
