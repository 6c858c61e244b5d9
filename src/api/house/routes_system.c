/* The program about itself: health, metrics, versions, the description of the API. */
#include "api/call.h"
#include "api/openapi.h"
#include "api/routes.h"
#include "base/clock.h"
#include "store/db/schema.h"

#include <curl/curl.h>
#include <gnu/libc-version.h>
#include <microhttpd.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>

#define V1 "/api/v1"

#ifndef SVOD_REVISION
#define SVOD_REVISION "" /* built outside of its repository */
#endif

SHAPE(shape_health, "Health", { .name = "status", .kind = FIELD_TEXT }, { .name = "uptime_s", .kind = FIELD_INT });
SHAPE(shape_component, "Component", { .name = "name", .kind = FIELD_TEXT }, { .name = "version", .kind = FIELD_TEXT });
SHAPE(shape_about, "About", { .name = "name", .kind = FIELD_TEXT }, { .name = "version", .kind = FIELD_TEXT }, { .name = "built", .kind = FIELD_TEXT },
      { .name = "revision", .kind = FIELD_TEXT, .help = { { "редакция исходного текста", "revision of the source" } } },
      { .name = "hash_algorithm", .kind = FIELD_TEXT }, { .name = "hash", .kind = FIELD_TEXT, .help = { { "контрольная сумма программы", "checksum of the program" } } },
      { .name = "schema", .kind = FIELD_INT }, { .name = "uptime_s", .kind = FIELD_INT }, { .name = "components", .kind = FIELD_LIST, .shape = &shape_component });

static int64_t uptime_s(const struct call *c)
{
    return (clock_utc_ms() - c->api->started_ms) / 1000;
}

static void get_health(struct call *c)
{
    int64_t revision, deleted;
    if (!call_good(c, store_registry_mark(c->api->store, &revision, &deleted), REFUSE_STORE))
        return;
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "status", "good");
    json_put_int(&c->out, "uptime_s", uptime_s(c));
    json_put_end(&c->out);
}

static void put_component(struct call *c, const char *name, const char *version)
{
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "name", name);
    json_put_text(&c->out, "version", version);
    json_put_end(&c->out);
}

static char hash_text[crypto_hash_sha256_BYTES * 2 + 1];

/* Of the file that runs, whatever happened to it on the disk since. */
static void hash_program(void)
{
    uint8_t part[65536], hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
    FILE *file = fopen("/proc/self/exe", "rb");
    if (!file)
        return;
    crypto_hash_sha256_init(&state);
    for (size_t size; (size = fread(part, 1, sizeof part, file)) > 0;)
        crypto_hash_sha256_update(&state, part, size);
    bool whole = !ferror(file);
    fclose(file);
    crypto_hash_sha256_final(&state, hash);
    if (whole)
        sodium_bin2hex(hash_text, sizeof hash_text, hash, sizeof hash);
}

static const char *program_hash(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, hash_program);
    return hash_text;
}

static void get_about(struct call *c)
{
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "name", "Svod");
    json_put_text(&c->out, "version", SVOD_VERSION);
    json_put_text(&c->out, "built", __DATE__);
    json_put_text(&c->out, "revision", SVOD_REVISION);
    json_put_text(&c->out, "hash_algorithm", "SHA-256");
    json_put_text(&c->out, "hash", program_hash());
    json_put_int(&c->out, "schema", schema_version());
    json_put_int(&c->out, "uptime_s", uptime_s(c));
    json_put_list(&c->out, "components");
    put_component(c, "SQLite", sqlite3_libversion());
    put_component(c, "libmicrohttpd", MHD_get_version());
    put_component(c, "OpenSSL", OpenSSL_version(OPENSSL_VERSION));
    put_component(c, "libsodium", sodium_version_string());
    put_component(c, "jansson", JANSSON_VERSION);
    put_component(c, "libcurl", curl_version_info(CURLVERSION_NOW)->version);
    put_component(c, "glibc", gnu_get_libc_version());
    put_component(c, "GCC", __VERSION__);
    json_put_end(&c->out);
    json_put_end(&c->out);
}

