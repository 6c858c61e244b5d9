/* Reading workbooks; see sheet_read.h. minizip unpacks, expat parses, both piece by piece. */
#include "http/sheet_read.h"

#include <expat.h>
#include <math.h>
#include <minizip/unzip.h>
#include <stdio.h>
#include <stdlib.h>

enum { PIECE = 16 << 10, NAME_MAX_BYTES = 256, DEPTH_MAX = 64, STRINGS_BYTES_MAX = 32 << 20, FILES_MAX = 2000, RATIO_MAX = 400, RATIO_FREE = 1 << 20 };

/* --- the file in memory, as minizip wants it --------------------------------------------------------------------------------- */

struct memory_file {
    struct bytes all;
    size_t at;
};

static voidpf ZCALLBACK memory_open(voidpf opaque, const void *name, int mode)
{
    (void)name;
    (void)mode;
    return opaque;
}

static uLong ZCALLBACK memory_read(voidpf opaque, voidpf stream, void *out, uLong size)
{
    (void)opaque;
    struct memory_file *f = stream;
    size_t left = f->at < f->all.size ? f->all.size - f->at : 0, take = size < left ? size : left;
    memcpy(out, f->all.data + f->at, take);
    f->at += take;
    return take;
}

static uLong ZCALLBACK memory_write(voidpf opaque, voidpf stream, const void *data, uLong size)
{
    (void)opaque;
    (void)stream;
    (void)data;
    (void)size;
    return 0;
}

static ZPOS64_T ZCALLBACK memory_tell(voidpf opaque, voidpf stream)
{
    (void)opaque;
    return ((struct memory_file *)stream)->at;
}

static long ZCALLBACK memory_seek(voidpf opaque, voidpf stream, ZPOS64_T offset, int origin)
{
    (void)opaque;
    struct memory_file *f = stream;
    uint64_t base = origin == ZLIB_FILEFUNC_SEEK_SET ? 0 : origin == ZLIB_FILEFUNC_SEEK_CUR ? f->at : f->all.size, to = base + offset;
    if (to < base || to > f->all.size)
        return -1;
    f->at = (size_t)to;
    return 0;
}

static int ZCALLBACK memory_close(voidpf opaque, voidpf stream)
{
    (void)opaque;
    (void)stream;
    return 0;
}

static unzFile open_memory(struct memory_file *f)
{
    zlib_filefunc64_def functions = { .zopen64_file = memory_open, .zread_file = memory_read, .zwrite_file = memory_write, .ztell64_file = memory_tell,
                                      .zseek64_file = memory_seek, .zclose_file = memory_close, .zerror_file = memory_close, .opaque = f };
    return unzOpen2_64("", &functions);
}

/* --- parts of it --------------------------------------------------------------------------------------------------------------- */

struct reading {
    unzFile zip;
    XML_Parser parser;
    enum lang lang;
    struct text *problem;
    bool failed;
    struct arena arena;
    int depth;
    /* strings shared by cells */
    const char **strings;
    size_t string_count, string_room, string_bytes;
    /* text being gathered: of a string, or of a cell */
    char text[SHEET_CELL_MAX + 1];
    size_t text_size;
    bool taking, phonetic;
    /* the way to the first worksheet */
    char relation[NAME_MAX_BYTES], target[NAME_MAX_BYTES];
    /* the worksheet */
    int row, column, next_row, next_column;
    char type;   /* of the cell: 's' shared, 'i' inline, 't' text as it is, 'n' number, 'b', 'e' */
    const char *cell[SHEET_COLUMNS_MAX];
    bool any;
    struct arena row_arena;
    sheet_row_fn *each;
    void *context;
    bool stopped;
};

static bool fail(struct reading *r, const char *ru, const char *en)
{
    if (!r->failed)
        text_put(r->problem, r->lang == LANG_RU ? ru : en);
    r->failed = true;
    if (r->parser)
        XML_StopParser(r->parser, XML_FALSE);
    return false;
}

