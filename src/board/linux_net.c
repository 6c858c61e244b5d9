/* Ethernet on Linux: read from netlink (getifaddrs), /sys and /proc; set through files of systemd-networkd. */
#include "board/board_linux.h"
#include "board/net_rules.h"
#include "board/tool.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TOOL_MS = 10000, INTERFACES = 64 };

/* The name of the physical Ethernet interface number `which`, in order of names; false when there is none. */
static bool lan_name(const struct board_linux *b, int which, char ret[32])
{
    linux_name names[INTERFACES];
    int count = linux_list(b, "/sys/class/net", names, INTERFACES);
    for (int i = 0; i < count; i++) {
        char path[LINUX_PATH], where[LINUX_PATH], type[16];
        snprintf(path, sizeof path, "/sys/class/net/%.63s/type", names[i]);
        linux_read(b, path, type, sizeof type);
        snprintf(path, sizeof path, "/sys/class/net/%.63s/device", names[i]);
        bool wired = strcmp(type, "1") == 0 && access(linux_path(b, path, where), F_OK) == 0 && strncmp(names[i], "ww", 2) != 0 && strncmp(names[i], "wl", 2) != 0;
        if (wired && which-- == 0) {
            snprintf(ret, 32, "%.31s", names[i]);
            return true;
        }
    }
    return false;
}

static int prefix_of(const struct sockaddr *mask, size_t bytes, size_t from)
{
    int bits = 0;
    const uint8_t *m = (const uint8_t *)mask + from;
    for (size_t i = 0; mask && i < bytes; i++)
        bits += __builtin_popcount(m[i]);
    return bits;
}

static void put_address(struct board_lan *ret, const struct ifaddrs *a)
{
    char text[INET6_ADDRSTRLEN];
    bool four = a->ifa_addr->sa_family == AF_INET;
    const void *bytes = four ? (const void *)&((const struct sockaddr_in *)(const void *)a->ifa_addr)->sin_addr
                             : (const void *)&((const struct sockaddr_in6 *)(const void *)a->ifa_addr)->sin6_addr;
    int prefix = four ? prefix_of(a->ifa_netmask, 4, offsetof(struct sockaddr_in, sin_addr)) : prefix_of(a->ifa_netmask, 16, offsetof(struct sockaddr_in6, sin6_addr));
    if (ret->addresses < BOARD_ADDRESSES && inet_ntop(a->ifa_addr->sa_family, bytes, text, sizeof text))
        BOARD_PUT(ret->address[ret->addresses++], "%s/%d", text, prefix);
}

static void read_addresses(struct board_lan *ret)
{
    struct ifaddrs *all = NULL;
    if (getifaddrs(&all) != 0)
        return;
    for (int family = AF_INET; family; family = family == AF_INET ? AF_INET6 : 0) /* IPv4 first */
        for (struct ifaddrs *a = all; a; a = a->ifa_next)
            if (a->ifa_addr && a->ifa_addr->sa_family == family && strcmp(a->ifa_name, ret->name) == 0)
                put_address(ret, a);
    freeifaddrs(all);
}

/* The default route of /proc/net/route: addresses are numbers in the machine's order, printed in hex. */
static void read_gateway(const struct board_linux *b, struct board_lan *ret)
{
    char path[LINUX_PATH], line[256], name[32];
    FILE *file = fopen(linux_path(b, "/proc/net/route", path), "re");
    unsigned destination, gateway;
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "%31s %x %x", name, &destination, &gateway) == 3 && strcmp(name, ret->name) == 0 && destination == 0 && gateway)
            inet_ntop(AF_INET, &gateway, ret->gateway, sizeof ret->gateway);
    if (file)
        fclose(file);
}

/* The resolver's servers; they are the machine's, shown at the interface that leads out. */
static void read_servers(const struct board_linux *b, struct board_lan *ret)
{
    char path[LINUX_PATH], line[256], server[BOARD_ADDRESS_MAX];
    FILE *file = fopen(linux_path(b, "/run/systemd/resolve/resolv.conf", path), "re");
    if (!file)
        file = fopen(linux_path(b, "/etc/resolv.conf", path), "re");
    for (int count = 0; file && *ret->gateway && count < 2 && fgets(line, sizeof line, file);)
        if (sscanf(line, "nameserver %63s", server) == 1)
            BOARD_PUT(ret->dns[count++], "%s", server);
    if (file)
        fclose(file);
}

