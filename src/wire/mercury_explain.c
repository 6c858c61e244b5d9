/* Frames of the Меркурий 230 family for people; see mercury.h. */
#include "wire/mercury.h"

static const struct {
    uint8_t code;
    struct phrase name;
} codes[] = {
    { MERCURY_TEST, { { "проверка связи", "link test" } } },
    { MERCURY_OPEN, { { "открыть канал", "open session" } } },
    { MERCURY_CLOSE, { { "закрыть канал", "close session" } } },
    { MERCURY_WRITE, { { "записать параметр", "write parameter" } } },
    { MERCURY_JOURNAL, { { "время и журналы", "clock and journals" } } },
    { MERCURY_ENERGY, { { "энергия", "energy" } } },
    { MERCURY_MEMORY, { { "читать память", "read memory" } } },
    { MERCURY_MEMORY_WRITE, { { "записать память", "write memory" } } },
    { MERCURY_PARAMETER, { { "читать параметр", "read parameter" } } },
    { MERCURY_QUADRANTS, { { "реактивная энергия по квадрантам", "reactive energy by quadrant" } } },
    { MERCURY_RING, { { "читать кольцевой массив", "read ring array" } } },
    { MERCURY_MAXIMA, { { "максимумы мощности", "power maxima" } } },
    { MERCURY_EXTENDED, { { "энергия на дату", "energy at a date" } } },
};

static const struct phrase statuses[] = {
    [MERCURY_OK] = { { "выполнено", "done" } },
    [MERCURY_BAD_REQUEST] = { { "недопустимая команда или параметр", "bad command or parameter" } },
    [MERCURY_INTERNAL] = { { "внутренняя ошибка счётчика", "internal error of the meter" } },
    [MERCURY_ACCESS] = { { "недостаточен уровень доступа", "access level too low" } },
    [MERCURY_CLOCK_DONE] = { { "часы сегодня уже корректировались", "clock already corrected today" } },
    [MERCURY_NOT_OPEN] = { { "канал не открыт", "session not open" } },
};

static const struct phrase label_address = { { "Адрес", "Address" } };
static const struct phrase label_code = { { "Запрос", "Request" } };
static const struct phrase label_data = { { "Данные", "Data" } };
static const struct phrase label_status = { { "Состояние", "Status" } };
static const struct phrase label_time = { { "Время", "Time" } };
static const struct phrase label_sum = { { "CRC", "CRC" } };

static const char *word(const struct explain *e, const struct phrase *p)
{
    return phrase_in(p, e->lang);
}

static const struct phrase *code_name(unsigned code)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].code == code)
            return &codes[i].name;
    return NULL;
}

/* The bytes a taker has just read. */
static struct bytes since(const struct cursor *c, const uint8_t *from)
{
    return bytes_of(from, (size_t)(c->at - from));
}

static void explain_raw(struct explain *e, struct bytes data)
{
    if (data.size)
        explain_leaf(e, data, label_data, "%zu", data.size);
}

static void explain_time(struct explain *e, struct cursor *c)
{
    const uint8_t *from = c->at;
    char text[CIVIL_TEXT_MAX];
    int64_t wall = mercury_take_time(c);
    explain_leaf(e, since(c, from), label_time, "%s", wall_format(wall, text));
}

static void explain_status(struct explain *e, struct bytes data)
{
    unsigned status = data.data[0] & 15u;
    bool known = status < sizeof statuses / sizeof *statuses;
    explain_leaf(e, data, label_status, "%u %s", status, known ? word(e, &statuses[status]) : "?");
}

static void explain_energies(struct explain *e, struct bytes data, unsigned code)
{
    static const struct phrase directions[] = { { { "A+", "A+" } }, { { "A−", "A−" } }, { { "R+", "R+" } }, { { "R−", "R−" } } };
    static const struct phrase quadrants[] = { { { "R1", "R1" } }, { { "R2", "R2" } }, { { "R3", "R3" } }, { { "R4", "R4" } } };
    static const struct phrase phases[] = { { { "A+ L1", "A+ L1" } }, { { "A+ L2", "A+ L2" } }, { { "A+ L3", "A+ L3" } } };
    static const struct phrase none = { { "не измеряется", "not measured" } };
    const struct phrase *names = data.size == 12 ? phases : code == MERCURY_QUADRANTS ? quadrants : directions;
    struct cursor c = cursor_over(data);
    for (size_t i = 0; i < data.size / 4; i++) {
        const uint8_t *from = c.at;
        uint32_t value = mercury_take_word32(&c);
        if (value == MERCURY_NONE)
            explain_leaf(e, since(&c, from), names[i], "%s", word(e, &none));
        else
            explain_leaf(e, since(&c, from), names[i], "%u %s", value, names[i].in[0][0] == 'A' ? "Wh" : "varh");
    }
}

