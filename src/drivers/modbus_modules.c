/* I/O modules and measuring controllers over Modbus as tables (telemechanics.md 2.2, 3). A model is a map and a row of
 * `models`. Facts of one source or from memory carry a note; «unverified» was seen on no device and in no document. */
#include "drivers/modbus.h"

/* --- rows that many maps share ------------------------------------------------------------------------------------ */

#define END { .becomes = 0 }

/* n inputs from a mask whose lowest bit is input 1; n inputs of a bit each. */
#define INPUT_MASK(from, at, form, n) \
    { .becomes = MODBUS_STATE, .function = from, .address = at, .type = form, .order = MODBUS_CDAB, .channels = n, .first = 1, .obis = MODBUS_INPUT }
#define INPUT_BITS(from, at, n, number) \
    { .becomes = MODBUS_STATE, .function = from, .address = at, .type = MODBUS_BIT, .channels = n, .first = number, .obis = MODBUS_INPUT }
#define COUNTERS(from, at, form, byte_order, n, number) \
    { .becomes = MODBUS_READING, .archive = ARCHIVE_CURRENT, .function = from, .address = at, .type = form, .order = byte_order, .channels = n, \
      .first = number, .obis = MODBUS_PULSES }
#define TEXT_FACT(what, at, form, registers) \
    { .becomes = MODBUS_FACT, .function = MODBUS_READ_HOLDING, .address = at, .type = form, .length = registers, .fact = what }

/* --- ОВЕН x110: factory address 16, 9600 8N1; the parameter PROT must say Modbus ------------------------------------- */

/* Registers of channel n from 6n on: decimal point, integer, status, time, float (sheet: status and float). Read over from
 * one to the next, which is unverified; a module that refuses is asked piece by piece. */
static const struct modbus_row mv110_8a_rows[] = {
    { .becomes = MODBUS_HEALTH, .function = MODBUS_READ_REGISTERS, .address = 2, .type = MODBUS_U16, .channels = 8, .first = 1, .step = 6,
      .obis = MODBUS_CHANNEL_STATUS },
    { .becomes = MODBUS_READING, .archive = ARCHIVE_NETWORK, .function = MODBUS_READ_REGISTERS, .address = 4, .type = MODBUS_F32, .channels = 8,
      .first = 1, .step = 6, .obis = MODBUS_MEASURED, .measured = true },
    END };
static const struct modbus_map mv110_8a = { .rows = mv110_8a_rows, .registers_most = 32, .hole = 2 };

static const struct modbus_row mv110_16d_rows[] = {
    INPUT_MASK(MODBUS_READ_REGISTERS, 51, MODBUS_BITS16, 16), COUNTERS(MODBUS_READ_REGISTERS, 64, MODBUS_U16, MODBUS_ABCD, 16, 1), END };
static const struct modbus_map mv110_16d = { .rows = mv110_16d_rows };

static const struct modbus_row mv110_8df_rows[] = {
    INPUT_MASK(MODBUS_READ_REGISTERS, 51, MODBUS_BITS16, 8), COUNTERS(MODBUS_READ_REGISTERS, 64, MODBUS_U16, MODBUS_ABCD, 8, 1), END };
static const struct modbus_map mv110_8df = { .rows = mv110_8df_rows };

/* Outputs are read as discrete inputs and written as coils by function 15: so does the one source. */
static const struct modbus_row mu110_16r_rows[] = {
    { .becomes = MODBUS_OUTPUT, .function = MODBUS_READ_INPUTS, .address = 0, .type = MODBUS_BIT, .channels = 16, .first = 1,
      .write = MODBUS_BY_COILS, .write_address = 0 },
    END };
static const struct modbus_map mu110_16r = { .rows = mu110_16r_rows };

#define OUTPUT_MASK(at, form, n, to) \
    { .becomes = MODBUS_OUTPUT, .function = MODBUS_READ_HOLDING, .address = at, .type = form, .order = MODBUS_CDAB, .channels = n, .first = 1, \
      .write = MODBUS_BY_MASK, .write_address = to }

static const struct modbus_row mdvv_rows[] = {
    INPUT_MASK(MODBUS_READ_HOLDING, 51, MODBUS_BITS16, 12), OUTPUT_MASK(50, MODBUS_BITS16, 8, 50),
    COUNTERS(MODBUS_READ_HOLDING, 64, MODBUS_U16, MODBUS_ABCD, 12, 1), END };
