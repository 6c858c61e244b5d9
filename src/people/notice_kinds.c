/* Kinds of notices, their sentences, a person's choice; see notices.h. */
#include "people/notices.h"
#include "people/certificates.h"

#include <stdio.h>

const struct notice_about notice_kinds[NOTICE_KINDS] = {
    [NOTICE_CONTACT_LOST] = { "contact-lost", { { "Потеря связи с устройствами", "Contact with devices lost" } }, { { "устройств, не меньше", "devices, at least" } }, 1, 1, 100000, MAY_READ_DEVICES, AUDIT_WARNING },
    [NOTICE_CONTACT_BACK] = { "contact-back", { { "Связь восстановлена", "Contact is back" } }, { { "устройств, не меньше", "devices, at least" } }, 1, 1, 100000, MAY_READ_DEVICES, AUDIT_INFO },
    [NOTICE_COLLECTION] = { "collection-failed", { { "Опрос закончен с ошибками", "Collection ended with failures" } }, { { "непрочитанных устройств, не меньше", "devices not read, at least" } }, 1, 1, 100000, MAY_READ_DATA_COLLECTION_JOB, AUDIT_WARNING },
    [NOTICE_SECURITY] = { "security", { { "События безопасности", "Security events" } }, { { NULL, NULL } }, 1, 1, 1, MAY_READ_LOGS_SECURE, AUDIT_WARNING },
    [NOTICE_DISK] = { "disk", { { "Мало места на диске", "Little room on the disk" } }, { { "свободно процентов, не больше", "percent free, at most" } }, 10, 1, 50, MAY_READ_HES_CONFIG, AUDIT_ERROR },
    [NOTICE_PROGRAM] = { "program", { { "Ошибки служб", "Errors of services" } }, { { NULL, NULL } }, 1, 1, 1, MAY_READ_LOGS_DEBUG, AUDIT_ERROR },
    [NOTICE_GATEWAY_AWAY] = { "gateway-away", { { "Шлюз не на связи", "A gateway is away" } }, { { NULL, NULL } }, 1, 1, 1, MAY_READ_CHANNEL_SETTINGS, AUDIT_WARNING },
    [NOTICE_GATEWAY_BACK] = { "gateway-back", { { "Шлюз снова на связи", "A gateway is back" } }, { { NULL, NULL } }, 1, 1, 1, MAY_READ_CHANNEL_SETTINGS, AUDIT_INFO },
    [NOTICE_CERTIFICATE] = { "certificate", { { "Сертификат скоро кончится или кончился", "A certificate ends soon or has ended" } }, { { "дней до конца (из 30, 7, 1), не больше", "days left (of 30, 7, 1), at most" } }, 30, 1, 30, MAY_READ_HES_CONFIG, AUDIT_WARNING },
};

enum notice_kind notice_find(const char *name)
{
    int kind = 0;
    while (kind < NOTICE_KINDS && strcmp(notice_kinds[kind].name, name) != 0)
        kind++;
    return (enum notice_kind)kind;
}

/* One gateway is a sentence of its own; the moment stands behind its title. */
static bool one_gateway(const struct store_notice *n, enum notice_kind kind, enum lang lang, struct text *t)
{
    static const struct phrase away = { { "Шлюз «%.*s» не на связи с %s", "Gateway \"%.*s\" has been away since %s" } }, back = { { "Шлюз «%s» снова на связи", "Gateway \"%s\" is back" } };
    const char *comma = strrchr(n->object, ',');
    if (n->count != 1 || (kind != NOTICE_GATEWAY_BACK && (kind != NOTICE_GATEWAY_AWAY || !comma)))
        return false;
    if (kind == NOTICE_GATEWAY_BACK)
        text_printf(t, phrase_in(&back, lang), n->object);
    else
        text_printf(t, phrase_in(&away, lang), (int)(comma - n->object), n->object, comma + 1 + (comma[1] == ' '));
    return true;
}

/* «owner|when|what», in the reader's language. */
static bool a_certificate(const struct store_notice *n, enum notice_kind kind, enum lang lang, struct text *t)
{
    static const struct phrase soon = { { "Сертификат действует ещё дней: %lld, до %.*s: %s", "A certificate has days left: %lld, until %.*s: %s" } };
    static const struct phrase ended = { { "Сертификат кончился %.*s: %s", "A certificate has ended %.*s: %s" } };
    char name[32];
    const char *when = strchr(n->object, '|'), *what = when ? strchr(when + 1, '|') : NULL;
    if (kind != NOTICE_CERTIFICATE || !what)
        return false;
    snprintf(name, sizeof name, "%.*s", (int)(when - n->object), n->object);
    const struct certificate_owner *owner = certificate_owner_find(name);
    const char *title = owner ? phrase_in(&owner->title, lang) : name;
    int length = (int)(what - when - 1);
    if (n->count > 0)
        text_printf(t, phrase_in(&soon, lang), (long long)n->count, length, when + 1, title);
    else
        text_printf(t, phrase_in(&ended, lang), length, when + 1, title);
    text_printf(t, ", %s", what + 1);
    return true;
}

void notice_sentence(const struct store_notice *n, enum lang lang, struct text *t)
{
    static const struct phrase sentences[NOTICE_KINDS] = {
        [NOTICE_CONTACT_LOST] = { { "Потеряна связь с устройствами: %lld", "Devices that answer no more: %lld" } },
        [NOTICE_CONTACT_BACK] = { { "Связь с устройствами восстановлена: %lld", "Devices that answer again: %lld" } },
        [NOTICE_COLLECTION] = { { "Не прочитано устройств: %lld", "Devices not read: %lld" } },
        [NOTICE_SECURITY] = { { "Предупреждений безопасности: %lld", "Security warnings: %lld" } },
        [NOTICE_DISK] = { { "На диске базы данных свободно %lld %%", "The database's disk has %lld %% left" } },
        [NOTICE_PROGRAM] = { { "Ошибок в логах служб: %lld", "Errors in the log of the services: %lld" } },
        [NOTICE_GATEWAY_AWAY] = { { "Шлюзов не на связи: %lld", "Gateways away: %lld" } },
        [NOTICE_GATEWAY_BACK] = { { "Шлюзов снова на связи: %lld", "Gateways back: %lld" } },
        [NOTICE_CERTIFICATE] = { { "Дней до конца сертификата: %lld", "Days until a certificate ends: %lld" } },
    };
    enum notice_kind kind = notice_find(n->kind);
    if (one_gateway(n, kind, lang, t) || a_certificate(n, kind, lang, t))
        return;
    if (kind == NOTICE_KINDS)
        text_put(t, n->kind);
    else
        text_printf(t, phrase_in(&sentences[kind], lang), (long long)n->count);
    if (*n->object)
        text_printf(t, " (%s)", n->object);
}

static bool take_choice(void *context, const struct store_notice_choice *c)
{
    struct notice_choice *all = context;
    enum notice_kind kind = notice_find(c->kind);
    if (kind < NOTICE_KINDS)
        all[kind] = (struct notice_choice){ c->shown, c->mailed, c->threshold };
    return true;
}

enum fault notice_choices(struct store *s, int64_t person, struct notice_choice ret[NOTICE_KINDS])
{
    for (int i = 0; i < NOTICE_KINDS; i++)
        ret[i] = (struct notice_choice){ true, false, notice_kinds[i].preset };
    return store_notice_choices(s, person, take_choice, ret);
}
