-- The arithmetic of duties that must hold while many people write at once: kept in the database, one function a verb.
-- All run as the tables' owner: the actions have asked for the permission and the area before they call.

-- Sums by village: every change of duties changes them by exactly its difference, in the same transaction.
CREATE FUNCTION duties_sum() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO duties_tally (name, period_start, period_end, village_id, town_id, county_id, city_id,
                                  owed, kept, excused, late)
        SELECT n.name, n.period_start, n.period_end, n.village_id, n.town_id, n.county_id, n.city_id,
               sum((n.excused = '')::int - (o.excused = '')::int),
               sum((n.excused = '' AND n.kept)::int - (o.excused = '' AND o.kept)::int),
               sum((n.excused <> '')::int - (o.excused <> '')::int),
               sum((n.excused = '' AND n.late)::int - (o.excused = '' AND o.late)::int)
        FROM new_rows n JOIN old_rows o ON o.id = n.id
        WHERE (n.excused = '') <> (o.excused = '') OR n.kept <> o.kept OR n.late <> o.late
        GROUP BY n.name, n.period_start, n.period_end, n.village_id, n.town_id, n.county_id, n.city_id
        ORDER BY n.name, n.period_start, n.village_id
        ON CONFLICT (name, period_start, village_id) DO UPDATE SET
            owed = duties_tally.owed + excluded.owed, kept = duties_tally.kept + excluded.kept,
            excused = duties_tally.excused + excluded.excused, late = duties_tally.late + excluded.late;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO duties_tally (name, period_start, period_end, village_id, town_id, county_id, city_id,
                                  owed, kept, excused, late)
        SELECT n.name, n.period_start, n.period_end, n.village_id, n.town_id, n.county_id, n.city_id,
               sum((n.excused = '')::int), sum((n.excused = '' AND n.kept)::int),
               sum((n.excused <> '')::int), sum((n.excused = '' AND n.late)::int)
        FROM new_rows n
        GROUP BY n.name, n.period_start, n.period_end, n.village_id, n.town_id, n.county_id, n.city_id
        ORDER BY n.name, n.period_start, n.village_id
        ON CONFLICT (name, period_start, village_id) DO UPDATE SET
            owed = duties_tally.owed + excluded.owed, kept = duties_tally.kept + excluded.kept,
            excused = duties_tally.excused + excluded.excused, late = duties_tally.late + excluded.late;
    ELSE
        UPDATE duties_tally t SET owed = t.owed - o.owed, kept = t.kept - o.kept,
                                  excused = t.excused - o.excused, late = t.late - o.late
        FROM (SELECT name, period_start, village_id, sum((excused = '')::int) AS owed,
                     sum((excused = '' AND kept)::int) AS kept, sum((excused <> '')::int) AS excused,
                     sum((excused = '' AND late)::int) AS late
              FROM old_rows GROUP BY name, period_start, village_id) o
        WHERE t.name = o.name AND t.period_start = o.period_start AND t.village_id = o.village_id;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER duty_sum_insert AFTER INSERT ON duties_duty REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION duties_sum();
CREATE TRIGGER duty_sum_update AFTER UPDATE ON duties_duty REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION duties_sum();
CREATE TRIGGER duty_sum_delete AFTER DELETE ON duties_duty REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION duties_sum();

-- A gate between "a period opens" and "a visit, an excuse, an emergency is written": each kind alone would not see the
-- other's uncommitted rows, and a visit made while its period opens would never be counted. Writers pass together;
-- whoever opens waits for those inside and keeps newcomers out until the commit (only for the counting, not the filling).
CREATE FUNCTION duties_pass() RETURNS void LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock_shared(7301, 0) $$;
CREATE FUNCTION duties_close_gate() RETURNS void LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock(7301, 0) $$;

