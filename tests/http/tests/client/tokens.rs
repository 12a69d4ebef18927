//! Who gives tokens, as the tests want it.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tenure_mcp::{Credential, CredentialRequest, Credentials, CredentialsRefused, Failure, Secret};

/// Gives `Bearer token-N`, where N counts up when one was refused. Clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Tokens(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    version: u64,
    refused: Vec<CredentialsRefused>,
    asked: usize,
    renews: Renews,
    gives_none: bool,
}

/// What comes of a token that was refused.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Renews {
    /// Another one.
    #[default]
    Always,
    /// The same.
    Never,
    /// An error.
    Fails,
    /// Nothing, ever.
    Hangs,
}

impl Tokens {
    pub(crate) fn that(renews: Renews) -> Self {
        let tokens = Self::default();
        tokens.change(|state| state.renews = renews);
        tokens
    }

    /// From now on there are none.
    pub(crate) fn run_out(&self) {
        self.change(|state| state.gives_none = true);
    }

    /// What was told of refusals.
    pub(crate) fn refused(&self) -> Vec<CredentialsRefused> {
        self.change(|state| state.refused.clone())
    }

    /// How often a token was asked for.
    pub(crate) fn asked(&self) -> usize {
        self.change(|state| state.asked)
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Credentials for Tokens {
    async fn current(&self, _: CredentialRequest<'_>) -> Result<Credential, Failure> {
        let (version, gives_none) = self.change(|state| {
            state.asked += 1;
            (state.version, state.gives_none)
        });
        if gives_none {
            return Err(Failure::new("there are no tokens left"));
        }
        Credential::bearer(version, &Secret::from(format!("token-{version}"))).map_err(Failure::new)
    }

    async fn refused(&self, refused: CredentialsRefused) -> Result<u64, Failure> {
        let (version, renews) = self.change(|state| {
            state.refused.push(refused);
            state.version += u64::from(state.renews == Renews::Always);
            (state.version, state.renews)
        });
        match renews {
            Renews::Always | Renews::Never => Ok(version),
            Renews::Fails => Err(Failure::new("nobody is there to log in")),
            Renews::Hangs => std::future::pending().await,
        }
    }
}
