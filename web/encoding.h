/* Answers that a client has already, and answers that travel small: ETag and If-None-Match (RFC 9110
 * section 8.8.3), and gzip for those who take it.
 * SPDX-License-Identifier: MIT
 * Before: http.h. Next: api.h */
#pragma once

#include "web/http.h"

/* Answers REQUEST with RESPONSE, of status 200 and with room for three more header fields; in place of
 * it with 304 when the client has just this. */
void encoding_respond(struct request *request, struct response *response);
