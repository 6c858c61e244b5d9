/* The M-Bus of tests; see mbus_harness.h. */
#include "support/mbus_harness.h"

#include "base/arena.h"
#include "wire/crc.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_MAX = 1024 };

struct sim_meter *mbus_world_add(struct mbus_world *w, uint32_t serial, uint8_t address, const char *options)
{
    struct sim_meter *m = &w->meters[w->count++];
    *m = (struct sim_meter){ .twin = twin_find("mbus"), .serial = serial, .address = address, .options = options };
    m->state = memory_new(m->twin->meter_size);
    m->twin->born(m);
    return m;
}

static void send_all(int fd, const uint8_t *data, size_t size)
{
    while (size) {
        ssize_t count = write(fd, data, size);
        if (count <= 0)
            return;
        data += count;
        size -= (size_t)count;
    }
}

/* What the line carries when several speak at once: equal bytes stay themselves, others mix. */
static size_t mix(uint8_t *line, size_t size, const uint8_t *more, size_t more_size)
{
    for (size_t i = 0; i < more_size; i++)
        line[i] = i < size ? line[i] & more[i] : more[i];
    return size > more_size ? size : more_size;
}

static size_t spoil(struct mbus_world *w, uint8_t *answer, size_t size)
{
    if (w->trouble == TROUBLE_NONE || w->times == 0 || size <= 1)
        return size;
    w->times -= w->times > 0;
    switch (w->trouble) {
    case TROUBLE_CUT:
        return size / 2;
    case TROUBLE_WRONG_SUM:
        answer[size / 2] ^= 4;
        break;
    case TROUBLE_OTHER_ADDRESS:
        answer[5]++;
        answer[size - 2]++;
        break;
    case TROUBLE_GARBAGE:
        memmove(answer + 4, answer, size);
        memcpy(answer, "\x68\x10\x00\xFE", 4);
        return size + 4;
    case TROUBLE_SILENCE:
        return 0;
    default:
        break;
    }
    return size;
}

static void give(struct mbus_world *w, const uint8_t *answer, size_t size)
{
    if (w->trouble != TROUBLE_SPLIT) {
        send_all(w->fd, answer, size);
        return;
    }
    for (size_t i = 0; i < size; i++, usleep(300))
        send_all(w->fd, answer + i, 1);
}

static void count_requests(struct mbus_world *w, struct bytes request)
{
    if (request.size == 5 && request.data[1] == 0x40 && request.data[2] == 253)
        w->deselects++;
    if (request.size > 6 && request.data[6] == 0x52)
        w->selects++;
}

static void answer_request(struct mbus_world *w, struct bytes request, void *sessions[])
{
    uint8_t line[ANSWER_MAX], one[ANSWER_MAX];
    size_t size = 0;
    count_requests(w, request);
    for (int i = 0; i < w->count; i++) {
        struct sim_meter *m = &w->meters[i];
        if (!m->twin->addressed(m, request))
            continue;
        struct writer out = writer_over(one, sizeof one);
        m->twin->answer(m, sessions[i], request, w->wall + m->clock_shift_s, &out);
        size = mix(line, size, one, writer_bytes(&out).size);
    }
    if (w->trouble == TROUBLE_ECHO)
        send_all(w->fd, request.data, request.size);
    give(w, line, spoil(w, line, size));
}

static void *serve(void *argument)
{
    struct mbus_world *w = argument;
    uint8_t received[4096];
    size_t size = 0;
    void *sessions[MBUS_WORLD_METERS];
    for (int i = 0; i < w->count; i++)
        sessions[i] = memory_new(w->meters[i].twin->session_size);
    for (ssize_t count; (count = read(w->fd, received + size, sizeof received - size)) > 0;) {
        size += (size_t)count;
        struct frame_found f;
        while (size && (f = w->meters[0].twin->find(bytes_of(received, size), NULL)).state != FRAME_PARTIAL) {
            if (f.state == FRAME_WHOLE)
                answer_request(w, bytes_of(received + f.start, f.size), sessions);
            size -= f.start + f.size;
            memmove(received, received + f.start + f.size, size);
        }
    }
    for (int i = 0; i < w->count; i++)
        free(sessions[i]);
    close(w->fd);
    return NULL;
}

int mbus_world_open(struct mbus_world *w)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        abort();
    w->fd = ends[1];
    pthread_create(&w->thread, NULL, serve, w);
    return ends[0];
}

void mbus_world_close(struct mbus_world *w)
{
    pthread_join(w->thread, NULL);
    for (int i = 0; i < w->count; i++)
        free(w->meters[i].state);
}
