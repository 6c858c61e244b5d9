/* Association of a simulated СПОДЭС meter: AARQ, HLS, RLRQ, ciphering both ways, passwords and their lock
 * (dlms.md 4, 5, 6, 9; spodes.md 1). */
#include "sim/twin_spodes.h"

#include "sim/life_draw.h"

enum { CHALLENGE = 16, CLIENT_PUBLIC = 16, CLIENT_READER = 32, CLIENT_CONFIGURATOR = 48, JOURNAL_ACCESS = 6 };

/* Server's title: three letters of the maker, then the serial number in the last four bytes. */
void spodes_title(const struct sim_meter *m, uint8_t title[DLMS_TITLE_SIZE])
{
    struct writer w = writer_over(title, DLMS_TITLE_SIZE);
    put_be32(&w, 0x53564400); /* "SVD" */
    put_be32(&w, m->serial);
}

void spodes_note(struct spodes_view *v, uint8_t journal, uint16_t code, int64_t before)
{
    v->s->notes[v->s->noted++ % SPODES_NOTES] = (struct spodes_note){ v->wall, before, journal, code };
}

void spodes_part(struct spodes_session *s)
{
    s->stage = SPODES_APART;
    s->level = SPODES_NOBODY;
    s->client = 0;
    s->must_cipher = false;
    s->dedicated.size = 0;
    s->dedicated_counter = 0;
    s->stream.active = s->put.active = s->transfer.active = false;
    s->dress.on = false;
}

/* --- wrong passwords ---------------------------------------------------------------------------------------------------- */

static bool is_locked(const struct spodes_view *v)
{
    return v->s->locked_until != WALL_NONE && v->wall < v->s->locked_until;
}

/* Five wrong ones lock the meter until midnight (spodes.md 1.1, NARTIS). */
static void count_wrong(struct spodes_view *v)
{
    spodes_note(v, JOURNAL_ACCESS, 1, v->session->client);
    if (++v->s->wrong < SPODES_TRIES)
        return;
    v->s->wrong = 0;
    v->s->locked_until = wall_day_start(v->wall) + DAY_SECONDS;
    spodes_note(v, JOURNAL_ACCESS, 3, v->session->client);
}

/* --- ciphering ------------------------------------------------------------------------------------------------------------ */

static struct dlms_keys keys_of(const struct spodes_view *v, const uint8_t title[DLMS_TITLE_SIZE])
{
    const struct spodes_session *s = v->session;
    return (struct dlms_keys){
        .suite = (uint8_t)v->s->suite,
        .encryption = spodes_secret_bytes(&v->s->guek),
        .authentication = spodes_secret_bytes(&v->s->gak),
        .dedicated = spodes_secret_bytes(&s->dedicated),
        .client_title = bytes_of(s->client_title, DLMS_TITLE_SIZE),
        .server_title = bytes_of(title, DLMS_TITLE_SIZE),
    };
}

static bool has_keys(const struct spodes_meter *s)
{
    return s->guek.size > 0 && s->gak.size > 0;
}

void spodes_seal(struct spodes_view *v, struct bytes plain, uint32_t counter, struct writer *w)
{
    uint8_t title[DLMS_TITLE_SIZE];
    spodes_title(v->m, title);
    struct dlms_keys keys = keys_of(v, title);
    const struct spodes_dress *d = &v->session->dress;
    if (!d->on)
        put_bytes(w, plain);
    else if (dlms_seal(w, &keys, d->form, true, d->control, counter, plain) != DLMS_OPENED)
        w->failed = true;
}

/* The client's counter of this key; false when it was used before. */
static bool counter_taken(struct spodes_view *v, bool dedicated, uint32_t counter)
{
    uint32_t *last = dedicated ? &v->session->dedicated_counter : &v->s->client_counter;
    if (counter <= *last)
        return false;
    *last = counter;
    return true;
}

static bool is_dedicated(uint8_t tag)
{
    bool dedicated = false;
    return tag == XDLMS_GENERAL_DED || (dlms_plain_tag(tag, &dedicated) && dedicated);
}

static enum dlms_form form_of(uint8_t tag)
{
    if (tag == XDLMS_GENERAL_GLO || tag == XDLMS_GENERAL_CIPHERING)
        return DLMS_GENERAL_GLO;
    return tag == XDLMS_GENERAL_DED ? DLMS_GENERAL_DED : is_dedicated(tag) ? DLMS_DED : DLMS_GLO;
}

enum opened { OPENED, OPENED_WRONG_KEY, OPENED_OLD, OPENED_WEAK };

