//! A table of Athena's as a source of events: the SQL is run by another engine, in the shapes that AWS documents.

mod pruning;
mod query;
mod same;
mod tables;
