/* M-Bus words against captured frames: every mbus.* line of tests/vectors/heat-water.txt, requests encoded anew, and the
 * corners that no capture shows. */
#include "tap.h"
#include "wire/crc.h"
#include "wire/mbus_records.h"

#include <math.h>
#include <stdlib.h>

static struct bytes hex(const char *text, uint8_t *memory, size_t room)
{
    long size = hex_parse(text, memory, room);
    return bytes_of(memory, size < 0 ? 0 : (size_t)size);
}

#define HEX(text) hex((text), (uint8_t[512]){ 0 }, 512)

/* --- requests of the vectors, encoded ---------------------------------------------------------------------------- */

static struct bytes encode(const char *name, struct writer *w)
{
    struct mbus_address by_serial = { 0x12345678, 0xFFFF, 0xFF, 0xFF }, ones = { 0x1FFFFFFF, 0xFFFF, 0xFF, 0xFF };
    if (strcmp(name, "mbus.nke.a1") == 0)
        mbus_put_link_reset(w, 1);
    else if (strcmp(name, "mbus.requd2.fcb1.a1") == 0)
        mbus_put_request_data(w, 1, true);
    else if (strcmp(name, "mbus.requd2.fcb0.a1") == 0)
        mbus_put_request_data(w, 1, false);
    else if (strcmp(name, "mbus.appreset.a1") == 0)
        mbus_put_application_reset(w, 1, MBUS_SET_UNNAMED);
    else if (strcmp(name, "mbus.select.12345678") == 0)
        mbus_put_select(w, by_serial);
    else if (strcmp(name, "mbus.select.wild1") == 0)
        mbus_put_select(w, ones);
    else if (strcmp(name, "mbus.requd2.sel") == 0)
        mbus_put_request_data(w, MBUS_SELECTED, true);
    else if (strcmp(name, "mbus.setaddr.0to5") == 0)
        mbus_put_set_address(w, 0, 5);
    return writer_bytes(w);
}

static void check_request(const char *name, struct bytes frame)
{
    uint8_t memory[MBUS_FRAME_MAX];
    struct writer w = writer_over(memory, sizeof memory);
    ok(bytes_equal(encode(name, &w), frame), "%s: encoded the same", name);
    struct mbus_frame f;
    ok(mbus_frame_decode(frame, &f), "%s: decodes", name);
}

/* --- "Name[storage]=value unit max" of the fourth column --------------------------------------------------------- */

static const struct {
    const char *name;
    enum mbus_quantity quantity;
} names[] = {
    { "Energy", MBUS_ENERGY }, { "Volume", MBUS_VOLUME }, { "Volume flow", MBUS_VOLUME_FLOW }, { "Power", MBUS_POWER },
    { "Flow temperature", MBUS_FLOW_TEMPERATURE }, { "Return temperature", MBUS_RETURN_TEMPERATURE },
    { "Temperature difference", MBUS_TEMPERATURE_DIFFERENCE }, { "External temperature", MBUS_EXTERNAL_TEMPERATURE },
    { "Fabrication No", MBUS_FABRICATION_NUMBER }, { "On time", MBUS_ON_TIME }, { "Voltage", MBUS_VOLTAGE },
    { "Current", MBUS_CURRENT }, { "Error flags", MBUS_ERROR_FLAGS }, { "Time point (date & time)", MBUS_DATE_TIME },
    { "Time point (date)", MBUS_DATE }, { "Model / Version", MBUS_MODEL },
    { "Parameter set identification", MBUS_PARAMETER_SET }, { "cust. ID", MBUS_PLAIN_TEXT }, { "bat. time", MBUS_PLAIN_TEXT },
};

static enum mbus_quantity quantity_named(const char *name)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].quantity;
    return MBUS_UNKNOWN;
}

static void show_value(const struct mbus_record *r, char *out, size_t room)
{
    struct text t = text_over(out, room);
    char number[DECIMAL_TEXT_MAX];
    if (r->kind == MBUS_NUMBER)
        text_put(&t, decimal_format(decimal_normal(r->value), number));
    else if (r->kind == MBUS_MOMENT)
        text_put(&t, wall_format(r->wall, number));
    else if (r->kind == MBUS_TEXT)
        mbus_text_put(&t, r->data);
    else
        text_put(&t, "-");
}

/* Values that the reference program prints although the meter sent none (mbus.md 7: nibbles A..E are no digits, day 0 is
 * no day): ours must be invalid. */
static bool known_invalid(const char *vector, const char *value)
{
    return (strcmp(vector, "mbus.ELS_Elster-F96-Plus") == 0 && strncmp(value, "131", 3) == 0) ||
           (strcmp(vector, "mbus.siemens_wfh21") == 0 && strncmp(value, "2000-00-00", 10) == 0);
}

