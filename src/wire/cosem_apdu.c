/* GET, SET and ACTION; see cosem_apdu.h. */
#include "wire/cosem_apdu.h"

/* --- result codes --- */

static const struct result_row {
    uint8_t code;
    const char *name;
    struct phrase text;
} results[] = {
    { 0, "success", { { "выполнено", "success" } } },
    { 1, "hardware-fault", { { "неисправность аппаратуры", "hardware fault" } } },
    { 2, "temporary-failure", { { "временный отказ", "temporary failure" } } },
    { 3, "read-write-denied", { { "доступ запрещён", "read or write denied" } } },
    { 4, "object-undefined", { { "нет такого объекта", "object undefined" } } },
    { 9, "object-class-inconsistent", { { "класс объекта не тот", "object class inconsistent" } } },
    { 11, "object-unavailable", { { "объект недоступен", "object unavailable" } } },
    { 12, "type-unmatched", { { "тип данных не подходит", "type does not match" } } },
    { 13, "scope-of-access-violated", { { "нарушение области доступа", "scope of access violated" } } },
    { 14, "data-block-unavailable", { { "блок данных недоступен", "data block unavailable" } } },
    { 15, "long-get-aborted", { { "длинное чтение прервано", "long get or action aborted" } } },
    { 16, "no-long-get-in-progress", { { "длинное чтение не начато", "no long get or action in progress" } } },
    { 17, "long-set-aborted", { { "длинная запись прервана", "long set aborted" } } },
    { 18, "no-long-set-in-progress", { { "длинная запись не начата", "no long set in progress" } } },
    { 19, "data-block-number-invalid", { { "неверный номер блока", "data block number invalid" } } },
    { 250, "other-reason", { { "другая причина", "other reason" } } },
};

static const struct result_row unknown_result = { 255, "unknown", { { "неизвестный код", "unknown code" } } };

static const struct result_row *result_row(uint8_t code)
{
    for (size_t i = 0; i < sizeof results / sizeof *results; i++)
        if (results[i].code == code)
            return &results[i];
    return &unknown_result;
}

const char *cosem_result_name(uint8_t code)
{
    return result_row(code)->name;
}

const char *cosem_result_text(uint8_t code, enum lang lang)
{
    return phrase_in(&result_row(code)->text, lang);
}

/* --- the pieces --- */

struct cosem_reference cosem_take_reference(struct cursor *c, bool selection)
{
    struct cosem_reference r = { .class_id = take_be16(c) };
    struct bytes name = take_bytes(c, 6);
    if (name.size == 6)
        r.obis = obis_from_bytes(name.data);
    r.index = (int8_t)take_u8(c);
    r.selective = selection && take_u8(c) != 0;
    if (r.selective) {
        r.selector = take_u8(c);
        r.parameters = take_cosem_slice(c);
    }
    return r;
}

void cosem_put_reference(struct writer *w, const struct cosem_reference *r, bool selection)
{
    uint8_t name[6];
    obis_to_bytes(r->obis, name);
    put_be16(w, r->class_id);
    put_bytes(w, bytes_of(name, 6));
    put_u8(w, (uint8_t)r->index);
    if (!selection)
        return;
    put_u8(w, r->selective);
    if (r->selective) {
        put_u8(w, r->selector);
        put_bytes(w, r->parameters);
    }
}

struct cosem_result cosem_take_result(struct cursor *c)
{
    struct cosem_result r = { 0 };
    uint8_t choice = take_u8(c);
    if (choice > 1)
        cursor_fail(c);
    r.has_data = choice == 0;
    if (r.has_data)
        r.data = take_cosem_slice(c);
    else
        r.code = take_u8(c);
    return r;
}

void cosem_put_result(struct writer *w, const struct cosem_result *r)
{
    put_u8(w, !r->has_data);
    if (r->has_data)
        put_bytes(w, r->data);
    else
        put_u8(w, r->code);
}

