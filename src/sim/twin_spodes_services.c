/* GET, SET and ACTION of a simulated СПОДЭС meter, with lists, blocks and general block transfer (dlms.md 8). */
#include "sim/twin_spodes.h"

#include <stdlib.h>

enum { NOT_ALLOWED = 1, UNKNOWN = 2, NOT_POSSIBLE = 1, NOT_SUPPORTED = 2, OTHER = 3, TOO_LONG = 4 };

/* --- a long answer, from any place of it on ------------------------------------------------------------------------------- */

/* The references of the stream lie in session->kept. */
static bool reference_at(struct spodes_view *v, uint32_t item, struct cosem_reference *ret)
{
    struct spodes_session *s = v->session;
    struct cursor c = cursor_over(bytes_of(s->kept, s->stream.size));
    for (uint32_t i = 0; i <= item; i++)
        *ret = cosem_take_reference(&c, true);
    return !c.failed;
}

/* What stands before an item's value in a list; in a single answer the form of the response says it. */
static void put_prefix(const struct spodes_stream *t, const struct spodes_value *value, struct writer *w)
{
    if (!t->list)
        return;
    put_u8(w, value->code != COSEM_SUCCESS);
    if (value->code != COSEM_SUCCESS)
        put_u8(w, value->code);
}

/* Copies what of the piece lies after place->byte. True when the piece is done. */
static bool copy_piece(struct bytes piece, struct spodes_place *place, struct writer *w)
{
    struct bytes rest = bytes_part(piece, place->byte, piece.size);
    struct bytes some = bytes_part(rest, 0, writer_room(w));
    put_bytes(w, some);
    place->byte += (uint32_t)some.size;
    if (some.size < rest.size)
        return false;
    place->byte = 0;
    return true;
}

/* Fills `w` with the answer from `place` on and moves it. True when the answer has ended. */
static bool stream_read(struct spodes_view *v, struct spodes_place *place, struct writer *w)
{
    struct spodes_session *s = v->session;
    struct spodes_view then = *v;
    then.wall = s->stream.wall;
    struct spodes_value value;
    uint8_t memory[SPODES_PIECE_MAX];
    for (; place->item < s->stream.items; place->item++, place->piece = 0) {
        struct cosem_reference what;
        if (!reference_at(v, place->item, &what))
            return true;
        spodes_resolve(&then, &what, &value);
        do {
            struct writer piece = writer_over(memory, sizeof memory);
            if (place->piece == 0)
                put_prefix(&s->stream, &value, &piece);
            if (place->piece < value.pieces)
                spodes_piece(&then, &value, place->piece, &piece);
            if (!copy_piece(writer_bytes(&piece), place, w))
                return false;
        } while (++place->piece < value.pieces);
    }
    return true;
}

/* The count before the items of a list is not part of the stream: it is written by who opens it. */
static size_t put_count(const struct spodes_stream *t, struct writer *w)
{
    if (t->list)
        put_axdr_length(w, t->items);
    return writer_size(w);
}

static void put_result(struct writer *w, const struct spodes_stream *t, struct bytes content)
{
    struct cosem_response r = { .service = COSEM_GET, .form = t->list ? COSEM_WITH_LIST : COSEM_NORMAL, .invoke = t->invoke };
    r.value = (struct cosem_result){ .has_data = true, .data = content };
    r.results = (struct cosem_list){ t->items, content };
    cosem_response_encode(w, &r);
}

static void put_code(struct writer *w, enum cosem_service service, uint8_t invoke, uint8_t code)
{
    struct cosem_response r = { .service = service, .form = COSEM_NORMAL, .invoke = invoke, .code = code, .value.code = code };
    cosem_response_encode(w, &r);
}

static void put_block_failure(struct writer *w, uint8_t invoke, uint32_t number, uint8_t code)
{
    struct cosem_response r = { .service = COSEM_GET, .form = COSEM_BLOCK, .invoke = invoke,
                                .block = { .last = true, .number = number, .failed = true, .result = code } };
    cosem_response_encode(w, &r);
}

/* Bytes of a plain APDU that the client can still take. */
static size_t room_of(const struct spodes_session *s)
{
    size_t dress = s->dress.on ? SPODES_SEAL_MAX : 0;
    return s->pdu > dress + 16 ? s->pdu - dress : 16;
}

enum { HEAD = 4, BLOCK_HEAD = 12 };

