/* svod show: what the database knows: the fleet, one meter, its readings, events, debts and frames. */
#include "cli/cli.h"
#include "cli/database.h"
#include "cli/output.h"

#include "base/clock.h"
#include "collect/states.h"
#include "store/debts/owed.h"
#include "store/frames/exchange.h"
#include "store/registry/registry.h"

#include <stdio.h>
#include <stdlib.h>

struct arguments {
    const char *archives;
    int64_t from, to;
    int last;
    bool json, csv, frames, owed;
    bool wanted[ARCHIVE_COUNT]; /* of `archives` */
};

/* --- the fleet -------------------------------------------------------------------------------------------------------- */

struct fleet {
    struct store *store;
    enum lang lang;
    size_t good, bad, never;
    int shown_bad;
};

struct contact {
    bool known;
    int64_t fault, since;
};

static bool take_contact(void *context, const struct state *s)
{
    struct contact *c = context;
    if (obis_equal(s->obis, STATE_CONTACT))
        *c = (struct contact){ true, s->value, s->wall };
    return true;
}

static bool count_meter(void *context, const struct store_meter *m)
{
    enum { BAD_SHOWN = 20 };
    struct fleet *f = context;
    struct contact c = { 0 };
    store_states_now(f->store, m->id, take_contact, &c);
    if (!c.known)
        f->never++;
    else if (c.fault == FAULT_NONE)
        f->good++;
    else
        f->bad++;
    if (!c.known || c.fault == FAULT_NONE || f->shown_bad++ >= BAD_SHOWN)
        return true;
    char time[CIVIL_TEXT_MAX];
    static const struct phrase since = { { "с", "since" } };
    printf("  %-14s %-24s %s %s %s\n", m->serial, m->title, fault_text((enum fault)c.fault, f->lang), phrase_in(&since, f->lang), wall_format(c.since, time));
    return true;
}

struct completeness {
    int64_t expected, missing, meters, whole;
};

static bool add_completeness(void *context, int64_t meter, const struct owed_share *share)
{
    (void)meter;
    struct completeness *c = context;
    c->expected += share->expected;
    c->missing += share->missing;
    c->meters++;
    c->whole += share->missing == 0;
    return true;
}

static void show_completeness(struct store *s, enum archive a, struct span span, enum lang lang)
{
    static const struct phrase form = { { "  %s: собрано %.2f %% (%lld из %lld), полностью у %lld из %lld счётчиков\n",
                                          "  %s: %.2f %% collected (%lld of %lld), complete for %lld of %lld meters\n" } };
    struct completeness c = { 0 };
    if (store_completeness(s, a, &span, 1, add_completeness, &c) != FAULT_NONE || c.expected == 0)
        return;
    printf(phrase_in(&form, lang), archive_title(a, lang), 100.0 * (double)(c.expected - c.missing) / (double)c.expected,
           (long long)(c.expected - c.missing), (long long)c.expected, (long long)c.whole, (long long)c.meters);
}

static int show_fleet(struct store *s, const struct arguments *a, enum lang lang)
{
    static const struct phrase totals = { { "Счётчиков %lld, событий %lld, база %.1f МиБ\n", "%lld meters, %lld events, database %.1f MiB\n" } };
    static const struct phrase collected = { { "Собрано:", "Collected:" } };
    static const struct phrase trouble = { { "Нет связи:", "Not read:" } };
    static const struct phrase contacts = { { "На связи %zu, не прочитано %zu, ещё не опрашивались %zu\n", "%zu read, %zu not read, %zu never asked yet\n" } };
    struct store_totals t;
    if (store_totals(s, &t) != FAULT_NONE)
        return database_complain(s, "show", lang);
    printf(phrase_in(&totals, lang), (long long)t.meters, (long long)t.events, (double)t.bytes / 1048576);
    puts(phrase_in(&collected, lang));
    static const enum archive archives[] = { ARCHIVE_DAY, ARCHIVE_MONTH, ARCHIVE_PROFILE, ARCHIVE_HOUR };
    struct span ever = { a->to - 3660 * (int64_t)DAY_SECONDS, a->to + 40 * (int64_t)DAY_SECONDS };
    for (size_t i = 0; i < sizeof archives / sizeof *archives; i++)
        show_completeness(s, archives[i], ever, lang);
    puts(phrase_in(&trouble, lang));
    struct fleet f = { .store = s, .lang = lang };
    if (store_meters(s, count_meter, &f) != FAULT_NONE)
        return database_complain(s, "show", lang);
    printf(phrase_in(&contacts, lang), f.good, f.bad, f.never);
    return EXIT_OK;
}

