/* Telnet as far as a serial port behind it needs it: RFC 854 framing, RFC 855 options, RFC 2217 COM port commands; the server's
 * side. A client of a transparent port may speak it or send plain bytes; telnet_recognise tells which by how it begins. */
#pragma once
#include "base/cursor.h"

enum telnet_verb { TELNET_WILL = 251, TELNET_WONT = 252, TELNET_DO = 253, TELNET_DONT = 254 };

/* Options (IANA). */
enum telnet_option { TELNET_BINARY = 0, TELNET_ECHO = 1, TELNET_SUPPRESS_GO_AHEAD = 3, TELNET_COM_PORT = 44 };

/* COM port commands of the client; the answer to each is the number + 100 (RFC 2217, section 3). */
enum com_command {
    COM_SIGNATURE = 0, COM_BAUD = 1, COM_DATA_SIZE = 2, COM_PARITY = 3, COM_STOP_SIZE = 4, COM_CONTROL = 5,
    COM_FLOW_SUSPEND = 8, COM_FLOW_RESUME = 9, COM_LINE_STATE_MASK = 10, COM_MODEM_STATE_MASK = 11, COM_PURGE = 12,
    COM_ANSWER = 100,
};

/* What the first bytes of a connection say of the client. A telnet client that wants the port's settings begins with
 * negotiations, the COM port option among them; a meter's frame does not. PERHAPS: so far nothing but negotiations. */
enum telnet_guess { TELNET_NO, TELNET_PERHAPS, TELNET_YES };
enum { TELNET_FIRST_MAX = 64 }; /* more than this is never needed to tell */
enum telnet_guess telnet_recognise(struct bytes first);

enum { TELNET_VALUE_MAX = 32 };

/* What comes from a telnet client. Zero when new. */
struct telnet {
    uint8_t state, verb;
    uint8_t value[TELNET_VALUE_MAX]; /* of a subnegotiation, its option first */
    size_t size;
    bool cut;                        /* it is longer than that: passed over */
};

enum telnet_kind {
    TELNET_DATA,    /* `data`: bytes for the line, a slice of what came */
    TELNET_OPTION,  /* `verb` and `option` */
    TELNET_COMMAND, /* `command` of the COM port option, its value in `data` until the next call */
};

struct telnet_piece {
    enum telnet_kind kind;
    struct bytes data;
    uint8_t verb, option, command;
};

/* Takes the next piece from *in. False when nothing whole is left of it; what has begun is remembered. */
bool telnet_next(struct telnet *t, struct bytes *in, struct telnet_piece *ret);

/* Writing. Bytes for the client, FF doubled; a negotiation; the answer to a COM port command. */
void telnet_put_data(struct writer *w, struct bytes data);
void telnet_put_option(struct writer *w, enum telnet_verb verb, uint8_t option);
void telnet_put_answer(struct writer *w, uint8_t command, struct bytes value);
