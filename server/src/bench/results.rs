//! The file of results: one table, one row a figure, those of an area replaced when it is measured again.

use std::{fs, io, path::Path, time::SystemTime};

use domain::time::Timestamp;

use super::{figure::Figure, machine};

const TITLE: &str = "\
# Results of `make bench`

Ratios against baselines in the same run; [README.md](README.md) says what each is. The ratio is the median over the
rounds, with the least and the most of them in parentheses.
";

const HEAD: &str = "\
| area | what | ours | baseline | ratio | reach | verdict | command | date | load, processor |
|---|---|---|---|---|---|---|---|---|---|
";

/// The rows that there are.
pub(super) struct Results {
    rows: Vec<String>,
}

impl Results {
    /// Reads the rows; a file that is not there has none.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub(super) fn read(path: &Path) -> io::Result<Self> {
        match fs::read_to_string(path) {
            Ok(text) => Ok(Self::of(&text)),
            Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(Self { rows: Vec::new() }),
            Err(err) => Err(err),
        }
    }

    fn of(text: &str) -> Self {
        let rows = text.lines().filter(|it| it.starts_with("| ") && !HEAD.contains(*it));
        Self { rows: rows.map(str::to_owned).collect() }
    }

    /// Puts figures of an area in the place of those that there are.
    pub(super) fn replace(&mut self, area: &str, figures: &[Figure]) {
        let own = format!("| {area} |");
        self.rows.retain(|it| !it.starts_with(&own));
        let about = format!("`{}` | {} | {}, {}", command(), date(), machine::load(), machine::processor());
        self.rows.extend(figures.iter().map(|it| row(area, it, &about)));
        // Areas in the order of their names, figures of an area as they were measured.
        self.rows.sort_by(|one, other| area_of(one).cmp(area_of(other)));
    }

    /// Writes the file; makes its folder where there is none.
    ///
    /// # Errors
    /// When the system refuses.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, self.text())
    }

    fn text(&self) -> String {
        format!("{TITLE}\n{HEAD}{}\n", self.rows.join("\n"))
    }
}

fn row(area: &str, figure: &Figure, about: &str) -> String {
    let Figure { what, ours, baseline, ratio, .. } = figure;
    let (reach, verdict) = (figure.reach(), figure.verdict());
    format!("| {area} | {what} | {ours} | {baseline} | {ratio} | {reach} | {verdict} | {about} |")
}

fn area_of(row: &str) -> &str {
    row.split('|').nth(1).unwrap_or_default()
}

/// The command, as others can say it.
fn command() -> String {
    let said: Vec<String> = std::env::args().skip(1).collect();
    format!("counterfoil {}", said.join(" "))
}

/// Today, as RFC 3339 has it.
fn date() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let now = Timestamp::from_micros(i64::try_from(now.as_micros()).unwrap_or(i64::MAX)).to_string();
    now.split('T').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::{figure::Reach, rounds::Spread};
    use super::*;

    fn figure(what: &str) -> Figure {
        let ratio = Spread { least: 0.8, median: 0.9, most: 1.0 };
        Figure {
            what: what.to_owned(),
            ours: "9 a second".to_owned(),
            baseline: "10 a second".to_owned(),
            ratio,
            reach: Reach::AtLeast(0.9),
        }
    }

    #[test]
    fn measuring_an_area_again_replaces_its_rows_and_keeps_the_others() {
        let mut results = Results { rows: Vec::new() };
        results.replace("verify", &[figure("rate"), figure("time")]);
        results.replace("gate", &[figure("core")]);
        let mut again = Results::of(&results.text());
        again.replace("verify", &[figure("both")]);
        let shown: Vec<_> = again.rows.iter().map(|it| it.split(" | ").take(6).collect::<Vec<_>>()).collect();
        let rest = ["9 a second", "10 a second", "0.90 (0.80–1.00)", "at least 0.9"];
        let row = |area, what| [&[area, what][..], &rest].concat();
        assert_eq!(shown, [row("| gate", "core"), row("| verify", "both")]);
    }

    #[test]
    fn today_is_a_date() {
        assert_eq!(date().len(), "2027-01-15".len());
    }
}
