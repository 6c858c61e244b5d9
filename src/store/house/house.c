/* The mail server, letters and notices; see house.h. Log lines are in lines.c. */
#include "store/house/house.h"
#include "store/inside.h"

static const char *text_of(const char *text)
{
    return text ? text : "";
}

/* ---- the mail server ---- */

enum fault store_mail_get(struct store *s, struct arena *a, struct store_mail *ret)
{
    *ret = (struct store_mail){ .sender = "", .name = "", .user = "", .password = "", .server = "", .port = 25, .security = "auto", .authority = "", .revision = 1 };
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT sender, name, login, password, server, port, security, authority, revision FROM mail_server WHERE id = 1");
    if (query_row(q))
        *ret = (struct store_mail){ .sender = keep(a, query_text(q, 0)), .name = keep(a, query_text(q, 1)), .user = keep(a, query_text(q, 2)),
                                    .password = keep(a, query_text(q, 3)), .server = keep(a, query_text(q, 4)), .port = (int)query_int(q, 5),
                                    .security = keep(a, query_text(q, 6)), .authority = keep(a, query_text(q, 7)), .revision = query_int(q, 8) };
    query_end(q);
    return side_end(side);
}

static int64_t mail_revision(struct side *side)
{
    int64_t revision = row_number(db_query(side->db, "SELECT revision FROM mail_server WHERE id = 1"));
    return revision ? revision : 1;
}

enum fault store_mail_put(struct store *s, const struct store_mail *m)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    int64_t revision = mail_revision(side);
    if (revision != m->revision)
        return side_cancel(side, FAULT_CHANGED);
    db_run(side->db, "DELETE FROM mail_server");
    struct query *q = db_query(side->db, "INSERT INTO mail_server(id, sender, name, login, password, server, port, security, authority, revision)"
                                         " VALUES(1, $1, $2, $3, $4, $5, $6, $7, $8, $9)");
    query_put_text(q, 1, m->sender);
    query_put_text(q, 2, m->name);
    query_put_text(q, 3, m->user);
    query_put_text(q, 4, m->password);
    query_put_text(q, 5, m->server);
    query_put_int(q, 6, m->port);
    query_put_text(q, 7, m->security);
    query_put_text(q, 8, m->authority);
    query_put_int(q, 9, revision + 1);
    query_run(q);
    return side_end(side);
}

/* ---- letters ---- */

#define LETTER_COLUMNS "SELECT id, recipient, subject, body, state, tries, created_ms, due_ms, ended_ms, trouble, file FROM letter"

static struct store_letter letter_of(struct query *q)
{
    return (struct store_letter){ query_int(q, 0), query_text(q, 1), query_text(q, 2), query_text(q, 3), (enum letter_state)query_int(q, 4),
                                  (int)query_int(q, 5), query_int(q, 6), query_int(q, 7), query_int(q, 8), query_text(q, 9), query_int(q, 10) };
}

static int64_t letters_waiting(struct side *side)
{
    return row_number(db_query(side->db, "SELECT count(*) FROM letter WHERE state = 0"));
}

static int64_t letter_insert(struct side *side, const struct store_letter *letter, const char *to, int64_t file)
{
    struct query *q = db_query(side->db, "INSERT INTO letter(recipient, subject, body, state, tries, created_ms, due_ms, ended_ms, trouble, file)"
                                         " VALUES($1, $2, $3, 0, 0, $4, $4, 0, '', $5)");
    query_put_text(q, 1, to);
    query_put_text(q, 2, letter->subject);
    query_put_text(q, 3, letter->body);
    query_put_int(q, 4, side->store->now_ms());
    query_put_int(q, 5, file);
    query_run(q);
    return db_inserted(side->db);
}

enum fault store_letter_add(struct store *s, const struct store_letter *letter, int64_t *ret_id)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    if (letters_waiting(side) >= LETTERS_WAITING_MAX)
        return side_cancel(side, FAULT_LIMIT);
    int64_t id = letter_insert(side, letter, letter->to, 0);
    return side_end_put(side, id, ret_id);
}

static bool file_fits(struct side *side, size_t letters, const struct store_letter_file *file)
{
    int64_t filed = row_number(db_query(side->db, "SELECT count(*) FROM letter WHERE state = 0 AND file <> 0"));
    int64_t size = row_number(db_query(side->db, "SELECT coalesce(sum(size), 0) FROM letter_file"));
    return file->content.size <= LETTER_FILE_MAX && letters_waiting(side) + (int64_t)letters <= LETTERS_WAITING_MAX && filed + (int64_t)letters <= LETTERS_FILED_MAX
        && size + (int64_t)file->content.size <= LETTER_FILES_MAX;
}

static int64_t file_insert(struct side *side, const struct store_letter_file *file)
{
    struct query *q = db_query(side->db, "INSERT INTO letter_file(name, type, size, content) VALUES($1, $2, $3, $4)");
    query_put_text(q, 1, file->name);
    query_put_text(q, 2, file->type);
    query_put_int(q, 3, (int64_t)file->content.size);
    query_put_bytes(q, 4, file->content);
    query_run(q);
    return db_inserted(side->db);
}

