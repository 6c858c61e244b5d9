/* M-Bus for people: names of codes and the annotated tree of a frame; see mbus.h. */
#include "wire/mbus_records.h"

#include <stdio.h>

#define T(ru, en) { { ru, en } }

static const struct phrase answers[] = {
    [MBUS_ANSWER_VARIABLE] = T("", ""),
    [MBUS_ANSWER_FIXED] = T("", ""),
    [MBUS_ANSWER_ERROR] = T("прибор сообщает об ошибке", "the meter reports an error"),
    [MBUS_ANSWER_ALARM] = T("состояние тревоги вместо данных", "an alarm status instead of data"),
    [MBUS_ANSWER_MSB_FIRST] = T("данные старшим байтом вперёд (CI 76/77) не читаются", "data with the high byte first (CI 76/77) are not read"),
    [MBUS_ANSWER_UNKNOWN_CI] = T("неизвестный CI", "unknown CI"),
    [MBUS_ANSWER_SHORT] = T("заголовок обрезан", "the header is cut"),
    [MBUS_ANSWER_NONE] = T("не ответ RSP_UD", "no RSP_UD"),
};

const char *mbus_answer_text(enum mbus_answer a, enum lang lang)
{
    return phrase_in(&answers[a], lang);
}

/* After CI 70, [1]. */
static const struct phrase errors[] = {
    T("не уточнена", "unspecified"),
    T("CI не поддерживается", "unimplemented CI"),
    T("буфер слишком длинный", "buffer too long"),
    T("слишком много записей", "too many records"),
    T("запись оборвана", "premature end of record"),
    T("больше десяти DIFE", "more than 10 DIFEs"),
    T("больше десяти VIFE", "more than 10 VIFEs"),
    T("резерв", "reserved"),
    T("приложение занято", "application busy"),
    T("слишком частые чтения", "too many readouts"),
};

const struct phrase *mbus_error_text(uint8_t code)
{
    return code < sizeof errors / sizeof *errors ? &errors[code] : NULL;
}

static const struct phrase media[0x38] = {
    [0x00] = T("прочее", "other"),
    [0x01] = T("масло", "oil"),
    [0x02] = T("электроэнергия", "electricity"),
    [0x03] = T("газ", "gas"),
    [0x04] = T("тепло, обратный трубопровод", "heat, outlet"),
    [0x05] = T("пар", "steam"),
    [0x06] = T("тёплая вода", "warm water"),
    [0x07] = T("вода", "water"),
    [0x08] = T("распределитель тепла", "heat cost allocator"),
    [0x09] = T("сжатый воздух", "compressed air"),
    [0x0A] = T("холод, обратный трубопровод", "cooling, outlet"),
    [0x0B] = T("холод, подающий трубопровод", "cooling, inlet"),
    [0x0C] = T("тепло, подающий трубопровод", "heat, inlet"),
    [0x0D] = T("тепло и холод", "heat and cooling"),
    [0x0E] = T("шина, система", "bus, system"),
    [0x0F] = T("неизвестно", "unknown"),
    [0x10] = T("полив", "irrigation"),
    [0x11] = T("регистратор воды", "water logger"),
    [0x12] = T("регистратор газа", "gas logger"),
    [0x13] = T("корректор газа", "gas converter"),
    [0x14] = T("теплота сгорания", "calorific value"),
    [0x15] = T("горячая вода", "hot water"),
    [0x16] = T("холодная вода", "cold water"),
    [0x17] = T("вода, два регистра", "dual register water"),
    [0x18] = T("давление", "pressure"),
    [0x19] = T("аналоговый вход", "A/D converter"),
    [0x1A] = T("датчик дыма", "smoke detector"),
    [0x1B] = T("датчик помещения", "room sensor"),
    [0x1C] = T("датчик газа", "gas detector"),
    [0x20] = T("выключатель", "breaker"),
    [0x21] = T("клапан", "valve"),
    [0x25] = T("устройство потребителя", "customer unit"),
    [0x28] = T("сточная вода", "waste water"),
    [0x29] = T("отходы", "garbage"),
    [0x30] = T("сервисное устройство", "service unit"),
    [0x36] = T("радиопреобразователь системы", "radio converter, system"),
    [0x37] = T("радиопреобразователь прибора", "radio converter, meter"),
};

const struct phrase *mbus_medium_text(uint8_t medium)
{
    return medium < sizeof media / sizeof *media && media[medium].in[0] ? &media[medium] : NULL;
}

/* --- the tree ---------------------------------------------------------------------------------------------------- */

