/* The list of twins; see twin.h. */
#include "sim/twin.h"

/* Bounds of the section that TWIN fills. */
extern const struct twin *const __start_twins[] __attribute__((weak, visibility("hidden")));
extern const struct twin *const __stop_twins[] __attribute__((weak, visibility("hidden")));

size_t twins_count(void)
{
    return (size_t)(__stop_twins - __start_twins);
}

const struct twin *twin_at(size_t i)
{
    return __start_twins[i];
}

const struct twin *twin_find(const char *name)
{
    for (size_t i = 0; i < twins_count(); i++)
        if (strcmp(twin_at(i)->name, name) == 0)
            return twin_at(i);
    return NULL;
}
