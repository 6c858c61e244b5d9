/* Every line of tests/vectors/dlms.txt: frames check, APDUs decode, the decoded meaning is what the third column says,
 * encoding gives the bytes back, and ciphered contents open with the keys the file gives. */
#include "tap.h"
#include "dlms_render.h"
#include "wire/crc.h"
#include "wire/dlms_curve.h"
#include "wire/dlms_explain.h"

#include <stdlib.h>

enum { LINE_MAX_BYTES = 32768 };

/* --- lines whose third column is free text or a wrong reading: what we expect instead, and why --- */

static const struct {
    const char *name, *expected, *why;
} readings[] = {
    { "openspodes-compact-array-of-unsigned-1-2-3", "[u8:1, u8:2, u8:3]", "free text" },
    { "openspodes-compact-array-of-structure-u8-u16-x2", "[{u8:1, u16:258}, {u8:2, u16:772}]", "free text" },
    { "u9n-get-get_response_with_list", "?", "five bytes behind the list: the column stops in the middle; refused" },
    { "jdlms-glo-get-request-enc-only", "glo-get-request SC=20 IC=19088743 payload 13 bytes => plaintext C0010000080000010000FF0200 = GET-request-normal iid=0 class 8 obis 0.0.1.0.0.255 attr 2", "free text" },
    { "greenbook-initiate-response-sn", "InitiateResponse dlms-ver=6 conformance=1C0320{read+write+unconfirmed-write+multiple-references+information-report+parameterized-access} max-pdu=500 vaa=FA00", "shortened" },
};

/* Frames that are right while the APDU inside is not: its own lengths do not fit, and we refuse it. */
static const struct {
    const char *name, *why;
} refused[] = {
    { "gocosem-gmac-enc-15-tx", "that client counts a tag which SC 20 does not have: length 49, 37 bytes follow" },
    { "gocosem-gmac-enc-17-tx", "the same: length 30, 18 bytes follow" },
    { "jdlms-aare-sn", "lengths 13 and 40 around an InitiateResponse of 14 bytes" },
};

/* Lines we cannot check against our code. */
static const struct {
    const char *name, *why;
} not_ours[] = {
    { "gost-streebog256-mech9", "GOST suites need an engine that is not part of these functions" },
    { "gost-streebog256-mech9-server", "GOST" },
    { "gost-kuznyechik-block", "GOST" },
    { "gost-cmac-mech8", "GOST" },
    { "gost3410-sign-a3", "GOST" },
    { "gost-vko", "GOST" },
    { "gost-kdf-tree", "GOST" },
};

/* Tails of the third column that say more than the bytes. */
static const char *const tails[] = { "", " [recomputed]", " (BER conformance tag written 5F 04, the 1-byte form that some servers use)",
    " (SN referencing)", " (base name of the current Association SN)" };

static bool column_says(const char *column, const char *rendered)
{
    size_t length = strlen(rendered), whole = strlen(column);
    if (whole > 4 && strcmp(column + whole - 4, " ...") == 0) /* the file cuts long ones */
        return strncmp(column, rendered, whole - 4) == 0;
    if (length == 0)
        return false;
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        size_t tail = strlen(tails[i]);
        if (whole < tail || strcmp(column + whole - tail, tails[i]) != 0)
            continue;
        if (whole - tail == length && strncmp(column, rendered, length) == 0)
            return true;
        if (whole - tail > length + 2 && strncmp(column + whole - tail - length, rendered, length) == 0
            && strncmp(column + whole - tail - length - 2, ": ", 2) == 0)
            return true;
    }
    return false;
}

/* --- keys --- */

static uint8_t key_memory[256];

static struct bytes hex_bytes(const char *hex, uint8_t *memory, size_t room)
{
    long size = hex_parse(hex, memory, room);
    return bytes_of(memory, size < 0 ? 0 : (size_t)size);
}

