// Redis lists: LPUSH of what is at hand, BLMPOP of up to 64 at once. A worker sends its results and
// asks for the next jobs in one write.
#include <hiredis/hiredis.h>

#include "tests/bench/peers/peer.h"

#define POP_MAX  64
#define PUSH_MAX 1000

static redisContext *open_connection(const peer_address_t *address)
{
    redisContext *self = redisConnect("127.0.0.1", address->port);
    if (!self || self->err) peer_die("redis");
    return self;
}

static redisReply *next_reply(redisContext *self)
{
    void *reply;
    if (redisGetReply(self, &reply) != REDIS_OK) peer_die(self->errstr);
    if (((redisReply *)reply)->type == REDIS_REPLY_ERROR) peer_die(((redisReply *)reply)->str);
    return reply;
}

static void ask_push(redisContext *self, const char *list, const dc_str_t *messages, size_t count)
{
    const char *words[2 + PUSH_MAX] = { "LPUSH", list };
    size_t sizes[2 + PUSH_MAX] = { 5, strlen(list) };
    for (size_t i = 0; i < count; i++) {
        words[2 + i] = messages[i].data;
        sizes[2 + i] = messages[i].len;
    }
    redisAppendCommandArgv(self, (int)(2 + count), words, sizes);
}

static void ask_pop(redisContext *self, const char *list)
{
    redisAppendCommand(self, "BLMPOP 0 1 %s RIGHT COUNT %d", list, POP_MAX);
}

static void *connect_client(const peer_address_t *address)
{
    return open_connection(address);
}

static void send_messages(void *client, const dc_str_t *messages, size_t count)
{
    for (size_t at = 0; at < count; at += PUSH_MAX) {
        ask_push(client, "jobs", messages + at, count - at < PUSH_MAX ? count - at : PUSH_MAX);
        freeReplyObject(next_reply(client));
    }
}

static size_t receive(void *client, dc_buf_t *lines)
{
    size_t count = 0;
    ask_pop(client, "results");
    redisReply *reply = next_reply(client);
    redisReply *list = reply->element[1];
    for (size_t i = 0; i < list->elements; i++) {
        count += peer_take(dc_str(list->element[i]->str, list->element[i]->len), lines);
    }
    freeReplyObject(reply);
    return count;
}

static void work(const peer_address_t *address)
{
    redisContext *self = open_connection(address);
    dc_buf_t texts[POP_MAX] = { 0 };
    dc_str_t results[POP_MAX];
    ask_pop(self, "jobs");
    for (;;) {
        redisReply *reply = next_reply(self);
        redisReply *list = reply->element[1];
        for (size_t i = 0; i < list->elements; i++) {
            peer_evaluate(dc_str(list->element[i]->str, list->element[i]->len), &texts[i]);
            results[i] = dc_buf_str(&texts[i]);
        }
        ask_push(self, "results", results, list->elements);
        ask_pop(self, "jobs");
        freeReplyObject(reply);
        freeReplyObject(next_reply(self));
    }
}

const peer_t peer_redis = { .name = "redis",
                            .connect = connect_client,
                            .send = send_messages,
                            .receive = receive,
                            .leave = send_messages,
                            .work = work };
