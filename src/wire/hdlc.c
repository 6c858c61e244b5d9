/* HDLC frames of DLMS; see hdlc.h. */
#include "wire/hdlc.h"
#include "wire/crc.h"

enum { FLAG = 0x7E, LENGTH_LEAST = 2 + 1 + 1 + 1 + 2 };

/* --- addresses --- */

struct hdlc_address hdlc_take_address(struct cursor *c)
{
    uint8_t b[4] = { 0 };
    size_t size = 0;
    while (size < 4 && !c->failed) {
        b[size] = take_u8(c);
        if (b[size++] & 1)
            break;
    }
    if (c->failed || !(b[size - 1] & 1) || size == 3) {
        cursor_fail(c);
        return (struct hdlc_address){ 0 };
    }
    struct hdlc_address a = { .size = (uint8_t)size };
    unsigned first = b[0] >> 1u, second = b[1] >> 1u, pair = (b[2] >> 1u) << 7 | b[3] >> 1u;
    a.upper = (uint16_t)(size == 4 ? first << 7 | second : first);
    a.lower = (uint16_t)(size == 4 ? pair : second);
    return a;
}

void hdlc_put_address(struct writer *w, struct hdlc_address a)
{
    unsigned most = a.size == 4 ? 0x3FFF : 0x7F;
    if ((a.size != 1 && a.size != 2 && a.size != 4) || a.upper > most || a.lower > most || (a.size == 1 && a.lower)) {
        w->failed = true;
        return;
    }
    if (a.size == 4) {
        put_u8(w, a.upper >> 7 << 1);
        put_u8(w, (a.upper & 0x7F) << 1);
        put_u8(w, a.lower >> 7 << 1);
        put_u8(w, (a.lower & 0x7F) << 1 | 1);
        return;
    }
    put_u8(w, a.upper << 1 | (a.size == 1));
    if (a.size == 2)
        put_u8(w, a.lower << 1 | 1);
}

bool hdlc_address_equal(struct hdlc_address a, struct hdlc_address b)
{
    return a.size == b.size && a.upper == b.upper && a.lower == b.lower;
}

bool hdlc_address_is_broadcast(struct hdlc_address a)
{
    return a.size == 4 ? a.lower == HDLC_ALL_STATIONS : a.size == 2 ? a.lower == 0x7F : a.upper == 0x7F;
}

/* --- control byte --- */

static const struct {
    const char *name;
    uint8_t code, mask;  /* byte & mask == code */
    bool has_nr, has_ns;
} kinds[] = {
    [HDLC_I] = { "I", 0x00, 0x01, true, true },        [HDLC_RR] = { "RR", 0x01, 0x0F, true, false },
    [HDLC_RNR] = { "RNR", 0x05, 0x0F, true, false },   [HDLC_REJ] = { "REJ", 0x09, 0x0F, true, false },
    [HDLC_SREJ] = { "SREJ", 0x0D, 0x0F, true, false }, [HDLC_SNRM] = { "SNRM", 0x83, 0xEF, false, false },
    [HDLC_DISC] = { "DISC", 0x43, 0xEF, false, false }, [HDLC_UA] = { "UA", 0x63, 0xEF, false, false },
    [HDLC_DM] = { "DM", 0x0F, 0xEF, false, false },    [HDLC_FRMR] = { "FRMR", 0x87, 0xEF, false, false },
    [HDLC_UI] = { "UI", 0x03, 0xEF, false, false },    [HDLC_UNKNOWN] = { "?", 0, 0, false, false },
};

struct hdlc_control hdlc_control_decode(uint8_t byte)
{
    enum hdlc_kind kind = HDLC_I;
    while ((byte & kinds[kind].mask) != kinds[kind].code)
        kind++;
    return (struct hdlc_control){
        .kind = kind,
        .poll = byte & 0x10,
        .ns = kinds[kind].has_ns ? byte >> 1 & 7 : 0,
        .nr = kinds[kind].has_nr ? byte >> 5 : 0,
    };
}

uint8_t hdlc_control_encode(struct hdlc_control c)
{
    unsigned byte = kinds[c.kind].code | (c.poll ? 0x10 : 0);
    if (kinds[c.kind].has_nr)
        byte |= (c.nr & 7u) << 5;
    if (kinds[c.kind].has_ns)
        byte |= (c.ns & 7u) << 1;
    return (uint8_t)byte;
}

const char *hdlc_kind_name(enum hdlc_kind kind)
{
    return kinds[kind].name;
}

/* --- frames --- */

/* The two last bytes of `b` are the checksum of those before. */
static bool checksum_good(struct bytes b)
{
    uint16_t sum = crc16_x25(bytes_of(b.data, b.size - 2));
    return b.data[b.size - 2] == (sum & 0xFF) && b.data[b.size - 1] == sum >> 8;
}

/* The bytes between the flags of a frame with both, with the closing one only (the other went with the frame before) or
 * with none; empty when an opening flag has no partner. */
