/* A simulated bus; see rs485.h. The wire itself is wire_plan.c; here are the pty, the meters and the thread. */
#include "sim/rs485.h"

#include "base/arena.h"
#include "base/clock.h"
#include "sim/wire_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <termios.h>
#include <unistd.h>

enum {
    HEARD_MAX = 4096,         /* longest piece between two silences */
    ANSWER_MAX = 1 << 14,     /* longest answer */
    SILENCE_CHARACTERS = 5,   /* this long nothing: what was heard before is over... */
    SILENCE_LEAST_MS = 20,    /* ...but a master's process may pause that long between two writes */
    TICK_NS = 1000000,        /* bytes of a fast line are handed over in pieces this long */
};

/* A meter on the bus, and its side of the conversation. */
struct seat {
    struct sim_meter *meter;
    void *session;
};

struct rs485 {
    struct rs485_options options;
    char device[64];
    char *link;
    int pty, own_end, stop; /* own_end: the port held open here, so that a master may come and go */
    pthread_t thread;
    bool started;
    pthread_mutex_t lock; /* guards all that follows */
    struct seat *seats;
    size_t count;
    struct wire_plan wire;
    uint8_t heard[HEARD_MAX];
    size_t heard_size;
    int64_t heard_end_ns;
    bool unexamined;    /* something was heard since the finders looked */
    bool foreign_speed; /* the master talks at another speed */
    struct rs485_figures figures; /* but for bits_us and idle_us, which are made when asked for */
    int64_t bits_ns;
    uint8_t answer[ANSWER_MAX];
};

/* --- the line ----------------------------------------------------------------------------------------------------- */

static uint32_t speed_of(speed_t code)
{
    static const struct {
        speed_t code;
        uint32_t baud;
    } speeds[] = {
        { B300, 300 }, { B600, 600 }, { B1200, 1200 }, { B2400, 2400 }, { B4800, 4800 }, { B9600, 9600 },
        { B19200, 19200 }, { B38400, 38400 }, { B57600, 57600 }, { B115200, 115200 },
    };
    for (size_t i = 0; i < sizeof speeds / sizeof *speeds; i++)
        if (speeds[i].code == code)
            return speeds[i].baud;
    return 9600;
}

/* Looks at the speed the master has set and applies it to the plan. */
static void follow_speed(struct rs485 *b)
{
    struct termios t;
    struct line line = b->options.line;
    uint32_t masters = tcgetattr(b->pty, &t) == 0 ? speed_of(cfgetospeed(&t)) : 9600;
    b->foreign_speed = b->options.strict && line.baud && masters != line.baud;
    int bits = 1 + (line.bits ? line.bits : 8) + (line.parity == 'E' || line.parity == 'O') + (line.stop ? line.stop : 1);
    b->wire.byte_ns = (int64_t)bits * 1000000000 / (line.baud ? line.baud : masters);
}

static int64_t silence_ns(const struct rs485 *b)
{
    int64_t characters = SILENCE_CHARACTERS * b->wire.byte_ns, least = SILENCE_LEAST_MS * (int64_t)1000000;
    return characters > least ? characters : least;
}

static uint8_t with_parity(uint8_t value, char parity)
{
    bool odd = __builtin_parity(value & 0x7F);
    return (uint8_t)((value & 0x7F) | (odd == (parity != 'O') ? 0x80 : 0));
}

/* The byte as the meters' receivers see it. */
static uint8_t received(const struct rs485 *b, uint8_t value)
{
    if (b->foreign_speed)
        return value ^ 0xA5;
    if (!b->options.soft7)
        return value;
    return with_parity(value, b->options.line.parity) == value ? value & 0x7F : 0x7F;
}

static void hear_byte(struct rs485 *b, const struct wire_byte *byte)
{
    if (b->heard_size && (byte->start_ns - b->heard_end_ns > silence_ns(b) || b->heard_size == HEARD_MAX)) {
        b->figures.foreign++;
        b->heard_size = 0;
    }
    b->heard[b->heard_size++] = received(b, byte->value);
    b->heard_end_ns = byte->end_ns;
    b->figures.heard++;
    b->unexamined = true;
}

