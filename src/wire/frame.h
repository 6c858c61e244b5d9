/* Finding a frame in a stream of bytes: how link/ knows that an answer is whole without waiting for silence. */
#pragma once
#include "base/bytes.h"

enum frame_state {
    FRAME_PARTIAL, /* nothing wrong so far, more bytes must come */
    FRAME_WHOLE,   /* a frame with a good checksum lies at [start, start + size) */
    FRAME_DAMAGED, /* what lies at [start, start + size) has the shape of a frame but is broken */
    FRAME_PERHAPS, /* as FRAME_WHOLE, but a longer frame may begin with it: it counts once nothing follows */
};

/* Bytes before `start` are noise and may be dropped. For FRAME_PARTIAL `size` is how many bytes from `start` are needed
 * at least before looking again makes sense (1 when unknown). For FRAME_PERHAPS nothing may be dropped yet. */
struct frame_found {
    enum frame_state state;
    size_t start;
    size_t size;
};

/* Looks for the first frame of one format in `received`. Pure; may be called again with more bytes. `context` is what the
 * asker knows of the frame it waits for; formats whose frames tell their own length ignore it. */
typedef struct frame_found frame_finder(struct bytes received, void *context);
