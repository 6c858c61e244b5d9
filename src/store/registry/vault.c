/* Sealing; see vault.h. */
#include "store/registry/vault.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_TEXT = crypto_secretbox_KEYBYTES * 2, ENCODED = sodium_base64_VARIANT_ORIGINAL, SECRET_BYTES_MAX = 64 << 10 };

static const char sealed_mark[] = VAULT_SEALED;

struct vault {
    uint8_t key[crypto_secretbox_KEYBYTES];
};

void vault_path(const char *database, char path[VAULT_PATH_MAX])
{
    snprintf(path, VAULT_PATH_MAX, "%s.key", database);
}

static bool write_whole(int file, const char *text, size_t size)
{
    return write(file, text, size) == (ssize_t)size && fsync(file) == 0;
}

/* The directory's entry, too, must survive a power cut: without the key the secrets are lost. */
static void sync_folder(const char *path)
{
    char folder[VAULT_PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
    int at = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (at >= 0) {
        fsync(at);
        close(at);
    }
}

/* Made whole under another name first, so that nobody reads half a key; who comes second takes the first one's. */
static bool make_key(const char *path)
{
    uint8_t key[crypto_secretbox_KEYBYTES];
    char text[KEY_TEXT + 2], fresh[VAULT_PATH_MAX + 16];
    randombytes_buf(key, sizeof key);
    sodium_bin2hex(text, KEY_TEXT + 1, key, sizeof key);
    memcpy(text + KEY_TEXT, "\n", 2);
    snprintf(fresh, sizeof fresh, "%s.%d", path, (int)getpid());
    int file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool good = file >= 0 && write_whole(file, text, KEY_TEXT + 1);
    if (file >= 0)
        close(file);
    good = good && (link(fresh, path) == 0 || errno == EEXIST);
    int why = errno;
    if (file >= 0)
        unlink(fresh);
    sync_folder(path);
    sodium_memzero(key, sizeof key);
    sodium_memzero(text, sizeof text);
    errno = why;
    return good;
}

static bool read_key(int file, uint8_t key[crypto_secretbox_KEYBYTES])
{
    char text[KEY_TEXT + 2] = { 0 };
    size_t size = 0;
    ssize_t got = read(file, text, KEY_TEXT + 1);
    bool good = got >= KEY_TEXT && sodium_hex2bin(key, crypto_secretbox_KEYBYTES, text, KEY_TEXT, NULL, &size, NULL) == 0 && size == crypto_secretbox_KEYBYTES;
    sodium_memzero(text, sizeof text);
    return good;
}

static struct vault *refuse(struct store_error *ret, enum store_trouble trouble, const char *path, const char *why)
{
    *ret = (struct store_error){ .trouble = trouble };
    struct text t = text_over(ret->detail, sizeof ret->detail);
    text_printf(&t, "%s%s%s", path, why ? ": " : "", why ? why : "");
    return NULL;
}

struct vault *vault_open(const char *database, struct store_error *ret)
{
    char path[VAULT_PATH_MAX];
    struct stat about;
    vault_path(database, path);
    if (sodium_init() < 0)
        return refuse(ret, TROUBLE_INTERNAL, "libsodium", NULL);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 && errno == ENOENT && make_key(path))
        file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &about) != 0)
        return refuse(ret, TROUBLE_KEY, path, strerror(errno));
    struct vault *v = memory_new(sizeof *v);
    bool closed = (about.st_mode & 077) == 0, good = closed && read_key(file, v->key);
    close(file);
    if (good)
        return v;
    vault_free(&v);
    return refuse(ret, closed ? TROUBLE_NO_KEY : TROUBLE_KEY_OPEN, path, NULL);
}

void vault_free(struct vault **v)
{
    if (!*v)
        return;
    sodium_memzero((*v)->key, sizeof (*v)->key);
    free(*v);
    *v = NULL;
}

bool vault_is_sealed(const char *text)
{
    return strncmp(text, sealed_mark, sizeof sealed_mark - 1) == 0;
}

static_assert(VAULT_BOX_GROWS == crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES, "nonce and tag");

struct bytes vault_seal_bytes(const struct vault *v, struct bytes secret, struct arena *a)
{
    uint8_t *box = arena_take(a, VAULT_BOX_GROWS + secret.size);
    randombytes_buf(box, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(box + crypto_secretbox_NONCEBYTES, secret.data, secret.size, box, v->key);
    return bytes_of(box, VAULT_BOX_GROWS + secret.size);
}

struct bytes vault_unseal_bytes(const struct vault *v, struct bytes sealed, struct arena *a)
{
    if (sealed.size < VAULT_BOX_GROWS)
        return bytes_of(NULL, 0);
    size_t size = sealed.size - VAULT_BOX_GROWS;
    uint8_t *secret = arena_take(a, size + 1); /* zeroed: a text ends with NUL */
    const uint8_t *box = sealed.data + crypto_secretbox_NONCEBYTES;
    bool good = crypto_secretbox_open_easy(secret, box, sealed.size - crypto_secretbox_NONCEBYTES, sealed.data, v->key) == 0;
    return good ? bytes_of(secret, size) : bytes_of(NULL, 0);
}

const char *vault_seal(const struct vault *v, const char *secret, struct arena *a)
{
    struct bytes plain = bytes_of_text(secret);
    if (plain.size == 0 || plain.size > SECRET_BYTES_MAX)
        return "";
    struct bytes box = vault_seal_bytes(v, plain, a);
    size_t room = sodium_base64_encoded_len(box.size, ENCODED);
    char *text = arena_take(a, sizeof sealed_mark + room);
    memcpy(text, sealed_mark, sizeof sealed_mark - 1);
    sodium_bin2base64(text + sizeof sealed_mark - 1, room, box.data, box.size, ENCODED);
    return text;
}

const char *vault_unseal(const struct vault *v, const char *sealed, struct arena *a)
{
    if (!vault_is_sealed(sealed))
        return sealed;
    const char *text = sealed + sizeof sealed_mark - 1;
    size_t length = strlen(text), size = 0;
    uint8_t *box = arena_take(a, length + 1);
    if (sodium_base642bin(box, length, text, length, NULL, &size, NULL, ENCODED) != 0)
        return NULL;
    return (const char *)vault_unseal_bytes(v, bytes_of(box, size), a).data;
}

/* Not the hash of what is sealed under the same key: the two uses are kept apart by a word in front. */
char *vault_mark(const struct vault *v, const char *secret, char mark[VAULT_MARK_TEXT])
{
    static const char purpose[] = "mark:";
    uint8_t hash[VAULT_MARK_TEXT / 2];
    crypto_generichash_state state;
    crypto_generichash_init(&state, v->key, sizeof v->key, sizeof hash);
    crypto_generichash_update(&state, (const uint8_t *)purpose, sizeof purpose - 1);
    crypto_generichash_update(&state, (const uint8_t *)secret, strlen(secret));
    crypto_generichash_final(&state, hash, sizeof hash);
    return sodium_bin2hex(mark, VAULT_MARK_TEXT, hash, sizeof hash);
}
