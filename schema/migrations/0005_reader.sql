-- Who may look and not touch: the role tlsrptd_reader, for the pages and for dashboards.

CREATE FUNCTION ledger.ensure_reader() RETURNS boolean
LANGUAGE plpgsql AS $$
-- Makes the role if it is missing, lets it read all there is by now, and the present user take its
-- place (SET ROLE): each as far as the present user may. True when he can take its place.
DECLARE
    relation text;
    membership text := CASE WHEN current_setting('server_version_num')::int >= 160000
                            THEN 'SET' ELSE 'MEMBER' END;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tlsrptd_reader') THEN
        BEGIN
            CREATE ROLE tlsrptd_reader NOLOGIN;
        EXCEPTION
            WHEN insufficient_privilege THEN
                RETURN false;
            WHEN unique_violation OR duplicate_object THEN
                NULL; -- another database of this server has just made it
        END;
    END IF;
    FOR relation IN
        SELECT oid::regnamespace::text FROM pg_namespace
         WHERE nspname IN ('ledger', 'tlsrpt')
           AND NOT has_schema_privilege('tlsrptd_reader', oid, 'USAGE')
    LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %s TO tlsrptd_reader', relation);
    END LOOP;
    FOR relation IN
        SELECT oid::regclass::text FROM pg_class
         WHERE relnamespace IN ('ledger'::regnamespace, 'tlsrpt'::regnamespace)
           AND relkind IN ('r', 'p', 'v') AND NOT relispartition
           AND NOT has_table_privilege('tlsrptd_reader', oid, 'SELECT')
    LOOP
        EXECUTE format('GRANT SELECT ON %s TO tlsrptd_reader', relation);
    END LOOP;
    IF NOT pg_has_role(current_user, 'tlsrptd_reader', membership) THEN
        BEGIN
            EXECUTE format('GRANT tlsrptd_reader TO %I', current_user);
        EXCEPTION
            WHEN insufficient_privilege THEN
                RETURN false;
        END;
    END IF;
    RETURN true;
END $$;
