//! The file of the key tree: the secrets that are left, group of erasures by group.
//!
//! ```text
//! file  = group*                  the first, or the only one after a compaction, is the whole cover
//! group = length of head (4) ‖ state (1) ‖ head ‖ nonce and tag over the head (28) ‖ cell*
//! head  = number of the group, nodes that go, nodes that come (postcard)
//! cell  = nonce (12) ‖ secret (32) ‖ tag (16), one for each node that comes; zeros once it has gone
//! ```
//!
//! INVARIANT: a node's cell is zeroed when all that is to be kept of it stands in cells that are flushed, and its
//! erasure is committed; a group that was not committed leaves no cell. So at any instant every leaf that
//! lives is below a cell, and none that is erased is, once the group is done.

use crate::VaultError;
use crate::root::{private, write_private};
use crate::sealed::{open_bytes, seal_bytes};
use crate::tree::{Cover, Cut, Held, Node, Secret};
use aws_lc_rs::aead::LessSafeKey;
use model::Rng;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// A group whose erasures may be committed, or not.
const BEGUN: u8 = b'?';
/// A group that is done: what goes has gone, or goes when the file is next opened.
const DONE: u8 = b'=';

const LENGTH_LEN: u64 = 4;
/// Bytes of a group before its head.
const START_LEN: u64 = LENGTH_LEN + 1;
/// Bytes that prove a head.
const PROOF_LEN: u64 = 12 + 16;
const CELL_LEN: usize = 12 + 32 + 16;
const HEAD_MAX: u64 = 64 << 20;

/// Bytes of what has gone, beyond as many as there are of what is left, at which the file is written anew.
const GONE_MAX: u64 = 1 << 20;

#[derive(Serialize, Deserialize)]
struct Head {
    number: u64,
    removed: Vec<Node>,
    added: Vec<Node>,
}

impl Head {
    /// What binds a cell to its place.
    fn context(number: u64, node: Node) -> [u8; 17] {
        let mut context = [0; 17];
        let parts = number.to_be_bytes().into_iter().chain(node.first.to_be_bytes());
        for (place, byte) in context.iter_mut().zip(parts.chain([node.depth])) {
            *place = byte;
        }
        context
    }
}

/// A group that stands in the file.
struct Group {
    at: u64,
    state: u8,
    head: Head,
    /// Where its cells begin.
    cells: u64,
    end: u64,
}

impl Group {
    /// The nodes that come, with where they stand.
    fn placed(&self) -> impl Iterator<Item = (Node, u64)> {
        self.head.added.iter().copied().zip((self.cells..).step_by(CELL_LEN))
    }
}

/// A group that was begun and is not done.
pub(crate) struct Pending {
    pub(crate) number: u64,
    at: u64,
    end: u64,
    removed: Vec<Node>,
    added: Vec<(Node, Secret, u64)>,
    /// Whether some of what goes has gone: then it was committed.
    is_going: bool,
}

/// What the file says.
#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) cover: Cover,
    /// The last group that is done.
    pub(crate) number: u64,
    pub(crate) pending: Option<Pending>,
    /// Cells of what went, that were still to be zeroed.
    overdue: Vec<u64>,
    /// Where the last whole group ends, and the file.
    end: u64,
    len: u64,
    inode: u64,
}

impl Kept {
    /// Whether an erasure was cut short.
    pub(crate) fn is_unsettled(&self) -> bool {
        self.pending.is_some() || !self.overdue.is_empty() || self.len > self.end
    }

    /// The newest group that is known.
    pub(crate) fn newest(&self) -> u64 {
        self.pending.as_ref().map_or(self.number, |pending| pending.number)
    }
}

/// The file, and what seals it.
pub(crate) struct Journal {
    path: PathBuf,
    sealing: LessSafeKey,
}

impl Journal {
    pub(crate) const fn new(path: PathBuf, sealing: LessSafeKey) -> Self {
        Self { path, sealing }
    }

    pub(crate) fn fail(&self, why: impl std::fmt::Display) -> VaultError {
        VaultError::file(&self.path, why)
    }

    fn damaged(&self) -> VaultError {
        self.fail("is damaged: put its copy back")
    }

    /// Makes the file, with one secret.
    pub(crate) fn create(
        &self,
        node: Node,
        secret: Secret,
        rng: &dyn Rng,
    ) -> Result<(), VaultError> {
        let cut = Cut { removed: Vec::new(), added: vec![(node, secret)] };
        write_private(&self.path, &self.group(DONE, 0, &cut, rng)?.0)
    }

    pub(crate) fn open(&self) -> Result<File, VaultError> {
        let mut options = OpenOptions::new();
        options
            .read(true)
            .write(true)
            .mode(0o600)
            .open(&self.path)
            .map_err(|error| self.fail(error))
    }