-- Excused or not, from the excuses that stand: those covering at least the rule's days of the period (of the rest of
-- it for somebody who joined later). The reason is that of the longest one. Rows are locked first, so that the next
-- statement sees what others have committed meanwhile.
CREATE FUNCTION duties_settle(p_duties bigint[]) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    changed int;
BEGIN
    PERFORM 1 FROM duties_duty WHERE id = ANY(p_duties) ORDER BY id FOR UPDATE;
    WITH span AS (
        SELECT d.id, d.person_id, u.excuse_min_days AS least, p.merged_into_id IS NOT NULL AS merged,
               daterange(coalesce(d.joined_on, d.period_start), d.period_end, '[]') AS days
        FROM duties_duty d JOIN duties_rule u ON u.id = d.rule_id JOIN people_person p ON p.id = d.person_id
        WHERE d.id = ANY(p_duties)
    ), part AS (
        SELECT s.id, e.reason, e.starts_on, e.id AS excuse, daterange(e.starts_on, e.ends_on, '[]') * s.days AS days
        FROM span s JOIN duties_excuse e ON e.person_id = s.person_id AND e.withdrawn_at IS NULL
                                        AND daterange(e.starts_on, e.ends_on, '[]') && s.days
    ), whole AS (
        SELECT id, range_agg(days) AS days FROM part GROUP BY id
    ), covered AS (
        SELECT id, (SELECT sum(upper(r) - lower(r)) FROM unnest(days) r) AS days FROM whole
    ), longest AS (
        SELECT DISTINCT ON (id) id, reason FROM part ORDER BY id, upper(days) - lower(days) DESC, starts_on, excuse
    ), wanted AS (
        SELECT s.id, CASE WHEN s.merged THEN 'merged' WHEN c.days >= s.least THEN l.reason ELSE '' END AS excused
        FROM span s LEFT JOIN covered c ON c.id = s.id LEFT JOIN longest l ON l.id = s.id
    )
    UPDATE duties_duty d SET excused = w.excused FROM wanted w WHERE w.id = d.id AND d.excused <> w.excused;
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END $$;

-- How often, from the base of rule and tier and the emergencies that are on: the highest of them.
CREATE FUNCTION duties_raise(p_duties bigint[]) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    changed int;
BEGIN
    PERFORM 1 FROM duties_duty WHERE id = ANY(p_duties) ORDER BY id FOR UPDATE;
    WITH wanted AS (
        SELECT d.id, greatest(d.base_calls, max(e.calls_owed)) AS calls, greatest(d.base_visits, max(e.visits_owed)) AS visits
        FROM duties_duty d JOIN places_place v ON v.id = d.village_id
        LEFT JOIN duties_emergency e ON e.name = d.name AND e.ended_at IS NULL
             AND e.starts_on <= d.period_end AND e.ends_on >= d.period_start
             AND e.place_id IN (d.village_id, d.town_id, d.county_id, d.city_id, v.province_id, v.functional_area_id)
        WHERE d.id = ANY(p_duties) GROUP BY d.id
    )
    UPDATE duties_duty d SET calls_owed = w.calls, visits_owed = w.visits
    FROM wanted w WHERE w.id = d.id AND (d.calls_owed, d.visits_owed) <> (w.calls, w.visits);
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END $$;

-- Fill an opened period: one duty for each person the rule is owed to. `p_joined_on` is null for the opening itself,
-- or the day from which latecomers count. Only people inside the areas of whoever is acting. Answers how many were added.
CREATE FUNCTION duties_fill(p_opening bigint, p_joined_on date) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    o record;
    place_rule text;
    ids bigint[];
    part bigint[];
