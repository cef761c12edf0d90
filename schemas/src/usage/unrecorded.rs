//! What was decided and is not recorded yet, and how it becomes an answer.

use std::ops::Deref;

use super::{Decided, Outcome};

/// Says that an [`Intake`](super::Intake) took a decision in. Only that gives one, and it opens one decision.
#[derive(Debug)]
pub struct Receipt {
    counter: u64,
}

impl Receipt {
    pub(super) fn of(counter: u64) -> Self {
        Self { counter }
    }

    /// The lane's request counter that the decision has, from which its request id is made.
    pub fn counter(&self) -> u64 {
        self.counter
    }
}

/// What was decided, closed until it is recorded: an answer cannot be built from it.
///
/// ```
/// use schemas::usage::{Circumstances, Decided, Intake, Outcome, Unrecorded};
///
/// let unrecorded = Unrecorded::new("yes", Decided::unproven(Outcome::UNKNOWN, 7));
/// let receipt = Intake::default().take(unrecorded.decided(), &Circumstances::at(0));
/// assert_eq!(*unrecorded.recorded(receipt), "yes");
/// ```
///
/// What is inside cannot be had without a receipt:
///
/// ```compile_fail
/// use schemas::usage::{Decided, Outcome, Unrecorded};
///
/// let unrecorded = Unrecorded::new("yes", Decided::unproven(Outcome::UNKNOWN, 7));
/// assert_eq!(*unrecorded, "yes");
/// ```
///
/// ```compile_fail
/// # use schemas::usage::{Decided, Outcome, Unrecorded};
/// # let unrecorded = Unrecorded::new("yes", Decided::unproven(Outcome::UNKNOWN, 7));
/// let answer = unrecorded.value;
/// ```
///
/// Nobody but an intake makes one, and one receipt opens one decision:
///
/// ```compile_fail
/// use schemas::usage::Receipt;
///
/// let receipt = Receipt { counter: 1 };
/// ```
///
/// ```compile_fail
/// # use schemas::usage::{Circumstances, Decided, Intake, Outcome, Unrecorded};
/// let one = Unrecorded::new("yes", Decided::unproven(Outcome::UNKNOWN, 7));
/// let other = Unrecorded::new("no", Decided::unproven(Outcome::UNKNOWN, 7));
/// let receipt = Intake::default().take(one.decided(), &Circumstances::at(0));
/// one.recorded(receipt);
/// other.recorded(receipt);
/// ```
#[derive(Debug, PartialEq, Eq)]
#[must_use = "what was decided is to be recorded and answered"]
pub struct Unrecorded<T> {
    value: T,
    decided: Decided,
}

impl<T> Unrecorded<T> {
    /// Closes what a gate has decided, with its columns.
    pub fn new(value: T, decided: Decided) -> Self {
        Self { value, decided }
    }

    /// The columns, to be recorded.
    pub fn decided(&self) -> &Decided {
        &self.decided
    }

    /// Judges further, as whether a caller may call what it calls; what comes out is as closed as what goes in.
    pub fn map<U>(self, judge: impl FnOnce(T, &mut Decided) -> U) -> Unrecorded<U> {
        let Self { value, mut decided } = self;
        let value = judge(value, &mut decided);
        Unrecorded { value, decided }
    }

    /// Opens it: it is recorded.
    pub fn recorded(self, receipt: Receipt) -> OnRecord<T> {
        OnRecord { value: self.value, receipt }
    }

    /// Opens a caller who asks about others' tokens: it is a column of the decisions that follow. One that was refused
    /// stays closed.
    pub fn into_column(self) -> AsColumn<T> {
        if self.decided.outcome == Outcome::VALID {
            AsColumn::Column(self.value)
        } else {
            AsColumn::OfItsOwn(self)
        }
    }
}

/// Whether a caller who asks about others' tokens is recorded with them or by itself.
#[derive(Debug)]
pub enum AsColumn<T> {
    /// With them.
    Column(T),
    /// It was refused, and that is a decision of its own.
    OfItsOwn(Unrecorded<T>),
}

/// What was decided, and is recorded.
#[derive(Debug)]
pub struct OnRecord<T> {
    value: T,
    receipt: Receipt,
}

impl<T> OnRecord<T> {
    /// It, and what says so.
    pub fn into_parts(self) -> (T, Receipt) {
        (self.value, self.receipt)
    }
}

impl<T> Deref for OnRecord<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