struct cosem_action_result cosem_take_action_result(struct cursor *c)
{
    struct cosem_action_result r = { .code = take_u8(c) };
    r.has_value = take_u8(c) != 0;
    if (r.has_value)
        r.value = cosem_take_result(c);
    return r;
}

void cosem_put_action_result(struct writer *w, const struct cosem_action_result *r)
{
    put_u8(w, r->code);
    put_u8(w, r->has_value);
    if (r->has_value)
        cosem_put_result(w, &r->value);
}

/* Last flag, number and raw part: DataBlock-SA. */
static struct cosem_block take_block(struct cursor *c)
{
    struct cosem_block b = { .last = take_u8(c) != 0 };
    b.number = take_be32(c);
    b.raw = take_axdr_octets(c);
    return b;
}

static void put_block(struct writer *w, const struct cosem_block *b)
{
    put_u8(w, b->last);
    put_be32(w, b->number);
    put_axdr_octets(w, b->raw);
}

/* DataBlock-G of GET responses, which may carry a result instead. */
static struct cosem_block take_get_block(struct cursor *c)
{
    struct cosem_block b = { .last = take_u8(c) != 0 };
    b.number = take_be32(c);
    uint8_t choice = take_u8(c);
    b.failed = choice == 1;
    if (choice > 1)
        cursor_fail(c);
    else if (b.failed)
        b.result = take_u8(c);
    else
        b.raw = take_axdr_octets(c);
    return b;
}

static void put_get_block(struct writer *w, const struct cosem_block *b)
{
    put_u8(w, b->last);
    put_be32(w, b->number);
    put_u8(w, b->failed);
    if (b->failed)
        put_u8(w, b->result);
    else
        put_axdr_octets(w, b->raw);
}

/* What one item of a list is. */
enum item { ITEM_REFERENCE, ITEM_SELECTED_REFERENCE, ITEM_VALUE, ITEM_CODE, ITEM_RESULT, ITEM_ACTION_RESULT };

static void skip_item(struct cursor *c, enum item item)
{
    switch (item) {
    case ITEM_REFERENCE:
    case ITEM_SELECTED_REFERENCE: (void)cosem_take_reference(c, item == ITEM_SELECTED_REFERENCE); break;
    case ITEM_VALUE: (void)take_cosem_slice(c); break;
    case ITEM_CODE: (void)take_u8(c); break;
    case ITEM_RESULT: (void)cosem_take_result(c); break;
    case ITEM_ACTION_RESULT: (void)cosem_take_action_result(c); break;
    }
}

static struct cosem_list take_list(struct cursor *c, enum item item)
{
    struct cosem_list l = { .count = take_axdr_length(c) };
    const uint8_t *start = c->at;
    for (uint32_t i = 0; i < l.count && !c->failed; i++)
        skip_item(c, item);
    l.items = bytes_of(start, c->failed ? 0 : (size_t)(c->at - start));
    return l;
}

static void put_list(struct writer *w, const struct cosem_list *l)
{
    put_axdr_length(w, l->count);
    put_bytes(w, l->items);
}

/* --- which choice byte means which form --- */

/* Choice of each form; 0 = the service has no such form. */
static const uint8_t request_choice[3][COSEM_FORM_COUNT] = {
    [COSEM_GET] = { [COSEM_NORMAL] = 1, [COSEM_NEXT] = 2, [COSEM_WITH_LIST] = 3 },
    [COSEM_SET] = { [COSEM_NORMAL] = 1, [COSEM_FIRST_BLOCK] = 2, [COSEM_BLOCK] = 3, [COSEM_WITH_LIST] = 4,
                    [COSEM_LIST_FIRST_BLOCK] = 5 },
    [COSEM_ACTION] = { [COSEM_NORMAL] = 1, [COSEM_NEXT] = 2, [COSEM_WITH_LIST] = 3, [COSEM_FIRST_BLOCK] = 4,
                       [COSEM_LIST_FIRST_BLOCK] = 5, [COSEM_BLOCK] = 6 },
};