static const struct modbus_map mdvv = { .rows = mdvv_rows };

/* Unverified: by analogy with МДВВ. */
static const struct modbus_row mk110_8d4r_rows[] = {
    INPUT_MASK(MODBUS_READ_HOLDING, 51, MODBUS_BITS16, 8), OUTPUT_MASK(50, MODBUS_BITS16, 4, 50),
    COUNTERS(MODBUS_READ_HOLDING, 64, MODBUS_U16, MODBUS_ABCD, 8, 1), END };
static const struct modbus_map mk110_8d4r = { .rows = mk110_8d4r_rows };

/* --- ОВЕН x210: Modbus TCP, low word first ---------------------------------------------------------------------------- */

static const struct modbus_row x210_facts[] = {
    TEXT_FACT(FACT_TYPE, 0xF000, MODBUS_TEXT, 16), TEXT_FACT(FACT_FIRMWARE, 0xF010, MODBUS_TEXT, 16), TEXT_FACT(FACT_SERIAL, 0xF084, MODBUS_TEXT, 16), END };

/* Float, then the time of its measurement; statuses apart. */
static const struct modbus_row mv210_101_rows[] = {
    { .becomes = MODBUS_HEALTH, .function = MODBUS_READ_HOLDING, .address = 0x0FE8, .type = MODBUS_U16, .channels = 8, .first = 1,
      .obis = MODBUS_CHANNEL_STATUS },
    { .becomes = MODBUS_READING, .archive = ARCHIVE_NETWORK, .function = MODBUS_READ_HOLDING, .address = 0x0FA0, .type = MODBUS_F32,
      .order = MODBUS_CDAB, .channels = 8, .first = 1, .step = 3, .obis = MODBUS_MEASURED, .measured = true },
    END };
static const struct modbus_map mv210_101 = { .rows = mv210_101_rows, .facts = x210_facts, .hole = 1 };

