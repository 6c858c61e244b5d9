/* Association of the client: AARQ/AARE, the four passes of HLS, RLRQ/RLRE (dlms.md 4, 6, 11). */
#include "drivers/dlms/transport.h"

#include <openssl/rand.h>

enum { CHALLENGE_SIZE = 16 };

static const struct obis current_association = { 0x0000280000FFull };

static bool is_high(const struct dlms_client *d)
{
    return d->settings->mechanism >= ACSE_HLS_MANUFACTURER;
}

/* GMAC proves keys, so meters want the ciphered context for it even where nothing is ciphered. */
static bool is_keyed(const struct dlms_client *d)
{
    return d->ciphered || d->settings->mechanism == ACSE_HLS_GMAC;
}

static uint32_t proposed_conformance(void)
{
    return XDLMS_GENERAL_BLOCK_TRANSFER | XDLMS_PRIORITY | XDLMS_BLOCK_GET | XDLMS_BLOCK_SET | XDLMS_BLOCK_ACTION |
           XDLMS_MULTIPLE_REFERENCES | XDLMS_DATA_NOTIFICATION | XDLMS_GET | XDLMS_SET | XDLMS_SELECTIVE_ACCESS |
           XDLMS_EVENT_NOTIFICATION | XDLMS_ACTION;
}

static void put_initiate(struct conversation *c, struct dlms_client *d, struct writer *w)
{
    uint8_t memory[80];
    struct writer plain = writer_over(memory, sizeof memory);
    xdlms_initiate_encode(&plain, &(struct xdlms_initiate){
        .dedicated_key = d->keys.dedicated,
        .version = XDLMS_VERSION,
        .conformance = proposed_conformance() | (d->settings->general ? XDLMS_GENERAL_PROTECTION : 0),
        .pdu_max = (uint16_t)d->settings->pdu_max,
    });
    if (is_keyed(d))
        protection_seal(c, d, writer_bytes(&plain), true, w);
    else
        put_bytes(w, writer_bytes(&plain));
}

static void put_request(struct conversation *c, struct dlms_client *d, struct bytes challenge, struct writer *w)
{
    uint8_t memory[160];
    struct writer initiate = writer_over(memory, sizeof memory);
    put_initiate(c, d, &initiate);
    const struct dlms_settings *s = d->settings;
    bool keyed = is_keyed(d);
    struct acse_request r = { .party = acse_party_of(keyed ? ACSE_LN_CIPHERED : ACSE_LN) };
    bool titled = keyed || s->mechanism == ACSE_HLS_SHA256 || s->mechanism == ACSE_HLS_ECDSA;
    if (titled)
        r.party.title = d->keys.client_title;
    if (s->mechanism == ACSE_LLS)
        acse_party_authenticate(&r.party, ACSE_LLS, bytes_of(s->password.data, s->password.size));
    else if (is_high(d))
        acse_party_authenticate(&r.party, (enum acse_mechanism)s->mechanism, challenge);
    r.party.user_information = writer_bytes(&initiate);
    acse_request_encode(w, &r);
}

/* What a refusal means to a person: wrong password, or this client may not use this meter this way. */
static void refused(struct conversation *c, const struct acse_response *r)
{
    bool password = !r->provider && r->diagnostic == ACSE_AUTHENTICATION_FAILED;
    bool later = r->result == ACSE_REJECTED_TRANSIENT; /* not now: locked after wrong passwords, or busy */
    conversation_fail(c, password ? FAULT_PASSWORD : later ? FAULT_LOCKED : FAULT_ACCESS, "AARE: %s", acse_diagnostic_text(r->provider, r->diagnostic, conversation_lang(c)));
}

static void take_initiate(struct conversation *c, struct dlms_client *d, struct bytes apdu)
{
    struct xdlms_initiate i;
    struct xdlms_service_error e;
    apdu = protection_open(c, d, apdu);
    if (conversation_fault(c))
        return;
    if (xdlms_service_error_decode(apdu, &e)) {
        conversation_fail(c, FAULT_ACCESS, "AARE: %s", xdlms_service_error_text(&e, conversation_lang(c)));
    } else if (!xdlms_initiate_decode(apdu, &i) || !i.response) {
        conversation_fail(c, FAULT_NONSENSE, "AARE: InitiateResponse");
    } else {
        d->conformance = i.conformance & (proposed_conformance() | XDLMS_GENERAL_PROTECTION);
        d->server_pdu = i.pdu_max == UINT16_MAX || i.pdu_max < 12 ? 0 : i.pdu_max;
    }
}

static void take_title(struct conversation *c, struct dlms_client *d, struct bytes title)
{
    if (title.size == DLMS_TITLE_SIZE) {
        memcpy(d->server_title, title.data, DLMS_TITLE_SIZE);
        d->keys.server_title = bytes_of(d->server_title, DLMS_TITLE_SIZE);
    } else if (d->ciphered) {
        conversation_fail(c, FAULT_NONSENSE, "AARE: system title");
    }
}

