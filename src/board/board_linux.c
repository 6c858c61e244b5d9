/* A Linux machine as a gateway's board: what is its own, its threads and its self-test; the parts are in linux_*.c. */
#include "board/board_linux.h"
#include "base/arena.h"
#include "board/serial_ports.h"
#include "board/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PARTS_MS = 250, MODEM_MS = 5000, RESTART_MS = 20000 };

static struct board_linux *box(struct board *b)
{
    return (struct board_linux *)b;
}

/* --- who it is ------------------------------------------------------------------------------------------------------------------- */

static void linux_identity(struct board *base, struct board_identity *ret)
{
    struct board_linux *b = box(base);
    char text[BOARD_WORD_MAX];
    BOARD_PUT(ret->type, "%s", linux_read(b, "/proc/device-tree/model", text, sizeof text));
    BOARD_PUT(ret->serial, "%s", linux_read(b, "/proc/device-tree/serial-number", text, sizeof text));
    if (!*ret->type)
        BOARD_PUT(ret->type, "%s", linux_read(b, "/sys/class/dmi/id/product_name", text, sizeof text));
    if (!*ret->serial)
        BOARD_PUT(ret->serial, "%s", linux_read(b, "/sys/class/dmi/id/product_serial", text, sizeof text));
}

/* The kernel's own console may be a serial port, too: "tty0 ttyS0". */
static bool is_console(const struct board_linux *b, const char *path)
{
    char consoles[200];
    linux_read(b, "/sys/class/tty/console/active", consoles, sizeof consoles);
    for (char *rest = NULL, *word = strtok_r(consoles, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        if (strcmp(word, path + strlen("/dev/")) == 0)
            return true;
    return false;
}

/* Drivers of the kernel whose ports are those of GSM modems. */
static bool is_modem(const char *driver)
{
    static const char *const names[] = { "option", "option1", "qcserial", "sierra", "hso", "cdc_acm", "gsm_serial" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], driver) == 0)
            return true;
    return false;
}

/* /dev/svod-rs1 to 8 are links that the box's image makes; without them the machine's ports count in their order. */
static void linux_serials(struct board *base, char ret[BOARD_SERIALS][BOARD_PATH_MAX])
{
    struct board_linux *b = box(base);
    struct serial_port all[SERIAL_PORTS];
    char path[LINUX_PATH];
    bool linked = false;
    for (int i = 0; i < BOARD_SERIALS; i++) {
        BOARD_PUT(ret[i], "/dev/svod-rs%d", i + 1);
        if (access(linux_path(b, ret[i], path), F_OK) == 0)
            linked = true;
        else
            ret[i][0] = '\0';
    }
    for (int i = 0, n = 0, count = linked ? 0 : serial_ports(b->root, all); i < count && n < BOARD_SERIALS; i++)
        if (!is_console(b, all[i].path) && !is_modem(all[i].driver))
            BOARD_PUT(ret[n++], "%s", all[i].path);
}

static bool linux_restart(struct board *base, struct text *why)
{
    (void)base;
    return tool_run((const char *const[]){ "systemctl", "reboot", NULL }, RESTART_MS, why);
}

/* --- self-test --------------------------------------------------------------------------------------------------------------------- */

static enum test_result verdict(bool has, bool good)
{
    return !has ? TEST_ABSENT : good ? TEST_PASSED : TEST_FAILED;
}

/* Every bus there is can be opened. */
static enum test_result test_i2c(struct board_linux *b, struct text *say)
{
    linux_name buses[16];
    bool good = true;
    int count = linux_list(b, "/sys/class/i2c-dev", buses, 16);
    for (int i = 0; i < count; i++) {
        char path[LINUX_PATH], name[80];
        struct text named = text_over(name, sizeof name);
        text_printf(&named, "/dev/%s", buses[i]);
        int fd = open(linux_path(b, name, path), O_RDWR | O_CLOEXEC);
        if (fd < 0 && errno != EACCES) {
            text_printf(say, "%s: %s", name, strerror(errno));
            good = false;
        }
        if (fd >= 0)
            close(fd);
    }
    return verdict(count > 0, good);
}

static enum test_result test_card(struct board_linux *b, struct text *say)
{
    linux_name disks[32];
    bool has = false, good = true;
    for (int i = linux_list(b, "/sys/block", disks, 32); i-- > 0;) {
        char path[128], size[32], locked[8];
        if (strncmp(disks[i], "mmcblk", 6) != 0 || strstr(disks[i], "boot"))
            continue;
        snprintf(path, sizeof path, "/sys/block/%s/size", disks[i]);
        linux_read(b, path, size, sizeof size);
        snprintf(path, sizeof path, "/sys/block/%s/ro", disks[i]);
        linux_read(b, path, locked, sizeof locked);
        has = true;
        if (atoll(size) == 0 || *locked == '1') {
            text_printf(say, "%s: %s", disks[i], *locked == '1' ? "read only" : "no medium");
            good = false;
        }
    }
    return verdict(has, good);
}

static enum test_result test_ethernet(struct board_linux *b, struct text *say)
{
    bool has = false, carrier = false;
    for (int i = 0; i < BOARD_LANS; i++) {
        struct board_lan lan;
        board_lan(&b->base, i, &lan);
        has |= lan.present;
        carrier |= lan.carrier;
    }
    if (has && !carrier)
        text_put(say, "no cable in any port");
    return verdict(has, carrier);
}