static bool not_workbook(struct reading *r)
{
    return fail(r, "это не книга XLSX или файл повреждён", "this is no XLSX workbook, or the file is damaged");
}

/* Behind the last mark of a name with its namespace. */
static const char *local(const char *name)
{
    const char *mark = strrchr(name, '|');
    return mark ? mark + 1 : name;
}

static const char *attribute(const char **list, const char *name)
{
    for (; list && *list; list += 2)
        if (strcmp(local(list[0]), name) == 0)
            return list[1];
    return NULL;
}

static void on_doctype(void *context, const char *name, const char *system, const char *public, int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    not_workbook(context);
}

/* Feeds one part to the handlers that are set. False when it is not there (no failure) or not as it should be. */
static bool parse_open_part(struct reading *r)
{
    char *data = memory_new(PIECE);
    uint64_t size = 0;
    int got = 1;
    while (!r->failed && !r->stopped && (got = unzReadCurrentFile(r->zip, data, PIECE)) > 0) {
        size += (uint64_t)got;
        if (size > SHEET_PART_MAX)
            fail(r, "файл слишком велик в распакованном виде", "the file is too large when unpacked");
        else if (XML_Parse(r->parser, data, got, 0) == XML_STATUS_ERROR && !r->stopped)
            not_workbook(r);
    }
    if (got < 0 || (!r->failed && !r->stopped && XML_Parse(r->parser, "", 0, 1) == XML_STATUS_ERROR && !r->stopped))
        not_workbook(r);
    free(data);
    return !r->failed;
}

/* Bounded before it is unpacked; a ratio that no document has is no document. */
static bool part_bounded(struct reading *r)
{
    unz_file_info64 info;
    if (unzGetCurrentFileInfo64(r->zip, &info, NULL, 0, NULL, 0, NULL, 0) != UNZ_OK)
        return not_workbook(r);
    bool bomb = info.uncompressed_size > SHEET_PART_MAX || (info.uncompressed_size > RATIO_FREE && info.uncompressed_size / RATIO_MAX > info.compressed_size);
    return !bomb || fail(r, "файл слишком велик в распакованном виде", "the file is too large when unpacked");
}

static bool has_part(struct reading *r, const char *name)
{
    return unzLocateFile(r->zip, name, 1) == UNZ_OK;
}

static bool parse_part(struct reading *r, const char *name, XML_StartElementHandler start, XML_EndElementHandler end, XML_CharacterDataHandler text)
{
    if (!has_part(r, name) || !part_bounded(r) || unzOpenCurrentFile(r->zip) != UNZ_OK)
        return not_workbook(r);
    r->parser = XML_ParserCreateNS("UTF-8", '|');
    if (!r->parser)
        abort();
    r->depth = 0;
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, start, end);
    XML_SetCharacterDataHandler(r->parser, text);
    XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
    bool good = parse_open_part(r);
    XML_ParserFree(r->parser);
    r->parser = NULL;
    unzCloseCurrentFile(r->zip);
    return good;
}

static bool deeper(struct reading *r)
{
    return ++r->depth <= DEPTH_MAX || not_workbook(r);
}

static void take_text(void *context, const char *data, int size)
{
    struct reading *r = context;
    if (!r->taking || r->phonetic)
        return;
    if (r->text_size + (size_t)size > SHEET_CELL_MAX) {
        fail(r, "в ячейке больше 4096 байт текста", "a cell has more than 4096 bytes of text");
        return;
    }
    memcpy(r->text + r->text_size, data, (size_t)size);
    r->text_size += (size_t)size;
}

/* --- the first worksheet's name ---------------------------------------------------------------------------------------------------- */

static void book_start(void *context, const char *name, const char **list)
{
    struct reading *r = context;
    const char *id = strcmp(local(name), "sheet") == 0 && !*r->relation ? attribute(list, "id") : NULL;
    if (deeper(r) && id)
        snprintf(r->relation, sizeof r->relation, "%s", id);
}