/* --- one meter -------------------------------------------------------------------------------------------------------- */

struct search {
    const char *wanted;
    int64_t id;
    char driver[32], title[128], serial[64];
};

static bool match(void *context, const struct store_meter *m)
{
    struct search *s = context;
    bool hit = strcmp(m->serial, s->wanted) == 0 || (s->id == 0 && strcmp(m->title, s->wanted) == 0);
    if (!hit)
        return true;
    s->id = m->id;
    snprintf(s->driver, sizeof s->driver, "%s", m->driver);
    snprintf(s->title, sizeof s->title, "%s", m->title);
    snprintf(s->serial, sizeof s->serial, "%s", m->serial);
    return strcmp(m->serial, s->wanted) != 0;
}

static bool give_reading(void *context, const struct reading *r, const struct reading_kept *kept)
{
    (void)kept;
    emit_reading(context, r);
    return true;
}

static bool give_event(void *context, int64_t meter, const struct event *e, int64_t stored_ms)
{
    (void)meter, (void)stored_ms;
    emit_event(context, e);
    return true;
}

static bool give_state(void *context, const struct state *s)
{
    struct sink *out = context;
    if (!state_is_ours(s->obis))
        out->state(out, s);
    return true;
}

static bool give_fact(void *context, enum fact_kind kind, const char *utf8, int64_t since_ms)
{
    (void)since_ms;
    emit_fact(context, kind, utf8);
    return true;
}

static bool print_frame(void *context, const struct exchange *e)
{
    (void)context;
    static const char *const arrows[] = { ">>", "<<", "--" };
    char time[CIVIL_TEXT_MAX];
    printf("%s.%03lld %s ", wall_format(clock_local_wall(e->utc_ms), time), (long long)(e->utc_ms % 1000), arrows[e->direction]);
    for (size_t i = 0; i < e->frame.size; i++)
        printf("%02X", e->frame.data[i]);
    printf(" %s\n", e->note ? e->note : "");
    return true;
}

static void show_owed(struct store *s, int64_t meter, enum lang lang)
{
    enum { MOST = 200 };
    struct span ever = { 0, (int64_t)4000 * 366 * DAY_SECONDS / 40 }, gap[MOST];
    for (int a = 0; a < ARCHIVE_COUNT; a++) {
        size_t count = 0;
        if (!archive_has_grid((enum archive)a) || store_owed_spans(s, meter, (enum archive)a, ever, false, gap, MOST, &count) != FAULT_NONE)
            continue;
        for (size_t i = 0; i < count; i++) {
            char from[CIVIL_TEXT_MAX], to[CIVIL_TEXT_MAX];
            printf("%s: %s … %s\n", archive_title((enum archive)a, lang), wall_format(gap[i].from, from), wall_format(gap[i].to, to));
        }
    }
}

/* Reads --archive; false when a word is none. */
static bool archives_read(const char *words, bool wanted[ARCHIVE_COUNT], enum lang lang)
{
    static const struct phrase unknown = { { "неизвестный архив", "unknown archive" } };
    char copy[256];
    snprintf(copy, sizeof copy, "%s", words);
    for (char *save, *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
        enum archive archive = archive_parse(word);
        if (archive == ARCHIVE_COUNT) {
            fprintf(stderr, "svod show: %s: %s\n", phrase_in(&unknown, lang), word);
            return false;
        }
        wanted[archive] = true;
    }
    return true;
}

static enum fault give_archives(struct store *s, int64_t meter, const struct arguments *a, struct sink *out)
{
    enum fault f = store_facts(s, meter, false, give_fact, out);
    struct span span = { a->from, a->to };
    for (int i = 0; i < ARCHIVE_COUNT && f == FAULT_NONE; i++) {
        if (!a->wanted[i])
            continue;
        if (i == ARCHIVE_JOURNAL)
            f = store_events(s, meter, span, give_event, out);
        else if (i == ARCHIVE_STATE)
            f = store_states_now(s, meter, give_state, out);
        else if (i == ARCHIVE_CURRENT || i == ARCHIVE_NETWORK)
            f = store_latest(s, meter, (enum archive)i, give_reading, out);
        else
            f = store_readings(s, meter, (enum archive)i, NULL, 0, span, give_reading, out);
    }
    return f;
}

