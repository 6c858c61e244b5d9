/* The file of a letter: lines of the feed as CSV, like the hour files', or as a workbook. In memory: a letter is bounded. */
#pragma once
#include "upstream/files/feed_lines.h"
#include "base/sheet.h"
#include "base/lang.h"
#include "store/house/house.h"

struct post_file {
    enum sheet_kind kind;
    struct buffer content;
    struct sheet *sheet; /* of a workbook under way */
    int64_t lines;
    size_t raw;          /* about as many bytes as the lines have in CSV */
    bool failed;
};

/* A feed_line_fn whose context is the file. False when it takes no more. */
bool post_file_line(void *file, const struct feed_line *line);

/* Whole: `content` is what is sent. False: no memory or disk for it. */
bool post_file_end(struct post_file *f);

/* As what it goes with a letter: "readings 2026-11-22 10-00 (2).csv", `part` from 1. The name lies in `name`, the content in the file. */
enum { POST_FILE_NAME_MAX = 120 };
struct store_letter_file post_file_enclosure(const struct post_file *f, int64_t wall, int part, enum lang lang, char name[POST_FILE_NAME_MAX]);

/* Empty again, of the same kind. */
void post_file_clear(struct post_file *f);
