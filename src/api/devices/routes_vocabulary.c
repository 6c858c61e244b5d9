/* The words of meters, for those who choose among them: registers by archive, journals of events. What a meter keeps is not
 * limited to them. */
#include "api/routes.h"
#include "api/call.h"
#include "meter/archive.h"
#include "meter/events.h"
#include "meter/quantity.h"

#define V1 "/api/v1"
enum { TARIFFS = 8 };

static const char *const archives[] = { "current", "network", "day", "month", "profile", "hour", NULL };

SHAPE(shape_register_query, "RegisterQuery", { .name = "archive", .kind = FIELD_WORD, .words = archives, .flags = REQUIRED });
SHAPE(shape_register, "Register", { .name = "obis", .kind = FIELD_TEXT }, { .name = "title", .kind = FIELD_TEXT }, { .name = "unit", .kind = FIELD_TEXT },
      { .name = "group", .kind = FIELD_TEXT, .help = { { "под каким заголовком показывать", "the heading to show it under" } } });
SHAPE(shape_journal, "Journal", { .name = "number", .kind = FIELD_INT }, { .name = "title", .kind = FIELD_TEXT },
      { .name = "spodes", .kind = FIELD_BOOL, .help = { { "журнал СПОДЭС 0.0.99.98.e", "a journal 0.0.99.98.e of SPODES" } } });

static const struct phrase energy_titles[] = {
    { { "Энергия активная потреблённая (A+)", "Active energy imported (A+)" } }, { { "Энергия активная отпущенная (A−)", "Active energy exported (A−)" } },
    { { "Энергия реактивная потреблённая (R+)", "Reactive energy imported (R+)" } }, { { "Энергия реактивная отпущенная (R−)", "Reactive energy exported (R−)" } } };
static const struct phrase network_title = { { "Параметры сети", "Network parameters" } };
static const struct phrase water_title = { { "Вода, тепло, газ", "Water, heat, gas" } };

/* spodes.md 3: voltages, currents, powers of the phases and of all, cos φ, frequency. */
static const struct obis network[] = {
    OBIS(1, 0, 32, 7, 0, 255), OBIS(1, 0, 52, 7, 0, 255), OBIS(1, 0, 72, 7, 0, 255), OBIS(1, 0, 31, 7, 0, 255), OBIS(1, 0, 51, 7, 0, 255), OBIS(1, 0, 71, 7, 0, 255),
    OBIS(1, 0, 1, 7, 0, 255), OBIS(1, 0, 21, 7, 0, 255), OBIS(1, 0, 41, 7, 0, 255), OBIS(1, 0, 61, 7, 0, 255), OBIS(1, 0, 3, 7, 0, 255), OBIS(1, 0, 23, 7, 0, 255),
    OBIS(1, 0, 43, 7, 0, 255), OBIS(1, 0, 63, 7, 0, 255), OBIS(1, 0, 9, 7, 0, 255), OBIS(1, 0, 13, 7, 0, 255), OBIS(1, 0, 33, 7, 0, 255), OBIS(1, 0, 53, 7, 0, 255),
    OBIS(1, 0, 73, 7, 0, 255), OBIS(1, 0, 14, 7, 0, 255) };
static const struct obis others[] = { OBIS(8, 0, 1, 0, 0, 255), OBIS(9, 0, 1, 0, 0, 255), OBIS(6, 0, 1, 0, 0, 255), OBIS(6, 0, 2, 0, 0, 255), OBIS(7, 0, 3, 0, 0, 255) };

static void put_register(struct call *c, struct obis o, const char *group)
{
    char code[OBIS_TEXT_MAX], title[QUANTITY_TITLE_MAX];
    json_put_object(&c->out, NULL);
    json_put_text(&c->out, "obis", obis_format(o, code));
    json_put_text(&c->out, "title", quantity_title(o, c->lang, title));
    json_put_text(&c->out, "unit", unit_symbol((uint8_t)quantity_unit(o), c->lang));
    json_put_text(&c->out, "group", group);
    json_put_end(&c->out);
}

/* A+, A-, R+, R-: of a profile by intervals (D = 29), else counted, in all (E = 0) and by tariff. */
static void put_energies(struct call *c, bool profile)
{
    for (uint8_t channel = 1; channel <= 4; channel++)
        for (uint8_t tariff = 0; tariff <= (profile ? 0 : TARIFFS); tariff++)
            put_register(c, OBIS(1, 0, channel, profile ? 29 : 8, tariff, 255), phrase_in(&energy_titles[channel - 1], c->lang));
}

static void list_registers(struct call *c)
{
    enum archive a = archive_parse(call_text(c->query, "archive", ""));
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    if (a == ARCHIVE_NETWORK) {
        for (size_t i = 0; i < sizeof network / sizeof *network; i++)
            put_register(c, network[i], phrase_in(&network_title, c->lang));
    } else {
        put_energies(c, a == ARCHIVE_PROFILE || a == ARCHIVE_HOUR);
        for (size_t i = 0; a != ARCHIVE_PROFILE && i < sizeof others / sizeof *others; i++)
            put_register(c, others[i], phrase_in(&water_title, c->lang));
    }
    json_put_end(&c->out);
    json_put_end(&c->out);
}

static void put_journals(struct call *c, int first, int last)
{
    for (int number = first; number <= last; number++) {
        char title[EVENT_TEXT_MAX];
        json_put_object(&c->out, NULL);
        json_put_int(&c->out, "number", number);
        json_put_text(&c->out, "title", journal_title((uint16_t)number, c->lang, title));
        json_put_bool(&c->out, "spodes", number >= JOURNAL_SPODES);
        json_put_end(&c->out);
    }
}

static void list_journals(struct call *c)
{
    json_put_object(&c->out, NULL);
    json_put_list(&c->out, "items");
    put_journals(c, JOURNAL_SPODES, JOURNAL_SPODES_LAST);
    put_journals(c, JOURNAL_POWER, JOURNAL_REVERSE);
    put_journals(c, JOURNAL_MAGNET, JOURNAL_CURRENT_C);
    json_put_end(&c->out);
    json_put_end(&c->out);
}

static const struct route rows[] = {
    { "GET", V1 "/registers", MAY_SIGNED_IN, ROUTE_LIST, &shape_register_query, NULL, &shape_register, NULL, 0, list_registers, { { "величины архива, для выбора", "registers of an archive, to choose from" } } },
    { "GET", V1 "/journals", MAY_SIGNED_IN, ROUTE_LIST, NULL, NULL, &shape_journal, NULL, 0, list_journals, { { "журналы событий, для выбора", "journals of events, to choose from" } } },
};

ROUTE_TABLE(rows);
