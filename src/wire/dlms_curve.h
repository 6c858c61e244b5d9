/* Signatures and key agreement of DLMS suites 1 (P-256, SHA-256) and 2 (P-384, SHA-384) (dlms.md 9.1, 9.3).
 *
 * Keys and signatures are raw big-endian octets: a private key is a scalar of 32 (48) bytes, a public key x || y, a
 * signature r || s. Every function is false (and writes nothing) for another suite, sizes that do not fit or points that
 * do not lie on the curve. */
#pragma once
#include "base/cursor.h"

enum { DLMS_PRIVATE_MAX = 48, DLMS_PUBLIC_MAX = 96, DLMS_SIGNATURE_MAX = 96 };

/* Public key of a private one. */
bool dlms_public_key(struct writer *w, uint8_t suite, struct bytes private_key);

bool dlms_sign(struct writer *w, uint8_t suite, struct bytes private_key, struct bytes message);
bool dlms_verify(uint8_t suite, struct bytes public_key, struct bytes message, struct bytes signature);

/* Shared secret Z: the x coordinate, 32 or 48 bytes. */
bool dlms_agree(struct writer *w, uint8_t suite, struct bytes private_key, struct bytes public_key);

/* Key of 16 (suite 1) or 32 (suite 2) bytes: first bytes of Hash(00000001 || Z || AlgorithmID || U || V). `u` and `v` are
 * the parties' information, the system titles (V with the transaction id where the scheme says so). */
bool dlms_derive(struct writer *w, uint8_t suite, struct bytes shared, struct bytes u, struct bytes v);
