/* Troubles of a broker's link in words; see trouble.h. */
#include "upstream/mqtt/trouble.h"

static const struct phrase words[MQTT_WHYS] = {
    [MQTT_FINE] = { { "", "" } },
    [MQTT_NO_ADDRESS] = { { "адрес брокера не найден", "the broker's address is not found" } },
    [MQTT_NOBODY] = { { "по этому адресу и порту никто не слушает", "nobody listens at that address and port" } },
    [MQTT_NO_WAY] = { { "до адреса нет пути", "there is no way to the address" } },
    [MQTT_NO_NETWORK] = { { "сети нет", "there is no network" } },
    [MQTT_SILENT] = { { "брокер не отвечает", "the broker does not answer" } },
    [MQTT_BROKEN] = { { "брокер оборвал соединение", "the broker broke the connection" } },
    [MQTT_CLOSED] = { { "брокер закрыл соединение", "the broker closed the connection" } },
    [MQTT_FELL_SILENT] = { { "брокер замолчал", "the broker fell silent" } },
    [MQTT_OTHER_PROTOCOL] = { { "брокер не понимает MQTT 3.1.1", "the broker does not speak MQTT 3.1.1" } },
    [MQTT_ID_REFUSED] = { { "брокер не принял идентификатор устройства", "the broker does not accept the device's id" } },
    [MQTT_TAKES_NOBODY] = { { "брокер сейчас никого не принимает", "the broker accepts nobody now" } },
    [MQTT_WRONG_PASSWORD] = { { "неверные логин или пароль", "wrong login or password" } },
    [MQTT_NOT_LET_IN] = { { "брокер не пустил: неверные логин или пароль либо нет прав", "the broker refuses: wrong login or password, or no right" } },
    [MQTT_FOREIGN_CERTIFICATE] = { { "сертификат брокера не принят: подписан не тем центром, просрочен или выдан на другое имя",
                                     "the broker's certificate is not accepted: signed by another authority, expired, or made for another name" } },
    [MQTT_NO_SUCH_TLS] = { { "у брокера на этом порту нет такого шифрования", "the broker has no such encryption on that port" } },
    [MQTT_WANTS_CERTIFICATE] = { { "брокер хочет видеть сертификат устройства", "the broker wants to see the device's certificate" } },
    [MQTT_CERTIFICATE_REFUSED] = { { "брокер не принял сертификат устройства", "the broker does not accept the device's certificate" } },
    [MQTT_TLS_BROKEN] = { { "брокер прервал шифрованное соединение: возможно, он требует сертификат устройства",
                            "the broker broke the encrypted connection off: it may want the device's certificate" } },
    [MQTT_BAD_VERSION] = { { "шифрование не поддерживается", "the encryption is not supported" } },
    [MQTT_BAD_AUTHORITY] = { { "сертификат центра не читается", "the authority's certificate cannot be read" } },
    [MQTT_BAD_PAIR] = { { "сертификат устройства или его ключ не читаются", "the device's certificate or its key cannot be read" } },
    [MQTT_OTHER_KEY] = { { "пароль или ключ запечатаны другим ключом: введите их заново", "password or key were sealed with another key: enter them again" } },
};

const char *mqtt_trouble_text(const struct mqtt_trouble *t, enum lang lang)
{
    return t->why == MQTT_OTHER ? t->detail : phrase_in(&words[t->why], lang);
}
