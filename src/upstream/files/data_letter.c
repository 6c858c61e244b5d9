/* Letters with data that somebody orders; see data_letter.h. */
#include "upstream/files/data_letter.h"
#include "store/registry/registry.h"
#include "upstream/files/post_file.h"

#include <stdlib.h>

enum { ROWS_AT_ONCE = 128, BODY_MAX = 4096 };

/* A line that may have to be told at the end, because nothing new did. */
struct newest {
    uint64_t key;
    bool told;
};

struct device {
    int64_t id;
    const char *serial;
};

struct making {
    const struct data_letter *letter;
    struct arena arena;
    struct device *devices; /* that are meant, by id */
    size_t device_count, device_room;
    struct newest *newest;  /* by key */
    size_t newest_count, newest_room;
    int64_t device;         /* whose lines come */
    int64_t position;       /* of the reader, all lines up to it are in the file or gone */
    bool passed_over;       /* rows went before they were read */
    int part;
    struct post_file file;
    struct feed_row rows[ROWS_AT_ONCE];
};

static enum fault going_on(const struct making *m)
{
    return m->letter->ending && atomic_load(m->letter->ending) ? FAULT_CANCELLED : FAULT_NONE;
}

/* ---- what is known of the present ---- */

static uint64_t key_of(int64_t device, const struct feed_line *l)
{
    const uint64_t parts[] = { (uint64_t)device, (uint64_t)l->archive, l->obis.code, (uint64_t)l->wall };
    uint64_t key = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        for (int shift = 0; shift < 64; shift += 8)
            key = (key ^ (parts[i] >> shift & 0xFF)) * 1099511628211u;
    return key;
}

static int by_key(const void *a, const void *b)
{
    uint64_t x = ((const struct newest *)a)->key, y = ((const struct newest *)b)->key;
    return x < y ? -1 : x > y;
}

static struct newest *newest_of(const struct making *m, const struct feed_line *l)
{
    struct newest wanted = { .key = key_of(m->device, l) };
    return m->newest_count ? bsearch(&wanted, m->newest, m->newest_count, sizeof wanted, by_key) : NULL;
}

static bool keep_device(void *context, const struct store_meter *row)
{
    struct making *m = context;
    if (!feed_filter_means(&m->letter->what, row))
        return true;
    if (m->device_count == m->device_room) {
        m->device_room = m->device_room ? m->device_room * 2 : 64;
        m->devices = memory_resize(m->devices, m->device_room * sizeof *m->devices);
    }
    m->devices[m->device_count++] = (struct device){ row->id, arena_text(&m->arena, bytes_of_text(row->serial)) };
    return true;
}

static bool keep_newest(void *context, const struct feed_line *l)
{
    struct making *m = context;
    if (m->newest_count == m->newest_room) {
        m->newest_room = m->newest_room ? m->newest_room * 2 : 256;
        m->newest = memory_resize(m->newest, m->newest_room * sizeof *m->newest);
    }
    m->newest[m->newest_count++] = (struct newest){ .key = key_of(m->device, l) };
    return true;
}

/* Of everything that is chosen. */
static enum fault each_newest(struct making *m, feed_line_fn *each)
{
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < m->device_count; i++)
        for (enum archive a = 0; a < ARCHIVE_COUNT && fault == FAULT_NONE; a++) {
            m->device = m->devices[i].id;
            fault = going_on(m);
            if (fault == FAULT_NONE && feed_filter_takes(&m->letter->what, a))
                fault = feed_newest(m->letter->store, m->device, m->devices[i].serial, a, each, m);
        }
    return fault;
}

static enum fault look_at_present(struct making *m)
{
    enum fault fault = store_meters(m->letter->store, keep_device, m);
    if (fault == FAULT_NONE)
        fault = each_newest(m, keep_newest);
    if (m->newest_count)
        qsort(m->newest, m->newest_count, sizeof *m->newest, by_key);
    return fault;
}

/* ---- the file ---- */

static bool tell(void *context, const struct feed_line *l)
{
    struct making *m = context;
    struct newest *present = l->archive == ARCHIVE_JOURNAL ? NULL : newest_of(m, l);
    if (present)
        present->told = true;
    return post_file_line(&m->file, l);
}

static bool tell_untold(void *context, const struct feed_line *l)
{
    struct making *m = context;
    const struct newest *present = newest_of(m, l);
    return (present && present->told) || post_file_line(&m->file, l);
}

/* ---- letters ---- */

