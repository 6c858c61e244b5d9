/* Frames exchanged with a device (store/frames/exchange.h) within the journal of a run, with what they mean: as JSON or as text. */
#pragma once
#include "api/call.h"

struct frames_view;

/* Frames of a device as its driver explains them; never NULL. They go to the call's answer as JSON, or, after frames_into, to
 * that buffer as text. */
struct frames_view *frames_open(struct call *c, int64_t device);
void frames_close(struct frames_view **f);
void frames_into(struct frames_view *f, struct buffer *text);

/* Those of [from_ms, to_ms), oldest first; some thousands in all. */
enum fault frames_show(struct frames_view *f, int64_t from_ms, int64_t to_ms);
