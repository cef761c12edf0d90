//! Where the ids of requests come from.

/// Makes the id under which a request is answered and logged.
///
/// An id is asked for only where one is shown: in problems by the edge, in answers by the
/// operations that have one.
pub trait RequestIds: Send + Sync {
    /// A fresh id.
    fn next(&self) -> String;
}

impl<F: Fn() -> String + Send + Sync> RequestIds for F {
    fn next(&self) -> String {
        self()
    }
}
