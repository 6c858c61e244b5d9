/* svod hes: the head-end server over a database. */
#include "cli/cli.h"
#include "cli/database.h"
#include "hes/hes.h"

#include <stdio.h>
#include <stdlib.h>

enum { PEM_MAX = 1 << 20 };

/* The whole file as text; NULL after the reason was told. */
static char *read_pem(const char *path, enum lang lang)
{
    static const struct phrase cannot = { { "не читается", "cannot be read" } };
    FILE *file = fopen(path, "r");
    char *text = memory_new(PEM_MAX);
    size_t size = file ? fread(text, 1, PEM_MAX - 1, file) : 0;
    if (file)
        fclose(file);
    if (size)
        return text;
    fprintf(stderr, "svod hes: %s: %s\n", path, phrase_in(&cannot, lang));
    free(text);
    return NULL;
}

int cli_hes(int argc, char **argv, enum lang lang)
{
    struct hes_options o = { .listen = "127.0.0.1:8080", .every_minutes = -1, .threads = 2, .at_once = 2000, .frame_mib = 64, .lang = lang };
    const char *certificate = NULL, *key = NULL;
    bool durable = false;
    const struct option options[] = {
        { "listen", OPTION_TEXT, &o.listen, { { "АДРЕС:ПОРТ", "ADDRESS:PORT" } }, { { "по умолчанию 127.0.0.1:8080", "default 127.0.0.1:8080" } } },
        { "tls-cert", OPTION_TEXT, &certificate, { { "ФАЙЛ", "FILE" } }, { { "сертификат (PEM); вместе с --tls-key включает HTTPS", "certificate (PEM); with --tls-key turns HTTPS on" } } },
        { "tls-key", OPTION_TEXT, &key, { { "ФАЙЛ", "FILE" } }, { { "ключ сертификата (PEM)", "the certificate's key (PEM)" } } },
        { "every", OPTION_NUMBER, &o.every_minutes, { { "МИНУТ", "MINUTES" } }, { { "опрашивать каждые столько минут, 0 — по требованию; без него как в базе", "collect every so many minutes, 0 on demand; without it as the database says" } } },
        { "threads", OPTION_NUMBER, &o.threads, { { "N", "N" } }, { { "потоков опроса, по умолчанию 2", "threads of collection, default 2" } } },
        { "at-once", OPTION_NUMBER, &o.at_once, { { "N", "N" } }, { { "сеансов одновременно на поток, по умолчанию 2000", "sessions at once on a thread, default 2000" } } },
        { "frames", OPTION_NUMBER, &o.frame_mib, { { "МиБ", "MiB" } }, { { "размер журнала обмена, 0 — не вести; по умолчанию 64", "size of the exchange journal, 0 for none; default 64" } } },
        { "correct-clock", OPTION_NUMBER, &o.correct_from_s, { { "СЕКУНД", "SECONDS" } }, { { "корректировать часы счётчиков, ушедшие не меньше", "correct meters' clocks that are off by at least this" } } },
        { "workers", OPTION_NUMBER, &o.workers, { { "N", "N" } }, { { "потоков для ответов, по умолчанию 4", "threads that answer, default 4" } } },
        { "event-threads", OPTION_NUMBER, &o.event_threads, { { "N", "N" } }, { { "потоков соединений, по умолчанию 1", "threads of connections, default 1" } } },
        { "behind-proxy", OPTION_FLAG, &o.behind_proxy, { { 0 } }, { { "перед сервером свой прокси: верить X-Forwarded-For и X-Forwarded-Proto", "a proxy of ours stands before it: believe X-Forwarded-For and X-Forwarded-Proto" } } },
        { "durable", OPTION_FLAG, &durable, { { 0 } }, { { "хранить устойчиво и к потере питания", "survive power cuts too" } } },
        { .name = NULL },
    };
    const struct command command = {
        "hes", { { "Головная система: опрос и API в одном процессе.", "The head-end: collection and its API in one process." } },
        { { "<база> [параметры]", "<database> [options]" } },
        { { "  svod hes svod.db --every 30\n  svod hes svod.db --listen 0.0.0.0:443 --tls-cert cert.pem --tls-key key.pem",
            "  svod hes svod.db --every 30\n  svod hes svod.db --listen 0.0.0.0:443 --tls-cert cert.pem --tls-key key.pem" } },
        options, 1, 1 };
    static const struct phrase both = { { "сертификат и ключ указывают вместе", "certificate and key are given together" } };
    const char *path;
    int count, code;
    if (!options_read(&command, lang, argc, argv, &path, &count, &code))
        return code;
    if (!certificate != !key) {
        fprintf(stderr, "svod hes: %s\n", phrase_in(&both, lang));
        return EXIT_USAGE;
    }
    char *pem = certificate ? read_pem(certificate, lang) : NULL, *secret = pem ? read_pem(key, lang) : NULL;
    struct store *s = certificate && !secret ? NULL : database_open(path, &(struct store_options){ .durable = durable }, "hes", lang);
    code = certificate && !secret ? EXIT_USAGE : EXIT_DATABASE;
    if (s) {
        char problem[400];
        struct text t = text_over(problem, sizeof problem);
        o.certificate = pem;
        o.key = secret;
        code = hes_run(s, &o, &t) ? EXIT_OK : EXIT_USAGE;
        if (code != EXIT_OK)
            fprintf(stderr, "svod hes: %s\n", problem);
        store_close(&s);
    }
    free(pem);
    free(secret);
    return code;
}
