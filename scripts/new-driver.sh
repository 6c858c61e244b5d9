#!/usr/bin/env bash
# A new family of meters: writes src/drivers/<name>.c, which compiles and reads one register, and a fixture for it. From
# here on a driver's author replaces the example's protocol with the meter's (docs/add-a-meter.md).
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:?usage: ./dev new-driver name}
[[ $name =~ ^[a-z][a-z0-9_]*$ ]] || { echo "a driver's name is a C identifier in lower case" >&2; exit 2; }
file=src/drivers/$name.c
[ ! -e "$file" ] || { echo "$file exists" >&2; exit 2; }

cat >"$file" <<C
/* $name: which meters, after which document.
 *
 * Frame: AA CC DDDD KKKK    A address, C command, D data big endian, K CRC-16/MODBUS low first; the reply is the same.
 * Example: 05 01 0000 CRC asks meter 5 for its register; the answer's data are tens of Wh. */
#include "drivers/driver.h"
#include "wire/crc.h"

enum { FRAME_SIZE = 6, READ_REGISTER = 0x01 };

struct ${name}_settings {
    int32_t address;
};

static struct frame_found find(struct bytes received, void *context)
{
    (void)context;
    if (received.size < FRAME_SIZE)
        return (struct frame_found){ FRAME_PARTIAL, 0, FRAME_SIZE };
    struct cursor sum = cursor_over(bytes_part(received, FRAME_SIZE - 2, 2));
    bool good = crc16_modbus(bytes_part(received, 0, FRAME_SIZE - 2)) == take_le16(&sum);
    return (struct frame_found){ good ? FRAME_WHOLE : FRAME_DAMAGED, 0, FRAME_SIZE };
}

static enum verdict judge(void *context, struct bytes frame)
{
    const struct ${name}_settings *s = context;
    struct cursor r = cursor_over(frame);
    return take_u8(&r) == s->address ? VERDICT_MINE : VERDICT_FOREIGN;
}

static struct cursor ask(struct conversation *c, uint8_t command, uint16_t data)
{
    struct ${name}_settings s = *(const struct ${name}_settings *)conversation_settings(c);
    uint8_t memory[FRAME_SIZE];
    struct writer w = writer_over(memory, sizeof memory);
    put_u8(&w, (unsigned)s.address);
    put_u8(&w, command);
    put_be16(&w, data);
    put_le16(&w, crc16_modbus(writer_bytes(&w)));
    struct bytes answer = conversation_ask(c, &(struct question){ .request = writer_bytes(&w), .find = find, .judge = judge, .context = &s });
    return cursor_over(bytes_part(answer, 2, 2));
}

static void no_session(struct conversation *c)
{
    (void)c;
}

static void ${name}_current(struct conversation *c, const struct want *w, struct sink *out)
{
    struct record record = { .out = out, .wall = w->now, .archive = ARCHIVE_CURRENT };
    struct cursor r = ask(c, READ_REGISTER, 0);
    int64_t tens = take_be16(&r);
    if (!conversation_fault(c))
        emit(&record, OBIS(1, 0, 1, 8, 0, 255), decimal_of(tens, 1));
}

static const struct parameter parameters[] = {
    { .name = "address", .kind = PARAMETER_NUMBER, PARAMETER(${name}_settings, address), .preset = "1", .least = 1, .most = 247,
      .title = { { "Сетевой адрес", "Network address" } }, .help = { { "1..247", "1..247" } } },
    { .name = NULL },
};

static const struct model models[] = {
    { .name = "$name", .maker = "?" },
    { .name = NULL },
};

DRIVER($name) = {
    .name = "$name",
    .title = { { "$name", "$name" } },
    .sheet = "the meter's document, section",
    .resource = RESOURCE_ELECTRICITY,
    .line = { 9600, 8, 'N', 1 },
    .models = models,
    .parameters = parameters,
    .settings_size = sizeof(struct ${name}_settings),
    .open = no_session,
    .close = no_session,
    .read = { [ARCHIVE_CURRENT] = ${name}_current },
};
C

mkdir -p "tests/drivers/$name"
cat >"tests/drivers/$name/register.txt" <<T
#driver $name
#set address=5
#read current 2026-11-21 09:00
#source made by ./dev new-driver; put a real meter's frames here
>> 05 01 00 00 51 28
<< 05 01 04 D2 D3 B5
#= current 1.0.1.8.0.255 12340 Вт·ч
T
echo "$file and tests/drivers/$name/register.txt are there; see docs/add-a-meter.md"
