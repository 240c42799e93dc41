//! Rows with full rules against bare additions, and what the book weighs.

use anyhow::{Result, ensure};

use crate::clock::timed;
use crate::measure::Measure;
use crate::memory;
use crate::shop::{Change, Shop, Size};

/// Rows of a batch, and batches of a round.
const BATCH: usize = 10_000;

/// `Book::evolve_rows` against `balances[position] += units` on the same random positions.
///
/// Inside the timing: reading the bytes, every check, exactly-once, the fingerprint, the leg, the account outside, and the
/// memory that keeps them. Outside: making the rows and closing the period, which comes after each round.
pub fn against_bare_loop(key: &str, size: Size, batches: usize) -> Result<Measure> {
    let mut shop = Shop::new(size);
    let mut bare = shop.balances();
    let measure = Measure::rounds(key, BATCH * batches, |swap| {
        let (mut ours, mut theirs) = (0.0, 0.0);
        for _ in 0..batches {
            // Made just before, as a host writes rows and hands them over: both sides find their batch in cache.
            let (rows, changes) = shop.batch(BATCH);
            let mut posted = 0;
            let mut evolve = || timed(|| posted = shop.book.evolve_rows(&rows).posted).0;
            let mut add = || timed(|| add(&mut bare, &changes)).0;
            let (one, other) = match swap {
                true => {
                    let adding = add();
                    (evolve(), adding)
                }
                false => (evolve(), add()),
            };
            ours += one;
            theirs += other;
            assert_eq!(posted as usize, BATCH);
        }
        shop.close();
        (ours, theirs)
    });
    ensure!(shop.balances() == bare, "{key}: the book and the bare loop disagree");
    Ok(measure)
}

/// The bare loop.
#[inline(never)]
fn add(balances: &mut [i64], changes: &[Change]) {
    for change in changes {
        balances[change.position as usize] += change.units;
    }
}

/// Bytes of a position just after a close, and bytes that a leg adds until the next one: what the allocator gave out.
pub fn bytes_held(size: Size) -> Result<Vec<Measure>> {
    let (held, mut shop) = memory::held(|| Shop::new(size));
    let positions = size.positions() as f64;
    let said = shop.book.position_bytes() as f64 / positions;
    let counted = held as f64 / positions;
    ensure!(
        said <= counted * 1.02 && said >= counted * 0.8,
        "the book says {said:.1} bytes a position and the allocator gave out {counted:.1}"
    );
    let position = Measure::figure("bytes_per_position", counted)
        .with_note(format!("counted by the allocator; the book itself says {said:.1}"));

    let (rows, _) = shop.batch(size.positions());
    // A copy has none of the emptied memory that a close keeps: it would hide a part of what legs take.
    shop.book = shop.book.clone();
    let (added, outcome) = memory::held(|| shop.book.evolve_rows(&rows));
    ensure!(outcome.posted as usize == size.positions(), "every row is posted");
    let (_, legs) = shop.book.kept_counts();
    let said = shop.book.kept_bytes() as f64 / legs as f64;
    let counted = added as f64 / legs as f64;
    ensure!(
        said <= counted * 1.1 && said >= counted * 0.9,
        "the book says {said:.1} bytes a leg and the allocator gave out {counted:.1}"
    );
    let leg = Measure::figure("bytes_per_leg", counted)
        .with_note(format!("rows of one leg, each with its event and id; the book itself says {said:.1}"));
    Ok(vec![position, leg])
}
