/* Меркурий 200, 201, 203, 206 (mercury.md section 1; vendor document «Система команд счетчиков М206»).
 *
 * Request and reply: AAAAAAAA CC [DD...] KKKK
 *   A address, 4 bytes big endian: the serial number as one number    C command    D data    K CRC-16/MODBUS, low first
 * No password, no session, no length: the reply repeats address and command, its data length is the command's.
 * Numbers are BCD, most significant first. Example: FE123456 27 36D8 asks for T1..T4; the answer's 00062142 is 621.42 kWh.
 * 8N1, factory speed 9600; a frame ends with a pause of 5..6 characters; a bad CRC is not answered. */
#include "drivers/driver.h"
#include "wire/crc.h"

#include <stdio.h>

enum {
    ADDRESS_SIZE = 4,
    FRAME_LEAST = ADDRESS_SIZE + 1 + 2,
    CLOCK_SET = 0x02, CLOCK_READ = 0x21, ENERGY = 0x27, FIRMWARE = 0x28, SERIAL = 0x2F, MONTH_START = 0x32, INSTANT = 0x63,
    TARIFFS = 4,
};

struct mercury200_settings {
    struct setting_bytes address; /* decimal serial number, or hex:FE123456 */
};

/* What the answer at hand must look like. */
struct awaited {
    uint32_t address;
    uint8_t command;
    size_t data;
};

/* The answer's end is known from the request: address, command, so many bytes of data, CRC. */
static struct frame_found find(struct bytes received, void *context)
{
    const struct awaited *a = context;
    size_t size = FRAME_LEAST + a->data;
    for (size_t start = 0; start < received.size; start++) {
        struct bytes frame = bytes_part(received, start, size);
        struct cursor c = cursor_over(bytes_part(frame, 0, ADDRESS_SIZE + 1));
        bool beginning = frame.size <= ADDRESS_SIZE || (take_be32(&c) == a->address && take_u8(&c) == a->command);
        if (beginning && frame.size < size)
            return (struct frame_found){ FRAME_PARTIAL, start, size };
        if (beginning) {
            struct cursor sum = cursor_over(bytes_part(frame, size - 2, 2));
            bool good = crc16_modbus(bytes_part(frame, 0, size - 2)) == take_le16(&sum);
            return (struct frame_found){ good ? FRAME_WHOLE : FRAME_DAMAGED, start, size };
        }
    }
    return (struct frame_found){ FRAME_PARTIAL, received.size, size };
}

/* The address in decimal digits as printed on the meter, or four bytes in hex. */
static uint32_t address_of(struct conversation *c)
{
    const struct setting_bytes *b = &((const struct mercury200_settings *)conversation_settings(c))->address;
    struct cursor raw = cursor_over(bytes_of(b->data, b->size));
    if (b->size == ADDRESS_SIZE && !text_is_ascii(bytes_of(b->data, b->size)))
        return take_be32(&raw);
    uint64_t number = 0;
    for (uint8_t i = 0; i < b->size; i++) {
        if (b->data[i] < '0' || b->data[i] > '9' || number > UINT32_MAX) {
            conversation_fail(c, FAULT_SETTING, "address");
            return 0;
        }
        number = number * 10 + (uint64_t)(b->data[i] - '0');
    }
    if (number == 0 || number > UINT32_MAX)
        conversation_fail(c, FAULT_SETTING, "address");
    return (uint32_t)number;
}

/* Asks; the cursor stands on the data of the reply. */
static struct cursor ask(struct conversation *c, uint8_t command, struct bytes data, size_t reply)
{
    struct awaited a = { address_of(c), command, reply };
    uint8_t memory[32];
    struct writer w = writer_over(memory, sizeof memory);
    put_be32(&w, a.address);
    put_u8(&w, command);
    put_bytes(&w, data);
    put_le16(&w, crc16_modbus(writer_bytes(&w)));
    struct bytes answer = conversation_ask(c, &(struct question){ .request = writer_bytes(&w), .find = find, .context = &a });
    return cursor_over(bytes_part(answer, ADDRESS_SIZE + 1, reply));
}

static struct cursor ask_plain(struct conversation *c, uint8_t command, size_t reply)
{
    return ask(c, command, bytes_of(NULL, 0), reply);
}

/* `bytes` of packed decimal digits, most significant first. */
static int64_t take_digits(struct cursor *r, int bytes)
{
    int64_t value = 0;
    for (int i = 0; i < bytes; i++)
        value = value * 100 + take_bcd(r);
    return value;
}

static void check(struct conversation *c, const struct cursor *r)
{
    if (!conversation_fault(c) && r->failed)
        conversation_fail(c, FAULT_NONSENSE, "BCD");
}

static void no_session(struct conversation *c)
{
    (void)c;
}

/* Four registers of 0.01 kWh and their sum, as C of 1.0.C.8.T.255. */
static void emit_tariffs(struct conversation *c, const struct record *record, struct cursor r, int quantity)
{
    int64_t tariff[TARIFFS + 1] = { 0 };
    for (int t = 1; t <= TARIFFS; t++) {
        tariff[t] = take_digits(&r, 4);
        tariff[0] += tariff[t];
    }
    check(c, &r);
    for (int t = 0; t <= TARIFFS && !conversation_fault(c); t++)
        emit(record, OBIS(1, 0, quantity, 8, t, 255), decimal_of(tariff[t], 1)); /* hundredths of a kWh are tens of Wh */
}

