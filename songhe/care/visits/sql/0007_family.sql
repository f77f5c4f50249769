-- What a family member may know of one week, as the person's consent stands today; nothing without a live link.
--   {"seen", "well", "owed": {"calls", "visits"}, "done": {…}, "excused", "days": [{"on", "mode", "outcome"}], "needs": […], "helper"}
-- "days" only with family_days (their "outcome" only with family_health), "needs" with family_needs, "helper" with family_helper.
CREATE FUNCTION visits_family_week(p_digest bytea, p_from date, p_to date) RETURNS jsonb LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    link record;
    files bigint[];
    told jsonb;
BEGIN
    SELECT * INTO link FROM family_link(p_digest);
    IF link.state IS DISTINCT FROM 'ok' THEN RETURN NULL; END IF;
    files := ARRAY(SELECT id FROM people_person WHERE id = link.person_id OR merged_into_id = link.person_id);
    SELECT jsonb_build_object(
        'seen', count(*) FILTER (WHERE v.counts) > 0,
        'well', coalesce((array_agg(v.outcome IN ('well', 'needs') ORDER BY v.occurred_at DESC) FILTER (WHERE v.counts))[1], false))
    INTO told FROM visits_visit v
    WHERE v.person_id = ANY(files) AND v.occurred_on BETWEEN p_from AND p_to
      AND NOT EXISTS (SELECT 1 FROM visits_visit a WHERE a.amends = v.id);
    told := told || coalesce((
        SELECT jsonb_build_object('owed', jsonb_build_object('calls', d.calls_owed, 'visits', d.visits_owed),
                                  'done', jsonb_build_object('calls', d.calls_done, 'visits', d.visits_done),
                                  'excused', d.excused <> '')
        FROM duties_duty d WHERE d.person_id = link.person_id AND d.name = 'visiting' AND d.period_start = p_from), '{}');
    IF 'family_days' = ANY(link.scopes) THEN
        told := told || jsonb_build_object('days', coalesce((
            SELECT jsonb_agg(jsonb_build_object('on', v.occurred_on, 'mode', v.mode)
                   || CASE WHEN 'family_health' = ANY(link.scopes) THEN jsonb_build_object('outcome', v.outcome) ELSE '{}' END
                   ORDER BY v.occurred_at)
            FROM visits_visit v WHERE v.person_id = ANY(files) AND v.occurred_on BETWEEN p_from AND p_to
             AND v.outcome <> 'void' AND (v.counts OR 'family_health' = ANY(link.scopes))
             AND NOT EXISTS (SELECT 1 FROM visits_visit a WHERE a.amends = v.id)), '[]'));
    END IF;
    IF 'family_needs' = ANY(link.scopes) THEN
        told := told || jsonb_build_object('needs', coalesce((
            SELECT jsonb_agg(jsonb_build_object('need', r.need, 'due_on', r.due_on, 'closed', r.closed_at IS NOT NULL) ORDER BY r.id)
            FROM visits_referral r WHERE r.person_id = ANY(files)
             AND (r.closed_at IS NULL OR r.closed_at >= p_from) AND r.opened_at::date <= p_to), '[]'));
    END IF;
    IF 'family_helper' = ANY(link.scopes) THEN
        told := told || jsonb_build_object('helper', (
            SELECT u.name FROM duties_assignment a JOIN accounts_user u ON u.id = a.helper_id
            WHERE a.person_id = link.person_id AND a.kind = 'helper' AND a.valid_from <= p_to
              AND (a.valid_to IS NULL OR a.valid_to > p_from) ORDER BY a.valid_from DESC LIMIT 1));
    END IF;
    RETURN told;
END $$;
