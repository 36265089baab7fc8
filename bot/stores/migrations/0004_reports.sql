-- Questions of a server that say the same to one model, but for letter case and punctuation: similarities are found
-- between texts, not between questions. Whoever looks for them does so outside of any transaction, so that a number
-- must never come to mean another text: AUTOINCREMENT.
CREATE TABLE texts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL,
    model_id TEXT NOT NULL,
    -- A hash of what the questions have in common: short, and no copy of what somebody wrote.
    key BLOB NOT NULL CHECK (typeof(key) = 'blob' AND length(key) = 16),
    mined INTEGER NOT NULL DEFAULT 0 CHECK (mined IN (0, 1)),
    -- In this order it also finds a text whatever the model, as for what is ignored.
    UNIQUE (guild_id, key, model_id)
);

CREATE INDEX texts_by_mined ON texts (guild_id, model_id, mined);

-- Reports name questions by their numbers, so that these must never come to mean another question either. A table has
-- AUTOINCREMENT from its beginning or never, which is why the questions move. Their embeddings, which may fill a page
-- of the file, come last: what stands behind them would be slow to read.
CREATE TABLE numbered_questions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    asked_at INTEGER NOT NULL,
    guild_id INTEGER,
    channel_id INTEGER,
    message_id INTEGER,
    reply_id INTEGER,
    author_hash BLOB NOT NULL CHECK (typeof(author_hash) = 'blob'),
    model_id TEXT NOT NULL,
    -- NULL until the next report asks for it, and always outside of servers.
    text_id INTEGER REFERENCES texts (id),
    addressed INTEGER NOT NULL CHECK (addressed IN (0, 1)),
    replied INTEGER NOT NULL CHECK (replied IN (0, 1)),
    verdict TEXT NOT NULL CHECK (verdict IN ('answer', 'suggest', 'no_match')),
    entry_id TEXT,
    similarity REAL,
    latency REAL NOT NULL,
    text TEXT NOT NULL,
    embedding BLOB NOT NULL
        CHECK (typeof(embedding) = 'blob' AND length(embedding) > 0 AND length(embedding) % 4 = 0)
);

INSERT INTO numbered_questions (
    id, asked_at, guild_id, channel_id, message_id, reply_id, author_hash, model_id, addressed, replied, verdict,
    entry_id, similarity, latency, text, embedding
)
SELECT
    id, asked_at, guild_id, channel_id, message_id, reply_id, author_hash, model_id, addressed, replied, verdict,
    entry_id, similarity, latency, text, embedding
FROM questions ORDER BY id;

DROP TABLE questions;

ALTER TABLE numbered_questions RENAME TO questions;

