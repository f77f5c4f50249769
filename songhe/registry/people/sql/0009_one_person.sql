-- A family member's door acts for one person: its transaction carries the digest of a secret link (`app.family`, hex), and the
-- person follows from it here, in the database, never from what the page was sent. No live link, or no consent to services: NULL.
CREATE FUNCTION app_family_person() RETURNS bigint LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    told text := nullif(current_setting('app.family', true), '');
BEGIN
    IF told IS NULL THEN RETURN NULL; END IF;
    RETURN (SELECT l.person_id FROM family_link(decode(told, 'hex')) l
            WHERE l.state = 'ok' AND 'family_services' = ANY(l.scopes));
END $$;

-- Such a transaction has no area: it sees this one file, and what stands behind it; it changes no file.
CREATE POLICY family_read ON people_person FOR SELECT USING (id = (SELECT app_family_person()));
