-- The family page has no account and no area: it asks through these functions alone, each for the one person of one link.
-- They run as the tables' owner and say themselves what may be known: nothing without a live link and the person's consent.
ALTER TABLE people_familycode ENABLE ROW LEVEL SECURITY;
ALTER TABLE people_familycode FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON people_familycode TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY system_only ON people_familycode USING (0 = ANY((SELECT app_areas())::int[]))
WITH CHECK (0 = ANY((SELECT app_areas())::int[]));

-- state: ok | revoked | ended | no_consent. No row: there is no such link. `scopes`: what the person agreed to, today.
CREATE FUNCTION family_link(p_digest bytea)
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
        JOIN people_person p ON p.id = coalesce(f.merged_into_id, f.id)
        WHERE l.digest = p_digest)
    SELECT h.id, h.person, h.village_id, h.name::text, h.origin::text, h.phone_sealed,
           CASE WHEN h.revoked_at IS NOT NULL THEN 'revoked'
                WHEN h.ends_on <= t.day OR h.status = 'deceased' THEN 'ended'
                WHEN NOT 'family_page' = ANY(h.scopes) THEN 'no_consent' ELSE 'ok' END,
           h.scopes
    FROM held h, today t
$$;

-- A code is about to be sent: sent | wait (too soon) | most (too many today) | gone.
CREATE FUNCTION family_code_put(p_digest bytea, p_code bytea, p_minutes int, p_gap int, p_most int) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    link bigint;
    last timestamptz;
    today int;
BEGIN
    SELECT l.link_id INTO link FROM family_link(p_digest) l WHERE l.state = 'ok';
    IF link IS NULL THEN RETURN 'gone'; END IF;
    PERFORM 1 FROM people_familylink WHERE id = link FOR UPDATE;
    SELECT max(sent_at), count(*) FILTER (WHERE sent_at > clock_timestamp() - interval '1 day') INTO last, today
    FROM people_familycode WHERE link_id = link;
    IF last > clock_timestamp() - make_interval(secs => p_gap) THEN RETURN 'wait'; END IF;
    IF today >= p_most THEN RETURN 'most'; END IF;
    DELETE FROM people_familycode WHERE link_id = link AND sent_at < clock_timestamp() - interval '2 days';
    INSERT INTO people_familycode (link_id, digest, sent_at, expires_at, attempts)
    VALUES (link, p_code, clock_timestamp(), clock_timestamp() + make_interval(mins => p_minutes), 0);
    RETURN 'sent';
END $$;

-- A code is entered: ok | wrong | spent (too many wrong ones) | old (expired, used or none) | gone. Only the newest counts.
CREATE FUNCTION family_code_try(p_digest bytea, p_code bytea, p_most int, p_most_day int) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    link bigint;
    today int;
    code people_familycode%ROWTYPE;
BEGIN
    SELECT l.link_id INTO link FROM family_link(p_digest) l WHERE l.state = 'ok';
    IF link IS NULL THEN RETURN 'gone'; END IF;
    PERFORM 1 FROM people_familylink WHERE id = link FOR UPDATE;
    SELECT coalesce(sum(attempts), 0) INTO today FROM people_familycode
    WHERE link_id = link AND sent_at > clock_timestamp() - interval '1 day';
    SELECT * INTO code FROM people_familycode WHERE link_id = link ORDER BY id DESC LIMIT 1;
    IF code.id IS NULL OR code.used_at IS NOT NULL OR code.expires_at < clock_timestamp() THEN RETURN 'old'; END IF;
    IF code.attempts >= p_most OR today >= p_most_day THEN RETURN 'spent'; END IF;
    IF code.digest <> p_code THEN
        UPDATE people_familycode SET attempts = attempts + 1 WHERE id = code.id;
        RETURN 'wrong';
    END IF;
    UPDATE people_familycode SET used_at = clock_timestamp() WHERE id = code.id;
    UPDATE people_familylink SET opened_at = clock_timestamp() WHERE id = link;
    RETURN 'ok';
END $$;
