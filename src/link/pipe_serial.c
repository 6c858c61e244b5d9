/* Serial ports; see pipe.h. */
#include "link/pipe_fd.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/serial.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

struct pipe_serial {
    struct pipe_fd base;
    char *device;
    bool rs485;
};

static speed_t speed_code(uint32_t baud)
{
    static const struct {
        uint32_t baud;
        speed_t code;
    } speeds[] = {
        { 300, B300 }, { 600, B600 }, { 1200, B1200 }, { 2400, B2400 }, { 4800, B4800 }, { 9600, B9600 },
        { 19200, B19200 }, { 38400, B38400 }, { 57600, B57600 }, { 115200, B115200 },
    };
    for (size_t i = 0; i < sizeof speeds / sizeof *speeds; i++)
        if (speeds[i].baud == baud)
            return speeds[i].code;
    return B9600;
}

static bool line_apply(int fd, struct line line)
{
    struct termios t;
    if (tcgetattr(fd, &t) != 0)
        return false;
    cfmakeraw(&t);
    t.c_cflag |= CLOCAL | CREAD;
    t.c_cflag &= ~(tcflag_t)(CSIZE | CSTOPB | PARENB | PARODD | CRTSCTS);
    t.c_cflag |= line.bits == 7 ? CS7 : CS8;
    t.c_cflag |= line.stop == 2 ? CSTOPB : 0;
    t.c_cflag |= line.parity == 'E' ? PARENB : line.parity == 'O' ? PARENB | PARODD : 0;
    t.c_cc[VMIN] = 1;
    t.c_cc[VTIME] = 0;
    cfsetispeed(&t, speed_code(line.baud));
    cfsetospeed(&t, speed_code(line.baud));
    return tcsetattr(fd, TCSANOW, &t) == 0;
}

static enum fault serial_open(struct pipe *pipe, int64_t deadline_us, struct text *why)
{
    (void)deadline_us;
    struct pipe_serial *p = (struct pipe_serial *)pipe;
    if (p->base.open)
        return FAULT_NONE;
    int fd = open(p->device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    struct serial_rs485 rs485 = { .flags = SER_RS485_ENABLED | SER_RS485_RTS_ON_SEND };
    bool ready = fd >= 0 && line_apply(fd, pipe->line) && (!p->rs485 || ioctl(fd, TIOCSRS485, &rs485) == 0);
    if (!ready) {
        if (why)
            text_printf(why, "%s: %s", p->device, strerror(errno));
        if (fd >= 0)
            close(fd);
        return FAULT_NO_CONNECTION;
    }
    tcflush(fd, TCIOFLUSH);
    return pipe_fd_adopt(&p->base, fd) ? FAULT_NONE : FAULT_NO_CONNECTION;
}

static void serial_shape(struct pipe *pipe, struct line line)
{
    struct pipe_serial *p = (struct pipe_serial *)pipe;
    pipe->line = line;
    if (p->base.open)
        line_apply(p->base.watch.fd, line);
}

static void serial_free(struct pipe *pipe)
{
    struct pipe_serial *p = (struct pipe_serial *)pipe;
    free(p->device);
    free(p);
}

static const struct pipe_kind serial_kind = {
    .open = serial_open, .receive = pipe_fd_receive, .send = pipe_fd_send, .shape = serial_shape,
    .close = pipe_fd_close, .free = serial_free,
};

struct pipe *pipe_serial_new(const char *device, struct line line, bool rs485)
{
    struct pipe_serial *p = memory_new(sizeof *p);
    p->base.pipe = (struct pipe){ .kind = &serial_kind, .timed = true, .line = line };
    p->device = strdup(device);
    p->rs485 = rs485;
    return &p->base.pipe;
}
