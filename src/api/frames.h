/* Frames exchanged with a device (store/exchange.h), shown with what they mean: as JSON or as text. */
#pragma once
#include "api/call.h"

enum frames_form {
    FRAMES_BARE, /* JSON without explanation */
    FRAMES_JSON,
    FRAMES_JOURNAL, /* as rows of a run's journal: "kind" and "text" beside its steps */
    FRAMES_TEXT
};

struct frames_view;
extern const struct shape shape_frame, shape_frame_line;

/* Frames of a device as its driver explains them; never NULL. JSON goes to the call's answer, text to frames_into's buffer. */
struct frames_view *frames_open(struct call *c, int64_t device, enum frames_form form);
void frames_close(struct frames_view **f);
void frames_into(struct frames_view *f, struct buffer *text);

/* At most so many from now on. */
void frames_limit(struct frames_view *f, size_t most);

/* Those of [from_ms, to_ms), oldest first. */
enum fault frames_show(struct frames_view *f, int64_t from_ms, int64_t to_ms);
size_t frames_count(const struct frames_view *f);
