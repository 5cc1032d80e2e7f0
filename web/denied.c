/* See denied.h.
 * SPDX-License-Identifier: MIT */
#include "web/denied.h"
#include "web/api.h"
#include "web/pages.h"
#include <inttypes.h>
#include <string.h>

/* RFC 7617: passwords are UTF-8. */
#define CHALLENGE "Basic realm=\"tlsrptd\", charset=\"UTF-8\""

static struct trouble strange(struct arena *arena, const struct auth_decision *decision)
{
    size_t size = strcspn(decision->host, ":");
    return (struct trouble){
        .status = 421,
        .title = "Not a name of this service",
        .text = "It answers to names that it knows only, so that no other site can read it through "
                "your browser. If the name in the address bar is one of this service, say so in "
                "its settings and reload them:",
        .detail = arena_printf(arena, "web { hosts = { \"%.253s\" } }",
                               arena_copy(arena, decision->host, size)),
    };
}

void denied_answer(struct request *request, const struct auth_decision *decision)
{
    struct trouble trouble = { .status = 401, .title = "Log in" };
    switch (decision->verdict) {
    case AUTH_STRANGE:
        trouble = strange(&request->arena, decision);
        break;
    case AUTH_PLAIN:
        trouble = (struct trouble){
            .status = 403,
            .title = "Not without encryption",
            .text = "This address is for the proxy that encrypts (web.trusted_proxies). Use the "
                    "proxy\u2019s address, which begins with https.",
        };
        break;
    case AUTH_PROXY_ONLY:
        trouble = (struct trouble){
            .status = 403,
            .title = "Nobody is named",
            .text = "Pages are for users that a trusted proxy names in one line of the header "
                    "that web.proxy_user_header says. This request came from another address than "
                    "web.trusted_proxies lists, or without that header, or with two of them.",
        };
        break;
    case AUTH_NEEDED:
        trouble.text = "Pages are for users. The operator adds one with:";
        trouble.detail = "tlsrptd user NAME";
        break;
    case AUTH_WRONG:
        trouble.text = "There is no such user, or the password is another. The operator sets a "
                       "new one with:";
        trouble.detail = "tlsrptd user NAME";
        break;
    case AUTH_LIMITED:
        trouble = (struct trouble){
            .status = 429,
            .title = "Too many failed log-ins",
            .text = "Passwords are not looked at for a moment. Try again in a minute.",
        };
        break;
    case AUTH_PASSED:
    case AUTH_CHECK:
        break;
    }
    if (trouble.status == 401)
        trouble.header = (struct http_field){ .name = "WWW-Authenticate", .value = CHALLENGE };
    if (trouble.status == 429)
        trouble.header = (struct http_field){
            .name = "Retry-After",
            .value = arena_printf(&request->arena, "%" PRId64, decision->retry_seconds),
        };
    if (trouble.detail && api_owns(request->path)) { /* a problem has one text */
        trouble.text = arena_printf(&request->arena, "%s %s", trouble.text, trouble.detail);
        trouble.detail = NULL;
    }
    pages_answer_trouble(request, &trouble);
}