/* Carries what is over by now: to the meters' ears and to the master's port. */
static void carry(struct rs485 *b, int64_t now_ns)
{
    uint8_t out[512];
    size_t size = 0;
    struct wire_byte byte;
    while (size < sizeof out && wire_next(&b->wire, now_ns, &byte)) {
        struct rs485_figures *f = &b->figures;
        f->since_us = f->since_us ? f->since_us : byte.start_ns / 1000;
        f->until_us = byte.end_ns / 1000;
        b->bits_ns += byte.end_ns - byte.start_ns;
        f->collisions += byte.spoilt;
        f->sent += byte.meter;
        if (byte.master)
            hear_byte(b, &byte);
        if (byte.meter || b->options.echo)
            out[size++] = byte.value;
    }
    if (size && write(b->pty, out, size) < 0)
        return; /* nobody reads the port: lost, as on a wire */
}

/* --- the meters --------------------------------------------------------------------------------------------------- */

/* Puts the parity into the meters' 7-bit characters. */
static struct bytes transmitted(struct rs485 *b, struct bytes out)
{
    for (size_t i = 0; b->options.soft7 && i < out.size; i++)
        b->answer[out.data - b->answer + (ptrdiff_t)i] = with_parity(out.data[i], b->options.line.parity);
    return out;
}

/* Lets the meters of one family that the frame is meant for answer; the earliest answer moves *first_ns. */
static bool ask_family(struct rs485 *b, const struct twin *twin, struct bytes frame, int64_t *first_ns)
{
    bool taken = false;
    for (size_t i = 0; i < b->count; i++) {
        struct sim_meter *m = b->seats[i].meter;
        if (m->twin != twin || (twin->addressed && !twin->addressed(m, frame)))
            continue;
        taken = true;
        struct bytes out = sim_meter_answer(m, b->seats[i].session, frame, &b->options.clock, b->answer, ANSWER_MAX);
        if (out.size == 0)
            continue;
        int64_t start = b->heard_end_ns + ((int64_t)twin->turnaround_us + (int64_t)m->faults.slow_ms * 1000) * 1000;
        wire_meter_says(&b->wire, transmitted(b, out), start);
        b->figures.answers++;
        *first_ns = start < *first_ns ? start : *first_ns;
    }
    return taken;
}

static bool family_seen(const struct rs485 *b, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (b->seats[k].meter->twin == b->seats[i].meter->twin)
            return true;
    return false;
}

/* When the master has said what it had to say, every family looks whether it is a frame of its own. */
static void examine(struct rs485 *b)
{
    if (!b->unexamined || wire_master_left(&b->wire))
        return;
    b->unexamined = false;
    bool taken = false;
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < b->count; i++) {
        const struct twin *twin = b->seats[i].meter->twin;
        if (family_seen(b, i))
            continue;
        struct frame_found found = twin->find(bytes_of(b->heard, b->heard_size), NULL);
        if (found.state == FRAME_WHOLE || found.state == FRAME_PERHAPS)
            taken |= ask_family(b, twin, bytes_of(b->heard + found.start, found.size), &first);
    }
    if (first != INT64_MAX)
        b->figures.turnaround_us += (first - b->heard_end_ns) / 1000;
    if (taken) {
        b->figures.requests++;
        b->heard_size = 0;
    }
}

/* --- the thread --------------------------------------------------------------------------------------------------- */

static void take_from_master(struct rs485 *b)
{
    uint8_t in[1024];
    ssize_t size = read(b->pty, in, sizeof in);
    if (size <= 0)
        return;
    if (b->wire.count == 0)
        follow_speed(b);
    wire_master_says(&b->wire, bytes_of(in, (size_t)size), clock_monotonic_ns());
}

/* When to look again: at the next byte, on fast lines at the next tick; at a talker's end exactly. */
static int64_t next_look_ns(const struct rs485 *b, int64_t now)
{
    int64_t next = wire_next_end_ns(&b->wire), pause = wire_pause_ns(&b->wire);
    if (next == INT64_MAX || next >= now + TICK_NS)
        return next;
    return pause < now + TICK_NS ? pause : now + TICK_NS;
}

static void *listen_and_answer(void *argument)
{
    struct rs485 *b = argument;
    prctl(PR_SET_TIMERSLACK, 1000UL); /* this thread's sleeps are good to a microsecond */
    for (;;) {
        pthread_mutex_lock(&b->lock);
        int64_t now = clock_monotonic_ns();
        carry(b, now);
        examine(b);
        int64_t look = next_look_ns(b, now);
        pthread_mutex_unlock(&b->lock);
        int64_t wait = look == INT64_MAX ? -1 : look - clock_monotonic_ns();
        wait = look != INT64_MAX && wait < 0 ? 0 : wait;
        struct timespec time = { .tv_sec = wait / 1000000000, .tv_nsec = (long)(wait % 1000000000) };
        struct pollfd fds[2] = { { .fd = b->pty, .events = POLLIN }, { .fd = b->stop, .events = POLLIN } };
        int ready = ppoll(fds, 2, wait < 0 ? NULL : &time, NULL);
        if (ready > 0 && fds[1].revents)
            return NULL;
        if (ready > 0 && fds[0].revents) {
            pthread_mutex_lock(&b->lock);
            carry(b, clock_monotonic_ns());
            take_from_master(b);
            pthread_mutex_unlock(&b->lock);
        }
    }
}

