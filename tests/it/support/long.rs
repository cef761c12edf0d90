//! Tests that take minutes or hours: `make test-long` runs them.

/// The variable that asks for them.
const ASKED: &str = "COUNTERFOIL_TESTS";

/// Whether long tests are asked for. Where not, it is said which is left out.
pub(crate) fn is_asked(test: &str) -> bool {
    let is_asked = std::env::var_os(ASKED).is_some_and(|it| it == "long");
    if !is_asked {
        eprintln!("left out: {test} ({ASKED}=long, or make test-long, runs it)");
    }
    is_asked
}
