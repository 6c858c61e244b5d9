/* Modbus frames for people; see modbus.h. */
#include "wire/modbus.h"

#include "base/text.h"

static const struct {
    uint8_t function;
    struct phrase name;
} functions[] = {
    { MODBUS_READ_COILS, { { "читать выходы (coils)", "read coils" } } },
    { MODBUS_READ_INPUTS, { { "читать дискретные входы", "read discrete inputs" } } },
    { MODBUS_READ_HOLDING, { { "читать регистры хранения", "read holding registers" } } },
    { MODBUS_READ_REGISTERS, { { "читать входные регистры", "read input registers" } } },
    { MODBUS_WRITE_COIL, { { "записать один выход", "write single coil" } } },
    { MODBUS_WRITE_REGISTER, { { "записать один регистр", "write single register" } } },
    { MODBUS_WRITE_COILS, { { "записать выходы", "write multiple coils" } } },
    { MODBUS_WRITE_REGISTERS, { { "записать регистры", "write multiple registers" } } },
    { MODBUS_READ_ARCHIVE, { { "читать архив (Взлёт)", "read an archive (Vzlet)" } } },
};

static const struct {
    uint8_t code;
    struct phrase text;
} exceptions[] = {
    { MODBUS_BAD_FUNCTION, { { "нет такой функции", "illegal function" } } },
    { MODBUS_BAD_ADDRESS, { { "нет такого адреса", "illegal data address" } } },
    { MODBUS_BAD_VALUE, { { "недопустимое значение", "illegal data value" } } },
    { MODBUS_DEVICE_FAILED, { { "отказ устройства", "server device failure" } } },
    { MODBUS_ACKNOWLEDGED, { { "принято, выполняется", "acknowledge" } } },
    { MODBUS_BUSY, { { "устройство занято", "server device busy" } } },
    { MODBUS_PARITY, { { "ошибка чётности памяти", "memory parity error" } } },
    { MODBUS_NO_GATEWAY, { { "шлюз не имеет пути", "gateway path unavailable" } } },
    { MODBUS_GATEWAY_SILENCE, { { "устройство за шлюзом не ответило", "gateway target failed to respond" } } },
};

const char *modbus_exception_text(uint8_t exception, enum lang lang)
{
    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++)
        if (exceptions[i].code == exception)
            return phrase_in(&exceptions[i].text, lang);
    return "?";
}

static const struct phrase label_function = { { "Функция", "Function" } };
static const struct phrase label_address = { { "Адрес", "Address" } };
static const struct phrase label_count = { { "Количество", "Count" } };
static const struct phrase label_value = { { "Значение", "Value" } };
static const struct phrase label_data = { { "Данные", "Data" } };
static const struct phrase label_exception = { { "Отказ", "Exception" } };
static const struct phrase label_unit = { { "Устройство", "Unit" } };
static const struct phrase label_transaction = { { "Транзакция", "Transaction" } };
static const struct phrase label_sum = { { "CRC", "CRC" } };

static const char *function_name(uint8_t function, enum lang lang)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (functions[i].function == (function & ~MODBUS_REFUSED))
            return phrase_in(&functions[i].name, lang);
    return "?";
}

static bool of_registers(uint8_t function)
{
    return function == MODBUS_READ_HOLDING || function == MODBUS_READ_REGISTERS || function == MODBUS_WRITE_REGISTERS;
}

static void explain_data(struct explain *e, uint8_t function, struct bytes data)
{
    char text[500];
    struct text t = text_over(text, sizeof text);
    struct cursor c = cursor_over(data);
    bool words = of_registers(function) && data.size % 2 == 0;
    while (cursor_left(&c))
        text_printf(&t, t.size ? " %u" : "%u", words ? take_be16(&c) : take_u8(&c));
    if (data.size)
        explain_leaf(e, data, label_data, "%s", text);
}

static void explain_request(struct explain *e, const struct modbus_request *r, struct bytes pdu)
{
    bool one = r->function == MODBUS_WRITE_COIL || r->function == MODBUS_WRITE_REGISTER;
    explain_leaf(e, bytes_part(pdu, 1, 2), label_address, "%u (%04Xh)", r->address, r->address);
    explain_leaf(e, bytes_part(pdu, 3, 2), one ? label_value : label_count, "%u", r->count);
    explain_data(e, r->function, r->data);
}

static void explain_pdu(struct explain *e, uint8_t unit, struct bytes pdu)
{
    uint8_t function = pdu.data[0];
    struct modbus_request r;
    explain_open(e, bytes_part(pdu, 0, 1), label_function, "%02X %s", function, function_name(function, e->lang));
    if (function & MODBUS_REFUSED && pdu.size == 2)
        explain_leaf(e, bytes_part(pdu, 1, 1), label_exception, "%u %s", pdu.data[1], modbus_exception_text(pdu.data[1], e->lang));
    else if (modbus_request_decode(unit, pdu, &r))
        explain_request(e, &r, pdu);
    else if (pdu.size >= 2 && pdu.size == 2 + (size_t)pdu.data[1])
        explain_data(e, function, bytes_part(pdu, 2, pdu.size));
    else
        explain_data(e, 0, bytes_part(pdu, 1, pdu.size));
    explain_close(e);
}

void modbus_explain(struct explain *e, struct bytes frame)
{
    struct modbus_frame f;
    bool tcp = modbus_frame_decode(MODBUS_TCP, frame, &f);
    if (!tcp && !modbus_frame_decode(MODBUS_RTU, frame, &f)) {
        explain_data(e, 0, frame);
        return;
    }
    explain_open(e, frame, (struct phrase){ { tcp ? "Modbus TCP" : "Modbus RTU", tcp ? "Modbus TCP" : "Modbus RTU" } }, NULL);
    if (tcp)
        explain_leaf(e, bytes_part(frame, 0, 2), label_transaction, "%u", f.transaction);
    explain_leaf(e, bytes_part(frame, tcp ? 6 : 0, 1), label_unit, "%u", f.unit);
    explain_pdu(e, f.unit, f.pdu);
    if (!tcp)
        explain_leaf(e, bytes_part(frame, frame.size - 2, 2), label_sum, "ok");
    explain_close(e);
}
