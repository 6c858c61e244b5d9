/* The simulated board: what its words do, and that news reach who listens. */
#include "board/board_sim.h"
#include "tap.h"

static struct board_news heard;
static int heard_count;

static void hear(void *context, const struct board_news *news)
{
    (void)context;
    heard = *news;
    heard_count++;
}

static const char *say(struct board *b, const char *line)
{
    static char answer[1500];
    struct text t = text_over(answer, sizeof answer);
    board_sim_word((struct board_sim_state *)b, line, &t);
    return answer;
}

static void test_news(struct board *b)
{
    struct board_power p;
    ok(board_listen(b, hear, b), "somebody listens");
    is_text(say(b, "mains off"), "ok");
    board_power(b, &p);
    ok(heard_count == 1 && heard.kind == BOARD_NEWS_POWER && board_power_lost(&heard.power) && board_power_lost(&p), "the loss of power is told");
    is_text(say(b, "button 12.5"), "ok");
    ok(heard.kind == BOARD_NEWS_BUTTON && heard.held_ms == 12500, "how long the button was held");
    is_text(say(b, "input 2 on"), "ok");
    ok(heard.kind == BOARD_NEWS_INPUT && heard.input == 1 && heard.on, "which input, and how");
    board_battery_off(b, NULL);
    board_power(b, &p);
    is_int(p.battery, BOARD_OFF);
    say(b, "reserve on");
    board_power(b, &p);
    is_int(p.battery, BOARD_ON, "outside power connects the battery again");
    board_unlisten(b, hear, b);
    int before = heard_count;
    say(b, "mains on");
    is_int(heard_count, before, "who has left is not told");
}

static void test_modem(struct board *b)
{
    struct board_modem m;
    struct board_sim card = { .allowed = true, .pin = "1111" };
    board_modem(b, &m);
    is_int(m.state, MODEM_OFF, "nobody has told it to connect");
    ok(board_sim_use(b, 1, &card, NULL), "SIM 1");
    board_modem(b, &m);
    ok(m.state == MODEM_CONNECTED && m.slot == 1 && strcmp(m.operator_name, "Beeline") == 0 && m.signal_percent == 78, "on the network");
    say(b, "sim 1 silent");
    board_modem(b, &m);
    ok(m.state == MODEM_SEARCHING && m.signal_percent == -1 && !*m.address, "the card finds no network");
    say(b, "sim 2 absent");
    board_modem(b, &m);
    ok(m.card[0] == BOARD_ON && m.card[1] == BOARD_OFF, "an empty slot is seen");
    say(b, "sim 1 good");
    say(b, "pin 1 2222");
    board_sim_use(b, 1, &card, NULL);
    board_modem(b, &m);
    is_int(m.state, MODEM_DENIED, "the card refuses a wrong PIN");
}

static void test_words(struct board *b)
{
    static const char *const bad[] = { "", "mains", "mains perhaps", "sim 3 good", "sim 1", "signal 101", "loop x", "button -1", "input 4 on", "test XX fail", "test I2C", "nonsense" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        is_text(say(b, bad[i]), "error: not understood", "'%s'", bad[i]);
    struct board_inputs in;
    char found[TEST_FLAGS] = "";
    struct text t = text_over(found, sizeof found);
    say(b, "loop 12.345");
    board_inputs(b, &in);
    is_int(in.loop_ua, 12345);
    is_int(board_test(b, TEST_I2C, &t), TEST_PASSED);
    say(b, "test I2C fail");
    is_int(board_test(b, TEST_I2C, &t), TEST_FAILED);
    is_int(board_test(b, TEST_ARJ, &t), TEST_ABSENT, "what is the program's is not the board's");
}

static void test_clock(struct board *b)
{
    struct board_clock c;
    struct board_time_service s = { .on = true, .servers = 1, .poll = 10, .server = { "ntp.example.org" } };
    ok(board_clock_set(b, 1700000000000, NULL), "set");
    board_clock(b, &c);
    ok(c.utc_ms / 100000 == 17000000 && c.rtc_utc_ms / 100000 == 17000000 && !c.synchronised, "clock and RTC");
    board_time_service_set(b, &s, NULL);
    board_clock(b, &c);
    ok(c.synchronised && strcmp(c.source, "ntp.example.org") == 0, "it follows a server");
    ok(board_time_now(b, NULL), "asked now");
    board_clock(b, &c);
    ok(c.utc_ms > 1750000000000, "and right again");
    say(b, "ntp off");
    char words[100];
    struct text why = text_over(words, sizeof words);
    ok(!board_time_now(b, &why) && *words, "no server answers: %s", words);
}

int main(void)
{
    char words[200];
    struct text problem = text_over(words, sizeof words);
    struct board *b = board_open("sim", LANG_EN, &problem);
    ok(!board_open("arm", LANG_EN, &problem) && strstr(words, "no such board"), "a board that there is not");
    if (ok(b != NULL)) {
        test_news(b);
        test_modem(b);
        test_words(b);
        test_clock(b);
        board_free(&b);
    }
    return tap_done();
}
