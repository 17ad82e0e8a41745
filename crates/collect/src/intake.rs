//! The front door of this room: a request in, a verdict for each event out.

use crate::dialect::{IntakeHeaders, IntakePath, read_body};
use crate::message::{Message, Refused, Rejected};
use crate::pipeline::{Counters, Job, Pipeline, Prepared, Waiting};
use crate::prepare::{self, Preparer};
use crate::quarantine::Held;
use crate::source::Source;
use crate::sources::{Sources, SourcesError};
use linkage::perfect::{Context, Date};
use model::{Blind, Clock, IdentifierKind, Limits, RecordKind, Sensitive, SourceId, Timestamp};
use people::People;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use store::{Batch, Store, StoreError};

/// What a client is told to wait when the queue is full, in seconds.
const RETRY_AFTER_S: u32 = 1;

/// How the intake is set up.
#[derive(Clone, Debug)]
pub struct IntakeOptions {
    /// For how long a message id is remembered, in milliseconds.
    pub dedupe_ms: i64,
    /// The sources of the configuration.
    pub sources: Vec<Source>,
}

/// Why the intake could not be opened.
#[derive(Debug)]
pub enum IntakeError {
    /// The registry of sources refused.
    Sources(SourcesError),
    /// The operating system gives no threads.
    Threads(std::io::Error),
}

impl fmt::Display for IntakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sources(error) => error.fmt(f),
            Self::Threads(error) => write!(f, "no threads: {error}"),
        }
    }
}

impl std::error::Error for IntakeError {}

/// One request. `Debug` shows how long it is.
pub struct Call {
    /// The endpoint.
    pub path: IntakePath,
    /// The path as it stands in the quarantine's list, so that an item can be sent again.
    pub shown: &'static str,
    /// The headers and query that matter.
    pub headers: IntakeHeaders,
    /// The body as it came.
    pub body: Vec<u8>,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.body.len();
        f.debug_struct("Call")
            .field("shown", &self.shown)
            .field("bytes", &bytes)
            .finish_non_exhaustive()
    }
}

/// Why a request was turned away whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turned {
    /// It cannot be read.
    Refused(Refused),
    /// It names no source.
    MissingKey,
    /// No source has its key.
    UnknownKey,
    /// Its source is switched off.
    Disabled,
    /// Too much is waiting: send again after so many seconds.
    Overloaded {
        /// How long to wait, in seconds.
        retry_after_s: u32,
    },
}

/// The way in.
pub struct Intake {
    store: Store,
    people: Arc<People>,
    sources: Sources,
    pipeline: Pipeline,
    clock: Arc<dyn Clock>,
}

