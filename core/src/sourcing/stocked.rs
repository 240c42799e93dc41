//! What there is: which nodes have some of a line. Half of a table or less, and all that a search for a plan has to look at.

use alloc::vec::Vec;

use super::{Problem, place};

/// What a node has of a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stock {
    pub(crate) node: u32,
    /// At least 1.
    pub(crate) available: i64,
    pub(crate) unit_cost: i64,
}

/// Stock by line, one line behind the other, each node once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stocked {
    pub(crate) stocks: Vec<Stock>,
    /// Where the stock of each line ends.
    pub(crate) ends: Vec<usize>,
}

impl Stocked {
    pub(crate) fn of(problem: &Problem) -> Stocked {
        let lines = problem.needs.len();
        let mut stocked = Stocked::default();
        for line in 0..lines {
            let cells = problem.cells.iter().skip(line).step_by(lines);
            for (node, cell) in (0..).zip(cells).filter(|(_, cell)| cell.available > 0) {
                let (available, unit_cost) = (cell.available, cell.unit_cost);
                stocked.stocks.push(Stock { node, available, unit_cost });
            }
            stocked.ends.push(stocked.stocks.len());
        }
        stocked
    }

    /// What some of the nodes have.
    pub(super) fn of_nodes(&self, which: &dyn Fn(usize) -> bool) -> Stocked {
        let mut some = Stocked::default();
        for line in 0..self.ends.len() {
            let stocks = self.of_line(line).iter();
            some.stocks.extend(stocks.filter(|stock| which(place(stock.node))));
            some.ends.push(some.stocks.len());
        }
        some
    }

    /// Stock of a line.
    pub(crate) fn of_line(&self, line: usize) -> &[Stock] {
        let from = line.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let to = self.ends.get(line).copied().unwrap_or(from);
        self.stocks.get(from..to).unwrap_or_default()
    }
}
