/* svod collect: ask every meter of the database for what it owes, now or again and again, with a live view. */
#include "cli/cli.h"
#include "cli/database.h"

#include "base/clock.h"
#include "collect/collector.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { NEWS_SHOWN = 12, NEWS_LENGTH = 200 };

/* What the screen shows. */
struct view {
    enum lang lang;
    bool live;
    struct collector *collector;
    pthread_mutex_t lock; /* guards news */
    char news[NEWS_SHOWN][NEWS_LENGTH];
    size_t news_count;
    int64_t begun_ms, end_ms;
    int lines_drawn;
    atomic_bool ended;
    atomic_bool unstored; /* the database refused what some session brought */
};

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

static const struct phrase stored_line = { { "счётчик %s: получено %zu значений, %zu событий за %.1f с", "meter %s: %zu values, %zu events in %.1f s" } };

static void hear(void *context, const struct collector_news *n)
{
    struct view *v = context;
    char line[NEWS_LENGTH - 8];
    if (n->fault == FAULT_STORE)
        atomic_store(&v->unstored, true);
    if (n->fault == FAULT_NONE)
        snprintf(line, sizeof line, phrase_in(&stored_line, v->lang), n->serial, n->readings, n->events, (double)n->took_ms / 1000);
    else
        snprintf(line, sizeof line, "%s", n->sentence);
    if (!v->live && n->fault == FAULT_NONE)
        return;
    if (!v->live) {
        printf("%s\n", line);
        fflush(stdout);
        return;
    }
    pthread_mutex_lock(&v->lock);
    snprintf(v->news[v->news_count++ % NEWS_SHOWN], NEWS_LENGTH, "%s%s", n->fault == FAULT_NONE ? "" : "\033[31m", line);
    pthread_mutex_unlock(&v->lock);
}

static void print_figures(const struct view *v, const struct collector_figures *f)
{
    static const struct phrase form = { {
        "опрошено %zu из %zu, не отвечает %zu, отложено %zu, сейчас на связи %zu; значений %zu, событий %zu; %.0f КиБ туда, %.0f КиБ обратно, %.0f с",
        "read %zu of %zu, failed %zu, put off %zu, talking now %zu; %zu values, %zu events; %.0f KiB out, %.0f KiB in, %.0f s" } };
    printf(phrase_in(&form, v->lang), f->done, f->meters, f->failed, f->waiting_back_off, f->running, f->readings, f->events,
           (double)f->sent / 1024, (double)f->received / 1024, (double)(clock_monotonic_ms() - v->begun_ms) / 1000);
}

static void draw(struct view *v)
{
    struct collector_figures f;
    collector_figures(v->collector, &f);
    if (v->lines_drawn)
        printf("\033[%dA", v->lines_drawn);
    printf("\033[K");
    print_figures(v, &f);
    putchar('\n');
    pthread_mutex_lock(&v->lock);
    size_t shown = v->news_count < NEWS_SHOWN ? v->news_count : NEWS_SHOWN;
    for (size_t i = 0; i < shown; i++)
        printf("\033[K  %s\033[0m\n", v->news[(v->news_count - shown + i) % NEWS_SHOWN]);
    pthread_mutex_unlock(&v->lock);
    v->lines_drawn = (int)shown + 1;
    fflush(stdout);
}

/* Redraws until the pass ends; also where Ctrl-C takes effect. */
static void *watch(void *argument)
{
    struct view *v = argument;
    while (!atomic_load(&v->ended)) {
        if (interrupted || clock_monotonic_ms() > v->end_ms)
            collector_stop(v->collector);
        if (v->live)
            draw(v);
        usleep(200000);
    }
    return NULL;
}

static bool print_line(void *context, const struct line_figures *f)
{
    const struct view *v = context;
    static const struct phrase form = { {
        "  линия %s: счётчиков %zu, цикл %.1f с, обмен %.0f %%, ожидание молчащих %.0f %%, тайм-аутов %lld\n",
        "  line %s: %zu meters, cycle %.1f s, exchange %.0f %%, waiting for the silent %.0f %%, %lld time-outs\n" } };
    double cycle = f->cycle_us > 0 ? (double)f->cycle_us : 1;
    if (f->meters > 1)
        printf(phrase_in(&form, v->lang), f->title, f->meters, cycle / 1e6, 100 * (double)f->talking_us / cycle,
               100 * (double)f->silent_us / cycle, (long long)f->timeouts);
    return true;
}

