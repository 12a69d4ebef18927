use super::*;

fn until(seconds: u64) -> RequestDeadline {
    RequestDeadline::new(Duration::ZERO, Some(Duration::from_secs(seconds)), None)
}

fn sent(requests: &mut Requests) -> RequestId {
    let id = requests.next_id().unwrap();
    requests.add(id, until(id.0), 0);
    requests.hand_out(id, Duration::ZERO);
    id
}

fn answer(requests: &mut Requests, id: RequestId) {
    assert_eq!(requests.answered(id), Concerns::InFlight(id));
    requests.complete(id);
}

#[test]
fn an_answer_to_an_earlier_round_is_none_to_the_next() {
    let mut requests = Requests::new(10);
    let id = sent(&mut requests);
    requests.end_round(id);
    assert_eq!(requests.answered(id), Concerns::Answered, "between the rounds");
    let wire_id = requests.next_id().unwrap();
    requests.begin_round(id, wire_id, 0);
    assert_eq!((requests.answered(id), requests.answered(wire_id)), (Concerns::Answered, Concerns::Nobody));
    requests.hand_out(id, Duration::ZERO);
    assert_eq!(requests.answered(id), Concerns::Answered);
    assert_eq!(requests.answered(wire_id), Concerns::InFlight(id));
    assert_eq!(requests.next_id(), Some(RequestId(3)), "an id is not used again");
    assert_eq!(requests.give_up(id).unwrap().wire_id, wire_id);
    assert_eq!((requests.answered(id), requests.answered(wire_id)), (Concerns::Answered, Concerns::GivenUp));
    assert!(requests.rounds.is_empty());
}

#[test]
fn ids_count_up_and_are_not_reused() {
    let mut requests = Requests::new(10);
    let a = sent(&mut requests);
    answer(&mut requests, a);
    let b = sent(&mut requests);
    assert_eq!((a.as_u64(), b.as_u64()), (1, 2));
    requests.last_id = LAST_ID;
    assert_eq!(requests.next_id(), None);
}

#[test]
fn the_last_id_is_the_last_one_that_javascript_keeps_exactly() {
    // RFC 8259, section 6: integers up to 2^53 - 1 are exact everywhere.
    let mut requests = Requests::new(10);
    requests.add(RequestId(9_007_199_254_740_990), RequestDeadline::new(Duration::ZERO, None, None), 0);
    assert_eq!(requests.next_id(), Some(RequestId(9_007_199_254_740_991)));
    requests.add(RequestId(9_007_199_254_740_991), RequestDeadline::new(Duration::ZERO, None, None), 0);
    assert_eq!(requests.next_id(), None);
}

#[test]
fn a_response_concerns_one_request_once() {
    let mut requests = Requests::new(10);
    let a = sent(&mut requests);
    assert_eq!(requests.answered(RequestId(a.0 + 1)), Concerns::Nobody);
    assert_eq!(requests.answered(RequestId(0)), Concerns::Nobody);
    answer(&mut requests, a);
    assert_eq!(requests.answered(a), Concerns::Answered);
    assert_eq!(requests.next_deadline(), None);
}

#[test]
fn a_request_that_was_not_sent_cannot_be_answered() {
    let mut requests = Requests::new(10);
    requests.add(RequestId(1), RequestDeadline::new(Duration::ZERO, None, None), 0);
    assert_eq!(requests.answered(RequestId(1)), Concerns::Nobody);
    assert_eq!(requests.len(), 1);
}

#[test]
fn one_late_answer_is_forgiven_and_the_memory_of_it_is_bounded() {
    let mut requests = Requests::new(1);
    let a = sent(&mut requests);
    let b = sent(&mut requests);
    requests.give_up(a).unwrap();
    requests.give_up(b).unwrap();
    assert_eq!(requests.answered(b), Concerns::GivenUp);
    assert_eq!(requests.answered(b), Concerns::Answered);
    assert_eq!(requests.answered(a), Concerns::Answered);
}

#[test]
fn an_early_request_that_stays_keeps_no_memory_for_those_that_ended_behind_it() {
    let mut requests = Requests::new(1);
    let early = sent(&mut requests);
    for _ in 0..10_000 {
        let [a, b, c] = [(); 3].map(|()| sent(&mut requests));
        answer(&mut requests, b);
        requests.give_up(a).unwrap();
        answer(&mut requests, c);
    }
    assert!(requests.in_flight.held() <= 8 && requests.deadlines.held() <= 8);
    assert_eq!((requests.len(), requests.due(Duration::from_secs(1))), (1, Some(early)));
}

#[test]
fn the_earliest_deadline_is_due_first() {
    let mut requests = Requests::new(1);
    let second = Duration::from_secs(1);
    requests.add(RequestId(1), until(3), 0);
    requests.add(RequestId(2), until(2), 0);
    requests.add(RequestId(3), RequestDeadline::new(Duration::ZERO, None, None), 0);
    assert_eq!(requests.next_deadline(), Some(2 * second));
    assert_eq!(requests.due(second), None);
    assert_eq!(requests.due(3 * second), Some(RequestId(2)));
    requests.give_up(RequestId(2));
    assert_eq!(requests.due(3 * second), Some(RequestId(1)));
}
