-- All times are whole microseconds since 1970-01-01 UTC; all ids are Discord's unless they are called id.
-- Embeddings are float32, little-endian.

CREATE TABLE questions (
    id INTEGER PRIMARY KEY,
    asked_at INTEGER NOT NULL,
    guild_id INTEGER,
    channel_id INTEGER,
    message_id INTEGER,
    reply_id INTEGER,
    author_hash BLOB NOT NULL CHECK (typeof(author_hash) = 'blob'),
    text TEXT NOT NULL,
    embedding BLOB NOT NULL
        CHECK (typeof(embedding) = 'blob' AND length(embedding) > 0 AND length(embedding) % 4 = 0),
    model_id TEXT NOT NULL,
    addressed INTEGER NOT NULL CHECK (addressed IN (0, 1)),
    replied INTEGER NOT NULL CHECK (replied IN (0, 1)),
    verdict TEXT NOT NULL CHECK (verdict IN ('answer', 'suggest', 'no_match')),
    entry_id TEXT,
    similarity REAL,
    latency REAL NOT NULL
);

CREATE INDEX questions_by_time ON questions (asked_at);
CREATE INDEX questions_by_guild ON questions (guild_id, asked_at);
CREATE INDEX questions_by_message ON questions (message_id) WHERE message_id IS NOT NULL;
-- For people who want to see or delete what they asked.
CREATE INDEX questions_by_author ON questions (author_hash);

-- A cache: whoever empties it loses nothing but the time to embed the FAQ again.
CREATE TABLE embeddings (
    model_id TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    embedding BLOB NOT NULL
        CHECK (typeof(embedding) = 'blob' AND length(embedding) > 0 AND length(embedding) % 4 = 0),
    PRIMARY KEY (model_id, content_hash)
) WITHOUT ROWID;

CREATE TABLE notes (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- One row is the right to post one server's report of one day. A claim ends with its lease, so that another process
-- takes over from one that died.
CREATE TABLE reports (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    day TEXT NOT NULL CHECK (day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    state TEXT NOT NULL CHECK (state IN ('claimed', 'finished')),
    claimed_by TEXT NOT NULL,
    lease_until INTEGER NOT NULL,
    channel_id INTEGER,
    message_id INTEGER,
    UNIQUE (guild_id, day)
);

-- What was edited from within Discord. The editor is named by id, as in Discord's own audit log.
CREATE TABLE entry_revisions (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    entry_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('added', 'changed', 'removed')),
    before TEXT CHECK (before IS NULL OR json_valid(before)),
    after TEXT CHECK (after IS NULL OR json_valid(after)),
    edited_by INTEGER NOT NULL,
    edited_at INTEGER NOT NULL,
    CHECK ((before IS NULL) = (kind = 'added')),
    CHECK ((after IS NULL) = (kind = 'removed'))
);

CREATE INDEX entry_revisions_by_entry ON entry_revisions (guild_id, entry_id);

-- Rows may go (a server leaves), but never say something else than they did.
CREATE TRIGGER entry_revisions_are_history BEFORE UPDATE ON entry_revisions
BEGIN
    SELECT RAISE(ABORT, 'entry_revisions is append-only');
END;

CREATE TABLE opt_outs (
    author_hash BLOB NOT NULL PRIMARY KEY CHECK (typeof(author_hash) = 'blob'),
    opted_out_at INTEGER NOT NULL
) WITHOUT ROWID;
