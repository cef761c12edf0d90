//! `[server]`: where the service listens and keeps its data.

use std::{net::SocketAddr, path::PathBuf};

use url::Url;

use super::{boolean, path, text};
use crate::config::{
    reader::{Impossible, Reader, Refused},
    setting::Value,
};

/// Where the service listens and keeps its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// `server.listen`: the address and port; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// `server.data`: the data folder; made at the first start.
    pub data: PathBuf,
    /// `server.operator_token_file`: where the first start writes the operator's token; `None`
    /// prints it.
    pub operator_token_file: Option<PathBuf>,
    /// `server.public_url`: how clients reach the service; `None` where it is only reached at
    /// `listen`.
    pub public_url: Option<Url>,
    /// `server.allow_plain_http`: whether to serve plain HTTP beyond loopback.
    pub allow_plain_http: bool,
}

impl Server {
    pub(in crate::config) fn read(reader: &mut Reader) -> Result<Self, Refused> {
        let listen = reader.required("server.listen", address);
        let data = reader.required("server.data", path);
        let operator_token_file = reader.optional("server.operator_token_file", path);
        let public_url = reader.optional("server.public_url", public_url);
        let allow_plain_http = reader.required("server.allow_plain_http", boolean);
        let (listen, allow_plain_http) = (listen?, allow_plain_http?);
        if !listen.ip().to_canonical().is_loopback() && !allow_plain_http {
            reader.refuse("server.listen", &beyond_loopback());
        }
        Ok(Self {
            listen,
            data: data?,
            operator_token_file: operator_token_file?,
            public_url: public_url?,
            allow_plain_http,
        })
    }
}

fn beyond_loopback() -> Impossible {
    Impossible::new(
        "tokens would cross the network in plain HTTP",
        "listen on 127.0.0.1 or [::1], or set server.allow_plain_http = true where something in \
         front ends TLS",
    )
}

fn address(value: &Value) -> Result<SocketAddr, Impossible> {
    text(value)?.parse().map_err(|_| {
        Impossible::new("this is not an address and a port", "write one such as 127.0.0.1:8080 or [::1]:8080")
    })
}

fn public_url(value: &Value) -> Result<Url, Impossible> {
    let remedy = "write one such as https://tokens.example.org";
    let url = Url::parse(text(value)?)
        .map_err(|err| Impossible::new(format!("this is not a URL: {err}"), remedy))?;
    let web = matches!(url.scheme(), "http" | "https") && url.has_host();
    let bare = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !(web && bare) {
        return Err(Impossible::new("this is not a plain http or https address", remedy));
    }
    Ok(url)
}
