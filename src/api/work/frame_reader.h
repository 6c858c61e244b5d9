/* Frames of one device as its driver explains them, line by line: into JSON or into a text. */
#pragma once
#include "api/call.h"
#include "drivers/driver.h"
#include "store/frames/exchange.h"

struct frame_reader {
    struct explain explain; /* stands first: lines are told through it */
    struct call *c;
    const struct driver *driver;
    void *settings;
    struct bytes whole;
    struct buffer *text;    /* NULL: JSON, objects of shape_frame_line into the call's answer */
};

extern const struct shape shape_frame_line;

/* Ready for the frames of this device (NULL, one that is gone: they are not explained), as JSON. frame_reader_end gives back
 * what it took. */
void frame_reader_begin(struct frame_reader *r, struct call *c, const struct store_meter *m);
void frame_reader_end(struct frame_reader *r);

/* From here on as text into the buffer, which stays the caller's. */
void frame_reader_into(struct frame_reader *r, struct buffer *text);

/* The lines of one; none for a note, or where the driver cannot say. */
void frame_explain(struct frame_reader *r, const struct exchange *x);

/* A line of text with moment, direction, bytes and note, and what they mean below it. */
void frame_write(struct frame_reader *r, const struct exchange *x, const char *hex);

/* Upper case, without blanks; the caller's to free. */
char *frame_hex(struct bytes frame);
