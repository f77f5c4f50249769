-- Who is acting: set per transaction by songhe.core.acting; no context = no areas = no rows.
CREATE FUNCTION app_areas() RETURNS int[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(nullif(current_setting('app.areas', true), ''), '{}')::int[] $$;

CREATE FUNCTION app_user() RETURNS int LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(nullif(current_setting('app.user', true), ''), '0')::int $$;

CREATE FUNCTION app_post() RETURNS int LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(nullif(current_setting('app.post', true), ''), '0')::int $$;

-- The canonical text of an audit row: what the hash covers.
CREATE FUNCTION audit_text(id bigint, at timestamptz, user_id int, post_id int, verb text, subject text,
                           subject_id bigint, area_id int, detail jsonb) RETURNS bytea LANGUAGE sql IMMUTABLE AS
$$ SELECT convert_to(jsonb_build_array(id, (extract(epoch FROM at) * 1000000)::bigint, user_id, post_id, verb, subject,
                                       subject_id, area_id, detail)::text, 'UTF8') $$;

-- The only way in. 64 chains, so that writers do not queue behind one head row: a backend begins at its own and takes the
-- next that nobody holds. It waits only when all are held, so two backends never wait for each other's chain.
CREATE FUNCTION audit_add(a_verb text, a_subject text, a_subject_id bigint, a_area_id int, a_detail jsonb)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    own smallint := pg_backend_pid() % 64;
    link smallint;
    before bytea;
    after bytea;
    new_id bigint;
    now_at timestamptz := clock_timestamp();
BEGIN
    FOR turn IN 0..63 LOOP
        SELECT h.chain, h.hash INTO link, before FROM core_audit_head h WHERE h.chain = (own + turn) % 64 FOR UPDATE SKIP LOCKED;
        EXIT WHEN FOUND;
    END LOOP;
    IF link IS NULL THEN
        SELECT h.chain, h.hash INTO link, before FROM core_audit_head h WHERE h.chain = own FOR UPDATE;
    END IF;
    new_id := nextval(pg_get_serial_sequence('core_audit', 'id'));
    after := sha256(before || audit_text(new_id, now_at, app_user(), app_post(), a_verb, a_subject, a_subject_id,
                                         a_area_id, coalesce(a_detail, '{}')));
    INSERT INTO core_audit (id, at, user_id, post_id, verb, subject, subject_id, area_id, detail, chain, prev, hash)
    OVERRIDING SYSTEM VALUE
    VALUES (new_id, now_at, app_user(), app_post(), a_verb, a_subject, a_subject_id, a_area_id,
            coalesce(a_detail, '{}'), link, before, after);
    UPDATE core_audit_head SET hash = after, last_id = new_id, rows = rows + 1 WHERE chain = link;
    RETURN new_id;
END $$;

INSERT INTO core_audit_head (chain, last_id, rows, hash)
SELECT n, 0, 0, sha256(convert_to('songhe audit chain ' || n, 'UTF8')) FROM generate_series(0, 63) n;

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '审计记录只增不改 / audit rows are never changed' USING ERRCODE = 'insufficient_privilege'; END $$;

CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON core_audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

ALTER TABLE core_audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY audit_readers ON core_audit FOR SELECT
USING (current_setting('app.sees_audit', true) = 'yes');
CREATE POLICY audit_writer ON core_audit FOR INSERT TO CURRENT_USER WITH CHECK (true);

CREATE TABLE core_cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX core_cache_expires ON core_cache (expires);
