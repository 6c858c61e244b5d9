/* Checksums; see crc.h. Tables are computed by the compiler from the polynomial, one nibble at a time: 32 bytes each,
 * fast enough that no line notices. */
#include "wire/crc.h"

#define STEP(poly, v) ((v) & 1 ? (uint16_t)((v) >> 1 ^ (poly)) : (uint16_t)((v) >> 1))
#define NIBBLE(poly, v) STEP(poly, STEP(poly, STEP(poly, STEP(poly, v))))
#define TABLE(poly) \
    { NIBBLE(poly, 0), NIBBLE(poly, 1), NIBBLE(poly, 2), NIBBLE(poly, 3), NIBBLE(poly, 4), NIBBLE(poly, 5), \
      NIBBLE(poly, 6), NIBBLE(poly, 7), NIBBLE(poly, 8), NIBBLE(poly, 9), NIBBLE(poly, 10), NIBBLE(poly, 11), \
      NIBBLE(poly, 12), NIBBLE(poly, 13), NIBBLE(poly, 14), NIBBLE(poly, 15) }

static const uint16_t x25[16] = TABLE(0x8408);
static const uint16_t modbus[16] = TABLE(0xA001);

static uint16_t run(const uint16_t table[16], struct bytes b)
{
    uint16_t crc = 0xFFFF;
    for (size_t i = 0; i < b.size; i++) {
        crc ^= b.data[i];
        crc = (uint16_t)(crc >> 4 ^ table[crc & 15]);
        crc = (uint16_t)(crc >> 4 ^ table[crc & 15]);
    }
    return crc;
}

uint16_t crc16_x25(struct bytes b)
{
    return run(x25, b) ^ 0xFFFF;
}

uint16_t crc16_modbus(struct bytes b)
{
    return run(modbus, b);
}

#define UP(v) ((v) & 0x8000 ? (uint16_t)((v) << 1 ^ 0x1021) : (uint16_t)((v) << 1))
#define UP_NIBBLE(v) UP(UP(UP(UP((v) << 12))))

static const uint16_t ccitt[16] = {
    UP_NIBBLE(0), UP_NIBBLE(1), UP_NIBBLE(2), UP_NIBBLE(3), UP_NIBBLE(4), UP_NIBBLE(5), UP_NIBBLE(6), UP_NIBBLE(7),
    UP_NIBBLE(8), UP_NIBBLE(9), UP_NIBBLE(10), UP_NIBBLE(11), UP_NIBBLE(12), UP_NIBBLE(13), UP_NIBBLE(14), UP_NIBBLE(15),
};

uint16_t crc16_rtu327(struct bytes b)
{
    uint16_t crc = 0xFFFF;
    for (size_t i = 0; i < b.size; i++) {
        crc = (uint16_t)(crc << 4 ^ ccitt[crc >> 12]);
        crc = (uint16_t)(crc << 4 ^ ccitt[crc >> 12]);
        crc ^= (uint16_t)(int8_t)b.data[i];
    }
    return crc;
}

uint8_t sum8(struct bytes b)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < b.size; i++)
        sum = (uint8_t)(sum + b.data[i]);
    return sum;
}
