/* A real mosquitto on a free port of the loopback, started and stopped by a test, and somebody who listens to all it gets. */
#pragma once
#include <arpa/inet.h>
#include <fcntl.h>
#include <jansson.h>
#include <mosquitto.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct broker {
    char folder[256];
    int port;
    const char *settings; /* further lines of its configuration */
    pid_t process;
};

static inline int free_port(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof at;
    int s = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(s, (struct sockaddr *)&at, size) != 0 || getsockname(s, (struct sockaddr *)&at, &size) != 0)
        abort();
    close(s);
    return ntohs(at.sin_port);
}

static inline bool port_answers(int port)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int s = socket(AF_INET, SOCK_STREAM, 0);
    bool answers = connect(s, (struct sockaddr *)&at, sizeof at) == 0;
    close(s);
    return answers;
}

/* Runs a command of the shell; its output goes to broker.log of the folder. */
static inline bool shell(const struct broker *b, const char *command)
{
    char line[2000];
    snprintf(line, sizeof line, "cd '%s' && { %s; } >>shell.log 2>&1", b->folder, command);
    return system(line) == 0;
}

static inline void broker_start(struct broker *b)
{
    char path[300], log[300];
    snprintf(path, sizeof path, "%s/mosquitto.conf", b->folder);
    snprintf(log, sizeof log, "%s/mosquitto.log", b->folder);
    FILE *f = fopen(path, "w");
    fprintf(f, "listener %d 127.0.0.1\nuser root\npersistence true\npersistence_location %s/\nmax_queued_messages 0\nmax_inflight_messages 0\n%s\n",
            b->port, b->folder, b->settings);
    fclose(f);
    fflush(stdout);
    b->process = fork();
    if (b->process == 0) {
        int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
        dup2(out, 1);
        dup2(out, 2);
        execlp("mosquitto", "mosquitto", "-c", path, NULL);
        execl("/usr/sbin/mosquitto", "mosquitto", "-c", path, NULL);
        _exit(127);
    }
    for (int i = 0; i < 500 && !port_answers(b->port); i++)
        usleep(20000);
}

static inline void broker_stop(struct broker *b)
{
    if (b->process > 0) {
        kill(b->process, SIGTERM);
        waitpid(b->process, NULL, 0);
    }
    b->process = 0;
}

/* How often the broker passed a message of that topic on to `client`, what it said again to him not counted: once for each that it
 * took as a new one. For brokers whose settings have "log_type all". */
static inline size_t broker_passed(const struct broker *b, const char *client, const char *topic)
{
    char path[300], sent[100], name[200], line[1000];
    size_t count = 0;
    snprintf(path, sizeof path, "%s/mosquitto.log", b->folder);
    snprintf(sent, sizeof sent, "Sending PUBLISH to %s (d0,", client);
    snprintf(name, sizeof name, "'%s'", topic);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        count += strstr(line, sent) && strstr(line, name);
    if (f)
        fclose(f);
    return count;
}

/* Numbers that came, one per value: how often each moment came, and what it was. */
struct heard {
    char measure[32], tag[32], value[48];
    int64_t meter, ts;
    int times;
};

struct listener {
    struct mosquitto *mosq;
    pthread_mutex_t lock;
    struct heard *heard;
    size_t count, room;
    size_t messages, retained;
    char last_topic[256], status[32];
    unsigned char last[256];      /* how the last message begins */
    size_t last_size;
};

/* Keeps the digits: a number as the message has it. */
static inline void hear_value(struct listener *l, const struct heard *one)
{
    for (size_t i = 0; i < l->count; i++) {
        struct heard *h = &l->heard[i];
        if (h->meter == one->meter && h->ts == one->ts && strcmp(h->tag, one->tag) == 0 && strcmp(h->measure, one->measure) == 0) {
            h->times++;
            memcpy(h->value, one->value, sizeof h->value);
            return;
        }
    }
    if (l->count == l->room) {
        l->room = l->room ? l->room * 2 : 1024;
        l->heard = realloc(l->heard, l->room * sizeof *l->heard);
    }
    l->heard[l->count] = *one;
    l->heard[l->count++].times = 1;
}

static inline void hear_device(struct listener *l, const char *measure, json_t *device)
{
    size_t i, k;
    json_t *val, *tag;
    json_array_foreach(json_object_get(device, "vals"), i, val)
        json_array_foreach(json_object_get(val, "tags"), k, tag) {
            struct heard one = { .meter = json_integer_value(json_object_get(device, "id")), .ts = json_integer_value(json_object_get(val, "ts")) };
            char *text = json_dumps(json_object_get(tag, "val"), JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
            snprintf(one.measure, sizeof one.measure, "%s", measure);
            snprintf(one.tag, sizeof one.tag, "%s", json_string_value(json_object_get(tag, "tag")));
            snprintf(one.value, sizeof one.value, "%s", text);
            free(text);
            hear_value(l, &one);
        }
}

static inline void hear_body(struct listener *l, const char *body, size_t size)
{
    json_t *all = json_loadb(body, size, 0, NULL), *measure, *device;
    size_t i, k;
    json_array_foreach(json_object_get(all, "measures"), i, measure)
        json_array_foreach(json_object_get(measure, "devices"), k, device)
            hear_device(l, json_string_value(json_object_get(measure, "measure")), device);
    json_decref(all);
}

static void heard_message(struct mosquitto *mosq, void *context, const struct mosquitto_message *m)
{
    struct listener *l = context;
    (void)mosq;
    pthread_mutex_lock(&l->lock);
    size_t length = strlen(m->topic);
    if (length >= 7 && strcmp(m->topic + length - 7, "/status") == 0) {
        snprintf(l->status, sizeof l->status, "%.*s", m->payloadlen, (const char *)m->payload);
    } else {
        l->messages++;
        l->retained += m->retain;
        snprintf(l->last_topic, sizeof l->last_topic, "%s", m->topic);
        l->last_size = (size_t)m->payloadlen;
        memcpy(l->last, m->payload, l->last_size < sizeof l->last ? l->last_size : sizeof l->last);
        hear_body(l, m->payload, (size_t)m->payloadlen);
    }
    pthread_mutex_unlock(&l->lock);
}

static void heard_connect(struct mosquitto *mosq, void *context, int code)
{
    (void)context;
    if (code == 0)
        mosquitto_subscribe(mosq, NULL, "#", 2);
}

/* Its session is kept by the broker, so that it misses nothing while it comes back after a restart. */
static inline void listener_start(struct listener *l, const struct broker *b, const char *name)
{
    *l = (struct listener){ 0 };
    pthread_mutex_init(&l->lock, NULL);
    mosquitto_lib_init();
    l->mosq = mosquitto_new(name, false, l);
    mosquitto_connect_callback_set(l->mosq, heard_connect);
    mosquitto_message_callback_set(l->mosq, heard_message);
    mosquitto_reconnect_delay_set(l->mosq, 1, 1, false);
    mosquitto_username_pw_set(l->mosq, "listener", "l");
    mosquitto_connect(l->mosq, "127.0.0.1", b->port, 30);
    mosquitto_loop_start(l->mosq);
}

static inline void listener_stop(struct listener *l)
{
    mosquitto_disconnect(l->mosq);
    mosquitto_loop_stop(l->mosq, false);
    mosquitto_destroy(l->mosq);
    free(l->heard);
    pthread_mutex_destroy(&l->lock);
}
