//! What the writer tells the readers.

use std::collections::BTreeSet;

use parking_lot::RwLock;
use tokio::sync::watch;

use super::{folder::Folder, start::Opened, trouble::Trouble};
use crate::usage::{Lane, Place};

/// How far the log goes, and in which files.
pub(super) struct Shared {
    pub(super) folder: Folder,
    days: RwLock<BTreeSet<u32>>,
    /// One a lane, the first lane's first.
    heads: Vec<watch::Sender<Place>>,
}

impl Shared {
    pub(super) fn of(opened: &Opened) -> Self {
        let heads = opened.lasts.iter().map(|it| watch::Sender::new(it.place)).collect();
        Self { folder: opened.folder.clone(), days: RwLock::new(opened.days.clone()), heads }
    }

    pub(super) fn lanes(&self) -> Vec<Lane> {
        (0..).map(Lane).take(self.heads.len()).collect()
    }

    /// Where one sees the last block of a lane, if there is such a lane.
    pub(super) fn head(&self, lane: Lane) -> Option<watch::Receiver<Place>> {
        self.heads.get(usize::from(lane.0)).map(watch::Sender::subscribe)
    }

    /// A block was stored.
    pub(super) fn announce(&self, lane: Lane, place: Place) {
        if let Some(head) = self.heads.get(usize::from(lane.0)) {
            head.send_replace(place);
        }
    }

    /// A day was begun; no block was stored in it yet.
    pub(super) fn add_day(&self, day: u32) {
        self.days.write().insert(day);
    }

    /// The days that have a file, from one to another, both included.
    pub(super) fn days_between(&self, from: u32, to: u32) -> Vec<u32> {
        self.days.read().range(from..=to).copied().collect()
    }

    /// Whether a day's file is not written any more.
    pub(super) fn is_over(&self, day: u32) -> bool {
        self.days.read().last().is_some_and(|last| day < *last)
    }

    /// What a trouble comes down to where the log lies.
    pub(super) fn look_at(&self, trouble: Trouble) -> Trouble {
        trouble.resolve(self.folder.path())
    }
}
