/* The tables of СПОДЭС; see spodes_model.h. */
#include "drivers/spodes_model.h"

const struct spodes_identity spodes_identity[] = { /* the serial number first: spodes_who */
    { OBIS(0, 0, 96, 1, 0, 255), FACT_SERIAL },
    { OBIS(0, 0, 96, 1, 1, 255), FACT_TYPE },
    { OBIS(0, 0, 96, 1, 3, 255), FACT_MAKER },
    { OBIS(0, 0, 96, 1, 2, 255), FACT_FIRMWARE },
    { OBIS(0, 0, 96, 1, 4, 255), FACT_PRODUCED },
    { OBIS(0, 0, 96, 1, 6, 255), FACT_PROTOCOL_VERSION },
    { OBIS(0, 0, 42, 0, 0, 255), FACT_LOGICAL_NAME },
    { OBIS(1, 0, 0, 4, 2, 255), FACT_RATIO_CURRENT },
    { OBIS(1, 0, 0, 4, 3, 255), FACT_RATIO_VOLTAGE },
};
const size_t spodes_identity_count = sizeof spodes_identity / sizeof *spodes_identity;
_Static_assert(sizeof spodes_identity / sizeof *spodes_identity <= SPODES_IDENTITY_MAX, "identity");

#define INSTANT(c) OBIS(1, 0, c, 7, 0, 255)
#define ANGLE(e) OBIS(1, 0, 81, 7, e, 255)

const struct obis spodes_network[] = {
    INSTANT(12), INSTANT(32), INSTANT(52), INSTANT(72), INSTANT(11), INSTANT(31), INSTANT(51), INSTANT(71),
    INSTANT(1), INSTANT(21), INSTANT(41), INSTANT(61), INSTANT(3), INSTANT(23), INSTANT(43), INSTANT(63),
    INSTANT(9), INSTANT(29), INSTANT(49), INSTANT(69), INSTANT(13), INSTANT(33), INSTANT(53), INSTANT(73),
    INSTANT(14), INSTANT(91), OBIS(1, 0, 91, 7, 131, 255), OBIS(1, 0, 12, 7, 1, 255), OBIS(1, 0, 12, 7, 2, 255),
    OBIS(1, 0, 12, 7, 3, 255), ANGLE(10), ANGLE(21), ANGLE(2), ANGLE(4), ANGLE(15), ANGLE(26), INSTANT(131),
    OBIS(0, 0, 96, 9, 0, 255), OBIS(0, 0, 96, 8, 0, 255),
};
const size_t spodes_network_count = sizeof spodes_network / sizeof *spodes_network;
_Static_assert(sizeof spodes_network / sizeof *spodes_network <= SPODES_NETWORK_MAX, "network");

const struct spodes_profile spodes_load_profile = { OBIS(1, 0, 99, 1, 0, 255), OBIS(1, 0, 94, 7, 4, 255), ARCHIVE_PROFILE, 0, true };
const struct spodes_profile spodes_day_profile = { OBIS(1, 0, 98, 2, 0, 255), OBIS(1, 0, 94, 7, 2, 255), ARCHIVE_DAY, 1, false };
const struct spodes_profile spodes_month_profile = { OBIS(1, 0, 98, 1, 0, 255), OBIS(1, 0, 94, 7, 1, 255), ARCHIVE_MONTH, 2, false };

#define RELAY OBIS(0, 0, 96, 3, 10, 255)

const struct spodes_state_row spodes_states[] = {
    { 70, RELAY, 2, RELAY },                                             /* output: 1 connected */
    { 70, RELAY, 3, OBIS(0, 0, 96, 3, 10, 3) },                          /* control state: 0 off, 1 on, 2 ready */
    { 70, RELAY, 4, OBIS(0, 0, 96, 3, 10, 4) },                          /* control mode 0..6, 129..134 */
    { 1, OBIS(0, 0, 96, 4, 3, 255), 2, OBIS(0, 0, 96, 4, 3, 255) },      /* lock of the relay's position; one source */
    { 1, OBIS(0, 0, 97, 98, 0, 255), 2, OBIS(0, 0, 97, 98, 0, 255) },    /* causes of notifications */
    { 1, OBIS(0, 0, 96, 51, 0, 255), 2, OBIS(0, 0, 96, 51, 0, 255) },    /* case; 2021 and later, one source */
    { 1, OBIS(0, 0, 96, 51, 1, 255), 2, OBIS(0, 0, 96, 51, 1, 255) },    /* terminal cover; likewise */
    { 1, OBIS(0, 0, 96, 51, 3, 255), 2, OBIS(0, 0, 96, 51, 3, 255) },    /* magnetic field; likewise */
    { 1, OBIS(0, 0, 96, 51, 4, 255), 2, OBIS(0, 0, 96, 51, 4, 255) },    /* RF field; likewise */
    { 1, OBIS(0, 0, 96, 3, 0, 255), 2, OBIS(0, 0, 96, 3, 0, 255) },      /* inputs and outputs */
};
const size_t spodes_states_count = sizeof spodes_states / sizeof *spodes_states;
_Static_assert(sizeof spodes_states / sizeof *spodes_states <= SPODES_STATES_MAX, "states");