static const uint8_t response_choice[3][COSEM_FORM_COUNT] = {
    [COSEM_GET] = { [COSEM_NORMAL] = 1, [COSEM_BLOCK] = 2, [COSEM_WITH_LIST] = 3 },
    [COSEM_SET] = { [COSEM_NORMAL] = 1, [COSEM_BLOCK_ACK] = 2, [COSEM_LAST_BLOCK] = 3, [COSEM_LAST_BLOCK_LIST] = 4,
                    [COSEM_WITH_LIST] = 5 },
    [COSEM_ACTION] = { [COSEM_NORMAL] = 1, [COSEM_BLOCK] = 2, [COSEM_WITH_LIST] = 3, [COSEM_BLOCK_ACK] = 4 },
};

static const uint8_t request_tag[] = {
    [COSEM_GET] = XDLMS_GET_REQUEST,
    [COSEM_SET] = XDLMS_SET_REQUEST,
    [COSEM_ACTION] = XDLMS_ACTION_REQUEST,
};

static const uint8_t response_tag[] = {
    [COSEM_GET] = XDLMS_GET_RESPONSE,
    [COSEM_SET] = XDLMS_SET_RESPONSE,
    [COSEM_ACTION] = XDLMS_ACTION_RESPONSE,
};

/* Tag, choice and invoke id; fails the cursor when service or form do not exist. */
static void take_head(struct cursor *c, const uint8_t tags[3], const uint8_t choices[3][COSEM_FORM_COUNT],
                      enum cosem_service *service, enum cosem_form *form, uint8_t *invoke)
{
    uint8_t tag = take_u8(c), choice = take_u8(c);
    *invoke = take_u8(c);
    *service = COSEM_GET;
    *form = COSEM_NORMAL;
    while (*service < COSEM_ACTION && tags[*service] != tag)
        (*service)++;
    while (*form < COSEM_FORM_COUNT && choices[*service][*form] != choice)
        (*form)++;
    if (tags[*service] != tag || choice == 0 || *form == COSEM_FORM_COUNT) {
        cursor_fail(c);
        *form = COSEM_NORMAL;
    }
}

static void put_head(struct writer *w, uint8_t tag, uint8_t choice, uint8_t invoke)
{
    if (choice == 0)
        w->failed = true;
    put_u8(w, tag);
    put_u8(w, choice);
    put_u8(w, invoke);
}

/* --- requests --- */

static bool form_has_list(enum cosem_form form)
{
    return form == COSEM_WITH_LIST || form == COSEM_LIST_FIRST_BLOCK;
}

static bool form_has_one_reference(enum cosem_form form)
{
    return form == COSEM_NORMAL || form == COSEM_FIRST_BLOCK;
}

static bool form_has_block(enum cosem_form form)
{
    return form == COSEM_FIRST_BLOCK || form == COSEM_BLOCK || form == COSEM_LIST_FIRST_BLOCK;
}

bool cosem_request_decode(struct bytes apdu, struct cosem_request *ret)
{
    struct cursor c = cursor_over(apdu);
    struct cosem_request r = { 0 };
    take_head(&c, request_tag, request_choice, &r.service, &r.form, &r.invoke);
    bool selection = r.service != COSEM_ACTION;
    if (form_has_one_reference(r.form))
        r.reference = cosem_take_reference(&c, selection);
    if (form_has_list(r.form))
        r.references = take_list(&c, selection ? ITEM_SELECTED_REFERENCE : ITEM_REFERENCE);
    if (r.form == COSEM_NEXT)
        r.block.number = take_be32(&c);
    else if (form_has_block(r.form))
        r.block = take_block(&c);
    else if (form_has_list(r.form) && r.service != COSEM_GET)
        r.values = take_list(&c, ITEM_VALUE);
    else if (r.form == COSEM_NORMAL)
        r.has_data = r.service == COSEM_SET || (r.service == COSEM_ACTION && take_u8(&c) != 0);
    if (r.has_data)
        r.data = take_cosem_slice(&c);
    if (!cursor_done(&c))
        return false;
    *ret = r;
    return true;
}

