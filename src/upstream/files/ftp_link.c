/* FTP by libcurl; see ftp_link.h. */
#include "upstream/files/ftp_link.h"
#include "link/pipe.h"
#include "people/mail_send.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { REPLY_MAX = 200, URL_MAX = 2000 };

struct ftp_link {
    const struct ftp_settings *set;
    const struct ftp_server *server;
    const atomic_bool *ending;
    enum lang lang;
    CURL *curl;
    char why[CURL_ERROR_SIZE], reply[REPLY_MAX], trouble[FTP_TROUBLE_MAX];
};

struct ftp_link *ftp_link_new(const struct ftp_settings *set, const struct ftp_server *server, const atomic_bool *ending, enum lang lang)
{
    struct ftp_link *l = memory_new(sizeof *l);
    mail_send_begin(); /* libcurl, once for the program */
    *l = (struct ftp_link){ .set = set, .server = server, .ending = ending, .lang = lang, .curl = curl_easy_init() };
    return l;
}

void ftp_link_free(struct ftp_link **l)
{
    if (!*l)
        return;
    curl_easy_cleanup((*l)->curl);
    free(*l);
    *l = NULL;
}

const char *ftp_link_trouble(const struct ftp_link *l)
{
    return l->trouble;
}

bool ftp_name_plain(const char *name)
{
    size_t size = strlen(name);
    return size > 0 && size <= FTP_NAME_MAX && name[0] != '.' &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == size;
}

/* ---- one transfer ---- */

static size_t hear(char *line, size_t size, size_t count, void *context)
{
    struct ftp_link *l = context;
    if (size * count > 3 && (line[0] == '4' || line[0] == '5')) {
        struct text t = text_over(l->reply, sizeof l->reply);
        text_put_foreign(&t, bytes_of(line, size * count));
    }
    return size * count;
}

static size_t swallow(char *data, size_t size, size_t count, void *context)
{
    (void)data, (void)context;
    return size * count;
}

static int look(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a, (void)b, (void)c, (void)d;
    return atomic_load(((struct ftp_link *)context)->ending);
}

/* Each part of the path escaped, so that none of them can be more than a name. */
static bool write_url(const struct ftp_link *l, const char *path, char url[URL_MAX])
{
    struct text t = text_over(url, URL_MAX);
    text_printf(&t, "ftp://%s:%d/", l->server->address, l->server->port);
    if (*path == '/') {
        text_put(&t, "%2F");
        path++;
    }
    while (*path) {
        size_t length = strcspn(path, "/");
        char *escaped = curl_easy_escape(l->curl, path, (int)length);
        text_put(&t, length ? escaped : "");
        curl_free(escaped);
        path += length;
        if (*path && path++)
            text_put(&t, "/");
    }
    return !t.cut;
}

/* Of TLS the version 1.2: with 1.3 a server's session tickets arrive behind the handshake, libcurl closes a data connection with them
 * unread, the reset that follows destroys what is still on its way, and the end of an upload is lost (curl's pull request 13904). */
static void set_security(struct ftp_link *l)
{
    curl_easy_setopt(l->curl, CURLOPT_USE_SSL, (long)(l->server->tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    curl_easy_setopt(l->curl, CURLOPT_FTPSSLAUTH, (long)CURLFTPAUTH_TLS);
    curl_easy_setopt(l->curl, CURLOPT_SSLVERSION, (long)(CURL_SSLVERSION_TLSv1_2 | CURL_SSLVERSION_MAX_TLSv1_2));
    curl_easy_setopt(l->curl, CURLOPT_SSL_VERIFYPEER, (long)l->server->verify);
    curl_easy_setopt(l->curl, CURLOPT_SSL_VERIFYHOST, l->server->verify ? 2L : 0L);
    if (*l->set->authority)
        curl_easy_setopt(l->curl, CURLOPT_CAINFO_BLOB, &((struct curl_blob){ (void *)(uintptr_t)l->set->authority, strlen(l->set->authority), CURL_BLOB_COPY }));
}

/* A transfer as all begin; the connection of the one before is used again. */
static bool ready(struct ftp_link *l, const char *path)
{
    char url[URL_MAX];
    CURL *curl = l->curl;
    curl_easy_reset(curl);
    *l->reply = *l->why = 0;
    if (!write_url(l, path, url))
        return false;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "ftp");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)l->set->answer_s);
    curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)l->set->answer_s);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)l->set->answer_s);
    curl_easy_setopt(curl, CURLOPT_FTP_CREATE_MISSING_DIRS, (long)CURLFTP_CREATE_DIR_RETRY);
    curl_easy_setopt(curl, CURLOPT_FTP_SKIP_PASV_IP, 1L); /* data go where the commands go, whatever the server says */
    if (!l->set->passive && !l->server->tls) /* libcurl 7.87 and 7.88 send data bare over a connection that they have taken (curl's issue 10666) */
        curl_easy_setopt(curl, CURLOPT_FTPPORT, "-");
    if (*l->server->interface) {
        char way[WAY_MAX + 8];
        snprintf(way, sizeof way, "if!%s", l->server->interface); /* never taken for a host's name */
        curl_easy_setopt(curl, CURLOPT_INTERFACE, way);
    }
    if (*l->server->login) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, l->server->login);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, l->server->password);
    }
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, swallow);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, hear);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, l);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, l);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, l->why);
    set_security(l);
    return true;
}