#define X210_INPUTS(id, form, n) \
    static const struct modbus_row id##_rows[] = { \
        INPUT_MASK(MODBUS_READ_HOLDING, 0x0033, form, n), COUNTERS(MODBUS_READ_HOLDING, 0x00A0, MODBUS_U32, MODBUS_CDAB, n, 1), END }; \
    static const struct modbus_map id = { .rows = id##_rows, .facts = x210_facts }
X210_INPUTS(mv210_202, MODBUS_BITS32, 20);
X210_INPUTS(mv210_212, MODBUS_BITS32, 32);

static const struct modbus_row mk210_301_rows[] = {
    INPUT_MASK(MODBUS_READ_HOLDING, 0x0033, MODBUS_BITS16, 6), OUTPUT_MASK(0x01D4, MODBUS_BITS16, 8, 0x01D6),
    COUNTERS(MODBUS_READ_HOLDING, 0x00A0, MODBUS_U32, MODBUS_CDAB, 6, 1), END };
static const struct modbus_map mk210_301 = { .rows = mk210_301_rows, .facts = x210_facts };

#define X210_OUTPUTS(id, form, n) \
    static const struct modbus_row id##_rows[] = { OUTPUT_MASK(0x01D4, form, n, 0x01D6), END }; \
    static const struct modbus_map id = { .rows = id##_rows, .facts = x210_facts }
X210_OUTPUTS(mu210_401, MODBUS_BITS16, 8);
X210_OUTPUTS(mu210_402, MODBUS_BITS16, 16);
X210_OUTPUTS(mu210_403, MODBUS_BITS32, 24);

/* --- ОВЕН ТРМ200 -------------------------------------------------------------------------------------------------------- */

static const struct modbus_row trm200_rows[] = {
    { .becomes = MODBUS_STATE, .function = MODBUS_READ_HOLDING, .address = 0x0000, .type = MODBUS_U16, .obis = MODBUS_CHANNEL_STATUS },
    { .becomes = MODBUS_READING, .archive = ARCHIVE_NETWORK, .function = MODBUS_READ_HOLDING, .address = 0x1009, .type = MODBUS_F32, .channels = 2,
      .first = 1, .obis = MODBUS_MEASURED, .measured = true },
    END };
static const struct modbus_row trm200_facts[] = {
    TEXT_FACT(FACT_TYPE, 0x1000, MODBUS_TEXT, 4), TEXT_FACT(FACT_FIRMWARE, 0x1004, MODBUS_TEXT, 4), END };
static const struct modbus_map trm200 = { .rows = trm200_rows, .facts = trm200_facts };

/* --- Wiren Board: factory 9600 8N2, the address is on the case ------------------------------------------------------------ */

/* Older firmware has six characters of the model, newer twenty. */
static const struct modbus_row wb_facts[] = {
    TEXT_FACT(FACT_TYPE, 200, MODBUS_TEXT_WIDE, 20), TEXT_FACT(FACT_TYPE, 200, MODBUS_TEXT_WIDE, 6), TEXT_FACT(FACT_FIRMWARE, 250, MODBUS_TEXT_WIDE, 16),
    { .becomes = MODBUS_FACT, .function = MODBUS_READ_HOLDING, .address = 270, .type = MODBUS_U32, .fact = FACT_SERIAL }, END };

#define WB_SUPPLY \
    { .becomes = MODBUS_READING, .archive = ARCHIVE_NETWORK, .function = MODBUS_READ_REGISTERS, .address = 121, .type = MODBUS_U16, \
      .obis = MODBUS_SUPPLY, .scale = { 1, -3 } }
/* In 1/65536 of a hertz. */
#define WB_FREQUENCY(at, n, number) \
    { .becomes = MODBUS_READING, .archive = ARCHIVE_NETWORK, .function = MODBUS_READ_REGISTERS, .address = at, .type = MODBUS_U32, .channels = n, \
      .first = number, .obis = MODBUS_FREQUENCY, .scale = { 10000, -4 }, .over = 65536 }
#define WB_RELAYS(n) \
    { .becomes = MODBUS_OUTPUT, .function = MODBUS_READ_COILS, .address = 0, .type = MODBUS_BIT, .channels = n, .first = 1, .write = MODBUS_BY_COIL, \
      .write_address = 0 }
/* n relays and inputs 1..n; input 0 lies apart. */
#define WB_MR(n) \
    WB_RELAYS(n), INPUT_BITS(MODBUS_READ_INPUTS, 0, n, 1), INPUT_BITS(MODBUS_READ_INPUTS, 7, 1, 0), \
    COUNTERS(MODBUS_READ_REGISTERS, 32, MODBUS_U16, MODBUS_ABCD, n, 1), COUNTERS(MODBUS_READ_REGISTERS, 39, MODBUS_U16, MODBUS_ABCD, 1, 0), \
    WB_FREQUENCY(40, n, 1), WB_FREQUENCY(54, 1, 0), WB_SUPPLY

static const struct modbus_row wb_mr3_rows[] = { WB_MR(3), END };
static const struct modbus_map wb_mr3 = { .rows = wb_mr3_rows, .facts = wb_facts, .signatures = { "WBMR3", "MRWL3" } };
static const struct modbus_map wb_mr3lv = { .rows = wb_mr3_rows, .facts = wb_facts }; /* what it calls itself is not known */

static const struct modbus_row wb_mr6c_rows[] = { WB_MR(6), END };
static const struct modbus_map wb_mr6c = { .rows = wb_mr6c_rows, .facts = wb_facts, .signatures = { "WBMR6", "WB-MR6C" } };

static const struct modbus_row wb_mcm8_rows[] = {
    INPUT_BITS(MODBUS_READ_INPUTS, 0, 8, 1), COUNTERS(MODBUS_READ_REGISTERS, 60, MODBUS_U32, MODBUS_ABCD, 8, 1), WB_FREQUENCY(40, 8, 1), WB_SUPPLY, END };
static const struct modbus_map wb_mcm8 = { .rows = wb_mcm8_rows, .facts = wb_facts, .signatures = { "WBMCM8", "WB-MCM8" } };

/* Steps of 1/16 °C; 7FFFh: no sensor. Input 1 and 2 are sensors or contacts by set-up (275, 276). */
#define WB_TEMPERATURE(at, n, number) \
    { .becomes = MODBUS_READING, .archive = ARCHIVE_NETWORK, .function = MODBUS_READ_REGISTERS, .address = at, .type = MODBUS_S16, .channels = n, \
      .first = number, .obis = MODBUS_TEMPERATURE, .scale = { 625, -4 }, .absent = 0x7FFF }
static const struct modbus_row wb_m1w2_rows[] = {
    WB_TEMPERATURE(6, 1, 0), WB_TEMPERATURE(7, 2, 1), INPUT_BITS(MODBUS_READ_INPUTS, 0, 2, 1),
    COUNTERS(MODBUS_READ_REGISTERS, 277, MODBUS_U16, MODBUS_ABCD, 2, 1), WB_SUPPLY, END };
static const struct modbus_map wb_m1w2 = { .rows = wb_m1w2_rows, .facts = wb_facts, .signatures = { "WBM1W2", "WB-M1W2" } };

/* Behind WB-MIO, whose facts are the converter's own: the n-th module lies at 1000 n, its ports must be made inputs. */
static const struct modbus_row wbio_di_wd_14_rows[] = {
    INPUT_BITS(MODBUS_READ_COILS, 0, 14, 1), COUNTERS(MODBUS_READ_HOLDING, 250, MODBUS_U16, MODBUS_ABCD, 14, 1), END };
static const struct modbus_setup wbio_di_setup[] = {
    { 10000, 0xFFFF }, { 10001, 0x0000 }, { 10002, 0xFFFF }, { 10003, 0x0000 }, { 10004, 0x0000 }, { 10005, 0x4444 }, { 0, 0 } };
static const struct modbus_map wbio_di_wd_14 = {
    .rows = wbio_di_wd_14_rows, .facts = wb_facts, .signatures = { "WBMIO", "WB-MIO" }, .stride = 1000, .setup = wbio_di_setup, .setup_done = { 9999, 1 } };

/* --- models -------------------------------------------------------------------------------------------------------------- */

/* Words of the parameter, in the order of the models. */
static const char *const model_words[] = {
    "mv110-8a", "mv110-16d", "mv110-8df", "mu110-16r", "mdvv", "mk110-8d4r", "trm200",
    "mv210-101", "mv210-202", "mv210-212", "mk210-301", "mu210-401", "mu210-402", "mu210-403",
    "wb-mr3", "wb-mr3lv", "wb-mr6c", "wb-mcm8", "wb-m1w2", "wbio-di-wd-14", NULL,
};

static const struct model models[] = {
    { .name = "ОВЕН МВ110-8А", .maker = "ОВЕН", .quirks = &mv110_8a },
    { .name = "ОВЕН МВ110-16Д, 16ДН", .maker = "ОВЕН", .quirks = &mv110_16d },
    { .name = "ОВЕН МВ110-8ДФ", .maker = "ОВЕН", .quirks = &mv110_8df },
    { .name = "ОВЕН МУ110-16Р", .maker = "ОВЕН", .quirks = &mu110_16r },
    { .name = "ОВЕН МДВВ", .maker = "ОВЕН", .quirks = &mdvv },
    { .name = "ОВЕН МК110-8Д.4Р", .maker = "ОВЕН", .note = "unverified: as МДВВ", .quirks = &mk110_8d4r },
    { .name = "ОВЕН ТРМ200", .maker = "ОВЕН", .quirks = &trm200 },
    { .name = "ОВЕН МВ210-101", .maker = "ОВЕН", .quirks = &mv210_101 },
    { .name = "ОВЕН МВ210-202", .maker = "ОВЕН", .quirks = &mv210_202 },
    { .name = "ОВЕН МВ210-212", .maker = "ОВЕН", .quirks = &mv210_212 },
    { .name = "ОВЕН МК210-301", .maker = "ОВЕН", .quirks = &mk210_301 },
    { .name = "ОВЕН МУ210-401", .maker = "ОВЕН", .quirks = &mu210_401 },
    { .name = "ОВЕН МУ210-402", .maker = "ОВЕН", .quirks = &mu210_402 },
    { .name = "ОВЕН МУ210-403", .maker = "ОВЕН", .quirks = &mu210_403 },
    { .name = "Wiren Board WB-MR3", .maker = "Wiren Board", .quirks = &wb_mr3 },
    { .name = "Wiren Board WB-MR3LV", .maker = "Wiren Board", .quirks = &wb_mr3lv },
    { .name = "Wiren Board WB-MR6C", .maker = "Wiren Board", .quirks = &wb_mr6c },
    { .name = "Wiren Board WB-MCM8", .maker = "Wiren Board", .quirks = &wb_mcm8 },
    { .name = "Wiren Board WB-M1W2", .maker = "Wiren Board", .quirks = &wb_m1w2 },
    { .name = "Wiren Board WBIO-DI-WD-14", .maker = "Wiren Board", .note = "behind WB-MIO", .quirks = &wbio_di_wd_14 },
    { .name = NULL },
};
_Static_assert(sizeof models / sizeof *models == sizeof model_words / sizeof *model_words, "a word for each model");

MODBUS_CALLS(models);

static const char *const measures[] = { "temperature", "other", NULL };
static const char *const standing_alone[] = {
    "mv110-8a", "mv110-16d", "mv110-8df", "mu110-16r", "mdvv", "mk110-8d4r", "trm200", "mv210-101", "mv210-202", "mv210-212", "mk210-301",
    "mu210-401", "mu210-402", "mu210-403", "wb-mr3", "wb-mr3lv", "wb-mr6c", "wb-mcm8", "wb-m1w2", NULL };
static const char *const not_analog[] = {
    "mv110-16d", "mv110-8df", "mu110-16r", "mdvv", "mk110-8d4r", "mv210-202", "mv210-212", "mk210-301", "mu210-401", "mu210-402", "mu210-403",
    "wb-mr3", "wb-mr3lv", "wb-mr6c", "wb-mcm8", "wb-m1w2", "wbio-di-wd-14", NULL };

/* Where counters have 16 bits or none. */
static const char *const not_counting[] = {
    "mv110-8a", "mv110-16d", "mv110-8df", "mu110-16r", "mdvv", "mk110-8d4r", "trm200", "mv210-101", "mu210-401", "mu210-402", "mu210-403",
    "wb-mr3", "wb-mr3lv", "wb-mr6c", "wb-m1w2", "wbio-di-wd-14", NULL };

static const struct parameter parameters[] = {
    { .name = "address", .kind = PARAMETER_NUMBER, PARAMETER(modbus_settings, address), .preset = "16", .least = 1, .most = 255, .address = true,
      .part = PART_ADDRESS, .title = { { "Сетевой адрес", "Unit address" } },
      .help = { { "ОВЕН: заводской 16; Wiren Board: на корпусе", "OWEN: 16 from the factory; Wiren Board: on the case" } } },
    { .name = "model", .kind = PARAMETER_CHOICE, PARAMETER(modbus_settings, model), .preset = "mv110-16d", .choices = model_words, .part = PART_MAIN,
      .title = { { "Модель", "Model" } }, .help = { { "чьи регистры читать", "whose registers to read" } } },
    MODBUS_FRAMING_PARAMETER,
    { .name = "measures", .kind = PARAMETER_CHOICE, PARAMETER(modbus_settings, measures), .preset = "temperature", .choices = measures,
      .part = PART_MAIN, .when = "model", .when_not = not_analog,
      .title = { { "Что измеряется", "What is measured" } },
      .help = { { "аналоговыми входами: температура или иное", "by analog inputs: temperature or something else" } } },
    { .name = "position", .kind = PARAMETER_NUMBER, PARAMETER(modbus_settings, position), .preset = "1", .least = 1, .most = 4, .part = PART_ADDRESS,
      .when = "model", .when_not = standing_alone, .title = { { "Место модуля", "Module position" } },
      .help = { { "считая от WB-MIO", "counted from the WB-MIO" } } },
    { .name = "pulses", .kind = PARAMETER_TEXT, PARAMETER(modbus_settings, pulses), .preset = "", .part = PART_MAIN, .when = "model", .when_not = not_counting,
      .title = { { "Цена импульсов", "Worth of pulses" } },
      .help = { { "1:cold:0.01:125.3,2:heat:1 — вход, что считает (cold, hot, gas: м³; heat, electricity: кВт·ч), цена импульса, начальное показание",
                  "1:cold:0.01:125.3,2:heat:1: input, what it counts (cold, hot, gas: m³; heat, electricity: kWh), worth of a pulse, initial reading" } } },
    { .name = NULL },
};

/* --- rules ------------------------------------------------------------------------------------------------------------------ */

/* Inputs whose counters are wide enough to be worth something. */
static int wide_counters(const struct modbus_map *map)
{
    for (const struct modbus_row *row = map->rows; row->becomes; row++)
        if (obis_equal(row->obis, MODBUS_PULSES) && modbus_type_registers(row->type) > 1)
            return row->channels;
    return 0;
}

static bool modules_rules(const char *text, const void *settings, bool whole, enum lang lang, const char **ret_name, struct text *problem)
{
    static const struct phrase narrow = { { "счётчики этой модели 16-битные или их нет: цена импульсов не применима",
                                            "this model has no counters or counters of 16 bits: pulses cannot be worth anything" } };
    static const struct phrase odd = { { "непонятно, повторяется или нет такого входа: ", "not understood, repeated, or no such input: " } };
    const struct modbus_settings *s = settings;
    char word[64];
    struct text wrong = text_over(word, sizeof word);
    (void)text, (void)whole;
    *ret_name = "pulses";
    int channels = wide_counters(models[s->model].quirks);
    if (s->pulses[0] && channels == 0)
        text_put(problem, phrase_in(&narrow, lang));
    else if (!modbus_pulses_valid(s->pulses, channels, &wrong))
        text_printf(problem, "%s%s", phrase_in(&odd, lang), word);
    else
        return true;
    return false;
}

/* --- the driver ------------------------------------------------------------------------------------------------------------ */

static void modules_relay_read(struct conversation *c, int number, int64_t now, struct sink *out)
{
    modbus_relay_read(c, modbus_driver_map(c), number, now, out);
}

static void modules_relay_operate(struct conversation *c, int number, enum relay_action action)
{
    modbus_relay_operate(c, modbus_driver_map(c), number, action);
}

/* Who answers is asked for what a Wiren Board, and then what an ОВЕН would say of itself; an exception is an answer too. */
static void modules_scan(struct conversation *c, struct scan *scan)
{
    static const struct modbus_row *const facts[] = { wb_facts, trm200_facts, x210_facts };
    int from = scan->from < 1 ? 1 : scan->from, to = scan->to < 1 || scan->to > 247 ? 247 : scan->to;
    for (int address = from; address <= to && scan->progress(scan, address - from, to - from + 1); address++) {
        char type[MODBUS_TEXT_MAX] = "", serial[MODBUS_TEXT_MAX] = "", words[64];
        bool here = modbus_probe(c, facts[0], (uint8_t)address, type, serial);
        for (size_t i = 1; here && !type[0] && i < sizeof facts / sizeof *facts; i++)
            modbus_probe(c, facts[i], (uint8_t)address, type, serial);
        if (!here)
            continue;
        struct text t = text_over(words, sizeof words);
        text_printf(&t, "address=%d", address);
        size_t model = 0;
        while (models[model].name && !modbus_signed(models[model].quirks, type))
            model++;
        if (models[model].name)
            text_printf(&t, ";model=%s", model_words[model]);
        scan->found(scan, words, serial, type);
    }
}

DRIVER(modbus) = {
    .name = "modbus",
    .title = { { "Модули ввода-вывода Modbus RTU/TCP", "Modbus RTU/TCP I/O modules" } },
    .sheet = "telemechanics.md 1..3",
    .resource = RESOURCE_MIXED,
    .line = { 9600, 8, 'N', 1 },
    .timing = { .frame_gap = 39 }, /* 3.5 characters of 11 bits; above 19200 1.75 ms, less than the least gap */
    .models = models,
    .parameters = parameters,
    .rules = modules_rules,
    .settings_size = sizeof(struct modbus_settings),
    .state_size = sizeof(struct modbus_state),
    .open = modbus_driver_open,
    .close = modbus_driver_close,
    .identify = modbus_driver_identify,
    .read = { [ARCHIVE_CURRENT] = modbus_driver_current, [ARCHIVE_NETWORK] = modbus_driver_network, [ARCHIVE_STATE] = modbus_driver_states },
    .relay = { modules_relay_read, modules_relay_operate, 32 },
    .scan = modules_scan,
    .looks = modbus_looks,
    .explain = modbus_driver_explain,
};
