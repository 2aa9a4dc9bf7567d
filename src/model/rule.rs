//! What a rule says of itself. Every output that explains a finding takes its words from here.

use super::finding::Severity;

/// A technique and tactic of MITRE ATT&CK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mitre {
    /// Technique id, such as `T1537`.
    pub technique: &'static str,
    /// Technique name.
    pub technique_name: &'static str,
    /// Tactic id, such as `TA0010`.
    pub tactic: &'static str,
    /// Tactic name.
    pub tactic_name: &'static str,
}

/// A control of a published framework that a rule serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Control {
    /// The framework's name and control id, as in `CIS AWS Compute Services 1.0 2.1.5`.
    pub id: &'static str,
    /// Where that can be read.
    pub source: &'static str,
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// What stands now.
    Inventory,
    /// What CloudTrail says has happened.
    Events,
    /// The policy itself.
    Policy,
}

/// Everything there is to say of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleMeta {
    /// The rule's id, which is also its file's name and its anchor in docs/rules.md.
    pub id: &'static str,
    /// A title of a few words.
    pub title: &'static str,
    /// What it looks at.
    pub basis: Basis,
    /// The severity unless a policy says otherwise.
    pub severity: Severity,
    /// The risk in a sentence.
    pub risk: &'static str,
    /// What it does not catch.
    pub misses: &'static str,
    /// What to do about a finding.
    pub remediation: &'static str,
    /// The adversary technique it speaks of, if any.
    pub mitre: Option<Mitre>,
    /// Rules elsewhere that it covers, by id.
    pub covers: &'static [&'static str],
    /// The pages it rests on.
    pub references: &'static [&'static str],
    /// The controls it serves.
    pub controls: &'static [Control],
}