static void write_body(const struct making *m, struct text *t)
{
    static const struct phrase lines = { { "\nСтрок в файле: %lld.\n", "\nLines in the file: %lld.\n" } };
    static const struct phrase none = { { "\nВ архивах выбранных устройств данных нет.\n", "\nThe archives of the chosen devices have no data.\n" } };
    static const struct phrase passed_over = { { "Более старое, что накопилось с прошлого письма, в файл не вошло: оно в архивах устройства.\n",
                                                 "What gathered before, since the last letter, is not in the file: it is in the box's archives.\n" } };
    text_put(t, m->letter->body);
    if (m->file.lines)
        text_printf(t, phrase_in(&lines, m->letter->lang), (long long)m->file.lines);
    else
        text_put(t, phrase_in(&none, m->letter->lang));
    if (m->passed_over && m->part == 1)
        text_put(t, phrase_in(&passed_over, m->letter->lang));
}

static enum fault post(struct making *m)
{
    const struct data_letter *l = m->letter;
    char body[BODY_MAX], name[POST_FILE_NAME_MAX];
    struct text t = text_over(body, sizeof body);
    struct feed_reader place = { .name = l->reader, .position = m->position, .note = "" };
    if (!post_file_end(&m->file))
        return FAULT_REFUSED;
    write_body(m, &t);
    struct store_letter_file file = post_file_enclosure(&m->file, l->wall, m->part, l->lang, name);
    struct mail_letter letter = { .to = l->to, .subject = l->subject, .body = body, .file = &file };
    enum fault fault = m->file.lines ? mail_post_file(l->mail, &letter, &l->to, 1, &place) : mail_post(l->mail, &letter);
    if (fault == FAULT_NONE && !m->file.lines)
        fault = store_feed_move(l->store, &place, 1);
    m->part++;
    post_file_clear(&m->file);
    return fault;
}

static enum fault post_rows(struct making *m, size_t count)
{
    enum fault fault = going_on(m);
    for (size_t i = 0; i < count && fault == FAULT_NONE; i++) {
        m->device = m->rows[i].meter;
        fault = feed_lines(m->letter->store, &m->rows[i], &m->letter->what, tell, m);
        if (m->file.failed)
            return FAULT_REFUSED;
        if (fault != FAULT_NONE)
            break;
        m->position = m->rows[i].id;
        fault = m->file.raw >= (size_t)DATA_LETTER_KIB << 10 ? post(m) : going_on(m);
    }
    return fault;
}

static bool take_place(void *context, const struct feed_reader *r)
{
    struct making *m = context;
    if (strcmp(r->name, m->letter->reader) != 0)
        return true;
    m->position = r->position;
    m->passed_over = *r->note;
    return false;
}

static enum fault post_since(struct making *m)
{
    size_t count = 0;
    enum fault fault = store_feed_last(m->letter->store, &m->position); /* where nobody has joined nothing is new */
    if (fault == FAULT_NONE)
        fault = store_feed_readers(m->letter->store, m->letter->reader, take_place, m);
    do {
        if (fault == FAULT_NONE)
            fault = feed_rows_read(m->letter->store, m->position, m->rows, ROWS_AT_ONCE, &count);
        if (fault == FAULT_NONE)
            fault = post_rows(m, count);
    } while (fault == FAULT_NONE && count == ROWS_AT_ONCE);
    return fault;
}

enum fault data_letter_post(const struct data_letter *l)
{
    struct making *m = memory_new(sizeof *m);
    m->letter = l;
    m->part = 1;
    m->file.kind = l->format;
    enum fault fault = look_at_present(m);
    if (fault == FAULT_NONE)
        fault = post_since(m);
    if (fault == FAULT_NONE)
        fault = each_newest(m, tell_untold);
    if (fault == FAULT_NONE)
        fault = m->file.failed ? FAULT_REFUSED : m->file.lines || m->part == 1 ? post(m) : FAULT_NONE;
    post_file_clear(&m->file);
    arena_free(&m->arena);
    free(m->devices);
    free(m->newest);
    free(m);
    return fault;
}

/* ---- who is too far behind ---- */

struct trimming {
    struct store *store;
    int64_t least;
    enum fault fault;
};

static bool trim(void *context, const struct feed_reader *r)
{
    struct trimming *t = context;
    if (r->position < t->least)
        t->fault = store_feed_move(t->store, &(struct feed_reader){ .name = r->name, .position = t->least, .note = "passed over" }, 1);
    return t->fault == FAULT_NONE;
}

enum fault data_letter_trim(struct store *s)
{
    struct trimming t = { .store = s };
    int64_t last = 0;
    enum fault fault = store_feed_last(s, &last);
    t.least = last - DATA_LETTER_ROWS;
    if (fault == FAULT_NONE && t.least > 0)
        fault = store_feed_readers(s, DATA_LETTER_PREFIX, trim, &t);
    return fault == FAULT_NONE ? t.fault : fault;
}
