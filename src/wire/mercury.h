/* Frames and numbers of the Меркурий 203.2TD, 204, 208, 230, 231, 233, 234, 236, 238 (mercury.md 2). The driver's
 * whole vocabulary; the twin takes only the search for requests from here.
 *
 *   request  AA CC [PP [EE]] [data] KK KK      AA address, CC code, PP parameter, EE extension
 *   reply    AA data(1..255) KK KK             one byte of data is a status; KK KK CRC-16/MODBUS, low byte first
 *
 * No length field and no sign of which side speaks: where a reply ends is known only from the request it answers.
 * Example: 80 08 00 77E8 → 80 29 5A 40 43 16 06 14 0A73 = serial 41906467 of 22.06.2020. */
#pragma once
#include "base/civil.h"
#include "base/cursor.h"
#include "wire/explain.h"
#include "wire/frame.h"

enum {
    MERCURY_ANY = 0x00,       /* answered by whoever is alone on the line; no writes */
    MERCURY_LAST = 0xF0,
    MERCURY_BROADCAST = 0xFE, /* obeyed, not answered */
    MERCURY_DATA_MAX = 255,
    MERCURY_FRAME_MAX = 1 + MERCURY_DATA_MAX + 2,
    MERCURY_PASSWORD_SIZE = 6,
};

enum mercury_code {
    MERCURY_TEST = 0x00, MERCURY_OPEN = 0x01, MERCURY_CLOSE = 0x02, MERCURY_WRITE = 0x03, MERCURY_JOURNAL = 0x04,
    MERCURY_ENERGY = 0x05, MERCURY_MEMORY = 0x06, MERCURY_MEMORY_WRITE = 0x07, MERCURY_PARAMETER = 0x08,
    MERCURY_QUADRANTS = 0x15, MERCURY_RING = 0x16, MERCURY_MAXIMA = 0x17, MERCURY_EXTENDED = 0x18,
};

enum mercury_status {
    MERCURY_OK, MERCURY_BAD_REQUEST, MERCURY_INTERNAL, MERCURY_ACCESS, MERCURY_CLOCK_DONE, MERCURY_NOT_OPEN,
};

/* --- frames ------------------------------------------------------------------------------------------------------ */

/* Appends the checksum of all that was written. */
void mercury_seal(struct writer *w);

/* True when the frame has a good checksum and at least one byte besides the address. */
bool mercury_sound(struct bytes frame);

/* What lies between the address and the checksum. */
struct bytes mercury_data(struct bytes frame);

/* What an answer may look like: sizes of its data, without address and checksum, 0 when unused. The one-byte status is
 * always possible. */
enum { MERCURY_SIZES = 2 };
struct mercury_answer {
    uint8_t address; /* for the judge; the finder takes other meters' frames too */
    uint8_t sizes[MERCURY_SIZES];
};

/* frame_finder of answers; the context is a struct mercury_answer. */
struct frame_found mercury_find_answer(struct bytes received, void *context);

/* frame_finder of requests: the code tells the length. The context is not used. */
struct frame_found mercury_find_request(struct bytes received, void *context);

/* Size of the data of the answer to a request: MERCURY_SIZES possibilities, 0 when unused or unknown. */
void mercury_answer_sizes(struct bytes request, uint8_t ret[MERCURY_SIZES]);

/* True when the whole of `b` is one frame of this family. */
bool mercury_looks(struct bytes b);

/* The annotated tree. `request` is what a reply answers; empty when unknown: then the frame's own shape decides whether
 * it is shown as a request or as raw data. */
void mercury_explain(struct explain *e, struct bytes frame);
void mercury_explain_reply(struct explain *e, struct bytes request, struct bytes frame);

/* --- numbers ------------------------------------------------------------------------------------------------------ */

/* Four bytes as two little-endian words, the high word first (2.4). */
uint32_t mercury_take_word32(struct cursor *c);

/* Energies: Wh or varh; this value is «not measured». */
#define MERCURY_NONE 0xFFFFFFFFu

