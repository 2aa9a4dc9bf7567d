//! Broken policy files: every problem of each, at its line.

use amiaudit::judge::policy::parse;

const SIGNED: &str = "owner = \"o\"\nreason = \"r\"\nexpires = 2026-12-31\n";

/// A file, and its problems: the line, and a part of the message.
type Broken = (&'static str, &'static [(usize, &'static str)]);

/// In these, `@` stands for the three lines of an approval.
const FILES: &[Broken] = &[
    ("[[trusted]]\naccounts = [\"12\"]\n@", &[(2, "12 digits")]),
    ("[[trusted]]\naccounts = [111122223333]\n@", &[(2, "holds texts, not integer")]),
    ("[[trusted]]\nname = \"x\"\n@", &[(1, "trusts nobody")]),
    (
        "[[trusted]]\naccounts = [\"111122223333\"]\n",
        &[(1, "no `owner`"), (1, "no `reason`"), (1, "no `expires`")],
    ),
    (
        "[[trusted]]\naccounts = [\"111122223333\"]\nowner = \"\"\nreason = 3\nexpires = \"soon\"\n",
        &[(3, "`owner` is empty"), (4, "`reason` is a text"), (5, "not a date")],
    ),
    (
        "[[trusted]]\norganizations = [\"o-x\"]\nous = [\"ou-ab12-cd34ef56\"]\n@",
        &[(2, "organization"), (3, "unit's ARN")],
    ),
    ("[[trusted]]\naccount = \"111122223333\"\naccounts = [\"111122223333\"]\n@", &[(3, "the same key")]),
    ("[[exception]]\naccount = \"111122223333\"\n@", &[(1, "no `grantee`")]),
    ("[[exception]]\ngrantee = \"111122223333\"\n@", &[(1, "neither account nor image")]),
    (
        "[[exception]]\nimage = \"ami-1\"\nimage_name = \"web-*\"\ngrantee = \"111122223333\"\n@",
        &[(1, "without an `account`")],
    ),
    ("[[exception]]\ntags = { team = \"*\" }\ngrantee = \"111122223333\"\n@", &[(1, "without an `account`")]),
    (
        "[[exception]]\naccount = \"111122223333\"\nimage_name = \"web-*\"\ngrantee = \"public\"\n@",
        &[(4, "public share needs an entry of its own")],
    ),
    ("[[exception]]\naccount = \"111122223333\"\ngrantee = \"public\"\n@", &[(3, "public share needs")]),
    ("[[exception]]\nimage = \"ami-1\"\ngrantee = \"all\"\n@", &[(3, "public share needs")]),
    (
        "[[exception]]\nimage = \"ami-1\"\ngrantees = [\"111122223333\", \"friend\"]\n@",
        &[(3, "\"friend\" is not a grantee")],
    ),
    ("[[exception]]\nfinding_id = \"f-1\"\ngroup_id = \"g-1\"\n@", &[(1, "tied to one id")]),
    ("[[exception]]\nfinding_id = \"f-1\"\naccount = \"111122223333\"\n@", &[(1, "has a scope already")]),
    (
        "[[intended_public]]\nimages = [\"ami-1\"]\nimage_name = \"web-*\"\n@",
        &[(1, "no `account`"), (3, "no key `image_name`")],
    ),
    ("[[expected_gap]]\nregion = \"frankfurt\"\n@", &[(1, "no `account`"), (2, "not an AWS Region")]),
    ("[[intended_public]]\naccount = \"111122223333\"\nname = \"web-*\"\n@", &[(3, "no key `name`")]),
    (
        "[[exception]]\nimage = \"ami-1\"\nname = \"web-*\"\ngrantee = \"111122223333\"\n@",
        &[(3, "no key `name`")],
    ),
    (
        "[[trusted]]\naccounts = [\"111122223333\"]\nowner = \"o\"\nreason = \"r\"\nexpires = 2026-06-01T00:00:01\n",
        &[(5, "not a date")],
    ),
    (
        "[[trusted]]\naccounts = [\"111122223333\"]\nowner = \"o\"\nreason = \"r\"\nexpires = \"2026-06-01 00:00\"\n",
        &[(5, "not a date")],
    ),
    ("[[boundary]]\nname = \"pci\"\n", &[(1, "holds nobody")]),
    ("[severity]\npublic-amis = \"high\"\npublic-ami = \"bad\"\n", &[(2, "no rule"), (3, "not a severity")]),
    ("[[trusteed]]\naccounts = []\n\n[exception]\nx = 1\n", &[(1, "no `trusteed`"), (4, "list of tables")]),
    ("[[trusted]]\naccounts = [\"111122223333\"]\nexpries = 2026-12-31\n@", &[(3, "no key `expries`")]),
    ("[[trusted]]\naccounts = [\"111122223333\"]\n@approved_at = 2027-12-31\n", &[(6, "after `expires`")]),
    (
        "[[trusted]]\naccounts = [\"111122223333\"]\n@\n[[trusted]]\naccounts = [\"111122223333\"]\n@",
        &[(7, "the entry in line 1")],
    ),
    ("[[trusted]]\naccounts = [\n@", &[(3, "")]),
];

#[test]
fn every_problem_at_its_line() {
    assert!(FILES.len() >= 20);
    for (file, expected) in FILES {
        let text = file.replace('@', SIGNED);
        let problems = parse(&text).expect_err(file);
        let found: Vec<(usize, &str)> = problems
            .iter()
            .map(|problem| (text[..problem.span.start].matches('\n').count() + 1, problem.message.as_str()))
            .collect();
        if expected.iter().all(|(_, part)| !part.is_empty()) {
            assert_eq!(found.len(), expected.len(), "{text}\n{found:#?}");
        }
        for (line, part) in *expected {
            assert!(
                found.iter().any(|(at, message)| at == line && message.contains(part)),
                "{line}: {part}\n{text}\n{found:#?}"
            );
        }
    }
}

#[test]
fn a_slip_is_answered_with_the_word_that_was_meant() {
    let problems = parse("[[exceptoin]]\n").unwrap_err();
    assert_eq!(problems[0].help, "did you mean `exception`?");
    let problems = parse("[[boundary]]\nacounts = []\n").unwrap_err();
    assert!(problems.iter().any(|problem| problem.help == "did you mean `accounts`?"), "{problems:#?}");
}

#[test]
fn the_template_has_no_problem_with_and_without_its_marks() {
    use amiaudit::judge::policy::TEMPLATE;
    assert_eq!(parse(TEMPLATE).unwrap().entries(), 0);
    let uncommented: String = TEMPLATE
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.starts_with('[') || rest.contains(" = ") => rest.to_owned() + "\n",
            _ => line.to_owned() + "\n",
        })
        .collect();
    let policy = parse(&uncommented).unwrap_or_else(|problems| panic!("{problems:#?}\n{uncommented}"));
    assert_eq!(policy.entries(), 4);
}
