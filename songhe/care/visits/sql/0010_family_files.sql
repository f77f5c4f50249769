-- As in 0007, with the visits of every file that is the person's.
-- What a family member may know of one week, as the person's consent stands today; nothing without a live link.
--   {"seen", "well", "owed": {"calls", "visits"}, "done": {…}, "excused", "days": [{"on", "mode", "outcome"}], "needs": […], "helper"}
-- "days" only with family_days (their "outcome" only with family_health), "needs" with family_needs, "helper" with family_helper.
CREATE OR REPLACE FUNCTION visits_family_week(p_digest bytea, p_from date, p_to date) RETURNS jsonb LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    link record;
    files bigint[];
    told jsonb;
BEGIN
    SELECT * INTO link FROM family_link(p_digest);
    IF link.state IS DISTINCT FROM 'ok' THEN RETURN NULL; END IF;
    files := people_files_of(link.person_id);
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

-- As in 0001: a telephone may hold a file that was merged since, and merged again; what it tells goes to the one kept.
CREATE OR REPLACE FUNCTION visits_record(p_rows jsonb, p_partial boolean)
RETURNS TABLE (client_uuid uuid, visit_id bigint, person_id bigint, result text) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    areas int[] := app_areas();
    first_day date;
    rec record;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7301, 0);  -- duties_pass()
    IF jsonb_array_length(p_rows) = 1 THEN  -- by far the most calls: no query for it
        first_day := (p_rows -> 0 ->> 'occurred_at')::timestamptz AT TIME ZONE 'Asia/Shanghai';
        IF to_regclass('visits_visit_' || to_char(first_day, 'YYYY_MM')) IS NULL THEN
            PERFORM visits_ensure_month(first_day);
        END IF;
    ELSE
        PERFORM visits_ensure_month(m) FROM (
            SELECT DISTINCT date_trunc('month', (r ->> 'occurred_at')::timestamptz AT TIME ZONE 'Asia/Shanghai')::date AS m
            FROM jsonb_array_elements(p_rows) r) months
        WHERE to_regclass('visits_visit_' || to_char(m, 'YYYY_MM')) IS NULL;
    END IF;

    WITH sent AS MATERIALIZED (
        SELECT DISTINCT ON (uuid) r.*, (r.occurred_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
               visits_digest(r.person, r.mode, r.outcome, r.occurred_at, r.needs, r.note, r.amends) AS digest
        FROM jsonb_to_recordset(p_rows) AS r(uuid uuid, person bigint, mode text, outcome text, occurred_at timestamptz,
             made_by int, channel text, needs text[], note text, client_at timestamptz, recorded_at timestamptz,
             amends bigint, amend_reason text)
    ), known AS MATERIALIZED (
        SELECT s.*, p.id AS kept_as, p.village_id, p.town_id, p.county_id, p.city_id
        FROM sent s JOIN people_person f ON f.id = s.person  -- a phone may still hold a file that was merged since
        JOIN people_person p ON p.id = CASE WHEN f.merged_into_id IS NULL THEN f.id ELSE people_file_kept(f.id) END
        WHERE p.village_id = ANY(areas) OR p.town_id = ANY(areas) OR p.county_id = ANY(areas) OR p.city_id = ANY(areas)
           OR 0 = ANY(areas)
    ), wrong AS (
        SELECT (SELECT count(*) FROM sent) <> (SELECT count(*) FROM known) OR EXISTS (
            SELECT 1 FROM known k JOIN visits_receipt r ON r.client_uuid = k.uuid WHERE r.digest <> k.digest) AS yes
    ), receipt AS (
        INSERT INTO visits_receipt (client_uuid, visit_id, occurred_on, person_id, digest)
        SELECT k.uuid, nextval('visits_visit_id_seq'), k.day, k.kept_as, k.digest FROM known k, wrong w
        WHERE p_partial OR NOT w.yes ORDER BY k.uuid
        ON CONFLICT (client_uuid) DO NOTHING
        RETURNING client_uuid, visit_id
    ), fact AS (
        INSERT INTO visits_visit (id, client_uuid, person_id, mode, outcome, counts, occurred_on, occurred_at, made_by,
                                  entered_by, channel, needs, note, late, client_at, recorded_at, amends, amend_reason,
                                  village_id, town_id, county_id, city_id)
        SELECT r.visit_id, k.uuid, k.kept_as, k.mode, k.outcome, k.outcome IN ('well', 'needs', 'unwell'), k.day,
               k.occurred_at, k.made_by, app_user(), k.channel, coalesce(k.needs, '{}'), coalesce(k.note, ''),
               (coalesce(k.recorded_at, clock_timestamp()) AT TIME ZONE 'Asia/Shanghai')::date
                   > date_trunc('week', k.day)::date + 6,
               k.client_at, coalesce(k.recorded_at, clock_timestamp()), k.amends, coalesce(k.amend_reason, ''),
               k.village_id, k.town_id, k.county_id, k.city_id
        FROM receipt r JOIN known k ON k.uuid = r.client_uuid
        RETURNING id, client_uuid, person_id, mode, outcome, counts, occurred_on, recorded_at, needs, amends, village_id
    ), counted AS MATERIALIZED (
        SELECT d.id AS duty, count(*) FILTER (WHERE u.call_modes ? f.mode) AS calls,
               count(*) FILTER (WHERE u.visit_modes ? f.mode) AS visits,
               bool_or((f.recorded_at AT TIME ZONE 'Asia/Shanghai')::date > d.period_end + u.late_after_days) AS late
        FROM fact f
        JOIN duties_duty d ON d.person_id = f.person_id AND d.period_start BETWEEN f.occurred_on - 31 AND f.occurred_on
                          AND d.period_end >= f.occurred_on
        JOIN duties_rule u ON u.id = d.rule_id
        WHERE f.counts AND f.amends IS NULL AND (u.call_modes ? f.mode OR u.visit_modes ? f.mode)
        GROUP BY d.id ORDER BY d.id
    ), tally AS (
        UPDATE duties_duty d
        SET calls_done = d.calls_done + c.calls, visits_done = d.visits_done + c.visits, late = d.late OR c.late
        FROM counted c WHERE d.id = c.duty
    )
    SELECT array_agg(s.uuid) AS uuids, array_agg(s.person) AS people, array_agg(s.digest) AS digests,
           array_agg(k.uuid IS NOT NULL) AS knowns, array_agg(f.id) AS visits,
           count(f.id) AS written, min(f.id) AS first, min(f.village_id) AS village,
           array_agg(f.id) FILTER (WHERE f.id IS NOT NULL) AS ids,
           array_agg(f.person_id) FILTER (WHERE f.id IS NOT NULL) AS kept_as,
           coalesce(bool_or(f.counts), false) AS reached, coalesce(bool_or(f.outcome = 'no_answer'), false) AS silent,
           coalesce(bool_or(f.needs <> '{}'), false) AS needy, coalesce(bool_or(f.amends IS NOT NULL), false) AS amending
    INTO rec
    FROM sent s LEFT JOIN known k ON k.uuid = s.uuid LEFT JOIN fact f ON f.client_uuid = s.uuid;

    IF rec.written > 0 THEN
        IF rec.silent OR rec.needy OR (rec.reached AND EXISTS (
               SELECT 1 FROM visits_escalation e WHERE e.person_id = ANY(rec.kept_as) AND e.closed_at IS NULL)) THEN
            PERFORM visits_follow(p_rows, rec.uuids, rec.visits);
        END IF;
        PERFORM audit_add(CASE WHEN rec.amending THEN 'visits.amend' ELSE 'visits.record' END, 'visit', rec.first,
                          rec.village, jsonb_build_object('rows', rec.written, 'visits', rec.ids, 'people', rec.kept_as));
    END IF;
    IF rec.written = cardinality(rec.uuids) THEN
        RETURN QUERY SELECT a.uuid, a.visit, a.person, 'new' FROM unnest(rec.uuids, rec.visits, rec.people)
                     AS a(uuid, visit, person);
    ELSE  -- a new statement: it sees the receipt of whoever sent the same UUID at the same moment
        RETURN QUERY
        SELECT a.uuid, CASE WHEN a.visit IS NOT NULL THEN a.visit WHEN a.known AND r.digest = a.digest THEN r.visit_id END,
               a.person,
               CASE WHEN a.visit IS NOT NULL THEN 'new' WHEN NOT a.known THEN 'unknown'
                    WHEN r.client_uuid IS NULL THEN 'held' WHEN r.digest = a.digest THEN 'same' ELSE 'clash' END
        FROM unnest(rec.uuids, rec.visits, rec.people, rec.digests, rec.knowns) AS a(uuid, visit, person, digest, known)
        LEFT JOIN visits_receipt r ON r.client_uuid = a.uuid;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION visits_follow(p_rows jsonb, p_uuids uuid[], p_visits bigint[]) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    areas int[] := app_areas();
BEGIN
    WITH fact AS MATERIALIZED (
        SELECT u.visit, p.id AS person_id, r.mode, r.outcome, r.occurred_at, r.needs, r.note, r.amends,
               r.outcome IN ('well', 'needs', 'unwell') AS counts,
               (r.occurred_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
               p.village_id, p.town_id, p.county_id, p.city_id
        FROM jsonb_to_recordset(p_rows) AS r(uuid uuid, person bigint, mode text, outcome text,
             occurred_at timestamptz, needs text[], note text, amends bigint)
        JOIN unnest(p_uuids, p_visits) AS u(uuid, visit) ON u.uuid = r.uuid AND u.visit IS NOT NULL
        JOIN people_person f ON f.id = r.person JOIN people_person p ON p.id = CASE WHEN f.merged_into_id IS NULL THEN f.id ELSE people_file_kept(f.id) END
        WHERE p.village_id = ANY(areas) OR p.town_id = ANY(areas) OR p.county_id = ANY(areas) OR p.city_id = ANY(areas)
           OR 0 = ANY(areas)
    ), answered AS (
        UPDATE visits_escalation e SET closed_at = clock_timestamp(), closed_by = app_user(), closure = 'reached'
        FROM fact f
        WHERE f.counts AND e.person_id = f.person_id AND e.closed_at IS NULL AND f.occurred_at >= e.opened_at
          AND NOT EXISTS (SELECT 1 FROM fact g WHERE g.person_id = f.person_id AND g.outcome = 'no_answer'
                                             AND g.occurred_at > f.occurred_at)
    ), silent AS (
        SELECT DISTINCT ON (f.person_id) f.* FROM fact f
        WHERE f.outcome = 'no_answer' AND f.amends IS NULL AND f.occurred_at > clock_timestamp() - interval '2 days'
          AND NOT EXISTS (SELECT 1 FROM fact g WHERE g.person_id = f.person_id AND g.counts
                                             AND g.occurred_at > f.occurred_at)
          AND NOT EXISTS (SELECT 1 FROM visits_visit v WHERE v.person_id = f.person_id AND v.occurred_on >= f.day
                                                     AND v.counts AND v.occurred_at > f.occurred_at)
        ORDER BY f.person_id, f.occurred_at DESC
    ), climbed AS (  -- the step itself was tried and nobody answered: the next one begins
        UPDATE visits_escalation e SET step = n.step, due_at = s.occurred_at + make_interval(mins => n.within_minutes)
        FROM silent s, duties_rung c, LATERAL (
            SELECT * FROM duties_rung WHERE position > c.position ORDER BY position LIMIT 1) n
        WHERE e.person_id = s.person_id AND e.closed_at IS NULL AND s.occurred_at > e.opened_at AND c.step = e.step
          AND ((e.step = 'again' AND s.mode IN ('call', 'video')) OR (e.step = 'door' AND s.mode = 'home_visit'))
        RETURNING e.id, c.step, s.occurred_at
    ), tried AS (
        INSERT INTO visits_escalationstep (escalation_id, step, at, by, result, reached)
        SELECT id, step, occurred_at, app_user(), 'no_answer', false FROM climbed
    ), opened AS (
        INSERT INTO visits_escalation (person_id, visit_id, step, due_at, opened_at, closure,
                                       village_id, town_id, county_id, city_id)
        SELECT s.person_id, s.visit, g.step, s.occurred_at + make_interval(mins => g.within_minutes), s.occurred_at, '',
               s.village_id, s.town_id, s.county_id, s.city_id
        FROM silent s CROSS JOIN LATERAL (SELECT * FROM duties_rung ORDER BY position LIMIT 1) g
        ON CONFLICT DO NOTHING
    )
    INSERT INTO visits_referral (person_id, visit_id, need, detail, due_on, opened_at, opened_by, result,
                                 village_id, town_id, county_id, city_id)
    SELECT f.person_id, f.visit, n.need, coalesce(left(f.note, 300), ''), f.day + coalesce(t.days, 3), clock_timestamp(),
           app_user(), '', f.village_id, f.town_id, f.county_id, f.city_id
    FROM fact f CROSS JOIN LATERAL unnest(f.needs) AS n(need) LEFT JOIN duties_needterm t ON t.need = n.need
    WHERE f.amends IS NULL;
END $$;
