/* The API: what all its resources share.
 *
 * A resource is one `struct resource` in a file api_*.c, and a page without HTML (page.h) that names
 * its path. It says which arguments it takes and which columns it gives; from that come the reading of
 * the request, the answer as JSON or CSV, and the OpenAPI document (openapi.c). A list is
 * {"items": […], "next": cursor or null}; a cursor is text that `?after=` of the next request takes
 * back unchanged. What is wrong is told as a problem (RFC 9457) that names the argument.
 *
 * SPDX-License-Identifier: MIT
 * Before: table.h, page.h. Next: pages.h */
#pragma once

#include "schema/read_data.h"
#include "web/page.h"
#include "web/table.h"

/* Arguments of a request, as bits. */
enum api_argument {
    API_DOMAIN = 1 << 0,
    API_MX = 1 << 1,
    API_REPORTER = 1 << 2,
    API_FROM = 1 << 3,
    API_TO = 1 << 4,
    API_POLICY_TYPE = 1 << 5,
    API_RESULT_TYPE = 1 << 6,
    API_TRUSTED = 1 << 7,
    API_FAILED = 1 << 8,
    API_SOURCE = 1 << 9,
    API_TEXT = 1 << 10,
    API_LIMIT = 1 << 11,
    API_AFTER = 1 << 12,
    API_CSV = 1 << 13,      /* format: json or csv */
    API_ORIGINAL = 1 << 14, /* format: json or original */
};
#define API_SPAN (API_FROM | API_TO)
#define API_LIST (API_LIMIT | API_AFTER | API_CSV)

/* For the document. */
struct api_argument_row {
    enum api_argument bit;
    const char *name;
    const char *schema; /* JSON Schema of its value */
    const char *help;
};

/* A request's arguments, each checked. */
struct api_query {
    struct data_filter filter; /* every day, unless the request says otherwise */
    const char *after;         /* NULL: from the beginning */
    bool csv, original;
};

#define API_PARTS 6

/* A single thing: its row, and the lists that belong to it. */
struct api_found {
    const void *row; /* NULL: there is no such thing */
    struct rows parts[API_PARTS];
};

/* A list inside a single thing. */
struct api_part {
    const char *name, *help;
    const struct table *table;
};

struct resource {
    const char *name;             /* operationId, and the name of a CSV file */
    const char *summary;          /* a line */
    const char *about;            /* more of it; NULL: nothing */
    const char *segment;          /* what '*' in the path is called: "name"; NULL: none */
    unsigned arguments;           /* API_… */
    const char *type;             /* media type of what is neither list nor thing; NULL */
    const struct table *table;    /* of an item, or of the thing; NULL: neither */
    const struct api_part *parts; /* of a thing; ends with one without a name; NULL: none */

    /* A list: the rows of one page, and the cursor behind one of them. */
    bool (*list)(struct visit *visit, const struct api_query *query, struct rows *rows,
                 struct err *err);
    const char *(*cursor)(struct arena *arena, const void *row);

    /* A single thing, named by visit->argument. */
    bool (*find)(struct visit *visit, const struct api_query *query, struct api_found *out,
                 struct err *err);

    /* Something of a type of its own: instead of both, or as "?format=original". Leaves the status 0
     * when there is no such thing. */
    bool (*serve)(struct visit *visit, struct response *out, struct err *err);
};

/* True for paths of the API, whose troubles are told as problems and not as pages. */
bool api_owns(const char *path);

/* Answers with a problem. */
void api_respond_problem(struct request *request, const struct trouble *trouble);

/* Reads the arguments that RESOURCE takes. ERR_INPUT names one that is wrong, or that it does not
 * take. */
MUST_CHECK bool api_read(struct request *request, const struct resource *resource,
                         struct api_query *out, struct err *err);

/* Answers a request for RESOURCE. False, and nothing is answered, with an error or when there is no
 * such thing (ERR_NONE). */
MUST_CHECK bool api_answer(struct visit *visit, const struct resource *resource, struct err *err);

/* Arguments in the order of the document; NULL behind the last. */
const struct api_argument_row *api_argument_at(size_t index);
