/* Any bytes as a question for gateways and as an answer: an answer's texts stay UTF-8 without control characters. */
#include "box/beacon.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    if (!utf8_valid(bytes_of_text(text)))
        abort();
    for (; *text; text++)
        if ((unsigned char)*text < 0x20)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char ask[BEACON_ASK + 1];
    unsigned char question[BEACON_QUESTION];
    struct beacon_found f;
    if (beacon_question_read(bytes_of(data, size), ask)) {
        beacon_question_write(ask, question);
        if (!beacon_question_read(bytes_of(question, sizeof question), ask))
            abort();
    }
    beacon_answer_read(bytes_of(data, size), "0123456789abcdef", &f);
    check_text(f.type);
    check_text(f.serial);
    check_text(f.version);
    check_text(f.addresses);
    return 0;
}
