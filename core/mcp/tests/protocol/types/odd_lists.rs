//! Lists that are not as the specification says: one odd element costs that element, and what came is kept.

use crate::common::*;
use tenure_mcp_proto::pages::{ListWarning, PagesError, ToolList, ToolPages};
use tenure_mcp_proto::types::{ListToolsResult, ResultType, Tool};

fn tool(name: &str) -> String {
    format!(r#"{{"name":"{name}","inputSchema":{{}}}}"#)
}

fn page(tools: &[String], cursor: &str) -> String {
    format!(r#"{{"tools":[{}],"nextCursor":{cursor}}}"#, tools.join(","))
}

/// What a server lists that answers with these pages, and how often it was asked.
fn collected(pages: ToolPages, mut answer: impl FnMut(usize) -> String) -> (ToolList, usize) {
    let mut pages = pages;
    let mut asked = 0;
    while pages.next_params().is_some() {
        pages.handle_page(raw(&answer(asked))).unwrap();
        asked += 1;
    }
    (pages.into_list(), asked)
}

fn list(answers: &[String]) -> ToolList {
    let (list, asked) = collected(ToolPages::new(), |at| answers[at].clone());
    assert_eq!(asked, answers.len());
    list
}

fn names(list: &ToolList) -> Vec<&str> {
    list.iter().map(|tool| tool.name.as_str()).collect()
}

fn warnings(list: &ToolList) -> Vec<String> {
    list.warnings.iter().map(ToString::to_string).collect()
}

#[test]
fn an_odd_tool_costs_itself_and_is_named() {
    for (odd, named, reason) in [
        (r#"{"name":"bad"}"#, Some("bad"), "inputSchema is missing"),
        (r#"{"name":"bad","inputSchema":null}"#, Some("bad"), "inputSchema is missing"),
        (r#"{"name":"bad","inputSchema":"{}"}"#, Some("bad"), r#"inputSchema is not an object but "{}""#),
        (r#"{"name":"bad","inputSchema":[]}"#, Some("bad"), "inputSchema is not an object but []"),
        (r#"{"name":"bad","inputSchema":true}"#, Some("bad"), "inputSchema is not an object but true"),
        (r#"{"inputSchema":{}}"#, None, "name is missing"),
        (r#"{"name":7,"inputSchema":{}}"#, None, "name is not a string but 7"),
        (r#"{"name":null,"inputSchema":{}}"#, None, "name is not a string but null"),
        ("null", None, "not a JSON object but null"),
        ("5", None, "not a JSON object but 5"),
        (r#""bad""#, None, r#"not a JSON object but "bad""#),
        ("[{}]", None, "not a JSON object but [{}]"),
    ] {
        let text = format!(r#"{{"tools":[{},{odd},{}]}}"#, tool("a"), tool("b"));
        let view = ListToolsResult::from_raw(raw(&text)).unwrap();
        assert_eq!(view.raw.get(), text);
        assert_eq!(view.items.len(), 2);
        let [element] = &view.odd[..] else { panic!("{odd}: {:?}", view.odd) };
        assert_eq!((element.position, element.name.as_deref()), (1, named), "{odd}");
        assert_eq!((element.reason.as_str(), element.raw.get()), (reason, odd));

        let list = list(&[text]);
        assert_eq!(names(&list), ["a", "b"]);
        let quoted = named.map_or(String::new(), |name| format!(", {name:?},"));
        assert_eq!(warnings(&list), [format!("left out: element [1]{quoted} of page 1: {reason}")]);
    }
}

#[test]
fn a_list_as_it_should_be_has_no_warnings() {
    let list = list(&[page(&[tool("a")], "\"x\""), page(&[tool("b")], "null")]);
    assert_eq!((names(&list), list.warnings.len()), (vec!["a", "b"], 0));
    let owned: Vec<Tool> = list.into_iter().collect();
    assert_eq!(owned.len(), 2);
}

#[test]
fn a_list_of_nothing_is_empty() {
    assert!(list(&[r#"{"tools":[]}"#.to_owned()]).warnings.is_empty());
    let null = list(&[r#"{"tools":null}"#.to_owned()]);
    assert!(null.is_empty());
    assert_eq!(warnings(&null), ["page 1: tools is null"]);
}

#[test]
fn cursors_go_back_as_they_came() {
    for cursor in [r#""""#, r#""a\u0062\"""#, r#""\ud83d""#, r#""2""#] {
        let mut pages = ToolPages::new();
        pages.handle_page(raw(&page(&[tool("a")], cursor))).unwrap();
        assert_eq!(pages.next_params().unwrap().get(), format!(r#"{{"cursor":{cursor}}}"#));
    }
}

#[test]
fn an_empty_cursor_is_one() {
    // MCP 2026-07-28, server/utilities/pagination.
    let list = list(&[page(&[tool("a")], "\"\""), page(&[tool("b")], "\"\""), page(&[tool("c")], "null")]);
    assert_eq!((names(&list), list.warnings.len()), (vec!["a", "b", "c"], 0));
}

#[test]
fn a_cursor_that_comes_again_is_no_loop_while_its_pages_bring_something_new() {
    let answers: Vec<_> = (0..50).map(|n| page(&[tool(&n.to_string())], "\"next\"")).collect();
    let (list, asked) = collected(ToolPages::new(), |at| match answers.get(at) {
        Some(answer) => answer.clone(),
        None => page(&[], "null"),
    });
    assert_eq!((list.len(), list.warnings.len(), asked), (50, 0, 51));
}

#[test]
fn a_server_that_repeats_its_pages_ends_the_list_and_nothing_is_listed_twice() {
    for cursor in ["\"\"", "\"x\"", "5"] {
        let (list, asked) = collected(ToolPages::new(), |_| page(&[tool("a"), tool("b")], cursor));
        assert_eq!(names(&list), ["a", "b"]);
        assert_eq!(asked, 4);
        assert!(
            list.warnings.iter().any(|warning| matches!(warning, ListWarning::NothingNew { page: 4, .. }))
        );
    }
    // Two pages in turn, with ever new cursors.
    let (list, asked) = collected(ToolPages::new(), |at| {
        page(&[tool(if at % 2 == 0 { "a" } else { "b" })], &format!("\"{at}\""))
    });
    assert_eq!((names(&list), asked), (vec!["a", "b"], 5));
}

#[test]
fn a_page_of_odd_elements_alone_is_news_once() {
    let odd = |n: usize| page(&[format!(r#"{{"name":"bad{n}"}}"#)], "\"x\"");
    let (list, _) = collected(ToolPages::new(), |at| match at {
        0 => page(&[tool("a")], "\"x\""),
        1..=9 => odd(at),
        10 => page(&[tool("b")], "null"),
        _ => unreachable!(),
    });
    assert_eq!((names(&list), list.warnings.len()), (vec!["a", "b"], 9));
    let (list, asked) = collected(ToolPages::new(), |_| odd(1));
    assert_eq!((list.warnings.len(), asked), (2, 4));
}

#[test]
fn a_list_that_moves_while_it_is_read_is_read_to_its_end() {
    // An element was put before those that were read, so one comes twice.
    let list = list(&[page(&[tool("a")], "\"1\""), page(&[tool("a")], "\"2\""), page(&[tool("b")], "null")]);
    assert_eq!((names(&list), list.warnings.len()), (vec!["a", "b"], 0));
}

#[test]
fn another_tool_of_a_name_that_came_before_is_listed_too() {
    let other = r#"{"name":"a","inputSchema":{"x":1}}"#.to_owned();
    let list = list(&[page(&[tool("a")], "\"1\""), page(&[other], "\"2\""), page(&[tool("b")], "null")]);
    assert_eq!(names(&list), ["a", "a", "b"]);
    let twice = self::list(&[page(&[tool("a"), tool("a")], "null")]);
    assert_eq!(names(&twice), ["a", "a"]);
}

#[test]
fn empty_pages_are_passed_over_and_do_not_go_on_for_ever() {
    let (list, _) = collected(ToolPages::new(), |at| match at {
        60 => page(&[tool("a")], "null"),
        _ => page(&[], "\"x\""),
    });
    assert_eq!((names(&list), list.warnings.len()), (vec!["a"], 0));
    let (list, asked) = collected(ToolPages::new(), |at| page(&[], &format!("\"{at}\"")));
    assert_eq!((list.warnings.len(), asked), (1, 100));
}

#[test]
fn ever_new_pages_end_at_the_limit_of_pages_and_what_came_is_kept() {
    let answer = |at: usize| page(&[tool(&at.to_string())], &format!("\"{at}\""));
    let (list, asked) = collected(ToolPages::new().max_pages(3), answer);
    assert_eq!((list.len(), asked), (3, 3));
    assert_eq!(warnings(&list), ["there are more than 3 pages"]);
    // As many as the limit are fine.
    let (list, _) = collected(ToolPages::new().max_pages(2), |at| match at {
        0 => answer(0),
        _ => page(&[tool("b")], "null"),
    });
    assert_eq!((list.len(), list.warnings.len()), (2, 0));
}

#[test]
fn ever_new_pages_end_at_the_limit_of_bytes_and_what_came_is_kept() {
    let answer = |at: usize| page(&[tool(&at.to_string())], "\"x\"");
    let (list, asked) = collected(ToolPages::new().max_bytes(answer(0).len()), answer);
    assert_eq!((list.len(), asked), (2, 2));
    assert!(matches!(list.warnings[..], [ListWarning::TooLarge { .. }]));
}

#[test]
fn a_cursor_of_another_kind_costs_itself() {
    for cursor in ["{}", "[]", "true", "false"] {
        let list = list(&[page(&[tool("a")], cursor)]);
        assert_eq!(names(&list), ["a"]);
        assert_eq!(warnings(&list), [format!("page 1: nextCursor is not a string but {cursor}")]);
    }
    // A server that counts its pages gets its number back.
    let mut pages = ToolPages::new();
    pages.handle_page(raw(&page(&[tool("a")], "1.0"))).unwrap();
    assert_eq!(pages.next_params().unwrap().get(), r#"{"cursor":1.0}"#);
    pages.handle_page(raw(&page(&[tool("b")], "null"))).unwrap();
    let list = pages.into_list();
    assert_eq!(names(&list), ["a", "b"]);
    assert_eq!(warnings(&list), ["page 1: nextCursor is not a string but 1.0"]);
}

#[test]
fn a_page_that_fails_after_good_ones_costs_what_would_have_followed() {
    for (bad, reason) in [
        ("[]", "page 2: ListToolsResult: not a JSON object but []"),
        ("{}", "page 2: ListToolsResult: tools is missing"),
        (r#"{"tools":5}"#, "page 2: ListToolsResult: tools is not a list but 5"),
        (r#"{"tools":[],"resultType":"new"}"#, "page 2: ListToolsResult: unknown resultType \"new\""),
        (r#"{"resultType":"input_required"}"#, "page 2: the server asks for input before it lists anything"),
    ] {
        let list = list(&[page(&[tool("a")], "\"x\""), bad.to_owned()]);
        assert_eq!(names(&list), ["a"]);
        assert_eq!(warnings(&list), [reason]);
    }
    let mut pages = ToolPages::new();
    pages.handle_page(raw(&page(&[tool("a")], "\"x\""))).unwrap();
    pages.handle_failure(&"timed out");
    assert!(pages.next_params().is_none());
    let list = pages.into_list();
    assert_eq!((names(&list), warnings(&list)), (vec!["a"], vec!["page 2: timed out".to_owned()]));
}

#[test]
fn a_first_page_that_cannot_be_read_is_an_error_that_holds_it() {
    for bad in ["[]", "{}", r#"{"tools":{}}"#, r#"{"nextCursor":"a"}"#] {
        let mut pages = ToolPages::new();
        match pages.handle_page(raw(bad)) {
            Err(PagesError::Decode(error)) => assert_eq!(error.raw().get(), bad),
            other => panic!("{other:?}"),
        }
        assert!(pages.next_params().is_none());
    }
    let mut pages = ToolPages::new();
    let asks = raw(r#"{"resultType":"input_required","inputRequests":{}}"#);
    assert!(matches!(pages.handle_page(asks), Err(PagesError::InputRequired)));
    assert!(pages.next_params().is_none());
}

#[test]
fn pages_that_were_not_asked_for_are_refused() {
    let mut pages = ToolPages::new();
    assert_eq!(pages.next_params().unwrap().get(), "{}");
    pages.handle_page(raw(&page(&[tool("a")], "null"))).unwrap();
    assert!(matches!(pages.handle_page(raw(&page(&[], "null"))), Err(PagesError::NotAsked)));
    let mut none = ToolPages::default().max_pages(0);
    assert!(none.next_params().is_none());
    assert!(matches!(none.handle_page(raw(&page(&[], "null"))), Err(PagesError::NotAsked)));
    assert_eq!((pages.pages(), none.pages()), (1, 0));
}

#[test]
fn of_too_many_tools_the_first_are_listed() {
    let tools = vec![tool("a"); 65_537].join(",");
    let list = list(&[format!(r#"{{"tools":[{tools}]}}"#)]);
    assert_eq!(list.len(), 65_536);
    assert_eq!(warnings(&list), ["page 1: tools has more than 65536 elements; the first are read"]);
    let exactly = format!(r#"{{"tools":[{}]}}"#, vec!["0"; 65_536].join(","));
    assert_eq!(ListToolsResult::from_raw(raw(&exactly)).unwrap().problems, [""; 0]);
}

#[test]
fn warnings_are_bounded_and_say_how_many_more_there_are() {
    let text = format!(r#"{{"tools":[{}{}]}}"#, "0,".repeat(5000), tool("a"));
    let list = list(&[text]);
    assert_eq!((names(&list), list.warnings.len()), (vec!["a"], 1001));
    assert!(matches!(list.warnings[1000], ListWarning::More { count: 4000, .. }));
    let long = "x".repeat(100_000);
    let list = self::list(&[format!(r#"{{"tools":[{{"name":"{long}","inputSchema":"{long}"}}]}}"#)]);
    assert!(warnings(&list)[0].len() < 400);
}

#[test]
fn a_page_without_tools_is_one_only_if_the_server_wants_input_first() {
    // MCP 2026-07-28, basic/patterns (MRTR).
    let asks = ListToolsResult::from_raw(raw(r#"{"resultType":"input_required"}"#)).unwrap();
    assert!(asks.items.is_empty() && asks.result_type == ResultType::InputRequired);
    assert!(ListToolsResult::from_raw(raw(r#"{"resultType":"complete"}"#)).is_err());
}
