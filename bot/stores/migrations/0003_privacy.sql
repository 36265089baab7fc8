-- What is left of questions whose text and embedding were deleted: how many there were. guild_id is 0 for direct
-- messages; day is that of the question, UTC.
CREATE TABLE counts (
    guild_id INTEGER NOT NULL,
    day TEXT NOT NULL CHECK (day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    verdict TEXT NOT NULL CHECK (verdict IN ('answer', 'suggest', 'no_match')),
    replied INTEGER NOT NULL CHECK (replied IN (0, 1)),
    questions INTEGER NOT NULL CHECK (questions > 0),
    PRIMARY KEY (guild_id, day, verdict, replied)
) WITHOUT ROWID;
