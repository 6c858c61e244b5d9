/* The self-test (manual S4 13.4): the board's flags and those of the program itself. */
#include "base/clock.h"
#include "box/inside.h"
#include "box/package.h"
#include "store/registry/registry.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RAM_BYTES = 1 << 20, CONNECT_MS = 2000, COLLECTION_LATE_MS = 600000, SERIAL_LINES = 8 };

bool program_digest(unsigned char ret[32])
{
    int64_t size;
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    bool good = file >= 0 && file_digest(file, ret, &size);
    if (file >= 0)
        close(file);
    return good;
}

/* The program's file is what it was when it began. */
static enum test_result test_program(struct box *b, struct text *say)
{
    unsigned char now[32];
    if (!b->has_program)
        return TEST_ABSENT;
    if (program_digest(now) && memcmp(now, b->program, sizeof now) == 0)
        return TEST_PASSED;
    text_put(say, "the program's file has changed or cannot be read");
    return TEST_FAILED;
}

/* A piece of memory keeps two patterns and their opposites. */
static enum test_result test_memory(struct text *say)
{
    static const uint64_t patterns[] = { 0, UINT64_MAX, 0x5555555555555555, 0xAAAAAAAAAAAAAAAA };
    size_t count = RAM_BYTES / sizeof(uint64_t), bad = 0;
    volatile uint64_t *memory = memory_new(RAM_BYTES);
    for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
        for (size_t i = 0; i < count; i++)
            memory[i] = patterns[p] ^ i;
        for (size_t i = 0; i < count; i++)
            bad += memory[i] != (patterns[p] ^ i);
    }
    free((void *)(uintptr_t)memory);
    if (bad)
        text_printf(say, "%zu words differ", bad);
    return bad ? TEST_FAILED : TEST_PASSED;
}

