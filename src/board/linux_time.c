/* Time on Linux: the zone by timedatectl, the RTC by the kernel, the time service chrony (`chronyc`, its sources.d). */
#include "base/clock.h"
#include "board/board_linux.h"
#include "board/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { TOOL_MS = 5000, TRACKING_MS = 15000, YEAR_2020_S = 1577836800, FIELDS = 14 };

static const char sources[] = "/etc/chrony/sources.d/svod.sources";

/* Asked rarely: it starts a program. `chronyc -c tracking`: reference, its name, stratum, moment, correction [s] ... leap status, divided by commas. */
static void read_tracking(struct board_clock *ret)
{
    char output[1024], *at = output, *field[FIELDS] = { 0 };
    struct text t = text_over(output, sizeof output);
    ret->has_time_service = tool_run((const char *const[]){ "chronyc", "-c", "tracking", NULL }, TOOL_MS, &t);
    for (int i = 0; i < FIELDS && at; i++)
        field[i] = strsep(&at, ",\n");
    if (!ret->has_time_service || !field[FIELDS - 1])
        return;
    ret->synchronised = strcmp(field[FIELDS - 1], "Not synchronised") != 0;
    if (ret->synchronised)
        BOARD_PUT(ret->source, "%s", field[1]);
    tool_number(field[4], -6, &ret->offset_us);
}

void linux_clock(struct board *base, struct board_clock *ret)
{
    struct board_linux *b = (struct board_linux *)base;
    char since[32];
    ret->utc_ms = clock_utc_ms();
    ret->zone_minutes = clock_zone_minutes(ret->utc_ms);
    linux_read(b, "/sys/class/rtc/rtc0/since_epoch", since, sizeof since);
    linux_name clocks[4];
    ret->has_rtc = linux_list(b, "/sys/class/rtc", clocks, 4) > 0;
    ret->rtc_utc_ms = atoll(since) * 1000;
    ret->rtc_good = ret->has_rtc && atoll(since) >= YEAR_2020_S;
    int64_t now = clock_monotonic_ms();
    pthread_mutex_lock(&b->time_lock);
    if (!b->tracked_ms || now - b->tracked_ms >= TRACKING_MS) {
        b->tracked = (struct board_clock){ 0 };
        read_tracking(&b->tracked);
        b->tracked_ms = now;
    }
    ret->has_time_service = b->tracked.has_time_service;
    ret->synchronised = b->tracked.synchronised;
    ret->offset_us = b->tracked.offset_us;
    BOARD_PUT(ret->source, "%s", b->tracked.source);
    pthread_mutex_unlock(&b->time_lock);
}

bool linux_zone_set(struct board *base, int minutes, struct text *why)
{
    (void)base;
    char zone[24];
    /* The names of Etc count westwards. */
    snprintf(zone, sizeof zone, minutes ? "Etc/GMT-%d" : "Etc/UTC", minutes / 60);
    bool good = tool_run((const char *const[]){ "timedatectl", "set-timezone", zone, NULL }, TOOL_MS, why);
    tzset();
    return good;
}

static bool rtc_write(const struct board_linux *b, int64_t utc_ms, struct text *why)
{
    char path[LINUX_PATH];
    time_t seconds = (time_t)(utc_ms / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    struct rtc_time set = { .tm_sec = utc.tm_sec, .tm_min = utc.tm_min, .tm_hour = utc.tm_hour, .tm_mday = utc.tm_mday, .tm_mon = utc.tm_mon, .tm_year = utc.tm_year };
    int fd = open(linux_path(b, "/dev/rtc0", path), O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return true; /* a machine without one */
    bool good = fd >= 0 && ioctl(fd, RTC_SET_TIME, &set) == 0;
    if (!good && why)
        text_printf(why, "RTC: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return good;
}

bool linux_clock_set(struct board *base, int64_t utc_ms, struct text *why)
{
    struct timespec t = clock_timespec(utc_ms);
    if (clock_settime(CLOCK_REALTIME, &t) != 0) {
        if (why)
            text_put(why, strerror(errno));
        return false;
    }
    return rtc_write((struct board_linux *)base, utc_ms, why);
}

bool linux_time_service_set(struct board *base, const struct board_time_service *wanted, struct text *why)
{
    char content[1024];
    struct text t = text_over(content, sizeof content);
    text_put(&t, "# Written by svod: servers set on the page of time.\n");
    for (int i = 0; wanted->on && i < wanted->servers; i++)
        text_printf(&t, "server %s iburst minpoll %d maxpoll %d\n", wanted->server[i], wanted->poll < 6 ? wanted->poll : 6, wanted->poll);
    return linux_write((struct board_linux *)base, sources, content, why) && tool_run((const char *const[]){ "chronyc", "reload", "sources", NULL }, TOOL_MS, why);
}

bool linux_time_now(struct board *base, struct text *why)
{
    (void)base;
    return tool_run((const char *const[]){ "chronyc", "burst", "2/4", NULL }, TOOL_MS, why) &&
           tool_run((const char *const[]){ "chronyc", "makestep", NULL }, TOOL_MS, why);
}