static void put_block(struct spodes_view *v, struct bytes raw, bool last, struct writer *w)
{
    struct spodes_stream *t = &v->session->stream;
    struct cosem_response r = { .service = COSEM_GET, .form = COSEM_BLOCK, .invoke = t->invoke,
                                .block = { .last = last, .number = ++t->block, .raw = raw } };
    cosem_response_encode(w, &r);
    t->active = !last;
}

/* --- general block transfer of an answer ------------------------------------------------------------------------------------ */

/* The whole answer, sealed, on the heap: only transfers need it, once for each of their blocks. */
static struct bytes whole_answer(struct spodes_view *v, uint8_t **memory)
{
    enum { ANSWER_MAX = 256 * 1024 };
    struct spodes_stream *t = &v->session->stream;
    *memory = malloc(3 * (ANSWER_MAX + 64));
    if (!*memory)
        abort();
    struct writer content = writer_over(*memory, ANSWER_MAX);
    struct writer plain = writer_over(*memory + ANSWER_MAX + 64, ANSWER_MAX + 64), sealed = writer_over(*memory + 2 * (ANSWER_MAX + 64), ANSWER_MAX + 64);
    struct spodes_place place = { 0 };
    stream_read(v, &place, &content);
    put_result(&plain, t, writer_bytes(&content));
    spodes_seal(v, writer_bytes(&plain), v->session->transfer.counter, &sealed);
    return writer_bytes(&sealed);
}

static void put_transfer(struct spodes_view *v, struct writer *w)
{
    enum { TRANSFER_HEAD = 9 };
    struct spodes_session *s = v->session;
    uint8_t *memory;
    struct bytes whole = whole_answer(v, &memory);
    size_t part = s->pdu - TRANSFER_HEAD, from = (size_t)s->transfer.number * part;
    bool last = from + part >= whole.size;
    s->transfer.number++;
    cosem_transfer_encode(w, &(struct cosem_transfer){ .last = last, .window = 1, .number = s->transfer.number,
                                                       .acknowledged = 1, .raw = bytes_part(whole, from, part) });
    s->transfer.active = !last;
    free(memory);
}

void spodes_transfer_on(struct spodes_view *v, struct bytes apdu, struct writer *w)
{
    struct cosem_transfer t;
    if (!cosem_transfer_decode(apdu, &t) || t.acknowledged > v->session->transfer.number) {
        v->session->transfer.active = false;
        spodes_refuse(w, NOT_ALLOWED, NOT_POSSIBLE);
        return;
    }
    v->session->transfer.number = t.acknowledged; /* a block that was lost comes again */
    put_transfer(v, w);
}

/* --- GET ------------------------------------------------------------------------------------------------------------------------ */

/* Whole if it fits; else the first block of it, by the way the client knows. */
static void get_begin(struct spodes_view *v, struct writer *w)
{
    struct spodes_session *s = v->session;
    uint8_t memory[SPODES_APDU_MAX];
    size_t room = room_of(s), block = room - BLOCK_HEAD;
    /* What a block may hold, then the few bytes more that the whole form has room for: so nothing is computed twice. */
    struct writer content = writer_over(memory, block);
    put_count(&s->stream, &content);
    struct spodes_place place = { 0 };
    bool ended = stream_read(v, &place, &content);
    size_t held = writer_size(&content);
    struct spodes_place after = place;
    content.end = memory + (room - HEAD);
    if (!ended)
        ended = stream_read(v, &after, &content);
    size_t count = s->stream.list ? (s->stream.items < 0x80 ? 1 : 2) : 0;
    if (ended) {
        put_result(w, &s->stream, bytes_part(writer_bytes(&content), count, writer_size(&content)));
    } else if (s->conformance & XDLMS_GENERAL_BLOCK_TRANSFER) {
        s->transfer = (struct spodes_transfer){ .active = true, .counter = s->dress.on ? ++v->s->server_counter : 0 };
        put_transfer(v, w);
    } else if (s->conformance & XDLMS_BLOCK_GET) {
        s->stream.active = true;
        s->stream.block = 0;
        s->stream.place = place;
        put_block(v, bytes_of(memory, held), false, w);
    } else {
        put_code(w, COSEM_GET, s->stream.invoke, COSEM_OTHER_REASON);
    }
}

static bool selection_allowed(const struct spodes_session *s, const struct cosem_reference *what)
{
    return !what->selective || s->conformance & XDLMS_SELECTIVE_ACCESS;
}

