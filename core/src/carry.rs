//! Carrying the state: one canonical binary form for the snapshot and the digest.
//!
//! The form has everything that follows from the accepted events and cannot be derived from the rest of it, in the order of
//! names, so that two books that hold the same state have the same bytes. Claims at positions, sums and exceptions are
//! derived and not carried.

mod event;
mod read;
mod wire;
mod write;

use alloc::vec::Vec;

use sha2::{Digest as _, Sha256};

pub use wire::SnapshotError;

use crate::book::Book;
use crate::event::Event;

/// First bytes of a snapshot: the name of the form and its version.
const MAGIC: &[u8; 8] = b"onhand\x00\x01";
const VERSION_BYTES: usize = 8;
/// What a float of a host holds exactly, and no book reaches.
const VERSION_MAX: u64 = 1 << 53;
const CHECKSUM_BYTES: usize = 32;

impl Book {
    /// SHA-256 of the canonical form: equal digests are equal books, on every machine and in whatever order the events came.
    ///
    /// ```
    /// let one = onhand::testing::book(&["TEA-250", "CUP"], &["store-1"]);
    /// let other = onhand::testing::book(&["TEA-250"], &["store-1"]);
    /// assert_ne!(one.digest(), other.digest());
    /// ```
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(write::canonical(self)).into()
    }

    /// The whole book as bytes: [`Book::restore`] gives it back, and events that came since bring it up to date.
    ///
    /// Behind the canonical form stand the [`Book::version`] (8 bytes, the lowest first) and a SHA-256 of all before it.
    pub fn snapshot(&self) -> Vec<u8> {
        let mut bytes = write::canonical(self);
        bytes.extend_from_slice(&self.version().to_le_bytes());
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        bytes
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
        let Some(rest) = snapshot.strip_prefix(MAGIC.as_slice()) else {
            let known = snapshot.starts_with(b"onhand\x00");
            let problem = if known { "version_not_supported" } else { "not_a_snapshot" };
            return Err(SnapshotError::new(problem, 0));
        };
        let parts = || {
            let (carried, checksum) =
                snapshot.split_at_checked(snapshot.len().checked_sub(CHECKSUM_BYTES)?)?;
            let (canonical, version) = carried.split_at_checked(carried.len().checked_sub(VERSION_BYTES)?)?;
            let body = rest.get(..canonical.len().checked_sub(MAGIC.len())?)?;
            Some((carried, canonical, body, u64::from_le_bytes(version.try_into().ok()?), checksum))
        };
        let malformed = || SnapshotError::new("malformed", snapshot.len());
        let (carried, canonical, body, version, checksum) = parts().ok_or_else(malformed)?;
        if Sha256::digest(carried).as_slice() != checksum {
            return Err(SnapshotError::new("checksum_mismatch", carried.len()));
        }
        let mut book = read::book(body)?;
        let dropped = version.checked_sub(book.version()).filter(|_| version <= VERSION_MAX);
        book.dropped = dropped.ok_or_else(malformed)?;
        if write::canonical(&book) != canonical {
            return Err(SnapshotError::new("not_canonical", 0));
        }
        match book.adds_up() {
            true => Ok(book),
            false => Err(SnapshotError::new("does_not_add_up", 0)),
        }
    }

    /// Law 1: per SKU, positions and outside accounts add to zero.
    pub(crate) fn adds_up(&self) -> bool {
        self.skus.iter().all(|sku| {
            let inside: i128 = sku.positions().map(|id| i128::from(self.positions.rows[id].quantity)).sum();
            let outside: i128 = sku.outside.iter().copied().map(i128::from).sum();
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
