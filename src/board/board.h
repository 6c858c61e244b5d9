/* The box that a gateway is: its hardware behind one interface (manual S1 1.2), whichever board it is.
 *
 * Any thread may call. A call may take as long as a tool of the system does (seconds); none is made while a lock of the caller's
 * is held. What the box has not is told as absent. Changes return false with the machine's own words in `why` (may be NULL). */
#pragma once
#include "base/lang.h"
#include "base/text.h"
#include "board/selftest.h"

enum { BOARD_LANS = 2, BOARD_SIMS = 2, BOARD_INPUTS = 3, BOARD_RELAYS_MAX = 4, BOARD_SUPPLIES = 4, BOARD_TIME_SERVERS = 4, BOARD_ADDRESSES = 6, BOARD_SERIALS = 8, BOARD_PATH_MAX = 128,
       BOARD_ADDRESS_MAX = 64, BOARD_WORD_MAX = 64, BOARD_WHY_MAX = 300 };

struct board;

/* `kind` is "linux", "sim" or "sim:<socket>"; a simulated board listens on that unix socket for words (docs/gateway-box.md). NULL, the
 * reason in `problem`, when there is no such board or it cannot be used. */
struct board *board_open(const char *kind, enum lang lang, struct text *problem);
void board_free(struct board **b);

/* A thing that the box may not have. */
enum board_state { BOARD_ABSENT, BOARD_OFF, BOARD_ON };
extern const char *const board_state_names[]; /* "absent", "off", "on"; NULL behind the last */

/* --- what it is -------------------------------------------------------------------------------------------------------------- */

struct board_identity {
    char type[BOARD_WORD_MAX], serial[BOARD_WORD_MAX]; /* "" when the machine does not say */
};
void board_identity(struct board *b, struct board_identity *ret);

/* The serial channels by their numbers on the case, «Интерфейс №1» first (S1 table 2), as paths of devices; "" for a number that the box
 * has not. */
void board_serials(struct board *b, char ret[BOARD_SERIALS][BOARD_PATH_MAX]);

/* --- clock (S0 4.2.1) --------------------------------------------------------------------------------------------------------- */

struct board_clock {
    int64_t utc_ms;
    int zone_minutes;                    /* east of UTC */
    bool has_rtc, rtc_good;              /* good: it answers with a moment that can be */
    int64_t rtc_utc_ms;
    bool has_time_service, synchronised; /* NTP */
    char source[BOARD_WORD_MAX];         /* the server it follows */
    int64_t offset_us;                   /* the last measured */
};
void board_clock(struct board *b, struct board_clock *ret);

/* Whole hours east of UTC, 0..12 (S0: «от UTC до UTC +12:00»), in minutes. */
bool board_zone_set(struct board *b, int minutes, struct text *why);
/* The clock and the RTC. */
bool board_clock_set(struct board *b, int64_t utc_ms, struct text *why);

/* The time service's own servers; `poll` is how often they are asked at least, as NTP has it: 2^poll seconds, 6..17. */
struct board_time_service {
    bool on;
    int servers, poll;
    char server[BOARD_TIME_SERVERS][BOARD_ADDRESS_MAX];
};
bool board_time_service_set(struct board *b, const struct board_time_service *wanted, struct text *why);
/* Asks them now. */
bool board_time_now(struct board *b, struct text *why);

/* --- Ethernet (S0 4.2.2.1) ------------------------------------------------------------------------------------------------------ */

enum board_six { SIX_OFF, SIX_AUTO, SIX_STATIC };

/* Empty texts: none. Rules: net_rules.h. */
struct board_lan_settings {
    bool dhcp;
    char address[BOARD_ADDRESS_MAX], mask[BOARD_ADDRESS_MAX], gateway[BOARD_ADDRESS_MAX], dns[2][BOARD_ADDRESS_MAX];
    enum board_six six;
    char address6[BOARD_ADDRESS_MAX], gateway6[BOARD_ADDRESS_MAX]; /* with "/prefix"; of SIX_STATIC */
};

struct board_lan {
    bool present, carrier;
    char name[32], mac[20];                              /* "eth0" */
    char address[BOARD_ADDRESSES][BOARD_ADDRESS_MAX];    /* "192.168.0.1/24", of both families */
    int addresses;
    char gateway[BOARD_ADDRESS_MAX], dns[2][BOARD_ADDRESS_MAX];
    enum board_state dhcp;                               /* absent: not known */
    int64_t received, sent;                              /* bytes */
};
/* Interface 0 or 1: «Ethernet 1», «Ethernet 2». */
void board_lan(struct board *b, int which, struct board_lan *ret);
/* NULL: the settings that this program made go, the machine's own hold again. */
bool board_lan_set(struct board *b, int which, const struct board_lan_settings *s, struct text *why);

