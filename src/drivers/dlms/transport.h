/* What lies between services and the conversation: APDUs through HDLC or the wrapper, and their ciphering. */
#pragma once
#include "drivers/dlms/client.h"

/* Bytes of the largest APDU we put together, whatever the meter says. */
enum { DLMS_APDU_MAX = 65535 };

/* HDLC: connects (SNRM/UA) and disconnects. The wrapper needs neither. */
void hdlc_link_open(struct conversation *c, struct dlms_client *d);
void hdlc_link_close(struct conversation *c, struct dlms_client *d);

/* Sends an APDU and returns the answer's, unprotected as it is on the wire. `once`: must not reach the meter twice
 * (passwords): asked once, and over HDLC asked again only when the meter proves that it has not got it. */
struct bytes hdlc_link_exchange(struct conversation *c, struct dlms_client *d, struct bytes apdu, bool once);
struct bytes wrapper_exchange(struct conversation *c, struct dlms_client *d, struct bytes apdu, bool once);
struct bytes transport_exchange(struct conversation *c, struct dlms_client *d, struct bytes apdu, bool once);

/* Memory to put an APDU together: empties it, appends to it (FAULT_LIMIT beyond DLMS_APDU_MAX). */
void assembly_clear(struct dlms_client *d);
void assembly_add(struct conversation *c, struct dlms_client *d, struct bytes part);
struct bytes assembly_bytes(const struct dlms_client *d);

/* Keeps a DataNotification that came unasked. True when the APDU is one. */
bool transport_keep_push(struct dlms_client *d, struct bytes apdu);

/* Service APDU through ciphering (when the association ciphers) and general block transfer (when the meter uses it). */
struct bytes protected_exchange(struct conversation *c, struct dlms_client *d, struct bytes apdu, bool once);

/* Opens a ciphered APDU of the meter: checks key, tag and counter; FAULT_SECURITY. Plain ones pass when the association
 * does not cipher. */
struct bytes protection_open(struct conversation *c, struct dlms_client *d, struct bytes apdu);

/* Ciphers one of ours into `w` with the next counter. `glo` forces the global key (Initiate). */
void protection_seal(struct conversation *c, struct dlms_client *d, struct bytes plain, bool glo, struct writer *w);

/* Prepares keys and the invocation counter. */
void protection_begin(struct conversation *c, struct dlms_client *d);
uint32_t protection_next_counter(struct conversation *c, struct dlms_client *d);

/* AARQ/AARE and HLS; RLRQ/RLRE. */
void association_open(struct conversation *c, struct dlms_client *d);
void association_close(struct conversation *c, struct dlms_client *d);