impl Intake {
    /// Opens the intake and starts its pipeline.
    ///
    /// # Errors
    ///
    /// When the sources cannot be read, or there are no threads.
    pub fn open(
        store: Store,
        people: Arc<People>,
        options: IntakeOptions,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, IntakeError> {
        let sources =
            Sources::open(store.clone(), options.sources).map_err(IntakeError::Sources)?;
        let pipeline = Pipeline::start(Arc::clone(&people), options.dedupe_ms)
            .map_err(IntakeError::Threads)?;
        linkage::perfect::phone::warm_up();
        Ok(Self { store, people, sources, pipeline, clock })
    }

    /// The registry of sources.
    pub const fn sources(&self) -> &Sources {
        &self.sources
    }

    /// What the pipeline has done since it started.
    pub fn counters(&self) -> &Counters {
        self.pipeline.counters()
    }

    /// Events waiting now.
    pub fn waiting(&self) -> usize {
        self.pipeline.waiting()
    }

    /// Takes a request. `reply` is called once, when its events are durable or have failed.
    ///
    /// # Errors
    ///
    /// [`Turned`]; then `reply` is never called and nothing was stored.
    pub fn handle(&self, call: &Call, reply: Waiting) -> Result<(), Turned> {
        let named = crate::dialect::write_key(&call.headers, None);
        let source = named.as_ref().and_then(|key| self.sources.by_key(key));
        let limits = source.as_ref().map_or(Limits::DEFAULT, |source| source.limits);
        let read =
            read_body(&call.body, &call.headers, &call.path, &limits).map_err(Turned::Refused)?;
        let key = read.write_key.as_ref().ok_or(Turned::MissingKey)?;
        let source = match source {
            Some(source) => source,
            None => self.sources.by_key(key).ok_or(Turned::UnknownKey)?,
        };
        self.take(&source, call.shown, read.items, reply)
    }

    /// Takes messages of a source, as an import does.
    ///
    /// # Errors
    ///
    /// As [`Self::handle`].
    pub fn take(
        &self,
        source: &Source,
        shown: &'static str,
        items: Vec<Result<Message, Rejected>>,
        reply: Waiting,
    ) -> Result<(), Turned> {
        self.take_as_of(source, shown, self.clock.now(), items, reply)
    }

    fn take_as_of(
        &self,
        source: &Source,
        shown: &'static str,
        received: Timestamp,
        items: Vec<Result<Message, Rejected>>,
        reply: Waiting,
    ) -> Result<(), Turned> {
        if !source.enabled {
            return Err(Turned::Disabled);
        }
        let preparer =
            Preparer { gate: self.people.gate(), vault: self.people.vault(), source, received };
        let events = items
            .into_iter()
            .map(|item| match item {
                Ok(message) => self.prepare(&preparer, shown, message),
                Err(rejected) => self.hold(source, shown, rejected),
            })
            .collect();
        let job = Job::new(source.slug.as_str().into(), events, reply);
        self.pipeline.submit(job).map_err(|_| Turned::Overloaded { retry_after_s: RETRY_AFTER_S })
    }

    fn prepare(
        &self,
        preparer: &Preparer<'_>,
        shown: &'static str,
        mut message: Message,
    ) -> Prepared {
        let violations = preparer.source.plan.check(&message);
        if let Some(refusing) = preparer.source.plan.apply(&mut message, &violations) {
            return self.hold(preparer.source, shown, refusing.rejected(&message));
        }
        match preparer.prepare(&message) {
            Some(event) => event,
            None => self.hold(preparer.source, shown, Rejected::nobody(&message)),
        }
    }

    fn hold(&self, source: &Source, shown: &'static str, rejected: Rejected) -> Prepared {
        let Rejected { error, raw } = rejected;
        #[expect(clippy::disallowed_methods, reason = "only its keyed hash goes on")]
        let content = String::from_utf8_lossy(raw.reveal());
        // The same event refused again is the same item, so that a repeated import adds nothing.
        let place = format!("quarantine of {}", source.slug);
        let item = self.people.vault().record_id(&place, RecordKind::Row, &content);
        Prepared::Bad(Box::new(Held {
            item,
            source: source.id,
            at: self.clock.now(),
            code: error.code,
            pointer: error.pointer,
            message: format!("{}: {}", error.message, error.remedy),
            path: shown.to_owned(),
            raw,
        }))
    }

    /// The pseudonym of an identifier, in the form in which the intake blinds it; nothing when the
    /// value is no such identifier. User and visitor ids are those of the first namespace.
    pub fn identifier(&self, kind: IdentifierKind, raw: &str) -> Option<Blind> {
        let sources = self.sources.list();
        let first = sources.first();
        let namespace = first.map_or("", |source| source.namespace.as_str());
        self.identifier_in(namespace, kind, raw)
    }

    /// As [`Self::identifier`], for the ids of a namespace.
    pub fn identifier_in(&self, namespace: &str, kind: IdentifierKind, raw: &str) -> Option<Blind> {
        let sources = self.sources.list();
        let country = sources
            .iter()
            .find(|source| source.namespace == namespace)
            .and_then(|source| source.country.as_deref());
        let context = Context {
            country_default: country.and_then(linkage::perfect::Country::of_code),
            today: Date::of_timestamp(self.clock.now()),
        };
        prepare::identifier(self.people.vault(), &context, namespace, kind, raw)
    }

    /// How far a source's word counts.
    pub fn trust(&self, source: SourceId) -> u8 {
        self.sources.by_id(source).map_or(0, |source| source.trust)
    }

    /// Sends a quarantined item's event again, as it is or mended. It counts as received when it
    /// first was, or its time in quarantine would be taken for a slow clock. The item stays; drop it
    /// when the verdict pleases.
    ///
    /// # Errors
    ///
    /// As [`Self::handle`].
    pub fn replay(
        &self,
        source: &Source,
        body: &Sensitive<Vec<u8>>,
        received: Timestamp,
        reply: Waiting,
    ) -> Result<(), Turned> {
        #[expect(clippy::disallowed_methods, reason = "read again as it came")]
        let bytes = body.reveal();
        let headers = IntakeHeaders::default();
        let read = read_body(bytes, &headers, &IntakePath::Batch, &source.limits)
            .map_err(Turned::Refused)?;
        self.take_as_of(source, "/v1/batch", received, read.items, reply)
    }

    /// Forgets message ids whose window is over. Gives how many.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn sweep(&self) -> Result<usize, StoreError> {
        let mut forgotten = 0;
        loop {
            let mut batch = Batch::default();
            let view = self.store.read()?;
            let page = self.pipeline.seen().forget(&view, &mut batch, self.clock.now())?;
            drop(view);
            if page == 0 {
                return Ok(forgotten);
            }
            self.store.commit(batch)?;
            forgotten += page;
        }
    }

    /// Whether events would be taken in: the pipeline is not stopped and not stuck.
    pub fn is_taking(&self) -> bool {
        self.pipeline.is_taking()
    }

    /// Stops taking events and returns when those that wait are durable.
    pub fn stop(&self) {
        self.pipeline.stop();
    }

    /// The current instant, by the intake's clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The people that events become.
    pub fn people(&self) -> &People {
        &self.people
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        self.stop();
    }
}

impl fmt::Debug for Intake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let accepted = self.counters().accepted.load(Ordering::Relaxed);
        f.debug_struct("Intake").field("accepted", &accepted).finish_non_exhaustive()
    }
}
