/* Finding a frame in a stream of bytes: how link/ knows that an answer is whole without waiting for silence. */
#pragma once
#include "base/bytes.h"

enum frame_state {
    FRAME_PARTIAL, /* nothing wrong so far, more bytes must come */
    FRAME_WHOLE,   /* a frame with a good checksum lies at [start, start + size) */
    FRAME_DAMAGED, /* what lies at [start, start + size) has the shape of a frame but is broken */
};

/* Bytes before `start` are noise and may be dropped. For FRAME_PARTIAL `size` is how many bytes from `start` are needed
 * at least before looking again makes sense (1 when unknown). */
struct frame_found {
    enum frame_state state;
    size_t start;
    size_t size;
};

/* Looks for the first frame of one format in `received`. Pure; may be called again with more bytes. */
typedef struct frame_found frame_finder(struct bytes received);
