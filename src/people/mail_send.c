/* Sending by libcurl; see mail_send.h. */
#include "people/mail_send.h"
#include "base/clock.h"

#include <curl/curl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum { CONNECT_S = 10, WHOLE_S = 30, WORD_BYTES = 45, LINE_BYTES = 57, TLS_PORT = 465, REPLY_MAX = 300, SLOW_BYTES_S = 2048, STALL_S = 60 };

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void begin_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

void mail_send_begin(void)
{
    pthread_once(&once, begin_curl);
}

/* --- the letter as MIME --------------------------------------------------------------------------------------------------- */

static void put_base64(struct text *t, struct bytes b)
{
    char out[128];
    sodium_bin2base64(out, sizeof out, b.data, b.size, sodium_base64_VARIANT_ORIGINAL);
    text_put(t, out);
}

void mail_header_put(struct text *t, const char *utf8)
{
    if (text_is_ascii(bytes_of_text(utf8)) && !strstr(utf8, "=?")) {
        text_put(t, utf8);
        return;
    }
    for (bool first = true; *utf8; first = false) {
        size_t size = strnlen(utf8, WORD_BYTES);
        while (size && utf8[size] && ((uint8_t)utf8[size] & 0xC0) == 0x80) /* no character is cut in two */
            size--;
        text_put(t, first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
        put_base64(t, bytes_of(utf8, size));
        text_put(t, "?=");
        utf8 += size;
    }
}

static void put_date(struct text *t)
{
    static const char *const days[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" }; /* 1970-01-01 was a Thursday */
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    int64_t wall = clock_utc_ms() / 1000;
    struct civil c = civil_of_wall(wall);
    text_printf(t, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[wall_day(wall) % 7], c.day, months[c.month - 1], c.year, c.hour, c.minute, c.second);
}

static void put_message_id(struct text *t, const char *sender, uint64_t mark)
{
    uint8_t random[16];
    const char *at = strrchr(sender, '@');
    randombytes_buf(random, sizeof random);
    text_put(t, "Message-ID: <");
    if (mark)
        text_printf(t, "svod.%016llx", (unsigned long long)mark);
    else
        text_put_hex(t, bytes_of(random, sizeof random));
    text_printf(t, "%s>\r\n", at ? at : "@svod");
}

/* A field's text from outside in one line: no header can be slipped in. */
static void put_field(struct text *t, const char *name, const char *value)
{
    char line[1000];
    struct text one = text_over(line, sizeof line);
    text_put(&one, value);
    for (char *c = line; *c; c++)
        if ((uint8_t)*c < ' ' || *c == 0x7F)
            *c = ' ';
    text_printf(t, "%s: ", name);
    mail_header_put(t, line);
    text_put(t, "\r\n");
}

static void put_content(struct text *t, struct bytes content)
{
    for (size_t at = 0; at < content.size; at += LINE_BYTES) {
        put_base64(t, bytes_part(content, at, LINE_BYTES));
        text_put(t, "\r\n");
    }
}

static void put_body(struct text *t, const char *body)
{
    text_put(t, "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    put_content(t, bytes_of_text(body));
}

/* A parameter in UTF-8 (RFC 2231): `name*=utf-8''%D0%A1`. */
static void put_parameter(struct text *t, const char *name, const char *utf8)
{
    text_printf(t, ";\r\n %s*=utf-8''", name);
    for (const char *c = utf8; *c; c++) {
        bool plain = (*c >= '0' && *c <= '9') || ((*c | 32) >= 'a' && (*c | 32) <= 'z') || strchr("-._", *c);
        text_printf(t, plain ? "%c" : "%%%02X", (uint8_t)*c);
    }
}

/* The body and the file behind it (RFC 2046 5.1.3). */
static void put_parts(struct text *t, const struct mail_letter *letter)
{
    uint8_t random[16];
    char boundary[2 * sizeof random + 8];
    struct text b = text_over(boundary, sizeof boundary);
    randombytes_buf(random, sizeof random);
    text_put(&b, "svod=_"); /* base64 has no "=_" */
    text_put_hex(&b, bytes_of(random, sizeof random));
    text_printf(t, "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n--%s\r\n", boundary, boundary);
    put_body(t, letter->body);
    text_printf(t, "--%s\r\nContent-Type: %s", boundary, letter->file->type);
    put_parameter(t, "name", letter->file->name);
    text_put(t, "\r\nContent-Disposition: attachment");
    put_parameter(t, "filename", letter->file->name);
    text_put(t, "\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    put_content(t, letter->file->content);
    text_printf(t, "--%s--\r\n", boundary);
}

static void put_letter(struct text *t, const struct store_mail *set, const struct mail_letter *letter)
{
    put_date(t);
    put_message_id(t, set->sender, letter->mark);
    text_put(t, "From: ");
    if (*set->name) {
        char name[400];
        struct text quoted = text_over(name, sizeof name);
        for (const char *c = set->name; *c; c++)
            text_put_bytes(&quoted, bytes_of(*c == '"' || *c == '\\' || (uint8_t)*c < ' ' ? " " : c, 1));
        bool plain = text_is_ascii(bytes_of_text(name));
        text_put(t, plain ? "\"" : "");
        mail_header_put(t, name);
        text_put(t, plain ? "\" " : " ");
    }
    text_printf(t, "<%s>\r\nTo: <%s>\r\n", set->sender, letter->to);
    put_field(t, "Subject", letter->subject);
    text_put(t, "MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n");
    if (letter->file)
        put_parts(t, letter);
    else
        put_body(t, letter->body);
}

/* Room for the letter with its file in base64. */
static size_t letter_room(const struct mail_letter *letter)
{
    size_t lines = letter->file ? letter->file->content.size / LINE_BYTES + 1 : 0;
    return MAIL_BODY_MAX * 2 + lines * (LINE_BYTES / 3 * 4 + 2) + (letter->file ? strlen(letter->file->name) * 6 : 0);
}

/* --- the conversation ------------------------------------------------------------------------------------------------------ */

struct sending {
    struct text letter;
    size_t given;
    const atomic_bool *ending;
    char reply[REPLY_MAX]; /* the server's first line that refuses something */
};

static size_t give(char *out, size_t size, size_t count, void *context)
{
    struct sending *s = context;
    size_t left = s->letter.size - s->given, room = size * count;
    size_t now = left < room ? left : room;
    memcpy(out, s->letter.start + s->given, now);
    s->given += now;
    return now;
}

static size_t hear(char *line, size_t size, size_t count, void *context)
{
    struct sending *s = context;
    if (!*s->reply && size * count > 3 && (line[0] == '4' || line[0] == '5')) {
        struct text t = text_over(s->reply, sizeof s->reply);
        text_put_foreign(&t, bytes_of(line, size * count));
    }
    return size * count;
}

static int look(void *context, curl_off_t a, curl_off_t b, curl_off_t d, curl_off_t e)
{
    (void)a, (void)b, (void)d, (void)e;
    return atomic_load(((struct sending *)context)->ending);
}

static void set_up(CURL *curl, const struct store_mail *set, struct sending *s, struct curl_slist *to)
{
    char url[300], from[300];
    bool whole_tls = strcmp(set->security, "tls") == 0 || (strcmp(set->security, "auto") == 0 && set->port == TLS_PORT);
    long tls = strcmp(set->security, "none") == 0 ? CURLUSESSL_NONE : strcmp(set->security, "auto") == 0 && !whole_tls ? CURLUSESSL_TRY : CURLUSESSL_ALL;
    snprintf(url, sizeof url, "%s://%s:%d", whole_tls ? "smtps" : "smtp", set->server, set->port);
    snprintf(from, sizeof from, "<%s>", set->sender);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* whatever the environment says */
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)WHOLE_S + (long)(s->letter.size / SLOW_BYTES_S));
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)STALL_S);
    curl_easy_setopt(curl, CURLOPT_USE_SSL, tls);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (*set->authority)
        curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &((struct curl_blob){ (void *)set->authority, strlen(set->authority), CURL_BLOB_COPY }));
    if (*set->user) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, set->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, set->password);
    }
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl, CURLOPT_READDATA, s);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, hear);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, s);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, s);
}

