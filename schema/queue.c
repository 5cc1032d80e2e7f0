/* See queue.h.
 * SPDX-License-Identifier: MIT
 * Next: writer.c */
#include "schema/queue.h"

#define BATCH_BYTES (8 << 20) /* of deliveries in one batch, whose rows are held beside them */

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
    size_t bytes = 0;
    *reports = 0;
    while (*end
           && (*reports == 0
               || (*reports + (*end)->delivery->entry_count <= most
                   && bytes + (*end)->bytes <= BATCH_BYTES))) {
        *reports += (*end)->delivery->entry_count;
        bytes += (*end)->bytes;
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
