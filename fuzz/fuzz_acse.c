/* Any bytes through the association decoders; what decodes must encode, and decode again to an equal encoding. */
#include "wire/acse.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Writes what decodes; 0 bytes when nothing does. */
static struct bytes again(struct bytes b, uint8_t *memory, size_t room)
{
    struct writer w = writer_over(memory, room);
    struct acse_request q;
    struct acse_response r;
    struct acse_release l;
    struct xdlms_initiate i;
    struct xdlms_service_error e;
    if (acse_request_decode(b, &q))
        acse_request_encode(&w, &q);
    else if (acse_response_decode(b, &r))
        acse_response_encode(&w, &r);
    else if (acse_release_decode(b, &l))
        acse_release_encode(&w, &l);
    else if (xdlms_initiate_decode(b, &i))
        xdlms_initiate_encode(&w, &i);
    else if (xdlms_service_error_decode(b, &e))
        xdlms_service_error_encode(&w, &e);
    return writer_bytes(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t first[70000], second[70000];
    struct bytes once = again(bytes_of(data, size), first, sizeof first);
    struct bytes twice = again(once, second, sizeof second);
    if (!bytes_equal(once, twice))
        abort();
    return 0;
}
