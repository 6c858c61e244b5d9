/* What becomes of the values of a Modbus map: readings, states, facts, relays; see modbus.h. */
#include "drivers/modbus.h"

#include "meter/quantity.h"
#include "meter/relay.h"

#include <stdio.h>

static struct modbus_state *state(struct conversation *c)
{
    return conversation_state(c);
}

static const struct modbus_settings *settings(const struct conversation *c)
{
    return conversation_settings(c);
}

/* A refusal of all that was asked for is the device's answer to the whole want. */
static void fail_refused(struct conversation *c)
{
    uint8_t exception = state(c)->exception;
    conversation_fail(c, FAULT_NOT_SUPPORTED, "%u %s", exception, modbus_exception_text(exception, conversation_lang(c)));
}

/* True when anything arrived. */
static bool any_got(struct conversation *c)
{
    const struct modbus_state *s = state(c);
    bool any = false;
    for (int i = 0; i < s->count; i++)
        any |= s->items[i].got;
    if (!any && s->count && !conversation_fault(c))
        fail_refused(c);
    return any && !conversation_fault(c);
}

/* --- values -------------------------------------------------------------------------------------------------------- */

/* value * scale / over, rounded half up to the scale's exponent. */
static bool scaled(const struct modbus_row *row, struct decimal *d)
{
    struct decimal scale = row->scale.mantissa ? row->scale : decimal_of(1, 0);
    if (!row->over)
        return decimal_multiply(*d, scale, d);
    if (d->exponent != 0 || !decimal_multiply(decimal_of(d->mantissa, 0), decimal_of(scale.mantissa, 0), d))
        return false;
    int64_t over = row->over, twice = d->mantissa * 2 + over;
    *d = decimal_of(twice / (2 * over) - (twice % (2 * over) < 0), scale.exponent);
    return true;
}

/* Adds the float that lies behind a value. */
static bool add_fraction(const struct modbus_state *s, const struct modbus_item *i, struct decimal *d)
{
    struct cursor c = modbus_kept(s, i);
    struct decimal fraction;
    cursor_skip(&c, (size_t)i->row->fraction * 2);
    return modbus_take_number(&c, MODBUS_F32, i->row->order, &fraction) && decimal_add(*d, fraction, d);
}

/* False when the item holds no value: not read, the device's «none», or no number. */
static bool value_of(const struct modbus_state *s, const struct modbus_item *i, struct decimal *ret)
{
    struct cursor c = modbus_kept(s, i);
    if (!i->got || !modbus_take_number(&c, i->row->type, i->row->order, ret))
        return false;
    if (i->row->fraction && !add_fraction(s, i, ret))
        return false;
    if (i->row->absent && decimal_compare(*ret, decimal_of(i->row->absent, 0)) == 0)
        return false;
    return scaled(i->row, ret);
}

static struct obis obis_of(struct conversation *c, const struct modbus_row *row, uint8_t channel)
{
    struct obis o = row->obis;
    if (row->measured && settings(c)->measures == MODBUS_MEASURES_TEMPERATURE)
        o = MODBUS_TEMPERATURE;
    return row->channels ? obis_with(o, 1, channel) : o;
}

/* True when the device says that the channel's measurement is not to be trusted. */
static bool channel_ill(const struct modbus_state *s, uint8_t channel)
{
    struct decimal word;
    for (int i = 0; i < s->count; i++)
        if (s->items[i].row->becomes == MODBUS_HEALTH && s->items[i].channel == channel && value_of(s, &s->items[i], &word) && word.mantissa)
            return true;
    return false;
}

/* What the counted pulses are worth. Counters of sixteen bits begin anew too soon for a reading to be told from them. */
static void emit_worth(struct conversation *c, const struct record *record, const struct modbus_item *i, const struct decimal *count)
{
    struct modbus_pulse p;
    struct decimal value;
    bool counter = obis_equal(i->row->obis, MODBUS_PULSES) && modbus_type_registers(i->row->type) > 1;
    if (!counter || !modbus_pulse_find(settings(c)->pulses, i->channel, &p))
        return;
    if (count && decimal_multiply(*count, p.weight, &value) && decimal_add(value, p.initial, &value))
        emit(record, p.obis, value);
    else
        emit_missing(record, p.obis);
}

