/* A package of an update: one file with a program of this product and the maker's signature.
 *
 *   line 1  svod-package-1
 *   line 2  the manifest: JSON on one line (struct package says what is in it)
 *   line 3  Ed25519 signature of the two lines before with their line ends, 128 hex digits
 *   then    the program, `size` bytes
 *
 * The manifest names the program's SHA-256, so the signature covers everything. Nothing of a manifest is believed before its
 * signature was good. */
#pragma once
#include "base/lang.h"
#include "base/text.h"

enum { PACKAGE_KEY = 32, PACKAGE_SECRET = 64, PACKAGE_HASH = 32, PACKAGE_HEAD_MAX = 8 << 10, PACKAGE_NOTES_MAX = 1500, PACKAGE_VERSION_MAX = 24,
       PACKAGE_PROGRAM_MAX = 64 << 20 };

struct package {
    char version[PACKAGE_VERSION_MAX], minimum[PACKAGE_VERSION_MAX]; /* of the program; the oldest that may be replaced by it */
    char architecture[16];                                         /* package_architecture() of the machine it is for */
    char notes[LANG_COUNT][PACKAGE_NOTES_MAX];                     /* what changes, for people; may be empty */
    int64_t size;                                                  /* of the program, bytes */
    unsigned char hash[PACKAGE_HASH];                              /* its SHA-256 */
    size_t head;                                                   /* where it begins in the file */
};

enum package_trouble {
    PACKAGE_GOOD, PACKAGE_UNREADABLE, PACKAGE_FOREIGN, PACKAGE_UNSIGNED, PACKAGE_MANIFEST, PACKAGE_DAMAGED, PACKAGE_ARCHITECTURE, PACKAGE_OLDER, PACKAGE_SAME,
    PACKAGE_TOO_NEW, PACKAGE_TROUBLES
};
/* A sentence for people; without names and numbers. */
const char *package_trouble_text(enum package_trouble t, enum lang lang);

/* What the bytes at the beginning of a file say, the signature checked with `key`. */
enum package_trouble package_head(struct bytes beginning, const unsigned char key[PACKAGE_KEY], struct package *ret);

/* The whole file: head, size, the program's hash. */
enum package_trouble package_check(int fd, const unsigned char key[PACKAGE_KEY], struct package *ret);

/* Whether a box with this version and of this machine may take it. */
enum package_trouble package_suits(const struct package *p, const char *version, const char *architecture);

/* Writes the package of the program in the file `program`; `p` has all but size, hash and head. False, the reason in `why`. */
bool package_write(const struct package *p, const unsigned char secret[PACKAGE_SECRET], const char *program, const char *path, enum lang lang, struct text *why);

/* "x86_64", "aarch64", "armv7": of this program; of a file, by its ELF head, "" when it has none. */
const char *package_architecture(void);
const char *package_architecture_of(const char *program);

/* Versions are up to four numbers with dots between. */
bool version_good(const char *version);
int version_compare(const char *a, const char *b);

/* SHA-256 of what is left of the open file; false when it cannot be read. *ret_size: so many bytes. */
bool file_digest(int fd, unsigned char ret[PACKAGE_HASH], int64_t *ret_size);
