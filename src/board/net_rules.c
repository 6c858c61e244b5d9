/* Rules of network settings; see net_rules.h. */
#include "board/net_rules.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool ipv4_read(const char *text, uint32_t *ret)
{
    struct in_addr a;
    if (inet_pton(AF_INET, text, &a) != 1)
        return false;
    *ret = ntohl(a.s_addr);
    return true;
}

int mask_prefix(const char *mask)
{
    uint32_t bits;
    if (!ipv4_read(mask, &bits) || bits == 0 || (~bits & (~bits + 1)) != 0)
        return -1;
    return __builtin_popcount(bits);
}

static bool ipv6_valid(const char *text)
{
    struct in6_addr a;
    return inet_pton(AF_INET6, text, &a) == 1;
}

bool ipv6_prefix_valid(const char *text)
{
    char address[BOARD_ADDRESS_MAX];
    const char *slash = strchr(text, '/');
    if (!slash || (size_t)(slash - text) >= sizeof address || !isdigit((unsigned char)slash[1]) || strlen(slash) > 4)
        return false;
    snprintf(address, sizeof address, "%.*s", (int)(slash - text), text);
    char *end;
    long prefix = strtol(slash + 1, &end, 10);
    return !*end && prefix >= 1 && prefix <= 128 && ipv6_valid(address);
}

bool address_valid(const char *text)
{
    uint32_t four;
    return ipv4_read(text, &four) || ipv6_valid(text);
}

bool host_valid(const char *text)
{
    if (address_valid(text))
        return true;
    size_t size = strlen(text);
    if (size == 0 || size > 253 || text[0] == '.' || text[0] == '-' || text[size - 1] == '-')
        return false;
    for (size_t i = 0; i < size; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr("-._", text[i]))
            return false;
    return !strstr(text, "..");
}

/* A network's own number, its broadcast, loopback, multicast and nothing are nobody's addresses. */
static bool ipv4_usable(uint32_t address, int prefix)
{
    uint32_t host = prefix >= 31 ? 1 : address & (UINT32_MAX >> prefix), all = prefix >= 31 ? 0 : UINT32_MAX >> prefix;
    return address >> 24 != 0 && address >> 24 != 127 && address >> 28 < 0xE && host != 0 && host != all;
}

static uint32_t network_of(uint32_t address, int prefix)
{
    return prefix == 0 ? 0 : address >> (32 - prefix);
}

static const struct phrase no_address = { { "нужен адрес IPv4, например 192.168.0.1", "an IPv4 address is wanted, such as 192.168.0.1" } };
static const struct phrase no_mask = { { "нужна маска, например 255.255.255.0", "a mask is wanted, such as 255.255.255.0" } };
static const struct phrase unusable = { { "этот адрес нельзя дать устройству: он принадлежит самой сети", "no device may have this address: it belongs to the network itself" } };
static const struct phrase beyond = { { "шлюз должен быть в той же подсети", "the gateway must be in the same subnet" } };
static const struct phrase itself = { { "это адрес самого устройства", "this is the device's own address" } };
static const struct phrase no_server = { { "нужен адрес IPv4 или IPv6", "an IPv4 or IPv6 address is wanted" } };
static const struct phrase no_six = { { "нужен адрес IPv6 с длиной префикса, например fd00::1/64", "an IPv6 address with its prefix is wanted, such as fd00::1/64" } };
static const struct phrase no_six_gateway = { { "нужен адрес IPv6", "an IPv6 address is wanted" } };

static int check_four(const struct board_lan_settings *s, struct net_problem *ret)
{
    int count = 0, prefix = mask_prefix(s->mask);
    uint32_t address = 0, gateway;
    bool known = ipv4_read(s->address, &address);
    if (!known)
        ret[count++] = (struct net_problem){ "address", &no_address };
    else if (prefix > 0 && !ipv4_usable(address, prefix))
        ret[count++] = (struct net_problem){ "address", &unusable };
    if (prefix < 0)
        ret[count++] = (struct net_problem){ "mask", &no_mask };
    if (!*s->gateway)
        return count;
    if (!ipv4_read(s->gateway, &gateway))
        ret[count++] = (struct net_problem){ "gateway", &no_address };
    else if (known && prefix > 0 && network_of(address, prefix) != network_of(gateway, prefix))
        ret[count++] = (struct net_problem){ "gateway", &beyond };
    else if (known && gateway == address)
        ret[count++] = (struct net_problem){ "gateway", &itself };
    return count;
}

int lan_check(const struct board_lan_settings *s, struct net_problem ret[NET_PROBLEMS])
{
    static const char *const servers[] = { "dns1", "dns2" };
    int count = s->dhcp ? 0 : check_four(s, ret);
    for (int i = 0; i < 2; i++)
        if (*s->dns[i] && !address_valid(s->dns[i]))
            ret[count++] = (struct net_problem){ servers[i], &no_server };
    if (s->six != SIX_STATIC)
        return count;
    if (!ipv6_prefix_valid(s->address6))
        ret[count++] = (struct net_problem){ "address6", &no_six };
    if (*s->gateway6 && !ipv6_valid(s->gateway6))
        ret[count++] = (struct net_problem){ "gateway6", &no_six_gateway };
    return count;
}

bool lans_overlap(const struct board_lan_settings *one, const struct board_lan_settings *other)
{
    uint32_t a, b;
    int p = mask_prefix(one->mask), q = mask_prefix(other->mask);
    if (one->dhcp || other->dhcp || p < 0 || q < 0 || !ipv4_read(one->address, &a) || !ipv4_read(other->address, &b))
        return false;
    int wider = p < q ? p : q;
    return network_of(a, wider) == network_of(b, wider);
}

bool pin_valid(const char *pin)
{
    return !*pin || (strlen(pin) == 4 && strspn(pin, "0123456789") == 4);
}

void lan_defaults(struct board_lan_settings ret[BOARD_LANS])
{
    ret[0] = (struct board_lan_settings){ .address = "192.168.0.1", .mask = "255.255.255.0", .dns = { "1.1.1.1", "8.8.8.8" }, .six = SIX_AUTO };
    ret[1] = (struct board_lan_settings){ .dhcp = true, .six = SIX_AUTO };
}
