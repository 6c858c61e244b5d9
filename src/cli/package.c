/* svod admin package, package-key; see package.h. */
#include "cli/package.h"
#include "box/package.h"
#include "cli/options.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SECRET_HEX = PACKAGE_SECRET * 2, KEY_HEX = PACKAGE_KEY * 2 };

static int complain(const struct phrase *what, const char *about, enum lang lang)
{
    fprintf(stderr, "svod admin: %s: %s\n", about, phrase_in(what, lang));
    return EXIT_USAGE;
}

static bool put_line(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    bool good = fd >= 0 && dprintf(fd, "%s\n", text) > 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

int package_key(const char *const *argument, int count, enum lang lang)
{
    (void)count;
    static const struct phrase there = { { "уже есть или не записывается", "exists already or cannot be written" } };
    static const struct phrase done = { { "Секретный ключ: %s (храните его отдельно от устройств). Открытый, в update.pub устройства: %s\n",
                                          "The secret key: %s (keep it apart from boxes). The public one, for a box's update.pub: %s\n" } };
    unsigned char key[PACKAGE_KEY], secret[PACKAGE_SECRET];
    char hex[SECRET_HEX + 1], open_hex[KEY_HEX + 1], path[4096];
    if (sodium_init() < 0)
        return EXIT_USAGE;
    crypto_sign_keypair(key, secret);
    sodium_bin2hex(hex, sizeof hex, secret, sizeof secret);
    sodium_bin2hex(open_hex, sizeof open_hex, key, sizeof key);
    snprintf(path, sizeof path, "%s.pub", argument[0]);
    bool good = put_line(argument[0], hex, 0600) && put_line(path, open_hex, 0644);
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(hex, sizeof hex);
    if (!good)
        return complain(&there, argument[0], lang);
    printf(phrase_in(&done, lang), argument[0], open_hex);
    return EXIT_OK;
}

static bool read_secret(const char *path, unsigned char secret[PACKAGE_SECRET])
{
    char hex[SECRET_HEX + 2] = "";
    FILE *file = fopen(path, "re");
    bool good = file && fgets(hex, sizeof hex, file);
    if (file)
        fclose(file);
    hex[strcspn(hex, "\r\n")] = '\0';
    good = good && hex_parse(hex, secret, PACKAGE_SECRET) == PACKAGE_SECRET;
    sodium_memzero(hex, sizeof hex);
    return good;
}

/* Russian, a line of three dashes, English. */
static bool read_notes(const char *path, struct package *p)
{
    char text[PACKAGE_NOTES_MAX * 2] = "";
    FILE *file = fopen(path, "re");
    size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
    bool good = file && feof(file);
    if (file)
        fclose(file);
    text[size] = '\0';
    char *mark = strstr(text, "\n---\n");
    if (mark)
        *mark = '\0';
    const char *parts[] = { [LANG_RU] = text, [LANG_EN] = mark ? mark + 5 : "" };
    for (int l = 0; l < LANG_COUNT && good; l++)
        good = snprintf(p->notes[l], sizeof p->notes[l], "%s", parts[l]) < (int)sizeof p->notes[l] && utf8_valid(bytes_of_text(p->notes[l]));
    return good;
}

int package_make(const char *const *argument, int count, enum lang lang)
{
    (void)count;
    static const struct phrase no_key = { { "это не секретный ключ (svod admin package-key)", "this is no secret key (svod admin package-key)" } };
    static const struct phrase no_version = { { "версия — до четырёх чисел через точку", "a version is up to four numbers with dots between" } };
    static const struct phrase no_notes = { { "не читается, не UTF-8 или слишком длинно", "cannot be read, is no UTF-8 or too long" } };
    static struct package p;
    unsigned char secret[PACKAGE_SECRET];
    char words[400];
    struct text why = text_over(words, sizeof words);
    if (sodium_init() < 0 || !read_secret(argument[1], secret))
        return complain(&no_key, argument[1], lang);
    for (int i = 2; i < 4; i++)
        if (!version_good(argument[i]))
            return complain(&no_version, argument[i], lang);
    if (!read_notes(argument[4], &p))
        return complain(&no_notes, argument[4], lang);
    const char *machine = package_architecture_of(argument[0]);
    snprintf(p.version, sizeof p.version, "%s", argument[2]);
    snprintf(p.minimum, sizeof p.minimum, "%s", argument[3]);
    snprintf(p.architecture, sizeof p.architecture, "%s", *machine ? machine : package_architecture());
    bool good = package_write(&p, secret, argument[0], argument[5], lang, &why);
    sodium_memzero(secret, sizeof secret);
    if (!good)
        fprintf(stderr, "svod admin package: %s\n", words);
    else
        printf("%s: %s %s\n", argument[5], p.version, p.architecture);
    return good ? EXIT_OK : EXIT_USAGE;
}
