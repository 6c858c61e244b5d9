/* The dialogue with one M-Bus meter: link reset, selection, telegrams (mbus.md 2, 4, 5, 9); see mbus.h.
 *
 *   primary:    10 40 A cs 16 -> E5; 10 7B A cs 16 -> RSP_UD; while it ends with 1F: 10 5B.., 10 7B..
 *   secondary:  the same to FD, after 68 0B 0B 68 53 FD 52 id4 maker2 version medium cs 16 -> E5
 *
 * FCB starts at 1 after SND_NKE and turns with every telegram got; a repeated question keeps it (the conversation repeats
 * the same bytes), so the meter repeats its telegram. SND_UD goes out as C = 53, as every master known to us sends it. */
#include "drivers/mbus.h"

#include <stdlib.h>

enum { BUSY_TRIES = 3, BUSY_PAUSE_MS = 1000, RESETS_TO_TRY = 2 };

/* --- single exchanges -------------------------------------------------------------------------------------------- */

static enum verdict judge_ack(void *context, struct bytes frame)
{
    (void)context;
    struct mbus_frame f;
    if (!mbus_frame_decode(frame, &f))
        return VERDICT_NONSENSE;
    /* An RSP_UD here answers an earlier request; anything from a master is our echo. */
    return f.shape == MBUS_ACK ? VERDICT_MINE : VERDICT_STALE;
}

static enum verdict judge_data(void *context, struct bytes frame)
{
    const uint8_t *address = context;
    struct mbus_frame f;
    struct mbus_response r;
    if (!mbus_frame_decode(frame, &f))
        return VERDICT_NONSENSE;
    if (mbus_response_decode(&f, &r) == MBUS_ANSWER_NONE)
        return VERDICT_STALE; /* a late E5, or our echo */
    /* A selected meter answers with its primary address or with FD; behind 254 anybody may be. */
    bool mine = *address >= MBUS_SELECTED || f.address == *address;
    return mine ? VERDICT_MINE : VERDICT_FOREIGN;
}

uint16_t mbus_silence_ms(const struct conversation *c)
{
    const struct mbus_settings *o = conversation_settings(c);
    if (o->silence_ms)
        return (uint16_t)o->silence_ms;
    return conversation_on_line(c) ? 400 : 1500;
}

bool mbus_go_on(struct conversation *c)
{
    switch (conversation_fault(c)) {
    case FAULT_NO_CONNECTION:
    case FAULT_LINK_LOST:
    case FAULT_LINE_BUSY:
    case FAULT_CANCELLED:
    case FAULT_LIMIT:
        return false;
    default:
        conversation_reset(c);
        return true;
    }
}

bool mbus_expect_ack(struct conversation *c, struct bytes request, uint8_t tries, uint16_t answer_ms)
{
    struct bytes answer = conversation_ask(c, &(struct question){
        .request = request, .find = mbus_find, .judge = judge_ack, .tries = tries, .answer_ms = answer_ms });
    return answer.size > 0;
}

bool mbus_link_reset(struct conversation *c, uint8_t address)
{
    uint8_t memory[8];
    struct writer w = writer_over(memory, sizeof memory);
    mbus_put_link_reset(&w, address);
    if (conversation_fault(c) != FAULT_NONE)
        return false;
    bool acknowledged = mbus_expect_ack(c, writer_bytes(&w), 1, mbus_silence_ms(c));
    if (!acknowledged)
        mbus_go_on(c);
    return acknowledged;
}

struct mbus_response mbus_request_data(struct conversation *c, uint8_t address, bool fcb, uint8_t tries, uint16_t answer_ms)
{
    uint8_t memory[8];
    struct writer w = writer_over(memory, sizeof memory);
    mbus_put_request_data(&w, address, fcb);
    struct bytes answer = conversation_ask(c, &(struct question){
        .request = writer_bytes(&w), .find = mbus_find, .judge = judge_data, .context = &address, .tries = tries,
        .answer_ms = answer_ms });
    struct mbus_response r = { .kind = MBUS_ANSWER_NONE };
    struct mbus_frame f;
    if (answer.size && mbus_frame_decode(answer, &f))
        mbus_response_decode(&f, &r);
    return r;
}

