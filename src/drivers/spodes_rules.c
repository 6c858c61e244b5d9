/* Rules between the parameters of DLMS meters; see spodes_model.h. */
#include "drivers/spodes_model.h"
#include "wire/acse.h"

enum { KEY_128 = 16, KEY_256 = 32, TITLE_SIZE = 8, INFO_LEAST = 32, ADDRESS_ONE_BYTE = 0x7F };

enum { CLIENT_READER = 32, CLIENT_CONFIGURATOR = 48 };

struct judge {
    const char *text;
    const struct dlms_settings *s;
    bool whole;
    enum lang lang;
    const char *name;
    struct text *problem;
};

static bool blame(struct judge *j, const char *name, const char *ru, const char *en)
{
    j->name = name;
    text_put(j->problem, j->lang == LANG_RU ? ru : en);
    return false;
}

/* Length of the server's address: 1, 2 or 4 bytes, and its parts must fit. */
static bool addresses_fit(struct judge *j)
{
    const struct dlms_settings *s = j->s;
    if (s->transport != DLMS_HDLC)
        return true;
    if (s->physical > HDLC_PHYSICAL_MOST)
        return blame(j, "physical", "в кадр HDLC помещается адрес до 16383", "an HDLC frame has room for addresses up to 16383");
    if (s->address_size == 3)
        return blame(j, "address_size", "0, 1, 2 или 4", "0, 1, 2 or 4");
    if (s->address_size == 1 && s->logical > ADDRESS_ONE_BYTE)
        return blame(j, "address_size", "логический адрес больше 127 не помещается", "a logical address above 127 does not fit");
    if (s->address_size == 2 && (s->logical > ADDRESS_ONE_BYTE || s->physical > ADDRESS_ONE_BYTE))
        return blame(j, "address_size", "адреса больше 127 занимают 4 байта", "addresses above 127 take 4 bytes");
    return true;
}

static bool sizes_fit(struct judge *j)
{
    if (j->s->info_send && j->s->info_send < INFO_LEAST)
        return blame(j, "info_send", "0 или от 32 до 2030", "0, or from 32 to 2030");
    if (j->s->client_title.size != TITLE_SIZE)
        return blame(j, "client_title", "нужно 8 байт", "8 bytes are needed");
    if (j->s->server_title.size && j->s->server_title.size != TITLE_SIZE)
        return blame(j, "server_title", "нужно 8 байт", "8 bytes are needed");
    return true;
}

/* A key that is there has the size of its suite; one that is needed is there. */
static bool key_fits(struct judge *j, const struct setting_bytes *key, const char *name, bool needed)
{
    int size = j->s->suite == 2 ? KEY_256 : KEY_128;
    if (key->size == 0)
        return !needed || !j->whole || blame(j, name, "нужен при такой защите", "is needed with this protection");
    if (key->size == size)
        return true;
    return blame(j, name, size == KEY_256 ? "нужно 32 байта" : "нужно 16 байт", size == KEY_256 ? "32 bytes are needed" : "16 bytes are needed");
}

static bool keys_fit(struct judge *j)
{
    const struct dlms_settings *s = j->s;
    bool gmac = s->mechanism == ACSE_HLS_GMAC;
    if ((s->dedicated || s->general) && !s->protection)
        return blame(j, s->dedicated ? "dedicated" : "general", "имеет смысл только с защитой", "makes sense with protection only");
    return key_fits(j, &s->encryption_key, "encryption_key", gmac || s->protection != 0) &&
           key_fits(j, &s->authentication_key, "authentication_key", gmac || (s->protection & 1));
}

/* What each mechanism of authentication proves itself with. */
static bool secret_fits(struct judge *j)
{
    const struct dlms_settings *s = j->s;
    bool by_password = s->mechanism != ACSE_NULL && s->mechanism != ACSE_HLS_GMAC && s->mechanism != ACSE_HLS_ECDSA;
    if (j->whole && by_password && s->password.size == 0)
        return blame(j, "password", "нужен при такой аутентификации", "is needed with this authentication");
    if (s->mechanism == ACSE_HLS_MANUFACTURER && s->password.size && s->password.size != KEY_128)
        return blame(j, "password", "для high нужно 16 байт: это ключ AES-128", "high needs 16 bytes: it is an AES-128 key");
    if (s->mechanism == ACSE_HLS_ECDSA && s->suite == 0)
        return blame(j, "suite", "подпись ECDSA есть в наборах 1 и 2", "ECDSA signatures belong to suites 1 and 2");
    if (j->whole && s->mechanism == ACSE_HLS_ECDSA && s->signing_key.size == 0)
        return blame(j, "signing_key", "нужен при такой аутентификации", "is needed with this authentication");
    if (j->whole && s->mechanism == ACSE_HLS_ECDSA && s->server_public.size == 0)
        return blame(j, "server_public", "нужен при такой аутентификации", "is needed with this authentication");
    return true;
}

/* «Для High 48, для Low 32» (S3 table 3): the configurator proves himself by High, the reader by Low. Other numbers are let be:
 * there are makers with clients 1 and 100. In a profile a line may still say the other half. */
static bool client_fits(struct judge *j)
{
    const struct dlms_settings *s = j->s;
    if (!j->whole && !(parameters_tell(j->text, "security") && parameters_tell(j->text, "client")))
        return true;
    if (s->mechanism == ACSE_LLS && s->client == CLIENT_CONFIGURATOR)
        return blame(j, "client", "для low клиент 32: 48 — конфигуратор, его аутентификация high", "low is client 32: 48 is the configurator, who proves himself by high");
    if (s->mechanism == ACSE_HLS_MANUFACTURER && s->client == CLIENT_READER)
        return blame(j, "client", "для high клиент 48: 32 — считыватель, его аутентификация low", "high is client 48: 32 is the reader, who proves himself by low");
    return true;
}

bool spodes_rules(const char *text, const void *settings, bool whole, enum lang lang, const char **ret_name, struct text *problem)
{
    struct judge j = { text, &((const struct spodes_settings *)settings)->dlms, whole, lang, NULL, problem };
    bool good = addresses_fit(&j) && sizes_fit(&j) && secret_fits(&j) && keys_fit(&j) && client_fits(&j);
    *ret_name = j.name;
    return good;
}
