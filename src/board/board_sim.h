/* The simulated board's state, and the words that steer it. Inside of this floor only. */
#pragma once
#include "board/board_kind.h"

#include <stdatomic.h>

/* How the world treats a SIM card: the slot is empty, no network, the network refuses it, or it works. */
enum sim_card { CARD_EMPTY, CARD_SILENT, CARD_DENIED, CARD_GOOD };

struct board_sim_state {
    struct board base;
    pthread_mutex_t lock; /* guards what follows */
    int64_t clock_shift_ms, rtc_shift_ms;
    int zone_minutes;
    bool rtc_good, servers_answer;
    struct board_time_service time_service;
    struct board_lan_settings lan[BOARD_LANS];
    bool cable[BOARD_LANS];
    enum sim_card card[BOARD_SIMS];
    char operator_name[BOARD_SIMS][BOARD_WORD_MAX], technology[8], pin[BOARD_SIMS][8];
    int slot, signal_percent;
    bool modem_answers, pin_wrong;
    struct board_power power;
    struct board_inputs inputs;
    enum test_result forced[TEST_FLAGS]; /* TEST_ABSENT: as the state says */
    int restarts, battery_offs, watchdog_beats;

    int door, end_read, end_write; /* the socket of words, and a pipe that ends its thread; -1: none */
    char path[108];
    pthread_t thread;
};

/* One line of words, carried out; what is answered goes to `answer`: "ok", or what is wrong. */
void board_sim_word(struct board_sim_state *s, const char *line, struct text *answer);

/* Listens on the unix socket `path` for lines of words. False, the reason in `problem`, when it cannot. */
bool board_sim_door_open(struct board_sim_state *s, const char *path, enum lang lang, struct text *problem);
void board_sim_door_close(struct board_sim_state *s);
