/* A form (forms.h) as JSON: read, its fields taken, written back. */
#pragma once
#include "store/box/forms.h"

#include <jansson.h>

/* The form, NULL before it was first written; the caller's, json_decref takes NULL too. */
enum fault store_form_read(struct store *s, const char *name, json_t **ret, int64_t *ret_revision);

/* Takes the form over. FAULT_SETTING for one that is no JSON (NULL: a text in it was no UTF-8), else as store_form_put. */
enum fault store_form_write(struct store *s, const char *name, json_t *form, int64_t revision);

/* Fields of a form; what is not there, or of another kind, is "", `preset`. A NULL form has none. */
const char *form_text(const json_t *form, const char *key);
int64_t form_int(const json_t *form, const char *key, int64_t preset);
bool form_bool(const json_t *form, const char *key, bool preset);

/* A text field into an array, cut at its end. */
#define FORM_TAKE(array, form, key) snprintf(array, sizeof(array), "%s", form_text(form, key))