/* What a person can do something about, in his language; the rest in libcurl's words. */
static const char *trouble_of(CURLcode code, enum lang lang)
{
    static const struct { CURLcode code; struct phrase text; } known[] = {
        { CURLE_COULDNT_RESOLVE_HOST, { { "адрес сервера не найден", "the server's address was not found" } } },
        { CURLE_COULDNT_CONNECT, { { "сервер не принимает соединение", "the server does not take the connection" } } },
        { CURLE_OPERATION_TIMEDOUT, { { "сервер не ответил вовремя", "the server did not answer in time" } } },
        { CURLE_LOGIN_DENIED, { { "сервер не принял имя или пароль", "the server did not take the name or password" } } },
        { CURLE_USE_SSL_FAILED, { { "сервер не умеет STARTTLS", "the server has no STARTTLS" } } },
        { CURLE_PEER_FAILED_VERIFICATION, { { "сертификату сервера нельзя доверять", "the server's certificate cannot be trusted" } } },
        { CURLE_SSL_CONNECT_ERROR, { { "не удалось установить защищённое соединение", "no secure connection could be made" } } },
        { CURLE_SSL_CACERT_BADFILE, { { "указанный сертификат доверенного центра не читается", "the given certificate of the authority cannot be read" } } },
        { CURLE_SEND_ERROR, { { "сервер отказал", "the server refused" } } },
        { CURLE_RECV_ERROR, { { "соединение оборвалось", "the connection broke off" } } },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].code == code)
            return phrase_in(&known[i].text, lang);
    return curl_easy_strerror(code);
}

void mail_send(const struct store_mail *set, const struct mail_letter *letter, const atomic_bool *ending, enum lang lang, struct mail_outcome *ret)
{
    size_t room = letter_room(letter);
    struct sending s = { .ending = ending };
    char *memory = memory_new(room), to[300], why[CURL_ERROR_SIZE] = "";
    s.letter = text_over(memory, room);
    put_letter(&s.letter, set, letter);
    snprintf(to, sizeof to, "<%s>", letter->to);
    struct curl_slist *recipients = curl_slist_append(NULL, to);
    CURL *curl = curl_easy_init();
    set_up(curl, set, &s, recipients);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
    CURLcode code = curl_easy_perform(curl);
    ret->good = code == CURLE_OK;
    ret->for_good = !ret->good && strncmp(s.reply, "55", 2) == 0; /* mailbox, policy: RFC 5321 4.2.3 */
    if (!ret->good) {
        const char *detail = *s.reply ? s.reply : why;
        snprintf(ret->trouble, sizeof ret->trouble, "%s%s%s", trouble_of(code, lang), *detail ? ": " : "", detail);
    }
    curl_easy_cleanup(curl);
    curl_slist_free_all(recipients);
    sodium_memzero(memory, room);
    free(memory);
}
