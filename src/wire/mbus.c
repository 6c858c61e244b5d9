/* M-Bus frames, requests and answer heads; see mbus.h. */
#include "wire/mbus.h"

#include "base/civil.h"
#include "wire/crc.h"

enum { ACK_BYTE = 0xE5, SHORT_BYTE = 0x10, LONG_BYTE = 0x68, STOP_BYTE = 0x16, LONG_OVERHEAD = 6, SHORT_SIZE = 5 };

/* --- finding ----------------------------------------------------------------------------------------------------- */

static struct frame_found found(enum frame_state state, size_t start, size_t size)
{
    return (struct frame_found){ state, start, size };
}

/* Checksum and stop byte behind `summed`, the cursor standing after it. */
static bool ends_well(struct cursor *c, struct bytes summed)
{
    uint8_t sum = take_u8(c), stop = take_u8(c);
    return !c->failed && sum == sum8(summed) && stop == STOP_BYTE;
}

/* What begins with this byte. A frame of size 0 means: this byte begins nothing. */
static struct frame_found try_short(struct bytes at)
{
    struct cursor c = cursor_over(at);
    cursor_skip(&c, 1);
    struct bytes summed = take_bytes(&c, 2);
    if (at.size < SHORT_SIZE)
        return found(FRAME_PARTIAL, 0, SHORT_SIZE);
    bool good = ends_well(&c, summed);
    bool shaped = at.data[SHORT_SIZE - 1] == STOP_BYTE;
    return found(good ? FRAME_WHOLE : FRAME_DAMAGED, 0, shaped ? SHORT_SIZE : 0);
}

static struct frame_found try_long(struct bytes at)
{
    struct cursor c = cursor_over(at);
    cursor_skip(&c, 1);
    uint8_t length = take_u8(&c), again = take_u8(&c), second = take_u8(&c);
    if (c.failed) {
        bool possible = (at.size < 2 || at.data[1] >= 3) && (at.size < 3 || at.data[1] == at.data[2]);
        return possible ? found(FRAME_PARTIAL, 0, LONG_OVERHEAD + (at.size > 1 ? at.data[1] : 3))
                        : found(FRAME_DAMAGED, 0, 0);
    }
    if (length < 3 || length != again || second != LONG_BYTE)
        return found(FRAME_DAMAGED, 0, 0);
    size_t size = (size_t)length + LONG_OVERHEAD;
    if (at.size < size)
        return found(FRAME_PARTIAL, 0, size);
    struct bytes summed = take_bytes(&c, length);
    return found(ends_well(&c, summed) ? FRAME_WHOLE : FRAME_DAMAGED, 0, size);
}

struct frame_found mbus_find(struct bytes received, void *context)
{
    (void)context;
    for (size_t start = 0; start < received.size; start++) {
        struct bytes at = bytes_part(received, start, received.size);
        struct frame_found f = { 0 };
        switch (peek_u8(&(struct cursor){ .at = at.data, .end = at.data + at.size })) {
        case ACK_BYTE:
            return found(FRAME_WHOLE, start, 1);
        case SHORT_BYTE:
            f = try_short(at);
            break;
        case LONG_BYTE:
            f = try_long(at);
            break;
        }
        if (f.size)
            return found(f.state, start, f.size);
    }
    return found(FRAME_PARTIAL, received.size, 1);
}

bool mbus_frame_decode(struct bytes frame, struct mbus_frame *ret)
{
    struct frame_found f = mbus_find(frame, NULL);
    if (f.state != FRAME_WHOLE || f.start != 0 || f.size != frame.size)
        return false;
    struct mbus_frame out = { .data = bytes_of(frame.data, 0) };
    struct cursor c = cursor_over(frame);
    uint8_t first = take_u8(&c);
    out.shape = first == ACK_BYTE ? MBUS_ACK : first == SHORT_BYTE ? MBUS_SHORT : MBUS_LONG;
    if (out.shape == MBUS_LONG)
        cursor_skip(&c, 3);
    if (out.shape != MBUS_ACK) {
        out.control = take_u8(&c);
        out.address = take_u8(&c);
    }
    if (out.shape == MBUS_LONG) {
        out.ci = take_u8(&c);
        out.data = take_bytes(&c, cursor_left(&c) - 2);
    }
    *ret = out;
    return true;
}

/* --- addresses --------------------------------------------------------------------------------------------------- */

bool mbus_address_matches(struct mbus_address mask, struct mbus_address meter)
{
    for (int shift = 0; shift < 32; shift += 4) {
        uint32_t wanted = mask.id >> shift & 0xF;
        if (wanted != 0xF && wanted != (meter.id >> shift & 0xF))
            return false;
    }
    return (mask.maker == 0xFFFF || mask.maker == meter.maker) && (mask.version == 0xFF || mask.version == meter.version) &&
           (mask.medium == 0xFF || mask.medium == meter.medium);
}

