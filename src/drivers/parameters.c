/* Reading a device's parameters into its driver's settings; see driver.h. */
#include "drivers/driver.h"

#include <stdio.h>
#include <stdlib.h>

static const struct phrase unknown_name = { { "у этого прибора нет параметра", "this driver has no parameter" } };
static const struct phrase wrong_value = { { "неверное значение параметра", "wrong value of the parameter" } };

/* In front of every driver's settings there is nothing: these have memory of their own. */
struct common_settings {
    int32_t timeout, tries, speed, format, clock;
};
enum { TIMEOUT_MOST_S = 65535, TRIES_MOST = 20, CLOCK_MOST_S = 900 };

const char *const parameters_speeds[] = { "auto", "300", "600", "1200", "2400", "4800", "9600", "19200", "38400", "57600", "115200", NULL };
const char *const parameters_formats[] = { "auto", "7N1", "7N2", "7E1", "7E2", "7O1", "7O2", "8N1", "8N2", "8E1", "8E2", "8O1", "8O2", NULL };

static const struct advice timeout_usual[] = { { LINK_TCP, "5", { { 0 } } }, { LINK_UDP, "5", { { 0 } } }, { LINK_SERIAL, "5", { { 0 } } }, { .value = NULL } };
static const struct advice tries_usual[] = { { LINK_TCP, "3", { { 0 } } }, { LINK_UDP, "3", { { 0 } } }, { LINK_SERIAL, "3", { { 0 } } }, { .value = NULL } };

const struct parameter parameters_common[] = {
    { .name = "timeout", .advice = timeout_usual, .kind = PARAMETER_NUMBER, PARAMETER(common_settings, timeout), .preset = "0", .least = 0, .most = TIMEOUT_MOST_S, .part = PART_EXCHANGE,
      .title = { { "Время ожидания, с", "Time to wait, s" } }, .help = { { "ответа на запрос; 0: обычное для прибора", "for an answer; 0: usual for the family" } } },
    { .name = "tries", .advice = tries_usual, .kind = PARAMETER_NUMBER, PARAMETER(common_settings, tries), .preset = "0", .least = 0, .most = TRIES_MOST, .part = PART_EXCHANGE,
      .title = { { "Количество запросов", "Number of requests" } }, .help = { { "при неполучении ответа; 0: обычное", "while none is answered; 0: usual" } } },
    { .name = "speed", .kind = PARAMETER_CHOICE, PARAMETER(common_settings, speed), .preset = "auto", .choices = parameters_speeds, .part = PART_EXCHANGE,
      .title = { { "Скорость обмена", "Line speed" } }, .help = { { "бод; auto: как у линии или обычная для прибора", "baud; auto: as the line or usual for the family" } } },
    { .name = "format", .kind = PARAMETER_CHOICE, PARAMETER(common_settings, format), .preset = "auto", .choices = parameters_formats, .part = PART_EXCHANGE,
      .title = { { "Формат знака", "Character format" } }, .help = { { "биты, чётность, стоповые биты; auto: обычный для прибора", "bits, parity, stop bits; auto: usual for the family" } } },
    { .name = "clock", .kind = PARAMETER_NUMBER, PARAMETER(common_settings, clock), .preset = "0", .least = 0, .most = CLOCK_MOST_S, .part = PART_MAIN,
      .title = { { "Корректировать часы от, с", "Correct the clock from, s" } },
      .help = { { "расхождение, с которого часы прибора поправляют; 0: как у программы", "the error from which on the meter's clock is corrected; 0: as the program does" } } },
    { .name = NULL },
};

static bool set_number(const struct parameter *p, const char *value, void *field)
{
    char *end;
    long number = strtol(value, &end, 0);
    if (end == value || *end || number < p->least || number > p->most)
        return false;
    *(int32_t *)field = (int32_t)number;
    return true;
}

static bool set_text(const struct parameter *p, const char *value, void *field)
{
    return snprintf(field, p->size, "%s", value) < (int)p->size;
}

static bool set_bytes(const struct parameter *p, const char *value, void *field)
{
    (void)p;
    struct setting_bytes *b = field;
    long size = (long)strlen(value);
    if (strncmp(value, "hex:", 4) == 0)
        size = hex_parse(value + 4, b->data, sizeof b->data);
    else if (size <= (long)sizeof b->data)
        memcpy(b->data, value, (size_t)size);
    if (size < 0 || size > (long)sizeof b->data)
        return false;
    b->size = (uint8_t)size;
    return true;
}

static bool set_choice(const struct parameter *p, const char *value, void *field)
{
    for (int i = 0; p->choices[i]; i++) {
        if (strcmp(p->choices[i], value) != 0)
            continue;
        *(int32_t *)field = i;
        return true;
    }
    return false;
}

