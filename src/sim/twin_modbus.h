/* What all simulated Modbus devices share: options, frames, answers. A kind of device is the two or three functions that say
 * what lies at an address; see twin_modbus.c, twin_modbus_heat.c. */
#pragma once
#include "sim/twin.h"
#include "wire/modbus.h"

enum { MODULE_SETUP = 6 };

struct module {
    const struct module_kind *kind;
    uint32_t outputs; /* bit n - 1 */
    uint16_t setup[MODULE_SETUP];
    bool working;     /* WBIO: the set-up was made and flagged */
    int busy;
};

/* A kind of device: what lies at an address, and what a write does. False where there is nothing; NULL where nothing of the sort
 * is. */
struct module_kind {
    const char *name;
    bool (*word)(struct sim_meter *m, uint8_t function, uint16_t address, int64_t wall, uint16_t *ret);
    bool (*bit)(struct sim_meter *m, uint8_t function, uint16_t address, int64_t wall, bool *ret);
    bool (*write)(struct sim_meter *m, uint8_t function, uint16_t address, uint16_t value);
    bool (*record)(struct sim_meter *m, uint16_t archive, int64_t asked, int64_t wall, struct writer *w); /* of function 65 */
};

static inline struct module *module(struct sim_meter *m)
{
    return m->state;
}

/* The option as a number, 0 when it is not given. */
int module_option(const struct sim_meter *m, const char *name);

/* The kind that the option "model" names, else the first. */
void module_born(struct sim_meter *m, const struct module_kind *kinds, size_t count);

/* The functions of a twin. */
struct frame_found module_find(struct bytes received, void *context);
bool module_addressed(const struct sim_meter *m, struct bytes frame);
void module_answer(struct sim_meter *m, void *session, struct bytes frame, int64_t wall, struct writer *out);

/* Registers of longer values. */
uint32_t module_float(float f);
uint16_t module_half(uint32_t value, bool high);
