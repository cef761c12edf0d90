//! The usage log's blocks: every decision, in few bytes, personal data sealed.
//!
//! What a gate decides is [`Unrecorded`] until an [`Intake`] takes it in, which keeps it in a [`Page`]. A
//! [`SegmentWriter`] takes decisions and closes blocks; a [`ClosedBlock`] is sealed and encoded;
//! [`Block::decode`] reads any bytes; a [`SegmentReader`] turns blocks into decisions, starting
//! anywhere, and a [`Glossary`] turns single rows of single blocks into decisions. Logs, clocks and
//! keyrings are unknown here.
//!
//! # Format
//! Stored bytes are never written again: what stands here MUST NEVER CHANGE. A *number* is a
//! varint (LEB128, at most 64 bits); *zigzag* maps 0, -1, 1, -2 … to 0, 1, 2, 3 …; other
//! integers are big endian. A *reference* is one more than a number given in the segment, 0 being
//! none.
//!
//! ## Block
//! | part | content |
//! |---|---|
//! | format | one byte, `0x01`: a block of decisions. Blocks of other things take other bytes |
//! | node start | 8 bytes |
//! | numbers | lane, segment, sequence, index in the segment, position of the segment's first block (0 in itself), incarnation of the ledger, time of the first row (zigzag, µs since 1970 UTC), how far the earliest row is before it, how far the latest is after it (µs), rows (1 to 4,096), counter of the first row, gate position of the first row |
//! | numbering | for subjects, organisations, tokens, clients, texts: how many the segment had before, how many this block adds (numbers) |
//! | text boxes | how many (a number) |
//! | counts | how many pairs, then reference of an organisation and its decisions (numbers), ascending |
//! | directory | how many columns (a number), then for each, ascending: column (one byte), encoding (one byte), length of its body (a number) |
//! | bodies | of the columns, in the directory's order |
//! | checksum | the first 8 bytes of SHA-256 over all before |
//!
//! A column that a reader does not know is skipped; one that is absent is 0 (or empty) throughout.
//!
//! ## Encodings
//! | byte | values | body |
//! |---|---|---|
//! | `0x01` | numbers | one number, the same for all |
//! | `0x02` | numbers | one after the other |
//! | `0x03` | numbers | the least (number), bits each (one byte, 1 to 64), then what each exceeds the least by in that many bits, lowest bit first, filled up with zeros |
//! | `0x04` | numbers | pairs: a number, and how often it follows (number) |
//! | `0x05` | ids | bytes each (one byte, 1 to 16), then the ids |
//! | `0x06` | strings | each behind its length (number) |
//! | `0x82`, `0x86` | | length of the body `0x02` or `0x06` (number), then that as one zstd frame |
//!
//! ## Columns
//! | column | one value for each | meaning |
//! |---|---|---|
//! | 1 | row | time: zigzag of µs after the row before; 0 for the first |
//! | 2 | row | request counter: zigzag of what it exceeds the row before by, less 1; 0 for the first |
//! | 3, 4 | row | token asked about, and the caller's: references of tokens |
//! | 5, 6 | row | client, organisation: 0 for what the token's entry names, else one more than the reference |
//! | 7, 8 | row | [`Outcome`], [`Layer`] |
//! | 9, 10, 11, 12 | row | permission, endpoint, service, environment: references of texts |
//! | 13 | row | how many limits were charged, at most 16 |
//! | 14 | row | 1 for a peek |
//! | 15 | row | decisions that the row stands for, beyond one |
//! | 16 | row | gate position: zigzag of what it exceeds the row before by; 0 for the first |
//! | 17 | row | one more than the place of the text box with the caller's request id, 0 for none |
//! | 32, 33 | limit charged, in order of the rows | number of the text that names it; units |
//! | 40 | new subject | its text |
//! | 41, 42 | new organisation | id; number of its subject |
//! | 43, 44, 45, 46 | new token | id; id of the secret version; usual organisation, usual client (references) |
//! | 47, 48 | new client | number of its subject; sealed entry |
//! | 49 | new text | place of the block's text box that it lies in |
//! | 50, 51 | text box | number of its subject; sealed box |
//!
//! New things take the next numbers of their kind, from 0, in the order of their columns.
//!
//! ## Sealed entries
//! Sealed as [`sealing`](crate::sealing) says for entries, under the nonce
//! `node start (8) ‖ lane (2) ‖ segment (4) ‖ kind (1) ‖ 0x00 ‖ number (8)`, which is not stored:
//!
//! - **Client** (kind 1, its number): form of the address (0 none, 1 IPv4, 2 IPv6, 3 IPv4 /24,
//!   4 IPv6 /48) and its 0, 4, 16, 3 or 6 bytes; 0 for no user agent, or 1 and the user agent to
//!   the end: ASCII from 0x20 to 0x7f as itself, a byte from 0x80 for a phrase of the fixed list,
//!   0 before any other byte.
//! - **Text box** (kind 2, index of the block × 2³² + number of the subject; one a subject in each
//!   block): 0 and strings, or 1 and these compressed as above. First the new texts of the
//!   subject, in order of their numbers, then the callers' request ids, in order of the rows.
//!
//! ## Request id
//! `req_` and 22 base62 digits (`0-9A-Za-z`) of AES-128 over
//! `node start (8) ‖ lane (2) ‖ counter (6)`.

mod address;
mod block;
mod builder;
mod closed;
mod cursor;
mod decided;
mod decision;
mod dictionary;
mod directory;
mod entry;
mod error;
mod fold;
mod glossary;
mod header;
mod intake;
mod numbers;
mod outcome;
mod packing;
mod page;
mod phrases;
mod place;
mod reader;
mod record;
mod references;
mod request_id;
mod row;
mod sealed;
mod segment;
mod strings;
mod unrecorded;
mod writer;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod lane;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod sizes;
#[cfg(test)]
mod testing;

pub use address::Address;
pub use block::Block;
pub use builder::{BlockState, MAX_BYTES, MAX_ROWS, MAX_SPAN_US};
pub use closed::{ClosedBlock, MissingKey};
pub use decided::{Asker, Circumstances, Decided};
pub use decision::{Client, Cost, Credential, Decision, Endpoint, MAX_COSTS, MAX_TEXT_BYTES, Organization};
pub use entry::{Beside, Entry, EntryKind, References, TokenEntry};
pub use error::BlockError;
pub use fold::MOST_FOLDED;
pub use glossary::Glossary;
pub use header::{Header, MAX_NUMBERED};
pub use intake::Intake;
pub use outcome::{Layer, Outcome};
pub use page::{Page, PageRow};
pub use place::{NodeStart, SegmentPlace, day_of, unauthenticated};
pub use reader::{ReadError, SegmentReader, Standing};
pub use record::{Opened, RecordedClient, RecordedDecision, Text};
pub use request_id::{Locator, MAX_COUNTER, RequestIds};
pub use sealed::ClientDetails;
pub use unrecorded::{AsColumn, OnRecord, Receipt, Unrecorded};
pub use writer::{MAX_ENTRY_BYTES, MAX_SEGMENT_BYTES, PushError, SegmentWriter};
