/* Parameters and communication lines of devices between JSON and the store. Secrets go out as "***", and "***" coming back
 * means the secret that is stored. Texts of parameters may hold sealed values (store/registry/secrets.h). */
#pragma once
#include "api/call.h"
#include "drivers/driver.h"
#include "store/registry/secrets.h"

enum { SERIAL_MOST = 100 }; /* characters of a serial number (S3 table 6) */

#define SECRET_MASK "***"
enum { PARAMETERS_MAX = 1000 /* bytes of "name=value;..." that a device or a profile may have */, RETRIES_MOST = 10, PRIORITY_MOST = 1000 };

/* The text with its secrets open; those of another key are left out. */
const char *parameters_open(struct call *c, const char *text);

/* Value of one parameter of "name=value;...", in the arena; NULL when it is not there. */
const char *parameter_value(struct call *c, const char *text, const char *name);

/* "key": {name: value, ...}, without the parameter `but` (NULL: with all). */
void parameters_put(struct call *c, const char *key, const struct driver *d, const char *text, const char *but);

/* The map as "name=value;..." in the arena, secrets that came masked taken from `stored`. NULL, refused at `field`, when it
 * cannot be. What is null in the map is left out. */
const char *parameters_take(struct call *c, const char *field, const json_t *map, const char *stored);

/* The stored ones with those of the map over them. */
const char *parameters_over(struct call *c, const char *field, const json_t *map, const char *stored);

/* True when the driver takes them; else refused at `field`. */
bool parameters_check(struct call *c, const char *field, const struct driver *d, const char *text);

/* True when they do not contradict each other and, where they are the `whole` that a driver is told, nothing is missing. */
bool parameters_agree(struct call *c, const char *field, const struct driver *d, const char *text, bool whole);

/* The parameter that says which meter on a line is meant; NULL when the family has none. */
const struct parameter *driver_address(const struct driver *d);

/* One line as an object; "key": [...] of a device. */
void line_put(struct call *c, const char *key, const struct driver *d, const struct store_line *l);
void lines_put(struct call *c, const char *key, const struct store_meter *m);

/* The lines of `list` become the device's; what each is missing is taken from its line of the same place. False, refused with
 * every mistake, when any of them is wrong: no such link or profile in the project, a profile of another driver, parameters
 * that the driver does not take. */
bool lines_take(struct call *c, const char *field, const json_t *list, struct store_meter *m);

/* The fields of `from` over what one line has. Refused otherwise; whether the whole fits says lines_fit. */
bool line_take(struct call *c, const char *field, const json_t *from, const struct driver *d, struct store_line *l);

/* One line fits the driver: its channel and profile are the project's, its parameters the driver's. */
bool line_fits(struct call *c, const char *field, const struct driver *d, const struct store_line *l);

/* Every line of the device fits its driver; refused otherwise. */
bool lines_fit(struct call *c, const char *field, const struct store_meter *m);

/* What the driver is told on the line, in the arena. */
const char *line_told(struct call *c, const struct store_line *l);

extern const struct shape shape_comm_line, shape_comm_line_put;
