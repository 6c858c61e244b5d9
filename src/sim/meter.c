/* One simulated meter; see meter.h. */
#include "sim/meter.h"

#include "base/arena.h"
#include "base/clock.h"
#include "sim/life_draw.h"

#include <stdio.h>
#include <stdlib.h>

int64_t sim_clock_utc_s(const struct sim_clock *c)
{
    return c->stopped ? c->shift_s : clock_utc_ms() / 1000 + c->shift_s;
}

void sim_clock_set(struct sim_clock *c, int64_t wall, int zone_minutes)
{
    int64_t utc = wall - zone_minutes * 60;
    c->shift_s = c->stopped ? utc : utc - clock_utc_ms() / 1000;
}

int64_t sim_meter_wall(const struct sim_meter *m, const struct sim_clock *c)
{
    int64_t wall = sim_clock_utc_s(c) + m->zone_minutes * 60;
    return wall + (c->exact ? 0 : life_clock_error_s(m->serial, wall)) + m->clock_shift_s;
}

/* --- troubles ----------------------------------------------------------------------------------------------------- */

/* Kinds of mishap, for the dice. */
enum mishap { MISHAP_SILENT, MISHAP_NOISE, MISHAP_WRONG_SUM, MISHAP_CUT, MISHAP_RESTART, MISHAP_DEAD, MISHAP_REFUSE, MISHAP_WHERE };

static bool hit(uint32_t serial, enum mishap kind, uint32_t answer, uint16_t thousandths)
{
    return thousandths && life_draw(serial, SALT_FAULT + kind, answer, 1000) < thousandths;
}

/* One "name=number" or bare "name". */
static bool take_trouble(char *word, struct sim_troubles *t)
{
    const struct {
        const char *name;
        uint16_t *thousandths;
    } rates[] = {
        { "silent", &t->each.silent },   { "noise", &t->each.noise }, { "wrong_sum", &t->each.wrong_sum }, { "cut", &t->each.cut },
        { "restart", &t->each.restart }, { "dead", &t->dead },        { "refuse", &t->refuse },
    };
    char *equals = strchr(word, '='), *end = NULL;
    if (equals)
        *equals++ = '\0';
    unsigned long value = equals ? strtoul(equals, &end, 10) : 1000;
    if (equals && (end == equals || *end))
        return false;
    if (strcmp(word, "slow") == 0) {
        t->each.slow_ms = (uint32_t)value;
        return equals && value <= 600000;
    }
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        if (strcmp(word, rates[i].name) == 0) {
            *rates[i].thousandths = (uint16_t)value;
            return value <= 1000;
        }
    return false;
}

bool sim_troubles_parse(const char *text, enum lang lang, struct sim_troubles *ret, struct text *problem)
{
    static const struct phrase wrong = { {
        "неисправности пишут так: silent=10,noise=5,wrong_sum=5,cut=5,restart=1 (тысячные доли ответов), slow=200 (мс), "
        "dead=20,refuse=3 (тысячные доли счётчиков); непонятно",
        "faults are written silent=10,noise=5,wrong_sum=5,cut=5,restart=1 (thousandths of the answers), slow=200 (ms), "
        "dead=20,refuse=3 (thousandths of the meters); cannot read" } };
    struct sim_troubles t = { 0 };
    char copy[256];
    snprintf(copy, sizeof copy, "%s", text);
    for (char *save, *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
        if (take_trouble(word, &t))
            continue;
        text_printf(problem, "%s: %s", phrase_in(&wrong, lang), word);
        return false;
    }
    *ret = t;
    return true;
}

struct sim_faults sim_troubles_of(const struct sim_troubles *t, uint32_t serial)
{
    struct sim_faults f = t->each;
    f.dead |= hit(serial, MISHAP_DEAD, 0, t->dead);
    f.refuse_password |= hit(serial, MISHAP_REFUSE, 0, t->refuse);
    return f;
}

/* --- the meter ---------------------------------------------------------------------------------------------------- */

struct sim_meter *sim_meter_new(const struct sim_birth *birth)
{
    enum { ALIGN = 16 };
    size_t head = (sizeof(struct sim_meter) + ALIGN - 1) / ALIGN * ALIGN;
    struct sim_meter *m = memory_new(head + birth->twin->meter_size);
    *m = (struct sim_meter){
        .twin = birth->twin, .serial = birth->serial, .address = birth->address, .zone_minutes = birth->zone_minutes,
        .options = birth->options, .faults = birth->faults, .state = (char *)m + head,
    };
    if (m->twin->born)
        m->twin->born(m);
    return m;
}

/* A few bytes of noise stand before the answer: this much room is kept for them. */
enum { NOISE_MAX = 5 };

static struct bytes spoil(const struct sim_meter *m, uint32_t count, uint8_t *start, size_t size)
{
    const struct sim_faults *f = &m->faults;
    if (hit(m->serial, MISHAP_WRONG_SUM, count, f->wrong_sum)) {
        int64_t bit = life_draw(m->serial, SALT_FAULT + MISHAP_WHERE, count, (int64_t)size * 8);
        start[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    if (hit(m->serial, MISHAP_CUT, count, f->cut))
        size = (size + 1) / 2;
    if (hit(m->serial, MISHAP_NOISE, count, f->noise)) {
        uint64_t dice = life_mix(count ^ (uint64_t)m->serial << 32);
        size_t noise = 1 + (size_t)(dice % NOISE_MAX);
        for (size_t i = 0; i < noise; i++)
            *--start = (uint8_t)(dice >> (8 * i + 8));
        size += noise;
    }
    return bytes_of(start, size);
}

struct bytes sim_meter_answer(struct sim_meter *m, void *session, struct bytes frame, const struct sim_clock *clock,
                              void *memory, size_t room)
{
    struct bytes nothing = bytes_of(memory, 0);
    uint32_t count = m->answers++;
    if (m->faults.dead || room <= NOISE_MAX)
        return nothing;
    if (hit(m->serial, MISHAP_RESTART, count, m->faults.restart)) {
        memset(session, 0, m->twin->session_size);
        return nothing;
    }
    struct writer out = writer_over((uint8_t *)memory + NOISE_MAX, room - NOISE_MAX);
    m->twin->answer(m, session, frame, sim_meter_wall(m, clock), &out);
    size_t size = writer_bytes(&out).size;
    if (size == 0 || hit(m->serial, MISHAP_SILENT, count, m->faults.silent))
        return nothing;
    return spoil(m, count, out.start, size);
}
