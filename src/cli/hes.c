/* svod hes, svod gateway: the server over a database, in its two faces. */
#include "cli/cli.h"
#include "cli/database.h"
#include "hes/hes.h"

#include <stdio.h>
#include <stdlib.h>

enum { PEM_MAX = 1 << 20 };
enum { BOX_PAGE_BYTES = 1024 }; /* a gateway stores a few rows of each meter at a time, and wears its flash out by pages */

/* The whole file as text; NULL after the reason was told. */
static char *read_pem(const char *face, const char *path, enum lang lang)
{
    static const struct phrase cannot = { { "не читается", "cannot be read" } };
    FILE *file = fopen(path, "r");
    char *text = memory_new(PEM_MAX);
    size_t size = file ? fread(text, 1, PEM_MAX - 1, file) : 0;
    if (file)
        fclose(file);
    if (size)
        return text;
    fprintf(stderr, "svod %s: %s: %s\n", face, path, phrase_in(&cannot, lang));
    free(text);
    return NULL;
}

/* Options that differ in what they are preset to stand in `o` and `durable`. */
static int serve(const char *name, const struct phrase *title, const struct phrase *example, struct hes_options o, bool durable, int argc, char **argv)
{
    enum lang lang = o.lang;
    const char *certificate = NULL, *key = NULL;
    const struct option options[] = {
        { "listen", OPTION_TEXT, &o.listen, { { "АДРЕС:ПОРТ", "ADDRESS:PORT" } }, { { "по умолчанию 127.0.0.1:8080, у шлюза — порт HTTP из таблицы серверов", "default 127.0.0.1:8080; of a gateway the HTTP port of its table of servers" } } },
        { "board", OPTION_TEXT, &o.board, { { "linux|sim[:СОКЕТ]", "linux|sim[:SOCKET]" } }, { { "плата шлюза: эта машина или модель", "the gateway's board: this machine or a simulated one" } } },
        { "card", OPTION_TEXT, &o.card, { { "ПАПКА", "FOLDER" } }, { { "карта памяти шлюза, куда пишутся почасовые файлы; без него — папка рядом с базой", "the gateway's memory card, where hour files are written; without it a folder beside the database" } } },
        { "tls-cert", OPTION_TEXT, &certificate, { { "ФАЙЛ", "FILE" } }, { { "сертификат (PEM); вместе с --tls-key включает HTTPS", "certificate (PEM); with --tls-key turns HTTPS on" } } },
        { "tls-key", OPTION_TEXT, &key, { { "ФАЙЛ", "FILE" } }, { { "ключ сертификата (PEM)", "the certificate's key (PEM)" } } },
        { "every", OPTION_NUMBER, &o.every_minutes, { { "МИНУТ", "MINUTES" } }, { { "опрашивать каждые столько минут, 0 — по требованию; без него как в базе", "collect every so many minutes, 0 on demand; without it as the database says" } } },
        { "threads", OPTION_NUMBER, &o.threads, { { "N", "N" } }, { { "потоков опроса", "threads of collection" } } },
        { "at-once", OPTION_NUMBER, &o.at_once, { { "N", "N" } }, { { "сеансов одновременно на поток", "sessions at once on a thread" } } },
        { "frames", OPTION_NUMBER, &o.frame_mib, { { "МиБ", "MiB" } }, { { "размер журнала обмена, 0 — не вести", "size of the exchange journal, 0 for none" } } },
        { "frames-memory", OPTION_NUMBER, &o.frame_memory_kib, { { "КиБ", "KiB" } }, { { "кадры сеансов без происшествий держать в памяти, столько; 0 — писать на диск, как остальные", "keep frames of sessions where all went well in so much memory; 0 writes them to the disk as the others" } } },
        { "correct-clock", OPTION_NUMBER, &o.correct_from_s, { { "СЕКУНД", "SECONDS" } }, { { "корректировать часы счётчиков, ушедшие не меньше", "correct meters' clocks that are off by at least this" } } },
        { "workers", OPTION_NUMBER, &o.workers, { { "N", "N" } }, { { "потоков для ответов", "threads that answer" } } },
        { "event-threads", OPTION_NUMBER, &o.event_threads, { { "N", "N" } }, { { "потоков соединений, по умолчанию 1", "threads of connections, default 1" } } },
        { "behind-proxy", OPTION_FLAG, &o.behind_proxy, { { 0 } }, { { "перед сервером свой прокси: верить X-Forwarded-For и X-Forwarded-Proto", "a proxy of ours stands before it: believe X-Forwarded-For and X-Forwarded-Proto" } } },
        { "gather", OPTION_NUMBER, &o.gather_ms, { { "МС", "MS" } }, { { "не писать собранное на диск чаще, чем раз в столько миллисекунд", "write what is collected to the disk once in so many milliseconds at most" } } },
        { "durable", OPTION_FLAG, &durable, { { 0 } }, { { "хранить устойчиво и к потере питания", "survive power cuts too" } } },
        { .name = NULL },
    };
    const struct command command = { name, *title, { { "<база> [параметры]", "<database> [options]" } }, *example, options, 1, 1 };
    static const struct phrase both = { { "сертификат и ключ указывают вместе", "certificate and key are given together" } };
    const char *path;
    int count, code;
    if (!options_read(&command, lang, argc, argv, &path, &count, &code))
        return code;
    if (!certificate != !key) {
        fprintf(stderr, "svod %s: %s\n", name, phrase_in(&both, lang));
        return EXIT_USAGE;
    }
    char *pem = certificate ? read_pem(name, certificate, lang) : NULL, *secret = pem ? read_pem(name, key, lang) : NULL;
    struct store *s = certificate && !secret ? NULL : database_open(path, &(struct store_options){ .durable = durable, .page_bytes = o.face == FACE_GATEWAY ? BOX_PAGE_BYTES : 0 }, name, lang);
    code = certificate && !secret ? EXIT_USAGE : EXIT_DATABASE;
    if (s) {
        char problem[400];
        struct text t = text_over(problem, sizeof problem);
        o.certificate = pem;
        o.key = secret;
        code = hes_run(s, &o, &t) ? EXIT_OK : EXIT_USAGE;
        if (code != EXIT_OK)
            fprintf(stderr, "svod %s: %s\n", name, problem);
        store_close(&s);
    }
    free(pem);
    free(secret);
    return code;
}

