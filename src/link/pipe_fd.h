/* Reading and writing a watched descriptor from a task: what sockets and serial ports share. */
#pragma once
#include "link/pipe.h"

struct pipe_fd {
    struct pipe pipe;
    struct watch watch;
    bool open;
};

/* Takes a connected non-blocking descriptor into the running task's loop. False (descriptor closed) when refused. */
bool pipe_fd_adopt(struct pipe_fd *p, int fd);

long pipe_fd_receive(struct pipe *p, void *memory, size_t room, int64_t deadline_us);
enum fault pipe_fd_send(struct pipe *p, struct bytes b, int64_t deadline_us);
void pipe_fd_close(struct pipe *p);

/* For kinds without a line: remembers nothing. */
void pipe_fd_shape(struct pipe *p, struct line line);