static void get_openapi(struct call *c)
{
    size_t count;
    const struct route *routes = api_routes(&count);
    openapi_write(routes, count, c->lang, &c->answer->body);
}

static void metric(struct call *c, const char *name, const char *kind, const char *help, int64_t value)
{
    buffer_printf(&c->answer->body, "# HELP %s %s\n# TYPE %s %s\n%s %lld\n", name, help, name, kind, name, (long long)value);
}

static void get_metrics(struct call *c)
{
    struct server_figures http;
    struct service_status collect;
    struct roster_counts fleet;
    struct store_totals totals = { 0 };
    roster_refresh(c->api->roster);
    doors_figures(c->api->doors, &http);
    service_totals(c->api->service, &collect);
    roster_counts(c->api->roster, 0, &fleet);
    store_totals(c->api->store, &totals);
    c->answer->content_type = "text/plain; version=0.0.4; charset=utf-8";
    metric(c, "svod_uptime_seconds", "gauge", "Seconds since the start", uptime_s(c));
    metric(c, "svod_devices", "gauge", "Devices of the registry", (int64_t)fleet.devices);
    metric(c, "svod_devices_enabled", "gauge", "Devices that are collected from", (int64_t)fleet.enabled);
    metric(c, "svod_devices_in_contact", "gauge", "Devices whose last session succeeded", (int64_t)fleet.good);
    metric(c, "svod_devices_failed", "gauge", "Devices whose last session failed", (int64_t)fleet.failed);
    metric(c, "svod_devices_never_asked", "gauge", "Devices never asked", (int64_t)fleet.never);
    metric(c, "svod_collect_running", "gauge", "1 while a pass runs", collect.running);
    metric(c, "svod_collect_passes_total", "counter", "Passes since the start", collect.pass);
    metric(c, "svod_collect_pass_meters", "gauge", "Meters of the last pass", (int64_t)collect.figures.meters);
    metric(c, "svod_collect_pass_done", "gauge", "Meters read in the last pass", (int64_t)collect.figures.done);
    metric(c, "svod_collect_pass_failed", "gauge", "Meters failed in the last pass", (int64_t)collect.figures.failed);
    metric(c, "svod_collect_pass_readings", "gauge", "Values stored in the last pass", (int64_t)collect.figures.readings);
    metric(c, "svod_store_bytes", "gauge", "Size of the database", totals.bytes);
    metric(c, "svod_store_events", "gauge", "Meter events stored", totals.events);
    metric(c, "svod_http_requests_total", "counter", "Requests", (int64_t)http.requests);
    metric(c, "svod_http_refused_total", "counter", "Requests refused before a handler", (int64_t)http.refused);
    metric(c, "svod_http_errors_total", "counter", "Answers 5xx", (int64_t)http.errors);
    metric(c, "svod_http_connections", "gauge", "Open connections", http.connections);
    metric(c, "svod_http_waiting", "gauge", "Requests that wait for a worker", http.waiting);
    metric(c, "svod_http_listeners", "gauge", "Open streams of events", hub_count(c->api->hub));
}

static const struct route rows[] = {
    { "GET", "/health", MAY_ANYBODY, 0, NULL, NULL, &shape_health, NULL, 0, get_health, { { "жив ли сервер", "is the server alive" } } },
    { "GET", "/metrics", MAY_READ_HES_CONFIG, ROUTE_RAW | ROUTE_SLOW, NULL, NULL, NULL, "text/plain", 0, get_metrics, { { "показатели для Prometheus", "metrics for Prometheus" } } },
    { "GET", V1 "/about", MAY_SIGNED_IN, ROUTE_SLOW, NULL, NULL, &shape_about, NULL, 0, get_about, { { "версии", "versions" } } },
    { "GET", V1 "/openapi.json", MAY_ANYBODY, ROUTE_RAW, NULL, NULL, NULL, NULL, 0, get_openapi, { { "описание API", "description of the API" } } },
};

ROUTE_TABLE(rows);
