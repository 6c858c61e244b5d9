/* A conversation for a command of the engineer's: the link opened, the driver's parameters read, one task run. */
#pragma once
#include "drivers/driver.h"
#include "link/address.h"

/* What the command line said of the link and the meter. */
struct dialogue {
    struct link_address link;
    const struct driver *driver;
    void *settings;            /* owned; parsed parameters */
    bool own_line;             /* they say speed or format: over what the link's address says */
    struct trace *trace;       /* may be NULL */
    struct timing timing;      /* zero: the driver's, with what its parameters say */
    struct timing told;        /* set by dialogue_prepare */
    enum lang lang;            /* set by dialogue_prepare */
    /* The task; runs on the loop. */
    void (*run)(struct conversation *c, void *context);
    void *context;
};

/* Reads link, driver and parameters; tells mistakes on stderr. `parameters` are "name=value" words. False when the
 * command should end with EXIT_USAGE. */
bool dialogue_prepare(struct dialogue *d, const char *link, const char *driver, const char *const *parameters, size_t count, enum lang lang);

/* Opens a loop, holds the conversation, ends it. */
void dialogue_hold(struct dialogue *d);

void dialogue_end(struct dialogue *d);

/* Prints every frame on stderr as it passes. */
extern struct trace dialogue_trace;
