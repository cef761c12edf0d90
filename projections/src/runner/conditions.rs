//! What a query asks for, put together from constant pieces.

use store::Value;

/// Conditions that must all hold, with their arguments. The texts are ours; whatever comes from a caller is
/// an argument.
#[derive(Default)]
pub(crate) struct Conditions {
    texts: Vec<String>,
    args: Vec<Value>,
}

impl Conditions {
    /// Takes an argument and answers its placeholder.
    pub(crate) fn arg(&mut self, value: impl Into<Value>) -> String {
        self.args.push(value.into());
        format!("${}", self.args.len())
    }

    /// And this must hold.
    pub(crate) fn add(&mut self, text: impl Into<String>) {
        self.texts.push(text.into());
    }

    /// And the expression must compare so to the value.
    pub(crate) fn compare(&mut self, expression: &str, how: &str, value: impl Into<Value>) {
        let place = self.arg(value);
        self.add(format!("{expression} {how} {place}"));
    }

    /// And the expression must compare so to the value, if there is one.
    pub(crate) fn compare_if(&mut self, expression: &str, how: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.compare(expression, how, value);
        }
    }

    /// And the expression must be one of the values; of no values nothing is one.
    pub(crate) fn one_of<V: Into<Value>>(&mut self, expression: &str, values: impl IntoIterator<Item = V>) {
        let places: Vec<_> = values.into_iter().map(|it| self.arg(it)).collect();
        if places.is_empty() {
            self.add("1 = 0");
        } else {
            self.add(format!("{expression} IN ({})", places.join(", ")));
        }
    }

    /// And one of these must hold; of none, nothing does.
    pub(crate) fn any(&mut self, texts: &[String]) {
        if texts.is_empty() {
            self.add("1 = 0");
        } else {
            self.add(format!("({})", texts.join(" OR ")));
        }
    }

    /// The `WHERE` clause, empty without conditions, and the arguments.
    pub(crate) fn finish(self) -> (String, Vec<Value>) {
        let clause = match self.texts.as_slice() {
            [] => String::new(),
            texts => format!(" WHERE {}", texts.join(" AND ")),
        };
        (clause, self.args)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_arguments_and_never_text() {
        let mut conditions = Conditions::default();
        conditions.compare("a", "=", "x' OR 1=1");
        conditions.compare_if("b", "<", None::<i64>);
        conditions.one_of("c", [1, 2]);
        conditions.one_of("d", Vec::<i64>::new());
        let (clause, args) = conditions.finish();
        assert_eq!(clause, " WHERE a = $1 AND c IN ($2, $3) AND 1 = 0");
        assert_eq!(args, [Value::from("x' OR 1=1"), Value::from(1), Value::from(2)]);
    }
}
