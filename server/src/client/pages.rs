//! Lists of the API, page by page to their ends.

use std::collections::HashSet;

use hyper::Method;
use serde::{Deserialize, de::DeserializeOwned};
use url::form_urlencoded;

use super::{Bearer, Call, Client, ClientError, named};

/// Elements a page, the most that the API gives.
const LIMIT: &str = "100";

#[derive(Deserialize)]
struct Page<T> {
    data: Vec<T>,
    next_cursor: Option<String>,
}

impl Client {
    /// Gives each element of the list at a path to `each`, in the list's order.
    ///
    /// # Errors
    /// When a page is not answered, or the list does not end; what came before was given.
    pub(crate) async fn all<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        bearer: &Bearer,
        mut each: impl FnMut(T),
    ) -> Result<(), ClientError> {
        let mut passed: HashSet<String> = HashSet::new();
        let mut cursor: Option<String> = None;
        loop {
            let mut pairs = form_urlencoded::Serializer::new(String::new());
            pairs.append_pair("limit", LIMIT).extend_pairs(query);
            pairs.extend_pairs(cursor.as_deref().map(|it| ("cursor", it)));
            let target = format!("{path}?{}", pairs.finish());
            let call = Call { method: Method::GET, target, bearer, idempotency_key: None, body: None };
            let page: Page<T> = self.ask(&call).await?;
            page.data.into_iter().for_each(&mut each);
            let Some(next) = page.next_cursor else { return Ok(()) };
            if !passed.insert(next.clone()) {
                return Err(ClientError::Endless { call: named(&call) });
            }
            cursor = Some(next);
        }
    }
}