void rs485_start(struct rs485 *b)
{
    b->started = pthread_create(&b->thread, NULL, listen_and_answer, b) == 0;
}

/* --- birth and death ---------------------------------------------------------------------------------------------- */

static bool make_raw(int fd)
{
    struct termios t;
    if (tcgetattr(fd, &t) != 0)
        return false;
    cfmakeraw(&t);
    cfsetispeed(&t, B9600);
    cfsetospeed(&t, B9600);
    return tcsetattr(fd, TCSANOW, &t) == 0;
}

/* Replaces a link left by an earlier run, never anything else. */
static bool make_link(struct rs485 *b)
{
    char old[sizeof b->device];
    if (!b->options.link)
        return true;
    if (readlink(b->options.link, old, sizeof old) > 0)
        unlink(b->options.link);
    if (symlink(b->device, b->options.link) != 0)
        return false;
    b->link = strdup(b->options.link);
    return true;
}

struct rs485 *rs485_new(const struct rs485_options *options, enum lang lang, struct text *problem)
{
    static const struct phrase cannot = { { "шина не открывается", "the bus cannot be opened" } };
    struct rs485 *b = memory_new(sizeof *b);
    b->options = *options;
    pthread_mutex_init(&b->lock, NULL);
    b->own_end = -1;
    b->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    b->pty = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    bool ready = b->stop >= 0 && b->pty >= 0 && grantpt(b->pty) == 0 && unlockpt(b->pty) == 0 &&
                 ptsname_r(b->pty, b->device, sizeof b->device) == 0;
    if (ready)
        b->own_end = open(b->device, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (ready && b->own_end >= 0 && make_raw(b->own_end) && make_link(b)) {
        follow_speed(b);
        return b;
    }
    text_printf(problem, "%s: %s: %s", phrase_in(&cannot, lang), options->link ? options->link : "pty", strerror(errno));
    rs485_free(&b);
    return NULL;
}

struct sim_meter *rs485_add(struct rs485 *b, const struct sim_birth *birth)
{
    size_t size = birth->twin->session_size;
    b->seats = memory_grow(b->seats, b->count * sizeof *b->seats, (b->count + 1) * sizeof *b->seats);
    b->seats[b->count] = (struct seat){ sim_meter_new(birth), memory_new(size ? size : 1) };
    return b->seats[b->count++].meter;
}

static void stop_thread(struct rs485 *b)
{
    uint64_t one = 1;
    if (b->started && write(b->stop, &one, sizeof one) == sizeof one)
        pthread_join(b->thread, NULL);
}

static void close_all(struct rs485 *b)
{
    int fds[] = { b->pty, b->own_end, b->stop };
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

void rs485_free(struct rs485 **b)
{
    struct rs485 *dead = *b;
    *b = NULL;
    if (!dead)
        return;
    stop_thread(dead);
    if (dead->link)
        unlink(dead->link);
    close_all(dead);
    for (size_t i = 0; i < dead->count; i++) {
        free(dead->seats[i].meter);
        free(dead->seats[i].session);
    }
    wire_plan_free(&dead->wire);
    pthread_mutex_destroy(&dead->lock);
    free(dead->seats);
    free(dead->link);
    free(dead);
}

const char *rs485_device(const struct rs485 *b)
{
    return b->device;
}

void rs485_visit(struct rs485 *b, size_t i, void (*call)(struct sim_meter *, void *), void *argument)
{
    pthread_mutex_lock(&b->lock);
    call(b->seats[i].meter, argument);
    pthread_mutex_unlock(&b->lock);
}

struct rs485_figures rs485_figures(struct rs485 *b)
{
    pthread_mutex_lock(&b->lock);
    struct rs485_figures f = b->figures;
    f.bits_us = b->bits_ns / 1000;
    pthread_mutex_unlock(&b->lock);
    f.idle_us = f.until_us - f.since_us - f.bits_us - f.turnaround_us;
    return f;
}

void rs485_figures_reset(struct rs485 *b)
{
    pthread_mutex_lock(&b->lock);
    b->figures = (struct rs485_figures){ 0 };
    b->bits_ns = 0;
    pthread_mutex_unlock(&b->lock);
}
