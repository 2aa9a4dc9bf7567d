//! The findings as a table: aligned on a terminal, tab-separated in a pipe. Worst first.

use std::cmp::Reverse;
use std::io::Write;

use super::{Look, Print, Width};
use crate::model::finding::Finding;
use crate::model::org_view::OrgView;
use crate::model::report::Report;
use crate::report::RenderError;
use crate::report::text::plain;

pub(super) struct Table;

pub(super) const HEADINGS: [&str; 8] =
    ["SEVERITY", "RULE", "ACCOUNT", "ACCOUNT NAME", "REGION", "IMAGE", "IMAGE NAME", "GRANTEE"];

impl Print for Table {
    fn name(&self) -> &'static str {
        "table"
    }
    fn render(&self, report: &Report, look: Look, out: &mut dyn Write) -> Result<(), RenderError> {
        let mut findings: Vec<&Finding> = report.open().collect();
        findings.sort_by_key(|finding| Reverse(finding.severity));
        // Made twice, to measure and to show: the cells of every finding at once would be the report again.
        let rows = || findings.iter().map(|finding| row(finding, &report.org).map(|cell| plain(&cell)));
        let layout = match look.width {
            Width::Plain => Layout::Tabs,
            Width::Columns(columns) => Layout::of(rows(), columns),
        };
        if let (Layout::Columns(widths), false) = (&layout, findings.is_empty()) {
            out.write_all(in_columns(&HEADINGS.map(str::to_owned), *widths).as_bytes())?;
        }
        for row in rows() {
            let line = layout.line(&row);
            let line = if look.color { paint(&row[0], line) } else { line };
            out.write_all(line.as_bytes())?;
        }
        Ok(())
    }
}

/// The cells of one finding.
pub(super) fn row(finding: &Finding, org: &OrgView) -> [String; 8] {
    let image = finding.image.as_deref();
    let regions = match &finding.region {
        Some(region) => region.to_string(),
        None => finding.regions.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
    };
    let grantee = match (&finding.grantee, finding.relation) {
        (Some(grantee), Some(relation)) if relation.word() != grantee.word() => {
            format!("{grantee} ({relation})")
        }
        (Some(grantee), _) => grantee.to_string(),
        (None, _) => String::new(),
    };
    [
        finding.severity.to_string(),
        finding.rule.id.to_owned(),
        finding.account.map(|account| account.to_string()).unwrap_or_default(),
        finding.account.map(|account| org.name(account).to_owned()).unwrap_or_default(),
        regions,
        image.map(|image| image.id.to_string()).unwrap_or_default(),
        image.map(|image| image.name.clone()).unwrap_or_default(),
        grantee,
    ]
}

/// How findings lie on the page.
enum Layout {
    /// Each on a line, a tab between cells.
    Tabs,
    /// Each on a line, in columns so wide.
    Columns([usize; 8]),
    /// Each on two lines.
    TwoLines,
}

impl Layout {
    /// Ids are never cut. Names give way: first the image's, then the account's; where even that is not enough,
    /// each finding takes two lines.
    fn of(rows: impl Iterator<Item = [String; 8]>, columns: usize) -> Self {
        let mut widths = HEADINGS.map(str::len);
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        for nth in [IMAGE_NAME, ACCOUNT_NAME] {
            let total: usize = widths.iter().sum::<usize>() + 2 * (widths.len() - 1);
            if let Some(width) = widths.get_mut(nth) {
                *width = width.saturating_sub(total.saturating_sub(columns)).max(LEAST_NAME);
            }
        }
        let fits = widths.iter().sum::<usize>() + 2 * (widths.len() - 1) <= columns;
        if fits { Self::Columns(widths) } else { Self::TwoLines }
    }

    fn line(&self, cells: &[String; 8]) -> String {
        match self {
            Self::Tabs => cells.join("\t") + "\n",
            Self::Columns(widths) => in_columns(cells, *widths),
            Self::TwoLines => in_two_lines(cells),
        }
    }
}

const ACCOUNT_NAME: usize = 3;
const IMAGE_NAME: usize = 6;
/// The least that a name may be cut to.
const LEAST_NAME: usize = 12;

fn in_columns(cells: &[String; 8], widths: [usize; 8]) -> String {
    let cells: Vec<String> = cells.iter().zip(widths).map(|(cell, width)| fit(cell, width)).collect();
    cells.join("  ").trim_end().to_owned() + "\n"
}

fn in_two_lines(cells: &[String; 8]) -> String {
    let [severity, rule, account, name, region, image, image_name, grantee] = cells;
    let place = [account, region, image].map(String::as_str).join(" ");
    let names = [name, image_name].into_iter().filter(|name| !name.is_empty());
    let names = names.map(|name| format!("{name:?}")).collect::<Vec<_>>().join(" ");
    let to = if grantee.is_empty() { String::new() } else { format!(" -> {grantee}") };
    format!("{severity} {rule}: {}{to}\n    {names}\n", place.trim_end())
}

/// The line with its severity, which is its first word, in a colour.
fn paint(severity: &str, line: String) -> String {
    let code = match severity {
        "critical" => "1;31",
        "high" => "31",
        "medium" => "33",
        _ => return line,
    };
    let (word, rest) = line.split_at(severity.len().min(line.len()));
    format!("\x1b[{code}m{word}\x1b[0m{rest}")
}

fn fit(cell: &str, width: usize) -> String {
    if cell.chars().count() <= width {
        return format!("{cell:width$}");
    }
    let mut cut: String = cell.chars().take(width.saturating_sub(1)).collect();
    cut.push('…');
    cut
}
