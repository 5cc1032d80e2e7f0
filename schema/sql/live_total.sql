-- How many domains were looked at, and what was found in all of them. For read_live_metrics().
SELECT count(*) AS domains, coalesce(sum(errors), 0)::bigint AS errors, coalesce(sum(warnings), 0)::bigint AS warnings,
       coalesce(sum(unknowns), 0)::bigint AS unknowns
  FROM ledger.setup
