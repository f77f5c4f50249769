-- Papers belong to a place of any level. Inside the reader's areas everything is seen; what has been issued is seen by those
-- below as well, for whom it was written. Writing is for the place itself and those above it.
CREATE FUNCTION bulletins_inside(p_place bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT 0 = ANY(app_areas()) OR EXISTS (
       SELECT 1 FROM places_place p
       WHERE p.id = p_place AND (p.id = ANY(app_areas()) OR p.town_id = ANY(app_areas()) OR p.county_id = ANY(app_areas())
                                 OR p.city_id = ANY(app_areas()))) $$;

CREATE FUNCTION bulletins_above(p_place bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT EXISTS (SELECT 1 FROM places_place mine
                  WHERE mine.id = ANY(app_areas()) AND p_place IN (mine.town_id, mine.county_id, mine.city_id, mine.province_id)) $$;

DO $$
DECLARE
    t text;
    shared text;
BEGIN
    FOREACH t IN ARRAY ARRAY['bulletins_bulletin', 'bulletins_letter', 'bulletins_lettertemplate', 'bulletins_form',
                             'bulletins_filling', 'bulletins_frozentarget']
    LOOP
        shared := CASE WHEN t IN ('bulletins_bulletin', 'bulletins_letter') THEN 'state = ''issued'' AND ' ELSE '' END;
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
        EXECUTE format('CREATE POLICY place_read ON %I FOR SELECT USING (bulletins_inside(place_id) OR (%s bulletins_above(place_id)))', t, shared);
        EXECUTE format('CREATE POLICY place_insert ON %I FOR INSERT WITH CHECK (bulletins_inside(place_id))', t);
        EXECUTE format('CREATE POLICY place_update ON %I FOR UPDATE USING (bulletins_inside(place_id)) WITH CHECK (bulletins_inside(place_id))', t);
        EXECUTE format('CREATE POLICY place_delete ON %I FOR DELETE USING (bulletins_inside(place_id))', t);
    END LOOP;
END $$;

-- What has been issued, sent or superseded is never changed: a new row says what is different.
CREATE FUNCTION bulletins_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '已印发的文件不能修改 / issued papers are never changed' USING ERRCODE = 'check_violation'; END $$;

CREATE TRIGGER bulletin_issued_stays BEFORE UPDATE OR DELETE ON bulletins_bulletin
FOR EACH ROW WHEN (OLD.state = 'issued') EXECUTE FUNCTION bulletins_refuse();
CREATE TRIGGER letter_issued_stays BEFORE UPDATE OR DELETE ON bulletins_letter
FOR EACH ROW WHEN (OLD.state = 'issued') EXECUTE FUNCTION bulletins_refuse();
CREATE TRIGGER letter_template_stays BEFORE UPDATE OR DELETE ON bulletins_lettertemplate
FOR EACH ROW EXECUTE FUNCTION bulletins_refuse();
CREATE TRIGGER filling_stays BEFORE UPDATE OR DELETE ON bulletins_filling
FOR EACH ROW EXECUTE FUNCTION bulletins_refuse();
CREATE TRIGGER frozen_target_stays BEFORE UPDATE OR DELETE ON bulletins_frozentarget
FOR EACH ROW EXECUTE FUNCTION bulletins_refuse();
