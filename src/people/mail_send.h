/* One letter over SMTP (RFC 5321), written as MIME (RFC 2045, 2047); for mail.c only. */
#pragma once
#include "people/mail.h"

#include <stdatomic.h>

struct mail_outcome {
    bool good;
    bool for_good;                  /* refused in a way that another try cannot change */
    char trouble[MAIL_TROUBLE_MAX]; /* in the reader's language, with the server's own words */
};

/* Readies libcurl; several calls do no harm. */
void mail_send_begin(void);

/* Sends while the caller waits, half a minute at most (with a file as long as a slow modem takes for it); `ending` breaks it off. The password in `set` is the open one. */
void mail_send(const struct store_mail *set, const struct mail_letter *letter, const atomic_bool *ending, enum lang lang,
               struct mail_outcome *ret);
