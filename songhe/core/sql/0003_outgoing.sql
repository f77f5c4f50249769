-- Whoever sends may put a message in; only the system's own work reads them and ticks them off.
ALTER TABLE core_outgoing ENABLE ROW LEVEL SECURITY;
ALTER TABLE core_outgoing FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON core_outgoing TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY system_only ON core_outgoing USING (0 = ANY((SELECT app_areas())::int[]))
WITH CHECK (0 = ANY((SELECT app_areas())::int[]));
CREATE FUNCTION outgoing_put(p_to bytea, p_text bytea) RETURNS bigint LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    INSERT INTO core_outgoing (to_sealed, text_sealed, state, created_at)
    VALUES (p_to, p_text, 'waiting', clock_timestamp()) RETURNING id
$$;
