/* Which SIM card is used (manuals S0 4.2.2.2, S1 3.5): one of them is preferred; the other only while that one cannot be used, and from
 * time to time the preferred one is tried again, more rarely the oftener it was in vain, for each try costs the connection. Pure: moments and what the modem shows come in, which slot to use comes out. */
#pragma once
#include "board/board.h"

struct failover_rules {
    bool allowed[BOARD_SIMS];
    int first;              /* the preferred slot, 1 or 2 */
    int64_t patience_ms;    /* how long a card may take until it is connected (S0: up to 5 minutes) */
    int64_t return_ms;      /* on the other that long, the preferred one is tried again; doubled with every try in vain, up to a day */
};

struct failover {
    int slot;               /* in use, 1 or 2; 0: off the network */
    int64_t since_ms;       /* when it was taken into use */
    int64_t lost_ms;        /* since when it is not connected; 0: it is */
    int vain;               /* how often the preferred card was given up since it worked last */
};

/* Whatever was, the rules are new: begin with the preferred card. */
void failover_begin(struct failover *f, const struct failover_rules *rules, int64_t now_ms);

/* The slot to use now. `connected`: the modem is on the network with f->slot; `card_missing`: that slot is known to be empty. */
int failover_step(struct failover *f, const struct failover_rules *rules, bool connected, bool card_missing, int64_t now_ms);
