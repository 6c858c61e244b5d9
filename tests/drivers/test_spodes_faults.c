/* The СПОДЭС driver on a bad line and before hostile meters: damaged, foreign, late, lost and forged answers, restarts
 * (dlms.md 2.5, 9.3). Every answer of a session is hit once by every kind of fault. */
#include "support/spodes_harness.h"
#include "tap.h"
#include "wire/hdlc.h"

#include <stdlib.h>

enum { SERIAL = 12345678 };

#define READER "physical=16;password=111111"
#define KEYS "guek=000102030405060708090A0B0C0D0E0F;gak=D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"
#define OUR_KEYS ";encryption_key=hex:000102030405060708090A0B0C0D0E0F;authentication_key=hex:D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"
#define CIPHERED "client=48;security=gmac;protection=both" OUR_KEYS

enum fault_kind { CUT, BROKEN, SILENT, ECHOED, NOISY, FOREIGN, RESTART, FORGED, REPLAYED, PLAINED, FAULT_KINDS };

static const char *const names[] = { "cut short", "wrong checksum", "lost", "after our echo", "after noise", "after another meter's",
                                     "restart", "forged", "replayed", "in the clear" };

struct injection {
    enum fault_kind kind;
    uint32_t at;  /* answer that is hit */
    bool always;  /* and all after it */
    bool hit;
    uint8_t before[8192]; /* the answer before, for replays */
    size_t before_size;
};

static size_t put_before(uint8_t *memory, size_t size, struct bytes what)
{
    memmove(memory + what.size, memory, size);
    memcpy(memory, what.data, what.size);
    return size + what.size;
}

static size_t inject(struct rig *r, uint32_t n, struct bytes request, uint8_t *memory, size_t size, size_t room)
{
    (void)room;
    struct injection *j = r->context;
    bool hit = n == j->at || (j->always && n > j->at);
    uint8_t other[64];
    struct writer w = writer_over(other, sizeof other);
    struct hdlc_frame stranger = { .to = hdlc_client(32), .from = hdlc_server(1, 99, 2), .control = { .kind = HDLC_UA, .poll = true } };
    hdlc_encode(&w, &stranger);
    if (!hit || size == 0) {
        memcpy(j->before, memory, size < sizeof j->before ? size : 0);
        j->before_size = size;
        return size;
    }
    j->hit = true;
    static const uint8_t noise[] = { 0x00, 0xFF, 0x7E, 0x13, 0x7E, 0xA0, 0x55 };
    switch (j->kind) {
    case CUT: return size / 2;
    case BROKEN: memory[size - 3] ^= 0x10; return size;
    case SILENT: return 0;
    case ECHOED: return put_before(memory, size, request);
    case NOISY: return put_before(memory, size, bytes_of(noise, sizeof noise));
    case FOREIGN: return put_before(memory, size, writer_bytes(&w));
    case RESTART: r->drop_session = true; return 0;
    case FORGED: memory[size - 14] ^= 0x01; return size;
    case REPLAYED: memcpy(memory, j->before, j->before_size); return j->before_size;
    case PLAINED: {
        /* a wrapper packet with a plain GET-response inside */
        static const uint8_t plain[] = { 0x00, 0x01, 0x00, 0x01, 0x00, 0x30, 0x00, 0x06, 0xC4, 0x01, 0xC1, 0x00, 0x11, 0x05 };
        memcpy(memory, plain, sizeof plain);
        return sizeof plain;
    }
    default: return size;
    }
}

static struct rig rig_of(const char *options, const char *settings, struct injection *j)
{
    return (struct rig){ .options = options, .settings = settings, .serial = SERIAL, .address = 16,
                         .wall = wall_parse("2026-11-21 10:40:00"), .timing = { .answer_ms = 40, .byte_gap_ms = 40 },
                         .twist = inject, .context = j };
}

static void read_some(struct rig *r, struct conversation *c)
{
    struct want w = { .archive = ARCHIVE_CURRENT, .now = r->wall, .tariffs = 4 };
    r->driver->read[ARCHIVE_CURRENT](c, &w, &r->sink);
    w = (struct want){ .archive = ARCHIVE_PROFILE, .now = r->wall, .span = { wall_parse("2026-11-20"), wall_parse("2026-11-21") } };
    r->driver->read[ARCHIVE_PROFILE](c, &w, &r->sink);
    r->driver->clock.correct(c, 42);
}

