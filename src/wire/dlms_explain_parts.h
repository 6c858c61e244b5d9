/* What the files of the DLMS explainer share; nobody else includes it. */
#pragma once
#include "base/text.h"
#include "wire/dlms_explain.h"

/* Who speaks and what may be opened, while one input is drawn. */
struct dlms_scope {
    struct explain *e;
    struct dlms_keys keys;
    bool from_server; /* by LLC or by the service */
    int nesting;      /* APDUs inside APDUs */
};

enum { DLMS_NESTING_MAX = 4, DLMS_OPENED_MAX = 8192 };

/* Any APDU; draws the raw bytes and the reason when it is none. */
void explain_apdu(struct dlms_scope *s, struct bytes apdu);

/* An APDU of the services in cosem_apdu.h and cosem_general.h; false (and nothing drawn) when it is none of them. */
bool explain_service(struct dlms_scope *s, struct bytes apdu);

/* One encoded element as a tree. */
void explain_data(struct explain *e, struct phrase label, struct bytes element);

/* The bytes in hex, cut when long, and why they are not explained. */
void explain_raw(struct explain *e, struct bytes part, struct phrase label);

/* An octet string in its likely meaning: date and time, OBIS, text, or hex. */
void text_put_octets(struct text *t, struct bytes b);
void text_put_date_time(struct text *t, const struct cosem_date_time *d, enum lang lang);
