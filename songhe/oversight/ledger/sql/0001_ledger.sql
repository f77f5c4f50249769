-- What was promised changes only through an approved change of the same transaction: no form, script or later
-- programmer moves a deadline quietly. The list of columns stands in ledger.models.TARGET_FIELDS as well.
CREATE FUNCTION ledger_item_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.title, NEW.lead_unit, NEW.place_id, NEW.quantity, NEW.unit, NEW.starts_on, NEW.due_on, NEW.withdrawn_on)
       IS DISTINCT FROM
       (OLD.title, OLD.lead_unit, OLD.place_id, OLD.quantity, OLD.unit, OLD.starts_on, OLD.due_on, OLD.withdrawn_on)
       AND NOT EXISTS (
           SELECT 1 FROM ledger_change c
           WHERE c.item_id = NEW.id AND c.verdict = 'approved' AND c.decided_at = transaction_timestamp()) THEN
        RAISE EXCEPTION 'ledger_item %: a target changes only through an approved change', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_item_guard BEFORE UPDATE ON ledger_item FOR EACH ROW EXECUTE FUNCTION ledger_item_guard();

-- What happened is not rewritten: rows of these tables are added, never changed.
CREATE FUNCTION ledger_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: rows are added, never changed', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER ledger_progress_keep BEFORE UPDATE ON ledger_progress FOR EACH ROW EXECUTE FUNCTION ledger_keep();
CREATE TRIGGER ledger_coordination_keep BEFORE UPDATE ON ledger_coordination FOR EACH ROW EXECUTE FUNCTION ledger_keep();
CREATE TRIGGER ledger_finding_keep BEFORE UPDATE ON ledger_finding FOR EACH ROW EXECUTE FUNCTION ledger_keep();
