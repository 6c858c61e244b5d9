/* A conversation with one FTP server (RFC 959, 2428, 3659, 4217), over libcurl. Blocking, for a thread of its own; `ending` breaks
 * everything off. Whatever the server says is foreign: names, sizes and listings are bounded and checked here. */
#pragma once
#include "base/buffer.h"
#include "base/lang.h"
#include "base/text.h"
#include "upstream/files/ftp_settings.h"

#include <stdatomic.h>

struct ftp_link;

enum { FTP_NAME_MAX = 100, FTP_NAMES_MAX = 1000, FTP_LIST_MAX = 256 << 10, FTP_TROUBLE_MAX = 300 };

/* The server, and of the settings what concerns every conversation; both must outlive it. */
struct ftp_link *ftp_link_new(const struct ftp_settings *set, const struct ftp_server *server, const atomic_bool *ending, enum lang lang);
void ftp_link_free(struct ftp_link **l);

/* What a call came to. */
enum ftp_result {
    FTP_GOOD,
    FTP_ABSENT,   /* there is no such file */
    FTP_FAILED,   /* the reason in ftp_link_trouble */
};
/* In the reader's language, with the server's own words. */
const char *ftp_link_trouble(const struct ftp_link *l);

/* Brings a file of `size` bytes (read from `fd`) to `path` ("object/2026/11/22/12.csv"): as "<path>.part", from where an earlier try
 * broke off, and renames it when it is whole. A file of that name and size that is there already is taken for this one: an earlier
 * try came so far and could not be told. Folders are made. */
enum ftp_result ftp_link_send(struct ftp_link *l, int fd, int64_t size, const char *path);

/* When the server thinks that file was written, ms of UTC, and where its clock stood against ours at the end of the last send. */
enum ftp_result ftp_link_time(struct ftp_link *l, const char *path, int64_t *ret_ms);

/* Names in a folder that are plain file names (letters, digits, "._-", not beginning with a dot, at most FTP_NAME_MAX); others are
 * left out and counted in *ret_odd. False from `each` stops. */
typedef bool ftp_name_fn(void *context, const char *name);
enum ftp_result ftp_link_list(struct ftp_link *l, const char *folder, ftp_name_fn *each, void *context, size_t *ret_odd);

/* A whole file of at most `most` bytes. */
enum ftp_result ftp_link_fetch(struct ftp_link *l, const char *path, size_t most, struct buffer *ret);
/* The same into a file. */
enum ftp_result ftp_link_fetch_into(struct ftp_link *l, const char *path, size_t most, int fd);

enum ftp_result ftp_link_put(struct ftp_link *l, struct bytes content, const char *path);
enum ftp_result ftp_link_rename(struct ftp_link *l, const char *folder, const char *from, const char *to);

bool ftp_name_plain(const char *name);
