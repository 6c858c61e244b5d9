/* The gate of the API: wires routes to people, store, collection and listeners. */
#pragma once
#include "api/doors.h"
#include "api/hub.h"
#include "api/devices/roster.h"
#include "box/occasions.h"
#include "collect/scan.h"
#include "collect/tasks.h"
#include "http/route.h"
#include "people/access.h"
#include "people/notices.h"
#include "upstream/service.h"

struct api {
    struct store *store;
    const struct vault *vault; /* the store's */
    struct access *access;
    struct mail *mail;
    struct notices *notices;
    struct collect_service *service;
    struct task_service *tasks;
    struct relay_plans *plans;
    struct scan_service *scans;
    struct upstream *upstream;
    struct box *box; /* the gateway's; NULL in the head-end */
    struct update *update; /* the same */
    struct occasions *occasions; /* likewise */
    struct last_word *last_word;
    struct beacon *beacon;
    enum upstream_face face;
    enum lang lang; /* of news */
    struct roster *roster;
    struct hub *hub;
    struct doors *doors;
    void *skzi; /* the gateway's service of that name (upstream/skzi/skzi.h) */
    int64_t started_ms;
    int64_t beat_ms;
    bool collecting;
};

/* Callbacks for struct server_options; the context is struct api. */
size_t api_admit(void *context, const char *method, const char *path, enum http_lane *ret_lane);
void api_answer(void *context, struct http_request *r, struct http_answer *a);

/* A request of the protocol SMART that came by another way than HTTP, of a caller who is known; `a->local` is set, and its body is the
 * whole answer. What wants one of the permissions `late` is refused as one that may be out of date. */
void api_answer_smart(struct api *api, const struct caller *who, const struct permissions *late, struct http_request *r, struct http_answer *a);

/* For struct service_options: what collection tells goes to the roster, the log and the listeners. */
void api_told(void *context, const struct service_news *news, size_t count, const struct service_status *status, size_t status_count);

/* For struct task_options: to the listeners, and relays to the security log. */
void api_run_told(void *context, const struct store_run *r);
void api_devices_told(void *context, const struct store_run *r, const struct store_run_device *rows, size_t count);
void api_relay_told(void *context, const struct store_run *r, int64_t device, const struct relay_order *order);

/* For struct occasions_options: to the listeners. */
void api_occasion_told(void *context, int64_t project, int64_t occasion);

/* For notices_new: the person's pages are told how many are unread. */
void api_noticed(void *context, int64_t person);

/* All routes, in one array. */
const struct route *api_routes(size_t *ret_count);

/* Version of the program, as packages of updates compare it (box/package.h). */
#define SVOD_VERSION "0.1"
