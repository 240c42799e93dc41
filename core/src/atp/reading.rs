//! Available to promise of one item at one node, as the book knows its stock, claims and supply to come.

use alloc::vec::Vec;

use super::{Atp, Dated, Rule, available_to_promise};
use crate::book::Book;
use crate::measure::Time;

impl Book {
    /// What can be promised of an item at a node from `now` on, by a rule, or `None` when the book knows the item or the node
    /// not.
    ///
    /// On hand is sellable less what is held back at the node for every method. Supply is what is still to come by purchase
    /// order, and transfers under way to the node. Demand is every open claim: at `now` for those on hand, at the moment the
    /// supply is due for those on dated supply. `demand` is what the book does not know, a forecast or orders kept elsewhere.
    ///
    /// ```
    /// use onhand::atp::Rule;
    /// use onhand::{Event, Id, Kind, Line, Name, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut book = testing::book(&["TEA-250"], &["store-1"]);
    /// let due = Time::new(90_000).unwrap();
    /// let mut order = Event::new(Name::new("buyer")?, Id::Number(1), Kind::SupplyChange, Time::new(60_000).unwrap());
    /// order.node = Some(Name::new("store-1")?);
    /// order.subject = Some(Name::new("PO-1")?);
    /// order.due = Some(due);
    /// order.lines.push(Line::new(Name::new("TEA-250")?, 5)?);
    /// book.evolve(&order)?;
    /// let atp = book.atp("TEA-250", "store-1", Time::new(60_000).unwrap(), &Rule::default(), &[]).unwrap();
    /// assert_eq!(atp.earliest(3).map(|bucket| bucket.time), Some(90_000));
    /// # Ok(()) }
    /// ```
    pub fn atp(&self, sku: &str, node: &str, now: Time, rule: &Rule, demand: &[Dated]) -> Option<Atp> {
        Some(self.atp_by_number(self.known_sku(sku)?, self.known_node(node)?, now.millis(), rule, demand))
    }

    pub(crate) fn atp_by_number(&self, sku: u32, node: u32, now: i64, rule: &Rule, known: &[Dated]) -> Atp {
        let shelf = self.shelf(sku, node, now);
        let mut supply: Vec<Dated> = Vec::new();
        let mut demand: Vec<Dated> = known.to_vec();
        demand.push(Dated { time: now, units: shelf.claimed });
        for id in &self.skus[sku].supplies {
            let one = &self.supplies[*id];
            if let Some(time) = one.due().filter(|_| one.node == node) {
                let open = one.open();
                supply.push(Dated { time, units: open });
                // What is claimed beyond it falls on on hand, and is in the claims there.
                demand.push(Dated { time, units: one.claimed.min(open) });
            }
        }
        available_to_promise(rule, shelf.fit().saturating_sub(shelf.protected), now, &supply, &demand)
    }
}
