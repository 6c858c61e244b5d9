/* Options of the command line from one table: parsing, checking and help are the same rows. */
#pragma once
#include "base/lang.h"
#include "base/text.h"

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_NUMBER, OPTION_WALL, OPTION_LIST };

enum { OPTION_LIST_MAX = 256 };

struct option_list {
    const char *item[OPTION_LIST_MAX];
    size_t count;
};

/* One option. `target` is bool *, const char **, int *, int64_t * (wall seconds) or struct option_list *. */
struct option {
    const char *name;      /* "driver" for --driver */
    enum option_kind kind;
    void *target;
    struct phrase value;   /* what stands after it in the help: «ИМЯ»; none for flags */
    struct phrase help;
};

/* A command: its options end with a NULL name. */
struct command {
    const char *name;
    struct phrase title;    /* one line */
    struct phrase usage;    /* "<линия> --driver ИМЯ [...]" */
    struct phrase examples; /* whole lines, may be NULL */
    const struct option *options;
    int least, most;        /* positional arguments */
};

/* Exit codes for scripts. */
enum { EXIT_OK = 0, EXIT_USAGE = 2, EXIT_PARTLY = 3, EXIT_UNREACHED = 4, EXIT_REFUSED = 5, EXIT_DATABASE = 6 };

/* Takes the options out of argv; what remains is positional, its count in *ret_count. Returns true to go on; false when
 * the command should end with *ret_exit (help was printed, or a mistake was told on stderr). */
bool options_read(const struct command *c, enum lang lang, int argc, char **argv, const char **positional, int *ret_count, int *ret_exit);

/* Prints the help of one command. */
void options_help(const struct command *c, enum lang lang);