/* Opens a ciphered APDU into `w`; what went wrong otherwise. */
static enum opened open_apdu(struct spodes_view *v, struct bytes apdu, struct writer *w, struct spodes_dress *ret)
{
    uint8_t title[DLMS_TITLE_SIZE];
    spodes_title(v->m, title);
    struct dlms_keys keys = keys_of(v, title);
    struct dlms_ciphered head;
    if (dlms_open(w, &keys, false, apdu, &head) != DLMS_OPENED)
        return OPENED_WRONG_KEY;
    uint8_t policy = (uint8_t)(v->s->policy << 4); /* bit 4 authenticated, bit 5 encrypted */
    if ((head.control & policy) != policy)
        return OPENED_WEAK;
    v->session->counter_before = v->s->client_counter;
    if (!counter_taken(v, is_dedicated(apdu.data[0]), head.counter))
        return OPENED_OLD;
    *ret = (struct spodes_dress){ .on = true, .control = head.control, .form = form_of(apdu.data[0]) };
    return OPENED;
}

/* --- AARQ ------------------------------------------------------------------------------------------------------------------ */

struct refusal {
    uint8_t result, diagnostic;
    bool provider;
    uint8_t error_class, error; /* of a ConfirmedServiceError; 0 and 0: none */
};

static enum spodes_level level_of(unsigned client)
{
    return client == CLIENT_PUBLIC ? SPODES_PUBLIC : client == CLIENT_READER ? SPODES_READER :
           client == CLIENT_CONFIGURATOR ? SPODES_CONFIGURATOR : SPODES_NOBODY;
}

/* Mechanisms of each level: the profile's, and those whose keys the meter was given. */
static bool mechanism_allowed(const struct spodes_meter *s, enum spodes_level level, enum acse_mechanism mechanism)
{
    if (mechanism == ACSE_HLS_GMAC)
        return level != SPODES_PUBLIC && has_keys(s);
    if (mechanism == ACSE_HLS_ECDSA)
        return level != SPODES_PUBLIC && s->sign.size > 0 && s->peer.size > 0;
    if (level == SPODES_PUBLIC)
        return mechanism == ACSE_LOWEST;
    if (level == SPODES_READER)
        return mechanism == ACSE_LLS;
    return mechanism >= ACSE_HLS_MANUFACTURER && mechanism <= ACSE_HLS_SHA256;
}

/* Conformance of each level (spodes.md 1: 001010, 001015, 00189D) and what the options add. */
static uint32_t conformance_of(const struct spodes_meter *s, enum spodes_level level)
{
    uint32_t bits = level == SPODES_PUBLIC ? 0x001010 : level == SPODES_READER ? 0x001015 : 0x00189D | XDLMS_BLOCK_ACTION;
    if (level == SPODES_READER)
        bits |= XDLMS_SET; /* as NARTIS and Mercury answer: 00101D; the rights still forbid it */
    bits |= s->lists ? XDLMS_MULTIPLE_REFERENCES : 0;
    bits |= s->gbt ? XDLMS_GENERAL_BLOCK_TRANSFER : 0;
    return has_keys(s) ? bits | XDLMS_GENERAL_PROTECTION : bits;
}

/* Who calls, and how: everything that can be said without the password. */
static bool party_accepted(struct spodes_view *v, const struct acse_party *p, struct refusal *ret)
{
    struct spodes_session *s = v->session;
    bool ciphered = p->context == ACSE_LN_CIPHERED;
    bool titled = ciphered || p->mechanism == ACSE_HLS_SHA256 || p->mechanism == ACSE_HLS_ECDSA;
    enum acse_mechanism mechanism = p->mechanism == ACSE_MECHANISM_ABSENT && p->mechanism_oid.size == 0 ? ACSE_LOWEST : p->mechanism;
    *ret = (struct refusal){ .result = ACSE_REJECTED_PERMANENT, .diagnostic = ACSE_NULL };
    if (p->context != ACSE_LN && !(ciphered && has_keys(v->s)))
        ret->diagnostic = ACSE_CONTEXT_NOT_SUPPORTED;
    else if (s->level == SPODES_NOBODY)
        ret->diagnostic = ACSE_NO_REASON;
    else if (is_locked(v) && s->level != SPODES_PUBLIC)
        *ret = (struct refusal){ .result = ACSE_REJECTED_TRANSIENT, .diagnostic = ACSE_NO_REASON };
    else if (mechanism == ACSE_LOWEST && s->level != SPODES_PUBLIC)
        ret->diagnostic = ACSE_MECHANISM_REQUIRED;
    else if (!mechanism_allowed(v->s, s->level, mechanism))
        ret->diagnostic = ACSE_MECHANISM_UNKNOWN;
    else if (titled && p->title.size != DLMS_TITLE_SIZE)
        ret->diagnostic = ACSE_CALLING_TITLE_UNKNOWN;
    s->mechanism = mechanism;
    s->context = p->context;
    memset(s->client_title, 0, sizeof s->client_title);
    if (p->title.size == DLMS_TITLE_SIZE)
        memcpy(s->client_title, p->title.data, DLMS_TITLE_SIZE);
    return ret->diagnostic == ACSE_NULL;
}

