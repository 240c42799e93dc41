//! Which nodes have some of a line: half of the table or less, and all that a search for a plan has to look at.

use alloc::vec::Vec;

use super::Problem;

/// Nodes by line, one line behind the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stocked {
    pub(crate) nodes: Vec<u32>,
    /// Where the nodes of each line end.
    pub(crate) ends: Vec<usize>,
}

impl Stocked {
    pub(super) fn of(problem: &Problem) -> Stocked {
        let lines = problem.needs.len();
        let mut stocked = Stocked::default();
        for line in 0..lines {
            let cells = problem.cells.iter().skip(line).step_by(lines);
            let some = (0..).zip(cells).filter(|(_, cell)| cell.available > 0);
            stocked.nodes.extend(some.map(|(node, _)| node));
            stocked.ends.push(stocked.nodes.len());
        }
        stocked
    }

    /// The nodes that have some of a line.
    pub(super) fn of_line(&self, line: usize) -> &[u32] {
        let from = line.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let to = self.ends.get(line).copied().unwrap_or(from);
        self.nodes.get(from..to).unwrap_or_default()
    }
}
