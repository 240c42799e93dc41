//! Installing Debian packages, where that is allowed.
use std::io::{self, BufRead, IsTerminal, Write};
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::process;

/// Installs what is missing of `packages`. `why` ends the sentence "These packages are needed ...".
pub fn install(packages: &[&str], why: &str) -> Result<()> {
    let missing: Vec<&str> = packages.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if process::find(&["apt-get"]).is_none() {
        bail!("this system has no apt-get; the Debian packages `{list}` are needed {why}");
    }
    if process::output(Command::new("id").arg("-u")).as_deref() != Some("0") {
        bail!(
            "only root may install `{list}`, needed {why}: run `apt-get install {list}` as root and try again"
        );
    }
    if !agreed(&format!("Install the Debian packages `{list}` {why}?")) {
        bail!("the packages `{list}` were not wanted");
    }
    super::say("apt-get", &format!("installing {list} {why}"));
    // An old list of packages names versions that are no longer there.
    process::run(apt_get().args(["update", "-qq"]))?;
    process::run(apt_get().args(["install", "--yes", "-qq", "--no-install-recommends"]).args(&missing))
}

/// Asks before the system is changed, if someone is there to ask; else the command itself was the consent.
pub fn agreed(question: &str) -> bool {
    let input = io::stdin();
    if !input.is_terminal() {
        return true;
    }
    eprint!("{question} [Y/n] ");
    let _ = io::stderr().flush();
    let mut answer = String::new();
    // An input that ends without an answer is no consent.
    matches!(input.lock().read_line(&mut answer), Ok(1..))
        && matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes")
}

fn is_installed(package: &str) -> bool {
    process::output(Command::new("dpkg-query").args(["--show", "--showformat=${db:Status-Status}", package]))
        .is_some_and(|status| status == "installed")
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null()).stdout(Stdio::null());
    command
}