/* The Green Book's keys, which most vectors use; titles by section of the file. */
static struct dlms_keys keys_for(const char *name)
{
    bool push = strncmp(name, "u9n-general", 11) == 0;
    bool session = strncmp(name, "gocosem", 7) == 0;
    struct dlms_keys k = { 0 };
    k.encryption = hex_bytes(push ? "4D5944554D4D59474C4F42414C4B4559" : "000102030405060708090A0B0C0D0E0F", key_memory, 16);
    k.authentication = hex_bytes(push ? "4D5944554D4D59474C4F42414C4B4559" : "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF", key_memory + 16, 16);
    k.client_title = hex_bytes(session ? "4D454C0000000001" : "4D4D4D0000BC614E", key_memory + 32, 8);
    k.server_title = hex_bytes(session ? "4D454C6470B71B11" : "4D4D4D0000BC614E", key_memory + 40, 8);
    return k;
}

/* The ciphered APDU inside: the APDU itself, or the user information of an AARQ, AARE, RLRQ or RLRE. */
static struct bytes ciphered_inside(struct bytes apdu)
{
    struct acse_request q;
    struct acse_response r;
    struct acse_release l;
    if (acse_request_decode(apdu, &q))
        apdu = q.party.user_information;
    else if (acse_response_decode(apdu, &r))
        apdu = r.party.user_information;
    else if (acse_release_decode(apdu, &l))
        apdu = l.user_information;
    return apdu.size && dlms_tag_is_ciphered(apdu.data[0]) ? apdu : bytes_of(NULL, 0);
}

/* Opens what is inside and appends " => plaintext .. = .."; seals it again to the same bytes. */
static void render_opened(struct text *t, const char *name, struct bytes apdu)
{
    uint8_t plain_memory[2048], again_memory[2048];
    struct writer plain = writer_over(plain_memory, sizeof plain_memory), again = writer_over(again_memory, sizeof again_memory);
    struct bytes inside = ciphered_inside(apdu);
    struct dlms_keys k = keys_for(name);
    struct dlms_ciphered head;
    bool dedicated;
    if (inside.size == 0)
        return;
    bool server = dlms_tag_is_response(dlms_plain_tag(inside.data[0], &dedicated));
    enum dlms_opening result = dlms_open(&plain, &k, server, inside, &head);
    ok(result == DLMS_OPENED, "content opens");
    text_put(t, " => plaintext ");
    text_put_hex(t, writer_bytes(&plain));
    text_put(t, " = ");
    render_apdu(t, writer_bytes(&plain));
    enum dlms_form form = inside.data[0] == XDLMS_GENERAL_GLO ? DLMS_GENERAL_GLO : DLMS_GLO;
    dlms_seal(&again, &k, form, server, head.control, head.counter, writer_bytes(&plain));
    ok(bytes_equal(writer_bytes(&again), inside), "sealed again to the same bytes");
}

/* --- encoding again --- */

static void encode_again(struct bytes apdu, struct writer *w)
{
    union {
        struct cosem_request request;
        struct cosem_response response;
        struct xdlms_initiate initiate;
        struct xdlms_service_error error;
        struct acse_request aarq;
        struct acse_response aare;
        struct acse_release release;
        struct dlms_ciphered ciphered;
        struct cosem_exception exception;
        struct cosem_notification push;
        struct cosem_event event;
        struct cosem_access_request access_request;
        struct cosem_access_response access_response;
    } u;
    if (cosem_request_decode(apdu, &u.request))
        cosem_request_encode(w, &u.request);
    else if (cosem_response_decode(apdu, &u.response))
        cosem_response_encode(w, &u.response);
    else if (xdlms_initiate_decode(apdu, &u.initiate))
        xdlms_initiate_encode(w, &u.initiate);
    else if (xdlms_service_error_decode(apdu, &u.error))
        xdlms_service_error_encode(w, &u.error);
    else if (acse_request_decode(apdu, &u.aarq))
        acse_request_encode(w, &u.aarq);
    else if (acse_response_decode(apdu, &u.aare))
        acse_response_encode(w, &u.aare);
    else if (acse_release_decode(apdu, &u.release))
        acse_release_encode(w, &u.release);
    else if (dlms_ciphered_decode(apdu, &u.ciphered))
        dlms_ciphered_encode(w, &u.ciphered);
    else if (cosem_exception_decode(apdu, &u.exception))
        cosem_exception_encode(w, &u.exception);
    else if (cosem_notification_decode(apdu, &u.push))
        cosem_notification_encode(w, &u.push);
    else if (cosem_event_decode(apdu, &u.event))
        cosem_event_encode(w, &u.event);
    else if (cosem_access_request_decode(apdu, &u.access_request))
        cosem_access_request_encode(w, &u.access_request);
    else if (cosem_access_response_decode(apdu, &u.access_response))
        cosem_access_response_encode(w, &u.access_response);
}

