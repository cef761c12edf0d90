//! Scenarios by requirement, house rules, faults on real processes.
mod house;
