/* GET, SET and ACTION of the client, with lists, block transfer both ways and general block transfer (dlms.md 8). */
#include "drivers/dlms/transport.h"

enum { REQUEST_MAX = 768, BLOCKS_MAX = 10000, LIST_MAX = 64 };

/* Memory for the parts of one long answer, in the scratch arena; its own, because assembly holds the APDU at hand. */
struct blocks {
    uint8_t *memory;
    size_t size, room;
};

static void blocks_add(struct conversation *c, struct blocks *b, struct bytes raw)
{
    enum { LONG_ANSWER_MAX = 1024 * 1024 };
    if (b->size + raw.size > LONG_ANSWER_MAX) {
        conversation_fail(c, FAULT_LIMIT, "%zu", b->size + raw.size);
        return;
    }
    if (b->size + raw.size > b->room) {
        b->room = b->size + 2 * raw.size + b->size / 2; /* blocks are equal but for the last */
        uint8_t *grown = arena_take(conversation_scratch(c), b->room);
        if (b->size)
            memcpy(grown, b->memory, b->size);
        b->memory = grown;
    }
    if (raw.size)
        memcpy(b->memory + b->size, raw.data, raw.size);
    b->size += raw.size;
}

static struct bytes blocks_bytes(const struct conversation *c, const struct blocks *b)
{
    return conversation_fault(c) ? bytes_of(NULL, 0) : bytes_of(b->memory, b->size);
}

/* --- general block transfer: one APDU in blocks, whatever the service ----------------------------------------------- */

static bool is_transfer(struct bytes apdu)
{
    return apdu.size > 0 && apdu.data[0] == XDLMS_BLOCK_TRANSFER;
}

/* Collects the blocks of an answer, acknowledging each. */
static struct bytes ask_blocks(struct conversation *c, struct dlms_client *d, struct bytes apdu)
{
    struct blocks all = { 0 };
    for (uint16_t expected = 1; expected < BLOCKS_MAX && !conversation_fault(c); expected++) {
        struct cosem_transfer t;
        if (!cosem_transfer_decode(apdu, &t) || t.number != expected) {
            conversation_fail(c, FAULT_NONSENSE, "GBT %u", expected);
            break;
        }
        blocks_add(c, &all, t.raw);
        if (t.last)
            break;
        uint8_t out[16];
        struct writer w = writer_over(out, sizeof out);
        cosem_transfer_encode(&w, &(struct cosem_transfer){ .last = true, .window = 1, .number = expected, .acknowledged = expected });
        apdu = transport_exchange(c, d, writer_bytes(&w), false);
    }
    return blocks_bytes(c, &all);
}

struct bytes protected_exchange(struct conversation *c, struct dlms_client *d, struct bytes apdu, bool once)
{
    struct bytes out = apdu;
    if (d->ciphered) {
        size_t room = apdu.size + 64;
        struct writer w = writer_over(arena_take(conversation_scratch(c), room), room);
        protection_seal(c, d, apdu, false, &w);
        out = writer_bytes(&w);
    }
    struct bytes in = transport_exchange(c, d, out, once || d->ciphered);
    if (is_transfer(in))
        in = ask_blocks(c, d, in);
    return protection_open(c, d, in);
}

/* --- one request, one response --------------------------------------------------------------------------------------- */

/* ExceptionResponse and ConfirmedServiceError instead of an answer. */
static void take_refusal(struct conversation *c, struct bytes apdu)
{
    struct cosem_exception e;
    struct xdlms_service_error s;
    if (cosem_exception_decode(apdu, &e)) {
        /* State "service not allowed" with "operation not possible" is a meter that forgot the association. */
        bool counter = e.service == 5 || e.service == 6;
        enum fault f = counter ? FAULT_SECURITY : e.service == 2 ? FAULT_NOT_SUPPORTED : e.state == 1 ? FAULT_SESSION_LOST : FAULT_REFUSED;
        conversation_fail(c, f, "%s: %s", conversation_step_now(c), cosem_exception_service_text(e.service, conversation_lang(c)));
    } else if (xdlms_service_error_decode(apdu, &s)) {
        conversation_fail(c, FAULT_REFUSED, "%s: %s", conversation_step_now(c), xdlms_service_error_text(&s, conversation_lang(c)));
    } else {
        conversation_fail(c, FAULT_NONSENSE, "%s", conversation_step_now(c));
    }
}

