//! `counterfoil projections`: how far the views of a running server are, and building them again.
//!
//! It asks the server over HTTP, as an operator of the platform.

mod list;
mod rebuild;
mod watch;

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
};

use anyhow::Context;
use clap::Subcommand;
use url::Url;

use super::place::Place;
use crate::{
    client::{Bearer, Client},
    config::Config,
};

/// The file in the data folder that `make run` has the first start write the operator's token to.
const TOKEN_FILE: &str = "operator.token";

/// What to do with the views.
#[derive(Subcommand)]
pub(super) enum Projections {
    /// Show how far each view is
    List(Asking),
    /// Build views again beside what is served, compare both, and swap the new one in
    Rebuild {
        #[command(flatten)]
        asking: Asking,
        /// The views, as `projections list` names them
        #[arg(value_name = "NAME", required_unless_present = "all", conflicts_with = "all")]
        names: Vec<String>,
        /// All views
        #[arg(long)]
        all: bool,
    },
}

/// Which server is asked, by whom, and how the answer is said.
#[derive(clap::Args)]
pub(super) struct Asking {
    #[command(flatten)]
    place: Place,
    /// The running server, over plain HTTP [default: where the configuration has it listen]
    #[arg(long, value_name = "URL")]
    server: Option<Url>,
    /// The file that holds an operator token [default: the configuration's, or operator.token in the data folder]
    #[arg(long, value_name = "FILE")]
    operator_token_file: Option<PathBuf>,
    /// Print one JSON object instead of lines
    #[arg(long)]
    json: bool,
}

/// Somebody who may ask.
struct Operator {
    client: Client,
    token: Bearer,
    json: bool,
}

/// Does it, and says what came of it.
pub(super) async fn run(projections: Projections) -> anyhow::Result<()> {
    match projections {
        Projections::List(asking) => list::run(&asking.operator()?).await,
        Projections::Rebuild { asking, names, all } => {
            let operator = asking.operator()?;
            let names = if all { list::names(&operator).await? } else { names };
            rebuild::run(&operator, &names).await
        }
    }
}

impl Asking {
    fn operator(self) -> anyhow::Result<Operator> {
        let config = self.place.config()?;
        let server = self.server.map_or_else(|| listening(config.server.listen), Ok)?;
        let token = token(&config, self.operator_token_file)?;
        Ok(Operator { client: Client::new(&server)?, token, json: self.json })
    }
}

/// Where a server that listens there is reached from this machine.
fn listening(mut address: SocketAddr) -> anyhow::Result<Url> {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    Ok(format!("http://{address}/").parse()?)
}

fn token(config: &Config, file: Option<PathBuf>) -> anyhow::Result<Bearer> {
    let path = file.or_else(|| config.server.operator_token_file.clone());
    let path = path.unwrap_or_else(|| config.server.data.join(TOKEN_FILE));
    let text = fs::read_to_string(&path).with_context(|| {
        format!("no operator token in `{}`: --operator-token-file names another file", path.display())
    })?;
    Bearer::parse(text.trim()).with_context(|| format!("`{}` holds no token", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_asked_on_this_machine() {
        let url = |text: &str| listening(text.parse().unwrap()).unwrap().to_string();
        assert_eq!(url("0.0.0.0:8080"), "http://127.0.0.1:8080/");
        assert_eq!(url("[::]:8080"), "http://[::1]:8080/");
        assert_eq!(url("192.0.2.7:9000"), "http://192.0.2.7:9000/");
    }
}
