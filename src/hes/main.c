/* Wiring of the server; see hes.h. */
#include "hes/hes.h"
#include "api/api.h"
#include "api/house/host.h"
#include "api/box/line_life.h"
#include "api/house/logbook.h"
#include "api/upward/smart_desk.h"
#include "api/work/relay_plans.h"
#include "api/box/settings_taker.h"
#include "base/clock.h"
#include "base/log.h"
#include "box/certificate.h"
#include "box/beacon.h"
#include "box/last_word.h"
#include "box/update.h"
#include "hes/door.h"
#include "people/certificates.h"
#include "people/password.h"
#include "store/debts/arrivals.h"
#include "store/debts/contacts.h"
#include "store/frames/exchange.h"
#include "store/house/keeping.h"
#include "store/registry/secrets.h"
#include "upstream/push/gateways.h"
#include "upstream/skzi/skzi.h"
#include "upstream/transit/interfaces.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BEAT_S = 2, STREAM_BEAT_MS = 15000, NOTICE_DAYS = 90, ARRIVAL_DAYS = 7, HISTORY_DAYS = 400, LINE_STAYS = 200 };

struct scheduling {
    struct store *store;
    struct collect_service *service;
    const struct hes_options *options;
};

/* A project's collection as the command line says, else as it was set last. */
static bool schedule_project(void *context, const struct store_project *p)
{
    const struct scheduling *g = context;
    struct arena a = { 0 };
    const char *text = NULL;
    char key[48] = "collect-every";
    int every = g->options->every_minutes;
    if (p->id != 1)
        snprintf(key, sizeof key, "collect-every:%lld", (long long)p->id);
    if (every < 0 && store_setting_get(g->store, key, &a, &text) == FAULT_NONE && text)
        every = atoi(text);
    if (every > 0)
        service_schedule(g->service, p->id, every, true);
    arena_free(&a);
    return true;
}

static void print_first_password(const char *password, enum lang lang)
{
    static const struct phrase form = { { "Создан администратор: имя admin, пароль %s\nПароль показан один раз; при первом входе его нужно сменить.\n",
                                          "The administrator was made: name admin, password %s\nThe password is shown once; it must be changed at the first sign-in.\n" } };
    if (*password)
        printf(phrase_in(&form, lang), password);
    fflush(stdout);
}

static void keep_house(struct api *api)
{
    int64_t now = clock_utc_ms();
    if (store_keep(api->store) != FAULT_NONE)
        log_line(LOG_ERROR, "retain", "trouble=\"old data could not be deleted\"");
    else
        log_line(LOG_INFO, "retain", "done=1");
    store_passes_expire(api->store, now);
    store_notices_expire(api->store, now - (int64_t)NOTICE_DAYS * DAY_SECONDS * 1000);
}

/* Which days of the last week have become whole, looked at every hour. */
static void note_arrivals(struct store *s, int64_t now)
{
    static const enum archive archives[] = { ARCHIVE_DAY, ARCHIVE_PROFILE, ARCHIVE_HOUR };
    for (size_t i = 0; i < sizeof archives / sizeof *archives; i++)
        if (store_arrivals_note(s, archives[i], now, ARRIVAL_DAYS) != FAULT_NONE)
            log_line(LOG_ERROR, "arrivals", "archive=%s", archive_name(archives[i]));
}

/* More than a year of what the heat map and the completeness by the hour are drawn from. */
static void forget_history(struct store *s, int64_t today)
{
    if (store_contacts_retain(s, today - HISTORY_DAYS) != FAULT_NONE || store_arrivals_retain(s, today - HISTORY_DAYS) != FAULT_NONE)
        log_line(LOG_ERROR, "retain", "history days=%d", HISTORY_DAYS);
}

