-- A meal is never taken back: only its state may go from counted to void, with a reason. Books are added to.
CREATE FUNCTION meals_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'counted' OR NEW.state <> 'void' OR NEW.void_reason = ''
       OR to_jsonb(NEW) - ARRAY['state', 'void_reason'] IS DISTINCT FROM to_jsonb(OLD) - ARRAY['state', 'void_reason'] THEN
        RAISE EXCEPTION '就餐记录只能写明理由作废 / a meal can only be voided, with a reason' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER meal_stays BEFORE UPDATE OR DELETE ON meals_meal FOR EACH ROW EXECUTE FUNCTION meals_stays();

CREATE FUNCTION meals_book_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '月账只增不改 / books are added to, never changed' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER book_stays BEFORE UPDATE OR DELETE ON meals_book FOR EACH ROW EXECUTE FUNCTION meals_book_stays();

-- Whether a point serves on a day: in use by its latest status, proved by an activity or a meal. Only yes or no is told, because a
-- point that serves a community may stand in the next township, outside the asker's area. Runs as the owner for that reason.
CREATE FUNCTION meals_point_works(p_facility bigint, p_on date) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT coalesce((SELECT s.status = 'in_use' FROM facilities_statuschange s
                     WHERE s.facility_id = p_facility AND s."on" <= p_on ORDER BY s."on" DESC, s.id DESC LIMIT 1), false)
       AND (EXISTS (SELECT 1 FROM facilities_activity a
                    WHERE a.facility_id = p_facility AND a."on" <= p_on AND a.voids_id IS NULL
                      AND NOT EXISTS (SELECT 1 FROM facilities_activity v WHERE v.voids_id = a.id))
            OR EXISTS (SELECT 1 FROM meals_meal m WHERE m.facility_id = p_facility AND m."on" <= p_on AND m.state = 'counted'))
$$;
