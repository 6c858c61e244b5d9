/* Serial ports of a Linux machine that have hardware behind them, as its kernel tells. Any thread. */
#pragma once

enum { SERIAL_PORTS = 64 };

struct serial_port {
    char path[64], driver[64]; /* "/dev/ttyS1", "serial8250" */
};

/* In order of their names; `root` is put before paths of the system ("" but for tests), not into what is told. Returns how many. */
int serial_ports(const char *root, struct serial_port ret[SERIAL_PORTS]);
