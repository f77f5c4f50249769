-- Facts, one partition a month; idempotency by client UUID in a table of its own (a partitioned table cannot keep it).
CREATE SEQUENCE visits_visit_id_seq;
CREATE TABLE visits_visit (
    id bigint NOT NULL DEFAULT nextval('visits_visit_id_seq'),
    client_uuid uuid NOT NULL,
    person_id bigint NOT NULL,
    mode varchar(12) NOT NULL CHECK (mode IN ('call', 'video', 'home_visit', 'home_service')),
    outcome varchar(10) NOT NULL CHECK (outcome IN
        ('well', 'needs', 'unwell', 'no_answer', 'refused', 'hospital', 'away', 'deceased', 'void')),
    counts boolean NOT NULL,
    occurred_on date NOT NULL,
    occurred_at timestamptz NOT NULL,
    made_by int NOT NULL,
    entered_by int NOT NULL,
    channel varchar(8) NOT NULL,
    needs varchar(12)[] NOT NULL DEFAULT '{}',
    note varchar(500) NOT NULL DEFAULT '',
    late boolean NOT NULL,
    client_at timestamptz,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    amends bigint,
    amend_reason varchar(120) NOT NULL DEFAULT '',
    village_id int NOT NULL, town_id int, county_id int, city_id int,
    PRIMARY KEY (occurred_on, id)
) PARTITION BY RANGE (occurred_on);
CREATE INDEX visits_visit_person ON visits_visit (person_id, occurred_on);
CREATE INDEX visits_visit_village ON visits_visit (village_id, occurred_on);
CREATE INDEX visits_visit_amends ON visits_visit (amends) WHERE amends IS NOT NULL;
CREATE TRIGGER visit_never_edited BEFORE UPDATE OR DELETE ON visits_visit
FOR EACH ROW EXECUTE FUNCTION audit_refuse();

CREATE TABLE visits_receipt (
    client_uuid uuid PRIMARY KEY,
    visit_id bigint NOT NULL,
    occurred_on date NOT NULL,
    person_id bigint NOT NULL,
    digest bytea NOT NULL
);

-- The ladder of an unanswered call, and the terms of found needs: data (definitions/visits/follow_up.yaml), kept here
-- so that the fact and what follows from it are one statement.
CREATE TABLE visits_rung (step varchar(10) PRIMARY KEY, position smallint NOT NULL, within_minutes int NOT NULL);
CREATE TABLE visits_need_term (need varchar(12) PRIMARY KEY, days smallint NOT NULL);

CREATE FUNCTION visits_ensure_month(day date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    first date := date_trunc('month', day)::date;
    part text := 'visits_visit_' || to_char(day, 'YYYY_MM');
BEGIN
    IF to_regclass(part) IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtext('visits_ensure_month'));
        EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF visits_visit FOR VALUES FROM (%L) TO (%L)',
                       part, first, (first + interval '1 month')::date);
    END IF;
END $$;

