/* Debts into wants; see debts.h. */
#include "collect/debts.h"

enum { GAPS_MAX = 3, NEAR_DAYS = 2 };

size_t debts_expected(const struct store_meter *m, int profile_step, int64_t now, struct owed_want out[ARCHIVE_COUNT])
{
    size_t count = 0;
    for (int a = 0; a < ARCHIVE_COUNT; a++) {
        enum archive archive = (enum archive)a;
        if (!archive_has_grid(archive) || m->depth_days[a] == 0)
            continue;
        int64_t from = archive_floor(archive, profile_step, now - (int64_t)m->depth_days[a] * DAY_SECONDS);
        /* Registers of a day exist from its first moment, intervals from their end. */
        int64_t last = archive_floor(archive, profile_step, now);
        int64_t to = archive == ARCHIVE_DAY || archive == ARCHIVE_MONTH ? archive_next(archive, profile_step, last) : last;
        out[count++] = (struct owed_want){ m->id, archive, archive == ARCHIVE_PROFILE ? profile_step : 0, { from, to } };
    }
    return count;
}

static void add(struct session_plan *plan, enum archive archive, struct span span, int64_t now)
{
    if (plan->wants < SESSION_WANTS_MAX)
        plan->want[plan->wants++] = (struct want){ .archive = archive, .span = span, .now = now };
}

/* Days of an archive that one session asks for. */
static const uint16_t slice_days[][ARCHIVE_COUNT] = {
    [SLICE_ALONE] = { [ARCHIVE_DAY] = 400, [ARCHIVE_MONTH] = 4000, [ARCHIVE_PROFILE] = 62, [ARCHIVE_HOUR] = 62 },
    [SLICE_FIRST] = { [ARCHIVE_DAY] = 2, [ARCHIVE_MONTH] = 31, [ARCHIVE_PROFILE] = 1, [ARCHIVE_HOUR] = 1 },
    [SLICE_FURTHER] = { [ARCHIVE_DAY] = 15, [ARCHIVE_MONTH] = 125, [ARCHIVE_PROFILE] = 4, [ARCHIVE_HOUR] = 4 },
};

/* Adds the newest gaps of one archive up to a slice; those a few days apart are asked for as one, because a request costs
 * more than the days between. */
static enum fault add_gaps(struct store *s, const struct store_meter *m, enum archive archive, int64_t now,
                           enum debt_slice slice, struct session_plan *plan, bool *more)
{
    struct span gap[GAPS_MAX];
    size_t count = 0;
    struct span all = { now - (int64_t)(m->depth_days[archive] + 32) * DAY_SECONDS, now + 32 * (int64_t)DAY_SECONDS };
    enum fault f = store_owed_spans(s, m->id, archive, all, true, gap, GAPS_MAX, &count);
    int64_t left = (int64_t)slice_days[slice][archive] * DAY_SECONDS;
    for (size_t i = 0; i < count && f == FAULT_NONE && left > 0; i++) {
        struct span span = gap[i];
        int64_t near = archive == ARCHIVE_MONTH ? 62 * (int64_t)DAY_SECONDS : NEAR_DAYS * (int64_t)DAY_SECONDS;
        while (i + 1 < count && span.from - gap[i + 1].to <= near)
            span.from = gap[++i].from;
        if (span.to - span.from > left) {
            span.from = span.to - left;
            *more = true;
        }
        left -= span.to - span.from;
        *more |= left <= 0 && i + 1 < count;
        add(plan, archive, span, now);
    }
    *more |= count == GAPS_MAX;
    return f;
}

/* Archives that are read as they are now, once in a pass: in the first turn when it leaves no debts and so need not be
 * followed by another, else in the second. Journals of more than some days always wait for it. */
static void add_present(const struct store_meter *m, int64_t now, int64_t journals_from, uint32_t read, enum debt_slice slice,
                        struct session_plan *plan, bool *more)
{
    static const enum archive later[] = { ARCHIVE_NETWORK, ARCHIVE_STATE, ARCHIVE_JOURNAL };
    bool postponed = slice == SLICE_FIRST && (*more || (m->depth_days[ARCHIVE_JOURNAL] && journals_from < now - NEAR_DAYS * (int64_t)DAY_SECONDS));
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        bool wanted = m->depth_days[later[i]] && !(read >> later[i] & 1);
        int64_t oldest = now - (int64_t)m->depth_days[later[i]] * DAY_SECONDS;
        struct span span = { now, now };
        if (later[i] == ARCHIVE_JOURNAL)
            span = (struct span){ journals_from > oldest ? journals_from : oldest, now + DAY_SECONDS };
        if (wanted && postponed)
            *more = true;
        else if (wanted)
            add(plan, later[i], span, now);
    }
}

enum fault debts_plan(struct store *s, const struct store_meter *m, int64_t now, int64_t journals_from, uint32_t read,
                      enum debt_slice slice, struct session_plan *plan, bool *ret_more)
{
    static const enum archive order[] = { ARCHIVE_DAY, ARCHIVE_MONTH, ARCHIVE_PROFILE, ARCHIVE_HOUR };
    enum fault f = FAULT_NONE;
    *ret_more = false;
    if (m->depth_days[ARCHIVE_CURRENT] && !(read >> ARCHIVE_CURRENT & 1))
        add(plan, ARCHIVE_CURRENT, (struct span){ now, now }, now);
    for (size_t i = 0; i < sizeof order / sizeof *order && f == FAULT_NONE; i++)
        if (m->depth_days[order[i]])
            f = add_gaps(s, m, order[i], now, slice, plan, ret_more);
    add_present(m, now, journals_from, read, slice, plan, ret_more);
    return f;
}
