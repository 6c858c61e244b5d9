/* svod read: one meter, now, without a database. */
#include "cli/cli.h"
#include "cli/dialogue.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"

#include "base/clock.h"
#include "collect/session.h"

#include <stdio.h>
#include <stdlib.h>

struct arguments {
    const char *driver, *archives;
    struct option_list set;
    int64_t from, to;
    int tariffs, correct_from;
    bool json, csv, trace, no_identity;
};

struct reading_run {
    struct session_plan plan;
    struct session_result result;
    struct output output;
    enum lang lang;
};

static bool plan_archives(struct session_plan *plan, const struct arguments *a, enum lang lang)
{
    static const struct phrase unknown = { { "неизвестный архив", "unknown archive" } };
    char copy[256];
    snprintf(copy, sizeof copy, "%s", a->archives);
    for (char *save, *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
        enum archive archive = archive_parse(word);
        if (archive == ARCHIVE_COUNT || plan->wants == SESSION_WANTS_MAX) {
            fprintf(stderr, "svod read: %s: %s (", phrase_in(&unknown, lang), word);
            for (int i = 0; i < ARCHIVE_COUNT; i++)
                fprintf(stderr, "%s%s", i ? ", " : "", archive_name((enum archive)i));
            fputs(")\n", stderr);
            return false;
        }
        plan->want[plan->wants++] = (struct want){ .archive = archive, .span = { a->from, a->to }, .now = plan->now_wall };
    }
    return true;
}

static void show_step(void *context, enum session_moment what, size_t want)
{
    struct reading_run *r = context;
    if (what == SESSION_WANT)
        progress_show("svod read", want, r->plan.wants, archive_title(r->plan.want[want].archive, r->lang));
}

static void run(struct conversation *c, void *context)
{
    struct reading_run *r = context;
    session_run(c, &r->plan, &r->output.sink, &r->result, show_step, r);
    progress_clear();
}

static void print_clock(const struct session_result *r, enum lang lang)
{
    static const struct phrase slow = { { "Часы счётчика отстают на %lld с\n", "The meter's clock is %lld s slow\n" } };
    static const struct phrase fast = { { "Часы счётчика спешат на %lld с\n", "The meter's clock is %lld s fast\n" } };
    static const struct phrase right = { { "Часы счётчика идут верно\n", "The meter's clock is right\n" } };
    static const struct phrase corrected = { { "Часы скорректированы\n", "The clock was corrected\n" } };
    if (!r->clock_read)
        return;
    const struct phrase *p = r->clock_error_s < 0 ? &slow : r->clock_error_s > 0 ? &fast : &right;
    fprintf(stderr, phrase_in(p, lang), llabs(r->clock_error_s));
    if (r->clock_corrected)
        fputs(phrase_in(&corrected, lang), stderr);
}

static int tell(const struct reading_run *r, const char *link, enum lang lang)
{
    int code = EXIT_OK;
    print_clock(&r->result, lang);
    for (size_t i = 0; i < r->plan.wants; i++) {
        if (r->result.want_fault[i] == FAULT_NONE)
            continue;
        fprintf(stderr, "%s: %s\n", archive_title(r->plan.want[i].archive, lang), fault_text(r->result.want_fault[i], lang));
        code = EXIT_PARTLY;
    }
    if (r->result.fault == FAULT_NONE)
        return code;
    char sentence[400];
    struct text t = text_over(sentence, sizeof sentence);
    session_sentence(r->result.serial[0] ? r->result.serial : link, &r->result, lang, &t);
    fprintf(stderr, "%s\n", sentence);
    return r->result.fault <= FAULT_NONSENSE ? EXIT_UNREACHED : EXIT_REFUSED;
}

