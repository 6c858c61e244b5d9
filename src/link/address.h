/* Link addresses as people write them:
 *
 *   tcp://10.0.0.5:4059          tcp://converter.local:5000?echo
 *   udp://10.0.0.5:4059
 *   serial:/dev/ttyUSB0?9600,8N1           serial:/dev/ttyS1?2400,8E1,rs485,echo
 *   serial:/dev/ttyUSB0?9600,7E1,soft7     (7E1 made in software over 8N1)
 *   gateway:7                              what gateway 7 asks itself (docs/push.md)
 *   gateway:7/3                            its interface 3, byte by byte
 *
 * After '?' stand words separated by commas or '&': a speed, a character format, and the flags echo, rs485, soft7. */
#pragma once
#include "link/pipe.h"

enum link_kind { LINK_TCP, LINK_UDP, LINK_SERIAL, LINK_GATEWAY };

struct link_address {
    enum link_kind kind;
    char host[256]; /* host name, or the device of a serial port; of a gateway "7" or "7/3" */
    uint16_t port;
    int64_t gateway;   /* of a gateway: its number */
    int interface;     /* 1..8; 0: none, the gateway asks the meters */
    struct line line;
    bool line_given; /* the address itself names speed or format: drivers do not change it */
    bool echo, rs485, soft7;
};

/* Reads an address. False with the reason for a person in `problem` (in `lang`); *ret is untouched then. */
bool link_address_parse(const char *text, enum lang lang, struct link_address *ret, struct text *problem);

/* Writes an address as it is read. */
void link_address_format(const struct link_address *a, struct text *t);

/* What else is said of a link (S3 2.2.12): "exclusive=yes;connect_ms=10000;answer_ms=30000". */
struct link_settings {
    bool exclusive;   /* a meter's session is not broken up for others of the link */
    int connect_ms;   /* longest wait for the link to open; 0: usual */
    int answer_ms;    /* longest wait for a meter's answer, where the driver waits less; 0: as the driver */
};
enum { LINK_CONNECT_MOST_MS = 120000, LINK_ANSWER_MOST_MS = 60000 };

/* Unknown words are passed over. */
struct link_settings link_settings_read(const char *text);
void link_settings_format(const struct link_settings *s, struct text *t);

/* The pipe with its filters, closed. The caller owns it. Of a gateway it cannot be opened: only who holds the gateway's connection has
 * one (collect/far.h). */
struct pipe *link_address_pipe(const struct link_address *a);

/* Such filters over a pipe that is there. */
struct pipe *link_address_filters(const struct link_address *a, struct pipe *p);

/* Reads "8N1", "7E1"... into bits, parity and stop of *line. */
bool line_format_parse(const char *text, struct line *line);

/* True for the speeds serial lines have: 300..115200. */
bool line_speed_valid(uint32_t baud);
