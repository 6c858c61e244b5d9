/* A realistic half-hour load for the benches of the store: households with a morning and an evening peak, a noise that
 * no model foresees, and now and then a kettle. Four registers in Wh and varh per half-hour. */
#pragma once
#include "base/clock.h"
#include "store/house/care.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline uint64_t load_noise(uint64_t x)
{
    x ^= x >> 33;
    x *= 0xFF51AFD7ED558CCDU;
    x ^= x >> 33;
    x *= 0xC4CEB9FE1A85EC53U;
    return x ^ x >> 33;
}

/* Active energy of the half-hour, Wh: a base by meter, a curve by hour, noise, rare peaks. */
static inline int64_t load_active(int64_t meter, int64_t wall)
{
    static const int curve[24] = { 35, 30, 28, 27, 28, 35, 60, 95, 90, 70, 62, 60,
                                   65, 62, 60, 65, 80, 115, 150, 170, 165, 140, 95, 55 };
    uint64_t noise = load_noise((uint64_t)meter << 40 ^ (uint64_t)wall);
    int64_t size = 1 + (int64_t)(load_noise((uint64_t)meter) % 4);
    int64_t value = curve[wall / 3600 % 24] * size / 2;
    value = value * (int64_t)(60 + noise % 80) / 100;
    return noise >> 32 & 31 ? value : value + (int64_t)(noise >> 40 & 1023);
}

/* The day of a meter: 48 half-hours of A+, A-, R+, R-, or only half-hour `slot` when it is not negative. */
static inline void load_day(struct batch *b, int64_t meter, int64_t day, int slot)
{
    for (int i = slot < 0 ? 0 : slot; i < (slot < 0 ? 48 : slot + 1); i++) {
        int64_t wall = day + i * 1800, active = load_active(meter, wall);
        uint64_t noise = load_noise((uint64_t)wall << 24 ^ (uint64_t)meter);
        bool sun = meter % 50 == 0 && i > 16 && i < 36; /* one house in fifty feeds in */
        int64_t values[4] = { active, sun ? (int64_t)(noise % 900) : 0, active * (int64_t)(15 + noise % 20) / 100,
                              noise >> 20 & 7 ? 0 : (int64_t)(noise >> 30 & 15) };
        for (int k = 0; k < 4; k++) {
            struct reading r = { .obis = OBIS(1, 0, k + 1, 8, 0, 255), .wall = wall, .value = decimal_of(values[k], 0),
                                 .step = 1800, .archive = ARCHIVE_PROFILE,
                                 .unit = k < 2 ? UNIT_WATT_HOUR : UNIT_VAR_HOUR };
            if (load_noise(noise) % 2000 == 0) /* a power cut now and then */
                r.quality = QUALITY_PARTIAL;
            emit_reading(&b->sink, &r);
        }
    }
}

static inline const char *load_path(void)
{
    static char path[256];
    const char *tmp = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/svod-bench-%d.db", tmp ? tmp : "/tmp", (int)getpid());
    return path;
}

static inline void load_remove(void)
{
    char name[300];
    static const char *const tails[] = { "", "-wal", "-shm" };
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", load_path(), tails[i]);
        unlink(name);
    }
}

static inline struct store *load_open(const struct store_options *o)
{
    struct store_error error;
    char text[STORE_ERROR_TEXT_MAX];
    struct store *s = store_open(load_path(), o, &error);
    if (!s) {
        fprintf(stderr, "%s\n", store_error_text(&error, LANG_EN, text));
        exit(1);
    }
    return s;
}

static inline void load_must(struct store *s, enum fault fault)
{
    if (fault == FAULT_NONE)
        return;
    fprintf(stderr, "%s: %s\n", fault_name(fault), store_error_last(s).detail);
    exit(1);
}
