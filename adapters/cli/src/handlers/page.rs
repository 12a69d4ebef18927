//! A page that a server would have visited. It is shown, and never opened.

use tenure_mcp::proto::types::ElicitAction;

use crate::colour::{BOLD, Paint};
use crate::handlers::dialogue::Dialogue;
use crate::text;

/// Asks whether the person agrees to visit the page.
///
/// # Errors
/// They don't.
pub(super) async fn visit(dialogue: &mut Dialogue<'_>, url: &str) -> Result<(), ElicitAction> {
    dialogue.say(described(url, Paint::on_stderr())).await;
    let words = [("yes", None), ("no", Some(ElicitAction::Decline)), ("cancel", Some(ElicitAction::Cancel))];
    match dialogue.choose("Will you open it? (yes, no, cancel)", &words).await? {
        None => Ok(()),
        Some(action) => Err(action),
    }
}

/// All of the URL, whose host stands alone besides: that is what the rest may distract from (MCP 2025-11-25,
/// client/elicitation, "Safe URL Handling").
fn described(url: &str, paint: Paint) -> String {
    let shown = text::one_line(url);
    let host = match host(&shown) {
        Some(host) => format!("It is a page of {}.", paint.paint(BOLD, host)),
        None => "That is no address of a page in the web.".to_owned(),
    };
    let warning = warning(&shown).map_or_else(String::new, |warning| format!("\nBe careful: {warning}."));
    format!("It wants you to open this page, which is not opened by itself:\n\n  {shown}\n\n{host}{warning}")
}

fn authority(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let is_web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    is_web.then(|| rest.split(['/', '?', '#', '\\']).next()).flatten()
}

fn host(url: &str) -> Option<&str> {
    let authority = authority(url)?;
    Some(authority.rsplit('@').next().unwrap_or(authority)).filter(|host| !host.is_empty())
}

fn warning(url: &str) -> Option<&'static str> {
    let authority = authority(url)?;
    if authority.contains('@') {
        Some("what stands before the @ is not where it leads")
    } else if !authority.is_ascii() || authority.to_ascii_lowercase().contains("xn--") {
        Some("letters of its name may look like others")
    } else if !url.to_ascii_lowercase().starts_with("https:") {
        Some("it is not encrypted")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_where_it_leads() {
        assert_eq!(host("https://bank.example@evil.example:8/a@b"), Some("evil.example:8"));
        assert_eq!(host("https://evil.example\\@bank.example/"), Some("evil.example"));
        assert_eq!(["javascript:alert(1)", "file:///etc", "https://"].map(host), [None, None, None]);
    }

    #[test]
    fn what_may_deceive_is_said() {
        assert!(warning("https://a@b/").is_some_and(|words| words.contains('@')));
        assert!(warning("https://xn--80ak6aa92e.com/").is_some_and(|words| words.contains("letters")));
        assert!(warning("http://a/").is_some_and(|words| words.contains("encrypted")));
        assert_eq!(warning("https://a.example/?x=http://b@c"), None);
    }
}