static const char *unit_in(const struct mbus_record *r)
{
    const char *symbol = r->meaning.symbol ? r->meaning.symbol : unit_symbol(r->meaning.unit, LANG_EN);
    return strcmp(symbol, "m³") == 0 ? "m^3" : strcmp(symbol, "m³/h") == 0 ? "m^3/h" : symbol;
}

static void check_item(const char *vector, char *item, const struct mbus_record *r)
{
    item += strspn(item, " ");
    char *value = strrchr(item, '=');
    *value++ = '\0';
    unsigned long long storage = 0;
    char *bracket = strchr(item, '[');
    if (bracket) {
        storage = strtoull(bracket + 1, NULL, 10);
        *bracket = '\0';
    }
    char *unit = strchr(value, ' '), *function = unit ? strchr(unit + 1, ' ') : NULL;
    if (unit)
        *unit++ = '\0';
    if (function)
        *function++ = '\0';
    is_int(r->meaning.quantity, quantity_named(item), "%s: %s", vector, item);
    is_int((long long)r->storage, (long long)storage, "%s: storage of %s", vector, item);
    if (known_invalid(vector, value)) {
        ok(!mbus_record_valid(r), "%s: %s is no value", vector, item);
        return;
    }
    char shown[256];
    show_value(r, shown, sizeof shown);
    if (r->kind == MBUS_MOMENT) { /* the column has ISO 8601 */
        value[10] = ' ';
        value[19] = '\0';
    }
    is_text(shown, value, "%s: %s", vector, item);
    if (unit && *unit && strcmp(unit, "-") != 0)
        is_text(unit_in(r), unit, "%s: unit of %s", vector, item);
    is_int(r->function, !function || !*function ? MBUS_INSTANT : strncmp(function, "err", 3) == 0 ? MBUS_AT_ERROR : MBUS_MAXIMUM, "%s: function of %s", vector, item);
}

static void check_listed(const char *vector, char *column, const struct mbus_response *r)
{
    unsigned id, version, access = 0, status = 0;
    char maker[4], ours[4], medium[64];
    int count = sscanf(column, " id %u %3s ver %u %63[^;] ", &id, maker, &version, medium);
    char *tail = strstr(medium, " acc ");
    ok(count == 4 && tail && sscanf(tail, " acc %u st %x", &access, &status) == 2, "%s: the column is understood", vector);
    char digits[16];
    snprintf(digits, sizeof digits, "%08u", id);
    is_int(r->address.id, (long long)strtoul(digits, NULL, 16), "%s: id", vector);
    is_text(mbus_maker_format(r->address.maker, ours), maker, "%s: maker", vector);
    is_int(r->address.version, version, "%s: version", vector);
    is_int(r->access, access, "%s: access number", vector);
    is_int(r->status, status, "%s: status", vector);

    int more = 0, records = 0;
    char *plus = strstr(column, "(+");
    if (plus) {
        more = atoi(plus + 2);
        *plus = '\0';
    }
    struct mbus_records w = mbus_records_of(r);
    struct mbus_record record;
    char *save, *item = strtok_r(column, ";", &save);
    for (item = strtok_r(NULL, ";", &save); item && item[strspn(item, " ")] != '='; item = strtok_r(NULL, ";", &save)) {
        ok(mbus_records_next(&w, &record), "%s: a record more", vector);
        check_item(vector, item, &record);
    }
    while (mbus_records_next(&w, &record))
        records++;
    /* the reference counts the block behind 0F or 1F as a record */
    is_int(records + w.has_vendor, item ? 1 : more, "%s: records after those listed", vector);
    ok(!w.at.failed, "%s: all of it is read", vector);
}

/* --- "key=value" of the fourth column ---------------------------------------------------------------------------- */

