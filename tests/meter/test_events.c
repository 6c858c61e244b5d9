/* Words of journals and events: complete in both languages, well-formed, within the buffer. */
#include "base/text.h"
#include "meter/events.h"
#include "tap.h"

static char memory[EVENT_TEXT_MAX];

/* No list reaches farther; status words, where every code means something, are tried whole. */
enum { CODES_TRIED = 2048 };

static unsigned codes_tried(unsigned journal)
{
    return journal == JOURNAL_SPODES + 9 || journal == JOURNAL_SPODES + 10 ? UINT16_MAX + 1u : CODES_TRIED;
}

static bool is_fit(const char *text)
{
    return text && *text && strlen(text) < EVENT_TEXT_MAX && utf8_valid(bytes_of_text(text));
}

/* False for «код N», the answer of last resort. */
static bool is_listed(uint16_t journal, uint16_t code, enum lang lang)
{
    char number[32];
    snprintf(number, sizeof number, lang == LANG_RU ? "код %u" : "code %u", code);
    return strcmp(event_text(journal, code, lang, memory), number) != 0;
}

static void test_every_code(void)
{
    int faults = 0;
    for (unsigned journal = 0; journal <= JOURNAL_SPODES_LAST + 1; journal++)
        for (unsigned code = 0; code < codes_tried(journal); code++) {
            uint16_t j = (uint16_t)journal, c = (uint16_t)code;
            bool good = is_listed(j, c, LANG_RU) == is_listed(j, c, LANG_EN);
            for (enum lang lang = 0; lang < LANG_COUNT; lang++)
                good = good && is_fit(event_text(j, c, lang, memory));
            if (!good && faults++ < 10)
                ok(0, "journal %u code %u", journal, code);
        }
    is_int(faults, 0, "every code of every journal has fit words in both languages");
}

static void test_every_title(void)
{
    for (unsigned journal = 1; journal <= JOURNAL_SPODES_LAST; journal++) {
        bool good = true;
        for (enum lang lang = 0; lang < LANG_COUNT; lang++)
            good = good && is_fit(journal_title((uint16_t)journal, lang, memory));
        ok(good, "title of journal %u", journal);
    }
    for (uint16_t a = JOURNAL_POWER; a <= JOURNAL_REVERSE; a++)
        for (uint16_t b = JOURNAL_POWER; b < a; b++)
            if (strcmp(journal_title(a, LANG_RU, memory), journal_title(b, LANG_RU, memory)) == 0)
                ok(0, "journals %u and %u have one title", a, b);
}

static int listed_codes(uint16_t journal)
{
    int count = 0;
    for (unsigned code = 0; code < CODES_TRIED; code++)
        count += is_listed(journal, (uint16_t)code, LANG_RU);
    return count;
}

/* How many codes spodes.md 5.1..5.5 list; that none is given twice is the compiler's care (-Woverride-init). */
static void test_counts(void)
{
    static const struct {
        uint16_t e;
        int codes;
    } lists[] = { { 0, 28 }, { 1, 38 }, { 2, 29 }, { 3, 151 }, { 4, 7 }, { 5, 2 }, { 6, 4 }, { 7, 19 }, { 8, 2 } };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        is_int(listed_codes(JOURNAL_SPODES + lists[i].e), lists[i].codes, "codes of journal 0.0.99.98.%u", lists[i].e);
    for (uint16_t journal = JOURNAL_POWER; journal <= JOURNAL_REVERSE; journal++)
        ok(listed_codes(journal) > 0, "journal %u can say something", journal);
}

/* Two codes of one list never say the same. */
static void test_distinct(void)
{
    for (enum lang lang = 0; lang < LANG_COUNT; lang++)
        for (uint16_t e = 0; e <= 8; e++)
            for (uint16_t a = 1; a <= 150; a++)
                for (uint16_t b = 1; b < a; b++) {
                    char other[EVENT_TEXT_MAX];
                    uint16_t journal = JOURNAL_SPODES + e;
                    if (strcmp(event_text(journal, a, lang, memory), event_text(journal, b, lang, other)) == 0)
                        ok(0, "journal %u: codes %u and %u say the same: %s", journal, a, b, other);
                }
}

