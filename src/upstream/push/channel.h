/* A channel of transit: bytes of a socket carried through the push's connection, the same at both ends. Each side may have as many
 * bytes under way as the other has granted, so that a slow line or a client that does not read holds nothing else up. */
#pragma once
#include "upstream/push/link.h"

enum { PUSH_CHANNEL_ROOM = 8 << 10, PUSH_CHANNELS_MAX = 16 };

struct push_channel;

/* Takes the connected, non-blocking socket over. `over` is called once, on the loop, when either side has ended it; then it is to be
 * closed. NULL when no stack can be had: the socket is closed. From a task of the link's loop. */
struct push_channel *push_channel_new(struct push_link *l, uint32_t number, int socket, void (*over)(void *context), void *context);

/* A frame of this channel: bytes, room or its end, behind the channel's number. */
void push_channel_take(struct push_channel *ch, uint8_t kind, struct cursor body);

/* Tells the other side, unless it told us, waits for its tasks and frees it. From a task of the loop that is not its own. */
void push_channel_close(struct push_channel **ch);
