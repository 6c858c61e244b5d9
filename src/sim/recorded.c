/* Recorded meters; see recorded.h. */
#include "sim/recorded.h"

#include "base/arena.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILE_MAX = 1 << 24 };

struct exchange {
    struct bytes request, mask; /* mask: 0 where any byte fits, FFh elsewhere */
    struct bytes answer;
};

struct recorded {
    struct twin twin;
    struct arena arena;
    struct exchange *exchanges;
    size_t count;
};

/* The twin's session: where in the recording the meter is. */
struct place {
    size_t next;
};

static const struct recorded *recording_of(const struct sim_meter *m)
{
    return (const struct recorded *)((const char *)m->twin - offsetof(struct recorded, twin));
}

/* --- playing ------------------------------------------------------------------------------------------------------ */

static bool fits(const struct exchange *e, struct bytes frame)
{
    if (e->request.size != frame.size)
        return false;
    for (size_t i = 0; i < frame.size; i++)
        if ((e->request.data[i] ^ frame.data[i]) & e->mask.data[i])
            return false;
    return true;
}

/* The first exchange from `start` on, round the end, that begins with the request; NULL when none does. */
static const struct exchange *find_exchange(const struct recorded *r, size_t start, struct bytes frame)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct exchange *e = &r->exchanges[(start + i) % r->count];
        if (fits(e, frame))
            return e;
    }
    return NULL;
}

static bool recorded_addressed(const struct sim_meter *m, struct bytes frame)
{
    return find_exchange(recording_of(m), 0, frame) != NULL;
}

static void recorded_answer(struct sim_meter *m, void *session, struct bytes frame, int64_t wall, struct writer *out)
{
    (void)wall;
    struct place *p = session;
    const struct recorded *r = recording_of(m);
    const struct exchange *e = find_exchange(r, p->next, frame);
    if (!e)
        return;
    p->next = (size_t)(e - r->exchanges) + 1;
    put_bytes(out, e->answer);
}

