/* Local header, deflated content, central directory; see zip_one.h. */
#include "upstream/mqtt/zip_one.h"
#include "base/arena.h"
#include "base/cursor.h"

#include <stdlib.h>
#include <zlib.h>

enum {
    LOCAL = 0x04034B50, CENTRAL = 0x02014B50, END = 0x06054B50, /* signatures */
    NEEDS = 20, DEFLATED = 8, DAY_ONE = 0x0021,                 /* version 2.0; 1980-01-01 */
    LOCAL_SIZE = 30, CENTRAL_SIZE = 46, END_SIZE = 22, RAW_WINDOW = -15, MEMORY = 8,
};

static size_t deflate_into(struct bytes content, uint8_t *out, size_t room)
{
    z_stream z = { .next_in = (Bytef *)content.data, .avail_in = (uInt)content.size, .next_out = out, .avail_out = (uInt)room };
    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, RAW_WINDOW, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    deflate(&z, Z_FINISH);
    size_t size = room - z.avail_out;
    deflateEnd(&z);
    return size;
}

/* What both headers say of the file, from the version on. */
static void put_about(struct writer *w, uint32_t crc, size_t packed, size_t plain, size_t name)
{
    put_le16(w, NEEDS);
    put_le16(w, 0);
    put_le16(w, DEFLATED);
    put_le16(w, 0);
    put_le16(w, DAY_ONE);
    put_le32(w, crc);
    put_le32(w, (uint32_t)packed);
    put_le32(w, (uint32_t)plain);
    put_le16(w, (uint16_t)name);
    put_le16(w, 0);
}

uint8_t *zip_one(const char *name, struct bytes content, size_t *ret_size)
{
    size_t length = strlen(name), bound = compressBound((uLong)content.size) + 64;
    size_t room = LOCAL_SIZE + length + bound + CENTRAL_SIZE + length + END_SIZE;
    uint8_t *zip = memory_new(room);
    size_t packed = deflate_into(content, zip + LOCAL_SIZE + length, bound);
    uint32_t crc = (uint32_t)crc32(0, content.data, (uInt)content.size);
    struct writer head = writer_over(zip, LOCAL_SIZE + length);
    put_le32(&head, LOCAL);
    put_about(&head, crc, packed, content.size, length);
    put_bytes(&head, bytes_of_text(name));
    size_t directory = LOCAL_SIZE + length + packed;
    struct writer w = writer_over(zip + directory, room - directory);
    put_le32(&w, CENTRAL);
    put_le16(&w, NEEDS);
    put_about(&w, crc, packed, content.size, length);
    for (int i = 0; i < 3; i++) /* comment, disk, internal attributes */
        put_le16(&w, 0);
    put_le32(&w, 0);
    put_le32(&w, 0); /* where the local header stands */
    put_bytes(&w, bytes_of_text(name));
    put_le32(&w, END);
    put_le16(&w, 0);
    put_le16(&w, 0);
    put_le16(&w, 1);
    put_le16(&w, 1);
    put_le32(&w, (uint32_t)(CENTRAL_SIZE + length));
    put_le32(&w, (uint32_t)directory);
    put_le16(&w, 0);
    *ret_size = directory + CENTRAL_SIZE + length + END_SIZE;
    return zip;
}
