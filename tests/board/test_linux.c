/* The Linux board over a made tree of /sys and /etc and tools that print what the real ones print (ModemManager 1.20 `mmcli -K`, chrony
 * 4.3 `chronyc -c`): what is read, what is written, what is told as absent. */
#include "board/board_linux.h"
#include "board/tool.h"
#include "tap.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];

static void put(const char *path, const char *content, int mode)
{
    char where[300], command[400];
    snprintf(where, sizeof where, "%s%s", root, path);
    snprintf(command, sizeof command, "mkdir -p \"$(dirname '%s')\"", where);
    FILE *file = system(command) == 0 ? fopen(where, "w") : NULL;
    if (!file)
        return;
    fputs(content, file);
    fclose(file);
    chmod(where, (mode_t)mode);
}

static const char *content_of(const char *path)
{
    static char content[4096];
    char where[300];
    snprintf(where, sizeof where, "%s%s", root, path);
    FILE *file = fopen(where, "r");
    size_t size = file ? fread(content, 1, sizeof content - 1, file) : 0;
    content[size] = '\0';
    if (file)
        fclose(file);
    return content;
}

/* A tool that notes how it was called; `output` is what it prints. */
static void tool(const char *name, const char *script)
{
    char path[64], content[4096];
    snprintf(path, sizeof path, "/bin/%s", name);
    snprintf(content, sizeof content, "#!/bin/sh\necho \"%s $*\" >>'%s/calls'\n%s\n", name, root, script);
    put(path, content, 0755);
}

static const char modem_looks[] =
    "case \"$*\" in\n"
    "*-b*) cat <<'EOF'\n"
    "bearer.status.connected                         : yes\n"
    "bearer.status.interface                         : wwan0\n"
    "bearer.ipv4-config.method                       : static\n"
    "bearer.ipv4-config.address                      : 10.64.9.2\n"
    "bearer.ipv4-config.prefix                       : 30\n"
    "bearer.ipv4-config.gateway                      : 10.64.9.1\n"
    "bearer.ipv4-config.dns.length                   : 1\n"
    "bearer.ipv4-config.dns.value[1]                 : 217.118.66.243\n"
    "EOF\n;;\n"
    "*any*-K*) [ -f ROOT/broken ] && exit 1\n"
    "state=registered; [ -f ROOT/connected ] && state=connected\n"
    "cat <<EOF\n"
    "modem.dbus-path                                 : /org/freedesktop/ModemManager1/Modem/0\n"
    "modem.generic.state                             : $state\n"
    "modem.generic.unlock-required                   : $(cat ROOT/lock 2>/dev/null || echo none)\n"
    "modem.generic.sim                               : /org/freedesktop/ModemManager1/SIM/0\n"
    "modem.generic.access-technologies.length        : 1\n"
    "modem.generic.access-technologies.value[1]      : lte\n"
    "modem.generic.signal-quality.value              : 64\n"
    "modem.generic.primary-sim-slot                  : 1\n"
    "modem.generic.sim-slots.length                  : 2\n"
    "modem.generic.sim-slots.value[1]                : /org/freedesktop/ModemManager1/SIM/0\n"
    "modem.generic.sim-slots.value[2]                : /\n"
    "modem.generic.bearers.value[1]                  : /org/freedesktop/ModemManager1/Bearer/0\n"
    "modem.3gpp.imei                                 : 867962040000017\n"
    "modem.3gpp.operator-name                        : Beeline\n"
    "modem.3gpp.registration-state                   : home\n"
    "EOF\n;;\n"
    "*--simple-connect*) touch ROOT/connected ;;\n"
    "*--pin*) exit 1 ;;\n"
    "esac";

static void with_root(const char *script, char *ret, size_t room)
{
    struct text t = text_over(ret, room);
    for (const char *at = script; *at;) {
        const char *next = strstr(at, "ROOT");
        text_put_bytes(&t, bytes_of(at, next ? (size_t)(next - at) : strlen(at)));
        if (!next)
            break;
        text_put(&t, root);
        at = next + 4;
    }
}

