/* Modbus PDUs, frames and values; see modbus.h. */
#include "wire/modbus.h"
#include "wire/crc.h"

enum { HEADER = 7, SUM = 2, FIXED = 5 /* function, address, count */, EXCEPTION_FRAME = 1 + 2 + SUM };

static bool reads(uint8_t function)
{
    return function >= MODBUS_READ_COILS && function <= MODBUS_READ_REGISTERS;
}

static bool reads_bits(uint8_t function)
{
    return function == MODBUS_READ_COILS || function == MODBUS_READ_INPUTS;
}

static bool writes_one(uint8_t function)
{
    return function == MODBUS_WRITE_COIL || function == MODBUS_WRITE_REGISTER;
}

static bool writes_many(uint8_t function)
{
    return function == MODBUS_WRITE_COILS || function == MODBUS_WRITE_REGISTERS;
}

static bool known(uint8_t function)
{
    return reads(function) || function == MODBUS_READ_ARCHIVE || writes_one(function) || writes_many(function);
}

static size_t bytes_of_bits(uint16_t count)
{
    return ((size_t)count + 7) / 8;
}

/* --- what is asked and answered ----------------------------------------------------------------------------------- */

static bool count_possible(const struct modbus_request *r)
{
    static const uint16_t most[] = {
        [MODBUS_READ_COILS] = MODBUS_BITS_MOST, [MODBUS_READ_INPUTS] = MODBUS_BITS_MOST, [MODBUS_READ_HOLDING] = MODBUS_REGISTERS_MOST,
        [MODBUS_READ_REGISTERS] = MODBUS_REGISTERS_MOST, [MODBUS_WRITE_COILS] = MODBUS_WRITE_BITS_MOST,
        [MODBUS_WRITE_REGISTERS] = MODBUS_WRITE_REGISTERS_MOST,
    };
    if (r->function == MODBUS_WRITE_COIL)
        return r->count == 0 || r->count == MODBUS_COIL_ON;
    if (r->function == MODBUS_WRITE_REGISTER)
        return true;
    if (r->function == MODBUS_READ_ARCHIVE)
        return r->count >= 1 && r->count <= UINT8_MAX && r->data.size == MODBUS_ARCHIVE_TIME && r->data.data[0] == 1;
    return known(r->function) && r->count >= 1 && r->count <= most[r->function];
}

/* Bytes of data that a request carries, after its byte count where it has one. */
static size_t request_data(const struct modbus_request *r)
{
    if (r->function == MODBUS_READ_ARCHIVE)
        return MODBUS_ARCHIVE_TIME;
    return r->function == MODBUS_WRITE_COILS ? bytes_of_bits(r->count) : r->function == MODBUS_WRITE_REGISTERS ? (size_t)r->count * 2 : 0;
}

void modbus_request_encode(struct writer *w, const struct modbus_request *r)
{
    if (!count_possible(r) || r->data.size != request_data(r)) {
        w->failed = true;
        return;
    }
    put_u8(w, r->function);
    put_be16(w, r->address);
    put_be16(w, r->count);
    if (writes_many(r->function))
        put_u8(w, (unsigned)r->data.size);
    put_bytes(w, r->data);
}

bool modbus_request_decode(uint8_t unit, struct bytes pdu, struct modbus_request *ret)
{
    struct cursor c = cursor_over(pdu);
    struct modbus_request r = { .unit = unit };
    r.function = take_u8(&c);
    r.address = take_be16(&c);
    r.count = take_be16(&c);
    if (writes_many(r.function)) {
        uint8_t size = take_u8(&c);
        r.data = take_bytes(&c, size);
    } else if (r.function == MODBUS_READ_ARCHIVE) {
        r.data = take_bytes(&c, MODBUS_ARCHIVE_TIME);
    }
    if (!cursor_done(&c) || !count_possible(&r) || r.data.size != request_data(&r))
        return false;
    *ret = r;
    return true;
}

size_t modbus_answer_data(const struct modbus_request *asked)
{
    return reads_bits(asked->function) ? bytes_of_bits(asked->count) : reads(asked->function) ? (size_t)asked->count * 2 : 0;
}

bool modbus_answer_decode(const struct modbus_request *asked, struct bytes pdu, struct modbus_answer *ret)
{
    struct cursor c = cursor_over(pdu);
    struct modbus_answer a = { 0 };
    uint8_t function = take_u8(&c);
    bool right = function == asked->function;
    if (function == (asked->function | MODBUS_REFUSED)) {
        a.exception = take_u8(&c);
        right = a.exception != MODBUS_DONE;
    } else if (reads(asked->function) || asked->function == MODBUS_READ_ARCHIVE) {
        uint8_t size = take_u8(&c);
        a.data = take_bytes(&c, size);
        right &= reads(asked->function) ? size == modbus_answer_data(asked) : size > 0 && asked->count && size % asked->count == 0;
    } else {
        uint16_t address = take_be16(&c), count = take_be16(&c);
        right &= address == asked->address && count == asked->count;
    }
    if (!right || !cursor_done(&c))
        return false;
    *ret = a;
    return true;
}