static const struct key {
    const char *key;
    enum mbus_quantity quantity;
    uint64_t storage;
    enum mbus_function function;
    int nth;
    double per; /* base units (seconds, W, Wh) in one of the column's */
} keys[] = {
    { "difference_c", MBUS_TEMPERATURE_DIFFERENCE, 0, MBUS_INSTANT, 0, 1 },
    { "target_kwh", MBUS_ENERGY, 1, MBUS_INSTANT, 0, 1000 },
    { "target_2_kwh", MBUS_ENERGY, 2, MBUS_INSTANT, 0, 1000 },
    { "heat_kwh", MBUS_ENERGY, 0, MBUS_INSTANT, 0, 1000 },
    { "total_energy_kwh", MBUS_ENERGY, 0, MBUS_INSTANT, 0, 1000 },
    { "total_energy_consumption_kwh", MBUS_ENERGY, 0, MBUS_INSTANT, 0, 1000 },
    { "flow_water_m3h", MBUS_VOLUME_FLOW, 0, MBUS_INSTANT, 0, 1 },
    { "flow_m3h", MBUS_VOLUME_FLOW, 0, MBUS_INSTANT, 0, 1 },
    { "volume_flow_m3h", MBUS_VOLUME_FLOW, 0, MBUS_INSTANT, 0, 1 },
    { "current_volume_flow_m3h", MBUS_VOLUME_FLOW, 0, MBUS_INSTANT, 0, 1 },
    { "flow_water_max_m3h", MBUS_VOLUME_FLOW, 0, MBUS_MAXIMUM, 0, 1 },
    { "forward_c", MBUS_FLOW_TEMPERATURE, 0, MBUS_INSTANT, 0, 1 },
    { "flow_c", MBUS_FLOW_TEMPERATURE, 0, MBUS_INSTANT, 0, 1 },
    { "t1_temperature_c", MBUS_FLOW_TEMPERATURE, 0, MBUS_INSTANT, 0, 1 },
    { "return_c", MBUS_RETURN_TEMPERATURE, 0, MBUS_INSTANT, 0, 1 },
    { "t2_temperature_c", MBUS_RETURN_TEMPERATURE, 0, MBUS_INSTANT, 0, 1 },
    { "on_time_h", MBUS_ON_TIME, 0, MBUS_INSTANT, 0, 3600 },
    { "on_time_at_error_h", MBUS_ON_TIME, 0, MBUS_AT_ERROR, 0, 3600 },
    { "operating_time_h", MBUS_OPERATING_TIME, 0, MBUS_INSTANT, 0, 3600 },
    { "power_kw", MBUS_POWER, 0, MBUS_INSTANT, 0, 1000 },
    { "current_power_kw", MBUS_POWER, 0, MBUS_INSTANT, 0, 1000 },
    { "power_max_kw", MBUS_POWER, 0, MBUS_MAXIMUM, 0, 1000 },
    { "volume_m3", MBUS_VOLUME, 0, MBUS_INSTANT, 0, 1 },
    { "total_volume_m3", MBUS_VOLUME, 0, MBUS_INSTANT, 0, 1 },
    { "actuality_duration_s", MBUS_ACTUALITY, 0, MBUS_INSTANT, 0, 1 },
    { "forward_energy_m3c", MBUS_VENDOR, 0, MBUS_INSTANT, 0, 1 },
    { "return_energy_m3c", MBUS_VENDOR, 0, MBUS_INSTANT, 1, 1 },
    { "fabrication_no", MBUS_FABRICATION_NUMBER, 0, MBUS_INSTANT, 0, 1 },
    { "meter_datetime", MBUS_DATE_TIME, 0, MBUS_INSTANT, 0, 1 },
    { "meter_date", MBUS_DATE, 0, MBUS_INSTANT, 0, 1 },
    { "target_date", MBUS_DATE, 1, MBUS_INSTANT, 0, 1 },
};

static bool find_record(const struct mbus_response *r, const struct key *k, struct mbus_record *ret)
{
    struct mbus_records w = mbus_records_of(r);
    int left = k->nth;
    while (mbus_records_next(&w, ret))
        if (ret->meaning.quantity == k->quantity && ret->storage == k->storage && ret->function == k->function &&
            !ret->tariff && !ret->subunit && left-- == 0)
            return true;
    return false;
}

static double number_of(const struct mbus_record *r)
{
    double value = (double)r->value.mantissa * pow(10, r->value.exponent);
    return r->meaning.unit == UNIT_JOULE ? value / 3600 : value;
}

static void check_key(const char *vector, const struct key *k, const char *value, const struct mbus_response *r)
{
    struct mbus_record record = { 0 };
    if (!ok(find_record(r, k, &record), "%s: has %s", vector, k->key))
        return;
    if (record.kind == MBUS_MOMENT) {
        char wall[CIVIL_TEXT_MAX];
        wall_format(record.wall, wall)[strlen(value)] = '\0';
        is_text(wall, value, "%s: %s", vector, k->key);
        return;
    }
    /* the sensostar's number is printed in hex there */
    bool is_hex = strspn(value, "0123456789.") != strlen(value);
    double want = is_hex ? (double)strtoul(value, NULL, 16) : atof(value);
    double got = number_of(&record) / k->per;
    ok(fabs(got - want) < 1e-6 * (1 + fabs(want)), "%s: %s is %s, read %f", vector, k->key, value, got);
}