/* Every element taken and put gives the same bytes (plain arrays only). */
static void encode_data_again(struct bytes element, struct writer *w)
{
    struct cosem_reader r = cosem_reader_over(element);
    while (cursor_left(&r.in) && !cosem_failed(&r)) {
        struct cosem_data d = cosem_take(&r);
        put_cosem_data(w, &d);
    }
}

static uint8_t again_memory[LINE_MAX_BYTES];

static void check_again(struct bytes apdu)
{
    struct writer w = writer_over(again_memory, sizeof again_memory);
    encode_again(apdu, &w);
    ok(bytes_equal(writer_bytes(&w), apdu), "encodes to the same bytes");
}

/* --- one line --- */

static char rendered_memory[LINE_MAX_BYTES];

static void check_text(const char *name, const char *column, struct text *t)
{
    for (size_t i = 0; i < sizeof readings / sizeof *readings; i++)
        if (strcmp(readings[i].name, name) == 0) {
            is_text(t->start, readings[i].expected, "our reading");
            return;
        }
    if (!ok(column_says(column, t->start), "meaning"))
        printf("#   %s\n#   got  %s\n#   want %s\n", name, t->start, column);
}

static bool listed_as_refused(const char *name)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (strcmp(refused[i].name, name) == 0)
            return true;
    return false;
}

/* The APDU is refused; a ciphered one opens all the same when its content is taken by hand. */
static void check_refused(struct bytes apdu)
{
    uint8_t memory[64];
    struct writer w = writer_over(memory, sizeof memory);
    struct text t = text_over(rendered_memory, sizeof rendered_memory);
    struct dlms_keys k = keys_for("gocosem");
    struct cursor c = cursor_over(bytes_part(apdu, 3, apdu.size));
    render_apdu(&t, apdu);
    is_text(t.start, "?", "refused");
    struct dlms_cipher cipher = { .control = 0x20, .counter = take_be32(&c), .key = k.encryption, .title = k.client_title };
    if (apdu.data[0] != ACSE_AARE)
        ok(dlms_unprotect(&w, &cipher, take_rest(&c)) == DLMS_OPENED && memory[0] == dlms_plain_tag(apdu.data[0], &(bool){ 0 }), "opens by hand");
}

static void check_frame(const char *name, const char *column, struct bytes b)
{
    struct text t = text_over(rendered_memory, sizeof rendered_memory);
    struct hdlc_frame f;
    struct bytes apdu;
    bool response;
    ok(render_frame(&t, b), "frame with good checksums");
    if (hdlc_decode(b, &f) != HDLC_OK)
        return;
    bool flags = b.data[0] == 0x7E;
    struct writer w = writer_over(again_memory, sizeof again_memory);
    hdlc_encode(&w, &f);
    struct bytes again = writer_bytes(&w);
    ok(bytes_equal(flags ? again : bytes_part(again, 1, again.size - 2), b), "frame encodes to the same bytes");
    if (flags) {
        struct frame_found found = hdlc_find(b, NULL);
        ok(found.state == FRAME_WHOLE && found.start == 0 && found.size == b.size, "frame found");
    }
    if (f.more || !hdlc_llc_decode(f.info, &response, &apdu)) {
        /* segments and frames without LLC: the column's words about them are free text */
        ok(strncmp(column, t.start, strcspn(t.start, "[")) == 0, "header");
        return;
    }
    if (listed_as_refused(name)) {
        check_refused(apdu);
        return;
    }
    check_again(apdu);
    if (strstr(column, " => "))
        render_opened(&t, name, apdu);
    check_text(name, column, &t);
}