static void wait_for_the_end(struct api *api, struct door *door, const sigset_t *ends)
{
    int64_t day = wall_day(clock_local_wall(clock_utc_ms())), hour = -1, beaten = 0;
    update_beat(api->update);
    for (;;) {
        struct timespec beat = { .tv_sec = BEAT_S };
        if (sigtimedwait(ends, NULL, &beat) > 0)
            return;
        int64_t now = clock_monotonic_ms(), wall = clock_local_wall(clock_utc_ms()), today = wall_day(wall);
        door_keep(door);
        if (update_beat(api->update))
            return;
        void *gateways = upstream_state(api->upstream, &service_gateways);
        if (gateways)
            gateways_watch(gateways, api->notices);
        notices_beat(api->notices, host_free_percent(store_path(api->store)));
        if (now - beaten >= STREAM_BEAT_MS) {
            hub_beat(api->hub);
            beaten = now;
        }
        if (wall / HOUR_SECONDS != hour) {
            note_arrivals(api->store, wall);
            if (certificates_watch(api->store, api->notices, clock_utc_ms()) != FAULT_NONE)
                log_line(LOG_ERROR, "certificates", "trouble=\"they cannot be looked at\"");
        }
        hour = wall / HOUR_SECONDS;
        if (today != day) {
            keep_house(api);
            forget_history(api->store, today);
        }
        day = today;
    }
}

/* The gateway's box and what goes with it: its board and its certificate. A head-end's door for gateways has one of its own, too, where
 * none was given. */
struct house {
    struct board *board;
    struct arena arena;
    const char *certificate, *key, *card;
    const char *own_certificate, *own_key;
};

static void servers_changed(void *context)
{
    struct api *api = context;
    upstream_all_changed(api->upstream);
}

static bool furnish_box(struct api *api, const struct hes_options *o, struct house *h, struct text *problem)
{
    struct board_identity identity;
    h->certificate = o->certificate;
    h->key = o->key;
    box_certificate_given(o->certificate);
    if (o->face != FACE_GATEWAY) {
        if (!h->certificate && !box_certificate(api->store, api->vault, "svod", &h->arena, &h->own_certificate, &h->own_key))
            log_line(LOG_ERROR, "certificate", "trouble=\"the head-end's certificate cannot be made\"");
        return true;
    }
    api->update = update_new(api->store, SVOD_VERSION, o->lang);
    char *beside = arena_take(&h->arena, strlen(store_path(api->store)) + 8);
    sprintf(beside, "%s.files", store_path(api->store));
    h->card = o->card ? o->card : beside;
    if (!(h->board = board_open(o->board, o->lang, problem)))
        return false;
    if (interfaces_begin(api->store, h->board, o->lang) != FAULT_NONE)
        log_line(LOG_ERROR, "interfaces", "trouble=\"the box's serial channels could not be entered\"");
    board_identity(h->board, &identity);
    if (!h->certificate && !box_certificate(api->store, api->vault, *identity.serial ? identity.serial : "svod", &h->arena, &h->certificate, &h->key))
        log_line(LOG_ERROR, "certificate", "trouble=\"the box's certificate cannot be made\"");
    api->box = box_new(&(struct box_options){ .store = api->store, .board = h->board, .vault = api->vault, .collection = api->service, .mail = api->mail,
                                              .servers_changed = servers_changed, .context = api });
    return true;
}

/* What people and pages need, before anybody can come in. */
static bool furnish(struct api *api, const struct hes_options *o, struct text *problem)
{
    static const struct phrase people = { { "не удаётся подготовить пользователей", "cannot prepare the users" } };
    char password[16];
    struct keeping rules[KEEPING_COUNT];
    if (!secrets_begin() || !(api->vault = store_vault(api->store))) {
        struct store_error why = store_error_last(api->store);
        char words[STORE_ERROR_TEXT_MAX];
        text_put(problem, store_error_text(&why, o->lang, words));
        return false;
    }
    api->access = access_new(api->store, api->vault);
    api->roster = roster_new(api->store);
    api->hub = hub_new();
    api->plans = relay_plans_new();
    api->mail = mail_new(api->store, api->vault);
    api->notices = notices_new(api->store, api->access, api->mail, api_noticed, api);
    if (!access_begin(api->access, o->face == FACE_GATEWAY ? ROLES_GATEWAY : ROLES_HEAD_END, password) || store_keeping(api->store, rules) != FAULT_NONE || roster_refresh(api->roster) != FAULT_NONE) {
        text_put(problem, phrase_in(&people, o->lang));
        return false;
    }
    print_first_password(password, o->lang);
    return true;
}

