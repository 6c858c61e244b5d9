/* How fast one simulated СПОДЭС meter answers: the benchmark of the head-end runs thousands a second through it. */
#include "sim/twin.h"
#include "wire/cosem_apdu.h"
#include "wire/acse.h"
#include "wire/dlms_wrapper.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint8_t out[65536];

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static size_t ask(struct sim_meter *m, void *session, struct bytes apdu, int64_t wall)
{
    uint8_t memory[512];
    struct writer w = writer_over(memory, sizeof memory), o = writer_over(out, sizeof out);
    wrapper_encode(&w, &(struct wrapper_packet){ .from = 32, .to = 1, .apdu = apdu });
    m->twin->answer(m, session, writer_bytes(&w), wall, &o);
    return writer_size(&o);
}

static struct bytes reading(uint8_t *memory, size_t room, uint16_t class_id, struct obis obis, struct bytes range)
{
    struct writer w = writer_over(memory, room);
    struct cosem_request r = { .service = COSEM_GET, .invoke = 0xC1,
                               .reference = { .class_id = class_id, .obis = obis, .index = 2, .selective = range.size > 0, .selector = 1, .parameters = range } };
    cosem_request_encode(&w, &r);
    return writer_bytes(&w);
}

static void associate(struct sim_meter *m, void *session, int64_t wall)
{
    uint8_t memory[256], plain[64];
    struct writer w = writer_over(memory, sizeof memory), i = writer_over(plain, sizeof plain);
    xdlms_initiate_encode(&i, &(struct xdlms_initiate){ .version = XDLMS_VERSION, .conformance = 0xFFFFFF, .pdu_max = 65535 });
    struct acse_request r = { .party = acse_party_of(ACSE_LN) };
    acse_party_authenticate(&r.party, ACSE_LLS, bytes_of_text("111111"));
    r.party.user_information = writer_bytes(&i);
    acse_request_encode(&w, &r);
    ask(m, session, writer_bytes(&w), wall);
}

int main(void)
{
    enum { METERS = 1000, ROUNDS = 20 };
    const struct twin *twin = twin_find("spodes");
    int64_t wall = wall_from_fields(2026, 11, 21, 10, 40, 0);
    void *session = calloc(1, twin->session_size), *state = calloc(METERS, twin->meter_size);
    struct sim_meter *m = calloc(METERS, sizeof *m);
    uint8_t range[128], apdu[256];
    struct writer w = writer_over(range, sizeof range);
    struct cosem_date_time from = cosem_date_time_of_wall(wall_from_fields(2026, 11, 20, 0, 30, 0)),
                           to = cosem_date_time_of_wall(wall_from_fields(2026, 11, 21, 0, 0, 0));
    cosem_put_clock_range(&w, &from, &to);
    for (int i = 0; i < METERS; i++) {
        m[i] = (struct sim_meter){ .twin = twin, .serial = 10000000u + (uint32_t)i, .zone_minutes = 180, .options = "pdu=1280",
                                   .state = (char *)state + (size_t)i * twin->meter_size };
        twin->born(&m[i]);
    }
    int64_t day = 0, energy = 0, opening = 0;
    size_t bytes = 0;
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < METERS; i++) {
            int64_t at = now_ns();
            associate(&m[i], session, wall);
            opening += now_ns() - at;
            struct bytes request = reading(apdu, sizeof apdu, 7, OBIS(1, 0, 99, 1, 0, 255), writer_bytes(&w));
            at = now_ns();
            bytes = ask(&m[i], session, request, wall);
            for (uint32_t block = 1; out[9] == 2 && !out[11] && block < 10; block++) {
                uint8_t next[16];
                struct writer n = writer_over(next, sizeof next);
                cosem_request_encode(&n, &(struct cosem_request){ .service = COSEM_GET, .form = COSEM_NEXT, .invoke = 0xC1, .block.number = block });
                bytes += ask(&m[i], session, writer_bytes(&n), wall);
            }
            day += now_ns() - at;
            request = reading(apdu, sizeof apdu, 3, OBIS(1, 0, 1, 8, 0, 255), bytes_of(NULL, 0));
            at = now_ns();
            ask(&m[i], session, request, wall);
            energy += now_ns() - at;
        }
    printf("session %zu B, meter %zu B\nAARQ %.2f us, one register %.2f us, a day of 48 x 4 in %zu B %.2f us\n", twin->session_size, twin->meter_size,
           (double)opening / METERS / ROUNDS / 1000, (double)energy / METERS / ROUNDS / 1000, bytes, (double)day / METERS / ROUNDS / 1000);
    free(session);
    free(state);
    free(m);
    return 0;
}
