//! How many working days a carrier takes to where.

use alloc::vec::Vec;
use core::fmt;

use crate::name::Name;
use crate::ordered::sort_by;

/// Days in transit by the zone of the destination and the method, in working days of the carrier.
///
/// ```
/// use onhand::Name;
/// use onhand::calendar::{Transit, TransitTwice};
/// let name = |text| Name::new(text).unwrap();
/// let row = |zone, method, days| (name(zone), name(method), days);
/// let transit = Transit::new(vec![row("DE-2", "standard", 2), row("DE-1", "express", 0)]).unwrap();
/// assert_eq!(transit.days(&name("DE-1"), &name("express")), Some(0));
/// assert_eq!(transit.days(&name("DE-1"), &name("standard")), None);
/// assert_eq!(Transit::new(vec![row("A", "b", 1), row("A", "b", 2)]), Err(TransitTwice(name("A"), name("b"))));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transit {
    /// In the order of zone and method, each pair once.
    rows: Vec<(Name, Name, u32)>,
}

/// A zone and a method have two rows.
///
/// ```
/// use onhand::Name;
/// use onhand::calendar::TransitTwice;
/// let twice = TransitTwice(Name::new("DE-1").unwrap(), Name::new("express").unwrap());
/// assert_eq!(twice.to_string(), "`express` to zone `DE-1` is named twice");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransitTwice(pub Name, pub Name);

impl Transit {
    /// Rows of zone, method and working days, in any order.
    ///
    /// ```
    /// assert!(onhand::calendar::Transit::new(vec![]).is_ok());
    /// ```
    pub fn new(mut rows: Vec<(Name, Name, u32)>) -> Result<Transit, TransitTwice> {
        sort_by(&mut rows, |one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
        let mut pairs = rows.iter().zip(rows.iter().skip(1));
        match pairs.find(|(one, next)| (&one.0, &one.1) == (&next.0, &next.1)) {
            Some((twice, _)) => Err(TransitTwice(twice.0.clone(), twice.1.clone())),
            None => Ok(Transit { rows }),
        }
    }

    /// Working days to a zone by a method; `None` where it does not go.
    ///
    /// ```
    /// use onhand::{Name, calendar::Transit};
    /// let name = Name::new("nowhere").unwrap();
    /// assert_eq!(Transit::default().days(&name, &name), None);
    /// ```
    pub fn days(&self, zone: &Name, method: &Name) -> Option<u32> {
        let found = self.rows.binary_search_by(|row| (&row.0, &row.1).cmp(&(zone, method))).ok()?;
        self.rows.get(found).map(|(_, _, days)| *days)
    }
}

impl fmt::Display for TransitTwice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` to zone `{}` is named twice", self.1.as_str(), self.0.as_str())
    }
}

impl core::error::Error for TransitTwice {}
