/* Heat and flow meters whose current values are plain Modbus registers, as tables (heat-modbus.md 4, 6, 8.2, 10). Their archives are
 * services of each maker's own: those of ТСРВ-043 and -024М are read (modbus_archive.c), the others are not. */
#include "drivers/modbus.h"

#define END { .becomes = 0 }

/* Numbers of documents begin with 1: 1 of the Danfoss map is address 0; 332773 of Взлёт is input register 32772. */
#define AT(number) ((number) - 1)
#define INPUT_NUMBER(number) ((number) - 300001)

#define HEAT(c) OBIS(6, 0, c, 0, 0, 255)
#define COOLING(c) OBIS(5, 0, c, 0, 0, 255)

#define CURRENT(at, form, code, ...) \
    { .becomes = MODBUS_READING, .archive = ARCHIVE_CURRENT, .function = MODBUS_READ_REGISTERS, .address = at, .type = form, .obis = code, __VA_ARGS__ }
#define NETWORK(at, code, ...) \
    { .becomes = MODBUS_READING, .archive = ARCHIVE_NETWORK, .function = MODBUS_READ_REGISTERS, .address = at, .type = MODBUS_F32, .obis = code, __VA_ARGS__ }

/* --- Danfoss SonoSelect, SonoSafe: the module ML-DHM-RS485 -------------------------------------------------------------- */

/* Volumes in 10⁻¹² m³, energies in joules; a value must be read whole. The tests play its captured answers. */
static const struct modbus_row dhm_rows[] = {
    CURRENT(AT(1), MODBUS_S64, HEAT(2), .scale = { 1, -12 }),
    CURRENT(AT(5), MODBUS_S64, COOLING(2), .scale = { 1, -12 }),
    CURRENT(AT(9), MODBUS_S64, HEAT(1), .unit = UNIT_JOULE),
    CURRENT(AT(13), MODBUS_S64, COOLING(1), .unit = UNIT_JOULE),
    CURRENT(AT(31), MODBUS_U64, MODBUS_PULSES, .channels = 4, .first = 1),
    NETWORK(AT(17), HEAT(8)),
    NETWORK(AT(19), HEAT(9), .scale = { 3600, 0 }), /* m³/s */
    NETWORK(AT(21), HEAT(10)),
    NETWORK(AT(23), HEAT(11)),
    NETWORK(AT(27), MODBUS_TEMPERATURE), /* of the case */
    NETWORK(AT(29), HEAT(12)),
    { .becomes = MODBUS_STATE, .function = MODBUS_READ_REGISTERS, .address = AT(51), .type = MODBUS_U32, .obis = OBIS(0, 0, 97, 97, 1, 255) },
    END };

#define DHM_TEXT(what, number, registers) \
    { .becomes = MODBUS_FACT, .function = MODBUS_READ_REGISTERS, .address = AT(number), .type = MODBUS_TEXT, .length = registers, .fact = what }
static const struct modbus_row dhm_facts[] = { DHM_TEXT(FACT_TYPE, 53, 16), DHM_TEXT(FACT_SERIAL, 69, 16), DHM_TEXT(FACT_FIRMWARE, 85, 8), END };
static const struct modbus_map dhm = { .rows = dhm_rows, .facts = dhm_facts, .registers_most = 46 }; /* as the captured requests */

/* --- Взлёт ТСРВ-043 ------------------------------------------------------------------------------------------------------ */

/* Litres, kilograms and megajoules whole, then their fraction; six pipes, four heat systems. */
static const struct modbus_row tsrv043_rows[] = {
    CURRENT(INPUT_NUMBER(332773), MODBUS_U32, HEAT(2), .fraction = 2, .channels = 6, .first = 1, .scale = { 1, -3 }),
    CURRENT(INPUT_NUMBER(332797), MODBUS_U32, HEAT(3), .fraction = 2, .channels = 6, .first = 1),
    CURRENT(INPUT_NUMBER(332837), MODBUS_U32, HEAT(1), .fraction = 2, .channels = 4, .first = 1, .scale = { 1, 6 }, .unit = UNIT_JOULE),
    NETWORK(INPUT_NUMBER(349173), MODBUS_TEMPERATURE, .channels = 5, .first = 1),
    NETWORK(INPUT_NUMBER(349211), HEAT(13), .channels = 4, .first = 1, .scale = { 10, 0 }), /* MPa */
    NETWORK(INPUT_NUMBER(349271), HEAT(9), .channels = 6, .first = 1),
    NETWORK(INPUT_NUMBER(349303), HEAT(8), .channels = 4, .first = 1, .scale = { 1, 9 }, .unit = UNIT_JOULE_PER_HOUR), /* GJ/h */
    END };
static const struct modbus_row vzlet_facts[] = {
    { .becomes = MODBUS_FACT, .function = MODBUS_READ_HOLDING, .address = 0x8000, .type = MODBUS_U32, .fact = FACT_SERIAL }, END };

