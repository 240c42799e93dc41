//! What is wrong with a file names file, row and column, and nothing of the file is used.

use std::io::Write;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

const PRODUCTS: &str = "product_id,department,brand,product_category,product_type,package_size\n\
    7,GROCERY,Private,TEA,ASSAM,250 G\n";
const HEADER: &str = "timestamp,basket_id,store_id,product_id,quantity,sales_value,week\n";
const GOOD: &str = "2017-01-01T12:30:27Z,31198705046,319,7,1,1.5,1\n";

/// A folder of its own for each test, gone when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("onhand-input-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

fn read(test: &str, transactions: &[u8], products: &[u8]) -> Result<Input, InputError> {
    let folder = Folder::new(test);
    Input::read(&folder.file("tills.csv", transactions), &folder.file("products.csv", products))
}

/// Reads a file with one row after a good one, which is row 3.
fn error_of(test: &str, row: &str) -> InputError {
    let error = read(test, format!("{HEADER}{GOOD}{row}").as_bytes(), PRODUCTS.as_bytes()).err();
    let error = error.unwrap_or_else(|| panic!("`{row}` was read"));
    assert!(error.file.ends_with("tills.csv"), "{error}");
    error
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn plain_and_gzip_say_the_same() {
    let text = format!("{HEADER}{GOOD}");
    let plain = read("plain", text.as_bytes(), PRODUCTS.as_bytes()).unwrap();
    let packed = read("packed", &gzip(&text), &gzip(PRODUCTS)).unwrap();
    assert_eq!(plain.lines, packed.lines);
    assert_eq!(plain.products, packed.products);
    assert_eq!((plain.lines[0].cents, plain.lines[0].when), (150, 1_483_273_827_000));
    assert_eq!(plain.lines[0].id.as_str(), "31198705046-7");
}

#[test]
fn money_is_read_as_programs_write_it() {
    let read = ["1.5", "0", "4.440892e-16", "11.299999999999999", "1e2", "0.005"].map(cents);
    assert_eq!(read, [Some(150), Some(0), Some(0), Some(1130), Some(10_000), Some(1)]);
    let refused = ["", "-1", "1.5$", "NaN", "inf", "1e99", "0x1", "1,5"].map(cents);
    assert_eq!(refused, [None; 8]);
}

#[test]
fn columns_may_stand_in_any_order() {
    let text = "week,sales_value,quantity,product_id,store_id,basket_id,timestamp\n\
        1,1.5,1,7,319,31198705046,2017-01-01T12:30:27Z\n";
    let turned = read("turned", text.as_bytes(), PRODUCTS.as_bytes()).unwrap();
    let straight = read("straight", format!("{HEADER}{GOOD}").as_bytes(), PRODUCTS.as_bytes()).unwrap();
    assert_eq!(turned.lines, straight.lines);
}

#[test]
fn wrong_fields_are_named() {
    for (test, row, column) in [
        ("date", "2017-02-30T12:30:27Z,2,319,7,1,1.5,1\n", "timestamp"),
        ("no-date", "yesterday,2,319,7,1,1.5,1\n", "timestamp"),
        ("far-date", "2107-01-01T12:30:27Z,2,319,7,1,1.5,1\n", "timestamp"),
        ("early-date", "1969-01-01T12:30:27Z,2,319,7,1,1.5,1\n", "timestamp"),
        ("basket", "2017-01-01T12:30:27Z,\u{1}2,319,7,1,1.5,1\n", "basket_id"),
        ("store", "2017-01-01T12:30:27Z,2,,7,1,1.5,1\n", "store_id"),
        ("long-store", &format!("2017-01-01T12:30:27Z,2,{},7,1,1.5,1\n", "9".repeat(120)), "store_id"),
        ("product", "2017-01-01T12:30:27Z,2,319,,1,1.5,1\n", "product_id"),
        ("quantity", "2017-01-01T12:30:27Z,2,319,7,one,1.5,1\n", "quantity"),
        ("half", "2017-01-01T12:30:27Z,2,319,7,0.5,1.5,1\n", "quantity"),
        ("below", "2017-01-01T12:30:27Z,2,319,7,-1,1.5,1\n", "quantity"),
        ("huge", "2017-01-01T12:30:27Z,2,319,7,99999999999999999999,1.5,1\n", "quantity"),
        ("money", "2017-01-01T12:30:27Z,2,319,7,1,1.5$,1\n", "sales_value"),
        ("debt", "2017-01-01T12:30:27Z,2,319,7,1,-1.5,1\n", "sales_value"),
        ("week", "2017-01-01T12:30:27Z,2,319,7,1,1.5,54\n", "week"),
        ("short", "2017-01-01T12:30:27Z,2,319,7,1\n", "sales_value"),
        ("long", "2017-01-01T12:30:27Z,2,319,7,1,1.5,1,1\n", "week"),
        ("conflict", "2017-01-01T12:30:27Z,31198705046,319,7,2,1.5,1\n", "basket_id"),
    ] {
        let error = error_of(test, row);
        assert_eq!((error.row, error.column.as_deref()), (3, Some(column)), "{error}");
    }
}

#[test]
fn rows_are_counted_as_spreadsheets_show_them() {
    // Lines with nothing in them are rows too, and a field of two lines is one row.
    for (test, text, row) in [
        ("empty-lines", format!("{HEADER}{GOOD}\n\nyesterday\n"), 5),
        ("empty-lines-dos", format!("{HEADER}{GOOD}\n\nyesterday\n").replace('\n', "\r\n"), 5),
        ("empty-lines-old", format!("{HEADER}{GOOD}\n\nyesterday\n").replace('\n', "\r"), 5),
        ("empty-first", format!("\n{HEADER}yesterday\n"), 3),
        ("two-lines", format!("{HEADER}2017-01-01T12:30:27Z,\"a\nb\",319,7,1,1.5,1\n"), 2),
    ] {
        let error = read(test, text.as_bytes(), PRODUCTS.as_bytes()).err().unwrap();
        assert_eq!(error.row, row, "{test}: {error}");
    }
    // Another row that is named is counted in the same way.
    let text = format!("{HEADER}\n{GOOD}2017-01-01T12:30:27Z,31198705046,319,7,2,1.5,1\n");
    let error = read("row-named", text.as_bytes(), PRODUCTS.as_bytes()).err().unwrap();
    assert_eq!((error.row, error.problem.contains("those of row 3,")), (4, true), "{error}");
}

#[test]
fn what_a_file_says_is_shown_in_one_line_and_not_whole() {
    let store = |text: &str| format!("2017-01-01T12:30:27Z,2,{text},7,1,1.5,1\n");
    let long = error_of("shown-long", &store(&"9".repeat(500))).problem;
    assert!(long.len() < 120 && long.starts_with("`999") && !long.contains("count-store"), "{long}");
    let odd = error_of("shown-odd", &store("\u{1b}[2J3\0")).problem;
    assert!(odd.starts_with("`\\u{1b}[2J3\\u{0}` is no name"), "{odd}");
    let columns = format!("{}\u{1b}[2J\n", HEADER.trim_end());
    let error = read("shown-column", columns.as_bytes(), PRODUCTS.as_bytes()).err().unwrap().to_string();
    assert!(error.contains("column `week\\u{1b}[2J`"), "{error}");
}

#[test]
fn a_header_in_another_encoding_names_the_column_by_its_number() {
    let text = HEADER.replace("store_id", "st\u{f8}re").replace('\u{f8}', "?");
    let mut bytes = text.into_bytes();
    let place = bytes.iter().position(|byte| *byte == b'?').unwrap();
    bytes[place] = 0xf8;
    let error = read("latin", &bytes, PRODUCTS.as_bytes()).err().unwrap();
    assert_eq!((error.row, error.column.as_deref()), (1, Some("number 3")), "{error}");
}

#[test]
fn a_file_without_items_is_refused() {
    let header = PRODUCTS.lines().next().unwrap();
    let error = read("no-items", format!("{HEADER}{GOOD}").as_bytes(), header.as_bytes()).err().unwrap();
    assert!(error.file.ends_with("products.csv") && error.problem == "the file has no items", "{error}");
}

#[test]
fn a_line_that_is_there_twice_is_counted() {
    let input = read("twice", format!("{HEADER}{GOOD}{GOOD}").as_bytes(), PRODUCTS.as_bytes()).unwrap();
    assert_eq!((input.lines.len(), input.repeated), (2, 1));
}

#[test]
fn columns_are_known_and_there() {
    let unknown = "timestamp,basket_id,store_id,product_id,quantity,sales_value,week,coupon\n";
    let missing = "timestamp,basket_id,store_id,product_id,quantity,week\n";
    let twice = "timestamp,basket_id,store_id,product_id,quantity,sales_value,week,week\n";
    for (test, header, column) in
        [("unknown", unknown, "coupon"), ("missing", missing, "sales_value"), ("double", twice, "week")]
    {
        let error = read(test, header.as_bytes(), PRODUCTS.as_bytes()).err().unwrap();
        assert_eq!((error.row, error.column.as_deref()), (1, Some(column)), "{error}");
    }
}

#[test]
fn a_file_that_is_cut_short_says_where() {
    // Rows that do not pack well, so that much of them is unpacked before the end.
    let mut random = crate::random::Random::new(5);
    let mut digits = || random.between(1_000_000, 9_999_999);
    let row = |basket| format!("2017-01-01T12:30:27Z,{basket},319,7,1,1.5,1\n");
    let text: String = HEADER.to_owned() + &(0..20_000).map(|_| row(digits())).collect::<String>();
    let packed = gzip(&text);
    let error = read("cut", &packed[..packed.len() / 2], PRODUCTS.as_bytes()).err().unwrap();
    assert!(error.row > 1 && error.row < 20_002, "{error}");
    assert!(error.column.is_some() && error.problem.contains("cut short or damaged"), "{error}");

    let plain = &text.as_bytes()[..text.len() - 9];
    let error = read("cut-plain", plain, PRODUCTS.as_bytes()).err().unwrap();
    assert_eq!((error.row, error.column.as_deref()), (20_001, Some("quantity")), "{error}");
}

#[test]
fn a_cut_in_the_last_column_is_seen() {
    // The row would be whole without its last digit: that it has no end says that it may not be.
    let text = format!("{HEADER}2017-03-20T12:30:27Z,1,319,7,1,1.5,12\n");
    assert!(read("whole-week", text.as_bytes(), PRODUCTS.as_bytes()).is_ok());
    let cut = &text.as_bytes()[..text.len() - 2];
    let error = read("cut-week", cut, PRODUCTS.as_bytes()).err().unwrap();
    assert_eq!((error.row, error.column.as_deref()), (2, Some("week")), "{error}");
    // A last row that only lacks the end of its line is whole.
    let whole = &text.as_bytes()[..text.len() - 1];
    assert!(read("no-end", whole, PRODUCTS.as_bytes()).is_ok());
}

#[test]
fn products_are_named_too() {
    let twice = format!("{PRODUCTS}7,GROCERY,Private,TEA,ASSAM,250 G\n");
    let error = read("products", GOOD.as_bytes(), twice.as_bytes()).err().unwrap();
    assert!(error.file.ends_with("products.csv"), "{error}");
    assert_eq!((error.row, error.column.as_deref()), (3, Some("product_id")), "{error}");
}