static struct bytes without_flags(struct bytes frame)
{
    if (frame.size < 2)
        return bytes_of(frame.data, 0);
    bool closed = frame.data[frame.size - 1] == FLAG;
    if (frame.data[0] == FLAG)
        return closed ? bytes_part(frame, 1, frame.size - 2) : bytes_of(frame.data, 0);
    size_t length = ((size_t)frame.data[0] & 7) << 8 | frame.data[1];
    return bytes_part(frame, 0, closed && frame.size == length + 1 ? length : frame.size);
}

enum hdlc_fault hdlc_decode(struct bytes frame, struct hdlc_frame *ret)
{
    struct bytes body = without_flags(frame);
    struct cursor c = cursor_over(body);
    unsigned format = take_be16(&c);
    if (format >> 12 != 0xA || (format & 0x7FF) != body.size || body.size < LENGTH_LEAST)
        return HDLC_BAD_SHAPE;
    *ret = (struct hdlc_frame){ .more = format & 0x800 };
    ret->to = hdlc_take_address(&c);
    ret->from = hdlc_take_address(&c);
    ret->control_byte = take_u8(&c);
    ret->control = hdlc_control_decode(ret->control_byte);
    size_t header = (size_t)(c.at - body.data);
    cursor_skip(&c, 2);
    if (c.failed)
        return HDLC_BAD_SHAPE;
    if (cursor_left(&c) == 0)
        return checksum_good(body) ? HDLC_OK : HDLC_BAD_FCS;
    if (cursor_left(&c) < 2)
        return HDLC_BAD_SHAPE;
    ret->info = take_bytes(&c, cursor_left(&c) - 2);
    if (!checksum_good(bytes_part(body, 0, header + 2)))
        return HDLC_BAD_HCS;
    return checksum_good(body) ? HDLC_OK : HDLC_BAD_FCS;
}

static void put_checksum(struct writer *w)
{
    struct bytes written = writer_bytes(w);
    if (written.size)
        put_le16(w, crc16_x25(written));
}

void hdlc_encode(struct writer *w, const struct hdlc_frame *f)
{
    size_t length = 2u + f->to.size + f->from.size + 1u + 2u + (f->info.size ? f->info.size + 2 : 0);
    if (length > 0x7FF || f->control.kind >= HDLC_UNKNOWN) {
        w->failed = true;
        return;
    }
    put_u8(w, FLAG);
    struct writer body = { .start = w->at, .at = w->at, .end = w->end, .failed = w->failed };
    put_be16(&body, 0xA000 | (f->more ? 0x800 : 0) | length);
    hdlc_put_address(&body, f->to);
    hdlc_put_address(&body, f->from);
    put_u8(&body, hdlc_control_encode(f->control));
    put_checksum(&body);
    if (f->info.size) {
        put_bytes(&body, f->info);
        put_checksum(&body);
    }
    put_u8(&body, FLAG);
    w->at = body.at;
    w->failed = body.failed;
}

/* --- finding --- */

/* How the bytes from `body` on look as a frame's inside. HEADED: the header is whole and its checksum right, so the rest
 * will come and nothing inside may be taken for a frame. */
enum look { LOOK_NOT, LOOK_PARTIAL, LOOK_HEADED, LOOK_DAMAGED, LOOK_WHOLE };

static enum look look_at(struct bytes body, size_t *ret_length)
{
    struct cursor c = cursor_over(body);
    *ret_length = LENGTH_LEAST;
    if (body.size < 2)
        return body.size == 0 || body.data[0] >> 4 == 0xA ? LOOK_PARTIAL : LOOK_NOT;
    unsigned format = take_be16(&c);
    size_t length = format & 0x7FF;
    if (format >> 12 != 0xA || length < LENGTH_LEAST)
        return LOOK_NOT;
    *ret_length = length;
    if (body.size > length) {
        struct hdlc_frame frame;
        enum hdlc_fault fault = hdlc_decode(bytes_part(body, 0, length), &frame);
        if (body.data[length] != FLAG)
            return LOOK_NOT;
        return fault == HDLC_OK ? LOOK_WHOLE : fault == HDLC_BAD_SHAPE ? LOOK_NOT : LOOK_DAMAGED;
    }
    (void)hdlc_take_address(&c);
    (void)hdlc_take_address(&c);
    cursor_skip(&c, 3);
    if (c.failed)
        return LOOK_PARTIAL;
    return checksum_good(bytes_of(body.data, (size_t)(c.at - body.data))) ? LOOK_HEADED : LOOK_PARTIAL;
}

struct frame_found hdlc_find(struct bytes received, void *context)
{
    (void)context;
    struct frame_found partial = { .state = FRAME_PARTIAL, .start = received.size, .size = 1 };
    bool seen = false;
    for (size_t i = 0; i < received.size; i++) {
        bool flag = received.data[i] == FLAG;
        if (!flag && (i || received.data[0] >> 4 != 0xA))
            continue;
        size_t length;
        enum look look = look_at(bytes_part(received, i + flag, received.size), &length);
        struct frame_found found = { .start = i, .size = length + 1 + flag };
        if (look == LOOK_WHOLE || look == LOOK_DAMAGED) {
            found.state = look == LOOK_WHOLE ? FRAME_WHOLE : FRAME_DAMAGED;
            return found;
        }
        if (look == LOOK_HEADED)
            return found;
        if (look == LOOK_PARTIAL && !seen) {
            partial = found;
            seen = true;
        }
    }
    return partial;
}

