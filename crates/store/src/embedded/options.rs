//! How much memory and disk the embedded engine may take.

/// Sizes of the embedded engine. The defaults keep it under about 1 GiB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddedOptions {
    /// Bytes of data, index and filter blocks kept in memory.
    pub block_cache_bytes: u64,
    /// Bytes one table may hold in memory before it is flushed to a file.
    pub table_buffer_bytes: u64,
    /// Bytes all tables together may hold in memory before the fullest is flushed.
    pub buffers_bytes: u64,
    /// Bytes of journal that begin to force flushes, so that reopening stays quick. At least
    /// 64 MiB.
    pub journal_bytes: u64,
    /// Files kept open.
    pub files_open_max: usize,
    /// Threads for flushes and compactions.
    pub worker_threads: usize,
    /// Free bytes that a batch must leave on the disk, or it is refused with
    /// [`StoreError::Full`](crate::StoreError::Full), so that what was accepted can still be
    /// flushed and compacted.
    pub free_min_bytes: u64,
}

impl Default for EmbeddedOptions {
    fn default() -> Self {
        Self {
            block_cache_bytes: 512 << 20,
            table_buffer_bytes: 64 << 20,
            buffers_bytes: 192 << 20,
            journal_bytes: 512 << 20,
            files_open_max: 400,
            worker_threads: 1,
            free_min_bytes: 64 << 20,
        }
    }
}