static void keep_references(struct spodes_view *v, const struct cosem_request *r, bool list, struct bytes items, uint32_t count)
{
    struct spodes_session *s = v->session;
    s->put.active = false; /* `kept` holds one long thing at a time */
    memcpy(s->kept, items.data, items.size);
    s->stream = (struct spodes_stream){ .list = list, .invoke = r->invoke, .items = count, .size = (uint32_t)items.size, .wall = v->wall };
}

static void get_normal(struct spodes_view *v, const struct cosem_request *r, struct writer *w)
{
    struct spodes_value value;
    uint8_t memory[SPODES_LONG_MAX];
    struct writer item = writer_over(memory, sizeof memory);
    cosem_put_reference(&item, &r->reference, true);
    spodes_resolve(v, &r->reference, &value);
    uint8_t code = !selection_allowed(v->session, &r->reference) || item.failed ? COSEM_OTHER_REASON : value.code;
    if (code != COSEM_SUCCESS) {
        v->session->stream.active = false;
        put_code(w, COSEM_GET, r->invoke, code);
        return;
    }
    keep_references(v, r, false, writer_bytes(&item), 1);
    get_begin(v, w);
}

static void get_list(struct spodes_view *v, const struct cosem_request *r, struct writer *w)
{
    struct spodes_session *s = v->session;
    if (!(s->conformance & XDLMS_MULTIPLE_REFERENCES)) {
        spodes_refuse(w, UNKNOWN, NOT_SUPPORTED);
    } else if (r->references.items.size > sizeof s->kept) {
        spodes_refuse(w, NOT_ALLOWED, TOO_LONG);
    } else {
        keep_references(v, r, true, r->references.items, r->references.count);
        get_begin(v, w);
    }
}

/* dlms.md 8: the number is the block just received; 16 none in progress, 19 another number, which ends the transfer. */
static void get_next(struct spodes_view *v, const struct cosem_request *r, struct writer *w)
{
    struct spodes_session *s = v->session;
    uint8_t memory[SPODES_APDU_MAX];
    if (!s->stream.active || r->block.number != s->stream.block) {
        put_block_failure(w, r->invoke, r->block.number, s->stream.active ? COSEM_BLOCK_NUMBER_INVALID : COSEM_NO_LONG_GET);
        s->stream.active = false;
        return;
    }
    struct writer raw = writer_over(memory, room_of(s) - BLOCK_HEAD);
    bool last = stream_read(v, &s->stream.place, &raw);
    s->stream.invoke = r->invoke;
    put_block(v, writer_bytes(&raw), last, w);
}

/* --- SET and ACTION --------------------------------------------------------------------------------------------------------------- */

/* HLS is proven by the only method that works before it. */
static uint8_t invoke(struct spodes_view *v, const struct cosem_reference *what, struct bytes data, struct writer *returned)
{
    enum { ASSOCIATION = 15, REPLY_TO_HLS = 1 };
    bool reply = what->class_id == ASSOCIATION && obis_equal(what->obis, OBIS(0, 0, 40, 0, 0, 255)) && what->index == REPLY_TO_HLS;
    if (!reply)
        return v->session->stage == SPODES_ASSOCIATED ? spodes_invoke(v, what, data, returned) : COSEM_READ_WRITE_DENIED;
    struct cosem_reader r = cosem_reader_over(data);
    struct bytes proof = cosem_take_octets(&r);
    return cosem_done(&r) ? spodes_prove(v, proof, returned) : COSEM_TYPE_UNMATCHED;
}

static void put_invoked(struct spodes_view *v, const struct cosem_request *r, const struct cosem_reference *what, struct bytes data, struct writer *w)
{
    uint8_t memory[256], *mark = w->at;
    struct writer returned = writer_over(memory, sizeof memory);
    uint8_t code = invoke(v, what, data, &returned);
    struct cosem_response a = { .service = COSEM_ACTION, .form = COSEM_NORMAL, .invoke = r->invoke, .code = code };
    a.has_value = code == COSEM_SUCCESS && writer_size(&returned) > 0;
    a.value = (struct cosem_result){ .has_data = true, .data = writer_bytes(&returned) };
    cosem_response_encode(w, &a);
    struct spodes_session *s = v->session;
    size_t room = room_of(s);
    if ((size_t)(w->at - mark) <= room || w->failed || !a.has_value)
        return;
    /* Too long for one APDU: as one block after the other, of which ours is never longer than two. */
    struct cosem_action_result whole = { .code = code, .has_value = true, .value = a.value };
    uint8_t long_memory[300];
    struct writer raw = writer_over(long_memory, sizeof long_memory);
    cosem_put_action_result(&raw, &whole);
    s->stream.active = false;
    s->put = (struct spodes_long){ .service = COSEM_ACTION, .block = 1, .size = (uint32_t)writer_size(&raw) };
    memcpy(s->kept, long_memory, s->put.size);
    s->put.head = (uint32_t)(room - BLOCK_HEAD);
    w->at = mark;
    struct cosem_response b = { .service = COSEM_ACTION, .form = COSEM_BLOCK, .invoke = r->invoke,
                                .block = { .number = 1, .raw = bytes_of(s->kept, s->put.head) } };
    cosem_response_encode(w, &b);
}

