-- The complaints that were made through one link, and what became of them; NULL without a live link and consent to services.
--   [{"number", "on", "about", "subject", "state", "finding", "due", "reply"}]      "about": the order's number in the database, or null
CREATE FUNCTION evidence_family_complaints(p_digest bytea) RETURNS jsonb LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    link record;
BEGIN
    SELECT * INTO link FROM family_link(p_digest);
    IF link.state IS DISTINCT FROM 'ok' OR NOT 'family_services' = ANY(link.scopes) THEN RETURN NULL; END IF;
    RETURN coalesce((
        SELECT jsonb_agg(jsonb_build_object(
            'number', 'TS' || to_char(c.received_at AT TIME ZONE 'UTC', 'YYYYMMDD') || '-' || c.id,
            'on', (c.received_at AT TIME ZONE 'Asia/Shanghai')::date, 'about', c.order_id, 'subject', c.subject, 'state', c.state,
            'finding', c.finding, 'due', c.reply_due_on, 'reply', coalesce((
                SELECT s.text FROM evidence_complaintstep s WHERE s.complaint_id = c.id AND s.to_state = 'replied'
                ORDER BY s.id DESC LIMIT 1), '')) ORDER BY c.id DESC)
        FROM evidence_complaint c WHERE c.channel = 'family' AND c.reference = 'family-' || link.link_id), '[]');
END $$;

-- A family member's transaction (app_family_person) rates and complains for that person only, and says that it was the family.
CREATE POLICY family_read ON evidence_rating FOR SELECT USING (EXISTS (
    SELECT 1 FROM services_order o WHERE o.id = order_id AND o.person_id = (SELECT app_family_person())));
CREATE POLICY family_insert ON evidence_rating FOR INSERT WITH CHECK (rated_by = 'family' AND EXISTS (
    SELECT 1 FROM services_order o WHERE o.id = evidence_rating.order_id AND o.person_id = (SELECT app_family_person())
    AND (o.village_id, o.town_id, o.county_id, o.city_id) IS NOT DISTINCT FROM
        (evidence_rating.village_id, evidence_rating.town_id, evidence_rating.county_id, evidence_rating.city_id)));
CREATE POLICY family_read ON evidence_complaint FOR SELECT USING (
    channel = 'family' AND person_id = (SELECT app_family_person()));
CREATE POLICY family_insert ON evidence_complaint FOR INSERT WITH CHECK (
    channel = 'family' AND person_id = (SELECT app_family_person()) AND EXISTS (
        SELECT 1 FROM places_place p WHERE p.id = evidence_complaint.village_id
        AND (p.town_id, p.county_id, p.city_id) IS NOT DISTINCT FROM
            (evidence_complaint.town_id, evidence_complaint.county_id, evidence_complaint.city_id))
    AND (order_id IS NULL OR EXISTS (
        SELECT 1 FROM services_order o WHERE o.id = evidence_complaint.order_id AND o.person_id = evidence_complaint.person_id)));
