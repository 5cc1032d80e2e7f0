-- No parameters. Brings the rights of the role tlsrptd_reader up to date; whether the present user can
-- take its place. For migrate().
SELECT ledger.ensure_reader() AS usable
