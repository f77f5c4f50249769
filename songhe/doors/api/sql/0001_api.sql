-- Calls of a token in a minute, taken in small leases by each serving process. Unlogged: after a crash it starts at none.
CREATE UNLOGGED TABLE api_spent (
    token_id bigint NOT NULL,
    minute bigint NOT NULL,
    calls int NOT NULL,
    PRIMARY KEY (token_id, minute)
);
-- How many of the wanted calls this minute still has.
CREATE FUNCTION api_spend(p_token bigint, p_wanted int, p_limit int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    now_minute bigint := extract(epoch FROM clock_timestamp())::bigint / 60;
    taken int;
BEGIN
    DELETE FROM api_spent WHERE token_id = p_token AND minute < now_minute - 10;
    INSERT INTO api_spent AS s (token_id, minute, calls) VALUES (p_token, now_minute, p_wanted)
    ON CONFLICT (token_id, minute) DO UPDATE SET calls = s.calls + p_wanted WHERE s.calls < p_limit
    RETURNING calls INTO taken;
    RETURN CASE WHEN taken IS NULL THEN 0 ELSE p_wanted - greatest(0, taken - p_limit) END;
END $$;

-- The answer to a POST with an Idempotency-Key, kept in the transaction that did the work. A post sees its own only.
CREATE TABLE api_reply (
    post_id int NOT NULL,
    key varchar(80) NOT NULL,
    asked bytea NOT NULL,
    status smallint NOT NULL DEFAULT 0,
    body text NOT NULL DEFAULT '',
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (post_id, key)
);
CREATE INDEX api_reply_at ON api_reply (at);
ALTER TABLE api_reply ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_reply FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON api_reply TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY own_replies ON api_reply USING (post_id = app_post()) WITH CHECK (post_id = app_post());
