/* The list of drivers and what all of them share; see driver.h. */
#include "drivers/driver.h"

#include "meter/quantity.h"

#include <stdio.h>
#include <stdlib.h>

/* Bounds of the section that DRIVER fills; weak, so that a program without drivers links too. */
extern const struct driver *const __start_drivers[] __attribute__((weak, visibility("hidden")));
extern const struct driver *const __stop_drivers[] __attribute__((weak, visibility("hidden")));

size_t drivers_count(void)
{
    return (size_t)(__stop_drivers - __start_drivers);
}

const struct driver *driver_at(size_t i)
{
    return __start_drivers[i];
}

const struct driver *driver_find(const char *name)
{
    for (size_t i = 0; i < drivers_count(); i++)
        if (strcmp(driver_at(i)->name, name) == 0)
            return driver_at(i);
    return NULL;
}

void emit_in(const struct record *r, struct obis obis, struct decimal value, enum unit unit)
{
    struct reading reading = {
        .obis = obis, .wall = r->wall, .value = value, .step = r->step, .archive = (uint8_t)r->archive,
        .unit = (uint8_t)unit, .quality = r->quality, .origin = ORIGIN_POLL,
    };
    emit_reading(r->out, &reading);
}

void emit(const struct record *r, struct obis obis, struct decimal value)
{
    emit_in(r, obis, value, quantity_unit(obis));
}

void emit_missing(const struct record *r, struct obis obis)
{
    struct record missing = *r;
    missing.quality |= QUALITY_MISSING;
    emit(&missing, obis, decimal_of(0, 0));
}
