/* Occasions as text, their rules, their words; see occasion.h. */
#include "box/occasion.h"
#include "base/civil.h"
#include "collect/work.h"
#include "meter/unit.h"

#include <stdio.h>
#include <stdlib.h>

enum { WORDS_MAX = 8 };

const char *const condition_names[CONDITION_KINDS + 1] = { "schedule", "calendar", "input", "state", "loop", "value", "start", "stop", NULL };
const char *const edge_names[EDGES + 1] = { "none", "appears", "disappears", "changes", "above", "below", "crosses", NULL };
const char *const action_names[ACTION_KINDS + 1] = { "poll", "watch", "clock", "relay-own", "relay", "mqtt", "mail", "files", NULL };
const char *const letter_data_names[] = { "none", "csv", "xlsx", NULL };
static const char *const scope_names[] = { "all", "group", "device", NULL };

static int place_of(const char *const *names, const char *word)
{
    for (int i = 0; word && names[i]; i++)
        if (strcmp(names[i], word) == 0)
            return i;
    return -1;
}

static bool number_of(const char *word, int64_t least, int64_t most, int64_t *ret)
{
    char *end;
    long long value = word && *word ? strtoll(word, &end, 10) : 0;
    if (!word || !*word || *end || value < least || value > most)
        return false;
    *ret = value;
    return true;
}

/* Cuts at blanks; the words lie in `line`, which is changed. */
static size_t cut(char *line, char *words[WORDS_MAX])
{
    size_t count = 0;
    char *save;
    for (char *word = strtok_r(line, " ", &save); word && count < WORDS_MAX; word = strtok_r(NULL, " ", &save))
        words[count++] = word;
    return count;
}

/* --- conditions -------------------------------------------------------------------------------------------------------------- */

static bool is_state_edge(enum edge e) { return e <= EDGE_CHANGES; }
static bool is_value_edge(enum edge e) { return e == EDGE_NONE || e >= EDGE_ABOVE; }

void condition_write(const struct condition *c, struct text *t)
{
    char code[OBIS_TEXT_MAX], limit[DECIMAL_TEXT_MAX], hysteresis[DECIMAL_TEXT_MAX];
    const char *edge = edge_names[c->edge];
    text_put(t, condition_names[c->kind]);
    decimal_format(c->limit, limit);
    decimal_format(c->hysteresis, hysteresis);
    switch (c->kind) {
    case CONDITION_SCHEDULE:
    case CONDITION_CALENDAR: text_printf(t, " %lld", (long long)c->subject); break;
    case CONDITION_INPUT: text_printf(t, " %lld %s", (long long)c->subject, edge); break;
    case CONDITION_STATE: text_printf(t, " %lld %s %s", (long long)c->subject, obis_format(c->code, code), edge); break;
    case CONDITION_LOOP: text_printf(t, " %s %s %s", edge, limit, hysteresis); break;
    case CONDITION_VALUE:
        text_printf(t, " %lld %s %s %s %s %s", (long long)c->subject, archive_name(c->archive), obis_format(c->code, code), edge, limit, hysteresis);
        break;
    case CONDITION_START:
    case CONDITION_STOP:
    case CONDITION_KINDS: break;
    }
}

static bool take_edge(const char *word, bool (*fits)(enum edge), struct condition *c)
{
    int edge = place_of(edge_names, word);
    c->edge = edge < 0 ? EDGE_NONE : (enum edge)edge;
    return edge >= 0 && fits(c->edge);
}

static bool take_limits(char **word, struct condition *c)
{
    return take_edge(word[0], is_value_edge, c) && decimal_parse(word[1], &c->limit) && decimal_parse(word[2], &c->hysteresis) && c->hysteresis.mantissa >= 0;
}

static bool take_value(char **word, struct condition *c)
{
    c->archive = archive_parse(word[2]);
    bool fits = c->archive == ARCHIVE_CURRENT || c->archive == ARCHIVE_NETWORK || c->archive == ARCHIVE_PROFILE;
    return fits && number_of(word[1], 1, METER_ID_MAX, &c->subject) && obis_parse(word[3], &c->code) && take_limits(word + 4, c);
}

