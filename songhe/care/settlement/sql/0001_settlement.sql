-- Money is paid for accepted orders only, once, and what was signed stays as it was signed.

-- A line needs the order's evidence accepted: checked when it is written, and again for all of them when it is signed.
CREATE FUNCTION settlement_line_accepted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM evidence_check c WHERE c.order_id = NEW.order_id AND c.state = 'accepted') THEN
        RAISE EXCEPTION 'order %: only accepted orders are settled', NEW.order_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_order_accepted';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER line_accepted BEFORE INSERT OR UPDATE ON settlement_line
FOR EACH ROW EXECUTE FUNCTION settlement_line_accepted();

CREATE FUNCTION settlement_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    s record;
BEGIN
    IF OLD.state = 'signed' THEN
        RAISE EXCEPTION 'settlement %: is frozen', OLD.id USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_frozen';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    IF NEW.state = 'signed' THEN
        SELECT count(*) AS orders, count(DISTINCT l.person_id) AS persons, coalesce(sum(l.amount), 0) AS gross,
               count(*) FILTER (WHERE c.state IS DISTINCT FROM 'accepted') AS doubtful
        INTO s FROM settlement_line l LEFT JOIN evidence_check c ON c.order_id = l.order_id WHERE l.settlement_id = NEW.id;
        IF s.doubtful > 0 THEN
            RAISE EXCEPTION 'settlement %: % orders are not accepted', NEW.id, s.doubtful
                USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_order_accepted';
        END IF;
        IF (s.orders, s.persons, s.gross) IS DISTINCT FROM (NEW.orders::bigint, NEW.persons::bigint, NEW.gross)
           OR NEW.deducted <> (SELECT coalesce(sum(amount), 0) FROM settlement_deduction WHERE settlement_id = NEW.id) THEN
            RAISE EXCEPTION 'settlement %: differs from its lines', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_of_its_lines';
        END IF;
        IF EXISTS (SELECT 1 FROM settlement_held WHERE settlement_id = NEW.id AND answer = '') THEN
            RAISE EXCEPTION 'settlement %: exceptions are open', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_exceptions_answered';
        END IF;
        IF (SELECT count(*) FROM settlement_signer WHERE settlement_id = NEW.id AND verdict = 'agree'
            AND round = (SELECT max(round) FROM settlement_signer WHERE settlement_id = NEW.id)) < NEW.needed THEN
            RAISE EXCEPTION 'settlement %: signatures are missing', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_signed_by_enough';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER settlement_sealed BEFORE UPDATE OR DELETE ON settlement_settlement
FOR EACH ROW EXECUTE FUNCTION settlement_sealed();

-- Nothing below a month that waits for signatures or was signed is added, changed or taken away; only signatures are given.
CREATE FUNCTION settlement_part_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    holder bigint := CASE TG_OP WHEN 'INSERT' THEN NEW.settlement_id ELSE OLD.settlement_id END;
BEGIN
    IF (SELECT state FROM settlement_settlement WHERE id = holder) <> 'draft' THEN
        RAISE EXCEPTION 'settlement %: is frozen', holder USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER line_sealed BEFORE INSERT OR UPDATE OR DELETE ON settlement_line
FOR EACH ROW EXECUTE FUNCTION settlement_part_sealed();
CREATE TRIGGER held_sealed BEFORE INSERT OR UPDATE OR DELETE ON settlement_held
FOR EACH ROW EXECUTE FUNCTION settlement_part_sealed();
CREATE TRIGGER deduction_sealed BEFORE INSERT OR UPDATE OR DELETE ON settlement_deduction
FOR EACH ROW EXECUTE FUNCTION settlement_part_sealed();

CREATE FUNCTION settlement_signer_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    at_now text := (SELECT state FROM settlement_settlement WHERE id = OLD.settlement_id);
BEGIN
    IF TG_OP = 'DELETE' OR at_now <> 'signing' OR OLD.verdict <> ''
       OR (NEW.settlement_id, NEW.round, NEW.user_id) IS DISTINCT FROM (OLD.settlement_id, OLD.round, OLD.user_id) THEN
        RAISE EXCEPTION 'settlement %: a signature stands', OLD.settlement_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_frozen';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER signer_sealed BEFORE UPDATE OR DELETE ON settlement_signer
FOR EACH ROW EXECUTE FUNCTION settlement_signer_sealed();

CREATE FUNCTION settlement_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: rows are added, never changed', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_history_kept';
END $$;
CREATE TRIGGER score_kept BEFORE UPDATE OR DELETE ON settlement_operatorscore
FOR EACH ROW EXECUTE FUNCTION settlement_kept();
