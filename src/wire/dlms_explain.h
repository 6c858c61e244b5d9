/* DLMS bytes explained to a person: HDLC frames, wrapper packets and bare APDUs as an annotated tree. */
#pragma once
#include "wire/dlms_security.h"
#include "wire/explain.h"

/* Draws whatever of the family the bytes are: one or several HDLC frames, a wrapper packet, an APDU with or without LLC,
 * or one element of data. Ciphered contents are opened when `keys` (may be NULL) fit; lines about opened text have an
 * empty part, as it lies nowhere in the input. What cannot be read is shown raw with the reason. */
void dlms_explain(struct explain *e, struct bytes b, const struct dlms_keys *keys);

/* True when the bytes are surely of this family: checksums fit, or a whole packet or APDU decodes. Elements of data alone
 * are too short on shape to count. */
bool dlms_looks(struct bytes b);
