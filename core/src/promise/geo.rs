//! Distances on the globe, in whole metres: integers alone, so that every machine agrees.

/// A place in millionths of a degree, north and east.
pub(super) type Place = (i64, i64);

/// Mean radius of the earth in metres (IUGG).
const RADIUS: i64 = 6_371_009;
/// Sines and angles are fractions of this.
const ONE: i64 = 1 << 30;
/// Half a turn, in fractions of a radian.
const PI: i64 = 3_373_259_426;
const HALF_TURN: i64 = 180_000_000;

/// Along the great circle, by the haversine formula. Within a metre in a hundred kilometres.
pub(super) fn metres(one: Place, other: Place) -> i64 {
    let (north, east) = (half_angle(one.0 - other.0), half_angle(one.1 - other.1));
    let (sine_north, sine_east) = (sine(north), sine(east));
    let cosines = multiply(cosine(one.0), cosine(other.0));
    // Squares of 30 bits have 60: nothing is lost of short ways.
    let haversine = sine_north * sine_north + multiply(cosines, sine_east) * sine_east;
    let half_chord = haversine.unsigned_abs().isqrt();
    let half_arc = arcsine(i64::try_from(half_chord).unwrap_or(ONE).min(ONE));
    // Rounded to the nearest metre.
    (2 * RADIUS * half_arc + ONE / 2) / ONE
}

/// Half of an angle in millionths of a degree, as a fraction of a radian; within a quarter turn either way.
fn half_angle(millionths: i64) -> i64 {
    let full = millionths.rem_euclid(2 * HALF_TURN);
    let around = if full > HALF_TURN { full - 2 * HALF_TURN } else { full };
    around * PI / HALF_TURN / 2
}

fn cosine(latitude: i64) -> i64 {
    sine(PI / 2 - (latitude * PI / HALF_TURN).abs())
}

/// Of an angle within a quarter turn either way, by its series.
fn sine(angle: i64) -> i64 {
    let square = multiply(angle, angle);
    let (mut term, mut sum) = (angle, angle);
    for step in 1..9 {
        term = -multiply(term, square) / (2 * step * (2 * step + 1));
        sum += term;
    }
    sum.clamp(-ONE, ONE)
}

/// The angle of a sine of 0 to 1, by halves.
fn arcsine(wanted: i64) -> i64 {
    let (mut low, mut high) = (0, PI / 2);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        match sine(middle) <= wanted {
            true => low = middle,
            false => high = middle,
        }
    }
    low
}

const fn multiply(one: i64, other: i64) -> i64 {
    (one * other) >> 30
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_atlas() {
        let berlin = (52_520_008, 13_404_954);
        let hamburg = (53_551_086, 9_993_682);
        let sydney = (-33_868_820, 151_209_290);
        let fiji = (-17_713_371, 178_065_032);
        let samoa = (-13_759_029, -172_104_629);
        // By the same formula in floating point.
        for (one, other, expected) in [
            (berlin, hamburg, 255_248),
            (berlin, sydney, 16_094_526),
            (fiji, samoa, 1_139_976),
            (berlin, (52_520_908, 13_404_954), 100),
            (berlin, berlin, 0),
            ((90_000_000, 0), (-90_000_000, 0), 20_015_115),
        ] {
            let found = metres(one, other);
            assert!((found - expected).abs() <= 1 + expected / 100_000, "{found} instead of {expected}");
            assert_eq!(found, metres(other, one));
        }
    }
}
