/* See scatter.h.
 * SPDX-License-Identifier: MIT */
#include "base/scatter.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static uint64_t turned(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static void mix(uint64_t v[4], int rounds)
{
    for (int i = 0; i < rounds; i++) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = turned(v[1], 13) ^ v[0];
        v[3] = turned(v[3], 16) ^ v[2];
        v[0] = turned(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = turned(v[1], 17) ^ v[2];
        v[3] = turned(v[3], 21) ^ v[0];
        v[2] = turned(v[2], 32);
    }
}

static void take(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    mix(v, 2);
    v[0] ^= word;
}

/* Up to eight bytes, the first the lowest. */
static uint64_t word_of(const unsigned char *bytes, size_t size)
{
    uint64_t word = 0;
    for (size_t i = 0; i < size; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

uint64_t scatter_by(const uint64_t key[2], const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    uint64_t v[4] = { key[0] ^ UINT64_C(0x736f6d6570736575), key[1] ^ UINT64_C(0x646f72616e646f6d),
                      key[0] ^ UINT64_C(0x6c7967656e657261),
                      key[1] ^ UINT64_C(0x7465646279746573) };
    size_t rest = size;
    for (; rest >= 8; rest -= 8, at += 8)
        take(v, word_of(at, 8));
    take(v, word_of(at, rest) | (uint64_t)size << 56);
    v[2] ^= 0xff;
    mix(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static pthread_once_t made = PTHREAD_ONCE_INIT;
static uint64_t own_key[2];

static void make_key(void)
{
    if (getrandom(own_key, sizeof own_key, 0) != (ssize_t)sizeof own_key)
        abort(); /* the kernel always has some */
}

uint64_t scatter(const void *bytes, size_t size)
{
    pthread_once(&made, make_key);
    return scatter_by(own_key, bytes, size);
}

uint64_t scatter_text(const char *text)
{
    return scatter(text, strlen(text));
}