bool condition_read(const char *text, struct condition *ret)
{
    char copy[CONDITION_TEXT_MAX], *word[WORDS_MAX];
    if (strlen(text) >= sizeof copy)
        return false;
    snprintf(copy, sizeof copy, "%s", text);
    size_t count = cut(copy, word);
    static const size_t words[CONDITION_KINDS] = { 2, 2, 3, 4, 4, 7, 1, 1 };
    int kind = count ? place_of(condition_names, word[0]) : -1;
    if (kind < 0 || count != words[kind])
        return false;
    *ret = (struct condition){ .kind = (enum condition_kind)kind };
    switch (ret->kind) {
    case CONDITION_SCHEDULE:
    case CONDITION_CALENDAR: return number_of(word[1], 1, INT64_MAX, &ret->subject);
    case CONDITION_INPUT: return number_of(word[1], 1, INPUT_NUMBERS, &ret->subject) && take_edge(word[2], is_state_edge, ret);
    case CONDITION_STATE: return number_of(word[1], 1, METER_ID_MAX, &ret->subject) && obis_parse(word[2], &ret->code) && take_edge(word[3], is_state_edge, ret);
    case CONDITION_LOOP: return take_limits(word + 1, ret);
    case CONDITION_VALUE: return take_value(word, ret);
    default: return true;
    }
}

/* --- actions ------------------------------------------------------------------------------------------------------------------- */

/* "mail a@example.org words", "mail:csv group 2 day,state a@example.org words"; archives "all" when none are named. */
static void letter_write(const struct action *a, struct text *t)
{
    const char *between = "";
    if (a->data != LETTER_PLAIN)
        text_printf(t, ":%s %s %lld %s", letter_data_names[a->data], scope_names[a->scope], (long long)a->subject, a->archives ? "" : "all");
    for (enum archive k = 0; k < ARCHIVE_COUNT && a->data != LETTER_PLAIN; k++)
        if (a->archives >> k & 1) {
            text_printf(t, "%s%s", between, archive_name(k));
            between = ",";
        }
    text_printf(t, " %s %s", a->to, a->words);
}

static void action_write(const struct action *a, struct text *t)
{
    text_put(t, action_names[a->kind]);
    switch (a->kind) {
    case ACTION_POLL:
    case ACTION_MQTT: text_printf(t, " %lld", (long long)a->subject); break;
    case ACTION_WATCH: text_printf(t, " %s %lld", scope_names[a->scope], (long long)a->subject); break;
    case ACTION_CLOCK: text_printf(t, " %s %lld %d", scope_names[a->scope], (long long)a->subject, a->from_s); break;
    case ACTION_RELAY_OWN: text_printf(t, " %lld %s", (long long)a->subject, a->on ? "on" : "off"); break;
    case ACTION_RELAY: text_printf(t, " %lld %d %s", (long long)a->subject, a->relay, a->on ? "on" : "off"); break;
    case ACTION_MAIL: letter_write(a, t); break;
    case ACTION_FILES:
    case ACTION_KINDS: break;
    }
    text_put(t, "\n");
}

void actions_write(const struct actions *a, struct text *t)
{
    for (size_t i = 0; i < a->count; i++)
        action_write(&a->action[i], t);
}

static bool take_switch(const char *word, struct action *a)
{
    a->on = strcmp(word, "on") == 0;
    return a->on || strcmp(word, "off") == 0;
}

static bool take_scope(char **word, struct action *a)
{
    int scope = place_of(scope_names, word[0]);
    a->scope = scope < 0 ? SCOPE_ALL : (enum action_scope)scope;
    return scope >= 0 && number_of(word[1], scope == SCOPE_ALL ? 0 : 1, INT64_MAX, &a->subject);
}

