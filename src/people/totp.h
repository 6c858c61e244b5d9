/* One-time codes by time (RFC 6238: HMAC-SHA-1, 30 seconds, 6 digits), as every authenticator app makes them. */
#pragma once
#include "base/bytes.h"

enum { TOTP_STEP_SECONDS = 30, TOTP_SECRET_BYTES = 20, TOTP_SECRET_TEXT = 33, TOTP_URI_MAX = 512, RECOVERY_CODES = 10, RECOVERY_TEXT = 12 };

/* The code of `digits` digits (6..8) at a step: seconds since 1970 divided by 30. */
uint32_t totp_code(struct bytes secret, int64_t step, int digits);

/* Step whose code this is, one step of clock difference allowed either way and none at or before `used`; -1 when none. */
int64_t totp_match(struct bytes secret, const char *code, int64_t now_s, int64_t used);

/* RFC 4648 without padding. base32_read gives the number of bytes or -1. */
void base32_write(struct bytes b, char *text, size_t room);
long base32_read(const char *text, uint8_t *out, size_t room);

/* A random secret as base32; "otpauth://totp/Svod:login?secret=..." for the picture that apps read. */
void totp_secret_new(char text[TOTP_SECRET_TEXT]);
char *totp_uri(const char *login, const char *secret, char uri[TOTP_URI_MAX]);

/* "k7dmq-x2p9a": a code that works once when the telephone is lost. */
void recovery_code_new(char text[RECOVERY_TEXT]);