static void any_end(void *context, const char *name)
{
    (void)name;
    ((struct reading *)context)->depth--;
}

static void relation_start(void *context, const char *name, const char **list)
{
    struct reading *r = context;
    const char *id = strcmp(local(name), "Relationship") == 0 ? attribute(list, "Id") : NULL, *target = attribute(list, "Target");
    if (deeper(r) && id && target && strcmp(id, r->relation) == 0)
        snprintf(r->target, sizeof r->target, "%s%s", *target == '/' ? "" : "xl/", *target == '/' ? target + 1 : target);
}

/* --- shared strings ------------------------------------------------------------------------------------------------------------------ */

static void string_start(void *context, const char *name, const char **list)
{
    (void)list;
    struct reading *r = context;
    if (!deeper(r))
        return;
    if (strcmp(local(name), "si") == 0)
        r->text_size = 0;
    if (strcmp(local(name), "rPh") == 0)
        r->phonetic = true;
    r->taking |= strcmp(local(name), "t") == 0;
}

static void keep_string(struct reading *r)
{
    r->string_bytes += r->text_size + 1;
    if (r->string_count == SHEET_STRINGS_MAX || r->string_bytes > STRINGS_BYTES_MAX) {
        fail(r, "в книге слишком много текста", "the workbook has too much text");
        return;
    }
    if (r->string_count == r->string_room) {
        size_t room = r->string_room ? r->string_room * 2 : 1024;
        r->strings = memory_grow(r->strings, r->string_room * sizeof *r->strings, room * sizeof *r->strings);
        r->string_room = room;
    }
    r->strings[r->string_count++] = arena_text(&r->arena, bytes_of(r->text, r->text_size));
}

static void string_end(void *context, const char *name)
{
    struct reading *r = context;
    r->depth--;
    if (strcmp(local(name), "t") == 0)
        r->taking = false;
    else if (strcmp(local(name), "rPh") == 0)
        r->phonetic = false;
    else if (strcmp(local(name), "si") == 0)
        keep_string(r);
}

/* --- the worksheet -------------------------------------------------------------------------------------------------------------------- */

void sheet_cell_name(int column, int row, struct text *t)
{
    if (column >= 26)
        text_printf(t, "%c", 'A' + column / 26 - 1);
    text_printf(t, "%c", 'A' + column % 26);
    if (row)
        text_printf(t, "%d", row);
}

/* "AB12" is column 27; -1 when it says none. */
static int column_of(const char *reference)
{
    int column = 0, letters = 0;
    for (; *reference >= 'A' && *reference <= 'Z' && letters < 4; reference++, letters++)
        column = column * 26 + (*reference - 'A' + 1);
    return letters ? column - 1 : -1;
}

static void begin_row(struct reading *r, const char **list)
{
    const char *number = attribute(list, "r");
    long row = number ? strtol(number, NULL, 10) : r->next_row;
    if (row < r->next_row || row > SHEET_ROWS_MAX) {
        fail(r, "в книге слишком много строк, или они перепутаны", "the workbook has too many rows, or they are out of order");
        return;
    }
    r->row = (int)row;
    r->next_row = (int)row + 1;
    r->next_column = 0;
    memset(r->cell, 0, sizeof r->cell);
    r->any = false;
    arena_reset(&r->row_arena);
}

static void begin_cell(struct reading *r, const char **list)
{
    const char *reference = attribute(list, "r"), *type = attribute(list, "t");
    int column = reference ? column_of(reference) : r->next_column;
    r->column = column < 0 ? r->next_column : column;
    r->next_column = r->column + 1;
    r->type = !type ? 'n' : strcmp(type, "s") == 0 ? 's' : strcmp(type, "inlineStr") == 0 ? 'i' : strcmp(type, "str") == 0 ? 't' : *type;
    r->text_size = 0;
}

