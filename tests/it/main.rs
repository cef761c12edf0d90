//! Scenarios by requirement, house rules, faults on real processes.
mod faults;
mod house;
mod readme_tour;
mod scenarios;
mod support;
