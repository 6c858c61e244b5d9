/* Time zones; see zone.h. */
#include "base/zone.h"
#include "base/civil.h"
#include "base/cursor.h"

#include <stdio.h>
#include <stdlib.h>

enum { FILE_MAX = 64 << 10, TZIF_HEAD = 44, OFFSET_MAX = 26 * 3600 };

/* --- the rules behind the last change: "CET-1CEST,M3.5.0,M10.5.0/3" (RFC 8536 3.3) ------------------------------------- */

static bool skip_name(const char **at)
{
    const char *from = *at;
    if (*from == '<') {
        while (**at && **at != '>')
            (*at)++;
        return *(*at)++ == '>';
    }
    while ((**at >= 'A' && **at <= 'Z') || (**at >= 'a' && **at <= 'z'))
        (*at)++;
    return *at - from >= 3;
}

static bool take_number(const char **at, int most, int *ret)
{
    char *end;
    if (**at < '0' || **at > '9')
        return false;
    long value = strtol(*at, &end, 10);
    *at = end;
    *ret = (int)value;
    return value <= most;
}

/* [+-]hh[:mm[:ss]] as seconds. */
static bool take_clock(const char **at, int *ret)
{
    int part[3] = { 0 };
    bool minus = **at == '-';
    *at += minus || **at == '+';
    if (!take_number(at, 167, &part[0]))
        return false;
    for (int i = 1; i < 3 && **at == ':'; i++) {
        ++*at;
        if (!take_number(at, 59, &part[i]))
            return false;
    }
    *ret = (part[0] * 3600 + part[1] * 60 + part[2]) * (minus ? -1 : 1);
    return true;
}

static bool take_rule(const char **at, struct zone_rule *r)
{
    const char *parts = ",M";
    r->second = 2 * 3600;
    if (strncmp(*at, parts, 2) != 0)
        return false;
    *at += 2;
    if (!take_number(at, 12, &r->month) || *(*at)++ != '.' || !take_number(at, 5, &r->week) || *(*at)++ != '.' ||
        !take_number(at, 6, &r->weekday) || r->month < 1 || r->week < 1)
        return false;
    if (**at != '/')
        return true;
    ++*at;
    return take_clock(at, &r->second);
}

/* Rules of other forms than M (two places of the world) leave the last offset standing. */
static bool take_rules(const char *text, struct zone *z)
{
    int west, summer;
    if (!skip_name(&text) || !take_clock(&text, &west))
        return false;
    z->standard = z->summer = -west;
    if (!*text)
        return true;
    if (!skip_name(&text))
        return false;
    summer = west - 3600;
    if (*text != ',' && !take_clock(&text, &summer))
        return false;
    z->summer = -summer;
    z->yearly = take_rule(&text, &z->begins) && take_rule(&text, &z->ends) && !*text;
    return true;
}

/* --- the file ---------------------------------------------------------------------------------------------------------- */

struct tzif_head {
    uint32_t utc_marks, wall_marks, leaps, times, types, letters;
};

static bool take_head(struct cursor *c, struct tzif_head *h)
{
    struct bytes magic = take_bytes(c, 4);
    take_bytes(c, 16);
    uint32_t *const counts[] = { &h->utc_marks, &h->wall_marks, &h->leaps, &h->times, &h->types, &h->letters };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        *counts[i] = take_be32(c);
    bool small = h->utc_marks <= 256 && h->wall_marks <= 256 && h->leaps <= 256 && h->times <= 4096 && h->types <= 256 && h->letters <= 4096;
    return !c->failed && small && memcmp(magic.data, "TZif", 4) == 0;
}

static size_t body_size(const struct tzif_head *h, size_t time_size)
{
    return h->times * (time_size + 1) + h->types * 6 + h->letters + h->leaps * (time_size + 4) + h->wall_marks + h->utc_marks;
}

/* The changes of the 64-bit block; the newest are kept when there are more than fit. */
static bool take_changes(struct cursor *c, const struct tzif_head *h, struct zone *z)
{
    struct bytes times = take_bytes(c, h->times * 8), which = take_bytes(c, h->times), types = take_bytes(c, h->types * 6);
    if (c->failed || h->types == 0)
        return false;
    uint32_t skipped = h->times > ZONE_CHANGES_MAX ? h->times - ZONE_CHANGES_MAX : 0;
    int32_t offset = 0;
    for (uint32_t i = 0; i < h->types + h->times; i++) {
        uint8_t type = i < h->types ? (uint8_t)i : which.data[i - h->types];
        if (type >= h->types)
            return false;
        struct cursor t = cursor_over(bytes_of(types.data + type * 6, 4));
        offset = (int32_t)take_be32(&t);
        if (offset < -OFFSET_MAX || offset > OFFSET_MAX)
            return false;
        if (i == 0)
            z->before = offset;
        if (i < h->types + skipped)
            continue;
        struct cursor at = cursor_over(bytes_of(times.data + (i - h->types) * 8, 8));
        z->at[z->count] = (int64_t)take_be64(&at);
        if (z->count && z->at[z->count] <= z->at[z->count - 1])
            return false;
        z->offset[z->count++] = offset;
    }
    z->standard = z->summer = z->count ? z->offset[z->count - 1] : z->before;
    return true;
}

