/* The RTU-327 server's patience: who is silent, and who stalls in the middle of a request, is let go while others are served; a
 * taken port is told; it ends with clients connected. Values are looked at in test_rtu327_desk.c and over the program. */
#include "../store/store_help.h"
#include "upstream/rtu327/server.h"

#include <arpa/inet.h>
#include <sys/socket.h>

static const uint8_t version_request[] = { 0x02, 0x00, 0x09, 0x01, 0, 0, 0, 0, 0, 0, 0, RTU327_GETVERSION, 0xA0, 0x10 };
enum { ANSWER_SIZE = 20 };

static int reader(uint16_t port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        abort();
    return fd;
}

/* The server's answer to a request for its version; false when it has let go. */
static bool served(int fd)
{
    uint8_t answer[ANSWER_SIZE];
    struct rtu327_frame f;
    return send(fd, version_request, sizeof version_request, MSG_NOSIGNAL) == sizeof version_request
           && recv(fd, answer, sizeof answer, MSG_WAITALL) == ANSWER_SIZE && rtu327_decode(bytes_of(answer, sizeof answer), &f) && f.code == RTU327_OK;
}

/* Waits until the server closes. */
static bool let_go(int fd)
{
    uint8_t byte;
    return recv(fd, &byte, 1, 0) <= 0;
}

static struct rtu327_server *server(struct store *s, uint16_t port, int idle_s, int frame_s, struct text *why)
{
    struct rtu327_settings settings = { .project = 1 };
    return rtu327_server_new(s, &(struct rtu327_server_options){ "127.0.0.1", port, &settings, NULL, idle_s, frame_s }, why);
}

int main(void)
{
    char reason[200];
    struct text why = text_over(reason, sizeof reason);
    struct store *s = help_open("rtu327-server.db", NULL);
    struct rtu327_server *one = server(s, 0, 3600, 1, &why), *other = NULL;
    if (!ok(one != NULL, "a server"))
        return tap_done();
    uint16_t port = rtu327_server_port(one);
    ok(port != 0, "on a port of its own");
    other = server(s, port, 0, 0, &why);
    ok(!other && *reason, "a taken port is told: %s", reason);

    int steady = reader(port), stalled = reader(port);
    ok(served(steady), "a reader is served");
    ok(served(stalled), "another, too");
    ok(send(stalled, version_request, 5, MSG_NOSIGNAL) == 5, "it begins a request");
    ok(served(steady), "the first is served meanwhile");
    ok(let_go(stalled), "who does not go on is let go");
    ok(served(steady), "who is only silent is not");

    other = server(s, 0, 1, 1, &why);
    int silent = reader(rtu327_server_port(other)), never = reader(rtu327_server_port(other));
    ok(served(silent), "a reader of an impatient server");
    ok(let_go(silent) && let_go(never), "is let go when it is silent, and so is one who never asked");
    rtu327_server_free(&other);

    struct rtu327_figures figures = rtu327_server_figures(one);
    ok(figures.connections == 2 && figures.requests == 4 && figures.refused == 0 && figures.asked_ms > 0, "figures");
    rtu327_server_free(&one);
    ok(let_go(steady), "the server's end is the end of its clients");
    close(steady), close(stalled), close(silent), close(never);
    store_close(&s);
    help_clean();
    return tap_done();
}
