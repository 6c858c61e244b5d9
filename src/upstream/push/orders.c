/* Words of results; see orders.h. */
#include "upstream/push/orders.h"

#include <string.h>

static const char *const names[PUSH_RESULTS] = {
    [RUN_PENDING] = "pending", [RUN_SUCCESS] = "success", [RUN_PARTIAL] = "partial", [RUN_ERROR] = "error", [RUN_ABSENT] = "absent",
    [RUN_CANCELLED_BY_SCHEDULE] = "cancelled-by-schedule", [RUN_CANCELLED_BY_USER] = "cancelled", [RUN_INTERRUPTED] = "interrupted",
    [PUSH_REFUSED] = "refused", [PUSH_UNKNOWN] = "unknown",
};

const char *push_result_name(int result)
{
    return names[result];
}

int push_result_find(const char *name)
{
    int result = 0;
    while (result < PUSH_RESULTS && strcmp(names[result], name) != 0)
        result++;
    return result;
}