static void check_keys(const char *vector, char *column, const struct mbus_response *r)
{
    int checked = 0;
    for (char *save, *item = strtok_r(column, ";", &save); item; item = strtok_r(NULL, ";", &save)) {
        item += strspn(item, " ");
        item[strcspn(item, "\n")] = '\0';
        for (char *end = item + strlen(item); end > item && end[-1] == ' '; *--end = '\0')
            ;
        char *value = strchr(item, '=');
        if (!value)
            continue;
        *value++ = '\0';
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            if (strcmp(keys[i].key, item) == 0)
                check_key(vector, &keys[i], value, r), checked++;
    }
    ok(checked >= 7, "%s: %d keys looked at", vector, checked);
}

static void check_sonoselect(const struct mbus_response *r)
{
    static const struct {
        const char *shown;
        enum mbus_quantity quantity;
        uint16_t subunit;
    } want[] = {
        { "0", MBUS_ENERGY, 0 }, { "0", MBUS_ENERGY, 3 }, { "0.09", MBUS_VOLUME, 0 }, { "0", MBUS_VOLUME, 3 },
        { "0", MBUS_VOLUME_FLOW, 0 }, { "0", MBUS_POWER, 0 }, { "15.5", MBUS_FLOW_TEMPERATURE, 0 },
        { "15.4", MBUS_RETURN_TEMPERATURE, 0 }, { "0.05", MBUS_TEMPERATURE_DIFFERENCE, 0 },
        { "19.7", MBUS_EXTERNAL_TEMPERATURE, 0 }, { "2019-10-21 16:48:00", MBUS_DATE_TIME, 0 },
        { "66308400", MBUS_ON_TIME, 0 }, { "2095200", MBUS_OPERATING_TIME, 0 },
    };
    struct mbus_records w = mbus_records_of(r);
    struct mbus_record record;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        char shown[64];
        ok(mbus_records_next(&w, &record) && record.meaning.quantity == want[i].quantity, "SonoSelect: record %zu", i);
        show_value(&record, shown, sizeof shown);
        is_text(shown, want[i].shown, "SonoSelect: value %zu", i);
        is_int(record.subunit, want[i].subunit);
    }
    ok(!mbus_records_next(&w, &record) && w.has_vendor && !w.more, "SonoSelect: vendor block to the end");
    is_int(r->address.id, 0x73704587);
    is_int(r->address.maker, mbus_maker_parse("DFS"));
    is_int(r->address.medium, 0x0C);
}

static int explained;

static void count_line(struct explain *e, int depth, struct bytes part, const char *label, const char *value)
{
    (void)e, (void)part;
    explained += depth >= 0 && *label && value;
}

static void check_response(const char *vector, struct bytes frame, char *column)
{
    if (frame.size == 1) {
        struct mbus_frame ack;
        ok(mbus_frame_decode(frame, &ack) && ack.shape == MBUS_ACK, "%s: acknowledged", vector);
        return;
    }
    struct mbus_frame f;
    struct mbus_response r;
    if (!ok(mbus_frame_decode(frame, &f), "%s: a frame", vector))
        return;
    is_int(mbus_response_decode(&f, &r), MBUS_ANSWER_VARIABLE, "%s: variable data", vector);
    ok(!mbus_encrypted(&r), "%s: plain", vector);
    explained = 0;
    struct explain e = { .line = count_line, .lang = LANG_RU };
    mbus_explain(&e, frame);
    ok(explained > 8 && e.depth == 0 && mbus_looks(frame), "%s: explained in %d lines", vector, explained);
    if (strcmp(vector, "mbus.danfoss.sonoselect") == 0)
        check_sonoselect(&r);
    else if (strncmp(vector, "mbus.sim.", 9) == 0 || strncmp(vector, "mbus.elf2", 9) == 0)
        check_keys(vector, column, &r);
    else
        check_listed(vector, column, &r);
}

static void test_vectors(void)
{
    FILE *file = fopen("tests/vectors/heat-water.txt", "r");
    if (!ok(file != NULL, "vectors are there"))
        return;
    static char line[8192];
    int count = 0;
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, "mbus.", 5) != 0)
            continue;
        char *parts[4], *at = line;
        for (int i = 0; i < 4; i++) {
            parts[i] = at;
            at = strstr(at, " | ");
            *at = '\0';
            at += 3;
        }
        count++;
        if (strcmp(parts[1], "-") != 0)
            check_request(parts[0], HEX(parts[1]));
        if (strcmp(parts[2], "-") != 0)
            check_response(parts[0], HEX(parts[2]), parts[3]);
    }
    fclose(file);
    is_int(count, 29, "every mbus line was walked");
}

/* --- finding ----------------------------------------------------------------------------------------------------- */