/* Kind of BWRI: decimals, unit and name. */
static const struct {
    uint8_t decimals;
    const char *unit;
    struct phrase name;
} measures[16] = {
    [0x0] = { 2, "W/var/VA", { { "Мощность", "Power" } } },
    [0x1] = { 2, "V", { { "Фазное напряжение", "Phase voltage" } } },
    [0x2] = { 3, "A", { { "Ток", "Current" } } },
    [0x3] = { 3, "", { { "cos φ", "cos φ" } } },
    [0x4] = { 2, "Hz", { { "Частота", "Frequency" } } },
    [0x5] = { 2, "°", { { "Угол между напряжениями", "Angle between voltages" } } },
    [0x8] = { 2, "V", { { "Линейное напряжение", "Line voltage" } } },
};

static void explain_measures(struct explain *e, struct bytes data, unsigned parameter, unsigned kind)
{
    struct cursor c = cursor_over(data);
    if (kind == 7) {
        static const struct phrase label = { { "Температура", "Temperature" } };
        explain_leaf(e, data, label, "%d °C", (int16_t)take_be16(&c));
        return;
    }
    if (!measures[kind].unit) {
        explain_raw(e, data);
        return;
    }
    bool wide = parameter == 0x14 && kind == 0;
    while (cursor_left(&c) >= (wide ? 4 : 3)) {
        const uint8_t *from = c.at;
        struct mercury_measure m = wide ? mercury_take_measure4(&c) : mercury_take_measure3(&c);
        unsigned scale = measures[kind].decimals == 3 ? 1000 : 100;
        explain_leaf(e, since(&c, from), measures[kind].name, "%u.%0*u %s%s%s", m.value / scale, measures[kind].decimals,
                     m.value % scale, measures[kind].unit, m.active_reverse ? " P−" : "", m.reactive_reverse ? " Q−" : "");
    }
}

static void explain_record(struct explain *e, struct cursor *c)
{
    static const struct phrase label = { { "Запись профиля", "Profile record" } };
    const uint8_t *from = c->at;
    char text[CIVIL_TEXT_MAX];
    struct mercury_record r = mercury_take_record(c);
    explain_leaf(e, since(c, from), label, "%s, %u min, status %02X: P+ %u P− %u Q+ %u Q− %u", wall_format(r.end, text), r.period,
                 r.status, r.counts[0], r.counts[1], r.counts[2], r.counts[3]);
}

static void explain_passport(struct explain *e, struct cursor *c)
{
    static const struct phrase serial = { { "Заводской номер", "Serial number" } };
    static const struct phrase produced = { { "Дата выпуска", "Produced" } };
    static const struct phrase firmware = { { "Версия ПО", "Firmware" } };
    static const struct phrase variant = { { "Вариант исполнения", "Variant" } };
    const uint8_t *from = c->at;
    char text[CIVIL_TEXT_MAX];
    uint32_t number = mercury_take_serial(c);
    explain_leaf(e, since(c, from), serial, "%08u", number);
    from = c->at;
    int64_t day = mercury_take_produced(c);
    explain_leaf(e, since(c, from), produced, "%.10s", wall_format(day, text));
    if (cursor_left(c) >= 9) {
        from = c->at;
        unsigned major = take_u8(c), minor = take_u8(c), patch = take_u8(c);
        explain_leaf(e, since(c, from), firmware, "%X.%X.%X", major, minor, patch);
        from = c->at;
        struct mercury_variant v = mercury_take_variant(c);
        explain_leaf(e, since(c, from), variant, "A = %u imp/kWh", v.constant);
    }
}

static void explain_parameter(struct explain *e, unsigned parameter, unsigned extension, struct bytes data)
{
    static const struct phrase ratios = { { "Kн, Kт", "Kn, Kt" } };
    static const struct phrase word_label = { { "Слово состояния", "Status word" } };
    struct cursor c = cursor_over(data);
    if (parameter == 0x00 || parameter == 0x01) {
        explain_passport(e, &c);
    } else if (parameter == 0x02) {
        unsigned voltage = take_be16(&c), current = take_be16(&c);
        explain_leaf(e, data, ratios, "%u, %u", voltage, current);
    } else if (parameter == 0x0A) {
        explain_leaf(e, data, word_label, "%012llX", (unsigned long long)mercury_take_bits48(&c));
        return;
    } else if (parameter == 0x11 || parameter == 0x14 || parameter == 0x16) {
        explain_measures(e, data, parameter, extension >> 4);
        return;
    }
    explain_raw(e, take_rest(&c));
}