static void mercury200_identify(struct conversation *c, struct sink *out)
{
    char text[32];
    struct cursor r = ask_plain(c, SERIAL, 4);
    snprintf(text, sizeof text, "%u", take_be32(&r));
    if (!conversation_fault(c))
        emit_fact(out, FACT_SERIAL, text);
    r = ask_plain(c, FIRMWARE, 5);
    uint8_t version = take_u8(&r), revision = take_u8(&r);
    snprintf(text, sizeof text, "%u.%u", version, revision);
    if (!conversation_fault(c))
        emit_fact(out, FACT_FIRMWARE, text);
}

static void mercury200_current(struct conversation *c, const struct want *w, struct sink *out)
{
    struct record record = { .out = out, .wall = w->now, .archive = ARCHIVE_CURRENT };
    emit_tariffs(c, &record, ask_plain(c, ENERGY, 16), 1);
}

/* U 0.1 V, I 0.01 A, P whole watts. */
static void mercury200_network(struct conversation *c, const struct want *w, struct sink *out)
{
    struct record record = { .out = out, .wall = w->now, .archive = ARCHIVE_NETWORK };
    struct cursor r = ask_plain(c, INSTANT, 7);
    int64_t volts = take_digits(&r, 2), amperes = take_digits(&r, 2), watts = take_digits(&r, 3);
    check(c, &r);
    if (conversation_fault(c))
        return;
    emit(&record, OBIS(1, 0, 12, 7, 0, 255), decimal_of(volts, -1));
    emit(&record, OBIS(1, 0, 11, 7, 0, 255), decimal_of(amperes, -2));
    emit(&record, OBIS(1, 0, 1, 7, 0, 255), decimal_of(watts, 0));
}

/* The meter keeps the starts of the last twelve months by the number of the month; older ones are not there. */
static void mercury200_month(struct conversation *c, const struct want *w, struct sink *out)
{
    int64_t oldest = month_wall(wall_month(w->now) - 11);
    for (int64_t at = archive_floor(ARCHIVE_MONTH, 0, w->span.from); at < w->span.to && !conversation_fault(c);
         at = archive_next(ARCHIVE_MONTH, 0, at)) {
        struct record record = { .out = out, .wall = at, .archive = ARCHIVE_MONTH };
        uint8_t month = (uint8_t)(civil_of_wall(at).month - 1);
        if (at < oldest || at > w->now)
            emit_missing(&record, OBIS(1, 0, 1, 8, 0, 255));
        else
            emit_tariffs(c, &record, ask(c, MONTH_START, bytes_of(&month, 1), 16), 1);
    }
}

/* Day of the week (0 Sunday), hh mm ss dd mon yy. */
static int64_t mercury200_clock_read(struct conversation *c)
{
    struct cursor r = ask_plain(c, CLOCK_READ, 7);
    cursor_skip(&r, 1);
    int hour = take_bcd(&r), minute = take_bcd(&r), second = take_bcd(&r), day = take_bcd(&r), month = take_bcd(&r), year = take_bcd(&r);
    check(c, &r);
    return conversation_fault(c) ? WALL_NONE : wall_from_fields(2000 + year, month, day, hour, minute, second);
}

static void mercury200_clock_set(struct conversation *c, int64_t wall)
{
    struct civil t = civil_of_wall(wall);
    uint8_t memory[7];
    struct writer w = writer_over(memory, sizeof memory);
    put_u8(&w, (unsigned)wall_weekday(wall) % 7);
    put_bcd(&w, (unsigned)t.hour), put_bcd(&w, (unsigned)t.minute), put_bcd(&w, (unsigned)t.second);
    put_bcd(&w, (unsigned)t.day), put_bcd(&w, (unsigned)t.month), put_bcd(&w, (unsigned)t.year);
    ask(c, CLOCK_SET, writer_bytes(&w), 0);
}

static const struct parameter parameters[] = {
    { .name = "address", .kind = PARAMETER_BYTES, PARAMETER(mercury200_settings, address), .preset = "", .address = true, .part = PART_ADDRESS,
      .title = { { "Сетевой адрес", "Network address" } },
      .help = { { "заводской номер десятичными цифрами (200: последние 6) или hex:FE123456",
                  "the serial number in decimal digits (200: the last 6) or hex:FE123456" } } },
    { .name = NULL },
};

static const struct model models[] = {
    { .name = "Меркурий 200", .maker = "Инкотекс", .note = "address = last 6 digits of the serial" },
    { .name = "Меркурий 201, 203, 203.2Т, 206", .maker = "Инкотекс", .note = "address = all 8 digits of the serial" },
    { .name = NULL },
};

DRIVER(mercury200) = {
    .name = "mercury200",
    .title = { { "Меркурий 200/201/203/206", "Mercury 200/201/203/206" } },
    .sheet = "mercury.md 1",
    .resource = RESOURCE_ELECTRICITY,
    .line = { 9600, 8, 'N', 1 },
    .timing = { .answer_ms = 1500, .frame_gap = 60 },
    .models = models,
    .parameters = parameters,
    .settings_size = sizeof(struct mercury200_settings),
    .open = no_session,
    .close = no_session,
    .identify = mercury200_identify,
    .read = { [ARCHIVE_CURRENT] = mercury200_current, [ARCHIVE_NETWORK] = mercury200_network, [ARCHIVE_MONTH] = mercury200_month },
    .clock = { .read = mercury200_clock_read, .set = mercury200_clock_set },
};
