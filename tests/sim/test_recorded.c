/* Recorded meters: reading recordings, masks, turns, and a real exchange behind a real address. */
#include "sim/fleet.h"
#include "sim/recorded.h"
#include "parrot.h"
#include "tap.h"

#include <stdlib.h>

static char message[256];

static struct recorded *parse(const char *text, const struct twin *family)
{
    struct text problem = text_over(message, sizeof message);
    return recorded_parse(text, family, LANG_EN, &problem);
}

static const char *play(struct recorded *r, void *session, const char *hex)
{
    static char answer[256];
    uint8_t request[64], memory[256];
    struct sim_clock clock = { .stopped = true };
    struct text t = text_over(answer, sizeof answer);
    struct sim_meter *m = sim_meter_new(&(struct sim_birth){ .twin = recorded_twin(r), .serial = 1 });
    long size = hex_parse(hex, request, sizeof request);
    struct bytes frame = bytes_of(request, (size_t)size);
    if (recorded_twin(r)->addressed(m, frame))
        text_put_hex(&t, sim_meter_answer(m, session, frame, &clock, memory, sizeof memory));
    else
        text_put(&t, "not mine");
    free(m);
    return answer;
}

/* Меркурий 230, opening and energy: a published transcript of a real meter. */
static const char mercury[] =
    "# wb-mqtt-serial TEMDeviceTest.Mercury230ReadEnergy\n"
    ">> 00 01 01 01 01 01 01 01 01 77 81\n"
    "<< 00 00 01 B0\n"
    "\n"
    ">> 00 05 00 00 10 25\n"
    "<< 00 30 00 28 C5 FF FF FF FF\r\n"
    "<< 04 00 9C 95 FF FF FF FF 44 AB\n";

static void test_playing(void)
{
    struct recorded *r = parse(mercury, NULL);
    uint64_t session[4] = { 0 };
    ok(r != NULL, "a recording is read %s", message);
    is_int(recorded_count(r), 2);
    is_text(play(r, session, "00 05 00 00 10 25"), "00300028C5FFFFFFFF04009C95FFFFFFFF44AB", "an answer over two lines");
    is_text(play(r, session, "00 01 01 01 01 01 01 01 01 77 81"), "000001B0", "in any order");
    is_text(play(r, session, "00 05 00 00 10 26"), "not mine", "exactly the request, or nothing");
    recorded_free(&r);

    r = parse("a|01??03|AA|x:1\nb|0102|\n# c\nc | 01 FF 03 | BB\nd|010203|CC", NULL);
    ok(r != NULL, "vector lines %s", message);
    memset(session, 0, sizeof session);
    is_text(play(r, session, "010203"), "AA", "?? is any byte");
    is_text(play(r, session, "010203"), "CC", "the same request again gets the next recorded answer");
    is_text(play(r, session, "010203"), "AA", "and round again");
    is_text(play(r, session, "01FF03"), "BB");
    is_text(play(r, session, "0102"), "", "recorded silence");
    recorded_free(&r);
}

static void test_wrong(void)
{
    const char *const wrong[] = { "", "# only\n", ">> 1\n", "<< 00\n", ">> 00\n<< ??\n", "nonsense\n", "a|b|c", ">> 00\nx|\n", ">>\n" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct recorded *r = parse(wrong[i], NULL);
        ok(!r && *message, "%s", message);
        recorded_free(&r);
    }
    struct text problem = text_over(message, sizeof message);
    ok(!recorded_load("/nowhere/at-all", NULL, LANG_RU, &problem) && strstr(message, "/nowhere"), "%s", message);
}

static void test_family(void)
{
    struct recorded *r = parse("x|3C313A613E|3C68693E\n", &twin_parrot);
    is_int(recorded_twin(r)->turnaround_us, 3000, "a family lends its turnaround");
    struct frame_found found = recorded_twin(r)->find(bytes_of("zz<1:a", 6), NULL);
    ok(found.state == FRAME_PARTIAL && found.start == 2, "and its finder");
    uint64_t session[4] = { 0 };
    is_text(play(r, session, "3C313A613E"), "3C68693E");
    recorded_free(&r);
}

int main(void)
{
    test_playing();
    test_wrong();
    test_family();
    return tap_done();
}