static bool exchange(struct conversation *c, struct dlms_client *d, const struct cosem_request *request, struct cosem_response *ret)
{
    if (conversation_fault(c))
        return false;
    uint8_t small[512];
    size_t need = request->data.size + request->references.items.size + request->values.items.size + request->block.raw.size +
                  request->reference.parameters.size + 64;
    struct writer w = need <= sizeof small ? writer_over(small, sizeof small)
                                           : writer_over(arena_take(conversation_scratch(c), need), need);
    cosem_request_encode(&w, request);
    /* What changes the meter or its place in a transfer is said once: over the wrapper nothing else tells a repeat. */
    bool once = request->service != COSEM_GET || request->form == COSEM_NEXT;
    struct bytes answer = protected_exchange(c, d, writer_bytes(&w), once);
    if (conversation_fault(c))
        return false;
    if (!cosem_response_decode(answer, ret) || ret->service != request->service)
        take_refusal(c, answer);
    return conversation_fault(c) == FAULT_NONE;
}

static uint8_t next_invoke(struct dlms_client *d)
{
    d->invoke = d->invoke % COSEM_INVOKE_ID + 1;
    return (uint8_t)(d->invoke | COSEM_INVOKE_CONFIRMED | COSEM_INVOKE_PRIORITY);
}

/* --- blocks of an answer --------------------------------------------------------------------------------------------- */

/* Fetches the blocks after `first`; what they hold put together, or empty and *ret_code. */
static struct bytes fetch_blocks(struct conversation *c, struct dlms_client *d, enum cosem_service service,
                                 const struct cosem_response *first, uint8_t *ret_code)
{
    struct blocks all = { 0 };
    struct cosem_response r = *first;
    uint32_t expected = 1;
    for (int i = 0; i < BLOCKS_MAX && !conversation_fault(c); i++) {
        if (r.form != COSEM_BLOCK || r.block.number != expected) {
            conversation_fail(c, FAULT_NONSENSE, "block %u", expected);
            break;
        }
        if (r.block.failed) {
            *ret_code = r.block.result;
            return bytes_of(NULL, 0);
        }
        blocks_add(c, &all, r.block.raw);
        if (r.block.last)
            break;
        struct cosem_request next = { .service = service, .form = COSEM_NEXT, .invoke = r.invoke, .block.number = expected };
        exchange(c, d, &next, &r);
        expected++;
    }
    return blocks_bytes(c, &all);
}

/* Over the wrapper a lost block, or a lost ciphered packet, cannot be asked for again: the meter has gone on. Reading changes
 * nothing, so all of it is read anew; datagrams do get lost. Clears the fault when it is worth it. */
static bool lost_on_the_way(struct conversation *c, const struct dlms_client *d, bool in_blocks, int *restarts)
{
    enum { RESTARTS = 3 };
    enum fault f = conversation_fault(c);
    bool lost = f == FAULT_NO_ANSWER || f == FAULT_DAMAGED || f == FAULT_FOREIGN || f == FAULT_STALE || f == FAULT_NONSENSE;
    bool again = lost && d->settings->transport == DLMS_WRAPPER && (in_blocks || d->ciphered) && (*restarts)++ < RESTARTS;
    if (again) {
        conversation_reset(c);
        conversation_note(c, "a part of the answer was lost: asked anew");
    }
    return again;
}

static struct cosem_result get_once(struct conversation *c, struct dlms_client *d, const struct cosem_reference *what, bool *ret_in_blocks)
{
    struct cosem_result none = { .code = COSEM_OTHER_REASON };
    arena_reset(conversation_scratch(c));
    *ret_in_blocks = false;
    struct cosem_request request = { .service = COSEM_GET, .form = COSEM_NORMAL, .invoke = next_invoke(d), .reference = *what };
    struct cosem_response r;
    if (!exchange(c, d, &request, &r))
        return none;
    if (r.form == COSEM_NORMAL)
        return r.value;
    uint8_t code = COSEM_SUCCESS;
    *ret_in_blocks = true;
    struct bytes data = fetch_blocks(c, d, COSEM_GET, &r, &code);
    if (conversation_fault(c))
        return none;
    return (struct cosem_result){ .has_data = code == COSEM_SUCCESS, .code = code, .data = data };
}

