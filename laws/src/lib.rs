//! The laws of the house, tested across rooms. See `tests/`.
