/* See setup_letter.h.
 * SPDX-License-Identifier: MIT
 * Before: letter.c. Next: setup_text.c */
#include "judge/setup_letter.h"
#include "judge/letter.h"
#include "base/clock.h"
#include "ingest/result.h"
#include <inttypes.h>
#include <string.h>

#define LISTED 10 /* addresses, names of a certificate */

static void add_list(struct buf *out, const char *label, const struct text_list *list)
{
    if (!list->count)
        return;
    buf_text(out, label);
    for (size_t i = 0; i < list->count && i < LISTED; i++) {
        buf_text(out, i ? ", " : "");
        letter_value(out, list->items[i]);
    }
    buf_text(out, list->count > LISTED ? " and more\n" : "\n");
}

static void add_line(struct buf *out, const char *label, const char *value)
{
    if (!value || !*value)
        return;
    buf_text(out, label);
    letter_text(out, value);
    buf_text(out, "\n");
}

static void add_moment(struct buf *out, int64_t seconds)
{
    char text[CLOCK_TEXT_BYTES];
    clock_to_text(seconds, text);
    buf_printf(out, "%.10s %.5s UTC", text, text + 11);
}

/* --- to whoever runs a mail server --- */

static void add_certificate(struct buf *out, const struct setup_certificate *certificate)
{
    add_line(out, "  Certificate: ", certificate->subject);
    add_line(out, "  Issuer: ", certificate->issuer);
    add_list(out, "  Names (SAN): ", &certificate->names);
    buf_text(out, "  Valid: ");
    letter_day(out, clock_day(certificate->begin_seconds));
    buf_text(out, " to ");
    letter_day(out, clock_day(certificate->end_seconds));
    buf_text(out, "\n");
    add_list(out, "  Chain sent: ", &certificate->chain);
    add_line(out, "  SHA-256: ", certificate->sha256);
}

static const char *reach_words(enum setup_reach reach)
{
    return reach == REACH_OPEN      ? "open"
           : reach == REACH_REFUSED ? "refused"
           : reach == REACH_TIMEOUT ? "no answer"
                                    : "not looked at";
}

static const char *starttls_words(enum setup_starttls starttls)
{
    return starttls == STARTTLS_OFFERED   ? "offered"
           : starttls == STARTTLS_MISSING ? "not offered"
           : starttls == STARTTLS_REFUSED ? "offered, then refused"
                                          : "not got so far";
}

static void add_probe(struct buf *out, const struct setup_probe *probe)
{
    buf_printf(out, "\n* %s, ", probe->address);
    add_moment(out, probe->at_seconds);
    buf_printf(out, "\n  Port 25: %s\n", reach_words(probe->reach));
    if (probe->reach != REACH_OPEN)
        return;
    add_line(out, "  Greeting: ", probe->banner);
    buf_printf(out, "  STARTTLS: %s\n", starttls_words(probe->starttls));
    if (probe->tls.tried && !probe->tls.done)
        add_line(out, "  TLS failed: ", probe->tls.why ? probe->tls.why : "no reason was given");
    add_line(out, "  TLS: ", probe->tls.done ? probe->tls.version : NULL);
    if (probe->tls.certificate.shown)
        add_certificate(out, &probe->tls.certificate);
}

static bool is_about(const struct setup_finding *finding, const char *host)
{
    size_t size = strlen(host);
    return finding->step == SETUP_SERVERS && finding->severity <= SEVERITY_WARNING
           && strncmp(finding->subject, host, size) == 0
           && (!finding->subject[size] || finding->subject[size] == ' ');
}

static void add_faults(struct buf *out, const char *host, const struct setup_finding *findings,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_about(&findings[i], host))
            continue;
        buf_printf(out, "* %s\n  ", findings[i].title);
        letter_text(out, findings[i].evidence);
        buf_printf(out, "\n  What to do: %s\n", findings[i].fix);
    }
}

/* Other hosts of the domain that have no fault. */
static size_t count_sound(const struct setup_facts *facts, const struct setup_mx *mx,
                          const struct setup_finding *findings, size_t count)
{
    size_t sound = 0;
    for (size_t i = 0; i < facts->mx_count; i++) {
        bool good = &facts->mx[i] != mx && facts->mx[i].probe_count;
        for (size_t j = 0; j < facts->mx[i].probe_count; j++)
            good &= facts->mx[i].probes[j].tls.done;
        for (size_t j = 0; j < count; j++)
            good &= !is_about(&findings[j], facts->mx[i].name);
        sound += good;
    }
    return sound;
}