static void error_logged(void *context, const char *what)
{
    struct api *api = context;
    notices_program(api->notices, what);
}

bool hes_run(struct store *s, const struct hes_options *o, struct text *problem)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, NULL); /* before any thread, so that none of them takes the signal */
    struct doors doors = { .lock = PTHREAD_MUTEX_INITIALIZER };
    struct api api = { .store = s, .face = o->face, .started_ms = clock_utc_ms(), .lang = o->lang, .doors = &doors };
    struct logbook *logbook = NULL;
    struct house house = { 0 };
    struct door *door = NULL;
    struct line_news *lines = NULL;
    bool good = furnish(&api, o, problem);
    if (good) {
        logbook = logbook_new(s, error_logged, &api);
        log_line(LOG_INFO, "server-start", "version=%s", SVOD_VERSION);
        store_exchange_memory(s, (size_t)o->frame_memory_kib << 10);
        api.service = service_new(s, &(struct service_options){
            .collector = { .threads = o->threads, .at_once = o->at_once, .correct_from_s = o->correct_from_s,
                           .frame_bytes = (int64_t)o->frame_mib << 20, .gather_ms = o->gather_ms, .lang = o->lang,
                           .line_stays = o->face == FACE_GATEWAY ? LINE_STAYS : 0 },
            .told = api_told, .context = &api });
        api.tasks = tasks_new(s, api.service, &(struct task_options){ api_run_told, api_devices_told, api_relay_told, &api });
        api.scans = scans_new(service_collector(api.service), o->lang);
        store_projects(s, schedule_project, &(struct scheduling){ s, api.service, o });
        good = furnish_box(&api, o, &house, problem);
    }
    struct upstream_taker taker = settings_taker(&api);
    struct upstream_answerer answerer = smart_desk(&api);
    if (good) {
        api.upstream = upstream_new(&(struct upstream_house){ .face = o->face, .store = s, .vault = api.vault, .mail = api.mail, .collection = api.service, .tasks = api.tasks,
                                                               .board = house.board, .certificate = house.certificate ? house.certificate : house.own_certificate,
                                                               .key = house.key ? house.key : house.own_key, .card = house.card, .taker = &taker, .answerer = &answerer,
                                                               .version = SVOD_VERSION, .lang = o->lang });
        api.skzi = upstream_state(api.upstream, &service_skzi);
        if (api.box)
            api.last_word = last_word_new(&(struct last_word_options){ api.box, s, api.service, api.mail, api.upstream, o->lang });
        lines = o->face == FACE_GATEWAY ? line_news_new(&api) : NULL;
        if (api.box)
            api.occasions = occasions_new(&(struct occasions_options){ .store = s, .box = api.box, .tasks = api.tasks, .upstream = api.upstream, .mail = api.mail,
                                                                       .lang = o->lang, .told = api_occasion_told, .context = &api });
        good = door_open(&api, &(struct door_options){ o, house.certificate, house.key }, problem, &door);
    }
    if (good && api.box)
        api.beacon = beacon_new(api.box, s, SVOD_VERSION);
    if (good)
        wait_for_the_end(&api, door, &ends);
    beacon_free(&api.beacon);
    door_free(&door);
    line_news_free(&lines);
    occasions_free(&api.occasions);
    last_word_free(&api.last_word);
    box_free(&api.box); /* it tells the services of a change */
    upstream_free(&api.upstream);
    update_free(&api.update);
    board_free(&house.board);
    arena_free(&house.arena);
    scans_free(&api.scans);
    tasks_free(&api.tasks);
    service_free(&api.service);
    mail_free(&api.mail);
    if (good)
        log_line(LOG_INFO, "server-end", "up_s=%lld", (long long)(clock_utc_ms() - api.started_ms) / 1000);
    logbook_free(&logbook);
    notices_free(&api.notices);
    hub_free(&api.hub);
    relay_plans_free(&api.plans);
    roster_free(&api.roster);
    access_free(&api.access);
    return good;
}
