/* Small parts on Linux: power supplies and LEDs of /sys, GPIO lines by their names, the button, the current input, the watchdog. */
#include "base/clock.h"
#include "board/board_linux.h"
#include "board/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <linux/input.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { RELAY_LINES = BOARD_INPUTS, BATTERY_LINE = BOARD_INPUTS + BOARD_RELAYS_MAX, SUPPLY_LINES };

static const char *const line_names[LINUX_LINES] = { "DI1", "DI2", "DI3", "RELAY1", "RELAY2", "RELAY3", "RELAY4", "BATTERY_OFF",
                                                   "LINE_POWER1", "LINE_POWER2", "LINE_POWER3", "LINE_POWER4" };

/* --- GPIO -------------------------------------------------------------------------------------------------------------------------- */

static int line_request(int chip, unsigned offset, bool output)
{
    struct gpio_v2_line_request r = { .offsets = { offset }, .num_lines = 1, .consumer = "svod",
                                      .config.flags = output ? GPIO_V2_LINE_FLAG_OUTPUT : GPIO_V2_LINE_FLAG_INPUT };
    return ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &r) == 0 ? r.fd : -1;
}

/* An output that stays as it is: what it feeds shall not go dark because a program begins. */
static int line_request_kept(int chip, unsigned offset)
{
    struct gpio_v2_line_request r = { .offsets = { offset }, .num_lines = 1, .consumer = "svod" }; /* as it is */
    struct gpio_v2_line_values now = { .mask = 1 };
    struct gpio_v2_line_config output = { .flags = GPIO_V2_LINE_FLAG_OUTPUT, .num_attrs = 1,
                                          .attrs = { { .attr.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES, .mask = 1 } } };
    if (ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &r) != 0)
        return -1;
    if (ioctl(r.fd, GPIO_V2_LINE_GET_VALUES_IOCTL, &now) == 0)
        output.attrs[0].attr.values = now.bits & 1;
    if (ioctl(r.fd, GPIO_V2_LINE_SET_CONFIG_IOCTL, &output) == 0)
        return r.fd;
    close(r.fd);
    return -1;
}

static void lines_of_chip(struct linux_parts *p, int chip)
{
    struct gpiochip_info about = { 0 };
    if (ioctl(chip, GPIO_GET_CHIPINFO_IOCTL, &about) != 0)
        return;
    for (unsigned i = 0; i < about.lines; i++) {
        struct gpio_v2_line_info line = { .offset = i };
        if (ioctl(chip, GPIO_V2_GET_LINEINFO_IOCTL, &line) != 0)
            continue;
        for (int k = 0; k < LINUX_LINES; k++)
            if (p->line[k] < 0 && strcmp(line.name, line_names[k]) == 0)
                p->line[k] = k >= SUPPLY_LINES ? line_request_kept(chip, i) : line_request(chip, i, k >= RELAY_LINES);
    }
}

static enum board_state line_state(int fd)
{
    struct gpio_v2_line_values v = { .mask = 1 };
    if (fd < 0 || ioctl(fd, GPIO_V2_LINE_GET_VALUES_IOCTL, &v) != 0)
        return BOARD_ABSENT;
    return v.bits & 1 ? BOARD_ON : BOARD_OFF;
}

static bool line_set(int fd, bool on, struct text *why)
{
    struct gpio_v2_line_values v = { .mask = 1, .bits = on };
    if (fd >= 0 && ioctl(fd, GPIO_V2_LINE_SET_VALUES_IOCTL, &v) == 0)
        return true;
    if (why)
        text_put(why, fd < 0 ? "no such line" : strerror(errno));
    return false;
}

/* --- opening ------------------------------------------------------------------------------------------------------------------------- */