static int count_right(const struct rig *r)
{
    int right = 0;
    for (int64_t at = wall_parse("2026-11-20"); at < wall_parse("2026-11-21"); at += HALF_HOUR_SECONDS)
        for (int channel = 0; channel < LIFE_CHANNELS; channel++) {
            int64_t want = life_energy(SERIAL, (enum life_channel)channel, 0, at + HALF_HOUR_SECONDS) - life_energy(SERIAL, (enum life_channel)channel, 0, at);
            const struct reading *x = rig_reading(r, ARCHIVE_PROFILE, at, OBIS(1, 0, channel + 1, 29, 0, 255));
            right += x && x->quality == 0 && decimal_compare(x->value, decimal_of(want, 0)) == 0;
        }
    return right;
}

/* One fault anywhere costs time and nothing else: all data, one AARQ executed, the clock moved once. */
static void test_single(enum fault_kind kind, const char *options, const char *settings)
{
    int bad = 0;
    uint32_t answers = 1;
    for (uint32_t at = 0; at < answers; at++) {
        struct injection j = { .kind = kind, .at = at };
        struct rig r = rig_of(options, settings, &j);
        rig_start(&r);
        rig_run(&r, read_some);
        bool right = r.fault == FAULT_NONE && count_right(&r) == 192 && r.meter.clock_shift_s == 42;
        if (!right && bad++ < 3)
            printf("# answer %u: %s %s, %d right, clock %+lld\n", at, fault_name(r.fault), r.detail, count_right(&r), (long long)r.meter.clock_shift_s);
        if (at == 0)
            answers = r.requests < 30 ? r.requests - 2 : 30;
        rig_stop(&r);
    }
    is_int(bad, 0, "an answer %s, each of %u once (%s)", names[kind], answers, options);
}

/* The AARQ's answer is lost: the meter must have executed it once. */
static void test_lost_aare(void)
{
    struct injection j = { .kind = SILENT, .at = 1 };
    struct rig r = rig_of("", "physical=16;password=000000", &j);
    rig_start(&r);
    rig_run(&r, read_some);
    is_int(r.fault, FAULT_PASSWORD, "the refusal is fetched by RR");
    is_int(r.aarqs, 1, "and the password was said once");
    j = (struct injection){ .kind = SILENT, .at = 1, .always = true };
    rig_run(&r, read_some);
    is_int(r.fault, FAULT_NO_ANSWER, "a meter that stays silent");
    is_int(r.aarqs, 1, "hears the password once");
    rig_stop(&r);
}

static void test_restart(void)
{
    struct injection j = { .kind = RESTART, .at = 9 };
    struct rig r = rig_of("pdu=128;info=64", READER, &j);
    rig_start(&r);
    rig_run(&r, read_some);
    is_int(r.fault, FAULT_SESSION_LOST, "a restart in the middle (%s)", r.detail);
    ok(j.hit);
    rig_stop(&r);
    j = (struct injection){ .kind = RESTART, .at = 5 };
    r = rig_of("pdu=128", "transport=wrapper;password=111111", &j);
    rig_start(&r);
    rig_run(&r, read_some);
    is_int(r.fault, FAULT_SESSION_LOST, "the same over the wrapper (%s)", r.detail);
    rig_stop(&r);
}

