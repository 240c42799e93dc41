//! Answers as data for those who read text: one flat object for an outcome, a refusal or an event turned away.
//!
//! `{"ok":true,"replayed":false,"standing":"posted","exceptions":[…]}` or `{"ok":false,"code":"insufficient","shortages":[…]}`.

use alloc::string::String;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::approval::{Declined, NotAllowed};
use crate::claim::ClaimStatus;
use crate::evolve::{Outcome, TurnedAway};
use crate::execute::{Decision, Refusal};
use crate::log::{Fault, OverReturned};
use crate::name::Name;
use crate::promise::RequestRefused;

#[derive(serde::Serialize)]
struct Granted<'a> {
    line: &'a Name,
    quantity: i64,
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("ok", &true)?;
        map.serialize_entry("replayed", &self.replayed)?;
        map.serialize_entry("standing", self.standing.code())?;
        if !self.granted.is_empty() {
            let granted = self.granted.iter().map(|(line, quantity)| Granted { line, quantity: *quantity });
            map.serialize_entry("granted", &granted.collect::<alloc::vec::Vec<_>>())?;
        }
        map.serialize_entry("exceptions", &self.exceptions)?;
        map.end()
    }
}

fn refused<S: Serializer>(serializer: S, code: &str) -> Result<S::SerializeMap, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry("ok", &false)?;
    map.serialize_entry("code", code)?;
    Ok(map)
}

impl Serialize for TurnedAway {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = refused(serializer, self.code())?;
        match self {
            TurnedAway::Malformed(malformed) => {
                map.serialize_entry("field", malformed.field)?;
                if let Some(line) = malformed.line {
                    map.serialize_entry("line", &line)?;
                }
                map.serialize_entry("problem", malformed.problem.code())?;
                if let Some(value) = malformed.problem.value() {
                    map.serialize_entry("value", &value)?;
                }
            }
            TurnedAway::IdConflict => {}
            TurnedAway::OverLimit { limit, max } => {
                map.serialize_entry("limit", limit)?;
                map.serialize_entry("max", max)?;
            }
        }
        map.end()
    }
}

impl Serialize for Refusal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Refusal::TurnedAway(turned_away) = self {
            return turned_away.serialize(serializer);
        }
        let mut map = refused(serializer, self.code())?;
        match self {
            Refusal::TurnedAway(_) | Refusal::ReasonMissing => {}
            Refusal::FactOnly { kind } => map.serialize_entry("kind", kind)?,
            Refusal::QuantityIsZero { line } => map.serialize_entry("line", line)?,
            Refusal::AlreadyExpired { expires } => map.serialize_entry("expires", expires)?,
            Refusal::UnknownNode { node } => map.serialize_entry("node", node)?,
            Refusal::UnknownSku { sku } => map.serialize_entry("sku", sku)?,
            Refusal::PeriodClosed { closed_through } => {
                map.serialize_entry("closed_through", closed_through)?
            }
            Refusal::StateNotAllowed { sku, state } => {
                map.serialize_entry("sku", sku)?;
                map.serialize_entry("state", state)?;
            }
            Refusal::OutOfOrder { subject, latest } => {
                map.serialize_entry("subject", subject)?;
                map.serialize_entry("latest", latest)?;
            }
            Refusal::ClaimNotOpen { line, status } => {
                map.serialize_entry("line", line)?;
                map.serialize_entry("status", status)?;
            }
            Refusal::NotEnded { line, expires } => {
                map.serialize_entry("line", line)?;
                if let Some(expires) = expires {
                    map.serialize_entry("expires", expires)?;
                }
            }
            Refusal::ClaimElsewhere { line, node, sku, owner } => {
                map.serialize_entry("line", line)?;
                map.serialize_entry("node", node)?;
                map.serialize_entry("sku", sku)?;
                if let Some(owner) = owner {
                    map.serialize_entry("owner", owner)?;
                }
            }
            Refusal::ClaimTooSmall { line, claimed, requested } => {
                map.serialize_entry("line", line)?;
                map.serialize_entry("claimed", claimed)?;
                map.serialize_entry("requested", requested)?;
            }
            Refusal::LotWithheld { sku, lot } => {
                map.serialize_entry("sku", sku)?;
                map.serialize_entry("lot", lot)?;
            }
            Refusal::Insufficient { shortages } => map.serialize_entry("shortages", shortages)?,
        }
        map.end()
    }
}

