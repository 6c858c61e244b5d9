/* What the pulses of a module's inputs are worth (S1 3.3.2); see modbus.h. */
#include "drivers/modbus.h"

#include <stdlib.h>

/* Resources by the word that stands for them; weights are said in m³ or kWh. */
static const struct {
    const char *word;
    struct obis obis;
    int8_t exponent; /* of the OBIS code's unit in the said one */
} resources[] = {
    { "cold", { 0x0800010000FFull }, 0 },
    { "hot", { 0x0900010000FFull }, 0 },
    { "gas", { 0x0700030000FFull }, 0 },
    { "heat", { 0x0600010000FFull }, 3 },
    { "electricity", { 0x0100010800FFull }, 3 },
};

/* One word of the list: the channel, 0 when it is not of the form. */
static int take_word(char *word, struct modbus_pulse *ret)
{
    char *save, *end, *number = strtok_r(word, ":", &save), *resource = strtok_r(NULL, ":", &save);
    const char *weight = strtok_r(NULL, ":", &save), *initial = strtok_r(NULL, ":", &save);
    struct modbus_pulse p = { 0 };
    long channel = number ? strtol(number, &end, 10) : 0;
    size_t i = 0, count = sizeof resources / sizeof *resources;
    while (resource && i < count && strcmp(resources[i].word, resource) != 0)
        i++;
    bool right = number && *end == '\0' && channel >= 1 && channel <= 255 && resource && i < count && weight && !strtok_r(NULL, ":", &save);
    if (!right || !decimal_parse(weight, &p.weight) || p.weight.mantissa <= 0 || (initial && !decimal_parse(initial, &p.initial)))
        return 0;
    p.obis = obis_with(resources[i].obis, 1, (uint8_t)channel);
    p.weight.exponent = (int8_t)(p.weight.exponent + resources[i].exponent);
    p.initial.exponent = (int8_t)(p.initial.exponent + resources[i].exponent);
    *ret = p;
    return (int)channel;
}

bool modbus_pulse_find(const char *pulses, uint8_t channel, struct modbus_pulse *ret)
{
    char copy[sizeof((struct modbus_settings *)0)->pulses];
    struct text t = text_over(copy, sizeof copy);
    text_put(&t, pulses);
    for (char *save, *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
        struct modbus_pulse p;
        if (take_word(word, &p) != channel)
            continue;
        *ret = p;
        return true;
    }
    return false;
}

bool modbus_pulses_valid(const char *pulses, int channels, struct text *wrong)
{
    char copy[sizeof((struct modbus_settings *)0)->pulses];
    struct text t = text_over(copy, sizeof copy);
    bool seen[256] = { false };
    text_put(&t, pulses);
    for (char *save, *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
        struct modbus_pulse p;
        text_put(wrong, word); /* before the word is taken apart */
        int channel = take_word(word, &p);
        if (channel == 0 || channel > channels || seen[channel])
            return false;
        seen[channel] = true;
        wrong->size = 0;
        wrong->start[0] = '\0';
    }
    return true;
}
