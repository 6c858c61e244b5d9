/* Frames between a gateway and its head-end (docs/push.md). Pure: any bytes may come in.
 *
 * A frame is the length of its body (three bytes, most significant first), its kind (a letter) and its body. Control frames carry
 * JSON; values, acknowledgements and the bytes of transit are binary. Numbers within are variable-length: seven bits a byte, the
 * least significant first; signed ones zigzag. */
#pragma once
#include "base/cursor.h"
#include "meter/reading.h"

enum {
    PUSH_HEAD = 4,                 /* bytes before the body */
    PUSH_BODY_MAX = 1 << 16,
    PUSH_BODY_STRANGER = 4096,     /* of who has not proved himself */
    PUSH_VERSION = 1,
    PUSH_COLUMNS_MAX = 512,        /* registers of one item */
    PUSH_READINGS_MAX = 2000,      /* readings that one item is made of: it always fits a frame */
    PUSH_CELLS_MAX = 1 << 16,      /* moments × registers of all items of a frame, whatever its bytes say */
    PUSH_RECORDS_MAX = 2000,       /* events, states or hours of one item */
    PUSH_PIECE_MAX = 1 << 13,      /* bytes of transit in one frame */
};

enum push_kind {
    PUSH_HELLO = 'H',     /* up, JSON: who calls */
    PUSH_CHALLENGE = 'C', /* down, JSON: the head-end's proof and its challenge */
    PUSH_PROOF = 'P',     /* up, JSON */
    PUSH_WELCOME = 'W',   /* down, JSON */
    PUSH_REFUSAL = 'N',   /* down, JSON: why not; then the connection ends */
    PUSH_METERS = 'M',    /* up, JSON: rows of the meter table */
    PUSH_METERS_TAKEN = 'm', /* down, JSON: what became of them */
    PUSH_DATA = 'D',      /* up */
    PUSH_ACK = 'A',       /* down: the number of the last parcel that is stored, with all before it */
    PUSH_ORDER = 'O',     /* down, JSON */
    PUSH_CANCEL = 'X',    /* down, JSON */
    PUSH_RESULT = 'R',    /* up, JSON */
    PUSH_AGAIN = 'G',     /* down: send everything again */
    PUSH_OPEN = 'T',      /* down, JSON: transit to an interface */
    PUSH_OPENED = 't',    /* up, JSON */
    PUSH_BYTES = 'B',     /* both ways: channel, bytes */
    PUSH_ROOM = 'F',      /* both ways: channel, how many more bytes may come */
    PUSH_END = 'E',       /* both ways: the channel is over */
    PUSH_PING = 'I',
    PUSH_PONG = 'J',
};

struct push_frame {
    uint8_t kind;
    struct bytes body;
};

void put_push_head(struct writer *w, enum push_kind kind, size_t size);

/* The frame at the beginning of what was heard. FRAME of more than `most` bytes is an error of the other side, as is a kind that is
 * no letter. */
enum push_found { PUSH_PARTIAL, PUSH_WHOLE, PUSH_WRONG };
enum push_found push_find(struct bytes heard, size_t most, struct push_frame *ret);

void put_push_number(struct writer *w, uint64_t value);
void put_push_signed(struct writer *w, int64_t value);
uint64_t take_push_number(struct cursor *c);
int64_t take_push_signed(struct cursor *c);

/* --- data ---------------------------------------------------------------------------------------------------------------- */

/* What a parcel begins with. */
struct push_parcel {
    uint64_t number;    /* by which it is acknowledged, growing; 0: with the result of an order, not acknowledged */
    uint64_t behind;    /* rows of the feed that wait behind it */
    uint64_t oldest_ms; /* how old the oldest of them is; 0: unknown */
};
void put_push_parcel(struct writer *w, const struct push_parcel *p);
struct push_parcel take_push_parcel(struct cursor *c);

/* Hours of contact: whether the gateway read the meter in that hour of UTC (hours since 1970), and whether it tried in vain. */
struct push_contact {
    int64_t hour;
    bool good, failed;
};

/* Memory to work in while readings are written or taken; the caller's, nothing in it outlives the call. */
struct push_scratch {
    struct push_column {
        struct obis obis;
        uint16_t step;
        uint8_t unit;
        int8_t exponent;
        size_t last; /* row in which it was met last */
    } column[PUSH_COLUMNS_MAX];
    size_t columns;
    struct push_place {
        uint32_t row, column;
    } place[PUSH_READINGS_MAX];
    int64_t wall[PUSH_READINGS_MAX];
    uint16_t mark[PUSH_READINGS_MAX];
};

/* One item each: the meter by the gateway's number. Readings, all of one archive, in order of time; at most PUSH_READINGS_MAX.
 * False, and nothing is written, when the item does not fit behind what is there. */
bool put_push_readings(struct writer *w, struct push_scratch *scratch, uint64_t meter, const struct reading *r, size_t count);
bool put_push_events(struct writer *w, uint64_t meter, const struct event *e, size_t count);
bool put_push_states(struct writer *w, uint64_t meter, const struct state *s, size_t count);
bool put_push_contacts(struct writer *w, uint64_t meter, const struct push_contact *h, size_t count);

enum push_item_kind { PUSH_ITEM_CONTACTS = 8 /* below: enum archive */ };

struct push_item {
    uint8_t what;      /* enum archive, or of push_item_kind; others are passed over */
    uint64_t meter;
    struct bytes body;
};

/* The next item; false at the end, with `c` failed when the parcel is damaged. */
bool push_item_next(struct cursor *c, struct push_item *ret);

/* Emits readings (as of ORIGIN_PUSH), events or states. `cells` is what the parcel may still unfold to, PUSH_CELLS_MAX at its
 * beginning. False for a damaged item: some of it may have been emitted. */
bool push_item_emit(const struct push_item *item, struct push_scratch *scratch, size_t *cells, struct sink *out);

/* Of an item of contacts; false at its end or when it is damaged. Begin with `left` 0 and the cursor over the item's body. */
struct push_contacts {
    struct cursor cursor;
    uint64_t left;
    int64_t hour;
    bool begun;
};
bool push_contact_next(struct push_contacts *walk, struct push_contact *ret);

/* --- transit --------------------------------------------------------------------------------------------------------------- */

/* Body of PUSH_BYTES, PUSH_ROOM and PUSH_END: the channel, then bytes or a number. */
bool take_push_channel(struct cursor *c, uint32_t *ret);
