/* The server: collection, people, the API and the web app in one process; as a head-end over a fleet or as a gateway over buses. */
#pragma once
#include "http/static_file.h"
#include "base/lang.h"
#include "base/text.h"
#include "upstream/service.h"

struct hes_options {
    enum upstream_face face;
    const char *listen;            /* "127.0.0.1:8080"; NULL, of a gateway: where its table of servers says */
    const char *board;             /* of a gateway: "linux", "sim", "sim:<socket>" (board/board.h) */
    const char *card;              /* of a gateway: the folder of its memory card; NULL: "<database>.files" */
    const char *certificate, *key; /* PEM texts; NULL: no TLS */
    int every_minutes;             /* of collection; -1: as the database says */
    int gather_ms;                 /* commits of what is collected are this far apart; 0: as it comes */
    int threads, at_once, correct_from_s, frame_mib;
    int frame_memory_kib;          /* frames of sessions where all went well are remembered in so much memory; 0: they are stored as all */
    int event_threads, workers;
    bool behind_proxy;             /* it tells the clients' addresses; no bound of connections for its own */
    enum lang lang;
};

/* The web app's bundle, made by web/scripts/embed.mjs and linked into the program; tests link without it. */
extern const struct static_files web_files __attribute__((weak));

/* Serves until SIGINT or SIGTERM. False, the reason in `problem`, when it cannot begin. */
bool hes_run(struct store *s, const struct hes_options *options, struct text *problem);