/* Running totals at the end of the interval; litres, kilograms, megajoules. Means of temperature and pressure stand beside them and
 * are of no moment. The record of a day is of the hour that register 400151 says: one that does not end at midnight is none here. */
static const struct modbus_archive_row tsrv043_record[] = {
    { 6, MODBUS_U32, 0, OBIS(0, 0, 96, 8, 0, 255), { 1, 0 }, UNIT_SECOND, 0, false },
    { 10, MODBUS_U32, 6, HEAT(2), { 1, -3 }, UNIT_CUBIC_METRE, 0, false },
    { 34, MODBUS_U32, 6, HEAT(3), { 1, 0 }, UNIT_KILOGRAM, 0, false },
    { 74, MODBUS_S32, 4, HEAT(1), { 1, 6 }, UNIT_JOULE, 0, false },
    { .scale = { 0, 0 } } };
static const struct modbus_archive tsrv043_archives[] = {
    { ARCHIVE_HOUR, 0, 149, 141, tsrv043_record }, { ARCHIVE_DAY, 1, 178, 170, tsrv043_record }, { ARCHIVE_MONTH, 2, 178, 170, tsrv043_record },
    { .size = 0 } };
static const struct modbus_map tsrv043 = { .rows = tsrv043_rows, .facts = vzlet_facts, .archives = tsrv043_archives };

/* --- Взлёт ТСРВ-024М ------------------------------------------------------------------------------------------------------- */

#define GIGACALORIE { 41868, 5 } /* J */

/* Temperatures, flows and pressures by sensor, powers by heat system; of one source. Mass flows have no code. */
#define SYSTEM_POWER(n, at) NETWORK(at, OBIS(6, n, 8, 0, 0, 255), .scale = GIGACALORIE, .unit = UNIT_JOULE_PER_HOUR)
static const struct modbus_row tsrv024m_rows[] = {
    NETWORK(0xC048, MODBUS_TEMPERATURE, .channels = 9, .first = 1),
    NETWORK(0xC05A, HEAT(9), .channels = 9, .first = 1),
    NETWORK(0xC03C, HEAT(13), .channels = 6, .first = 1, .scale = { 10, 0 }), /* MPa */
    SYSTEM_POWER(1, 0xC6AC), SYSTEM_POWER(2, 0xC6B2), SYSTEM_POWER(3, 0xC6B8),
    END };

/* The archive of running totals (18 to 20), whole and fraction: gigacalories and tonnes of the three heat systems, then the heat of
 * their hot water, here of channels 4 to 6. Archives 0 to 8 tell what an interval used, which is no register; units without М have
 * those alone. The time is the interval's last second. */
static const struct modbus_archive_row tsrv024m_record[] = {
    { 4, MODBUS_S32, 3, HEAT(1), GIGACALORIE, UNIT_JOULE, 0, true },
    { 28, MODBUS_S32, 3, HEAT(3), { 1, 3 }, UNIT_KILOGRAM, 0, true },
    { 52, MODBUS_S32, 3, HEAT(1), GIGACALORIE, UNIT_JOULE, 3, true },
    { .scale = { 0, 0 } } };
static const struct modbus_archive tsrv024m_archives[] = {
    { ARCHIVE_HOUR, 18, 78, 0, tsrv024m_record }, { ARCHIVE_DAY, 19, 78, 0, tsrv024m_record }, { ARCHIVE_MONTH, 20, 78, 0, tsrv024m_record }, { .size = 0 } };
static const struct modbus_map tsrv024m = { .rows = tsrv024m_rows, .facts = vzlet_facts, .archives = tsrv024m_archives };

/* --- Взлёт МР (УРСВ-5хх) --------------------------------------------------------------------------------------------------- */

static const struct modbus_row vzlet_mr_rows[] = { NETWORK(0xC1A8, HEAT(9), .channels = 4, .first = 1), END };
static const struct modbus_map vzlet_mr = { .rows = vzlet_mr_rows, .facts = vzlet_facts }; /* the serial number's place is the family's: unverified */

/* --- Магика АТ2200 through the maker's Modbus gateway ------------------------------------------------------------------- */

/* What is not measured stands there as 0. Tonnes, gigacalories (4.1868 GJ), hours; mass flows have no code, the atmosphere of the
 * pressures is not said. */
static const struct modbus_row at2200_rows[] = {
    CURRENT(AT(401), MODBUS_F32, HEAT(3), .channels = 10, .first = 1, .scale = { 1, 3 }),
    CURRENT(AT(421), MODBUS_F32, HEAT(1), .channels = 4, .first = 1, .scale = GIGACALORIE, .unit = UNIT_JOULE),
    CURRENT(AT(431), MODBUS_F32, OBIS(0, 0, 96, 8, 0, 255), .scale = { 3600, 0 }),
    NETWORK(AT(101), HEAT(9), .channels = 10, .first = 1),
    NETWORK(AT(141), MODBUS_TEMPERATURE, .channels = 10, .first = 1),
    NETWORK(AT(161), HEAT(8), .channels = 4, .first = 1, .scale = GIGACALORIE, .unit = UNIT_JOULE_PER_HOUR),
    END };
