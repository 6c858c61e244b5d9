/* Notes and steps; see story.h. A note's line: part, name of the fault, detail. A step's line: milliseconds of UTC, word,
 * arguments. */
#include "collect/story.h"
#include "base/civil.h"
#include "base/clock.h"
#include "collect/work.h"
#include "meter/quantity.h"
#include "meter/relay.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { LINE_MAX_BYTES = 400, WORDS_MAX = 8 };

/* A line's words; the last one is the rest of it. */
struct line {
    char text[LINE_MAX_BYTES];
    char *word[WORDS_MAX];
    int count;
};

static const char *take_line(const char *at, struct line *l)
{
    size_t size = strcspn(at, "\n");
    snprintf(l->text, sizeof l->text, "%.*s", (int)(size < sizeof l->text ? size : sizeof l->text - 1), at);
    l->count = 0;
    for (char *word = l->text; l->count < WORDS_MAX;) {
        l->word[l->count++] = word;
        char *blank = l->count < WORDS_MAX ? strchr(word, ' ') : NULL;
        if (!blank)
            break;
        *blank = '\0';
        word = blank + 1;
    }
    for (int i = l->count; i < WORDS_MAX; i++)
        l->word[i] = l->text + strlen(l->text);
    return at[size] ? at + size + 1 : at + size;
}

/* The line again from one of its words on. */
static const char *rest(struct line *l, int from)
{
    for (int i = from; i + 1 < l->count; i++)
        l->word[i][strlen(l->word[i])] = ' ';
    return l->word[from];
}

static enum fault fault_named(const char *name)
{
    int f = 0;
    while (f < FAULT_COUNT && strcmp(fault_name((enum fault)f), name) != 0)
        f++;
    return (enum fault)f;
}

/* Line ends within a detail would begin a line of their own. */
static void put_plain(struct text *t, const char *detail)
{
    for (; *detail; detail++) {
        char one[2] = { *detail == '\n' || *detail == '\r' ? ' ' : *detail, '\0' };
        text_put_bytes(t, bytes_of(one, 1));
    }
}

static bool fits(const struct text *t)
{
    return t->size + LINE_MAX_BYTES < t->room;
}

/* --- notes ------------------------------------------------------------------------------------------------------------- */

void story_note(struct text *notes, const char *part, enum fault f, const char *detail)
{
    char line[LINE_MAX_BYTES - 60];
    struct text t = text_over(line, sizeof line);
    put_plain(&t, detail ? detail : "");
    if (fits(notes))
        text_printf(notes, "%s %s %s\n", part, fault_name(f), line);
}

static const struct phrase command_titles[COMMAND_KINDS] = {
    [COMMAND_RELAY_OFF] = { { "отключение", "switching off" } }, [COMMAND_RELAY_ON] = { { "включение", "switching on" } },
    [COMMAND_CLOCK_READ] = { { "чтение часов", "reading the clock" } }, [COMMAND_CLOCK_CORRECT] = { { "коррекция часов", "correcting the clock" } },
    [COMMAND_CLOCK_SET] = { { "установка часов", "setting the clock" } }, [COMMAND_CLOCK_CHECK] = { { "проверка часов", "checking the clock" } } };

static void put_command(struct text *t, const char *name, const char *relay, enum lang lang)
{
    for (int k = 0; k < COMMAND_KINDS; k++) {
        if (strcmp(command_names[k], name) != 0)
            continue;
        text_put(t, phrase_in(&command_titles[k], lang));
        if (k == COMMAND_RELAY_OFF || k == COMMAND_RELAY_ON)
            text_printf(t, " (%s)", relay_title(atoi(relay), lang));
        return;
    }
    text_put(t, name);
}

/* «архив «Показания на начало суток»»: what the note is about; nothing for the session as a whole. */
static void put_part(struct text *t, char *part, enum lang lang)
{
    static const struct phrase events = { { "журналы событий: ", "journals: " } }, states = { { "состояния: ", "states: " } };
    static const struct phrase clock = { { "часы: ", "clock: " } };
    char title[QUANTITY_TITLE_MAX], *save, *kind = strtok_r(part, ":", &save);
    const char *what = strtok_r(NULL, ":", &save), *number = strtok_r(NULL, ":", &save);
    enum archive a = what ? archive_parse(what) : ARCHIVE_COUNT;
    struct obis o;
    if (!kind)
        return;
    if (strcmp(kind, "archive") == 0 && a < ARCHIVE_COUNT)
        text_printf(t, "%s: ", archive_title(a, lang));
    else if (strcmp(kind, "register") == 0 && what && obis_parse(what, &o))
        text_printf(t, "%s: ", quantity_title(o, lang, title));
    else if (strcmp(kind, "events") == 0)
        text_put(t, phrase_in(&events, lang));
    else if (strcmp(kind, "states") == 0)
        text_put(t, phrase_in(&states, lang));
    else if (strcmp(kind, "clock") == 0)
        text_put(t, phrase_in(&clock, lang));
    else if (strcmp(kind, "command") == 0 && what) {
        put_command(t, what, number ? number : "0", lang);
        text_put(t, ": ");
    }
}

