/* Delivery of hour files by FTP as it is set (manual S4 11): the form "ftp"; how long hour files stay on the card: the form
 * "files"; letters with what was stored: the form "post". */
#pragma once
#include "base/sheet.h"
#include "store/registry/vault.h"
#include "store/upward/hour_files.h"

enum { FTP_ADDRESS_MAX = 254, FTP_WORD_MAX = 129, FTP_FOLDER_MAX = 200, FTP_PEM_MAX = 64 << 10, WAY_MAX = 16 /* IFNAMSIZ */ };

/* What the second server is for: nothing, the first one's stand-in, or one that gets everything, too (S4 11.6). */
enum ftp_second { FTP_SECOND_OFF, FTP_SECOND_INSTEAD, FTP_SECOND_ALSO };
extern const char *const ftp_second_names[];

struct ftp_server {
    char address[FTP_ADDRESS_MAX];   /* name or address, without a port; "": none */
    int port;
    char login[FTP_WORD_MAX], password[FTP_WORD_MAX]; /* "" login: anonymous */
    bool tls;                        /* explicit (RFC 4217), for commands and data; without it nothing is sent */
    bool verify;                     /* its certificate */
    char interface[WAY_MAX];         /* the network interface by which it is reached (S4 11.5: Ethernet or GSM); "": whichever way there is */
};

struct ftp_settings {
    bool enabled;
    struct ftp_server server[HOUR_SERVERS];
    enum ftp_second second;
    char folder[FTP_FOLDER_MAX];     /* «Адрес объекта»: the object's folder on the server */
    const char *authority;           /* PEM of whom certificates must be signed by; "": those this machine trusts */
    int period_min, offset_min;      /* sends every so many minutes from midnight on, so many minutes behind */
    int packet_kib;                  /* «Максимальный размер посылки»: of a file */
    int answer_s;                    /* «Время ожидания ответа сервера» */
    bool passive;            /* always with TLS */
    bool take_time;                  /* the box's clock follows the server's when they differ by so many seconds, and no more */
    int time_least_s, time_most_s;
    bool pull;                       /* once a day: settings and updates for this unit, from `pull_folder` of the first server */
    char pull_folder[FTP_FOLDER_MAX];
    int64_t revision;
};

struct files_settings {
    bool on;                         /* hour files are written; FTP writes them anyway */
    int days, mib;                   /* how long and how much of them stays */
    int64_t revision;
};

enum { POST_RECIPIENTS_MAX = 8, POST_ADDRESS_MAX = 255, POST_SUBJECT_MAX = 301, POST_PACKET_LEAST = 4, POST_PACKET_MOST = 10240 };

struct post_settings {
    bool enabled;
    char recipient[POST_RECIPIENTS_MAX][POST_ADDRESS_MAX]; /* the first "" ends them */
    char subject[POST_SUBJECT_MAX];  /* "": the program's own words */
    enum sheet_kind format;
    int period_min, offset_min;      /* as of FTP */
    int packet_kib;                  /* about the largest file of a letter; what is more goes into another letter */
    int64_t revision;
};

enum { FTP_PERIOD_MOST = 1440, FTP_PACKET_LEAST = 4, FTP_PACKET_MOST = 65536, FILES_DAYS_MOST = 3660, FILES_MIB_MOST = 1 << 20 };

/* As they are set, or preset; passwords come open, one that was sealed with another key is empty. `authority` is in `a`. */
enum fault ftp_settings_get(struct store *s, const struct vault *v, struct arena *a, struct ftp_settings *ret);
enum fault files_settings_get(struct store *s, struct files_settings *ret);
enum fault post_settings_get(struct store *s, struct post_settings *ret);

/* FAULT_CHANGED when the revision is not the one that was seen. */
enum fault ftp_settings_put(struct store *s, const struct vault *v, const struct ftp_settings *f);
enum fault files_settings_put(struct store *s, const struct files_settings *f);
enum fault post_settings_put(struct store *s, const struct post_settings *p);
extern const char *const post_format_names[]; /* by enum sheet_kind */

/* A folder on a server: parts divided by "/", none of them "." or "..", no control characters, no backslash; may be empty or begin
 * with "/". */
bool ftp_folder_valid(const char *folder);

/* The first moment (wall seconds) after `wall` at which is sent. */
int64_t period_next(int64_t wall, int period_min, int offset_min);