static void make_machine(void)
{
    char script[3500], path[400];
    with_root(modem_looks, script, sizeof script);
    put("/proc/device-tree/model", "Box 4", 0644);
    put("/proc/device-tree/serial-number", "00017", 0644);
    put("/sys/class/net/enp2s0/type", "1\n", 0644);
    put("/sys/class/net/enp2s0/device/vendor", "x", 0644);
    put("/sys/class/net/enp2s0/carrier", "0\n", 0644);
    put("/sys/class/net/enp10s0/type", "1\n", 0644);
    put("/sys/class/net/enp10s0/device/vendor", "x", 0644);
    put("/sys/class/net/enp10s0/carrier", "1\n", 0644);
    put("/sys/class/net/enp10s0/address", "02:00:00:00:00:01\n", 0644);
    put("/sys/class/net/enp10s0/statistics/rx_bytes", "1234\n", 0644);
    put("/sys/class/net/lo/type", "772\n", 0644);
    put("/sys/class/net/veth0/type", "1\n", 0644);
    put("/sys/class/net/wwan0/type", "1\n", 0644);
    put("/sys/class/net/wwan0/device/vendor", "x", 0644);
    put("/sys/class/power_supply/mains/type", "Mains\n", 0644);
    put("/sys/class/power_supply/mains/online", "0\n", 0644);
    put("/sys/class/power_supply/reserve/type", "Mains\n", 0644);
    put("/sys/class/power_supply/reserve/online", "1\n", 0644);
    put("/sys/class/power_supply/bat0/type", "Battery\n", 0644);
    put("/sys/class/power_supply/bat0/present", "1\n", 0644);
    put("/sys/class/power_supply/bat0/capacity", "87\n", 0644);
    put("/sys/bus/iio/devices/iio:device0/in_current0_raw", "2469\n", 0644);
    put("/sys/bus/iio/devices/iio:device0/in_current0_scale", "0.005\n", 0644);
    put("/sys/class/rtc/rtc0/since_epoch", "1800000000\n", 0644);
    put("/sys/block/mmcblk0/size", "61071360\n", 0644);
    put("/sys/block/mmcblk0/ro", "0\n", 0644);
    put("/sys/class/leds/svod:gsm/trigger", "none\n", 0644);
    put("/sys/class/leds/svod:gsm/delay_on", "0\n", 0644);
    put("/sys/class/leds/svod:gsm/delay_off", "0\n", 0644);
    put("/etc/chrony/sources.d/x", "", 0644);
    put("/etc/systemd/network/x", "", 0644);
    tool("mmcli", script);
    tool("networkctl", "");
    tool("timedatectl", "echo 'Failed to set time zone' >&2; exit 1");
    tool("chronyc", "echo '5BBDA4C8,ntp.example.org,2,1795331000.1,0.000123456,0.000001,0.00002,1.5,0.0,0.01,0.02,0.001,64.2,Normal'");
    snprintf(path, sizeof path, "%s/bin:%s", root, getenv("PATH"));
    setenv("PATH", path, 1);
}

static void test_reading(struct board *b)
{
    struct board_identity who;
    struct board_power p;
    struct board_inputs in;
    struct board_clock c;
    char found[100];
    struct text say = text_over(found, sizeof found);
    board_identity(b, &who);
    ok(strcmp(who.type, "Box 4") == 0 && strcmp(who.serial, "00017") == 0, "who it is");
    board_power(b, &p);
    ok(p.mains == BOARD_OFF && p.reserve == BOARD_ON && p.battery == BOARD_ON && p.battery_percent == 87 && !board_power_lost(&p), "power");
    board_inputs(b, &in);
    ok(in.has_loop && in.loop_ua == 12345, "the current input: %d", in.loop_ua);
    is_int(in.input[0], BOARD_ABSENT, "inputs that the machine has not");
    board_clock(b, &c);
    ok(c.rtc_good && c.rtc_utc_ms == 1800000000000, "the RTC");
    ok(c.synchronised && c.offset_us == 123 && strcmp(c.source, "ntp.example.org") == 0, "the time service: %s, %lld us", c.source, (long long)c.offset_us);
    is_int(board_test(b, TEST_SD, &say), TEST_PASSED);
    is_int(board_test(b, TEST_I2C, &say), TEST_ABSENT);
    is_int(board_test(b, TEST_PWR, &say), TEST_PASSED);
    put("/sys/block/mmcblk0/ro", "1\n", 0644);
    is_int(board_test(b, TEST_SD, &say), TEST_FAILED);
    is_text(found, "mmcblk0: read only");
}