struct cosem_result dlms_client_get(struct conversation *c, struct dlms_client *d, const struct cosem_reference *what)
{
    struct cosem_result result;
    bool in_blocks;
    int restarts = 0;
    conversation_step(c, "GET");
    do
        result = get_once(c, d, what, &in_blocks);
    while (lost_on_the_way(c, d, in_blocks, &restarts));
    return result;
}

/* --- lists ----------------------------------------------------------------------------------------------------------- */

typedef void take_result(void *context, size_t index, struct cosem_result result);

/* One GET with a list; false when the meter answered something that lists cannot be trusted with. */
static bool get_some(struct conversation *c, struct dlms_client *d, const struct cosem_reference *what, size_t first,
                     size_t count, take_result *take, void *context, bool *ret_in_blocks)
{
    *ret_in_blocks = false;
    arena_reset(conversation_scratch(c));
    uint8_t memory[REQUEST_MAX];
    struct writer w = writer_over(memory, sizeof memory);
    for (size_t i = 0; i < count; i++)
        cosem_put_reference(&w, &what[first + i], true);
    struct cosem_request request = { .service = COSEM_GET, .form = COSEM_WITH_LIST, .invoke = next_invoke(d),
                                     .references = { (uint32_t)count, writer_bytes(&w) } };
    struct cosem_response r;
    if (!exchange(c, d, &request, &r))
        return false;
    struct cursor in = cursor_over(r.results.items);
    uint8_t code = COSEM_SUCCESS;
    if (r.form == COSEM_BLOCK) {
        *ret_in_blocks = true;
        in = cursor_over(fetch_blocks(c, d, COSEM_GET, &r, &code));
        if (code == COSEM_SUCCESS && take_axdr_length(&in) != count)
            cursor_fail(&in);
    } else if (r.form != COSEM_WITH_LIST || r.results.count != count) {
        cursor_fail(&in);
    }
    for (size_t i = 0; i < count && !conversation_fault(c); i++) {
        struct cosem_result result = code == COSEM_SUCCESS ? cosem_take_result(&in) : (struct cosem_result){ .code = code };
        if (in.failed) {
            conversation_fail(c, FAULT_NONSENSE, "GET list");
            return false;
        }
        take(context, first + i, result);
    }
    return conversation_fault(c) == FAULT_NONE;
}

/* How many references fit: a request item is 10 bytes; an answer item of the registers that lists are used for is rarely
 * above 20, and a longer answer comes in blocks. */
static size_t list_size(const struct dlms_client *d)
{
    size_t pdu = d->server_pdu ? d->server_pdu : 1024;
    size_t room = pdu > 48 ? (pdu - 40) / 11 : 1;
    return room > LIST_MAX ? LIST_MAX : room < 1 ? 1 : room;
}

void dlms_client_get_list(struct conversation *c, struct dlms_client *d, const struct cosem_reference *what, size_t count,
                          take_result *take, void *context)
{
    bool lists = d->conformance & XDLMS_MULTIPLE_REFERENCES;
    size_t at_once = lists ? list_size(d) : 1;
    for (size_t i = 0; i < count && !conversation_fault(c); i += at_once) {
        size_t some = count - i < at_once ? count - i : at_once;
        conversation_step(c, "GET");
        if (some > 1) {
            bool in_blocks;
            int restarts = 0;
            do
                get_some(c, d, what, i, some, take, context, &in_blocks);
            while (lost_on_the_way(c, d, in_blocks, &restarts));
            continue;
        }
        struct cosem_result result = dlms_client_get(c, d, &what[i]);
        if (!conversation_fault(c))
            take(context, i, result);
    }
}

/* --- SET and ACTION -------------------------------------------------------------------------------------------------- */

/* A service that was not agreed on is not even asked for: meters answer it with an exception that looks like a lost
 * session. The proof of HLS is an ACTION before there is an association. */
static bool agreed_on(struct conversation *c, const struct dlms_client *d, uint32_t service, const struct cosem_reference *what)
{
    char obis[OBIS_TEXT_MAX];
    if (d->associated && !(d->conformance & service))
        conversation_fail(c, FAULT_ACCESS, "%s/%d: %s", obis_format(what->obis, obis), what->index, conversation_step_now(c));
    return conversation_fault(c) == FAULT_NONE;
}

/* Bytes of data that one APDU of ours may carry beside its head. */
static size_t part_size(const struct dlms_client *d)
{
    size_t pdu = d->server_pdu ? d->server_pdu : 1024;
    size_t head = d->ciphered ? 80 : 48;
    return pdu > head + 16 ? pdu - head : 16;
}

