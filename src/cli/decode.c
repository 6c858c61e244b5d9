/* svod decode: a frame of any family explained as a tree, like a protocol analyser does. */
#include "cli/cli.h"
#include "cli/options.h"
#include "drivers/driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FRAME_MAX = 65536 };

struct tree {
    struct explain explain;
    struct bytes whole;
};

static void print_hex(struct bytes part)
{
    enum { SHOWN = 16 };
    for (size_t i = 0; i < part.size && i < SHOWN; i++)
        printf("%02X%s", part.data[i], i + 1 < part.size ? " " : "");
    if (part.size > SHOWN)
        printf("… (%zu)", part.size);
}

static void print_line(struct explain *e, int depth, struct bytes part, const char *label, const char *value)
{
    const struct tree *t = (const struct tree *)e;
    bool inside = part.size && part.data >= t->whole.data && part.data < t->whole.data + t->whole.size;
    if (inside)
        printf("%4zu  ", (size_t)(part.data - t->whole.data));
    else
        printf("      ");
    printf("%*s%s%s%s", depth * 2, "", label, *value ? ": " : "", value);
    if (inside && part.size <= 64) {
        printf("   [");
        print_hex(part);
        putchar(']');
    }
    putchar('\n');
}

/* The hex may stand in several words, or come on standard input. */
static long take_hex(const char **words, int count, uint8_t *out)
{
    char *all = calloc(1, FRAME_MAX * 3);
    struct text t = text_over(all, FRAME_MAX * 3);
    for (int i = 0; i < count; i++)
        text_put(&t, words[i]);
    if (count == 0) {
        size_t size = 0;
        for (ssize_t more; size < FRAME_MAX * 3 - 1 && (more = read(STDIN_FILENO, all + size, FRAME_MAX * 3 - 1 - size)) > 0;)
            size += (size_t)more; /* a pipe gives its bytes in pieces */
        all[size] = '\0';
    }
    for (char *at = all; *at; at++)
        if (*at == ':' || *at == '-' || *at == ',')
            *at = ' ';
    long size = hex_parse(all, out, FRAME_MAX);
    free(all);
    return size;
}

static bool explain_with(const struct driver *d, struct bytes frame, const struct option_list *set, enum lang lang)
{
    char all[1024], problem[256];
    struct text words = text_over(all, sizeof all), t = text_over(problem, sizeof problem);
    for (size_t i = 0; i < set->count; i++)
        text_printf(&words, "%s%s", i ? ";" : "", set->item[i]);
    void *settings = memory_new(d->settings_size);
    bool good = parameters_read(d, all, lang, settings, &t);
    if (good) {
        struct tree tree = { { print_line, lang, 0 }, frame };
        d->explain(&tree.explain, frame, settings);
    } else {
        fprintf(stderr, "svod decode: %s\n", problem);
    }
    free(settings);
    return good;
}

static const struct driver *recognise(struct bytes frame)
{
    for (size_t i = 0; i < drivers_count(); i++)
        if (driver_at(i)->looks && driver_at(i)->looks(frame))
            return driver_at(i);
    return NULL;
}

int cli_decode(int argc, char **argv, enum lang lang)
{
    const char *driver = NULL;
    struct option_list set = { 0 };
    const struct option options[] = {
        { "driver", OPTION_TEXT, &driver, { { "ИМЯ", "NAME" } }, { { "семейство; по умолчанию узнаётся по кадру", "family; default recognised by the frame" } } },
        { "set", OPTION_LIST, &set, { { "ИМЯ=ЗНАЧЕНИЕ", "NAME=VALUE" } }, { { "параметр семейства, например ключи: encryption_key=hex:…", "a parameter of the family, such as keys: encryption_key=hex:…" } } },
        { .name = NULL },
    };
    const struct command command = {
        "decode", { { "Объяснить кадр: шестнадцатеричные байты словами или со стандартного ввода.", "Explain a frame: hex bytes as words or from standard input." } },
        { { "<hex> [<hex>…]", "<hex> [<hex>…]" } },
        { { "  svod decode 7EA0080221419350B47E\n  svod decode 80 05 00 00 18 12\n  svod decode < frame.hex",
            "  svod decode 7EA0080221419350B47E\n  svod decode 80 05 00 00 18 12\n  svod decode < frame.hex" } },
        options, 0, 1024 };
    const char *words[1024];
    int count, code;
    if (!options_read(&command, lang, argc, argv, words, &count, &code))
        return code;
    static const struct phrase no_hex = { { "это не шестнадцатеричные байты", "these are no hex bytes" } };
    static const struct phrase nobody = { { "кадр не похож ни на одно семейство; укажите --driver", "no family recognises this frame; give --driver" } };
    uint8_t *bytes = memory_new(FRAME_MAX);
    long size = take_hex(words, count, bytes);
    struct bytes frame = bytes_of(bytes, size > 0 ? (size_t)size : 0);
    const struct driver *d = size > 0 ? (driver ? driver_find(driver) : recognise(frame)) : NULL;
    code = EXIT_USAGE;
    if (size <= 0)
        fprintf(stderr, "svod decode: %s\n", phrase_in(&no_hex, lang));
    else if (!d || !d->explain)
        fprintf(stderr, "svod decode: %s\n", phrase_in(&nobody, lang));
    else
        code = explain_with(d, frame, &set, lang) ? EXIT_OK : EXIT_USAGE;
    free(bytes);
    return code;
}
