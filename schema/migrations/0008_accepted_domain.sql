-- Whose reports are taken, where this is kept in the database (setting domains.table): written by the
-- operator or his other programs, only read here. A view of this name and column may take its place.

CREATE TABLE tlsrpt.accepted_domain (
    name text PRIMARY KEY       -- "example.org", or "*.example.org" for all below it
);

COMMENT ON TABLE tlsrpt.accepted_domain IS
    'Domains whose reports are taken, with domains.table = true; changes count within seconds';
