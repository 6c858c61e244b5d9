/* Frames, numbers and profile arithmetic of the Меркурий 230 family; see mercury.h. */
#include "wire/mercury.h"

#include "wire/crc.h"

enum { OVERHEAD = 1 + 2 }; /* address and checksum */

/* --- frames ------------------------------------------------------------------------------------------------------ */

void mercury_seal(struct writer *w)
{
    put_le16(w, crc16_modbus(writer_bytes(w)));
}

bool mercury_sound(struct bytes frame)
{
    if (frame.size <= OVERHEAD)
        return false;
    struct cursor c = cursor_over(frame);
    struct bytes summed = take_bytes(&c, frame.size - 2);
    return take_le16(&c) == crc16_modbus(summed);
}

struct bytes mercury_data(struct bytes frame)
{
    return frame.size > OVERHEAD ? bytes_part(frame, 1, frame.size - OVERHEAD) : bytes_of(frame.data, 0);
}

/* The longest sound frame at the beginning of `b` among the awaited sizes and the status; 0 when there is none.
 * *ret_longest is how many bytes the longest awaited frame has. */
static size_t answer_at(struct bytes b, const struct mercury_answer *wanted, size_t *ret_longest)
{
    size_t best = 0, longest = OVERHEAD + 1;
    if (mercury_sound(bytes_part(b, 0, longest)) && b.size >= longest)
        best = longest;
    for (size_t i = 0; i < MERCURY_SIZES; i++) {
        size_t size = (size_t)OVERHEAD + wanted->sizes[i];
        if (wanted->sizes[i] == 0)
            continue;
        longest = size > longest ? size : longest;
        if (b.size >= size && size > best && mercury_sound(bytes_part(b, 0, size)))
            best = size;
    }
    *ret_longest = longest;
    return best;
}

/* An answer is believed at once when nothing longer was awaited. A shorter one (mostly a refusal) may be the beginning of
 * data that look like it: 80 00 60 70 is «done» of meter 80h and also the first four bytes of U = 287.68 V. So it is a
 * perhaps, and so is a frame of ours behind bytes that may yet turn out to be noise. */
struct frame_found mercury_find_answer(struct bytes received, void *context)
{
    const struct mercury_answer *wanted = context;
    struct frame_found perhaps = { .state = FRAME_PARTIAL };
    bool undecided = false;
    size_t first = received.size, longest, need = 1;
    for (size_t start = 0; start < received.size; start++) {
        struct bytes rest = bytes_part(received, start, received.size);
        size_t size = answer_at(rest, wanted, &longest);
        bool may_grow = rest.size < longest;
        if (size && !may_grow && !undecided)
            return (struct frame_found){ FRAME_WHOLE, start, size };
        bool ours = rest.data[0] == wanted->address;
        if (size && perhaps.state != FRAME_PERHAPS && (ours || !undecided))
            perhaps = (struct frame_found){ FRAME_PERHAPS, start, size };
        if (may_grow && !undecided) {
            undecided = true;
            first = start;
            need = size ? longest : rest.size < OVERHEAD + 1 ? OVERHEAD + 1 : longest;
        }
    }
    return perhaps.state == FRAME_PERHAPS ? perhaps : (struct frame_found){ FRAME_PARTIAL, first, need };
}

/* Sizes a request may have, address and checksum not counted; largest 0: no such request. */
struct sizes {
    uint8_t least, most;
};

