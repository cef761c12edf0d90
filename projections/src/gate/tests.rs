//! The gate, given facts.
