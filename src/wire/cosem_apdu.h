/* The xDLMS services GET, SET and ACTION with logical names (IEC 62056-53; dlms.md 8), both directions.
 *
 * C0/C1/C3 request | choice | invoke-id-and-priority | ...    C4/C5/C7 response | choice | invoke | ...
 * Example: C0 01 C1 0003 0100010800FF 02 00 = GET of class 3, 1.0.1.8.0.255, attribute 2.
 * Decoders return slices; lists stay encoded and are walked with the cosem_take_* functions, which cannot fail on a list
 * that a decoder accepted. The rest of the services are in cosem_general.h. */
#pragma once
#include "base/lang.h"
#include "wire/axdr.h"

/* First byte of an APDU, ciphered forms in dlms_security.h. */
enum xdlms_tag {
    XDLMS_INITIATE_REQUEST = 0x01,
    XDLMS_READ_REQUEST = 0x05,
    XDLMS_WRITE_REQUEST = 0x06,
    XDLMS_INITIATE_RESPONSE = 0x08,
    XDLMS_READ_RESPONSE = 0x0C,
    XDLMS_WRITE_RESPONSE = 0x0D,
    XDLMS_SERVICE_ERROR = 0x0E,
    XDLMS_DATA_NOTIFICATION_APDU = 0x0F,
    XDLMS_GET_REQUEST = 0xC0,
    XDLMS_SET_REQUEST = 0xC1,
    XDLMS_EVENT_NOTIFICATION_APDU = 0xC2,
    XDLMS_ACTION_REQUEST = 0xC3,
    XDLMS_GET_RESPONSE = 0xC4,
    XDLMS_SET_RESPONSE = 0xC5,
    XDLMS_ACTION_RESPONSE = 0xC7,
    XDLMS_EXCEPTION = 0xD8,
    XDLMS_ACCESS_REQUEST = 0xD9,
    XDLMS_ACCESS_RESPONSE = 0xDA,
    XDLMS_GENERAL_GLO = 0xDB,
    XDLMS_GENERAL_DED = 0xDC,
    XDLMS_GENERAL_CIPHERING = 0xDD,
    XDLMS_GENERAL_SIGNING = 0xDF,
    XDLMS_BLOCK_TRANSFER = 0xE0,
    XDLMS_GATEWAY_REQUEST = 0xE6,
    XDLMS_GATEWAY_RESPONSE = 0xE7,
};

/* Data-access-result and action-result share their numbers. */
enum cosem_result_code {
    COSEM_SUCCESS = 0,
    COSEM_HARDWARE_FAULT = 1,
    COSEM_TEMPORARY_FAILURE = 2,
    COSEM_READ_WRITE_DENIED = 3,
    COSEM_OBJECT_UNDEFINED = 4,
    COSEM_CLASS_INCONSISTENT = 9,
    COSEM_OBJECT_UNAVAILABLE = 11,
    COSEM_TYPE_UNMATCHED = 12,
    COSEM_SCOPE_VIOLATED = 13,
    COSEM_BLOCK_UNAVAILABLE = 14,
    COSEM_LONG_GET_ABORTED = 15,
    COSEM_NO_LONG_GET = 16,
    COSEM_LONG_SET_ABORTED = 17,
    COSEM_NO_LONG_SET = 18,
    COSEM_BLOCK_NUMBER_INVALID = 19,
    COSEM_OTHER_REASON = 250,
};

/* "object-undefined" for machines; a sentence for a person. Unknown codes have texts too. */
const char *cosem_result_name(uint8_t code);
const char *cosem_result_text(uint8_t code, enum lang lang);

/* invoke-id-and-priority: bits 0..3 the id. */
enum { COSEM_INVOKE_ID = 0x0F, COSEM_INVOKE_CONFIRMED = 0x40, COSEM_INVOKE_PRIORITY = 0x80 };

/* An attribute or method, with the selective access of its reading or writing. */
struct cosem_reference {
    uint16_t class_id;
    struct obis obis;
    int8_t index; /* attribute (0 = all) or method */
    bool selective;
    uint8_t selector;        /* of profiles: 1 by range, 2 by entry */
    struct bytes parameters; /* one encoded element */
};

/* Part of a long transfer; parts put together are one encoded element (or list of them). */
struct cosem_block {
    bool last;
    uint32_t number; /* from 1 */
    bool failed;     /* GET response only: `result` instead of data */
    uint8_t result;
    struct bytes raw;
};

/* What came of reading one attribute, or what a method returned. */
struct cosem_result {
    bool has_data;     /* `data` is one encoded element; else `code` says why there is none */
    uint8_t code;      /* enum cosem_result_code */
    struct bytes data;
};

/* Items one after another, still encoded. */
struct cosem_list {
    uint32_t count;
    struct bytes items;
};

