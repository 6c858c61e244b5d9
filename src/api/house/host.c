/* Looking at the machine; see host.h. */
#include "api/house/host.h"
#include "base/clock.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <ifaddrs.h>
#include <libgen.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <unistd.h>

static bool read_text(const char *path, char *out, size_t room)
{
    FILE *file = fopen(path, "r");
    size_t size = file ? fread(out, 1, room - 1, file) : 0;
    if (file)
        fclose(file);
    out[size] = '\0';
    return size > 0;
}

/* The number after `key` at the beginning of a line; -1 when there is none. */
static int64_t number_after(const char *text, const char *key)
{
    for (const char *at = text; at; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (strncmp(at, key, strlen(key)) == 0)
            return strtoll(at + strlen(key), NULL, 10);
    }
    return -1;
}

static int64_t kib_after(const char *text, const char *key)
{
    int64_t kib = number_after(text, key);
    return kib < 0 ? 0 : kib * 1024;
}

/* --- what it is ----------------------------------------------------------------------------------------------------------- */

static void look_at_system(struct host_facts *h)
{
    char text[4096];
    struct utsname u;
    const char *name = getenv("SVOD_NAME");
    if (name && *name)
        snprintf(h->name, sizeof h->name, "%s", name);
    else
        gethostname(h->name, sizeof h->name - 1);
    if (uname(&u) == 0)
        snprintf(h->kernel, sizeof h->kernel, "%.40s %.60s %.20s", u.sysname, u.release, u.machine);
    const char *pretty = read_text("/etc/os-release", text, sizeof text) ? strstr(text, "PRETTY_NAME=\"") : NULL;
    if (pretty)
        snprintf(h->system, sizeof h->system, "%.*s", (int)strcspn(pretty + 13, "\""), pretty + 13);
}

/* TZ, else the name behind /etc/localtime, else the text of /etc/timezone. */
static void look_at_zone(struct host_facts *h)
{
    char target[PATH_MAX] = "";
    const char *zone = getenv("TZ"), *mark = "/zoneinfo/";
    struct timex t = { .modes = 0 };
    int state = adjtimex(&t);
    h->zone_minutes = clock_zone_minutes(clock_utc_ms());
    h->clock_synchronised = state != -1 && state != TIME_ERROR && !(t.status & STA_UNSYNC);
    if (zone && *zone) {
        snprintf(h->zone, sizeof h->zone, "%s", zone + (*zone == ':'));
        return;
    }
    ssize_t size = readlink("/etc/localtime", target, sizeof target - 1);
    const char *place = size > 0 ? strstr(target, mark) : NULL;
    if (place)
        snprintf(h->zone, sizeof h->zone, "%s", place + strlen(mark));
    else if (read_text("/etc/timezone", h->zone, sizeof h->zone))
        h->zone[strcspn(h->zone, "\n")] = '\0';
}

/* --- how it fares --------------------------------------------------------------------------------------------------------- */

static void look_at_memory(struct host_facts *h)
{
    char text[8192];
    if (read_text("/proc/meminfo", text, sizeof text)) {
        h->memory = kib_after(text, "MemTotal:");
        h->memory_free = kib_after(text, "MemAvailable:");
        h->swap = kib_after(text, "SwapTotal:");
        h->swap_free = kib_after(text, "SwapFree:");
    }
    if (read_text("/proc/self/status", text, sizeof text))
        h->own_memory = kib_after(text, "VmRSS:");
}

/* Busy share of the time since the last look. */
static int busy_percent(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static unsigned long long last_all, last_idle;
    static int last;
    char text[512];
    unsigned long long v[8] = { 0 }, all = 0;
    if (!read_text("/proc/stat", text, sizeof text) ||
        sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7]) < 5)
        return 0;
    for (int i = 0; i < 8; i++)
        all += v[i];
    unsigned long long idle = v[3] + v[4];
    pthread_mutex_lock(&lock);
    if (all - last_all >= 20) { /* a fifth of a second; of less nothing can be said */
        last = (int)(100 - (idle - last_idle) * 100 / (all - last_all));
        last_all = all;
        last_idle = idle;
    }
    int percent = last;
    pthread_mutex_unlock(&lock);
    return percent < 0 ? 0 : percent;
}

