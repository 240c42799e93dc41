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
#[derive(Debug)]
pub(crate) struct Stocked {
    stocks: Vec<Stock>,
    /// Where the stock of each line ends; of the line that is being told there is no end yet.
    ends: Vec<usize>,
    /// By node, then line, the place of its stock from 1, or 0.
    places: Vec<usize>,
    lines: usize,
}

impl Stocked {
    /// Nothing yet, of so many lines and nodes, with room for so many stocks.
    pub(crate) fn with_room(lines: usize, nodes: usize, stocks: usize) -> Stocked {
        Stocked {
            stocks: Vec::with_capacity(stocks),
            ends: Vec::with_capacity(lines),
            // INVARIANT: not more than a table of the largest problem.
            places: alloc::vec![0; lines.wrapping_mul(nodes)],
            lines,
        }
    }

    pub(crate) fn of(problem: &Problem) -> Stocked {
        let lines = problem.needs.len();
        let mut stocked = Stocked::with_room(lines, problem.parcel_costs.len(), 0);
        for line in 0..lines {
            let cells = problem.cells.iter().skip(line).step_by(lines);
            for (node, cell) in (0..).zip(cells).filter(|(_, cell)| cell.available > 0) {
                let (available, unit_cost) = (cell.available, cell.unit_cost);
                stocked.tell(Stock { node, available, unit_cost });
            }
            stocked.end_line();
        }
        stocked
    }

    /// What some of the nodes have.
    pub(super) fn of_nodes(&self, which: &dyn Fn(usize) -> bool) -> Stocked {
        let nodes = self.places.len() / self.lines.max(1);
        let mut some = Stocked::with_room(self.lines, nodes, self.stocks.len());
        for line in 0..self.ends.len() {
            for stock in self.of_line(line).iter().filter(|stock| which(place(stock.node))) {
                some.tell(*stock);
            }
            some.end_line();
        }
        some
    }

    /// Adds to the line that is being told.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn tell(&mut self, stock: Stock) {
        // INVARIANT: a node times the lines is within the table, and so within range.
        let cell = place(stock.node).wrapping_mul(self.lines).wrapping_add(self.ends.len());
        self.stocks.push(stock);
        if let Some(held) = self.places.get_mut(cell) {
            *held = self.stocks.len();
        }
    }

    /// All of a line is told.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn end_line(&mut self) {
        self.ends.push(self.stocks.len());
    }

    /// Lines that are told.
    pub(super) fn lines(&self) -> usize {
        self.ends.len()
    }

    /// Stock of all lines.
    pub(super) fn all(&self) -> &[Stock] {
        &self.stocks
    }

    /// Stock of a line.
    pub(crate) fn of_line(&self, line: usize) -> &[Stock] {
        let from = line.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let to = self.ends.get(line).copied().unwrap_or(from);
        self.stocks.get(from..to).unwrap_or_default()
    }

    /// What a node has of a line.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn at(&self, node: usize, line: usize) -> Option<&Stock> {
        // INVARIANT: a node times the lines is within the table, and so within range.
        let held = self.places.get(node.wrapping_mul(self.lines).wrapping_add(line))?;
        self.stocks.get(held.wrapping_sub(1))
    }
}