/* The InitiateRequest, ciphered or plain. */
static bool initiate_accepted(struct spodes_view *v, struct bytes user, struct refusal *ret)
{
    struct spodes_session *s = v->session;
    uint8_t memory[128];
    struct writer opened = writer_over(memory, sizeof memory);
    *ret = (struct refusal){ .result = ACSE_REJECTED_PERMANENT, .diagnostic = ACSE_NO_REASON };
    if (user.size > 0 && dlms_tag_is_ciphered(user.data[0])) {
        bool cipher = s->context == ACSE_LN_CIPHERED && user.size < sizeof memory;
        if (!cipher || open_apdu(v, user, &opened, &s->dress) != OPENED) {
            ret->diagnostic = ACSE_AUTHENTICATION_FAILED;
            return false;
        }
        user = writer_bytes(&opened);
    }
    struct xdlms_initiate i;
    s->must_cipher = s->context == ACSE_LN_CIPHERED && v->s->policy;
    if ((s->must_cipher && !s->dress.on) || !xdlms_initiate_decode(user, &i) || i.response)
        return false;
    enum { INITIATE = 6, VERSION_TOO_LOW = 1, INCOMPATIBLE = 2, PDU_TOO_SHORT = 3, LEAST_PDU = 12 };
    s->conformance = i.conformance & conformance_of(v->s, s->level);
    uint8_t error = i.version < XDLMS_VERSION ? VERSION_TOO_LOW : !(s->conformance & XDLMS_GET) ? INCOMPATIBLE :
                    i.pdu_max > 0 && i.pdu_max < LEAST_PDU ? PDU_TOO_SHORT : 0;
    if (error) {
        ret->error_class = INITIATE;
        ret->error = error;
        return false;
    }
    if (i.dedicated_key.size <= sizeof s->dedicated.data) {
        s->dedicated.size = (uint8_t)i.dedicated_key.size;
        if (i.dedicated_key.size)
            memcpy(s->dedicated.data, i.dedicated_key.data, i.dedicated_key.size);
    }
    s->pdu = i.pdu_max == 0 || i.pdu_max > v->s->pdu ? (uint32_t)v->s->pdu : i.pdu_max;
    return true;
}

/* Password of LLS; challenge of HLS. */
static bool value_accepted(struct spodes_view *v, const struct acse_party *p, struct refusal *ret)
{
    struct spodes_session *s = v->session;
    *ret = (struct refusal){ .result = ACSE_REJECTED_PERMANENT, .diagnostic = ACSE_AUTHENTICATION_FAILED };
    bool right = true;
    if (s->mechanism == ACSE_LLS) {
        right = p->has_value && dlms_equal(p->value, spodes_secret_bytes(&v->s->password)) && !v->m->faults.refuse_password;
    } else if (s->mechanism >= ACSE_HLS_MANUFACTURER) {
        if (p->value.size < DLMS_CHALLENGE_LEAST || p->value.size > DLMS_CHALLENGE_MOST)
            return false;
        memcpy(s->theirs, p->value.data, p->value.size);
        s->theirs_size = (uint8_t)p->value.size;
    }
    if (!right)
        count_wrong(v);
    else if (s->mechanism == ACSE_LLS)
        v->s->wrong = 0;
    return right;
}

/* A challenge that this meter has not given before. */
static void make_challenge(struct spodes_view *v)
{
    struct spodes_session *s = v->session;
    struct writer w = writer_over(s->ours, sizeof s->ours);
    uint64_t seed = (uint64_t)v->m->serial << 32 | ++v->s->challenges;
    put_be64(&w, life_mix(seed));
    put_be64(&w, life_mix(life_mix(seed) ^ (uint64_t)v->wall));
    s->ours_size = CHALLENGE;
}