static int show_meter(struct store *s, const char *wanted, const struct arguments *a, enum lang lang)
{
    static const struct phrase nobody = { { "нет такого счётчика", "no such meter" } };
    struct search found = { .wanted = wanted };
    if (store_meters(s, match, &found) != FAULT_NONE)
        return database_complain(s, "show", lang);
    if (found.id == 0) {
        fprintf(stderr, "svod show: %s: %s\n", phrase_in(&nobody, lang), wanted);
        return EXIT_USAGE;
    }
    if (a->owed || a->frames) {
        if (a->owed)
            show_owed(s, found.id, lang);
        if (a->frames)
            store_exchanges(s, found.id, clock_utc_ms() - (int64_t)a->last * 3600000, INT64_MAX, print_frame, NULL);
        return EXIT_OK;
    }
    struct output o;
    output_begin(&o);
    if (!a->json && !a->csv)
        printf("%s  %s  (%s)\n", found.serial, found.title, found.driver);
    enum fault f = give_archives(s, found.id, a, &o.sink);
    output_print(&o, a->json ? OUTPUT_JSON : a->csv ? OUTPUT_CSV : OUTPUT_TABLE, lang);
    output_end(&o);
    return f == FAULT_NONE ? EXIT_OK : database_complain(s, "show", lang);
}

int cli_show(int argc, char **argv, enum lang lang)
{
    int64_t now = clock_local_wall(clock_utc_ms());
    struct arguments a = { .archives = "current,day", .from = wall_day_start(now) - 7 * DAY_SECONDS, .to = now + 1, .last = 24 };
    const struct option options[] = {
        { "archive", OPTION_TEXT, &a.archives, { { "СПИСОК", "LIST" } }, { { "current, network, day, month, profile, hour, journal, state; по умолчанию current,day", "current, network, day, month, profile, hour, journal, state; default current,day" } } },
        { "from", OPTION_WALL, &a.from, { { "ВРЕМЯ", "TIME" } }, { { "начало периода, по умолчанию неделя назад", "beginning of the period, default a week ago" } } },
        { "to", OPTION_WALL, &a.to, { { "ВРЕМЯ", "TIME" } }, { { "конец периода (не включая), по умолчанию сейчас", "end of the period (not included), default now" } } },
        { "owed", OPTION_FLAG, &a.owed, { { 0 } }, { { "чего не хватает", "what is missing" } } },
        { "frames", OPTION_FLAG, &a.frames, { { 0 } }, { { "кадры обмена за последние сутки", "frames exchanged in the last day" } } },
        { "last", OPTION_NUMBER, &a.last, { { "ЧАСОВ", "HOURS" } }, { { "за сколько часов показывать кадры, по умолчанию 24", "hours of frames to show, default 24" } } },
        { "json", OPTION_FLAG, &a.json, { { 0 } }, { { "вывод в JSON", "print JSON" } } },
        { "csv", OPTION_FLAG, &a.csv, { { 0 } }, { { "вывод в CSV", "print CSV" } } },
        { .name = NULL },
    };
    const struct command command = {
        "show", { { "Показать собранное: весь парк или один счётчик по заводскому номеру.", "Show what was collected: the fleet, or one meter by its serial number." } },
        { { "<база> [номер] [параметры]", "<database> [serial] [options]" } },
        { { "  svod show svod.db\n  svod show svod.db 10000001 --archive profile --from 2026-11-20 --csv\n  svod show svod.db 10000001 --owed",
            "  svod show svod.db\n  svod show svod.db 10000001 --archive profile --from 2026-11-20 --csv\n  svod show svod.db 10000001 --owed" } },
        options, 1, 2 };
    const char *positional[2] = { NULL, NULL };
    int count, code;
    if (!options_read(&command, lang, argc, argv, positional, &count, &code))
        return code;
    if (!archives_read(a.archives, a.wanted, lang))
        return EXIT_USAGE;
    struct store *s = database_open(positional[0], &(struct store_options){ .readonly = true }, "show", lang);
    if (!s)
        return EXIT_DATABASE;
    code = positional[1] ? show_meter(s, positional[1], &a, lang) : show_fleet(s, &a, lang);
    store_close(&s);
    return code;
}