-- Record facts: the whole of it in one statement. `p_rows` is a JSON array of
--   {uuid, person, mode, outcome, occurred_at, made_by, channel, needs?, note?, client_at?, amends?, amend_reason?}
-- Answers a row for each: new | same (sent before, same content) | clash (this UUID holds something else) | unknown
-- (no such person inside the areas of whoever is acting).
CREATE FUNCTION visits_record(p_rows jsonb)
RETURNS TABLE (client_uuid uuid, visit_id bigint, person_id bigint, result text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM visits_ensure_month(m) FROM (
        SELECT DISTINCT date_trunc('month', (r ->> 'occurred_at')::timestamptz AT TIME ZONE 'Asia/Shanghai')::date AS m
        FROM jsonb_array_elements(p_rows) r) months
    WHERE to_regclass('visits_visit_' || to_char(m, 'YYYY_MM')) IS NULL;

    RETURN QUERY
    WITH sent AS MATERIALIZED (
        SELECT DISTINCT ON (uuid) r.*, (r.occurred_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
               sha256(convert_to(jsonb_build_array(
                   r.person, r.mode, r.outcome, r.occurred_at, r.needs, r.note, r.amends)::text, 'UTF8')) AS digest
        FROM jsonb_to_recordset(p_rows) AS r(uuid uuid, person bigint, mode text, outcome text, occurred_at timestamptz,
             made_by int, channel text, needs text[], note text, client_at timestamptz, amends bigint, amend_reason text)
    ), known AS MATERIALIZED (
        SELECT s.*, p.village_id, p.town_id, p.county_id, p.city_id
        FROM sent s JOIN people_person p ON p.id = s.person
    ), receipt AS (
        INSERT INTO visits_receipt (client_uuid, visit_id, occurred_on, person_id, digest)
        SELECT uuid, nextval('visits_visit_id_seq'), day, person, digest FROM known ORDER BY uuid
        ON CONFLICT (client_uuid) DO NOTHING
        RETURNING client_uuid, visit_id
    ), fact AS (
        INSERT INTO visits_visit (id, client_uuid, person_id, mode, outcome, counts, occurred_on, occurred_at, made_by,
                                  entered_by, channel, needs, note, late, client_at, amends, amend_reason,
                                  village_id, town_id, county_id, city_id)
        SELECT r.visit_id, k.uuid, k.person, k.mode, k.outcome, k.outcome IN ('well', 'needs', 'unwell'), k.day,
               k.occurred_at, k.made_by, app_user(), k.channel, coalesce(k.needs, '{}'), coalesce(k.note, ''),
               (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date > date_trunc('week', k.day)::date + 6,
               k.client_at, k.amends, coalesce(k.amend_reason, ''), k.village_id, k.town_id, k.county_id, k.city_id
        FROM receipt r JOIN known k ON k.uuid = r.client_uuid
        RETURNING *
    ), counted AS (
        SELECT d.id AS duty, count(*) FILTER (WHERE u.call_modes ? f.mode) AS calls,
               count(*) FILTER (WHERE u.visit_modes ? f.mode) AS visits, bool_or(f.late) AS late
        FROM fact f
        JOIN duties_duty d ON d.person_id = f.person_id AND f.occurred_on BETWEEN d.period_start AND d.period_end
                          AND d.period_start >= f.occurred_on - 31
        JOIN duties_rule u ON u.id = d.rule_id
        WHERE f.counts GROUP BY d.id
    ), tally AS (
        UPDATE duties_duty d
        SET calls_done = d.calls_done + c.calls, visits_done = d.visits_done + c.visits, late = d.late OR c.late
        FROM counted c WHERE d.id = c.duty AND c.calls + c.visits > 0
        RETURNING d.id
    ), answered AS (
        UPDATE visits_escalation e SET closed_at = clock_timestamp(), closed_by = app_user(), closure = 'reached'
        FROM fact f WHERE f.counts AND e.person_id = f.person_id AND e.closed_at IS NULL
                      AND f.occurred_at >= e.opened_at
        RETURNING e.id
    ), unanswered AS (
        INSERT INTO visits_escalation (person_id, visit_id, step, due_at, opened_at, closure,
                                       village_id, town_id, county_id, city_id)
        SELECT DISTINCT ON (f.person_id) f.person_id, f.id, g.step, f.occurred_at + make_interval(mins => g.within_minutes),
               f.occurred_at, '', f.village_id, f.town_id, f.county_id, f.city_id
        FROM fact f CROSS JOIN LATERAL (SELECT step, within_minutes FROM visits_rung ORDER BY position LIMIT 1) g
        WHERE f.outcome = 'no_answer' AND f.occurred_at > clock_timestamp() - interval '2 days'
        ORDER BY f.person_id, f.occurred_at
        ON CONFLICT DO NOTHING
        RETURNING id
    ), needed AS (
        INSERT INTO visits_referral (person_id, visit_id, need, detail, due_on, opened_at, opened_by, result,
                                     village_id, town_id, county_id, city_id)
        SELECT f.person_id, f.id, n.need, f.note, f.occurred_on + coalesce(t.days, 3), clock_timestamp(), app_user(), '',
               f.village_id, f.town_id, f.county_id, f.city_id
        FROM fact f CROSS JOIN LATERAL unnest(f.needs) AS n(need)
        LEFT JOIN visits_need_term t ON t.need = n.need
        WHERE f.amends IS NULL
        RETURNING id
    ), answer AS (
        SELECT s.uuid, f.id AS visit, s.person, f.village_id AS village,
               CASE WHEN f.id IS NOT NULL THEN 'new' WHEN k.uuid IS NULL THEN 'unknown' ELSE 'known' END AS what,
               s.digest
        FROM sent s LEFT JOIN known k ON k.uuid = s.uuid LEFT JOIN fact f ON f.client_uuid = s.uuid
    ), noted AS (
        SELECT audit_add('visits.record', 'visit', min(a.visit), min(a.village),
                         jsonb_build_object('rows', count(*), 'visits', jsonb_agg(a.visit), 'people', jsonb_agg(a.person)))
        FROM answer a WHERE a.what = 'new' HAVING count(*) > 0
    )
    SELECT a.uuid, coalesce(a.visit, e.visit_id), a.person,
           CASE WHEN a.what <> 'known' THEN a.what WHEN e.digest = a.digest THEN 'same' ELSE 'clash' END
    FROM answer a
    LEFT JOIN visits_receipt e ON e.client_uuid = a.uuid AND a.what = 'known'
    LEFT JOIN noted ON true;
END $$;

-- Count the facts again for these duties (a period opened after visits were made, an amendment, a restored backup).
CREATE FUNCTION visits_recount(p_duties bigint[]) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    changed int;
BEGIN
    WITH again AS (
        SELECT d.id, count(v.id) FILTER (WHERE u.call_modes ? v.mode) AS calls,
               count(v.id) FILTER (WHERE u.visit_modes ? v.mode) AS visits,
               coalesce(bool_or(v.late) FILTER (WHERE u.call_modes ? v.mode OR u.visit_modes ? v.mode), false) AS late
        FROM duties_duty d JOIN duties_rule u ON u.id = d.rule_id
        LEFT JOIN visits_visit v ON v.person_id = d.person_id AND v.occurred_on BETWEEN d.period_start AND d.period_end
            AND v.counts AND NOT EXISTS (SELECT 1 FROM visits_visit a WHERE a.amends = v.id)
        WHERE d.id = ANY(p_duties) GROUP BY d.id)
    UPDATE duties_duty d SET calls_done = a.calls, visits_done = a.visits, late = a.late
    FROM again a WHERE a.id = d.id
      AND (d.calls_done, d.visits_done, d.late) IS DISTINCT FROM (a.calls::smallint, a.visits::smallint, a.late);
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END $$;
