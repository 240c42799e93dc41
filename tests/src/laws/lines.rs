//! Order lines: what was claimed goes somewhere that can be named, and intents follow the table of moves both ways.

use std::collections::BTreeMap;

use onhand::claim::{ClaimStatus, allows};
use onhand::kind::{ClaimMove, Ledger};
use onhand::{Book, Decision, Event, Kind, LineClaim, Name, Refusal, StockState};

use super::{Check, ensure, play};
use crate::history::History;
use crate::model::is_about_claim;
use crate::random::Step;

/// What an event tells each document: the move, and the document.
fn told(event: &Event) -> Vec<(Ledger, Name, ClaimMove)> {
    let (Some((ledger, moves)), Some(subject)) = (event.kind.row().claim, &event.subject) else {
        return Vec::new();
    };
    let mut all = vec![(ledger, subject.clone(), moves)];
    if let (Kind::Reallocate, Some(to)) = (event.kind, &event.to_subject) {
        all.insert(0, (ledger, to.clone(), ClaimMove::Open));
    }
    all
}

fn claims(book: &Book, ledger: Ledger, subject: &Name, event: &Event) -> BTreeMap<Name, LineClaim> {
    let claims = book.claims(ledger, subject, event.occurred).into_iter();
    claims.map(|claim| (claim.line.clone(), claim)).collect()
}

/// Every move of every line, against what the move says of it. A move that comes late is replayed: it may change anything.
pub fn add_up(history: &History) -> Check {
    let (mut book, mut latest) = (Book::new(), -1);
    for step in &history.steps {
        let event = step.event();
        let in_order = event.occurred.millis() > latest;
        latest = latest.max(event.occurred.millis());
        let documents = told(event);
        let before: Vec<_> =
            documents.iter().map(|(ledger, subject, _)| claims(&book, *ledger, subject, event)).collect();
        let Some(accepted) = play(&mut book, step).filter(|_| in_order) else { continue };
        // A subject may be told twice by one event: from itself to itself.
        if documents.len() == 2 && documents[0].1 == documents[1].1 {
            continue;
        }
        for ((ledger, subject, moves), before) in documents.iter().zip(&before) {
            let after = claims(&book, *ledger, subject, event);
            for (line, claim) in &after {
                moved_right(*moves, &accepted, before.get(line), claim).map_err(|wrong| {
                    format!("{wrong}: {:?} to {claim:?} by {accepted:?}", before.get(line))
                })?;
            }
            let gone = before.keys().find(|line| !after.contains_key(*line));
            ensure(gone.is_none(), || format!("{gone:?} of {subject} is gone after {accepted:?}"))?;
        }
    }
    Ok(())
}

