//! How the server is reached: started, or over HTTP.

use std::process::Command;

use tenure_mcp::{Endpoint, FixedHeaders, Guardian, HttpServer, Secret};
use tenure_tokio::{HttpOptions, Roots};

use crate::args::{SessionArgs, UrlArgs, Value};
use crate::exit::{Failed, USAGE};
use crate::server_errors::ServerErrors;

/// A server, as the command line names it.
pub(crate) enum Reached {
    /// Its command, which is the guardian's if there is one.
    Process(Command, Option<Guardian>),
    Http(Box<HttpServer>, HttpOptions),
}

impl Reached {
    pub(crate) fn of(args: &SessionArgs) -> Result<Self, Failed> {
        match &args.at.url {
            Some(url) => over_http(&url.0, &args.at),
            // clap asks for what an option requires only where that doesn't conflict with what is given.
            None => match args.at.without_url() {
                Some(option) => {
                    Err(Failed::new(USAGE, format!("{option} is for a server over HTTP: give --url")))
                }
                None => child(args),
            },
        }
    }

    /// Where its standard error goes, if it has one.
    pub(crate) fn errors(&mut self, args: &SessionArgs) -> Result<ServerErrors, Failed> {
        match self {
            Self::Process(command, _) => ServerErrors::of(command, &args.stderr),
            Self::Http(..) => Ok(ServerErrors::none()),
        }
    }
}

/// Its address as it may be shown.
pub(crate) fn address(args: &SessionArgs) -> Option<String> {
    Some(Endpoint::parse(&args.at.url.as_ref()?.0).ok()?.to_string())
}

fn child(args: &SessionArgs) -> Result<Reached, Failed> {
    let guardian = guardian(args);
    Ok(Reached::Process(command(args, guardian.as_ref())?, guardian))
}

/// Who sees to it that nothing is left should this program be killed.
fn guardian(args: &SessionArgs) -> Option<Guardian> {
    (!args.no_guardian).then(Guardian::this_program)
}

/// The server's command. Its standard error is not set up yet.
fn command(args: &SessionArgs, guardian: Option<&Guardian>) -> Result<Command, Failed> {
    let Some((program, rest)) = args.command.split_first() else {
        return Err(Failed::new(USAGE, "the server's command is missing: give it after --"));
    };
    let mut command = if args.env_clear {
        crate::environment::cleared(program, guardian)
    } else {
        guardian.map_or_else(|| tenure_mcp::command(program), |guardian| guardian.command(program))
    };
    command.args(rest).envs(args.env.iter().map(|(name, value)| (name, value)));
    if let Some(cwd) = &args.cwd {
        command.current_dir(cwd);
    }
    Ok(command)
}

fn over_http(url: &str, args: &UrlArgs) -> Result<Reached, Failed> {
    let server = HttpServer::new(url).map_err(|error| Failed::new(USAGE, format!("--url: {error}")))?;
    let mut server = server.allow_plain_credentials(args.insecure_http);
    if !args.header.is_empty() || args.bearer_env.is_some() {
        server = server.credentials(credentials(args)?);
    }
    server.check().map_err(|error| Failed::new(USAGE, format!("{error} with --insecure-http")))?;
    let mut options = HttpOptions::new();
    if let Some(file) = &args.ca_file {
        let roots = Roots::platform().pem_file(file);
        let roots = roots.map_err(|error| Failed::new(USAGE, format!("--ca-file: {error}")))?;
        options = options.roots(roots);
    }
    Ok(Reached::Http(Box::new(server), options))
}

fn credentials(args: &UrlArgs) -> Result<FixedHeaders, Failed> {
    let mut headers = FixedHeaders::new();
    for header in &args.header {
        let refused = |error| Failed::new(USAGE, format!("--header: {error}"));
        let value = match &header.value {
            Value::Given(value) => Secret::from(value.as_str()),
            Value::Env(name) => Secret::from_env(name).map_err(refused)?,
        };
        headers = headers.header(&header.name, value).map_err(refused)?;
    }
    if let Some(name) = &args.bearer_env {
        let refused = |error| Failed::new(USAGE, format!("--bearer-env: {error}"));
        let token = Secret::from_env(name).map_err(refused)?;
        headers = headers.bearer(&token).map_err(refused)?;
    }
    Ok(headers)
}
