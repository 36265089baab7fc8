-- Until when everything that somebody had asked was deleted: whatever he asked by then does not come back, neither what
-- was just being answered nor what is read from the server's past.
CREATE TABLE forgotten (
    author_hash BLOB NOT NULL PRIMARY KEY CHECK (typeof(author_hash) = 'blob'),
    until INTEGER NOT NULL
) WITHOUT ROWID;

-- For those that are no use any more: what they would refuse is too old to be kept by now.
CREATE INDEX forgotten_by_time ON forgotten (until);

-- Reports whose message may show what it should not any more, until it was shown anew. A claim ends with its lease.
CREATE TABLE stale_reports (
    report_id INTEGER PRIMARY KEY REFERENCES reports (id) ON DELETE CASCADE,
    -- Counts what happened: who has shown the report as it was at one number has not shown what came later.
    version INTEGER NOT NULL DEFAULT 1,
    -- Not before this time.
    due_at INTEGER NOT NULL DEFAULT 0,
    -- How often it failed in a row.
    tries INTEGER NOT NULL DEFAULT 0,
    claimed_by TEXT,
    lease_until INTEGER,
    CHECK ((claimed_by IS NULL) = (lease_until IS NULL))
);

-- Whoever deletes questions, and for whatever reason.
CREATE TRIGGER reports_are_stale_without_their_questions AFTER DELETE ON questions
BEGIN
    INSERT INTO stale_reports (report_id)
    SELECT report_id FROM report_questions WHERE question_id = OLD.id
    ON CONFLICT DO UPDATE SET version = version + 1;
END;

-- A deed whose change was taken back counts no more; it comes back with the change.
ALTER TABLE deeds ADD COLUMN taken_back INTEGER NOT NULL DEFAULT 0 CHECK (taken_back IN (0, 1));

CREATE INDEX deeds_by_change ON deeds (change_id) WHERE change_id IS NOT NULL;

CREATE TRIGGER reports_are_stale_when_a_deed_is_taken_back AFTER UPDATE OF taken_back ON deeds
WHEN OLD.taken_back != NEW.taken_back
BEGIN
    INSERT INTO stale_reports (report_id) VALUES (NEW.report_id)
    ON CONFLICT DO UPDATE SET version = version + 1, due_at = 0;
END;

-- Who mines goes by what is mined already. Each step names the generation from which it started; whatever may make it
-- wrong begins another one. A row is never deleted, so that a number never comes to mean another generation.
ALTER TABLE mining ADD COLUMN generation INTEGER NOT NULL DEFAULT 1;

-- 0 while its pairs are dropped to be found anew.
ALTER TABLE mining ADD COLUMN ready INTEGER NOT NULL DEFAULT 1 CHECK (ready IN (0, 1));

-- For what is to be ignored and was embedded by another model than today's.
CREATE INDEX ignored_by_model ON ignored (model_id);