static void test_ethernet(struct board *b)
{
    struct board_lan l;
    struct board_lan_settings s = { .address = "10.9.8.7", .mask = "255.255.255.0", .gateway = "10.9.8.1", .dns = { "1.1.1.1" }, .six = SIX_AUTO };
    board_lan(b, 0, &l);
    ok(l.present && !l.carrier && strcmp(l.name, "enp2s0") == 0, "Ethernet 1 by number, not by letter");
    board_lan(b, 1, &l);
    ok(l.present && l.carrier && strcmp(l.name, "enp10s0") == 0 && l.received == 1234, "Ethernet 2; neither modem nor bridges");
    is_int(l.dhcp, BOARD_ABSENT, "how it gets its address is not known before we set it");
    ok(board_lan_set(b, 1, &s, NULL), "set");
    const char *file = content_of("/etc/systemd/network/05-svod-enp10s0.network");
    ok(strstr(file, "Name=enp10s0\n") && strstr(file, "DHCP=no\n") && strstr(file, "Address=10.9.8.7/24\n") && strstr(file, "Gateway=10.9.8.1\nDNS=1.1.1.1\n") &&
       strstr(file, "IPv6AcceptRA=yes\n"), "what systemd-networkd reads");
    ok(strstr(content_of("/calls"), "networkctl reconfigure enp10s0\n") != NULL, "and it is told");
    board_lan(b, 1, &l);
    is_int(l.dhcp, BOARD_OFF);
    ok(board_lan_set(b, 1, NULL, NULL) && !*content_of("/etc/systemd/network/05-svod-enp10s0.network"), "taken back");
}

static void test_time(struct board *b)
{
    char words[BOARD_WHY_MAX];
    struct text why = text_over(words, sizeof words);
    struct board_time_service s = { .on = true, .servers = 2, .poll = 10, .server = { "a.example.org", "10.0.0.1" } };
    ok(board_time_service_set(b, &s, NULL), "servers");
    ok(strstr(content_of("/etc/chrony/sources.d/svod.sources"), "server a.example.org iburst minpoll 6 maxpoll 10\nserver 10.0.0.1 iburst minpoll 6 maxpoll 10\n") != NULL, "in chrony's words");
    ok(!board_zone_set(b, 180, &why), "a zone that the machine refuses");
    ok(strstr(words, "Failed to set time zone") != NULL, "is told in its words: %s", words);
    ok(strstr(content_of("/calls"), "timedatectl set-timezone Etc/GMT-3\n") != NULL, "names of Etc count westwards");
}

static void test_modem(struct board_linux *b)
{
    struct board_modem m;
    struct board_sim card = { .allowed = true, .sign_in = true, .apn = "internet.beeline.ru", .login = "beeline", .password = "beeline", .pin = "1234" };
    linux_modem_step(b);
    board_modem(&b->base, &m);
    ok(m.state == MODEM_REGISTERED && m.signal_percent == 64 && strcmp(m.technology, "4G") == 0 && strcmp(m.operator_name, "Beeline") == 0, "as it is");
    ok(m.card[0] == BOARD_ON && m.card[1] == BOARD_OFF && m.slot == 1, "one card");
    ok(!strstr(content_of("/calls"), "simple-disconnect"), "nobody has ordered anything: the modem is left alone");
    put("/lock", "sim-pin", 0644);
    ok(board_sim_use(&b->base, 1, &card, NULL), "ordered");
    linux_modem_step(b);
    linux_modem_step(b);
    const char *calls = content_of("/calls"), *pin = strstr(calls, "--pin=1234");
    ok(pin && !strstr(pin + 1, "--pin=1234"), "a PIN that the card refused is not tried twice");
    ok(!strstr(calls, "simple-connect"), "and without it nobody connects");
    put("/lock", "none", 0644);
    board_sim_use(&b->base, 1, &card, NULL);
    linux_modem_step(b);
    linux_modem_step(b);
    board_modem(&b->base, &m);
    ok(m.state == MODEM_CONNECTED && strcmp(m.address, "10.64.9.2") == 0, "on the network");
    ok(strstr(content_of("/calls"), "--simple-connect=apn=internet.beeline.ru,ip-type=ipv4,user=beeline,password=beeline\n") != NULL, "with what was set");
    ok(strstr(content_of("/etc/systemd/network/05-svod-wwan0.network"), "Address=10.64.9.2/30\nGateway=10.64.9.1\nDNS=217.118.66.243\n") != NULL, "its address is on the interface");
    put("/broken", "", 0644);
    linux_modem_step(b);
    board_modem(&b->base, &m);
    ok(m.state == MODEM_OFF && !m.answers, "a modem that was there and is silent is not absent");
}