/* What a person can do something about, in his language; NULL: something else, for which libcurl has words. */
static const char *words_of(CURLcode code, enum lang lang)
{
    static const struct { CURLcode code; struct phrase text; } known[] = {
        { CURLE_COULDNT_RESOLVE_HOST, { { "адрес сервера не найден", "the server's address was not found" } } },
        { CURLE_COULDNT_CONNECT, { { "сервер не принимает соединение", "the server does not take the connection" } } },
        { CURLE_OPERATION_TIMEDOUT, { { "сервер не ответил вовремя", "the server did not answer in time" } } },
        { CURLE_LOGIN_DENIED, { { "сервер не принял логин или пароль", "the server did not take the login or password" } } },
        { CURLE_USE_SSL_FAILED, { { "сервер не умеет FTPS (AUTH TLS)", "the server has no FTPS (AUTH TLS)" } } },
        { CURLE_PEER_FAILED_VERIFICATION, { { "сертификату сервера нельзя доверять", "the server's certificate cannot be trusted" } } },
        { CURLE_SSL_CONNECT_ERROR, { { "не удалось установить защищённое соединение", "no secure connection could be made" } } },
        { CURLE_REMOTE_ACCESS_DENIED, { { "сервер не пускает в папку", "the server does not admit to the folder" } } },
        { CURLE_UPLOAD_FAILED, { { "сервер не принял файл", "the server did not take the file" } } },
        { CURLE_REMOTE_DISK_FULL, { { "на сервере нет места", "the server has no room" } } },
        { CURLE_QUOTE_ERROR, { { "сервер не переименовал файл", "the server did not rename the file" } } },
        { CURLE_PARTIAL_FILE, { { "соединение оборвалось", "the connection broke off" } } },
        { CURLE_RECV_ERROR, { { "соединение оборвалось", "the connection broke off" } } },
        { CURLE_SEND_ERROR, { { "соединение оборвалось", "the connection broke off" } } },
        { CURLE_FILESIZE_EXCEEDED, { { "файл слишком велик", "the file is too large" } } },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].code == code)
            return phrase_in(&known[i].text, lang);
    return NULL;
}

static enum ftp_result perform(struct ftp_link *l)
{
    struct text way = text_over(l->trouble, sizeof l->trouble);
    if (interface_trouble(l->server->interface, l->lang, &way))
        return FTP_FAILED;
    CURLcode code = curl_easy_perform(l->curl);
    if (code == CURLE_OK)
        return FTP_GOOD;
    const char *words = words_of(code, l->lang), *detail = *l->reply ? l->reply : words && code != CURLE_SSL_CONNECT_ERROR ? "" : l->why;
    struct text t = text_over(l->trouble, sizeof l->trouble);
    text_printf(&t, "%s%s%s", words ? words : curl_easy_strerror(code), *detail ? ": " : "", detail);
    return code == CURLE_REMOTE_FILE_NOT_FOUND ? FTP_ABSENT : FTP_FAILED;
}

static enum ftp_result too_long(struct ftp_link *l)
{
    snprintf(l->trouble, sizeof l->trouble, "%s", l->lang == LANG_RU ? "слишком длинный путь" : "the path is too long");
    return FTP_FAILED;
}

/* ---- sending ---- */

