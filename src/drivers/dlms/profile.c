/* Profile generic; see profile.h. */
#include "drivers/dlms/profile.h"

enum { CLASS_REGISTER = 3, CLASS_EXTENDED = 4, CLASS_DEMAND = 5, CLASS_PROFILE = 7, CLASS_CLOCK = 8 };

/* Attribute that holds the scaler of a captured attribute; 0 when the class has none. */
static int8_t scaler_attribute(const struct profile_column *k)
{
    if ((k->class_id == CLASS_REGISTER || k->class_id == CLASS_EXTENDED) && k->attribute == 2)
        return 3;
    if (k->class_id == CLASS_DEMAND && (k->attribute == 2 || k->attribute == 3))
        return 4;
    return 0;
}

static void take_columns(struct conversation *c, struct profile_layout *l, struct bytes data)
{
    struct cosem_reader r = cosem_reader_over(data);
    uint32_t count = cosem_take_array(&r);
    if (count > PROFILE_COLUMNS_MAX) {
        conversation_fail(c, FAULT_LIMIT, "%u columns", count);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct cosem_column k = cosem_take_column(&r);
        l->column[i] = (struct profile_column){ .code = k.obis.code & 0xFFFFFFFFFFFF, .class_id = k.class_id, .attribute = k.attribute };
        l->column[i].is_number = scaler_attribute(&l->column[i]) != 0 || (k.class_id == 1 && k.attribute == 2);
    }
    if (!cosem_done(&r))
        conversation_fail(c, FAULT_NONSENSE, "capture_objects");
    else
        l->count = (uint8_t)count;
}

struct scaler_list {
    struct profile_layout *layout;
    uint8_t index[PROFILE_COLUMNS_MAX];
    bool known[PROFILE_COLUMNS_MAX]; /* columns that have got their scaler */
};

static void keep_scaler(struct scaler_list *s, uint8_t column, struct cosem_scaler scaler)
{
    s->layout->column[column].exponent = scaler.exponent;
    s->layout->column[column].unit = scaler.unit;
    s->known[column] = true;
}

static void take_scaler(void *context, size_t i, struct cosem_result result)
{
    struct scaler_list *s = context;
    struct cosem_reader r = cosem_reader_over(result.data);
    struct cosem_scaler scaler = cosem_take_scaler(&r);
    if (result.has_data && !cosem_failed(&r))
        keep_scaler(s, s->index[i], scaler);
}

/* A scale profile: one record whose columns are the scalers of the profile's registers (spodes.md 4). */
struct scales {
    struct scaler_list *list;
    struct cosem_column column[PROFILE_COLUMNS_MAX];
    uint32_t count;
};

static void take_scales(void *context, size_t i, struct cosem_result result)
{
    struct scales *s = context;
    struct cosem_reader r = cosem_reader_over(result.data);
    if (!result.has_data)
        return;
    uint32_t count = cosem_take_array(&r);
    if (i == 0) {
        for (s->count = 0; s->count < count && s->count < PROFILE_COLUMNS_MAX && !cosem_failed(&r); s->count++)
            s->column[s->count] = cosem_take_column(&r);
        return;
    }
    if (count == 0 || cosem_take_structure(&r) != s->count)
        return;
    for (uint32_t k = 0; k < s->count && !cosem_failed(&r); k++) {
        struct cosem_reader mark = r;
        struct cosem_scaler scaler = cosem_take_scaler(&r);
        if (cosem_failed(&r)) { /* a clock or anything else that is no scaler */
            r = mark;
            cosem_skip(&r);
            continue;
        }
        for (uint8_t j = 0; j < s->list->layout->count; j++)
            if (obis_equal(column_obis(&s->list->layout->column[j]), s->column[k].obis))
                keep_scaler(s->list, j, scaler);
    }
}

static void read_scale_profile(struct conversation *c, struct dlms_client *d, struct obis profile, struct scaler_list *list)
{
    struct scales *s = arena_take(conversation_arena(c), sizeof *s);
    const struct cosem_reference two[] = { dlms_attribute(CLASS_PROFILE, profile, 3), dlms_attribute(CLASS_PROFILE, profile, 2) };
    s->list = list;
    dlms_client_get_list(c, d, two, 2, take_scales, s);
}

static void read_scalers(struct conversation *c, struct dlms_client *d, struct obis scales, struct profile_layout *l)
{
    struct cosem_reference *what = arena_take(conversation_arena(c), l->count * sizeof *what);
    struct scaler_list list = { .layout = l };
    size_t count = 0;
    for (uint8_t i = 0; i < l->count; i++) {
        int8_t attribute = scaler_attribute(&l->column[i]);
        if (attribute == 0)
            continue;
        what[count] = dlms_attribute(l->column[i].class_id, column_obis(&l->column[i]), attribute);
        list.index[count++] = i;
    }
    dlms_client_get_list(c, d, what, count, take_scaler, &list);
    bool complete = true;
    for (size_t i = 0; i < count; i++)
        complete = complete && list.known[list.index[i]];
    if (!complete && scales.code)
        read_scale_profile(c, d, scales, &list);
    for (size_t i = 0; i < count; i++)
        if (!list.known[list.index[i]])
            l->column[list.index[i]].is_number = false; /* a value without its scaler is no value */
}

