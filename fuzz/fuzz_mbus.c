/* M-Bus under any bytes: finding, decoding and explaining; and the same bytes as the data of a good frame, so that the
 * record decoder is reached without guessing checksums. Whatever is found whole must decode, and an answer's records must
 * lie inside it. Build: clang -fsanitize=fuzzer,address,undefined (dev fuzz). */
#include "wire/mbus_records.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_line(struct explain *e, int depth, struct bytes part, const char *label, const char *value)
{
    (void)e;
    if (depth < 0 || !label || !utf8_valid(bytes_of_text(value)) || (part.size && !part.data))
        abort();
}

static void walk(struct bytes frame)
{
    struct explain russian = { .line = take_line, .lang = LANG_RU }, english = { .line = take_line, .lang = LANG_EN };
    mbus_explain(&russian, frame);
    mbus_explain(&english, frame);
    struct mbus_frame f;
    if (!mbus_frame_decode(frame, &f))
        return;
    struct mbus_response r;
    mbus_response_decode(&f, &r);
    struct mbus_records w = mbus_records_of(&r);
    struct mbus_record record;
    while (mbus_records_next(&w, &record)) {
        if (record.whole.data < frame.data || record.whole.data + record.whole.size > frame.data + frame.size)
            abort();
        if (record.kind == MBUS_MOMENT && record.wall == WALL_NONE)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t kinds[] = { MBUS_CI_VARIABLE, MBUS_CI_NO_HEADER, MBUS_CI_SHORT_HEADER, MBUS_CI_FIXED, MBUS_CI_ERROR, MBUS_CI_SEND };
    struct frame_found found = mbus_find(bytes_of(data, size), NULL);
    if (found.state != FRAME_PARTIAL && (found.size == 0 || found.start + found.size > size))
        abort();
    if (found.state == FRAME_WHOLE)
        walk(bytes_of(data + found.start, found.size));
    walk(bytes_of(data, size));
    if (size < 1 || size > MBUS_DATA_MAX)
        return 0;
    uint8_t memory[MBUS_FRAME_MAX];
    struct writer w = writer_over(memory, sizeof memory);
    uint8_t ci = kinds[data[0] % sizeof kinds];
    mbus_put_long(&w, ci == MBUS_CI_SEND ? MBUS_SND_UD : MBUS_RSP_UD, 1, ci, bytes_of(data + 1, size - 1));
    if (mbus_find(writer_bytes(&w), NULL).state != FRAME_WHOLE)
        abort();
    walk(writer_bytes(&w));
    return 0;
}