/* Journals: 04 00, 04 jrn rec, 04 30..32 F9 range. Parameters: 2.5; only those that have an extension may be longer. */
static struct sizes request_sizes(struct bytes frame)
{
    struct cursor c = cursor_over(frame);
    cursor_skip(&c, 1);
    unsigned code = take_u8(&c), parameter = take_u8(&c);
    switch (code) {
    case MERCURY_TEST: case MERCURY_CLOSE: return (struct sizes){ 1, 1 };
    case MERCURY_OPEN: return (struct sizes){ 8, 8 };
    case MERCURY_WRITE: return (struct sizes){ 2, 24 };
    case MERCURY_JOURNAL:
        return parameter == 0 ? (struct sizes){ 2, 3 } : take_u8(&c) == 0xF9 ? (struct sizes){ 4, 4 } : (struct sizes){ 3, 3 };
    case MERCURY_ENERGY: case MERCURY_QUADRANTS: case MERCURY_MAXIMA: return (struct sizes){ 3, 3 };
    case MERCURY_MEMORY: case MERCURY_RING: return (struct sizes){ 5, 5 };
    case MERCURY_MEMORY_WRITE: return (struct sizes){ 6, 21 };
    case MERCURY_EXTENDED: return (struct sizes){ 6, 6 };
    case MERCURY_PARAMETER:
        switch (parameter) {
        case 0x11: case 0x14: case 0x16: case 0x19: case 0x1A: case 0x2E: case 0x2F: return (struct sizes){ 3, 3 };
        case 0x01: case 0x12: return (struct sizes){ 2, 3 };
        default: return (struct sizes){ 2, parameter <= 0x18 ? 2 : 5 };
        }
    default: return (struct sizes){ 0, 0 };
    }
}

struct frame_found mercury_find_request(struct bytes received, void *context)
{
    (void)context;
    struct frame_found partial = { FRAME_PARTIAL, received.size, 1 };
    bool undecided = false;
    for (size_t start = 0; start < received.size; start++) {
        struct bytes rest = bytes_part(received, start, received.size);
        struct sizes s = rest.size < 2 ? (struct sizes){ 1, 8 } : request_sizes(rest);
        for (size_t size = (size_t)OVERHEAD + s.least; s.most && size <= (size_t)OVERHEAD + s.most; size++)
            if (size <= rest.size && mercury_sound(bytes_part(rest, 0, size)))
                return (struct frame_found){ FRAME_WHOLE, start, size };
        bool may_grow = s.most && rest.size < (size_t)OVERHEAD + s.most;
        if (may_grow && !undecided) {
            undecided = true;
            partial = (struct frame_found){ FRAME_PARTIAL, start, 1 };
        }
    }
    return partial;
}

/* Parameters 11h, 14h, 16h: by the kind of value in the high nibble of BWRI. */
static uint8_t measure_size(unsigned parameter, unsigned kind)
{
    static const uint8_t single[16] = { 3, 3, 3, 3, 3, 3, 2, 2, 3, [0xE] = 8, [0xF] = 16 };
    static const uint8_t frozen[16] = { 16, 9, 9, 12, 3, 9, 6, 2, 9, [0xE] = 8, [0xF] = 16 };
    static const uint8_t group[16] = { 12, 9, 9, 12, 3, 9, 6, 2, 9 };
    return (parameter == 0x11 ? single : parameter == 0x14 ? frozen : group)[kind];
}

static void parameter_sizes(unsigned parameter, struct cursor *extension, uint8_t ret[MERCURY_SIZES])
{
    static const uint8_t plain[] = {
        [0x00] = 7, [0x01] = 16, [0x02] = 4, [0x03] = 3, [0x04] = 2, [0x05] = 2, [0x0A] = 6, [0x0B] = 4, [0x12] = 6,
        [0x13] = 9, [0x15] = 9, [0x18] = 2, [0x1D] = 2, [0x26] = 2,
    };
    bool extended = cursor_left(extension) > 0;
    unsigned bwri = take_u8(extension);
    if (parameter == 0x11 || parameter == 0x14 || parameter == 0x16) {
        ret[0] = measure_size(parameter, bwri >> 4);
        return;
    }
    ret[0] = parameter < sizeof plain ? plain[parameter] : 0;
    if (parameter == 0x01 && extended)
        ret[0] = 24;
    if (parameter == 0x12) {
        ret[0] = extended ? 12 : 6;
        ret[1] = extended ? 0 : 8; /* 4.4.16 of the maker's paper: «6 or 8» */
    }
}

/* Journals with one moment have 6 bytes a record, all others 12; the number of the record follows when the latest was
 * asked for (FF), and in the maker's example of journal 12h also otherwise. */
