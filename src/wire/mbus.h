/* Wired M-Bus: link frames, requests and the head of an answer (EN 13757-2, EN 13757-3; mbus.md 2..6 and 8).
 *
 *   E5                                     single character: acknowledged
 *   10 | C | A | CS | 16                   short frame
 *   68 | L | L | 68 | C | A | CI | data[L-3] | CS | 16   control frame (L = 3) and long frame (L = 4..255)
 *
 * CS is the low byte of the sum of everything from C to the last byte of data. Integers are little-endian. Pure: no I/O,
 * no memory, no globals. What stands in an answer's data is read by mbus_records.h.
 * Example: 10 7B 01 7C 16 asks meter 1 for its data with FCB = 1. */
#pragma once
#include "base/cursor.h"
#include "wire/explain.h"
#include "wire/frame.h"

enum {
    MBUS_FRAME_MAX = 255 + 6,
    MBUS_DATA_MAX = 252,
    MBUS_UNCONFIGURED = 0,  /* a meter from the factory */
    MBUS_PRIMARY_MAX = 250,
    MBUS_SELECTED = 253,    /* whoever was selected by its secondary address answers */
    MBUS_EVERYBODY = 254,   /* all answer: only with a single meter on the line */
    MBUS_BROADCAST = 255,   /* nobody answers */
};

/* C field (mbus.md 2): bit 6 from the master, bit 5 FCB or ACD, bit 4 FCV or DFC. */
enum mbus_control {
    MBUS_SND_NKE = 0x40,
    MBUS_SND_UD = 0x53,
    MBUS_REQ_UD1 = 0x5A,
    MBUS_REQ_UD2 = 0x5B,
    MBUS_RSP_UD = 0x08,
    MBUS_FCB = 0x20, /* in requests; ACD in answers: alarm data waits */
    MBUS_DFC = 0x10, /* in answers: the meter can take no more */
};

/* CI field (mbus.md 3). */
enum mbus_ci {
    MBUS_CI_APPLICATION_RESET = 0x50,
    MBUS_CI_SEND = 0x51,
    MBUS_CI_SELECT = 0x52,
    MBUS_CI_FREEZE = 0x54,
    MBUS_CI_ERROR = 0x70,
    MBUS_CI_ALARM = 0x71,
    MBUS_CI_VARIABLE = 0x72,
    MBUS_CI_FIXED = 0x73,
    MBUS_CI_VARIABLE_MSB = 0x76,
    MBUS_CI_FIXED_MSB = 0x77,
    MBUS_CI_NO_HEADER = 0x78,
    MBUS_CI_SHORT_HEADER = 0x7A,
    MBUS_CI_BAUD = 0xB8, /* + 0..7: 300..38400 */
};

/* Sub-codes of the application reset (EN 1434-3; names [V 2], the use by a maker is its model's row). */
enum mbus_data_set {
    MBUS_SET_UNNAMED = -1, /* no sub-code byte at all */
    MBUS_SET_ALL = 0x00,
    MBUS_SET_USER = 0x10,
    MBUS_SET_SIMPLE_BILLING = 0x20,
    MBUS_SET_ENHANCED_BILLING = 0x30,
    MBUS_SET_TARIFF_BILLING = 0x40,
    MBUS_SET_INSTANTANEOUS = 0x50,
    MBUS_SET_LOAD = 0x60,
    MBUS_SET_INSTALLATION = 0x80,
};

/* --- frames ------------------------------------------------------------------------------------------------------ */

enum mbus_shape { MBUS_ACK, MBUS_SHORT, MBUS_LONG };

struct mbus_frame {
    enum mbus_shape shape;
    uint8_t control, address; /* 0 for an ACK */
    uint8_t ci;               /* MBUS_LONG only */
    struct bytes data;        /* after CI; slice of the input */
};

/* frame_finder. Bytes that begin no frame are noise. */
struct frame_found mbus_find(struct bytes received, void *context);

/* One frame with a good checksum and nothing around it. False, and *ret untouched, for anything else. */
bool mbus_frame_decode(struct bytes frame, struct mbus_frame *ret);

/* --- addresses --------------------------------------------------------------------------------------------------- */

/* The secondary address as it stands in headers and in SELECT. Each nibble of `id` is a digit, the first printed one the
 * highest; F is a wildcard, as are maker FFFF, version FF and medium FF. */
struct mbus_address {
    uint32_t id;
    uint16_t maker;
    uint8_t version, medium;
};

#define MBUS_ANYBODY ((struct mbus_address){ 0xFFFFFFFF, 0xFFFF, 0xFF, 0xFF })

/* True when the mask, with its wildcards, means that meter. */
bool mbus_address_matches(struct mbus_address mask, struct mbus_address meter);

static inline bool mbus_address_same(struct mbus_address a, struct mbus_address b)
{
    return a.id == b.id && a.maker == b.maker && a.version == b.version && a.medium == b.medium;
}

/* The 8 bytes of it. */
struct mbus_address mbus_take_address(struct cursor *c);
void mbus_put_address(struct writer *w, struct mbus_address a);

