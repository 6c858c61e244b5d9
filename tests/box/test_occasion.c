/* Rules of the gateway's events: texts there and back, edges of states, limits with hysteresis, what flaps, causes in words. */
#include "box/occasion.h"
#include "tap.h"

static void is_condition(const char *text)
{
    struct condition c;
    char back[CONDITION_TEXT_MAX];
    struct text t = text_over(back, sizeof back);
    ok(condition_read(text, &c), "a condition: %s", text);
    condition_write(&c, &t);
    is_text(back, text, "there and back");
}

static void test_conditions(void)
{
    static const char *const good[] = { "schedule 3", "calendar 12", "input 1 appears", "input 5 none", "state 7 0.1.96.3.1.255 changes", "loop above 12.5 0.50", "loop none 0 0",
                                        "value 7 network 0.1.96.130.0.255 below -3.25 1", "start", "stop" };
    static const char *const bad[] = { "", "schedule", "schedule 0", "schedule x", "schedule 1 2", "input 6 appears", "input 1 above", "state 7 0.1.96 changes", "loop above 1", "loop above 1 -1",
                                       "loop appears 1 1", "value 7 day 0.1.96.130.0.255 above 1 0", "value 0 network 0.1.96.130.0.255 above 1 0", "start 1", "never" };
    struct condition c;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        is_condition(good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(!condition_read(bad[i], &c), "no condition: %s", bad[i]);
}

static void is_letter(const char *line, enum letter_data data, enum action_scope scope, int64_t subject, unsigned archives)
{
    static struct actions a;
    static char back[ACTIONS_TEXT_MAX];
    struct text t = text_over(back, sizeof back);
    ok(actions_read(line, &a) && a.count == 1 && a.action[0].data == data && a.action[0].scope == scope && a.action[0].subject == subject && a.action[0].archives == archives,
       "a letter with data: %s", line);
    actions_write(&a, &t);
    is_text(back, line, "there and back");
}

static void test_actions(void)
{
    static const char good[] = "poll 4\nwatch device 7\nclock group 2 5\nrelay-own 1 on\nrelay 7 0 off\nmqtt 3\nfiles\nmail a@example.org Дверь открыта: посмотреть\n";
    static const char *const bad[] = { "poll", "poll 0", "watch", "watch some 1", "watch group 0", "clock all 0 0", "clock all 0 901", "relay-own 1", "relay-own 1 maybe", "relay 7 33 on", "mail", "mail a@example.org",
                                       "mail  x", "mail:csv a@example.org x", "mail:none all 0 all a@example.org x", "mail:pdf all 0 all a@example.org x", "mail:csv group 0 all a@example.org x", "mail:csv all 0 day,week a@example.org x",
                                       "mail:csv all 0 all  x", "mail:csv all 0 all", "mail:", "fly 1", "files 1", "poll 1\npoll 1\npoll 1\npoll 1\npoll 1\npoll 1\npoll 1\npoll 1\npoll 1\n" };
    static struct actions a;
    static char back[ACTIONS_TEXT_MAX];
    struct text t = text_over(back, sizeof back);
    ok(actions_read(good, &a) && a.count == 8, "eight actions");
    actions_write(&a, &t);
    is_text(back, good, "there and back");
    ok(actions_read("mail a@example.org \n", &a) && a.action[0].words[0] == '\0', "a letter without words of its own");
    is_letter("mail:csv all 0 all a@example.org \n", LETTER_CSV, SCOPE_ALL, 0, 0);
    is_letter("mail:xlsx group 12 current,day,state a@example.org Дверь открыта\n", LETTER_XLSX, SCOPE_GROUP, 12, 1u << ARCHIVE_CURRENT | 1u << ARCHIVE_DAY | 1u << ARCHIVE_STATE);
    is_letter("mail:csv device 7 journal a@example.org x\n", LETTER_CSV, SCOPE_DEVICE, 7, 1u << ARCHIVE_JOURNAL);
    ok(actions_read("", &a) && a.count == 0, "none");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(!actions_read(bad[i], &a), "no actions: %s", bad[i]);
}

static void test_edges(void)
{
    ok(edge_of_state(EDGE_APPEARS, 0, 1) && edge_of_state(EDGE_APPEARS, 0, 7) && !edge_of_state(EDGE_APPEARS, 1, 0) && !edge_of_state(EDGE_APPEARS, 1, 2), "appears");
    ok(edge_of_state(EDGE_DISAPPEARS, 1, 0) && !edge_of_state(EDGE_DISAPPEARS, 0, 1) && !edge_of_state(EDGE_DISAPPEARS, 0, 0), "disappears");
    ok(edge_of_state(EDGE_CHANGES, 1, 0) && edge_of_state(EDGE_CHANGES, 1, 2) && !edge_of_state(EDGE_CHANGES, 2, 2), "changes");
    ok(!edge_of_state(EDGE_NONE, 0, 1), "not checked");
}

/* The happenings of a row of values: a letter for each, '.' for none. */
static void is_row(const char *condition, const char *values, const char *expected)
{
    struct condition c;
    char copy[200], got[40] = "", *save;
    struct text t = text_over(got, sizeof got);
    enum side_of side = SIDE_UNKNOWN;
    ok(condition_read(condition, &c));
    snprintf(copy, sizeof copy, "%s", values);
    for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        struct decimal value;
        decimal_parse(word, &value);
        enum side_of next = side_next(&c, side, value);
        text_put(&t, edge_of_side(c.edge, side, next) ? "!" : ".");
        side = next;
    }
    is_text(got, expected, "%s: %s", condition, values);
}

