/* Work on a line beside the sessions: it gets the line between two exchanges, sessions go on behind it, who listens hears all,
 * and the line's log says who held it. */
#include "link/conversation.h"
#include "scene.h"

#include <stdatomic.h>

#define METERS 4
#define WORDS "--exact --tcp 127.47.1.1:0 --family spodes --bus %s --line 9600,8N1" \
    " --meter mercury230:1:41000001 --meter mercury230:2:41000002 --meter mercury230:3:41000003 --meter mercury230:4:41000004"

static int64_t bus_scene(struct scene *s, const char *file, char uri[160])
{
    char words[600], path[100];
    int64_t link = 0;
    snprintf(path, sizeof path, "/tmp/svod-line-%d", (int)getpid());
    snprintf(words, sizeof words, WORDS, path);
    snprintf(uri, 160, "serial:%s?9600,8N1", path);
    scene_begin(s, words, file);
    is_int(store_link_put(s->store, &(struct store_link){ .title = "bus", .uri = uri }, &link), FAULT_NONE);
    for (int i = 1; i <= METERS; i++) {
        char parameters[32];
        snprintf(parameters, sizeof parameters, "address=%d", i);
        struct store_line line = { .link = link, .enabled = true, .parameters = parameters };
        struct store_meter m = { .driver = "mercury230", .lines = &line, .line_count = 1, .enabled = true };
        m.depth_days[ARCHIVE_CURRENT] = 1;
        is_int(store_meter_put(s->store, &m, NULL), FAULT_NONE);
    }
    s->collector = collector_new(s->store, s->writer, &(struct collector_options){ .threads = 1, .line_stays = 100, .lang = LANG_EN });
    is_int(collector_load(s->collector), FAULT_NONE);
    return link;
}

/* What the work does and sees. */
struct guest {
    struct line_ear ear;
    struct bus_turn turn;
    struct line_user user;
    atomic_int heard_sent, heard_received, ended;
    long answered;
    enum fault taken;
    bool listens;
};

static void hear(struct line_ear *ear, bool sent, struct bytes bytes)
{
    struct guest *g = (struct guest *)ear;
    atomic_fetch_add(sent ? &g->heard_sent : &g->heard_received, (int)bytes.size);
}

static void guest_ended(void *context)
{
    atomic_store(&((struct guest *)context)->ended, 1);
}

/* Asks meter 3 whether it is there, with the bytes of the manual: 03 00 and the sum. */
static void ask_by_hand(struct line_task *t, void *context)
{
    struct guest *g = context;
    struct bus *b = line_open(t);
    uint8_t answer[64];
    g->turn.user = &g->user;
    g->taken = bus_take(b, &g->turn, BUS_TRANSIT, LOOP_NEVER, NULL);
    task_sleep(20000);
    static const uint8_t request[] = { 0x03, 0x00, 0x01, 0x40 };
    is_int(bus_send(b, bytes_of(request, sizeof request), LOOP_NEVER), FAULT_NONE);
    int64_t until = loop_now_us(task_loop(task_self())) + 2000000;
    while (g->answered < 4) {
        long count = bus_receive(b, answer + g->answered, sizeof answer - (size_t)g->answered, until);
        if (count <= 0)
            break;
        g->answered += count;
    }
    ok(g->answered == 4 && answer[0] == 3 && answer[1] == 0, "the meter answers to who came in between");
    bus_give(b, &g->turn);
}

static void listen_on(struct line_task *t, void *context)
{
    struct guest *g = context;
    line_listen(t, &g->ear);
    while (!task_cancelled())
        task_park(LOOP_NEVER);
    line_deafen(t, &g->ear);
}

static struct line_task *work(struct scene *s, int64_t link, void (*run)(struct line_task *, void *), struct guest *g)
{
    struct line_task *t = NULL;
    is_int(collector_line_begin(s->collector, link, &(struct line_work){ run, guest_ended, g }, &t), FAULT_NONE);
    return t;
}

struct begun {
    struct scene *scene;
    int64_t link;
    struct guest *guest;
    struct line_task *task;
};

/* Somebody comes when the first meter has been read. */
static void told(void *context, const struct collector_news *n)
{
    struct begun *b = context;
    (void)n;
    if (!b->task)
        b->task = work(b->scene, b->link, ask_by_hand, b->guest);
}