    /// The bytes of a group, and how many of them are before its cells.
    fn group(
        &self,
        state: u8,
        number: u64,
        cut: &Cut,
        rng: &dyn Rng,
    ) -> Result<(Vec<u8>, u64), VaultError> {
        let head = Head {
            number,
            removed: cut.removed.clone(),
            added: cut.added.iter().map(|(node, _)| *node).collect(),
        };
        let head = postcard::to_stdvec(&head).map_err(|_| VaultError::Damaged)?;
        let length = u32::try_from(head.len()).map_err(|_| VaultError::Damaged)?;
        let mut bytes = length.to_be_bytes().to_vec();
        bytes.push(state);
        bytes.extend_from_slice(&head);
        bytes.extend(seal_bytes(&self.sealing, rng, &head, &[])?);
        let before = bytes.len() as u64;
        for (node, secret) in &cut.added {
            let context = Head::context(number, *node);
            bytes.extend(seal_bytes(&self.sealing, rng, &context, &**secret)?);
        }
        Ok((bytes, before))
    }

    /// Whether another process has changed the file since.
    pub(crate) fn is_changed(&self, kept: &Kept) -> Result<bool, VaultError> {
        let about = fs::metadata(&self.path).map_err(|error| self.fail(error))?;
        Ok((about.ino(), about.len()) != (kept.inode, kept.len))
    }