static void explain_journal(struct explain *e, unsigned journal, struct bytes data)
{
    struct cursor c = cursor_over(data);
    if (journal == 0) {
        char text[CIVIL_TEXT_MAX];
        struct mercury_clock k = mercury_take_clock(&c);
        explain_leaf(e, data, label_time, "%s", wall_format(k.wall, text));
        return;
    }
    bool moments = journal != 0x13 && journal != 0x14 && journal != 0x87 && !(journal >= 0x30 && journal <= 0x32);
    while (moments && cursor_left(&c) >= 6)
        explain_time(e, &c);
    explain_raw(e, take_rest(&c));
}

static void explain_answer_data(struct explain *e, struct bytes request, struct bytes data)
{
    struct cursor c = cursor_over(mercury_data(request));
    unsigned code = take_u8(&c), first = take_u8(&c), second = peek_u8(&c);
    struct cursor d = cursor_over(data);
    if (data.size == 1)
        explain_status(e, data);
    else if ((code == MERCURY_ENERGY || code == MERCURY_QUADRANTS || code == MERCURY_EXTENDED) && data.size % 4 == 0 && data.size <= 16)
        explain_energies(e, data, code);
    else if (code == MERCURY_JOURNAL)
        explain_journal(e, first, data);
    else if (code == MERCURY_PARAMETER)
        explain_parameter(e, first, second, data);
    else if ((code == MERCURY_MEMORY || code == MERCURY_RING) && (first & 0x7F) == 3 && data.size % MERCURY_RECORD_SIZE == 0)
        while (cursor_left(&d))
            explain_record(e, &d);
    else
        explain_raw(e, data);
}

static void explain_sum(struct explain *e, struct bytes frame)
{
    static const struct phrase bad = { { "не сходится", "does not fit" } };
    static const struct phrase good = { { "верна", "good" } };
    struct bytes sum = bytes_part(frame, frame.size - 2, 2);
    explain_leaf(e, sum, label_sum, "%s", word(e, mercury_sound(frame) ? &good : &bad));
}

static void explain_request_data(struct explain *e, struct bytes data)
{
    static const struct phrase label_level = { { "Уровень доступа", "Access level" } };
    static const struct phrase label_secret = { { "Пароль", "Password" } };
    struct cursor c = cursor_over(data);
    struct bytes code = take_bytes(&c, 1);
    const struct phrase *name = code_name(code.data[0]);
    explain_leaf(e, code, label_code, "%02X %s", code.data[0], name ? word(e, name) : "?");
    if (code.data[0] == MERCURY_OPEN && cursor_left(&c) == 1 + MERCURY_PASSWORD_SIZE) {
        struct bytes level = take_bytes(&c, 1);
        explain_leaf(e, level, label_level, "%u", level.data[0]);
        explain_leaf(e, take_rest(&c), label_secret, NULL); /* its bytes are in the frame, its words need not be said */
        return;
    }
    explain_raw(e, take_rest(&c));
}

static bool too_short(struct explain *e, struct bytes frame)
{
    static const struct phrase label = { { "Меркурий: неполный кадр", "Mercury: incomplete frame" } };
    if (frame.size >= 4)
        return false;
    explain_leaf(e, frame, label, "%zu", frame.size);
    return true;
}

static void explain_frame(struct explain *e, struct bytes frame, struct phrase title)
{
    explain_open(e, frame, title, "%zu", frame.size);
    explain_leaf(e, bytes_part(frame, 0, 1), label_address, "%u", frame.data[0]);
}

void mercury_explain_reply(struct explain *e, struct bytes request, struct bytes frame)
{
    static const struct phrase title = { { "Меркурий: ответ", "Mercury: reply" } };
    if (too_short(e, frame))
        return;
    explain_frame(e, frame, title);
    explain_answer_data(e, request, mercury_data(frame));
    explain_sum(e, frame);
    explain_close(e);
}

void mercury_explain(struct explain *e, struct bytes frame)
{
    static const struct phrase title = { { "Меркурий: запрос", "Mercury: request" } };
    if (too_short(e, frame))
        return;
    struct frame_found found = mercury_find_request(frame, NULL);
    if (found.state != FRAME_WHOLE || found.start != 0 || found.size != frame.size) {
        mercury_explain_reply(e, bytes_of(frame.data, 0), frame);
        return;
    }
    explain_frame(e, frame, title);
    explain_request_data(e, mercury_data(frame));
    explain_sum(e, frame);
    explain_close(e);
}
