/* Reading workbooks: what a spreadsheet writes, and what somebody wrote to do harm. The workbooks are made by libxlsxwriter or, part
 * by part, by minizip. */
#include "http/sheet_read.h"
#include "tap.h"

#include <minizip/zip.h>
#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>

static char path[] = "/tmp/svod-sheet-XXXXXX";

struct seen {
    int rows, last;
    char cells[1000];
    int stop_after;
};

static bool note_row(void *context, int row, const char *const cell[SHEET_COLUMNS_MAX])
{
    struct seen *s = context;
    struct text t = text_over(s->cells, sizeof s->cells);
    s->rows++;
    s->last = row;
    for (int i = 0; i < SHEET_COLUMNS_MAX; i++)
        if (cell[i])
            text_printf(&t, "%s%d=%s", t.size ? "|" : "", i, cell[i]);
    return s->rows != s->stop_after;
}

/* Reads the file at `path`; the reason in `why` when it cannot be read. */
static bool read_file(struct seen *s, char why[256])
{
    static uint8_t data[4 << 20];
    struct text t = text_over(why, 256);
    FILE *f = fopen(path, "rb");
    size_t size = f ? fread(data, 1, sizeof data, f) : 0;
    if (f)
        fclose(f);
    int stop = s->stop_after;
    *s = (struct seen){ .stop_after = stop };
    return sheet_read(bytes_of(data, size), note_row, s, LANG_EN, &t);
}

static void test_written(void)
{
    struct seen s = { 0 };
    char why[256] = "";
    lxw_workbook *book = workbook_new(path);
    lxw_worksheet *sheet = workbook_add_worksheet(book, "One");
    worksheet_write_string(sheet, 0, 0, "серийный", NULL);
    worksheet_write_string(sheet, 4, 1, "a < b & c", NULL);
    worksheet_write_number(sheet, 4, 2, 123456789012345.0, NULL);
    worksheet_write_number(sheet, 4, 3, 2.5, NULL);
    worksheet_write_boolean(sheet, 4, 4, 1, NULL);
    worksheet_write_formula_num(sheet, 4, 5, "=1+1", NULL, 2);
    worksheet_write_string(sheet, 4, 63, "last", NULL);
    worksheet_write_string(sheet, 4, 64, "beyond", NULL);
    worksheet_write_string(workbook_add_worksheet(book, "Two"), 0, 0, "not read", NULL);
    workbook_close(book);
    ok(read_file(&s, why), "a workbook is read %s", why);
    ok(s.rows == 2 && s.last == 5, "its rows that hold anything, by number");
    is_text(s.cells, "1=a < b & c|2=123456789012345|3=2.5|4=1|5=2|63=last", "texts, whole numbers whole, formulas by their value, no more than 64 columns");
    s.stop_after = 1;
    ok(read_file(&s, why) && s.rows == 1, "the reader may stop");
}

/* A workbook of parts as given; NULL leaves one out. */
static void write_parts(const char *book, const char *relations, const char *strings, const char *sheet)
{
    const struct { const char *name, *text; } parts[] = { { "xl/workbook.xml", book }, { "xl/_rels/workbook.xml.rels", relations }, { "xl/sharedStrings.xml", strings },
                                                          { "xl/worksheets/sheet1.xml", sheet } };
    zipFile zip = zipOpen64(path, APPEND_STATUS_CREATE);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!parts[i].text)
            continue;
        zipOpenNewFileInZip64(zip, parts[i].name, NULL, NULL, 0, NULL, 0, NULL, Z_DEFLATED, 9, 0);
        zipWriteInFileInZip(zip, parts[i].text, (unsigned)strlen(parts[i].text));
        zipCloseFileInZip(zip);
    }
    zipClose(zip, NULL);
}