static void test_limits(void)
{
    is_row("loop above 12.5 0.5", "4 12.4 12.5 12.1 12.5 12.0 12.5 11.999 12.500 20", "..!.....!.");
    is_row("loop above 12.5 0", "12.5 12.49 12.5 12.49", "!.!.");
    is_row("loop below 4 1", "4.5 4.0 4.5 5.0 3 5.001 4.000", ".!....!");
    is_row("loop below 4 0", "3 4 5 4", "!..!");
    is_row("loop crosses 10 2", "12 9 8.5 7.9 9.9 10 7", "...!.!!");
    is_row("loop none 10 2", "12 1 12", "...");
    is_row("loop above 12.3 1", "11.5 11.2", "..");
}

static void test_pacing(void)
{
    struct pacing p = { 0 };
    int64_t merged = 0;
    ok(pacing_take(&p, 1000, 10000), "the first happens at once");
    for (int i = 0; i < 40; i++)
        ok(!pacing_take(&p, 1100 + i * 10, 10000), "what flaps waits");
    ok(!pacing_due(&p, 10999, 10000, &merged), "until the pause is over");
    ok(pacing_due(&p, 11000, 10000, &merged), "then it happens");
    is_int(merged, 40, "as one");
    ok(!pacing_due(&p, 30000, 10000, &merged), "nothing waits any more");
    ok(!pacing_take(&p, 15000, 10000), "a pause follows that one, too");
    ok(pacing_take(&p, 21000, 10000), "when it is over");
    ok(!pacing_take(&p, 21500, 10000) && pacing_take(&p, -500000, 10000), "a clock that was set back holds nothing for long");
}

static void is_cause(const char *cause, const char *en)
{
    char said[300] = "";
    struct text t = text_over(said, sizeof said);
    cause_tell(cause, LANG_EN, &t);
    is_text(said, en, "%s", cause);
    t = text_over(said, sizeof said);
    cause_tell(cause, LANG_RU, &t);
    ok(t.size > 0, "in Russian: %s", said);
}

static void test_causes(void)
{
    is_cause("time", "by the clock");
    is_cause("late 1700000000", "by the clock, late: the box was off");
    is_cause("state 0 1", "was off, is on");
    is_cause("state 3 12", "was 3, is 12");
    is_cause("woke 1 0", "was on, is off (changed while the box was off)");
    is_cause("value 13.100 mA 0", "value 13.100 mA");
    is_cause("start broken", "the box has started after it broke off");
    is_cause("hand admin", "by hand: admin");
    is_cause("state 1", "state 1");
}

int main(void)
{
    test_conditions();
    test_actions();
    test_edges();
    test_limits();
    test_pacing();
    test_causes();
    return tap_done();
}
