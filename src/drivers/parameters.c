/* Reading a device's parameters into its driver's settings; see driver.h. */
#include "drivers/driver.h"

#include <stdio.h>
#include <stdlib.h>

static const struct phrase unknown_name = { { "у этого прибора нет параметра", "this driver has no parameter" } };
static const struct phrase wrong_value = { { "неверное значение параметра", "wrong value of the parameter" } };

/* In front of every driver's settings there is nothing: these have memory of their own. */
struct common_settings {
    int32_t timeout, tries;
};
enum { TIMEOUT_MOST_S = 65535, TRIES_MOST = 20 };

static const struct advice timeout_usual[] = { { LINK_TCP, "5", { { 0 } } }, { LINK_UDP, "5", { { 0 } } }, { LINK_SERIAL, "5", { { 0 } } }, { .value = NULL } };
static const struct advice tries_usual[] = { { LINK_TCP, "3", { { 0 } } }, { LINK_UDP, "3", { { 0 } } }, { LINK_SERIAL, "3", { { 0 } } }, { .value = NULL } };

const struct parameter parameters_common[] = {
    { .name = "timeout", .advice = timeout_usual, .kind = PARAMETER_NUMBER, PARAMETER(common_settings, timeout), .preset = "0", .least = 0, .most = TIMEOUT_MOST_S, .part = PART_EXCHANGE,
      .title = { { "Время ожидания, с", "Time to wait, s" } }, .help = { { "ответа на запрос; 0: обычное для прибора", "for an answer; 0: usual for the family" } } },
    { .name = "tries", .advice = tries_usual, .kind = PARAMETER_NUMBER, PARAMETER(common_settings, tries), .preset = "0", .least = 0, .most = TRIES_MOST, .part = PART_EXCHANGE,
      .title = { { "Количество запросов", "Number of requests" } }, .help = { { "при неполучении ответа; 0: обычное", "while none is answered; 0: usual" } } },
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

struct timing parameters_timing(const struct driver *d, const char *text)
{
    struct timing timing = d->timing;
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
    if (common.timeout)
        timing.answer_ms = (uint32_t)common.timeout * 1000;
    if (common.tries)
        timing.tries = (uint8_t)common.tries;
    return timing;
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
