/* Link addresses; see address.h. */
#include "link/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

bool line_speed_valid(uint32_t baud)
{
    static const uint32_t speeds[] = { 300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200 };
    for (size_t i = 0; i < sizeof speeds / sizeof *speeds; i++)
        if (speeds[i] == baud)
            return true;
    return false;
}

bool line_format_parse(const char *text, struct line *line)
{
    bool fits = (text[0] == '7' || text[0] == '8') && text[1] && strchr("NEOneo", text[1]) &&
                (text[2] == '1' || text[2] == '2') && text[3] == '\0';
    if (!fits)
        return false;
    line->bits = (uint8_t)(text[0] - '0');
    line->parity = (char)(text[1] & ~0x20);
    line->stop = (uint8_t)(text[2] - '0');
    return true;
}

static bool take_option(const char *word, struct link_address *a)
{
    if (strcmp(word, "echo") == 0)
        return a->echo = true;
    if (strcmp(word, "rs485") == 0)
        return a->rs485 = true;
    if (strcmp(word, "soft7") == 0)
        return a->soft7 = true;
    if (line_format_parse(word, &a->line))
        return a->line_given = true;
    char *end;
    unsigned long baud = strtoul(word, &end, 10);
    if (*end || !line_speed_valid((uint32_t)baud))
        return false;
    a->line.baud = (uint32_t)baud;
    return a->line_given = true;
}

static bool take_options(char *options, enum lang lang, struct link_address *a, struct text *problem)
{
    static const struct phrase unknown = { { "непонятный параметр линии", "unknown option of the link" } };
    for (char *save, *word = strtok_r(options, ",&", &save); word; word = strtok_r(NULL, ",&", &save)) {
        if (take_option(word, a))
            continue;
        text_printf(problem, "%s: %s", phrase_in(&unknown, lang), word);
        return false;
    }
    return true;
}

/* Letters, digits and what else stands in names and addresses; digits and dots alone are an IPv4 address. */
static bool host_good(const char *host)
{
    struct in_addr v4;
    for (const char *p = host; *p; p++)
        if ((unsigned char)*p <= ' ' || strchr("/\\\"<>|@#", *p))
            return false;
    return *host && (host[strspn(host, "0123456789.")] || inet_pton(AF_INET, host, &v4) == 1);
}

/* "host:port", "[v6]:port" into host and port. */
static bool take_host(char *text, struct link_address *a)
{
    char *colon = strrchr(text, ':');
    if (!colon || colon == text)
        return false;
    *colon = '\0';
    char *end;
    unsigned long port = strtoul(colon + 1, &end, 10);
    if (*end || end == colon + 1 || port > 65535)
        return false;
    size_t length = strlen(text);
    if (text[0] == '[' && text[length - 1] == ']') {
        text[length - 1] = '\0';
        text++;
    }
    a->port = (uint16_t)port;
    return host_good(text) && snprintf(a->host, sizeof a->host, "%s", text) < (int)sizeof a->host;
}

/* "7" or "7/3". */
static bool take_gateway(const char *text, struct link_address *a)
{
    char *end;
    a->gateway = strtoll(text, &end, 10);
    bool fits = end > text && *text >= '1' && *text <= '9' && end - text <= 9;
    if (*end == '/') {
        a->interface = end[1] >= '1' && end[1] <= '8' ? end[1] - '0' : -1;
        end += 2;
    }
    return fits && a->interface >= 0 && *end == '\0' && snprintf(a->host, sizeof a->host, "%s", text) < (int)sizeof a->host;
}