/* --- settings ---------------------------------------------------------------------------------------------------- */

/* "1234567" -> 01234567; F and f stay wildcards. False when it is no number of a meter. */
static bool parse_serial(const char *text, uint32_t *ret)
{
    uint32_t id = 0;
    for (const char *at = text; *at; at++) {
        bool digit = *at >= '0' && *at <= '9';
        if (!digit && *at != 'F' && *at != 'f')
            return false;
        id = id << 4 | (digit ? (uint32_t)(*at - '0') : 0xFu);
    }
    *ret = id;
    return *text != '\0';
}

void mbus_session_begin(struct conversation *c)
{
    const struct mbus_settings *o = conversation_settings(c);
    struct mbus_session *s = conversation_state(c);
    conversation_step(c, "M-Bus");
    s->who = MBUS_ANYBODY;
    s->data_set = MBUS_SET_UNNAMED;
    if (o->serial[0] && !parse_serial(o->serial, &s->who.id))
        conversation_fail(c, FAULT_SETTING, "serial");
    if (o->maker[0] && (s->who.maker = mbus_maker_setting(o->maker)) == 0)
        conversation_fail(c, FAULT_SETTING, "maker");
    if (o->version >= 0)
        s->who.version = (uint8_t)o->version;
    if (o->medium >= 0)
        s->who.medium = (uint8_t)o->medium;
    s->secondary = o->addressing == MBUS_BY_SECONDARY || (o->addressing == MBUS_BY_EITHER && o->serial[0]);
    if (s->secondary && !o->serial[0])
        conversation_fail(c, FAULT_SETTING, "serial");
    s->address = s->secondary ? MBUS_SELECTED : (uint8_t)o->address;
}

/* --- selection --------------------------------------------------------------------------------------------------- */

static bool select_meter(struct conversation *c, struct mbus_session *s)
{
    uint8_t memory[32];
    struct writer w = writer_over(memory, sizeof memory);
    mbus_put_select(&w, s->who);
    conversation_step(c, "select");
    s->selected = mbus_expect_ack(c, writer_bytes(&w), 0, 0);
    return s->selected;
}

/* Nobody took the selection: a meter known by serial number may still be asked by its primary address; its number is
 * checked in the answer. */
static void fall_back_to_primary(struct conversation *c, struct mbus_session *s)
{
    const struct mbus_settings *o = conversation_settings(c);
    if (o->addressing != MBUS_BY_EITHER || conversation_fault(c) != FAULT_NO_ANSWER || !mbus_go_on(c))
        return;
    conversation_note(c, "not selectable, trying primary address %d", (int)o->address);
    s->secondary = false;
    s->address = (uint8_t)o->address;
    mbus_link_reset(c, s->address);
}

/* From here to leave() the line is ours when the meter is selected: another meter's SND_NKE would deselect it. */
static void enter(struct conversation *c, struct mbus_session *s)
{
    conversation_hold(c);
    conversation_step(c, "SND_NKE");
    bool reset = false;
    if (s->secondary || s->silent_resets < RESETS_TO_TRY) {
        reset = mbus_link_reset(c, s->address);
        s->silent_resets = reset || s->secondary ? 0 : s->silent_resets + 1;
    }
    if (reset || s->secondary || s->count_of_requests == 0)
        s->fcb = true; /* a meter that knows no reset only sees the FCB go on turning */
    if (s->secondary && !select_meter(c, s))
        fall_back_to_primary(c, s);
}

/* Runs a last exchange even after a fault, which stays the one that is told. Nothing when the way itself is gone. */
static void despite_fault(struct conversation *c, struct mbus_session *s, void (*last)(struct conversation *, struct mbus_session *))
{
    enum fault fault = conversation_fault(c);
    char detail[160];
    struct text t = text_over(detail, sizeof detail);
    text_put(&t, conversation_detail(c));
    if (!mbus_go_on(c))
        return;
    last(c, s);
    if (fault != FAULT_NONE && mbus_go_on(c))
        conversation_fail(c, fault, "%s", detail);
}