void cosem_request_encode(struct writer *w, const struct cosem_request *r)
{
    bool selection = r->service != COSEM_ACTION;
    put_head(w, request_tag[r->service], request_choice[r->service][r->form], r->invoke);
    if (form_has_one_reference(r->form))
        cosem_put_reference(w, &r->reference, selection);
    if (form_has_list(r->form))
        put_list(w, &r->references);
    if (r->form == COSEM_NEXT)
        put_be32(w, r->block.number);
    else if (form_has_block(r->form))
        put_block(w, &r->block);
    else if (form_has_list(r->form) && r->service != COSEM_GET)
        put_list(w, &r->values);
    else if (r->form == COSEM_NORMAL && r->service == COSEM_ACTION)
        put_u8(w, r->has_data);
    if (r->form == COSEM_NORMAL && r->has_data)
        put_bytes(w, r->data);
}

/* --- responses --- */

static void take_normal_response(struct cursor *c, struct cosem_response *r)
{
    r->has_value = r->service == COSEM_GET;
    if (r->service != COSEM_GET)
        r->code = take_u8(c);
    if (r->service == COSEM_ACTION)
        r->has_value = take_u8(c) != 0;
    if (r->has_value)
        r->value = cosem_take_result(c);
}

bool cosem_response_decode(struct bytes apdu, struct cosem_response *ret)
{
    static const enum item items[] = { [COSEM_GET] = ITEM_RESULT, [COSEM_SET] = ITEM_CODE, [COSEM_ACTION] = ITEM_ACTION_RESULT };
    struct cursor c = cursor_over(apdu);
    struct cosem_response r = { 0 };
    take_head(&c, response_tag, response_choice, &r.service, &r.form, &r.invoke);
    if (r.form == COSEM_NORMAL)
        take_normal_response(&c, &r);
    else if (r.form == COSEM_BLOCK)
        r.block = r.service == COSEM_GET ? take_get_block(&c) : take_block(&c);
    else if (r.form == COSEM_WITH_LIST)
        r.results = take_list(&c, items[r.service]);
    else if (r.form == COSEM_LAST_BLOCK)
        r.code = take_u8(&c);
    else if (r.form == COSEM_LAST_BLOCK_LIST)
        r.results = take_list(&c, ITEM_CODE);
    if (r.form >= COSEM_BLOCK_ACK)
        r.block.number = take_be32(&c);
    if (!cursor_done(&c))
        return false;
    *ret = r;
    return true;
}

static void put_normal_response(struct writer *w, const struct cosem_response *r)
{
    if (r->service != COSEM_GET)
        put_u8(w, r->code);
    if (r->service == COSEM_ACTION)
        put_u8(w, r->has_value);
    if (r->service == COSEM_GET || (r->service == COSEM_ACTION && r->has_value))
        cosem_put_result(w, &r->value);
}

void cosem_response_encode(struct writer *w, const struct cosem_response *r)
{
    put_head(w, response_tag[r->service], response_choice[r->service][r->form], r->invoke);
    if (r->form == COSEM_NORMAL)
        put_normal_response(w, r);
    else if (r->form == COSEM_BLOCK && r->service == COSEM_GET)
        put_get_block(w, &r->block);
    else if (r->form == COSEM_BLOCK)
        put_block(w, &r->block);
    else if (r->form == COSEM_LAST_BLOCK)
        put_u8(w, r->code);
    else if (r->form == COSEM_WITH_LIST || r->form == COSEM_LAST_BLOCK_LIST)
        put_list(w, &r->results);
    if (r->form >= COSEM_BLOCK_ACK)
        put_be32(w, r->block.number);
}

