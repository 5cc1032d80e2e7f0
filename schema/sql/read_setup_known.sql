-- $1 text: name of a domain. For read_setup_past().
SELECT d.id AS domain_id, coalesce(floor(extract(epoch FROM s.last_report_at)), 0)::bigint AS last_report_seconds
  FROM ledger.domain d
  LEFT JOIN ledger.domain_status s ON s.domain_id = d.id
 WHERE d.name = $1::text
