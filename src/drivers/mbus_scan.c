/* Search for M-Bus meters: primary addresses one by one, then secondary addresses digit by digit (mbus.md 4 and 5).
 *
 *   search(pos): for d in 0..9: mask[pos] = d; SND_NKE FD if anybody may be selected; SELECT mask
 *     nobody -> next d;   E5 -> REQ_UD2: a good answer is selected again by its full address and compared;
 *     damaged, none, or two answers -> several meters: one digit deeper
 *
 * Meters with all eight digits equal are told apart by medium, then by maker. */
#include "drivers/mbus.h"

#include <stdio.h>

enum { DIGITS = 8, FOUND_MAX = 512 };

struct search {
    struct conversation *c;
    struct scan *scan;
    struct mbus_address *found; /* FOUND_MAX, so that a meter is told once */
    int count;
    int done, total;
    bool stopped;
    bool selected; /* somebody may be: SND_NKE must go before the next SELECT */
};

enum crowd { NOBODY, SINGLE, SEVERAL };

/* --- telling ----------------------------------------------------------------------------------------------------- */

static bool is_known(const struct search *s, struct mbus_address a)
{
    for (int i = 0; i < s->count; i++)
        if (mbus_address_same(s->found[i], a))
            return true;
    return false;
}

static void remember(struct search *s, struct mbus_address a)
{
    if (s->count < FOUND_MAX)
        s->found[s->count++] = a;
}

static void tell(struct search *s, const char *parameters, struct mbus_address a)
{
    char serial[9], maker[7], type[96];
    const struct phrase *medium = mbus_medium_text(a.medium);
    snprintf(serial, sizeof serial, "%08X", a.id);
    mbus_maker_show(a.maker, maker);
    snprintf(type, sizeof type, "%s v%u %s", a.maker ? maker : "", a.version, medium ? phrase_in(medium, lang_from_environment()) : "");
    s->scan->found(s->scan, parameters, serial, type);
    remember(s, a);
}

static void tell_primary(struct search *s, int address, const struct mbus_response *r)
{
    char parameters[96];
    if (!r->identified) {
        snprintf(parameters, sizeof parameters, "addressing=primary;address=%d", address);
        s->scan->found(s->scan, parameters, "", "");
        return;
    }
    snprintf(parameters, sizeof parameters, "addressing=primary;address=%d;serial=%08X", address, r->address.id);
    tell(s, parameters, r->address);
}

/* What selects a meter that said so of itself; the fixed structure names no maker and no version. */
static struct mbus_address selector_of(struct mbus_address a)
{
    if (a.maker == 0)
        return (struct mbus_address){ a.id, 0xFFFF, 0xFF, 0xFF };
    return a;
}

static void tell_secondary(struct search *s, struct mbus_address a)
{
    char parameters[128], maker[7];
    if (is_known(s, a))
        return;
    if (a.maker == 0) {
        snprintf(parameters, sizeof parameters, "addressing=secondary;serial=%08X", a.id);
        tell(s, parameters, a);
        return;
    }
    mbus_maker_show(a.maker, maker);
    snprintf(parameters, sizeof parameters, "addressing=secondary;serial=%08X;maker=%s;version=%u;medium=%u", a.id, maker, a.version, a.medium);
    tell(s, parameters, a);
}

/* After an exchange that may have failed. */
static void go_on(struct search *s)
{
    if (!mbus_go_on(s->c))
        s->stopped = true;
}

static void advance(struct search *s)
{
    s->done++;
    if (s->scan->progress && !s->scan->progress(s->scan, s->done, s->total))
        s->stopped = true;
}

/* --- primary ----------------------------------------------------------------------------------------------------- */

static void probe_primary(struct search *s, int address)
{
    uint8_t a = (uint8_t)address;
    bool heard = mbus_link_reset(s->c, a);
    /* Some meters are silent to SND_NKE: asking all those addresses for data doubles the time of a search. */
    if (!heard && !s->scan->everything)
        return;
    struct mbus_response r = mbus_request_data(s->c, a, true, 2, heard ? 0 : mbus_silence_ms(s->c));
    if (r.kind != MBUS_ANSWER_NONE)
        tell_primary(s, address, &r);
    else if (conversation_fault(s->c) != FAULT_NO_ANSWER)
        conversation_note(s->c, "address %d: several meters or a damaged answer", address);
}

/* --- secondary --------------------------------------------------------------------------------------------------- */

/* Does anything follow what was taken as the answer? Then more than one spoke. */
static bool followed(struct search *s, uint32_t wait_ms)
{
    struct question q = { .find = mbus_find };
    return conversation_listen(s->c, &q, wait_ms).size > 0;
}

/* SND_NKE to FD, unless the last one still holds: a SELECT that nobody heard selected nobody. */
static void deselect(struct search *s)
{
    if (s->selected)
        mbus_link_reset(s->c, MBUS_SELECTED);
    s->selected = false;
}