/* --- modem (S0 4.2.2.2) ----------------------------------------------------------------------------------------------------------- */

struct board_sim {
    bool allowed, sign_in;               /* «Разрешение подключения», «Авторизация» */
    char pin[8], apn[101], login[65], password[65];
};

enum modem_state { MODEM_ABSENT, MODEM_OFF, MODEM_SEARCHING, MODEM_DENIED, MODEM_REGISTERED, MODEM_CONNECTED };

struct board_modem {
    enum modem_state state;
    bool answers;                        /* the modem or its manager answered this look */
    int slot;                            /* the SIM card in use, 1 or 2; 0: none */
    enum board_state card[BOARD_SIMS];   /* absent: not known; off: the slot is empty */
    bool roaming;
    char operator_name[BOARD_WORD_MAX], technology[8], address[BOARD_ADDRESS_MAX], imei[20]; /* technology "4G" */
    int signal_percent;                  /* -1: not known */
};
void board_modem(struct board *b, struct board_modem *ret);
/* Goes onto the network with the card in slot 1 or 2; slot 0 goes off it. Returns when the modem has taken the order; how it went is
 * seen by board_modem. */
bool board_sim_use(struct board *b, int slot, const struct board_sim *s, struct text *why);

/* --- power, inputs, relays, power lines (S1 tables 2 and 4) --------------------------------------------------------------------------------------- */

struct board_power {
    enum board_state mains, reserve, battery; /* ON: there is voltage; the battery: it is connected */
    int battery_percent;                      /* -1: not known */
};
static inline bool board_power_lost(const struct board_power *p) { return p->mains == BOARD_OFF && p->reserve != BOARD_ON; }

struct board_inputs {
    enum board_state input[BOARD_INPUTS], relay[BOARD_RELAYS_MAX];
    enum board_state supply[BOARD_SUPPLIES];  /* power lines of interfaces, L1.. (S0 4.2.3, S1 1.2) */
    bool has_loop;
    int loop_ua;                              /* the 4–20 mA input, microamperes */
};
void board_power(struct board *b, struct board_power *ret);
void board_inputs(struct board *b, struct board_inputs *ret);
bool board_relay_set(struct board *b, int which, bool on, struct text *why);
bool board_supply_set(struct board *b, int which, bool on, struct text *why);
/* S1 table 4: without outside power the built-in battery is switched off, and with it the box. */
bool board_battery_off(struct board *b, struct text *why);

/* --- indicators, life (S1 table 3) ---------------------------------------------------------------------------------------------------- */

enum board_led { LED_MODE, LED_GSM_MODE, LED_GSM_NET, BOARD_LEDS };
/* Lit for on_ms, dark for off_ms, and again; both 0: dark, off_ms 0: lit. */
struct led_pattern {
    int on_ms, off_ms;
};
void board_led(struct board *b, enum board_led which, struct led_pattern pattern);
/* What it was told last. */
struct led_pattern board_led_now(struct board *b, enum board_led which);

/* Says that the program lives. Who once began and stops is restarted by the hardware; board_free ends it in order. */
void board_watchdog(struct board *b);
bool board_restart(struct board *b, struct text *why);

/* One of the hardware's flags; TEST_ABSENT for what the box has not, and for flags that are not the board's. `say` gets what was found. */
enum test_result board_test(struct board *b, enum test_flag flag, struct text *say);

/* --- news ------------------------------------------------------------------------------------------------------------------------------ */

enum board_news_kind { BOARD_NEWS_POWER, BOARD_NEWS_BUTTON, BOARD_NEWS_INPUT };
struct board_news {
    enum board_news_kind kind;
    struct board_power power;   /* of NEWS_POWER */
    int64_t held_ms;            /* of NEWS_BUTTON: how long, told when it is let go */
    int input;                  /* of NEWS_INPUT, from 0 */
    bool on;
};

/* Called on a thread of the board: be quick. At most 16 listeners; who listens takes himself off before he ends, and is not called
 * after board_unlisten has returned. The last message on loss of power (S4) hooks here. */
typedef void board_news_fn(void *context, const struct board_news *news);
bool board_listen(struct board *b, board_news_fn *tell, void *context);
void board_unlisten(struct board *b, board_news_fn *tell, void *context);
