/* Why a broker's link does not stand, for people of either language. */
#pragma once
#include "base/lang.h"

enum mqtt_why {
    MQTT_FINE,
    /* the way to it */
    MQTT_NO_ADDRESS, MQTT_NOBODY, MQTT_NO_WAY, MQTT_NO_NETWORK, MQTT_SILENT, MQTT_BROKEN, MQTT_CLOSED, MQTT_FELL_SILENT,
    /* its answer (MQTT 3.1.1, table 3.1) */
    MQTT_OTHER_PROTOCOL, MQTT_ID_REFUSED, MQTT_TAKES_NOBODY, MQTT_WRONG_PASSWORD, MQTT_NOT_LET_IN,
    /* encryption */
    MQTT_FOREIGN_CERTIFICATE, MQTT_NO_SUCH_TLS, MQTT_WANTS_CERTIFICATE, MQTT_CERTIFICATE_REFUSED, MQTT_TLS_BROKEN,
    /* ours */
    MQTT_BAD_VERSION, MQTT_BAD_AUTHORITY, MQTT_BAD_PAIR, MQTT_OTHER_KEY,
    MQTT_OTHER, /* in the words of a library */
    MQTT_WHYS
};

enum { MQTT_DETAIL_MAX = 200 };

struct mqtt_trouble {
    enum mqtt_why why;
    char detail[MQTT_DETAIL_MAX]; /* of MQTT_OTHER */
};

/* A sentence without a full stop; "" for MQTT_FINE. */
const char *mqtt_trouble_text(const struct mqtt_trouble *t, enum lang lang);
