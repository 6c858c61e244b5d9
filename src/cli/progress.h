/* A line of progress on the terminal; silent when stderr is none. */
#pragma once
#include <stddef.h>

/* Draws «label ████░░░░ 42 %  17 / 40  about». `about` may be "". */
void progress_show(const char *label, size_t done, size_t total, const char *about);

/* Clears the line. */
void progress_clear(void);