CREATE INDEX questions_by_time ON questions (asked_at);
CREATE INDEX questions_by_guild ON questions (guild_id, asked_at);
CREATE INDEX questions_by_message ON questions (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX questions_by_reply ON questions (reply_id) WHERE reply_id IS NOT NULL;
-- For people who want to see or delete what they asked.
CREATE INDEX questions_by_author ON questions (author_hash);
-- For the first question of a text, and for whether there is one left.
CREATE INDEX questions_by_text ON questions (text_id) WHERE text_id IS NOT NULL;
CREATE INDEX questions_without_text ON questions (guild_id, model_id) WHERE text_id IS NULL AND guild_id IS NOT NULL;
-- For what was embedded by another model than today's.
CREATE INDEX questions_by_model ON questions (model_id);

-- Whoever deletes questions, and for whatever reason: nothing that was derived from them alone is left.
CREATE TRIGGER texts_go_with_their_last_question AFTER DELETE ON questions WHEN OLD.text_id IS NOT NULL
BEGIN
    DELETE FROM texts
    WHERE id = OLD.text_id AND NOT EXISTS (SELECT 1 FROM questions WHERE text_id = OLD.text_id);
END;

CREATE TRIGGER texts_go_when_nothing_is_left_of_them AFTER UPDATE OF text_id ON questions
WHEN OLD.text_id IS NOT NULL AND OLD.text_id IS NOT NEW.text_id
BEGIN
    DELETE FROM texts
    WHERE id = OLD.text_id AND NOT EXISTS (SELECT 1 FROM questions WHERE text_id = OLD.text_id);
END;

-- Texts that are similar. The type is checked because a numpy scalar would be kept as the bytes that it is made of.
CREATE TABLE pairs (
    first INTEGER NOT NULL REFERENCES texts (id) ON DELETE CASCADE,
    second INTEGER NOT NULL REFERENCES texts (id) ON DELETE CASCADE,
    similarity REAL NOT NULL CHECK (typeof(similarity) = 'real'),
    PRIMARY KEY (first, second),
    CHECK (first < second)
) WITHOUT ROWID;

-- The other direction; SQLite also needs it to find what goes with a text.
CREATE INDEX pairs_by_second ON pairs (second);

-- How a server's pairs were found; no row while they are dropped to be found anew.
CREATE TABLE mining (
    guild_id INTEGER PRIMARY KEY,
    model_id TEXT NOT NULL,
    threshold REAL NOT NULL CHECK (typeof(threshold) = 'real')
);

-- What was made for reports in 0001 was never written to, and had no place for what a report says.
DROP TABLE reports;

-- One row is the right to make and post one server's report of one day, and the report. A claim ends with its lease, so
-- that another process takes over from one that died. What it says is JSON with numbers only: the texts are those of the
-- questions, and go with them. Buttons below reports name them, so that a number is never used twice.
CREATE TABLE reports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL,
    day TEXT NOT NULL CHECK (day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    state TEXT NOT NULL CHECK (state IN ('claimed', 'built', 'posted')),
    -- Both NULL once it was given up.
    claimed_by TEXT,
    lease_until INTEGER,
    content TEXT CHECK (content IS NULL OR json_valid(content)),
    channel_id INTEGER,
    message_id INTEGER,
    -- 0 for one that somebody asked for in between, of which a day may have several.
    nightly INTEGER NOT NULL DEFAULT 1 CHECK (nightly IN (0, 1)),
    CHECK ((claimed_by IS NULL) = (lease_until IS NULL)),
    CHECK ((content IS NULL) = (state = 'claimed')),
    CHECK ((channel_id IS NULL) = (state != 'posted')),
    CHECK ((message_id IS NULL) = (state != 'posted'))
);

CREATE UNIQUE INDEX reports_by_day ON reports (guild_id, day) WHERE nightly;

-- Which questions a report names. Those that were deleted since too: their report has to be shown anew without them.
CREATE TABLE report_questions (
    question_id INTEGER NOT NULL,
    report_id INTEGER NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    PRIMARY KEY (question_id, report_id)
) WITHOUT ROWID;

CREATE INDEX report_questions_by_report ON report_questions (report_id);

-- What was done about a topic of a report: one thing, once. Who did it is named by id, as in Discord's own audit log.
CREATE TABLE deeds (
    report_id INTEGER NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    number INTEGER NOT NULL CHECK (number > 0),
    deed TEXT NOT NULL CHECK (deed IN ('added_phrasing', 'created_entry', 'merged', 'ignored')),
    done_by INTEGER NOT NULL,
    done_at INTEGER NOT NULL,
    change_id INTEGER REFERENCES changes (id),
    PRIMARY KEY (report_id, number)
) WITHOUT ROWID;

-- What no report should show again. It outlives the questions that it came from when these grow old, but not when
-- whoever asked them has them deleted: the key says whose they are.
CREATE TABLE ignored (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL,
    key BLOB NOT NULL CHECK (typeof(key) = 'blob' AND length(key) = 16),
    question TEXT NOT NULL,
    embedding BLOB NOT NULL
        CHECK (typeof(embedding) = 'blob' AND length(embedding) > 0 AND length(embedding) % 4 = 0),
    model_id TEXT NOT NULL,
    ignored_by INTEGER NOT NULL,
    ignored_at INTEGER NOT NULL,
    UNIQUE (guild_id, key)
);
