/* The words of СПОДЭС journals 0.0.99.98.e.255, for events.c; everybody else asks events.h. */
#pragma once
#include "meter/events.h"

/* Title of journal e; «Журнал 0.0.99.98.e» for a number the standard has not given, written to `text`. */
const char *spodes_journal_title(unsigned e, enum lang lang, char text[EVENT_TEXT_MAX]);

/* What the code, or the status word, of journal e means; NULL for a code without words. */
const char *spodes_event_text(unsigned e, uint16_t code, enum lang lang, char text[EVENT_TEXT_MAX]);
