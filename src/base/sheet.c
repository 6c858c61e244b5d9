/* Tables as CSV or workbooks; see sheet.h. A workbook is written by libxlsxwriter in its mode of constant memory. */
#include "base/sheet.h"
#include "base/buffer.h"
#include "base/csv.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>

enum { PART = 64 << 10, ROWS_MAX = 1048576, COLUMNS_MAX = 16384, HEADS_MAX = 1024, TITLE_MAX = 31,
       MARK_COLOUR = 0xFFC7CE, DIGITS_SURE = 15 /* of any decimal in a double */ };

struct sheet {
    enum sheet_kind kind;
    struct sheet_out out;
    bool failed;
    int column;
    struct buffer lines; /* CSV not sent yet */
    struct arena arena;
    const char *title, *heads[HEADS_MAX];
    int head_count, worksheets;
    uint32_t row;
    char path[64]; /* of the workbook */
    lxw_workbook *book;
    lxw_worksheet *worksheet;
    lxw_format *bold, *red;
};

const char *sheet_type(enum sheet_kind kind)
{
    return kind == SHEET_CSV ? "text/csv; charset=utf-8" : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
}

/* --- worksheets ------------------------------------------------------------------------------------------------------------ */

/* Names of worksheets are at most 31 characters, without some signs, and differ. */
static void add_worksheet(struct sheet *s)
{
    char name[TITLE_MAX * 4 + 8] = "";
    size_t size = 0;
    int characters = 0;
    for (const char *at = s->title; *at && characters < TITLE_MAX - 4; at++) {
        characters += (*at & 0xC0) != 0x80;
        if (characters < TITLE_MAX - 4 && !strchr("[]:*?/\\'", *at) && size < TITLE_MAX * 4)
            name[size++] = *at;
    }
    if (s->worksheets++)
        snprintf(name + size, sizeof name - size, " %d", s->worksheets);
    s->worksheet = workbook_add_worksheet(s->book, *name ? name : NULL);
    if (!s->worksheet) /* a name it does not like */
        s->worksheet = workbook_add_worksheet(s->book, NULL);
    s->failed |= !s->worksheet;
    s->row = 0;
}

static void open_book(struct sheet *s)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(s->path, sizeof s->path, "%.40s/svod-sheet-XXXXXX", tmp ? tmp : "/tmp");
    int fd = mkstemp(s->path);
    if (fd < 0) {
        s->failed = true;
        return;
    }
    close(fd);
    lxw_workbook_options options = { .constant_memory = LXW_TRUE, .tmpdir = (char *)(uintptr_t)tmp };
    s->book = workbook_new_opt(s->path, &options);
    s->bold = workbook_add_format(s->book);
    format_set_bold(s->bold);
    s->red = workbook_add_format(s->book);
    format_set_bg_color(s->red, MARK_COLOUR);
    add_worksheet(s);
}

static void repeat_heads(struct sheet *s)
{
    add_worksheet(s);
    for (int i = 0; i < s->head_count && !s->failed; i++)
        worksheet_write_string(s->worksheet, 0, (lxw_col_t)i, s->heads[i], s->bold);
    s->row = s->head_count > 0;
}

struct sheet *sheet_over(enum sheet_kind kind, struct sheet_out out, const char *title)
{
    struct sheet *s = memory_new(sizeof *s);
    s->kind = kind;
    s->out = out;
    s->title = arena_text(&s->arena, bytes_of_text(title));
    if (kind == SHEET_XLSX)
        open_book(s);
    return s;
}

/* --- cells ------------------------------------------------------------------------------------------------------------------ */

/* True when the cell can be written; goes on to the next place. */
static bool next_cell(struct sheet *s)
{
    if (s->failed || s->column >= COLUMNS_MAX)
        return false;
    if (s->kind == SHEET_CSV && s->column)
        buffer_put(&s->lines, ";", 1);
    s->column++;
    return true;
}

static void put_text(struct sheet *s, const char *utf8, lxw_format *format)
{
    if (!next_cell(s))
        return;
    if (s->kind == SHEET_CSV)
        csv_cell(&s->lines, utf8, "");
    else
        worksheet_write_string(s->worksheet, s->row, (lxw_col_t)(s->column - 1), utf8, format);
}

void sheet_text(struct sheet *s, const char *utf8)
{
    put_text(s, utf8, NULL);
}

void sheet_marked(struct sheet *s, const char *utf8)
{
    if (s->kind == SHEET_XLSX && !*utf8 && next_cell(s))
        worksheet_write_blank(s->worksheet, s->row, (lxw_col_t)(s->column - 1), s->red);
    else if (s->kind == SHEET_CSV || *utf8)
        put_text(s, utf8, s->red);
}

void sheet_head(struct sheet *s, const char *utf8)
{
    if (s->head_count < HEADS_MAX)
        s->heads[s->head_count++] = arena_text(&s->arena, bytes_of_text(utf8));
    put_text(s, utf8, s->bold);
}

static int digits_of(struct decimal d)
{
    int count = 0;
    for (d = decimal_normal(d); d.mantissa; d.mantissa /= 10)
        count++;
    return count;
}

void sheet_number(struct sheet *s, struct decimal value)
{
    char text[DECIMAL_TEXT_MAX];
    decimal_format(value, text);
    if (s->kind == SHEET_XLSX && digits_of(value) > DIGITS_SURE) {
        sheet_text(s, text);
        return;
    }
    if (!next_cell(s))
        return;
    if (s->kind == SHEET_CSV)
        buffer_text(&s->lines, text);
    else
        worksheet_write_number(s->worksheet, s->row, (lxw_col_t)(s->column - 1), strtod(text, NULL), NULL);
}

void sheet_int(struct sheet *s, int64_t value)
{
    sheet_number(s, decimal_of(value, 0));
}

void sheet_empty(struct sheet *s)
{
    next_cell(s);
}

/* --- rows ------------------------------------------------------------------------------------------------------------------- */

static void send_lines(struct sheet *s)
{
    s->failed = s->failed || s->lines.failed || (s->lines.size && !s->out.write(s->out.to, s->lines.data, s->lines.size));
    s->lines.size = 0;
}

bool sheet_row(struct sheet *s)
{
    s->column = 0;
    if (s->kind == SHEET_CSV) {
        buffer_put(&s->lines, "\n", 1);
        if (s->lines.size >= PART)
            send_lines(s);
    } else if (!s->failed && ++s->row == ROWS_MAX) {
        repeat_heads(s);
    }
    s->failed = s->failed || s->out.gone(s->out.to);
    return !s->failed;
}

static void send_book(struct sheet *s)
{
    char part[16 << 10];
    FILE *file = fopen(s->path, "rb");
    s->failed = !file;
    for (size_t size; !s->failed && (size = fread(part, 1, sizeof part, file)) > 0;)
        s->failed = !s->out.write(s->out.to, part, size);
    if (file)
        fclose(file);
}

bool sheet_end(struct sheet **sheet)
{
    struct sheet *s = *sheet;
    if (s->kind == SHEET_CSV)
        send_lines(s);
    if (s->book)
        s->failed |= workbook_close(s->book) != LXW_NO_ERROR;
    if (s->book && !s->failed)
        send_book(s);
    if (s->path[0])
        unlink(s->path);
    bool good = !s->failed;
    buffer_free(&s->lines);
    arena_free(&s->arena);
    free(s);
    *sheet = NULL;
    return good;
}
