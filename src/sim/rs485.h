/* A bus: meters of any families on one simulated RS-485 line, reached through a pty as a serial port would be.
 *
 * The line is slow on purpose. A byte takes its start, data, parity and stop bits at the line's speed, both ways; each
 * meter thinks as long as its twin says before it answers; the plan is kept in time since the first byte, so delays of this
 * process do not add up. What happens on a real pair of wires happens here:
 *
 *   - every meter hears every request; each family's finder looks at what was heard since the last silence, and what is
 *     nobody's is forgotten after one;
 *   - meters that answer at once disturb each other: bytes that coincide are joined (AND), equal ones survive (E5h of
 *     M-Bus);
 *   - half duplex: what the master sends while a meter answers is lost, and so is what it overlaps;
 *   - the master hears itself, if the adapter has an echo.
 *
 * Meters do not listen to each other's answers. Each bus has a thread of its own. */
#pragma once
#include "link/pipe.h"
#include "sim/meter.h"

struct rs485;

struct rs485_options {
    const char *link;    /* path of a symbolic link to make to the pty; NULL: none */
    struct line line;    /* baud 0: the speed that the master sets on its port */
    bool strict;         /* a master at another speed than the line's is not understood (needs a line with baud) */
    bool echo;
    bool soft7;          /* the master makes and checks the parity of 7-bit characters itself: bit 7 of each byte carries it */
    struct sim_clock clock;
};

/* Opens the pty and makes the link. NULL with the reason in `problem`. */
struct rs485 *rs485_new(const struct rs485_options *options, enum lang lang, struct text *problem);

/* Hangs a meter on the bus. Only before rs485_start. The meter is the bus's. */
struct sim_meter *rs485_add(struct rs485 *b, const struct sim_birth *birth);

/* The bus begins to listen. */
void rs485_start(struct rs485 *b);

/* Stops, removes the link, frees the meters; sets *b to NULL; accepts NULL. */
void rs485_free(struct rs485 **b);

/* Path of the port a master opens: /dev/pts/N. */
const char *rs485_device(const struct rs485 *b);

/* Calls call(meter, argument) for the i-th meter added, while nobody converses with it. */
void rs485_visit(struct rs485 *b, size_t i, void (*call)(struct sim_meter *, void *), void *argument);

/* What the line did since it was opened or last reset. Times are of the line's plan, not of this process, so
 * bits / (until - since) is how well a master used it. */
struct rs485_figures {
    int64_t since_us, until_us; /* monotonic clock: first bit and last bit */
    int64_t bits_us;            /* the line carries bits */
    int64_t turnaround_us;      /* a meter thinks before an answer that it gives */
    int64_t idle_us;            /* nobody says anything: the rest */
    uint64_t heard, sent;       /* bytes from the master and from the meters */
    uint64_t requests;          /* whole frames that some meter took as its own */
    uint64_t answers;           /* by meters */
    uint64_t foreign;           /* pieces forgotten after a silence: no meter's, or broken */
    uint64_t collisions;        /* bytes spoilt because two talked at once */
};
struct rs485_figures rs485_figures(struct rs485 *b);
void rs485_figures_reset(struct rs485 *b);
