/* What the tests of the store share: a database in a directory of its own, batches, collected readings. */
#pragma once
#include "store/archive/writer.h"
#include "store/debts/owed.h"
#include "store/frames/exchange.h"
#include "store/house/care.h"
#include "store/registry/registry.h"
#include "tap.h"

#include <stdlib.h>
#include <unistd.h>

#define A_PLUS OBIS(1, 0, 1, 8, 0, 255)
#define A_MINUS OBIS(1, 0, 2, 8, 0, 255)

static char help_dir[256], help_path[320];

static inline const char *help_file(const char *name)
{
    if (!help_dir[0]) {
        const char *tmp = getenv("TMPDIR");
        snprintf(help_dir, sizeof help_dir, "%s/svod-store-XXXXXX", tmp ? tmp : "/tmp");
        if (!mkdtemp(help_dir))
            abort();
    }
    snprintf(help_path, sizeof help_path, "%s/%s", help_dir, name);
    return help_path;
}

static inline void help_clean(void)
{
    char command[320];
    snprintf(command, sizeof command, "rm -rf '%s'", help_dir);
    if (help_dir[0] && system(command) != 0)
        printf("# %s stays\n", help_dir);
}

static inline struct store *help_open(const char *name, const struct store_options *o)
{
    struct store_error error = { 0 };
    struct store *s = store_open(help_file(name), o, &error);
    char text[STORE_ERROR_TEXT_MAX];
    if (!s)
        printf("# cannot open: %s\n", store_error_text(&error, LANG_EN, text));
    return s;
}

static inline struct reading help_reading(enum archive a, struct obis o, int64_t wall, int64_t mantissa)
{
    return (struct reading){ .obis = o, .wall = wall, .value = decimal_of(mantissa, 0), .unit = UNIT_WATT_HOUR,
                             .step = (uint16_t)(a == ARCHIVE_PROFILE ? 1800 : a == ARCHIVE_HOUR ? 3600 : 0),
                             .archive = (uint8_t)a };
}

/* A value anybody can compute again. */
static inline int64_t help_value(int64_t meter, int64_t wall)
{
    return (int64_t)((uint64_t)(meter * 7919 + wall / 60) * 2654435761U % 5000);
}

/* Profile half-hours from `from`, two registers each. */
static inline void help_profile(struct batch *b, int64_t meter, int64_t from, int count)
{
    for (int i = 0; i < count; i++) {
        int64_t wall = from + i * 1800;
        struct reading plus = help_reading(ARCHIVE_PROFILE, A_PLUS, wall, help_value(meter, wall));
        struct reading minus = help_reading(ARCHIVE_PROFILE, A_MINUS, wall, 0);
        emit_reading(&b->sink, &plus);
        emit_reading(&b->sink, &minus);
    }
}

static inline struct put_result help_put(struct store *s, int64_t meter, struct batch *b)
{
    struct put_result r = { 0 };
    enum fault fault = store_put(s, meter, b, &r);
    if (fault != FAULT_NONE)
        printf("# put: %s: %s\n", fault_name(fault), store_error_last(s).detail);
    batch_reset(b);
    return r;
}

struct help_list {
    struct reading r[4096];
    unsigned revision[4096];
    int64_t stored_s[4096];
    size_t count;
    bool ordered;
};

static inline bool help_collect(void *context, const struct reading *r, const struct reading_kept *kept)
{
    struct help_list *l = context;
    if (l->count && (l->r[l->count - 1].wall > r->wall
                     || (l->r[l->count - 1].wall == r->wall && l->r[l->count - 1].obis.code >= r->obis.code)))
        l->ordered = false;
    l->revision[l->count] = kept->revision;
    l->stored_s[l->count] = kept->stored_s;
    l->r[l->count++] = *r;
    return l->count < 4096;
}

static inline struct help_list *help_read(struct store *s, int64_t meter, enum archive a, int64_t from, int64_t to)
{
    static struct help_list l;
    l = (struct help_list){ .ordered = true };
    if (store_readings(s, meter, a, NULL, 0, (struct span){ from, to }, help_collect, &l) != FAULT_NONE)
        printf("# read: %s\n", store_error_last(s).detail);
    return &l;
}

static inline void help_found(void *context, const char *what)
{
    (void)context;
    printf("# found: %s\n", what);
}

static inline bool help_sound(struct store *s)
{
    bool good = false;
    return store_check(s, help_found, NULL, &good) == FAULT_NONE && good;
}
