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

uint8_t sum8(struct bytes b)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < b.size; i++)
        sum = (uint8_t)(sum + b.data[i]);
    return sum;
}