static void finds(const char *text, enum frame_state state, size_t start, size_t size)
{
    struct frame_found f = mbus_find(HEX(text), NULL);
    ok(f.state == state && f.start == start && f.size == size, "find in %s: %d at %zu, %zu bytes", text, (int)f.state, f.start, f.size);
}

static void test_find(void)
{
    finds("E5", FRAME_WHOLE, 0, 1);
    finds("00 FF E5 E5", FRAME_WHOLE, 2, 1);
    finds("10 7B 01 7C 16", FRAME_WHOLE, 0, 5);
    finds("10 7B 01 7D 16", FRAME_DAMAGED, 0, 5);
    finds("10 7B 01", FRAME_PARTIAL, 0, 5);
    finds("10 10 7B 01 7C 16", FRAME_WHOLE, 1, 5);
    finds("68", FRAME_PARTIAL, 0, 9);
    finds("68 03 03 68 53 01 50 A4 16", FRAME_WHOLE, 0, 9);
    finds("68 03 03 68 53 01 50 A5 16", FRAME_DAMAGED, 0, 9);
    finds("68 03 03 68 53 01 50 A4 17", FRAME_DAMAGED, 0, 9);
    finds("68 68 03 03 68 53 01 50 A4 16", FRAME_WHOLE, 1, 9);
    finds("68 0B 0B", FRAME_PARTIAL, 0, 17);
    finds("68 02 02 68", FRAME_PARTIAL, 3, 9);
    finds("68 03 04 68 11", FRAME_PARTIAL, 3, 23);
    finds("AA BB", FRAME_PARTIAL, 2, 1);
    ok(mbus_looks(HEX("E5")) && mbus_looks(HEX("10 7B 01 7C 16")) && !mbus_looks(HEX("10 7B 01 7C 16 00")));
}

/* --- records that no capture has --------------------------------------------------------------------------------- */

static struct mbus_record one(const char *text)
{
    static uint8_t memory[300];
    struct mbus_response r = { .kind = MBUS_ANSWER_VARIABLE, .body = hex(text, memory, sizeof memory) };
    struct mbus_records w = mbus_records_of(&r);
    struct mbus_record record = { 0 };
    ok(mbus_records_next(&w, &record), "a record in %s", text);
    return record;
}

static void reads(const char *text, enum mbus_quantity quantity, enum unit unit, const char *value)
{
    struct mbus_record r = one(text);
    char shown[128];
    show_value(&r, shown, sizeof shown);
    is_int(r.meaning.quantity, quantity, "quantity of %s", text);
    is_int(r.meaning.unit, unit, "unit of %s", text);
    is_text(shown, value, "value of %s", text);
}

static void breaks(const char *text)
{
    static uint8_t memory[300];
    struct mbus_response r = { .kind = MBUS_ANSWER_VARIABLE, .body = hex(text, memory, sizeof memory) };
    struct mbus_records w = mbus_records_of(&r);
    struct mbus_record record;
    while (mbus_records_next(&w, &record))
        ;
    ok(w.at.failed, "unreadable: %s", text);
}

static void test_numbers(void)
{
    reads("01 2B FF", MBUS_POWER, UNIT_WATT, "-1");
    reads("02 2B 00 80", MBUS_POWER, UNIT_WATT, "-32768");
    reads("03 13 FF FF FF", MBUS_VOLUME, UNIT_CUBIC_METRE, "-0.001");
    reads("06 03 00 00 00 00 00 80", MBUS_ENERGY, UNIT_WATT_HOUR, "-140737488355328");
    reads("07 03 FF FF FF FF FF FF FF 7F", MBUS_ENERGY, UNIT_WATT_HOUR, "9223372036854775807");
    reads("09 74 59", MBUS_ACTUALITY, UNIT_SECOND, "59");
    reads("0A 5A 34 F2", MBUS_FLOW_TEMPERATURE, UNIT_CELSIUS, "-23.4");
    reads("0A 5A 3A 02", MBUS_FLOW_TEMPERATURE, UNIT_CELSIUS, "-");
    reads("0A 5A F3 02", MBUS_FLOW_TEMPERATURE, UNIT_CELSIUS, "-");
    reads("0E 13 21 43 65 87 09 00", MBUS_VOLUME, UNIT_CUBIC_METRE, "987654.321");
    reads("05 5B 00 00 C0 7F", MBUS_FLOW_TEMPERATURE, UNIT_CELSIUS, "-");
    reads("05 3E 01 00 00 00", MBUS_VOLUME_FLOW, UNIT_CUBIC_METRE_PER_HOUR, "0");
    reads("0D 13 C3 56 34 12", MBUS_VOLUME, UNIT_CUBIC_METRE, "123.456");
    reads("0D 13 D2 34 12", MBUS_VOLUME, UNIT_CUBIC_METRE, "-1.234");
    reads("0D 13 E2 10 27", MBUS_VOLUME, UNIT_CUBIC_METRE, "10");
    reads("0D FD 0B 03 43 42 41", MBUS_PARAMETER_SET, UNIT_NONE, "ABC");
}

