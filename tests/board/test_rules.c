/* The box's pure rules: addresses and masks, which SIM card is used, what the button means, names of the error flags. */
#include "board/button.h"
#include "board/failover.h"
#include "board/net_rules.h"
#include "tap.h"

static struct board_lan_settings fixed(const char *address, const char *mask, const char *gateway)
{
    struct board_lan_settings s = { 0 };
    snprintf(s.address, sizeof s.address, "%s", address);
    snprintf(s.mask, sizeof s.mask, "%s", mask);
    snprintf(s.gateway, sizeof s.gateway, "%s", gateway);
    return s;
}

/* The fields that are wrong, in one text. */
static const char *wrong(struct board_lan_settings s)
{
    static char fields[200];
    struct net_problem found[NET_PROBLEMS];
    int count = lan_check(&s, found);
    *fields = '\0';
    for (int i = 0; i < count; i++) {
        strcat(fields, i ? " " : "");
        strcat(fields, found[i].field);
    }
    return fields;
}

static void test_addresses(void)
{
    is_int(mask_prefix("255.255.248.0"), 21);
    is_int(mask_prefix("255.255.255.255"), 32);
    is_int(mask_prefix("255.0.255.0"), -1, "a mask has no holes");
    is_int(mask_prefix("0.0.0.0"), -1);
    is_text(wrong(fixed("192.168.0.1", "255.255.248.0", "192.168.1.1")), "", "as in the manual's table");
    is_text(wrong(fixed("192.168.0.1", "255.255.255.0", "192.168.1.1")), "gateway", "the gateway is in another subnet");
    is_text(wrong(fixed("192.168.0.1", "255.255.255.0", "192.168.0.1")), "gateway", "nobody is his own gateway");
    is_text(wrong(fixed("192.168.0.0", "255.255.255.0", "")), "address", "the network itself");
    is_text(wrong(fixed("192.168.0.255", "255.255.255.0", "")), "address", "its broadcast");
    is_text(wrong(fixed("127.0.0.1", "255.255.255.0", "")), "address");
    is_text(wrong(fixed("300.1.1.1", "255.255", "x")), "address mask gateway", "all problems at once");
    struct board_lan_settings s = { .dhcp = true, .dns = { "8.8.8.8", "ns" }, .six = SIX_STATIC, .address6 = "fd00::1", .gateway6 = "fe80::1" };
    is_text(wrong(s), "dns2 address6", "DHCP needs no address; IPv6 needs its prefix");
    ok(ipv6_prefix_valid("fd00::1/64") && !ipv6_prefix_valid("fd00::1/129") && !ipv6_prefix_valid("fd00::1/") && !ipv6_prefix_valid("/64"), "prefixes");
    struct board_lan_settings one = fixed("10.0.1.1", "255.255.0.0", ""), other = fixed("10.0.2.1", "255.255.255.0", "");
    ok(lans_overlap(&one, &other), "a subnet within the other");
    other.dhcp = true;
    ok(!lans_overlap(&one, &other), "what DHCP gives is not known");
    struct board_lan_settings presets[BOARD_LANS];
    lan_defaults(presets);
    ok(!*wrong(presets[0]) && !*wrong(presets[1]) && !lans_overlap(&presets[0], &presets[1]), "the factory's settings are right");
}

static void test_words(void)
{
    ok(pin_valid("0000") && pin_valid("") && !pin_valid("123") && !pin_valid("12345") && !pin_valid("12a4"), "a PIN is four digits or none");
    ok(host_valid("internet.beeline.ru") && host_valid("internet") && host_valid("fd00::1"), "names and addresses");
    ok(!host_valid("") && !host_valid("a b") && !host_valid("-x") && !host_valid("a..b") && !host_valid("a,b"), "and what is none");
    is_text(test_flag_name(TEST_RS8), "RS8");
    is_text(test_flag_name(TEST_GSMM), "GSMm");
    for (enum test_flag f = 0; f < TEST_FLAGS; f++)
        if (!test_flag_name(f) || !*test_flag_title(f, LANG_RU) || !*test_flag_title(f, LANG_EN))
            ok(0, "flag %d has no words", f);
}

