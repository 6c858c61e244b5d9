/* Words that steer the simulated board, one a line: "mains off", "button 12", "sim 1 silent". A unix socket takes them; each is
 * answered with a line, "ok" or what is wrong ("show": what the board is like now). */
#include "board/board_sim.h"
#include "board/tool.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { WORDS_MAX = 4, LINE_MAX_BYTES = 256, ANSWER_MAX = 1500 };


/* The place of a word in a list; -1 when it is not there. */
static int place(const char *const *list, const char *word)
{
    for (int i = 0; list[i]; i++)
        if (strcmp(list[i], word) == 0)
            return i;
    return -1;
}

/* A number from 1 to `most` as a place from 0; -1 when it is none. */
static int number_to(const char *word, int most)
{
    return word[0] >= '1' && word[0] <= '0' + most && !word[1] ? word[0] - '1' : -1;
}

/* "12.5" in thousandths. */
static bool thousandths(const char *word, int64_t *ret)
{
    return tool_number(word, -3, ret);
}

static bool word_power(struct board_sim_state *s, char **w, struct board_news *news)
{
    enum board_state *which = strcmp(w[0], "mains") == 0 ? &s->power.mains : strcmp(w[0], "reserve") == 0 ? &s->power.reserve : NULL;
    int state = which ? place(board_state_names, w[1]) : -1;
    if (state < 0)
        return false;
    *which = (enum board_state)state;
    if (!board_power_lost(&s->power))
        s->power.battery = BOARD_ON; /* S1 table 4: outside power connects the battery again */
    *news = (struct board_news){ .kind = BOARD_NEWS_POWER, .power = s->power };
    return true;
}

static bool word_input(struct board_sim_state *s, char **w, struct board_news *news)
{
    int which = number_to(w[1], BOARD_INPUTS), state = place(board_state_names, w[2]);
    if (which < 0 || state < BOARD_OFF)
        return false;
    s->inputs.input[which] = (enum board_state)state;
    *news = (struct board_news){ .kind = BOARD_NEWS_INPUT, .input = which, .on = state == BOARD_ON };
    return true;
}

static bool word_sim(struct board_sim_state *s, char **w)
{
    static const char *const cards[] = { "absent", "silent", "denied", "good", NULL };
    int slot = number_to(w[1], BOARD_SIMS), card = place(cards, w[2]);
    if (slot < 0 || card < 0)
        return false;
    s->card[slot] = (enum sim_card)card;
    return true;
}

static bool word_pin(struct board_sim_state *s, char **w)
{
    int slot = number_to(w[1], BOARD_SIMS);
    if (slot < 0 || strlen(w[2]) > 7)
        return false;
    BOARD_PUT(s->pin[slot], "%s", w[2]);
    return true;
}

static bool word_signal(struct board_sim_state *s, char **w)
{
    int64_t value;
    if (!thousandths(w[1], &value) || value < 0 || value > 100000)
        return false;
    s->signal_percent = (int)(value / 1000);
    return true;
}

static bool word_loop(struct board_sim_state *s, char **w)
{
    int64_t value;
    if (!thousandths(w[1], &value) || value < 0 || value > 25000)
        return false;
    s->inputs.loop_ua = (int)value;
    return true;
}

static bool word_supply(struct board_sim_state *s, char **w)
{
    int which = number_to(w[1], BOARD_SUPPLIES), state = place(board_state_names, w[2]);
    if (which < 0 || state < 0)
        return false;
    s->inputs.supply[which] = (enum board_state)state;
    return true;
}

static bool word_button(char **w, struct board_news *news)
{
    int64_t held;
    if (!thousandths(w[1], &held) || held < 0)
        return false;
    *news = (struct board_news){ .kind = BOARD_NEWS_BUTTON, .held_ms = held };
    return true;
}

static bool word_switch(struct board_sim_state *s, char **w)
{
    const struct { const char *name; bool *what; } switches[] = {
        { "rtc", &s->rtc_good }, { "ntp", &s->servers_answer }, { "modem", &s->modem_answers }, { "cable1", &s->cable[0] }, { "cable2", &s->cable[1] },
    };
    int state = place(board_state_names, w[1]);
    for (size_t i = 0; i < sizeof switches / sizeof *switches && state >= BOARD_OFF; i++)
        if (strcmp(switches[i].name, w[0]) == 0) {
            *switches[i].what = state == BOARD_ON;
            return true;
        }
    return false;
}

static bool word_test(struct board_sim_state *s, char **w)
{
    static const char *const results[] = { "usual", "pass", "fail", NULL };
    int result = place(results, w[2]);
    for (enum test_flag flag = 0; flag < TEST_FLAGS && result >= 0; flag++)
        if (strcmp(test_flag_name(flag), w[1]) == 0) {
            s->forced[flag] = (enum test_result)result;
            return true;
        }
    return false;
}

