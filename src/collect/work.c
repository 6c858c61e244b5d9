/* What is wanted of a meter; see work.h. */
#include "collect/work.h"

#include <stdio.h>
#include <stdlib.h>

const char *const command_names[COMMAND_KINDS + 1] = { "relay-off", "relay-on", "clock-read", "clock-correct", "clock-set", "clock-check", NULL };

bool work_any(const struct work *w)
{
    bool any = w->owed || w->contact || w->events || w->states || w->commands;
    for (int a = 0; a < ARCHIVE_COUNT; a++)
        any = any || w->read[a].wanted;
    return any;
}

bool work_switches(const struct work *w)
{
    for (int i = 0; i < w->commands; i++)
        if (w->command[i].kind == COMMAND_RELAY_OFF || w->command[i].kind == COMMAND_RELAY_ON)
            return true;
    return false;
}

uint8_t work_tariffs(const struct work_read *r)
{
    uint8_t most = 0;
    for (int i = 0; i < r->registers; i++) {
        bool energy = obis_group(r->registered[i], 0) == 1 && obis_group(r->registered[i], 3) == 8;
        uint8_t tariff = obis_group(r->registered[i], 4);
        if (energy && tariff > most && tariff <= 8)
            most = tariff;
    }
    return most;
}

void work_write(const struct work *w, struct text *t)
{
    char code[OBIS_TEXT_MAX];
    if (w->owed)
        text_put(t, "owed;");
    if (w->contact)
        text_put(t, "contact;");
    if (w->lenient)
        text_put(t, "lenient;");
    for (int a = 0; a < ARCHIVE_COUNT; a++) {
        const struct work_read *r = &w->read[a];
        if (!r->wanted)
            continue;
        text_printf(t, "read %s %d%s", archive_name((enum archive)a), r->depth_days, r->again ? " again" : "");
        for (int i = 0; i < r->registers; i++)
            text_printf(t, " %s", obis_format(r->registered[i], code));
        text_put(t, ";");
    }
    if (w->events) {
        text_printf(t, "events %d", w->events_depth_days);
        for (int i = 0; i < w->journals; i++)
            text_printf(t, " %d", w->journal[i]);
        text_put(t, ";");
    }
    if (w->states)
        text_put(t, "states;");
    for (int i = 0; i < w->commands; i++)
        text_printf(t, "command %s %d;", command_names[w->command[i].kind], w->command[i].kind == COMMAND_CLOCK_CHECK ? w->command[i].from_s : w->command[i].relay);
}

/* --- back ---------------------------------------------------------------------------------------------------------------- */

static bool number_of(const char *word, int most, uint16_t *ret)
{
    char *end;
    long value = word ? strtol(word, &end, 10) : -1;
    if (value < 0 || value > most || *end)
        return false;
    *ret = (uint16_t)value;
    return true;
}

static bool take_read(char **save, struct work *w)
{
    char *name = strtok_r(NULL, " ", save);
    enum archive a = name ? archive_parse(name) : ARCHIVE_COUNT;
    if (a >= ARCHIVE_JOURNAL || w->read[a].wanted)
        return false;
    struct work_read *r = &w->read[a];
    r->wanted = true;
    if (!number_of(strtok_r(NULL, " ", save), WORK_DEPTH_MAX, &r->depth_days))
        return false;
    for (char *word = strtok_r(NULL, " ", save); word; word = strtok_r(NULL, " ", save)) {
        if (strcmp(word, "again") == 0 && r->registers == 0)
            r->again = true;
        else if (r->registers == WORK_REGISTERS_MAX || !obis_parse(word, &r->registered[r->registers++]))
            return false;
    }
    return true;
}

static bool take_events(char **save, struct work *w)
{
    if (w->events || !number_of(strtok_r(NULL, " ", save), WORK_DEPTH_MAX, &w->events_depth_days))
        return false;
    w->events = true;
    for (char *word = strtok_r(NULL, " ", save); word; word = strtok_r(NULL, " ", save))
        if (w->journals == WORK_JOURNALS_MAX || !number_of(word, UINT16_MAX, &w->journal[w->journals++]))
            return false;
    return true;
}

static bool take_command(char **save, struct work *w)
{
    char *name = strtok_r(NULL, " ", save);
    uint16_t number;
    int k = 0;
    if (!name || w->commands == WORK_COMMANDS_MAX)
        return false;
    while (k < COMMAND_KINDS && strcmp(name, command_names[k]) != 0)
        k++;
    bool check = k == COMMAND_CLOCK_CHECK;
    if (k == COMMAND_KINDS || !number_of(strtok_r(NULL, " ", save), check ? CLOCK_CHECK_MAX : RELAY_SIGNALS, &number) || (check && !number))
        return false;
    w->command[w->commands++] = (struct work_command){ .kind = (enum work_command_kind)k, .relay = check ? 0 : number, .from_s = check ? number : 0 };
    return strtok_r(NULL, " ", save) == NULL;
}

static bool take_part(char *part, struct work *w)
{
    char *save, *word = strtok_r(part, " ", &save);
    if (!word)
        return false;
    if (strcmp(word, "read") == 0)
        return take_read(&save, w);
    if (strcmp(word, "events") == 0)
        return take_events(&save, w);
    if (strcmp(word, "command") == 0)
        return take_command(&save, w);
    const struct { const char *word; bool *flag; } flags[] = { { "owed", &w->owed }, { "contact", &w->contact }, { "lenient", &w->lenient }, { "states", &w->states } };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (strcmp(word, flags[i].word) == 0)
            return *flags[i].flag = true;
    return false;
}

bool work_read_text(const char *text, struct work *ret)
{
    *ret = (struct work){ 0 };
    size_t size = strlen(text);
    if (size >= WORK_TEXT_MAX)
        return false;
    char *copy = strdup(text), *save = NULL;
    bool good = copy != NULL;
    for (char *part = copy ? strtok_r(copy, ";", &save) : NULL; part && good; part = strtok_r(NULL, ";", &save))
        good = take_part(part, ret);
    free(copy);
    return good && work_any(ret);
}