static const char *in(const struct phrase *p, enum lang lang)
{
    return p ? phrase_in(p, lang) : "?";
}

/* Bytes `from`.. of the frame. */
static struct bytes piece(struct bytes frame, size_t from, size_t size)
{
    return bytes_part(frame, from, size);
}

static const char *control_name(uint8_t control)
{
    switch (control & ~(MBUS_FCB | MBUS_DFC)) {
    case MBUS_SND_NKE:
        return "SND_NKE";
    case MBUS_SND_UD & ~MBUS_DFC:
        return "SND_UD";
    case MBUS_REQ_UD1 & ~MBUS_DFC:
        return "REQ_UD1";
    case MBUS_REQ_UD2 & ~MBUS_DFC:
        return "REQ_UD2";
    case MBUS_RSP_UD:
        return "RSP_UD";
    }
    return "?";
}

static void explain_control(struct explain *e, struct bytes part, uint8_t c)
{
    bool from_master = c & 0x40;
    explain_leaf(e, part, PHRASE("Управление C", "Control C"), "%s%s%s", control_name(c),
                 c & 0x20 ? from_master ? ", FCB=1" : ", ACD" : "", c & 0x10 ? from_master ? ", FCV" : ", DFC" : "");
}

static void explain_address(struct explain *e, struct bytes part, uint8_t a)
{
    static const struct phrase names[] = {
        T(" (не настроен)", " (unconfigured)"), T(" (выбранный по вторичному адресу)", " (selected by secondary address)"),
        T(" (все отвечают)", " (everybody answers)"), T(" (широковещательный)", " (broadcast)"), T("", ""),
    };
    size_t i = a == 0 ? 0 : a >= MBUS_SELECTED ? a - MBUS_SELECTED + 1u : 4;
    explain_leaf(e, part, PHRASE("Адрес A", "Address A"), "%u%s", a, phrase_in(&names[i], e->lang));
}

static const struct phrase *ci_name(uint8_t ci)
{
    static const struct {
        uint8_t ci;
        struct phrase name;
    } names[] = {
        { 0x50, T("сброс приложения", "application reset") },
        { 0x51, T("данные прибору", "data to the slave") },
        { 0x52, T("выбор прибора", "slave select") },
        { 0x54, T("фиксация", "freeze") },
        { 0x55, T("данные прибору, старшим байтом вперёд", "data to the slave, high byte first") },
        { 0x56, T("выбор прибора, старшим байтом вперёд", "slave select, high byte first") },
        { 0x70, T("ошибка приложения", "application error") },
        { 0x71, T("состояние тревоги", "alarm status") },
        { 0x72, T("переменная структура", "variable data structure") },
        { 0x73, T("фиксированная структура", "fixed data structure") },
        { 0x76, T("переменная структура, старшим байтом вперёд", "variable data, high byte first") },
        { 0x77, T("фиксированная структура, старшим байтом вперёд", "fixed data, high byte first") },
        { 0x78, T("записи без заголовка", "records without header") },
        { 0x7A, T("записи с коротким заголовком", "records with short header") },
        { 0xB1, T("чтение памяти", "read RAM") },
        { 0xB2, T("запись памяти", "write RAM") },
        { 0xB3, T("калибровка", "start calibration") },
        { 0xB4, T("чтение EEPROM", "read EEPROM") },
        { 0xB6, T("самотестирование", "start software test") },
    };
    static const struct phrase baud = T("смена скорости", "set baud rate");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].ci == ci)
            return &names[i].name;
    return (ci & 0xF8) == MBUS_CI_BAUD ? &baud : NULL;
}

static void explain_identity(struct explain *e, struct bytes eight)
{
    struct cursor c = cursor_over(eight);
    struct mbus_address a = mbus_take_address(&c);
    char maker[4];
    explain_leaf(e, piece(eight, 0, 4), PHRASE("Номер", "Identification"), "%08X", a.id);
    explain_leaf(e, piece(eight, 4, 2), PHRASE("Изготовитель", "Manufacturer"), "%s (%04X)",
                 a.maker == 0xFFFF ? "*" : mbus_maker_format(a.maker, maker), a.maker);
    explain_leaf(e, piece(eight, 6, 1), PHRASE("Версия", "Version"), "%02X", a.version);
    explain_leaf(e, piece(eight, 7, 1), PHRASE("Среда", "Medium"), "%02X %s", a.medium,
                 in(mbus_medium_text(a.medium), e->lang));
}