static void check_apdu(const char *name, const char *column, struct bytes b)
{
    struct text t = text_over(rendered_memory, sizeof rendered_memory);
    struct wrapper_packet packet;
    struct bytes apdu = b;
    bool response;
    if (wrapper_decode(b, &packet)) {
        text_printf(&t, "WPDU ver=1 src=%u dst=%u len=%zu ", packet.from, packet.to, packet.apdu.size);
        apdu = packet.apdu;
    } else if (hdlc_llc_decode(b, &response, &apdu)) {
        text_put(&t, "LLC + ");
    }
    render_apdu(&t, apdu);
    if (strcmp(t.start, "?") != 0)
        check_again(apdu);
    const char *title = strstr(column, " title ");
    if (strstr(column, " => ")) {
        if (title && !strstr(column, "system-title"))
            text_printf(&t, "%.*s", (int)(strstr(title, " =>") - title), title);
        render_opened(&t, name, apdu);
    }
    check_text(name, column, &t);
}

static void check_data(const char *name, const char *column, struct bytes b)
{
    struct text t = text_over(rendered_memory, sizeof rendered_memory);
    struct writer w = writer_over(again_memory, sizeof again_memory);
    ok(render_data(&t, b), "one element");
    if (!strstr(name, "compact")) {
        encode_data_again(b, &w);
        ok(bytes_equal(writer_bytes(&w), b), "elements encode to the same bytes");
    }
    char wanted[64];
    snprintf(wanted, sizeof wanted, "%s", strncmp(column, "Data ", 5) == 0 ? "Data " : "");
    check_text(name, column + strlen(wanted), &t);
}

/* --- lines that are neither frame, APDU nor data --- */

static void check_length(const char *column, struct bytes b)
{
    struct cursor c = cursor_over(b);
    uint8_t memory[8];
    struct writer w = writer_over(memory, sizeof memory);
    uint32_t length = take_axdr_length(&c);
    if (strstr(column, "indefinite")) {
        ok(c.failed, "an indefinite length is refused");
        return;
    }
    is_int(length, strtol(column + 4, NULL, 0), "length");
    put_axdr_length(&w, length);
    ok(cursor_done(&c) && bytes_equal(writer_bytes(&w), b), "length encodes to the same bytes");
}

static void check_negotiation(const char *name, struct bytes b)
{
    struct hdlc_parameters p;
    bool first = strcmp(name, "youserj-snrm-neg-1") == 0;
    ok(hdlc_parameters_decode(b, &p), "parameters");
    is_int(p.info_transmit, first ? 128 : 200);
    is_int(p.info_receive, first ? 200 : 259);
}

/* A range behind `skip` bytes: the selector, and before it the presence byte. */
static void check_range(struct bytes b, size_t skip)
{
    struct cosem_range range;
    uint8_t memory[128];
    struct writer w = writer_over(memory, sizeof memory);
    b = bytes_part(b, skip, b.size);
    ok(cosem_range_decode(b, &range) && range.by.class_id == 8 && range.columns.count == 0, "range");
    cosem_range_encode(&w, &range);
    ok(bytes_equal(writer_bytes(&w), b), "range encodes to the same bytes");
}

