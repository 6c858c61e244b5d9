/* Packages of updates; see package.h. */
#include "box/package.h"
#include "base/arena.h"

#include <elf.h>
#include <fcntl.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char magic[] = "svod-package-1\n";
enum { SIGNATURE_HEX = crypto_sign_BYTES * 2, CHUNK = 64 << 10, VERSION_PARTS = 4 };

static const struct phrase troubles[PACKAGE_TROUBLES] = {
    [PACKAGE_GOOD] = { { "пакет годится", "the package is good" } },
    [PACKAGE_UNREADABLE] = { { "файл не читается", "the file cannot be read" } },
    [PACKAGE_FOREIGN] = { { "это не пакет обновления", "this is no package of an update" } },
    [PACKAGE_UNSIGNED] = { { "подпись пакета неверна: он не от изготовителя или изменён", "the package's signature is wrong: it is not the maker's or was changed" } },
    [PACKAGE_MANIFEST] = { { "описание пакета неверно", "the package's manifest is wrong" } },
    [PACKAGE_DAMAGED] = { { "пакет повреждён: программа в нём не та, что подписана", "the package is damaged: the program in it is not the one that was signed" } },
    [PACKAGE_ARCHITECTURE] = { { "пакет для другого процессора", "the package is for another processor" } },
    [PACKAGE_OLDER] = { { "версия в пакете старше установленной", "the version in the package is older than the one that runs" } },
    [PACKAGE_SAME] = { { "эта версия уже установлена", "this version runs already" } },
    [PACKAGE_TOO_NEW] = { { "сначала нужна промежуточная версия: эта ставится поверх более новой, чем установлена", "a version between is needed first: this one is for a newer one than runs" } },
};

const char *package_trouble_text(enum package_trouble t, enum lang lang)
{
    return phrase_in(&troubles[t], lang);
}

/* --- versions and machines ------------------------------------------------------------------------------------------------------- */

static bool version_parts(const char *text, long parts[VERSION_PARTS])
{
    memset(parts, 0, VERSION_PARTS * sizeof *parts);
    for (int i = 0; i < VERSION_PARTS; i++) {
        size_t digits = strspn(text, "0123456789");
        if (digits == 0 || digits > 9)
            return false;
        parts[i] = strtol(text, NULL, 10);
        text += digits;
        if (*text == '\0')
            return true;
        if (*text++ != '.')
            return false;
    }
    return false;
}

bool version_good(const char *version)
{
    long parts[VERSION_PARTS];
    return strlen(version) < PACKAGE_VERSION_MAX && version_parts(version, parts);
}

