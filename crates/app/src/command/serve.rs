//! `bonafide serve`: the server, until it is asked to stop.

use super::control::{self, Control};
use super::{Place, say};
use crate::chance::{SystemClock, SystemRng, monotonic};
use crate::config::Config;
use crate::house::House;
use anyhow::{Context, Result};
use clap::Args;
use people::PeopleError;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How often the ledger's witness is brought up to date in quiet times.
const WITNESS_EVERY: std::time::Duration = std::time::Duration::from_secs(1);

/// How often what is remembered too long is forgotten.
const SWEEP_EVERY: std::time::Duration = std::time::Duration::from_mins(1);

/// Sweeps between two looks for what was kept long enough: a day.
const FORGET_TURNS: u64 = 24 * 60;

/// How often the post looks for letters that are due.
const POST_EVERY: std::time::Duration = std::time::Duration::from_secs(1);

/// Words of the command.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Address and port, instead of the configuration's
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Log as JSON lines
    #[arg(long)]
    log_json: bool,
}

/// A server that runs in this process.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// The house it serves.
    pub house: Arc<House>,
    runtime: Runtime,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
    control: Option<Control>,
}

/// Starts a server over an open house.
///
/// # Errors
///
/// When the address cannot be listened on, or the operator's scripts cannot be read.
pub fn start(house: House, listen: &str) -> Result<Running> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("web")
        .build()
        .context("no threads")?;
    let listener = runtime
        .block_on(TcpListener::bind(listen))
        .with_context(|| format!("{listen} cannot be listened on"))?;
    let address = listener.local_addr()?;
    learn_if_due(&house)?;
    let scripts = match &house.places.scripts {
        Some(dir) => web::Scripts::with_those_in(dir).context("intake.scripts_dir")?,
        None => web::Scripts::own(),
    };
    let house = Arc::new(house);
    let edge = web::Edge {
        gate: Arc::clone(&house.gate),
        people: Arc::clone(&house.people),
        intake: Arc::clone(&house.intake),
        action: Arc::clone(&house.action),
        scripts,
        services: house.services.clone(),
        brands: house.brands.clone(),
        notice: Arc::clone(&house.notice),
        clock: Arc::new(SystemClock),
        monotonic_ms: Arc::new(monotonic()),
        version: env!("CARGO_PKG_VERSION"),
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async {
        // A dropped sender means stop as well.
        stopped.await.unwrap_or_default();
    };
    let serving = runtime.spawn(web::serve(edge, listener, shutdown));
    runtime.spawn(sweep(Arc::clone(&house)));
    runtime.spawn(keep_word(Arc::clone(&house)));
    runtime.spawn(witness(Arc::clone(&house)));
    runtime.spawn(post(Arc::clone(&house)));
    let control = control::listen(&house)
        .map_err(|error| tracing::warn!(%error, "commands cannot reach this server"))
        .ok();
    Ok(Running { address, house, runtime, stop, serving, control })
}

/// A house that has enough to learn from, or far more than it learned from, learns before it answers.
fn learn_if_due(house: &House) -> Result<()> {
    match house.people.learn_if_due(&mut |_| {}) {
        Ok(Some(learned)) => {
            let (records, people) = (learned.records, learned.people);
            tracing::info!(records, people, "learned anew who is alike");
        }
        Ok(None) => {}
        // What stood before goes on standing.
        Err(error @ PeopleError::Unlearnable) => tracing::warn!(%error, "nothing was learned"),
        Err(error) => return Err(error).context("learning who is alike"),
    }
    Ok(())
}

async fn sweep(house: Arc<House>) {
    let mut every = tokio::time::interval(SWEEP_EVERY);
    loop {
        every.tick().await;
        let house = Arc::clone(&house);
        let swept = tokio::task::spawn_blocking(move || {
            if let Err(error) = house.action.sweep() {
                tracing::warn!(%error, "limits could not be swept");
            }
            house.intake.sweep()
        });
        match swept.await {
            Ok(Ok(forgotten)) if forgotten > 0 => tracing::debug!(forgotten, "message ids swept"),
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "message ids could not be swept"),
            Err(_) => return,
        }
    }
}

