"""The database's schema as numbered SQL files, applied in order; a file never changes once it has landed."""