#define BOOK "<workbook xmlns:r='x'><sheets><sheet name='a' r:id='rId7'/></sheets></workbook>"
#define RELATIONS "<Relationships><Relationship Id='rId1' Target='styles.xml'/><Relationship Id='rId7' Target='worksheets/sheet1.xml'/></Relationships>"
#define SHEET(rows) "<worksheet><sheetData>" rows "</sheetData></worksheet>"

static void refused(const char *strings, const char *sheet, const char *about)
{
    struct seen s = { 0 };
    char why[256] = "";
    write_parts(BOOK, RELATIONS, strings, sheet);
    ok(!read_file(&s, why) && *why, "%s: %s", about, why);
}

static void test_parts(void)
{
    struct seen s = { 0 };
    char why[256] = "";
    write_parts(BOOK, RELATIONS, "<sst><si><t>a</t></si><si><r><t>b</t></r><r><t>c</t></r><rPh><t>x</t></rPh></si></sst>",
                SHEET("<row><c t='s'><v>1</v></c><c t='inlineStr'><is><t>d</t></is></c></row><row r='9'><c r='C9'><v>1E3</v></c></row>"));
    ok(read_file(&s, why) && s.rows == 2 && s.last == 9, "rows and cells without references stand one after another %s", why);
    is_text(s.cells, "2=1000");
    write_parts("<x:workbook xmlns:x='m' xmlns:r='x'><x:sheet r:id='rId7'/></x:workbook>", "<R><Relationship Id='rId7' Target='/xl/worksheets/sheet1.xml'/></R>", NULL,
                "<x:worksheet xmlns:x='m'><x:row><x:c><x:v>5</x:v></x:c></x:row></x:worksheet>");
    ok(read_file(&s, why) && s.rows == 1, "other prefixes and absolute targets are as good %s", why);
    refused(NULL, SHEET("<row r='5'/><row r='4'/>"), "rows out of order");
    refused(NULL, SHEET("<row r='100001'/>"), "too many rows");
    refused(NULL, SHEET("<row><c t='s'><v>0</v></c></row>"), "a string that is not there");
    refused(NULL, "<worksheet><sheetData>", "an end that is missing");
    refused(NULL, NULL, "no worksheet");
    refused(NULL, "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>" SHEET("<row><c t='str'><v>&b;</v></c></row>"), "entities");
    refused(NULL, "<!DOCTYPE x SYSTEM 'file:///etc/passwd'>" SHEET(""), "a look outside");
}

static void test_bombs(void)
{
    enum { MUCH = 80 << 20 };
    char *much = memory_new(MUCH + 1);
    memset(much, ' ', MUCH);
    memcpy(much, "<worksheet><sheetData>", 22);
    refused(NULL, much, "80 MB of blanks");
    memset(much, 'x', 6000);
    memcpy(much, "<sst><si><t>", 12);
    strcpy(much + 5000, "</t></si></sst>");
    refused(much, SHEET(""), "a cell too long");
    much[0] = '\0';
    for (int i = 0; i < 200; i++)
        strcat(much, "<a>");
    refused(NULL, much, "nested too deep");
    free(much);
    struct seen s = { 0 };
    char why[256] = "";
    write_parts("<workbook/>", RELATIONS, NULL, SHEET(""));
    ok(!read_file(&s, why), "no sheet at all");
    FILE *f = fopen(path, "wb");
    fputs("PK\003\004 and no more", f);
    fclose(f);
    ok(!read_file(&s, why), "half a file");
}

static void test_names(void)
{
    char name[32];
    static const struct { int column, row; const char *name; } cells[] = { { 0, 1, "A1" }, { 25, 7, "Z7" }, { 26, 12, "AA12" }, { 63, 0, "BL" } };
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        struct text t = text_over(name, sizeof name);
        sheet_cell_name(cells[i].column, cells[i].row, &t);
        is_text(name, cells[i].name);
    }
}

int main(void)
{
    int fd = mkstemp(path);
    if (fd < 0)
        return 1;
    close(fd);
    test_written();
    test_parts();
    test_bombs();
    test_names();
    unlink(path);
    return tap_done();
}
