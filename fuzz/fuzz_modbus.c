/* Finding, decoding and explaining of Modbus on any bytes. The first bytes choose what is awaited. */
#include "wire/modbus.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_line(struct explain *e, int depth, struct bytes part, const char *label, const char *value)
{
    (void)e;
    volatile size_t sum = strlen(label) + strlen(value);
    for (size_t i = 0; i < part.size; i++)
        sum += part.data[i];
    if (depth < 0 || sum == SIZE_MAX)
        abort();
}

static void check_found(struct frame_found f, struct bytes b, enum modbus_framing framing)
{
    struct modbus_frame frame;
    if (f.start > b.size || (f.state != FRAME_PARTIAL && f.size > b.size - f.start) || f.size == 0)
        abort();
    if (f.state == FRAME_WHOLE && !modbus_frame_decode(framing, bytes_part(b, f.start, f.size), &frame))
        abort();
    if (f.state == FRAME_PARTIAL && f.start + f.size <= b.size && b.size)
        abort(); /* then it would be looked at again for nothing */
}

/* What is decoded is encoded to the same bytes. */
static void check_request(uint8_t unit, struct bytes pdu)
{
    struct modbus_request r;
    uint8_t memory[MODBUS_PDU_MAX];
    struct writer w = writer_over(memory, sizeof memory);
    if (!modbus_request_decode(unit, pdu, &r))
        return;
    modbus_request_encode(&w, &r);
    if (w.failed || !bytes_equal(writer_bytes(&w), pdu))
        abort();
}

static void check_frame(enum modbus_framing framing, struct bytes b, const struct modbus_request *asked)
{
    struct modbus_frame f;
    struct modbus_answer a;
    if (!modbus_frame_decode(framing, b, &f))
        return;
    check_request(f.unit, f.pdu);
    if (modbus_answer_decode(asked, f.pdu, &a) && !a.exception && asked->function != MODBUS_READ_ARCHIVE && a.data.size != modbus_answer_data(asked))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4 || size > 2000)
        return 0;
    struct modbus_request asked = { .unit = data[0], .function = data[1] & 0x5F, .address = data[2], .count = data[3] };
    struct bytes b = bytes_of(data + 4, size - 4);
    check_found(modbus_find_rtu_answer(b, &asked), b, MODBUS_RTU);
    check_found(modbus_find_rtu_request(b, NULL), b, MODBUS_RTU);
    check_found(modbus_find_tcp(b, NULL), b, MODBUS_TCP);
    check_frame(MODBUS_RTU, b, &asked);
    check_frame(MODBUS_TCP, b, &asked);
    check_request(data[0], b);
    struct explain e = { .line = read_line, .lang = (enum lang)(data[0] & 1) };
    modbus_explain(&e, b);
    modbus_looks(b);
    struct cursor c = cursor_over(b);
    struct decimal d;
    for (int t = MODBUS_BIT; t <= MODBUS_TEXT_WIDE; t++)
        modbus_take_number(&c, (enum modbus_type)t, (enum modbus_order)(data[3] & 3), &d);
    if (e.depth != 0)
        abort();
    return 0;
}
