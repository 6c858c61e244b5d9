/* The block decoder under any bytes: the first byte says how long the layout is, the rest is the body. What decodes must
 * encode and decode to the same. Build: clang -fsanitize=fuzzer,address,undefined (dev fuzz). */
#include "store/archive/block.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct bytes body_of(const struct block *b, struct arena *a)
{
    size_t room = block_room(b);
    struct writer w = writer_over(arena_take(a, room), room);
    block_put_body(b, a, &w);
    return writer_bytes(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || data[0] >= size)
        return 0;
    struct bytes layout = bytes_of(data + 1, data[0]), body = bytes_of(data + 1 + data[0], size - 1 - data[0]);
    struct arena a = { 0 };
    struct block b, back;
    if (block_take(layout, body, 0, &a, &b) && (uint64_t)b.rows * b.columns < 100000) {
        struct bytes once = body_of(&b, &a);
        if (once.size == 0 || !block_take(layout, once, 0, &a, &back) || !bytes_equal(once, body_of(&back, &a)))
            abort();
    }
    arena_free(&a);
    return 0;
}
