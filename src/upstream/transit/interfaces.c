/* Digital interfaces; see interfaces.h. */
#include "upstream/transit/interfaces.h"
#include "link/address.h"
#include "people/journal.h"
#include "store/registry/registry.h"
#include "store/box/form_json.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IDLE_S = 120 /* as УМ-31 does */, HOLD_S = 600 /* less than a session waits for its line */, ADDRESS_BITS = 128 };

static const char *const mode_names[TRANSIT_MODES] = { [TRANSIT_SPEAK] = "speak", [TRANSIT_LISTEN] = "listen" };

static void form_name(int number, char name[24])
{
    snprintf(name, 24, "interface-%d", number);
}

static void take_form(const json_t *from, struct interface *i)
{
    const char *format = form_text(from, "format");
    i->link = form_int(from, "link", 0);
    i->line.baud = (uint32_t)form_int(from, "baud", 0);
    if (*format)
        line_format_parse(format, &i->line);
    i->mode = strcmp(form_text(from, "mode"), mode_names[TRANSIT_LISTEN]) == 0 ? TRANSIT_LISTEN : TRANSIT_SPEAK;
    i->others_listen = form_bool(from, "others_listen", false);
    i->idle_s = (int)form_int(from, "idle_s", IDLE_S);
    i->hold_s = (int)form_int(from, "hold_s", HOLD_S);
    i->supply = (int)form_int(from, "supply", -1);
    FORM_TAKE(i->allowed, from, "allowed");
}

enum fault interface_read(struct store *s, int number, struct interface *ret)
{
    char name[24];
    json_t *form = NULL;
    *ret = (struct interface){ .number = number, .line = { 0, 8, 'N', 1 }, .idle_s = IDLE_S, .hold_s = HOLD_S, .supply = -1, .revision = 1 };
    form_name(number, name);
    enum fault f = store_form_read(s, name, &form, &ret->revision);
    if (form)
        take_form(form, ret);
    json_decref(form);
    return f;
}

enum fault interface_write(struct store *s, const struct interface *i)
{
    char name[24], format[4] = { (char)('0' + i->line.bits), i->line.parity, (char)('0' + i->line.stop), '\0' };
    form_name(i->number, name);
    json_t *form = json_pack("{s:I, s:i, s:s, s:s, s:b, s:i, s:i, s:i, s:s}", "link", (json_int_t)i->link, "baud", (int)i->line.baud, "format", format,
                             "mode", mode_names[i->mode], "others_listen", (int)i->others_listen, "idle_s", i->idle_s, "hold_s", i->hold_s,
                             "supply", i->supply, "allowed", i->allowed);
    return store_form_write(s, name, form, i->revision);
}

enum fault interface_supplies(struct store *s, enum board_state ret[BOARD_SUPPLIES])
{
    struct interface one;
    bool said = false, wanted[BOARD_SUPPLIES] = { false };
    for (int n = 1; n <= INTERFACES; n++) {
        enum fault f = interface_read(s, n, &one);
        if (f != FAULT_NONE)
            return f;
        said |= one.supply >= 0;
        if (one.supply > 0 && one.supply <= BOARD_SUPPLIES)
            wanted[one.supply - 1] = true;
    }
    for (int i = 0; i < BOARD_SUPPLIES; i++)
        ret[i] = !said ? BOARD_ABSENT : wanted[i] ? BOARD_ON : BOARD_OFF;
    return FAULT_NONE;
}

int interface_of_link(struct store *s, int64_t link)
{
    struct interface one;
    for (int n = 1; n <= INTERFACES && link; n++)
        if (interface_read(s, n, &one) == FAULT_NONE && one.link == link)
            return n;
    return 0;
}

/* --- the box as it came ----------------------------------------------------------------------------------------------------------- */

static bool serial_found(void *context, const struct store_link *link)
{
    bool *found = context;
    *found = strncmp(link->uri, "serial:", strlen("serial:")) == 0;
    return !*found;
}