static void network_file(const char *interface, char ret[LINUX_PATH])
{
    snprintf(ret, LINUX_PATH, "/etc/systemd/network/05-svod-%s.network", interface);
}

/* DHCP or not is known when the settings are ours. */
static enum board_state read_dhcp(const struct board_linux *b, const char *interface)
{
    char path[LINUX_PATH], where[LINUX_PATH], line[256];
    network_file(interface, path);
    FILE *file = fopen(linux_path(b, path, where), "re");
    enum board_state state = BOARD_ABSENT;
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "DHCP=", 5) == 0)
            state = strncmp(line + 5, "ipv4", 4) == 0 ? BOARD_ON : BOARD_OFF;
    if (file)
        fclose(file);
    return state;
}

static int64_t counter(const struct board_linux *b, const char *interface, const char *which)
{
    char path[LINUX_PATH], value[32];
    snprintf(path, sizeof path, "/sys/class/net/%s/statistics/%s", interface, which);
    return atoll(linux_read(b, path, value, sizeof value));
}

void linux_lan(struct board *base, int which, struct board_lan *ret)
{
    struct board_linux *b = (struct board_linux *)base;
    char path[LINUX_PATH], carrier[8];
    ret->present = lan_name(b, which, ret->name);
    if (!ret->present)
        return;
    snprintf(path, sizeof path, "/sys/class/net/%s/carrier", ret->name);
    ret->carrier = *linux_read(b, path, carrier, sizeof carrier) == '1';
    snprintf(path, sizeof path, "/sys/class/net/%s/address", ret->name);
    linux_read(b, path, ret->mac, sizeof ret->mac);
    read_addresses(ret);
    read_gateway(b, ret);
    read_servers(b, ret);
    ret->dhcp = read_dhcp(b, ret->name);
    ret->received = counter(b, ret->name, "rx_bytes");
    ret->sent = counter(b, ret->name, "tx_bytes");
}

/* --- setting ---------------------------------------------------------------------------------------------------------------------- */

static void write_network(const char *interface, const struct board_lan_settings *s, struct text *t)
{
    text_printf(t, "# Written by svod: settings of the page of networks.\n[Match]\nName=%s\n\n[Network]\n", interface);
    text_printf(t, "DHCP=%s\nLinkLocalAddressing=%s\nIPv6AcceptRA=%s\n", s->dhcp ? "ipv4" : "no", s->six == SIX_OFF ? "no" : "ipv6", s->six == SIX_AUTO ? "yes" : "no");
    if (!s->dhcp)
        text_printf(t, "Address=%s/%d\n", s->address, mask_prefix(s->mask));
    if (!s->dhcp && *s->gateway)
        text_printf(t, "Gateway=%s\n", s->gateway);
    for (int i = 0; i < 2; i++)
        if (*s->dns[i])
            text_printf(t, "DNS=%s\n", s->dns[i]);
    if (s->six == SIX_STATIC)
        text_printf(t, "Address=%s\n", s->address6);
    if (s->six == SIX_STATIC && *s->gateway6)
        text_printf(t, "Gateway=%s\n", s->gateway6);
}

static bool network_reload(const char *interface, struct text *why)
{
    return tool_run((const char *const[]){ "networkctl", "reload", NULL }, TOOL_MS, why) &&
           tool_run((const char *const[]){ "networkctl", "reconfigure", interface, NULL }, TOOL_MS, why);
}

bool linux_address_set(const struct board_linux *b, const char *interface, const char *content, struct text *why)
{
    char path[LINUX_PATH];
    network_file(interface, path);
    return linux_write(b, path, content, why) && network_reload(interface, why);
}

bool linux_lan_set(struct board *base, int which, const struct board_lan_settings *s, struct text *why)
{
    struct board_linux *b = (struct board_linux *)base;
    char name[32], path[LINUX_PATH], where[LINUX_PATH], content[1024];
    struct text t = text_over(content, sizeof content);
    if (!lan_name(b, which, name)) {
        if (why)
            text_put(why, "no such interface");
        return false;
    }
    if (s) {
        write_network(name, s, &t);
        return linux_address_set(b, name, content, why);
    }
    network_file(name, path);
    unlink(linux_path(b, path, where));
    return network_reload(name, why);
}
