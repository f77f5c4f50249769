-- The procedure of a site, kept by the database: facts are added and never changed, statuses walk forward in date order,
-- "accepted" stands on a signed acceptance (or the paper of an older one), "in use" on an activity.
CREATE FUNCTION facilities_never_edited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '设施的事实只增不改 / facts about a facility are added, never changed' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER status_never_edited BEFORE UPDATE OR DELETE ON facilities_statuschange
FOR EACH ROW EXECUTE FUNCTION facilities_never_edited();
CREATE TRIGGER beds_never_edited BEFORE UPDATE OR DELETE ON facilities_bedlot
FOR EACH ROW EXECUTE FUNCTION facilities_never_edited();
CREATE TRIGGER activity_never_edited BEFORE UPDATE OR DELETE ON facilities_activity
FOR EACH ROW EXECUTE FUNCTION facilities_never_edited();
CREATE TRIGGER measure_never_edited BEFORE UPDATE OR DELETE ON facilities_measure
FOR EACH ROW EXECUTE FUNCTION facilities_never_edited();
CREATE TRIGGER draw_never_edited BEFORE UPDATE OR DELETE ON facilities_draw
FOR EACH ROW EXECUTE FUNCTION facilities_never_edited();
CREATE TRIGGER repair_never_edited BEFORE UPDATE OR DELETE ON facilities_repair
FOR EACH ROW EXECUTE FUNCTION facilities_never_edited();

CREATE FUNCTION facilities_status_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    earlier date := (SELECT max(s."on") FROM facilities_statuschange s WHERE s.facility_id = NEW.facility_id);
BEGIN
    IF earlier IS NOT NULL AND NEW."on" < earlier THEN
        RAISE EXCEPTION 'status_out_of_order' USING ERRCODE = 'check_violation', CONSTRAINT = 'status_in_order';
    END IF;
    IF NEW.status = 'in_use' AND NOT EXISTS (
        SELECT 1 FROM facilities_activity a WHERE a.facility_id = NEW.facility_id AND a."on" <= NEW."on" AND a.voids_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM facilities_activity v WHERE v.voids_id = a.id)
    ) THEN
        RAISE EXCEPTION 'in_use_without_activity' USING ERRCODE = 'check_violation', CONSTRAINT = 'in_use_has_activity';
    END IF;
    IF NEW.status = 'accepted' AND NEW.paper = '' AND NOT EXISTS (
        SELECT 1 FROM facilities_inspection i
        WHERE i.facility_id = NEW.facility_id AND i.kind = 'acceptance' AND i.signed_on IS NOT NULL AND i.signed_on <= NEW."on"
    ) THEN
        RAISE EXCEPTION 'accepted_without_acceptance' USING ERRCODE = 'check_violation', CONSTRAINT = 'accepted_is_signed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER status_stands BEFORE INSERT ON facilities_statuschange
FOR EACH ROW EXECUTE FUNCTION facilities_status_stands();

-- A verdict, once given, stays; so do the lines it was given on, and a signature.
CREATE FUNCTION facilities_verdict_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.verdict <> '' AND (NEW.verdict, NEW.opinion, NEW.concluded_by, NEW."on", NEW.facility_id, NEW.kind)
        IS DISTINCT FROM (OLD.verdict, OLD.opinion, OLD.concluded_by, OLD."on", OLD.facility_id, OLD.kind)
       OR OLD.signed_on IS NOT NULL AND (NEW.signed_on, NEW.signed_by) IS DISTINCT FROM (OLD.signed_on, OLD.signed_by) THEN
        RAISE EXCEPTION '检查结论和签字不能改 / a verdict and a signature stay' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER verdict_stays BEFORE UPDATE ON facilities_inspection FOR EACH ROW EXECUTE FUNCTION facilities_verdict_stays();

CREATE FUNCTION facilities_line_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM facilities_inspection i WHERE i.id = OLD.inspection_id AND i.verdict <> '') THEN
        RAISE EXCEPTION '检查已下结论，检查项不能改 / the inspection is concluded' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER line_stays BEFORE UPDATE ON facilities_line FOR EACH ROW EXECUTE FUNCTION facilities_line_stays();

-- How many bits two 64-bit hashes differ in.
CREATE FUNCTION facilities_bits_apart(a bigint, b bigint) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT bit_count((a # b)::bit(64))::int $$;

-- Whether a picture that looks like this one stands at another site, anywhere in the system: only yes or no is told, because
-- the other site may lie outside the asker's area. Runs as the owner for that reason.
CREATE FUNCTION facilities_photo_elsewhere(p_facility bigint, p_dhash bigint, p_phash bigint, p_d int, p_p int)
RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM facilities_photo
                   WHERE facility_id <> p_facility
                     AND facilities_bits_apart(dhash, p_dhash) <= p_d AND facilities_bits_apart(phash, p_phash) <= p_p)
$$;
