/* HDLC frames of DLMS (IEC 62056-46; dlms.md 2), shared by client and simulated meter.
 *
 * 7E | format 2 | destination 1/2/4 | source 1/2/4 | control 1 | HCS 2 | information | FCS 2 | 7E
 * format: 1010 S LLLLLLLLLLL, S = more segments follow, L = bytes between the flags. HCS only with information.
 * CRC-16/X.25, low byte first. No byte stuffing: the length delimits, a 7E inside is legal.
 * Example: 7E A008 0221 41 93 50B4 7E = SNRM from client 32 to 1/16. */
#pragma once
#include "base/cursor.h"
#include "wire/frame.h"

enum hdlc_kind {
    HDLC_I,
    HDLC_RR,
    HDLC_RNR,
    HDLC_REJ,
    HDLC_SREJ,
    HDLC_SNRM,
    HDLC_DISC,
    HDLC_UA,
    HDLC_DM,
    HDLC_FRMR,
    HDLC_UI,
    HDLC_UNKNOWN
};

enum {
    HDLC_FRAME_MAX = 2047 + 2, /* flags included */
    HDLC_OVERHEAD_MAX = 2 + 2 + 4 + 4 + 1 + 2 + 2,
    HDLC_ALL_STATIONS = 0x3FFF, /* in a 1-byte field 0x7F */
    HDLC_CALLING = 0x3FFE,      /* in a 1-byte field 0x7E */
};

/* `size` bytes on the wire: 1 = upper only, 2 = one byte each, 4 = two bytes each. A client is 1 byte, in `upper`. */
struct hdlc_address {
    uint16_t upper; /* logical device, or the client */
    uint16_t lower; /* physical device */
    uint8_t size;
};

struct hdlc_control {
    enum hdlc_kind kind;
    bool poll;  /* P/F bit */
    uint8_t ns; /* I only, 0..7 */
    uint8_t nr; /* I, RR, RNR, REJ, SREJ, 0..7 */
};

struct hdlc_frame {
    struct hdlc_address to, from;
    struct hdlc_control control;
    uint8_t control_byte; /* as received; not looked at by the encoder */
    bool more;            /* S: the APDU goes on in the next I-frame */
    struct bytes info;    /* slice of the input */
};

/* What a decoder found wrong, in the order of looking. */
enum hdlc_fault { HDLC_OK, HDLC_BAD_SHAPE, HDLC_BAD_HCS, HDLC_BAD_FCS };

/* One frame, with or without its flags; nothing may lie around. *ret is filled as far as the shape allows, also for bad
 * checksums (for explaining), and must not be used after HDLC_BAD_SHAPE. */
enum hdlc_fault hdlc_decode(struct bytes frame, struct hdlc_frame *ret);

/* Writes the frame with both flags and checksums; fails the writer for addresses or lengths that cannot be. */
void hdlc_encode(struct writer *w, const struct hdlc_frame *f);

/* frame_finder. The opening flag may have been taken with the frame before (shared flag), noise may precede. */
struct frame_found hdlc_find(struct bytes received, void *context);

/* An address of 1, 2 or 4 bytes; 3 or more than 4 fail the cursor. */
struct hdlc_address hdlc_take_address(struct cursor *c);
void hdlc_put_address(struct writer *w, struct hdlc_address a);

static inline struct hdlc_address hdlc_client(unsigned sap)
{
    return (struct hdlc_address){ .upper = (uint16_t)sap, .size = 1 };
}

/* A server's address in the form `size` 1, 2 or 4. */
static inline struct hdlc_address hdlc_server(unsigned upper, unsigned lower, unsigned size)
{
    return (struct hdlc_address){ .upper = (uint16_t)upper, .lower = (uint16_t)lower, .size = (uint8_t)size };
}

bool hdlc_address_equal(struct hdlc_address a, struct hdlc_address b);

/* True when the lower part (or the only part) is the all-stations address of its size. */
bool hdlc_address_is_broadcast(struct hdlc_address a);

struct hdlc_control hdlc_control_decode(uint8_t byte);
uint8_t hdlc_control_encode(struct hdlc_control c);

/* "SNRM"; same in every language. */
const char *hdlc_kind_name(enum hdlc_kind kind);

/* --- LLC: E6 E6 00 before a command, E6 E7 00 before a response, in the first segment only --- */

enum { HDLC_LLC_SIZE = 3 };

/* Cuts the prefix off. False (outputs untouched) when there is none. */
bool hdlc_llc_decode(struct bytes info, bool *ret_response, struct bytes *ret_apdu);
void hdlc_llc_encode(struct writer *w, bool response);

/* --- SNRM/UA negotiation (dlms.md 2.4): 81 80 LL, then tag, length, value --- */

enum { HDLC_INFO_DEFAULT = 128, HDLC_INFO_LEAST = 32, HDLC_INFO_MOST = 2030, HDLC_WINDOW_DEFAULT = 1, HDLC_WINDOW_MOST = 7 };

/* "transmit" and "receive" are the sender's. */
struct hdlc_parameters {
    uint32_t info_transmit, info_receive;
    uint32_t window_transmit, window_receive;
};

struct hdlc_parameters hdlc_parameters_default(void);

/* Values as sent, unbounded; what is missing has its default; an empty field is all defaults. Groups other than 80
 * (user data F0) are skipped. False (and *ret untouched) when the field is broken. */
bool hdlc_parameters_decode(struct bytes info, struct hdlc_parameters *ret);

/* All four, sizes in 1 byte below 256 and 2 above, windows in 4, as meters send them. */
void hdlc_parameters_encode(struct writer *w, const struct hdlc_parameters *p);

/* What `ours` may use after `theirs` came: each direction the smaller of one's transmit and the other's receive, within
 * 32..2030 bytes and windows 1..7. */
struct hdlc_parameters hdlc_parameters_agree(const struct hdlc_parameters *ours, const struct hdlc_parameters *theirs);

/* --- FRMR information --- */

struct hdlc_reject {
    uint8_t control; /* of the rejected frame */
    uint8_t ns, nr;  /* of the rejecting side */
    uint8_t reasons; /* as sent; dlms.md 2.5 */
};

/* False (and *ret untouched) when it has no three bytes. */
bool hdlc_reject_decode(struct bytes info, struct hdlc_reject *ret);
void hdlc_reject_encode(struct writer *w, const struct hdlc_reject *r);