/* Further blocks of an ACTION's answer: `head` bytes of `size` are given. */
static void action_next(struct spodes_view *v, const struct cosem_request *r, struct writer *w)
{
    struct spodes_session *s = v->session;
    struct spodes_long *p = &s->put;
    if (p->active || p->service != COSEM_ACTION || p->size == 0 || r->block.number != p->block) {
        put_code(w, COSEM_ACTION, r->invoke, p->size ? COSEM_BLOCK_NUMBER_INVALID : COSEM_NO_LONG_GET);
        p->size = 0;
        return;
    }
    struct bytes rest = bytes_part(bytes_of(s->kept, p->size), p->head, room_of(s) - BLOCK_HEAD);
    p->head += (uint32_t)rest.size;
    bool last = p->head >= p->size;
    struct cosem_response b = { .service = COSEM_ACTION, .form = COSEM_BLOCK, .invoke = r->invoke,
                                .block = { .last = last, .number = ++p->block, .raw = rest } };
    cosem_response_encode(w, &b);
    if (last)
        p->size = 0;
}

static void set_list(struct spodes_view *v, const struct cosem_request *r, struct writer *w)
{
    uint8_t codes[128];
    struct writer results = writer_over(codes, sizeof codes);
    struct cursor what = cursor_over(r->references.items), data = cursor_over(r->values.items);
    for (uint32_t i = 0; i < r->references.count && !results.failed; i++) {
        struct cosem_reference reference = cosem_take_reference(&what, true);
        put_u8(&results, spodes_write(v, &reference, take_cosem_slice(&data)));
    }
    struct cosem_response a = { .service = COSEM_SET, .form = COSEM_WITH_LIST, .invoke = r->invoke,
                                .results = { r->references.count, writer_bytes(&results) } };
    if (results.failed || !(v->session->conformance & XDLMS_MULTIPLE_REFERENCES))
        spodes_refuse(w, UNKNOWN, NOT_SUPPORTED);
    else
        cosem_response_encode(w, &a);
}

/* All blocks are here: does what they ask. */
static void long_done(struct spodes_view *v, const struct cosem_request *r, struct writer *w)
{
    struct spodes_session *s = v->session;
    struct cursor c = cursor_over(bytes_of(s->kept, s->put.head));
    struct cosem_reference what = cosem_take_reference(&c, s->put.service == COSEM_SET);
    uint8_t data[SPODES_LONG_MAX];
    size_t size = s->put.size - s->put.head;
    memcpy(data, s->kept + s->put.head, size);
    s->put.active = false;
    s->put.size = 0;
    if (s->put.service == COSEM_ACTION) {
        put_invoked(v, r, &what, bytes_of(data, size), w);
        return;
    }
    struct cursor whole = cursor_over(bytes_of(data, size));
    take_cosem_slice(&whole);
    struct cosem_response a = { .service = COSEM_SET, .form = COSEM_LAST_BLOCK, .invoke = r->invoke, .block.number = s->put.block };
    a.code = cursor_done(&whole) ? spodes_write(v, &what, bytes_of(data, size)) : COSEM_TYPE_UNMATCHED;
    cosem_response_encode(w, &a);
}

static void long_failed(struct spodes_view *v, const struct cosem_request *r, uint8_t code, struct writer *w)
{
    v->session->put = (struct spodes_long){ 0 };
    struct cosem_response a = { .service = r->service, .form = r->service == COSEM_SET ? COSEM_LAST_BLOCK : COSEM_NORMAL,
                                .invoke = r->invoke, .code = code, .block.number = r->block.number };
    cosem_response_encode(w, &a);
}

