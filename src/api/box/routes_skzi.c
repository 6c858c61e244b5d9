/* The gateway's СКЗИ port (manual S0 4.2.2.4): how it goes, and its certificate. The port itself is a row of the table of servers. */
#include "api/call.h"
#include "api/routes.h"
#include "link/certificate.h"
#include "upstream/servers.h"
#include "upstream/skzi/process.h"
#include "upstream/skzi/settings.h"
#include "upstream/skzi/skzi.h"

#define V1 "/api/v1"

SHAPE(shape_certificate, "GatewaySkziCertificate",
      { .name = "subject", .kind = FIELD_TEXT }, { .name = "not_before", .kind = FIELD_TIME }, { .name = "not_after", .kind = FIELD_TIME },
      { .name = "fingerprint", .kind = FIELD_TEXT, .help = { { "SHA-256, шестнадцатеричный", "SHA-256, hex" } } });
SHAPE(shape_skzi, "GatewaySkzi",
      { .name = "state", .kind = FIELD_WORD, .words = skzi_state_names }, { .name = "state_text", .kind = FIELD_TEXT },
      { .name = "trouble", .kind = FIELD_TEXT, .help = { { "подробность словами системы", "the detail in the system's words" } } },
      { .name = "port", .kind = FIELD_INT, .help = { { "0: строки «Основной порт СКЗИ» в таблице нет", "0: the table has no such row" } } },
      { .name = "usual_port", .kind = FIELD_INT, .help = { { "порт, который обычно предлагают", "the port usually proposed" } } },
      { .name = "here", .kind = FIELD_BOOL, .help = { { "этот ответ пришёл через порт СКЗИ", "this answer comes by that port" } } },
      { .name = "proven_at", .kind = FIELD_TIME, .flags = NULLABLE, .help = { { "когда через порт впервые работал вошедший пользователь", "when a signed-in person was first answered by it" } } },
      { .name = "clients", .kind = FIELD_INT }, { .name = "served", .kind = FIELD_INT }, { .name = "refused", .kind = FIELD_INT },
      { .name = "failed", .kind = FIELD_INT, .help = { { "не установили TLS по ГОСТ", "did not set up GOST TLS" } } },
      { .name = "suite", .kind = FIELD_TEXT, .help = { { "набор шифров последнего клиента", "the suite of the last client" } } },
      { .name = "given", .kind = FIELD_BOOL, .help = { { "сертификат задан, а не сделан устройством", "the certificate was given, not made by the box" } } },
      { .name = "certificate", .kind = FIELD_OBJECT, .flags = NULLABLE, .shape = &shape_certificate }, { .name = "pem", .kind = FIELD_TEXT, .most = SKZI_PEM_MAX },
      { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_skzi_change, "GatewaySkziChange", { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX },
      { .name = "certificate", .kind = FIELD_TEXT, .most = SKZI_PEM_MAX, .help = { { "PEM, за ним сертификаты издателей; пусто: устройство сделает своё", "PEM, those of its authorities behind it; empty: the box makes its own" } } },
      { .name = "key", .kind = FIELD_SECRET, .most = SKZI_PEM_MAX, .help = { { "PEM без пароля", "PEM without a password" } } });

static void put_certificate(struct call *c, const struct skzi_identity *i)
{
    struct certificate_words look;
    json_put_bool(&c->out, "given", i->given);
    json_put_text(&c->out, "pem", i->certificate);
    if (!*i->certificate || !certificate_look(i->certificate, &look)) {
        json_put_null(&c->out, "certificate");
        return;
    }
    json_put_object(&c->out, "certificate");
    json_put_text(&c->out, "subject", look.subject);
    json_put_text(&c->out, "not_before", look.not_before);
    json_put_text(&c->out, "not_after", look.not_after);
    json_put_text(&c->out, "fingerprint", look.fingerprint);
    json_put_end(&c->out);
}

static void put_skzi(struct call *c)
{
    struct skzi_identity identity;
    struct skzi_look l;
    if (!call_good(c, skzi_identity_read(c->api->store, c->api->vault, c->arena, &identity), REFUSE_IN_USE))
        return;
    skzi_look(c->api->skzi, &l);
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "state", skzi_state_names[l.state]);
    json_put_text(&c->out, "state_text", skzi_state_text(l.state, c->lang));
    json_put_text(&c->out, "trouble", l.trouble);
    json_put_int(&c->out, "port", l.port);
    json_put_int(&c->out, "usual_port", SKZI_PORT);
    json_put_bool(&c->out, "here", c->request->fronted);
    json_put_utc(&c->out, "proven_at", l.proven_ms);
    json_put_int(&c->out, "clients", l.figures.open);
    json_put_int(&c->out, "served", (int64_t)l.figures.served);
    json_put_int(&c->out, "refused", (int64_t)l.figures.refused);
    json_put_int(&c->out, "failed", (int64_t)l.figures.failed);
    json_put_text(&c->out, "suite", l.suite);
    put_certificate(c, &identity);
    json_put_int(&c->out, "revision", identity.revision);
    json_put_end(&c->out);
}

