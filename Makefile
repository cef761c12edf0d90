# Two commands matter: `make run` and `make test`. Everything else is a sub-command of the one
# binary: `cargo run -p counterfoil-server -- help`.

server = cargo run --release --locked --no-default-features -p counterfoil-server --

.PHONY: run test test-quick test-long bench

# Build the embedded profile and serve on http://127.0.0.1:8080, data in ./counterfoil-data.
run:
	$(server) serve --operator-token-file counterfoil-data/operator.token

# Everything that must hold before a change lands. Lints and documentation share what they check.
test:
	.ci/setup test
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --locked
	INSTA_UPDATE=no cargo test --workspace --locked

# The tests alone, without format, lints and documentation.
test-quick:
	.ci/setup test-quick
	@echo "quick: no format check, no lints, no documentation; make test has them"
	INSTA_UPDATE=no cargo test --workspace --locked

# Also what takes hours: a kill at every file syscall of a long script, thousands of kills under load.
test-long:
	.ci/setup test
	COUNTERFOIL_TESTS=long INSTA_UPDATE=no cargo test --workspace --locked -- --nocapture long_

# Measure against the baselines, in one run, on an idle machine; written to bench/results.md.
bench:
	.ci/setup bench
	$(server) bench