int version_compare(const char *a, const char *b)
{
    long x[VERSION_PARTS], y[VERSION_PARTS];
    version_parts(a, x);
    version_parts(b, y);
    for (int i = 0; i < VERSION_PARTS; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

const char *package_architecture(void)
{
#if defined __x86_64__
    return "x86_64";
#elif defined __aarch64__
    return "aarch64";
#elif defined __arm__
    return "armv7";
#else
#error "name this processor"
#endif
}

const char *package_architecture_of(const char *program)
{
    Elf32_Ehdr head = { .e_machine = EM_NONE }; /* its beginning is the same of 64 bits */
    int fd = open(program, O_RDONLY | O_CLOEXEC);
    bool elf = fd >= 0 && read(fd, &head, sizeof head) == (ssize_t)sizeof head && memcmp(head.e_ident, ELFMAG, SELFMAG) == 0;
    if (fd >= 0)
        close(fd);
    return !elf ? "" : head.e_machine == EM_X86_64 ? "x86_64" : head.e_machine == EM_AARCH64 ? "aarch64" : head.e_machine == EM_ARM ? "armv7" : "";
}

static const char *const package_note_names[LANG_COUNT] = { [LANG_RU] = "notes_ru", [LANG_EN] = "notes_en" };

/* --- reading ------------------------------------------------------------------------------------------------------------------------ */

/* A text of the manifest that fits; absent is empty. */
static bool take_text(const json_t *manifest, const char *name, char *ret, size_t room)
{
    const json_t *value = json_object_get(manifest, name);
    const char *text = value ? json_string_value(value) : "";
    if (!text || strlen(text) >= room)
        return false;
    memcpy(ret, text, strlen(text) + 1);
    return true;
}

static bool take_manifest(const json_t *m, struct package *p)
{
    char hash[PACKAGE_HASH * 2 + 1];
    bool good = take_text(m, "version", p->version, sizeof p->version) && take_text(m, "minimum", p->minimum, sizeof p->minimum)
                && take_text(m, "architecture", p->architecture, sizeof p->architecture) && take_text(m, "sha256", hash, sizeof hash);
    for (int l = 0; l < LANG_COUNT; l++)
        good = good && take_text(m, package_note_names[l], p->notes[l], sizeof p->notes[l]);
    p->size = json_integer_value(json_object_get(m, "size"));
    return good && version_good(p->version) && version_good(p->minimum) && p->size > 0 && p->size <= PACKAGE_PROGRAM_MAX
           && hex_parse(hash, p->hash, sizeof p->hash) == PACKAGE_HASH;
}

enum package_trouble package_head(struct bytes b, const unsigned char key[PACKAGE_KEY], struct package *ret)
{
    unsigned char signature[crypto_sign_BYTES];
    char hex[SIGNATURE_HEX + 1] = "";
    size_t first = sizeof magic - 1;
    *ret = (struct package){ .size = 0 };
    if (b.size <= first || memcmp(b.data, magic, first) != 0)
        return PACKAGE_FOREIGN;
    const uint8_t *end = memchr(b.data + first, '\n', b.size - first);
    if (!end)
        return PACKAGE_FOREIGN;
    size_t body = (size_t)(end - b.data) + 1;
    if (b.size < body + SIGNATURE_HEX + 1 || b.data[body + SIGNATURE_HEX] != '\n')
        return PACKAGE_UNSIGNED;
    memcpy(hex, b.data + body, SIGNATURE_HEX);
    if (strspn(hex, "0123456789abcdef") != SIGNATURE_HEX || hex_parse(hex, signature, sizeof signature) != (long)sizeof signature
        || crypto_sign_verify_detached(signature, b.data, body, key) != 0)
        return PACKAGE_UNSIGNED;
    json_t *manifest = json_loadb((const char *)b.data + first, body - first, JSON_REJECT_DUPLICATES, NULL);
    bool good = manifest && take_manifest(manifest, ret);
    json_decref(manifest);
    ret->head = body + SIGNATURE_HEX + 1;
    return good ? PACKAGE_GOOD : PACKAGE_MANIFEST;
}

bool file_digest(int fd, unsigned char ret[PACKAGE_HASH], int64_t *ret_size)
{
    crypto_hash_sha256_state state;
    unsigned char *chunk = memory_new(CHUNK);
    ssize_t size;
    crypto_hash_sha256_init(&state);
    *ret_size = 0;
    while ((size = read(fd, chunk, CHUNK)) > 0) {
        crypto_hash_sha256_update(&state, chunk, (unsigned long long)size);
        *ret_size += size;
    }
    crypto_hash_sha256_final(&state, ret);
    free(chunk);
    return size == 0;
}

enum package_trouble package_check(int fd, const unsigned char key[PACKAGE_KEY], struct package *ret)
{
    unsigned char *beginning = memory_new(PACKAGE_HEAD_MAX), hash[PACKAGE_HASH];
    ssize_t size = pread(fd, beginning, PACKAGE_HEAD_MAX, 0);
    int64_t program = 0;
    enum package_trouble t = size < 0 ? PACKAGE_UNREADABLE : package_head(bytes_of(beginning, (size_t)size), key, ret);
    free(beginning);
    if (t != PACKAGE_GOOD)
        return t;
    if (lseek(fd, (off_t)ret->head, SEEK_SET) < 0 || !file_digest(fd, hash, &program))
        return PACKAGE_UNREADABLE;
    return program == ret->size && memcmp(hash, ret->hash, sizeof hash) == 0 ? PACKAGE_GOOD : PACKAGE_DAMAGED;
}

enum package_trouble package_suits(const struct package *p, const char *version, const char *architecture)
{
    int against = version_compare(p->version, version);
    if (strcmp(p->architecture, architecture) != 0)
        return PACKAGE_ARCHITECTURE;
    if (against <= 0)
        return against == 0 ? PACKAGE_SAME : PACKAGE_OLDER;
    return version_compare(version, p->minimum) < 0 ? PACKAGE_TOO_NEW : PACKAGE_GOOD;
}

/* --- writing ------------------------------------------------------------------------------------------------------------------------ */

/* Both lines that are signed; to be freed. */
static char *head_text(const struct package *p)
{
    char hash[PACKAGE_HASH * 2 + 1];
    sodium_bin2hex(hash, sizeof hash, p->hash, sizeof p->hash);
    json_t *m = json_pack("{s:s, s:s, s:s, s:I, s:s}", "version", p->version, "minimum", p->minimum, "architecture", p->architecture, "size", (json_int_t)p->size,
                          "sha256", hash);
    for (int l = 0; m && l < LANG_COUNT; l++)
        json_object_set_new(m, package_note_names[l], json_string(p->notes[l]));
    char *line = m ? json_dumps(m, JSON_COMPACT) : NULL, *whole = NULL;
    json_decref(m);
    if (line && asprintf(&whole, "%s%s\n", magic, line) < 0)
        whole = NULL;
    free(line);
    return whole;
}

static bool copy_rest(int from, FILE *to)
{
    char *chunk = memory_new(CHUNK);
    ssize_t size;
    bool good = true;
    while (good && (size = read(from, chunk, CHUNK)) != 0)
        good = size > 0 && fwrite(chunk, 1, (size_t)size, to) == (size_t)size;
    free(chunk);
    return good;
}

bool package_write(const struct package *p, const unsigned char secret[PACKAGE_SECRET], const char *program, const char *path, enum lang lang, struct text *why)
{
    static const struct phrase cannot = { { "%s: не удаётся прочитать или записать", "%s: cannot be read or written" } };
    struct package whole = *p;
    unsigned char signature[crypto_sign_BYTES];
    char hex[SIGNATURE_HEX + 1];
    int from = open(program, O_RDONLY | O_CLOEXEC);
    bool good = from >= 0 && file_digest(from, whole.hash, &whole.size) && lseek(from, 0, SEEK_SET) == 0;
    char *head = good ? head_text(&whole) : NULL;
    FILE *to = head ? fopen(path, "w") : NULL;
    if (to) {
        crypto_sign_detached(signature, NULL, (const unsigned char *)head, strlen(head), secret);
        sodium_bin2hex(hex, sizeof hex, signature, sizeof signature);
        good = fprintf(to, "%s%s\n", head, hex) > 0 && copy_rest(from, to);
        good = fclose(to) == 0 && good;
    }
    if (!to || !good)
        text_printf(why, phrase_in(&cannot, lang), good ? path : program);
    if (from >= 0)
        close(from);
    free(head);
    return to && good;
}
