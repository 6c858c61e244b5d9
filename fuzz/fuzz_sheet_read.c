/* The reader of workbooks under any bytes: an even first byte means a whole file follows; an odd one that the rest is a worksheet,
 * or (by the next bit) its shared strings, which is packed without compression into a workbook around it. */
#include "http/sheet_read.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool count_row(void *context, int row, const char *const cell[SHEET_COLUMNS_MAX])
{
    size_t *bytes = context;
    if (row < 1 || row > SHEET_ROWS_MAX)
        abort();
    for (int i = 0; i < SHEET_COLUMNS_MAX; i++)
        *bytes += cell[i] ? strlen(cell[i]) : 0;
    return *bytes < 1 << 20;
}

/* --- a zip with stored parts: local headers, then the directory ---------------------------------------------------------- */

struct zip {
    uint8_t *out, *directory;
    size_t size, directory_size;
    unsigned count;
};

static void put(uint8_t *to, size_t *at, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        to[(*at)++] = (uint8_t)(value >> 8 * i);
}

/* The common fields; minizip reads the checksum at the end of a part, and a wrong one must do no harm. */
static void put_fields(uint8_t *to, size_t *at, const char *name, size_t size)
{
    put(to, at, 0, 2);
    put(to, at, 0, 2);
    put(to, at, 0, 4);
    put(to, at, 0, 4);
    put(to, at, (uint32_t)size, 4);
    put(to, at, (uint32_t)size, 4);
    put(to, at, (uint32_t)strlen(name), 2);
    put(to, at, 0, 2);
}

static void add(struct zip *z, const char *name, const void *data, size_t size)
{
    size_t begun = z->size;
    put(z->out, &z->size, 0x04034B50, 4);
    put(z->out, &z->size, 20, 2);
    put_fields(z->out, &z->size, name, size);
    memcpy(z->out + z->size, name, strlen(name));
    z->size += strlen(name);
    memcpy(z->out + z->size, data, size);
    z->size += size;
    put(z->directory, &z->directory_size, 0x02014B50, 4);
    put(z->directory, &z->directory_size, 20, 2);
    put(z->directory, &z->directory_size, 20, 2);
    put_fields(z->directory, &z->directory_size, name, size);
    put(z->directory, &z->directory_size, 0, 2);
    put(z->directory, &z->directory_size, 0, 4);
    put(z->directory, &z->directory_size, 0, 4);
    put(z->directory, &z->directory_size, (uint32_t)begun, 4);
    memcpy(z->directory + z->directory_size, name, strlen(name));
    z->directory_size += strlen(name);
    z->count++;
}

static void end(struct zip *z)
{
    size_t begun = z->size;
    memcpy(z->out + z->size, z->directory, z->directory_size);
    z->size += z->directory_size;
    put(z->out, &z->size, 0x06054B50, 4);
    put(z->out, &z->size, 0, 4);
    put(z->out, &z->size, z->count, 2);
    put(z->out, &z->size, z->count, 2);
    put(z->out, &z->size, (uint32_t)z->directory_size, 4);
    put(z->out, &z->size, (uint32_t)begun, 4);
    put(z->out, &z->size, 0, 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char book[] = "<w xmlns:r='r'><sheet r:id='a'/></w>", ways[] = "<R><Relationship Id='a' Target='s.xml'/></R>", rows[] = "<s><row><c t='s'><v>0</v></c></row></s>";
    char problem[256];
    size_t bytes = 0;
    struct text why = text_over(problem, sizeof problem);
    if (size < 1)
        return 0;
    if (!(data[0] & 1)) {
        sheet_read(bytes_of(data + 1, size - 1), count_row, &bytes, LANG_EN, &why);
        return 0;
    }
    struct zip z = { .out = malloc(size + 2048), .directory = malloc(1024) };
    bool strings = data[0] & 2;
    add(&z, "xl/workbook.xml", book, sizeof book - 1);
    add(&z, "xl/_rels/workbook.xml.rels", ways, sizeof ways - 1);
    add(&z, strings ? "xl/sharedStrings.xml" : "xl/s.xml", data + 1, size - 1);
    if (strings)
        add(&z, "xl/s.xml", rows, sizeof rows - 1);
    end(&z);
    sheet_read(bytes_of(z.out, z.size), count_row, &bytes, LANG_EN, &why);
    free(z.out);
    free(z.directory);
    return 0;
}
