//! A real `PostgreSQL` server for tests and benchmarks, private and gone when they end.

use postgres::{Client, NoTls};
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{env, fs, process, thread};

/// The variable that names a running server to use instead: a URL whose user may create databases.
pub const SERVER_VARIABLE: &str = "BONAFIDE_TEST_POSTGRES";

const INSTALL: &str = "no postgresql server was found: install one (apt-get install postgresql, \
    brew install postgresql), put its initdb and postgres on PATH, or set \
    BONAFIDE_TEST_POSTGRES to the url of a running one";

/// Makes a cluster, runs it while standard input is open, and tidies up: whatever happens to the
/// test, the kernel closes its end of the pipe.
const SCRIPT: &str = r#"
dir=$(mktemp -d "${TMPDIR:-/tmp}/bonafide-postgres.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
bin=$1 port=$2; shift 2
"$bin/initdb" -D "$dir/data" -U bonafide -A trust -E UTF8 --locale=C --no-sync >"$dir/log" 2>&1 ||
    { cat "$dir/log" >&2; exit 1; }
"$bin/postgres" -D "$dir/data" -p "$port" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories="$dir" -c max_connections=200 "$@" </dev/null >>"$dir/log" 2>&1 &
echo "$dir"
cat >/dev/null
kill -INT $!
wait $!
"#;

const CONNECT_POLL: Duration = Duration::from_millis(50);
const CONNECT_POLLS_MAX: u32 = 1_200;

/// A running server.
#[derive(Debug)]
pub struct PostgresCluster {
    admin: String,
    socket: Option<PathBuf>,
    server: Option<Child>,
    databases: AtomicU32,
}

/// A database of its own for one test, dropped with this value.
#[derive(Debug)]
pub struct Database<'a> {
    cluster: &'a PostgresCluster,
    name: String,
}

impl PostgresCluster {
    /// Starts a private server, with further `settings` such as `["-c", "fsync=off"]`; or uses the
    /// one that [`SERVER_VARIABLE`] names.
    ///
    /// # Errors
    ///
    /// When none is found or it does not start; the text says what to install or what it said.
    pub fn start(settings: &[&str]) -> Result<Self, String> {
        let databases = AtomicU32::new(0);
        if let Ok(admin) = env::var(SERVER_VARIABLE) {
            return Ok(Self { admin, socket: None, server: None, databases });
        }
        let programs = programs().ok_or(INSTALL)?;
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .map_err(|error| format!("no free port: {error}"))?
            .port();
        let mut server = shell()
            .arg("-c")
            .arg(SCRIPT)
            .arg("sh")
            .arg(&programs)
            .arg(port.to_string())
            .args(settings)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("postgresql cannot be started: {error}"))?;
        let mut dir = String::new();
        if let Some(stdout) = server.stdout.take() {
            BufReader::new(stdout).read_line(&mut dir).map_err(|error| error.to_string())?;
        }
        if dir.is_empty() {
            let mut why = String::new();
            if let Some(mut stderr) = server.stderr.take() {
                stderr.read_to_string(&mut why).map_err(|error| error.to_string())?;
            }
            return Err(format!("postgresql cannot be started: {why}"));
        }
        let admin = format!("postgres://bonafide@127.0.0.1:{port}/postgres");
        let socket = Some(PathBuf::from(dir.trim_end()));
        let cluster = Self { admin, socket, server: Some(server), databases };
        cluster.admin().map(drop)?;
        Ok(cluster)
    }

    /// A new, empty database.
    ///
    /// # Errors
    ///
    /// When the server refuses.
    pub fn database(&self) -> Result<Database<'_>, String> {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("bonafide_test_{}_{number}", process::id());
        self.run(&format!("create database {name}"))?;
        Ok(Database { cluster: self, name })
    }

    /// Runs statements as the server's administrator.
    ///
    /// # Errors
    ///
    /// When the server refuses.
    pub fn run(&self, sql: &str) -> Result<(), String> {
        self.admin()?.batch_execute(sql).map_err(|error| error.to_string())
    }

    fn admin(&self) -> Result<Client, String> {
        let mut why = String::new();
        for _ in 0..CONNECT_POLLS_MAX {
            match Client::connect(&self.admin, NoTls) {
                Ok(client) => return Ok(client),
                Err(error) => why = error.to_string(),
            }
            thread::sleep(CONNECT_POLL);
        }
        Err(format!("postgresql does not answer: {why}"))
    }
}

impl Drop for PostgresCluster {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            drop(server.stdin.take());
            drop(server.wait());
        }
    }
}

impl Database<'_> {
    /// Its name on the server.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Over TCP, or however [`SERVER_VARIABLE`] says.
    pub fn url(&self) -> String {
        let (admin, name) = (&self.cluster.admin, &self.name);
        match (admin.contains("://"), admin.contains('?')) {
            (false, _) => format!("{admin} dbname={name}"),
            (true, false) => format!("{admin}?dbname={name}"),
            (true, true) => format!("{admin}&dbname={name}"),
        }
    }

    /// Over the Unix socket of a private server.
    pub fn socket_url(&self) -> Option<String> {
        let (_, port) = self.cluster.admin.rsplit_once(':')?;
        let (port, _) = port.split_once('/')?;
        let dir = self.cluster.socket.as_ref()?.display();
        Some(format!("host={dir} port={port} user=bonafide dbname={}", self.name))
    }

    /// Cuts every connection to it, as a restart of the server would.
    ///
    /// # Errors
    ///
    /// When the server refuses.
    pub fn cut_connections(&self) -> Result<(), String> {
        self.cluster.run(&format!(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{}'",
            self.name
        ))
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        // A private server is thrown away whole; on another one a leftover is harmless.
        drop(self.cluster.run(&format!("drop database if exists {} with (force)", self.name)));
    }
}

/// A shell as somebody who may run a server, which root may not.
fn shell() -> Command {
    if fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0) {
        let mut shell = Command::new("runuser");
        shell.args(["-u", "postgres", "--", "sh"]);
        shell
    } else {
        Command::new("sh")
    }
}

/// The directory that holds the server's programs.
fn programs() -> Option<PathBuf> {
    let complete = |dir: &Path| dir.join("initdb").is_file() && dir.join("postgres").is_file();
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path).find(|dir| complete(dir));
    on_path.or_else(|| {
        let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
        let mut found: Vec<_> = versions
            .filter_map(|version| Some(version.ok()?.path().join("bin")))
            .filter(|dir| complete(dir))
            .collect();
        found.sort();
        found.pop()
    })
}
