/* COSEM data as it lies on the wire (A-XDR, IEC 61334-6; types of IEC 62056-62; dlms.md 7): a streaming reader that
 * allocates nothing and a writer for every type.
 *
 * Example: `02 02 0F FE 16 1B` is a structure of two: integer -2, enum 27, the scaler and unit 10^-2 W.
 * Big endian throughout. A compact array looks to its reader like the plain array it stands for. */
#pragma once
#include "base/cursor.h"
#include "base/decimal.h"
#include "meter/obis.h"

enum cosem_type {
    COSEM_NULL = 0,
    COSEM_ARRAY = 1,
    COSEM_STRUCTURE = 2,
    COSEM_BOOLEAN = 3,
    COSEM_BITS = 4,
    COSEM_INT32 = 5,
    COSEM_UINT32 = 6,
    COSEM_OCTETS = 9,
    COSEM_VISIBLE = 10,
    COSEM_UTF8 = 12,
    COSEM_BCD = 13,
    COSEM_INT8 = 15,
    COSEM_INT16 = 16,
    COSEM_UINT8 = 17,
    COSEM_UINT16 = 18,
    COSEM_COMPACT = 19,
    COSEM_INT64 = 20,
    COSEM_UINT64 = 21,
    COSEM_ENUM = 22,
    COSEM_FLOAT32 = 23,
    COSEM_FLOAT64 = 24,
    COSEM_DATE_TIME = 25,
    COSEM_DATE = 26,
    COSEM_TIME = 27,
    COSEM_DONT_CARE = 255,
};

/* Deepest nesting of a compact array's type and of what recursive readers follow; descriptions are short as well, so
 * that a few hostile bytes cannot stand for millions of elements. */
enum { COSEM_DEPTH_MAX = 16, COSEM_DESCRIPTION_MAX = 256 };

/* One element: a whole scalar, or the header of an array or structure whose items follow in the reader. */
struct cosem_data {
    uint8_t type;         /* enum cosem_type; a compact array is shown as COSEM_ARRAY */
    bool compact;         /* this array came as a compact one */
    uint32_t count;       /* items of an array or structure; bits of a bit string */
    struct bytes content; /* a scalar's value without tag and length; slice of the input */
};

/* What is left of one container inside a compact array. */
struct cosem_level {
    struct bytes types; /* descriptions of the items to come */
    uint32_t left;
    bool same; /* an array: all items have the first description */
};

/* Reads elements one after another; sticky failure as in struct cursor. Wants whole elements: a count larger than the
 * bytes left fails at once, so blocks of a long transfer are put together first. */
struct cosem_reader {
    struct cursor in;
    struct cursor after; /* what follows the compact array that is being read */
    uint8_t depth;       /* levels in use; 0 outside of compact arrays */
    struct cosem_level level[COSEM_DEPTH_MAX];
};

/* --- lengths (also of other A-XDR fields) --- */

/* A length or count: one byte below 0x80, else 0x80+n and n bytes, n 1..4; anything else fails the cursor. */
uint32_t take_axdr_length(struct cursor *c);
void put_axdr_length(struct writer *w, size_t length);

/* OCTET STRING: length and bytes. */
struct bytes take_axdr_octets(struct cursor *c);
void put_axdr_octets(struct writer *w, struct bytes b);

/* --- reading --- */

struct cosem_reader cosem_reader_over(struct bytes b);

/* The next element. After a failure a null element. A null on the wire is a null here: whoever knows the profile
 * resolves null-data compression. */
struct cosem_data cosem_take(struct cosem_reader *r);

/* Passes over one whole element with everything inside; no recursion. */
void cosem_skip(struct cosem_reader *r);

/* True when everything was read and nothing failed. */
bool cosem_done(const struct cosem_reader *r);

static inline bool cosem_failed(const struct cosem_reader *r)
{
    return r->in.failed;
}

static inline void cosem_fail(struct cosem_reader *r)
{
    r->in.failed = true;
}

/* Item count of the array or structure that must come next; fails the reader when it is something else. */
uint32_t cosem_take_array(struct cosem_reader *r);
uint32_t cosem_take_structure(struct cosem_reader *r);

/* Scalars that must come next; fail the reader when the type does not fit or the value does not. */
int64_t cosem_take_integer(struct cosem_reader *r);
struct bytes cosem_take_octets(struct cosem_reader *r);
struct obis cosem_take_obis(struct cosem_reader *r);

/* One encoded element, tag included, as a slice of a plain cursor; compact contents are not looked into. */
struct bytes take_cosem_slice(struct cursor *c);

/* --- meaning of a scalar; false and *ret untouched when the type or the value does not fit --- */

/* Any integer, enum or boolean that fits 63 bits. */
bool cosem_integer(const struct cosem_data *d, int64_t *ret);

