/* Telnet with the COM port option; see telnet.h. */
#include "wire/telnet.h"

enum { IAC = 255, SUB_BEGIN = 250, SUB_END = 240, OPTION_MOST = 49 /* the last that was ever given but for experiments */ };
enum { STATE_DATA, STATE_IAC, STATE_VERB, STATE_SUB, STATE_SUB_IAC };

static bool is_verb(uint8_t byte)
{
    return byte >= TELNET_WILL && byte <= TELNET_DONT;
}

enum telnet_guess telnet_recognise(struct bytes first)
{
    for (size_t at = 0; at < first.size; at += 3) {
        const uint8_t *b = first.data + at;
        size_t left = first.size - at;
        if (b[0] != IAC || (left > 1 && !is_verb(b[1])) || (left > 2 && b[2] > OPTION_MOST))
            return TELNET_NO;
        if (left > 2 && b[2] == TELNET_COM_PORT && (b[1] == TELNET_WILL || b[1] == TELNET_DO))
            return TELNET_YES;
    }
    return first.size < TELNET_FIRST_MAX ? TELNET_PERHAPS : TELNET_NO;
}

/* The run of plain bytes at the beginning of *in. */
static struct bytes take_plain(struct bytes *in)
{
    const uint8_t *end = in->size ? memchr(in->data, IAC, in->size) : NULL;
    size_t count = end ? (size_t)(end - in->data) : in->size;
    struct bytes plain = bytes_part(*in, 0, count);
    *in = bytes_part(*in, count, in->size);
    return plain;
}

static void keep_value(struct telnet *t, uint8_t byte)
{
    if (t->size == sizeof t->value)
        t->cut = true;
    else
        t->value[t->size++] = byte;
}

/* The end of a subnegotiation: a whole COM port command, or nothing of ours. */
static bool end_value(const struct telnet *t, struct telnet_piece *ret)
{
    if (t->cut || t->size < 2 || t->value[0] != TELNET_COM_PORT)
        return false;
    *ret = (struct telnet_piece){ .kind = TELNET_COMMAND, .command = t->value[1], .data = bytes_of(t->value + 2, t->size - 2) };
    return true;
}

/* A byte behind IAC in the data. True: it was a doubled FF, which is data. */
static bool after_iac(struct telnet *t, uint8_t byte)
{
    t->state = is_verb(byte) ? STATE_VERB : byte == SUB_BEGIN ? STATE_SUB : STATE_DATA;
    t->verb = byte;
    t->size = 0;
    t->cut = false;
    return byte == IAC;
}

/* A byte within a subnegotiation. True: it ended one of ours. */
static bool within_value(struct telnet *t, uint8_t byte, struct telnet_piece *ret)
{
    if (t->state == STATE_SUB && byte == IAC) {
        t->state = STATE_SUB_IAC;
        return false;
    }
    if (t->state == STATE_SUB_IAC && byte != IAC) {
        t->state = STATE_DATA;
        return byte == SUB_END && end_value(t, ret);
    }
    t->state = STATE_SUB;
    keep_value(t, byte);
    return false;
}

bool telnet_next(struct telnet *t, struct bytes *in, struct telnet_piece *ret)
{
    while (in->size) {
        if (t->state == STATE_DATA && in->data[0] != IAC) {
            *ret = (struct telnet_piece){ .kind = TELNET_DATA, .data = take_plain(in) };
            return true;
        }
        struct bytes one = bytes_part(*in, 0, 1);
        uint8_t byte = one.data[0];
        *in = bytes_part(*in, 1, in->size);
        if (t->state == STATE_DATA) {
            t->state = STATE_IAC;
        } else if (t->state == STATE_IAC) {
            if (after_iac(t, byte)) {
                *ret = (struct telnet_piece){ .kind = TELNET_DATA, .data = one };
                return true;
            }
        } else if (t->state == STATE_VERB) {
            t->state = STATE_DATA;
            *ret = (struct telnet_piece){ .kind = TELNET_OPTION, .verb = t->verb, .option = byte };
            return true;
        } else if (within_value(t, byte, ret)) {
            return true;
        }
    }
    return false;
}

void telnet_put_data(struct writer *w, struct bytes data)
{
    while (data.size) {
        put_bytes(w, take_plain(&data));
        if (data.size) {
            put_u8(w, IAC);
            put_u8(w, IAC);
            data = bytes_part(data, 1, data.size);
        }
    }
}

void telnet_put_option(struct writer *w, enum telnet_verb verb, uint8_t option)
{
    put_u8(w, IAC);
    put_u8(w, verb);
    put_u8(w, option);
}

void telnet_put_answer(struct writer *w, uint8_t command, struct bytes value)
{
    put_u8(w, IAC);
    put_u8(w, SUB_BEGIN);
    put_u8(w, TELNET_COM_PORT);
    put_u8(w, command + COM_ANSWER);
    telnet_put_data(w, value);
    put_u8(w, IAC);
    put_u8(w, SUB_END);
}
