-- As in 0003; which file one has become is said once, by the register (people_file_kept).
CREATE OR REPLACE FUNCTION services_step_in() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    o record;
BEGIN
    SELECT state, person_id, entitlement, quantity, service_on INTO o
    FROM services_order WHERE id = NEW.order_id FOR NO KEY UPDATE;
    IF NOT FOUND OR NEW.from_state <> o.state THEN
        RAISE EXCEPTION 'order %: is % now, not %', NEW.order_id, o.state, NEW.from_state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_moved_on';
    END IF;
    IF NOT services_legal(NEW.from_state, NEW.to_state) THEN
        RAISE EXCEPTION 'order %: no step from % to %', NEW.order_id, NEW.from_state, NEW.to_state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_step_legal';
    END IF;
    IF NEW.to_state IN ('returned', 'cancelled') THEN
        UPDATE services_dispatch SET ended_at = greatest(NEW.at, made_at), end_reason = NEW.reason
        WHERE order_id = NEW.order_id AND ended_at IS NULL;
    END IF;
    IF NEW.to_state = 'cancelled' AND o.entitlement <> '' THEN
        UPDATE services_quota SET used = used - o.quantity
        WHERE person_id = coalesce(people_file_kept(o.person_id), o.person_id) AND entitlement = o.entitlement AND month = date_trunc('month', o.service_on)::date;
    END IF;
    UPDATE services_order SET state = NEW.to_state,
        started_at = CASE NEW.to_state WHEN 'serving' THEN NEW.at WHEN 'returned' THEN NULL ELSE started_at END,
        finished_at = CASE NEW.to_state WHEN 'done' THEN NEW.at ELSE finished_at END
    WHERE id = NEW.order_id;
    RETURN NEW;
END $$;

DROP FUNCTION services_file_of(bigint);