static void put_aare(struct spodes_view *v, const struct refusal *why, struct writer *w)
{
    struct spodes_session *s = v->session;
    uint8_t title[DLMS_TITLE_SIZE], plain[32], user[96];
    struct writer i = writer_over(plain, sizeof plain), u = writer_over(user, sizeof user);
    struct acse_response r = { .party = acse_party_of(s->context == ACSE_LN_CIPHERED && has_keys(v->s) ? ACSE_LN_CIPHERED : ACSE_LN) };
    bool high = s->mechanism >= ACSE_HLS_MANUFACTURER;
    spodes_title(v->m, title);
    if (r.party.context == ACSE_LN_CIPHERED || s->mechanism >= ACSE_HLS_SHA256)
        r.party.title = bytes_of(title, sizeof title);
    if (why) {
        r.result = why->result;
        r.diagnostic = why->diagnostic;
        r.provider = why->provider;
        if (why->error_class)
            xdlms_service_error_encode(&u, &(struct xdlms_service_error){ 1, why->error_class, why->error });
    } else {
        r.diagnostic = high ? ACSE_AUTHENTICATION_REQUIRED : ACSE_NULL;
        if (high)
            acse_party_authenticate(&r.party, s->mechanism, bytes_of(s->ours, s->ours_size));
        xdlms_initiate_encode(&i, &(struct xdlms_initiate){ .response = true, .version = XDLMS_VERSION, .conformance = s->conformance,
                                                            .pdu_max = (uint16_t)v->s->pdu, .vaa = XDLMS_VAA_LN });
        s->dress.form = DLMS_GLO;
        spodes_seal(v, writer_bytes(&i), s->dress.on ? ++v->s->server_counter : 0, &u);
    }
    r.party.user_information = writer_bytes(&u);
    acse_response_encode(w, &r);
}

static void associate(struct spodes_view *v, struct bytes apdu, struct writer *w)
{
    struct spodes_session *s = v->session;
    struct acse_request r;
    struct refusal why = { .result = ACSE_REJECTED_PERMANENT, .diagnostic = ACSE_NO_REASON };
    spodes_part(s);
    s->client = s->link.client.upper;
    s->level = level_of(s->client);
    s->context = ACSE_LN;
    s->mechanism = ACSE_LOWEST;
    bool accepted = acse_request_decode(apdu, &r) && party_accepted(v, &r.party, &why) &&
                    initiate_accepted(v, r.party.user_information, &why) && value_accepted(v, &r.party, &why);
    if (!accepted) {
        put_aare(v, &why, w);
        spodes_part(s);
        return;
    }
    bool high = s->mechanism >= ACSE_HLS_MANUFACTURER;
    if (high)
        make_challenge(v);
    put_aare(v, NULL, w);
    s->stage = high ? SPODES_PROVING : SPODES_ASSOCIATED;
}

static void release(struct spodes_view *v, struct bytes apdu, struct writer *w)
{
    struct acse_release r;
    if (!acse_release_decode(apdu, &r) || r.response)
        return;
    if (v->s->maker == SPODES_NARTIS)
        return; /* knows only DISC (dlms.md 4.2) */
    acse_release_encode(w, &(struct acse_release){ .response = true, .has_reason = true });
    spodes_part(v->session);
}

/* --- HLS, passes 3 and 4 ------------------------------------------------------------------------------------------------------ */

/* The proof of one side; `prover` is the client when `of_client`. */
static struct dlms_hls hls_of(const struct spodes_view *v, bool of_client, const uint8_t title[DLMS_TITLE_SIZE])
{
    const struct spodes_session *s = v->session;
    struct bytes ours = bytes_of(s->ours, s->ours_size), theirs = bytes_of(s->theirs, s->theirs_size);
    struct bytes client = bytes_of(s->client_title, DLMS_TITLE_SIZE), server = bytes_of(title, DLMS_TITLE_SIZE);
    return (struct dlms_hls){
        .mechanism = s->mechanism,
        .secret = spodes_secret_bytes(&v->s->high),
        .challenge = of_client ? ours : theirs,
        .prover_challenge = of_client ? theirs : ours,
        .prover_title = of_client ? client : server,
        .verifier_title = of_client ? server : client,
        .suite = (uint8_t)v->s->suite,
        .encryption = spodes_secret_bytes(&v->s->guek),
        .authentication = spodes_secret_bytes(&v->s->gak),
        .signature_key = spodes_secret_bytes(of_client ? &v->s->peer : &v->s->sign),
    };
}

