/* A line of progress; see progress.h. */
#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

void progress_show(const char *label, size_t done, size_t total, const char *about)
{
    enum { WIDTH = 24 };
    if (!isatty(STDERR_FILENO))
        return;
    size_t filled = total ? done * WIDTH / total : 0;
    fprintf(stderr, "\r\033[K%s ", label);
    for (size_t i = 0; i < WIDTH; i++)
        fputs(i < filled ? "█" : "░", stderr);
    fprintf(stderr, " %zu %%  %zu / %zu  %s", total ? done * 100 / total : 0, done, total, about);
    fflush(stderr);
}

void progress_clear(void)
{
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}
