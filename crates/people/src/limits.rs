//! Named limits of this room.

/// Records that may share an identifier before it is too common to say anything about identity: a
/// call centre's telephone, a shop's own mailbox.
pub const POSTING_MAX: usize = 48;

/// Records of one identifier that a lookup looks at.
pub const BEARERS_MAX: usize = 4_096;

/// Events on one page of a timeline.
pub const TIMELINE_PAGE_MAX: usize = 1_000;

/// People on one page of a cohort.
pub const COHORT_PAGE_MAX: usize = 500;

/// How often a change is decided again when the store moves under it.
pub const ATTEMPTS_MAX: usize = 16;

/// Words of customers that are taken in one commit.
pub const WORDS_AT_ONCE: usize = 256;

/// People who are erased in one commit.
pub const ERASURES_AT_ONCE: usize = 64;

/// Rows of people who are erased in one commit, from which on nobody else goes along.
pub const ERASED_ROWS_AT_ONCE: usize = 20_000;
/// Houses and flats that one record may name before it says nothing of where its customer lives:
/// whoever sends gifts, or forwards parcels.
pub const STAYS_MAX: usize = 16;

/// Records that may say one house and are looked at: beyond it is no home.
pub const LODGERS_MAX: usize = linkage::household::SHARERS_MAX * linkage::household::ROWS_MAX;