/* "gateway-away 1795132800000 Подвал": which gateway, not there since when. */
static bool put_away(struct text *t, const char *detail, enum lang lang)
{
    static const struct phrase away = { { "шлюз «%s» не на связи с %s", "the gateway \"%s\" is away since %s" } };
    static const char word[] = "gateway-away ";
    char since[CIVIL_TEXT_MAX], *title;
    if (strncmp(detail, word, sizeof word - 1) != 0)
        return false;
    long long ms = strtoll(detail + sizeof word - 1, &title, 10);
    text_printf(t, phrase_in(&away, lang), title + (*title == ' '), wall_format(clock_local_wall(ms), since));
    return true;
}

/* Reasons that are ours have words of their own: "!locked", "!no-channel". */
static bool put_reason(struct text *t, const char *detail, enum lang lang)
{
    static const struct {
        const char *name;
        struct phrase text;
    } ours[] = {
        { "disabled", { { "устройство отключено", "the device is disabled" } } },
        { "no-driver", { { "не задан протокол обмена", "no protocol is set" } } },
        { "no-channel", { { "не задан канал связи", "no channel is set" } } },
        { "bad-channel", { { "адрес канала связи записан неверно", "the channel's address is wrong" } } },
        { "no-relay-driver", { { "реле этих приборов не управляются", "relays of these meters cannot be switched" } } },
        { "not-obeyed", { { "после команды прибор показывает прежнее состояние реле", "after the command the meter shows the former state of the relay" } } },
        { "waits-button", { { "прибор ждёт нажатия кнопки потребителем", "the meter waits for the consumer's button" } } },
        { "already", { { "реле уже в этом состоянии, команда не повторена", "the relay is in that state already; the command was not repeated" } } },
        { "not-sent", { { "команда не отправлена", "the command was not sent" } } },
        { "clock-boundary", { { "часы не поправлены: сдвиг перешёл бы границу получаса", "the clock is left: the shift would cross the boundary of a half-hour" } } },
        { "gateway-lost", { { "связь со шлюзом прервалась, итог неизвестен", "the gateway was lost, what came of it is not known" } } },
        { "gateway-late", { { "шлюз не ответил вовремя, итог неизвестен", "the gateway did not answer in time, what came of it is not known" } } },
        { "gateway-missed", { { "связь со шлюзом прервалась раньше, чем он получил задание", "the gateway was lost before it got the order" } } },
        { "gateway-meter", { { "шлюз не знает этого прибора", "the gateway does not know this meter" } } },
        { "gateway-work", { { "шлюз не понял задания: его программа старее", "the gateway did not understand the order: its program is older" } } },
        { "gateway-store", { { "шлюз не смог записать задание", "the gateway could not store the order" } } },
        { "gateway-busy", { { "шлюз занят другими заданиями", "the gateway is busy with other orders" } } },
        { "gateway-never", { { "шлюз ещё не подключался", "the gateway has never been connected" } } },
        { "gateway-none", { { "связь со шлюзами не включена", "gateways are not served here" } } } };
    if (detail[0] != '!')
        return false;
    if (put_away(t, detail + 1, lang))
        return true;
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (strcmp(ours[i].name, detail + 1) == 0) {
            text_put(t, phrase_in(&ours[i].text, lang));
            return true;
        }
    text_put(t, relay_refusal_text(relay_refusal_named(detail + 1), lang));
    return true;
}

void story_sentence(const char *notes, enum lang lang, struct text *t)
{
    struct line l;
    for (const char *at = notes; *at;) {
        at = take_line(at, &l);
        if (l.count < 2)
            continue;
        if (t->size)
            text_put(t, "; ");
        enum fault f = fault_named(l.word[1]);
        const char *detail = l.count > 2 ? rest(&l, 2) : "";
        put_part(t, l.word[0], lang);
        if (put_reason(t, detail, lang))
            continue;
        text_put(t, f < FAULT_COUNT ? fault_text(f, lang) : l.word[1]);
        if (*detail)
            text_printf(t, " (%s)", detail);
    }
}