static void test_tables(void)
{
    reads("01 07 05", MBUS_ENERGY, UNIT_WATT_HOUR, "50000");
    reads("01 0E 05", MBUS_ENERGY, UNIT_JOULE, "5000000");
    reads("01 1B 05", MBUS_MASS, UNIT_KILOGRAM, "5");
    reads("01 37 05", MBUS_POWER, UNIT_JOULE_PER_HOUR, "50000000");
    reads("01 46 05", MBUS_VOLUME_FLOW, UNIT_CUBIC_METRE_PER_HOUR, "30");
    reads("01 48 05", MBUS_VOLUME_FLOW, UNIT_CUBIC_METRE_PER_HOUR, "0.000018");
    reads("01 69 64", MBUS_PRESSURE, UNIT_BAR, "1");
    reads("01 27 02", MBUS_OPERATING_TIME, UNIT_SECOND, "172800");
    reads("01 FB 01 05", MBUS_ENERGY, UNIT_WATT_HOUR, "5000000");
    reads("01 FB 09 05", MBUS_ENERGY, UNIT_JOULE, "5000000000");
    reads("01 FB 0D 05", MBUS_ENERGY, UNIT_JOULE, "20934000");
    reads("01 FB 19 05", MBUS_MASS, UNIT_KILOGRAM, "5000000");
    reads("01 FB 28 05", MBUS_POWER, UNIT_WATT, "500000");
    reads("01 FB 31 05", MBUS_POWER, UNIT_JOULE_PER_HOUR, "5000000000");
    reads("01 FB 79 05", MBUS_CUMULATED_MAXIMUM, UNIT_WATT, "0.05"); /* mbus.md 12: not 0.005 */
    reads("01 FB 1A 05", MBUS_HUMIDITY, UNIT_PERCENT, "0.5");
    reads("01 FD 49 05", MBUS_VOLTAGE, UNIT_VOLT, "5");
    reads("01 FD 32 02", MBUS_TARIFF_DURATION, UNIT_SECOND, "7200");
    reads("01 FD 31 02", MBUS_TARIFF_DURATION, UNIT_SECOND, "120");
    reads("01 FD 33 02", MBUS_TARIFF_DURATION, UNIT_SECOND, "172800");
    reads("01 FD 6E 02", MBUS_BATTERY_TIME, UNIT_MONTH, "2");
    reads("01 FD 74 02", MBUS_BATTERY_LEFT, UNIT_SECOND, "172800");
    reads("01 FD 28 01", MBUS_STORAGE_INTERVAL, UNIT_MONTH, "1");
    reads("01 93 74 05", MBUS_VOLUME, UNIT_CUBIC_METRE, "0.00005"); /* x 10^(4-6) */
    reads("01 93 7D 05", MBUS_VOLUME, UNIT_CUBIC_METRE, "5");       /* x 1000 */
    reads("01 93 79 05", MBUS_VOLUME, UNIT_CUBIC_METRE, "0.015");   /* + 10^(1-3) */
    reads("01 6F 05", MBUS_UNKNOWN, UNIT_OTHER, "5");
}

static void test_modifiers(void)
{
    struct mbus_record r = one("04 83 3C 01 00 00 00");
    ok(r.direction == -1 && !r.altered && mbus_record_valid(&r));
    r = one("04 FB 8D 3B 01 00 00 00");
    ok(r.direction == 1 && r.meaning.unit == UNIT_JOULE, "Mcal, forward");
    r = one("02 FD C8 FC 03 E8 08");
    ok(r.phase == 3 && !r.altered && r.value.mantissa == 2280, "voltage of L3");
    r = one("02 FD C8 FC 11 E8 08");
    ok(r.phase == 0 && r.altered, "an unlisted code of the second table");
    r = one("04 93 15 00 00 00 00");
    ok(r.error == 0x15 && !mbus_record_valid(&r), "no data available");
    r = one("02 93 39 5F 2C");
    ok(r.kind == MBUS_MOMENT && r.altered, "a start date is no volume");
    r = one("04 93 28 01 00 00 00");
    ok(r.altered, "volume per pulse is no volume");
    r = one("04 A5 FF 21 C7 D0 27 00");
    ok(r.vendor && r.meaning.quantity == MBUS_OPERATING_TIME && !r.altered, "what follows a maker's code is not read");
    r = one("8C 90 8C 01 13 00 00 00 00"); /* tariff 1 from the first DIFE, storages C << 5 and 1 << 9 */
    ok(r.tariff == 1 && r.storage == (0xCull << 5 | 1ull << 9) && r.subunit == 0);
    r = one("C4 80 40 14 00 00 00 00");
    ok(r.storage == 1 && r.subunit == 2);
}

