//! The read side: views that follow the logs, their queries, the gate.