enum fault story_fault(const char *notes)
{
    struct line l;
    for (const char *at = notes; *at;) {
        at = take_line(at, &l);
        enum fault f = l.count > 1 ? fault_named(l.word[1]) : FAULT_COUNT;
        if (f != FAULT_NONE && f < FAULT_COUNT)
            return f;
    }
    return FAULT_METER_ERROR;
}

/* --- steps --------------------------------------------------------------------------------------------------------------- */

void story_step(struct text *steps, int64_t utc_ms, const char *words, ...)
{
    char plain[LINE_MAX_BYTES - 40], line[LINE_MAX_BYTES - 40];
    va_list list;
    va_start(list, words);
    vsnprintf(plain, sizeof plain, words, list);
    va_end(list);
    struct text t = text_over(line, sizeof line);
    put_plain(&t, plain);
    if (fits(steps))
        text_printf(steps, "%lld %s\n", (long long)utc_ms, line);
}

static void tell_fault(struct text *t, const char *name, const char *detail, enum lang lang)
{
    static const struct phrase good = { { "выполнено", "done" } };
    enum fault f = fault_named(name);
    if (put_reason(t, detail, lang))
        return;
    text_put(t, f == FAULT_NONE ? phrase_in(&good, lang) : f < FAULT_COUNT ? fault_text(f, lang) : name);
    if (*detail)
        text_printf(t, " (%s)", detail);
}

static void tell_begin(struct text *t, struct line *l, enum lang lang)
{
    static const struct phrase form = { { "Сеанс связи %s, канал %s", "Session %s over %s" } };
    text_printf(t, phrase_in(&form, lang), l->word[2], rest(l, 3));
}

static void tell_identified(struct text *t, struct line *l, enum lang lang)
{
    static const struct phrase form = { { "Прибор ответил, заводской номер %s", "The meter answered, serial number %s" } };
    text_printf(t, phrase_in(&form, lang), rest(l, 2));
}

static void tell_clock(struct text *t, struct line *l, enum lang lang)
{
    static const struct phrase ahead = { { "Часы прибора спешат на %lld с", "The meter's clock is %lld s fast" } };
    static const struct phrase behind = { { "Часы прибора отстают на %lld с", "The meter's clock is %lld s slow" } };
    static const struct phrase exact = { { "Часы прибора идут верно", "The meter's clock is right" } };
    long long off = atoll(l->word[2]);
    text_printf(t, phrase_in(off > 0 ? &ahead : off < 0 ? &behind : &exact, lang), off < 0 ? -off : off);
}

static void tell_read(struct text *t, struct line *l, enum lang lang)
{
    static const struct phrase form = { { "Чтение: %s", "Reading: %s" } }, span = { { ", с %s по %s", ", from %s to %s" } };
    char from[CIVIL_TEXT_MAX], to[CIVIL_TEXT_MAX];
    enum archive a = archive_parse(l->word[2]);
    text_printf(t, phrase_in(&form, lang), a < ARCHIVE_COUNT ? archive_title(a, lang) : l->word[2]);
    if (l->count >= 5)
        text_printf(t, phrase_in(&span, lang), wall_format(atoll(l->word[3]), from), wall_format(atoll(l->word[4]), to));
}

static void tell_read_end(struct text *t, struct line *l, enum lang lang)
{
    enum archive a = archive_parse(l->word[2]);
    text_printf(t, "%s: ", a < ARCHIVE_COUNT ? archive_title(a, lang) : l->word[2]);
    tell_fault(t, l->word[3], l->count > 4 ? rest(l, 4) : "", lang);
}

static void tell_command(struct text *t, struct line *l, enum lang lang)
{
    static const struct phrase form = { { "Команда: ", "Command: " } };
    text_put(t, phrase_in(&form, lang));
    put_command(t, l->word[2], l->word[3], lang);
    text_put(t, ": ");
    tell_fault(t, l->word[4], l->count > 5 ? rest(l, 5) : "", lang);
}

static struct relay_status relay_of_line(const struct line *l)
{
    return (struct relay_status){ .number = atoi(l->word[2]), .output = atoi(l->word[3]), .control = atoi(l->word[4]), .mode = atoi(l->word[5]), .lock = atoi(l->word[6]) };
}

static void tell_relay(struct text *t, struct line *l, enum lang lang)
{
    struct relay_status s = relay_of_line(l);
    relay_sentence(&s, lang, t);
}