static bool set(const struct parameter *p, const char *value, void *settings)
{
    static bool (*const setters[])(const struct parameter *, const char *, void *) = {
        [PARAMETER_NUMBER] = set_number, [PARAMETER_TEXT] = set_text, [PARAMETER_BYTES] = set_bytes,
        [PARAMETER_CHOICE] = set_choice,
    };
    return setters[p->kind](p, value, (char *)settings + p->offset);
}

static const struct parameter *find(const struct parameter *all, const char *name)
{
    for (const struct parameter *p = all; p && p->name; p++)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

static bool take_pair(const struct driver *d, char *pair, enum lang lang, void *settings, struct text *problem)
{
    char *value = strchr(pair, '=');
    if (value)
        *value++ = '\0';
    const struct parameter *p = find(d->parameters, pair);
    struct common_settings aside;
    if (p && value && set(p, value, settings))
        return true;
    if (!p && (p = find(parameters_common, pair)) && value && set(p, value, &aside))
        return true;
    text_printf(problem, "%s: %s", phrase_in(p ? &wrong_value : &unknown_name, lang), pair);
    if (p && p->kind == PARAMETER_NUMBER)
        text_printf(problem, " (%d..%d)", p->least, p->most);
    return false;
}

bool parameters_read(const struct driver *d, const char *text, enum lang lang, void *settings, struct text *problem)
{
    memset(settings, 0, d->settings_size);
    for (const struct parameter *p = d->parameters; p && p->name; p++)
        if (p->preset && !set(p, p->preset, settings))
            abort(); /* a preset its own rule refuses is a programming error */
    char copy[1024];
    if (snprintf(copy, sizeof copy, "%s", text) >= (int)sizeof copy) {
        text_put(problem, phrase_in(&wrong_value, lang));
        return false;
    }
    for (char *save, *pair = strtok_r(copy, ";", &save); pair; pair = strtok_r(NULL, ";", &save))
        if (!take_pair(d, pair, lang, settings, problem))
            return false;
    return true;
}

/* What the text says in words of every driver's own kind; zero: nothing. */
static struct common_settings common_of(const struct driver *d, const char *text)
{
    struct common_settings common = { 0 };
    for (size_t size; *text; text += size + (text[size] == ';')) {
        char pair[32]; /* names and numbers of the common ones are short; what is longer is none of them */
        size = strcspn(text, ";");
        snprintf(pair, sizeof pair, "%.*s", (int)size, text);
        char *value = size < sizeof pair ? strchr(pair, '=') : NULL;
        if (value)
            *value++ = '\0';
        const struct parameter *p = find(parameters_common, pair);
        if (p && value && !find(d->parameters, pair))
            set(p, value, &common);
    }
    return common;
}

struct timing parameters_timing(const struct driver *d, const char *text)
{
    struct timing timing = d->timing;
    struct common_settings common = common_of(d, text);
    if (common.timeout)
        timing.answer_ms = (uint32_t)common.timeout * 1000;
    if (common.tries)
        timing.tries = (uint8_t)common.tries;
    return timing;
}

struct line parameters_line(const struct driver *d, const char *text, bool *ret_given)
{
    struct line line = d->line;
    struct common_settings common = common_of(d, text);
    if (common.speed)
        line.baud = (uint32_t)strtoul(parameters_speeds[common.speed], NULL, 10);
    if (common.format) {
        const char *format = parameters_formats[common.format]; /* three characters, as in the table above */
        line.bits = (uint8_t)(format[0] - '0');
        line.parity = format[1];
        line.stop = (uint8_t)(format[2] - '0');
    }
    *ret_given = common.speed || common.format;
    return line;
}

int parameters_clock(const struct driver *d, const char *text, int usual)
{
    int32_t own = common_of(d, text).clock;
    return own ? own : usual;
}

const char *parameters_second(const struct driver *d, const char *text, struct arena *a)
{
    static const char name[] = ";password2=";
    const char *at = strncmp(text, name + 1, sizeof name - 2) == 0 ? text : strstr(text, name);
    const char *value = at ? strchr(at, '=') + 1 : "";
    int size = (int)strcspn(value, ";");
    if (!d->second || !size)
        return text;
    size_t room = strlen(text) + strlen(d->second) + (size_t)size + sizeof ";;password=";
    char *all = arena_take(a, room);
    snprintf(all, room, "%s;%s;password=%.*s", text, d->second, size, value);
    return all;
}

bool parameters_tell(const char *text, const char *name)
{
    for (size_t size = strlen(name); *text; text += strcspn(text, ";"), text += *text == ';')
        if (strncmp(text, name, size) == 0 && text[size] == '=')
            return true;
    return false;
}

bool parameters_rules(const struct driver *d, const char *text, const void *settings, bool whole, enum lang lang, const char **ret_name, struct text *problem)
{
    return !d->rules || d->rules(text, settings, whole, lang, ret_name, problem);
}
