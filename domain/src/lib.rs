//! What is true: ids, values, events, decide and evolve.
