//! The SQL seam, and the state that is neither fact nor view.
