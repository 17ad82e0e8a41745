//! One suite that every engine passes, and what each of them promises beside it.

#[cfg(test)]
mod backup;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod embedded;
#[cfg(test)]
mod house;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod model;
#[cfg(test)]
mod postgresql;
#[cfg(test)]
mod races;
