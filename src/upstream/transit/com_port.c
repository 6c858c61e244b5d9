/* RFC 2217's port; see com_port.h. */
#include "upstream/transit/com_port.h"
#include "link/address.h"

/* --- options -------------------------------------------------------------------------------------------------------------------- */

static bool is_known(uint8_t option)
{
    return option == TELNET_BINARY || option == TELNET_SUPPRESS_GO_AHEAD || option == TELNET_COM_PORT;
}

void com_port_negotiate(struct com_port *p, enum telnet_verb verb, uint8_t option, struct writer *w)
{
    bool theirs = verb == TELNET_WILL || verb == TELNET_WONT, on = verb == TELNET_WILL || verb == TELNET_DO;
    enum telnet_verb yes = theirs ? TELNET_DO : TELNET_WILL, no = theirs ? TELNET_DONT : TELNET_WONT;
    if (!is_known(option)) {
        if (on)
            telnet_put_option(w, no, option);
        return;
    }
    static const uint8_t places[] = { [TELNET_BINARY] = 0, [TELNET_SUPPRESS_GO_AHEAD] = 2, [TELNET_COM_PORT] = 4 };
    uint64_t bit = 1ull << (places[option] + theirs);
    if (on == ((p->agreed & bit) != 0))
        return;
    p->agreed ^= bit;
    telnet_put_option(w, on ? yes : no, option);
}

/* --- commands ------------------------------------------------------------------------------------------------------------------- */

static uint32_t number_of(struct bytes value)
{
    uint32_t number = 0;
    for (size_t i = 0; i < value.size; i++)
        number = number << 8 | value.data[i];
    return number;
}

/* 0 asks only. */
static void set_line(struct com_port *p, uint8_t command, uint32_t asked)
{
    static const char parities[] = { 0, 'N', 'O', 'E' };
    struct line former = p->line;
    if (command == COM_BAUD && line_speed_valid(asked))
        p->line.baud = asked;
    if (command == COM_DATA_SIZE && (asked == 7 || asked == 8))
        p->line.bits = (uint8_t)asked;
    if (command == COM_PARITY && asked >= 1 && asked < sizeof parities)
        p->line.parity = parities[asked];
    if (command == COM_STOP_SIZE && (asked == 1 || asked == 2))
        p->line.stop = (uint8_t)asked;
    p->shaped |= former.baud != p->line.baud || former.bits != p->line.bits || former.parity != p->line.parity || former.stop != p->line.stop;
}

static uint8_t line_value(const struct com_port *p, uint8_t command)
{
    switch (command) {
    case COM_DATA_SIZE:
        return p->line.bits;
    case COM_PARITY:
        return p->line.parity == 'O' ? 2 : p->line.parity == 'E' ? 3 : 1;
    default:
        return p->line.stop;
    }
}

/* RFC 2217, SET-CONTROL: 0..3 flow, 4..6 break, 7..9 DTR, 10..12 RTS, 13..16 inbound flow, 17..19 flow by modem lines. */
static uint8_t control(struct com_port *p, uint32_t asked)
{
    enum { NO_FLOW = 1, BREAK_OFF = 6, DTR_ON = 8, DTR_OFF = 9, RTS_ON = 11, RTS_OFF = 12, NO_INBOUND_FLOW = 14 };
    if (asked >= 4 && asked <= BREAK_OFF)
        return BREAK_OFF;
    if (asked >= 7 && asked <= DTR_OFF) {
        p->dtr = asked == DTR_ON || (asked != DTR_OFF && p->dtr);
        return p->dtr ? DTR_ON : DTR_OFF;
    }
    if (asked >= 10 && asked <= RTS_OFF) {
        p->rts = asked == RTS_ON || (asked != RTS_OFF && p->rts);
        return p->rts ? RTS_ON : RTS_OFF;
    }
    return (asked >= 13 && asked <= 16) || asked == 18 ? NO_INBOUND_FLOW : NO_FLOW;
}

void com_port_command(struct com_port *p, uint8_t command, struct bytes value, struct writer *w)
{
    uint32_t asked = value.size <= 4 ? number_of(value) : 0;
    uint8_t answer[4] = { 0 };
    size_t size = 1;
    switch (command) {
    case COM_SIGNATURE:
        if (value.size == 0)
            telnet_put_answer(w, command, bytes_of_text("svod"));
        return;
    case COM_BAUD:
        set_line(p, command, asked);
        size = 4;
        for (size_t i = 0; i < size; i++)
            answer[i] = (uint8_t)(p->line.baud >> (24 - 8 * i));
        break;
    case COM_DATA_SIZE:
    case COM_PARITY:
    case COM_STOP_SIZE:
        set_line(p, command, asked);
        answer[0] = line_value(p, command);
        break;
    case COM_CONTROL:
        answer[0] = control(p, asked);
        break;
    case COM_LINE_STATE_MASK:
    case COM_MODEM_STATE_MASK: /* nothing is ever told of them */
        break;
    case COM_PURGE: /* nothing waits here: what comes goes on at once */
        answer[0] = (uint8_t)asked;
        break;
    default:
        return;
    }
    telnet_put_answer(w, command, bytes_of(answer, size));
}
