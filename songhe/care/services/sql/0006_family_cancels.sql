-- What a family member may know of the services of one link's person from a day to a day, as consent stands today; else NULL.
--   [{"id", "number", "item", "item_en", "on", "from", "to", "starts", "state", "started", "finished", "pays", "funding", "channel",
--     "provider", "carers": [name]}]      "carers" only with family_carer. Two kinds of times: what was wished, what is planned.
CREATE OR REPLACE FUNCTION services_family_orders(p_digest bytea, p_from date, p_to date) RETURNS jsonb LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    link record;
BEGIN
    SELECT * INTO link FROM family_link(p_digest);
    IF link.state IS DISTINCT FROM 'ok' OR NOT 'family_services' = ANY(link.scopes) THEN RETURN NULL; END IF;
    RETURN coalesce((
        SELECT jsonb_agg(jsonb_build_object(
            'id', o.id, 'number', to_char(o.asked_at AT TIME ZONE 'UTC', 'YYYYMMDD') || '-' || o.id, 'item', i.name,
            'item_en', i.name_en, 'on', o.service_on, 'from', o.wanted_from, 'to', o.wanted_to, 'starts', d.starts_at,
            'state', o.state, 'started', o.started_at, 'finished', o.finished_at, 'pays', o.person_pays, 'funding', o.funding,
            'channel', o.channel, 'provider', coalesce(g.name, ''))
            || CASE WHEN 'family_carer' = ANY(link.scopes) THEN jsonb_build_object('carers', coalesce((
                SELECT jsonb_agg(w.name ORDER BY w.id) FROM services_crew c JOIN services_worker w ON w.id = c.worker_id
                WHERE c.dispatch_id = d.id), '[]')) ELSE '{}' END
            ORDER BY o.service_on, o.wanted_from, o.id)
        FROM services_order o
        JOIN services_item i ON i.id = o.item_id
        LEFT JOIN services_dispatch d ON d.order_id = o.id AND d.ended_at IS NULL
        LEFT JOIN services_provider v ON v.id = d.provider_id
        LEFT JOIN facilities_organisation g ON g.id = v.organisation_id
        WHERE o.person_id = ANY(people_files_of(link.person_id))
          AND o.service_on BETWEEN p_from AND p_to), '[]');
END $$;

-- A family member's transaction rates and calls off what stands with any file of its person; new orders go to the kept one (0005).
DROP POLICY family_update ON services_order;
CREATE POLICY family_update ON services_order FOR UPDATE
USING (person_id = ANY((SELECT app_family_files())::bigint[])) WITH CHECK (person_id = ANY((SELECT app_family_files())::bigint[]));

-- Which steps it may take: ask, say how it was, and call off what was asked for on the page while nobody is at work. It sends nobody.
-- Restrictive, and for INSERT and DELETE only: a restrictive rule for reading would cut every estimate of the planner.
CREATE POLICY family_steps ON services_step AS RESTRICTIVE FOR INSERT WITH CHECK (
    (SELECT app_family_person()) IS NULL
    OR (from_state, to_state) IN (('', 'waiting'), ('done', 'rated'), ('called_back', 'rated'))
    OR (to_state = 'cancelled' AND from_state IN ('waiting', 'dispatched', 'accepted', 'returned') AND EXISTS (
        SELECT 1 FROM services_order o WHERE o.id = order_id AND o.channel = 'family')));
CREATE POLICY family_sends_nobody ON services_dispatch AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT app_family_person()) IS NULL);
CREATE POLICY family_keeps ON services_dispatch AS RESTRICTIVE FOR DELETE USING ((SELECT app_family_person()) IS NULL);
CREATE POLICY family_sends_nobody ON services_crew AS RESTRICTIVE FOR INSERT WITH CHECK ((SELECT app_family_person()) IS NULL);
CREATE POLICY family_keeps ON services_crew AS RESTRICTIVE FOR DELETE USING ((SELECT app_family_person()) IS NULL);
