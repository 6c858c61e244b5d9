/* Questions to a Modbus device, and how the values of a map are gathered with few of them; see modbus.h. */
#include "drivers/modbus.h"

static struct modbus_state *state(struct conversation *c)
{
    return conversation_state(c);
}

static const struct modbus_settings *settings(const struct conversation *c)
{
    return conversation_settings(c);
}

/* --- one question ------------------------------------------------------------------------------------------------- */

struct awaited {
    struct modbus_request asked; /* first: the context of the finder */
    enum modbus_framing framing;
    uint16_t transaction;
};

static enum verdict judge(void *context, struct bytes frame)
{
    const struct awaited *a = context;
    struct modbus_frame f;
    struct modbus_answer answer;
    if (!modbus_frame_decode(a->framing, frame, &f))
        return VERDICT_NONSENSE;
    if (f.unit != a->asked.unit)
        return VERDICT_FOREIGN;
    if (a->framing == MODBUS_TCP && f.transaction != a->transaction)
        return VERDICT_STALE;
    if (modbus_answer_decode(&a->asked, f.pdu, &answer))
        return VERDICT_MINE;
    /* of another function or length: an earlier request was answered late */
    return a->framing == MODBUS_RTU ? VERDICT_STALE : VERDICT_NONSENSE;
}

/* One exchange: the answer, or an empty one after a fault. */
static struct modbus_answer exchange(struct conversation *c, const struct modbus_request *r)
{
    struct modbus_state *s = state(c);
    struct awaited a = { *r, (enum modbus_framing)settings(c)->framing, ++s->transaction };
    uint8_t pdu[MODBUS_PDU_MAX], memory[MODBUS_FRAME_MAX];
    struct writer body = writer_over(pdu, sizeof pdu), w = writer_over(memory, sizeof memory);
    a.asked.unit = s->unit ? s->unit : (uint8_t)settings(c)->address;
    modbus_request_encode(&body, &a.asked);
    modbus_frame_encode(&w, a.framing, &(struct modbus_frame){ a.transaction, a.asked.unit, writer_bytes(&body) });
    struct bytes frame = conversation_ask(c, &(struct question){
        .request = writer_bytes(&w), .find = a.framing == MODBUS_TCP ? modbus_find_tcp : modbus_find_rtu_answer, .judge = judge,
        .context = &a, .answer_ms = s->patience_ms, .tries = s->patience_ms ? 1 : 0 });
    struct modbus_frame f;
    struct modbus_answer answer = { 0 };
    if (frame.size && modbus_frame_decode(a.framing, frame, &f))
        modbus_answer_decode(&a.asked, f.pdu, &answer);
    return answer;
}

struct bytes modbus_ask(struct conversation *c, const struct modbus_request *r)
{
    enum { BUSY_TRIES = 5, BUSY_MS = 200 };
    struct modbus_answer a = exchange(c, r);
    for (int i = 1; i < BUSY_TRIES && (a.exception == MODBUS_BUSY || a.exception == MODBUS_ACKNOWLEDGED); i++) {
        conversation_pause(c, BUSY_MS);
        a = exchange(c, r);
    }
    state(c)->exception = a.exception;
    if (a.exception == MODBUS_NO_GATEWAY || a.exception == MODBUS_GATEWAY_SILENCE)
        conversation_fail(c, FAULT_NO_ANSWER, "%s", modbus_exception_text(a.exception, conversation_lang(c)));
    else if (a.exception >= MODBUS_DEVICE_FAILED)
        conversation_fail(c, FAULT_METER_ERROR, "%u %s", a.exception, modbus_exception_text(a.exception, conversation_lang(c)));
    return a.data;
}

/* --- the values that are wanted ------------------------------------------------------------------------------------ */

static bool of_bits(const struct modbus_row *row)
{
    return row->function == MODBUS_READ_COILS || row->function == MODBUS_READ_INPUTS;
}

static bool is_mask(const struct modbus_row *row)
{
    return row->type == MODBUS_BITS16 || row->type == MODBUS_BITS32;
}

static void add_item(struct modbus_state *s, const struct modbus_row *row, uint16_t address, uint8_t channel)
{
    size_t size = of_bits(row) ? 1 : row->length ? row->length : modbus_type_registers(row->type);
    size = row->fraction ? row->fraction + modbus_type_registers(MODBUS_F32) : size;
    size_t bytes = of_bits(row) ? 1 : size * 2;
    if (s->count == MODBUS_ITEMS_MAX || s->used + bytes > MODBUS_POOL)
        return; /* no map is that large: tests look through all of them */
    s->items[s->count++] = (struct modbus_item){ .row = row, .address = address, .size = (uint16_t)size, .place = s->used, .channel = channel };
    s->used = (uint16_t)(s->used + bytes);
}