static enum fault interface_begin(struct store *s, int number, const char *device, enum lang lang)
{
    static const struct phrase named = { { "Интерфейс %d", "Interface %d" } };
    char title[40], uri[BOARD_PATH_MAX + 16];
    struct interface one;
    snprintf(title, sizeof title, phrase_in(&named, lang), number);
    snprintf(uri, sizeof uri, "serial:%.*s", BOARD_PATH_MAX - 1, device);
    enum fault f = interface_read(s, number, &one);
    if (f == FAULT_NONE)
        f = store_link_put(s, &(struct store_link){ .title = title, .uri = uri, .settings = "", .guid = "" }, &one.link);
    if (f != FAULT_NONE)
        return f;
    journal_note(s, NOTE_LINK_ADD, NULL, title, NULL, NULL);
    return interface_write(s, &one);
}

enum fault interfaces_begin(struct store *s, struct board *b, enum lang lang)
{
    static const char key[] = "interfaces-begun";
    char device[BOARD_SERIALS][BOARD_PATH_MAX];
    struct arena a = { 0 };
    const char *begun = NULL;
    bool found = false;
    enum fault f = store_setting_get(s, key, &a, &begun);
    bool first = f == FAULT_NONE && !begun;
    arena_free(&a);
    if (!first)
        return f;
    store_links(s, serial_found, &found);
    board_serials(b, device);
    store_together(s);
    for (int i = 0; i < BOARD_SERIALS && i < INTERFACES && !found && f == FAULT_NONE; i++)
        if (*device[i])
            f = interface_begin(s, i + 1, device[i], lang);
    if (f == FAULT_NONE)
        f = store_setting_put(s, key, "1");
    enum fault kept = store_apart(s, f == FAULT_NONE);
    return f == FAULT_NONE ? kept : f;
}

/* --- who may connect ------------------------------------------------------------------------------------------------------------ */

/* An address as 16 bytes, IPv4 mapped into IPv6. */
static bool address_read(const char *text, uint8_t ret[16])
{
    static const uint8_t mapped[12] = { [10] = 0xFF, [11] = 0xFF };
    memcpy(ret, mapped, sizeof mapped);
    return inet_pton(AF_INET, text, ret + 12) == 1 || inet_pton(AF_INET6, text, ret) == 1;
}

/* "10.0.0.0/8" into the address and how many of its 128 bits count. */
static bool network_read(const char *word, size_t size, uint8_t ret[16], int *ret_bits)
{
    char text[64];
    if (size >= sizeof text)
        return false;
    memcpy(text, word, size);
    text[size] = '\0';
    char *slash = strchr(text, '/'), *end = NULL;
    if (slash)
        *slash = '\0';
    if (!address_read(text, ret))
        return false;
    int most = strchr(text, ':') ? ADDRESS_BITS : 32;
    long bits = slash ? strtol(slash + 1, &end, 10) : most;
    if (slash && (end == slash + 1 || *end || slash[1] == '-' || slash[1] == '+' || bits > most))
        return false;
    *ret_bits = (int)bits + ADDRESS_BITS - most;
    return true;
}

static bool within(const uint8_t network[16], int bits, const uint8_t address[16])
{
    int whole = bits / 8, rest = bits % 8;
    return memcmp(network, address, (size_t)whole) == 0 && (!rest || (network[whole] ^ address[whole]) >> (8 - rest) == 0);
}

/* The next word of the list; NULL behind the last. */
static const char *next_word(const char **list, size_t *ret_size)
{
    static const char blanks[] = " ,;\t\n";
    const char *word = *list + strspn(*list, blanks);
    *ret_size = strcspn(word, blanks);
    *list = word + *ret_size;
    return *ret_size ? word : NULL;
}

bool addresses_valid(const char *list)
{
    uint8_t network[16];
    size_t size;
    int bits;
    for (const char *word = next_word(&list, &size); word; word = next_word(&list, &size))
        if (!network_read(word, size, network, &bits))
            return false;
    return true;
}

bool addresses_hold(const char *list, const char *address)
{
    uint8_t network[16], own[16];
    size_t size;
    int bits;
    const char *word = next_word(&list, &size);
    if (!word)
        return true;
    if (!address_read(address, own))
        return false;
    for (; word; word = next_word(&list, &size))
        if (network_read(word, size, network, &bits) && within(network, bits, own))
            return true;
    return false;
}
