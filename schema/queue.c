/* See queue.h.
 * SPDX-License-Identifier: MIT
 * Next: writer.c */
#include "schema/queue.h"

void queue_init(struct queue *queue)
{
    *queue = (struct queue){ .end = &queue->first };
}

void queue_put(struct queue *queue, struct delivery *delivery)
{
    struct waiting *waiting = arena_alloc(&delivery->arena, sizeof *waiting);
    waiting->delivery = delivery;
    waiting->bytes = delivery->arena.bytes;
    *queue->end = waiting;
    queue->end = &waiting->next;
    queue->reports += delivery->entry_count;
    queue->bytes += waiting->bytes;
}

struct waiting *queue_take(struct queue *queue, size_t most, size_t *reports)
{
    struct waiting *taken = queue->first, **end = &taken;
    *reports = 0;
    while (*end && (*reports == 0 || *reports + (*end)->delivery->entry_count <= most)) {
        *reports += (*end)->delivery->entry_count;
        queue->bytes -= (*end)->bytes;
        end = &(*end)->next;
    }
    queue->reports -= *reports;
    queue->first = *end;
    *end = NULL;
    if (!queue->first)
        queue->end = &queue->first;
    return taken;
}
