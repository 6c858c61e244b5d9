/* Certificates that this machine keeps, and when each ends (people/certificates.h). */
#include "api/call.h"
#include "api/routes.h"
#include "api/rows.h"
#include "base/clock.h"
#include "link/certificate.h"
#include "people/certificates.h"

static const char *const states[] = { "good", "soon", "ended", NULL };
enum { SOON_DAYS = 30 };

SHAPE(shape_certificate, "Certificate", { .name = "owner", .kind = FIELD_TEXT, .help = { { "кто держит: web, skzi, mqtt, ftp, centre, mail", "who keeps it: web, skzi, mqtt, ftp, centre, mail" } } },
      { .name = "title", .kind = FIELD_TEXT }, { .name = "id", .kind = FIELD_INT, .help = { { "строки владельца; 0: она одна", "of the owner's row; 0: there is one" } } },
      { .name = "which", .kind = FIELD_TEXT }, { .name = "part", .kind = FIELD_TEXT, .help = { { "поле, где он записан: certificate, authority", "the field that holds it: certificate, authority" } } },
      { .name = "subject", .kind = FIELD_TEXT }, { .name = "not_after", .kind = FIELD_TIME }, { .name = "days", .kind = FIELD_INT, .help = { { "дней до конца", "days left" } } },
      { .name = "state", .kind = FIELD_WORD, .words = states }, { .name = "used", .kind = FIELD_BOOL, .help = { { "то, чьё он, включено", "what it belongs to is switched on" } } });

struct listing {
    struct call *c;
    int64_t total;
};

static void put_certificate(void *context, const struct certificate_row *r)
{
    struct listing *l = context;
    struct json_writer *out = &l->c->out;
    if (r->kept->project && r->kept->project != l->c->caller.project)
        return;
    l->total++;
    json_put_object(out, NULL);
    json_put_text(out, "owner", r->owner->name);
    json_put_text(out, "title", phrase_in(&r->owner->title, l->c->lang));
    json_put_int(out, "id", r->kept->id);
    json_put_text(out, "which", r->kept->which);
    json_put_text(out, "part", r->kept->part);
    json_put_text(out, "subject", r->words->subject);
    json_put_text(out, "not_after", r->words->not_after);
    json_put_int(out, "days", r->days);
    json_put_text(out, "state", states[r->days == 0 ? 2 : r->days <= SOON_DAYS ? 1 : 0]);
    json_put_bool(out, "used", r->kept->used);
    json_put_end(out);
}

static void list_certificates(struct call *c)
{
    struct listing l = { c, 0 };
    list_begin(c);
    enum fault f = certificates_each(c->api->store, clock_utc_ms(), put_certificate, &l);
    list_end(c, l.total, f);
}

static const struct route rows[] = {
    { "GET", "/api/v1/certificates", MAY_READ_HES_CONFIG, ROUTE_LIST, NULL, NULL, &shape_certificate, NULL, 0, list_certificates, { { "сертификаты и их сроки", "certificates and when they end" } } },
};

ROUTE_TABLE(rows);
