/* A serial port behind telnet (RFC 2217): what a client may set of it, and the answers. Speed and format are taken where a line
 * can have them; a pair of RS-485 wires has no flow control, break or modem lines, so of those only the words are kept. */
#pragma once
#include "link/pipe.h"
#include "wire/telnet.h"

struct com_port {
    struct line line;  /* as the client has set it */
    bool dtr, rts;
    bool shaped;       /* speed or format was set: cleared by who puts it into force */
    uint64_t agreed;   /* options that are on: a bit for each, ours and theirs */
};

/* The answer to a negotiation; nothing when it is in force already. */
void com_port_negotiate(struct com_port *p, enum telnet_verb verb, uint8_t option, struct writer *w);

/* The answer to a command, with the value that is in force now: another one than was asked for is a refusal. */
void com_port_command(struct com_port *p, uint8_t command, struct bytes value, struct writer *w);