/* A block of SET or ACTION, the first or a later one. */
static void take_block(struct spodes_view *v, const struct cosem_request *r, struct writer *w)
{
    struct spodes_session *s = v->session;
    struct spodes_long *p = &s->put;
    uint32_t bit = r->service == COSEM_SET ? XDLMS_BLOCK_SET : XDLMS_BLOCK_ACTION;
    if (!(s->conformance & bit)) {
        spodes_refuse(w, UNKNOWN, NOT_SUPPORTED);
        return;
    }
    if (r->form == COSEM_FIRST_BLOCK) {
        struct writer head = writer_over(s->kept, sizeof s->kept);
        cosem_put_reference(&head, &r->reference, r->service == COSEM_SET);
        s->stream.active = false;
        *p = (struct spodes_long){ .active = !head.failed, .service = (uint8_t)r->service, .head = (uint32_t)writer_size(&head) };
        p->size = p->head;
    }
    if (!p->active || p->service != r->service) {
        long_failed(v, r, COSEM_NO_LONG_SET, w);
    } else if (r->block.number != p->block + 1) {
        long_failed(v, r, COSEM_BLOCK_NUMBER_INVALID, w);
    } else if (r->block.raw.size > sizeof s->kept - p->size) {
        long_failed(v, r, COSEM_LONG_SET_ABORTED, w);
    } else {
        if (r->block.raw.size)
            memcpy(s->kept + p->size, r->block.raw.data, r->block.raw.size);
        p->size += (uint32_t)r->block.raw.size;
        p->block = r->block.number;
        struct cosem_response a = { .service = r->service, .form = COSEM_BLOCK_ACK, .invoke = r->invoke, .block.number = p->block };
        if (r->block.last)
            long_done(v, r, w);
        else
            cosem_response_encode(w, &a);
    }
}

/* --- dispatch ------------------------------------------------------------------------------------------------------------------------ */

static void serve_get(struct spodes_view *v, const struct cosem_request *r, struct writer *w)
{
    if (r->form == COSEM_NEXT)
        get_next(v, r, w);
    else if (r->form == COSEM_WITH_LIST)
        get_list(v, r, w);
    else
        get_normal(v, r, w);
}

static void serve_set(struct spodes_view *v, const struct cosem_request *r, struct writer *w)
{
    if (r->form == COSEM_NORMAL)
        put_code(w, COSEM_SET, r->invoke, spodes_write(v, &r->reference, r->data));
    else if (r->form == COSEM_WITH_LIST)
        set_list(v, r, w);
    else if (r->form == COSEM_FIRST_BLOCK || r->form == COSEM_BLOCK)
        take_block(v, r, w);
    else
        spodes_refuse(w, UNKNOWN, NOT_SUPPORTED);
}

static void serve_action(struct spodes_view *v, const struct cosem_request *r, struct writer *w)
{
    if (r->form == COSEM_NORMAL)
        put_invoked(v, r, &r->reference, r->has_data ? r->data : bytes_of(NULL, 0), w);
    else if (r->form == COSEM_NEXT)
        action_next(v, r, w);
    else if (r->form == COSEM_FIRST_BLOCK || r->form == COSEM_BLOCK)
        take_block(v, r, w);
    else
        spodes_refuse(w, UNKNOWN, NOT_SUPPORTED);
}

/* Before HLS is proven only ACTION is heard, and of it only the proof. */
static bool may_serve(const struct spodes_session *s, const struct cosem_request *r)
{
    static const uint32_t bits[] = { [COSEM_GET] = XDLMS_GET, [COSEM_SET] = XDLMS_SET, [COSEM_ACTION] = XDLMS_ACTION };
    if (s->stage == SPODES_PROVING)
        return r->service == COSEM_ACTION && (r->form != COSEM_NORMAL || (r->reference.class_id == 15 && r->reference.index == 1));
    return s->stage == SPODES_ASSOCIATED && s->conformance & bits[r->service];
}

void spodes_serve(struct spodes_view *v, struct bytes apdu, struct writer *w)
{
    struct cosem_request r;
    v->session->transfer.active = false;
    if (!cosem_request_decode(apdu, &r)) {
        spodes_refuse(w, NOT_ALLOWED, OTHER);
    } else if (!may_serve(v->session, &r)) {
        spodes_refuse(w, NOT_ALLOWED, NOT_POSSIBLE);
    } else if (r.service == COSEM_GET) {
        serve_get(v, &r, w);
    } else if (r.service == COSEM_SET) {
        serve_set(v, &r, w);
    } else {
        serve_action(v, &r, w);
    }
    if (v->session->stage == SPODES_APART)
        v->session->stream.active = v->session->put.active = false;
}
