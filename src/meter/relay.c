/* Relays in words and rules; see relay.h. */
#include "meter/relay.h"

struct relay_status relay_nothing(int number)
{
    return (struct relay_status){ number, RELAY_UNKNOWN, RELAY_UNKNOWN, RELAY_UNKNOWN, RELAY_UNKNOWN };
}

bool relay_take(struct relay_status *r, const struct state *s)
{
    if (obis_equal(s->obis, RELAY_OUTPUT(r->number)))
        r->output = s->value != 0;
    else if (obis_equal(s->obis, RELAY_CONTROL(r->number)))
        r->control = s->value;
    else if (obis_equal(s->obis, RELAY_MODE(r->number)))
        r->mode = s->value;
    else if (r->number == 0 && obis_equal(s->obis, RELAY_LOCK))
        r->lock = s->value;
    else
        return false;
    return true;
}

int relay_of(struct obis o)
{
    struct obis output = obis_with(o, 5, 255);
    bool said = obis_group(o, 5) == 255 || obis_group(o, 5) == 3 || obis_group(o, 5) == 4; /* output, control, mode */
    int n = obis_equal(output, RELAY_OUTPUT(0)) ? 0 : obis_group(o, 4) + 1;
    if (obis_equal(o, RELAY_LOCK))
        return 0;
    return said && n < RELAY_NUMBERS && obis_equal(output, RELAY_OUTPUT(n)) ? n : -1;
}

bool relay_exists(const struct relay_status *r)
{
    return r->output != RELAY_UNKNOWN || r->control != RELAY_UNKNOWN;
}

/* Control modes: may it be opened, and closed, from afar (dlms.md 10.1; 129.. spodes.md 6). */
static const struct mode {
    int64_t mode;
    bool off, on; /* `on`: at least to «ready» */
    struct phrase title;
} modes[] = {
    { 0, false, false, { { "управления нет, всегда включено", "no control, always on" } } },
    { 1, true, true, { { "дистанционно, вручную, локально; включение с подтверждением кнопкой", "remote, by hand, local; on after the button" } } },
    { 2, true, true, { { "дистанционно, вручную, локально", "remote, by hand, local" } } },
    { 3, true, true, { { "дистанционно, локально; включение с подтверждением кнопкой", "remote, local; on after the button" } } },
    { 4, true, true, { { "дистанционно, локально", "remote, local" } } },
    { 5, true, true, { { "дистанционно, вручную, локально; включение с кнопкой или само", "remote, by hand, local; on by button or by itself" } } },
    { 6, true, true, { { "дистанционно, локально; включение с кнопкой или само", "remote, local; on by button or by itself" } } },
    { 129, true, true, { { "режим 129: дистанционно, вручную; включение с подтверждением кнопкой", "mode 129: remote, by hand; on after the button" } } },
    { 130, true, true, { { "режим 130: дистанционно, вручную", "mode 130: remote, by hand" } } },
    { 131, true, true, { { "режим 131: дистанционно; включение с подтверждением кнопкой", "mode 131: remote; on after the button" } } },
    { 132, false, true, { { "режим 132: дистанционно только включение", "mode 132: remote reconnection only" } } },
    { 133, false, true, { { "режим 133: дистанционно только включение", "mode 133: remote reconnection only" } } },
    { 134, false, true, { { "режим 134: отключение только локально, включение с подтверждением кнопкой", "mode 134: off locally only, on after the button" } } },
};

static const struct mode *mode_of(int64_t number)
{
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (modes[i].mode == number)
            return &modes[i];
    return NULL;
}

enum relay_refusal relay_may(const struct relay_status *r, bool on)
{
    static const enum relay_refusal locks[] = { RELAY_ALLOWED, RELAY_LOCKED, RELAY_FORCED_OFF, RELAY_FORCED_ON };
    const struct mode *m = mode_of(r->mode);
    if (!relay_exists(r))
        return RELAY_ABSENT;
    if (r->lock > 0)
        return r->lock < 4 ? locks[r->lock] : RELAY_LOCKED;
    if (m && m->mode == 0)
        return RELAY_ALWAYS_ON;
    return m && !(on ? m->on : m->off) ? (on ? RELAY_NO_REMOTE_ON : RELAY_NO_REMOTE_OFF) : RELAY_ALLOWED;
}

bool relay_obeyed(const struct relay_status *r, bool on)
{
    if (!on)
        return r->output == 0 || (r->output == RELAY_UNKNOWN && r->control == 0);
    return r->output == 1 || r->control == 1 || r->control == 2;
}

/* --- words -------------------------------------------------------------------------------------------------------------- */

const char *relay_title(int number, enum lang lang)
{
#define SIGNAL(n) { { "реле сигнализации " #n, "signal relay " #n } }
    static const struct phrase titles[RELAY_NUMBERS] = {
        { { "реле нагрузки", "load relay" } },
        SIGNAL(1), SIGNAL(2), SIGNAL(3), SIGNAL(4), SIGNAL(5), SIGNAL(6), SIGNAL(7), SIGNAL(8), SIGNAL(9), SIGNAL(10), SIGNAL(11),
        SIGNAL(12), SIGNAL(13), SIGNAL(14), SIGNAL(15), SIGNAL(16), SIGNAL(17), SIGNAL(18), SIGNAL(19), SIGNAL(20), SIGNAL(21),
        SIGNAL(22), SIGNAL(23), SIGNAL(24), SIGNAL(25), SIGNAL(26), SIGNAL(27), SIGNAL(28), SIGNAL(29), SIGNAL(30), SIGNAL(31),
        SIGNAL(32) };
#undef SIGNAL
    return number >= 0 && number < RELAY_NUMBERS ? phrase_in(&titles[number], lang) : "-";
}