struct head {
    struct conversation *c;
    struct profile_layout *layout;
    const struct cosem_reference *what;
};

static void take_head(void *context, size_t i, struct cosem_result result)
{
    struct head *h = context;
    struct cosem_reader r = cosem_reader_over(result.data);
    if (i == 0 && !result.has_data)
        dlms_client_refused(h->c, result.code, &h->what[0]);
    else if (i == 0)
        take_columns(h->c, h->layout, result.data);
    int64_t period = i == 1 && result.has_data ? cosem_take_integer(&r) : 0;
    if (period > 0 && period <= DAY_SECONDS && !cosem_failed(&r))
        h->layout->step = (uint16_t)(period < UINT16_MAX ? period : 0);
}

void profile_layout_read(struct conversation *c, struct dlms_client *d, struct obis profile, struct obis scales, struct profile_layout *l)
{
    if (l->count || conversation_fault(c))
        return;
    struct cosem_reference what[] = { dlms_attribute(CLASS_PROFILE, profile, 3), dlms_attribute(CLASS_PROFILE, profile, 4) };
    struct profile_layout fresh = { 0 };
    struct head head = { c, &fresh, what };
    dlms_client_get_list(c, d, what, 2, take_head, &head);
    read_scalers(c, d, scales, &fresh);
    if (!conversation_fault(c))
        *l = fresh;
}

/* --- records --------------------------------------------------------------------------------------------------------- */

struct previous {
    struct cosem_data *value;
    int64_t wall;
    bool any;
};

static void take_clock(struct profile_record *r, const struct profile_layout *l, struct cosem_data value, const struct previous *p)
{
    struct cosem_date_time t;
    if (value.type == COSEM_NULL && p->any && p->wall != WALL_NONE) {
        r->wall = p->wall + l->step; /* null-data compression: one period after the record before */
    } else if (cosem_date_time(&value, &t)) {
        r->wall = cosem_date_time_wall(&t);
        r->status = t.status;
    }
}

static bool take_record(struct cosem_reader *in, const struct profile_layout *l, const struct previous *p, struct profile_record *ret)
{
    uint32_t count = cosem_take_structure(in);
    ret->wall = WALL_NONE;
    ret->status = 0xFF;
    ret->count = l->count;
    if (count != l->count)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        struct cosem_reader mark = *in;
        struct cosem_data value = cosem_take(in);
        bool clock = l->column[i].class_id == CLASS_CLOCK && l->column[i].attribute == 2;
        if (value.type == COSEM_ARRAY || value.type == COSEM_STRUCTURE) {
            *in = mark; /* a captured structure is passed over whole: no register has one */
            cosem_skip(in);
        }
        if (clock && ret->wall == WALL_NONE)
            take_clock(ret, l, value, p);
        ret->value[i] = value.type == COSEM_NULL && p->any ? p->value[i] : value;
    }
    return !cosem_failed(in);
}

static void put_range(struct writer *w, int64_t from, int64_t to)
{
    struct cosem_date_time first = cosem_date_time_of_wall(from), last = cosem_date_time_of_wall(to);
    cosem_put_clock_range(w, &first, &last);
}

bool profile_records_read(struct conversation *c, struct dlms_client *d, struct obis profile, const struct profile_layout *l,
                          int64_t from, int64_t to, void (*take)(void *context, const struct profile_record *r), void *context)
{
    uint8_t range[128];
    struct writer w = writer_over(range, sizeof range);
    put_range(&w, from, to);
    struct cosem_reference what = dlms_attribute(CLASS_PROFILE, profile, 2);
    what.selective = true;
    what.selector = COSEM_BY_RANGE;
    what.parameters = writer_bytes(&w);
    struct cosem_result result = dlms_client_get(c, d, &what);
    if (!conversation_fault(c) && !result.has_data && result.code != COSEM_BLOCK_UNAVAILABLE)
        dlms_client_refused(c, result.code, &what);
    if (conversation_fault(c) || !result.has_data)
        return false;
    struct cosem_reader in = cosem_reader_over(result.data);
    uint32_t count = cosem_take_array(&in);
    struct arena *scratch = conversation_scratch(c);
    struct profile_record *record = arena_take(scratch, sizeof *record);
    struct previous *previous = arena_take(scratch, sizeof *previous);
    record->value = arena_take(scratch, l->count * sizeof *record->value);
    previous->value = arena_take(scratch, l->count * sizeof *previous->value);
    for (uint32_t i = 0; i < count && !cosem_failed(&in); i++) {
        if (!take_record(&in, l, previous, record))
            break;
        take(context, record);
        memcpy(previous->value, record->value, l->count * sizeof *record->value);
        previous->wall = record->wall;
        previous->any = true;
    }
    if (!cosem_done(&in)) {
        conversation_fail(c, FAULT_NONSENSE, "buffer");
        return false;
    }
    return true;
}