/* A file beside the database is written, read and deleted. */
static enum test_result test_file(struct box *b, struct text *say)
{
    char path[4200], back[16] = "";
    static const char word[] = "svod self-test";
    snprintf(path, sizeof path, "%s.test", store_path(b->o.store));
    int fd = open(path, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
    bool good = fd >= 0 && write(fd, word, sizeof word) == (ssize_t)sizeof word && fsync(fd) == 0 && pread(fd, back, sizeof back, 0) == (ssize_t)sizeof word && strcmp(back, word) == 0;
    if (!good)
        text_put(say, strerror(errno));
    if (fd >= 0)
        close(fd);
    unlink(path);
    return good ? TEST_PASSED : TEST_FAILED;
}

/* The database takes a word and gives it back. */
static enum test_result test_archive(struct box *b, struct text *say)
{
    struct arena a = { 0 };
    char word[32];
    const char *back = NULL;
    snprintf(word, sizeof word, "%lld", (long long)clock_utc_ms());
    bool good = store_setting_put(b->o.store, "box.test", word) == FAULT_NONE && store_setting_get(b->o.store, "box.test", &a, &back) == FAULT_NONE && back && strcmp(back, word) == 0;
    arena_free(&a);
    if (!good) {
        struct store_error why = store_error_last(b->o.store);
        text_put(say, why.detail);
    }
    return good ? TEST_PASSED : TEST_FAILED;
}

/* Somebody listens where the pages are. */
static enum test_result test_socket(struct box *b, struct text *say)
{
    pthread_mutex_lock(&b->lock);
    unsigned port = b->http_port;
    pthread_mutex_unlock(&b->lock);
    if (!port)
        return TEST_ABSENT;
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int trouble = 0, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    socklen_t size = sizeof trouble;
    if (fd < 0 || (connect(fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS))
        trouble = errno;
    struct pollfd wait = { .fd = fd, .events = POLLOUT };
    if (!trouble && (poll(&wait, 1, CONNECT_MS) <= 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &trouble, &size) != 0))
        trouble = ETIMEDOUT;
    if (fd >= 0)
        close(fd);
    if (trouble)
        text_printf(say, "port %u: %s", port, strerror(trouble));
    return trouble ? TEST_FAILED : TEST_PASSED;
}

/* A modem that is there, with a card that is allowed, is on the network. */
static enum test_result test_modem(struct box *b, struct text *say)
{
    struct box_look look;
    box_look(b, &look);
    if (look.modem.state == MODEM_ABSENT || look.slot == 0)
        return TEST_ABSENT;
    if (look.modem.state >= MODEM_REGISTERED)
        return TEST_PASSED;
    text_put(say, look.modem.state == MODEM_DENIED ? "the network or the card refuses" : "no network");
    return TEST_FAILED;
}

static enum test_result test_sending(struct box *b, struct text *say)
{
    struct mail_figures f = { 0 };
    if (b->o.mail)
        mail_figures(b->o.mail, &f);
    if (!f.set || !f.last_ms)
        return TEST_ABSENT;
    if (!f.last_good)
        text_put(say, f.trouble);
    return f.last_good ? TEST_PASSED : TEST_FAILED;
}

/* A pass that was due long ago and has not begun: collection hangs. */
static enum test_result test_collection(struct box *b, struct text *say)
{
    struct service_status s;
    if (!b->o.collection)
        return TEST_ABSENT;
    service_totals(b->o.collection, &s);
    bool late = !s.running && s.next_ms && clock_utc_ms() - s.next_ms > COLLECTION_LATE_MS;
    if (late)
        text_put(say, "a pass is overdue");
    return late ? TEST_FAILED : TEST_PASSED;
}

/* --- serial lines: RS1 is the first serial channel, in the order they were made ------------------------------------------------------ */

struct serial_lines {
    struct box_test *test;
    int count;
};

static bool test_line(void *context, const struct store_link *k)
{
    struct serial_lines *l = context;
    char path[128];
    if (strncmp(k->uri, "serial:", 7) != 0)
        return true;
    snprintf(path, sizeof path, "%.*s", (int)strcspn(k->uri + 7, "?"), k->uri + 7);
    int at = TEST_RS1 + l->count++;
    bool good = access(path, R_OK | W_OK) == 0;
    l->test->flag[at].result = good ? TEST_PASSED : TEST_FAILED;
    if (!good)
        snprintf(l->test->flag[at].say, TEST_SAY, "%.80s: %s", path, strerror(errno));
    return l->count < SERIAL_LINES;
}

/* --- all ------------------------------------------------------------------------------------------------------------------------------ */

static enum test_result test_own(struct box *b, enum test_flag flag, struct text *say)
{
    switch (flag) {
    case TEST_ROM: return test_program(b, say);
    case TEST_RAM: return test_memory(say);
    case TEST_FILE: return test_file(b, say);
    case TEST_ARJ: return test_archive(b, say);
    case TEST_SOC: return test_socket(b, say);
    case TEST_GSM: return test_modem(b, say);
    case TEST_SND: return test_sending(b, say);
    case TEST_SERM: return test_collection(b, say);
    default: return TEST_ABSENT;
    }
}

void box_test_all(struct box *b, struct box_test *ret)
{
    struct serial_lines lines = { .test = ret };
    *ret = (struct box_test){ .at_ms = clock_utc_ms() };
    store_links(b->o.store, test_line, &lines);
    for (enum test_flag f = 0; f < TEST_FLAGS; f++) {
        struct text say = text_over(ret->flag[f].say, TEST_SAY);
        if (f >= TEST_RS1 && f <= TEST_RS8)
            continue;
        enum test_result board = board_test(b->board, f, &say), own = board == TEST_FAILED ? TEST_FAILED : test_own(b, f, &say);
        ret->flag[f].result = board == TEST_FAILED || own == TEST_FAILED ? TEST_FAILED : board == TEST_PASSED ? board : own;
    }
}