struct mbus_address mbus_take_address(struct cursor *c)
{
    struct mbus_address a = { .id = take_le32(c) };
    a.maker = take_le16(c);
    a.version = take_u8(c);
    a.medium = take_u8(c);
    return a;
}

void mbus_put_address(struct writer *w, struct mbus_address a)
{
    put_le32(w, a.id);
    put_le16(w, a.maker);
    put_u8(w, a.version);
    put_u8(w, a.medium);
}

char *mbus_maker_format(uint16_t maker, char text[4])
{
    for (int i = 0; i < 3; i++) {
        unsigned letter = maker >> (10 - 5 * i) & 0x1F;
        text[i] = (char)(letter >= 1 && letter <= 26 ? '@' + (int)letter : '?');
    }
    text[3] = '\0';
    return text;
}

uint16_t mbus_maker_parse(const char *text)
{
    unsigned maker = 0;
    for (int i = 0; i < 3; i++) {
        if (text[i] < 'A' || text[i] > 'Z')
            return 0;
        maker = maker << 5 | (unsigned)(text[i] - '@');
    }
    return text[3] ? 0 : (uint16_t)maker;
}

/* --- requests ---------------------------------------------------------------------------------------------------- */

void mbus_put_short(struct writer *w, uint8_t control, uint8_t address)
{
    put_u8(w, SHORT_BYTE);
    put_u8(w, control);
    put_u8(w, address);
    put_u8(w, (unsigned)control + address);
    put_u8(w, STOP_BYTE);
}

void mbus_put_long(struct writer *w, uint8_t control, uint8_t address, uint8_t ci, struct bytes data)
{
    if (data.size > MBUS_DATA_MAX) {
        w->failed = true;
        return;
    }
    unsigned length = (unsigned)data.size + 3;
    put_u8(w, LONG_BYTE);
    put_u8(w, length);
    put_u8(w, length);
    put_u8(w, LONG_BYTE);
    put_u8(w, control);
    put_u8(w, address);
    put_u8(w, ci);
    put_bytes(w, data);
    put_u8(w, (unsigned)control + address + ci + sum8(data));
    put_u8(w, STOP_BYTE);
}

void mbus_put_link_reset(struct writer *w, uint8_t address)
{
    mbus_put_short(w, MBUS_SND_NKE, address);
}

void mbus_put_request_alarm(struct writer *w, uint8_t address, bool fcb)
{
    mbus_put_short(w, (uint8_t)(MBUS_REQ_UD1 | (fcb ? MBUS_FCB : 0)), address);
}

void mbus_put_request_data(struct writer *w, uint8_t address, bool fcb)
{
    mbus_put_short(w, (uint8_t)(MBUS_REQ_UD2 | (fcb ? MBUS_FCB : 0)), address);
}

void mbus_put_send(struct writer *w, uint8_t address, struct bytes records)
{
    mbus_put_long(w, MBUS_SND_UD, address, MBUS_CI_SEND, records);
}

void mbus_put_select(struct writer *w, struct mbus_address who)
{
    uint8_t memory[8];
    struct writer data = writer_over(memory, sizeof memory);
    mbus_put_address(&data, who);
    mbus_put_long(w, MBUS_SND_UD, MBUS_SELECTED, MBUS_CI_SELECT, writer_bytes(&data));
}

void mbus_put_select_fabrication(struct writer *w, struct mbus_address who, uint32_t fabrication_bcd)
{
    uint8_t memory[8 + 6];
    struct writer data = writer_over(memory, sizeof memory);
    mbus_put_address(&data, who);
    put_u8(&data, 0x0C); /* 8-digit BCD */
    put_u8(&data, 0x78); /* fabrication number */
    put_le32(&data, fabrication_bcd);
    mbus_put_long(w, MBUS_SND_UD, MBUS_SELECTED, MBUS_CI_SELECT, writer_bytes(&data));
}

void mbus_put_application_reset(struct writer *w, uint8_t address, int set)
{
    uint8_t sub_code = (uint8_t)set;
    mbus_put_long(w, MBUS_SND_UD, address, MBUS_CI_APPLICATION_RESET, bytes_of(&sub_code, set == MBUS_SET_UNNAMED ? 0 : 1));
}

void mbus_put_set_address(struct writer *w, uint8_t address, uint8_t to)
{
    mbus_put_send(w, address, bytes_of((const uint8_t[]){ 0x01, 0x7A, to }, 3));
}

void mbus_put_set_id(struct writer *w, uint8_t address, uint32_t id_bcd)
{
    uint8_t memory[6];
    struct writer data = writer_over(memory, sizeof memory);
    put_be16(&data, 0x0C79); /* 8-digit BCD, enhanced identification */
    put_le32(&data, id_bcd);
    mbus_put_send(w, address, writer_bytes(&data));
}

void mbus_put_set_identity(struct writer *w, uint8_t address, struct mbus_address identity)
{
    uint8_t memory[10];
    struct writer data = writer_over(memory, sizeof memory);
    put_be16(&data, 0x0779); /* 64 bits, enhanced identification */
    mbus_put_address(&data, identity);
    mbus_put_send(w, address, writer_bytes(&data));
}

