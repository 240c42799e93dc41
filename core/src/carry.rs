//! Carrying the state: one canonical binary form for the snapshot and the digest.
//!
//! The form has everything that follows from the accepted events and cannot be derived from the rest of it, in the order of
//! names, so that two books that hold the same state have the same bytes. Claims at positions, sums and exceptions are
//! derived and not carried.
//!
//! Items and their positions stand in one block that can be read in place ([`Image`]); what is said of orders, events and places
//! stands around it. A snapshot is [`HEADER_BYTES`] and the form:
//!
//! | bytes | |
//! |---|---|
//! | 0..8 | the name of the form and its version |
//! | 8..16 | XXH64 of all that comes after, with seed 0 |
//! | 16..24 | [`Book::version`], which is no part of the digest |
//!
//! All numbers are little-endian. The checksum finds damage; it is no seal: whoever needs one compares [`Book::digest`].

mod block;
mod event;
mod image;
mod read;
mod wire;
mod write;

use alloc::vec::Vec;

use sha2::{Digest as _, Sha256};
use twox_hash::XxHash64;

pub use image::Image;
pub use wire::SnapshotError;

use crate::book::Book;
use crate::event::Event;

/// First bytes of a snapshot: the name of the form and its version.
const MAGIC: &[u8; 8] = b"onhand\x00\x02";
const HEADER_BYTES: usize = 24;
/// What a float of a host holds exactly, and no book reaches.
const VERSION_MAX: u64 = 1 << 53;

/// SHA-256 of the canonical form.
fn digest_of(canonical: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(MAGIC).chain_update(canonical).finalize().into()
}

/// The checksum of all behind it.
fn checksum_of(carried: &[u8]) -> u64 {
    XxHash64::oneshot(0, carried)
}

impl Book {
    /// SHA-256 of the canonical form: equal digests are equal books, on every machine and in whatever order the events came.
    ///
    /// ```
    /// let one = onhand::testing::book(&["TEA-250", "CUP"], &["store-1"]);
    /// let other = onhand::testing::book(&["TEA-250"], &["store-1"]);
    /// assert_ne!(one.digest(), other.digest());
    /// ```
    pub fn digest(&self) -> [u8; 32] {
        digest_of(&write::canonical(self))
    }

    /// The whole book as bytes: [`Book::restore`] and [`Image::open`] give it back, and events that came since bring it up to date.
    pub fn snapshot(&self) -> Vec<u8> {
        let canonical = write::canonical(self);
        let mut carried = Vec::with_capacity(HEADER_BYTES + canonical.len());
        carried.extend_from_slice(&self.version().to_le_bytes());
        carried.extend_from_slice(&canonical);
        let checksum = checksum_of(&carried).to_le_bytes();
        [MAGIC.as_slice(), &checksum, &carried].concat()
    }

    /// Loads a snapshot and holds it against itself: checksum, names and ranges, one byte form, and sums that add up.
    ///
    /// # Errors
    ///
    /// [`SnapshotError`] when anything is off; nothing is loaded in part.
    ///
    /// ```
    /// use onhand::{Book, testing};
    /// let book = testing::book(&["TEA-250"], &["store-1"]);
    /// let again = Book::restore(&book.snapshot()).unwrap();
    /// assert_eq!(again.digest(), book.digest());
    /// assert!(Book::restore(b"not a snapshot").is_err());
    /// ```
    pub fn restore(snapshot: &[u8]) -> Result<Book, SnapshotError> {
        image::restore(snapshot)
    }

    /// Law 1: per SKU, positions and outside accounts add to zero.
    pub(crate) fn adds_up(&self) -> bool {
        self.skus.iter().zip(self.accounts.iter()).all(|(sku, accounts)| {
            let inside: i128 = sku.positions().map(|id| i128::from(self.positions.rows[id].quantity)).sum();
            let outside: i128 = accounts.outside.iter().copied().map(i128::from).sum();
            inside + outside == 0
        })
    }
}

/// What was told, all but when it was recorded: an event in the canonical form, for the seals of a log.
pub(crate) fn told(told: &Event) -> Vec<u8> {
    let mut to = wire::Writer::default();
    event::write(&mut to, told);
    to.0
}
