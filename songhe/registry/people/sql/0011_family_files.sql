-- All files of one person, as `queries.files_of` reads them: the file itself and those merged into it, however often.
CREATE FUNCTION people_files_of(p_person bigint) RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH RECURSIVE down AS (
        SELECT p_person AS id
        UNION SELECT p.id FROM people_person p JOIN down ON p.merged_into_id = down.id)
    SELECT array_agg(id) FROM down
$$;

-- The file that one has become, itself if it was never merged.
CREATE FUNCTION people_file_kept(p_person bigint) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH RECURSIVE up AS (
        SELECT id, merged_into_id FROM people_person WHERE id = p_person
        UNION SELECT p.id, p.merged_into_id FROM people_person p JOIN up ON p.id = up.merged_into_id)
    SELECT id FROM up WHERE merged_into_id IS NULL
$$;

-- As in 0007, but a file that was merged twice is followed to the end.
CREATE OR REPLACE FUNCTION family_link(p_digest bytea)
RETURNS TABLE (link_id bigint, person_id bigint, village_id int, name text, origin text, phone bytea, state text, scopes text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH today AS (SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date AS day), held AS (
        SELECT l.id, l.revoked_at, l.ends_on, c.phone_sealed, p.id AS person, p.village_id, p.name, p.origin, p.status,
               ARRAY(SELECT DISTINCT g.scope FROM people_consent g, today t
                     WHERE g.person_id IN (l.person_id, p.id) AND g.scope <> '' AND g.given_on <= t.day
                       AND (g.withdrawn_on IS NULL OR g.withdrawn_on > t.day) ORDER BY 1)::text[] AS scopes
        FROM people_familylink l
        JOIN people_contact c ON c.id = l.contact_id
        JOIN people_person f ON f.id = l.person_id
        JOIN people_person p ON p.id = people_file_kept(f.id)
        WHERE l.digest = p_digest)
    SELECT h.id, h.person, h.village_id, h.name::text, h.origin::text, h.phone_sealed,
           CASE WHEN h.revoked_at IS NOT NULL THEN 'revoked'
                WHEN h.ends_on <= t.day OR h.status = 'deceased' THEN 'ended'
                WHEN NOT 'family_page' = ANY(h.scopes) THEN 'no_consent' ELSE 'ok' END,
           h.scopes
    FROM held h, today t
$$;

-- The files a family member's transaction may see: those of its one person (app_family_person), NULL for everybody else. What was
-- recorded with a file before it was merged stays there (ADR 0010), and is that person's all the same.
CREATE FUNCTION app_family_files() RETURNS bigint[] LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    person bigint := app_family_person();
BEGIN
    IF person IS NULL THEN RETURN NULL; END IF;
    RETURN people_files_of(person);
END $$;

DROP POLICY family_read ON people_person;
CREATE POLICY family_read ON people_person FOR SELECT USING (id = ANY((SELECT app_family_files())::bigint[]));
