/* The digital interfaces of a gateway (manual S0 4.2.3): numbers as they stand on the case, which link of the registry each is,
 * and how it serves transit. The port of an interface's transit server is in the table of servers (servers.h). */
#pragma once
#include "board/board.h"
#include "link/pipe.h"
#include "store/store.h"

enum { INTERFACES = 8, INTERFACE_ALLOWED_MAX = 400, INTERFACE_IDLE_MOST_S = 3600, INTERFACE_HOLD_MOST_S = 86400 };

/* What its transit port does (S4 12.2): lets a client speak, or gives copies of the traffic and sends nothing. */
enum transit_mode { TRANSIT_SPEAK, TRANSIT_LISTEN, TRANSIT_MODES };

struct interface {
    int number;         /* 1..INTERFACES */
    int64_t link;       /* 0: none */
    struct line line;   /* of transit; baud 0: as the link has it («Автоматически») */
    enum transit_mode mode;
    bool others_listen; /* who comes while another speaks listens; else he is refused */
    int idle_s;         /* after so long a silence collection gets the line back; the connection stays */
    int hold_s;         /* longest stay on the line, and longest silence of a connection: then it is closed */
    int supply;         /* the power line that its meters need, 1..BOARD_SUPPLIES; 0: none; -1: nobody has said */
    char allowed[INTERFACE_ALLOWED_MAX]; /* "10.0.0.0/8 192.168.1.5": who may connect; "": whoever reaches the port */
    int64_t revision;
};

/* The interface as it was set, or its presets. */
enum fault interface_read(struct store *s, int number, struct interface *ret);

/* FAULT_CHANGED when the revision is not the present one. Who calls it tells the services (upstream_all_changed). */
enum fault interface_write(struct store *s, const struct interface *i);

/* What the interfaces together want of each power line: on while any wants it, off when none does; ABSENT, which is to be left alone,
 * where nobody has said anything of power lines yet. */
enum fault interface_supplies(struct store *s, enum board_state ret[BOARD_SUPPLIES]);

/* The interface of a link; 0: it is none. */
int interface_of_link(struct store *s, int64_t link);

/* At the first start: the box's own serial channels become links «Интерфейс N», and interfaces of their numbers, so that meters can be
 * entered at once. A database that has serial links was set up by somebody and is left alone; what people delete later stays away. */
enum fault interfaces_begin(struct store *s, struct board *b, enum lang lang);

/* Whether every word of a list of addresses and networks is one. */
bool addresses_valid(const char *list);

/* Whether the address (as inet_ntop writes it) is in the list; an empty list has all. */
bool addresses_hold(const char *list, const char *address);
