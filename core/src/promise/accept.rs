//! Accepting an offer: all of it is reserved at once, or it is refused with a fresh offer.

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use core::fmt;

use super::{Offer, Request, RequestRefused, Rulebook, Shipment};
use crate::book::Book;
use crate::event::{Event, Line};
use crate::evolve::Outcome;
use crate::execute::{Decision, Refusal};
use crate::kind::Kind;
use crate::measure::Quantity;
use crate::name::Name;
use crate::ordered::Set;

/// Why an offer was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AcceptRefused {
    /// The offer has nothing in it to reserve.
    NothingOffered,
    /// The lines of the offer are not one reservation: a name would be too long, or a quantity is none.
    OutOfRange {
        /// The field.
        field: &'static str,
    },
    /// By the rules that it was made under it is not offered any more: others have what they leave, or its time has passed.
    Changed {
        /// What can be offered now, at the moment of the command.
        fresh: Box<Offer>,
    },
    /// What was offered cannot be reserved.
    Refused {
        /// Why.
        refusal: Refusal,
        /// What can be offered now, at the moment of the command; `None` where the request cannot be looked at any more.
        fresh: Option<Box<Offer>>,
    },
}

impl AcceptRefused {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            AcceptRefused::NothingOffered => "nothing_offered",
            AcceptRefused::OutOfRange { .. } => "out_of_range",
            AcceptRefused::Changed { .. } => "offer_changed",
            AcceptRefused::Refused { refusal, .. } => refusal.code(),
        }
    }
}

impl fmt::Display for AcceptRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl core::error::Error for AcceptRefused {}

impl Offer {
    /// The reservation of all that is offered: `command` with a line for each line of each shipment. Where a line of the request comes
    /// from several places, the first part has its name and the others `NAME#2`, `NAME#3`, and so on.
    ///
    /// # Errors
    ///
    /// [`AcceptRefused::NothingOffered`] for an offer without shipments; [`AcceptRefused::OutOfRange`] where such a name is too long.
    pub fn reservation(&self, command: &Event) -> Result<Event, AcceptRefused> {
        let mut reserve =
            Event { kind: Kind::Reserve, node: None, partial: false, lines: Vec::new(), ..command.clone() };
        let mut names: Set<Name> = Set::new();
        for shipment in &self.shipments {
            for taken in &shipment.lines {
                let out_of_range = |field| AcceptRefused::OutOfRange { field };
                let mut name = taken.line.clone();
                let mut part = 1u32;
                while !names.add(name.clone()) {
                    part += 1;
                    name = Name::new(&format!("{}#{part}", taken.line.as_str()))
                        .map_err(|_| out_of_range("offer.line"))?;
                }
                let quantity = Quantity::new(taken.quantity).ok_or(out_of_range("offer.quantity"))?;
                let mut line = Line::new(taken.sku.clone(), quantity.units())
                    .map_err(|_| out_of_range("offer.quantity"))?;
                line.node = Some(shipment.node.clone());
                line.supply = taken.supply.clone();
                line.line = Some(name);
                reserve.lines.push(line);
            }
        }
        match reserve.lines.is_empty() {
            true => Err(AcceptRefused::NothingOffered),
            false => Ok(reserve),
        }
    }
}

impl Book {
    /// Accepts an offer: reserves all of it for the order that `command` names, or refuses with what can be offered now.
    ///
    /// The command brings source, id, order, moment and what else a reservation says; its lines are those of the offer
    /// ([`Offer::reservation`]). The same command again is a replay, as everywhere: whoever is not answered asks again.
    ///
    /// # Errors
    ///
    /// [`AcceptRefused`]; the book is as it was.
    ///
    /// ```
    /// use onhand::promise::{AcceptRefused, Destination, Request};
    /// use onhand::{Event, Id, Kind, Line, Name, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut book = testing::book(&["TEA-250"], &["store-1"]);
    /// let mut event = Event::new(Name::new("dock")?, Id::Number(1), Kind::Receipt, Time::new(60_000).unwrap());
    /// event.node = Some(Name::new("store-1")?);
    /// event.lines.push(Line::new(Name::new("TEA-250")?, 1)?);
    /// book.evolve(&event)?;
    /// let to = Destination::PickUp(Name::new("store-1")?);
    /// let request = Request::new(to, Time::new(60_000).unwrap()).line(Name::new("TEA-250")?, 1)?;
    /// // Two carts are offered the last unit, and both accept.
    /// let (one, other) = (book.promise(&request)?, book.promise(&request)?);
    /// let mut command = Event::new(Name::new("web")?, Id::Number(1), Kind::Reserve, Time::new(61_000).unwrap());
    /// command.subject = Some(Name::new("order-1")?);
    /// assert!(book.accept(&command, &request, &one).is_ok());
    /// (command.id, command.subject) = (Id::Number(2), Some(Name::new("order-2")?));
    /// let Err(AcceptRefused::Refused { fresh: Some(fresh), .. }) = book.accept(&command, &request, &other) else { panic!() };
    /// assert_eq!(fresh.unmet[0].quantity, 1);
    /// # Ok(()) }
    /// ```
    pub fn accept(
        &mut self,
        command: &Event,
        request: &Request,
        offer: &Offer,
    ) -> Result<Outcome, AcceptRefused> {
        self.accept_or(command, request, offer, |book, now| book.promise(now))
    }

