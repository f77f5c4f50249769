-- What a family member may know of the services of one link's person from a day to a day, as consent stands today; else NULL.
--   [{"id", "number", "item", "item_en", "on", "from", "to", "starts", "state", "started", "finished", "pays", "funding", "channel",
--     "provider", "carers": [name]}]      "carers" only with family_carer. Two kinds of times: what was wished, what is planned.
CREATE FUNCTION services_family_orders(p_digest bytea, p_from date, p_to date) RETURNS jsonb LANGUAGE plpgsql STABLE
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
        WHERE o.person_id IN (SELECT p.id FROM people_person p WHERE p.id = link.person_id OR p.merged_into_id = link.person_id)
          AND o.service_on BETWEEN p_from AND p_to), '[]');
END $$;

-- A family member's transaction (app_family_person) puts in an order for that person, by this channel and in the place where the
-- file is; its steps move it. Nothing of anybody else fits these rules.
CREATE POLICY family_insert ON services_order FOR INSERT WITH CHECK (
    channel = 'family' AND person_id = (SELECT app_family_person()) AND EXISTS (
        SELECT 1 FROM people_person p WHERE p.id = services_order.person_id
        AND (p.village_id, p.town_id, p.county_id, p.city_id) IS NOT DISTINCT FROM
            (services_order.village_id, services_order.town_id, services_order.county_id, services_order.city_id)));
CREATE POLICY family_update ON services_order FOR UPDATE USING (person_id = (SELECT app_family_person()))
WITH CHECK (person_id = (SELECT app_family_person()));
