//! What operations are built with.

use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::body::reader::DEFAULT_BODY_TIME;
use crate::body::{BodyReader, Formats, SchemaError};
use crate::query::QueryReader;

/// The domain's checks of texts and the configuration's limits, given once to all operations.
#[derive(Clone, Debug)]
pub struct Kit {
    formats: Formats,
    body_time: Duration,
}

impl Kit {
    /// A kit with these checks of texts, and [`DEFAULT_BODY_TIME`] for bodies.
    pub fn new(formats: Formats) -> Self {
        Self { formats, body_time: DEFAULT_BODY_TIME }
    }

    /// The same where bodies may take this long to arrive.
    #[must_use]
    pub fn body_time(mut self, time: Duration) -> Self {
        self.body_time = time;
        self
    }

    /// The checks of texts.
    pub fn formats(&self) -> &Formats {
        &self.formats
    }

    /// A reader of this kind of body; refine it by [`BodyReader::up_to`] or
    /// [`BodyReader::or_none`], then share it by an [`Arc`].
    ///
    /// # Errors
    /// When the type's schema is against the rules of [`BodyReader::new`].
    pub fn body<T: DeserializeOwned + JsonSchema>(&self) -> Result<BodyReader<T>, SchemaError> {
        Ok(BodyReader::new(&self.formats)?.within(self.body_time))
    }

    /// A reader of this kind of query, for the operation of this id.
    ///
    /// # Errors
    /// When the type's schema is against the rules of [`QueryReader::new`].
    pub fn query<T: DeserializeOwned + JsonSchema>(
        &self,
        operation: &'static str,
    ) -> Result<Arc<QueryReader<T>>, SchemaError> {
        QueryReader::new(operation, &self.formats).map(Arc::new)
    }
}
