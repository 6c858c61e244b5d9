/* What can go wrong that a person must tell apart. Errors are values of this type; programming errors assert. */
#pragma once
#include "base/lang.h"

enum fault {
    FAULT_NONE,
    /* the way to the meter */
    FAULT_NO_CONNECTION,  /* the link itself could not be opened: port missing, host refuses, cable out */
    FAULT_LINK_LOST,      /* the link broke in the middle */
    FAULT_LINE_BUSY,      /* somebody else holds the line longer than allowed */
    FAULT_NO_ANSWER,      /* the link works, nobody answers */
    FAULT_DAMAGED,        /* something answers, but checksums do not fit */
    FAULT_FOREIGN,        /* another meter's answer */
    FAULT_STALE,          /* an answer to an earlier request */
    FAULT_NONSENSE,       /* a whole frame whose content cannot be an answer */
    /* the meter's own refusals */
    FAULT_PASSWORD,       /* password or key refused */
    FAULT_LOCKED,         /* the meter has locked itself after wrong passwords */
    FAULT_PASSWORD_HELD,  /* not tried: this password was refused before; trying on would lock the meter */
    FAULT_ACCESS,         /* signed in, but this level may not do that */
    FAULT_NOT_SUPPORTED,  /* the meter does not have this value or command */
    FAULT_NO_DATA,        /* the meter has the archive but not this interval */
    FAULT_REFUSED,        /* any other refusal the meter gave */
    FAULT_METER_ERROR,    /* the meter reports an internal error */
    FAULT_CLOCK_LIMIT,    /* the clock is further off than the meter lets us correct, or was corrected today already */
    FAULT_SESSION_LOST,   /* the meter forgot the session (restart, time-out) */
    FAULT_SECURITY,       /* ciphered answer that does not authenticate, or a replayed counter */
    FAULT_WRONG_METER,    /* the serial number is another one than expected */
    /* ours */
    FAULT_CANCELLED,
    FAULT_SETTING,        /* a parameter of the device is missing or out of range */
    FAULT_LIMIT,          /* an answer larger than any this meter may give */
    FAULT_STORE,          /* the database could not take or give it */
    FAULT_CHANGED,        /* somebody else changed it since it was looked at */
    FAULT_COUNT
};

/* One sentence for a person, without a full stop: «нет ответа». */
const char *fault_text(enum fault f, enum lang lang);

/* Stable name for machines: "no-answer". */
const char *fault_name(enum fault f);
