//! A snapshot that answers where it lies: items come to life when they are asked for.

use alloc::vec::Vec;

use super::read::{self, Carried};
use super::{HEADER_BYTES, MAGIC, SnapshotError, VERSION_MAX, checksum_of, digest_of};
use crate::book::Book;

/// A snapshot, checked as a whole and read in place.
///
/// Opening it costs a look at every byte and makes nothing of its items. What a page or a worker asks first is answered as soon
/// as that; a book that is to be changed comes out of [`Image::into_book`].
///
/// ```
/// use onhand::{Image, Time, testing};
/// let book = testing::book(&["TEA-250"], &["store-1"]);
/// let mut image = Image::open(book.snapshot()).unwrap();
/// assert_eq!(image.digest(), book.digest());
/// let some = image.with(&["TEA-250"]).availability("TEA-250", "store-1", Time::ZERO).unwrap();
/// assert_eq!(some.available, 0);
/// assert_eq!(image.into_book().digest(), book.digest());
/// ```
#[derive(Clone, Debug)]
pub struct Image {
    bytes: Vec<u8>,
    carried: Carried,
}

impl Image {
    /// Opens a snapshot and holds it against itself, as [`Book::restore`] does.
    ///
    /// # Errors
    ///
    /// [`SnapshotError`] when anything is off.
    pub fn open(snapshot: Vec<u8>) -> Result<Image, SnapshotError> {
        let carried = open(&snapshot)?;
        Ok(Image { bytes: snapshot, carried })
    }

    /// A book that knows these items, and all that is no item. Of other items it says what a book says that does not know them.
    pub fn with(&mut self, skus: &[&str]) -> &Book {
        let Carried { book, items } = &mut self.carried;
        let form = form_of(&self.bytes);
        for sku in skus {
            if let Some(item) = items.find(form, sku) {
                // INVARIANT: all that can be wrong with an item was looked at when the snapshot was opened.
                let brought = items.bring(form, item, book);
                debug_assert!(brought.is_ok());
            }
        }
        book
    }

    /// The digest of the book, as [`Book::digest`].
    pub fn digest(&self) -> [u8; 32] {
        digest_of(form_of(&self.bytes))
    }

    /// How many events the book had accepted, as [`Book::version`].
    pub fn version(&self) -> u64 {
        self.carried.book.version()
    }

    /// The snapshot.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The whole book.
    pub fn into_book(self) -> Book {
        let Carried { mut book, mut items } = self.carried;
        // INVARIANT: all that can be wrong with an item was looked at when the snapshot was opened.
        let brought = items.bring_all(form_of(&self.bytes), &mut book);
        debug_assert!(brought.is_ok());
        book
    }
}

/// All of a snapshot at once.
pub(super) fn restore(snapshot: &[u8]) -> Result<Book, SnapshotError> {
    let Carried { mut book, mut items } = open(snapshot)?;
    items.bring_all(form_of(snapshot), &mut book).map_err(|_| MALFORMED)?;
    Ok(book)
}

const MALFORMED: SnapshotError = SnapshotError::new("malformed", MAGIC.len());

fn form_of(snapshot: &[u8]) -> &[u8] {
    snapshot.get(HEADER_BYTES..).unwrap_or_default()
}

fn open(snapshot: &[u8]) -> Result<Carried, SnapshotError> {
    let Some(rest) = snapshot.strip_prefix(MAGIC.as_slice()) else {
        let known = snapshot.starts_with(b"onhand\x00");
        let problem = if known { "version_not_supported" } else { "not_a_snapshot" };
        return Err(SnapshotError::new(problem, 0));
    };
    let (checksum, carried) = rest.split_first_chunk::<8>().ok_or(MALFORMED)?;
    if checksum_of(carried) != u64::from_le_bytes(*checksum) {
        return Err(SnapshotError::new("checksum_mismatch", MAGIC.len()));
    }
    let (version, form) = carried.split_first_chunk::<8>().ok_or(MALFORMED)?;
    let version = u64::from_le_bytes(*version);
    let mut carried = read::carried(form)?;
    let dropped = version.checked_sub(carried.book.version()).filter(|_| version <= VERSION_MAX);
    carried.book.dropped = dropped.ok_or(MALFORMED)?;
    Ok(carried)
}