bool spodes_journal_has_events(int number)
{
    return number >= 0 && number <= 28 && number != 11 && number != 14 && number != 15;
}

/* Makers of S4 and spodes.md 2.1, 8: what an installer must know. Address rules are notes, because a rule is the maker's
 * custom and the meter's own setting wins. */
const struct model spodes_models[] = {
    { .name = "НАРТИС-100, НАРТИС-300", .maker = "Нартис", .note = "physical=16; password=111; locks for a day after 5 wrong passwords" },
    { .name = "НАРТИС-И", .maker = "Нартис", .note = "physical=17; password=00000001" },
    { .name = "M2M-1, M2M-3", .maker = "M2M", .note = "physical=16; password=00000000" },
    { .name = "МИР С-0x", .maker = "МИР", .note = "physical=16383;client=100 point to point; password=00000000" },
    { .name = "CE207, CE307, CE208, CE308", .maker = "Энергомера", .note = "physical = last 4 or 5 digits of the serial; password=12345678" },
    { .name = "CE318", .maker = "Энергомера", .note = "client=1; 4-byte address" },
    { .name = "Меркурий 204, 208, 234, 238 СПОДЭС", .maker = "Инкотекс", .note = "physical = last 3 digits, above 124 last 2, below 17 plus tens; password=111111" },
    { .name = "SKAT", .maker = "EKF", .note = "physical = last 4 digits + 16" },
    { .name = "i-PROM", .maker = "i-PROM", .note = "physical = last 4 digits + 16" },
    { .name = "Нева СПОДЭС", .maker = "Тайпит", .note = "physical = last 4 digits + 20" },
    { .name = "ФОБОС", .maker = "WAVIoT", .note = "physical = 16 + serial mod 16365" },
    { .name = "Милур 107S, 307S", .maker = "Милур", .note = "physical = last 4 digits + 16; address_size=2" },
    { .name = "РиМ 489, РиМ 789", .maker = "РиМ", .note = "deviation has the opposite sign" },
    { .name = "Миртек-12, Миртек-32 СПОДЭС", .maker = "Миртек", .note = NULL },
    { .name = "КВАНТ ST", .maker = "Квант", .note = NULL },
    { .name = "СТЭМ-300", .maker = "СТЭМ", .note = NULL },
    { .name = "TORESCO", .maker = "TORESCO", .note = NULL },
    { .name = "КАСКАД-1, КАСКАД-3", .maker = "Каскад", .note = NULL },
    { .name = "ЭМИС-Электра", .maker = "ЭМИС", .note = NULL },
    { .name = "РОТЕК РТМ", .maker = "Ротек", .note = NULL },
    { .name = NULL },
};

static const char *const transports[] = { "hdlc", "wrapper", NULL };
static const char *const mechanisms[] = { "none", "low", "high", "md5", "sha1", "gmac", "sha256", "ecdsa", NULL };
static const char *const protections[] = { "none", "authenticated", "encrypted", "both", NULL };
static const char *const answers[] = { "no", "yes", NULL };
static const char *const generals[] = { "no", "yes", "whole", NULL };

#define FIELD(field) PARAMETER(spodes_settings, dlms.field)

/* A form need not show what does not count. */
#define HDLC_ONLY .when = "transport", .when_not = wrapper_only
#define PASSWORD_ONLY .when = "security", .when_not = without_password
#define ECDSA_ONLY .when = "security", .when_not = not_ecdsa
static const char *const wrapper_only[] = { "wrapper", NULL };
static const char *const without_password[] = { "none", "gmac", "ecdsa", NULL };
static const char *const not_ecdsa[] = { "none", "low", "high", "md5", "sha1", "gmac", "sha256", NULL };

