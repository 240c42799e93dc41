//! An invented retailer of the size asked for: stores with towns' names, items with prices and how often they sell.

use onhand::{Name, NodeType, ProtectionTerms, Quantity};

use crate::random::Random;
use crate::world::{DAY, Item, Node, World, name};

/// Department, product and price of its plain kind in cents.
const PRODUCTS: &[(&str, &str, i64)] = &[
    ("Tea", "Assam Tea", 449),
    ("Tea", "Earl Grey", 469),
    ("Tea", "Peppermint Tea", 329),
    ("Coffee", "Filter Coffee", 799),
    ("Coffee", "Espresso Beans", 1299),
    ("Bakery", "Rye Bread", 389),
    ("Bakery", "Oat Biscuits", 279),
    ("Bakery", "Crispbread", 249),
    ("Breakfast", "Muesli", 499),
    ("Breakfast", "Porridge Oats", 259),
    ("Breakfast", "Blossom Honey", 649),
    ("Breakfast", "Strawberry Jam", 349),
    ("Pantry", "Spaghetti", 179),
    ("Pantry", "Basmati Rice", 399),
    ("Pantry", "Red Lentils", 289),
    ("Pantry", "Olive Oil", 1149),
    ("Pantry", "Tomato Passata", 169),
    ("Pantry", "Sea Salt", 229),
    ("Dairy", "Butter", 329),
    ("Dairy", "Mountain Cheese", 599),
    ("Dairy", "Yoghurt", 189),
    ("Drinks", "Apple Juice", 269),
    ("Drinks", "Elderflower Cordial", 459),
    ("Drinks", "Mineral Water", 99),
    ("Sweets", "Dark Chocolate", 299),
    ("Sweets", "Salted Caramels", 379),
    ("Sweets", "Liquorice", 249),
    ("Household", "Washing Powder", 899),
    ("Household", "Hand Soap", 319),
    ("Household", "Dish Brush", 429),
    ("Household", "Kitchen Towels", 349),
    ("Household", "Candles", 499),
    ("Care", "Shampoo", 549),
    ("Care", "Toothpaste", 279),
    ("Care", "Hand Cream", 449),
    ("Baby", "Nappies", 1349),
    ("Baby", "Pear Puree", 149),
    ("Pets", "Cat Food", 119),
    ("Pets", "Dog Biscuits", 399),
    ("Garden", "Potting Soil", 699),
];

/// Kinds of each product, with what they cost of the plain kind, in per cent.
const VARIETIES: &[(&str, i64)] =
    &[("Classic", 100), ("Organic", 135), ("Family Pack", 260), ("Small", 60), ("Reserve", 180)];

/// Departments whose suppliers bring their goods to the stores themselves.
const DIRECT: &[&str] = &["Bakery", "Dairy"];

const TOWN_STARTS: &[&str] = &[
    "Alder", "Ash", "Beck", "Birch", "Clay", "Dale", "Elm", "Fern", "Glen", "Hazel", "Iron", "Kings", "Lark",
    "Mill", "North", "Oak", "Stone", "Willow",
];
const TOWN_ENDS: &[&str] =
    &["bridge", "bury", "field", "ford", "ham", "mere", "port", "stead", "ton", "wick"];

/// How large an invented retailer is, and the seed of all that is left to chance.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub stores: usize,
    pub items: usize,
    pub days: i64,
    pub seed: u64,
}

/// 1 January 2025, in milliseconds.
const START: i64 = 1_735_689_600_000;
const STORES_IN_A_ZONE: usize = 15;

impl World {
    pub fn invented(shape: Shape) -> World {
        let mut random = Random::new(shape.seed);
        let items = items(shape.items, &mut random);
        let mut nodes: Vec<Node> = (0..shape.stores).map(store).collect();
        for (code, title) in
            [("dc-north", "Distribution Centre North"), ("dc-south", "Distribution Centre South")]
        {
            nodes.push(Node { name: name(code), title: title.into(), kind: NodeType::Warehouse, zone: None });
        }
        nodes.push(Node { name: name("web"), title: "Web Shop".into(), kind: NodeType::Channel, zone: None });
        let mut world = World {
            protections: protections(&items, &nodes),
            items,
            nodes,
            lanes: Vec::new(),
            currency: "EUR",
            start: START,
            end: START + shape.days * DAY,
        };
        let zones = world.zones();
        world.lanes = world.nodes.iter().flat_map(|node| node.lanes(&zones)).collect();
        world
    }
}

/// The better half of the items sells 1.05 to 1.12 lines a week in each store, the others 0.01 to 0.15.
fn items(count: usize, random: &mut Random) -> Vec<Item> {
    let mut ranks: Vec<usize> = (0..count).collect();
    random.shuffle(&mut ranks);
    let half = count.div_ceil(2).max(1);
    let item = |(at, rank): (usize, usize)| {
        let (department, product, price) = PRODUCTS[at % PRODUCTS.len()];
        let (variety, per_cent) = VARIETIES[at / PRODUCTS.len() % VARIETIES.len()];
        let edition = at / (PRODUCTS.len() * VARIETIES.len());
        let edition = if edition == 0 { String::new() } else { format!(" No. {}", edition + 1) };
        let title = format!("{product}, {variety}{edition}");
        let place = |low: i64, high: i64, at: usize| high - (high - low) * at as i64 / half as i64;
        let (sells, packs): (i64, &[i64]) = match rank < half {
            true => (place(1050, 1120, rank), &[6, 8, 12]),
            false => (place(10, 150, rank - half), &[3, 4, 6]),
        };
        Item {
            sku: name(&slug(&title)),
            title,
            department: department.into(),
            unit: "each",
            pack: packs[random.index(packs.len())],
            price: price * per_cent / 100,
            lines_in_1000_weeks: sells,
            direct: DIRECT.contains(&department),
            known: true,
        }
    };
    ranks.into_iter().enumerate().map(item).collect()
}

fn slug(title: &str) -> String {
    let words = title.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<String>>().join("-")
}

fn store(at: usize) -> Node {
    let (start, end) =
        (TOWN_STARTS[at % TOWN_STARTS.len()], TOWN_ENDS[at / TOWN_STARTS.len() % TOWN_ENDS.len()]);
    let towns = TOWN_STARTS.len() * TOWN_ENDS.len();
    let title = match at / towns {
        0 => format!("{start}{end}"),
        more => format!("{start}{end} {}", more + 1),
    };
    let zone = name(&format!("zone-{:02}", at / STORES_IN_A_ZONE + 1));
    Node { name: name(&format!("store-{:03}", at + 1)), title, kind: NodeType::Store, zone: Some(zone) }
}

/// One unit of everything stays on the shelf; every tenth item keeps two in every seventh store, and a tenth of those
/// three from couriers.
fn protections(items: &[Item], nodes: &[Node]) -> Vec<ProtectionTerms> {
    let rule = |sku: &Name, node: Option<&Node>, method: Option<&str>, units| ProtectionTerms {
        sku: sku.clone(),
        node: node.map(|node| node.name.clone()),
        method: method.map(name),
        quantity: Quantity::new(units).expect("a small quantity"),
    };
    let mut rules = Vec::new();
    for (at, item) in items.iter().enumerate() {
        rules.push(rule(&item.sku, None, None, 1));
        let stores = nodes.iter().filter(|node| node.kind == NodeType::Store);
        for node in stores.step_by(7).filter(|_| at % 10 == 0) {
            rules.push(rule(&item.sku, Some(node), None, 2));
            if at % 100 == 0 {
                rules.push(rule(&item.sku, Some(node), Some("courier"), 3));
            }
        }
    }
    rules
}