static void test_times(void)
{
    reads("04 6D 04 0F 63 2B", MBUS_DATE_TIME, UNIT_NONE, "2019-11-03 15:04:00");
    reads("04 6D 84 0F 63 2B", MBUS_DATE_TIME, UNIT_NONE, "-");
    reads("04 6D 04 2F 63 2B", MBUS_DATE_TIME, UNIT_NONE, "2019-11-03 15:04:00"); /* century 1 = 20.. */
    reads("02 6C 1F 2C", MBUS_DATE, UNIT_NONE, "2016-12-31 00:00:00");
    reads("02 6C FF FF", MBUS_DATE, UNIT_NONE, "-");
    reads("02 6C 00 00", MBUS_DATE, UNIT_NONE, "-");
    reads("06 6D 1E 04 0F 63 2B 00", MBUS_DATE_TIME, UNIT_NONE, "2019-11-03 15:04:30");
    struct mbus_record r = one("03 6D 1E 04 0F");
    ok(r.kind == MBUS_TIME_OF_DAY && r.wall == 15 * 3600 + 4 * 60 + 30, "type J is a time of day");
    is_int(mbus_time_f(HEX("04 0F 63")), WALL_NONE);
}

static void test_bounds(void)
{
    breaks("84 80 80 80 80 80 80 80 80 80 80 00 13 00 00 00 00"); /* eleven DIFE */
    breaks("04 93 BB BB BB BB BB BB BB BB BB BB 3B 00 00 00 00"); /* eleven VIFE */
    breaks("04 13 00 00 00");
    breaks("0D 13 05 41");
    breaks("0D 13 F5 41");
    breaks("3F 01 02");
    breaks("0D 7C 08 44 49");
    breaks("04");
    breaks("CF 00 13 05");
    struct mbus_record r = one("84 80 80 80 80 80 80 80 80 80 01 13 01 00 00 00");
    ok(r.storage == 1ull << 37, "ten DIFE");
    r = one("2F 2F 7F 01 13 05");
    ok(r.value.mantissa == 5 && r.meaning.quantity == MBUS_VOLUME, "fillers are passed over");
    r = one("07 FB 0F FF FF FF FF FF FF FF 7F");
    is_int(r.kind, MBUS_INVALID, "an energy beyond 64 bits is no number");
}

/* --- answers ----------------------------------------------------------------------------------------------------- */

static struct mbus_response answer(uint8_t ci, const char *data)
{
    static uint8_t memory[300];
    struct mbus_frame f = { MBUS_LONG, 0x08, 1, ci, hex(data, memory, sizeof memory) };
    struct mbus_response r;
    mbus_response_decode(&f, &r);
    return r;
}

static void test_answers(void)
{
    struct mbus_response r = answer(0x70, "08");
    ok(r.kind == MBUS_ANSWER_ERROR && r.error == MBUS_ERROR_BUSY);
    is_int(answer(0x70, "").kind, MBUS_ANSWER_ERROR, "an error without a code");
    is_int(answer(0x76, "12 34").kind, MBUS_ANSWER_MSB_FIRST);
    is_int(answer(0x77, "12 34").kind, MBUS_ANSWER_MSB_FIRST);
    ok(*mbus_answer_text(MBUS_ANSWER_MSB_FIRST, LANG_EN), "the reason is told");
    is_int(answer(0x72, "12 34").kind, MBUS_ANSWER_SHORT);
    is_int(answer(0x99, "12 34").kind, MBUS_ANSWER_UNKNOWN_CI);
    r = answer(0x7A, "11 04 00 00 01 13 05");
    ok(r.kind == MBUS_ANSWER_VARIABLE && r.access == 0x11 && r.status == 4 && !r.identified && r.body.size == 3);
    is_int((long long)answer(0x78, "01 13 05").body.size, 3);
    r = answer(0x7A, "11 04 00 05 11 22 33");
    ok(mbus_encrypted(&r), "mode 5 is encrypted");
    r = answer(0x7A, "11 04 00 05 2F 2F 01 13 05");
    ok(!mbus_encrypted(&r), "deciphered below");
}