static void emit_readings(struct conversation *c, enum archive archive, int64_t now, struct sink *out)
{
    const struct modbus_state *s = state(c);
    struct record record = { .out = out, .wall = now, .archive = archive };
    for (int i = 0; i < s->count; i++) {
        const struct modbus_item *item = &s->items[i];
        struct decimal value;
        struct obis obis = obis_of(c, item->row, item->channel);
        if (item->row->becomes != MODBUS_READING || !item->got)
            continue;
        bool told = !channel_ill(s, item->channel) && value_of(s, item, &value);
        if (told)
            emit_in(&record, obis, value, item->row->unit ? item->row->unit : quantity_unit(obis));
        else
            emit_missing(&record, obis);
        emit_worth(c, &record, item, told ? &value : NULL);
    }
}

/* --- states -------------------------------------------------------------------------------------------------------- */

static void emit_one_state(struct conversation *c, const struct modbus_row *row, uint8_t channel, int64_t now, int64_t value, struct sink *out)
{
    struct obis obis = row->becomes == MODBUS_OUTPUT ? RELAY_OUTPUT(channel) : obis_of(c, row, channel);
    emit_state(out, obis, now, value);
}

/* States of one item; of a mask, of its channels. `only`: that channel alone, -1 for all. */
static void emit_item_states(struct conversation *c, const struct modbus_item *i, int only, int64_t now, struct sink *out)
{
    const struct modbus_row *row = i->row;
    struct cursor r = modbus_kept(state(c), i);
    bool mask = row->type == MODBUS_BITS16 || row->type == MODBUS_BITS32;
    uint64_t bits = row->type == MODBUS_BIT ? take_u8(&r) : modbus_take_bits(&r, row->type, row->order);
    for (int n = 0; i->got && n < (mask ? row->channels : 1); n++) {
        uint8_t channel = (uint8_t)((mask ? row->first : i->channel) + n);
        if (only < 0 || only == channel)
            emit_one_state(c, row, channel, now, mask ? (int64_t)(bits >> n & 1) : (int64_t)bits, out);
    }
}

/* --- what the driver offers ------------------------------------------------------------------------------------------ */

static bool of_archive(const struct modbus_row *row, int archive)
{
    if (archive == ARCHIVE_STATE)
        return row->becomes == MODBUS_STATE || row->becomes == MODBUS_OUTPUT || row->becomes == MODBUS_HEALTH;
    return (row->becomes == MODBUS_READING && (int)row->archive == archive) || (row->becomes == MODBUS_HEALTH && archive == ARCHIVE_NETWORK);
}

void modbus_read(struct conversation *c, const struct modbus_map *map, enum archive archive, const struct want *w, struct sink *out)
{
    conversation_step(c, archive_name(archive));
    modbus_fetch(c, map, map->rows, of_archive, archive);
    const struct modbus_state *s = state(c);
    if (!conversation_fault(c) && s->count == 0)
        conversation_fail(c, FAULT_NOT_SUPPORTED, "%s", archive_title(archive, conversation_lang(c)));
    if (!any_got(c))
        return;
    if (archive != ARCHIVE_STATE)
        emit_readings(c, archive, w->now, out);
    for (int i = 0; i < s->count && archive == ARCHIVE_STATE; i++)
        emit_item_states(c, &s->items[i], -1, w->now, out);
}

/* --- who it is ------------------------------------------------------------------------------------------------------- */

static bool every(const struct modbus_row *row, int argument)
{
    (void)argument;
    return row->becomes == MODBUS_FACT;
}

