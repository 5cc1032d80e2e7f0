/* A self-signed certificate for the report listener of a private installation. A sender of reports
 * may ignore certificate errors (RFC 8460 section 5.5).
 * SPDX-License-Identifier: MIT
 * Before: service.h */
#pragma once

#include "base/arena.h"
#include "base/err.h"

/* Makes DIRECTORY/certificate.pem and DIRECTORY/key.pem (mode 0600) unless both are there; their paths
 * are in ARENA. Valid for ten years, for this host's name and localhost. */
MUST_CHECK bool certificate_ensure(struct arena *arena, const char *directory,
                                   const char **certificate, const char **key, struct err *err);
