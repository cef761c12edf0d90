//! Faults on real processes: kills, damage, repetitions. The counts stand in the tests' names.

mod damage;
mod expected;
mod expiry;
mod full;
mod history;
mod kills;
mod rebuilding;
mod repetition;
mod rot;
mod script;
mod syncs;
mod syscalls;
mod verifiers;
