-- Cached embeddings that are of no use, and since when. Beside the cache and not in it: rows of that are large, and to
-- change them means to write them anew.
CREATE TABLE unused_embeddings (
    model_id TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (model_id, content_hash)
) WITHOUT ROWID;

CREATE INDEX unused_embeddings_by_time ON unused_embeddings (since);
