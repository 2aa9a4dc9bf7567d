use amiaudit::report::{FORMATS, plain};
use proptest::prelude::*;

use super::report;
use crate::support::rows::parse;

#[test]
fn plain_shows_what_would_act() {
    assert_eq!(plain("a\u{1b}[2Jb\nc"), "a\\u{1b}[2Jb\\u{a}c");
    assert_eq!(plain("x\u{202e}y\u{200b}"), "x\\u{202e}y\\u{200b}");
    assert_eq!(plain("naïve 名前"), "naïve 名前");
}

proptest! {
    /// Whatever an image is called: no cell starts like a formula, and every cell reads back.
    #[test]
    fn names_survive_csv_and_never_run(name in "(=|\\+|-|@|\t|\r|\n|＝|)(?s:.{0,40})") {
        let mut report = report();
        let mut shares = report.shares.clone();
        for assessed in &mut shares {
            let mut image = (*assessed.share.image).clone();
            image.name.clone_from(&name);
            assessed.share.image = image.into();
        }
        report.shares = shares;
        let format = FORMATS.iter().find(|format| format.file() == "shares.csv").unwrap();
        let mut bytes = Vec::new();
        prop_assert_eq!(format.render(&report, &mut bytes).unwrap(), Some(4));
        let rows = parse(&bytes);
        prop_assert_eq!(rows.len(), 4);
        for row in rows {
            let cell = &row["image_name"];
            prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']), "{:?}", cell);
            prop_assert_eq!(cell.strip_prefix('\'').filter(|rest| *rest == name).unwrap_or(cell), &name);
        }
    }

    #[test]
    fn plain_never_lets_a_control_through(text in any::<String>()) {
        prop_assert!(!plain(&text).chars().any(char::is_control));
    }
}
