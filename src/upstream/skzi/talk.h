/* What the gateway and the process that speaks GOST TLS say to each other: packets over a pair of sockets, the first byte its kind.
 * A packet may carry one descriptor. */
#pragma once
#include "base/bytes.h"

#include <stdbool.h>
#include <sys/socket.h>

enum talk_kind {
    /* to the child, one question a process */
    TALK_SERVE = 'S',   /* certificate and key, each ended by NUL; carries the listening socket */
    TALK_MAKE = 'M',    /* a name: answered TALK_MADE */
    TALK_CHECK = 'C',   /* certificate and key: answered TALK_READY or TALK_BAD */
    TALK_LEAVE = 'L',   /* no new clients; those who are there may have their answers */
    /* from the child */
    TALK_READY = 'r',
    TALK_MADE = 'm',    /* certificate and key */
    TALK_BAD = 'b',     /* enum talk_trouble as a byte, then words */
    TALK_CLIENT = 'c',  /* struct talk_client; carries the socket of plain bytes */
    TALK_FIGURES = 'f', /* struct talk_figures */
};

enum talk_trouble { TALK_NO_ENGINE = 1, TALK_NO_IDENTITY, TALK_NO_LOOP };

enum { TALK_CONTROL = 3 /* the child's descriptor */, TALK_MAX = 96 << 10, TALK_SUITE_MAX = 48 };

struct talk_client {
    struct sockaddr_storage from;
    char suite[TALK_SUITE_MAX];
};

struct talk_figures {
    unsigned open;
    unsigned long long served, refused, failed; /* clients let in, turned away for want of room, without a handshake */
};

/* One packet; descriptor -1: none. False when it does not go out at once. */
bool talk_send(int control, enum talk_kind kind, struct bytes content, int descriptor);

/* Into `memory` the packet with its kind in front: the size; 0 when there is none now, -1 when the other side is gone. The descriptor is the caller's,
 * -1: none came. */
long talk_receive(int control, void *memory, size_t room, int *ret_descriptor);
