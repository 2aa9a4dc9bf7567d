//! A policy is never wider than it is written.

use amiaudit::judge::Judgement;
use amiaudit::model::share::{Share, Verdict};
use proptest::prelude::*;

use crate::support::build::{
    CLOSED, HOME, MEMBER, OUR_ORG, OUR_OU, SIGNED, STRANGER, THEIR_ORG, THEIR_OU, judge_under, organization,
    share,
};

const OWNERS: [&str; 2] = [HOME, MEMBER];
const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];
const IMAGES: [&str; 3] = ["ami-1", "ami-2", "ami-3"];
const GRANTEES: [&str; 10] =
    ["all", HOME, MEMBER, CLOSED, STRANGER, "444444444444", OUR_ORG, OUR_OU, THEIR_ORG, THEIR_OU];

fn shares() -> impl Strategy<Value = Vec<Share>> {
    let one = (0..2usize, 0..2usize, 0..3usize, 0..10usize).prop_map(|(owner, region, image, to)| {
        share(OWNERS[owner], REGIONS[region], IMAGES[image], GRANTEES[to])
    });
    proptest::collection::vec(one, 0..25).prop_map(|mut shares| {
        shares.sort_by_key(|s| (s.place.clone(), s.image.id.clone(), s.grantee.clone()));
        shares.dedup_by_key(|s| (s.place.clone(), s.image.id.clone(), s.grantee.clone()));
        shares
    })
}

/// An entry as text, and whether it covers a share, told from what is written alone.
#[derive(Debug, Clone)]
struct Written {
    text: String,
    owner: Option<&'static str>,
    region: Option<&'static str>,
    image: Option<&'static str>,
    grantee: &'static str,
    trusted: bool,
}

impl Written {
    fn covers(&self, share: &Share) -> bool {
        let is = |wanted: Option<&str>, found: &str| wanted.is_none_or(|wanted| wanted == found);
        let label = share.grantee.label();
        let grantee =
            label == self.grantee || (self.trusted && self.grantee == THEIR_ORG && label == THEIR_OU);
        grantee
            && is(self.owner, &share.place.account.to_string())
            && is(self.region, share.place.region.as_str())
            && is(self.image, share.image.id.as_str())
    }
}

fn entries() -> impl Strategy<Value = Written> {
    (any::<bool>(), 0..3usize, 0..3usize, 0..4usize, 1..10usize).prop_map(
        |(trusted, owner, region, image, to)| {
            let grantee = GRANTEES[to];
            let key = match grantee {
                _ if grantee.contains(":ou/") => "ou",
                _ if grantee.contains(":organization/") => "organization",
                _ => "account",
            };
            if trusted {
                let text = format!("[[trusted]]\n{key} = \"{grantee}\"\n{SIGNED}");
                return Written { text, owner: None, region: None, image: None, grantee, trusted };
            }
            let (owner, region) = (OWNERS.get(owner).copied(), REGIONS.get(region).copied());
            let image = if owner.is_none() { Some(IMAGES[image % 3]) } else { IMAGES.get(image).copied() };
            let mut text = format!("[[exception]]\ngrantee = \"{grantee}\"\n");
            for (name, value) in [("account", owner), ("region", region), ("image", image)] {
                if let Some(value) = value {
                    text += &format!("{name} = \"{value}\"\n");
                }
            }
            Written { text: text + SIGNED, owner, region, image, grantee, trusted }
        },
    )
}

fn judged(policy: &str, shares: &[Share]) -> Judgement {
    judge_under(policy, shares.to_vec(), &[], &organization())
}

/// The open findings about shares.
fn open(judged: &Judgement) -> Vec<String> {
    let open = judged.findings.iter().filter(|f| f.status.word() == "open" && f.grantee.is_some());
    open.map(|finding| finding.id()).collect()
}

proptest! {
    #[test]
    fn an_entry_changes_nothing_outside_its_scope(shares in shares(), entry in entries()) {
        let without = judged("", &shares);
        let with = judged(&entry.text, &shares);
        for (before, after) in without.shares.iter().zip(&with.shares) {
            if entry.covers(&before.share) {
                let passes = matches!(after.verdict, Verdict::Own | Verdict::Trusted | Verdict::Excepted);
                prop_assert!(passes || before.verdict == after.verdict);
            } else {
                prop_assert_eq!(before, after);
            }
        }
        // Inside its scope it lets pass what was open, so taking it away brings just those findings back.
        let covered = |id: &String| without.findings.iter().any(|f| f.id() == *id && shares.iter().any(|s| {
            entry.covers(s) && f.image.as_ref().is_some_and(|i| i.id == s.image.id)
                && f.account == Some(s.place.account) && f.region.as_ref() == Some(&s.place.region)
                && f.grantee.as_ref() == Some(&s.grantee)
        }));
        let (before, after) = (open(&without), open(&with));
        prop_assert!(after.iter().all(|id| before.contains(id)));
        prop_assert!(before.iter().filter(|id| !after.contains(id)).all(covered));
    }

    #[test]
    fn no_name_or_tag_lets_everybody_in(
        shares in shares(),
        pattern in "[*?a-z ]{0,8}",
        group in any::<prop::sample::Index>(),
    ) {
        let before = judged("", &shares);
        let groups: Vec<&String> = before.findings.iter().filter_map(|f| f.group_id.as_ref()).collect();
        let mut policy = format!("[[trusted]]\naccounts = [\"{STRANGER}\"]\norganizations = [\"o-theirorg01\"]\n{SIGNED}");
        for owner in OWNERS {
            policy += &format!(
                "[[exception]]\naccount = \"{owner}\"\nimage_name = \"*{pattern}*\"\n\
                 grantees = [\"{STRANGER}\", \"{THEIR_OU}\", \"444444444444\"]\n{SIGNED}"
            );
        }
        if !groups.is_empty() {
            policy += &format!("[[exception]]\ngroup_id = \"{}\"\n{SIGNED}", group.get(&groups));
        }
        let after = judged(&policy, &shares);
        for assessed in after.shares.iter().filter(|assessed| assessed.share.grantee.is_public()) {
            prop_assert_eq!(assessed.verdict, Verdict::Open);
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "(?s)(\\[\\[?(trusted|exception|severity|boundary)\\]?\\]\n?)?.{0,80}") {
        let _ = amiaudit::judge::policy::parse(&text);
    }
}