static void explain_status(struct explain *e, struct bytes part, uint8_t status)
{
    static const struct phrase application[] = { T("норма", "no error"), T("занято", "busy"), T("ошибка", "error"), T("тревога", "alarm") };
    static const struct phrase battery = T(", разряд батареи", ", low battery"), permanent = T(", постоянная ошибка", ", permanent error"),
                               temporary = T(", временная ошибка", ", temporary error");
    explain_leaf(e, part, PHRASE("Состояние", "Status"), "%02X: %s%s%s%s", status, phrase_in(&application[status & 3], e->lang),
                 status & MBUS_STATUS_LOW_BATTERY ? phrase_in(&battery, e->lang) : "",
                 status & MBUS_STATUS_PERMANENT ? phrase_in(&permanent, e->lang) : "",
                 status & MBUS_STATUS_TEMPORARY ? phrase_in(&temporary, e->lang) : "");
}

static void format_value(const struct mbus_record *r, enum lang lang, struct text *t)
{
    static const struct phrase nothing = T("без данных", "no data"), invalid = T("нет значения", "no value");
    char number[DECIMAL_TEXT_MAX], wall[CIVIL_TEXT_MAX];
    switch (r->kind) {
    case MBUS_NUMBER:
        text_put(t, decimal_format(r->value, number));
        text_printf(t, " %s", r->meaning.symbol ? r->meaning.symbol : unit_symbol(r->meaning.unit, lang));
        break;
    case MBUS_MOMENT:
        text_put(t, wall_format(r->wall, wall));
        break;
    case MBUS_TIME_OF_DAY:
        text_printf(t, "%02d:%02d:%02d", (int)(r->wall / HOUR_SECONDS), (int)(r->wall / 60 % 60), (int)(r->wall % 60));
        break;
    case MBUS_TEXT:
        text_put(t, "\"");
        mbus_text_put(t, r->data);
        text_put(t, "\"");
        break;
    case MBUS_BINARY:
        text_put_hex(t, r->data);
        break;
    case MBUS_NOTHING:
        text_put(t, phrase_in(&nothing, lang));
        break;
    case MBUS_INVALID:
        text_put(t, phrase_in(&invalid, lang));
        break;
    }
}

/* What stands before the value: function, storage, tariff, subunit, modifiers. */
static void format_place(const struct mbus_record *r, enum lang lang, struct text *t)
{
    static const struct phrase functions[] = { T("", ""), T("макс. ", "max "), T("мин. ", "min "), T("при ошибке ", "at error ") };
    text_put(t, phrase_in(&functions[r->function], lang));
    if (r->storage)
        text_printf(t, "[%llu] ", (unsigned long long)r->storage);
    if (r->tariff)
        text_printf(t, "T%u ", r->tariff);
    if (r->subunit)
        text_printf(t, "#%u ", r->subunit);
    if (r->name.size) {
        mbus_text_put(t, r->name);
        text_put(t, " ");
    }
}

/* The modifiers in words, a maker's own only marked. */
static void format_vifes(const struct mbus_record *r, enum lang lang, struct text *t)
{
    struct cursor c = cursor_over(r->vib);
    uint8_t vif = take_u8(&c);
    if (vif == 0xFB || vif == 0xFD)
        vif = take_u8(&c);
    bool second = false;
    while (cursor_left(&c)) {
        uint8_t vife = take_u8(&c);
        const struct mbus_vife *row = mbus_vife_row(vife);
        if (second)
            text_printf(t, ", %02X", vife & 0x7F);
        else
            text_printf(t, ", %s", phrase_in(&row->title, lang));
        second = row->effect == MBUS_VIFE_SECOND;
        if (row->effect == MBUS_VIFE_VENDOR)
            return;
    }
}

static void explain_record(struct explain *e, const struct mbus_record *r)
{
    char memory[384];
    struct text t = text_over(memory, sizeof memory);
    format_place(r, e->lang, &t);
    format_value(r, e->lang, &t);
    format_vifes(r, e->lang, &t);
    explain_leaf(e, r->whole, *r->meaning.title, "%s", memory);
}

static void explain_records(struct explain *e, const struct mbus_response *r)
{
    struct mbus_records w = mbus_records_of(r);
    struct mbus_record record;
    while (mbus_records_next(&w, &record))
        explain_record(e, &record);
    if (w.has_vendor && w.vendor.size)
        explain_leaf(e, w.vendor, PHRASE("Данные изготовителя", "Manufacturer data"), "%zu", w.vendor.size);
    if (w.more)
        explain_leaf(e, bytes_of(NULL, 0), PHRASE("Дальше", "More"), "%s",
                     e->lang == LANG_RU ? "есть ещё телеграммы" : "more telegrams follow");
    struct bytes rest = bytes_of(w.at.at, (size_t)(w.at.end - w.at.at));
    if (w.at.failed)
        explain_leaf(e, rest, PHRASE("Не читается", "Unreadable"), "%s",
                     e->lang == LANG_RU ? "запись оборвана или неизвестного вида" : "a cut record or one of unknown kind");
}

