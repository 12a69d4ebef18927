//! The pages of a list, one by one.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_lite::{Stream, StreamExt, stream};
use tenure_mcp_proto::types::{Cursor, ListParams, ListResult, Listed};

use crate::client::pager::Pager;
use crate::error::Error;

/// The pages of a list as a stream. From [`Listing::pages`](crate::Listing::pages).
///
/// It ends behind the last page, behind the first error, and when as many pages came as are
/// [asked for](crate::Listing::max_pages); then the last of them has a [`next_cursor`](ListResult::next_cursor).
/// Whether a page brings anything new is not looked at.
///
/// ```
/// use tenure_mcp::{Client, Error};
///
/// async fn find(client: &Client, name: &str) -> Result<bool, Error> {
///     let mut pages = client.list_prompts().pages();
///     while let Some(page) = pages.next().await {
///         if page?.items.iter().any(|prompt| prompt.name == name) {
///             return Ok(true); // the pages behind this one are never asked for
///         }
///     }
///     Ok(false)
/// }
/// # let _ = find;
/// ```
///
/// # Cancel safety
/// Dropping the future of [`next`](Self::next) loses nothing. Dropping the stream cancels the request for a page that
/// is under way, and gives back the lease that a [`Client`](crate::Client) took for it.
#[must_use = "nothing is sent until it is polled"]
pub struct PageStream<'a, T>(Pin<Box<dyn Stream<Item = Result<ListResult<T>, Error>> + Send + 'a>>);

/// Where the next page is, and how many more are asked for.
enum Next {
    First,
    At(Cursor),
    Nothing,
}

impl<'a, T: Listed + Send + 'static> PageStream<'a, T> {
    pub(crate) fn new(pager: Pager<'a>, max_pages: usize) -> Self {
        let stream = stream::unfold((pager, Next::First, max_pages), async |(mut pager, next, left)| {
            let left = left.checked_sub(1)?;
            let cursor = match &next {
                Next::First => None,
                Next::At(cursor) => Some(cursor),
                Next::Nothing => return None,
            };
            let page = pager.ask(&ListParams { cursor }.to_raw()).await;
            let page = page.and_then(|raw| Ok(ListResult::<T>::from_raw(raw)?));
            #[cfg(feature = "http")]
            let page = page.map(|mut page| {
                if pager.needs_valid_headers {
                    page.retain_valid_headers();
                }
                page
            });
            let next = match page.as_ref().ok().and_then(|page| page.next_cursor.clone()) {
                Some(cursor) => Next::At(cursor),
                None => Next::Nothing,
            };
            if left == 0 || matches!(next, Next::Nothing) {
                pager.release();
            }
            Some((page, (pager, next, left)))
        });
        Self(Box::pin(stream.fuse()))
    }
}

impl<T> PageStream<'_, T> {
    /// The next page, or why there is none; `None` when that was all.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Result<ListResult<T>, Error>> {
        poll_fn(|cx| self.0.as_mut().poll_next(cx)).await
    }
}

impl<T> Stream for PageStream<'_, T> {
    type Item = Result<ListResult<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx)
    }
}

impl<T> fmt::Debug for PageStream<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageStream").finish_non_exhaustive()
    }
}
