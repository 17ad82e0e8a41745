//! The real program as a process.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::{env, thread};

/// The program, built as the tests were; building an up-to-date one takes a moment.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let test = env::current_exe().unwrap();
        let dir = test.parent().and_then(Path::parent).unwrap();
        let profile = match dir.file_name().and_then(|name| name.to_str()) {
            Some("debug") | None => "dev",
            Some(name) => name,
        };
        let target = dir.parent().unwrap();
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "app", "--bin", "bonafide", "--profile"])
            .arg(profile)
            .arg("--target-dir")
            .arg(target)
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .status();
        assert!(built.unwrap().success(), "the program cannot be built");
        dir.join("bonafide")
    })
}

/// A directory for the program with the brand's configuration in it.
#[derive(Debug)]
pub struct Site {
    /// Holds `bonafide.toml` and `data`.
    pub dir: PathBuf,
    /// Where the program's standard error goes.
    log: PathBuf,
}

impl Site {
    /// Writes the configuration into a directory; the log goes there too.
    pub fn new(dir: &Path) -> Self {
        Self::logging_to(dir, dir.join("log"))
    }

    /// Writes the configuration into a directory; the log goes elsewhere.
    pub fn logging_to(dir: &Path, log: PathBuf) -> Self {
        fs::write(dir.join("bonafide.toml"), crate::house::BRAND).unwrap();
        Self { dir: dir.to_owned(), log }
    }

    /// Lets the program link by likeness too, by the shipped model.
    #[must_use]
    pub fn by_likeness(self) -> Self {
        let (model, config) = (self.dir.join("model.json"), self.dir.join("bonafide.toml"));
        fs::write(&model, linkage::model::SHIPPED).unwrap();
        let more = format!("\n[linkage]\nlikeness = true\nmodel = \"{}\"\n", model.display());
        let mut all = fs::read_to_string(&config).unwrap();
        all.push_str(&more);
        fs::write(config, all).unwrap();
        self
    }

    /// Everything the program keeps.
    pub fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// Everything the program said to standard error.
    pub fn log(&self) -> String {
        fs::read(&self.log)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(program());
        command
            .arg("--config")
            .arg(self.dir.join("bonafide.toml"))
            .arg("--data")
            .arg(self.data())
            .args(words)
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// Runs a command that must succeed; gives what it said.
    pub fn done(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let why = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {said}{why}");
        said
    }

    /// Starts the server with `level` as the level of its log.
    pub fn serve(&self, level: &str) -> Server {
        self.try_serve(level).unwrap_or_else(|| panic!("it does not start: {}", self.log()))
    }

    /// Starts the server, unless it refuses to start.
    pub fn try_serve(&self, level: &str) -> Option<Server> {
        let log = File::options().create(true).append(true).open(&self.log).unwrap();
        let mut child = self
            .command(&["serve", "--listen", "127.0.0.1:0"])
            .env("BONAFIDE_LOG", level)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let Some(first) = lines.next() else {
            child.wait().unwrap();
            return None;
        };
        let (_, address) = first.as_ref().unwrap().split_once("http://").unwrap();
        let address = address.trim().parse().unwrap();
        // Whoever writes to a pipe that nobody reads waits for ever.
        thread::spawn(move || lines.for_each(drop));
        Some(Server { child, address })
    }
}

/// A running server; killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as `kill -9` does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(mut self) {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(asked.unwrap().success());
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
