/* A connection by one network interface and no other. */
#include "link/pipe_fd.h"
#include "tap.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

static uint16_t port;
static struct loop *loop;

static int listen_somewhere(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, 5) != 0 || getsockname(fd, (struct sockaddr *)&a, &size) != 0)
        return -1;
    port = ntohs(a.sin_port);
    return fd;
}

/* How opening ends, and by which interface the socket goes. */
static enum fault open_by(const char *interface, char device[32], char said[200])
{
    struct pipe *p = pipe_tcp_by_new(interface, "127.0.0.1", port);
    struct text why = text_over(said, 200);
    socklen_t size = 31;
    enum fault f = pipe_open(p, loop_now_us(loop) + 10000000, &why);
    device[0] = '\0';
    if (f == FAULT_NONE && getsockopt(((struct pipe_fd *)p)->watch.fd, SOL_SOCKET, SO_BINDTODEVICE, device, &size) == 0)
        device[size < 31 ? size : 31] = '\0';
    pipe_free(&p);
    return f;
}

static void test(void *context)
{
    char device[32], said[200];
    (void)context;
    is_int(open_by("", device, said), FAULT_NONE, "whichever way there is");
    is_text(device, "");
    is_int(open_by("lo", device, said), FAULT_NONE, "by the loop");
    is_text(device, "lo", "by it alone");
    is_int(open_by("nosuch0", device, said), FAULT_NO_CONNECTION, "by one that is not there");
    ok(strstr(said, "nosuch0") != NULL, "told which: %s", said);
}

static void test_names(void)
{
    static const char *const good[] = { "", "eth0", "wwan0", "enp3s0.12", "br-lan" }, *const bad[] = { ".", "..", "a/b", "eth 0", "interface-too-long", "if!x", "eth0\n" };
    char said[200];
    struct text why = text_over(said, sizeof said);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ok(interface_name_valid(good[i]), "a name: '%s'", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(!interface_name_valid(bad[i]), "no name %zu", i);
    ok(!interface_trouble("", LANG_EN, &why) && !interface_trouble("lo", LANG_EN, &why), "nothing is wrong with these");
    ok(interface_trouble("nosuch0", LANG_EN, &why));
    is_text(said, "there is no network interface nosuch0");
}

int main(void)
{
    int fd = listen_somewhere();
    loop = loop_new();
    test_names();
    loop_spawn(loop, test, NULL);
    loop_run(loop);
    loop_free(&loop);
    close(fd);
    return tap_done();
}
