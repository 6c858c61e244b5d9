/* Which SIM card is used; see failover.h. */
#include "board/failover.h"

enum { DOUBLED_MOST = 10 };
static const int64_t rare_ms = 24 * 3600 * 1000LL;

static void take(struct failover *f, int slot, int64_t now_ms)
{
    *f = (struct failover){ .slot = slot, .since_ms = now_ms, .lost_ms = slot ? now_ms : 0, .vain = f->vain };
}

static int preferred(const struct failover_rules *rules)
{
    int first = rules->first == 2 ? 2 : 1;
    return rules->allowed[first - 1] ? first : rules->allowed[2 - first] ? 3 - first : 0;
}

static int64_t until_return(const struct failover *f, const struct failover_rules *rules)
{
    int doubled = f->vain < 1 ? 0 : f->vain - 1 < DOUBLED_MOST ? f->vain - 1 : DOUBLED_MOST;
    int64_t wait = rules->return_ms << doubled;
    return wait <= rare_ms ? wait : rules->return_ms > rare_ms ? rules->return_ms : rare_ms;
}

void failover_begin(struct failover *f, const struct failover_rules *rules, int64_t now_ms)
{
    f->vain = 0;
    take(f, preferred(rules), now_ms);
}

static void look(struct failover *f, bool connected, bool is_first, int64_t now_ms)
{
    if (connected)
        f->lost_ms = 0;
    else if (f->lost_ms == 0)
        f->lost_ms = now_ms;
    if (connected && is_first)
        f->vain = 0;
}

int failover_step(struct failover *f, const struct failover_rules *rules, bool connected, bool card_missing, int64_t now_ms)
{
    int first = preferred(rules);
    if (f->slot == 0 || !rules->allowed[f->slot - 1]) {
        if (first != f->slot)
            take(f, first, now_ms);
        return f->slot;
    }
    look(f, connected, f->slot == first, now_ms);
    if (!rules->allowed[0] || !rules->allowed[1])
        return f->slot;
    if (!connected && (card_missing || now_ms - f->lost_ms >= rules->patience_ms)) {
        f->vain += f->slot == first;
        take(f, 3 - f->slot, now_ms);
    } else if (f->slot != first && now_ms - f->since_ms >= until_return(f, rules)) {
        take(f, first, now_ms);
    }
    return f->slot;
}
