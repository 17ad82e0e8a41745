//! The mixes of `GDPRbench`, as operations that two sides carry out alike.

use super::traffic::Dice;

/// Operations of one mix, as in the paper.
pub(super) const OPERATIONS: usize = 10_000;

/// Exponent of the Zipf distribution: that of YCSB, on which `GDPRbench` stands.
const ZIPF: f64 = 0.99;

/// One operation. Customers are named by number.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    /// A new customer with data, metadata and consent.
    Create(u64),
    /// One customer's data for a purpose that everybody allows.
    ReadByKey(u64),
    /// Data of [`PAGE`] customers who allow a purpose, from a random place on.
    ReadByPurpose(u64),
    /// One's own data.
    ReadOwn(u64),
    /// What one has consented to, with the evidence.
    ReadMetadata(u64),
    /// One's own name, corrected.
    UpdateData(u64),
    /// A yes or no of one customer to a purpose.
    UpdateMetadata(u64, &'static str, bool),
    /// Everything about one customer, gone.
    Delete(u64),
}

/// Customers of one read by purpose.
pub(super) const PAGE: usize = 100;

/// The kinds of operations, in the order of [`Operation::kind`].
pub(super) const KINDS: [&str; 8] = [
    "create",
    "read by key",
    "read by purpose",
    "read own data",
    "read metadata",
    "update data",
    "update metadata",
    "delete",
];

impl Operation {
    /// Its place in [`KINDS`].
    pub(super) const fn kind(&self) -> usize {
        match self {
            Self::Create(_) => 0,
            Self::ReadByKey(_) => 1,
            Self::ReadByPurpose(_) => 2,
            Self::ReadOwn(_) => 3,
            Self::ReadMetadata(_) => 4,
            Self::UpdateData(_) => 5,
            Self::UpdateMetadata(..) => 6,
            Self::Delete(_) => 7,
        }
    }
}

/// Whose day it is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mix {
    Processor,
    Customer,
    Controller,
}

impl Mix {
    pub(super) const ALL: [Self; 3] = [Self::Processor, Self::Customer, Self::Controller];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Processor => "processor",
            Self::Customer => "customer",
            Self::Controller => "controller",
        }
    }

    /// Its operations on `records` customers, the same at every call. Who is created is new in every mix.
    pub(super) fn operations(self, records: u64) -> Vec<Operation> {
        let (zipf, mut dice) = (Zipf::new(records), Dice(self as u64 + 1));
        let mut created = records..;
        (0..OPERATIONS)
            .map(|_| {
                let (share, yes) = (dice.below(100), dice.below(2) == 0);
                match self {
                    Self::Processor if share < 80 => Operation::ReadByKey(zipf.draw(&mut dice)),
                    Self::Processor => Operation::ReadByPurpose(dice.below(records)),
                    Self::Customer => {
                        let who = zipf.draw(&mut dice);
                        match share {
                            0..20 => Operation::ReadOwn(who),
                            20..40 => Operation::ReadMetadata(who),
                            40..60 => Operation::UpdateData(who),
                            60..80 => Operation::UpdateMetadata(who, "marketing", yes),
                            _ => Operation::Delete(who),
                        }
                    }
                    Self::Controller => match share {
                        0..25 => Operation::Create(created.next().unwrap_or_default()),
                        25..50 => Operation::Delete(dice.below(records)),
                        _ => {
                            let purposes = ["analytics", "marketing", "third_party_sharing"];
                            let purpose = purposes.get(usize::try_from(share % 3).unwrap_or(0));
                            let who = dice.below(records);
                            Operation::UpdateMetadata(who, purpose.unwrap_or(&"marketing"), yes)
                        }
                    },
                }
            })
            .collect()
    }
}

/// Numbers of which the first are drawn far more often than the last (Gray et al., SIGMOD 1994, as in
/// YCSB), spread over all customers.
struct Zipf {
    count: u64,
    alpha: f64,
    zeta: f64,
    eta: f64,
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "some hundred thousand customers"
)]
impl Zipf {
    fn new(count: u64) -> Self {
        let zeta: f64 = (1..=count).map(|nth| (nth as f64).powf(-ZIPF)).sum();
        let two = 1.0 + 0.5_f64.powf(ZIPF);
        let eta = (1.0 - (2.0 / count as f64).powf(1.0 - ZIPF)) / (1.0 - two / zeta);
        Self { count, alpha: 1.0 / (1.0 - ZIPF), zeta, eta }
    }

    fn draw(&self, dice: &mut Dice) -> u64 {
        let uniform = dice.below(1 << 53) as f64 / (1_u64 << 53) as f64;
        let scaled = uniform * self.zeta;
        let rank = if scaled < 1.0 {
            0
        } else if scaled < 1.0 + 0.5_f64.powf(ZIPF) {
            1
        } else {
            (self.count as f64 * (self.eta * uniform - self.eta + 1.0).powf(self.alpha)) as u64
        };
        // An odd stride, so that those who are popular do not stand side by side.
        rank.wrapping_mul(7_919) % self.count
    }
}