/* An instantaneous value with its direction bits. */
struct mercury_measure {
    uint32_t value; /* without the direction bits, 22 or 30 bits */
    bool active_reverse, reactive_reverse;
    bool measured;  /* false: all ones [assumed: the sheet says it of energies] */
};
struct mercury_measure mercury_take_measure3(struct cursor *c); /* parameters 11h, 16h: b1 b3 b2 */
struct mercury_measure mercury_take_measure4(struct cursor *c); /* power groups of 14h */

/* "ss mm hh dd mon yy" in BCD. WALL_NONE when it names no moment (empty records are all zeros or all ones); the cursor
 * goes on. */
int64_t mercury_take_time(struct cursor *c);

/* "ss mm hh dow dd mon yy winter" in BCD: the clock (04 00) and the time of a freeze. */
struct mercury_clock {
    int64_t wall;
    uint8_t weekday; /* 1 = Monday */
    bool winter;
};
struct mercury_clock mercury_take_clock(struct cursor *c);
void mercury_put_clock(struct writer *w, int64_t wall, bool winter);

/* Four bytes, each two decimal digits in binary; then day, month, year of production in binary. */
uint32_t mercury_take_serial(struct cursor *c);
int64_t mercury_take_produced(struct cursor *c);

/* 48 bits of the status word: bit 0 is E-01. Three little-endian words, the high word first. */
uint64_t mercury_take_bits48(struct cursor *c);

/* --- the meter's kind --------------------------------------------------------------------------------------------- */

/* The six bytes of the variant (parameters 12h and 01h). */
struct mercury_variant {
    uint16_t constant; /* A, imp/kWh; 0 when the code is unknown */
    bool one_phase, profile, one_direction;
    bool wide_memory;  /* memory 3 has 131 KB: 8192 records instead of 4096 */
    bool relay, per_phase, extended /* request 18h */, second_profile;
    bool seal_top, seal_terminal; /* electronic seals of the two covers */
    bool quality;      /* power quality is watched: journals 20h..32h */
    bool neutral;      /* current in the neutral is measured */
    uint8_t interface; /* 0 CAN, 1 RS-485, 3 none */
};
struct mercury_variant mercury_take_variant(struct cursor *c);

/* Network address from the serial number: meters without and with «D» (СПОДЭС) in their code. */
uint8_t mercury_address(uint32_t serial);
uint8_t mercury_address_d(uint32_t serial);

/* --- power profile ------------------------------------------------------------------------------------------------ */

enum { MERCURY_RECORD_SIZE = 15, MERCURY_RECORD_STEP = 0x10, MERCURY_BULK = 17 };

/* Parameter 13h: the record that was formed last. */
struct mercury_last {
    uint16_t place; /* as sent: record number or address, see mercury_record_of */
    uint8_t status;
    int64_t end;    /* wall time; WALL_NONE when there is none */
    uint8_t period; /* minutes */
};
struct mercury_last mercury_take_last(struct cursor *c);

enum mercury_record_status {
    MERCURY_RECORD_OVERFLOW = 1, MERCURY_RECORD_PARTIAL = 2, MERCURY_RECORD_INIT = 4, MERCURY_RECORD_WINTER = 8,
};

/* One record: mean powers in half-pulses; FFFF = not kept. */
struct mercury_record {
    uint8_t status, period;
    int64_t end;
    uint16_t counts[4]; /* P+ P- Q+ Q- */
};
struct mercury_record mercury_take_record(struct cursor *c);

/* The ring of records in memory 3. */
struct mercury_ring {
    uint16_t records;  /* 4096 or 8192 */
    bool numbered;     /* firmware 7.0.0 and later: parameter 13h gives a record number, before: an address */
    bool narrow;       /* firmware before 3.0.0: the 17th address bit stays zero */
};
struct mercury_ring mercury_ring_of(bool wide_memory, uint8_t firmware_major);

/* Number of the record that parameter 13h names. An address has 16 bits: in a wide ring `high` adds the 17th. */
uint16_t mercury_record_of(const struct mercury_ring *r, uint16_t place, bool high);

/* Number of the record `steps` before `record` (after it when negative). */
uint16_t mercury_record_before(const struct mercury_ring *r, uint16_t record, int64_t steps);

/* 17-bit address of a record. */
uint32_t mercury_record_address(const struct mercury_ring *r, uint16_t record);