BEGIN
    SELECT n.period_start AS first, n.period_end AS last, n.place_id, u.id, u.name, u.tiers, u.owed_to,
           u.calls_owed, u.visits_owed, u.by AS whose, p.level, p.kind
    INTO STRICT o
    FROM duties_opening n JOIN duties_rule u ON u.id = n.rule_id JOIN places_place p ON p.id = n.place_id
    WHERE n.id = p_opening;
    place_rule := CASE
        WHEN o.kind = 'functional' THEN 'p.village_id IN (SELECT id FROM places_place WHERE functional_area_id = $1)'
        WHEN o.level = 'province' THEN 'p.village_id IN (SELECT id FROM places_place WHERE province_id = $1)'
        WHEN o.level = 'township' THEN 'p.town_id = $1'
        ELSE format('p.%I = $1', o.level || '_id') END;

    EXECUTE format($q$
        WITH tier AS MATERIALIZED (
            SELECT t.rank::smallint, t.tier ->> 'name' AS name, (t.tier ->> 'any_of')::int AS any_of,
                   (t.tier ->> 'all_of')::int AS all_of, (t.tier ->> 'age_from')::int AS age_from,
                   (t.tier ->> 'calls')::smallint AS calls, (t.tier ->> 'visits')::smallint AS visits
            FROM jsonb_array_elements($2) WITH ORDINALITY AS t(tier, rank)
        ), added AS (
            INSERT INTO duties_duty (person_id, rule_id, name, period_start, period_end, tier, tier_rank, base_calls,
                                     base_visits, calls_owed, visits_owed, calls_done, visits_done, late, excused,
                                     joined_on, helper_id, village_id, town_id, county_id, city_id)
            SELECT p.id, $3, $4, $5, $6, coalesce(t.name, ''), coalesce(t.rank, 99), coalesce(t.calls, $7),
                   coalesce(t.visits, $8), coalesce(t.calls, $7), coalesce(t.visits, $8), 0, 0, false, '',
                   $9, a.helper_id, p.village_id, p.town_id, p.county_id, p.city_id
            FROM people_person p
            LEFT JOIN LATERAL (
                SELECT * FROM tier
                WHERE (any_of = 0 OR p.tags & any_of <> 0) AND p.tags & all_of = all_of
                  AND (age_from = 0 OR p.birth <= $5 - make_interval(years => age_from))
                ORDER BY rank LIMIT 1) t ON true
            LEFT JOIN duties_assignment a ON a.person_id = p.id AND a.kind = $10 AND a.valid_from <= $11
                                         AND (a.valid_to IS NULL OR a.valid_to > $11)
            WHERE NOT (p.tags = 0) AND p.tags & $12 <> 0 AND p.merged_into_id IS NULL
              AND (p.status = 'living' OR p.status_from > coalesce($9, $5)) AND %s
              AND (0 = ANY($13) OR p.city_id = ANY($13) OR p.county_id = ANY($13) OR p.town_id = ANY($13)
                   OR p.village_id = ANY($13))
            ORDER BY p.county_id, p.town_id, p.village_id, p.id
            ON CONFLICT (person_id, period_start, name) DO NOTHING
            RETURNING id)
        SELECT coalesce(array_agg(id), '{}') FROM added$q$, place_rule)
    INTO ids
    USING o.place_id, o.tiers, o.id, o.name, o.first, o.last, o.calls_owed, o.visits_owed, p_joined_on, o.whose,
          least(greatest(coalesce(p_joined_on, o.first), (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date), o.last), o.owed_to, app_areas();

    PERFORM duties_close_gate();
    IF EXISTS (SELECT 1 FROM duties_emergency e WHERE e.name = o.name AND e.ended_at IS NULL
               AND e.starts_on <= o.last AND e.ends_on >= o.first) THEN
        PERFORM duties_raise(ids);
    END IF;
    SELECT array_agg(d.id) INTO part FROM duties_duty d WHERE d.id = ANY(ids) AND d.person_id IN (
        SELECT e.person_id FROM duties_excuse e
        WHERE e.withdrawn_at IS NULL AND e.starts_on <= o.last AND (e.ends_on IS NULL OR e.ends_on >= o.first));
    IF part IS NOT NULL THEN
        PERFORM duties_settle(part);
    END IF;
    -- visits_recount stands one floor up, in the app of the facts; it is called by its name, so that no import goes up
    IF EXISTS (SELECT 1 FROM visits_visit v WHERE v.occurred_on BETWEEN o.first AND o.last) THEN
        PERFORM visits_recount(ids);
    END IF;
    UPDATE duties_opening SET owed = owed + CASE WHEN p_joined_on IS NULL THEN cardinality(ids) ELSE 0 END,
                              joined = joined + CASE WHEN p_joined_on IS NULL THEN 0 ELSE cardinality(ids) END
    WHERE id = p_opening;
    RETURN cardinality(ids);
END $$;
