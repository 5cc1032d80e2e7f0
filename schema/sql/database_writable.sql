-- Can be written to: neither a standby nor made read only. For upkeep_try().
SELECT NOT (pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean) AS writable