#define SAYS(journal, code, ru, en)                                                                                    \
    do {                                                                                                               \
        is_text(event_text(journal, code, LANG_RU, memory), ru);                                                       \
        is_text(event_text(journal, code, LANG_EN, memory), en);                                                       \
    } while (0)

static void test_native(void)
{
    is_text(journal_title(JOURNAL_POWER, LANG_RU, memory), "Журнал включения/выключения питания");
    is_text(journal_title(JOURNAL_CASE, LANG_RU, memory),
            "Несанкционированный доступ (вскрытие/закрытие заводской крышки)");
    is_text(journal_title(JOURNAL_U_MIN_CA, LANG_RU, memory),
            "Выход за пределы минимального значения межфазного напряжения фаз СА");
    is_text(journal_title(JOURNAL_POWER_LIMIT_R_MINUS, LANG_RU, memory),
            "Превышение лимита мощности обратного реактивного направления");
    is_text(journal_title(JOURNAL_REVERSE, LANG_RU, memory), "Реверс");
    SAYS(JOURNAL_POWER, EVENT_BEGIN, "питание включено", "power on");
    SAYS(JOURNAL_POWER, EVENT_END, "питание выключено", "power off");
    SAYS(JOURNAL_COVER, EVENT_BEGIN, "крышка открыта", "cover opened");
    SAYS(JOURNAL_PHASE_B, EVENT_END, "фаза В пропала", "phase B lost");
    SAYS(JOURNAL_CLOCK, EVENT_END, "часы до коррекции", "clock before the correction");
    SAYS(JOURNAL_CLOCK, EVENT_BEGIN, "часы после коррекции", "clock after the correction");
    SAYS(JOURNAL_U_MIN_C, EVENT_BEGIN, "напряжение фазы С ниже минимума", "voltage of phase C below the minimum");
    SAYS(JOURNAL_I_MAX_A, EVENT_END, "ток фазы А вернулся в норму", "current of phase A back to normal");
    SAYS(JOURNAL_SELF_TEST, EVENT_DONE, "слово состояния изменилось", "status word changed");
}

static void test_spodes(void)
{
    SAYS(JOURNAL_SPODES + 0, 1, "фаза А: пропадание напряжения", "phase A: voltage lost");
    SAYS(JOURNAL_SPODES + 0, 24, "фаза С, провал напряжения: окончание", "phase C, voltage dip: end");
    SAYS(JOURNAL_SPODES + 1, 11, "обрыв трансформатора тока фазы С", "current transformer of phase C broken");
    SAYS(JOURNAL_SPODES + 1, 38, "ток при отключённом реле нагрузки: окончание",
         "current with the load relay open: end");
    SAYS(JOURNAL_SPODES + 2, 27, "реле включено физическим блокиратором", "relay switched on by the physical blocker");
    SAYS(JOURNAL_SPODES + 3, 3, "установлено время", "clock set");
    SAYS(JOURNAL_SPODES + 3, 77, "изменён режим телеметрии 4", "telemetry mode 4 changed");
    SAYS(JOURNAL_SPODES + 3, 110, "изменён режим управления реле сигнализации 3", "alarm relay 3 mode changed");
    SAYS(JOURNAL_SPODES + 3, 150, "изменён номер аварийного тарифа", "emergency tariff number changed");
    SAYS(JOURNAL_SPODES + 3, 1024, "изменена конфигурация (код изготовителя 1024)",
         "configuration changed (maker's code 1024)");
    SAYS(JOURNAL_SPODES + 7, 19, "вычислительный блок: норма", "computing unit: OK");
    SAYS(JOURNAL_SPODES + 13, EVENT_DONE, "часы скорректированы", "clock corrected");
}