    /// The same with an offer that was made under the rules of a rulebook. A book knows nothing of what they keep back: the offer is asked
    /// for again, and accepted where it is made again, as soon as then but for the time that has passed since.
    ///
    /// # Errors
    ///
    /// As [`Book::accept`]; and [`AcceptRefused::Changed`] with what can be offered now under the rules, where that is something else.
    ///
    /// ```
    /// use onhand::promise::{AcceptRefused, Destination, Request, Rule, Rulebook, Term};
    /// use onhand::{Event, Id, Kind, Line, Name, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut book = testing::book(&["TEA-250"], &["store-1"]);
    /// let mut event = Event::new(Name::new("dock")?, Id::Number(1), Kind::Receipt, Time::new(60_000).unwrap());
    /// event.node = Some(Name::new("store-1")?);
    /// event.lines.push(Line::new(Name::new("TEA-250")?, 3)?);
    /// book.evolve(&event)?;
    /// let whole = Rule::new(Name::new("all or nothing")?, Term::ShipComplete {});
    /// let rulebook = Rulebook { rules: vec![whole], ..Rulebook::default() };
    /// let to = Destination::PickUp(Name::new("store-1")?);
    /// let request = Request::new(to, Time::new(60_000).unwrap()).line(Name::new("TEA-250")?, 2)?;
    /// let offer = book.promise_under(&rulebook, &request)?;
    /// let mut command = Event::new(Name::new("web")?, Id::Number(1), Kind::Reserve, Time::new(61_000).unwrap());
    /// command.subject = Some(Name::new("order-1")?);
    /// assert!(book.accept_under(&rulebook, &command, &request, &offer).is_ok());
    /// (command.id, command.subject) = (Id::Number(2), Some(Name::new("order-2")?));
    /// let refused = book.accept_under(&rulebook, &command, &request, &offer);
    /// let Err(AcceptRefused::Refused { fresh: Some(fresh), .. }) = refused else { panic!() };
    /// // One is left, and one of two is not the whole order.
    /// assert!(fresh.shipments.is_empty());
    /// # Ok(()) }
    /// ```
    pub fn accept_under(
        &mut self,
        rulebook: &Rulebook,
        command: &Event,
        request: &Request,
        offer: &Offer,
    ) -> Result<Outcome, AcceptRefused> {
        let reserve = offer.reservation(command)?;
        let promise = |book: &Book, now: &Request| book.promise_under(rulebook, now);
        // Whether it was accepted before is known without a question, and what cannot be reserved says why.
        if let Ok(Decision::Accept(_)) = self.decide(&reserve)
            && let Ok(fresh) = promise(self, &Request { now: command.occurred, ..request.clone() })
        {
            let passed = command.occurred.millis() - request.now.millis();
            let late = |(at, now): (usize, &Shipment)| {
                let then = offer.shipments.get(at);
                then.is_none_or(|then| now.arrive_by > then.arrive_by.saturating_add(passed))
            };
            let same = fresh.reservation(command).is_ok_and(|again| again.lines == reserve.lines);
            if !same || fresh.shipments.iter().enumerate().any(late) {
                return Err(AcceptRefused::Changed { fresh: Box::new(fresh) });
            }
        }
        self.accept_or(command, request, offer, promise)
    }

    fn accept_or(
        &mut self,
        command: &Event,
        request: &Request,
        offer: &Offer,
        promise: impl Fn(&Book, &Request) -> Result<Offer, RequestRefused>,
    ) -> Result<Outcome, AcceptRefused> {
        let reserve = offer.reservation(command)?;
        self.execute(&reserve).map_err(|refusal| {
            let now = Request { now: command.occurred, ..request.clone() };
            AcceptRefused::Refused { refusal, fresh: promise(self, &now).ok().map(Box::new) }
        })
    }
}
