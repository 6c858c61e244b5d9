/* What a life suffers. docs/simulators.md section 5.
 *
 * Each kind of event has a grid of slots some days long and one event in each slot, at a drawn moment: the n-th newest is
 * found by its slot, without walking. */
#include "sim/life.h"

#include "sim/life_draw.h"

static const struct kind {
    uint16_t journal;
    uint16_t days;            /* slot length */
    uint16_t shortest, spread; /* seconds; 0: a thing without duration */
} kinds[] = {
    { JOURNAL_POWER, 37, 30, 870 },
    { JOURNAL_CLOCK, 31, 1, 9 },
    { JOURNAL_RESET, 730, 0, 0 },
    { JOURNAL_TARIFF, 365, 0, 0 },
    { JOURNAL_COVER, 211, 60, 840 },
    { JOURNAL_PHASE_A, 97, 20, 580 },
    { JOURNAL_PHASE_B, 101, 20, 580 },
    { JOURNAL_PHASE_C, 103, 20, 580 },
    { JOURNAL_PROGRAMMING, 127, 0, 0 },
    { JOURNAL_RELAY, 149, 60, 1740 },
    { JOURNAL_U_MAX_A, 43, 5, 595 },
    { JOURNAL_U_MIN_A, 61, 5, 595 },
    { JOURNAL_U_MAX_B, 47, 5, 595 },
    { JOURNAL_U_MIN_B, 59, 5, 595 },
    { JOURNAL_U_MAX_C, 53, 5, 595 },
    { JOURNAL_U_MIN_C, 67, 5, 595 },
    { JOURNAL_I_MAX_A, 113, 10, 290 },
    { JOURNAL_I_MAX_B, 131, 10, 290 },
    { JOURNAL_I_MAX_C, 137, 10, 290 },
    { JOURNAL_F_MAX, 307, 2, 28 },
    { JOURNAL_F_MIN, 293, 2, 28 },
    { JOURNAL_POWER_LIMIT_A_PLUS, 71, 1800, 5400 },
    { JOURNAL_REVERSE, 401, 10, 110 },
    { JOURNAL_MAGNET, 397, 10, 290 },
    { JOURNAL_SELF_TEST, 181, 0, 0 },
    { JOURNAL_QUALITY, 29, 1, 59 },
};

static const struct kind *kind_of(enum journal journal)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].journal == journal)
            return &kinds[i];
    return NULL;
}

bool life_event_before(uint32_t serial, enum journal journal, int64_t wall, int n, struct life_event *ret)
{
    const struct kind *k = kind_of(journal);
    if (!k || n < 0 || wall == WALL_NONE)
        return false;
    int64_t slot = (int64_t)k->days * DAY_SECONDS;
    int64_t first = wall_from_fields(2020, 1, 1, 0, 0, 0) + life_draw(serial, SALT_EVENT_SHIFT + k->journal, 0, slot);
    int64_t i = life_divide(wall - first, slot) + 1;
    int64_t begin;
    do { /* the event of the moment's own slot may still be to come: at most two steps */
        if (--i < 0)
            return false;
        begin = first + i * slot + life_draw(serial, SALT_EVENT_MOMENT + k->journal, i, slot - 3 * HOUR_SECONDS);
    } while (begin >= wall);
    i -= n;
    if (i < 0)
        return false;
    if (n > 0)
        begin = first + i * slot + life_draw(serial, SALT_EVENT_MOMENT + k->journal, i, slot - 3 * HOUR_SECONDS);
    int64_t end = begin + k->shortest + (k->spread ? life_draw(serial, SALT_EVENT_LENGTH + k->journal, i, k->spread + 1) : 0);
    *ret = (struct life_event){ begin, k->shortest == 0 || end >= wall ? WALL_NONE : end };
    return true;
}