/* S3, table 3; UDP as TCP. The wrapper has no physical address. */
#define NETWORK(usual, ru, en) { LINK_TCP, usual, { { ru, en } } }, { LINK_UDP, usual, { { ru, en } } }
#define ANYWHERE(usual, ru, en) NETWORK(usual, ru, en), { LINK_SERIAL, usual, { { ru, en } } }
static const struct advice client_usual[] = { ANYWHERE(NULL, "48 для high, 32 для low", "48 for high, 32 for low"), { .value = NULL } };
static const struct advice logical_usual[] = { ANYWHERE("1", NULL, NULL), { .value = NULL } };
static const struct advice physical_usual[] = {
    NETWORK(NULL, "обычно 4 или 5 последних цифр серийного номера; точно говорит объект 0.1.22.0.0.255", "mostly the last 4 or 5 digits of the serial number; object 0.1.22.0.0.255 tells it for sure"),
    { LINK_SERIAL, "16", { { "обычно 16; точно говорит объект 0.0.22.0.0.255", "mostly 16; object 0.0.22.0.0.255 tells it for sure" } } }, { .value = NULL } };
static const struct advice info_usual[] = { NETWORK("256", "на слабом канале меньше", "less on a weak channel"),
                                            { LINK_SERIAL, "1024", { { "на слабом канале меньше", "less on a weak channel" } } }, { .value = NULL } };