static bool here(struct call *c)
{
    return c->api->face == FACE_GATEWAY || call_refuse(c, REFUSE_NOT_FOUND);
}

static void get_skzi(struct call *c)
{
    if (here(c))
        put_skzi(c);
}

/* Both or none; of GOST and of each other. */
static bool pair_right(struct call *c, const char *certificate, const char *key)
{
    static const struct phrase missing = { { "нужны и сертификат, и его ключ", "both the certificate and its key are wanted" } };
    static const struct phrase other = { { "это не сертификат с ключом ГОСТ Р 34.10-2012, или ключ не от него", "this is no certificate of a GOST R 34.10-2012 key, or the key is not its own" } };
    char words[200] = "";
    struct text why = text_over(words, sizeof words);
    if (!*certificate && !*key)
        return true;
    if (!*certificate || !*key)
        return call_wrong_field(c, *certificate ? "key" : "certificate", phrase_in(&missing, c->lang));
    enum skzi_answer how = skzi_check(certificate, key, &why);
    if (how == SKZI_ANSWER_NO_IDENTITY)
        return call_wrong_field(c, "certificate", phrase_in(&other, c->lang));
    return how == SKZI_ANSWER_GOOD ||
           call_wrong_field(c, "certificate", skzi_state_text(how == SKZI_ANSWER_NO_ENGINE ? SKZI_NO_ENGINE : SKZI_FAILED, c->lang));
}

/* Another certificate is not proven yet: it may only come while plain HTTP is a way in, too. */
static bool way_back(struct call *c)
{
    static const struct phrase lone = { { "сначала верните сервер HTTP: с новым сертификатом через порт СКЗИ могут не войти", "bring the HTTP server back first: with another certificate nobody may get in by this port" } };
    struct server_setting http;
    return server_wanted(c->api->store, SERVER_HTTP, &http) || call_wrong_field(c, "certificate", phrase_in(&lone, c->lang));
}

static void change_skzi(struct call *c)
{
    struct skzi_identity i = { .certificate = call_text(c->body, "certificate", ""), .key = call_text(c->body, "key", ""), .revision = call_int(c->body, "revision", 0) };
    i.given = *i.certificate != '\0';
    if (!here(c) || !way_back(c) || !pair_right(c, i.certificate, i.key) || !call_good(c, skzi_identity_write(c->api->store, c->api->vault, &i), REFUSE_IN_USE))
        return;
    call_note(c, NOTE_CONFIGURATION_CHANGE, "skzi", NULL, i.given ? "{\"certificate\":\"given\"}" : "{\"certificate\":\"own\"}");
    upstream_changed(c->api->upstream, &service_skzi);
    put_skzi(c);
}

static const struct route rows[] = {
    { "GET", V1 "/servers/skzi", MAY_READ_HES_CONFIG, 0, NULL, NULL, &shape_skzi, NULL, 0, get_skzi, { { "порт СКЗИ шлюза: состояние и сертификат", "the gateway's port of GOST TLS: its state and certificate" } } },
    { "PATCH", V1 "/servers/skzi", MAY_WRITE_HES_CONFIG, ROUTE_SLOW, NULL, &shape_skzi_change, &shape_skzi, NULL, 0, change_skzi, { { "задать сертификат порта СКЗИ, пусто — сделать свой заново", "give the certificate of the port of GOST TLS; empty: the box makes its own anew" } } },
};

ROUTE_TABLE(rows);