/* "DFS" <-> 0x10D3: three letters of five bits. The top bit (address unique only inside the installation) is dropped.
 * Letters outside A..Z show as '?'; 0 when the text is no maker. */
char *mbus_maker_format(uint16_t maker, char text[4]);
uint16_t mbus_maker_parse(const char *text);

/* --- requests ---------------------------------------------------------------------------------------------------- */

void mbus_put_short(struct writer *w, uint8_t control, uint8_t address);
void mbus_put_long(struct writer *w, uint8_t control, uint8_t address, uint8_t ci, struct bytes data);

/* SND_NKE: resets the link and deselects; its answer is an ACK. */
void mbus_put_link_reset(struct writer *w, uint8_t address);

/* REQ_UD1 (alarms) and REQ_UD2 (data). */
void mbus_put_request_alarm(struct writer *w, uint8_t address, bool fcb);
void mbus_put_request_data(struct writer *w, uint8_t address, bool fcb);

/* SND_UD with records (CI 51). */
void mbus_put_send(struct writer *w, uint8_t address, struct bytes records);

/* SELECT to address 253; by fabrication number only few meters understand [1]. */
void mbus_put_select(struct writer *w, struct mbus_address who);
void mbus_put_select_fabrication(struct writer *w, struct mbus_address who, uint32_t fabrication_bcd);

/* `set` is an enum mbus_data_set; its lower nibble may name a telegram. */
void mbus_put_application_reset(struct writer *w, uint8_t address, int set);

void mbus_put_set_address(struct writer *w, uint8_t address, uint8_t to);
void mbus_put_set_id(struct writer *w, uint8_t address, uint32_t id_bcd);
void mbus_put_set_identity(struct writer *w, uint8_t address, struct mbus_address identity);

/* Time type F: whole minutes, years 2000..2127 with the century left 0 as masters do; fails the writer outside. */
void mbus_put_set_clock(struct writer *w, uint8_t address, int64_t wall);

/* 300, 600 .. 38400; fails the writer for others. The answer comes at the old speed. */
void mbus_put_set_baud(struct writer *w, uint8_t address, uint32_t baud);

/* --- answers ----------------------------------------------------------------------------------------------------- */

/* What an RSP_UD turned out to be. */
enum mbus_answer {
    MBUS_ANSWER_VARIABLE,  /* CI 72, 78, 7A: records */
    MBUS_ANSWER_FIXED,     /* CI 73: two counters */
    MBUS_ANSWER_ERROR,     /* CI 70 */
    MBUS_ANSWER_ALARM,     /* CI 71 */
    MBUS_ANSWER_MSB_FIRST, /* CI 76, 77: legacy byte order, not read rather than guessed */
    MBUS_ANSWER_UNKNOWN_CI,
    MBUS_ANSWER_SHORT,     /* the header is cut */
    MBUS_ANSWER_NONE,      /* no RSP_UD at all */
};

/* Why it cannot be read, for a person: «неизвестный CI»; "" when it can. */
const char *mbus_answer_text(enum mbus_answer a, enum lang lang);

/* Status byte (mbus.md 6). */
enum mbus_status {
    MBUS_STATUS_APPLICATION = 0x03, /* 0 no error, 1 busy, 2 any error, 3 alarm */
    MBUS_STATUS_BUSY = 0x01,
    MBUS_STATUS_ERROR = 0x02,
    MBUS_STATUS_ALARM = 0x03,
    MBUS_STATUS_LOW_BATTERY = 0x04,
    MBUS_STATUS_PERMANENT = 0x08,
    MBUS_STATUS_TEMPORARY = 0x10,
};

enum { MBUS_ERROR_BUSY = 8 };

struct mbus_response {
    enum mbus_answer kind;
    uint8_t primary;             /* A field */
    uint8_t control, ci;
    bool identified;             /* `address` is known: CI 72 and 73 (73: id and medium only) */
    struct mbus_address address;
    uint8_t access, status;
    uint16_t configuration;      /* signature word */
    uint8_t error;               /* CI 70: the code; CI 71: the alarm byte */
    uint8_t fixed_units[2];      /* CI 73 */
    struct bytes body;           /* records; CI 73: the two counters */
};

/* Reads the head of an answer. Returns ret->kind; the rest of *ret is filled as far as it goes. */
enum mbus_answer mbus_response_decode(const struct mbus_frame *f, struct mbus_response *ret);

/* True when the configuration word names a cipher of EN 13757-3 that is in use on wires (modes 5 and 7). Other values
 * are seen as old signatures over plain records and mean nothing. */
bool mbus_encrypted(const struct mbus_response *r);

/* Meaning of the byte after CI 70 and of a medium code; «код N» style numbers are the caller's. NULL when unlisted. */
const struct phrase *mbus_error_text(uint8_t code);
const struct phrase *mbus_medium_text(uint8_t medium);

/* --- for people -------------------------------------------------------------------------------------------------- */

/* One frame as a tree; see explain.h. */
void mbus_explain(struct explain *e, struct bytes frame);

/* True when the bytes are one whole frame with a good checksum, or the lone E5h that acknowledges one. */
bool mbus_looks(struct bytes b);
