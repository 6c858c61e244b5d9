/* Names of codes and words of states: channels, tariffs, relays. */
#include "meter/quantity.h"
#include "meter/relay.h"
#include "tap.h"

static void titles(struct obis o, enum unit unit, const char *ru, const char *en)
{
    char text[QUANTITY_TITLE_MAX];
    is_text(quantity_title(o, LANG_RU, text), ru);
    is_text(quantity_title(o, LANG_EN, text), en);
    is_int(quantity_unit(o), unit, "%s: unit", en);
}

static void test_titles(void)
{
    titles(OBIS(0, 0, 96, 3, 1, 255), UNIT_NONE, "Дискретный вход", "Discrete input");
    titles(OBIS(0, 32, 96, 3, 1, 255), UNIT_NONE, "Дискретный вход #32", "Discrete input #32");
    titles(OBIS(0, 5, 96, 128, 0, 255), UNIT_NONE, "Счётчик импульсов #5", "Pulse counter #5");
    titles(OBIS(0, 2, 96, 129, 0, 255), UNIT_HERTZ, "Частота на входе #2", "Input frequency #2");
    titles(OBIS(0, 0, 96, 9, 0, 255), UNIT_CELSIUS, "Температура", "Temperature");
    titles(OBIS(0, 2, 96, 9, 0, 255), UNIT_CELSIUS, "Температура #2", "Temperature #2");
    titles(OBIS(6, 2, 1, 0, 1, 255), UNIT_WATT_HOUR, "Тепловая энергия T1 #2", "Heat energy T1 #2");
    titles(RELAY_OUTPUT(0), UNIT_NONE, "Реле нагрузки", "Load relay");
    titles(RELAY_OUTPUT(16), UNIT_NONE, "Реле сигнализации #16", "Signal relay #16");
    titles(RELAY_CONTROL(0), UNIT_NONE, "Реле нагрузки: статус управления", "Load relay: control state");
    titles(RELAY_MODE(2), UNIT_NONE, "Реле сигнализации #2: режим управления", "Signal relay #2: control mode");
    titles(RELAY_LOCK, UNIT_NONE, "Реле нагрузки: аппаратная блокировка", "Load relay: hardware lock");
    titles(OBIS(0, 0, 97, 98, 0, 255), UNIT_NONE, "Тревоги", "Alarms");
    titles(OBIS(0, 0, 199, 2, 0, 255), UNIT_SECOND, "Уход часов", "Clock error");
    titles(OBIS(1, 0, 128, 7, 0, 255), UNIT_NONE, "tg φ L1", "tg φ L1");
    titles(OBIS(1, 0, 1, 8, 2, 255), UNIT_WATT_HOUR, "A+ T2", "A+ T2");
}

static const char *words(struct obis o, int64_t value)
{
    const char *text = quantity_state_text(o, value, LANG_EN);
    return text ? text : "none";
}

static void test_states(void)
{
    is_text(words(OBIS(0, 7, 96, 3, 1, 255), 1), "closed");
    is_text(words(OBIS(0, 7, 96, 3, 1, 255), 0), "open");
    is_text(words(RELAY_OUTPUT(0), 1), "on");
    is_text(words(RELAY_OUTPUT(32), 0), "off");
    is_text(words(RELAY_CONTROL(2), 2), "ready to be switched on by the button");
    is_text(words(RELAY_MODE(0), 0), "no control, always on");
    is_text(words(RELAY_LOCK, 9), "-");
    is_text(words(OBIS(0, 0, 128, 2, 32, 255), 1), "none", "there is no relay 33");
    is_text(words(OBIS(0, 0, 128, 2, 3, 7), 1), "none", "nor a seventh of its states");
    is_int(relay_of(RELAY_LOCK), 0, "the lock is the load relay's");
    is_int(relay_of(RELAY_MODE(32)), 32);
    is_int(relay_of(OBIS(0, 0, 96, 3, 1, 255)), -1, "an input is no relay");
    is_text(words(OBIS(0, 0, 97, 97, 1, 255), 5), "none", "a word of flags is a number");
}

int main(void)
{
    test_titles();
    test_states();
    return tap_done();
}