bool link_address_parse(const char *text, enum lang lang, struct link_address *ret, struct text *problem)
{
    static const struct phrase wrong = { {
        "адрес линии пишут так: tcp://адрес:порт, udp://адрес:порт, serial:/dev/ttyUSB0?9600,8N1 или gateway:7/1",
        "a link is written tcp://host:port, udp://host:port, serial:/dev/ttyUSB0?9600,8N1 or gateway:7/1" } };
    struct link_address a = { .line = { 9600, 8, 'N', 1 } };
    char copy[512];
    bool fits = snprintf(copy, sizeof copy, "%s", text) < (int)sizeof copy;
    char *options = strchr(copy, '?');
    if (options)
        *options++ = '\0';
    if (fits && strncmp(copy, "tcp://", 6) == 0) {
        a.kind = LINK_TCP;
        fits = take_host(copy + 6, &a);
    } else if (fits && strncmp(copy, "udp://", 6) == 0) {
        a.kind = LINK_UDP;
        fits = take_host(copy + 6, &a);
    } else if (fits && strncmp(copy, "serial:", 7) == 0) {
        a.kind = LINK_SERIAL;
        fits = copy[7] && snprintf(a.host, sizeof a.host, "%s", copy + 7) < (int)sizeof a.host;
    } else if (fits && strncmp(copy, "gateway:", 8) == 0) {
        a.kind = LINK_GATEWAY;
        fits = take_gateway(copy + 8, &a);
    } else {
        fits = false;
    }
    if (!fits) {
        text_put(problem, phrase_in(&wrong, lang));
        return false;
    }
    if (options && !take_options(options, lang, &a, problem))
        return false;
    *ret = a;
    return true;
}

void link_address_format(const struct link_address *a, struct text *t)
{
    static const char *const schemes[] = { [LINK_TCP] = "tcp://", [LINK_UDP] = "udp://", [LINK_SERIAL] = "serial:", [LINK_GATEWAY] = "gateway:" };
    bool network = a->kind == LINK_TCP || a->kind == LINK_UDP, v6 = network && strchr(a->host, ':');
    const char *next = "?";
    text_printf(t, "%s%s%s%s", schemes[a->kind], v6 ? "[" : "", a->host, v6 ? "]" : "");
    if (network)
        text_printf(t, ":%u", a->port);
    if (a->line_given) {
        text_printf(t, "%s%u,%u%c%u", next, a->line.baud, a->line.bits, a->line.parity, a->line.stop);
        next = ",";
    }
    const struct { bool on; const char *word; } flags[] = { { a->rs485, "rs485" }, { a->echo, "echo" }, { a->soft7, "soft7" } };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (!flags[i].on)
            continue;
        text_printf(t, "%s%s", next, flags[i].word);
        next = ",";
    }
}

/* --- what else is said of a link ------------------------------------------------------------------------------------ */

static int setting_ms(const char *value, int most)
{
    long ms = strtol(value, NULL, 10);
    return ms < 0 ? 0 : ms > most ? most : (int)ms;
}

struct link_settings link_settings_read(const char *text)
{
    struct link_settings s = { 0 };
    for (; *text; text += *text == ';') {
        if (strncmp(text, "exclusive=yes", 13) == 0)
            s.exclusive = true;
        else if (strncmp(text, "connect_ms=", 11) == 0)
            s.connect_ms = setting_ms(text + 11, LINK_CONNECT_MOST_MS);
        else if (strncmp(text, "answer_ms=", 10) == 0)
            s.answer_ms = setting_ms(text + 10, LINK_ANSWER_MOST_MS);
        text += strcspn(text, ";");
    }
    return s;
}

void link_settings_format(const struct link_settings *s, struct text *t)
{
    if (s->exclusive)
        text_put(t, "exclusive=yes");
    if (s->connect_ms)
        text_printf(t, "%sconnect_ms=%d", t->size ? ";" : "", s->connect_ms);
    if (s->answer_ms)
        text_printf(t, "%sanswer_ms=%d", t->size ? ";" : "", s->answer_ms);
}

struct pipe *link_address_filters(const struct link_address *a, struct pipe *p)
{
    if (a->echo)
        p = pipe_echo_new(p);
    if (a->soft7)
        p = pipe_seven_bits_new(p, a->line.parity == 'N' ? 'E' : a->line.parity);
    return p;
}

struct pipe *link_address_pipe(const struct link_address *a)
{
    struct line raw = a->line;
    if (a->soft7) {
        raw.bits = 8;
        raw.parity = 'N';
    }
    struct pipe *p = a->kind == LINK_TCP      ? pipe_tcp_new(a->host, a->port)
                     : a->kind == LINK_UDP    ? pipe_udp_new(a->host, a->port)
                     : a->kind == LINK_SERIAL ? pipe_serial_new(a->host, raw, a->rs485)
                                              : pipe_nowhere_new("gateway");
    return link_address_filters(a, p);
}
