//! The real program as a process of its own, with its memory and its processor time.

use anyhow::{Context, Result, bail};
use app::load::{Connection, Request};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Clock ticks in a second of `/proc/PID/stat`; Linux has not had another number since 2.6.
const TICKS: f64 = 100.0;

/// How often the disk is asked.
const DISK_SAMPLES: usize = 300;

/// The write key of the source.
pub(super) const WRITE_KEY: &str = "bench-write-web";

/// The key of the service that reads.
pub(super) const READ_KEY: &str = "bench-key-concierge";

/// The key of the service that answers customers.
pub(super) const DESK_KEY: &str = "bench-key-privacy-desk";

/// A running server.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    child: Child,
    /// Removed when the server is gone.
    dir: TempDir,
}

impl Server {
    /// Starts the program over a fresh directory, or over a copy of what [`Self::keep`] kept in
    /// `from`; `store` is the table of the configuration.
    pub(super) fn start(store: &str, from: Option<&Path>) -> Result<Self> {
        let dir = tempfile::Builder::new().prefix("bonafide-bench-").tempdir()?;
        if let Some(from) = from {
            copy(&from.join("data"), &dir.path().join("data"))?;
        }
        let config = dir.path().join("bonafide.toml");
        fs::write(&config, format!("{store}\n{CONFIG}"))?;
        let mut child = Command::new(env!("CARGO_BIN_EXE_bonafide"))
            .args(["serve", "--listen", "127.0.0.1:0", "--config"])
            .arg(&config)
            .arg("--data")
            .arg(dir.path().join("data"))
            // A line for each request would measure the terminal.
            .env("BONAFIDE_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .context("bonafide cannot be started")?;
        let mut line = String::new();
        let stdout = child.stdout.take().context("no output")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let Some((_, address)) = line.trim().rsplit_once("http://") else {
            bail!("bonafide did not start");
        };
        Ok(Self { address: address.parse()?, child, dir })
    }

    /// Runs a command of the program beside the server.
    pub(super) fn run(&self, command: &str) -> Result<()> {
        let done = Command::new(env!("CARGO_BIN_EXE_bonafide"))
            .args([command, "--config"])
            .arg(self.dir.path().join("bonafide.toml"))
            .arg("--data")
            .arg(self.dir.path().join("data"))
            .stdout(Stdio::null())
            .status()?;
        anyhow::ensure!(done.success(), "{command} failed");
        Ok(())
    }

    /// Ends the server in order and copies its data to `to`.
    pub(super) fn keep(mut self, to: &Path) -> Result<()> {
        let ended = Command::new("kill").arg(self.child.id().to_string()).status()?;
        anyhow::ensure!(ended.success() && self.child.wait()?.success(), "it did not end well");
        copy(&self.dir.path().join("data"), &to.join("data"))
    }

    /// Resident memory now and at most, in bytes.
    pub(super) fn memory_bytes(&self) -> Result<(f64, f64)> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
            number.unwrap_or_default() * 1024.0
        };
        Ok((of("VmRSS:"), of("VmHWM:")))
    }

    /// Processor time used so far by all its threads, in seconds (proc(5): fields 14 and 15).
    pub(super) fn processor_s(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let (_, after_name) = stat.rsplit_once(')').context("stat without a name")?;
        let ticks: f64 = after_name
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|n| n.parse::<f64>().ok())
            .sum();
        Ok(ticks / TICKS)
    }

    /// How long the disk alone takes, right now, to make 4 KiB durable beside the server's data:
    /// the median and the 99th percentile, in milliseconds. No acknowledgement can be faster.
    pub(super) fn disk_ms(&self, clock: &dyn Fn() -> f64) -> Result<(f64, f64)> {
        let mut file = fs::File::create(self.dir.path().join("disk"))?;
        let mut waits = Vec::with_capacity(DISK_SAMPLES);
        for _ in 0..DISK_SAMPLES {
            file.write_all(&[0x5a; 4096])?;
            let begin = clock();
            file.sync_data()?;
            waits.push(clock() - begin);
        }
        waits.sort_by(f64::total_cmp);
        let at = |share: usize| waits.get(DISK_SAMPLES * share / 100).copied().unwrap_or_default();
        Ok((at(50), at(99)))
    }

    /// Fails unless the server says that it is well.
    pub(super) fn must_be_well(&self) -> Result<()> {
        let answer = Connection::new(self.address).send(&Request::get("/healthz"))?;
        if answer.status == 200 { Ok(()) } else { bail!("not well: {}", answer.text()) }
    }
}

/// With `cp`, which shares the bytes where the file system can. Returns once they are on the disk:
/// the kernel would else write them half a minute later, and every flush of the server measured
/// then would wait for them.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let parent = to.parent().context("no parent")?;
    fs::create_dir_all(parent)?;
    let done = Command::new("cp").arg("-a").arg(from).arg(to).status()?;
    anyhow::ensure!(done.success(), "cannot copy {}", from.display());
    let synced = Command::new("sync").arg("--file-system").arg(to).status()?;
    anyhow::ensure!(synced.success(), "cannot sync {}", to.display());
    Ok(())
}

impl Drop for Server {
    fn drop(&mut self) {
        // What it stored is thrown away with the directory.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

pub(super) const CONFIG: &str = r#"
[[service]]
name = "concierge"
key = "bench-key-concierge"
purposes = ["service_provision", "personalisation"]

[[service]]
name = "privacy desk"
key = "bench-key-privacy-desk"
purposes = ["subject_access"]
may = ["subject_access"]
operates = true

[[source]]
slug = "web"
write_keys = ["bench-write-web"]

[source.consent_map]
functional = ["service_provision"]
analytics = ["analytics"]
personalisation = ["personalisation"]
marketing = ["marketing"]
advertising = ["cross_context_advertising"]
sharing = ["third_party_sharing"]
"#;
