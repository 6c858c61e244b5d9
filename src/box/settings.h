/* The box's settings as they are kept: forms of the database (store/box/forms.h) as structs. Reading gives the preset before the first
 * write; `written` says whether there was one. */
#pragma once
#include "board/board.h"
#include "board/failover.h"
#include "store/registry/vault.h"
#include "store/box/forms.h"

struct time_settings {
    bool written;
    int zone_minutes;
    struct board_time_service service;
    int64_t revision;
};

struct lan_settings {
    bool written;
    struct board_lan_settings lan[BOARD_LANS];
    int64_t revision;
};

struct modem_settings {
    bool written;
    struct board_sim sim[BOARD_SIMS];
    int first;                 /* the preferred card, 1 or 2 (S1 3.5) */
    int patience_s, return_s;  /* failover.h; S0: «не более 5 минут» */
    int64_t revision;
};

enum { PATIENCE_LEAST_S = 2, PATIENCE_MOST_S = 3600, RETURN_LEAST_S = 2, RETURN_MOST_S = 86400 };

enum fault time_settings_read(struct store *s, struct time_settings *ret);
enum fault lan_settings_read(struct store *s, struct lan_settings *ret);
/* PINs and passwords come unsealed; one that was sealed with another key is empty. */
enum fault modem_settings_read(struct store *s, const struct vault *v, struct modem_settings *ret);

/* FAULT_CHANGED when `revision` is not the one that was seen. */
enum fault time_settings_write(struct store *s, const struct time_settings *t);
enum fault lan_settings_write(struct store *s, const struct lan_settings *l);
enum fault modem_settings_write(struct store *s, const struct vault *v, const struct modem_settings *m);

/* The last message (box/last_word.h). */
enum { LAST_WORD_LETTERS = 4, LAST_WORD_ADDRESS_MAX = 255, LAST_WORD_DELAY_MOST_S = 60, LAST_WORD_ORDERS = 8 };
struct last_word_settings {
    bool on, back;          /* a loss is told; and the return */
    bool mqtt;              /* to the brokers */
    int delay_s;            /* a shorter loss is none */
    int64_t order[LAST_WORD_ORDERS]; /* publications that send what they hold at once, too */
    int orders;
    char letter[LAST_WORD_LETTERS][LAST_WORD_ADDRESS_MAX];
    int letters;
    int64_t revision;
};
/* Before the first write: on, to the brokers, after two seconds, with the return. */
enum fault last_word_settings_read(struct store *s, struct last_word_settings *ret);
enum fault last_word_settings_write(struct store *s, const struct last_word_settings *l);

/* Whether the box answers who looks for gateways in the network (box/beacon.h). Before the first write: yes. */
struct beacon_settings {
    bool on;
    int64_t revision;
};
enum fault beacon_settings_read(struct store *s, struct beacon_settings *ret);
enum fault beacon_settings_write(struct store *s, const struct beacon_settings *b);

struct failover_rules modem_rules(const struct modem_settings *m);

/* Names of enum board_six: "off", "auto", "static". */
extern const char *const six_names[];
enum board_six six_find(const char *name);
