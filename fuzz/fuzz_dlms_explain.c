/* Any bytes through the explainer, with and without keys, in both languages; the tree must close. */
#include "wire/dlms_explain.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *from, *to;

static void line(struct explain *e, int depth, struct bytes part, const char *label, const char *value)
{
    (void)e;
    if (depth < 0 || !label || !value || (part.size && (part.data < from || part.data + part.size > to)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t key[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
    struct dlms_keys k = {
        .suite = 1,
        .encryption = bytes_of(key, 16), .broadcast = bytes_of(key, 16), .authentication = bytes_of(key, 16),
        .dedicated = bytes_of(key, 16), .master = bytes_of(key, 16),
        .client_title = bytes_of(key, 8), .server_title = bytes_of(key, 8),
    };
    struct bytes b = bytes_of(data, size);
    from = data;
    to = data + size;
    for (int i = 0; i < LANG_COUNT; i++) {
        struct explain e = { .line = line, .lang = (enum lang)i };
        dlms_explain(&e, b, i ? &k : NULL);
        if (e.depth != 0)
            abort();
    }
    (void)dlms_looks(b);
    return 0;
}