/* One SND_NKE, SELECT, REQ_UD2. */
static enum crowd ask_selected(struct search *s, struct mbus_address mask, struct mbus_address *ret)
{
    uint8_t memory[32];
    struct writer w = writer_over(memory, sizeof memory);
    mbus_put_select(&w, mask);
    deselect(s);
    bool acknowledged = mbus_expect_ack(s->c, writer_bytes(&w), s->scan->everything ? 2 : 1, mbus_silence_ms(s->c));
    s->selected = acknowledged || conversation_fault(s->c) != FAULT_NO_ANSWER;
    if (!acknowledged)
        return s->selected ? SEVERAL : NOBODY;
    if (followed(s, 1))
        return SEVERAL;
    struct mbus_response r = mbus_request_data(s->c, MBUS_SELECTED, true, 2, mbus_silence_ms(s->c));
    if (r.kind == MBUS_ANSWER_NONE || !r.identified || followed(s, 20))
        return SEVERAL;
    *ret = r.address;
    return mbus_address_matches(mask, r.address) ? SINGLE : SEVERAL;
}

/* The same as a whole that no other conversation may break, selected again by what it found. */
static enum crowd look(struct search *s, struct mbus_address mask, struct mbus_address *ret)
{
    struct mbus_address again;
    conversation_hold(s->c);
    enum crowd crowd = ask_selected(s, mask, ret);
    go_on(s);
    if (crowd == SINGLE && !s->stopped && !mbus_address_same(mask, *ret)) {
        if (ask_selected(s, selector_of(*ret), &again) != SINGLE || !mbus_address_same(*ret, again))
            crowd = SEVERAL;
        go_on(s);
    }
    if (!s->stopped)
        deselect(s);
    conversation_unhold(s->c);
    return s->stopped ? NOBODY : crowd;
}

/* Makers whose meters are met (mbus.md 6). */
static const char *const makers[] = { "DFS", "KAM", "APA", "APT", "SON", "ELS", "ABB", "LSE", "LUG", "SIE", "ZRI", "ZRM",
                                      "HYD", "EFE", "AXI", "SEN", "TCH", "ITW", "ACW", "SLB", "DME", "QDS", "RAM", "EMH" };

static void separate_makers(struct search *s, struct mbus_address mask)
{
    struct mbus_address who;
    for (size_t i = 0; i < sizeof makers / sizeof *makers && !s->stopped; i++) {
        mask.maker = mbus_maker_parse(makers[i]);
        if (look(s, mask, &who) == SINGLE)
            tell_secondary(s, who);
    }
}

/* Several meters share all eight digits. */
static void separate(struct search *s, struct mbus_address mask)
{
    struct mbus_address who;
    conversation_note(s->c, "several meters with number %08X", mask.id);
    for (unsigned medium = 0; medium < 0x38 && !s->stopped; medium++) {
        if (!mbus_medium_text((uint8_t)medium))
            continue;
        mask.medium = (uint8_t)medium;
        enum crowd crowd = look(s, mask, &who);
        if (crowd == SINGLE)
            tell_secondary(s, who);
        else if (crowd == SEVERAL)
            separate_makers(s, mask);
    }
}

/* Tries the ten digits at `position`, 0 being the first printed one. */
static void search_digit(struct search *s, struct mbus_address mask, int position)
{
    int shift = 4 * (DIGITS - 1 - position);
    for (uint32_t digit = 0; digit < 10 && !s->stopped; digit++) {
        struct mbus_address who;
        mask.id = (mask.id & ~(0xFu << shift)) | digit << shift;
        enum crowd crowd = look(s, mask, &who);
        if (crowd == SINGLE)
            tell_secondary(s, who);
        else if (crowd == SEVERAL && position + 1 < DIGITS)
            search_digit(s, mask, position + 1);
        else if (crowd == SEVERAL)
            separate(s, mask);
        if (position == 0)
            advance(s);
    }
}

void mbus_scan(struct conversation *c, struct scan *scan)
{
    int from = scan->from < 0 ? 0 : scan->from, to = scan->to > MBUS_PRIMARY_MAX ? MBUS_PRIMARY_MAX : scan->to;
    int primaries = to >= from ? to - from + 1 : 0;
    struct search s = { .c = c, .scan = scan, .total = primaries + 10, .selected = true };
    s.found = arena_take(conversation_arena(c), FOUND_MAX * sizeof *s.found);
    for (int a = from; a <= to && !s.stopped; a++) {
        conversation_step(c, "primary search");
        probe_primary(&s, a);
        go_on(&s);
        advance(&s);
    }
    conversation_step(c, "secondary search");
    search_digit(&s, MBUS_ANYBODY, 0);
}