static void send_deselect(struct conversation *c, struct mbus_session *s)
{
    (void)s;
    mbus_link_reset(c, MBUS_SELECTED);
}

/* When it cannot be sent the next session's SND_NKE does it. */
static void deselect(struct conversation *c, struct mbus_session *s)
{
    if (s->selected)
        despite_fault(c, s, send_deselect);
    s->selected = false;
}

static void leave(struct conversation *c, struct mbus_session *s)
{
    deselect(c, s);
    conversation_unhold(c);
}

void mbus_session_end(struct conversation *c)
{
    deselect(c, conversation_state(c));
}

/* --- telegrams --------------------------------------------------------------------------------------------------- */

static const char *say(const struct phrase *p)
{
    return p ? phrase_in(p, lang_from_environment()) : "?";
}

/* The meter's own error (CI 70): busy may pass, the rest will not. */
static void refuse(struct conversation *c, const struct mbus_response *r)
{
    if (r->kind == MBUS_ANSWER_ERROR)
        conversation_fail(c, r->error == 1 ? FAULT_NOT_SUPPORTED : FAULT_METER_ERROR, "%u %s", r->error, say(mbus_error_text(r->error)));
    else if (r->kind == MBUS_ANSWER_ALARM)
        conversation_fail(c, FAULT_METER_ERROR, "%s", mbus_answer_text(r->kind, lang_from_environment()));
    else if (r->kind == MBUS_ANSWER_SHORT)
        conversation_fail(c, FAULT_NONSENSE, "%s", mbus_answer_text(r->kind, lang_from_environment()));
    else if (r->kind == MBUS_ANSWER_MSB_FIRST || r->kind == MBUS_ANSWER_UNKNOWN_CI)
        conversation_fail(c, FAULT_NOT_SUPPORTED, "%s (%02X)", mbus_answer_text(r->kind, lang_from_environment()), r->ci);
    else if (mbus_encrypted(r))
        conversation_fail(c, FAULT_SECURITY, "mode %u", r->configuration >> 8 & 0x1Fu);
}

static void check_identity(struct conversation *c, struct mbus_session *s, const struct mbus_response *r)
{
    struct mbus_address mask = s->who;
    if (!r->identified)
        return;
    if (r->kind == MBUS_ANSWER_FIXED) { /* which has no maker and no version */
        mask.maker = 0xFFFF;
        mask.version = mask.medium = 0xFF;
    }
    if (!mbus_address_matches(mask, r->address))
        conversation_fail(c, FAULT_WRONG_METER, "%08X", r->address.id);
    s->quirks = mbus_quirks_of(r->address.maker);
}

static bool is_busy(const struct mbus_response *r)
{
    if (r->kind == MBUS_ANSWER_ERROR)
        return r->error == MBUS_ERROR_BUSY;
    return r->kind == MBUS_ANSWER_VARIABLE && (r->status & MBUS_STATUS_APPLICATION) == MBUS_STATUS_BUSY && r->body.size == 0;
}

/* One telegram. A busy meter is asked again a few times, for a new answer each: the FCB turns. */
static struct mbus_response next_telegram(struct conversation *c, struct mbus_session *s)
{
    struct mbus_response r = { .kind = MBUS_ANSWER_NONE };
    for (int i = 0; i < BUSY_TRIES; i++) {
        r = mbus_request_data(c, s->address, s->fcb, 0, 0);
        s->count_of_requests++;
        if (r.kind != MBUS_ANSWER_NONE)
            s->fcb = !s->fcb;
        if (!is_busy(&r))
            return r;
        if (i + 1 < BUSY_TRIES)
            conversation_pause(c, BUSY_PAUSE_MS);
    }
    conversation_fail(c, FAULT_METER_ERROR, "%s", say(mbus_error_text(MBUS_ERROR_BUSY)));
    return r;
}

