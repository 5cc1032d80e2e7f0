-- What strangers publish is bounded where it could do harm.

-- How often an address was gone to within the hour, under whatever names.
CREATE INDEX probe_address ON ledger.probe (address, at);

-- Records may be longer than an entry of an index can be.
ALTER TABLE ledger.setup_value DROP CONSTRAINT setup_value_pkey;
CREATE UNIQUE INDEX setup_value_key ON ledger.setup_value (domain_id, kind, md5(value));