/* Any number, floating ones by their shortest decimal; u64 above 2^63-1 does not fit. */
bool cosem_decimal(const struct cosem_data *d, struct decimal *ret);

/* Octet, visible or UTF-8 string: its bytes, whatever their code page. */
bool cosem_text(const struct cosem_data *d, struct bytes *ret);

/* An octet string of six. */
bool cosem_obis(const struct cosem_data *d, struct obis *ret);

/* --- date and time (dlms.md 7.1) --- */

enum { COSEM_ANY = 0xFF, COSEM_YEAR_ANY = 0xFFFF, COSEM_DST_END = 0xFD, COSEM_DST_BEGIN = 0xFE,
       COSEM_DAY_BEFORE_LAST = 0xFD, COSEM_DAY_LAST = 0xFE, COSEM_DEVIATION_NONE = -0x8000 };

enum cosem_clock_status {
    COSEM_CLOCK_INVALID = 0x01,
    COSEM_CLOCK_DOUBTFUL = 0x02,
    COSEM_CLOCK_OTHER_BASE = 0x04,
    COSEM_CLOCK_INVALID_STATUS = 0x08,
    COSEM_CLOCK_SUMMER = 0x80,
};

/* The fields as sent, wildcards included. */
struct cosem_date_time {
    uint16_t year;
    uint8_t month, day;
    uint8_t weekday; /* 1 Monday .. 7 */
    uint8_t hour, minute, second, hundredths;
    int16_t deviation; /* minutes, sign depends on the vendor; COSEM_DEVIATION_NONE */
    uint8_t status;    /* enum cosem_clock_status bits; 0xFF not specified */
};

/* Octet string of 12 (tag 9) or date-time (tag 25); also date (5) and time (4), the rest being wildcards. */
bool cosem_date_time(const struct cosem_data *d, struct cosem_date_time *ret);

/* The twelve bytes. False (and *ret untouched) for another size; field values are not judged. */
bool cosem_date_time_decode(struct bytes twelve, struct cosem_date_time *ret);
void cosem_date_time_encode(struct writer *w, const struct cosem_date_time *t);

/* True when every field is in range or a wildcard of that field: to tell a time from 12 other octets. */
bool cosem_date_time_plausible(const struct cosem_date_time *t);

/* Wall seconds (base/civil.h) as the meter's clock shows them, deviation not applied; seconds not given count as 0.
 * WALL_NONE for wildcards in other fields and for moments that do not exist. */
int64_t cosem_date_time_wall(const struct cosem_date_time *t);

/* The fields of a wall time: weekday any, hundredths any, deviation not specified, status 0 (what range requests want). */
struct cosem_date_time cosem_date_time_of_wall(int64_t wall);

/* --- scaler and unit (dlms.md 7.2) --- */

struct cosem_scaler {
    int8_t exponent; /* power of ten */
    uint8_t unit;    /* meter/unit.h */
};

/* structure { integer, enum }; fails the reader when it is something else. */
struct cosem_scaler cosem_take_scaler(struct cosem_reader *r);
void put_cosem_scaler(struct writer *w, struct cosem_scaler s);

/* raw × 10^exponent; false (and *ret untouched) when the exponent leaves -18..18. */
bool cosem_scaled(struct decimal raw, struct cosem_scaler s, struct decimal *ret);

/* --- writing --- */

void put_cosem_null(struct writer *w);
void put_cosem_array(struct writer *w, size_t count);
void put_cosem_structure(struct writer *w, size_t count);

/* Boolean, enum, BCD or any integer type; fails the writer when the value does not fit the type. */
void put_cosem_number(struct writer *w, enum cosem_type type, int64_t value);
void put_cosem_uint64(struct writer *w, uint64_t value);
void put_cosem_float32(struct writer *w, uint32_t bits);
void put_cosem_float64(struct writer *w, uint64_t bits);

/* Octet, visible or UTF-8 string. */
void put_cosem_string(struct writer *w, enum cosem_type type, struct bytes b);
void put_cosem_octets(struct writer *w, struct bytes b);
void put_cosem_obis(struct writer *w, struct obis o);

/* `count` bits from the most significant bit of the first byte; `b` holds them in whole bytes. */
void put_cosem_bits(struct writer *w, struct bytes b, size_t count);

/* As octet string of 12 (tag 9), the form every meter takes; `tagged` for tag 25. */
void put_cosem_date_time(struct writer *w, const struct cosem_date_time *t);
void put_cosem_date_time_tagged(struct writer *w, const struct cosem_date_time *t);

/* Compact array: encoded TypeDescription (tags without values) and contents (values without tags). */
void put_cosem_compact(struct writer *w, struct bytes description, struct bytes contents);

/* Any element as cosem_take gave it; a compact array's header is written as a plain array's. */
void put_cosem_data(struct writer *w, const struct cosem_data *d);
