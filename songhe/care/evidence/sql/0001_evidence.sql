-- Facts are added, never changed; a complaint walks its steps; a flag is decided once.

CREATE FUNCTION evidence_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: rows are added, never changed', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'evidence_history_kept';
END $$;
CREATE TRIGGER stamp_kept BEFORE UPDATE OR DELETE ON evidence_stamp FOR EACH ROW EXECUTE FUNCTION evidence_kept();
CREATE TRIGGER proof_kept BEFORE UPDATE OR DELETE ON evidence_proof FOR EACH ROW EXECUTE FUNCTION evidence_kept();
CREATE TRIGGER sample_kept BEFORE UPDATE OR DELETE ON evidence_sample FOR EACH ROW EXECUTE FUNCTION evidence_kept();
CREATE TRIGGER call_back_kept BEFORE UPDATE OR DELETE ON evidence_callback FOR EACH ROW EXECUTE FUNCTION evidence_kept();
CREATE TRIGGER rating_kept BEFORE UPDATE OR DELETE ON evidence_rating FOR EACH ROW EXECUTE FUNCTION evidence_kept();
CREATE TRIGGER incident_kept BEFORE UPDATE OR DELETE ON evidence_incident FOR EACH ROW EXECUTE FUNCTION evidence_kept();
CREATE TRIGGER complaint_step_kept BEFORE UPDATE OR DELETE ON evidence_complaintstep
FOR EACH ROW EXECUTE FUNCTION evidence_kept();

-- The end of a carer's part follows its start.
CREATE FUNCTION evidence_stamp_in() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    other timestamptz := (SELECT at FROM evidence_stamp WHERE order_id = NEW.order_id AND worker_id = NEW.worker_id
                          AND kind <> NEW.kind);
BEGIN
    IF NEW.kind = 'finish' AND (other IS NULL OR NEW.at <= other) OR NEW.kind = 'start' AND other <= NEW.at THEN
        RAISE EXCEPTION 'order %: a finish follows its start', NEW.order_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stamp_in_order';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stamp_in BEFORE INSERT ON evidence_stamp FOR EACH ROW EXECUTE FUNCTION evidence_stamp_in();

-- A flag is answered once; nothing else about it changes but that it may come to wait.
CREATE FUNCTION evidence_flag_answered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.verdict <> ''
       OR (NEW.order_id, NEW.worker_id, NEW.rule, NEW.on) IS DISTINCT FROM (OLD.order_id, OLD.worker_id, OLD.rule, OLD.on) THEN
        RAISE EXCEPTION 'flag %: was answered', OLD.id USING ERRCODE = 'check_violation', CONSTRAINT = 'flag_answered_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER flag_answered BEFORE UPDATE OR DELETE ON evidence_flag
FOR EACH ROW EXECUTE FUNCTION evidence_flag_answered();

-- Accepted while a flag waits, or against one that was refused: never, whoever writes it.
CREATE FUNCTION evidence_check_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.settled_at IS NOT NULL AND NEW.settled_at IS NOT NULL AND NEW.state <> OLD.state THEN
        RAISE EXCEPTION 'order %: stands in a month that was signed', NEW.order_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'check_settled_stands';
    END IF;
    IF NEW.state = 'accepted' AND NEW.settled_at IS NULL AND EXISTS (
        SELECT 1 FROM evidence_flag f WHERE f.order_id = NEW.order_id
        AND (f.verdict = 'refused' OR f.verdict = '' AND f.waits)) THEN
        RAISE EXCEPTION 'order %: a flag waits or was refused', NEW.order_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'check_flags_answered';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_fits BEFORE INSERT OR UPDATE ON evidence_check FOR EACH ROW EXECUTE FUNCTION evidence_check_fits();

-- A complaint moves by a step only. The list stands in evidence.terms.COMPLAINT_MOVES as well; a test compares the two.
CREATE FUNCTION evidence_complaint_legal(p_from text, p_to text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (p_from, p_to) IN (('', 'open'), ('open', 'replied'), ('replied', 'appealed'), ('replied', 'closed'),
                              ('appealed', 'replied'), ('appealed', 'closed'))
$$;
CREATE FUNCTION evidence_complaint_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    now_at text;
BEGIN
    SELECT state INTO now_at FROM evidence_complaint WHERE id = NEW.complaint_id FOR UPDATE;
    IF now_at IS DISTINCT FROM NEW.from_state OR NOT evidence_complaint_legal(NEW.from_state, NEW.to_state) THEN
        RAISE EXCEPTION 'complaint %: no step from % to %', NEW.complaint_id, now_at, NEW.to_state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'complaint_step_legal';
    END IF;
    UPDATE evidence_complaint SET state = NEW.to_state,
        finding = CASE WHEN NEW.finding = '' THEN finding ELSE NEW.finding END,
        found_on = CASE WHEN NEW.finding = '' THEN found_on ELSE NEW.on END
    WHERE id = NEW.complaint_id;
    RETURN NEW;
END $$;
CREATE TRIGGER complaint_step BEFORE INSERT ON evidence_complaintstep
FOR EACH ROW EXECUTE FUNCTION evidence_complaint_step();
CREATE FUNCTION evidence_complaint_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - '{state,finding,found_on}'::text[] <> to_jsonb(OLD) - '{state,finding,found_on}'::text[]
       OR pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'complaint %: moves by a step only', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'complaint_moves_by_step';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER complaint_moves BEFORE UPDATE ON evidence_complaint
FOR EACH ROW EXECUTE FUNCTION evidence_complaint_moves();