/* The fact as text: characters, or a number in decimal digits. False when it was not read or is empty. */
static bool fact_text(const struct modbus_state *s, const struct modbus_item *i, char text[MODBUS_TEXT_MAX])
{
    struct cursor c = modbus_kept(s, i);
    struct decimal number;
    struct text t = text_over(text, MODBUS_TEXT_MAX);
    if (!i->got)
        return false;
    if (i->row->type != MODBUS_TEXT && i->row->type != MODBUS_TEXT_WIDE) {
        if (modbus_take_number(&c, i->row->type, i->row->order, &number))
            text_printf(&t, "%lld", (long long)number.mantissa);
        return t.size > 0;
    }
    uint8_t characters[2 * MODBUS_TEXT_MAX];
    size_t size = 0;
    while (cursor_left(&c) && size < sizeof characters) {
        if (i->row->type == MODBUS_TEXT_WIDE)
            cursor_skip(&c, 1);
        uint8_t character = take_u8(&c);
        if (c.failed || !character)
            break;
        characters[size++] = character;
    }
    text_put_foreign(&t, bytes_of(characters, size));
    return t.size > 0;
}

static bool find_fact(const struct modbus_state *s, enum fact_kind kind, char text[MODBUS_TEXT_MAX])
{
    for (int i = 0; i < s->count; i++)
        if (s->items[i].row->fact == kind && fact_text(s, &s->items[i], text))
            return true;
    text[0] = '\0';
    return false;
}

bool modbus_signed(const struct modbus_map *map, const char *type)
{
    for (int i = 0; i < MODBUS_SIGNATURES && map->signatures[i]; i++)
        if (strncmp(type, map->signatures[i], strlen(map->signatures[i])) == 0)
            return true;
    return false;
}

static void check_signature(struct conversation *c, const struct modbus_map *map)
{
    char type[MODBUS_TEXT_MAX];
    if (!map->signatures[0] || !find_fact(state(c), FACT_TYPE, type) || modbus_signed(map, type))
        return;
    conversation_fail(c, FAULT_WRONG_METER, "%s ≠ %s", type, map->signatures[0]);
}

/* Of several places for one fact the first that the device has counts. */
static bool told_before(const struct modbus_state *s, int item)
{
    for (int i = 0; i < item; i++)
        if (s->items[i].got && s->items[i].row->fact == s->items[item].row->fact)
            return true;
    return false;
}

void modbus_identify(struct conversation *c, const struct modbus_map *map, struct sink *out)
{
    if (!map->facts)
        return;
    conversation_step(c, "identity");
    modbus_fetch(c, map, map->facts, every, 0);
    const struct modbus_state *s = state(c);
    char text[MODBUS_TEXT_MAX];
    for (int i = 0; i < s->count && !conversation_fault(c); i++)
        if (!told_before(s, i) && fact_text(s, &s->items[i], text))
            emit_fact(out, s->items[i].row->fact, text);
    check_signature(c, map);
    state(c)->checked = !conversation_fault(c);
}

bool modbus_probe(struct conversation *c, const struct modbus_row *facts, uint8_t unit, char type[MODBUS_TEXT_MAX], char serial[MODBUS_TEXT_MAX])
{
    struct modbus_map map = { .facts = facts };
    state(c)->unit = unit;
    state(c)->patience_ms = conversation_on_line(c) ? 150 : 1500;
    modbus_fetch(c, &map, facts, every, 0);
    bool answered = conversation_fault(c) == FAULT_NONE || conversation_fault(c) == FAULT_METER_ERROR;
    find_fact(state(c), FACT_TYPE, type);
    find_fact(state(c), FACT_SERIAL, serial);
    conversation_reset(c);
    state(c)->unit = 0;
    state(c)->patience_ms = 0;
    return answered;
}

/* --- set-up ----------------------------------------------------------------------------------------------------------- */

static void write_register(struct conversation *c, uint16_t address, uint16_t value)
{
    modbus_ask(c, &(struct modbus_request){ .function = MODBUS_WRITE_REGISTER, .address = address, .count = value });
    if (state(c)->exception)
        fail_refused(c);
}

/* True when the registers hold what they must; false also when the device does not show them. */
static bool is_set_up(struct conversation *c, const struct modbus_setup *setup, uint16_t shift, uint16_t count)
{
    struct cursor r = cursor_over(modbus_ask(c, &(struct modbus_request){
        .function = MODBUS_READ_HOLDING, .address = (uint16_t)(setup->address + shift), .count = count }));
    bool same = true;
    for (uint16_t i = 0; i < count; i++)
        same &= take_be16(&r) == setup[i].value;
    return same && !r.failed;
}