static void test_button(void)
{
    struct board_power on = { .mains = BOARD_ON }, reserve = { .mains = BOARD_OFF, .reserve = BOARD_ON }, lost = { .mains = BOARD_OFF, .reserve = BOARD_OFF };
    is_int(button_held(9999, &on), BUTTON_NOTHING);
    is_int(button_held(10000, &on), BUTTON_NETWORK_DEFAULTS, "more than 10 s with power");
    is_int(button_held(15000, &reserve), BUTTON_NETWORK_DEFAULTS, "reserve power counts");
    is_int(button_held(20000, &on), BUTTON_NOTHING, "less than 20 s");
    is_int(button_held(6000, &lost), BUTTON_BATTERY_OFF, "more than 5 s without");
    is_int(button_held(5000, &lost), BUTTON_NOTHING);
    is_int(button_held(6000, &(struct board_power){ 0 }), BUTTON_NOTHING, "a box that cannot tell its power is not switched off");
}

/* Days without a network, a step every five seconds as the box takes them. */
static void test_days_away(void)
{
    enum { STEP = 5000, WEEK = 7 * 24 * 3600, PATIENCE = 300 };
    struct failover_rules rules = { .allowed = { true, true }, .first = 1, .patience_ms = PATIENCE * 1000, .return_ms = 3600000 };
    struct failover f;
    int64_t now = 1000, without = 0, turns = 0;
    failover_begin(&f, &rules, now);
    for (int64_t end = now + WEEK * 1000LL; now < end; now += STEP) { /* the first card is dead, the other good: connected a step after it is taken */
        bool connected = f.slot == 2 && now > f.since_ms;
        without += connected ? 0 : STEP;
        failover_step(&f, &rules, connected, false, now);
    }
    ok(without < 13 * (PATIENCE + 60) * 1000LL, "a dead preferred card costs a week %lld min of connection", (long long)without / 60000);
    is_int(f.slot, 2, "the other one is in use");
    failover_step(&f, &rules, true, false, now = f.since_ms + 24 * 3600000LL);
    is_int(f.slot, 1, "it is still tried once a day");
    failover_step(&f, &rules, true, false, now += STEP);
    is_int(f.vain, 0, "and when it works all is as before");
    for (int64_t end = now + WEEK * 1000LL; now < end; now += STEP) { /* no network at all */
        int slot = f.slot;
        turns += failover_step(&f, &rules, false, false, now) != slot;
    }
    ok(turns > WEEK / PATIENCE - 30 && turns <= WEEK / PATIENCE, "a week without any network: %lld turns, none hurried", (long long)turns);
    int slot = f.slot;
    failover_step(&f, &rules, true, false, now += STEP);
    is_int(f.slot, slot, "the network is back, whichever card is in");
}

static void test_failover(void)
{
    struct failover_rules both = { .allowed = { true, true }, .patience_ms = 1000, .return_ms = 5000 };
    struct failover f;
    failover_begin(&f, &both, 100);
    is_int(f.slot, 1, "SIM 1 is preferred");
    is_int(failover_step(&f, &both, false, false, 1000), 1, "it may take its time");
    is_int(failover_step(&f, &both, true, false, 1050), 1);
    is_int(failover_step(&f, &both, false, false, 2000), 1, "lost just now");
    is_int(failover_step(&f, &both, false, false, 2999), 1);
    is_int(failover_step(&f, &both, false, false, 3000), 2, "lost for as long as one waits");
    is_int(failover_step(&f, &both, true, false, 3500), 2, "the other works");
    is_int(failover_step(&f, &both, true, false, 8000), 1, "but the first is tried again");
    is_int(failover_step(&f, &both, false, true, 8100), 2, "an empty slot is not waited for");
    is_int(failover_step(&f, &both, false, false, 9100), 1, "when neither works they take turns");
    struct failover_rules other = { .allowed = { true, true }, .first = 2, .patience_ms = 1000, .return_ms = 5000 };
    failover_begin(&f, &other, 100);
    is_int(f.slot, 2, "the second may be the preferred one");
    is_int(failover_step(&f, &other, false, false, 1200), 1, "then the first stands in for it");
    is_int(failover_step(&f, &other, true, false, 6200), 2, "and gives way again");
    struct failover_rules second = { .allowed = { false, true }, .patience_ms = 1000, .return_ms = 5000 }, none = { .patience_ms = 1000 };
    failover_begin(&f, &second, 0);
    is_int(failover_step(&f, &second, false, false, 100000), 2, "the only card that is allowed is kept");
    is_int(failover_step(&f, &none, true, false, 100001), 0, "no card is allowed: off the network");
    is_int(failover_step(&f, &both, false, false, 100002), 1, "and on again");
}

int main(void)
{
    test_addresses();
    test_words();
    test_button();
    test_failover();
    test_days_away();
    return tap_done();
}