const char *setup_letter_mx(struct arena *arena, const struct setup_facts *facts,
                            const struct setup_mx *mx, const struct setup_finding *findings,
                            size_t count)
{
    CLEANUP(buf_done) struct buf out = BUF(LETTER_BYTES);
    size_t sound = count_sound(facts, mx, findings, count);
    buf_printf(&out,
               "Subject: TLS at the mail server %s\n\nHello,\n\nthe mail server %s is named in the "
               "MX records of %s. We looked at it with SMTP and STARTTLS, as a mail server that "
               "checks certificates does (RFC 8461 section 4.2), and found:\n\n",
               mx->name, mx->name, facts->domain);
    add_faults(&out, mx->name, findings, count);
    buf_text(&out, "\nWhat was seen at its addresses (times are UTC):\n");
    for (size_t i = 0; i < mx->probe_count && i < LISTED; i++)
        add_probe(&out, &mx->probes[i]);
    if (sound)
        buf_printf(&out, "\nThe %s of the domain %s the same look.\n",
                   sound == 1 ? "other mail server" : "other mail servers",
                   sound == 1 ? "passes" : "pass");
    buf_printf(
        &out,
        "\nTo see it: openssl s_client -starttls smtp -connect %s:25 -servername %s "
        "-verify_hostname %s -showcerts\n\nWhile this lasts, senders that enforce a domain's "
        "MTA-STS policy do not deliver its mail to this server.\n",
        mx->name, mx->name, mx->name);
    letter_end(&out, "We can look again at any time.");
    return arena_text(arena, buf_get(&out));
}

/* --- to a provider --- */

static void add_answer(struct buf *out, const struct setup_answer *answer)
{
    static const char *const words[] = {
        [LOOKUP_NONE] = "not asked",    [LOOKUP_FOUND] = "",
        [LOOKUP_NODATA] = "none",       [LOOKUP_NXDOMAIN] = "no such name",
        [LOOKUP_SERVFAIL] = "SERVFAIL", [LOOKUP_BOGUS] = "DNSSEC does not hold",
        [LOOKUP_TIMEOUT] = "no answer",
    };
    if (answer->status == LOOKUP_NONE)
        return;
    buf_printf(out, "* %s today: ", answer->type);
    if (answer->status != LOOKUP_FOUND)
        buf_printf(out, "%s\n", words[answer->status]);
    else
        add_list(out, "", &answer->records);
    add_list(out, "  by way of the CNAME ", &answer->aliases);
}

static void add_certificate_today(struct buf *out, const struct setup_facts *facts)
{
    for (size_t i = 0; i < facts->fetches.count; i++) {
        const struct setup_certificate *certificate = &facts->fetches.items[i].tls.certificate;
        if (!certificate->shown)
            continue;
        add_list(out, "* its certificate today names: ", &certificate->names);
        add_line(out, "  and was issued by: ", certificate->issuer);
        return;
    }
}

const char *setup_letter_provider(struct arena *arena, const struct setup_facts *facts)
{
    CLEANUP(buf_done) struct buf out = BUF(LETTER_BYTES);
    const char *host = arena_printf(arena, "mta-sts.%s", facts->domain);
    buf_printf(
        &out,
        "Subject: The host %s and its certificate\n\nHello,\n\nwe want to publish an MTA-STS "
        "policy (RFC 8461) for the mail of %s. Senders fetch it from\n\n"
        "  https://%s/.well-known/mta-sts.txt\n\nand follow no redirect. Please create:\n\n"
        "1. The name %s in DNS: A and AAAA, or a CNAME to the host that serves the policy.\n"
        "2. A certificate of a public certificate authority whose subjectAltName has %s (or a "
        "wildcard of this one level), sent with its full chain, renewed by itself.\n"
        "3. For its issue and renewal: http://%s/.well-known/acme-challenge/ (HTTP-01) or TXT "
        "records at _acme-challenge.%s (DNS-01), and CAA records that permit the authority.\n"
        "4. Port 443 open to everybody, without bot protection, for this one file: status 200, "
        "Content-Type: text/plain.\n\nHow it is today:\n\n",
        host, facts->domain, host, host, host, host, host);
    add_answer(&out, &facts->host_a);
    add_answer(&out, &facts->host_aaaa);
    add_certificate_today(&out, facts);
    if (facts->host_caa.status == LOOKUP_FOUND)
        add_list(&out, "* CAA: ", &facts->host_caa.records);
    letter_end(&out, "The text of the policy comes from us as soon as the host answers.");
    return arena_text(arena, buf_get(&out));
}

/* --- to a sender --- */

const char *setup_letter_sender(struct arena *arena, const struct setup_letter_sender *about)
{
    CLEANUP(buf_done) struct buf out = BUF(LETTER_BYTES);
    const struct result *result = result_find(about->result);
    buf_printf(&out,
               "Subject: Your TLS reports about %s\n\nHello,\n\nthank you for your reports "
               "(SMTP TLS Reporting, RFC 8460). Those of ",
               about->domain);
    letter_value(&out, about->reporter);
    buf_printf(&out, " alone tell of failures with %s:\n\n* Result type: ", about->domain);
    letter_value(&out, about->result);
    buf_printf(&out, "\n  %s\n* Sessions: %" PRId64 ", ", result->meaning, about->sessions);
    letter_day(&out, about->first_day);
    buf_text(&out, " to ");
    letter_day(&out, about->last_day);
    buf_text(&out, " (UTC)\n");
    add_line(&out, "* Mail server: ", about->mx);
    if (about->checked)
        buf_text(&out, "* Our own look at this server finds STARTTLS, and a certificate that is "
                       "trusted, valid and names it.\n");
    buf_text(&out, "\nNo other sender reports this. Does your system trust the issuer of its "
                   "certificate, does it send the server's name (SNI), and does a filter stand "
                   "between it and the network that removes STARTTLS?\n");
    letter_end(&out, "Certificate and log can be sent to you.");
    return arena_text(arena, buf_get(&out));
}
