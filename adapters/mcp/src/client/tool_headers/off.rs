//! Without the feature `http` nothing has headers.

use std::future::{Ready, ready};

use crate::client::plain::{Lease, Question};
use crate::error::Error;
use crate::session::news::Reports;
use tenure_mcp_proto::types::Raw;

pub(crate) type Known = ();

pub(crate) fn known(_: &Lease, _: &Question<'_>) -> Ready<Known> {
    ready(())
}

pub(crate) fn ask_again(
    _: &Lease,
    _: &Question<'_>,
    _: &mut (dyn FnMut(Reports) + Send),
    (): Known,
    error: Error,
) -> Ready<Result<Raw, Error>> {
    ready(Err(error))
}

pub(crate) fn are_wanted(_: &Lease) -> Ready<bool> {
    ready(false)
}
