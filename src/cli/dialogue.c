/* A conversation for a command; see dialogue.h. */
#include "cli/dialogue.h"

#include "base/clock.h"
#include "link/coroutine.h"

#include <stdio.h>
#include <stdlib.h>

static const struct phrase no_driver = { { "неизвестный драйвер (список: svod drivers)", "unknown driver (list: svod drivers)" } };

static bool join(const char *const *words, size_t count, struct text *t)
{
    for (size_t i = 0; i < count; i++)
        text_printf(t, "%s%s", i ? ";" : "", words[i]);
    return !t->cut;
}

bool dialogue_prepare(struct dialogue *d, const char *link, const char *driver, const char *const *parameters, size_t count, enum lang lang)
{
    char problem[256], all[1024];
    struct text t = text_over(problem, sizeof problem), words = text_over(all, sizeof all);
    d->lang = lang;
    d->driver = driver_find(driver);
    if (!d->driver) {
        fprintf(stderr, "svod: %s: %s\n", phrase_in(&no_driver, lang), driver);
        return false;
    }
    d->settings = memory_new(d->driver->settings_size);
    bool good = link_address_parse(link, lang, &d->link, &t) && join(parameters, count, &words) &&
                parameters_read(d->driver, all, lang, d->settings, &t);
    if (!good)
        fprintf(stderr, "svod: %s\n", problem);
    d->told = parameters_timing(d->driver, good ? all : "");
    struct line line = parameters_line(d->driver, good ? all : "", &d->own_line);
    if (good && (!d->link.line_given || d->own_line))
        d->link.line = line;
    return good;
}

static void hold(void *argument)
{
    struct dialogue *d = argument;
    struct bus_options options = { .shape = !d->link.line_given };
    struct bus *bus = bus_new(task_loop(task_self()), link_address_pipe(&d->link), &options);
    bool timed = d->timing.answer_ms || d->timing.tries;
    struct conversation *c = conversation_new(&(struct conversation_options){
        .bus = bus, .priority = BUS_LIVE, .timing = timed ? d->timing : d->told, .line = d->link.line, .own_line = d->own_line,
        .trace = d->trace, .lang = d->lang, .settings = d->settings, .state_size = d->driver->state_size });
    d->run(c, d->context);
    conversation_free(&c);
    bus_free(&bus);
}

void dialogue_hold(struct dialogue *d)
{
    struct loop *l = loop_new();
    loop_spawn(l, hold, d);
    loop_run(l);
    loop_free(&l);
    coroutine_trim();
}

void dialogue_end(struct dialogue *d)
{
    free(d->settings);
    d->settings = NULL;
}

static void print_frame(struct trace *t, enum direction direction, struct bytes b, const char *note)
{
    (void)t;
    static const char *const arrows[] = { ">>", "<<", "--" };
    fprintf(stderr, "%s", arrows[direction]);
    for (size_t i = 0; i < b.size; i++)
        fprintf(stderr, " %02X", b.data[i]);
    fprintf(stderr, "%s%s\n", *note ? "  # " : "", note);
}

struct trace dialogue_trace = { print_frame };
