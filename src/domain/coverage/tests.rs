//! What the rules say, clause by clause.