static bool ends_with_more(const struct mbus_response *r)
{
    struct mbus_records w = mbus_records_of(r);
    struct mbus_record record;
    while (mbus_records_next(&w, &record))
        ;
    return w.more;
}

/* A body that was there already: a meter that ignores the FCB, or whose telegrams began anew. */
static bool is_repetition(const struct mbus_session *s, const struct mbus_response *r)
{
    for (int i = 0; i < s->count; i++)
        if (bytes_equal(s->telegrams[i].response.body, r->body))
            return true;
    return false;
}

static void keep(struct conversation *c, struct mbus_session *s, struct mbus_response r)
{
    r.body = arena_copy(conversation_arena(c), r.body);
    s->telegrams[s->count++].response = r;
}

static void read_telegrams(struct conversation *c, struct mbus_session *s, int most)
{
    conversation_step(c, "REQ_UD2");
    for (bool more = true; more && s->count < most;) {
        struct mbus_response r = next_telegram(c, s);
        if (conversation_fault(c) == FAULT_NONE)
            refuse(c, &r);
        if (conversation_fault(c) == FAULT_NONE)
            check_identity(c, s, &r);
        if (conversation_fault(c) != FAULT_NONE || is_repetition(s, &r))
            return;
        more = ends_with_more(&r);
        keep(c, s, r);
    }
}

static bool reset_application(struct conversation *c, struct mbus_session *s, int data_set)
{
    uint8_t memory[16];
    struct writer w = writer_over(memory, sizeof memory);
    mbus_put_application_reset(&w, s->address, data_set);
    conversation_step(c, "application reset");
    return mbus_expect_ack(c, writer_bytes(&w), 0, 0);
}

static void reset_to_ordinary(struct conversation *c, struct mbus_session *s)
{
    reset_application(c, s, MBUS_SET_UNNAMED);
}

void mbus_readout(struct conversation *c, int data_set)
{
    struct mbus_session *s = conversation_state(c);
    bool log = data_set != MBUS_SET_UNNAMED;
    if (conversation_fault(c) != FAULT_NONE)
        return;
    if (!s->telegrams)
        s->telegrams = arena_take(conversation_arena(c), MBUS_LOG_TELEGRAMS_MAX * sizeof *s->telegrams);
    s->count = 0;
    s->served = 0;
    s->data_set = data_set;
    enter(c, s);
    bool changed = log && conversation_fault(c) == FAULT_NONE && reset_application(c, s, data_set);
    read_telegrams(c, s, log ? MBUS_LOG_TELEGRAMS_MAX : MBUS_TELEGRAMS_MAX);
    if (changed) /* others expect the ordinary data */
        despite_fault(c, s, reset_to_ordinary);
    leave(c, s);
    if (conversation_fault(c) != FAULT_NONE)
        s->count = 0;
}

bool mbus_readout_for(struct conversation *c, uint32_t bit)
{
    struct mbus_session *s = conversation_state(c);
    if (conversation_fault(c) != FAULT_NONE)
        return false;
    if (s->count == 0 || s->data_set != MBUS_SET_UNNAMED || s->served & bit)
        mbus_readout(c, MBUS_SET_UNNAMED);
    s->served |= bit;
    return conversation_fault(c) == FAULT_NONE;
}

void mbus_command(struct conversation *c, void (*put)(struct writer *, uint8_t, int64_t), int64_t argument)
{
    struct mbus_session *s = conversation_state(c);
    uint8_t memory[MBUS_FRAME_MAX];
    struct writer w = writer_over(memory, sizeof memory);
    if (conversation_fault(c) != FAULT_NONE)
        return;
    enter(c, s);
    put(&w, s->address, argument);
    conversation_step(c, "SND_UD");
    if (w.failed)
        conversation_fail(c, FAULT_SETTING, "%s", "");
    mbus_expect_ack(c, writer_bytes(&w), 0, 0);
    leave(c, s);
    s->count = 0; /* what was read before is no longer so */
}