/* Errors of memory that the kernel could not correct. */
static enum test_result test_memory(struct board_linux *b, struct text *say)
{
    char count[24];
    linux_read(b, "/sys/devices/system/edac/mc/mc0/ue_count", count, sizeof count);
    if (*count && atoll(count))
        text_printf(say, "uncorrected errors: %s", count);
    return verdict(*count, atoll(count) == 0);
}

static enum test_result linux_test(struct board *base, enum test_flag flag, struct text *say)
{
    struct board_linux *b = box(base);
    struct board_clock clock;
    struct board_modem modem;
    struct board_power power;
    struct board_lan lan;
    linux_name names[32];
    switch (flag) {
    case TEST_I2C: return test_i2c(b, say);
    case TEST_USB: return verdict(linux_list(b, "/sys/bus/usb/devices", names, 32) > 0, true);
    case TEST_SD:
    case TEST_JRM: return test_card(b, say);
    case TEST_RAM: return test_memory(b, say);
    case TEST_ETH: return test_ethernet(b, say);
    case TEST_ETHM: board_lan(base, 0, &lan); return verdict(lan.present, lan.present);
    case TEST_RTC:
    case TEST_RTCM: board_clock(base, &clock); return verdict(clock.has_rtc, clock.rtc_good);
    case TEST_GSMM: board_modem(base, &modem); return verdict(modem.state != MODEM_ABSENT || modem.answers, modem.answers);
    case TEST_PWR: board_power(base, &power); return verdict(power.mains != BOARD_ABSENT, !board_power_lost(&power));
    default: return TEST_ABSENT;
    }
}

/* --- life ---------------------------------------------------------------------------------------------------------------------------- */

static void tell_power(struct board_linux *b)
{
    struct board_power now;
    board_power(&b->base, &now);
    if (now.mains != b->power.mains || now.reserve != b->power.reserve)
        board_tell(&b->base, &(struct board_news){ .kind = BOARD_NEWS_POWER, .power = now });
    b->power = now;
}

static void tell_inputs(struct board_linux *b)
{
    struct board_inputs now;
    board_inputs(&b->base, &now);
    for (int i = 0; i < BOARD_INPUTS; i++)
        if (now.input[i] != b->inputs.input[i])
            board_tell(&b->base, &(struct board_news){ .kind = BOARD_NEWS_INPUT, .input = i, .on = now.input[i] == BOARD_ON });
    b->inputs = now;
}

/* Waits; false when the board ends. */
static bool wait_a_while(struct board_linux *b, int ms)
{
    struct pollfd wait = { .fd = b->end_read, .events = POLLIN };
    poll(&wait, 1, ms);
    return !atomic_load(&b->ending);
}

static void *watch_parts(void *argument)
{
    struct board_linux *b = argument;
    board_power(&b->base, &b->power);
    board_inputs(&b->base, &b->inputs);
    while (wait_a_while(b, PARTS_MS)) {
        tell_power(b);
        tell_inputs(b);
        int64_t held = linux_button(b);
        if (held >= 0)
            board_tell(&b->base, &(struct board_news){ .kind = BOARD_NEWS_BUTTON, .held_ms = held });
    }
    return NULL;
}

static void *watch_modem(void *argument)
{
    struct board_linux *b = argument;
    do
        linux_modem_step(b);
    while (wait_a_while(b, MODEM_MS));
    return NULL;
}

static struct board *linux_open(const char *words, enum lang lang, struct text *problem)
{
    (void)lang;
    int ends[2];
    struct board_linux *b = memory_new(sizeof *b);
    if (pipe2(ends, O_CLOEXEC) < 0) {
        text_put(problem, strerror(errno));
        free(b);
        return NULL;
    }
    board_begin(&b->base, &board_linux_kind);
    BOARD_PUT(b->root, "%s", words);
    b->end_read = ends[0];
    b->end_write = ends[1];
    b->modem.seen.signal_percent = -1;
    pthread_mutex_init(&b->modem.lock, NULL);
    pthread_mutex_init(&b->time_lock, NULL);
    linux_parts_open(b);
    pthread_create(&b->parts_thread, NULL, watch_parts, b);
    pthread_create(&b->modem_thread, NULL, watch_modem, b);
    return &b->base;
}

static void linux_free(struct board *base)
{
    struct board_linux *b = box(base);
    atomic_store(&b->ending, true);
    close(b->end_write);
    pthread_join(b->parts_thread, NULL);
    pthread_join(b->modem_thread, NULL);
    close(b->end_read);
    linux_parts_close(b);
    pthread_mutex_destroy(&b->modem.lock);
    pthread_mutex_destroy(&b->time_lock);
    board_end(base);
    free(b);
}

const struct board_kind board_linux_kind = {
    .name = "linux", .open = linux_open, .free = linux_free, .identity = linux_identity, .serials = linux_serials, .clock = linux_clock, .zone_set = linux_zone_set,
    .clock_set = linux_clock_set, .time_service_set = linux_time_service_set, .time_now = linux_time_now, .lan = linux_lan, .lan_set = linux_lan_set,
    .modem = linux_modem, .sim_use = linux_sim_use, .power = linux_power, .inputs = linux_inputs, .relay_set = linux_relay_set, .supply_set = linux_supply_set,
    .battery_off = linux_battery_off, .led = linux_led, .watchdog = linux_watchdog, .restart = linux_restart, .test = linux_test,
};
