//! What a server lists, before it is asked for: all of it, or page by page.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use serde_core::Serialize;
use serde_json::value::to_raw_value;
use tenure_mcp_proto::pages::{List, Pages};
use tenure_mcp_proto::types::{Listed, ParamsError, Progress};

use crate::client::ask::By;
use crate::client::limits::Limits;
use crate::client::page_stream::PageStream;
use crate::client::pager::Pager;
use crate::error::Error;

/// A list of the server's, before it is asked for. From [`Lease::list_tools`](crate::Lease::list_tools),
/// [`list_resources`](crate::Lease::list_resources), [`list_resource_templates`](crate::Lease::list_resource_templates)
/// and [`list_prompts`](crate::Lease::list_prompts), and from those of [`Client`](crate::Client).
///
/// Awaited, it gives all elements, from as many pages as the server has them on. What came is listed, whatever else
/// comes: an element that can't be read costs itself, and a page that fails costs what would have followed.
/// [`warnings`](List::warnings) tell of it. [`pages`](Self::pages) gives the pages one by one.
///
/// ```
/// use tenure_mcp::{Client, Error};
///
/// async fn show(client: &Client) -> Result<(), Error> {
///     let resources = client.list_resources().max_pages(10).await?;
///     for resource in &resources {
///         println!("{} {}", resource.uri, resource.name);
///     }
///     for warning in &resources.warnings {
///         eprintln!("{warning}"); // such as: there are more than 10 pages
///     }
///     Ok(())
/// }
/// # let _ = show;
/// ```
///
/// One of a [`Client`](crate::Client) takes a lease for all of its pages: they are one server's.
///
/// # Errors
/// Why there is no list: the first page failed, or the session was closed meanwhile.
///
/// # Cancel safety
/// That of [`Request`](crate::Request); the pages that came are forgotten.
#[must_use = "nothing is sent until it is awaited"]
pub struct Listing<'a, T> {
    pager: Pager<'a>,
    max_pages: usize,
    max_bytes: usize,
    listed: PhantomData<fn() -> T>,
}

impl<'a, T: Listed + Send + 'static> Listing<'a, T> {
    pub(crate) fn new(by: By<'a>, limits: Limits) -> Self {
        let pager = Pager {
            method: T::METHOD,
            by,
            held: None,
            limits,
            meta: None,
            listener: None,
            needs_valid_headers: false,
        };
        Self { pager, max_pages: MAX_PAGES, max_bytes: MAX_BYTES, listed: PhantomData }
    }

    /// Asks for so many pages at most; more of them are a
    /// [warning](tenure_mcp_proto::pages::ListWarning::TooManyPages). Default 10 000. With 0 none is asked for.
    pub fn max_pages(self, pages: usize) -> Self {
        Self { max_pages: pages, ..self }
    }

    /// Asks for no more pages once those that came have more than so many bytes together, which is a
    /// [warning](tenure_mcp_proto::pages::ListWarning::TooLarge). Default 64 MiB. It is without an effect on
    /// [`pages`](Self::pages), which keeps none.
    pub fn max_bytes(self, bytes: usize) -> Self {
        Self { max_bytes: bytes, ..self }
    }

    /// Sends `_meta` along with the request of each page: see [`Request::meta`](crate::Request::meta).
    pub fn meta(mut self, meta: impl Serialize) -> Self {
        self.pager.meta = Some(
            to_raw_value(&meta)
                .map_err(|error| ParamsError::NotJson { what: "_meta", problem: error.to_string() }),
        );
        self
    }

    /// How long each page may take: see [`Request::timeout`](crate::Request::timeout).
    pub fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.pager.limits.set_timeout(timeout);
        self
    }

    /// How long each page may take without any progress: see [`Request::idle_timeout`](crate::Request::idle_timeout).
    pub fn idle_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.pager.limits.set_idle_timeout(timeout);
        self
    }

    /// Who is told how far the server is with a page: see [`Request::progress`](crate::Request::progress).
    pub fn progress(mut self, mut listener: impl FnMut(Progress) + Send + 'a) -> Self {
        self.pager.listener =
            Some(Box::new(move |reports| reports.progress.into_iter().for_each(&mut listener)));
        self
    }

    /// The pages one by one, as they come: nothing is asked for before the page before it was taken.
    pub fn pages(self) -> PageStream<'a, T> {
        PageStream::new(self.pager, self.max_pages)
    }

    async fn collect(self) -> Result<List<T>, Error> {
        let Self { mut pager, max_pages, max_bytes, .. } = self;
        let mut pages = Pages::new().max_pages(max_pages).max_bytes(max_bytes);
        while let Some(params) = pages.next_params() {
            match pager.ask(&params).await {
                Ok(page) => {
                    #[cfg(feature = "http")]
                    if pager.needs_valid_headers {
                        pages = pages.retain_valid_headers(true);
                    }
                    pages.handle_page(page)?;
                }
                Err(error) if pages.pages() == 0 || matches!(error, Error::Closed { .. }) => {
                    return Err(error);
                }
                Err(error) => pages.handle_failure(&error),
            }
        }
        Ok(pages.into_list())
    }
}

/// Those of [`Pages`], which takes the larger part of what there is to say of them.
const MAX_PAGES: usize = 10_000;
const MAX_BYTES: usize = 64 * 1024 * 1024;

impl<'a, T: Listed + Send + 'static> IntoFuture for Listing<'a, T> {
    type Output = Result<List<T>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.collect())
    }
}

impl<T> fmt::Debug for Listing<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listing")
            .field("method", &self.pager.method)
            .field("limits", &self.pager.limits)
            .field("max_pages", &self.max_pages)
            .field("max_bytes", &self.max_bytes)
            .finish_non_exhaustive()
    }
}
