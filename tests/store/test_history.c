/* What is kept of contacts and of the hours when days became whole. */
#include "store_help.h"
#include "store/debts/arrivals.h"
#include "store/debts/contacts.h"

static int64_t day;

struct seen {
    int64_t meter, day;
    uint32_t good, failed;
};

static struct seen seen[64];
static size_t seen_count;

static bool see(void *context, int64_t meter, int64_t at, uint32_t good, uint32_t failed)
{
    (void)context;
    if (seen_count < 64)
        seen[seen_count++] = (struct seen){ meter, at, good, failed };
    return true;
}

static size_t contacts(struct store *s, int64_t meter, int64_t first, int64_t last)
{
    seen_count = 0;
    is_int(store_contacts(s, meter, first, last, see, NULL), FAULT_NONE);
    return seen_count;
}

static void test_contacts(struct store *s)
{
    int64_t today = wall_day(day);
    struct contact_note notes[] = {
        { 700, day + 23 * 3600 + 3599, true }, { 1, day, true }, { 1, day + 3 * 3600, false }, { 1, day + 3 * 3600 + 5, true },
        { 255, day + 8 * 3600, true }, { 256, day + 8 * 3600, false }, { 1, day + DAY_SECONDS, false } };
    is_int(store_contacts_put(s, notes, 7), FAULT_NONE);
    is_int(contacts(s, 0, today, today + 1), 5, "meters' days");
    ok(seen[0].meter == 1 && seen[0].day == today && seen[0].good == (1 | 1 << 3) && seen[0].failed == 1 << 3, "both kinds of an hour are kept");
    ok(seen[1].meter == 255 && seen[1].good == 1 << 8 && seen[1].failed == 0 && seen[2].meter == 256 && seen[2].failed == 1 << 8, "on both sides of a row's end");
    ok(seen[3].meter == 700 && seen[3].good == 1 << 23, "the last hour of a day");
    ok(seen[4].meter == 1 && seen[4].day == today + 1 && seen[4].failed == 1);
    is_int(contacts(s, 1, today, today + 5), 2, "one meter's days");
    is_int(contacts(s, 256, today, today), 1);
    ok(seen[0].failed == 1 << 8, "a neighbour in the row is not taken for it");
    is_int(contacts(s, 2, today, today), 0, "nothing of a meter that was never asked");
    is_int(store_contacts_put(s, &(struct contact_note){ 1, day + 5 * 3600, true }, 1), FAULT_NONE);
    contacts(s, 1, today, today);
    ok(seen[0].good == (1 | 1 << 3 | 1 << 5), "later sessions are added");
    is_int(store_contacts_put(s, &(struct contact_note){ 0, day, true }, 1), FAULT_SETTING);
    is_int(store_contacts_put(s, &(struct contact_note){ 5, -1, true }, 1), FAULT_SETTING);
    is_int(store_contacts_retain(s, today + 1), FAULT_NONE);
    is_int(contacts(s, 0, today - 400, today + 400), 1, "old days are forgotten, later ones stay");
}

/* --- arrivals ------------------------------------------------------------------------------------------------------------- */

static int hours_of[8];
static bool noted;

static bool hear(void *context, int64_t meter, int hours)
{
    (void)context;
    if (meter < 8)
        hours_of[meter] = hours;
    return true;
}

static void look(struct store *s, enum archive a, int64_t at)
{
    memset(hours_of, 0, sizeof hours_of);
    is_int(store_arrivals(s, a, at, hear, NULL, &noted), FAULT_NONE);
}

static void put_day(struct store *s, int64_t meter, int half_hours, enum archive a)
{
    struct batch b;
    batch_init(&b, BATCH_BYTES_USUAL);
    struct reading r = help_reading(ARCHIVE_DAY, A_PLUS, day, 100);
    if (a == ARCHIVE_DAY)
        emit_reading(&b.sink, &r);
    else
        help_profile(&b, meter, day, half_hours);
    help_put(s, meter, &b);
    batch_free(&b);
}

static void test_arrivals(struct store *s)
{
    int64_t today = wall_day(day);
    for (int64_t m = 1; m <= 3; m++) {
        struct owed_want wants[] = { { m, ARCHIVE_DAY, 0, { day, day + DAY_SECONDS } }, { m, ARCHIVE_PROFILE, 1800, { day, day + DAY_SECONDS } } };
        is_int(store_owed_expect(s, wants, 2), FAULT_NONE);
    }
    look(s, ARCHIVE_DAY, today);
    ok(!noted, "nothing was looked at yet");
    put_day(s, 1, 0, ARCHIVE_DAY);
    is_int(store_arrivals_note(s, ARCHIVE_DAY, day + 3 * 3600, 7), FAULT_NONE);
    put_day(s, 2, 0, ARCHIVE_DAY);
    is_int(store_arrivals_note(s, ARCHIVE_DAY, day + 9 * 3600 + 61, 7), FAULT_NONE);
    look(s, ARCHIVE_DAY, today);
    ok(noted && hours_of[1] == 3 && hours_of[2] == 10 && hours_of[3] == 0, "by three, by ten, and not yet: %d %d %d", hours_of[1], hours_of[2], hours_of[3]);
    put_day(s, 3, 0, ARCHIVE_DAY);
    is_int(store_arrivals_note(s, ARCHIVE_DAY, day + 20 * (int64_t)DAY_SECONDS, 31), FAULT_NONE);
    look(s, ARCHIVE_DAY, today);
    ok(hours_of[1] == 3 && hours_of[3] == ARRIVAL_LATE, "what was noted stays, and late is late");
    put_day(s, 1, 47, ARCHIVE_PROFILE);
    is_int(store_arrivals_note(s, ARCHIVE_PROFILE, day + DAY_SECONDS + 3600, 3), FAULT_NONE);
    look(s, ARCHIVE_PROFILE, today);
    ok(hours_of[1] == 0, "47 of 48 half-hours are no whole day");
    put_day(s, 1, 48, ARCHIVE_PROFILE);
    is_int(store_arrivals_note(s, ARCHIVE_PROFILE, day + DAY_SECONDS + 2 * 3600, 3), FAULT_NONE);
    look(s, ARCHIVE_PROFILE, today);
    is_int(hours_of[1], 2, "a profile's hours count from the day's end");
    is_int(store_arrivals_note(s, ARCHIVE_MONTH, day, 3), FAULT_SETTING);
    is_int(store_arrivals_note(s, ARCHIVE_DAY, day, 32), FAULT_SETTING);
    is_int(store_arrivals_retain(s, today + 1), FAULT_NONE);
    look(s, ARCHIVE_DAY, today);
    ok(!noted, "and forgotten in time");
}

int main(void)
{
    day = wall_from_fields(2026, 3, 5, 0, 0, 0);
    struct store *s = help_open("history.db", NULL);
    if (!ok(s != NULL))
        return tap_done();
    test_contacts(s);
    test_arrivals(s);
    ok(help_sound(s));
    store_close(&s);
    help_clean();
    return tap_done();
}
