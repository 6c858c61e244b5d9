/* Words of states: what collection notes of a meter, the register of alarms. */
#include "collect/states.h"
#include "tap.h"

#define ALARMS OBIS(0, 0, 97, 98, 0, 255)

static void says(struct obis o, int64_t value, const char *ru, const char *en)
{
    char text[STATE_WORDS_MAX];
    is_text(state_words(o, value, LANG_RU, text), ru);
    is_text(state_words(o, value, LANG_EN, text), en);
}

int main(void)
{
    says(OBIS(0, 0, 96, 3, 10, 255), 1, "включено", "on");
    says(STATE_CONTACT, FAULT_NONE, "есть связь", "in contact");
    says(STATE_CONTACT, FAULT_COUNT, "связи нет", "no contact");
    says(STATE_CLOCK_ERROR, -61, "отстают на 61 с", "61 s slow");
    says(STATE_CLOCK_ERROR, 33, "спешат на 33 с", "33 s fast");
    says(STATE_CLOCK_ERROR, 0, "идут верно", "right");
    says(STATE_JOURNALS_READ, 1795369842, "2026-11-22 17:50:42", "2026-11-22 17:50:42");
    says(ALARMS, 0, "нет", "none");
    says(ALARMS, 1 << 5 | 1 << 8, "корпус, отключено реле по магнитному полю", "case, relay off by magnetic field");
    says(ALARMS, 1 << 14 | 1 << 20, "превышен небаланс токов, 0x100000", "limit of imbalance exceeded, 0x100000");
    says(OBIS(0, 0, 97, 97, 0, 255), 7, "", "");
    char text[STATE_WORDS_MAX];
    ok(strlen(state_words(ALARMS, -1, LANG_RU, text)) < STATE_WORDS_MAX - 1, "all bits fit");
    return tap_done();
}