static void tell_stored(struct text *t, struct line *l, enum lang lang)
{
    static const struct phrase form = { { "Сохранено значений: %s, событий: %s", "Values stored: %s, events: %s" } };
    text_printf(t, phrase_in(&form, lang), l->word[2], l->word[3]);
}

static void tell_end(struct text *t, struct line *l, enum lang lang)
{
    static const struct phrase form = { { "Сеанс завершён: ", "Session ended: " } };
    text_put(t, phrase_in(&form, lang));
    tell_fault(t, l->word[2], l->count > 3 ? rest(l, 3) : "", lang);
}

static void tell_restart(struct text *t, struct line *l, enum lang lang)
{
    static const struct phrase form = { { "Повторный опрос через %s с", "Asked again in %s s" } };
    text_printf(t, phrase_in(&form, lang), l->word[2]);
}

static const struct teller {
    const char *word;
    void (*tell)(struct text *t, struct line *l, enum lang lang);
} tellers[] = {
    { "begin", tell_begin }, { "identified", tell_identified }, { "clock", tell_clock }, { "read", tell_read }, { "read-end", tell_read_end },
    { "command", tell_command }, { "relay", tell_relay }, { "stored", tell_stored }, { "end", tell_end }, { "restart", tell_restart },
};

void story_tell(const char *steps, enum lang lang, story_fn *each, void *context)
{
    struct line l;
    for (const char *at = steps; *at;) {
        char sentence[STORY_SENTENCE_MAX];
        struct text t = text_over(sentence, sizeof sentence);
        at = take_line(at, &l);
        int64_t utc_ms = atoll(l.word[0]);
        for (size_t i = 0; i < sizeof tellers / sizeof *tellers; i++)
            if (strcmp(tellers[i].word, l.word[1]) == 0)
                tellers[i].tell(&t, &l, lang);
        if (t.size && !each(context, utc_ms, sentence))
            return;
    }
}

static void take_relay_command(const struct line *l, const struct relay_status *seen, struct relay_order *ret)
{
    bool ours = l->word[5][0] == '!';
    enum relay_refusal refusal = ours ? relay_refusal_named(l->word[5] + 1) : RELAY_ALLOWED;
    *ret = (struct relay_order){ .on = strcmp(l->word[2], command_names[COMMAND_RELAY_ON]) == 0, .fault = fault_named(l->word[4]),
                                 .refusal = refusal < RELAY_REFUSALS ? refusal : RELAY_ALLOWED, .before = relay_nothing(atoi(l->word[3])), .after = relay_nothing(atoi(l->word[3])) };
    if (relay_exists(seen) && seen->number == ret->before.number)
        ret->before = *seen;
    ret->sent = relay_exists(&ret->before) && ret->refusal == RELAY_ALLOWED && strcmp(l->word[5], "!already") != 0 && strcmp(l->word[5], "!no-relay-driver") != 0;
}

bool story_relay(const char *steps, struct relay_order *ret)
{
    struct relay_status seen = relay_nothing(0);
    struct line l;
    bool found = false;
    for (const char *at = steps; *at;) {
        at = take_line(at, &l);
        const char *word = l.word[1];
        if (strcmp(word, "relay") == 0 && l.count >= 7) {
            seen = relay_of_line(&l);
            if (found && seen.number == ret->after.number)
                ret->after = seen;
        } else if (strcmp(word, "begin") == 0) {
            seen = relay_nothing(0);
        } else if (strcmp(word, "command") == 0 && strncmp(l.word[2], "relay-", 6) == 0) {
            take_relay_command(&l, &seen, ret);
            found = true;
        }
    }
    return found;
}

size_t story_sessions(const char *steps, struct story_session *out, size_t max)
{
    struct line l;
    size_t count = 0;
    for (const char *at = steps; *at;) {
        at = take_line(at, &l);
        int64_t utc_ms = atoll(l.word[0]);
        bool begins = strcmp(l.word[1], "begin") == 0;
        if (begins && count < max)
            out[count++] = (struct story_session){ utc_ms, utc_ms };
        else if (!begins && count)
            out[count - 1].to_ms = utc_ms;
    }
    return count;
}

int64_t story_resting_until(const char *steps)
{
    struct line l;
    int64_t until_ms = 0;
    for (const char *at = steps; *at;) {
        at = take_line(at, &l);
        until_ms = strcmp(l.word[1], "restart") == 0 ? atoll(l.word[0]) + 1000 * atoll(l.word[2]) : 0;
    }
    return until_ms;
}
