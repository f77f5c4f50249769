-- Search keys of a person (core.names, blind tails) as a tsvector; found inside the areas of whoever is acting.
-- `@@` is not leakproof, so row-level security would keep the planner from using the index; this function is owned
-- by the tables' owner and says the area rule itself.
CREATE FUNCTION people_find(p_keys text, p_place_column text, p_place int, p_limit int)
RETURNS TABLE (id bigint) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    areas int[] := app_areas();
BEGIN
    IF p_place_column NOT IN ('', 'village_id', 'town_id', 'county_id', 'city_id') THEN
        RAISE EXCEPTION 'unknown scope column %', p_place_column;
    END IF;
    RETURN QUERY EXECUTE format($q$
        SELECT p.id FROM people_person p
        WHERE p.search @@ $1::tsquery AND p.merged_into_id IS NULL %s
          AND (p.village_id = ANY($2) OR p.town_id = ANY($2) OR p.county_id = ANY($2) OR p.city_id = ANY($2) OR 0 = ANY($2))
        LIMIT $4$q$, CASE WHEN p_place_column = '' THEN '' ELSE format('AND p.%I = $3', p_place_column) END)
    USING p_keys, areas, p_place, p_limit;
END $$;
