CREATE FUNCTION volunteering_never_edited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '活动记录只增不改 / records of activities are added to, never changed' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER activity_never_edited BEFORE UPDATE OR DELETE ON volunteering_activity
FOR EACH ROW EXECUTE FUNCTION volunteering_never_edited();