int cli_read(int argc, char **argv, enum lang lang)
{
    int64_t now = clock_local_wall(clock_utc_ms());
    struct arguments a = { .driver = "spodes", .archives = "current", .from = wall_day_start(now) - DAY_SECONDS, .to = now, .tariffs = 4 };
    const struct option options[] = {
        { "driver", OPTION_TEXT, &a.driver, { { "ИМЯ", "NAME" } }, { { "семейство счётчика (список: svod drivers); по умолчанию spodes", "family of the meter (list: svod drivers); default spodes" } } },
        { "set", OPTION_LIST, &a.set, { { "ИМЯ=ЗНАЧЕНИЕ", "NAME=VALUE" } }, { { "параметр драйвера: адрес, пароль…; можно несколько", "a parameter of the driver: address, password…; may repeat" } } },
        { "archive", OPTION_TEXT, &a.archives, { { "СПИСОК", "LIST" } }, { { "через запятую: current, network, day, month, profile, hour, journal, state", "with commas: current, network, day, month, profile, hour, journal, state" } } },
        { "from", OPTION_WALL, &a.from, { { "ВРЕМЯ", "TIME" } }, { { "начало периода, по умолчанию вчера 00:00", "beginning of the period, default yesterday 00:00" } } },
        { "to", OPTION_WALL, &a.to, { { "ВРЕМЯ", "TIME" } }, { { "конец периода (не включая), по умолчанию сейчас", "end of the period (not included), default now" } } },
        { "tariffs", OPTION_NUMBER, &a.tariffs, { { "N", "N" } }, { { "сколько тарифов читать, по умолчанию 4", "tariffs to read, default 4" } } },
        { "correct-clock", OPTION_NUMBER, &a.correct_from, { { "СЕКУНД", "SECONDS" } }, { { "корректировать часы, если ошибка не меньше", "correct the clock when it is off by at least this" } } },
        { "no-identity", OPTION_FLAG, &a.no_identity, { { 0 } }, { { "не спрашивать заводской номер и версии", "do not ask for serial number and versions" } } },
        { "json", OPTION_FLAG, &a.json, { { 0 } }, { { "вывод в JSON", "print JSON" } } },
        { "csv", OPTION_FLAG, &a.csv, { { 0 } }, { { "вывод в CSV", "print CSV" } } },
        { "trace", OPTION_FLAG, &a.trace, { { 0 } }, { { "показать все кадры на stderr", "show every frame on stderr" } } },
        { .name = NULL },
    };
    const struct command command = {
        "read", { { "Прочитать один счётчик.", "Read one meter." } }, { { "<линия> [параметры]", "<link> [options]" } },
        { { "  svod read serial:/dev/ttyUSB0?9600,8N1 --driver mercury230 --set address=26 --set password=111111\n"
            "  svod read tcp://10.0.0.5:4059 --set transport=wrapper --set password=111111 --archive current,day,profile --from 2026-11-01\n"
            "Код возврата: 0 всё прочитано, 2 ошибка в команде, 3 часть не прочитана, 4 нет связи, 5 счётчик отказал.",
            "  svod read serial:/dev/ttyUSB0?9600,8N1 --driver mercury230 --set address=26 --set password=111111\n"
            "  svod read tcp://10.0.0.5:4059 --set transport=wrapper --set password=111111 --archive current,day,profile --from 2026-11-01\n"
            "Exit code: 0 all read, 2 mistake in the command, 3 a part was not read, 4 no contact, 5 the meter refused." } },
        options, 1, 1 };
    const char *link;
    int count, code;
    if (!options_read(&command, lang, argc, argv, &link, &count, &code))
        return code;
    struct dialogue d = { .trace = a.trace ? &dialogue_trace : NULL };
    struct reading_run r = { .lang = lang };
    r.plan = (struct session_plan){ .identify = !a.no_identity, .now_wall = now, .correct_from_s = a.correct_from, .tariffs = (uint8_t)a.tariffs };
    if (!dialogue_prepare(&d, link, a.driver, a.set.item, a.set.count, lang) || !plan_archives(&r.plan, &a, lang)) {
        dialogue_end(&d);
        return EXIT_USAGE;
    }
    r.plan.driver = d.driver;
    d.run = run;
    d.context = &r;
    output_begin(&r.output);
    dialogue_hold(&d);
    output_print(&r.output, a.json ? OUTPUT_JSON : a.csv ? OUTPUT_CSV : OUTPUT_TABLE, lang);
    output_end(&r.output);
    dialogue_end(&d);
    return tell(&r, link, lang);
}
