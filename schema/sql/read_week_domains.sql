-- $1 date: a Monday, $2 int: how many rows of the tally to look at. In how many domains sessions failed in
-- its week and in the week before, and at how many rows was looked. One row. For read_week_domains().
SELECT count(DISTINCT domain_id) FILTER (WHERE present) AS domains,
       count(*) FILTER (WHERE present) AS looked,
       count(DISTINCT domain_id) FILTER (WHERE NOT present) AS domains_before,
       count(*) FILTER (WHERE NOT present) AS looked_before
  FROM ((SELECT true AS present, domain_id
           FROM ledger.tally
          WHERE day BETWEEN $1::date AND $1::date + 6
            AND result NOT IN ('successful', 'total-failure') AND sessions > mirrored_sessions
          LIMIT $2::int)
         UNION ALL
        (SELECT false, domain_id
           FROM ledger.tally
          WHERE day BETWEEN $1::date - 7 AND $1::date - 1
            AND result NOT IN ('successful', 'total-failure') AND sessions > mirrored_sessions
          LIMIT $2::int)) t