enum cosem_service { COSEM_GET, COSEM_SET, COSEM_ACTION };

enum cosem_form {
    COSEM_NORMAL,
    COSEM_NEXT,             /* request: next block, please (GET, ACTION) */
    COSEM_WITH_LIST,
    COSEM_FIRST_BLOCK,      /* request: reference and the first part of its data */
    COSEM_BLOCK,            /* a further part (request), or a part of the answer (response) */
    COSEM_LIST_FIRST_BLOCK, /* request: references and the first part of their data */
    COSEM_BLOCK_ACK,        /* response: got this block of SET or ACTION, go on */
    COSEM_LAST_BLOCK,       /* response: SET got all, result */
    COSEM_LAST_BLOCK_LIST,  /* response: SET got all, results */
    COSEM_FORM_COUNT
};

struct cosem_request {
    enum cosem_service service;
    enum cosem_form form;
    uint8_t invoke;
    struct cosem_reference reference; /* NORMAL, FIRST_BLOCK */
    bool has_data;                    /* NORMAL: SET always, ACTION when the method takes a parameter */
    struct bytes data;                /* one encoded element */
    struct cosem_block block;         /* FIRST_BLOCK, BLOCK, LIST_FIRST_BLOCK; NEXT: its number */
    struct cosem_list references;     /* WITH_LIST, LIST_FIRST_BLOCK: cosem_take_reference */
    struct cosem_list values;         /* WITH_LIST of SET and ACTION: take_cosem_slice */
};

struct cosem_response {
    enum cosem_service service;
    enum cosem_form form;
    uint8_t invoke;
    uint8_t code;              /* NORMAL of SET and ACTION, LAST_BLOCK: enum cosem_result_code */
    bool has_value;            /* NORMAL of ACTION: the method returned something; GET always */
    struct cosem_result value; /* NORMAL of GET and ACTION */
    struct cosem_block block;  /* BLOCK; BLOCK_ACK, LAST_BLOCK..: its number */
    struct cosem_list results; /* WITH_LIST: GET cosem_take_result, SET one code a byte, ACTION cosem_take_action_result;
                                  LAST_BLOCK_LIST: one code a byte */
};

/* One APDU C0, C1 or C3 (C4, C5 or C7) and nothing behind it; false (and *ret untouched) when broken. */
bool cosem_request_decode(struct bytes apdu, struct cosem_request *ret);
bool cosem_response_decode(struct bytes apdu, struct cosem_response *ret);

/* Fail the writer for a form that the service does not have. */
void cosem_request_encode(struct writer *w, const struct cosem_request *r);
void cosem_response_encode(struct writer *w, const struct cosem_response *r);

/* Items of lists. References of ACTION have no selection: `selection` false. */
struct cosem_reference cosem_take_reference(struct cursor *c, bool selection);
void cosem_put_reference(struct writer *w, const struct cosem_reference *r, bool selection);
struct cosem_result cosem_take_result(struct cursor *c);
void cosem_put_result(struct writer *w, const struct cosem_result *r);

struct cosem_action_result {
    uint8_t code;
    bool has_value;
    struct cosem_result value;
};

struct cosem_action_result cosem_take_action_result(struct cursor *c);
void cosem_put_action_result(struct writer *w, const struct cosem_action_result *r);

/* --- selective access to the buffer of a Profile generic (class 7 attribute 2; dlms.md 8.2) --- */

enum { COSEM_BY_RANGE = 1, COSEM_BY_ENTRY = 2 };

/* A column: capture object definition { class, logical name, attribute, data index }. */
struct cosem_column {
    uint16_t class_id;
    struct obis obis;
    int8_t attribute;
    uint16_t data_index; /* 0 = the whole attribute */
};

struct cosem_column cosem_take_column(struct cosem_reader *r);
void cosem_put_column(struct writer *w, const struct cosem_column *c);

struct cosem_range {
    struct cosem_column by;      /* the restricting object, mostly the clock */
    struct cosem_data from, to;  /* for a clock: cosem_date_time */
    struct cosem_list columns;   /* cosem_take_column over its items; none = all columns */
};

struct cosem_entries {
    uint32_t from, to;          /* from 1; to 0 = up to the last */
    uint16_t first, last;       /* columns from 1; last 0 = up to the last */
};

/* The parameters element; false (and *ret untouched) when it has another shape. */
bool cosem_range_decode(struct bytes parameters, struct cosem_range *ret);
bool cosem_entries_decode(struct bytes parameters, struct cosem_entries *ret);
void cosem_range_encode(struct writer *w, const struct cosem_range *r);
void cosem_entries_encode(struct writer *w, const struct cosem_entries *e);

/* The usual range: by the clock 0.0.1.0.0.255, times as octet strings, all columns. */
void cosem_put_clock_range(struct writer *w, const struct cosem_date_time *from, const struct cosem_date_time *to);
