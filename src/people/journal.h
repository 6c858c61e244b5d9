/* Kinds of records in the log of what was done (manual S3 2.2.20, tables 4 and 5; those of ours stand behind them). */
#pragma once
#include "people/access.h"

enum note {
    NOTE_DEVICE_ADD, NOTE_DEVICE_UPDATE, NOTE_DEVICE_REMOVE, NOTE_GROUP_ADD, NOTE_GROUP_UPDATE, NOTE_GROUP_REMOVE,
    NOTE_ARCHIVE_UPDATE,
    NOTE_LOGIN, NOTE_LOGOUT, NOTE_PASSWORD_CHANGE, NOTE_CONFIGURATION_CHANGE, NOTE_USER_ADD, NOTE_USER_ROLE,
    NOTE_USER_ENABLED, NOTE_USER_REMOVE, NOTE_ROLE_ADD, NOTE_ROLE_UPDATE, NOTE_ROLE_REMOVE,
    /* ours */
    NOTE_LINK_ADD, NOTE_LINK_UPDATE, NOTE_LINK_REMOVE, NOTE_CONTACT_LOST, NOTE_CONTACT_BACK, NOTE_COLLECT_START,
    NOTE_COLLECT_END,
    NOTE_TASK_ADD, NOTE_TASK_UPDATE, NOTE_TASK_REMOVE, NOTE_TASK_ON, NOTE_TASK_OFF, NOTE_RUN_START, NOTE_RUN_CANCEL, NOTE_RELAY_ORDER,
    NOTE_RELAY_RESULT,
    NOTE_LOGIN_FAILED, NOTE_LOGIN_HELD, NOTE_USER_UPDATE, NOTE_SESSION_END, NOTE_TOKEN_ADD, NOTE_TOKEN_REMOVE,
    NOTE_TOTP_ON, NOTE_TOTP_OFF, NOTE_PROJECT_ADD, NOTE_PROJECT_UPDATE, NOTE_PROJECT_REMOVE, NOTE_LOG_CLEAR, NOTE_PROJECT_PEOPLE, NOTE_EVENT_ARCHIVE_UPDATE, NOTE_STATE_ARCHIVE_UPDATE,
    NOTE_PROTOCOL_ADD, NOTE_PROTOCOL_UPDATE, NOTE_PROTOCOL_REMOVE, NOTE_DEVICES_IMPORT, NOTE_DEVICES_EXPORT,
    /* the gateway's box */
    NOTE_BOX_START, NOTE_BOX_POWER, NOTE_BOX_BUTTON, NOTE_BOX_INPUT, NOTE_BOX_RELAY, NOTE_BOX_CLOCK, NOTE_BOX_TIME, NOTE_BOX_NETWORK_TRY, NOTE_BOX_NETWORK,
    NOTE_BOX_NETWORK_BACK, NOTE_BOX_MODEM, NOTE_BOX_SIM, NOTE_BOX_MODEM_ON, NOTE_BOX_MODEM_OFF, NOTE_BOX_RESTART, NOTE_BOX_TEST, NOTE_BOX_TEST_BAD,
    NOTE_TRANSIT_BEGIN, NOTE_TRANSIT_END, NOTE_TRANSIT_REFUSED, NOTE_INTERFACE_UPDATE,
    /* the gateway's event model */
    NOTE_OCCASION_ADD, NOTE_OCCASION_UPDATE, NOTE_OCCASION_REMOVE, NOTE_OCCASION,
    NOTE_COUNT
};

const char *note_name(enum note n);
bool note_is_security(enum note n);
enum audit_level note_level(enum note n);

/* Names of enum audit_level as the API tells them; NULL behind the last. */
extern const char *const note_levels[];

/* Title of a stored kind; the kind itself when it is unknown. */
const char *note_title(const char *kind, enum lang lang);

/* Writes one record. `caller` NULL: the system itself. `object` for people; `before` and `after` JSON or NULL. */
void journal_note(struct store *s, enum note n, const struct caller *caller, const char *object, const char *before,
                  const char *after);