/// Does what customers asked for by right once it may be done, and forgets what was kept long enough.
async fn keep_word(house: Arc<House>) {
    let mut every = tokio::time::interval(SWEEP_EVERY);
    for turn in 0_u64.. {
        every.tick().await;
        let house = Arc::clone(&house);
        let kept = tokio::task::spawn_blocking(move || -> Result<usize, PeopleError> {
            if turn.is_multiple_of(FORGET_TURNS) {
                house.gate.forget_requests()?;
                house.people.forget_tombstones()?;
            }
            house.people.carry_out_due("bonafide")
        });
        match kept.await {
            Ok(Ok(done)) if done > 0 => tracing::info!(done, "requests by right were carried out"),
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::error!(%error, "a request by right cannot be carried out"),
            Err(_) => return,
        }
    }
}

/// Sends letters. What they say and to whom reaches no log.
async fn post(house: Arc<House>) {
    if !house.action.mails() {
        return;
    }
    let mut every = tokio::time::interval(POST_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        let house = Arc::clone(&house);
        match tokio::task::spawn_blocking(move || house.action.turn()).await {
            Ok(Ok(turn)) if turn == action::Turn::default() => {}
            Ok(Ok(action::Turn { sent, dropped, failed })) => {
                tracing::info!(sent, dropped, failed, "post");
            }
            Ok(Err(error)) => tracing::warn!(%error, "letters could not be sent"),
            Err(_) => return,
        }
    }
}

async fn witness(house: Arc<House>) {
    let mut every = tokio::time::interval(WITNESS_EVERY);
    loop {
        every.tick().await;
        let house = Arc::clone(&house);
        let flush = move || house.gate.ledger().flush_witness();
        match tokio::task::spawn_blocking(flush).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the ledger's witness"),
            Err(_) => return,
        }
    }
}

impl Running {
    /// Stops taking requests, finishes those under way, and closes the house.
    ///
    /// # Errors
    ///
    /// When the house cannot be closed cleanly.
    pub fn stop(self) -> Result<()> {
        let Self { house, runtime, stop, serving, control, .. } = self;
        drop(control);
        // The server may have ended by itself; then nobody listens.
        stop.send(()).unwrap_or_default();
        runtime.block_on(serving).context("the server stopped badly")??;
        runtime.shutdown_timeout(std::time::Duration::from_secs(10));
        match Arc::try_unwrap(house) {
            Ok(house) => house.close(),
            Err(house) => {
                house.intake.stop();
                Ok(house.gate.ledger().flush_witness()?)
            }
        }
    }

    /// Waits for Ctrl-C or SIGTERM.
    ///
    /// # Errors
    ///
    /// When signals cannot be waited for.
    pub fn wait_for_signal(&self) -> Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        self.runtime.block_on(async {
            let mut terminate = signal(SignalKind::terminate())?;
            tokio::select! {
                interrupted = tokio::signal::ctrl_c() => interrupted?,
                _ = terminate.recv() => {}
            }
            Ok(())
        })
    }
}

/// Logs to standard error, without personal data: rooms log ids, counts and durations only.
pub(crate) fn log(json: bool) {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("BONAFIDE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // A log on a full disk must not take requests down with it.
        .log_internal_errors(false);
    // A second call, as in tests, finds a log already set up, which is as good.
    let set = if json { log.json().try_init() } else { log.try_init() };
    drop(set);
}

pub(super) fn run(place: &Place, options: &Options) -> Result<()> {
    log(options.log_json);
    let config: Config = place.config()?;
    let listen = options.listen.clone().unwrap_or_else(|| config.server.listen.clone());
    let house = House::open(&config, Arc::new(SystemClock), Arc::new(SystemRng))?;
    let running = start(house, &listen)?;
    say::line(&format!("bonafide listens on http://{}", running.address));
    running.wait_for_signal()?;
    say::line("stopping: finishing what is under way");
    running.stop()
}
