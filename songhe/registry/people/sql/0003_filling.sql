-- Filling an empty register: without its indexes, which are built once at the end. Only an empty one, so nobody waits for rows
-- that are there; both halves are part of the import's transaction, and a rollback brings everything back.
CREATE TABLE people_set_aside (name text PRIMARY KEY, definition text NOT NULL);
ALTER TABLE people_set_aside ENABLE ROW LEVEL SECURITY;
CREATE POLICY owner_only ON people_set_aside TO CURRENT_USER USING (true) WITH CHECK (true);

CREATE FUNCTION people_fill_begin() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    one record;
BEGIN
    IF EXISTS (SELECT 1 FROM people_person) OR EXISTS (SELECT 1 FROM people_set_aside) THEN
        RETURN false;
    END IF;
    BEGIN
        LOCK TABLE people_person IN ACCESS EXCLUSIVE MODE NOWAIT;
    EXCEPTION WHEN lock_not_available THEN
        RETURN false;
    END;
    IF EXISTS (SELECT 1 FROM people_person) THEN
        RETURN false;
    END IF;
    FOR one IN
        SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i
        WHERE i.indrelid = 'people_person'::regclass
          AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)
    LOOP
        INSERT INTO people_set_aside VALUES (one.name, one.definition);
        EXECUTE 'DROP INDEX ' || one.name;
    END LOOP;
    RETURN true;
END $$;

CREATE FUNCTION people_fill_end() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET maintenance_work_mem = '256MB' AS $$
DECLARE
    one record;
BEGIN
    FOR one IN DELETE FROM people_set_aside RETURNING definition LOOP
        EXECUTE one.definition;
    END LOOP;
END $$;
