//! How a check of all pages is broken off: it must hold up no exit, begun or not.

use parking_lot::Mutex;
use rusqlite::{Connection, InterruptHandle, ffi};

/// Whether a check may go on.
#[derive(Default)]
pub(super) struct Checking(Mutex<State>);

#[derive(Default)]
enum State {
    #[default]
    Idle,
    Running(InterruptHandle),
    Closed,
}

impl Checking {
    /// Asked before a check touches the file.
    ///
    /// # Errors
    /// That it was interrupted, as SQLite says it.
    pub(super) fn go_on(&self) -> rusqlite::Result<()> {
        refuse_if_closed(&self.0.lock())
    }

    /// Asked before each step of a check: SQLite forgets an interruption between two statements.
    ///
    /// # Errors
    /// As [`go_on`](Self::go_on).
    pub(super) fn go_on_with(&self, connection: &Connection) -> rusqlite::Result<()> {
        let mut state = self.0.lock();
        refuse_if_closed(&state)?;
        *state = State::Running(connection.get_interrupt_handle());
        Ok(())
    }

    /// Breaks off the check that runs, and those that are still to come.
    pub(super) fn close(&self) {
        let before = std::mem::replace(&mut *self.0.lock(), State::Closed);
        if let State::Running(handle) = before {
            handle.interrupt();
        }
    }
}

fn refuse_if_closed(state: &State) -> rusqlite::Result<()> {
    match state {
        State::Closed => Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_INTERRUPT), None)),
        State::Idle | State::Running(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_is_broken_off_between_two_steps_does_not_take_the_second() {
        let connection = Connection::open_in_memory().unwrap();
        let checking = Checking::default();
        assert_eq!(checking.go_on_with(&connection), Ok(()));
        checking.close();
        let code = |refused: rusqlite::Result<()>| refused.unwrap_err().sqlite_error_code();
        assert_eq!(code(checking.go_on_with(&connection)), Some(rusqlite::ErrorCode::OperationInterrupted));
        assert_eq!(code(checking.go_on()), Some(rusqlite::ErrorCode::OperationInterrupted));
    }
}