static void check_gcm(struct bytes b)
{
    uint8_t memory[64];
    struct writer w = writer_over(memory, sizeof memory);
    struct dlms_keys k = keys_for("");
    struct dlms_cipher c = { .control = 0x30, .counter = 0x01234567, .key = k.encryption, .authentication = k.authentication, .title = k.client_title };
    uint8_t plain[13];
    ok(dlms_protect(&w, &c, hex_bytes("C0010000080000010000FF0200", plain, sizeof plain)) == DLMS_OPENED, "protect");
    ok(bytes_equal(writer_bytes(&w), b), "Green Book ciphertext and tag");
}

static void check_gmac(struct bytes b, size_t from)
{
    uint8_t memory[32], text[16];
    struct writer w = writer_over(memory, sizeof memory);
    struct dlms_keys k = keys_for("");
    struct dlms_hls h = { .mechanism = ACSE_HLS_GMAC, .counter = 1, .encryption = k.encryption, .authentication = k.authentication };
    h.prover_title = hex_bytes("4D4D4D0000000001", text, 8);
    h.challenge = hex_bytes("503677524A323146", text + 8, 8);
    ok(dlms_hls_answer(&w, &h), "GMAC");
    ok(bytes_equal(bytes_part(writer_bytes(&w), from, 64), b), "GMAC of the challenge");
    ok(dlms_hls_check(&h, writer_bytes(&w)), "checks");
}

static void check_wrap(struct bytes b)
{
    uint8_t memory[64], key[32];
    struct writer w = writer_over(memory, sizeof memory);
    struct bytes plain = hex_bytes("00112233445566778899AABBCCDDEEFF", key, 16);
    struct bytes master = hex_bytes("000102030405060708090A0B0C0D0E0F", key + 16, 16);
    dlms_key_wrap(&w, master, plain);
    ok(bytes_equal(writer_bytes(&w), b), "wrap");
    struct writer back = writer_over(memory + 32, 32);
    ok(dlms_key_unwrap(&back, master, b) && bytes_equal(writer_bytes(&back), plain), "unwrap");
}

static void check_kdf(struct bytes b, const char *z, const char *u, const char *v)
{
    uint8_t memory[128];
    struct writer w = writer_over(memory, 32);
    ok(dlms_derive(&w, 1, hex_bytes(z, memory + 32, 32), hex_bytes(u, memory + 64, 8), hex_bytes(v, memory + 72, 8)), "derive");
    ok(bytes_equal(writer_bytes(&w), bytes_part(b, 0, 16)), "derived key");
}

static void check_public(struct bytes b)
{
    uint8_t memory[64], key[32];
    struct writer w = writer_over(memory, sizeof memory);
    ok(dlms_public_key(&w, 1, hex_bytes("418073C239FA6125011DE4D6CD2E645780289F761BB21BFB0835CB5585E8B373", key, 32)), "public key");
    ok(bytes_equal(writer_bytes(&w), b), "the Green Book's client key");
}

static void check_aes(struct bytes b)
{
    uint8_t memory[64], challenge[8];
    struct writer w = writer_over(memory, sizeof memory);
    struct dlms_hls h = { .mechanism = ACSE_HLS_MANUFACTURER, .secret = bytes_of_text("12345678") };
    h.challenge = hex_bytes("0011223344556677", challenge, 8);
    ok(dlms_hls_answer(&w, &h) && bytes_equal(writer_bytes(&w), b), "mechanism 2");
}

/* u9n-general-glo-deciphered is the text inside of u9n-general_global_cipher-gen_glo_cipher_load. */
static struct {
    uint8_t memory[256];
    struct bytes apdu;
} push;

static void check_push(struct bytes b)
{
    uint8_t memory[256];
    struct writer w = writer_over(memory, sizeof memory);
    struct dlms_keys k = keys_for("u9n-general");
    ok(dlms_open(&w, &k, true, push.apdu, NULL) == DLMS_OPENED && bytes_equal(writer_bytes(&w), b), "the push opens to this text");
}

