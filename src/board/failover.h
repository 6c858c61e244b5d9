/* Which SIM card is used (manual S0 4.2.2.2): the first is preferred; the second only while the first cannot be used, and from time to
 * time the first is tried again. Pure: moments and what the modem shows come in, which slot to use comes out. */
#pragma once
#include "board/board.h"

struct failover_rules {
    bool allowed[BOARD_SIMS];
    int64_t patience_ms;    /* how long a card may take until it is connected (S0: up to 5 minutes) */
    int64_t return_ms;      /* on the second that long, the first is tried again */
};

struct failover {
    int slot;               /* in use, 1 or 2; 0: off the network */
    int64_t since_ms;       /* when it was taken into use */
    int64_t lost_ms;        /* since when it is not connected; 0: it is */
};

/* Whatever was, the rules are new: begin with the preferred card. */
void failover_begin(struct failover *f, const struct failover_rules *rules, int64_t now_ms);

/* The slot to use now. `connected`: the modem is on the network with f->slot; `card_missing`: that slot is known to be empty. */
int failover_step(struct failover *f, const struct failover_rules *rules, bool connected, bool card_missing, int64_t now_ms);
