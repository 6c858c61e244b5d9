/* Checksums of the wire formats. */
#pragma once
#include "base/bytes.h"

/* CRC-16/X.25: polynomial 0x1021 reflected, init and xor-out 0xFFFF. HCS and FCS of HDLC, sent low byte first. */
uint16_t crc16_x25(struct bytes b);

/* CRC-16/MODBUS: polynomial 0x8005 reflected, init 0xFFFF, no xor-out, sent low byte first. Меркурий, Modbus RTU. */
uint16_t crc16_modbus(struct bytes b);

/* RTU-327 (rtu327.h): polynomial 0x1021 not reflected, init 0xFFFF, no xor-out, and two habits of its own: the byte is added
 * behind the division, and as a signed one, so that those from 80h on turn the high half over. Sent high byte first. */
uint16_t crc16_rtu327(struct bytes b);

/* Sum of all bytes modulo 256: M-Bus. */
uint8_t sum8(struct bytes b);