static void test_between_exchanges(void)
{
    static struct scene s;
    static struct guest guest, ear;
    char uri[160];
    int64_t link = bus_scene(&s, "line-work.db", uri);
    guest = (struct guest){ .user = { .use = LINE_TRANSIT, .name = "10.0.0.5:4000" } };
    ear = (struct guest){ .ear.heard = hear };
    struct begun begun = { &s, link, &guest, NULL };
    struct collector_run *run = NULL;
    struct line_task *listener = work(&s, link, listen_on, &ear);
    is_int(collector_begin(s.collector, 0, NULL, 0, &(struct run_options){ .class = RUN_COLLECT, .told = told, .context = &begun }, &run), FAULT_NONE);
    collector_wait(run);
    line_task_free(&begun.task);
    ok(atomic_load(&guest.ended), "its end was told");
    struct collector_figures f;
    collector_run_figures(run, &f);
    is_int(f.done, METERS, "all meters are read, whoever came in between");
    is_int(f.retries, 0, "and nobody had to be asked twice");
    collector_run_free(&run);
    line_task_cancel(listener);
    line_task_free(&listener);
    ok(atomic_load(&ear.heard_sent) > 4 * METERS && atomic_load(&ear.heard_received) > 4 * METERS, "who listens hears both sides");

    struct line_log *log = collector_line_log(s.collector, link);
    struct line_view view;
    struct line_holder past[100];
    struct line_meter meters[METERS];
    line_log_view(log, METERS, &view);
    is_int(view.now.use, LINE_FREE, "the line is free");
    ok(!view.cycle.running && view.cycle.meters == METERS && view.cycle.failed == 0 && view.cycle.talking_ms > 0 && view.cycle.away_ms >= 20, "the cycle is counted");
    ok(view.cycle.talking_ms + view.cycle.silent_ms + view.cycle.away_ms <= view.cycle.took_ms + 5, "its parts fit into it");
    ok(view.plan_ms > 0 && view.plan_ms <= view.cycle.took_ms, "what a cycle takes is known: %d of %d ms", (int)view.plan_ms, (int)view.cycle.took_ms);
    line_log_view(log, 2 * METERS, &view);
    ok(view.plan_ms > view.cycle.talking_ms + view.cycle.silent_ms, "meters never asked count as the others do");
    size_t count = line_log_past(log, past, 100), transits = 0, sessions = 0;
    for (size_t i = 0; i < count; i++) {
        transits += past[i].use == LINE_TRANSIT && strcmp(past[i].name, "10.0.0.5:4000") == 0 && past[i].took_ms >= 20 && past[i].sent == 4 && past[i].received == 4;
        sessions += past[i].use == LINE_COLLECT && past[i].meter > 0;
    }
    is_int(transits, 1, "transit is in the line's journal, with its bytes");
    ok(sessions >= METERS, "and so is every session");
    is_int(line_log_meters(log, meters, METERS), METERS);
    ok(meters[0].fault == FAULT_NONE && meters[0].took_ms > 0 && meters[0].exchanges > 0 && meters[0].meter == 1, "the last result of each meter");
    scene_end(&s);
}

static void wait_for_the_end(struct line_task *t, void *context)
{
    (void)context;
    line_open(t);
    while (!task_cancelled())
        task_park(LOOP_NEVER);
}

static void test_refusals(void)
{
    static struct scene s;
    static struct guest g;
    char uri[160];
    int64_t link = bus_scene(&s, "line-refusals.db", uri), bad = 0;
    struct line_task *t = NULL;
    is_int(collector_line_begin(s.collector, 999, &(struct line_work){ wait_for_the_end, NULL, NULL }, &t), FAULT_NO_DATA, "there is no such link");
    is_int(store_link_put(s.store, &(struct store_link){ .title = "bad", .uri = "carrier-pigeon:7" }, &bad), FAULT_NONE);
    is_int(collector_line_begin(s.collector, bad, &(struct line_work){ wait_for_the_end, NULL, NULL }, &t), FAULT_SETTING, "nor any way to that address");
    t = work(&s, link, wait_for_the_end, &g);
    line_task_cancel(t);
    line_task_cancel(t);
    line_task_free(&t);
    ok(!t, "a task that is cancelled at once ends, and its line with it");
    scene_end(&s);
}

int main(void)
{
    test_between_exchanges();
    test_refusals();
    help_clean();
    return tap_done();
}