/* An input device whose name has "svod" in it. */
static int button_open(const struct board_linux *b)
{
    linux_name names[32];
    for (int i = linux_list(b, "/dev/input", names, 32); i-- > 0;) {
        char path[LINUX_PATH], device[96], name[128] = "";
        if (strncmp(names[i], "event", 5) != 0)
            continue;
        snprintf(device, sizeof device, "/dev/input/%s", names[i]);
        int fd = open(linux_path(b, device, path), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        if (fd >= 0 && ioctl(fd, EVIOCGNAME(sizeof name - 1), name) > 0 && strstr(name, "svod"))
            return fd;
        if (fd >= 0)
            close(fd);
    }
    return -1;
}

void linux_parts_open(struct board_linux *b)
{
    linux_name chips[16];
    for (int i = 0; i < LINUX_LINES; i++)
        b->parts.line[i] = -1;
    for (int i = linux_list(b, "/sys/bus/gpio/devices", chips, 16); i-- > 0;) {
        char path[LINUX_PATH], device[96];
        snprintf(device, sizeof device, "/dev/%s", chips[i]);
        int chip = open(linux_path(b, device, path), O_RDWR | O_CLOEXEC);
        if (chip < 0)
            continue;
        lines_of_chip(&b->parts, chip);
        close(chip);
    }
    b->parts.watchdog = -1;
    b->parts.button = button_open(b);
}

void linux_parts_close(struct board_linux *b)
{
    for (int i = 0; i < LINUX_LINES; i++)
        if (b->parts.line[i] >= 0)
            close(b->parts.line[i]);
    if (b->parts.button >= 0)
        close(b->parts.button);
    if (b->parts.watchdog >= 0) {
        if (write(b->parts.watchdog, "V", 1) != 1) /* the word that ends it in order */
            errno = 0;
        close(b->parts.watchdog);
    }
}

/* --- power, inputs, relays --------------------------------------------------------------------------------------------------------------- */

static void read_supply(const struct board_linux *b, const char *name, struct board_power *ret)
{
    char path[LINUX_PATH], type[24], value[24];
    snprintf(path, sizeof path, "/sys/class/power_supply/%s/type", name);
    linux_read(b, path, type, sizeof type);
    bool battery = strcmp(type, "Battery") == 0;
    snprintf(path, sizeof path, "/sys/class/power_supply/%s/%s", name, battery ? "present" : "online");
    linux_read(b, path, value, sizeof value);
    enum board_state state = *value == '1' ? BOARD_ON : BOARD_OFF;
    if (!battery) {
        *(strstr(name, "reserve") ? &ret->reserve : &ret->mains) = state;
        return;
    }
    ret->battery = state;
    snprintf(path, sizeof path, "/sys/class/power_supply/%s/capacity", name);
    ret->battery_percent = *linux_read(b, path, value, sizeof value) ? atoi(value) : -1;
}

void linux_power(struct board *base, struct board_power *ret)
{
    struct board_linux *b = (struct board_linux *)base;
    linux_name names[8];
    for (int i = linux_list(b, "/sys/class/power_supply", names, 8); i-- > 0;)
        read_supply(b, names[i], ret);
}

/* Raw value times scale is milliamperes (Linux, sysfs-bus-iio). */
static void read_loop(const struct board_linux *b, struct board_inputs *ret)
{
    linux_name names[8];
    for (int i = linux_list(b, "/sys/bus/iio/devices", names, 8); i-- > 0;) {
        char path[LINUX_PATH], raw[32], scale[32];
        int64_t value, millionths;
        snprintf(path, sizeof path, "/sys/bus/iio/devices/%s/in_current0_raw", names[i]);
        linux_read(b, path, raw, sizeof raw);
        snprintf(path, sizeof path, "/sys/bus/iio/devices/%s/in_current0_scale", names[i]);
        linux_read(b, path, scale, sizeof scale);
        if (!tool_number(raw, 0, &value) || !tool_number(scale, -6, &millionths))
            continue;
        ret->has_loop = true;
        ret->loop_ua = (int)(value * millionths / 1000);
    }
}

void linux_inputs(struct board *base, struct board_inputs *ret)
{
    struct board_linux *b = (struct board_linux *)base;
    for (int i = 0; i < BOARD_INPUTS; i++)
        ret->input[i] = line_state(b->parts.line[i]);
    for (int i = 0; i < BOARD_RELAYS_MAX; i++)
        ret->relay[i] = line_state(b->parts.line[RELAY_LINES + i]);
    for (int i = 0; i < BOARD_SUPPLIES; i++)
        ret->supply[i] = line_state(b->parts.line[SUPPLY_LINES + i]);
    read_loop(b, ret);
}

bool linux_relay_set(struct board *base, int which, bool on, struct text *why)
{
    return line_set(((struct board_linux *)base)->parts.line[RELAY_LINES + which], on, why);
}

bool linux_supply_set(struct board *base, int which, bool on, struct text *why)
{
    return line_set(((struct board_linux *)base)->parts.line[SUPPLY_LINES + which], on, why);
}

bool linux_battery_off(struct board *base, struct text *why)
{
    return line_set(((struct board_linux *)base)->parts.line[BATTERY_LINE], true, why);
}

/* --- indicators, button, watchdog ------------------------------------------------------------------------------------------------------------ */

void linux_led(struct board *base, enum board_led which, struct led_pattern p)
{
    static const char *const names[BOARD_LEDS] = { "svod:mode", "svod:gsm", "svod:net" };
    const struct board_linux *b = (struct board_linux *)base;
    bool blinks = p.on_ms && p.off_ms;
    const struct { const char *file; int value; } steps[] = { { "brightness", p.on_ms != 0 }, { "delay_on", p.on_ms }, { "delay_off", p.off_ms } };
    for (int i = -1; i < (blinks ? 3 : 1); i++) {
        char path[LINUX_PATH], where[LINUX_PATH];
        if (i == 0 && blinks)
            continue;
        snprintf(path, sizeof path, "/sys/class/leds/%s/%s", names[which], i < 0 ? "trigger" : steps[i].file);
        FILE *file = fopen(linux_path(b, path, where), "we");
        if (!file)
            return; /* this box has no such LED */
        if (i < 0)
            fputs(blinks ? "timer" : "none", file);
        else
            fprintf(file, "%d", steps[i].value);
        fclose(file);
    }
}

int64_t linux_button(struct board_linux *b)
{
    struct input_event e;
    int64_t held = -1;
    while (b->parts.button >= 0 && read(b->parts.button, &e, sizeof e) == (ssize_t)sizeof e) {
        if (e.type != EV_KEY || e.value == 2) /* 2: it repeats */
            continue;
        if (e.value)
            b->parts.pressed_ms = clock_monotonic_ms();
        else if (b->parts.pressed_ms)
            held = clock_monotonic_ms() - b->parts.pressed_ms;
    }
    return held;
}

void linux_watchdog(struct board *base)
{
    struct board_linux *b = (struct board_linux *)base;
    char path[LINUX_PATH];
    if (b->parts.watchdog < 0)
        b->parts.watchdog = open(linux_path(b, "/dev/svod-watchdog", path), O_WRONLY | O_CLOEXEC);
    if (b->parts.watchdog >= 0 && write(b->parts.watchdog, "\0", 1) != 1)
        errno = 0; /* the hardware will tell */
}