/* --- frames ------------------------------------------------------------------------------------------------------- */

void modbus_frame_encode(struct writer *w, enum modbus_framing framing, const struct modbus_frame *f)
{
    size_t before = writer_size(w);
    if (f->pdu.size == 0 || f->pdu.size > MODBUS_PDU_MAX)
        w->failed = true;
    if (framing == MODBUS_TCP) {
        put_be16(w, f->transaction);
        put_be16(w, 0);
        put_be16(w, f->pdu.size + 1);
    }
    put_u8(w, f->unit);
    put_bytes(w, f->pdu);
    if (framing == MODBUS_RTU && !w->failed)
        put_le16(w, crc16_modbus(bytes_of(w->start + before, writer_size(w) - before)));
}

static bool rtu_sound(struct bytes frame)
{
    struct cursor sum = cursor_over(bytes_part(frame, frame.size < SUM ? 0 : frame.size - SUM, SUM));
    return frame.size >= 1 + 1 + SUM && crc16_modbus(bytes_part(frame, 0, frame.size - SUM)) == take_le16(&sum);
}

static bool rtu_decode(struct bytes frame, struct modbus_frame *ret)
{
    if (frame.size > 1 + MODBUS_PDU_MAX + SUM || !rtu_sound(frame))
        return false;
    *ret = (struct modbus_frame){ .unit = frame.data[0], .pdu = bytes_part(frame, 1, frame.size - 1 - SUM) };
    return true;
}

static bool tcp_decode(struct bytes frame, struct modbus_frame *ret)
{
    struct cursor c = cursor_over(frame);
    uint16_t transaction = take_be16(&c), protocol = take_be16(&c), length = take_be16(&c);
    uint8_t unit = take_u8(&c);
    struct bytes pdu = take_rest(&c);
    if (c.failed || protocol != 0 || pdu.size == 0 || pdu.size > MODBUS_PDU_MAX || length != pdu.size + 1)
        return false;
    *ret = (struct modbus_frame){ transaction, unit, pdu };
    return true;
}

bool modbus_frame_decode(enum modbus_framing framing, struct bytes frame, struct modbus_frame *ret)
{
    return framing == MODBUS_TCP ? tcp_decode(frame, ret) : rtu_decode(frame, ret);
}

/* --- finding ------------------------------------------------------------------------------------------------------- */

/* How long the RTU frame is that begins with these bytes; as far as they tell, at least so long; 0: none begins so. */
typedef size_t frame_size_fn(struct bytes b);

static size_t answer_size(struct bytes b)
{
    if (b.size < 2)
        return EXCEPTION_FRAME;
    uint8_t function = b.data[1];
    if (function & MODBUS_REFUSED)
        return known(function & 0x7F) ? EXCEPTION_FRAME : 0;
    if (!known(function))
        return 0;
    if (!reads(function) && function != MODBUS_READ_ARCHIVE)
        return 1 + FIXED + SUM;
    if (b.size < 3)
        return EXCEPTION_FRAME;
    uint8_t count = b.data[2];
    if (function == MODBUS_READ_ARCHIVE)
        return count >= 1 && count <= MODBUS_PDU_MAX - 2 ? 3 + (size_t)count + SUM : 0;
    bool possible = count >= 1 && count <= MODBUS_REGISTERS_MOST * 2 && (reads_bits(function) || count % 2 == 0);
    return possible ? 3 + (size_t)count + SUM : 0;
}

static size_t request_size(struct bytes b)
{
    if (b.size < 2)
        return 1 + FIXED + SUM;
    if (!known(b.data[1]))
        return 0;
    if (!writes_many(b.data[1]))
        return 1 + FIXED + (b.data[1] == MODBUS_READ_ARCHIVE ? MODBUS_ARCHIVE_TIME : 0) + SUM;
    if (b.size < 1 + FIXED + 1)
        return 1 + FIXED + 1 + 1 + SUM;
    size_t count = b.data[1 + FIXED];
    return count >= 1 && count <= MODBUS_WRITE_REGISTERS_MOST * 2 ? 1 + FIXED + 1 + count + SUM : 0;
}

/* True when the bytes begin as the answer to this request would. */
static bool awaited(const struct modbus_request *asked, struct bytes b)
{
    if (!asked || b.size < 3 || b.data[0] != asked->unit)
        return false;
    if (b.data[1] == (asked->function | MODBUS_REFUSED))
        return true;
    return b.data[1] == asked->function && (!reads(asked->function) || b.data[2] == modbus_answer_data(asked));
}

/* The first frame with a good checksum wins wherever it begins; then a broken one that looks like the awaited; then what may
 * still become a frame. */
