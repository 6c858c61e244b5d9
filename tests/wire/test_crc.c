/* Checksums on the sheets' worked examples. */
#include "tap.h"
#include "wire/crc.h"

int main(void)
{
    is_int(crc16_modbus(bytes_of("\x00\x00", 2)), 0xB001, "mercury.md: 00 00");
    is_int(crc16_modbus(bytes_of("\x01\x00", 2)), 0x2000, "mercury.md: 01 00");
    is_int(crc16_x25(bytes_of("\x03\x3F", 2)), 0xEC5B, "greenbook-fcs-test: sent as 5B EC");
    is_int(crc16_x25(bytes_of_text("123456789")), 0x906E, "the catalogue's check value");
    is_int(crc16_modbus(bytes_of_text("123456789")), 0x4B37, "the catalogue's check value");
    is_int(sum8(bytes_of("\x7B\x01", 2)), 0x7C, "mbus.md: short frame");
    return tap_done();
}