/* --- LLC --- */

bool hdlc_llc_decode(struct bytes info, bool *ret_response, struct bytes *ret_apdu)
{
    if (info.size < HDLC_LLC_SIZE || info.data[0] != 0xE6 || (info.data[1] | 1) != 0xE7 || info.data[2] != 0)
        return false;
    *ret_response = info.data[1] == 0xE7;
    *ret_apdu = bytes_part(info, HDLC_LLC_SIZE, info.size);
    return true;
}

void hdlc_llc_encode(struct writer *w, bool response)
{
    put_be(w, response ? 0xE6E700 : 0xE6E600, 3);
}

/* --- negotiation --- */

struct hdlc_parameters hdlc_parameters_default(void)
{
    return (struct hdlc_parameters){ HDLC_INFO_DEFAULT, HDLC_INFO_DEFAULT, HDLC_WINDOW_DEFAULT, HDLC_WINDOW_DEFAULT };
}

static void take_group(struct cursor c, struct hdlc_parameters *p, bool *failed)
{
    uint32_t *const fields[] = { &p->info_transmit, &p->info_receive, &p->window_transmit, &p->window_receive };
    while (cursor_left(&c)) {
        uint8_t tag = take_u8(&c), size = take_u8(&c);
        struct bytes value = take_bytes(&c, size);
        if (tag < 5 || tag > 8)
            continue;
        struct cursor number = cursor_over(value);
        if (size == 0 || size > 4)
            cursor_fail(&c);
        else
            *fields[tag - 5] = (uint32_t)take_be(&number, size);
    }
    *failed |= c.failed;
}

bool hdlc_parameters_decode(struct bytes info, struct hdlc_parameters *ret)
{
    struct hdlc_parameters p = hdlc_parameters_default();
    struct cursor c = cursor_over(info);
    bool failed = false;
    if (info.size && take_u8(&c) != 0x81)
        return false;
    while (cursor_left(&c)) {
        uint8_t group = take_u8(&c), size = take_u8(&c);
        struct bytes values = take_bytes(&c, size);
        if (group == 0x80)
            take_group(cursor_over(values), &p, &failed);
    }
    if (c.failed || failed)
        return false;
    *ret = p;
    return true;
}

void hdlc_parameters_encode(struct writer *w, const struct hdlc_parameters *p)
{
    size_t transmit = p->info_transmit > 0xFF ? 2 : 1, receive = p->info_receive > 0xFF ? 2 : 1;
    put_be16(w, 0x8180);
    put_u8(w, (unsigned)(2 + transmit + 2 + receive + 6 + 6));
    put_u8(w, 5);
    put_u8(w, (unsigned)transmit);
    put_be(w, p->info_transmit, transmit);
    put_u8(w, 6);
    put_u8(w, (unsigned)receive);
    put_be(w, p->info_receive, receive);
    put_be16(w, 0x0704);
    put_be32(w, p->window_transmit);
    put_be16(w, 0x0804);
    put_be32(w, p->window_receive);
}

static uint32_t smaller_within(uint32_t a, uint32_t b, uint32_t least, uint32_t most)
{
    uint32_t value = a < b ? a : b;
    return value < least ? least : value > most ? most : value;
}

struct hdlc_parameters hdlc_parameters_agree(const struct hdlc_parameters *ours, const struct hdlc_parameters *theirs)
{
    return (struct hdlc_parameters){
        .info_transmit = smaller_within(ours->info_transmit, theirs->info_receive, HDLC_INFO_LEAST, HDLC_INFO_MOST),
        .info_receive = smaller_within(ours->info_receive, theirs->info_transmit, HDLC_INFO_LEAST, HDLC_INFO_MOST),
        .window_transmit = smaller_within(ours->window_transmit, theirs->window_receive, 1, HDLC_WINDOW_MOST),
        .window_receive = smaller_within(ours->window_receive, theirs->window_transmit, 1, HDLC_WINDOW_MOST),
    };
}

/* --- FRMR --- */

bool hdlc_reject_decode(struct bytes info, struct hdlc_reject *ret)
{
    if (info.size != 3)
        return false;
    *ret = (struct hdlc_reject){
        .control = info.data[0], .ns = info.data[1] >> 1 & 7, .nr = info.data[1] >> 5, .reasons = info.data[2]
    };
    return true;
}

void hdlc_reject_encode(struct writer *w, const struct hdlc_reject *r)
{
    put_u8(w, r->control);
    put_u8(w, (r->nr & 7u) << 5 | (r->ns & 7u) << 1);
    put_u8(w, r->reasons);
}
