/* Killed at any moment, thirty times: everything that was reported stored is there, with its values, and the file is
 * sound. The child stores days, single half-hours and folds, and reports each batch over a pipe once it is stored. */
#include "store_help.h"

#include <signal.h>
#include <sys/wait.h>

enum { ROUNDS = 30, METERS = 40 };

static int64_t day;

/* Batch n of the endless series: mostly days, every third a few half-hours of a later time. */
static int64_t batch_meter(int64_t n) { return 1 + n % METERS; }
static bool batch_is_day(int64_t n) { return n % 3 != 0; }

static int64_t batch_wall(int64_t n)
{
    int64_t turn = n / METERS;
    return batch_is_day(n) ? day + turn * DAY_SECONDS : day + 3650 * DAY_SECONDS + turn * 1800;
}

static void on_stored(void *context, const struct batch *batch, enum fault fault, const struct put_result *result)
{
    (void)result;
    struct reading_walk walk = reading_walk_over(&batch->readings);
    struct reading first = { 0 };
    reading_walk_next(&walk, &first);
    int64_t n = first.value.mantissa;
    if (fault == FAULT_NONE && write(*(int *)context, &n, sizeof n) != sizeof n)
        _exit(3);
}

static void child_writes(const char *path, int64_t from, int pipe_end)
{
    static struct batch b[64];
    struct store_error error;
    struct store *s = store_open(path, NULL, &error);
    if (!s)
        _exit(2);
    struct writer_thread *w = writer_new(s, 64, 16);
    for (int64_t n = from;; n++) {
        struct batch *one = &b[n % 64];
        if (n % 64 == 0)
            writer_flush(w); /* the slots' batches are ours again */
        if (n - from < 64)
            batch_init(one, BATCH_BYTES_USUAL);
        batch_reset(one);
        struct reading number = help_reading(ARCHIVE_CURRENT, A_MINUS, day + n, n);
        emit_reading(&one->sink, &number);
        help_profile(one, batch_meter(n), batch_wall(n), batch_is_day(n) ? 48 : 1);
        writer_submit(w, batch_meter(n), one, on_stored, &pipe_end);
        if (n % 500 == 499)
            store_fold(s, day + 3650 * DAY_SECONDS + n / METERS * 1800, NULL);
    }
}

/* Starts a child, kills it after a while, returns the highest batch reported. */
static int64_t one_life(const char *path, int64_t from, int round)
{
    int ends[2];
    if (pipe(ends))
        abort();
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        child_writes(path, from, ends[1]);
    }
    close(ends[1]);
    int64_t n, last = from - 1;
    if (read(ends[0], &n, sizeof n) == sizeof n) /* it lives */
        last = n;
    usleep(3000 + (unsigned)(rand() % 60000) + (unsigned)round * 500);
    kill(child, SIGKILL);
    int status;
    waitpid(child, &status, 0);
    ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "killed while it wrote");
    while (read(ends[0], &n, sizeof n) == sizeof n)
        last = n > last ? n : last;
    close(ends[0]);
    return last;
}

struct seen {
    int64_t meter;
    size_t count;
    bool right;
};

static bool check_one(void *context, const struct reading *r, const struct reading_kept *kept)
{
    struct seen *seen = context;
    int64_t want = obis_equal(r->obis, A_PLUS) ? help_value(seen->meter, r->wall) : 0;
    seen->right &= r->value.mantissa == want && kept->revision == 0;
    seen->count++;
    return true;
}

static int64_t count_lost(struct store *s, int64_t from, int64_t last)
{
    int64_t lost = 0;
    for (int64_t n = from; n <= last; n++) {
        struct seen seen = { .meter = batch_meter(n), .right = true };
        int64_t wall = batch_wall(n), count = batch_is_day(n) ? 48 : 1;
        store_readings(s, seen.meter, ARCHIVE_PROFILE, NULL, 0, (struct span){ wall, wall + count * 1800 }, check_one,
                       &seen);
        lost += !seen.right || seen.count != (size_t)count * 2;
    }
    return lost;
}

int main(void)
{
    char path[320];
    day = wall_from_fields(2026, 3, 5, 0, 0, 0);
    snprintf(path, sizeof path, "%s", help_file("kill.db"));
    int64_t from = 0;
    srand(3);
    for (int round = 0; round < ROUNDS; round++) {
        int64_t last = one_life(path, from, round);
        struct store *s = help_open("kill.db", NULL);
        if (!ok(s != NULL, "opens"))
            break;
        is_int(count_lost(s, from, last), 0, "everything reported is there");
        ok(help_sound(s), "and sound");
        if (round == ROUNDS - 1)
            is_int(count_lost(s, 0, last), 0, "of all lives");
        store_close(&s);
        from = last + 1;
    }
    printf("# %lld batches in %d lives\n", (long long)from, ROUNDS);
    ok(from > ROUNDS, "they did live");
    help_clean();
    return tap_done();
}
