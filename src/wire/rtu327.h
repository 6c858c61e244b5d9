/* RTU-327 of «Эльстер Метроника», version 2.x: how head-ends (Пирамида, АльфаЦЕНТР) read a concentrator over TCP. The vendor's
 * document is not public; facts are from the tests that УМ-SMART's maker ran against its devices (TR1GUN/rtu327-autotests).
 *
 *   02 | NN 2 | II 2 | AAAA 4 | SS 2 | CC or RR 1 | data | KK 2
 *
 * NN: bytes of II..data, big-endian. II: number of the packet, echoed. AAAA: password of a request, reserved in an answer.
 * CC: command; RR: result, errors carry no data. KK: crc16_rtu327 of II..data, big-endian. Other numbers are little-endian;
 * there is no stuffing. One request, one answer.
 * Example: 02 0009 0100 00000000 0000 72 A061 → 02 000D 0100 00000000 0000 00 4597F65C 1A71 = 2019-06-04 16:07:33 UTC. */
#pragma once
#include "base/cursor.h"
#include "base/decimal.h"
#include "wire/frame.h"

enum {
    RTU327_START = 0x02,
    RTU327_BODY_MIN = 9,     /* II..CC */
    RTU327_BODY_MAX = 0xFFFF,
    RTU327_AROUND = 5,       /* X, NN and KK */
    RTU327_FRAME_MAX = RTU327_BODY_MAX + RTU327_AROUND,
    RTU327_DATA_MAX = RTU327_BODY_MAX - RTU327_BODY_MIN,
    RTU327_PASSWORD_SIZE = 4,
    RTU327_CHANNELS = 4,     /* A+ A- R+ R-, bits 0..3 of a mask */
    RTU327_ALL_CHANNELS = 0x0F,
    RTU327_NUMBER_DIGITS = 10,
};

enum rtu327_command {
    RTU327_GETVERSION = 3, RTU327_GETMAXLOGID = 101, RTU327_GETTESTS = 107, RTU327_GETAUTOREAD = 109, RTU327_GETLP = 111,
    RTU327_GETSHPRM = 112, RTU327_GETPOK = 113, RTU327_GETTIME = 114, RTU327_SETTIME = 115, RTU327_GETMTRLOG = 116,
};

enum rtu327_result {
    RTU327_OK = 0, RTU327_SERVER_ERROR = 1, RTU327_NO_MORE = 2, RTU327_DATABASE_ERROR = 3, RTU327_NO_METER = 4,
    RTU327_UNKNOWN_COMMAND = 5, RTU327_BAD_PARAMETERS = 6, RTU327_BAD_INTERVAL = 7, RTU327_NO_DATA = 8,
    RTU327_BAD_PASSWORD = 10, RTU327_NO_RIGHTS = 11, RTU327_BAD_CRC = 60,
};

/* --- frames -------------------------------------------------------------------------------------------------------- */

struct rtu327_frame {
    uint16_t number;
    uint8_t password[RTU327_PASSWORD_SIZE];
    uint8_t code;      /* enum rtu327_command or rtu327_result */
    struct bytes data; /* slice of the input */
};

/* frame_finder. `context` is a size_t, the longest body that may come; NULL: any. What cannot begin a frame is dropped; a
 * frame whose checksum is wrong is FRAME_DAMAGED, to be answered with RTU327_BAD_CRC. */
struct frame_found rtu327_find(struct bytes received, void *context);

/* A whole frame with a good checksum and nothing else. False (and *ret untouched) otherwise. */
bool rtu327_decode(struct bytes frame, struct rtu327_frame *ret);

/* Number of a found frame, even a damaged one. */
uint16_t rtu327_number(struct bytes frame);

/* Fails the writer when the data are longer than RTU327_DATA_MAX. */
void rtu327_encode(struct writer *w, const struct rtu327_frame *f);

/* --- requests ------------------------------------------------------------------------------------------------------ */

/* What may be asked; the command says which fields count. */
struct rtu327_request {
    uint8_t command;
    uint64_t meter;     /* NSH: the serial number's digits, ten at most */
    uint8_t channels;   /* mask; of GETAUTOREAD the number 1..4 of one channel */
    uint32_t time;      /* TIME_T: seconds since 1970 */
    uint16_t count;     /* of records wanted */
    int32_t correction; /* SETTIME: seconds to add */
    uint8_t section;    /* GETMAXLOGID */
};

/* True for a command of enum rtu327_command. */
bool rtu327_knows(uint8_t command);

/* False (and *ret untouched) when the command is unknown, or its data are too short, too long or out of their ranges. */
bool rtu327_take_request(uint8_t command, struct bytes data, struct rtu327_request *ret);

/* The data of the request. Fails the writer for an unknown command. */
void rtu327_put_request(struct writer *w, const struct rtu327_request *r);

/* --- answers ------------------------------------------------------------------------------------------------------- */

/* A value that the meter or the archive does not have. */
#define RTU327_ABSENT decimal_of(-1, 0)

/* FLOAT8: IEEE 754 double. Infinities and NaN fail the cursor. */
void rtu327_put_value(struct writer *w, struct decimal value);
struct decimal rtu327_take_value(struct cursor *c);

/* The values of the mask's channels, in order of the channels. Others are left untouched. */
void rtu327_put_channels(struct writer *w, uint8_t mask, const struct decimal values[RTU327_CHANNELS]);
void rtu327_take_channels(struct cursor *c, uint8_t mask, struct decimal values[RTU327_CHANNELS]);

