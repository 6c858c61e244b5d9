/* The machine the server runs on, for the page «Хост» (manual S3 2.2.17): Linux's own words from /proc, /sys and the C library.
 * What a machine does not tell is 0 or "". Any thread. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { HOST_TEXT = 128, HOST_INTERFACES = 64, HOST_ADDRESSES = 8 };

struct host_facts {
    char name[HOST_TEXT];      /* SVOD_NAME of the environment, else the machine's name */
    char system[HOST_TEXT];    /* "Debian GNU/Linux 12 (bookworm)" */
    char kernel[HOST_TEXT];    /* "Linux 6.1.0 x86_64" */
    char zone[HOST_TEXT];      /* "Europe/Moscow"; "" when only the offset is known */
    int zone_minutes;          /* east of UTC, now */
    bool clock_synchronised;   /* the kernel's word (adjtimex): some time service holds the clock */
    int64_t up_s;              /* of the machine */
    int processors;
    double load[3];            /* runnable processes over 1, 5 and 15 minutes */
    int busy_percent;          /* of all processors since the last call, or since the machine began */
    int64_t memory, memory_free;         /* bytes; free: what programs may still take */
    int64_t swap, swap_free;
    int64_t own_memory;                  /* of this process */
    int64_t disk, disk_free;             /* of the file system that holds `path` */
    char disk_place[HOST_TEXT];          /* the folder */
};

struct host_interface {
    char name[32], mac[20];
    bool up;
    char address[HOST_ADDRESSES][64]; /* "192.168.0.5/24" */
    int addresses;
};

void host_look(const char *path, struct host_facts *ret);
int host_interfaces(struct host_interface ret[HOST_INTERFACES]);

/* Free space in percent of the file system that holds `path`; -1 when unknown. */
int host_free_percent(const char *path);