static void show(const struct board_sim_state *s, struct text *answer)
{
    text_printf(answer, "mains=%s reserve=%s battery=%s slot=%d restarts=%d battery_offs=%d watchdog=%s relay1=%s relay2=%s", board_state_names[s->power.mains],
                board_state_names[s->power.reserve], board_state_names[s->power.battery], s->slot, s->restarts, s->battery_offs, s->watchdog_beats ? "beats" : "silent",
                board_state_names[s->inputs.relay[0]], board_state_names[s->inputs.relay[1]]);
    for (int i = 0; i < BOARD_SUPPLIES; i++)
        text_printf(answer, " supply%d=%s", i + 1, board_state_names[s->inputs.supply[i]]);
    for (int i = 0; i < BOARD_LANS; i++)
        text_printf(answer, " lan%d=%s", i + 1, s->lan[i].dhcp ? "dhcp" : s->lan[i].address);
}

static bool carry_out(struct board_sim_state *s, char **w, struct board_news *news)
{
    const char *verb = w[0];
    if (strcmp(verb, "mains") == 0 || strcmp(verb, "reserve") == 0)
        return word_power(s, w, news);
    if (strcmp(verb, "button") == 0)
        return word_button(w, news);
    return strcmp(verb, "input") == 0    ? word_input(s, w, news)
           : strcmp(verb, "sim") == 0    ? word_sim(s, w)
           : strcmp(verb, "pin") == 0    ? word_pin(s, w)
           : strcmp(verb, "supply") == 0 ? word_supply(s, w)
           : strcmp(verb, "signal") == 0 ? word_signal(s, w)
           : strcmp(verb, "loop") == 0   ? word_loop(s, w)
           : strcmp(verb, "test") == 0   ? word_test(s, w)
                                         : word_switch(s, w);
}

void board_sim_word(struct board_sim_state *s, const char *line, struct text *answer)
{
    char copy[LINE_MAX_BYTES], *w[WORDS_MAX] = { "", "", "", "" }, *at = copy;
    struct board_news news = { .kind = BOARD_NEWS_POWER, .input = -1 };
    bool told = false, good = false;
    snprintf(copy, sizeof copy, "%s", line);
    for (int i = 0; i < WORDS_MAX; i++)
        if (!(w[i] = strsep(&at, " \r\n")))
            w[i] = "";
    pthread_mutex_lock(&s->lock);
    if (strcmp(w[0], "show") == 0) {
        show(s, answer);
    } else {
        good = carry_out(s, w, &news);
        told = good && (strcmp(w[0], "button") == 0 || strcmp(w[0], "input") == 0 || strcmp(w[0], "mains") == 0 || strcmp(w[0], "reserve") == 0);
        text_put(answer, good ? "ok" : "error: not understood");
    }
    pthread_mutex_unlock(&s->lock);
    if (told)
        board_tell(&s->base, &news);
}

/* --- the socket ------------------------------------------------------------------------------------------------------------------ */

/* One caller at a time: lines in, lines out, until he ends or says nothing for a second. */
static void serve_one(struct board_sim_state *s, int fd)
{
    char line[LINE_MAX_BYTES], answer[ANSWER_MAX];
    struct timeval patience = { .tv_sec = 1 };
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    FILE *in = fdopen(fd, "r");
    while (in && fgets(line, sizeof line, in)) {
        struct text t = text_over(answer, sizeof answer - 1);
        board_sim_word(s, line, &t);
        answer[t.size] = '\n';
        if (send(fd, answer, t.size + 1, MSG_NOSIGNAL) < 0)
            break;
    }
    if (in)
        fclose(in);
    else
        close(fd);
}

static void *door_run(void *argument)
{
    struct board_sim_state *s = argument;
    struct pollfd wait[2] = { { .fd = s->door, .events = POLLIN }, { .fd = s->end_read, .events = POLLIN } };
    for (;;) {
        if (poll(wait, 2, -1) < 0 && errno != EINTR)
            return NULL;
        if (wait[1].revents)
            return NULL;
        int fd = wait[0].revents ? accept(s->door, NULL, NULL) : -1;
        if (fd >= 0)
            serve_one(s, fd);
    }
}

bool board_sim_door_open(struct board_sim_state *s, const char *path, enum lang lang, struct text *problem)
{
    static const struct phrase cannot = { { "гнездо модели платы %s не открывается: %s", "the simulated board's socket %s cannot be opened: %s" } };
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    int ends[2] = { -1, -1 };
    errno = ENAMETOOLONG;
    if (strlen(path) < sizeof a.sun_path) {
        memcpy(a.sun_path, path, strlen(path) + 1);
        s->door = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        unlink(path);
        if (s->door >= 0 && bind(s->door, (struct sockaddr *)&a, sizeof a) == 0 && listen(s->door, 4) == 0 && pipe(ends) == 0) {
            s->end_read = ends[0];
            s->end_write = ends[1];
            memcpy(s->path, a.sun_path, sizeof s->path);
            if (pthread_create(&s->thread, NULL, door_run, s) == 0)
                return true;
            s->end_write = -1; /* no thread to end */
        }
    }
    text_printf(problem, phrase_in(&cannot, lang), path, strerror(errno));
    return false;
}

void board_sim_door_close(struct board_sim_state *s)
{
    if (s->end_write >= 0) {
        close(s->end_write);
        pthread_join(s->thread, NULL);
        unlink(s->path);
    }
    if (s->end_read >= 0)
        close(s->end_read);
    if (s->door >= 0)
        close(s->door);
}