enum fault store_letters_file(struct store *s, const struct store_letter *letter, const char *const *to, size_t count, const struct store_letter_file *file,
                              const struct feed_reader *reader)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    if (!file_fits(side, count, file))
        return side_cancel(side, FAULT_LIMIT);
    int64_t id = file_insert(side, file);
    for (size_t i = 0; i < count; i++)
        letter_insert(side, letter, to[i], id);
    enum fault moved = store_feed_move(s, reader, 1);
    return moved == FAULT_NONE ? side_end(side) : side_cancel(side, moved);
}

enum fault store_letter_file_get(struct store *s, int64_t id, struct arena *a, struct store_letter_file *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = query_for(side, "SELECT name, type, content FROM letter_file WHERE id = $1", id);
    bool found = query_row(q);
    if (found)
        *ret = (struct store_letter_file){ keep(a, query_text(q, 0)), keep(a, query_text(q, 1)), arena_copy(a, query_bytes(q, 2)) };
    query_end(q);
    return side_end_found(side, found);
}

enum fault store_letters_filed(struct store *s, struct arena *a, struct store_letters_filed *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT coalesce(sum(CASE WHEN state = 0 THEN 1 ELSE 0 END), 0), coalesce(sum(CASE WHEN state = 2 THEN 1 ELSE 0 END), 0),"
                                         " coalesce(max(CASE WHEN state = 1 THEN ended_ms ELSE 0 END), 0) FROM letter WHERE file <> 0");
    *ret = (struct store_letters_filed){ .trouble = "" };
    if (query_row(q))
        *ret = (struct store_letters_filed){ query_int(q, 0), query_int(q, 1), query_int(q, 2), "" };
    query_end(q);
    q = db_query(side->db, "SELECT trouble FROM letter WHERE file <> 0 AND state <> 1 AND trouble <> '' ORDER BY id DESC LIMIT 1");
    if (query_row(q))
        ret->trouble = keep(a, query_text(q, 0));
    query_end(q);
    return side_end(side);
}

enum fault store_letter_due(struct store *s, int64_t now_ms, struct arena *a, struct store_letter *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, LETTER_COLUMNS " WHERE state = 0 AND due_ms <= $1 ORDER BY due_ms, id LIMIT 1");
    query_put_int(q, 1, now_ms);
    bool found = query_row(q);
    if (found) {
        *ret = letter_of(q);
        ret->to = keep(a, ret->to);
        ret->subject = keep(a, ret->subject);
        ret->body = keep(a, ret->body);
        ret->trouble = keep(a, ret->trouble);
    }
    query_end(q);
    return side_end_found(side, found);
}

enum fault store_letter_put(struct store *s, const struct store_letter *letter)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    struct query *q = db_query(side->db, "UPDATE letter SET state = $1, tries = $2, due_ms = $3, ended_ms = $4, trouble = $5 WHERE id = $6");
    query_put_int(q, 1, letter->state);
    query_put_int(q, 2, letter->tries);
    query_put_int(q, 3, letter->due_ms);
    query_put_int(q, 4, letter->state == LETTER_WAITING ? 0 : s->now_ms());
    query_put_text(q, 5, letter->trouble);
    query_put_int(q, 6, letter->id);
    query_run(q);
    struct query *old = db_query(side->db, "DELETE FROM letter WHERE state <> 0 AND id NOT IN"
                                           " (SELECT id FROM letter WHERE state <> 0 ORDER BY ended_ms DESC, id DESC LIMIT $1)");
    query_put_int(old, 1, LETTERS_ENDED_KEPT);
    query_run(old);
    db_run(side->db, "DELETE FROM letter_file WHERE id NOT IN (SELECT file FROM letter WHERE state = 0)");
    return side_end(side);
}

enum fault store_letters_hurry(struct store *s)
{
    struct side *side = side_begin(s, DB_WRITE);
    struct query *q = db_query(side->db, "UPDATE letter SET due_ms = $1 WHERE state = 0");
    query_put_int(q, 1, s->now_ms());
    query_run(q);
    return side_end(side);
}

enum fault store_letters(struct store *s, store_letter_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, LETTER_COLUMNS " ORDER BY id DESC");
    while (query_row(q)) {
        struct store_letter l = letter_of(q);
        if (!each(context, &l))
            break;
    }
    query_end(q);
    return side_end(side);
}

enum fault store_letter_counts(struct store *s, int64_t ret[LETTER_STATES])
{
    memset(ret, 0, LETTER_STATES * sizeof *ret);
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT state, count(*) FROM letter GROUP BY state");
    while (query_row(q))
        if (query_int(q, 0) >= 0 && query_int(q, 0) < LETTER_STATES)
            ret[query_int(q, 0)] = query_int(q, 1);
    query_end(q);
    return side_end(side);
}

/* ---- notices ---- */