/* Sends `data` in blocks; the response to the last one. */
static bool send_blocks(struct conversation *c, struct dlms_client *d, struct cosem_request request, struct bytes data,
                        struct cosem_response *ret)
{
    size_t part = part_size(d);
    request.form = COSEM_FIRST_BLOCK;
    request.data = bytes_of(NULL, 0);
    for (uint32_t number = 1;; number++) {
        request.block = (struct cosem_block){ .number = number, .raw = bytes_part(data, 0, part) };
        data = bytes_part(data, part, data.size);
        request.block.last = data.size == 0;
        if (!exchange(c, d, &request, ret))
            return false;
        if (request.block.last)
            return true;
        bool acknowledged = (ret->form == COSEM_BLOCK_ACK || ret->form == COSEM_NEXT) && ret->block.number == number;
        if (!acknowledged)
            return true; /* the meter has ended the transfer early: its result says why */
        request.form = COSEM_BLOCK;
    }
}

uint8_t dlms_client_set(struct conversation *c, struct dlms_client *d, const struct cosem_reference *what, struct bytes data)
{
    conversation_step(c, "SET");
    if (!agreed_on(c, d, XDLMS_SET, what))
        return COSEM_OTHER_REASON;
    arena_reset(conversation_scratch(c));
    struct cosem_request request = { .service = COSEM_SET, .form = COSEM_NORMAL, .invoke = next_invoke(d), .reference = *what,
                                     .has_data = true, .data = data };
    struct cosem_response r;
    bool done = data.size > part_size(d) && d->conformance & XDLMS_BLOCK_SET ? send_blocks(c, d, request, data, &r)
                                                                             : exchange(c, d, &request, &r);
    return done ? r.code : COSEM_OTHER_REASON;
}

uint8_t dlms_client_action(struct conversation *c, struct dlms_client *d, const struct cosem_reference *what, struct bytes data,
                           struct cosem_result *ret_value)
{
    conversation_step(c, "ACTION");
    if (!agreed_on(c, d, XDLMS_ACTION, what))
        return COSEM_OTHER_REASON;
    arena_reset(conversation_scratch(c));
    struct cosem_request request = { .service = COSEM_ACTION, .form = COSEM_NORMAL, .invoke = next_invoke(d), .reference = *what,
                                     .has_data = data.size > 0, .data = data };
    struct cosem_response r;
    bool done = data.size > part_size(d) && d->conformance & XDLMS_BLOCK_ACTION ? send_blocks(c, d, request, data, &r)
                                                                                : exchange(c, d, &request, &r);
    if (!done)
        return COSEM_OTHER_REASON;
    uint8_t code = r.code;
    struct cosem_result value = r.has_value ? r.value : (struct cosem_result){ 0 };
    if (r.form == COSEM_BLOCK) {
        struct cursor in = cursor_over(fetch_blocks(c, d, COSEM_ACTION, &r, &code));
        struct cosem_action_result whole = cosem_take_action_result(&in);
        code = in.failed ? COSEM_OTHER_REASON : whole.code;
        value = whole.value;
    }
    if (ret_value)
        *ret_value = value;
    return code;
}

void dlms_client_refused(struct conversation *c, uint8_t code, const struct cosem_reference *what)
{
    static const struct {
        uint8_t code;
        enum fault fault;
    } meanings[] = {
        { COSEM_OBJECT_UNDEFINED, FAULT_NOT_SUPPORTED }, { COSEM_CLASS_INCONSISTENT, FAULT_NOT_SUPPORTED },
        { COSEM_OBJECT_UNAVAILABLE, FAULT_NOT_SUPPORTED }, { COSEM_READ_WRITE_DENIED, FAULT_ACCESS },
        { COSEM_SCOPE_VIOLATED, FAULT_ACCESS }, { COSEM_BLOCK_UNAVAILABLE, FAULT_NO_DATA },
        { COSEM_HARDWARE_FAULT, FAULT_METER_ERROR }, { COSEM_TEMPORARY_FAILURE, FAULT_METER_ERROR },
    };
    enum fault fault = FAULT_REFUSED;
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].code == code)
            fault = meanings[i].fault;
    char obis[OBIS_TEXT_MAX];
    conversation_fail(c, fault, "%s/%d: %s", obis_format(what->obis, obis), what->index, cosem_result_text(code, conversation_lang(c)));
}
