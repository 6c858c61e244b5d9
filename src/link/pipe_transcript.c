/* A recorded exchange that answers like the meter did; see pipe.h. */
#include "link/pipe.h"

#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>

enum { FRAME_MAX = 4096 };

struct pipe_transcript {
    struct pipe pipe;
    char *script;
    char *at;                /* the line that comes next */
    uint8_t answer[FRAME_MAX];
    size_t answer_at, answer_end;
    char *problem;
};

/* The next line that is neither blank nor a comment, without taking it; NULL at the end. */
static char *next_line(struct pipe_transcript *p)
{
    while (*p->at) {
        p->at += strspn(p->at, " \t\r\n");
        if (*p->at && *p->at != '#')
            return p->at;
        p->at += strcspn(p->at, "\n");
    }
    return NULL;
}

/* Takes a line of the given direction into `out`; -1 when the next line is none. */
static long take_line(struct pipe_transcript *p, const char *direction, uint8_t *out)
{
    char *line = next_line(p);
    if (!line || strncmp(line, direction, 2) != 0)
        return -1;
    size_t length = strcspn(line, "\n#");
    char *hex = strndup(line + 2, length - 2);
    long size = hex_parse(hex, out, FRAME_MAX);
    free(hex);
    p->at = line + strcspn(line, "\n");
    return size;
}

static enum fault transcript_open(struct pipe *pipe, int64_t deadline_us, struct text *why)
{
    (void)pipe, (void)deadline_us, (void)why;
    return FAULT_NONE;
}

static long transcript_receive(struct pipe *pipe, void *memory, size_t room, int64_t deadline_us)
{
    struct pipe_transcript *p = (struct pipe_transcript *)pipe;
    bool only_leftovers = deadline_us == 0;
    if (p->answer_at == p->answer_end && !only_leftovers) {
        long size = take_line(p, "<<", p->answer);
        p->answer_at = 0;
        p->answer_end = size > 0 ? (size_t)size : 0;
    }
    if (p->answer_at == p->answer_end)
        return 0; /* a recorded meter that says nothing will not say more by waiting */
    size_t count = p->answer_end - p->answer_at < room ? p->answer_end - p->answer_at : room;
    memcpy(memory, p->answer + p->answer_at, count);
    p->answer_at += count;
    return (long)count;
}

static enum fault transcript_send(struct pipe *pipe, struct bytes b, int64_t deadline_us)
{
    (void)deadline_us;
    struct pipe_transcript *p = (struct pipe_transcript *)pipe;
    uint8_t expected[FRAME_MAX];
    long size = take_line(p, ">>", expected);
    if (size >= 0 && bytes_equal(b, bytes_of(expected, (size_t)size)))
        return FAULT_NONE;
    char problem[512];
    struct text t = text_over(problem, sizeof problem);
    text_put(&t, "sent ");
    text_put_hex(&t, b);
    text_put(&t, size < 0 ? " where the recording sends nothing" : " where the recording has ");
    if (size > 0)
        text_put_hex(&t, bytes_of(expected, (size_t)size));
    free(p->problem);
    p->problem = strdup(problem);
    return FAULT_NONSENSE;
}

static void transcript_shape(struct pipe *pipe, struct line line)
{
    pipe->line = line;
}

static void transcript_close(struct pipe *pipe)
{
    (void)pipe;
}

static void transcript_free(struct pipe *pipe)
{
    struct pipe_transcript *p = (struct pipe_transcript *)pipe;
    free(p->script);
    free(p->problem);
    free(p);
}

static const struct pipe_kind transcript_kind = {
    .open = transcript_open, .receive = transcript_receive, .send = transcript_send, .shape = transcript_shape,
    .close = transcript_close, .free = transcript_free,
};

struct pipe *pipe_transcript_new(const char *script)
{
    struct pipe_transcript *p = memory_new(sizeof *p);
    p->pipe.kind = &transcript_kind;
    p->script = p->at = strdup(script);
    return &p->pipe;
}

const char *pipe_transcript_problem(const struct pipe *pipe)
{
    return ((const struct pipe_transcript *)pipe)->problem;
}

bool pipe_transcript_ended(const struct pipe *pipe)
{
    struct pipe_transcript *p = (struct pipe_transcript *)pipe;
    return next_line(p) == NULL;
}
