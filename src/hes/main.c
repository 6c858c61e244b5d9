/* Wiring of the head-end; see hes.h. */
#include "hes/hes.h"
#include "api/api.h"
#include "base/clock.h"
#include "base/log.h"
#include "people/password.h"
#include "store/arrivals.h"
#include "store/care.h"
#include "store/contacts.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BEAT_S = 15, ARRIVAL_DAYS = 7, HISTORY_DAYS = 400, ADDRESS_CONNECTIONS = 200, CONNECTIONS = 4000 };

static int every_minutes(struct store *s, const struct hes_options *o)
{
    struct arena a = { 0 };
    const char *text = NULL;
    int every = o->every_minutes;
    if (every < 0 && store_setting_get(s, "collect-every", &a, &text) == FAULT_NONE)
        every = text ? atoi(text) : 0;
    arena_free(&a);
    return every < 0 ? 0 : every;
}

static void print_first_password(const char *password, enum lang lang)
{
    static const struct phrase form = { { "Создан администратор: имя admin, пароль %s\nПароль показан один раз; при первом входе его нужно сменить.\n",
                                          "The administrator was made: name admin, password %s\nThe password is shown once; it must be changed at the first sign-in.\n" } };
    if (*password)
        printf(phrase_in(&form, lang), password);
    fflush(stdout);
}

/* What an archive holds beyond its term goes, once a day. */
static void retain(struct store *s)
{
    for (int a = 0; a < ARCHIVE_COUNT; a++) {
        struct arena arena = { 0 };
        char key[32];
        const char *days = NULL;
        snprintf(key, sizeof key, "retain:%s", archive_name((enum archive)a));
        if (store_setting_get(s, key, &arena, &days) == FAULT_NONE && days && atoi(days) > 0)
            if (store_retain(s, (enum archive)a, atoi(days)) != FAULT_NONE)
                log_line(LOG_ERROR, "retain", "archive=%s days=%s", archive_name((enum archive)a), days);
        arena_free(&arena);
    }
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

static void wait_for_the_end(struct api *api, const sigset_t *ends)
{
    int64_t day = wall_day(clock_local_wall(clock_utc_ms())), hour = -1;
    for (;;) {
        struct timespec beat = { .tv_sec = BEAT_S };
        if (sigtimedwait(ends, NULL, &beat) > 0)
            return;
        hub_beat(api->hub);
        int64_t now = clock_local_wall(clock_utc_ms()), today = wall_day(now);
        if (now / HOUR_SECONDS != hour)
            note_arrivals(api->store, now);
        hour = now / HOUR_SECONDS;
        if (today == day)
            continue;
        day = today;
        retain(api->store);
        forget_history(api->store, today);
        store_passes_expire(api->store, clock_utc_ms());
    }
}

static bool open_door(struct api *api, const struct hes_options *o, struct text *problem)
{
    struct server_options options = {
        .address = o->listen, .certificate = o->certificate, .key = o->key, .event_threads = o->event_threads, .workers = o->workers,
        .connections = CONNECTIONS, .connections_per_address = o->behind_proxy ? CONNECTIONS : ADDRESS_CONNECTIONS,
        .behind_proxy = o->behind_proxy, .files = &web_files,
        .admit = api_admit, .answer = api_answer, .context = api };
    return server_new(&options, o->lang, problem, &api->server);
}

static void serve(struct api *api, const struct hes_options *o, const sigset_t *ends)
{
    static const struct phrase ready = { { "Сервер слушает %s://%s (порт %u)\n", "The server listens on %s://%s (port %u)\n" } };
    printf(phrase_in(&ready, o->lang), o->certificate ? "https" : "http", o->listen, server_port(api->server));
    fflush(stdout);
    wait_for_the_end(api, ends);
}

bool hes_run(struct store *s, const struct hes_options *o, struct text *problem)
{
    static const struct phrase people = { { "не удаётся подготовить пользователей", "cannot prepare the users" } };
    char password[16];
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, NULL); /* before any thread, so that none of them takes the signal */
    struct api api = { .store = s, .started_ms = clock_utc_ms() };
    bool good = secrets_begin();
    api.access = access_new(s);
    api.roster = roster_new(s);
    api.hub = hub_new();
    good = good && access_begin(api.access, password) && roster_refresh(api.roster) == FAULT_NONE;
    if (good) {
        print_first_password(password, o->lang);
        api.service = service_new(s, &(struct service_options){
            .collector = { .threads = o->threads, .at_once = o->at_once, .correct_from_s = o->correct_from_s,
                           .frame_bytes = (int64_t)o->frame_mib << 20, .lang = o->lang },
            .every_minutes = every_minutes(s, o), .told = api_told, .context = &api });
        good = open_door(&api, o, problem);
    } else {
        text_put(problem, phrase_in(&people, o->lang));
    }
    if (good)
        serve(&api, o, &ends);
    server_free(&api.server);
    service_free(&api.service);
    hub_free(&api.hub);
    roster_free(&api.roster);
    access_free(&api.access);
    return good;
}