enum fault store_notice_add(struct store *s, const struct store_notice *n, int64_t *ret_id)
{
    struct side *side = side_begin(s, DB_WRITE);
    struct query *q = db_query(side->db, "INSERT INTO notice(person, project, kind, level, at_ms, count, object, seen) VALUES($1, $2, $3, $4, $5, $6, $7, 0)");
    query_put_int(q, 1, n->person);
    query_put_int(q, 2, n->project);
    query_put_text(q, 3, n->kind);
    query_put_int(q, 4, n->level);
    query_put_int(q, 5, n->at_ms ? n->at_ms : s->now_ms());
    query_put_int(q, 6, n->count);
    query_put_text(q, 7, text_of(n->object));
    query_run(q);
    int64_t id = db_inserted(side->db);
    struct query *old = db_query(side->db, "DELETE FROM notice WHERE person = $1 AND id < (SELECT min(id) FROM"
                                           " (SELECT id FROM notice WHERE person = $1 ORDER BY id DESC LIMIT $2) AS newest)");
    query_put_int(old, 1, n->person);
    query_put_int(old, 2, NOTICES_KEPT);
    query_run(old);
    return side_end_put(side, id, ret_id);
}

enum fault store_notices(struct store *s, const struct notice_filter *f, store_notice_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT id, person, project, kind, level, at_ms, count, object, seen FROM notice WHERE person = $1"
                                         " AND ($2 = 0 OR seen = 0) AND ($3 = '' OR kind = $3) AND ($4 = 0 OR id < $4) ORDER BY id DESC");
    query_put_int(q, 1, f->person);
    query_put_int(q, 2, f->unread);
    query_put_text(q, 3, text_of(f->kind));
    query_put_int(q, 4, f->before_id);
    while (query_row(q)) {
        struct store_notice n = { query_int(q, 0), query_int(q, 1), query_int(q, 2), query_text(q, 3), (int)query_int(q, 4), query_int(q, 5),
                                  query_int(q, 6), query_text(q, 7), query_int(q, 8) != 0 };
        if (!each(context, &n))
            break;
    }
    query_end(q);
    return side_end(side);
}

enum fault store_notices_unread(struct store *s, int64_t person, int64_t *ret)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT count(*) FROM notice WHERE person = $1 AND seen = 0");
    query_put_int(q, 1, person);
    *ret = row_number(q);
    return side_end(side);
}

static enum fault touch(struct store *s, const char *sql, int64_t person, int64_t id)
{
    struct side *side = side_begin(s, DB_WRITE);
    struct query *q = db_query(side->db, sql);
    query_put_int(q, 1, person);
    query_put_int(q, 2, id);
    int64_t touched = query_run(q);
    enum fault fault = side_end(side);
    return fault == FAULT_NONE && id && touched == 0 ? FAULT_NO_DATA : fault;
}

enum fault store_notices_read(struct store *s, int64_t person, int64_t id)
{
    return touch(s, "UPDATE notice SET seen = 1 WHERE person = $1 AND ($2 = 0 OR id = $2)", person, id);
}

enum fault store_notices_delete(struct store *s, int64_t person, int64_t id)
{
    return touch(s, "DELETE FROM notice WHERE person = $1 AND ($2 = 0 OR id = $2)", person, id);
}

enum fault store_notice_last(struct store *s, int64_t person, const char *kind, int64_t *ret_ms)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT coalesce(max(at_ms), 0) FROM notice WHERE person = $1 AND kind = $2");
    query_put_int(q, 1, person);
    query_put_text(q, 2, kind);
    *ret_ms = row_number(q);
    return side_end(side);
}

enum fault store_notices_expire(struct store *s, int64_t before_ms)
{
    struct side *side = side_begin(s, DB_WRITE);
    struct query *q = db_query(side->db, "DELETE FROM notice WHERE at_ms < $1");
    query_put_int(q, 1, before_ms);
    query_run(q);
    return side_end(side);
}

enum fault store_notice_choices(struct store *s, int64_t person, store_notice_choice_fn *each, void *context)
{
    struct side *side = side_begin(s, DB_READ);
    struct query *q = db_query(side->db, "SELECT kind, shown, mailed, threshold FROM notice_choice WHERE person = $1 ORDER BY kind");
    query_put_int(q, 1, person);
    while (query_row(q)) {
        struct store_notice_choice c = { query_text(q, 0), query_int(q, 1) != 0, query_int(q, 2) != 0, (int)query_int(q, 3) };
        if (!each(context, &c))
            break;
    }
    query_end(q);
    return side_end(side);
}

enum fault store_notice_choices_put(struct store *s, int64_t person, const struct store_notice_choice *c, size_t count)
{
    struct side *side = side_begin(s, DB_WRITE_DURABLE);
    for (size_t i = 0; i < count; i++) {
        struct query *q = db_query(side->db, "INSERT INTO notice_choice(person, kind, shown, mailed, threshold) VALUES($1, $2, $3, $4, $5)"
                                             " ON CONFLICT(person, kind) DO UPDATE SET shown = $3, mailed = $4, threshold = $5");
        query_put_int(q, 1, person);
        query_put_text(q, 2, c[i].kind);
        query_put_int(q, 3, c[i].shown);
        query_put_int(q, 4, c[i].mailed);
        query_put_int(q, 5, c[i].threshold);
        query_run(q);
    }
    return side_end(side);
}
