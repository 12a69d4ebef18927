//! Requests that may be made again with input that the server wants, and what is kept for that (MCP 2026-07-28,
//! basic/patterns/mrtr).
//!
//! [`wanted`] reads what the server wants, and [`input`] hands it out and sends the request again.

pub(crate) mod input;
pub(crate) mod wanted;

use serde_json::value::RawValue;

use crate::error::InputError;
use crate::exchange::numbered::Numbered;
use crate::exchange::rounds::wanted::Wanted;
use crate::jsonrpc::id::RequestId;
use crate::jsonrpc::json;
use crate::jsonrpc::raw::Raw;
use crate::required_input::RequiredInput;

/// What a request was made of.
#[derive(Debug)]
struct Kept {
    method: &'static str,
    /// The caller's; or why they are not kept.
    params: Result<Option<String>, &'static str>,
    progress: bool,
    /// How often the server wanted input.
    rounds: usize,
    open: Option<Open>,
}

/// The answers to what the server wants, in its order.
type Answers = Vec<Option<Box<RawValue>>>;

/// What the server wants at present.
#[derive(Debug)]
struct Open {
    /// Its result.
    raw: RequiredInput,
    answers: Answers,
    /// Bytes of the message that makes the request again, with the answers so far.
    size: usize,
}

/// A request as it is made again, without its token and the marks of its era.
#[derive(Debug)]
pub(crate) struct Again {
    pub(crate) method: &'static str,
    pub(crate) params: String,
    pub(crate) progress: bool,
}

/// What stands in the place of an answer that is not there yet: the shortest there is.
const MISSING: &str = "0";

/// The requests in flight that may be made again. All that is kept of them has no more than so many bytes, but
/// one request's is always kept.
#[derive(Debug)]
pub(crate) struct Rounds {
    /// Of few connections there are any.
    kept: Option<Box<Numbered<Kept>>>,
    bytes: usize,
    max_bytes: usize,
}

impl Rounds {
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self { kept: None, bytes: 0, max_bytes }
    }

    /// Keeps what is needed to make a request again.
    pub(crate) fn keep(&mut self, id: RequestId, method: &'static str, params: Option<&str>, progress: bool) {
        let size = params.map_or(0, str::len);
        let params = if self.has_room(size) {
            self.bytes = self.bytes.saturating_add(size);
            Ok(params.map(str::to_owned))
        } else {
            Err("too much was in flight to keep its params")
        };
        let kept = self.kept.get_or_insert_with(|| Box::new(Numbered::new()));
        kept.push(id.0, Kept { method, params, progress, rounds: 0, open: None });
    }

    /// The request has ended.
    pub(crate) fn forget(&mut self, id: RequestId) {
        self.close(id);
        let kept = self.kept.as_mut().and_then(|kept| kept.take(id.0));
        if let Some(Kept { params: Ok(Some(params)), .. }) = kept {
            self.bytes = self.bytes.saturating_sub(params.len());
        }
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.max_bytes);
    }

    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        self.bytes == 0 || self.bytes.saturating_add(bytes) <= self.max_bytes
    }

    /// How often the server wanted input for the request.
    pub(crate) fn count(&self, id: RequestId) -> Result<usize, InputError> {
        self.kept
            .as_ref()
            .and_then(|kept| kept.get(id.0))
            .map(|kept| kept.rounds)
            .ok_or(InputError::NotAllowed)
    }

    /// The request as it is made again with these answers, as far as there are any.
    pub(crate) fn again(
        &self,
        id: RequestId,
        wanted: &Wanted<'_>,
        answers: &[Option<Box<RawValue>>],
    ) -> Result<Again, InputError> {
        let kept = self.kept.as_ref().and_then(|kept| kept.get(id.0)).ok_or(InputError::NotAllowed)?;
        let params = kept.params.as_ref().map_err(|why| InputError::NotRepeatable { why })?;
        let params = params.as_deref().unwrap_or("{}");
        if !matches!(json::fields(params, ["inputResponses", "requestState"]), Ok([None, None])) {
            let why = "its params have inputResponses or requestState of the caller's own";
            return Err(InputError::NotRepeatable { why });
        }
        let unfit = InputError::NotRepeatable { why: "its params are no object" };
        let params = with_input(params, wanted, answers).ok_or(unfit)?;
        Ok(Again { method: kept.method, params, progress: kept.progress })
    }

    /// The server wants this much input; the request that is made again has so many bytes with none of it there.
    pub(crate) fn open(&mut self, id: RequestId, raw: Raw, inputs: usize, size: usize) {
        if let Some(kept) = self.kept.as_mut().and_then(|kept| kept.get_mut(id.0)) {
            self.bytes = self.bytes.saturating_add(raw.get().len());
            kept.rounds = kept.rounds.saturating_add(1);
            let size = size.saturating_sub(inputs.saturating_mul(MISSING.len()));
            kept.open = Some(Open { raw: raw.into(), answers: vec![None; inputs], size });
        }
    }

    /// What the server wants at present, and the answers so far, which are kept no more.
    pub(crate) fn close(&mut self, id: RequestId) -> Option<(RequiredInput, Answers)> {
        let Open { raw, answers, .. } =
            self.kept.as_mut().and_then(|kept| kept.get_mut(id.0))?.open.take()?;
        let size = answers
            .iter()
            .flatten()
            .fold(raw.get().len(), |sum, answer| sum.saturating_add(answer.get().len()));
        self.bytes = self.bytes.saturating_sub(size);
        Some((raw, answers))
    }

    /// How large the message that makes the request again is with an answer of so many bytes, and whether that
    /// answer is the last.
    pub(crate) fn with_answer(&self, id: RequestId, bytes: usize) -> Option<(usize, bool)> {
        let open = self.kept.as_ref().and_then(|kept| kept.get(id.0))?.open.as_ref()?;
        let missing = open.answers.iter().filter(|answer| answer.is_none()).count();
        Some((open.size.saturating_add(bytes), missing <= 1))
    }

    /// One of the inputs is there.
    pub(crate) fn answer(&mut self, id: RequestId, place: usize, answer: &RawValue) {
        let open = self.kept.as_mut().and_then(|kept| kept.get_mut(id.0)).and_then(|kept| kept.open.as_mut());
        if let Some(open) = open
            && let Some(slot @ None) = open.answers.get_mut(place)
        {
            let size = answer.get().len();
            self.bytes = self.bytes.saturating_add(size);
            open.size = open.size.saturating_add(size);
            *slot = Some(answer.to_owned());
        }
    }
}