const char *relay_output_text(int64_t output, enum lang lang)
{
    static const struct phrase off = { { "отключено", "off" } }, on = { { "включено", "on" } };
    return output == RELAY_UNKNOWN ? "-" : phrase_in(output ? &on : &off, lang);
}

const char *relay_control_text(int64_t control, enum lang lang)
{
    static const struct phrase words[] = { { { "отключено", "disconnected" } }, { { "включено", "connected" } },
                                           { { "готово к включению кнопкой", "ready to be switched on by the button" } } };
    return control >= 0 && control <= 2 ? phrase_in(&words[control], lang) : "-";
}

const char *relay_mode_text(int64_t mode, enum lang lang)
{
    static const struct phrase other = { { "неизвестный режим", "unknown mode" } };
    const struct mode *m = mode_of(mode);
    return mode == RELAY_UNKNOWN ? "-" : phrase_in(m ? &m->title : &other, lang);
}

/* Manual S3 2.2.10. */
const char *relay_lock_text(int64_t lock, enum lang lang)
{
    static const struct phrase words[] = {
        { { "блокировка отключена, режим «Авто»: дистанционное управление допускается", "no lock, automatic: may be switched from afar" } },
        { { "блокировка введена: управление запрещено", "locked: may not be switched" } },
        { { "принудительно выключено: дистанционное управление не допускается", "forced off: may not be switched from afar" } },
        { { "принудительно включено: дистанционное управление не допускается", "forced on: may not be switched from afar" } } };
    return lock >= 0 && lock <= 3 ? phrase_in(&words[lock], lang) : "-";
}

void relay_sentence(const struct relay_status *r, enum lang lang, struct text *t)
{
    static const struct phrase absent = { { "нет ответа о состоянии", "says nothing of its state" } };
    static const struct phrase control = { { "; управление: ", "; control: " } }, mode = { { "; режим: ", "; mode: " } };
    static const struct phrase lock = { { "; аппаратная блокировка: ", "; hardware lock: " } };
    text_printf(t, "%s: ", relay_title(r->number, lang));
    if (!relay_exists(r)) {
        text_put(t, phrase_in(&absent, lang));
        return;
    }
    text_put(t, relay_output_text(r->output, lang));
    if (r->control != RELAY_UNKNOWN)
        text_printf(t, "%s%s", phrase_in(&control, lang), relay_control_text(r->control, lang));
    if (r->mode != RELAY_UNKNOWN)
        text_printf(t, "%s%s", phrase_in(&mode, lang), relay_mode_text(r->mode, lang));
    if (r->lock != RELAY_UNKNOWN)
        text_printf(t, "%s%s", phrase_in(&lock, lang), relay_lock_text(r->lock, lang));
}

static const struct refusal {
    const char *name;
    struct phrase text;
} refusals[RELAY_REFUSALS] = {
    [RELAY_ALLOWED] = { "allowed", { { "управление допускается", "may be switched" } } },
    [RELAY_ABSENT] = { "absent", { { "прибор не ответил о таком реле: его нет", "the meter says nothing of such a relay: it has none" } } },
    [RELAY_LOCKED] = { "locked", { { "введена аппаратная блокировка реле: управление запрещено", "the relay's hardware lock is on: it may not be switched" } } },
    [RELAY_FORCED_OFF] = { "forced-off", { { "реле принудительно выключено аппаратной блокировкой: дистанционное управление не допускается", "the hardware lock forces the relay off: it may not be switched from afar" } } },
    [RELAY_FORCED_ON] = { "forced-on", { { "реле принудительно включено аппаратной блокировкой: дистанционное управление не допускается", "the hardware lock forces the relay on: it may not be switched from afar" } } },
    [RELAY_NO_REMOTE_OFF] = { "no-remote-off", { { "режим управления реле не допускает дистанционного отключения", "the relay's control mode does not allow remote disconnection" } } },
    [RELAY_NO_REMOTE_ON] = { "no-remote-on", { { "режим управления реле не допускает дистанционного включения", "the relay's control mode does not allow remote reconnection" } } },
    [RELAY_ALWAYS_ON] = { "always-on", { { "управление реле отключено в приборе (режим 0): оно всегда включено", "the meter's relay control is off (mode 0): it is always on" } } },
};

const char *relay_refusal_text(enum relay_refusal r, enum lang lang)
{
    return r < RELAY_REFUSALS ? phrase_in(&refusals[r].text, lang) : "?";
}

const char *relay_refusal_name(enum relay_refusal r)
{
    return r < RELAY_REFUSALS ? refusals[r].name : "?";
}

enum relay_refusal relay_refusal_named(const char *name)
{
    int r = 0;
    while (r < RELAY_REFUSALS && strcmp(refusals[r].name, name) != 0)
        r++;
    return (enum relay_refusal)r;
}
