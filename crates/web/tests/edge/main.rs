//! The edge over a whole house: what SDKs, services and machines see of it.

#[cfg(test)]
mod house;

#[cfg(test)]
mod change;
#[cfg(test)]
mod cors;
#[cfg(test)]
mod intake;
#[cfg(test)]
mod operation;
#[cfg(test)]
mod read;
#[cfg(test)]
mod script;
#[cfg(test)]
mod socket;
