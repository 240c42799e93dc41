//! What a count finds, and what it does not.

use super::*;

const SHELF: Place = Place { sku: 0, at: At::Node(0), state: StockState::Sellable };

/// Ten units, then what the test does; answers what the book is expected to say, and what is there.
fn after(events: impl FnOnce(&mut Truth)) -> (i64, i64) {
    let mut truth = Truth::default();
    truth.moved(SHELF, 10);
    events(&mut truth);
    (truth.expected_in_book(SHELF), truth.held(SHELF))
}

#[test]
fn a_count_finds_what_is_dated_up_to_it() {
    assert_eq!(after(|truth| truth.lost(Mistake::UnrecordedLoss, SHELF, 5, 2)), (10, 8));
    let found = |counted| {
        after(move |truth| {
            truth.lost(Mistake::UnrecordedLoss, SHELF, 5, 2);
            truth.counted(SHELF, counted, 8, Mistake::Miscounted);
        })
    };
    assert_eq!((found(4), found(5), found(6)), ((10, 8), (8, 8), (8, 8)));
}

#[test]
fn a_count_finds_another_counts_mistake_only_when_it_is_later() {
    let miscounted = |second: Option<i64>| {
        after(move |truth| {
            truth.counted(SHELF, 5, 11, Mistake::Miscounted);
            if let Some(when) = second {
                truth.counted(SHELF, when, 10, Mistake::Miscounted);
            }
        })
    };
    assert_eq!(miscounted(None), (11, 10));
    assert_eq!(miscounted(Some(6)), (10, 10));
    // An earlier count that arrives later changes nothing.
    assert_eq!(miscounted(Some(4)), (11, 10));
}

#[test]
fn a_delivery_dated_late_is_counted_twice_by_a_count_between() {
    let counted = |when: i64, found: i64| {
        after(move |truth| {
            truth.booked(SHELF, (5, 6), (9, 6));
            truth.counted(SHELF, when, found, Mistake::Miscounted);
        })
    };
    assert_eq!(counted(7, 16), (22, 16));
    assert_eq!(counted(9, 16), (16, 16));
    assert_eq!(after(|truth| truth.booked(SHELF, (5, 6), (9, 6))), (16, 16));
}

#[test]
fn a_receipt_booked_wrong_is_off_by_the_difference() {
    assert_eq!(after(|truth| truth.booked(SHELF, (5, 6), (5, 4))), (14, 16));
}

#[test]
fn transfers_are_found_by_their_names() {
    assert_eq!(transfer_number(&transfer_name(4711)), Some(4711));
    assert_eq!(transfer_number("store-1"), None);
}

#[test]
fn what_was_set_right_is_no_difference_any_more() {
    let set_right = after(|truth| {
        truth.lost(Mistake::LostInTransit, SHELF, 5, 2);
        truth.set_right(SHELF);
    });
    assert_eq!(set_right, (8, 8));
}
