//! What is offered to servers, and how it is done.

use std::io::IsTerminal as _;

use async_trait::async_trait;
use smol::lock::Mutex;
use tenure_mcp::proto::ClientFeature;
use tenure_mcp::proto::types::{
    ElicitAction, ElicitFormParams, ElicitResult, ElicitUrlParams, ListRootsResult, Root,
};
use tenure_mcp::{HandlerContext, Handlers, Options, Refusal};

use crate::args::SessionArgs;
use crate::exit::Failed;
use crate::handlers::dialogue::{Dialogue, quoted};
use crate::handlers::keyboard::Keyboard;
use crate::handlers::{form, page, roots};
use crate::text;

/// What the program does for servers.
pub(crate) struct Offered {
    roots: Vec<Root>,
    /// Whoever sits at the terminal; one server's question at a time.
    person: Option<Mutex<Keyboard>>,
}

impl Offered {
    /// As the command line says it. Without a person it can't be asked for anything.
    pub(crate) fn new(args: &SessionArgs, has_person: bool) -> Result<Self, Failed> {
        let person = (has_person && !args.json && is_terminal()).then(Mutex::default);
        Ok(Self { roots: roots::roots(&args.roots)?, person })
    }

    /// The options with it, if it is anything.
    pub(crate) fn give(self, options: Options) -> Options {
        if self.offers().is_empty() { options } else { options.handlers(self) }
    }

    /// Begins to talk, and says who wants it.
    async fn person(&self, context: &HandlerContext, message: &str) -> Result<Dialogue<'_>, Refusal> {
        let keyboard = self.person.as_ref().ok_or_else(Refusal::not_offered)?;
        let dialogue = Dialogue::begin(keyboard.lock().await);
        let server = text::clipped(&text::one_line(&format!("server {}", context.server().name)), 60);
        dialogue.say(format!("\nThe {server} asks:\n{}", quoted(message))).await;
        Ok(dialogue)
    }
}

fn is_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

fn refused(action: ElicitAction) -> ElicitResult {
    if action == ElicitAction::Decline { ElicitResult::decline() } else { ElicitResult::cancel() }
}

#[async_trait]
impl Handlers for Offered {
    fn offers(&self) -> Vec<ClientFeature> {
        let roots = (!self.roots.is_empty()).then_some(ClientFeature::Roots);
        let person =
            self.person.as_ref().map(|_| [ClientFeature::FormElicitation, ClientFeature::UrlElicitation]);
        roots.into_iter().chain(person.into_iter().flatten()).collect()
    }

    async fn list_roots(&self, _: &HandlerContext) -> Result<ListRootsResult, Refusal> {
        Ok(ListRootsResult::new(self.roots.clone()))
    }

    async fn elicit_form(
        &self,
        context: &HandlerContext,
        params: ElicitFormParams,
    ) -> Result<ElicitResult, Refusal> {
        let form = params.schema().map_err(|error| Refusal::invalid_params(error.problem()))?;
        let mut dialogue = self.person(context, &params.message).await?;
        match form::fill(&mut dialogue, &form).await {
            Ok(filled) => ElicitResult::accept(filled).map_err(|error| Refusal::internal(error.to_string())),
            Err(action) => Ok(refused(action)),
        }
    }

    async fn elicit_url(
        &self,
        context: &HandlerContext,
        params: ElicitUrlParams,
    ) -> Result<ElicitResult, Refusal> {
        let mut dialogue = self.person(context, &params.message).await?;
        let visited = page::visit(&mut dialogue, &params.url).await;
        Ok(visited.map_or_else(refused, |()| ElicitResult::agree()))
    }
}
