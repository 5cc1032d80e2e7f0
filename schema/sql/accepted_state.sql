-- How many names there are and the sum of their hashes: differs when any of them does. No parameters.
-- Called by accepted.c.
SELECT count(name) AS count,
       coalesce(sum(hashtextextended(name, 0)), 0)::text AS digest
  FROM tlsrpt.accepted_domain
