//! Lays flags over environment over file over defaults.

use std::collections::HashMap;
use std::path::PathBuf;

use config::{Config, Environment, File, FileFormat};

use super::{Cli, SettingError, Settings};

/// Each setting's name, as in the file; upper case behind `GAMERA_` in the environment.
const NAMES: [&str; 16] = [
    "listen",
    "public_host",
    "mode",
    "city",
    "seats",
    "seed",
    "bots",
    "scene",
    "matches",
    "data_dir",
    "metrics",
    "admin",
    "drain_s",
    "per_address",
    "connections",
    "transport",
];

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A value does not fit its setting, or a setting is unknown.
    #[error("{0}; `gamera-server --print-config` prints every setting with its form")]
    Value(#[from] config::ConfigError),
    /// A value lies out of its range.
    #[error(transparent)]
    Range(#[from] SettingError),
}

/// The settings in force. `environment` looks a variable up.
///
/// # Errors
/// When the file cannot be read or a value is wrong.
pub fn load(cli: &Cli, environment: &dyn Fn(&str) -> Option<String>) -> Result<Settings, ConfigError> {
    let mut builder = Config::builder();
    if let Some(path) = &cli.config {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::File { path: path.clone(), source })?;
        builder = builder.add_source(File::from_str(&text, FileFormat::Toml));
    }
    let variables: HashMap<String, String> =
        NAMES.iter().filter_map(|name| Some(((*name).to_owned(), environment(&variable(name))?))).collect();
    builder = builder.add_source(Environment::default().source(Some(variables)));
    for (name, value) in cli.given() {
        builder = builder.set_override(name, value)?;
    }
    let settings: Settings = builder.build()?.try_deserialize()?;
    settings.check()?;
    Ok(settings)
}

fn variable(name: &str) -> String {
    format!("GAMERA_{}", name.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{BotsSetting, ModeSetting};

    fn nothing(_: &str) -> Option<String> {
        None
    }

    #[test]
    fn a_flag_wins_over_the_environment_the_environment_over_the_file_the_file_over_defaults() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("server.toml");
        std::fs::write(&path, "seats = 3\nmode = \"quick\"\nbots = \"hard\"\nseed = 7\n").unwrap();
        let cli = Cli { config: Some(path), seats: Some(128), ..Cli::default() };
        let environment = |name: &str| match name {
            "GAMERA_SEATS" => Some("64".to_owned()),
            "GAMERA_BOTS" => Some("off".to_owned()),
            _ => None,
        };
        let settings = load(&cli, &environment).unwrap();
        assert_eq!(settings.seats, 128);
        assert_eq!(settings.bots, BotsSetting::Off);
        assert_eq!(settings.mode, ModeSetting::Quick);
        assert_eq!(settings.seed, Some(7));
        assert_eq!(settings.drain_s, Settings::default().drain_s);
    }

    #[test]
    fn the_defaults_are_in_force_where_nothing_is_said() {
        assert_eq!(load(&Cli::default(), &nothing).unwrap(), Settings::default());
    }

    #[test]
    fn a_wrong_setting_is_named() {
        for (text, part) in [
            ("seat = 3", "seat"),
            ("seats = \"many\"", "seats"),
            ("bots = \"genius\"", "genius"),
            ("seats = 2", "--seats 2"),
            ("listen = \"here\"", "listen"),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("server.toml");
            std::fs::write(&path, text).unwrap();
            let error = load(&Cli { config: Some(path), ..Cli::default() }, &nothing).unwrap_err();
            assert!(error.to_string().contains(part), "{text}: {error}");
        }
        let missing = Cli { config: Some("no/such.toml".into()), ..Cli::default() };
        assert!(load(&missing, &nothing).unwrap_err().to_string().contains("no/such.toml"));
    }

    #[test]
    fn every_setting_can_be_read_back_from_what_is_printed() {
        let settings = Settings { seed: Some(9), metrics: Some(([127, 0, 0, 1], 9).into()), ..Settings::default() };
        let printed = settings.to_toml();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("server.toml");
        std::fs::write(&path, printed).unwrap();
        assert_eq!(load(&Cli { config: Some(path), ..Cli::default() }, &nothing).unwrap(), settings);
    }
}