void modbus_open(struct conversation *c, const struct modbus_map *map)
{
    const struct modbus_setup *setup = map->setup;
    uint16_t shift = modbus_shift(c, map), count = 0;
    while (setup && setup[count].address)
        count++;
    if (count == 0)
        return;
    conversation_step(c, "set-up");
    if (is_set_up(c, setup, shift, count))
        return;
    for (uint16_t i = 0; i < count && !conversation_fault(c); i++)
        write_register(c, (uint16_t)(setup[i].address + shift), setup[i].value);
    if (map->setup_done.address && !conversation_fault(c))
        write_register(c, (uint16_t)(map->setup_done.address + shift), map->setup_done.value);
}

/* --- relays ------------------------------------------------------------------------------------------------------------ */

static bool holds_relay(const struct modbus_row *row, int number)
{
    return row->becomes == MODBUS_OUTPUT && number >= row->first && number < row->first + (row->channels ? row->channels : 1);
}

void modbus_relay_read(struct conversation *c, const struct modbus_map *map, int number, int64_t now, struct sink *out)
{
    conversation_step(c, "relay");
    modbus_fetch(c, map, map->rows, holds_relay, number);
    const struct modbus_state *s = state(c);
    for (int i = 0; i < s->count && any_got(c); i++)
        emit_item_states(c, &s->items[i], number, now, out);
}

/* All other outputs stay as the device shows them now. */
static void switch_mask(struct conversation *c, const struct modbus_map *map, const struct modbus_row *row, int number, bool on)
{
    modbus_fetch(c, map, map->rows, holds_relay, number);
    if (!any_got(c))
        return;
    const struct modbus_item *i = &state(c)->items[0];
    struct cursor r = modbus_kept(state(c), i);
    uint64_t bit = 1ull << (number - row->first), mask = modbus_take_bits(&r, row->type, row->order);
    mask = on ? mask | bit : mask & ~bit;
    uint8_t memory[4];
    struct writer w = writer_over(memory, sizeof memory);
    bool low_first = row->order == MODBUS_CDAB;
    if (i->size == 2)
        put_be16(&w, low_first ? mask : mask >> 16);
    put_be16(&w, i->size == 2 && low_first ? mask >> 16 : mask);
    modbus_ask(c, &(struct modbus_request){
        .function = MODBUS_WRITE_REGISTERS, .address = row->write_address, .count = i->size, .data = writer_bytes(&w) });
}

static void switch_coil(struct conversation *c, const struct modbus_row *row, uint16_t shift, int number, bool on)
{
    uint16_t address = (uint16_t)(row->write_address + shift + number - row->first);
    uint8_t bit = on;
    struct modbus_request one = { .function = MODBUS_WRITE_COIL, .address = address, .count = on ? MODBUS_COIL_ON : 0 };
    struct modbus_request many = { .function = MODBUS_WRITE_COILS, .address = address, .count = 1, .data = bytes_of(&bit, 1) };
    modbus_ask(c, row->write == MODBUS_BY_COIL ? &one : &many);
}

/* Nothing is switched in a module that is another one than the map's. */
static void check_once(struct conversation *c, const struct modbus_map *map)
{
    if (state(c)->checked || !map->facts)
        return;
    modbus_fetch(c, map, map->facts, every, 0);
    check_signature(c, map);
    state(c)->checked = !conversation_fault(c);
}

void modbus_relay_operate(struct conversation *c, const struct modbus_map *map, int number, enum relay_action action)
{
    check_once(c, map);
    conversation_step(c, "relay");
    for (const struct modbus_row *row = map->rows; row->becomes && !conversation_fault(c); row++) {
        if (!holds_relay(row, number) || row->write == MODBUS_NOT_WRITTEN)
            continue;
        if (row->write == MODBUS_BY_MASK)
            switch_mask(c, map, row, number, action == RELAY_ON);
        else
            switch_coil(c, row, modbus_shift(c, map), number, action == RELAY_ON);
        if (!conversation_fault(c) && state(c)->exception)
            fail_refused(c);
        return;
    }
    if (!conversation_fault(c))
        conversation_fail(c, FAULT_NOT_SUPPORTED, "%d", number);
}