const struct parameter spodes_parameters[] = {
    { .name = "transport", .kind = PARAMETER_CHOICE, FIELD(transport), .preset = "hdlc", .choices = transports,
      .title = { { "Транспорт", "Transport" } }, .help = { { "hdlc или wrapper (IEC 62056-47)", "hdlc or wrapper (IEC 62056-47)" } } },
    { .name = "client", .advice = client_usual, .kind = PARAMETER_NUMBER, FIELD(client), .part = PART_ADDRESS, .preset = "32", .least = 1, .most = 127,
      .title = { { "Клиент", "Client" } }, .help = { { "16 публичный, 32 считыватель, 48 конфигуратор", "16 public, 32 reader, 48 configurator" } } },
    { .name = "logical", .advice = logical_usual, .kind = PARAMETER_NUMBER, FIELD(logical), .part = PART_ADDRESS, .preset = "1", .least = 0, .most = 16383,
      .title = { { "Логический адрес", "Logical address" } }, .help = { { "старшая часть адреса сервера", "upper part of the server's address" } } },
    { .name = "physical", .advice = physical_usual, .kind = PARAMETER_NUMBER, FIELD(physical), .part = PART_ADDRESS, HDLC_ONLY, .preset = "16", .least = 0, .most = 65535, .address = true,
      .title = { { "Физический адрес", "Physical address" } }, .help = { { "16..16381, только для HDLC", "16..16381, HDLC only" } } },
    { .name = "address_size", .kind = PARAMETER_NUMBER, FIELD(address_size), .part = PART_ADDRESS, HDLC_ONLY, .preset = "0", .least = 0, .most = 4,
      .title = { { "Длина адреса", "Address length" } }, .help = { { "0 по значению, 1, 2 или 4 байта", "0 by value, 1, 2 or 4 bytes" } } },
    { .name = "security", .kind = PARAMETER_CHOICE, FIELD(mechanism), .part = PART_ACCESS, .preset = "low", .choices = mechanisms,
      .title = { { "Аутентификация", "Authentication" } },
      .help = { { "none, low (пароль), high (AES-128), md5, sha1, gmac, sha256, ecdsa", "none, low (password), high (AES-128), md5, sha1, gmac, sha256, ecdsa" } } },
    { .name = "password", .kind = PARAMETER_BYTES, FIELD(password), .part = PART_ACCESS, PASSWORD_ONLY, .preset = "", .secret = true,
      .title = { { "Пароль", "Password" } }, .help = { { "текст или hex:3030…", "text or hex:3030…" } } },
    { .name = "password2", .kind = PARAMETER_BYTES, FIELD(password2), .part = PART_ACCESS, PASSWORD_ONLY, .preset = "", .secret = true,
      .title = { { "Пароль 2", "Password 2" } },
      .help = { { "конфигуратора (клиент 48, High): с ним открывают сеанс, когда нужно управлять реле и часами", "the configurator's (client 48, High): sessions that switch relays or set clocks are opened with it" } } },
    { .name = "info", .advice = info_usual, .kind = PARAMETER_NUMBER, FIELD(info_max), .part = PART_EXCHANGE, HDLC_ONLY, .preset = "1024", .least = 32, .most = 2030,
      .title = { { "Информационное поле HDLC при приёме", "HDLC information field we receive" } }, .help = { { "байт, 32..2030", "bytes, 32..2030" } } },
    { .name = "info_send", .advice = info_usual, .kind = PARAMETER_NUMBER, FIELD(info_send), .preset = "0", .least = 0, .most = 2030, .part = PART_EXCHANGE, HDLC_ONLY,
      .title = { { "Информационное поле HDLC при передаче", "HDLC information field we send" } },
      .help = { { "байт, 32..2030; 0: как при приёме", "bytes, 32..2030; 0: as we receive" } } },
    { .name = "window", .kind = PARAMETER_NUMBER, FIELD(window), .part = PART_EXCHANGE, HDLC_ONLY, .preset = "1", .least = 1, .most = 7,
      .title = { { "Окно HDLC", "HDLC window" } }, .help = { { "1..7 кадров", "1..7 frames" } } },
    { .name = "pdu", .kind = PARAMETER_NUMBER, FIELD(pdu_max), .part = PART_EXCHANGE, .preset = "16384", .least = 64, .most = 65535,
      .title = { { "Размер PDU", "PDU size" } }, .help = { { "сколько байт мы принимаем в одном APDU", "bytes that we take in one APDU" } } },
    { .name = "protection", .kind = PARAMETER_CHOICE, FIELD(protection), .part = PART_SECURITY, .preset = "none", .choices = protections,
      .title = { { "Защита", "Protection" } }, .help = { { "none, authenticated, encrypted, both", "none, authenticated, encrypted, both" } } },
    { .name = "suite", .kind = PARAMETER_NUMBER, FIELD(suite), .part = PART_SECURITY, .preset = "0", .least = 0, .most = 2,
      .title = { { "Набор шифрования", "Security suite" } }, .help = { { "0 и 1: AES-128, 2: AES-256", "0 and 1: AES-128, 2: AES-256" } } },
    { .name = "dedicated", .kind = PARAMETER_CHOICE, FIELD(dedicated), .part = PART_SECURITY, .preset = "no", .choices = answers,
      .title = { { "Сеансовый ключ", "Dedicated key" } }, .help = { { "yes: шифровать ключом сеанса", "yes: cipher with a key of the session" } } },
    { .name = "general", .kind = PARAMETER_CHOICE, FIELD(general), .part = PART_SECURITY, .preset = "no", .choices = generals,
      .title = { { "Общая защита", "General ciphering" } },
      .help = { { "yes: general-glo/ded, whole: general-ciphering с общим ключом", "yes: general-glo/ded, whole: general-ciphering with the global key" } } },
    { .name = "encryption_key", .kind = PARAMETER_BYTES, FIELD(encryption_key), .part = PART_SECURITY, .preset = "", .secret = true,
      .title = { { "Ключ шифрования GUEK", "Encryption key GUEK" } }, .help = { { "hex:…, 16 или 32 байта", "hex:…, 16 or 32 bytes" } } },
    { .name = "authentication_key", .kind = PARAMETER_BYTES, FIELD(authentication_key), .part = PART_SECURITY, .preset = "", .secret = true,
      .title = { { "Ключ аутентификации GAK", "Authentication key GAK" } }, .help = { { "hex:…, 16 или 32 байта", "hex:…, 16 or 32 bytes" } } },
    { .name = "client_title", .kind = PARAMETER_BYTES, FIELD(client_title), .part = PART_SECURITY, .preset = "hex:5356440000000001",
      .title = { { "Системный титул клиента", "Client system title" } }, .help = { { "8 байт", "8 bytes" } } },
    { .name = "server_title", .kind = PARAMETER_BYTES, FIELD(server_title), .part = PART_SECURITY, .preset = "",
      .title = { { "Системный титул счётчика", "Meter's system title" } },
      .help = { { "8 байт; нужен только для расшифровки кадров, счётчик называет его сам", "8 bytes; only for deciphering frames, the meter tells it itself" } } },
    { .name = "signing_key", .kind = PARAMETER_BYTES, FIELD(signing_key), .part = PART_SECURITY, ECDSA_ONLY, .preset = "", .secret = true,
      .title = { { "Ключ подписи", "Signing key" } }, .help = { { "закрытый ключ ECDSA, hex:…", "ECDSA private key, hex:…" } } },
    { .name = "server_public", .kind = PARAMETER_BYTES, FIELD(server_public), .part = PART_SECURITY, ECDSA_ONLY, .preset = "",
      .title = { { "Открытый ключ счётчика", "Meter's public key" } }, .help = { { "x||y, hex:…, 64 байта (P-256) или 96 (P-384)", "x||y, hex:…, 64 bytes (P-256) or 96 (P-384)" } } },
    { .name = "counter_object", .kind = PARAMETER_NUMBER, FIELD(counter_object), .part = PART_SECURITY, .preset = "0", .least = 0, .most = 255,
      .title = { { "Счётчик вызовов", "Invocation counter" } }, .help = { { "E в 0.0.43.1.E.255", "E of 0.0.43.1.E.255" } } },
    { .name = "release", .kind = PARAMETER_CHOICE, FIELD(release), .part = PART_EXCHANGE, .preset = "no", .choices = answers,
      .title = { { "RLRQ", "RLRQ" } }, .help = { { "yes: освобождать ассоциацию перед разъединением", "yes: release the association before disconnecting" } } },
    { .name = NULL },
};
