use std::{ffi::OsString, fs, path::PathBuf};

use super::*;

fn environment(variables: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    variables.iter().map(|(name, value)| (name.into(), value.into())).collect()
}

fn from_file(text: &str, variables: &[(&str, &str)], flags: &Flags) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("conf.toml");
    fs::write(&path, text).unwrap();
    Config::load(Some(&path), environment(variables), flags).map_err(|err| {
        let text = err.to_string();
        text.replace(&format!("{}/", folder.path().display()), "")
    })
}

fn refusal(text: &str) -> String {
    from_file(text, &[], &Flags::default()).unwrap_err()
}

fn environment_refusal(variables: &[(&str, &str)]) -> String {
    from_file("", variables, &Flags::default()).unwrap_err()
}

#[test]
fn without_file_variables_or_flags_the_embedded_default_holds() {
    let config = Config::load(None, [], &Flags::default()).unwrap();
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.server.data, PathBuf::from("./counterfoil-data"));
    assert_eq!(config.server.operator_token_file, None);
    assert_eq!(config.server.public_url, None);
    assert!(!config.server.allow_plain_http);
    assert_eq!(config.ledger.url, EngineUrl::Sqlite);
    assert_eq!(config.keys.dir, PathBuf::from("./counterfoil-data/keys"));
    assert_eq!(config.log.format, None);
    assert_eq!(config.log.filter, "info");
}

#[test]
fn every_supported_key_is_in_the_embedded_file_and_no_other() {
    let lines = EMBEDDED.lines().map(|line| match line.strip_prefix("# ") {
        Some(key) if key.contains(" = \"") && !key.contains(',') => key,
        _ => line,
    });
    let uncommented = lines.collect::<Vec<_>>().join("\n");
    let layer = file::read(&uncommented, |_| Source::Default);
    assert_eq!(layer.faults, []);
    let mut named: Vec<_> = layer.settings.iter().map(|it| it.key.name).collect();
    let supported = key::KEYS.iter().filter(|it| it.supported);
    let mut expected: Vec<_> = supported.map(|it| it.name).collect();
    named.sort_unstable();
    expected.sort_unstable();
    assert_eq!(named, expected);
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let text = "[server]\nlisten = \"127.0.0.1:1\"\ndata = \"file\"\n[log]\nfilter = \"warn\"\n";
    let variables =
        [("COUNTERFOIL_SERVER_LISTEN", "127.0.0.1:2"), ("COUNTERFOIL_SERVER_DATA", "environment")];
    let flags = Flags { listen: Some("127.0.0.1:3".to_owned()), ..Flags::default() };
    let config = from_file(text, &variables, &flags).unwrap();
    assert_eq!(config.server.listen.port(), 3);
    assert_eq!(config.server.data, PathBuf::from("environment"));
    assert_eq!(config.log.filter, "warn");
}

#[test]
fn the_effective_configuration_names_sources_and_is_a_configuration() {
    let text = "[log]\nfilter = \"warn\"\n";
    let variables = [("COUNTERFOIL_SERVER_DATA", "/srv/c\"9d")];
    let flags = Flags { listen: Some("127.0.0.1:3".to_owned()), ..Flags::default() };
    let config = from_file(text, &variables, &flags).unwrap();
    let listing = config.effective().to_string();
    for line in [
        "listen = \"127.0.0.1:3\" # --listen",
        "allow_plain_http = false # default",
        "data = '/srv/c\"9d' # COUNTERFOIL_SERVER_DATA",
        "dir = '/srv/c\"9d/keys' # default: `keys` in the data folder",
    ] {
        assert!(listing.contains(line), "{line} is not in\n{listing}");
    }
    assert!(listing.contains("conf.toml:2"), "{listing}");
    let again = from_file(&listing, &[], &Flags::default()).unwrap();
    assert_eq!(again.server, config.server);
    assert_eq!(again.log, config.log);
    assert_eq!(again.keys, config.keys);
}

#[test]
fn all_faults_are_told_at_once_with_line_and_remedy() {
    let text = "[server]\nlistn = \"127.0.0.1:1\"\nlisten = \"localhost\"\n\n[usage]\nlanes = 4\n";
    assert_eq!(
        refusal(text),
        "the configuration is refused\
         \n  conf.toml:2: `server.listn` is not a key; did you mean `server.listen`?\
         \n  conf.toml:6: `usage.lanes` is not supported by this version; remove it: it would have \
         no effect\
         \n  conf.toml:3: `server.listen` = \"localhost\": this is not an address and a port; write \
         one such as 127.0.0.1:8080 or [::1]:8080"
    );
}

