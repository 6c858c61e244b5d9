/* Byte pipes: everything below a conversation. One small interface, stackable: a filter is a pipe over another pipe.
 *
 * All calls are made from a task of one loop and may suspend it. Deadlines are of that loop's clock (loop.h). */
#pragma once
#include "base/bytes.h"
#include "base/fault.h"
#include "base/lang.h"
#include "base/text.h"
#include "link/loop.h"

/* Character format of a serial line. */
struct line {
    uint32_t baud;   /* 300..115200 */
    uint8_t bits;    /* 7 or 8 */
    char parity;     /* 'N', 'E', 'O' */
    uint8_t stop;    /* 1 or 2 */
};

struct pipe;

struct pipe_kind {
    /* Opens the way; FAULT_NO_CONNECTION with the reason in `why` when it cannot be had. */
    enum fault (*open)(struct pipe *, int64_t deadline_us, struct text *why);
    /* At least one byte into `memory`: their count; 0 at the deadline or on cancellation; -1 when the way is broken. */
    long (*receive)(struct pipe *, void *memory, size_t room, int64_t deadline_us);
    /* Sends all of it; FAULT_LINK_LOST when the way broke. */
    enum fault (*send)(struct pipe *, struct bytes, int64_t deadline_us);
    /* Sets the character format; nothing where there is no line. */
    void (*shape)(struct pipe *, struct line);
    void (*close)(struct pipe *);
    /* Frees the pipe and every pipe below it. */
    void (*free)(struct pipe *);
};

struct pipe {
    const struct pipe_kind *kind;
    bool timed; /* bytes take their time on a line: pipe_wire_us() is meaningful */
    struct line line;
};

/* Microseconds that `count` characters take on the pipe's line; 0 where there is no line. */
int64_t pipe_wire_us(const struct pipe *p, size_t count);

static inline enum fault pipe_open(struct pipe *p, int64_t deadline_us, struct text *why)
{
    return p->kind->open(p, deadline_us, why);
}

static inline long pipe_receive(struct pipe *p, void *memory, size_t room, int64_t deadline_us)
{
    return p->kind->receive(p, memory, room, deadline_us);
}

static inline enum fault pipe_send(struct pipe *p, struct bytes b, int64_t deadline_us)
{
    return p->kind->send(p, b, deadline_us);
}

/* Sets the character format, if it differs from the present one. */
void pipe_shape(struct pipe *p, struct line line);

static inline void pipe_close(struct pipe *p)
{
    p->kind->close(p);
}

/* Frees it (closing first); sets *p to NULL; accepts NULL. */
void pipe_free(struct pipe **p);

/* --- the pipes there are ---------------------------------------------------------------------------------------- */

/* TCP to a host (name or address) and port; name look-ups run aside. */
struct pipe *pipe_tcp_new(const char *host, uint16_t port);

/* The same, by the network interface of that name and no other ("eth0", "wwan0"); "": whichever way there is. One that the machine has
 * not is a way that cannot be opened. Linux (SO_BINDTODEVICE), since 5.7 without rights of its own. */
struct pipe *pipe_tcp_by_new(const char *interface, const char *host, uint16_t port);

/* Could be an interface's name, or is "". */
bool interface_name_valid(const char *interface);

/* What is wrong with a way by that interface now, for people: it is missing or off; false: nothing, or it is "". */
bool interface_trouble(const char *interface, enum lang lang, struct text *why);

/* UDP to one peer: what is sent goes as one datagram; datagrams from others are not seen. */
struct pipe *pipe_udp_new(const char *host, uint16_t port);

/* An already connected stream socket, which the pipe owns from now on: dialled-in meters, accepted connections. */
struct pipe *pipe_socket_new(int fd);

/* A way that never opens; `why` says so. */
struct pipe *pipe_nowhere_new(const char *why);

/* A serial port. `rs485` asks the kernel to switch the transmitter by RTS (TIOCSRS485). */
struct pipe *pipe_serial_new(const char *device, struct line line, bool rs485);

/* 7 data bits with parity over a pipe that carries 8N1: parity is computed on the way out, checked and stripped on the
 * way in; a byte with wrong parity becomes 0x7F, which no checksum survives. Owns `below`. */
struct pipe *pipe_seven_bits_new(struct pipe *below, char parity);

/* Drops the echo of what was sent, byte by byte, for adapters and level converters that hear themselves. A byte that
 * differs from the echo expected ends the dropping, so a missing echo costs nothing. Owns `below`. */
struct pipe *pipe_echo_new(struct pipe *below);

/* Plays a recorded exchange: lines ">> hex" are what must be sent, "<< hex" what is answered then; '#' begins a comment.
 * Sending anything else is FAULT_NONSENSE and what came is kept for pipe_transcript_problem. Owns a copy of `script`. */
struct pipe *pipe_transcript_new(const char *script);

/* What went differently from the recording, or NULL; and whether all of it was played. */
const char *pipe_transcript_problem(const struct pipe *p);
bool pipe_transcript_ended(const struct pipe *p);
