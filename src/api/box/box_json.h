/* The gateway's box as JSON: what its routes share. */
#pragma once
#include "api/call.h"
#include "upstream/servers.h"

extern const struct shape shape_box_modem, shape_box_lan;

/* "modem" and "lans" of an open object. */
void box_put_modem(struct call *c, const struct board_modem *m, int slot);
void box_put_lans(struct call *c, const struct box_look *l);

/* Only a gateway has a box; refuses in the head-end. */
bool box_here(struct call *c);

/* A fault of the keeper as a refusal; what the board did not take is told at the field in the board's words. True for none. */
bool box_took(struct call *c, enum fault fault, const char *field, const char *why);

/* Text into a field of fixed size. */
#define BOARD_NAME(field, text) snprintf(field, sizeof(field), "%s", text)