static void explain_response(struct explain *e, const struct mbus_frame *f)
{
    struct mbus_response r;
    enum mbus_answer kind = mbus_response_decode(f, &r);
    if (kind == MBUS_ANSWER_ERROR) {
        explain_leaf(e, f->data, PHRASE("Ошибка", "Error"), "%u %s", r.error, in(mbus_error_text(r.error), e->lang));
        return;
    }
    if (kind != MBUS_ANSWER_VARIABLE && kind != MBUS_ANSWER_FIXED) {
        explain_leaf(e, f->data, PHRASE("Данные", "Data"), "%s", mbus_answer_text(kind, e->lang));
        return;
    }
    if (r.ci == MBUS_CI_VARIABLE)
        explain_identity(e, piece(f->data, 0, 8));
    if (r.ci == MBUS_CI_FIXED)
        explain_leaf(e, piece(f->data, 0, 4), PHRASE("Номер", "Identification"), "%08X", r.address.id);
    size_t at = r.ci == MBUS_CI_VARIABLE ? 8 : r.ci == MBUS_CI_FIXED ? 4 : 0;
    if (r.ci != MBUS_CI_NO_HEADER) {
        explain_leaf(e, piece(f->data, at, 1), PHRASE("Номер обращения", "Access number"), "%u", r.access);
        explain_status(e, piece(f->data, at + 1, 1), r.status);
    }
    if (r.ci == MBUS_CI_FIXED)
        explain_leaf(e, piece(f->data, 6, 2), PHRASE("Среда и единицы", "Medium and units"), "%s",
                     in(mbus_medium_text(r.address.medium), e->lang));
    else if (r.ci != MBUS_CI_NO_HEADER)
        explain_leaf(e, piece(f->data, at + 2, 2), PHRASE("Конфигурация", "Configuration"), "%04X", r.configuration);
    if (mbus_encrypted(&r))
        explain_leaf(e, r.body, PHRASE("Зашифровано", "Encrypted"), "%zu", r.body.size);
    else
        explain_records(e, &r);
}

/* What a master sends behind the CI. */
static void explain_request(struct explain *e, const struct mbus_frame *f)
{
    if (f->ci == MBUS_CI_SELECT && f->data.size >= 8) {
        explain_identity(e, piece(f->data, 0, 8));
        return;
    }
    if (f->ci == MBUS_CI_SEND) {
        struct mbus_response r = { .kind = MBUS_ANSWER_VARIABLE, .body = f->data };
        explain_records(e, &r);
        return;
    }
    if ((f->ci & 0xF8) == MBUS_CI_BAUD)
        explain_leaf(e, f->data, PHRASE("Скорость", "Baud rate"), "%u", 300u << (f->ci & 7));
    else if (f->data.size)
        explain_leaf(e, f->data, PHRASE("Данные", "Data"), "%zu", f->data.size);
}

void mbus_explain(struct explain *e, struct bytes frame)
{
    struct mbus_frame f;
    if (!mbus_frame_decode(frame, &f)) {
        explain_leaf(e, frame, PHRASE("Не кадр M-Bus", "No M-Bus frame"), "%zu", frame.size);
        return;
    }
    if (f.shape == MBUS_ACK) {
        explain_leaf(e, frame, PHRASE("Подтверждение", "Acknowledge"), "E5");
        return;
    }
    explain_open(e, frame, f.shape == MBUS_SHORT ? PHRASE("Короткий кадр M-Bus", "M-Bus short frame") : PHRASE("Длинный кадр M-Bus", "M-Bus long frame"), NULL);
    size_t at = f.shape == MBUS_SHORT ? 1 : 4;
    explain_control(e, piece(frame, at, 1), f.control);
    explain_address(e, piece(frame, at + 1, 1), f.address);
    if (f.shape == MBUS_LONG) {
        explain_leaf(e, piece(frame, 6, 1), PHRASE("Назначение CI", "Purpose CI"), "%02X %s", f.ci, in(ci_name(f.ci), e->lang));
        if (f.control & 0x40)
            explain_request(e, &f);
        else
            explain_response(e, &f);
    }
    explain_leaf(e, piece(frame, frame.size - 2, 1), PHRASE("Контрольная сумма", "Checksum"), NULL);
    explain_close(e);
}