static void add_row(struct modbus_state *s, const struct modbus_row *row, uint16_t shift)
{
    int channels = is_mask(row) || !row->channels ? 1 : row->channels;
    size_t step = row->step ? row->step : of_bits(row) ? 1 : modbus_type_registers(row->type) + (row->fraction ? 2 : 0);
    for (int i = 0; i < channels; i++)
        add_item(s, row, (uint16_t)(row->address + shift + (size_t)i * step), (uint8_t)(row->first + i));
}

uint16_t modbus_shift(struct conversation *c, const struct modbus_map *map)
{
    return (uint16_t)(map->stride * settings(c)->position);
}

/* --- requests ------------------------------------------------------------------------------------------------------ */

/* Items in the order of their addresses; slices of it are requests. */
struct plan {
    struct modbus_item *sorted[MODBUS_ITEMS_MAX];
    const struct modbus_map *map;
};

static bool before(const struct modbus_item *a, const struct modbus_item *b)
{
    return a->row->function != b->row->function ? a->row->function < b->row->function : a->address < b->address;
}

static void sort(struct plan *p, struct modbus_state *s)
{
    for (int i = 0; i < s->count; i++) {
        int at = i;
        for (; at > 0 && before(&s->items[i], p->sorted[at - 1]); at--)
            p->sorted[at] = p->sorted[at - 1];
        p->sorted[at] = &s->items[i];
    }
}

static int end_of(const struct modbus_item *i)
{
    return i->address + i->size;
}

/* How many items from `from` on one request may read. */
static int reach(const struct plan *p, int from, int to)
{
    const struct modbus_item *first = p->sorted[from];
    bool bits = of_bits(first->row);
    int most = bits ? MODBUS_BITS_MOST : p->map->registers_most ? p->map->registers_most : MODBUS_REGISTERS_MOST;
    int i = from + 1, end = end_of(first);
    for (; i < to; i++) {
        const struct modbus_item *next = p->sorted[i];
        if (next->row->function != first->row->function || next->address > end + p->map->hole || end_of(next) - first->address > most)
            break;
        end = end_of(next) > end ? end_of(next) : end;
    }
    return i;
}

static void keep(struct modbus_state *s, struct modbus_item *i, struct bytes data, int start)
{
    size_t at = (size_t)(i->address - start);
    if (of_bits(i->row)) {
        struct cursor c = cursor_over(bytes_part(data, at / 8, 1));
        s->pool[i->place] = take_u8(&c) >> at % 8 & 1;
        i->got = !c.failed;
        return;
    }
    struct bytes part = bytes_part(data, at * 2, (size_t)i->size * 2);
    i->got = part.size == (size_t)i->size * 2;
    if (i->got)
        memcpy(s->pool + i->place, part.data, part.size);
}

/* Where a refused slice is taken apart: at its first hole, else in the middle. */
static int split_of(const struct plan *p, int from, int to)
{
    for (int i = from + 1; i < to; i++)
        if (p->sorted[i]->address > end_of(p->sorted[i - 1]))
            return i;
    return from + (to - from) / 2;
}

/* Reads a slice that one request may read; a device that refuses it is asked for the halves. */
static void read_slice(struct conversation *c, struct plan *p, int from, int to)
{
    struct modbus_state *s = state(c);
    const struct modbus_item *first = p->sorted[from];
    int end = end_of(first);
    for (int i = from; i < to; i++)
        end = end_of(p->sorted[i]) > end ? end_of(p->sorted[i]) : end;
    struct bytes data = modbus_ask(c, &(struct modbus_request){
        .function = first->row->function, .address = first->address, .count = (uint16_t)(end - first->address) });
    if (conversation_fault(c))
        return;
    for (int i = from; i < to && !s->exception; i++)
        keep(s, p->sorted[i], data, first->address);
    bool splits = s->exception == MODBUS_BAD_ADDRESS || s->exception == MODBUS_BAD_VALUE;
    if (splits && to - from > 1) {
        int middle = split_of(p, from, to);
        read_slice(c, p, from, middle);
        read_slice(c, p, middle, to);
    } else if (s->exception) {
        conversation_note(c, "function %u, address %u: %u %s", first->row->function, first->address, s->exception,
                          modbus_exception_text(s->exception, LANG_EN));
    }
}

void modbus_fetch(struct conversation *c, const struct modbus_map *map, const struct modbus_row *rows, modbus_choice *wanted, int argument)
{
    struct modbus_state *s = state(c);
    struct plan p = { .map = map };
    s->count = s->used = 0;
    s->exception = MODBUS_DONE;
    uint16_t shift = rows == map->facts ? 0 : modbus_shift(c, map);
    for (const struct modbus_row *row = rows; row && row->becomes; row++)
        if (wanted(row, argument))
            add_row(s, row, shift);
    sort(&p, s);
    for (int from = 0, to; from < s->count && !conversation_fault(c); from = to) {
        to = reach(&p, from, s->count);
        read_slice(c, &p, from, to);
    }
}

struct cursor modbus_kept(const struct modbus_state *s, const struct modbus_item *i)
{
    return cursor_over(bytes_of(s->pool + i->place, of_bits(i->row) ? 1 : (size_t)i->size * 2));
}
