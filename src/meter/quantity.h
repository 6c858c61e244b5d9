/* What an OBIS code measures: unit and name. The vocabulary drivers may use; codes it does not know keep their number
 * as name. Source: IEC 62056-61 and spodes.md section 3. */
#pragma once
#include "meter/obis.h"
#include "meter/unit.h"

enum { QUANTITY_TITLE_MAX = 96 };

/* Unit a value with this code has; UNIT_UNKNOWN when OBIS alone does not say. */
enum unit quantity_unit(struct obis o);

/* «A+ T1», «U L2», «P сумма»: the short name of the code in `text`; the code itself when unknown. Returns `text`. */
char *quantity_title(struct obis o, enum lang lang, char text[QUANTITY_TITLE_MAX]);

/* What a state with this code is at that value, in words: «замкнут», «отключено»; NULL where only the number says it. */
const char *quantity_state_text(struct obis o, int64_t value, enum lang lang);
