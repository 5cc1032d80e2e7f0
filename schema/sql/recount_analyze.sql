-- What plans are made with. For recount_done().
ANALYZE recount_failure, recount_domain, recount_policy, recount_tally
