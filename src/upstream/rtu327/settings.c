/* Settings of the RTU-327 server; see settings.h. */
#include "upstream/rtu327/settings.h"
#include "base/text.h"
#include "store/box/form_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define FORM "rtu327"
#define KEY_METER "server.rtu327.meter."

/* --- the server ---------------------------------------------------------------------------------------------------- */

static void take_form(const json_t *form, const struct vault *v, struct arena *a, struct rtu327_settings *s)
{
    const char *sealed = json_string_value(json_object_get(form, "password"));
    const char *password = sealed ? vault_unseal(v, sealed, a) : "";
    struct text t = text_over(s->password, sizeof s->password);
    text_put(&t, password ? password : "?"); /* sealed with another key: nobody comes in */
    s->local_time = form_bool(form, "local_time", false);
    s->project = form_int(form, "project", 0);
}

enum fault rtu327_settings_get(struct store *s, const struct vault *v, struct rtu327_settings *ret)
{
    struct arena a = { 0 };
    struct rtu327_settings settings = { .project = 1 };
    json_t *form = NULL;
    enum fault fault = store_form_read(s, FORM, &form, &settings.revision);
    if (form)
        take_form(form, v, &a, &settings);
    json_decref(form);
    arena_free(&a);
    if (fault == FAULT_NONE)
        *ret = settings;
    return fault;
}

static bool parse_password(const struct rtu327_settings *settings, uint8_t ret[RTU327_PASSWORD_SIZE])
{
    return hex_parse(settings->password, ret, RTU327_PASSWORD_SIZE) == RTU327_PASSWORD_SIZE;
}

bool rtu327_admits(const struct rtu327_settings *settings, const uint8_t password[RTU327_PASSWORD_SIZE])
{
    uint8_t right[RTU327_PASSWORD_SIZE], difference = 0;
    if (!*settings->password)
        return true;
    if (!parse_password(settings, right))
        return false;
    for (int i = 0; i < RTU327_PASSWORD_SIZE; i++) /* all of them, so that time tells nothing */
        difference |= (uint8_t)(right[i] ^ password[i]);
    return difference == 0;
}

enum fault rtu327_settings_put(struct store *s, const struct vault *v, const struct rtu327_settings *settings)
{
    struct arena a = { 0 };
    uint8_t password[RTU327_PASSWORD_SIZE];
    if (*settings->password && !parse_password(settings, password))
        return FAULT_SETTING;
    json_t *form = json_pack("{s:s, s:b, s:I}", "password", vault_seal(v, settings->password, &a), "local_time", settings->local_time,
                             "project", (json_int_t)settings->project);
    enum fault fault = store_form_write(s, FORM, form, settings->revision);
    arena_free(&a);
    return fault;
}

/* --- meters -------------------------------------------------------------------------------------------------------- */

struct entries {
    rtu327_entry_fn *each;
    void *context;
};

/* "number;object type;object;feeder" */
static bool take_entry(void *context, const char *key, const char *value)
{
    const struct entries *e = context;
    struct rtu327_entry entry = { .meter = atoll(key + strlen(KEY_METER)) };
    int count = sscanf(value, "%" SCNu64 ";%" SCNd32 ";%" SCNd32 ";%" SCNd32, &entry.number, &entry.object_type, &entry.object, &entry.feeder);
    return count != 4 || e->each(e->context, &entry);
}

enum fault rtu327_entries(struct store *s, rtu327_entry_fn *each, void *context)
{
    return store_settings(s, KEY_METER, take_entry, &(struct entries){ each, context });
}

enum fault rtu327_entry_put(struct store *s, const struct rtu327_entry *e)
{
    char key[64], value[96];
    bool says = e->number || e->object_type || e->object || e->feeder;
    snprintf(key, sizeof key, KEY_METER "%" PRId64, e->meter);
    snprintf(value, sizeof value, "%" PRIu64 ";%" PRId32 ";%" PRId32 ";%" PRId32, e->number, e->object_type, e->object, e->feeder);
    return store_setting_put(s, key, says ? value : NULL);
}