bool zone_decode(struct bytes file, struct zone *ret)
{
    struct zone z = { 0 };
    struct tzif_head h;
    char rules[80] = "";
    struct cursor c = cursor_over(file);
    if (!take_head(&c, &h) || file.data[4] < '2')
        return false;
    take_bytes(&c, body_size(&h, 4));
    if (!take_head(&c, &h))
        return false;
    struct cursor block = cursor_over(take_bytes(&c, body_size(&h, 8)));
    if (c.failed || !take_changes(&block, &h, &z))
        return false;
    take_u8(&c);
    for (size_t i = 0; i + 1 < sizeof rules && cursor_left(&c); i++) {
        rules[i] = (char)take_u8(&c);
        if (rules[i] == '\n')
            rules[i] = '\0';
        if (!rules[i])
            break;
    }
    if (*rules && !take_rules(rules, &z))
        return false;
    *ret = z;
    return true;
}

static bool fixed(const char *name, struct zone *ret)
{
    int seconds = 0;
    bool utc = strcmp(name, "UTC") == 0;
    if (!utc && ((*name != '+' && *name != '-') || !take_clock(&name, &seconds) || *name || seconds > 14 * 3600 || seconds < -12 * 3600))
        return false;
    *ret = (struct zone){ .before = seconds, .standard = seconds, .summer = seconds };
    return true;
}

/* Letters of zone names only, so that no name leads out of the folder. */
static bool is_name(const char *name)
{
    size_t size = strlen(name);
    bool good = size > 0 && size < ZONE_NAME_MAX && name[0] != '/';
    for (const char *at = name; *at; at++)
        good = good && (strchr("_+-/", *at) || (*at >= '0' && *at <= '9') || (*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z'));
    return good;
}

bool zone_load(const char *name, struct zone *ret)
{
    char path[32 + ZONE_NAME_MAX] = "/etc/localtime";
    if (*name && fixed(name, ret))
        return true;
    if (*name && !is_name(name))
        return false;
    if (*name)
        snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    FILE *f = fopen(path, "rb");
    if (!f)
        return !*name && fixed("UTC", ret); /* a machine without a zone lives by UTC */
    uint8_t *memory = malloc(FILE_MAX);
    size_t size = memory ? fread(memory, 1, FILE_MAX, f) : 0;
    bool good = zone_decode(bytes_of(memory, size), ret);
    free(memory);
    fclose(f);
    return good;
}

/* --- using it ---------------------------------------------------------------------------------------------------------- */

/* UTC of a rule's change in a year, the offset before it given. */
static int64_t change_of(const struct zone_rule *r, int year, int offset)
{
    int64_t first = wall_from_fields(year, r->month, 1, 0, 0, 0);
    int ahead = (r->weekday - wall_weekday(first) % 7 + 7) % 7;
    int day = 1 + ahead + (r->week - 1) * 7;
    while (day > days_in_month(year, r->month))
        day -= 7;
    return first + (int64_t)(day - 1) * DAY_SECONDS + r->second - offset;
}

static int by_rules(const struct zone *z, int64_t utc_s)
{
    if (!z->yearly || utc_s > wall_from_fields(9990, 1, 1, 0, 0, 0))
        return z->standard;
    int year = civil_of_wall(utc_s + z->standard).year;
    int64_t begins = change_of(&z->begins, year, z->standard), ends = change_of(&z->ends, year, z->summer);
    bool summer = begins < ends ? utc_s >= begins && utc_s < ends : utc_s >= begins || utc_s < ends;
    return summer ? z->summer : z->standard;
}

int zone_offset(const struct zone *z, int64_t utc_s)
{
    int low = 0, high = z->count;
    while (low < high) {
        int middle = (low + high) / 2;
        if (z->at[middle] <= utc_s)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == z->count)
        return z->count && !z->yearly ? z->offset[z->count - 1] : by_rules(z, utc_s);
    return low ? z->offset[low - 1] : z->before;
}

int64_t zone_wall(const struct zone *z, int64_t utc_s)
{
    return utc_s + zone_offset(z, utc_s);
}

int64_t zone_utc(const struct zone *z, int64_t wall)
{
    int before = zone_offset(z, wall - DAY_SECONDS), after = zone_offset(z, wall + DAY_SECONDS);
    bool first = zone_offset(z, wall - before) == before;
    bool second = zone_offset(z, wall - after) == after;
    return first || !second ? wall - before : wall - after;
}
