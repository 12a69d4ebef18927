//! Whole numbers, however they are written.

/// The whole number that a JSON number is: `5`, `5.0`, `50e-1` and `0.5E+1` are the same. Exact; `None` for
/// fractions, for what is no number, and for what is too large to matter here.
pub(crate) fn integer(text: &str) -> Option<i128> {
    // Nearly all are written so.
    if text.bytes().all(|digit| digit.is_ascii_digit())
        && let Ok(number) = text.parse::<u64>()
    {
        return Some(number.into());
    }
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    if whole.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let significant = digits.trim_end_matches('0');
    let zeros = digits.len().checked_sub(significant.len())?;
    let significant = significant.trim_start_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    // So many zeros follow the significant digits; with fewer than none it is a fraction.
    let zeros =
        exponent.checked_add(i64::try_from(zeros).ok()?)?.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    let zeros = u32::try_from(zeros).ok()?;
    let number = significant.parse::<i128>().ok()?.checked_mul(10_i128.checked_pow(zeros)?)?;
    Some(if negative { number.saturating_neg() } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_is_the_same_in_every_spelling() {
        for text in ["5", "5.0", "5.000", "5e0", "5E+0", "50e-1", "0.5e1", "0.05E2", "500.0e-2", "005"] {
            assert_eq!(integer(text), Some(5), "{text}");
        }
        for (text, number) in [
            ("0", 0),
            ("-0.0", 0),
            ("0e999999", 0),
            ("-12", -12),
            ("1e3", 1000),
            ("-9223372036854775808", i128::from(i64::MIN)),
            ("18446744073709551616", 1 << 64),
        ] {
            assert_eq!(integer(text), Some(number), "{text}");
        }
    }

    #[test]
    fn what_is_no_whole_number_is_none() {
        for text in [
            "",
            "-",
            ".",
            ".5",
            "5.1",
            "5e-1",
            "1e99",
            "1e999999999999999999999",
            "1e-99",
            "+5",
            "5x",
            "0x5",
            " 5",
            "e5",
            "5e",
            "99999999999999999999999999999999999999999999999999",
        ] {
            assert_eq!(integer(text), None, "{text}");
        }
    }
}
