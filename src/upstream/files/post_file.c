/* Lines as the file of a letter; see post_file.h. */
#include "upstream/files/post_file.h"
#include "meter/unit.h"

enum { LINE_ABOUT = 64 };

static bool take(void *to, const void *data, size_t size)
{
    struct post_file *f = to;
    buffer_put(&f->content, data, size);
    return !f->content.failed;
}

static bool never(void *to)
{
    (void)to;
    return false;
}

/* The columns of the CSV. */
static bool begin_sheet(struct post_file *f)
{
    static const char heads[] = FEED_CSV_HEAD;
    f->sheet = sheet_over(f->kind, (struct sheet_out){ take, never, f }, "readings");
    for (const char *at = heads; *at;) {
        char word[32];
        size_t size = strcspn(at, ";\n");
        struct text t = text_over(word, sizeof word);
        text_put_bytes(&t, bytes_of(at, size));
        sheet_head(f->sheet, word);
        at += size + (at[size] != 0);
    }
    return sheet_row(f->sheet);
}

static bool sheet_line(struct post_file *f, const struct feed_line *l)
{
    char time[CIVIL_TEXT_MAX];
    sheet_text(f->sheet, l->serial);
    sheet_text(f->sheet, archive_name(l->archive));
    sheet_text(f->sheet, wall_format(l->wall, time));
    sheet_text(f->sheet, l->name);
    if (l->missing)
        sheet_empty(f->sheet);
    else
        sheet_number(f->sheet, l->value);
    sheet_text(f->sheet, unit_symbol(l->unit, LANG_EN));
    sheet_int(f->sheet, l->quality);
    return sheet_row(f->sheet);
}

bool post_file_line(void *file, const struct feed_line *l)
{
    struct post_file *f = file;
    bool first = f->lines == 0;
    if (f->kind == SHEET_CSV) {
        if (first)
            buffer_text(&f->content, FEED_CSV_HEAD);
        feed_line_csv(&f->content, l);
        f->raw = f->content.size;
    } else {
        f->failed |= (first && !begin_sheet(f)) || !sheet_line(f, l);
        f->raw += LINE_ABOUT;
    }
    f->lines++;
    f->failed |= f->content.failed;
    return !f->failed;
}

bool post_file_end(struct post_file *f)
{
    if (f->sheet && !sheet_end(&f->sheet))
        f->failed = true;
    return !f->failed && !f->content.failed;
}

struct store_letter_file post_file_enclosure(const struct post_file *f, int64_t wall, int part, enum lang lang, char name[POST_FILE_NAME_MAX])
{
    static const struct phrase what = { { "показания", "readings" } };
    struct civil c = civil_of_wall(wall);
    struct text t = text_over(name, POST_FILE_NAME_MAX);
    text_printf(&t, "%s %04d-%02d-%02d %02d-%02d", phrase_in(&what, lang), c.year, c.month, c.day, c.hour, c.minute);
    if (part > 1)
        text_printf(&t, " (%d)", part);
    text_put(&t, f->kind == SHEET_XLSX ? ".xlsx" : ".csv");
    return (struct store_letter_file){ name, sheet_type(f->kind), bytes_of(f->content.data, f->content.size) };
}

void post_file_clear(struct post_file *f)
{
    if (f->sheet)
        sheet_end(&f->sheet);
    buffer_free(&f->content);
    *f = (struct post_file){ .kind = f->kind };
}