static enum fault run_pass(struct view *v, struct store *s)
{
    enum fault f = collector_load(v->collector);
    if (f != FAULT_NONE)
        return f;
    pthread_t watcher;
    v->begun_ms = clock_monotonic_ms();
    v->lines_drawn = 0;
    atomic_store(&v->ended, false);
    bool watching = pthread_create(&watcher, NULL, watch, v) == 0;
    collector_pass(v->collector);
    atomic_store(&v->ended, true);
    if (watching)
        pthread_join(watcher, NULL);
    struct collector_figures figures;
    collector_figures(v->collector, &figures);
    if (v->live)
        draw(v);
    else
        print_figures(v, &figures), putchar('\n');
    collector_lines(v->collector, print_line, v);
    fflush(stdout);
    if (atomic_load(&v->unstored))
        return FAULT_STORE;
    return store_fold(s, wall_day_start(clock_local_wall(clock_utc_ms())), NULL);
}

static void wait_for_next(int64_t next_ms)
{
    while (!interrupted && clock_monotonic_ms() < next_ms)
        usleep(100000);
}

int cli_collect(int argc, char **argv, enum lang lang)
{
    int every = 0, seconds = 0, threads = 2, at_once = 2000, frames = 64, correct = 0;
    bool retry = false, quiet = false, durable = false;
    const struct option options[] = {
        { "every", OPTION_NUMBER, &every, { { "МИНУТ", "MINUTES" } }, { { "повторять; без него — один проход", "again and again; without it one pass" } } },
        { "for", OPTION_NUMBER, &seconds, { { "СЕКУНД", "SECONDS" } }, { { "закончить не позже; что не успели, останется в долгах", "end by then; what is not done stays owed" } } },
        { "threads", OPTION_NUMBER, &threads, { { "N", "N" } }, { { "потоков, по умолчанию 2", "threads, default 2" } } },
        { "at-once", OPTION_NUMBER, &at_once, { { "N", "N" } }, { { "сеансов одновременно на поток, по умолчанию 2000", "sessions at once on a thread, default 2000" } } },
        { "frames", OPTION_NUMBER, &frames, { { "МиБ", "MiB" } }, { { "размер журнала обмена, 0 — не вести; по умолчанию 64", "size of the exchange journal, 0 for none; default 64" } } },
        { "correct-clock", OPTION_NUMBER, &correct, { { "СЕКУНД", "SECONDS" } }, { { "корректировать часы счётчиков, ушедшие не меньше", "correct meters' clocks that are off by at least this" } } },
        { "retry-passwords", OPTION_FLAG, &retry, { { 0 } }, { { "пробовать и пароли, которые были отклонены", "try passwords that were refused, too" } } },
        { "durable", OPTION_FLAG, &durable, { { 0 } }, { { "хранить устойчиво и к потере питания", "survive power cuts too" } } },
        { "quiet", OPTION_FLAG, &quiet, { { 0 } }, { { "без живой таблицы", "no live view" } } },
        { .name = NULL },
    };
    const struct command command = {
        "collect", { { "Опросить все счётчики базы: прочитать всё, чего не хватает.", "Ask all meters of a database for everything that is missing." } },
        { { "<база> [параметры]", "<database> [options]" } },
        { { "  svod collect svod.db\n  svod collect svod.db --every 30 --correct-clock 5", "  svod collect svod.db\n  svod collect svod.db --every 30 --correct-clock 5" } },
        options, 1, 1 };
    const char *path;
    int count, code;
    if (!options_read(&command, lang, argc, argv, &path, &count, &code))
        return code;
    struct store *s = database_open(path, &(struct store_options){ .durable = durable }, "collect", lang);
    if (!s)
        return EXIT_DATABASE;
    struct view v = { .lang = lang, .end_ms = seconds ? clock_monotonic_ms() + seconds * 1000 : INT64_MAX, .live = !quiet && isatty(STDOUT_FILENO) };
    pthread_mutex_init(&v.lock, NULL);
    struct writer_thread *w = writer_new(s, 0, 0);
    v.collector = collector_new(s, w, &(struct collector_options){
        .threads = threads, .at_once = at_once, .correct_from_s = correct, .frame_bytes = (int64_t)frames << 20,
        .retry_passwords = retry, .ask_everybody = every == 0, .lang = lang, .told = hear, .context = &v });
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    enum fault f = FAULT_NONE;
    struct collector_figures figures = { 0 };
    do {
        int64_t next = clock_monotonic_ms() + (int64_t)every * 60000;
        f = run_pass(&v, s);
        collector_figures(v.collector, &figures);
        if (every && f == FAULT_NONE)
            wait_for_next(next);
    } while (every && !interrupted && f == FAULT_NONE);
    code = f != FAULT_NONE ? database_complain(s, "collect", lang) : figures.failed ? EXIT_PARTLY : EXIT_OK;
    collector_free(&v.collector);
    writer_free(&w);
    store_close(&s);
    return code;
}
