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

-- What a record says, as one digest: the same UUID with another digest is a clash.
CREATE FUNCTION visits_digest(person bigint, mode text, outcome text, occurred_at timestamptz, needs text[], note text,
                              amends bigint) RETURNS bytea LANGUAGE sql STABLE AS
$$ SELECT sha256(convert_to(concat_ws('|', person, mode, outcome, extract(epoch FROM occurred_at)::numeric(20, 3),
                                      coalesce(needs, '{}')::text, coalesce(note, ''), coalesce(amends, 0)), 'UTF8')) $$;

-- Record facts: fact, tally, escalation, referral and audit row in one call. `p_rows` is a JSON array of
--   {uuid, person, mode, outcome, occurred_at, made_by, channel, needs?, note?, client_at?, recorded_at?, amends?,
--    amend_reason?}      (`recorded_at` is sent by imports of older records only)
-- Answers a row for each UUID: new | same (sent before, same content) | clash (this UUID holds something else) |
-- unknown (no such person inside the areas of whoever is acting) | held (nothing is wrong with it, but with another row,
-- and `p_partial` is false: nothing was written).
-- It runs as the tables' owner and says the area rule itself: a helper may record a visit to a person who has moved
-- here although this period's duty still belongs to the old village; policies on each table would also cost a third.
CREATE FUNCTION visits_record(p_rows jsonb, p_partial boolean)
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
        JOIN people_person p ON p.id = coalesce(f.merged_into_id, f.id)
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

-- What follows from facts just written: ladders closed by an answer, climbed or opened by silence, needs handed on.
CREATE FUNCTION visits_follow(p_rows jsonb, p_uuids uuid[], p_visits bigint[]) RETURNS void LANGUAGE plpgsql
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
        JOIN people_person f ON f.id = r.person JOIN people_person p ON p.id = coalesce(f.merged_into_id, f.id)
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

-- Count the facts again for these duties (a period opened after visits were made, an amendment, a restored backup).
-- A fact counts unless a later row amends it; visits to a file merged into this one count here.
CREATE FUNCTION visits_recount(p_duties bigint[]) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    changed int;
BEGIN
    -- Locked first: the count below is a new statement and sees every fact whose tally it would otherwise overwrite.
    PERFORM 1 FROM duties_duty WHERE id = ANY(p_duties) ORDER BY id FOR UPDATE;
    WITH whose AS (
        SELECT d.id, d.person_id, d.period_start, d.period_end, d.rule_id FROM duties_duty d WHERE d.id = ANY(p_duties)
        UNION ALL
        SELECT d.id, m.absorbed_id, d.period_start, d.period_end, d.rule_id
        FROM duties_duty d JOIN people_merge m ON m.kept_id = d.person_id AND m.undone_at IS NULL
        WHERE d.id = ANY(p_duties)
    ), again AS (
        SELECT w.id, count(v.id) FILTER (WHERE u.call_modes ? v.mode) AS calls,
               count(v.id) FILTER (WHERE u.visit_modes ? v.mode) AS visits,
               coalesce(bool_or((v.recorded_at AT TIME ZONE 'Asia/Shanghai')::date > w.period_end + u.late_after_days)
                   FILTER (WHERE u.call_modes ? v.mode OR u.visit_modes ? v.mode), false) AS late
        FROM whose w JOIN duties_rule u ON u.id = w.rule_id
        LEFT JOIN visits_visit v ON v.person_id = w.person_id AND v.occurred_on BETWEEN w.period_start AND w.period_end
            AND v.counts AND NOT EXISTS (SELECT 1 FROM visits_visit a WHERE a.amends = v.id)
        GROUP BY w.id)
    UPDATE duties_duty d SET calls_done = a.calls, visits_done = a.visits, late = a.late
    FROM again a WHERE a.id = d.id
      AND (d.calls_done, d.visits_done, d.late) IS DISTINCT FROM (a.calls::smallint, a.visits::smallint, a.late);
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END $$;

-- Which of these duties fell short at the end of a day, counting the facts made up to it. Of duties that whoever is
-- acting may read; all facts of those count, also one made by the village the person has moved to since.
CREATE FUNCTION visits_short_on(p_duties bigint[], p_day date) RETURNS TABLE (duty bigint) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT d.id FROM duties_duty d JOIN duties_rule u ON u.id = d.rule_id
    LEFT JOIN visits_visit v ON v.person_id = d.person_id AND v.occurred_on BETWEEN d.period_start AND p_day
        AND v.counts AND NOT EXISTS (SELECT 1 FROM visits_visit a WHERE a.amends = v.id)
    WHERE d.id = ANY(p_duties)
      AND (0 = ANY(app_areas()) OR array[d.village_id, d.town_id, d.county_id, d.city_id] && app_areas()::bigint[]
           OR EXISTS (SELECT 1 FROM people_person p WHERE p.id = d.person_id
                      AND array[p.village_id, p.town_id, p.county_id, p.city_id] && app_areas()::bigint[]))
    GROUP BY d.id
    HAVING count(v.id) FILTER (WHERE u.call_modes ? v.mode) < d.calls_owed
        OR count(v.id) FILTER (WHERE u.visit_modes ? v.mode) < d.visits_owed
$$;