int cli_hes(int argc, char **argv, enum lang lang)
{
    static const struct phrase title = { { "Головная система: опрос и API в одном процессе.", "The head-end: collection and its API in one process." } };
    static const struct phrase example = { { "  svod hes svod.db --every 30\n  svod hes svod.db --listen 0.0.0.0:443 --tls-cert cert.pem --tls-key key.pem",
                                             "  svod hes svod.db --every 30\n  svod hes svod.db --listen 0.0.0.0:443 --tls-cert cert.pem --tls-key key.pem" } };
    struct hes_options o = { .face = FACE_HEAD_END, .listen = "127.0.0.1:8080", .every_minutes = -1, .threads = 2, .at_once = 2000, .frame_mib = 64, .workers = 4, .lang = lang };
    return serve("hes", &title, &example, o, false, argc, argv);
}

/* A small box: one thread asks all lines, little is kept of frames, and power goes without warning. */
int cli_gateway(int argc, char **argv, enum lang lang)
{
    static const struct phrase title = { { "Шлюз в шкафу: линии счётчиков, их архив и связь наверх.", "The gateway in the cabinet: lines of meters, their archive and the ways up." } };
    static const struct phrase example = { { "  svod gateway /var/lib/svod/gateway.db --listen 0.0.0.0:80", "  svod gateway /var/lib/svod/gateway.db --listen 0.0.0.0:80" } };
    struct hes_options o = { .face = FACE_GATEWAY, .board = "linux", .gather_ms = 30000, .every_minutes = -1, .threads = 1, .at_once = 128, .frame_mib = 8, .frame_memory_kib = 2048, .workers = 2, .lang = lang };
    return serve("gateway", &title, &example, o, true, argc, argv);
}
