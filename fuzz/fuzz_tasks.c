/* What the store holds of tasks and of a gateway's events as text, and zone files, under any bytes: what reads must write and read to an equal writing.
 * The first byte says which. Build: clang -fsanitize=fuzzer,address,undefined (dev fuzz). */
#include "base/civil.h"
#include "base/zone.h"
#include "box/occasion.h"
#include "collect/schedule.h"
#include "collect/story.h"
#include "collect/work.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_schedule(const char *text)
{
    char once[SCHEDULE_TEXT_MAX], twice[SCHEDULE_TEXT_MAX];
    struct text a = text_over(once, sizeof once), b = text_over(twice, sizeof twice);
    struct schedule s, back;
    struct zone z;
    if (!schedule_read(text, &s))
        return;
    schedule_write(&s, &a);
    if (a.cut || !schedule_read(once, &back))
        abort();
    schedule_write(&back, &b);
    if (strcmp(once, twice) != 0 || !zone_load("+03:00", &z))
        abort();
    int64_t next = schedule_next(&s, &z, 1800000000);
    if (next != WALL_NONE && next <= 1800000000)
        abort();
}

static void try_work(const char *text)
{
    static char once[WORK_TEXT_MAX], twice[WORK_TEXT_MAX];
    static struct work w, back;
    struct text a = text_over(once, sizeof once), b = text_over(twice, sizeof twice);
    if (!work_read_text(text, &w))
        return;
    work_write(&w, &a);
    if (a.cut || !work_read_text(once, &back))
        abort();
    work_write(&back, &b);
    if (strcmp(once, twice) != 0)
        abort();
}

static bool take(void *context, int64_t utc_ms, const char *sentence)
{
    (void)utc_ms;
    *(size_t *)context += strlen(sentence);
    return true;
}

static void try_story(const char *text)
{
    char said[STORY_SENTENCE_MAX];
    struct story_session sessions[8];
    struct text t = text_over(said, sizeof said);
    size_t all = 0;
    story_sentence(text, LANG_RU, &t);
    story_tell(text, LANG_EN, take, &all);
    story_sessions(text, sessions, 8);
}

static void try_condition(const char *text)
{
    char once[CONDITION_TEXT_MAX], twice[CONDITION_TEXT_MAX], said[300];
    struct text a = text_over(once, sizeof once), b = text_over(twice, sizeof twice), t = text_over(said, sizeof said);
    struct condition c, back;
    cause_tell(text, LANG_EN, &t);
    if (!condition_read(text, &c))
        return;
    side_next(&c, SIDE_UNKNOWN, c.limit);
    condition_write(&c, &a);
    if (a.cut || !condition_read(once, &back))
        abort();
    condition_write(&back, &b);
    if (strcmp(once, twice) != 0)
        abort();
}

static void try_actions(const char *text)
{
    static char once[ACTIONS_TEXT_MAX], twice[ACTIONS_TEXT_MAX];
    static struct actions all, back;
    struct text a = text_over(once, sizeof once), b = text_over(twice, sizeof twice);
    if (!actions_read(text, &all))
        return;
    actions_write(&all, &a);
    if (a.cut || !actions_read(once, &back))
        abort();
    actions_write(&back, &b);
    if (strcmp(once, twice) != 0)
        abort();
}

static void try_zone(struct bytes file)
{
    static struct zone z;
    if (!zone_decode(file, &z))
        return;
    for (int year = 1900; year < 2200; year += 7) {
        int64_t wall = wall_from_fields(year, 3, 29, 2, 30, 0);
        int offset = zone_offset(&z, wall);
        int64_t there = zone_utc(&z, wall);
        if (offset < -27 * 3600 || offset > 27 * 3600 || there < wall - 2 * DAY_SECONDS || there > wall + 2 * DAY_SECONDS)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    char *text = malloc(size);
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    switch (data[0] % 6) {
    case 0: try_schedule(text); break;
    case 1: try_work(text); break;
    case 2: try_story(text); break;
    case 3: try_condition(text); break;
    case 4: try_actions(text); break;
    default: try_zone(bytes_of(data + 1, size - 1)); break;
    }
    free(text);
    return 0;
}