impl Serialize for NotAllowed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = refused(serializer, self.code())?;
        match self {
            NotAllowed::NoRule { kind } => map.serialize_entry("kind", kind)?,
            NotAllowed::OverLimit { rule, limit, node, sku, max, found } => {
                map.serialize_entry("rule", rule)?;
                map.serialize_entry("limit", limit)?;
                map.serialize_entry("node", node)?;
                if let Some(sku) = sku {
                    map.serialize_entry("sku", sku)?;
                }
                map.serialize_entry("max", max)?;
                map.serialize_entry("found", found)?;
            }
            NotAllowed::ValueMissing { rule, sku } => {
                map.serialize_entry("rule", rule)?;
                map.serialize_entry("sku", sku)?;
            }
            NotAllowed::Unknown { approval } => map.serialize_entry("approval", approval)?,
            NotAllowed::NotOpen { approval, status } => {
                map.serialize_entry("approval", approval)?;
                map.serialize_entry("status", status)?;
            }
            NotAllowed::SelfApproval { actor } => map.serialize_entry("actor", actor)?,
            NotAllowed::NotApprover { role } => {
                if let Some(role) = role {
                    map.serialize_entry("role", role)?;
                }
            }
            NotAllowed::NotRequester { requester } => map.serialize_entry("requester", requester)?,
            NotAllowed::NotCovered { approval, field } => {
                map.serialize_entry("approval", approval)?;
                map.serialize_entry("field", field)?;
            }
            NotAllowed::OverReturned(returned) => returned.entries(&mut map)?,
            NotAllowed::WrongMoment { recorded, skew } => {
                map.serialize_entry("recorded", recorded)?;
                map.serialize_entry("skew_ms", skew)?;
            }
            NotAllowed::OutOfOrder { latest } => map.serialize_entry("latest", latest)?,
        }
        map.end()
    }
}

impl Serialize for Declined {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Declined::NotAllowed(problem) => problem.serialize(serializer),
            Declined::Refused(refusal) => refusal.serialize(serializer),
        }
    }
}

impl Serialize for OverReturned {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = refused(serializer, "over_returned")?;
        self.entries(&mut map)?;
        map.end()
    }
}

impl Serialize for RequestRefused {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = refused(serializer, self.code())?;
        match self {
            RequestRefused::NoLines => {}
            RequestRefused::TooManyLines { lines } => map.serialize_entry("lines", lines)?,
            RequestRefused::QuantityNotPositive { line, quantity } => {
                map.serialize_entry("line", line)?;
                map.serialize_entry("quantity", quantity)?;
            }
            RequestRefused::OutOfRange { field } => map.serialize_entry("field", field)?,
            RequestRefused::UnknownNode { node } => map.serialize_entry("node", node)?,
            RequestRefused::UnknownSku { sku } => map.serialize_entry("sku", sku)?,
        }
        map.end()
    }
}

impl OverReturned {
    fn entries<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("order", &self.order)?;
        map.serialize_entry("line", &self.line)?;
        map.serialize_entry("requested", &self.requested)?;
        map.serialize_entry("allowed", &self.allowed)
    }
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = refused(serializer, self.code())?;
        map.serialize_entry("entry", &self.entry())?;
        match self {
            Fault::Gap { through, .. } | Fault::Cut { through, .. } => {
                map.serialize_entry("through", through)?
            }
            Fault::Swapped { found, .. } => map.serialize_entry("found", found)?,
            Fault::Edited { .. } | Fault::Repeated { .. } | Fault::Rewritten { .. } => {}
        }
        map.end()
    }
}

impl Serialize for ClaimStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// Either answer of a door, or of a question: serialises as whichever it is.
///
/// ```
/// # #[cfg(feature = "serde")] {
/// use onhand::promise::{Destination, Request};
/// use onhand::{Answer, Name, Time, testing};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let book = testing::book(&["TEA-250"], &["store-1"]);
/// let request = Request::new(Destination::PickUp(Name::new("store-2")?), Time::new(1_000).unwrap());
/// let answer = Answer(book.promise(&request.line(Name::new("TEA-250")?, 1)?)).to_json();
/// assert_eq!(answer, r#"{"ok":false,"code":"unknown_node","node":"store-2"}"#);
/// # Ok(()) }
/// # main().unwrap(); }
/// ```
pub struct Answer<T, E>(pub Result<T, E>);

impl<T: Serialize, E: Serialize> Serialize for Answer<T, E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Ok(accepted) => accepted.serialize(serializer),
            Err(refused) => refused.serialize(serializer),
        }
    }
}

impl<T: Serialize, E: Serialize> Answer<T, E> {
    /// The answer as JSON.
    pub fn to_json(&self) -> String {
        crate::text::to_json(self)
    }
}

impl Serialize for Decision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Decision::Replayed(outcome) => outcome.serialize(serializer),
            Decision::Accept(event) => {
                let mut map = serializer.serialize_map(None)?;
                map.serialize_entry("ok", &true)?;
                map.serialize_entry("replayed", &false)?;
                map.serialize_entry("event", event)?;
                map.end()
            }
        }
    }
}
