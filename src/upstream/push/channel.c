/* Channels of transit; see channel.h. */
#include "upstream/push/channel.h"
#include "base/arena.h"

#include <stdlib.h>

#define SECOND_US INT64_C(1000000)
enum { STALL_S = 60 };

struct push_channel {
    struct push_link *link;
    uint32_t number;
    struct pipe *pipe;
    struct task *up, *down, *closer;
    int tasks;            /* that run */
    bool over, told;      /* either side ended it; the other side knows */
    void (*ended)(void *context);
    void *context;
    size_t room;          /* bytes that the other side takes */
    uint8_t waiting[PUSH_CHANNEL_ROOM]; /* that came and are not in the socket yet */
    size_t at, size;
    uint8_t piece[PUSH_PIECE_MAX];
};

static bool tell(struct push_channel *ch, enum push_kind kind, struct bytes more, uint64_t number)
{
    uint8_t memory[PUSH_PIECE_MAX + 20];
    struct writer w = writer_over(memory, sizeof memory);
    put_push_number(&w, ch->number);
    if (kind == PUSH_ROOM)
        put_push_number(&w, number);
    put_bytes(&w, more);
    return push_link_tell(ch->link, kind, writer_bytes(&w));
}

static void end(struct push_channel *ch)
{
    if (ch->over)
        return;
    ch->over = true;
    ch->ended(ch->context);
}

static void task_ends(struct push_channel *ch, struct task **which)
{
    *which = NULL;
    ch->tasks--;
    end(ch);
    if (ch->closer)
        task_wake(ch->closer);
}

/* From the socket to the other side. */
static void carry_up(void *argument)
{
    struct push_channel *ch = argument;
    while (!ch->over && !task_cancelled()) {
        size_t most = ch->room < sizeof ch->piece ? ch->room : sizeof ch->piece;
        if (most == 0) {
            task_park(LOOP_NEVER);
            continue;
        }
        long got = pipe_receive(ch->pipe, ch->piece, most, LOOP_NEVER);
        if (got < 0 || (got > 0 && !tell(ch, PUSH_BYTES, bytes_of(ch->piece, (size_t)got), 0)))
            break;
        ch->room -= got > 0 ? (size_t)got : 0;
    }
    task_ends(ch, &ch->up);
}

/* What came, into the socket; as it goes, the other side may send more. */
static void carry_down(void *argument)
{
    struct push_channel *ch = argument;
    while (!ch->over && !task_cancelled()) {
        size_t count = ch->size < sizeof ch->waiting - ch->at ? ch->size : sizeof ch->waiting - ch->at;
        if (count == 0) {
            task_park(LOOP_NEVER);
            continue;
        }
        if (pipe_send(ch->pipe, bytes_of(ch->waiting + ch->at, count), loop_now_us(task_loop(task_self())) + STALL_S * SECOND_US) != FAULT_NONE)
            break;
        ch->at = (ch->at + count) % sizeof ch->waiting;
        ch->size -= count;
        tell(ch, PUSH_ROOM, bytes_of_text(""), count);
    }
    task_ends(ch, &ch->down);
}

void push_channel_take(struct push_channel *ch, uint8_t kind, struct cursor body)
{
    struct bytes b = kind == PUSH_BYTES ? take_rest(&body) : bytes_of_text("");
    if (kind == PUSH_ROOM) {
        uint64_t more = take_push_number(&body);
        ch->room += more <= PUSH_CHANNEL_ROOM && ch->room <= PUSH_CHANNEL_ROOM ? (size_t)more : 0;
        if (ch->up)
            task_wake(ch->up);
    }
    ch->told |= kind == PUSH_END;
    if (kind == PUSH_END || b.size > sizeof ch->waiting - ch->size) { /* more than was granted: it does not keep the rules */
        end(ch);
        return;
    }
    for (size_t i = 0; i < b.size; i++)
        ch->waiting[(ch->at + ch->size + i) % sizeof ch->waiting] = b.data[i];
    ch->size += b.size;
    if (b.size && ch->down)
        task_wake(ch->down);
}

struct push_channel *push_channel_new(struct push_link *l, uint32_t number, int socket, void (*over)(void *context), void *context)
{
    struct push_channel *ch = memory_new(sizeof *ch);
    struct loop *loop = task_loop(task_self());
    ch->link = l;
    ch->number = number;
    ch->ended = over;
    ch->context = context;
    ch->room = PUSH_CHANNEL_ROOM;
    ch->pipe = pipe_socket_new(socket);
    bool good = pipe_open(ch->pipe, LOOP_NEVER, NULL) == FAULT_NONE;
    ch->up = good ? loop_spawn(loop, carry_up, ch) : NULL;
    ch->down = ch->up ? loop_spawn(loop, carry_down, ch) : NULL;
    ch->tasks = (ch->up != NULL) + (ch->down != NULL);
    if (ch->down)
        return ch;
    ch->over = ch->told = true;
    push_channel_close(&ch);
    return NULL;
}

void push_channel_close(struct push_channel **channel)
{
    struct push_channel *ch = *channel;
    *channel = NULL;
    if (!ch)
        return;
    if (!ch->told)
        tell(ch, PUSH_END, bytes_of_text(""), 0);
    ch->over = ch->told = true;
    ch->closer = task_self();
    if (ch->up)
        task_cancel(ch->up);
    if (ch->down)
        task_cancel(ch->down);
    while (ch->tasks > 0)
        task_park_firmly(LOOP_NEVER);
    pipe_free(&ch->pipe);
    free(ch);
}
