-- An order that stands with a file merged since is rated and complained about like any other of the person (ADR 0010).
DROP POLICY family_read ON evidence_rating;
CREATE POLICY family_read ON evidence_rating FOR SELECT USING (EXISTS (
    SELECT 1 FROM services_order o WHERE o.id = order_id AND o.person_id = ANY((SELECT app_family_files())::bigint[])));
DROP POLICY family_insert ON evidence_rating;
CREATE POLICY family_insert ON evidence_rating FOR INSERT WITH CHECK (rated_by = 'family' AND EXISTS (
    SELECT 1 FROM services_order o WHERE o.id = evidence_rating.order_id
    AND o.person_id = ANY((SELECT app_family_files())::bigint[])
    AND (o.village_id, o.town_id, o.county_id, o.city_id) IS NOT DISTINCT FROM
        (evidence_rating.village_id, evidence_rating.town_id, evidence_rating.county_id, evidence_rating.city_id)));
DROP POLICY family_insert ON evidence_complaint;
CREATE POLICY family_insert ON evidence_complaint FOR INSERT WITH CHECK (
    channel = 'family' AND person_id = (SELECT app_family_person()) AND EXISTS (
        SELECT 1 FROM places_place p WHERE p.id = evidence_complaint.village_id
        AND (p.town_id, p.county_id, p.city_id) IS NOT DISTINCT FROM
            (evidence_complaint.town_id, evidence_complaint.county_id, evidence_complaint.city_id))
    AND (order_id IS NULL OR EXISTS (
        SELECT 1 FROM services_order o WHERE o.id = evidence_complaint.order_id
        AND o.person_id = ANY((SELECT app_family_files())::bigint[]))));