/* The size of a file that is there, and when it was written. */
static enum ftp_result measure(struct ftp_link *l, const char *path, int64_t *ret_size, int64_t *ret_ms)
{
    curl_off_t size = -1, time = -1;
    if (!ready(l, path))
        return too_long(l);
    curl_easy_setopt(l->curl, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(l->curl, CURLOPT_FILETIME, (long)(ret_ms != NULL));
    enum ftp_result result = perform(l);
    if (result != FTP_GOOD)
        return result;
    curl_easy_getinfo(l->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size);
    curl_easy_getinfo(l->curl, CURLINFO_FILETIME_T, &time);
    *ret_size = size;
    if (ret_ms)
        *ret_ms = time < 0 ? 0 : (int64_t)time * 1000;
    return size < 0 ? FTP_ABSENT : FTP_GOOD;
}

static size_t give(char *out, size_t size, size_t count, void *context)
{
    ssize_t got = read(*(int *)context, out, size * count);
    return got < 0 ? CURL_READFUNC_ABORT : (size_t)got;
}

/* libcurl would send anew over another connection what a dying one has swallowed, behind what has arrived already. */
static int no_rewind(void *context, curl_off_t offset, int origin)
{
    (void)context, (void)offset, (void)origin;
    return CURL_SEEKFUNC_FAIL;
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The names are ours or plain, so that no command can be slipped in. */
static struct curl_slist *rename_steps(const char *from, const char *to, bool replace)
{
    char step[FTP_NAME_MAX + 16];
    struct curl_slist *steps = NULL;
    if (replace) {
        snprintf(step, sizeof step, "*DELE %s", to); /* the asterisk: never mind a refusal */
        steps = curl_slist_append(steps, step);
    }
    snprintf(step, sizeof step, "RNFR %s", from);
    steps = curl_slist_append(steps, step);
    snprintf(step, sizeof step, "RNTO %s", to);
    return curl_slist_append(steps, step);
}

/* The rest of the file behind what is there, and its name when the server has taken all of it. */
static enum ftp_result bring(struct ftp_link *l, int fd, int64_t from, int64_t size, const char *path, const char *beside, bool replace)
{
    if (lseek(fd, from, SEEK_SET) < 0 || !ready(l, beside))
        return too_long(l);
    struct curl_slist *steps = rename_steps(name_of(beside), name_of(path), replace);
    curl_easy_setopt(l->curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(l->curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(l->curl, CURLOPT_READDATA, &fd);
    curl_easy_setopt(l->curl, CURLOPT_SEEKFUNCTION, no_rewind);
    curl_easy_setopt(l->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)(size - from));
    curl_easy_setopt(l->curl, CURLOPT_APPEND, (long)(from > 0));
    curl_easy_setopt(l->curl, CURLOPT_POSTQUOTE, steps);
    enum ftp_result result = perform(l);
    curl_slist_free_all(steps);
    return result == FTP_ABSENT ? FTP_FAILED : result;
}

enum ftp_result ftp_link_send(struct ftp_link *l, int fd, int64_t size, const char *path)
{
    char beside[FTP_FOLDER_MAX + 64];
    int64_t there = 0, begun = 0, arrived = 0;
    if (snprintf(beside, sizeof beside, "%s.part", path) >= (int)sizeof beside)
        return too_long(l);
    enum ftp_result whole = measure(l, path, &there, NULL);
    if (whole == FTP_FAILED || (whole == FTP_GOOD && there == size))
        return whole;
    enum ftp_result part = measure(l, beside, &begun, NULL);
    if (part == FTP_FAILED)
        return part;
    if (part == FTP_ABSENT || begun >= size)
        begun = 0; /* as much as is there, but not known to be ours to its end: anew */
    enum ftp_result result = bring(l, fd, begun, size, path, beside, whole == FTP_GOOD);
    if (result != FTP_GOOD)
        return result;
    result = measure(l, path, &arrived, NULL);
    if (result == FTP_GOOD && arrived != size) {
        snprintf(l->trouble, sizeof l->trouble, "%s", l->lang == LANG_RU ? "на сервере файл другого размера" : "the file has another size at the server");
        return FTP_FAILED;
    }
    return result == FTP_ABSENT ? FTP_FAILED : result;
}

enum ftp_result ftp_link_time(struct ftp_link *l, const char *path, int64_t *ret_ms)
{
    int64_t size;
    enum ftp_result result = measure(l, path, &size, ret_ms);
    return result == FTP_GOOD && *ret_ms == 0 ? FTP_ABSENT : result;
}

/* ---- fetching ---- */

struct taking {
    struct buffer *into;
    int fd;
    size_t size, most;
};

static size_t take(char *data, size_t size, size_t count, void *context)
{
    struct taking *t = context;
    size_t bytes = size * count;
    if (bytes > t->most - t->size)
        return 0;
    t->size += bytes;
    if (!t->into)
        return write(t->fd, data, bytes) == (ssize_t)bytes ? bytes : 0;
    buffer_put(t->into, data, bytes);
    return t->into->failed ? 0 : bytes;
}

static enum ftp_result fetch(struct ftp_link *l, const char *path, struct taking *t)
{
    if (!ready(l, path))
        return too_long(l);
    curl_easy_setopt(l->curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(l->curl, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(l->curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)t->most);
    return perform(l);
}

enum ftp_result ftp_link_fetch(struct ftp_link *l, const char *path, size_t most, struct buffer *ret)
{
    return fetch(l, path, &(struct taking){ .into = ret, .most = most });
}

enum ftp_result ftp_link_fetch_into(struct ftp_link *l, const char *path, size_t most, int fd)
{
    return fetch(l, path, &(struct taking){ .fd = fd, .most = most });
}

enum ftp_result ftp_link_list(struct ftp_link *l, const char *folder, ftp_name_fn *each, void *context, size_t *ret_odd)
{
    char path[FTP_FOLDER_MAX + 2];
    struct buffer names = { .limit = FTP_LIST_MAX };
    size_t count = 0;
    *ret_odd = 0;
    snprintf(path, sizeof path, "%s%s", folder, *folder && strcmp(folder, "/") != 0 ? "/" : "");
    if (!ready(l, path))
        return too_long(l);
    struct taking t = { .into = &names, .most = FTP_LIST_MAX };
    curl_easy_setopt(l->curl, CURLOPT_FTP_CREATE_MISSING_DIRS, (long)CURLFTP_CREATE_DIR_NONE);
    curl_easy_setopt(l->curl, CURLOPT_DIRLISTONLY, 1L);
    curl_easy_setopt(l->curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(l->curl, CURLOPT_WRITEDATA, &t);
    enum ftp_result result = perform(l);
    buffer_put(&names, "", 1);
    char *rest = NULL, *name = result == FTP_GOOD && names.data ? strtok_r(names.data, "\r\n", &rest) : NULL;
    for (; name && count < FTP_NAMES_MAX; name = strtok_r(NULL, "\r\n", &rest), count++) {
        if (!ftp_name_plain(name))
            ++*ret_odd;
        else if (!each(context, name))
            break;
    }
    buffer_free(&names);
    return result;
}

/* ---- small files ---- */

struct giving {
    struct bytes content;
    size_t given;
};

static size_t give_bytes(char *out, size_t size, size_t count, void *context)
{
    struct giving *g = context;
    size_t left = g->content.size - g->given, now = left < size * count ? left : size * count;
    memcpy(out, g->content.data + g->given, now);
    g->given += now;
    return now;
}

enum ftp_result ftp_link_put(struct ftp_link *l, struct bytes content, const char *path)
{
    char beside[FTP_FOLDER_MAX + FTP_NAME_MAX + 8];
    struct giving g = { .content = content };
    if (snprintf(beside, sizeof beside, "%s.part", path) >= (int)sizeof beside || !ready(l, beside))
        return too_long(l);
    struct curl_slist *steps = rename_steps(name_of(beside), name_of(path), true);
    curl_easy_setopt(l->curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(l->curl, CURLOPT_READFUNCTION, give_bytes);
    curl_easy_setopt(l->curl, CURLOPT_READDATA, &g);
    curl_easy_setopt(l->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)content.size);
    curl_easy_setopt(l->curl, CURLOPT_POSTQUOTE, steps);
    enum ftp_result result = perform(l);
    curl_slist_free_all(steps);
    return result == FTP_ABSENT ? FTP_FAILED : result;
}

enum ftp_result ftp_link_rename(struct ftp_link *l, const char *folder, const char *from, const char *to)
{
    char path[FTP_FOLDER_MAX + FTP_NAME_MAX + 2];
    if (snprintf(path, sizeof path, "%s%s%s", folder, *folder && strcmp(folder, "/") != 0 ? "/" : "", from) >= (int)sizeof path || !ready(l, path))
        return too_long(l);
    struct curl_slist *steps = rename_steps(from, to, true);
    curl_easy_setopt(l->curl, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(l->curl, CURLOPT_POSTQUOTE, steps);
    enum ftp_result result = perform(l);
    curl_slist_free_all(steps);
    return result;
}