fn moved_right(moves: ClaimMove, event: &Event, before: Option<&LineClaim>, after: &LineClaim) -> Check {
    let was = before.map_or((0, 0, 0), |claim| (claim.open, claim.picked, claim.shipped));
    let named: Vec<i64> = event
        .lines
        .iter()
        .filter(|line| *line.line_name() == after.line && is_about_claim(event.kind, line))
        .map(|line| line.granted.unwrap_or(line.quantity).units())
        .collect();
    let units: i64 = if event.lines.is_empty() { i64::MAX } else { named.iter().sum() };
    let (open, picked, shipped) = (after.open - was.0, after.picked - was.1, after.shipped - was.2);
    if !event.lines.is_empty() && named.is_empty() {
        return ensure((open, picked, shipped) == (0, 0, 0), || "a line that was not named moved".to_owned());
    }
    // A claim moves where it is, and nowhere else.
    let here = |line: &&onhand::Line| *line.line_name() == after.line;
    let at = |line: &onhand::Line| line.node.clone().or_else(|| event.node.clone());
    let claimed_at = before.and_then(|claim| claim.node.clone());
    let elsewhere = claimed_at.is_some()
        && !event.lines.is_empty()
        && event.lines.iter().filter(here).all(|line| at(line).is_some() && at(line) != claimed_at);
    if elsewhere && moves != ClaimMove::Open {
        return ensure((open, picked, shipped) == (0, 0, 0), || "a claim moved from elsewhere".to_owned());
    }
    let of_it = |is_staged: bool| {
        let of_it = event.lines.iter().filter(here);
        let of_it = of_it.filter(|line| (line.state == Some(StockState::Picked)) == is_staged);
        0..=of_it.map(|line| line.quantity.units()).sum::<i64>()
    };
    let kept = open + picked + shipped == 0;
    let within = |moved: i64| (0..=units).contains(&moved);
    let holds = match moves {
        ClaimMove::Open => within(open) && picked == 0 && shipped == 0,
        ClaimMove::Resize => (open == 0 || named.contains(&after.open)) && picked == 0 && shipped == 0,
        // Of a transfer that is cancelled what was picked goes back too, after what was not.
        ClaimMove::Release if event.kind == Kind::TransferCancel => {
            within(-open - picked)
                && open <= 0
                && (picked == 0 || (picked < 0 && after.open == 0))
                && shipped == 0
        }
        // What is staged is given up where the line says so, and only there.
        ClaimMove::Release | ClaimMove::Short
            if matches!(event.kind, Kind::Release | Kind::ShortPick) && !event.lines.is_empty() =>
        {
            of_it(true).contains(&-picked) && of_it(false).contains(&-open) && shipped == 0
        }
        ClaimMove::Release | ClaimMove::Short | ClaimMove::Reallocate | ClaimMove::Expire => {
            within(-open) && picked == 0 && shipped == 0
        }
        ClaimMove::Pick => kept && within(picked) && shipped == 0,
        ClaimMove::Unpick => kept && within(-picked) && shipped == 0,
        ClaimMove::Ship => kept && within(shipped) && open <= 0 && picked <= 0,
        // What is back among what is staged is picked again, all else is to be picked anew.
        ClaimMove::VoidShip => kept && of_it(true).contains(&picked) && of_it(false).contains(&open),
    };
    ensure(holds, || format!("{moves:?} of {units} units"))
}

/// What the table allows is not refused for the status, what it does not allow is refused by name.
pub fn table_of_moves(history: &History) -> Check {
    let mut book = Book::new();
    for step in &history.steps {
        let event = step.event();
        if let Step::Command(command) = step {
            let forbidden = forbidden(&book, command);
            match book.decide(command) {
                Ok(Decision::Accept(_)) => {
                    ensure(forbidden.is_empty(), || format!("accepted in {forbidden:?}: {command:?}"))?;
                }
                Err(Refusal::ClaimNotOpen { line, status }) => {
                    let named = forbidden.contains(&(line.clone(), status)) || command.lines.is_empty();
                    ensure(named, || {
                        format!("`{line}` {status:?} is refused, and may be moved: {command:?}")
                    })?;
                }
                _ => {}
            }
        }
        let statuses = |book: &Book| {
            let all =
                told(event).into_iter().map(|(ledger, subject, _)| claims(book, ledger, &subject, event));
            all.map(|claims| claims.into_values().map(|claim| claim.status).collect::<Vec<_>>())
                .collect::<Vec<_>>()
        };
        let before = statuses(&book);
        let refused = play(&mut book, step).is_none();
        ensure(!refused || before == statuses(&book), || format!("refused, and a claim moved: {event:?}"))?;
    }
    Ok(())
}

/// The lines of an intent whose status does not allow what it tells them.
fn forbidden(book: &Book, command: &Event) -> Vec<(Name, ClaimStatus)> {
    let mut all = Vec::new();
    for (ledger, subject, moves) in told(command) {
        let now = claims(book, ledger, &subject, command);
        // Its end is still to be said of a hold that has come to it.
        let said: BTreeMap<Name, LineClaim> = book
            .claims(ledger, &subject, onhand::Time::ZERO)
            .into_iter()
            .map(|one| (one.line.clone(), one))
            .collect();
        for line in command.lines.iter().filter(|line| is_about_claim(command.kind, line)) {
            let name = line.line_name();
            let status = now.get(name).map_or(ClaimStatus::Unknown, |claim| claim.status);
            let ends = moves == ClaimMove::Expire
                && status == ClaimStatus::Expired
                && said.get(name).is_some_and(|claim| claim.open > 0);
            if !allows(status, moves) && !ends {
                all.push((name.clone(), status));
            }
        }
    }
    all
}
