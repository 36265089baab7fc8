-- What was made for edits in 0001 was never written to; a change may touch many entries, and settings.
DROP TABLE entry_revisions;

-- Everything that somebody did from within Discord. Who did it is named by id, as in Discord's own audit log. Numbers are
-- never used twice: processes follow each other by them.
CREATE TABLE changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL,
    kind TEXT NOT NULL
        CHECK (kind IN ('add', 'edit', 'remove', 'enable', 'disable', 'import', 'undo', 'reload', 'settings')),
    changed_by INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    undoes INTEGER REFERENCES changes (id),
    note TEXT NOT NULL,
    CHECK (kind != 'undo' OR undoes IS NOT NULL)
);

CREATE INDEX changes_by_guild ON changes (guild_id, id);
CREATE INDEX reloads ON changes (id) WHERE kind = 'reload';

-- What a change did to one entry or to one setting, as JSON; NULL where there was, or is, nothing of the server's own.
CREATE TABLE revisions (
    id INTEGER PRIMARY KEY,
    change_id INTEGER NOT NULL REFERENCES changes (id),
    subject TEXT NOT NULL CHECK (subject IN ('entry', 'setting')),
    name TEXT NOT NULL,
    before TEXT CHECK (before IS NULL OR json_valid(before)),
    after TEXT CHECK (after IS NULL OR json_valid(after)),
    UNIQUE (change_id, subject, name)
);

-- Rows may go (a server leaves), but never say something else than they did.
CREATE TRIGGER changes_are_history BEFORE UPDATE ON changes
BEGIN
    SELECT RAISE(ABORT, 'changes is append-only');
END;

CREATE TRIGGER revisions_are_history BEFORE UPDATE ON revisions
BEGIN
    SELECT RAISE(ABORT, 'revisions is append-only');
END;

-- What the revisions come to: the entries and settings that a server has of its own now.
CREATE TABLE ownings (
    guild_id INTEGER NOT NULL,
    subject TEXT NOT NULL CHECK (subject IN ('entry', 'setting')),
    name TEXT NOT NULL,
    value TEXT NOT NULL CHECK (json_valid(value)),
    change_id INTEGER NOT NULL REFERENCES changes (id),
    PRIMARY KEY (guild_id, subject, name)
);

-- What somebody has typed and not saved yet: it outlives a restart between the form and the button below it.
CREATE TABLE drafts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL,
    drafted_by INTEGER NOT NULL,
    drafted_at INTEGER NOT NULL,
    content TEXT NOT NULL CHECK (json_valid(content))
);

CREATE INDEX drafts_by_time ON drafts (drafted_at);
CREATE INDEX questions_by_reply ON questions (reply_id) WHERE reply_id IS NOT NULL;

-- What can be made again, but not in a moment; the oldest go.
CREATE TABLE kept (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    content BLOB NOT NULL CHECK (typeof(content) = 'blob')
);
