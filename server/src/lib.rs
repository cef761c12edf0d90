//! The counterfoil binary: configuration, wiring, command line.
