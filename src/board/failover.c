/* Which SIM card is used; see failover.h. */
#include "board/failover.h"

static void take(struct failover *f, int slot, int64_t now_ms)
{
    *f = (struct failover){ .slot = slot, .since_ms = now_ms, .lost_ms = slot ? now_ms : 0 };
}

static int preferred(const struct failover_rules *rules)
{
    return rules->allowed[0] ? 1 : rules->allowed[1] ? 2 : 0;
}

void failover_begin(struct failover *f, const struct failover_rules *rules, int64_t now_ms)
{
    take(f, preferred(rules), now_ms);
}

int failover_step(struct failover *f, const struct failover_rules *rules, bool connected, bool card_missing, int64_t now_ms)
{
    if (f->slot == 0 || !rules->allowed[f->slot - 1]) {
        if (preferred(rules) != f->slot)
            take(f, preferred(rules), now_ms);
        return f->slot;
    }
    if (connected)
        f->lost_ms = 0;
    else if (f->lost_ms == 0)
        f->lost_ms = now_ms;
    bool both = rules->allowed[0] && rules->allowed[1];
    bool given_up = !connected && (card_missing || now_ms - f->lost_ms >= rules->patience_ms);
    if (both && given_up)
        take(f, 3 - f->slot, now_ms);
    else if (both && f->slot == 2 && now_ms - f->since_ms >= rules->return_ms)
        take(f, 1, now_ms);
    return f->slot;
}
