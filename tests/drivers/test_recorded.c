/* Every recorded exchange under tests/drivers/<driver>/: the driver is run against it and must say what the recording
 * says. A fixture is a text file:
 *
 *   #driver mercury200                 whose meter it is
 *   #set address=4262609494            parameters, "name=value;..."
 *   #read current 2026-11-21 09:00     archive, the meter's wall time; a span may follow: from .. to
 *   #source where the frames come from
 *   >> FE12345627 36D8                 what must be sent
 *   << FE12345627 0006214200...        what is answered
 *   #= current 1.0.1.8.1.255 621420 Вт·ч    what must come of it, in order; "#fault no-answer" for a fault
 *
 * Adding a family needs no test code: its fixtures are found here. */
#include "collect/session.h"
#include "link/coroutine.h"
#include "meter/events.h"
#include "meter/quantity.h"
#include "tap.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

struct fixture {
    char path[512], driver[32], set[512], archive[16], fault[32];
    int64_t now, from, to;
    char script[65536], expected[65536], got[65536];
};

struct listener {
    struct sink sink;
    struct text text;
};

static void say_reading(struct sink *s, const struct reading *r)
{
    struct listener *l = (struct listener *)s;
    char code[OBIS_TEXT_MAX], number[DECIMAL_TEXT_MAX], time[CIVIL_TEXT_MAX];
    text_printf(&l->text, "%s", archive_name(r->archive));
    if (archive_has_grid(r->archive))
        text_printf(&l->text, " %s", wall_format(r->wall, time));
    text_printf(&l->text, " %s %s %s", obis_format(r->obis, code), r->quality & QUALITY_MISSING ? "—" : decimal_format(r->value, number), unit_symbol(r->unit, LANG_RU));
    if (r->quality & ~QUALITY_MISSING)
        text_printf(&l->text, " quality=%u", r->quality);
    text_put(&l->text, "\n");
}

static void say_event(struct sink *s, const struct event *e)
{
    char time[CIVIL_TEXT_MAX];
    text_printf(&((struct listener *)s)->text, "journal %s %u %u\n", wall_format(e->wall, time), e->journal, e->code);
}

static void say_state(struct sink *s, const struct state *state)
{
    char code[OBIS_TEXT_MAX];
    text_printf(&((struct listener *)s)->text, "state %s %lld\n", obis_format(state->obis, code), (long long)state->value);
}

static void say_fact(struct sink *s, enum fact_kind kind, const char *utf8)
{
    text_printf(&((struct listener *)s)->text, "%s %s\n", fact_name(kind), utf8);
}

static void take_time(const char *text, int64_t *ret)
{
    char copy[20];
    snprintf(copy, sizeof copy, "%.16s", text);
    *ret = wall_parse(copy);
}

static void copy_text(char *to, size_t room, const char *from)
{
    struct text t = text_over(to, room);
    text_put(&t, from);
}

static void take_read(struct fixture *f, const char *rest)
{
    int used = 0;
    sscanf(rest, "%15s%n", f->archive, &used);
    rest += used + (rest[used] == ' ');
    take_time(rest, &f->now);
    f->from = f->to = f->now;
    const char *span = strlen(rest) > 17 ? rest + 17 : NULL, *dots = span ? strstr(span, " .. ") : NULL;
    if (dots) {
        take_time(span, &f->from);
        take_time(dots + 4, &f->to);
    }
}

static bool load(struct fixture *f)
{
    FILE *file = fopen(f->path, "r");
    char line[16384];
    struct text script = text_over(f->script, sizeof f->script), expected = text_over(f->expected, sizeof f->expected);
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (strncmp(line, "#driver ", 8) == 0)
            copy_text(f->driver, sizeof f->driver, line + 8);
        else if (strncmp(line, "#set ", 5) == 0)
            copy_text(f->set, sizeof f->set, line + 5);
        else if (strncmp(line, "#read ", 6) == 0)
            take_read(f, line + 6);
        else if (strncmp(line, "#fault ", 7) == 0)
            copy_text(f->fault, sizeof f->fault, line + 7);
        else if (strncmp(line, "#= ", 3) == 0)
            text_printf(&expected, "%s\n", line + 3);
        else
            text_printf(&script, "%s\n", line);
    }
    if (file)
        fclose(file);
    return f->driver[0] != '\0';
}

static void run(void *argument)
{
    struct fixture *f = argument;
    const struct driver *d = driver_find(f->driver);
    char problem[256] = "";
    struct text t = text_over(problem, sizeof problem);
    if (!ok(d, "%s: driver %s", f->path, f->driver))
        return;
    void *settings = memory_new(d->settings_size);
    ok(parameters_read(d, f->set, LANG_EN, settings, &t), "%s: parameters %s", f->path, problem);
    struct pipe *pipe = pipe_transcript_new(f->script);
    struct bus *bus = bus_new(task_loop(task_self()), pipe, NULL);
    struct conversation *c = conversation_new(&(struct conversation_options){
        .bus = bus, .timing = d->timing, .settings = settings, .state_size = d->state_size });
    struct listener l = { { say_reading, say_event, say_state, say_fact }, text_over(f->got, sizeof f->got) };
    enum archive archive = archive_parse(f->archive);
    struct want w = { .archive = archive, .span = { f->from, f->to }, .now = f->now, .tariffs = 4 };
    d->open(c);
    if (strcmp(f->archive, "identity") == 0)
        d->identify(c, &l.sink);
    else if (archive < ARCHIVE_COUNT && d->read[archive])
        d->read[archive](c, &w, &l.sink);
    is_text(fault_name(conversation_fault(c)), f->fault[0] ? f->fault : "none", "%s: %s", f->path, conversation_detail(c));
    d->close(c);
    is_text(f->got, f->expected, "%s", f->path);
    ok(!pipe_transcript_problem(pipe), "%s: %s", f->path, pipe_transcript_problem(pipe) ? pipe_transcript_problem(pipe) : "as recorded");
    ok(pipe_transcript_ended(pipe), "%s: all of it was played", f->path);
    conversation_free(&c);
    bus_free(&bus);
    free(settings);
}

static void play(const char *path)
{
    struct fixture *f = memory_new(sizeof *f);
    snprintf(f->path, sizeof f->path, "%s", path);
    struct loop *l = loop_new();
    if (load(f)) {
        loop_spawn(l, run, f);
        loop_run(l);
    }
    loop_free(&l);
    free(f);
}

static void walk(const char *folder, int depth)
{
    struct dirent **entry;
    int count = scandir(folder, &entry, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        size_t length = strlen(path);
        if (entry[i]->d_type == DT_DIR && entry[i]->d_name[0] != '.' && depth == 0)
            walk(path, 1);
        else if (depth == 1 && length > 4 && strcmp(path + length - 4, ".txt") == 0)
            play(path);
        free(entry[i]);
    }
    if (count >= 0)
        free(entry);
}

int main(void)
{
    walk("tests/drivers", 0);
    ok(tap_count >= 0, "fixtures walked");
    coroutine_trim();
    return tap_done();
}
