-- The history of a bed is added to, never changed, and follows the walk: each step has the one before it behind it.
CREATE FUNCTION agreements_never_edited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '床位的经过只增不改 / the history of a bed is added to, never changed' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER step_never_edited BEFORE UPDATE OR DELETE ON agreements_step
FOR EACH ROW EXECUTE FUNCTION agreements_never_edited();
CREATE TRIGGER care_never_edited BEFORE UPDATE OR DELETE ON agreements_care
FOR EACH ROW EXECUTE FUNCTION agreements_never_edited();
CREATE TRIGGER agreement_never_edited BEFORE UPDATE OR DELETE ON agreements_agreement
FOR EACH ROW EXECUTE FUNCTION agreements_never_edited();

CREATE FUNCTION agreements_step_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before record;
    walk text[] := ARRAY['surveyed', 'assessed', 'planned', 'signed', 'fitted', 'accepted'];
BEGIN
    SELECT s.kind, s."on" INTO before FROM agreements_step s WHERE s.bed_id = NEW.bed_id ORDER BY s."on" DESC, s.id DESC LIMIT 1;
    IF before."on" IS NOT NULL AND NEW."on" < before."on" THEN
        RAISE EXCEPTION 'step_out_of_order' USING ERRCODE = 'check_violation', CONSTRAINT = 'bed_step_in_order';
    END IF;
    IF before.kind = 'ended' THEN
        RAISE EXCEPTION 'bed_ended' USING ERRCODE = 'check_violation', CONSTRAINT = 'bed_has_ended';
    END IF;
    IF NEW.kind = 'ended' OR (NEW.kind = 'renewed' AND before.kind IN ('accepted', 'renewed')) THEN
        RETURN NEW;
    END IF;
    IF NEW.kind = 'renewed' OR before.kind = 'renewed'
       OR coalesce(array_position(walk, before.kind), 0) + 1 <> array_position(walk, NEW.kind) THEN
        RAISE EXCEPTION 'step_skipped' USING ERRCODE = 'check_violation', CONSTRAINT = 'bed_step_follows';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER step_stands BEFORE INSERT ON agreements_step FOR EACH ROW EXECUTE FUNCTION agreements_step_stands();
