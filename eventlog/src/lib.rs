//! Where facts lie: the two log ports, their contract suites and adapters.