static bool take_archives(char *list, struct action *a)
{
    char *save;
    if (strcmp(list, "all") == 0)
        return true;
    for (char *name = strtok_r(list, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
        enum archive k = archive_parse(name);
        if (k == ARCHIVE_COUNT)
            return false;
        a->archives |= 1u << k;
    }
    return a->archives != 0;
}

/* "csv group 2 day,state " before the address; returns what follows, NULL when it is none. */
static char *take_data(char *line, struct action *a)
{
    char *word[4];
    for (size_t i = 0; i < 4; i++) {
        char *blank = strchr(line, ' ');
        if (!blank)
            return NULL;
        *blank = '\0';
        word[i] = line;
        line = blank + 1;
    }
    int data = place_of(letter_data_names, word[0]);
    a->data = data > 0 ? (enum letter_data)data : LETTER_PLAIN;
    return data > 0 && take_scope(word + 1, a) && take_archives(word[3], a) ? line : NULL;
}

/* Behind "mail": ":csv all 0 all somebody@example.org and the words" or " somebody@example.org and the words". */
static bool take_mail(char *line, struct action *a)
{
    char *to = *line == ':' ? take_data(line + 1, a) : line + 1, *blank = to ? strchr(to, ' ') : NULL;
    size_t size = blank ? (size_t)(blank - to) : 0;
    if (size == 0 || size > ACTION_TO_MAX || strlen(blank + 1) > ACTION_WORDS_MAX)
        return false;
    memcpy(a->to, to, size);
    snprintf(a->words, sizeof a->words, "%s", blank + 1);
    return true;
}

static bool action_read(char *line, struct action *ret)
{
    static const size_t words[ACTION_KINDS] = { 2, 3, 4, 3, 4, 2, 0, 1 };
    char *word[WORDS_MAX];
    int64_t number = 0;
    *ret = (struct action){ .kind = ACTION_MAIL };
    if (strncmp(line, "mail ", 5) == 0 || strncmp(line, "mail:", 5) == 0)
        return take_mail(line + 4, ret);
    size_t count = cut(line, word);
    int kind = count ? place_of(action_names, word[0]) : -1;
    if (kind < 0 || kind == ACTION_MAIL || count != words[kind])
        return false;
    ret->kind = (enum action_kind)kind;
    bool good;
    switch (ret->kind) {
    case ACTION_POLL:
    case ACTION_MQTT: return number_of(word[1], 1, INT64_MAX, &ret->subject);
    case ACTION_FILES: return true;
    case ACTION_WATCH: return take_scope(word + 1, ret);
    case ACTION_CLOCK:
        good = take_scope(word + 1, ret) && number_of(word[3], 1, CLOCK_CHECK_MAX, &number);
        ret->from_s = (int)number;
        return good;
    case ACTION_RELAY_OWN: return number_of(word[1], 1, 9, &ret->subject) && take_switch(word[2], ret);
    default:
        good = number_of(word[1], 1, METER_ID_MAX, &ret->subject) && number_of(word[2], RELAY_LOAD, RELAY_SIGNALS, &number) && take_switch(word[3], ret);
        ret->relay = (int)number;
        return good;
    }
}

bool actions_read(const char *text, struct actions *ret)
{
    ret->count = 0;
    if (strlen(text) >= ACTIONS_TEXT_MAX)
        return false;
    char *copy = strdup(text), *save;
    bool good = copy != NULL;
    for (char *line = good ? strtok_r(copy, "\n", &save) : NULL; line && good; line = strtok_r(NULL, "\n", &save))
        good = ret->count < OCCASION_ACTIONS_MAX && action_read(line, &ret->action[ret->count++]);
    free(copy);
    return good;
}

/* --- rules --------------------------------------------------------------------------------------------------------------------- */

bool edge_of_state(enum edge edge, int64_t before, int64_t now)
{
    switch (edge) {
    case EDGE_APPEARS: return before == 0 && now != 0;
    case EDGE_DISAPPEARS: return before != 0 && now == 0;
    case EDGE_CHANGES: return before != now;
    default: return false;
    }
}

enum side_of side_next(const struct condition *c, enum side_of side, struct decimal value)
{
    struct decimal back;
    bool below = c->edge == EDGE_BELOW;
    bool sum = below ? decimal_add(c->limit, c->hysteresis, &back) : decimal_subtract(c->limit, c->hysteresis, &back);
    int at_limit = decimal_compare(value, c->limit), at_back = sum ? decimal_compare(value, back) : 0;
    if (below)
        return at_limit <= 0 ? SIDE_LOW : at_back > 0 ? SIDE_HIGH : side == SIDE_UNKNOWN ? SIDE_HIGH : side;
    return at_limit >= 0 ? SIDE_HIGH : at_back < 0 ? SIDE_LOW : side == SIDE_UNKNOWN ? SIDE_LOW : side;
}

bool edge_of_side(enum edge edge, enum side_of before, enum side_of now)
{
    if (before == now)
        return false;
    switch (edge) {
    case EDGE_ABOVE: return now == SIDE_HIGH;
    case EDGE_BELOW: return now == SIDE_LOW;
    case EDGE_CROSSES: return before != SIDE_UNKNOWN;
    default: return false;
    }
}

bool pacing_take(struct pacing *p, int64_t now_ms, int64_t pause_ms)
{
    /* A clock that was set back must not hold it for longer than its pause. */
    if (p->until_ms > now_ms && p->until_ms - now_ms <= pause_ms) {
        p->waiting++;
        return false;
    }
    p->until_ms = now_ms + pause_ms;
    return true;
}

bool pacing_due(struct pacing *p, int64_t now_ms, int64_t pause_ms, int64_t *ret_merged)
{
    if (!p->waiting || (p->until_ms > now_ms && p->until_ms - now_ms <= pause_ms))
        return false;
    *ret_merged = p->waiting;
    *p = (struct pacing){ .until_ms = now_ms + pause_ms };
    return true;
}

/* --- told ----------------------------------------------------------------------------------------------------------------------- */

static void tell_state(char **word, bool woke, enum lang lang, struct text *t)
{
    static const struct phrase form = { { "было %s, стало %s", "was %s, is %s" } }, off = { { " (изменилось, пока устройство не работало)", " (changed while the box was off)" } };
    static const struct phrase on = { { "«включено»", "on" } }, not_on = { { "«отключено»", "off" } };
    const char *said[2];
    for (int i = 0; i < 2; i++)
        said[i] = strcmp(word[i + 1], "0") == 0 ? phrase_in(&not_on, lang) : strcmp(word[i + 1], "1") == 0 ? phrase_in(&on, lang) : word[i + 1];
    text_printf(t, phrase_in(&form, lang), said[0], said[1]);
    if (woke)
        text_put(t, phrase_in(&off, lang));
}

static void tell_value(char **word, size_t count, enum lang lang, struct text *t)
{
    static const struct phrase form = { { "значение %s %s", "value %s %s" } }, when = { { " (%s по часам прибора)", " (%s on the device's clock)" } };
    char wall[CIVIL_TEXT_MAX];
    bool coded = word[2][0] >= '0' && word[2][0] <= '9', milliamperes = strcmp(word[2], "mA") == 0;
    text_printf(t, phrase_in(&form, lang), word[1], coded ? unit_symbol((uint8_t)atoi(word[2]), lang) : milliamperes && lang == LANG_RU ? "мА" : word[2]);
    if (count > 3 && strcmp(word[3], "0") != 0)
        text_printf(t, phrase_in(&when, lang), wall_format(atoll(word[3]), wall));
}

void cause_tell(const char *cause, enum lang lang, struct text *t)
{
    static const struct phrase time = { { "по времени", "by the clock" } }, late = { { "по времени, с опозданием: устройство не работало", "by the clock, late: the box was off" } };
    static const struct phrase clean = { { "пуск устройства", "the box has started" } }, broken = { { "пуск устройства после обрыва работы", "the box has started after it broke off" } };
    static const struct phrase stop = { { "останов устройства", "the box stops" } }, hand = { { "вручную: %s", "by hand: %s" } };
    char copy[120], *word[WORDS_MAX];
    snprintf(copy, sizeof copy, "%s", cause);
    size_t count = cut(copy, word);
    const char *kind = count ? word[0] : "";
    if (strcmp(kind, "time") == 0)
        text_put(t, phrase_in(&time, lang));
    else if (strcmp(kind, "late") == 0)
        text_put(t, phrase_in(&late, lang));
    else if ((strcmp(kind, "state") == 0 || strcmp(kind, "woke") == 0) && count >= 3)
        tell_state(word, kind[0] == 'w', lang, t);
    else if (strcmp(kind, "value") == 0 && count >= 3)
        tell_value(word, count, lang, t);
    else if (strcmp(kind, "start") == 0)
        text_put(t, phrase_in(count > 1 && strcmp(word[1], "broken") == 0 ? &broken : &clean, lang));
    else if (strcmp(kind, "stop") == 0)
        text_put(t, phrase_in(&stop, lang));
    else if (strcmp(kind, "hand") == 0)
        text_printf(t, phrase_in(&hand, lang), count > 1 ? word[1] : "");
    else
        text_put(t, cause);
}
