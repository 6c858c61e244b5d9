/* States in words; see states.h. */
#include "collect/states.h"
#include "base/civil.h"
#include "meter/quantity.h"

/* Register of causes of SPODES meters, 0.0.97.98.0.255, by bit (spodes.md 7). */
static const struct phrase causes[] = {
    { { "самодиагностика", "self-diagnosis" } },
    { { "перерыв питания", "supply interruption" } },
    { { "качество сети", "power quality" } },
    { { "магнитное поле", "magnetic field" } },
    { { "клеммная крышка", "terminal cover" } },
    { { "корпус", "case" } },
    { { "превышение мощности", "power limit exceeded" } },
    { { "отключено реле по току", "relay off by current" } },
    { { "отключено реле по магнитному полю", "relay off by magnetic field" } },
    { { "отключено реле по напряжению", "relay off by voltage" } },
    { { "отключено реле по небалансу токов", "relay off by imbalance of currents" } },
    { { "отключено реле по температуре", "relay off by temperature" } },
    { { "дискретный вход", "discrete input" } },
    { { "программирование", "programming" } },
    { { "превышен небаланс токов", "limit of imbalance exceeded" } },
};

static void put_causes(struct text *t, uint64_t bits, enum lang lang)
{
    enum { KNOWN = sizeof causes / sizeof *causes };
    static const struct phrase none = { { "нет", "none" } };
    if (!bits)
        text_put(t, phrase_in(&none, lang));
    for (int i = 0; i < KNOWN; i++)
        if (bits >> i & 1)
            text_printf(t, "%s%s", t->size ? ", " : "", phrase_in(&causes[i], lang));
    if (bits >> KNOWN)
        text_printf(t, "%s0x%llX", t->size ? ", " : "", (unsigned long long)(bits >> KNOWN << KNOWN));
}

static void put_contact(struct text *t, int64_t value, enum lang lang)
{
    static const struct phrase good = { { "есть связь", "in contact" } }, lost = { { "связи нет", "no contact" } };
    text_put(t, phrase_in(value == FAULT_NONE ? &good : &lost, lang));
    if (value > FAULT_NONE && value < FAULT_COUNT)
        text_printf(t, ": %s", fault_text((enum fault)value, lang));
}

static void put_clock(struct text *t, int64_t seconds, enum lang lang)
{
    static const struct phrase fast = { { "спешат на %lld с", "%lld s fast" } }, slow = { { "отстают на %lld с", "%lld s slow" } },
                               right = { { "идут верно", "right" } };
    if (seconds)
        text_printf(t, phrase_in(seconds > 0 ? &fast : &slow, lang), (long long)(seconds > 0 ? seconds : -seconds));
    else
        text_put(t, phrase_in(&right, lang));
}

const char *state_words(struct obis o, int64_t value, enum lang lang, char text[STATE_WORDS_MAX])
{
    char wall[CIVIL_TEXT_MAX];
    const char *words = quantity_state_text(o, value, lang);
    struct text t = text_over(text, STATE_WORDS_MAX);
    if (words)
        text_put(&t, words);
    else if (obis_equal(o, STATE_CONTACT))
        put_contact(&t, value, lang);
    else if (obis_equal(o, STATE_CLOCK_ERROR))
        put_clock(&t, value, lang);
    else if (obis_equal(o, STATE_JOURNALS_READ))
        text_put(&t, wall_format(value, wall));
    else if (obis_equal(o, OBIS(0, 0, 97, 98, 0, 255)))
        put_causes(&t, (uint64_t)value, lang);
    return text;
}
