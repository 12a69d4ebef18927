//! When a server asks to be tried again (RFC 9110, section 10.2.3).

use std::time::Duration;

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

/// Nobody waits longer, and times can be added without care.
const MOST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// The time from now on that `Retry-After` names, at most a year.
///
/// A date counts from the answer's own `Date`: there is no clock here, and the server's may be wrong. A date without
/// one says nothing.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim_ascii();
    let time = if is_digits(value) {
        // More digits than a number has room for are a long time too.
        value.parse().map_or(MOST, Duration::from_secs)
    } else {
        let then = httpdate::parse_http_date(value).ok()?;
        let now = headers.get(DATE)?.to_str().ok()?.trim_ascii();
        let now = httpdate::parse_http_date(now).ok()?;
        then.duration_since(now).unwrap_or(Duration::ZERO)
    };
    Some(time.min(MOST))
}

fn is_digits(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn parsed(retry_after: &[u8], date: Option<&str>) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_bytes(retry_after).unwrap());
        if let Some(date) = date {
            headers.insert(DATE, date.parse().unwrap());
        }
        super::retry_after(&headers)
    }

    #[test]
    fn seconds_count_from_now_on() {
        assert_eq!(parsed(b"0", None), Some(Duration::ZERO));
        assert_eq!(parsed(b" 120 ", None), Some(Duration::from_secs(120)));
    }

    #[test]
    fn a_date_counts_from_the_date_of_the_answer() {
        let now = Some("Fri, 31 Dec 1999 23:59:29 GMT");
        for date in
            ["Fri, 31 Dec 1999 23:59:59 GMT", "Friday, 31-Dec-99 23:59:59 GMT", "Fri Dec 31 23:59:59 1999"]
        {
            assert_eq!(parsed(date.as_bytes(), now), Some(Duration::from_secs(30)), "{date}");
            assert_eq!(parsed(date.as_bytes(), None), None);
            assert_eq!(parsed(date.as_bytes(), Some("yesterday")), None);
        }
        assert_eq!(parsed(b"Fri, 31 Dec 1999 00:00:00 GMT", now), Some(Duration::ZERO));
    }

    #[test]
    fn a_time_of_years_is_a_year() {
        for long in ["31622401", "18446744073709551615", "99999999999999999999999999"] {
            assert_eq!(parsed(long.as_bytes(), None), Some(MOST), "{long}");
        }
        assert_eq!(parsed(b"31622399", None), Some(Duration::from_secs(31_622_399)));
        let now = Some("Fri, 31 Dec 1999 23:59:29 GMT");
        assert_eq!(parsed(b"Fri, 31 Dec 9999 23:59:59 GMT", now), Some(MOST));
    }

    #[test]
    fn anything_else_says_nothing() {
        for value in ["", "-1", "+1", "1.5", "0x10", "soon", "1 2"] {
            assert_eq!(parsed(value.as_bytes(), Some("Fri, 31 Dec 1999 23:59:29 GMT")), None, "{value}");
        }
        assert_eq!(parsed(b"\xff", None), None);
        assert_eq!(super::retry_after(&HeaderMap::new()), None);
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static("Fri, 31 Dec 1999 23:59:59 GMT"));
        headers.insert(DATE, HeaderValue::from_bytes(b"\xff").unwrap());
        assert_eq!(super::retry_after(&headers), None);
    }
}