static void journal_sizes(unsigned journal, unsigned record, uint8_t ret[MERCURY_SIZES])
{
    bool moment = (journal >= 0x07 && journal <= 0x11) || journal == 0x15 || journal == 0x16;
    bool quality = journal >= 0x20 && journal <= 0x32;
    uint8_t size = moment ? 6 : 12;
    if (journal == 0x00)
        ret[0] = 8;
    else if (quality && record >= 0xFA && record <= 0xFE)
        ret[0] = 20 * 12;
    else if (quality && record == 0xF9)
        ret[0] = 16;
    else if (record == 0xFE)
        ret[0] = (uint8_t)(size * 10);
    else if (record == 0xFF)
        ret[0] = (uint8_t)(size + 1);
    else
        ret[0] = size, ret[1] = journal == 0x12 ? (uint8_t)(size + 1) : 0;
}

void mercury_answer_sizes(struct bytes request, uint8_t ret[MERCURY_SIZES])
{
    memset(ret, 0, MERCURY_SIZES);
    struct cursor c = cursor_over(mercury_data(request));
    unsigned code = take_u8(&c), first = take_u8(&c), second = peek_u8(&c);
    switch (code) {
    case MERCURY_JOURNAL: journal_sizes(first, second, ret); break;
    case MERCURY_ENERGY: ret[0] = first >> 4 == 6 ? 12 : 16; break;
    case MERCURY_QUADRANTS: case MERCURY_MAXIMA: case MERCURY_EXTENDED: ret[0] = 16; break;
    case MERCURY_PARAMETER: parameter_sizes(first, &c, ret); break;
    case MERCURY_MEMORY:
        cursor_skip(&c, 2);
        ret[0] = take_u8(&c);
        ret[0] = ret[0] == 1 ? 2 : ret[0];
        break;
    case MERCURY_RING:
        cursor_skip(&c, 2);
        ret[0] = (uint8_t)(take_u8(&c) % (MERCURY_BULK + 1) * MERCURY_RECORD_SIZE);
        break;
    default: break;
    }
}

