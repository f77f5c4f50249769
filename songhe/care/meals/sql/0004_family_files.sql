-- As in 0003, with the meals of every file that is the person's.
-- Meals a link's person ate at meal points from a day to a day, as consent stands today; else NULL.
--   [{"on", "meal", "way", "point", "pays"}]    what the person paid, in fen
CREATE OR REPLACE FUNCTION meals_family_week(p_digest bytea, p_from date, p_to date) RETURNS jsonb LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    link record;
BEGIN
    SELECT * INTO link FROM family_link(p_digest);
    IF link.state IS DISTINCT FROM 'ok' OR NOT 'family_meals' = ANY(link.scopes) THEN RETURN NULL; END IF;
    RETURN coalesce((
        SELECT jsonb_agg(jsonb_build_object('on', m."on", 'meal', m.meal, 'way', m.way, 'point', f.name, 'pays', m.person_pays)
                         ORDER BY m."on", m.at)
        FROM meals_meal m JOIN facilities_facility f ON f.id = m.facility_id
        WHERE m.person_id = ANY(people_files_of(link.person_id))
          AND m."on" BETWEEN p_from AND p_to AND m.state = 'counted'), '[]');
END $$;
