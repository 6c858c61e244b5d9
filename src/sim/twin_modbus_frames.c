/* Options, frames and answers of simulated Modbus devices; see twin_modbus.h. */
#include "sim/twin_modbus.h"

#include <stdlib.h>

/* --- options ------------------------------------------------------------------------------------------------------ */

static const char *option(const struct sim_meter *m, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = m->options; at && *at; at = strchr(at, ';') ? strchr(at, ';') + 1 : NULL)
        if (strncmp(at, name, length) == 0 && at[length] == '=')
            return at + length + 1;
    return NULL;
}

int module_option(const struct sim_meter *m, const char *name)
{
    const char *value = option(m, name);
    return value ? (int)strtol(value, NULL, 0) : 0;
}

/* --- registers ------------------------------------------------------------------------------------------------------ */

uint32_t module_float(float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

uint16_t module_half(uint32_t value, bool high)
{
    return (uint16_t)(high ? value >> 16 : value);
}

void module_born(struct sim_meter *m, const struct module_kind *kinds, size_t count)
{
    const char *name = option(m, "model");
    struct module *s = module(m);
    s->kind = &kinds[0];
    for (size_t i = 0; name && i < count; i++) {
        size_t length = strlen(kinds[i].name);
        if (strncmp(name, kinds[i].name, length) == 0 && (name[length] == ';' || !name[length]))
            s->kind = &kinds[i];
    }
    s->busy = module_option(m, "busy");
}

/* --- answers ------------------------------------------------------------------------------------------------------------ */

static uint8_t put_registers(struct sim_meter *m, const struct modbus_request *r, int64_t wall, struct writer *w)
{
    int most = module_option(m, "most");
    if (!module(m)->kind->word)
        return MODBUS_BAD_FUNCTION;
    if (most && r->count > most)
        return MODBUS_BAD_VALUE;
    put_u8(w, r->count * 2u);
    for (int i = 0; i < r->count; i++) {
        uint16_t value;
        if (!module(m)->kind->word(m, r->function, (uint16_t)(r->address + i), wall, &value))
            return MODBUS_BAD_ADDRESS;
        put_be16(w, value);
    }
    return MODBUS_DONE;
}

static uint8_t put_bits(struct sim_meter *m, const struct modbus_request *r, int64_t wall, struct writer *w)
{
    uint8_t packed[MODBUS_PDU_MAX] = { 0 };
    if (!module(m)->kind->bit)
        return MODBUS_BAD_FUNCTION;
    for (int i = 0; i < r->count; i++) {
        bool on;
        if (!module(m)->kind->bit(m, r->function, (uint16_t)(r->address + i), wall, &on))
            return MODBUS_BAD_ADDRESS;
        packed[i / 8] |= (uint8_t)(on << i % 8);
    }
    put_u8(w, ((unsigned)r->count + 7) / 8);
    put_bytes(w, bytes_of(packed, ((size_t)r->count + 7) / 8));
    return MODBUS_DONE;
}

/* Function 65: one record, the one whose interval holds the moment. */
static uint8_t put_record(struct sim_meter *m, const struct modbus_request *r, int64_t wall, struct writer *w)
{
    uint8_t memory[MODBUS_PDU_MAX];
    struct writer record = writer_over(memory, sizeof memory);
    const uint8_t *t = r->data.data; /* 01, seconds, minutes, hours, day, month, year */
    int64_t asked = wall_from_fields(t[6] + (t[6] < 70 ? 2000 : 1900), t[5], t[4], t[3], t[2], t[1]);
    if (!module(m)->kind->record)
        return MODBUS_BAD_FUNCTION;
    if (r->count != 1 || asked == WALL_NONE || !module(m)->kind->record(m, r->address, asked, wall, &record) || record.failed)
        return MODBUS_BAD_ADDRESS;
    put_u8(w, (unsigned)writer_size(&record));
    put_bytes(w, writer_bytes(&record));
    return MODBUS_DONE;
}

/* One thing at a time: several coils or registers are refused by what lies beyond. */
static uint8_t take_write(struct sim_meter *m, const struct modbus_request *r, struct writer *w)
{
    struct cursor data = cursor_over(r->data);
    uint16_t value = r->function == MODBUS_WRITE_REGISTERS ? take_be16(&data) : r->function == MODBUS_WRITE_COILS ? take_u8(&data) & 1 : r->count;
    bool many = r->function == MODBUS_WRITE_COILS || r->function == MODBUS_WRITE_REGISTERS;
    if (!module(m)->kind->write)
        return MODBUS_BAD_FUNCTION;
    if ((many && r->count != 1) || !module(m)->kind->write(m, r->function, r->address, value))
        return MODBUS_BAD_ADDRESS;
    put_be16(w, r->address);
    put_be16(w, r->count);
    return MODBUS_DONE;
}

static uint8_t put_answer(struct sim_meter *m, const struct modbus_request *r, int64_t wall, struct writer *w)
{
    if (module(m)->busy > 0) {
        module(m)->busy--;
        return MODBUS_BUSY;
    }
    put_u8(w, r->function);
    if (r->function == MODBUS_READ_HOLDING || r->function == MODBUS_READ_REGISTERS)
        return put_registers(m, r, wall, w);
    if (r->function == MODBUS_READ_COILS || r->function == MODBUS_READ_INPUTS)
        return put_bits(m, r, wall, w);
    if (r->function == MODBUS_READ_ARCHIVE)
        return put_record(m, r, wall, w);
    return take_write(m, r, w);
}

/* How the frame is made: RTU when its checksum is right. */
static bool take_frame(struct bytes frame, enum modbus_framing *ret_framing, struct modbus_frame *ret)
{
    *ret_framing = modbus_frame_decode(MODBUS_RTU, frame, ret) ? MODBUS_RTU : MODBUS_TCP;
    return *ret_framing == MODBUS_RTU || modbus_frame_decode(MODBUS_TCP, frame, ret);
}

bool module_addressed(const struct sim_meter *m, struct bytes frame)
{
    enum modbus_framing framing;
    struct modbus_frame f;
    return take_frame(frame, &framing, &f) && (m->address == 0 || f.unit == m->address || f.unit == 0);
}

void module_answer(struct sim_meter *m, void *session, struct bytes frame, int64_t wall, struct writer *out)
{
    (void)session;
    enum modbus_framing framing;
    struct modbus_frame f;
    struct modbus_request r;
    uint8_t memory[MODBUS_PDU_MAX];
    struct writer w = writer_over(memory, sizeof memory);
    if (!take_frame(frame, &framing, &f) || (module_option(m, "silent") && f.pdu.data[0] == module_option(m, "silent")))
        return;
    uint8_t exception = modbus_request_decode(f.unit, f.pdu, &r) ? put_answer(m, &r, wall, &w) : MODBUS_BAD_FUNCTION;
    if (f.unit == 0 && framing == MODBUS_RTU)
        return; /* to all: obeyed, not answered */
    if (exception) {
        w = writer_over(memory, sizeof memory);
        put_u8(&w, f.pdu.data[0] | (unsigned)MODBUS_REFUSED);
        put_u8(&w, exception);
    }
    modbus_frame_encode(out, framing, &(struct modbus_frame){ f.transaction, f.unit, writer_bytes(&w) });
}

/* A request of RTU, else of TCP: an RTU frame is known by its checksum, a TCP header would rarely have one. */
struct frame_found module_find(struct bytes received, void *context)
{
    struct frame_found rtu = modbus_find_rtu_request(received, context), tcp = modbus_find_tcp(received, context);
    bool is_tcp = rtu.state != FRAME_WHOLE && (tcp.state == FRAME_WHOLE || tcp.start < rtu.start);
    return is_tcp ? tcp : rtu;
}
