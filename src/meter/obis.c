/* OBIS codes; see obis.h. */
#include "meter/obis.h"

#include <stdio.h>

struct obis obis_from_bytes(const uint8_t six[6])
{
    return OBIS(six[0], six[1], six[2], six[3], six[4], six[5]);
}

void obis_to_bytes(struct obis o, uint8_t six[6])
{
    for (int i = 0; i < 6; i++)
        six[i] = obis_group(o, i);
}

char *obis_format(struct obis o, char text[OBIS_TEXT_MAX])
{
    snprintf(text, OBIS_TEXT_MAX, "%u.%u.%u.%u.%u.%u", obis_group(o, 0), obis_group(o, 1), obis_group(o, 2),
             obis_group(o, 3), obis_group(o, 4), obis_group(o, 5));
    return text;
}

bool obis_parse(const char *text, struct obis *ret)
{
    static const char separator[] = ".-:*";
    unsigned group[6] = { 0, 0, 0, 0, 0, 255 };
    int count = 0;
    while (count < 6) {
        if (*text < '0' || *text > '9')
            return false;
        unsigned value = 0;
        for (; *text >= '0' && *text <= '9' && value < 1000; text++)
            value = value * 10 + (unsigned)(*text - '0');
        if (value > 255)
            return false;
        group[count++] = value;
        if (!*text || !strchr(separator, *text))
            break;
        text++;
    }
    if (*text != '\0' || count < 5)
        return false;
    *ret = OBIS(group[0], group[1], group[2], group[3], group[4], group[5]);
    return true;
}