static void sheet_start(void *context, const char *name, const char **list)
{
    struct reading *r = context;
    const char *what = local(name);
    if (!deeper(r))
        return;
    if (strcmp(what, "row") == 0)
        begin_row(r, list);
    else if (strcmp(what, "c") == 0)
        begin_cell(r, list);
    else if (strcmp(what, "rPh") == 0)
        r->phonetic = true;
    else if (strcmp(what, r->type == 'i' ? "t" : "v") == 0)
        r->taking = true;
}

/* Whole numbers as they are written by people: Excel keeps 123456789012345 as 1.23456789012345E+14. */
static const char *number_text(struct reading *r)
{
    char *end, text[40];
    double value = strtod(r->text, &end);
    bool whole = end != r->text && !*end && value == floor(value) && fabs(value) < 9e15;
    if (!whole)
        return arena_text(&r->row_arena, bytes_of(r->text, r->text_size));
    snprintf(text, sizeof text, "%.0f", value);
    return arena_text(&r->row_arena, bytes_of_text(text));
}

static void end_cell(struct reading *r)
{
    if (r->column >= SHEET_COLUMNS_MAX || !r->text_size)
        return;
    r->text[r->text_size] = '\0';
    const char *text = NULL;
    if (r->type == 's') {
        char *end;
        unsigned long index = strtoul(r->text, &end, 10);
        if (*end || index >= r->string_count) {
            not_workbook(r);
            return;
        }
        text = r->strings[index];
    } else {
        text = r->type == 'n' ? number_text(r) : arena_text(&r->row_arena, bytes_of(r->text, r->text_size));
    }
    r->cell[r->column] = *text ? text : NULL;
    r->any |= *text != '\0';
}

static void sheet_end_element(void *context, const char *name)
{
    struct reading *r = context;
    const char *what = local(name);
    r->depth--;
    if (strcmp(what, "rPh") == 0)
        r->phonetic = false;
    else if (strcmp(what, r->type == 'i' ? "t" : "v") == 0)
        r->taking = false;
    else if (strcmp(what, "c") == 0)
        end_cell(r);
    else if (strcmp(what, "row") == 0 && r->any && !r->failed && !r->each(r->context, r->row, r->cell)) {
        r->stopped = true;
        XML_StopParser(r->parser, XML_FALSE);
    }
}

/* --- all of it --------------------------------------------------------------------------------------------------------------------------- */

static bool read_parts(struct reading *r)
{
    unz_global_info64 info;
    if (unzGetGlobalInfo64(r->zip, &info) != UNZ_OK || info.number_entry > FILES_MAX)
        return not_workbook(r);
    if (!parse_part(r, "xl/workbook.xml", book_start, any_end, NULL) || !*r->relation ||
        !parse_part(r, "xl/_rels/workbook.xml.rels", relation_start, any_end, NULL) || !*r->target)
        return not_workbook(r);
    if (has_part(r, "xl/sharedStrings.xml") && !parse_part(r, "xl/sharedStrings.xml", string_start, string_end, take_text))
        return false;
    r->taking = r->phonetic = false;
    r->next_row = 1;
    return parse_part(r, r->target, sheet_start, sheet_end_element, take_text);
}

bool sheet_read(struct bytes file, sheet_row_fn *each, void *context, enum lang lang, struct text *problem)
{
    struct memory_file memory = { file, 0 };
    struct reading *r = memory_new(sizeof *r);
    r->lang = lang;
    r->problem = problem;
    r->each = each;
    r->context = context;
    r->zip = open_memory(&memory);
    bool good = r->zip ? read_parts(r) : not_workbook(r);
    if (r->zip)
        unzClose(r->zip);
    free(r->strings);
    arena_free(&r->arena);
    arena_free(&r->row_arena);
    free(r);
    return good;
}