/* AARQ and what comes back; the server's challenge goes to `theirs`. */
static size_t associate(struct conversation *c, struct dlms_client *d, struct bytes ours, uint8_t theirs[DLMS_CHALLENGE_MOST])
{
    uint8_t memory[512];
    struct writer w = writer_over(memory, sizeof memory);
    conversation_step(c, "AARQ");
    put_request(c, d, ours, &w);
    struct bytes answer = transport_exchange(c, d, writer_bytes(&w), true);
    struct acse_response r;
    if (conversation_fault(c))
        return 0;
    if (!acse_response_decode(answer, &r)) {
        struct cosem_exception e;
        bool exception = cosem_exception_decode(answer, &e);
        conversation_fail(c, exception ? FAULT_ACCESS : FAULT_NONSENSE, "AARE: %s", exception ? cosem_exception_service_text(e.service, conversation_lang(c)) : "?");
        return 0;
    }
    if (r.result != ACSE_ACCEPTED) {
        refused(c, &r);
        return 0;
    }
    take_title(c, d, r.party.title);
    take_initiate(c, d, r.party.user_information);
    if (!is_high(d))
        return 0;
    size_t size = r.party.value.size;
    if (size < DLMS_CHALLENGE_LEAST || size > DLMS_CHALLENGE_MOST || bytes_equal(r.party.value, ours)) {
        conversation_fail(c, FAULT_SECURITY, "AARE: challenge");
        return 0;
    }
    memcpy(theirs, r.party.value.data, size);
    return size;
}

static struct dlms_hls hls_of(const struct dlms_client *d, struct bytes challenge, struct bytes prover_challenge)
{
    const struct dlms_settings *s = d->settings;
    return (struct dlms_hls){
        .mechanism = (enum acse_mechanism)s->mechanism,
        .secret = bytes_of(s->password.data, s->password.size),
        .challenge = challenge,
        .prover_challenge = prover_challenge,
        .suite = (uint8_t)s->suite,
        .encryption = d->keys.encryption,
        .authentication = d->keys.authentication,
    };
}

static void prove(struct conversation *c, struct dlms_client *d, struct bytes ours, struct bytes theirs)
{
    conversation_step(c, "HLS");
    struct dlms_hls h = hls_of(d, theirs, ours);
    h.prover_title = d->keys.client_title;
    h.verifier_title = d->keys.server_title;
    h.signature_key = bytes_of(d->settings->signing_key.data, d->settings->signing_key.size);
    if (h.mechanism == ACSE_HLS_GMAC)
        h.counter = protection_next_counter(c, d);
    uint8_t proof[DLMS_HLS_ANSWER_MAX], parameter[DLMS_HLS_ANSWER_MAX + 4];
    struct writer w = writer_over(proof, sizeof proof), p = writer_over(parameter, sizeof parameter);
    if (!conversation_fault(c) && !dlms_hls_answer(&w, &h))
        conversation_fail(c, FAULT_SETTING, "HLS");
    put_cosem_octets(&p, writer_bytes(&w));
    struct cosem_reference reply = dlms_attribute(15, current_association, 1);
    struct cosem_result returned = { 0 };
    uint8_t code = dlms_client_action(c, d, &reply, writer_bytes(&p), &returned);
    if (!conversation_fault(c) && code != COSEM_SUCCESS)
        conversation_fail(c, FAULT_PASSWORD, "HLS: %s", cosem_result_text(code, conversation_lang(c)));
    if (conversation_fault(c))
        return;
    struct cosem_reader r = cosem_reader_over(returned.data);
    struct dlms_hls check = hls_of(d, ours, theirs);
    check.prover_title = d->keys.server_title;
    check.verifier_title = d->keys.client_title;
    check.signature_key = bytes_of(d->settings->server_public.data, d->settings->server_public.size);
    struct bytes answer = returned.has_data ? cosem_take_octets(&r) : bytes_of(NULL, 0);
    if (!dlms_hls_check(&check, answer))
        conversation_fail(c, FAULT_SECURITY, "HLS: f(CtoS)");
}

void association_open(struct conversation *c, struct dlms_client *d)
{
    uint8_t ours[CHALLENGE_SIZE], theirs[DLMS_CHALLENGE_MOST];
    if (is_high(d) && RAND_bytes(ours, sizeof ours) != 1)
        conversation_fail(c, FAULT_SECURITY, "RAND_bytes");
    if (conversation_fault(c))
        return;
    struct bytes challenge = bytes_of(ours, is_high(d) ? sizeof ours : 0);
    size_t size = associate(c, d, challenge, theirs);
    if (!conversation_fault(c) && is_high(d))
        prove(c, d, challenge, bytes_of(theirs, size));
    d->associated = conversation_fault(c) == FAULT_NONE;
}

void association_close(struct conversation *c, struct dlms_client *d)
{
    if (!d->associated || !d->settings->release || conversation_fault(c))
        return;
    uint8_t memory[200], user[160];
    struct writer w = writer_over(memory, sizeof memory), u = writer_over(user, sizeof user);
    struct acse_release r = { .has_reason = true };
    if (is_keyed(d))
        put_initiate(c, d, &u);
    r.user_information = writer_bytes(&u);
    acse_release_encode(&w, &r);
    conversation_step(c, "RLRQ");
    transport_exchange(c, d, writer_bytes(&w), true);
    conversation_reset(c); /* many meters know only DISC */
    d->associated = false;
}
