//! What the program can be asked.

use std::path::PathBuf;

use crate::catalogue::Shape;
use crate::log::Order;

/// Replays a retailer's year of inventory events through onhand, natively and through WebAssembly, proves that the answer
/// is right, and answers orders from it.
#[derive(clap::Parser, Debug)]
#[command(name = "cargo xtask demo", bin_name = "cargo xtask demo", version)]
pub struct Options {
    /// Till lines as CSV, plain or gzip; without it a whole network is invented
    #[arg(long, value_name = "FILE", requires = "products")]
    pub transactions: Option<PathBuf>,
    /// Items as CSV, plain or gzip
    #[arg(long, value_name = "FILE", requires = "transactions")]
    pub products: Option<PathBuf>,
    /// Write the report as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Draw what became of the year's orders, by rule, as SVG
    #[arg(long, value_name = "FILE", conflicts_with = "transactions")]
    pub plot: Option<PathBuf>,
    /// Let the events arrive in an order that this seed decides; leaves out the books in money and the other rules
    #[arg(long, value_name = "SEED", conflicts_with = "reverse")]
    pub shuffle: Option<u64>,
    /// Let the last event arrive first; leaves out the same
    #[arg(long)]
    pub reverse: bool,
    /// Decides everything that is left to chance
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Stores of the invented network
    #[arg(long, default_value_t = 180, value_parser = clap::value_parser!(u16).range(1..=2000))]
    pub stores: u16,
    /// Items of the invented network
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..=20000))]
    pub items: u16,
    /// Days of the invented year
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=366))]
    pub days: u16,
    /// Replay natively alone
    #[arg(long)]
    pub native_only: bool,
    /// Serve the storefront page when the rest is done
    #[arg(long)]
    pub serve: bool,
    /// Port of the page; 0 takes any that is free
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// Write the page's data (snapshot and catalogue) to this folder, and leave out proof and report
    #[arg(long, value_name = "DIR", conflicts_with_all = ["json", "plot", "shuffle", "reverse", "native_only"])]
    pub data_out: Option<PathBuf>,
}

impl Options {
    pub fn shape(&self) -> Shape {
        Shape {
            stores: self.stores.into(),
            items: self.items.into(),
            days: self.days.into(),
            seed: self.seed,
        }
    }

    /// Whether the year is valued and compared: in another order of arrival only the book is of interest, which is the same.
    pub fn is_whole(&self) -> bool {
        self.order() == Order::Arrival
    }

    pub fn order(&self) -> Order {
        match (self.shuffle, self.reverse) {
            (Some(seed), _) => Order::Shuffled(seed),
            (None, true) => Order::Reversed,
            (None, false) => Order::Arrival,
        }
    }
}
