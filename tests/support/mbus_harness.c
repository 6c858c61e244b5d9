/* The M-Bus of tests; see mbus_harness.h. */
#include "support/mbus_harness.h"

#include "base/arena.h"
#include "wire/crc.h"

#include <stdlib.h>

enum { ANSWER_MAX = 1024 };

struct sim_meter *mbus_world_add(struct mbus_world *w, uint32_t serial, uint8_t address, const char *options)
{
    struct sim_meter *m = &w->meters[w->count++];
    *m = (struct sim_meter){ .twin = twin_find("mbus"), .serial = serial, .address = address, .options = options };
    m->state = memory_new(m->twin->meter_size);
    m->twin->born(m);
    return m;
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

static void count_requests(struct mbus_world *w, struct bytes request)
{
    if (request.size == 5 && request.data[1] == 0x40 && request.data[2] == 253)
        w->deselects++;
    if (request.size > 6 && request.data[6] == 0x52)
        w->selects++;
}

static void answer_request(struct mbus_world *w, struct bytes request)
{
    uint8_t line[ANSWER_MAX], one[ANSWER_MAX];
    size_t size = 0;
    count_requests(w, request);
    for (int i = 0; i < w->count; i++) {
        struct sim_meter *m = &w->meters[i];
        if (!m->twin->addressed(m, request))
            continue;
        struct writer out = writer_over(one, sizeof one);
        m->twin->answer(m, w->sessions[i], request, w->wall + m->clock_shift_s, &out);
        size = mix(line, size, one, writer_bytes(&out).size);
    }
    if (w->trouble == TROUBLE_ECHO)
        peer_say(&w->peer, request);
    peer_say(&w->peer, bytes_of(line, spoil(w, line, size)));
}

static void hear(struct peer *peer, struct bytes b)
{
    struct mbus_world *w = (struct mbus_world *)((char *)peer - offsetof(struct mbus_world, peer));
    struct frame_found f;
    size_t taken = b.size < sizeof w->heard - w->heard_size ? b.size : sizeof w->heard - w->heard_size;
    memcpy(w->heard + w->heard_size, b.data, taken);
    w->heard_size += taken;
    while (w->heard_size && (f = w->meters[0].twin->find(bytes_of(w->heard, w->heard_size), NULL)).state != FRAME_PARTIAL) {
        if (f.state == FRAME_WHOLE)
            answer_request(w, bytes_of(w->heard + f.start, f.size));
        w->heard_size -= f.start + f.size;
        memmove(w->heard, w->heard + f.start + f.size, w->heard_size);
    }
}

struct pipe *mbus_world_open(struct mbus_world *w)
{
    w->peer = (struct peer){ .hear = hear, .split = w->trouble == TROUBLE_SPLIT };
    for (int i = 0; i < w->count; i++)
        w->sessions[i] = memory_new(w->meters[i].twin->session_size);
    return peer_pipe(&w->peer);
}

void mbus_world_close(struct mbus_world *w)
{
    peer_end(&w->peer);
    for (int i = 0; i < w->count; i++) {
        free(w->sessions[i]);
        free(w->meters[i].state);
    }
}