static void check_access(struct bytes b, bool request)
{
    struct cosem_access_request q;
    struct cosem_access_response r;
    check_again(b);
    if (request) {
        ok(cosem_access_request_decode(b, &q) && q.invoke == 0x40000000 && q.specs.count == 4 && q.values.count == 4, "access request");
        struct cursor c = cursor_over(q.specs.items);
        for (int i = 0; i < 4; i++) {
            struct cosem_access_spec s = cosem_take_access_spec(&c);
            ok(s.kind == (i < 2 ? COSEM_ACCESS_GET : COSEM_ACCESS_SET) && s.reference.class_id == (i == 0 ? 1 : i == 1 ? 8 : 20), "specification");
        }
        ok(cursor_done(&c), "no more specifications");
        return;
    }
    ok(cosem_access_response_decode(b, &r) && r.values.count == 4 && r.results.count == 4 && !r.has_specs, "access response");
    struct cursor c = cursor_over(r.results.items);
    for (int i = 0; i < 4; i++) {
        struct cosem_access_result one = cosem_take_access_result(&c);
        ok(one.kind == (i < 2 ? COSEM_ACCESS_GET : COSEM_ACCESS_SET) && one.code == COSEM_SUCCESS, "access result");
    }
}

static void check_addresses(struct bytes b)
{
    struct cursor c = cursor_over(b);
    struct hdlc_address to = hdlc_take_address(&c), from = hdlc_take_address(&c);
    ok(cursor_done(&c) && to.upper == 0x1234 && to.lower == 0x3FFF && to.size == 4 && from.upper == 0x3A && from.size == 1, "addresses");
}

static void check_block_start(struct bytes b)
{
    struct cosem_data array = { .type = COSEM_ARRAY, .count = 3 }, record = { .type = COSEM_STRUCTURE, .count = 58 };
    uint8_t memory[8];
    struct writer w = writer_over(memory, sizeof memory);
    put_cosem_data(&w, &array);
    put_cosem_data(&w, &record);
    ok(bytes_equal(writer_bytes(&w), b), "array of 3 structures of 58");
}

/* A Data vector that the file's third column took for an InitiateRequest: it must be one element and no Initiate. */
static void check_misread(struct bytes b, bool whole)
{
    struct xdlms_initiate i;
    ok(!xdlms_initiate_decode(b, &i), "no InitiateRequest");
    struct cosem_reader all = cosem_reader_over(b);
    cosem_skip(&all);
    ok(cosem_done(&all) == whole, "one whole element, or the first block of one");
}

static bool check_special(const char *name, const char *column, struct bytes b)
{
    if (strncmp(name, "openspodes-len-", 15) == 0)
        check_length(column, b);
    else if (strncmp(name, "youserj-snrm-neg", 16) == 0)
        check_negotiation(name, b);
    else if (strcmp(name, "u9n-selective_access-range_descriptor_to_bytes") == 0)
        check_range(b, 1);
    else if (strcmp(name, "u9n-selective_access-parse_range_descriptor-2") == 0)
        check_range(b, 2); /* the column reads it as an array */
    else if (strcmp(name, "gcm-authenc-green-book") == 0)
        check_gcm(b);
    else if (strcmp(name, "gmac-f-challenge") == 0 || strcmp(name, "jdlms-gmac-reply") == 0)
        check_gmac(b, b.size == 12 ? 5 : 0);
    else if (strcmp(name, "key-wrap-rfc3394") == 0)
        check_wrap(b);
    else if (strcmp(name, "ecdh-kdf-client") == 0)
        check_kdf(b, "0D4385BA0DD756CBCAB9887EB538396EE8F090A14C1079B4359F115B977F4615", "4D4D4D0000BC614E", "4D4D4D0000000001");
    else if (strcmp(name, "ecdh-kdf-server") == 0)
        check_kdf(b, "2B4302DC49790E2E78D990CFB52ED6E2F273DECE441A2D95E4301B93812A9FAC", "4D4D4D0000000001", "4D4D4D0000BC614E");
    else if (strncmp(name, "ecdsa-p256-public", 17) == 0)
        check_public(b);
    else if (strcmp(name, "hls-mech2-aes") == 0)
        check_aes(b);
    else if (strcmp(name, "u9n-general-glo-deciphered") == 0)
        check_push(b);
    else if (strncmp(name, "greenbook-access", 16) == 0)
        check_access(b, strcmp(name, "greenbook-access-request") == 0);
    else if (strcmp(name, "greenbook-fcs-test") == 0)
        ok(crc16_x25(bytes_of(b.data + 1, 2)) == (b.data[3] | b.data[4] << 8), "FCS");
    else if (strcmp(name, "greenbook-hdlc-address") == 0)
        check_addresses(b);
    else if (strcmp(name, "gost58940-13.4-note-range-blocks") == 0)
        check_block_start(b);
    else if (strcmp(name, "u9n-a_xdr-decode_array_and_structure") == 0 || strcmp(name, "u9n-get-transform_bytes-6") == 0)
        check_misread(b, strstr(name, "a_xdr") != NULL);
    else
        return false;
    return true;
}

