//! Ids of requests that are no decisions.

use std::sync::Arc;

use commands::recorder::Recorder;

/// Of those, the recorder makes ids that locate nothing.
pub(crate) struct OtherIds(pub(crate) Arc<Recorder>);

impl api::edge::RequestIds for OtherIds {
    fn next(&self) -> String {
        self.0.other_request_id()
    }
}