/* --- selective access --- */

/* An integer that must fit `most`. */
static uint32_t take_bounded(struct cosem_reader *r, int64_t least, int64_t most)
{
    int64_t value = cosem_take_integer(r);
    if (value < least || value > most) {
        cosem_fail(r);
        return 0;
    }
    return (uint32_t)value;
}

struct cosem_column cosem_take_column(struct cosem_reader *r)
{
    struct cosem_column c = { 0 };
    if (cosem_take_structure(r) != 4)
        cosem_fail(r);
    c.class_id = (uint16_t)take_bounded(r, 0, UINT16_MAX);
    c.obis = cosem_take_obis(r);
    c.attribute = (int8_t)take_bounded(r, INT8_MIN, INT8_MAX);
    c.data_index = (uint16_t)take_bounded(r, 0, UINT16_MAX);
    return c;
}

void cosem_put_column(struct writer *w, const struct cosem_column *c)
{
    put_cosem_structure(w, 4);
    put_cosem_number(w, COSEM_UINT16, c->class_id);
    put_cosem_obis(w, c->obis);
    put_cosem_number(w, COSEM_INT8, c->attribute);
    put_cosem_number(w, COSEM_UINT16, c->data_index);
}

bool cosem_range_decode(struct bytes parameters, struct cosem_range *ret)
{
    struct cosem_reader r = cosem_reader_over(parameters);
    struct cosem_range range = { 0 };
    if (cosem_take_structure(&r) != 4)
        return false;
    range.by = cosem_take_column(&r);
    range.from = cosem_take(&r);
    range.to = cosem_take(&r);
    range.columns.count = cosem_take_array(&r);
    const uint8_t *start = r.in.at;
    for (uint32_t i = 0; i < range.columns.count && !cosem_failed(&r); i++)
        (void)cosem_take_column(&r);
    if (!cosem_done(&r))
        return false;
    range.columns.items = bytes_of(start, (size_t)(r.in.at - start));
    *ret = range;
    return true;
}

void cosem_range_encode(struct writer *w, const struct cosem_range *r)
{
    put_cosem_structure(w, 4);
    cosem_put_column(w, &r->by);
    put_cosem_data(w, &r->from);
    put_cosem_data(w, &r->to);
    put_cosem_array(w, r->columns.count);
    put_bytes(w, r->columns.items);
}

bool cosem_entries_decode(struct bytes parameters, struct cosem_entries *ret)
{
    struct cosem_reader r = cosem_reader_over(parameters);
    struct cosem_entries e;
    if (cosem_take_structure(&r) != 4)
        return false;
    e.from = take_bounded(&r, 0, UINT32_MAX);
    e.to = take_bounded(&r, 0, UINT32_MAX);
    e.first = (uint16_t)take_bounded(&r, 0, UINT16_MAX);
    e.last = (uint16_t)take_bounded(&r, 0, UINT16_MAX);
    if (!cosem_done(&r))
        return false;
    *ret = e;
    return true;
}

void cosem_entries_encode(struct writer *w, const struct cosem_entries *e)
{
    put_cosem_structure(w, 4);
    put_cosem_number(w, COSEM_UINT32, e->from);
    put_cosem_number(w, COSEM_UINT32, e->to);
    put_cosem_number(w, COSEM_UINT16, e->first);
    put_cosem_number(w, COSEM_UINT16, e->last);
}

void cosem_put_clock_range(struct writer *w, const struct cosem_date_time *from, const struct cosem_date_time *to)
{
    static const struct cosem_column clock = { .class_id = 8, .obis = { 0x0000010000FF }, .attribute = 2 };
    put_cosem_structure(w, 4);
    cosem_put_column(w, &clock);
    put_cosem_date_time(w, from);
    put_cosem_date_time(w, to);
    put_cosem_array(w, 0);
}