    /// Reads the file. Changes nothing in it.
    pub(crate) fn read(&self) -> Result<Kept, VaultError> {
        private(&self.path)?;
        // One file, whatever is renamed meanwhile.
        let mut file = self.open()?;
        let inode = file.metadata().map_err(|error| self.fail(error))?.ino();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|error| self.fail(error))?;
        let mut kept = Kept { len: bytes.len() as u64, inode, ..Kept::default() };
        let mut live: BTreeMap<Node, (u64, u64)> = BTreeMap::new();
        while let Some(group) = self.group_at(&bytes, kept.end)? {
            if group.state == BEGUN {
                if let Some(pending) = self.pending(&bytes, &group) {
                    kept.end = group.end;
                    kept.pending = Some(pending);
                }
                break;
            }
            for node in &group.head.removed {
                let (_, at) = live.remove(node).ok_or_else(|| self.damaged())?;
                if cell(&bytes, at).is_none_or(|cell| !is_zero(cell)) {
                    kept.overdue.push(at);
                }
            }
            live.extend(group.placed().map(|(node, at)| (node, (group.head.number, at))));
            (kept.number, kept.end) = (group.head.number, group.end);
        }
        for (node, (number, at)) in live {
            let going = kept.pending.as_mut().filter(|pending| pending.removed.contains(&node));
            match (self.secret(&bytes, number, node, at), going) {
                (Some(secret), _) => {
                    kept.cover.insert(node, Held { depth: node.depth, secret, at });
                }
                // The group was being ended when the process was.
                (None, Some(pending)) => {
                    pending.is_going = true;
                    kept.overdue.push(at);
                }
                (None, None) => return Err(self.damaged()),
            }
        }
        if kept.end == 0 {
            return Err(self.damaged());
        }
        Ok(kept)
    }

    /// The group that begins at a place; nothing at the end, or where one was never written whole.
    fn group_at(&self, bytes: &[u8], at: u64) -> Result<Option<Group>, VaultError> {
        let state = part(bytes, at + LENGTH_LEN, 1).and_then(|state| state.first().copied());
        match self.whole_group(bytes, at) {
            Some(group) => Ok(Some(group)),
            None if state == Some(DONE) => Err(self.damaged()),
            None => Ok(None),
        }
    }

    fn whole_group(&self, bytes: &[u8], at: u64) -> Option<Group> {
        let length = part(bytes, at, LENGTH_LEN)?.try_into().ok().map(u32::from_be_bytes)?;
        let state = *part(bytes, at + LENGTH_LEN, 1)?.first()?;
        let length = u64::from(length);
        if length > HEAD_MAX || ![BEGUN, DONE].contains(&state) {
            return None;
        }
        let head = part(bytes, at + START_LEN, length)?;
        open_bytes(&self.sealing, head, part(bytes, at + START_LEN + length, PROOF_LEN)?).ok()?;
        let head: Head = postcard::from_bytes(head).ok()?;
        if !head.added.iter().all(|node| node.is_sound()) {
            return None;
        }
        let cells = at + START_LEN + length + PROOF_LEN;
        let end = cells + head.added.len() as u64 * CELL_LEN as u64;
        (end <= bytes.len() as u64).then_some(Group { at, state, head, cells, end })
    }

    /// A group that was begun; nothing when its cells were not written whole, or not any more: then it was
    /// not committed.
    fn pending(&self, bytes: &[u8], group: &Group) -> Option<Pending> {
        let number = group.head.number;
        let added = group
            .placed()
            .map(|(node, at)| Some((node, self.secret(bytes, number, node, at)?, at)))
            .collect::<Option<_>>()?;
        let removed = group.head.removed.clone();
        Some(Pending { number, at: group.at, end: group.end, removed, added, is_going: false })
    }

    fn secret(&self, bytes: &[u8], number: u64, node: Node, at: u64) -> Option<Secret> {
        let context = Head::context(number, node);
        let plain = Zeroizing::new(open_bytes(&self.sealing, &context, cell(bytes, at)?).ok()?);
        Some(Zeroizing::new(plain.as_slice().try_into().ok()?))
    }

    /// Begins a group: what comes is on disk when this returns, beside what goes. Nothing may be unsettled.
    pub(crate) fn begin(
        &self,
        file: &File,
        kept: &Kept,
        cut: Cut,
        rng: &dyn Rng,
    ) -> Result<Pending, VaultError> {
        let (number, at) = (kept.number + 1, kept.end);
        let (bytes, before) = self.group(BEGUN, number, &cut, rng)?;
        file.write_all_at(&bytes, at).map_err(|error| self.fail(error))?;
        file.sync_data().map_err(|error| self.fail(error))?;
        let places = (at + before..).step_by(CELL_LEN);
        let added = cut.added.into_iter().zip(places);
        let added = added.map(|((node, secret), at)| (node, secret, at)).collect();
        let end = at + bytes.len() as u64;
        Ok(Pending { number, at, end, removed: cut.removed, added, is_going: false })
    }

    /// Takes note of a group that was begun.
    pub(crate) fn note(kept: &mut Kept, pending: Pending) {
        (kept.end, kept.len) = (pending.end, pending.end);
        kept.pending = Some(pending);
    }

    /// Ends the group that was begun: what goes is overwritten, on disk when this returns. Its erasures
    /// must be committed.
    pub(crate) fn finish(&self, file: &File, kept: &Kept) -> Result<(), VaultError> {
        let Some(pending) = &kept.pending else { return Ok(()) };
        let going = pending.removed.iter().filter_map(|node| Some(kept.cover.get(*node)?.at));
        self.zero_cells(file, going)?;
        file.write_all_at(&[DONE], pending.at + LENGTH_LEN).map_err(|error| self.fail(error))?;
        file.sync_data().map_err(|error| self.fail(error))
    }

    /// Takes note that a group is done.
    pub(crate) fn note_done(kept: &mut Kept) {
        let Some(pending) = kept.pending.take() else { return };
        for node in pending.removed {
            kept.cover.remove(node);
        }
        for (node, secret, at) in pending.added {
            kept.cover.insert(node, Held { depth: node.depth, secret, at });
        }
        kept.number = pending.number;
    }

    /// Overwrites what is left of erasures that were done.
    pub(crate) fn finish_overdue(&self, file: &File, kept: &mut Kept) -> Result<(), VaultError> {
        if !kept.overdue.is_empty() {
            self.zero_cells(file, kept.overdue.iter().copied())?;
            file.sync_data().map_err(|error| self.fail(error))?;
            kept.overdue.clear();
        }
        Ok(())
    }

    /// Takes back the group that was begun, and what was never written whole. It must not be
    /// committed any more.
    pub(crate) fn withdraw(&self, file: &File, kept: &mut Kept) -> Result<(), VaultError> {
        if kept.pending.as_ref().is_some_and(|pending| pending.is_going) {
            return Err(self.damaged());
        }
        let end = kept.pending.as_ref().map_or(kept.end, |pending| pending.at);
        let len = file.metadata().map_err(|error| self.fail(error))?.len();
        if len > end {
            let zeros = vec![0; usize::try_from(len - end).unwrap_or(0)];
            file.write_all_at(&zeros, end).map_err(|error| self.fail(error))?;
            file.sync_data().map_err(|error| self.fail(error))?;
            file.set_len(end).and_then(|()| file.sync_data()).map_err(|error| self.fail(error))?;
        }
        (kept.end, kept.len, kept.pending) = (end, end, None);
        Ok(())
    }

    fn zero_cells(&self, file: &File, places: impl Iterator<Item = u64>) -> Result<(), VaultError> {
        for at in places {
            file.write_all_at(&[0; CELL_LEN], at).map_err(|error| self.fail(error))?;
        }
        Ok(())
    }

    /// Whether the file is mostly of what has gone.
    pub(crate) fn is_mostly_gone(kept: &Kept) -> bool {
        kept.end > 2 * (kept.cover.len() * CELL_LEN) as u64 + GONE_MAX
    }

    /// Writes the file anew, with what is left only, and overwrites the old one.
    pub(crate) fn compact(&self, old: &File, kept: &Kept, rng: &dyn Rng) -> Result<(), VaultError> {
        let added = kept.cover.each().map(|(node, held)| (node, held.secret.clone())).collect();
        let cut = Cut { removed: Vec::new(), added };
        write_private(&self.path, &self.group(DONE, kept.number, &cut, rng)?.0)?;
        let zeros = vec![0; usize::try_from(kept.len).unwrap_or(0)];
        old.write_all_at(&zeros, 0).and_then(|()| old.sync_data()).map_err(|error| self.fail(error))
    }
}

fn part(bytes: &[u8], at: u64, len: u64) -> Option<&[u8]> {
    let (at, len) = (usize::try_from(at).ok()?, usize::try_from(len).ok()?);
    bytes.get(at..at.checked_add(len)?)
}

fn cell(bytes: &[u8], at: u64) -> Option<&[u8]> {
    part(bytes, at, CELL_LEN as u64)
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}
