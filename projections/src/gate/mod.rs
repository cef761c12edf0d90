//! The gate: the view in memory that answers verifications.