static void test_forgery(void)
{
    static const struct {
        enum fault_kind kind;
        uint32_t at;
    } cases[] = { { FORGED, 4 }, { FORGED, 5 }, { REPLAYED, 5 }, { REPLAYED, 7 }, { PLAINED, 5 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct injection j = { .kind = cases[i].kind, .at = cases[i].at };
        struct rig r = rig_of(KEYS, "transport=wrapper;" CIPHERED, &j);
        rig_start(&r);
        rig_run(&r, read_some);
        is_int(r.fault, FAULT_SECURITY, "a ciphered answer %s (%s)", names[cases[i].kind], r.detail);
        rig_stop(&r);
    }
}

static void test_only_foreign(void)
{
    struct injection j = { .kind = BROKEN, .at = 2, .always = true };
    struct rig r = rig_of("", READER, &j);
    rig_start(&r);
    rig_run(&r, read_some);
    is_int(r.fault, FAULT_DAMAGED, "checksums never fit");
    rig_stop(&r);
    j = (struct injection){ .kind = SILENT, .at = 0, .always = true };
    r = rig_of("", READER, &j);
    rig_start(&r);
    rig_run(&r, read_some);
    is_int(r.fault, FAULT_NO_ANSWER, "nobody is there");
    is_int(r.aarqs, 0);
    rig_stop(&r);
}

static void test_split(void)
{
    struct injection j = { .kind = FAULT_KINDS, .at = UINT32_MAX };
    struct rig r = rig_of("window=7;info=64", READER ";window=7", &j);
    r.split = true;
    r.timing = (struct timing){ .answer_ms = 2000, .byte_gap_ms = 500 };
    rig_start(&r);
    rig_run(&r, read_some);
    ok(r.fault == FAULT_NONE && count_right(&r) == 192, "answers byte by byte: %s %s", fault_name(r.fault), r.detail);
    rig_stop(&r);
}

/* Over the wrapper nobody counts frames: what changes the meter must not be said twice. */
static void test_once(void)
{
    for (uint32_t at = 0; at < 12; at++) {
        struct injection j = { .kind = SILENT, .at = at };
        struct rig r = rig_of("", "transport=wrapper;password=111111", &j);
        rig_start(&r);
        rig_run(&r, read_some);
        ok(r.meter.clock_shift_s == 42 || (r.meter.clock_shift_s == 0 && r.fault != FAULT_NONE) , "answer %u lost over the wrapper: the clock is moved once at most", at);
        ok(r.aarqs <= 1);
        rig_stop(&r);
    }
}

/* Over the wrapper an answer may come when its question has been put again and answered: it must not be taken for the
 * answer to the next one. The answer to request `at` comes with that to the second request after it. */
static size_t delay(struct rig *r, uint32_t n, struct bytes request, uint8_t *memory, size_t size, size_t room)
{
    (void)request;
    (void)room;
    struct injection *j = r->context;
    if (n == j->at) {
        memcpy(j->before, memory, size);
        j->before_size = size;
        return 0;
    }
    return n == j->at + 2 ? put_before(memory, size, bytes_of(j->before, j->before_size)) : size;
}

static void read_current(struct rig *r, struct conversation *c)
{
    struct want w = { .archive = ARCHIVE_CURRENT, .now = r->wall, .tariffs = 4 };
    r->driver->read[ARCHIVE_CURRENT](c, &w, &r->sink);
}

static void test_late(void)
{
    int wrong = 0;
    for (uint32_t at = 1; at < 8; at++) {
        struct injection j = { .at = at };
        struct rig r = rig_of("lists=no", "transport=wrapper;password=111111", &j);
        r.twist = delay;
        rig_start(&r);
        rig_run(&r, read_current);
        for (int tariff = 0; tariff <= 4; tariff++) {
            const struct reading *x = rig_reading(&r, ARCHIVE_CURRENT, r.wall, OBIS(1, 0, 1, 8, tariff, 255));
            wrong += !x || decimal_compare(x->value, decimal_of(life_energy(SERIAL, LIFE_A_PLUS, tariff, r.wall), 0)) != 0;
        }
        wrong += r.fault != FAULT_NONE;
        rig_stop(&r);
    }
    is_int(wrong, 0, "an answer that comes after its question was answered is nobody's");
}

int main(void)
{
    for (enum fault_kind kind = CUT; kind <= FOREIGN; kind++) {
        test_single(kind, "", READER);
        test_single(kind, "info=64;window=4", READER ";window=4");
        test_single(kind, "pdu=100;info=40", READER);
    }
    test_single(SILENT, KEYS, CIPHERED);
    test_lost_aare();
    test_restart();
    test_forgery();
    test_only_foreign();
    test_split();
    test_once();
    test_late();
    return tap_done();
}