/* GETVERSION: two ASCII digits each. */
struct rtu327_version {
    uint8_t major, middle, minor; /* 0..99 */
};
void rtu327_put_version(struct writer *w, struct rtu327_version v);
struct rtu327_version rtu327_take_version(struct cursor *c);

/* GETSHPRM, 40 bytes. */
enum { RTU327_PARAMETERS_VERSION = 1 };
struct rtu327_parameters {
    uint16_t version;
    uint8_t type;                /* enum rtu327_meter_type */
    struct decimal current_ratio, voltage_ratio;
    struct decimal multiplier;   /* УМ-SMART puts the meter's constant here */
    uint8_t interval;            /* of the profile, minutes */
    int32_t object_type, object, feeder;
};
void rtu327_put_parameters(struct writer *w, const struct rtu327_parameters *p);
struct rtu327_parameters rtu327_take_parameters(struct cursor *c);

enum rtu327_meter_type {
    RTU327_ALPHA = 1, RTU327_EUROALPHA_11, RTU327_EUROALPHA_10, RTU327_ALPHA_PLUS, RTU327_A1170, RTU327_PSCH_TM, RTU327_SET_4TM,
    RTU327_A3, RTU327_CC300, RTU327_A1800, RTU327_A1140, RTU327_SL7, RTU327_CE303, RTU327_EPQS, RTU327_MERCURY230, RTU327_LZQM,
    RTU327_MERCURY200, RTU327_ZMD, RTU327_EMH, RTU327_ZMG, RTU327_GAMMA32 = 22, RTU327_DTSD546, RTU327_NIK2303, RTU327_NO_TYPE = 100,
};

/* GETLP: a head, then the intervals from the oldest, each with the mask's channels and a status. */
enum { RTU327_NO_READINGS = 1, RTU327_ROLLED_OVER = 2, RTU327_HEAD_SIZE = 7, RTU327_INTERVALS_MAX = 0x7FFF };
struct rtu327_profile_head {
    uint16_t count;  /* of intervals, bits 0..14; bit 15 is always set on the wire */
    uint8_t status;  /* RTU327_NO_READINGS, RTU327_ROLLED_OVER */
    uint32_t end;    /* of the last interval */
};
void rtu327_put_profile_head(struct writer *w, const struct rtu327_profile_head *h);
struct rtu327_profile_head rtu327_take_profile_head(struct cursor *c);

/* Bytes of one interval with these channels. */
size_t rtu327_interval_size(uint8_t mask);

/* GETTESTS: a head, then for every measurement its time and a value for each set bit, the lowest first. */
enum {
    RTU327_P_A = 1, RTU327_P_B, RTU327_P_C, RTU327_S_A, RTU327_S_B, RTU327_S_C, RTU327_FREQUENCY, RTU327_I_A, RTU327_I_B, RTU327_I_C,
    RTU327_U_A, RTU327_U_B, RTU327_U_C, RTU327_ANGLE_A, RTU327_ANGLE_B, RTU327_ANGLE_C, RTU327_ANGLE_AB, RTU327_ANGLE_AC,
    RTU327_TESTS, /* bits 1..18; bit 0 is not used */
};
struct rtu327_tests_head {
    uint32_t bits;
    uint8_t count, elements; /* elements of voltage: УМ-SMART's are always 2 */
};
void rtu327_put_tests_head(struct writer *w, const struct rtu327_tests_head *h);
struct rtu327_tests_head rtu327_take_tests_head(struct cursor *c);
void rtu327_put_tests(struct writer *w, uint32_t bits, uint32_t time, const struct decimal values[RTU327_TESTS]);
uint32_t rtu327_take_tests(struct cursor *c, uint32_t bits, struct decimal values[RTU327_TESTS]); /* returns the time */

/* GETAUTOREAD, 198 bytes: registers frozen at `time`. The serial number goes with its last digit first, as УМ-SMART sends it
 * and its maker's tests read it back. */
enum { RTU327_TARIFFS = 4, RTU327_QUADRANTS = 4, RTU327_FROZEN_SIZE = 198 };
struct rtu327_frozen {
    uint64_t meter;
    uint32_t time;
    struct rtu327_tariff {
        struct decimal energy, maximum; /* kWh or kvarh; kW or kvar */
        uint32_t maximum_time;          /* 0: none */
        struct decimal cumulative, coincident;
    } tariff[RTU327_TARIFFS];
    struct decimal total, quadrant[RTU327_QUADRANTS];
};

/* Everything absent. */
struct rtu327_frozen rtu327_nothing_frozen(uint64_t meter, uint32_t time);
void rtu327_put_frozen(struct writer *w, const struct rtu327_frozen *f);
struct rtu327_frozen rtu327_take_frozen(struct cursor *c);

/* GETMTRLOG: 6 bytes an event. */
enum {
    RTU327_POWER_OFF = 0, RTU327_POWER_ON = 1, RTU327_CLOCK_BEFORE = 2, RTU327_CLOCK_AFTER = 3, RTU327_RESET = 6, RTU327_COVER_OPENED = 9,
    RTU327_PHASE_A_ON = 208, RTU327_PHASE_A_OFF, RTU327_PHASE_B_ON, RTU327_PHASE_B_OFF, RTU327_PHASE_C_ON, RTU327_PHASE_C_OFF,
    RTU327_EVENT_SIZE = 6,
};
struct rtu327_event {
    uint32_t time;
    uint16_t type;
};
void rtu327_put_event(struct writer *w, struct rtu327_event e);
struct rtu327_event rtu327_take_event(struct cursor *c);
