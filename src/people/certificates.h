/* Every certificate that this machine keeps, as one list: of its own servers, of those it delivers to, of the authorities it trusts.
 * Who keeps some says so with CERTIFICATE_OWNER(...) in his own file, as a service does (upstream/service.h); the linker collects. */
#pragma once
#include "people/notices.h"

struct certificate_kept {
    int64_t project;   /* 0: the whole machine's */
    int64_t id;        /* of the owner's row; 0: he has one */
    const char *part;  /* the field that holds it: "certificate", "authority" */
    const char *which; /* for people, beside the owner's title: "mqtt.example.org:8883"; "" */
    const char *pem;   /* "" is left out */
    bool used;         /* what is switched off is listed, but nobody is told of it */
};
typedef void certificate_kept_fn(void *context, const struct certificate_kept *c);

struct certificate_owner {
    const char *name;    /* "mqtt" */
    struct phrase title;
    enum fault (*list)(struct store *s, certificate_kept_fn *each, void *context);
};

#define CERTIFICATE_OWNER(id)                                                                                                                 \
    extern const struct certificate_owner certificates_of_##id;                                                                               \
    __attribute__((used, section("certificates"))) static const struct certificate_owner *const certificates_entry_##id = &certificates_of_##id; \
    const struct certificate_owner certificates_of_##id

/* NULL: none of that name. */
const struct certificate_owner *certificate_owner_find(const char *name);

/* One certificate of those in a PEM text. */
struct certificate_row {
    const struct certificate_owner *owner;
    const struct certificate_kept *kept;
    const struct certificate_words *words; /* link/certificate.h */
    int days;                              /* begun ones until it ends; 0: it has ended */
};
typedef void certificate_row_fn(void *context, const struct certificate_row *c);
enum fault certificates_each(struct store *s, int64_t now_ms, certificate_row_fn *each, void *context);

/* Tells people 30, 7 and 1 days before the end of each that is used, and when it has ended: each once, over restarts. To be called at
 * the start and every hour. */
enum fault certificates_watch(struct store *s, struct notices *n, int64_t now_ms);
