/* Looks at the sample domains as if they had been gone to: what each has published, and how its servers are, fits
 * what its reports tell. Nothing is asked of anybody. All addresses are of documentation, and the certificates
 * name their issuer "Sample CA".
 *
 * SPDX-License-Identifier: MIT
 * Before: demo.h. Next: demo_fill.c */
#pragma once

#include "base/arena.h"
#include "judge/setup.h"

/* What a look at the domain INDEX, from 0 on, sees at AT; false behind the last. NOW is the newest look: what is to
 * come, such as the end of a certificate, is told from it. In ARENA. */
bool demo_look(struct arena *arena, size_t index, int64_t at_seconds, int64_t now_seconds,
               struct setup_facts *facts, struct setup_history *history);