bool mercury_looks(struct bytes b)
{
    return b.size >= OVERHEAD + 1 && b.size <= MERCURY_FRAME_MAX && bytes_part(b, 0, 1).data[0] <= MERCURY_BROADCAST &&
           mercury_sound(b);
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

uint32_t mercury_take_word32(struct cursor *c)
{
    uint32_t high = take_le16(c);
    return high << 16 | take_le16(c);
}

struct mercury_measure mercury_take_measure3(struct cursor *c)
{
    uint32_t high = take_u8(c), low = take_le16(c);
    return (struct mercury_measure){
        .value = (high & 0x3F) << 16 | low,
        .active_reverse = high & 0x80,
        .reactive_reverse = high & 0x40,
        .measured = !c->failed && (high != 0xFF || low != 0xFFFF),
    };
}

struct mercury_measure mercury_take_measure4(struct cursor *c)
{
    uint32_t word = mercury_take_word32(c);
    return (struct mercury_measure){
        .value = word & 0x3FFFFFFF,
        .active_reverse = word >> 31 & 1,
        .reactive_reverse = word >> 30 & 1,
        .measured = !c->failed && word != MERCURY_NONE,
    };
}

/* Two decimal digits, or a number no field may have: a record of all ones is empty, not damaged. */
static int digits(struct cursor *c)
{
    unsigned b = take_u8(c);
    return (b >> 4) > 9 || (b & 15) > 9 ? 100 : (int)((b >> 4) * 10 + (b & 15));
}

int64_t mercury_take_time(struct cursor *c)
{
    int second = digits(c), minute = digits(c), hour = digits(c), day = digits(c), month = digits(c), year = digits(c);
    return c->failed || year > 99 ? WALL_NONE : wall_from_fields(2000 + year, month, day, hour, minute, second);
}

struct mercury_clock mercury_take_clock(struct cursor *c)
{
    struct mercury_clock k;
    int second = digits(c), minute = digits(c), hour = digits(c);
    k.weekday = (uint8_t)digits(c);
    int day = digits(c), month = digits(c), year = digits(c);
    k.winter = take_u8(c) != 0;
    k.wall = c->failed || year > 99 ? WALL_NONE : wall_from_fields(2000 + year, month, day, hour, minute, second);
    return k;
}

void mercury_put_clock(struct writer *w, int64_t wall, bool winter)
{
    struct civil t = civil_of_wall(wall);
    put_bcd(w, (unsigned)t.second);
    put_bcd(w, (unsigned)t.minute);
    put_bcd(w, (unsigned)t.hour);
    put_bcd(w, (unsigned)wall_weekday(wall));
    put_bcd(w, (unsigned)t.day);
    put_bcd(w, (unsigned)t.month);
    put_bcd(w, (unsigned)t.year);
    put_u8(w, winter);
}

uint32_t mercury_take_serial(struct cursor *c)
{
    uint32_t serial = 0;
    for (int i = 0; i < 4; i++)
        serial = serial * 100 + take_u8(c) % 100;
    return serial;
}

int64_t mercury_take_produced(struct cursor *c)
{
    int day = take_u8(c), month = take_u8(c), year = take_u8(c);
    return c->failed || year > 99 ? WALL_NONE : wall_from_fields(2000 + year, month, day, 0, 0, 0);
}

uint64_t mercury_take_bits48(struct cursor *c)
{
    uint64_t high = take_le16(c), middle = take_le16(c);
    return high << 32 | middle << 16 | take_le16(c);
}

/* --- the meter's kind --------------------------------------------------------------------------------------------- */

struct mercury_variant mercury_take_variant(struct cursor *c)
{
    static const uint16_t constants[16] = { 5000, 25000, 1250, 500, 1000, 250 };
    cursor_skip(c, 1);
    unsigned second = take_u8(c);
    cursor_skip(c, 1);
    unsigned fourth = take_u8(c), fifth = take_u8(c), sixth = take_u8(c);
    return (struct mercury_variant){
        .constant = constants[second & 15],
        .one_phase = second & 0x10, .profile = second & 0x20, .one_direction = second & 0x80,
        .interface = fourth >> 2 & 3, .wide_memory = fourth & 0x80,
        .per_phase = fifth & 0x01, .relay = fifth & 0x80,
        .second_profile = sixth & 0x08, .extended = sixth & 0x40, .neutral = sixth & 0x80,
        .seal_top = fourth & 0x01, .seal_terminal = fifth & 0x10, .quality = fifth & 0x02,
    };
}

uint8_t mercury_address(uint32_t serial)
{
    uint32_t address = serial % 1000 <= 239 ? serial % 1000 : serial % 100;
    return (uint8_t)(address ? address : 1);
}

uint8_t mercury_address_d(uint32_t serial)
{
    uint32_t address = serial % 1000 <= 124 ? serial % 1000 : serial % 100;
    while (address < 17)
        address += 10;
    return (uint8_t)address;
}

/* --- power profile ------------------------------------------------------------------------------------------------ */

/* "hh mm dd mon yy" in BCD. */
static int64_t take_end(struct cursor *c)
{
    int hour = digits(c), minute = digits(c), day = digits(c), month = digits(c), year = digits(c);
    return c->failed || year > 99 ? WALL_NONE : wall_from_fields(2000 + year, month, day, hour, minute, 0);
}

struct mercury_last mercury_take_last(struct cursor *c)
{
    struct mercury_last last = { .place = take_be16(c), .status = take_u8(c) };
    last.end = take_end(c);
    last.period = take_u8(c);
    return last;
}

struct mercury_record mercury_take_record(struct cursor *c)
{
    struct mercury_record r = { .status = take_u8(c) };
    r.end = take_end(c);
    r.period = take_u8(c);
    for (int i = 0; i < 4; i++)
        r.counts[i] = take_le16(c);
    return r;
}

struct mercury_ring mercury_ring_of(bool wide_memory, uint8_t firmware_major)
{
    bool narrow = firmware_major < 3;
    return (struct mercury_ring){
        .records = wide_memory && !narrow ? 8192 : 4096, .numbered = firmware_major >= 7, .narrow = narrow,
    };
}

uint16_t mercury_record_of(const struct mercury_ring *r, uint16_t place, bool high)
{
    unsigned record = r->numbered ? place : (place | (unsigned)high << 16) / MERCURY_RECORD_STEP;
    return (uint16_t)(record % r->records);
}

uint16_t mercury_record_before(const struct mercury_ring *r, uint16_t record, int64_t steps)
{
    int64_t at = (record - steps) % r->records;
    return (uint16_t)(at < 0 ? at + r->records : at);
}

uint32_t mercury_record_address(const struct mercury_ring *r, uint16_t record)
{
    return (uint32_t)(record % r->records) * MERCURY_RECORD_STEP;
}
