//! Whose personal data a decision holds, and the keys that it is sealed under.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::actor::Holder;
use domain::ids::OrganizationId;
use domain::subject::{Day, Subject};
use domain::time::Timestamp;
use schemas::sealing::{KeySet, Keyring, KeyringError};
use schemas::usage::{Page, PageRow};

/// Who may be a subject.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Whose {
    Holder(Holder),
    Organization(OrganizationId),
    /// Nobody known, on that day.
    Day(Day),
}

impl Whose {
    fn name(self) -> Arc<str> {
        match self {
            Self::Holder(holder) => holder.to_string().into(),
            Self::Organization(id) => id.to_string().into(),
            Self::Day(day) => Subject::Unauthenticated(day).to_string().into(),
        }
    }
}

/// The subjects of one page and their keys.
pub(super) struct Subjects {
    keyring: Arc<Keyring>,
    /// Of those of the page that have a key, their names.
    names: HashMap<Whose, Arc<str>>,
    keys: KeySet,
}

impl Subjects {
    pub(super) fn new(keyring: Arc<Keyring>) -> Self {
        Self { keyring, names: HashMap::new(), keys: KeySet::default() }
    }

    pub(super) fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// Finds out whose keys the rows of a page need; those that are new are durable when this returns.
    ///
    /// # Errors
    /// When the keyring cannot be asked; nothing of the page may be written then.
    pub(super) async fn gather(&mut self, page: &Page) -> Result<(), KeyringError> {
        let wanted: HashSet<Whose> = page.rows().flat_map(|row| whose(&row)).collect();
        self.names = wanted.into_iter().map(|it| (it, it.name())).collect();
        self.keys = self.keyring.keys_for_sealing(&self.names.values().collect::<Vec<_>>()).await?;
        let before = self.names.len();
        self.names.retain(|_, name| self.keys.get(name).is_some());
        // Who is erased never gets a key again: what is done in their name is sealed as that of nobody known.
        if self.names.len() < before { self.gather_days(page).await } else { Ok(()) }
    }

    async fn gather_days(&mut self, page: &Page) -> Result<(), KeyringError> {
        let days: HashSet<Day> = page.rows().map(|it| day_of(&it)).collect();
        for day in days {
            // A day that is over may be erased itself; the one after it is not over then.
            for subject in [day, day.next()].map(|it| Whose::Day(it).name()) {
                let made = self.keyring.keys_for_sealing(&[&subject]).await?;
                if !made.is_empty() {
                    self.keys = std::mem::take(&mut self.keys).and(made);
                    self.names.insert(Whose::Day(day), subject);
                    break;
                }
            }
        }
        Ok(())
    }

    /// The subjects of a row of the page: of its client, and of its organisation's texts. A row that has neither is
    /// given an empty name, which it does not use.
    pub(super) fn of(&self, row: &PageRow<'_>) -> (&str, &str) {
        let nobody = || self.names.get(&day(row));
        let known = |whose: Option<Whose>| whose.and_then(|it| self.names.get(&it));
        let name = |whose: Option<Whose>| known(whose).or_else(nobody).map_or("", |it| it.as_ref());
        (name(row.holder().map(Whose::Holder)), name(row.organization().map(Whose::Organization)))
    }
}

/// Whose keys a row needs, as long as nobody was erased.
fn whose(row: &PageRow<'_>) -> impl Iterator<Item = Whose> + use<> {
    let client = row.holder().map_or_else(|| day(row), Whose::Holder);
    let client = row.has_client().then_some(client);
    [client, row.organization().map(Whose::Organization)].into_iter().flatten()
}

fn day(row: &PageRow<'_>) -> Whose {
    Whose::Day(day_of(row))
}

fn day_of(row: &PageRow<'_>) -> Day {
    Day::of(Timestamp::from_micros(row.time_us()))
}
