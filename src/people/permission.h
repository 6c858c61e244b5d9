/* What people may do (manual S3, appendix 2) and the built-in roles (its table 1). A permission's number is its place in the
 * list; its name is what roles are stored with and what the API speaks. */
#pragma once
#include "base/lang.h"

#include <stdbool.h>
#include <stdint.h>

enum permission {
    MAY_VIEW_DEVICES,
    MAY_READ_DEVICES,
    MAY_WRITE_DEVICES,
    MAY_DELETE_DEVICES,
    MAY_VIEW_USERS,
    MAY_READ_USERS,
    MAY_WRITE_USERS,
    MAY_DELETE_USERS,
    MAY_VIEW_HES_CONFIG,
    MAY_READ_HES_CONFIG,
    MAY_WRITE_HES_CONFIG,
    MAY_DELETE_HES_CONFIG,
    MAY_VIEW_ROLES,
    MAY_READ_ROLES,
    MAY_WRITE_ROLES,
    MAY_DELETE_ROLES,
    MAY_VIEW_LOGS_DEBUG,
    MAY_READ_LOGS_DEBUG,
    MAY_DELETE_LOGS_DEBUG,
    MAY_VIEW_LOGS_COMMON,
    MAY_READ_LOGS_COMMON,
    MAY_DELETE_LOGS_COMMON,
    MAY_VIEW_LOGS_SECURE,
    MAY_READ_LOGS_SECURE,
    MAY_DELETE_LOGS_SECURE,
    MAY_READ_DATASTORE,
    MAY_WRITE_DATASTORE,
    MAY_DELETE_DATASTORE,
    MAY_VIEW_PROTOCOL_SETTINGS,
    MAY_READ_PROTOCOL_SETTINGS,
    MAY_WRITE_PROTOCOL_SETTINGS,
    MAY_DELETE_PROTOCOL_SETTINGS,
    MAY_VIEW_CHANNEL_SETTINGS,
    MAY_READ_CHANNEL_SETTINGS,
    MAY_WRITE_CHANNEL_SETTINGS,
    MAY_DELETE_CHANNEL_SETTINGS,
    MAY_VIEW_DEVICE_COMMLINE,
    MAY_READ_DEVICE_COMMLINE,
    MAY_WRITE_DEVICE_COMMLINE,
    MAY_DELETE_DEVICE_COMMLINE,
    MAY_VIEW_DATA_COLLECTION_JOB,
    MAY_READ_DATA_COLLECTION_JOB,
    MAY_WRITE_DATA_COLLECTION_JOB,
    MAY_DELETE_DATA_COLLECTION_JOB,
    MAY_READ_EMAIL_SETTINGS,
    MAY_WRITE_EMAIL_SETTINGS,
    MAY_WRITE_SCHEDULER_JOB_LAUNCHES,
    MAY_EXECUTE_ESB_DEVICE_READ,
    MAY_EXECUTE_ESB_DEVICE_CONTROL,
    MAY_READ_DATASTORE_ARCHIVE,
    MAY_WRITE_DATASTORE_ARCHIVE,
    MAY_DELETE_DATASTORE_ARCHIVE,
    MAY_ALL_EXTERNAL_CENC,
    MAY_VIEW_TREE_NODES,
    MAY_WRITE_TREE_NODES,
    MAY_VIEW_PAGE_CE_HES,
    MAY_VIEW_PAGE_MDM,
    MAY_VIEW_SUBSCRIBER_CABINET,
    MAY_MANAGE_PROJECTS,
    MAY_CREATE_PROJECTS,
    MAY_UPDATE_PROJECTS,
    MAY_READ_PROJECTS,
    MAY_DELETE_PROJECTS,
    MAY_READ_PODIS,
    MAY_VIEW_UNB_BS_BS,
    MAY_READ_UNB_BS_BS,
    MAY_WRITE_UNB_BS_BS,
    MAY_DELETE_UNB_BS_BS,
    MAY_MANAGE_TREE_NODES_ACCESS,
    PERMISSION_COUNT,
    MAY_ANYBODY,   /* without signing in */
    MAY_SIGNED_IN, /* whoever is signed in, whatever the role */
};

/* A set of permissions. */
struct permissions {
    uint64_t bits[(PERMISSION_COUNT + 63) / 64];
};

static inline bool permissions_hold(const struct permissions *p, enum permission one)
{
    return one < PERMISSION_COUNT && p->bits[one / 64] >> (one % 64) & 1;
}

static inline void permissions_add(struct permissions *p, enum permission one)
{
    p->bits[one / 64] |= UINT64_C(1) << (one % 64);
}

/* True when every permission of `some` is in `all`: nobody gives away more than he has. */
bool permissions_within(const struct permissions *some, const struct permissions *all);

/* "Read.Devices"; PERMISSION_COUNT for a name that is none. */
const char *permission_name(enum permission p);
enum permission permission_find(const char *name);
const char *permission_title(enum permission p, enum lang lang);

/* Names divided by blanks, as roles are stored; unknown names are skipped. */
struct permissions permissions_read(const char *names);
enum { PERMISSIONS_TEXT_MAX = PERMISSION_COUNT * 32 };
char *permissions_write(const struct permissions *p, char text[PERMISSIONS_TEXT_MAX]);

/* Roles that every system has: the head-end those of S3 table 1, a gateway those of S0 4.7.1 («Пользователь» reads all but accounts,
 * «Нет доступа» nothing). `administrator` is the first of either. */
enum role_set { ROLES_HEAD_END, ROLES_GATEWAY };
struct builtin_role {
    char letter;
    const char *name;
    struct phrase title;
};
enum { BUILTIN_ROLES = 6, GATEWAY_ROLES = 3 };
extern const struct builtin_role builtin_roles[BUILTIN_ROLES], gateway_roles[GATEWAY_ROLES];
const struct builtin_role *roles_of(enum role_set set, int *ret_count);
struct permissions builtin_permissions(const struct builtin_role *role);
