//! What an erasure takes from the tables.

use domain::{actor::Holder, ids::OrganizationId, subject::Subject};

use super::{At, Tables, Token};

impl Tables {
    /// Lets go of what an erased subject has here. Nobody acts for a member who is erased.
    pub(super) fn erase(&mut self, subject: Subject) {
        self.erased.push(subject);
        match subject {
            Subject::Member(id) => {
                let row = self.holders.find(Holder::Member(id)).and_then(|it| self.holders.get_mut(it));
                if let Some(row) = row {
                    row.standing = None;
                }
            }
            Subject::Organization(id) => self.erase_texts(id),
            // The gate knows nothing of strangers.
            Subject::Unauthenticated(_) => {}
        }
    }

    /// Lets go of what callers wrote about an organisation's tokens.
    fn erase_texts(&mut self, id: OrganizationId) {
        let Some(organization) = self.organizations.find(id) else { return };
        let its = |it: &(&Token, u32)| it.0.organization == Some(organization);
        let numbers: Vec<u32> = self.tokens.rows().iter().zip(1..).filter(its).map(|it| it.1).collect();
        for number in numbers {
            // Only what is changed is taken from who shares it.
            let at = At::of_number(number, self.tokens.rows().len());
            let Some(token) = at.and_then(|it| self.tokens.get_mut(it)) else { continue };
            self.texts.erase(&mut token.name);
            if let Some(extras) = &mut token.extras {
                (extras.metadata, extras.external_id) = (None, None);
            }
            // As if it had been issued without them.
            token.extras.take_if(|it| it.starts_at.is_none());
        }
    }
}
