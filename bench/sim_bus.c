/* How well a simulated bus keeps its pace: build/bench/sim_bus [speed [exchanges]]
 *
 * A master that answers at once asks one meter; the time taken is compared with the bits and the turnarounds. What is
 * more than the plan is the cost of processes waking each other. */
#include "base/clock.h"
#include "sim/parrot.h"
#include "sim/rs485.h"

#include <fcntl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    static const char question[] = "<5:0123456789012345678901234567890123456789>";
    int speed = argc > 1 ? atoi(argv[1]) : 9600, exchanges = argc > 2 ? atoi(argv[2]) : 40;
    char message[256], c;
    struct text problem = text_over(message, sizeof message);
    struct rs485 *b = rs485_new(&(struct rs485_options){ .line = { (uint32_t)speed, 8, 'N', 1 } }, LANG_EN, &problem);
    if (!b) {
        puts(message);
        return 1;
    }
    rs485_add(b, &(struct sim_birth){ .twin = &twin_parrot, .serial = 5000, .address = 5 });
    rs485_start(b);
    int fd = open(rs485_device(b), O_RDWR | O_NOCTTY);
    int64_t start = clock_monotonic_ns();
    for (int i = 0; i < exchanges; i++) {
        if (write(fd, question, sizeof question - 1) < 0)
            return 1;
        while (read(fd, &c, 1) == 1 && c != '>')
            ;
    }
    double taken = (double)(clock_monotonic_ns() - start) / 1e9;
    struct rs485_figures f = rs485_figures(b);
    double plan = (double)(f.bits_us + f.turnaround_us) / 1e6, whole = (double)(f.until_us - f.since_us) / 1e6;
    printf("%d bit/s: %.3f s taken, %.3f s planned, %+.2f %%; line used %.2f %%\n", speed, taken, plan,
           100 * (taken / plan - 1), 100 * plan / whole);
    close(fd);
    rs485_free(&b);
    return 0;
}
