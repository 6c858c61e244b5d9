/* Whether the gateway answers who looks for gateways in the network (box/beacon.h). */
#include "api/box/box_json.h"
#include "api/routes.h"
#include "box/beacon.h"

#define V1 "/api/v1"

SHAPE(shape_beacon, "BoxBeacon", { .name = "on", .kind = FIELD_BOOL }, { .name = "revision", .kind = FIELD_INT });
SHAPE(shape_change, "BoxBeaconChange", { .name = "revision", .kind = FIELD_INT, .flags = REQUIRED, .least = 1, .most = INT64_MAX }, { .name = "on", .kind = FIELD_BOOL, .flags = REQUIRED });

static void get_beacon(struct call *c)
{
    struct beacon_settings s;
    if (!box_here(c) || !call_good(c, beacon_settings_read(c->api->store, &s), REFUSE_IN_USE))
        return;
    json_put_object(&c->out, NULL);
    json_put_bool(&c->out, "on", s.on);
    json_put_int(&c->out, "revision", s.revision);
    json_put_end(&c->out);
}

static void change_beacon(struct call *c)
{
    struct beacon_settings s = { .on = call_bool(c->body, "on", true), .revision = call_int(c->body, "revision", 0) };
    if (!box_here(c))
        return;
    enum fault fault = beacon_settings_write(c->api->store, &s);
    if (fault == FAULT_CHANGED) {
        call_refuse(c, REFUSE_CHANGED);
        return;
    }
    if (!call_good(c, fault, REFUSE_IN_USE))
        return;
    if (c->api->beacon)
        beacon_changed(c->api->beacon);
    call_note(c, NOTE_CONFIGURATION_CHANGE, "box.beacon", NULL, s.on ? "{\"on\":true}" : "{\"on\":false}");
    get_beacon(c);
}

static const struct route rows[] = {
    { "GET", V1 "/box/beacon", MAY_READ_HES_CONFIG, 0, NULL, NULL, &shape_beacon, NULL, 0, get_beacon, { { "отвечает ли устройство на поиск в сети", "whether the box answers who looks for gateways" } } },
    { "PATCH", V1 "/box/beacon", MAY_WRITE_HES_CONFIG, 0, NULL, &shape_change, &shape_beacon, NULL, 0, change_beacon, { { "отвечать ли на поиск в сети", "whether to answer who looks for gateways" } } },
};

ROUTE_TABLE(rows);
