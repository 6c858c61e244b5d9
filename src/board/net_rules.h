/* What network settings must be; pure. Each check returns NULL for right, else what is wrong, for people. */
#pragma once
#include "board/board.h"

/* A dotted IPv4 address as a number in host order; false when it is none. */
bool ipv4_read(const char *text, uint32_t *ret);
/* The prefix of a mask: 24 for 255.255.255.0; -1 when it is no mask. */
int mask_prefix(const char *mask);
/* "2001:db8::5/64". */
bool ipv6_prefix_valid(const char *text);
/* An IPv4 or IPv6 address, without a prefix. */
bool address_valid(const char *text);
/* A host's name or address, for time servers and access points. */
bool host_valid(const char *text);

/* A problem of one interface's settings: the field's name and what is wrong with it. */
struct net_problem {
    const char *field;
    const struct phrase *what;
};
enum { NET_PROBLEMS = 10 };

/* All problems of the settings, at most NET_PROBLEMS; how many. Settings of DHCP need no addresses. */
int lan_check(const struct board_lan_settings *s, struct net_problem ret[NET_PROBLEMS]);

/* The two interfaces together: both static in one subnet cannot work. */
bool lans_overlap(const struct board_lan_settings *one, const struct board_lan_settings *other);

/* «PIN код – набор из 4 знаков, только цифры»; "" is none. */
bool pin_valid(const char *pin);

/* What the button makes of the network (S0 4.2.2.1, S1 table 4): interface 0 at 192.168.0.1/24, interface 1 by DHCP. */
void lan_defaults(struct board_lan_settings ret[BOARD_LANS]);