static struct frame_found find_anything(struct bytes received, void *context)
{
    (void)context;
    return (struct frame_found){ received.size ? FRAME_WHOLE : FRAME_PARTIAL, 0, received.size };
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

struct reader {
    struct recorded *recorded;
    size_t room, line;
};

/* Hex with "??" for any byte into bytes and mask, both in the arena. */
static bool take_hex(struct arena *a, const char *text, size_t length, struct bytes *bytes, struct bytes *mask)
{
    uint8_t *values = arena_take(a, length / 2 + 1), *masks = arena_take(a, length / 2 + 1);
    size_t size = 0;
    for (size_t i = 0; i < length;) {
        if (strchr(" \t\r", text[i])) {
            i++;
            continue;
        }
        char pair[3] = { text[i], i + 1 < length ? text[i + 1] : 0, 0 };
        bool any = strcmp(pair, "??") == 0;
        if (!any && hex_parse(pair, &values[size], 1) != 1)
            return false;
        masks[size++] = any ? 0 : 0xFF;
        i += 2;
    }
    *bytes = bytes_of(values, size);
    *mask = bytes_of(masks, size);
    return true;
}

static struct exchange *exchange_new(struct reader *r)
{
    struct recorded *to = r->recorded;
    if (to->count == r->room) {
        size_t room = r->room ? r->room * 2 : 64;
        to->exchanges = memory_grow(to->exchanges, r->room * sizeof *to->exchanges, room * sizeof *to->exchanges);
        r->room = room;
    }
    return &to->exchanges[to->count++];
}

static bool take_request(struct reader *r, const char *text, size_t length)
{
    struct exchange *e = exchange_new(r);
    return take_hex(&r->recorded->arena, text, length, &e->request, &e->mask) && e->request.size > 0;
}

/* An answer, or its next line. */
static bool take_answer(struct reader *r, const char *text, size_t length)
{
    struct bytes more, mask;
    struct arena *a = &r->recorded->arena;
    if (r->recorded->count == 0 || !take_hex(a, text, length, &more, &mask) || memchr(mask.data, 0, mask.size))
        return false;
    struct exchange *e = &r->recorded->exchanges[r->recorded->count - 1];
    uint8_t *all = arena_take(a, e->answer.size + more.size + 1);
    memcpy(all, e->answer.size ? e->answer.data : all, e->answer.size);
    memcpy(all + e->answer.size, more.data, more.size);
    e->answer = bytes_of(all, e->answer.size + more.size);
    return true;
}

static bool take_vector(struct reader *r, const char *line, size_t length)
{
    const char *end = line + length, *request = memchr(line, '|', length);
    const char *answer = request ? memchr(request + 1, '|', (size_t)(end - request) - 1) : NULL;
    if (!answer)
        return false;
    const char *stop = memchr(answer + 1, '|', (size_t)(end - answer) - 1);
    stop = stop ? stop : end;
    return take_request(r, request + 1, (size_t)(answer - request) - 1) &&
           take_answer(r, answer + 1, (size_t)(stop - answer) - 1);
}

static bool take_line(struct reader *r, const char *line, size_t length)
{
    while (length && strchr(" \t\r", line[0]))
        line++, length--;
    while (length && strchr(" \t\r", line[length - 1]))
        length--;
    if (length == 0 || line[0] == '#')
        return true;
    if (length >= 2 && memcmp(line, ">>", 2) == 0)
        return take_request(r, line + 2, length - 2);
    if (length >= 2 && memcmp(line, "<<", 2) == 0)
        return take_answer(r, line + 2, length - 2);
    return take_vector(r, line, length);
}

static struct twin twin_for(const struct twin *family)
{
    struct twin t = { .name = "recorded", .find = find_anything, .line = { .baud = 9600, .bits = 8, .stop = 1, .parity = 'N' } };
    if (family)
        t = *family;
    t.meter_size = 0;
    t.session_size = sizeof(struct place);
    t.born = NULL;
    t.addressed = recorded_addressed;
    t.answer = recorded_answer;
    return t;
}

struct recorded *recorded_parse(const char *text, const struct twin *family, enum lang lang, struct text *problem)
{
    static const struct phrase wrong = { {
        "строка %zu: нужно «>> hex», «<< hex» или «имя | hex запроса | hex ответа»",
        "line %zu: must be \">> hex\", \"<< hex\" or \"name | request hex | answer hex\"" } };
    static const struct phrase empty = { { "в записи нет ни одного обмена", "the recording has no exchange" } };
    struct recorded *r = memory_new(sizeof *r);
    struct reader reader = { .recorded = r };
    r->twin = twin_for(family);
    bool good = true;
    for (const char *at = text; *at && good;) {
        size_t length = strcspn(at, "\n");
        reader.line++;
        good = take_line(&reader, at, length);
        at += length + (at[length] == '\n');
    }
    if (good && r->count > 0)
        return r;
    text_printf(problem, phrase_in(good ? &empty : &wrong, lang), reader.line);
    recorded_free(&r);
    return NULL;
}

struct recorded *recorded_load(const char *path, const struct twin *family, enum lang lang, struct text *problem)
{
    FILE *f = fopen(path, "r");
    if (!f) {
        text_printf(problem, "%s: %s", path, strerror(errno));
        return NULL;
    }
    char *text = memory_new(FILE_MAX + 1);
    text[fread(text, 1, FILE_MAX, f)] = '\0';
    fclose(f);
    struct recorded *r = recorded_parse(text, family, lang, problem);
    free(text);
    return r;
}

const struct twin *recorded_twin(const struct recorded *r)
{
    return &r->twin;
}

size_t recorded_count(const struct recorded *r)
{
    return r->count;
}

void recorded_free(struct recorded **r)
{
    struct recorded *dead = *r;
    *r = NULL;
    if (!dead)
        return;
    free(dead->exchanges);
    arena_free(&dead->arena);
    free(dead);
}