/// The params with the input and the server's state behind what is there.
fn with_input(params: &str, wanted: &Wanted<'_>, answers: &[Option<Box<RawValue>>]) -> Option<String> {
    let mut params = params.trim().to_owned();
    if let Some(inputs) = &wanted.inputs {
        let mut entries = Vec::new();
        for (place, input) in inputs.iter().enumerate() {
            let answer = answers.get(place).and_then(Option::as_deref);
            entries.push(format!("{}:{}", input.key.get(), answer.map_or(MISSING, RawValue::get)));
        }
        params = json::with_entry(&params, &format!("\"inputResponses\":{{{}}}", entries.join(",")))?;
    }
    if let Some(state) = wanted.state {
        params = json::with_entry(&params, &format!("\"requestState\":{}", state.get()))?;
    }
    Some(params)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonrpc::json::raw;

    const ID: RequestId = RequestId(2);

    #[test]
    fn what_is_kept_is_counted_and_all_of_it_is_let_go_again() {
        let mut rounds = Rounds::new(20);
        rounds.keep(ID, "m", Some(r#"{"a":1}"#), false);
        rounds.keep(RequestId(3), "m", Some(r#"{"a":"too much"}"#), false);
        assert_eq!(rounds.bytes, 7);
        rounds.open(ID, raw(r#"{"b":22}"#).into(), 2, 102);
        assert_eq!(rounds.with_answer(ID, 5), Some((105, false)));
        rounds.answer(ID, 1, &raw("123"));
        rounds.answer(ID, 1, &raw("1234"));
        assert_eq!((rounds.bytes, rounds.with_answer(ID, 5)), (18, Some((108, true))));
        assert!(rounds.has_room(2) && !rounds.has_room(3));
        let (_, answers) = rounds.close(ID).unwrap();
        assert_eq!(answers.len(), 2);
        assert_eq!(rounds.bytes, 7);
        rounds.forget(ID);
        rounds.forget(RequestId(3));
        assert_eq!(rounds.bytes, 0);
        assert!(rounds.kept.is_none_or(|kept| kept.is_empty()));
    }

    #[test]
    fn a_request_whose_params_are_not_kept_or_are_a_round_themselves_is_not_made_again() {
        let wanted = Wanted::read(r#"{"requestState":"s"}"#).unwrap();
        let mut rounds = Rounds::new(4);
        for (id, params) in [(ID, r#"{"requestState":"mine"}"#), (RequestId(3), r#"{"a":1}"#)] {
            rounds.keep(id, "m", Some(params), false);
            assert!(
                matches!(rounds.again(id, &wanted, &[]), Err(InputError::NotRepeatable { .. })),
                "{params}"
            );
        }
        assert_eq!(rounds.again(RequestId(4), &wanted, &[]).unwrap_err(), InputError::NotAllowed);
    }
}
