-- The procedure of an order, kept by the database: a step is legal or refused, the order moves with its steps and in no
-- other way, one dispatch holds it, its crew is whole, what was frozen stays, a quota is never exceeded.

-- The list stands in services.terms.STEPS as well; tests/care/services/test_states.py compares the two.
CREATE FUNCTION services_legal(p_from text, p_to text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (p_from, p_to) IN (
        ('', 'waiting'),
        ('waiting', 'dispatched'), ('waiting', 'cancelled'),
        ('dispatched', 'accepted'), ('dispatched', 'returned'), ('dispatched', 'cancelled'),
        ('accepted', 'serving'), ('accepted', 'returned'), ('accepted', 'cancelled'),
        ('serving', 'done'), ('serving', 'returned'), ('serving', 'cancelled'),
        ('done', 'called_back'), ('done', 'rated'),
        ('called_back', 'rated'),
        ('returned', 'dispatched'), ('returned', 'cancelled'))
$$;

-- A new order has no state yet, is of a catalogue in force on the day of service, at that catalogue's price.
CREATE FUNCTION services_order_new() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    i record;
BEGIN
    SELECT t.price, t.carers, c.valid_from, c.valid_to INTO i
    FROM services_item t JOIN services_catalogue c ON c.id = t.catalogue_id WHERE t.id = NEW.item_id;
    IF NOT FOUND OR NEW.service_on < i.valid_from OR NEW.service_on >= coalesce(i.valid_to, 'infinity'::date) THEN
        RAISE EXCEPTION 'order of a catalogue that is not in force on %', NEW.service_on
            USING ERRCODE = 'check_violation', CONSTRAINT = 'catalogue_in_force';
    END IF;
    IF NEW.unit_price <> i.price OR NEW.carers <> i.carers
       OR NEW.government_pays + NEW.person_pays <> NEW.unit_price * NEW.quantity THEN
        RAISE EXCEPTION 'order differs from its catalogue' USING ERRCODE = 'check_violation', CONSTRAINT = 'order_as_catalogue';
    END IF;
    NEW.state := '';
    NEW.started_at := NULL;
    NEW.finished_at := NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER order_new BEFORE INSERT ON services_order FOR EACH ROW EXECUTE FUNCTION services_order_new();

-- An entitled order draws on the month's quota; `quota_not_exceeded` refuses the one too many, however many ask at once.
CREATE FUNCTION services_quota_draw() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO services_quota AS q (person_id, entitlement, month, granted, used)
    VALUES (NEW.person_id, NEW.entitlement, date_trunc('month', NEW.service_on)::date, NEW.quota_granted, NEW.quantity)
    ON CONFLICT ON CONSTRAINT quota_once DO UPDATE SET granted = EXCLUDED.granted, used = q.used + EXCLUDED.used;
    RETURN NULL;
END $$;
CREATE TRIGGER quota_draw AFTER INSERT ON services_order FOR EACH ROW WHEN (NEW.entitlement <> '')
EXECUTE FUNCTION services_quota_draw();

-- What was agreed is frozen; the state moves with a step only.
CREATE FUNCTION services_order_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - '{state,started_at,finished_at}'::text[] <> to_jsonb(OLD) - '{state,started_at,finished_at}'::text[]
       OR pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'order %: what was agreed is frozen; it moves by a step only', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_frozen';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER order_frozen BEFORE UPDATE ON services_order FOR EACH ROW EXECUTE FUNCTION services_order_frozen();

CREATE FUNCTION services_step_in() RETURNS trigger LANGUAGE plpgsql AS $$
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
        WHERE person_id = o.person_id AND entitlement = o.entitlement AND month = date_trunc('month', o.service_on)::date;
    END IF;
    UPDATE services_order SET state = NEW.to_state,
        started_at = CASE NEW.to_state WHEN 'serving' THEN NEW.at WHEN 'returned' THEN NULL ELSE started_at END,
        finished_at = CASE NEW.to_state WHEN 'done' THEN NEW.at ELSE finished_at END
    WHERE id = NEW.order_id;
    RETURN NEW;
END $$;
CREATE TRIGGER step_in BEFORE INSERT ON services_step FOR EACH ROW EXECUTE FUNCTION services_step_in();

CREATE FUNCTION services_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: rows are added, never changed', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'services_history_kept';
END $$;
CREATE TRIGGER step_kept BEFORE UPDATE OR DELETE ON services_step FOR EACH ROW EXECUTE FUNCTION services_kept();
CREATE TRIGGER certificate_kept BEFORE UPDATE OR DELETE ON services_certificate FOR EACH ROW EXECUTE FUNCTION services_kept();

-- A dispatch that has ended lets its workers go, and never comes back.
CREATE FUNCTION services_dispatch_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL THEN
        RAISE EXCEPTION 'dispatch %: has ended', OLD.id USING ERRCODE = 'check_violation', CONSTRAINT = 'dispatch_ended';
    END IF;
    IF NEW.ended_at IS NOT NULL THEN
        UPDATE services_crew SET live = false WHERE dispatch_id = NEW.id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dispatch_ends BEFORE UPDATE ON services_dispatch FOR EACH ROW EXECUTE FUNCTION services_dispatch_ends();

-- At the end of a transaction: whoever must hold the order holds it, with exactly as many carers as it needs.
CREATE FUNCTION services_whole(p_order bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    o record;
    holders int;
    hands int;
BEGIN
    SELECT state, carers INTO o FROM services_order WHERE id = p_order;
    IF NOT FOUND THEN RETURN; END IF;
    SELECT count(DISTINCT d.id), count(c.id) FILTER (WHERE c.live) INTO holders, hands
    FROM services_dispatch d LEFT JOIN services_crew c ON c.dispatch_id = d.id
    WHERE d.order_id = p_order AND d.ended_at IS NULL;
    IF o.state = '' OR (o.state IN ('waiting', 'returned', 'cancelled')) <> (holders = 0) THEN
        RAISE EXCEPTION 'order %: % with % dispatches', p_order, o.state, holders
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_held_once';
    END IF;
    IF (o.state = 'dispatched' AND hands NOT IN (0, o.carers))
       OR (o.state IN ('accepted', 'serving', 'done', 'called_back', 'rated') AND hands <> o.carers) THEN
        RAISE EXCEPTION 'order %: % with % carers, needs %', p_order, o.state, hands, o.carers
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_crew_whole';
    END IF;
END $$;

CREATE FUNCTION services_check_order() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET row_security = on AS $$
BEGIN
    PERFORM services_whole(NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION services_check_dispatch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET row_security = on AS $$
BEGIN
    PERFORM services_whole(coalesce(NEW.order_id, OLD.order_id));
    RETURN NULL;
END $$;
CREATE FUNCTION services_check_crew() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET row_security = on AS $$
BEGIN
    PERFORM services_whole(d.order_id) FROM services_dispatch d WHERE d.id = coalesce(NEW.dispatch_id, OLD.dispatch_id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER order_whole AFTER INSERT OR UPDATE ON services_order DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION services_check_order();
CREATE CONSTRAINT TRIGGER dispatch_whole AFTER INSERT OR UPDATE OR DELETE ON services_dispatch DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION services_check_dispatch();
CREATE CONSTRAINT TRIGGER crew_whole AFTER INSERT OR UPDATE OR DELETE ON services_crew DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION services_check_crew();
