/* Records of СПОДЭС journals in the words of journals 1..57; see events.h. Source: spodes.md 5 beside S1 table 6. */
#include "meter/events.h"
#include <stddef.h>

static const struct plain {
    uint8_t e;              /* of 0.0.99.98.e.255 */
    uint8_t begins, ends;   /* codes; 0: none */
    uint8_t journal;
    uint8_t begin, end;     /* enum event_code */
} plains[] = {
    { 0, 2, 1, JOURNAL_PHASE_A, EVENT_BEGIN, EVENT_END }, { 0, 4, 3, JOURNAL_PHASE_B, EVENT_BEGIN, EVENT_END },
    { 0, 6, 5, JOURNAL_PHASE_C, EVENT_BEGIN, EVENT_END },
    { 0, 13, 14, JOURNAL_U_MAX_A, EVENT_BEGIN, EVENT_END }, { 0, 15, 16, JOURNAL_U_MAX_B, EVENT_BEGIN, EVENT_END },
    { 0, 17, 18, JOURNAL_U_MAX_C, EVENT_BEGIN, EVENT_END }, { 0, 19, 20, JOURNAL_U_MIN_A, EVENT_BEGIN, EVENT_END },
    { 0, 21, 22, JOURNAL_U_MIN_B, EVENT_BEGIN, EVENT_END }, { 0, 23, 24, JOURNAL_U_MIN_C, EVENT_BEGIN, EVENT_END },
    { 1, 25, 26, JOURNAL_I_MAX_A, EVENT_BEGIN, EVENT_END }, { 1, 27, 28, JOURNAL_I_MAX_B, EVENT_BEGIN, EVENT_END },
    { 1, 29, 30, JOURNAL_I_MAX_C, EVENT_BEGIN, EVENT_END }, { 1, 33, 34, JOURNAL_REVERSE, EVENT_BEGIN, EVENT_END },
    { 2, 2, 1, JOURNAL_POWER, EVENT_BEGIN, EVENT_END }, { 2, 0, 29, JOURNAL_POWER, EVENT_BEGIN, EVENT_END },
    { 2, 4, 3, JOURNAL_RELAY, EVENT_BEGIN, EVENT_END }, { 2, 7, 6, JOURNAL_RELAY, EVENT_BEGIN, EVENT_END },
    { 2, 12, 11, JOURNAL_RELAY, EVENT_BEGIN, EVENT_END }, { 2, 21, 9, JOURNAL_RELAY, EVENT_BEGIN, EVENT_END },
    { 2, 22, 14, JOURNAL_RELAY, EVENT_BEGIN, EVENT_END }, { 2, 23, 15, JOURNAL_RELAY, EVENT_BEGIN, EVENT_END },
    { 2, 24, 10, JOURNAL_RELAY, EVENT_BEGIN, EVENT_END }, { 2, 26, 25, JOURNAL_RELAY, EVENT_BEGIN, EVENT_END },
    { 2, 27, 28, JOURNAL_RELAY, EVENT_BEGIN, EVENT_END }, { 2, 0, 13, JOURNAL_RELAY, EVENT_BEGIN, EVENT_END },
    { 2, 0, 18, JOURNAL_RELAY, EVENT_BEGIN, EVENT_END },
    { 2, 8, 20, JOURNAL_POWER_LIMIT, EVENT_BEGIN, EVENT_END }, { 2, 19, 0, JOURNAL_ENERGY_LIMIT_TARIFF, EVENT_BEGIN, EVENT_END },
    { 3, 5, 0, JOURNAL_TARIFF, EVENT_DONE, EVENT_END }, { 3, 6, 0, JOURNAL_TARIFF, EVENT_DONE, EVENT_END },
    { 3, 7, 0, JOURNAL_TARIFF, EVENT_DONE, EVENT_END }, { 3, 8, 0, JOURNAL_TARIFF, EVENT_DONE, EVENT_END },
    { 3, 9, 0, JOURNAL_TARIFF, EVENT_DONE, EVENT_END }, { 3, 49, 0, JOURNAL_TARIFF, EVENT_DONE, EVENT_END },
    { 3, 46, 0, JOURNAL_PROFILE_INIT, EVENT_DONE, EVENT_END }, { 3, 47, 0, JOURNAL_PROFILE2_INIT, EVENT_DONE, EVENT_END },
    { 4, 3, 0, JOURNAL_COVER, EVENT_BEGIN, EVENT_END }, { 4, 4, 0, JOURNAL_CASE, EVENT_BEGIN, EVENT_END },
    { 4, 1, 2, JOURNAL_MAGNET, EVENT_BEGIN, EVENT_END },
};

/* Settings of the clock are told by journal 13 too; events of the relay's monitors are no programming. */
static bool is_programming(uint16_t journal, uint16_t code)
{
    bool clock = code == 3 || code == 63 || code == 68, monitor = code >= 94 && code <= 98;
    return journal == JOURNAL_SPODES + 3 && code && !clock && !monitor;
}

struct event_name event_plain(uint16_t journal, uint16_t code)
{
    struct event_name name = { journal, code };
    if (journal == JOURNAL_SPODES + 13) /* its codes are those of JOURNAL_CLOCK */
        return (struct event_name){ JOURNAL_CLOCK, code };
    if (is_programming(journal, code)) /* what has words of its own is below */
        name = (struct event_name){ JOURNAL_PROGRAMMING, EVENT_DONE };
    for (size_t i = 0; i < sizeof plains / sizeof *plains && code; i++) {
        const struct plain *p = &plains[i];
        if (journal == JOURNAL_SPODES + p->e && (code == p->begins || code == p->ends))
            name = (struct event_name){ p->journal, code == p->begins ? p->begin : p->end };
    }
    return name;
}
