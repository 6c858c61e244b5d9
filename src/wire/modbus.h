/* Modbus (telemechanics.md 1; MODBUS Application Protocol 1.1b3, MODBUS over Serial Line 1.02, Messaging on TCP/IP 1.0b).
 *
 *   RTU  unit 1 | PDU | CRC-16/MODBUS, low byte first          at most 256 bytes
 *   TCP  transaction 2 | 0000 | length 2 | unit 1 | PDU        at most 260 bytes, port 502
 *   PDU  function 1 | data;  an exception: function | 80h, code
 *
 * An RTU frame has no length: where an answer ends is known from its function and byte count, and what it should be from the
 * request. Many converters carry RTU frames in a TCP stream as they are: that is RTU here.
 * Example: 24 04 00 00 00 03 B7 3E asks unit 36 for three input registers. */
#pragma once
#include "base/cursor.h"
#include "base/decimal.h"
#include "wire/explain.h"
#include "wire/frame.h"

enum modbus_function {
    MODBUS_READ_COILS = 0x01, MODBUS_READ_INPUTS = 0x02, MODBUS_READ_HOLDING = 0x03, MODBUS_READ_REGISTERS = 0x04,
    MODBUS_WRITE_COIL = 0x05, MODBUS_WRITE_REGISTER = 0x06, MODBUS_WRITE_COILS = 0x0F, MODBUS_WRITE_REGISTERS = 0x10,
    MODBUS_READ_ARCHIVE = 0x41, /* 65, of Взлёт (heat-modbus.md 4.1): records of an archive from a moment on */
    MODBUS_REFUSED = 0x80, /* added to the function by an exception */
};

enum modbus_exception {
    MODBUS_DONE = 0, MODBUS_BAD_FUNCTION = 1, MODBUS_BAD_ADDRESS = 2, MODBUS_BAD_VALUE = 3, MODBUS_DEVICE_FAILED = 4,
    MODBUS_ACKNOWLEDGED = 5, MODBUS_BUSY = 6, MODBUS_PARITY = 8, MODBUS_NO_GATEWAY = 0x0A, MODBUS_GATEWAY_SILENCE = 0x0B,
};

enum modbus_framing { MODBUS_RTU, MODBUS_TCP };

enum {
    MODBUS_BITS_MOST = 2000, MODBUS_REGISTERS_MOST = 125,           /* of one reading request */
    MODBUS_WRITE_BITS_MOST = 1968, MODBUS_WRITE_REGISTERS_MOST = 123,
    MODBUS_PDU_MAX = 253, MODBUS_FRAME_MAX = 260, MODBUS_ARCHIVE_TIME = 7,
    MODBUS_COIL_ON = 0xFF00,
};

/* --- what is asked and answered --------------------------------------------------------------------------------- */

struct modbus_request {
    uint8_t unit;
    uint8_t function;  /* enum modbus_function */
    uint16_t address;  /* zero-based; of 65: the archive */
    uint16_t count;    /* of bits or registers; of 05: MODBUS_COIL_ON or 0; of 06: the value; of 65: records */
    struct bytes data; /* of 15: bits, the first in the lowest; of 16: registers, high byte first; of 65: 01, seconds, minutes, hours, day,
                          month, year of two digits */
};

/* The PDU of the request. Fails the writer for counts beyond the function's limit or data that do not fit them. */
void modbus_request_encode(struct writer *w, const struct modbus_request *r);

/* False (and *ret untouched) for an unknown function or counts beyond its limit; ret->unit is set to `unit`. */
bool modbus_request_decode(uint8_t unit, struct bytes pdu, struct modbus_request *ret);

/* Bytes of data in a good answer to a reading request; 0 for writes, and for records of an archive, whose size is the archive's. */
size_t modbus_answer_data(const struct modbus_request *asked);

struct modbus_answer {
    uint8_t exception; /* enum modbus_exception; MODBUS_DONE for a good answer */
    struct bytes data; /* of readings: packed bits or registers */
};

/* False (and *ret untouched) when the PDU cannot answer this request: another function, another size, another echo. */
bool modbus_answer_decode(const struct modbus_request *asked, struct bytes pdu, struct modbus_answer *ret);

/* What an exception means, for people: «нет такого адреса»; "?" for an unknown code. */
const char *modbus_exception_text(uint8_t exception, enum lang lang);

/* --- frames ------------------------------------------------------------------------------------------------------ */

struct modbus_frame {
    uint16_t transaction; /* TCP only */
    uint8_t unit;
    struct bytes pdu;     /* slice of the input */
};

void modbus_frame_encode(struct writer *w, enum modbus_framing framing, const struct modbus_frame *f);

/* One whole frame and nothing else, its checksum or length good. False (and *ret untouched) otherwise. */
bool modbus_frame_decode(enum modbus_framing framing, struct bytes frame, struct modbus_frame *ret);

/* frame_finder of RTU answers, of any unit; the context is the struct modbus_request that is to be answered: what looks like
 * its answer and has a wrong checksum is FRAME_DAMAGED. */
struct frame_found modbus_find_rtu_answer(struct bytes received, void *context);

/* frame_finder of RTU requests. The context is not used. */
struct frame_found modbus_find_rtu_request(struct bytes received, void *context);

/* frame_finder of TCP, either way. A header has no checksum: what comes before the first protocol 0 with a possible length is
 * dropped. Never FRAME_DAMAGED. The context is not used. */
struct frame_found modbus_find_tcp(struct bytes received, void *context);

/* True when the whole of `b` is a TCP frame with a known function, or an RTU reading, its answer or an exception. Some frames
 * of the Меркурий have the same shape and checksum. */
bool modbus_looks(struct bytes b);

/* The annotated tree. */
void modbus_explain(struct explain *e, struct bytes frame);

/* --- values in registers ------------------------------------------------------------------------------------------ */

enum modbus_type {
    MODBUS_BIT, MODBUS_BITS16, MODBUS_BITS32, /* states: one bit, or a mask whose lowest bit is the first channel */
    MODBUS_U16, MODBUS_S16, MODBUS_U32, MODBUS_S32, MODBUS_U64, MODBUS_S64, MODBUS_F32, MODBUS_F64,
    MODBUS_TEXT, /* two characters a register */
    MODBUS_TEXT_WIDE, /* one character a register */
};

/* How the bytes of a longer value lie in its registers, A the most significant. */
enum modbus_order { MODBUS_ABCD, MODBUS_CDAB, MODBUS_BADC, MODBUS_DCBA };

/* Registers that a value takes; 0 for bits and texts. */
size_t modbus_type_registers(enum modbus_type t);

/* Takes the registers of an integer or mask as they stand and puts their bytes in order: the value's bits, not yet signed. */
uint64_t modbus_take_bits(struct cursor *c, enum modbus_type t, enum modbus_order order);

/* Takes a number. False, and *ret untouched, when it is none: NaN, an infinity, above 2⁶³ or too few bytes. */
bool modbus_take_number(struct cursor *c, enum modbus_type t, enum modbus_order order, struct decimal *ret);