/* --- the file --- */

static bool listed_as_not_ours(const char *name)
{
    for (size_t i = 0; i < sizeof not_ours / sizeof *not_ours; i++)
        if (strcmp(not_ours[i].name, name) == 0) {
            printf("# %s: skipped, %s\n", name, not_ours[i].why);
            return true;
        }
    return false;
}

static void no_line(struct explain *e, int depth, struct bytes part, const char *label, const char *value)
{
    (void)depth, (void)part, (void)label, (void)value;
    e->depth += 0;
}

static void check_line(const char *name, const char *hex, const char *column)
{
    static uint8_t memory[LINE_MAX_BYTES];
    struct bytes b = hex_bytes(hex, memory, sizeof memory);
    struct explain silent = { .line = no_line };
    struct hdlc_frame f;
    ok(b.size, "hex");
    dlms_explain(&silent, b, NULL);
    is_int(silent.depth, 0, "the tree closes");
    if (strcmp(name, "u9n-general_global_cipher-gen_glo_cipher_load") == 0) {
        memcpy(push.memory, b.data, b.size);
        push.apdu = bytes_of(push.memory, b.size);
    }
    if (listed_as_not_ours(name) || check_special(name, column, b))
        return;
    struct cosem_reader r = cosem_reader_over(b);
    cosem_skip(&r);
    struct xdlms_initiate i;
    if (hdlc_decode(b, &f) != HDLC_BAD_SHAPE)
        check_frame(name, column, b);
    else if (cosem_done(&r) && !xdlms_initiate_decode(b, &i))
        check_data(name, column, b);
    else
        check_apdu(name, column, b);
}

int main(void)
{
    FILE *file = fopen("tests/vectors/dlms.txt", "r");
    char *line = NULL;
    size_t room = 0;
    int lines = 0;
    if (!ok(file != NULL, "the vector file"))
        return tap_done();
    while (getline(&line, &room, file) > 0) {
        line[strcspn(line, "\n")] = '\0';
        if (!*line || *line == '#')
            continue;
        char *hex = strstr(line, " | "), *column = hex ? strstr(hex + 3, " | ") : NULL, *source = column ? strstr(column + 3, " | ") : NULL;
        if (!ok(source != NULL, "four columns"))
            continue;
        for (char *next = strstr(source + 3, " | "); next; next = strstr(source + 3, " | ")) /* the source is the last one */
            source = next;
        *hex = *column = *source = '\0';
        printf("# %s\n", line);
        check_line(line, hex + 3, column + 3);
        lines++;
    }
    is_int(lines, 402, "every vector was looked at");
    free(line);
    fclose(file);
    return tap_done();
}
