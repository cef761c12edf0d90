//! What one operation is: how it is described, and who answers it.

use std::collections::BTreeSet;

use axum::handler::Handler;
use axum::http::{Method, StatusCode};
use axum::routing::{MethodFilter, MethodRouter, on};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;

use super::Access;
use crate::body::BodyReader;
use crate::problem::Code;
use crate::query::QueryReader;

/// Makes a type's schema within one document.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// One operation's description; `handled_by` makes it a [`Route`].
#[derive(Clone, Debug)]
pub struct Operation {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) id: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) description: &'static str,
    pub(crate) tag: &'static str,
    pub(crate) access: Access,
    pub(crate) path_parameters: Option<SchemaOf>,
    pub(crate) query: Option<SchemaOf>,
    pub(crate) headers: Vec<HeaderParameter>,
    pub(crate) body: Option<BodyDescription>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) codes: BTreeSet<Code>,
    pub(crate) idempotent: bool,
    pub(crate) conditional: bool,
    pub(crate) decides: bool,
}

/// A header that one operation reads, beyond those that many do.
#[derive(Clone, Debug)]
pub(crate) struct HeaderParameter {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) schema: SchemaOf,
}

#[derive(Clone, Debug)]
pub(crate) struct BodyDescription {
    pub(crate) schema: SchemaOf,
    pub(crate) may_be_absent: bool,
}

/// One answer that is no problem.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) description: &'static str,
    pub(crate) media_type: &'static str,
    pub(crate) schema: Option<SchemaOf>,
}

impl Operation {
    /// `GET path`; the id is a camel-case verb and noun, unique in the whole interface.
    pub fn get(path: &'static str, id: &'static str) -> Self {
        Self::new(Method::GET, path, id)
    }

    /// `POST path`.
    pub fn post(path: &'static str, id: &'static str) -> Self {
        Self::new(Method::POST, path, id)
    }

    /// `PUT path`.
    pub fn put(path: &'static str, id: &'static str) -> Self {
        Self::new(Method::PUT, path, id)
    }

    /// `PATCH path`.
    pub fn patch(path: &'static str, id: &'static str) -> Self {
        Self::new(Method::PATCH, path, id)
    }

    /// `DELETE path`.
    pub fn delete(path: &'static str, id: &'static str) -> Self {
        Self::new(Method::DELETE, path, id)
    }

    fn new(method: Method, path: &'static str, id: &'static str) -> Self {
        Self {
            method,
            path,
            id,
            summary: "",
            description: "",
            tag: "service",
            access: Access::Caller,
            path_parameters: None,
            query: None,
            headers: Vec::new(),
            body: None,
            answers: Vec::new(),
            codes: BTreeSet::from([Code::Internal]),
            idempotent: false,
            conditional: false,
            decides: false,
        }
    }

    /// One line for lists, and what a reader must know beyond it.
    #[must_use]
    pub fn says(mut self, summary: &'static str, description: &'static str) -> Self {
        (self.summary, self.description) = (summary, description);
        self
    }

    /// The area under which it is listed, such as `tokens`.
    #[must_use]
    pub fn tag(mut self, tag: &'static str) -> Self {
        self.tag = tag;
        self
    }

    /// Nobody needs a credential for it. Without this any live credential is needed.
    #[must_use]
    pub fn open(mut self) -> Self {
        self.access = Access::Open;
        self
    }

    /// What it takes to call it. An operation that is `answered_by` its handler asks for it by itself.
    #[must_use]
    pub fn requires(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// The parameters of its path: a struct whose fields are the names in the template.
    #[must_use]
    pub fn path<T: JsonSchema>(mut self) -> Self {
        self.path_parameters = Some(T::json_schema);
        self.may_answer(&[Code::NotFound])
    }

    /// Its query parameters, as the reader takes them.
    #[must_use]
    pub fn query<T: JsonSchema>(mut self, _reader: &QueryReader<T>) -> Self {
        self.query = Some(T::json_schema);
        self.may_answer(&[Code::UnknownParameter, Code::InvalidParameter])
    }

    /// A header of its own; `T` is the type of its text.
    #[must_use]
    pub fn header<T: JsonSchema>(mut self, name: &'static str, description: &'static str) -> Self {
        let schema = |generator: &mut SchemaGenerator| generator.subschema_for::<T>();
        self.headers.push(HeaderParameter { name, description, schema });
        self.may_answer(&[Code::InvalidHeader])
    }

    /// Its body, as the reader takes it.
    #[must_use]
    pub fn body<T: DeserializeOwned + JsonSchema>(mut self, reader: &BodyReader<T>) -> Self {
        let schema = |generator: &mut SchemaGenerator| generator.subschema_for::<T>();
        self.body = Some(BodyDescription { schema, may_be_absent: reader.is_optional() });
        self.may_answer(&[
            Code::MalformedJson,
            Code::RequestTimeout,
            Code::BodyTooLarge,
            Code::TooDeep,
            Code::UnsupportedMediaType,
            Code::ValidationFailed,
            Code::NotSupportedYet,
        ])
    }

    /// A JSON answer.
    #[must_use]
    pub fn answers<T: JsonSchema>(self, status: StatusCode, description: &'static str) -> Self {
        let schema = |generator: &mut SchemaGenerator| generator.subschema_for::<T>();
        self.answer(status, description, "application/json", Some(schema))
    }

    /// An answer of another media type, or without content where that is empty.
    #[must_use]
    pub fn answers_as(self, status: StatusCode, media_type: &'static str, description: &'static str) -> Self {
        self.answer(status, description, media_type, None)
    }

    fn answer(
        mut self,
        status: StatusCode,
        description: &'static str,
        media_type: &'static str,
        schema: Option<SchemaOf>,
    ) -> Self {
        self.answers.push(Answer { status, description, media_type, schema });
        self
    }

    /// Problems beyond those that follow from the rest of the description.
    #[must_use]
    pub fn may_answer(mut self, codes: &[Code]) -> Self {
        self.codes.extend(codes);
        self
    }

    /// It honours `Idempotency-Key`.
    #[must_use]
    pub fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self.may_answer(&[Code::InvalidHeader, Code::IdempotencyMismatch])
    }

    /// It honours `If-Match`.
    #[must_use]
    pub fn conditional(mut self) -> Self {
        self.conditional = true;
        self.may_answer(&[Code::InvalidHeader, Code::VersionMismatch])
    }

    /// It decides about tokens that others present: its caller is a column of these decisions, and its call is none.
    #[must_use]
    pub fn decides(mut self) -> Self {
        self.decides = true;
        self
    }

    /// Every problem it may answer.
    pub fn codes(&self) -> BTreeSet<Code> {
        self.codes.iter().copied().chain(self.access.codes()).collect()
    }

    /// Joins the description to what answers it.
    pub fn handled_by<H, T, S>(self, handler: H) -> Route<S>
    where
        H: Handler<T, S>,
        T: 'static,
        S: Clone + Send + Sync + 'static,
    {
        // Only the constructors above set the method, and the router knows all of theirs.
        let filter = MethodFilter::try_from(self.method.clone()).unwrap_or(MethodFilter::GET);
        Route { operation: self, handler: on(filter, handler) }
    }
}

/// An operation and what answers it, given the state `S`.
#[derive(Clone, Debug)]
pub struct Route<S> {
    pub(crate) operation: Operation,
    pub(crate) handler: MethodRouter<S>,
}

impl<S> Route<S> {
    /// The description.
    pub fn operation(&self) -> &Operation {
        &self.operation
    }
}
