-- A meal is never taken back: only its state may go from counted to void, with a reason. Books are added to.
CREATE FUNCTION meals_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'counted' OR NEW.state <> 'void' OR NEW.void_reason = ''
       OR to_jsonb(NEW) - ARRAY['state', 'void_reason'] IS DISTINCT FROM to_jsonb(OLD) - ARRAY['state', 'void_reason'] THEN
        RAISE EXCEPTION '就餐记录只能写明理由作废 / a meal can only be voided, with a reason' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER meal_stays BEFORE UPDATE OR DELETE ON meals_meal FOR EACH ROW EXECUTE FUNCTION meals_stays();

CREATE FUNCTION meals_book_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '月账只增不改 / books are added to, never changed' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER book_stays BEFORE UPDATE OR DELETE ON meals_book FOR EACH ROW EXECUTE FUNCTION meals_book_stays();
