//! Moments as cases write them: `09:30`, `09:59:59.999`, `day3/09:30`, `day1` (its midnight), or plain milliseconds.

use anyhow::{Context, Result, bail};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
/// A day; the first one of a case begins at 0.
pub const DAY: i64 = 24 * HOUR;
/// What passes between two steps that say no moment.
pub const STEP: i64 = MINUTE;
/// The moment of a case's first step, unless it says another.
pub const START: i64 = 9 * HOUR;

/// Reads a moment as milliseconds.
pub fn parse(text: &str) -> Result<i64> {
    let (days, clock) = match text.strip_prefix("day") {
        Some(rest) => match rest.split_once('/') {
            Some((day, clock)) => (number(day, text)? - 1, clock),
            None => (number(rest, text)? - 1, "00:00"),
        },
        None => (0, text),
    };
    if !clock.contains(':') {
        return clock.parse().with_context(|| format!("`{text}` is no moment"));
    }
    let parts: Vec<&str> = clock.split(':').collect();
    let (hours, minutes, seconds) = match parts[..] {
        [hours, minutes] => (hours, minutes, "0"),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        _ => bail!("`{text}` is no moment"),
    };
    let (seconds, millis) = seconds.split_once('.').unwrap_or((seconds, "0"));
    Ok(days * DAY
        + number(hours, text)? * HOUR
        + number(minutes, text)? * MINUTE
        + number(seconds, text)? * SECOND
        + number(millis, text)?)
}

/// Reads a duration as milliseconds: `3d`, `6h`, `30m`, `500ms`.
pub fn duration(text: &str) -> Result<i64> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (count, unit) = text.split_at(digits);
    let unit = match unit {
        "d" => DAY,
        "h" => HOUR,
        "m" => MINUTE,
        "ms" => 1,
        _ => bail!("`{text}` is no duration"),
    };
    Ok(count.parse::<i64>().with_context(|| format!("`{text}` is no duration"))? * unit)
}

/// Writes a duration as [`duration`] reads it, in the largest unit that it is whole in.
pub fn span(millis: i64) -> String {
    let units = [("d", DAY), ("h", HOUR), ("m", MINUTE)];
    let unit = units.into_iter().find(|(_, unit)| millis % unit == 0).unwrap_or(("ms", 1));
    format!("{}{}", millis / unit.1, unit.0)
}

fn number(text: &str, whole: &str) -> Result<i64> {
    text.parse().with_context(|| format!("`{whole}` is no moment"))
}

/// Writes milliseconds as [`parse`] reads them, as short as can be.
pub fn format(millis: i64) -> String {
    if millis < 0 {
        return millis.to_string();
    }
    let (day, rest) = (millis / DAY + 1, millis % DAY);
    let mut text = format!("{:02}:{:02}", rest / HOUR, rest / MINUTE % 60);
    if rest % MINUTE != 0 {
        text.push_str(&format!(":{:02}", rest / SECOND % 60));
    }
    if rest % SECOND != 0 {
        text.push_str(&format!(".{:03}", rest % SECOND));
    }
    match day {
        1 => text,
        day => format!("day{day}/{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_it_is_written() {
        for text in ["00:00", "09:30", "09:59:59.999", "day3/23:59:01", "day12/00:00"] {
            assert_eq!(format(parse(text).unwrap()), text);
        }
        assert_eq!(parse("day2").unwrap(), DAY);
        assert_eq!(parse("1483273827000").unwrap(), 1_483_273_827_000);
        assert!(parse("soon").is_err());
        assert_eq!(
            [duration("2d").unwrap(), duration("90m").unwrap(), duration("5ms").unwrap()],
            [2 * DAY, 5_400_000, 5]
        );
        assert!(duration("2").is_err() && duration("d").is_err());
    }
}