static struct frame_found find_rtu(struct bytes received, frame_size_fn *size_of, const struct modbus_request *asked)
{
    struct frame_found partial = { FRAME_PARTIAL, received.size, 1 }, damaged = { .size = 0 };
    size_t enough = SIZE_MAX;
    for (size_t i = 0; i < received.size; i++) {
        struct bytes rest = bytes_part(received, i, received.size);
        size_t size = size_of(rest);
        if (size && size <= rest.size) {
            if (rtu_sound(bytes_part(rest, 0, size)))
                return (struct frame_found){ FRAME_WHOLE, i, size };
            if (!damaged.size && awaited(asked, rest))
                damaged = (struct frame_found){ FRAME_DAMAGED, i, size };
        } else if (size) {
            if (enough == SIZE_MAX)
                partial.start = i;
            if (i + size < enough)
                enough = i + size;
        }
    }
    if (enough != SIZE_MAX)
        partial.size = enough - partial.start;
    return damaged.size ? damaged : partial;
}

struct frame_found modbus_find_rtu_answer(struct bytes received, void *context)
{
    return find_rtu(received, answer_size, context);
}

struct frame_found modbus_find_rtu_request(struct bytes received, void *context)
{
    (void)context;
    return find_rtu(received, request_size, NULL);
}

/* Size of the TCP frame that begins so, as far as the bytes tell; 0: none does. */
static size_t tcp_size(struct bytes b)
{
    for (size_t i = 2; i < 5 && i < b.size; i++)
        if (b.data[i] != 0)
            return 0;
    if (b.size < 6)
        return HEADER + 1;
    return b.data[5] >= 2 && b.data[5] <= MODBUS_PDU_MAX + 1 ? 6 + (size_t)b.data[5] : 0;
}

struct frame_found modbus_find_tcp(struct bytes received, void *context)
{
    (void)context;
    size_t start = 0, size = 0;
    while (start < received.size && !(size = tcp_size(bytes_part(received, start, received.size))))
        start++;
    size_t left = received.size - start;
    return (struct frame_found){ left && size <= left ? FRAME_WHOLE : FRAME_PARTIAL, start, left ? size : HEADER + 1 };
}

static bool looks_answered(struct bytes pdu)
{
    uint8_t function = pdu.data[0];
    if (function & MODBUS_REFUSED)
        return known(function & 0x7F) && pdu.size == 2 && pdu.data[1] >= 1 && pdu.data[1] <= MODBUS_GATEWAY_SILENCE;
    return reads(function) && pdu.size >= 3 && pdu.size == 2 + (size_t)pdu.data[1] && (reads_bits(function) || pdu.data[1] % 2 == 0);
}

bool modbus_looks(struct bytes b)
{
    struct modbus_frame f;
    struct modbus_request r;
    if (tcp_decode(b, &f))
        return modbus_request_decode(f.unit, f.pdu, &r) || looks_answered(f.pdu);
    return rtu_decode(b, &f) && (((reads(f.pdu.data[0]) || f.pdu.data[0] == MODBUS_READ_ARCHIVE) && modbus_request_decode(f.unit, f.pdu, &r)) || looks_answered(f.pdu));
}

/* --- values in registers ------------------------------------------------------------------------------------------ */

size_t modbus_type_registers(enum modbus_type t)
{
    static const uint8_t registers[] = {
        [MODBUS_BITS16] = 1, [MODBUS_BITS32] = 2, [MODBUS_U16] = 1, [MODBUS_S16] = 1, [MODBUS_U32] = 2, [MODBUS_S32] = 2,
        [MODBUS_U64] = 4, [MODBUS_S64] = 4, [MODBUS_F32] = 2, [MODBUS_F64] = 4, [MODBUS_TEXT_WIDE] = 0,
    };
    return registers[t];
}

uint64_t modbus_take_bits(struct cursor *c, enum modbus_type t, enum modbus_order order)
{
    size_t registers = modbus_type_registers(t);
    uint64_t value = 0;
    for (size_t i = 0; i < registers; i++) {
        bool swapped = order == MODBUS_BADC || order == MODBUS_DCBA, low_first = order == MODBUS_CDAB || order == MODBUS_DCBA;
        uint64_t word = swapped ? take_le16(c) : take_be16(c);
        value |= word << 16 * (low_first ? i : registers - 1 - i);
    }
    return c->failed ? 0 : value;
}

bool modbus_take_number(struct cursor *c, enum modbus_type t, enum modbus_order order, struct decimal *ret)
{
    uint64_t bits = modbus_take_bits(c, t, order);
    if (c->failed)
        return false;
    switch (t) {
    case MODBUS_S16: *ret = decimal_of((int16_t)bits, 0); return true;
    case MODBUS_S32: *ret = decimal_of((int32_t)bits, 0); return true;
    case MODBUS_S64: *ret = decimal_of((int64_t)bits, 0); return true;
    case MODBUS_F32: return decimal_from_float32((uint32_t)bits, ret);
    case MODBUS_F64: return decimal_from_float64(bits, ret);
    case MODBUS_BIT:
    case MODBUS_TEXT:
    case MODBUS_TEXT_WIDE: return false;
    default: break;
    }
    if (bits > INT64_MAX)
        return false;
    *ret = decimal_of((int64_t)bits, 0);
    return true;
}
