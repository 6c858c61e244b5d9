/* DLMS over TCP and UDP (IEC 62056-47; dlms.md 3): an 8-byte header, then exactly one APDU without LLC.
 *
 * 0001 | source wPort 2 | destination wPort 2 | length 2 | APDU
 * Client to server: source = client SAP, destination = logical device; the answer swaps them. TCP and UDP port 4059. */
#pragma once
#include "base/cursor.h"
#include "wire/frame.h"

enum { DLMS_PORT = 4059, WRAPPER_HEADER = 8, WRAPPER_VERSION = 1 };

struct wrapper_packet {
    uint16_t from, to;
    struct bytes apdu; /* slice of the input */
};

/* A whole packet and nothing else. False (and *ret untouched) for another version or length. */
bool wrapper_decode(struct bytes packet, struct wrapper_packet *ret);

/* Fails the writer when the APDU is longer than 65535. */
void wrapper_encode(struct writer *w, const struct wrapper_packet *p);

/* frame_finder. The header has no checksum, so noise is known only by a wrong version or an empty body: whatever comes
 * before the first version word with a length above 0 is dropped. Never FRAME_DAMAGED. */
struct frame_found wrapper_find(struct bytes received, void *context);
