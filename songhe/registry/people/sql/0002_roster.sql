-- Which of these ID numbers (blind index) already have a file anywhere: entry and import must say so without showing whose.
CREATE FUNCTION people_taken(p_blinds bytea[]) RETURNS TABLE (id_blind bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT p.id_blind FROM people_person p WHERE p.id_blind = ANY(p_blinds) AND p.merged_into_id IS NULL $$;

-- People point at places without a constraint (it would be checked for each imported row), so a place in use is kept here.
CREATE FUNCTION place_kept() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM people_person p WHERE p.village_id = OLD.id)
       OR (OLD.level <> 'village' AND EXISTS (SELECT 1 FROM places_place c WHERE c.parent_id = OLD.id)) THEN
        RAISE EXCEPTION '地点 % 下有档案或下级，不能删除；请写明撤销日期 / place % is in use: give it an end date instead', OLD.code, OLD.code
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER place_kept BEFORE DELETE ON places_place FOR EACH ROW EXECUTE FUNCTION place_kept();

-- Statistics of the register, taken inside an import's own transaction: without them the planner takes a register that was
-- empty yesterday for one of seven rows and reads all of it for each roster line. Only the owner may ANALYZE.
CREATE FUNCTION people_measure() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    ANALYZE people_person;
    ANALYZE people_circumstance;
    ANALYZE people_contact;
END $$;
