-- $1 the last name of the page before, $2 rows. Called by accepted.c.
SELECT name
  FROM tlsrpt.accepted_domain
 WHERE name > $1
 ORDER BY name
 LIMIT $2