void mbus_put_set_clock(struct writer *w, uint8_t address, int64_t wall)
{
    struct civil c = civil_of_wall(wall);
    unsigned year = (unsigned)(c.year - 2000);
    if (c.year < 2000 || c.year > 2127) {
        w->failed = true;
        return;
    }
    uint8_t memory[6];
    struct writer data = writer_over(memory, sizeof memory);
    put_be16(&data, 0x046D); /* int32, date and time of type F */
    put_u8(&data, (unsigned)c.minute);
    put_u8(&data, (unsigned)c.hour);
    put_u8(&data, (unsigned)c.day | (year & 7) << 5);
    put_u8(&data, (unsigned)c.month | (year >> 3) << 4);
    mbus_put_send(w, address, writer_bytes(&data));
}

void mbus_put_set_baud(struct writer *w, uint8_t address, uint32_t baud)
{
    for (unsigned i = 0; i < 8; i++)
        if (baud == 300u << i) {
            mbus_put_long(w, MBUS_SND_UD, address, (uint8_t)(MBUS_CI_BAUD + i), bytes_of(NULL, 0));
            return;
        }
    w->failed = true;
}

/* --- answers ----------------------------------------------------------------------------------------------------- */

static void take_short_header(struct cursor *c, struct mbus_response *r)
{
    r->access = take_u8(c);
    r->status = take_u8(c);
    r->configuration = take_le16(c);
}

/* Fixed structure (mbus.md 8): id 4 | access | status | units 2 | counter 4 | counter 4. */
static void take_fixed_header(struct cursor *c, struct mbus_response *r)
{
    /* Medium codes 0..F of the fixed structure in the numbers of the variable one; [1]: 9 and F are reserved, "mode 2"
     * is the same medium. */
    static const uint8_t media[16] = { 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07,
                                       0x08, 0x0F, 0x03, 0x04, 0x06, 0x07, 0x08, 0x0F };
    r->address.id = take_le32(c);
    r->access = take_u8(c);
    r->status = take_u8(c);
    r->fixed_units[0] = take_u8(c);
    r->fixed_units[1] = take_u8(c);
    r->address.maker = 0;
    r->address.version = 0;
    r->address.medium = media[(r->fixed_units[0] & 0xC0) >> 6 | (r->fixed_units[1] & 0xC0) >> 4];
    r->identified = true;
}

static enum mbus_answer take_header(struct cursor *c, struct mbus_response *r)
{
    switch (r->ci) {
    case MBUS_CI_VARIABLE:
        r->address = mbus_take_address(c);
        r->identified = true;
        take_short_header(c, r);
        return MBUS_ANSWER_VARIABLE;
    case MBUS_CI_SHORT_HEADER:
        take_short_header(c, r);
        return MBUS_ANSWER_VARIABLE;
    case MBUS_CI_NO_HEADER:
        return MBUS_ANSWER_VARIABLE;
    case MBUS_CI_FIXED:
        take_fixed_header(c, r);
        return MBUS_ANSWER_FIXED;
    case MBUS_CI_ERROR:
    case MBUS_CI_ALARM:
        r->error = cursor_left(c) ? take_u8(c) : 0; /* old meters send CI 70 alone: unspecified */
        return r->ci == MBUS_CI_ERROR ? MBUS_ANSWER_ERROR : MBUS_ANSWER_ALARM;
    case MBUS_CI_VARIABLE_MSB:
    case MBUS_CI_FIXED_MSB:
        return MBUS_ANSWER_MSB_FIRST;
    }
    return MBUS_ANSWER_UNKNOWN_CI;
}

enum mbus_answer mbus_response_decode(const struct mbus_frame *f, struct mbus_response *ret)
{
    *ret = (struct mbus_response){ .kind = MBUS_ANSWER_NONE, .body = f->data };
    if (f->shape != MBUS_LONG || (f->control & 0xCF) != MBUS_RSP_UD)
        return ret->kind;
    ret->primary = f->address;
    ret->control = f->control;
    ret->ci = f->ci;
    struct cursor c = cursor_over(f->data);
    enum mbus_answer kind = take_header(&c, ret);
    bool cut = c.failed || (kind == MBUS_ANSWER_FIXED && cursor_left(&c) < 8);
    ret->body = take_rest(&c);
    return ret->kind = cut ? MBUS_ANSWER_SHORT : kind;
}

bool mbus_encrypted(const struct mbus_response *r)
{
    unsigned mode = r->configuration >> 8 & 0x1F;
    /* 2F 2F stands before deciphered records: then somebody below has done the work. */
    struct cursor c = cursor_over(r->body);
    return r->kind == MBUS_ANSWER_VARIABLE && (mode == 5 || mode == 7) && take_be16(&c) != 0x2F2F;
}

bool mbus_looks(struct bytes b)
{
    struct mbus_frame f;
    return mbus_frame_decode(b, &f);
}
