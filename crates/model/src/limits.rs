//! Limits that hold for the whole house, by name.

/// What one source may send. Sizes are bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A request body as it came over the wire.
    pub body_wire_max: usize,
    /// A request body after decompression.
    pub body_plain_max: usize,
    /// One event as JSON.
    pub event_max: usize,
    /// Events in one batch.
    pub batch_events_max: usize,
    /// Nesting of objects and arrays inside one event.
    pub depth_max: usize,
}

impl Limits {
    /// What a source has when nobody says otherwise.
    pub const DEFAULT: Self = Self {
        body_wire_max: 4 << 20,
        body_plain_max: 16 << 20,
        event_max: 64 << 10,
        batch_events_max: 5_000,
        depth_max: 32,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
