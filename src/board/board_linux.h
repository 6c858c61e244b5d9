/* The Linux board's parts. Inside of this floor only. All paths lie under `root`, "" but for tests. */
#pragma once
#include "board/board_kind.h"

#include <stdatomic.h>

enum { LINUX_PATH = 256, LINUX_LINES = BOARD_INPUTS + BOARD_RELAYS_MAX + 1 + BOARD_SUPPLIES };

/* GPIO lines that the box's device tree names DI1.., RELAY1.., BATTERY_OFF, LINE_POWER1..; -1: none. */
struct linux_parts {
    int line[LINUX_LINES];
    int watchdog;            /* /dev/svod-watchdog; opened by the first beat */
    int button;              /* an input device with "svod" in its name */
    int64_t pressed_ms;
};

/* What is wanted of the modem, and how it was seen last. */
struct linux_modem {
    pthread_mutex_t lock;    /* guards what follows */
    int slot;                /* 0: off the network */
    struct board_sim sim;
    unsigned order;          /* counts orders: a new one is looked at anew */
    struct board_modem seen;
    unsigned pin_refused;    /* the order whose PIN the card refused: not tried again, the card would lock itself */
};

struct board_linux {
    struct board base;
    char root[LINUX_PATH];
    struct linux_parts parts;
    struct linux_modem modem;
    pthread_mutex_t time_lock;
    struct board_clock tracked; /* what the time service said last, guarded by it */
    int64_t tracked_ms;
    struct board_power power;
    struct board_inputs inputs; /* as told last */
    atomic_bool ending;
    pthread_t parts_thread, modem_thread;
    int end_read, end_write;
};

/* A small file of /sys, /proc or /etc, its first line; "" when it is not there. */
const char *linux_read(const struct board_linux *b, const char *path, char *ret, size_t room);
bool linux_write(const struct board_linux *b, const char *path, const char *content, struct text *why);
char *linux_path(const struct board_linux *b, const char *path, char ret[LINUX_PATH]);
/* Names in a folder, sorted; at most `most`. */
typedef char linux_name[64];
int linux_list(const struct board_linux *b, const char *folder, linux_name *ret, int most);

void linux_clock(struct board *base, struct board_clock *ret);
bool linux_zone_set(struct board *base, int minutes, struct text *why);
bool linux_clock_set(struct board *base, int64_t utc_ms, struct text *why);
bool linux_time_service_set(struct board *base, const struct board_time_service *wanted, struct text *why);
bool linux_time_now(struct board *base, struct text *why);

void linux_lan(struct board *base, int which, struct board_lan *ret);
bool linux_lan_set(struct board *base, int which, const struct board_lan_settings *s, struct text *why);
/* An address that a modem was given, onto its interface. */
bool linux_address_set(const struct board_linux *b, const char *interface, const char *content, struct text *why);

void linux_modem(struct board *base, struct board_modem *ret);
bool linux_sim_use(struct board *base, int slot, const struct board_sim *s, struct text *why);
/* One look at the modem and one step towards what is wanted; the modem's thread does it every few seconds. */
void linux_modem_step(struct board_linux *b);

void linux_parts_open(struct board_linux *b);
void linux_parts_close(struct board_linux *b);
void linux_power(struct board *base, struct board_power *ret);
void linux_inputs(struct board *base, struct board_inputs *ret);
bool linux_relay_set(struct board *base, int which, bool on, struct text *why);
bool linux_supply_set(struct board *base, int which, bool on, struct text *why);
bool linux_battery_off(struct board *base, struct text *why);
void linux_led(struct board *base, enum board_led which, struct led_pattern pattern);
void linux_watchdog(struct board *base);
/* What the button said, if anything: how long it was held; -1. */
int64_t linux_button(struct board_linux *b);