static void test_tool(void)
{
    char said[200];
    struct text t = text_over(said, sizeof said);
    ok(!tool_run((const char *const[]){ "no-such-tool-of-svod", NULL }, 1000, &t) && strstr(said, "no-such-tool"), "a tool that there is not: %s", said);
    t = text_over(said, sizeof said);
    ok(!tool_run((const char *const[]){ "sleep", "60", NULL }, 50, &t) && strstr(said, "no answer"), "one that does not end: %s", said);
    t = text_over(said, 10);
    ok(tool_run((const char *const[]){ "echo", "much more than fits", NULL }, 5000, &t), "one that says much");
    char value[32];
    is_text(tool_value("a.b : x\na.bc : y\n", "a.bc", value, sizeof value), "y", "keys are whole");
    is_text(tool_value("a : --\n", "a", value, sizeof value), "");
}

static void link_to(const char *target, const char *path)
{
    char where[300];
    snprintf(where, sizeof where, "%s%s", root, path);
    ok(symlink(target, where) == 0, "%s", path);
}

/* Ports with a chip behind them, the console excepted; once the image names channels, those alone. */
static void test_serials(struct board *b)
{
    char seen[BOARD_SERIALS][BOARD_PATH_MAX];
    static const char *const ports[] = { "ttyS0", "ttyS1", "ttyS2", "ttyS10", "ttyUSB0" };
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
        char path[100];
        snprintf(path, sizeof path, "/sys/class/tty/%s/device/x", ports[i]);
        put(path, "", 0644);
        snprintf(path, sizeof path, "/sys/class/tty/%s/device/driver", ports[i]);
        link_to("/sys/bus/platform/drivers/serial8250", path);
        snprintf(path, sizeof path, "/sys/class/tty/%s/type", ports[i]);
        put(path, strcmp(ports[i], "ttyS1") == 0 ? "0\n" : "4\n", 0644);
    }
    put("/sys/class/tty/tty7/x", "", 0644);
    put("/sys/class/tty/console/active", "tty0 ttyS0\n", 0644);
    board_serials(b, seen);
    is_text(seen[0], "/dev/ttyS2", "neither the console nor a port without a chip");
    is_text(seen[1], "/dev/ttyS10", "by their numbers");
    is_text(seen[2], "/dev/ttyUSB0");
    is_text(seen[3], "", "a screen is none");
    put("/dev/svod-rs2", "", 0644);
    board_serials(b, seen);
    is_text(seen[0], "", "the image names the channels: number 1 is not fitted");
    is_text(seen[1], "/dev/svod-rs2", "number 2 is");
    is_text(seen[2], "", "and other ports are none");
}

int main(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(root, sizeof root, "%.40s/svod-box-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(root))
        return 1;
    make_machine();
    /* Not opened: its threads would step between the test's steps. */
    static struct board_linux b;
    board_begin(&b.base, &board_linux_kind);
    pthread_mutex_init(&b.modem.lock, NULL);
    pthread_mutex_init(&b.time_lock, NULL);
    snprintf(b.root, sizeof b.root, "%s", root);
    linux_parts_open(&b);
    test_tool();
    test_reading(&b.base);
    test_ethernet(&b.base);
    test_time(&b.base);
    test_modem(&b);
    test_serials(&b.base);
    board_led(&b.base, LED_GSM_MODE, (struct led_pattern){ 200, 1800 });
    is_text(content_of("/sys/class/leds/svod:gsm/trigger"), "timer", "the LED blinks by the kernel's timer");
    is_text(content_of("/sys/class/leds/svod:gsm/delay_off"), "1800");
    linux_parts_close(&b);
    char command[100];
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command) != 0 || tap_done();
}