/* 78 56 34 12 | access 0A | BCD | units: water, litres and the same at the due date | 1234 | 567 */
static void test_fixed(void)
{
    struct mbus_response r = answer(0x73, "78 56 34 12 0A 00 E9 7E 34 12 00 00 67 05 00 00");
    ok(r.kind == MBUS_ANSWER_FIXED && r.address.id == 0x12345678 && r.address.medium == 7);
    struct mbus_records w = mbus_records_of(&r);
    struct mbus_record a, b, none;
    ok(mbus_records_next(&w, &a) && mbus_records_next(&w, &b) && !mbus_records_next(&w, &none));
    ok(a.meaning.quantity == MBUS_VOLUME && a.storage == 0 && decimal_compare(a.value, decimal_of(1234, -3)) == 0, "1.234 m³");
    ok(b.meaning.quantity == MBUS_VOLUME && b.storage == 1 && decimal_compare(b.value, decimal_of(567, -3)) == 0, "0.567 m³ at the due date");
    r = answer(0x73, "78 56 34 12 0A 01 35 00 D2 04 00 00 00 00 00 00");
    w = mbus_records_of(&r);
    ok(mbus_records_next(&w, &a) && a.meaning.quantity == MBUS_VOLUME_FLOW && decimal_compare(a.value, decimal_of(1234, 0)) == 0, "binary, m³/h");
    is_int(answer(0x73, "78 56 34 12 0A 00 E9").kind, MBUS_ANSWER_SHORT);
}

static void test_addresses(void)
{
    char text[4];
    is_text(mbus_maker_format(0x10D3, text), "DFS");
    is_int(mbus_maker_parse("DFS"), 0x10D3);
    is_int(mbus_maker_parse("dfs"), 0);
    is_text(mbus_maker_format(0x8614, text), "APT", "the top bit is no letter");
    struct mbus_address meter = { 0x12345678, 0x10D3, 2, 0x0C };
    ok(mbus_address_matches(MBUS_ANYBODY, meter));
    ok(mbus_address_matches((struct mbus_address){ 0x1F345F78, 0xFFFF, 2, 0xFF }, meter));
    ok(!mbus_address_matches((struct mbus_address){ 0x2FFFFFFF, 0xFFFF, 0xFF, 0xFF }, meter));
    ok(!mbus_address_matches((struct mbus_address){ 0xFFFFFFFF, 0x10D4, 0xFF, 0xFF }, meter));
}

static void encodes(struct writer *w, const char *want)
{
    char got[600];
    struct text t = text_over(got, sizeof got);
    text_put_hex(&t, writer_bytes(w));
    ok(bytes_equal(writer_bytes(w), HEX(want)), "encoded %s, want %s", got, want);
    w->at = w->start;
    w->failed = false;
}

static void test_requests(void)
{
    uint8_t memory[MBUS_FRAME_MAX];
    struct writer w = writer_over(memory, sizeof memory);
    mbus_put_select(&w, MBUS_ANYBODY);
    encodes(&w, "68 0B 0B 68 53 FD 52 FF FF FF FF FF FF FF FF 9A 16");
    mbus_put_application_reset(&w, 1, 0x30);
    encodes(&w, "68 04 04 68 53 01 50 30 D4 16");
    mbus_put_set_clock(&w, 1, wall_from_fields(2019, 11, 3, 15, 4, 59));
    encodes(&w, "68 09 09 68 53 01 51 04 6D 04 0F 63 2B B7 16");
    mbus_put_set_baud(&w, 1, 2400);
    encodes(&w, "68 03 03 68 53 01 BB 0F 16");
    mbus_put_request_alarm(&w, 1, true);
    encodes(&w, "10 7A 01 7B 16");
    mbus_put_set_id(&w, 1, 0x12345678);
    encodes(&w, "68 09 09 68 53 01 51 0C 79 78 56 34 12 3E 16");
    mbus_put_set_identity(&w, 1, (struct mbus_address){ 0x12345678, 0x10D3, 2, 0x0C });
    encodes(&w, "68 0D 0D 68 53 01 51 07 79 78 56 34 12 D3 10 02 0C 2A 16");
    mbus_put_select_fabrication(&w, MBUS_ANYBODY, 0x12345678);
    encodes(&w, "68 11 11 68 53 FD 52 FF FF FF FF FF FF FF FF 0C 78 78 56 34 12 32 16");
    mbus_put_set_baud(&w, 1, 1000);
    ok(w.failed && writer_bytes(&w).size == 0, "no such speed");
}

int main(void)
{
    test_vectors();
    test_find();
    test_numbers();
    test_tables();
    test_modifiers();
    test_times();
    test_bounds();
    test_answers();
    test_fixed();
    test_addresses();
    test_requests();
    return tap_done();
}
