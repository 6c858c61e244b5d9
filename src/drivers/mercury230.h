/* What the files of the Меркурий 230 driver share. Nobody else includes this. */
#pragma once
#include "drivers/driver.h"
#include "wire/mercury.h"

enum { M230_TARIFFS = 4 };

/* Energy arrays of request 05h (2.6). */
enum m230_array {
    M230_SINCE_RESET = 0x0, M230_OF_MONTH = 0x3, M230_OF_TODAY = 0x4, M230_OF_YESTERDAY = 0x5,
    M230_MONTH_START = 0xB, M230_TODAY_START = 0xC, M230_YESTERDAY_START = 0xD,
};

enum m230_encoding { M230_ENCODING_AUTO, M230_ENCODING_VALUES, M230_ENCODING_ASCII };
enum m230_long { M230_LONG_AUTO, M230_LONG_YES, M230_LONG_NO };

struct m230_quirks {
    bool ascii; /* the password goes as characters */
};

struct m230_settings {
    int32_t address, level, model, encoding, long_answers;
    struct setting_bytes password, password2; /* the second one is given to sessions that command (parameters_second) */
};

/* What is known of the meter in this conversation. */
struct m230 {
    bool open, refused;       /* the session; the password was refused once */
    bool probing;             /* a search: `probe` is the address */
    uint8_t probe;
    bool no_groups;           /* no parameter 16h */
    bool no_starts;           /* no arrays 9..D */
    bool short_only, no_bulk, no_whole_journals; /* long answers are lost; refused for profile, for journals */
    bool no_quality;          /* power quality journals are refused */
    bool clock_read;          /* in this session: a want's `now` is then the meter's own */
    bool known;               /* what follows */
    uint32_t serial;
    int64_t produced;
    uint8_t firmware[3], variant_bytes[6];
    struct mercury_variant variant;
};

struct m230 *m230_state(struct conversation *c);

/* The passport, read once in a conversation. */
struct m230 *m230_know(struct conversation *c);

/* Asks with the request's body (code and what follows); `tries` 0 for the usual. The data of the answer, or a failed
 * cursor when there is a fault, the meter's refusals among them. A session the meter has dropped is opened again. */
struct cursor m230_ask(struct conversation *c, struct bytes body, uint8_t tries);

/* The same for an answer longer than 16 bytes. False when it was refused, or lost, or long answers are not to be asked
 * for: then shorter questions may follow unless there is a fault. */
bool m230_ask_long(struct conversation *c, struct bytes body, struct cursor *ret);

#define BODY(...) bytes_of((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))
#define ASK(c, ...) m230_ask((c), BODY(__VA_ARGS__), 0)

void m230_profile(struct conversation *c, const struct want *w, struct sink *out);
void m230_journals(struct conversation *c, const struct want *w, struct sink *out);
