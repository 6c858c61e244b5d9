/* A table (base/sheet.h) as an answer: it goes to the client while it is made. */
#pragma once
#include "base/sheet.h"
#include "http/flow.h"

/* Begins a table that goes to the flow, whose end stays the caller's; `title` (UTF-8) is the worksheet's name. */
struct sheet *sheet_new(enum sheet_kind kind, struct flow *out, const char *title);