static void folder_of(const char *path, char folder[PATH_MAX])
{
    char copy[PATH_MAX], real[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    const char *place = dirname(copy);
    snprintf(folder, PATH_MAX, "%s", realpath(place, real) ? real : place);
}

static void look_at_disk(const char *path, struct host_facts *h)
{
    char folder[PATH_MAX];
    struct statvfs disk;
    folder_of(path, folder);
    snprintf(h->disk_place, sizeof h->disk_place, "%.127s", folder);
    if (statvfs(folder, &disk) != 0)
        return;
    h->disk = (int64_t)disk.f_blocks * (int64_t)disk.f_frsize;
    h->disk_free = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
}

int host_free_percent(const char *path)
{
    struct host_facts h = { .disk = 0 };
    look_at_disk(path, &h);
    return h.disk > 0 ? (int)(h.disk_free * 100 / h.disk) : -1;
}

void host_look(const char *path, struct host_facts *ret)
{
    char text[256];
    memset(ret, 0, sizeof *ret);
    look_at_system(ret);
    look_at_zone(ret);
    look_at_memory(ret);
    look_at_disk(path, ret);
    ret->processors = (int)sysconf(_SC_NPROCESSORS_ONLN);
    ret->busy_percent = busy_percent();
    if (read_text("/proc/uptime", text, sizeof text))
        ret->up_s = strtoll(text, NULL, 10);
    if (getloadavg(ret->load, 3) != 3)
        memset(ret->load, 0, sizeof ret->load);
}

/* --- interfaces and ports ------------------------------------------------------------------------------------------------- */

static struct host_interface *interface_named(struct host_interface *all, int *count, const char *name)
{
    for (int i = 0; i < *count; i++)
        if (strcmp(all[i].name, name) == 0)
            return &all[i];
    if (*count == HOST_INTERFACES)
        return NULL;
    struct host_interface *one = &all[(*count)++];
    char path[128];
    memset(one, 0, sizeof *one);
    snprintf(one->name, sizeof one->name, "%.31s", name);
    snprintf(path, sizeof path, "/sys/class/net/%.31s/address", name);
    if (read_text(path, one->mac, sizeof one->mac))
        one->mac[strcspn(one->mac, "\n")] = '\0';
    return one;
}

static int bits_set(const uint8_t *mask, size_t size)
{
    int bits = 0;
    for (size_t i = 0; i < size; i++)
        bits += __builtin_popcount(mask[i]);
    return bits;
}

static void add_address(struct host_interface *one, const struct ifaddrs *a)
{
    char text[INET6_ADDRSTRLEN] = "";
    int family = a->ifa_addr->sa_family, bits = 0;
    if (family == AF_INET) {
        inet_ntop(family, &((const struct sockaddr_in *)(const void *)a->ifa_addr)->sin_addr, text, sizeof text);
        if (a->ifa_netmask)
            bits = bits_set((const uint8_t *)&((const struct sockaddr_in *)(const void *)a->ifa_netmask)->sin_addr, 4);
    } else if (family == AF_INET6) {
        inet_ntop(family, &((const struct sockaddr_in6 *)(const void *)a->ifa_addr)->sin6_addr, text, sizeof text);
        if (a->ifa_netmask)
            bits = bits_set((const uint8_t *)&((const struct sockaddr_in6 *)(const void *)a->ifa_netmask)->sin6_addr, 16);
    }
    if (*text && one->addresses < HOST_ADDRESSES)
        snprintf(one->address[one->addresses++], sizeof one->address[0], "%s/%d", text, bits);
}

int host_interfaces(struct host_interface ret[HOST_INTERFACES])
{
    struct ifaddrs *list = NULL;
    int count = 0;
    if (getifaddrs(&list) != 0)
        return 0;
    for (const struct ifaddrs *a = list; a; a = a->ifa_next) {
        struct host_interface *one = interface_named(ret, &count, a->ifa_name);
        if (!one)
            continue;
        one->up |= (a->ifa_flags & IFF_UP) && (a->ifa_flags & IFF_RUNNING);
        if (a->ifa_addr)
            add_address(one, a);
    }
    freeifaddrs(list);
    return count;
}
