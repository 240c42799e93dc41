//! `tables`: writes the page of tables, `docs/TABLES.md`.

use anyhow::{Context, Result};
use onhand_tests::tables;

fn main() -> Result<()> {
    let path = tables::path();
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    std::fs::write(&path, tables::page()?).with_context(|| format!("cannot write {}", path.display()))?;
    println!("docs/TABLES.md");
    Ok(())
}
