/* What a kind of board must be able to; board.h says what each does. Inside of this floor only. */
#pragma once
#include "board/board.h"

#include <pthread.h>

enum { BOARD_LISTENERS = 16 };

struct board_kind {
    const char *name;
    struct board *(*open)(const char *words, enum lang lang, struct text *problem);
    void (*free)(struct board *b);
    void (*identity)(struct board *b, struct board_identity *ret);
    void (*serials)(struct board *b, char ret[BOARD_SERIALS][BOARD_PATH_MAX]);
    void (*clock)(struct board *b, struct board_clock *ret);
    bool (*zone_set)(struct board *b, int minutes, struct text *why);
    bool (*clock_set)(struct board *b, int64_t utc_ms, struct text *why);
    bool (*time_service_set)(struct board *b, const struct board_time_service *wanted, struct text *why);
    bool (*time_now)(struct board *b, struct text *why);
    void (*lan)(struct board *b, int which, struct board_lan *ret);
    bool (*lan_set)(struct board *b, int which, const struct board_lan_settings *s, struct text *why);
    void (*modem)(struct board *b, struct board_modem *ret);
    bool (*sim_use)(struct board *b, int slot, const struct board_sim *s, struct text *why);
    void (*power)(struct board *b, struct board_power *ret);
    void (*inputs)(struct board *b, struct board_inputs *ret);
    bool (*relay_set)(struct board *b, int which, bool on, struct text *why);
    bool (*supply_set)(struct board *b, int which, bool on, struct text *why);
    bool (*battery_off)(struct board *b, struct text *why);
    void (*led)(struct board *b, enum board_led which, struct led_pattern pattern);
    void (*watchdog)(struct board *b);
    bool (*restart)(struct board *b, struct text *why);
    enum test_result (*test)(struct board *b, enum test_flag flag, struct text *say);
};

/* The part that all kinds have; their own struct begins with it. */
struct board {
    const struct board_kind *kind;
    pthread_mutex_t lock; /* guards the listeners and LEDs; held while they are told, so that who has left is not called */
    struct board_listener {
        board_news_fn *tell;
        void *context;
    } listener[BOARD_LISTENERS];
    struct led_pattern led[BOARD_LEDS];
};

extern const struct board_kind board_linux_kind, board_sim_kind;

void board_begin(struct board *b, const struct board_kind *kind);
void board_end(struct board *b);
void board_tell(struct board *b, const struct board_news *news);

/* Text into a field of fixed size, cut where it does not fit. */
__attribute__((format(printf, 3, 4))) void board_put(char *field, size_t room, const char *format, ...);
#define BOARD_PUT(field, ...) board_put(field, sizeof(field), __VA_ARGS__)
