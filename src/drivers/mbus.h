/* What the parts of the M-Bus driver share: settings, the session with one meter, the place of a record in the OBIS
 * world, and the search. mbus.c reads, mbus_session.c talks, mbus_obis.c names, mbus_scan.c searches. */
#pragma once
#include "drivers/driver.h"
#include "wire/mbus_records.h"

enum mbus_addressing { MBUS_BY_PRIMARY, MBUS_BY_SECONDARY, MBUS_BY_EITHER };

struct mbus_settings {
    int32_t addressing; /* enum mbus_addressing */
    int32_t address;    /* 0..250 */
    char serial[9];     /* up to 8 digits, F for any; "" when not given */
    char maker[7];      /* "DFS", "0x8614" or "" */
    int32_t version, medium; /* -1: any */
    int32_t reset_day, reset_month, reset_hour; /* application reset sub-codes; -1: by the model */
    int32_t silence_ms; /* 0: by the kind of link */
};

/* Sub-codes of the application reset that bring a maker's logs; 0 where there is none. */
struct mbus_quirks {
    const char *maker;
    uint8_t day, month, hour;
};

enum {
    MBUS_TELEGRAMS_MAX = 16,     /* of one readout (mbus.md 9) */
    MBUS_LOG_TELEGRAMS_MAX = 64, /* of a log behind an application reset */
};

struct mbus_telegram {
    struct mbus_response response; /* over a copy in the conversation's arena */
};

/* The driver's state. */
struct mbus_session {
    uint8_t address;              /* where requests go: primary, or 253 */
    bool secondary;
    bool fcb;                     /* of the next REQ_UD2 */
    uint8_t silent_resets;        /* SND_NKE without an answer in a row: after two it is not sent any more */
    uint32_t count_of_requests;
    bool selected;
    struct mbus_address who;      /* mask from the settings */
    const struct mbus_quirks *quirks; /* of the maker that answered; NULL until then or when it has none */
    struct mbus_telegram *telegrams;  /* of the last readout */
    int count;
    int data_set;                 /* what they are: MBUS_SET_UNNAMED for the ordinary readout */
    uint32_t served;              /* archives already read from them, bits */
};

/* Reads the settings into the session; FAULT_SETTING when they cannot be. */
void mbus_session_begin(struct conversation *c);

/* Deselects, also after faults; leaves the fault as it is. */
void mbus_session_end(struct conversation *c);

/* Reads all telegrams of a data set (MBUS_SET_UNNAMED: what the meter gives by itself). On a fault the session has no
 * telegrams. */
void mbus_readout(struct conversation *c, int data_set);

/* The ordinary readout, not asked for again while nobody was served `bit` from it. False with a fault. */
bool mbus_readout_for(struct conversation *c, uint32_t bit);

/* Sends SND_UD and waits for the acknowledgement, selecting the meter first where needed. */
void mbus_command(struct conversation *c, void (*put)(struct writer *, uint8_t address, int64_t argument), int64_t argument);

/* The quirks of a maker's models; NULL when it has none. */
const struct mbus_quirks *mbus_quirks_of(uint16_t maker);

/* --- single exchanges, for the session and the search ------------------------------------------------------------ */

/* A request whose answer is E5. True when it came. */
bool mbus_expect_ack(struct conversation *c, struct bytes request, uint8_t tries, uint16_t answer_ms);

/* SND_NKE. No answer is no fault: nobody may be selected, and some meters keep silent. True when acknowledged. */
bool mbus_link_reset(struct conversation *c, uint8_t address);

/* REQ_UD2. The answer is valid until the next ask; kind MBUS_ANSWER_NONE with a fault. */
struct mbus_response mbus_request_data(struct conversation *c, uint8_t address, bool fcb, uint8_t tries, uint16_t answer_ms);

/* How long silence proves that nobody is there: 330 bit times + 50 ms at 2400 bit/s and more, doubled for converters. */
uint16_t mbus_silence_ms(const struct conversation *c);

/* Clears faults that only say that this exchange failed; false when the way itself is gone or somebody cancelled. */
bool mbus_go_on(struct conversation *c);

/* --- names ------------------------------------------------------------------------------------------------------- */

struct mbus_place {
    struct obis obis;
    bool network; /* an instantaneous value, not a register */
};

/* Where a record belongs. False for what has no place: modified values, vendor codes, maxima, unlisted quantities. */
bool mbus_place_of(uint8_t medium, const struct mbus_record *r, struct mbus_place *ret);

/* A maker from letters or "0x8614"; 0 when it is none. And back: letters when they name it exactly. */
uint16_t mbus_maker_setting(const char *text);
void mbus_maker_show(uint16_t maker, char text[7]);

void mbus_scan(struct conversation *c, struct scan *s);