static void test_status_words(void)
{
    SAYS(JOURNAL_SPODES + 9, 0, "отклонений нет", "no deviations");
    SAYS(JOURNAL_SPODES + 9, 0x31, "ΔU < −10 %, Δf < −0,4 Гц, Δf < −0,2 Гц", "ΔU < −10 %, Δf < −0.4 Hz, Δf < −0.2 Hz");
    SAYS(JOURNAL_SPODES + 9, 0x0104, "биты 0x0104", "bits 0x0104");
    SAYS(JOURNAL_SPODES + 9, 0xFFFF,
         "ΔU < −10 %, ΔU > +10 %, Δf < −0,4 Гц, Δf < −0,2 Гц, Δf > +0,2 Гц, Δf > +0,4 Гц, f < порога, f > порога, "
         "биты 0x3F06",
         "ΔU < −10 %, ΔU > +10 %, Δf < −0.4 Hz, Δf < −0.2 Hz, Δf > +0.2 Hz, Δf > +0.4 Hz, f < threshold, "
         "f > threshold, bits 0x3F06");
    SAYS(JOURNAL_SPODES + 10, 0, "все входы и выходы разомкнуты", "all inputs and outputs open");
    SAYS(JOURNAL_SPODES + 10, 0x0802, "замкнуты: вход 2, выход 4", "closed: input 2, output 4");
    SAYS(JOURNAL_SPODES + 10, 0xFFFF,
         "замкнуты: вход 1, вход 2, вход 3, вход 4, выход 1, выход 2, выход 3, выход 4, биты 0xF0F0",
         "closed: input 1, input 2, input 3, input 4, output 1, output 2, output 3, output 4, bits 0xF0F0");
}

static void test_unlisted(void)
{
    SAYS(JOURNAL_POWER, 3, "код 3", "code 3");
    SAYS(JOURNAL_POWER, UINT16_MAX, "код 65535", "code 65535");
    SAYS(JOURNAL_RESET, EVENT_BEGIN, "код 1", "code 1");
    SAYS(45, EVENT_BEGIN, "код 1", "code 1");
    SAYS(JOURNAL_SPODES + 0, 0, "код 0", "code 0");
    SAYS(JOURNAL_SPODES + 0, 29, "код 29", "code 29");
    SAYS(JOURNAL_SPODES + 3, 151, "код 151", "code 151");
    SAYS(JOURNAL_SPODES + 28, 1, "код 1", "code 1");
    SAYS(UINT16_MAX, 7, "код 7", "code 7");
    is_text(journal_title(0, LANG_RU, memory), "Журнал 0");
    is_text(journal_title(45, LANG_RU, memory), "Журнал 45");
    is_text(journal_title(55, LANG_EN, memory), "Journal 55");
    is_text(journal_title(JOURNAL_SPODES - 1, LANG_EN, memory), "Journal 99");
    is_text(journal_title(JOURNAL_SPODES_LAST + 1, LANG_RU, memory), "Журнал 129");
    is_text(journal_title(UINT16_MAX, LANG_RU, memory), "Журнал 65535");
    is_text(journal_title(JOURNAL_SPODES + 11, LANG_RU, memory), "Журнал 0.0.99.98.11", "a number СПОДЭС leaves out");
}

static bool plain(uint16_t journal, uint16_t code, uint16_t want_journal, uint16_t want_code)
{
    struct event_name n = event_plain(journal, code);
    return n.journal == want_journal && n.code == want_code;
}

static void test_plain(void)
{
    ok(plain(JOURNAL_SPODES + 0, 1, JOURNAL_PHASE_A, EVENT_END) && plain(JOURNAL_SPODES + 0, 6, JOURNAL_PHASE_C, EVENT_BEGIN), "phases");
    ok(plain(JOURNAL_SPODES + 2, 29, JOURNAL_POWER, EVENT_END) && plain(JOURNAL_SPODES + 2, 2, JOURNAL_POWER, EVENT_BEGIN), "power");
    ok(plain(JOURNAL_SPODES + 13, EVENT_BEGIN, JOURNAL_CLOCK, EVENT_BEGIN) && plain(JOURNAL_SPODES + 4, 3, JOURNAL_COVER, EVENT_BEGIN), "clock, cover");
    ok(plain(JOURNAL_SPODES + 2, 0, JOURNAL_SPODES + 2, 0) && plain(JOURNAL_SPODES + 3, 3, JOURNAL_SPODES + 3, 3), "what has no such words stays");
    ok(plain(JOURNAL_COVER, EVENT_BEGIN, JOURNAL_COVER, EVENT_BEGIN) && plain(1, 77, 1, 77), "what is plain stays");
}

int main(void)
{
    test_plain();
    test_every_code();
    test_every_title();
    test_counts();
    test_distinct();
    test_native();
    test_spodes();
    test_status_words();
    test_unlisted();
    return tap_done();
}