#[test]
fn a_file_that_is_not_toml_is_refused_at_its_line() {
    let text = refusal("[server]\nlisten = \n");
    assert!(text.contains("conf.toml:2: "), "{text}");
    let twice = refusal("[log]\nfilter = \"info\"\nfilter = \"warn\"\n");
    assert!(twice.contains("conf.toml:3: duplicate key"), "{twice}");
}

#[test]
fn a_file_that_is_missing_is_named() {
    let err = Config::load(Some(Path::new("absent.toml")), [], &Flags::default()).unwrap_err();
    assert_eq!(err.to_string(), "failed to read the configuration `absent.toml`");
}

#[test]
fn values_of_another_kind_are_refused() {
    for (text, expected) in [
        ("[server]\nlisten = 8080\n", "text is needed, not integer"),
        ("[server]\ndata = true\n", "text is needed, not a boolean"),
        ("[server]\ndata = \"\"\n", "the text is empty"),
        ("[server]\nallow_plain_http = \"yes\"\n", "neither true nor false"),
        ("[server.listen]\nport = 1\n", "text is needed, not table"),
        ("server = 1\n", "`server` is not a key"),
        ("[log]\nformat = \"xml\"\n", "there is no such format"),
        ("[log]\nfilter = \"api=loud\"\n", "this is not a filter"),
        ("[server]\npublic_url = \"tokens.example\"\n", "this is not a URL"),
        ("[server]\npublic_url = \"ftp://example\"\n", "not a plain http or https"),
    ] {
        let refusal = refusal(text);
        assert!(refusal.contains(expected), "{refusal}");
    }
}

#[test]
fn keys_of_the_reference_that_come_later_are_told_apart_from_unknown_ones() {
    for text in [
        "[server.tls]\nkey = \"k\"\n",
        "[kafka]\n\"security.protocol\" = \"ssl\"\n",
        "[smtp]\nurl = \"smtp://example\"\n",
    ] {
        assert!(refusal(text).contains("not supported by this version"));
    }
}

#[test]
fn plain_http_beyond_loopback_must_be_asked_for() {
    let refusal = refusal("[server]\nlisten = \"0.0.0.0:8080\"\n");
    assert!(refusal.contains("allow_plain_http = true"), "{refusal}");
    for text in [
        "[server]\nlisten = \"0.0.0.0:8080\"\nallow_plain_http = true\n",
        "[server]\nlisten = \"[::1]:8080\"\n",
        "[server]\nlisten = \"[::ffff:127.0.0.1]:8080\"\n",
    ] {
        from_file(text, &[], &Flags::default()).unwrap();
    }
}

#[test]
fn an_engine_that_this_version_lacks_is_refused_without_repeating_its_password() {
    let refusal = refusal("[ledger]\nurl = \"postgres://ada:hunter2@db/c9d\"\n");
    assert!(refusal.contains("conf.toml:2: `ledger.url`: this version has only SQLite"));
    assert!(!refusal.contains("hunter2"), "{refusal}");
}

#[test]
fn unknown_variables_are_refused_and_those_of_others_ignored() {
    let near = environment_refusal(&[("COUNTERFOIL_SERVER_LISTN", "x"), ("PATH", "/bin")]);
    assert!(near.contains("did you mean `COUNTERFOIL_SERVER_LISTEN`?"), "{near}");
    let later = environment_refusal(&[("COUNTERFOIL_METRICS_LISTEN", "")]);
    assert!(later.contains("not supported by this version"), "{later}");
}

#[test]
fn booleans_come_as_text_from_the_environment() {
    let variables =
        [("COUNTERFOIL_SERVER_LISTEN", "0.0.0.0:1"), ("COUNTERFOIL_SERVER_ALLOW_PLAIN_HTTP", "true")];
    from_file("", &variables, &Flags::default()).unwrap();
}

#[test]
fn a_value_that_may_hold_a_password_may_come_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("url");
    fs::write(&path, "sqlite:\n").unwrap();
    let path = path.to_str().unwrap();
    let variable = ("COUNTERFOIL_LEDGER_URL_FILE", path);
    let config = from_file("", &[variable], &Flags::default()).unwrap();
    let listing = config.effective().to_string();
    assert!(listing.contains("# COUNTERFOIL_LEDGER_URL_FILE"), "{listing}");

    let twice = environment_refusal(&[variable, ("COUNTERFOIL_LEDGER_URL", "sqlite:")]);
    assert!(twice.contains("give it once"), "{twice}");
    let plain = environment_refusal(&[("COUNTERFOIL_SERVER_LISTEN_FILE", path)]);
    assert!(plain.contains("the variable is not a key"), "{plain}");
}