uint8_t spodes_prove(struct spodes_view *v, struct bytes proof, struct writer *returned)
{
    struct spodes_session *s = v->session;
    uint8_t title[DLMS_TITLE_SIZE], memory[DLMS_HLS_ANSWER_MAX];
    spodes_title(v->m, title);
    struct dlms_hls theirs = hls_of(v, true, title), ours = hls_of(v, false, title);
    bool right = s->stage == SPODES_PROVING && dlms_hls_check(&theirs, proof) && !v->m->faults.refuse_password;
    if (right && s->mechanism == ACSE_HLS_GMAC) {
        /* The proof's own counter lies below that of the APDU that carries it: the captured meter takes 80 inside 81. */
        struct cursor c = cursor_over(bytes_part(proof, 1, 4));
        uint32_t counter = take_be32(&c);
        bool inside = s->dress.on && counter > s->counter_before && counter != v->s->client_counter;
        right = inside || counter_taken(v, false, counter);
    }
    if (!right) {
        count_wrong(v);
        s->stage = SPODES_APART; /* the answer still goes out as the request was dressed */
        return COSEM_READ_WRITE_DENIED;
    }
    ours.counter = s->mechanism == ACSE_HLS_GMAC ? ++v->s->server_counter : 0;
    struct writer w = writer_over(memory, sizeof memory);
    if (!dlms_hls_answer(&w, &ours))
        return COSEM_OTHER_REASON;
    put_cosem_octets(returned, writer_bytes(&w));
    s->stage = SPODES_ASSOCIATED;
    v->s->wrong = 0;
    return COSEM_SUCCESS;
}

/* --- any APDU ------------------------------------------------------------------------------------------------------------------- */

void spodes_refuse(struct writer *w, uint8_t state, uint8_t service)
{
    cosem_exception_encode(w, &(struct cosem_exception){ .state = state, .service = service });
}

enum { NOT_ALLOWED = 1, UNKNOWN = 2, NOT_POSSIBLE = 1, NOT_SUPPORTED = 2, OTHER = 3, DECIPHERING = 5, COUNTER = 6 };

static void execute_ciphered(struct spodes_view *v, struct bytes apdu, struct writer *w)
{
    struct spodes_session *s = v->session;
    uint8_t opened[SPODES_APDU_MAX], plain[SPODES_APDU_MAX];
    struct writer o = writer_over(opened, sizeof opened), p = writer_over(plain, sizeof plain);
    enum opened how = s->context == ACSE_LN_CIPHERED && s->stage != SPODES_APART ? open_apdu(v, apdu, &o, &s->dress) : OPENED_WEAK;
    if (how == OPENED_OLD)
        cosem_exception_encode(w, &(struct cosem_exception){ .state = NOT_ALLOWED, .service = COUNTER,
            .counter = (is_dedicated(apdu.data[0]) ? s->dedicated_counter : v->s->client_counter) + 1 });
    else if (how != OPENED)
        spodes_refuse(w, NOT_ALLOWED, how == OPENED_WRONG_KEY ? DECIPHERING : NOT_POSSIBLE);
    if (how != OPENED)
        return;
    spodes_serve(v, writer_bytes(&o), &p);
    bool transfer = s->transfer.active && writer_bytes(&p).size && plain[0] == XDLMS_BLOCK_TRANSFER;
    if (transfer)
        put_bytes(w, writer_bytes(&p)); /* sealed before it was cut */
    else if (writer_bytes(&p).size)
        spodes_seal(v, writer_bytes(&p), ++v->s->server_counter, w);
}

static bool is_service(uint8_t tag)
{
    return tag == XDLMS_GET_REQUEST || tag == XDLMS_SET_REQUEST || tag == XDLMS_ACTION_REQUEST;
}

void spodes_execute(struct spodes_view *v, struct bytes apdu, struct writer *w)
{
    struct spodes_session *s = v->session;
    uint8_t tag = apdu.size ? apdu.data[0] : 0;
    if (tag == ACSE_AARQ) {
        associate(v, apdu, w);
    } else if (tag == ACSE_RLRQ) {
        release(v, apdu, w);
    } else if (dlms_tag_is_ciphered(tag)) {
        execute_ciphered(v, apdu, w);
    } else if (tag == XDLMS_BLOCK_TRANSFER && s->transfer.active) {
        spodes_transfer_on(v, apdu, w);
    } else if (!is_service(tag)) {
        spodes_refuse(w, UNKNOWN, NOT_SUPPORTED);
    } else if (s->stage == SPODES_APART || s->must_cipher) {
        spodes_refuse(w, NOT_ALLOWED, NOT_POSSIBLE);
    } else {
        s->dress.on = false;
        spodes_serve(v, apdu, w);
    }
}
