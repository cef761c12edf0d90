//! Scenarios over HTTP, one for each acceptance criterion: `rN_M_…` is requirement N, criterion M.

mod at_the_door;
mod erasure;
mod erasure_on_disk;
mod r1_1_secure_tokens;
mod r1_3_token_details;
mod r1_4_copy_and_regenerate;
mod r1_5_clear_errors;
mod r5_1_audit_trail;
mod r5_4_searchable_history;
mod recording;
mod revocation;
mod verification;
