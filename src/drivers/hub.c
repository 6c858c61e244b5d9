/* Virtual hub (manual S0 4.3.2.1): a remote transparent TCP port with meters behind it. It says nothing itself: it is there when the
 * port can be opened, and its children are asked over its link. */
#include "drivers/driver.h"

struct hub_settings {
    int32_t nothing;
};

static void hub_open(struct conversation *c)
{
    conversation_reach(c);
}

static void hub_close(struct conversation *c)
{
    (void)c; /* the link closes with its last user */
}

static const struct parameter parameters[] = { { .name = NULL } };

DRIVER(hub) = {
    .name = "hub", .title = { { "Виртуальный хаб", "Virtual hub" } }, .sheet = "transit-and-cenc.md",
    .resource = RESOURCE_MIXED,
    .parameters = parameters,
    .carries = true,
    .settings_size = sizeof(struct hub_settings),
    .open = hub_open, .close = hub_close,
};