static const struct modbus_row at2200_facts[] = {
    { .becomes = MODBUS_FACT, .function = MODBUS_READ_REGISTERS, .address = AT(1), .type = MODBUS_TEXT, .length = 4, .fact = FACT_SERIAL }, END };
static const struct modbus_map at2200 = { .rows = at2200_rows, .facts = at2200_facts };

/* --- ТЭСС УРЖ2КМ ------------------------------------------------------------------------------------------------------------ */

/* One source, not the maker. Low word first. */
static const struct modbus_row urzh2km_rows[] = {
    { .becomes = MODBUS_READING, .archive = ARCHIVE_NETWORK, .function = MODBUS_READ_HOLDING, .address = 0x0000, .type = MODBUS_F32, .order = MODBUS_CDAB,
      .channels = 4, .first = 1, .obis = HEAT(9) },
    { .becomes = MODBUS_READING, .archive = ARCHIVE_CURRENT, .function = MODBUS_READ_HOLDING, .address = 0x0036, .type = MODBUS_F32, .order = MODBUS_CDAB,
      .channels = 4, .first = 1, .obis = HEAT(2) },
    END };
static const struct modbus_map urzh2km = { .rows = urzh2km_rows };

/* --- models ------------------------------------------------------------------------------------------------------------------ */

/* Words of the parameter, in the order of the models. */
static const char *const model_words[] = { "dhm", "rut-01", "tsrv-043", "vzlet-mr", "at2200", "urzh2km", "tsrv-024m", NULL };

static const struct model models[] = {
    { .name = "Danfoss SonoSelect, SonoSafe (RS-485)", .maker = "Danfoss", .note = "address 248 from the factory", .quirks = &dhm },
    { .name = "Ридан РУТ-01 (RS-485)", .maker = "Ридан", .note = "unverified: as Danfoss; 2400 baud, address 248 from the factory", .quirks = &dhm },
    { .name = "Взлёт ТСРВ-043", .maker = "Взлёт", .quirks = &tsrv043 },
    { .name = "Взлёт МР (УРСВ-5хх)", .maker = "Взлёт", .note = "flows only", .quirks = &vzlet_mr },
    { .name = "Магика АТ2200 (шлюз Modbus)", .maker = "Магика", .note = "19200 baud", .quirks = &at2200 },
    { .name = "ТЭСС УРЖ2КМ", .maker = "ТЭСС", .note = "flows and volumes only", .quirks = &urzh2km },
    { .name = "Взлёт ТСРВ-024М", .maker = "Взлёт", .note = "unverified on a meter; totals by archive only", .quirks = &tsrv024m },
    { .name = NULL },
};
_Static_assert(sizeof models / sizeof *models == sizeof model_words / sizeof *model_words, "a word for each model");

MODBUS_CALLS(models);

static void heat_archive(struct conversation *c, const struct want *w, struct sink *out)
{
    modbus_archive_read(c, modbus_driver_map(c), w, out);
}

static const struct parameter parameters[] = {
    { .name = "address", .kind = PARAMETER_NUMBER, PARAMETER(modbus_settings, address), .preset = "1", .least = 1, .most = 255, .address = true,
      .part = PART_ADDRESS, .title = { { "Сетевой адрес", "Unit address" } },
      .help = { { "заводской: Взлёт, Магика, ТЭСС 1; Danfoss, Ридан 248", "from the factory: Vzlet, Magika, TESS 1; Danfoss, Ridan 248" } } },
    { .name = "model", .kind = PARAMETER_CHOICE, PARAMETER(modbus_settings, model), .preset = "tsrv-043", .choices = model_words, .part = PART_MAIN,
      .title = { { "Модель", "Model" } }, .help = { { "чьи регистры читать", "whose registers to read" } } },
    MODBUS_FRAMING_PARAMETER,
    { .name = NULL },
};

DRIVER(modbus_heat) = {
    .name = "modbus_heat",
    .title = { { "Теплосчётчики и расходомеры Modbus", "Modbus heat and flow meters" } },
    .sheet = "heat-modbus.md 4, 6, 8.2, 10",
    .resource = RESOURCE_HEAT,
    .line = { 9600, 8, 'N', 1 },
    .timing = { .frame_gap = 39 },
    .models = models,
    .parameters = parameters,
    .settings_size = sizeof(struct modbus_settings),
    .state_size = sizeof(struct modbus_state),
    .open = modbus_driver_open,
    .close = modbus_driver_close,
    .identify = modbus_driver_identify,
    .read = { [ARCHIVE_CURRENT] = modbus_driver_current, [ARCHIVE_NETWORK] = modbus_driver_network, [ARCHIVE_STATE] = modbus_driver_states,
              [ARCHIVE_HOUR] = heat_archive, [ARCHIVE_DAY] = heat_archive, [ARCHIVE_MONTH] = heat_archive },
    .looks = NULL, /* modbus_modules.c knows the frames */
    .explain = modbus_driver_explain,
};
