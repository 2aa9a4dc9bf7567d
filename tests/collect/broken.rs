//! Answers that are not whole, or do not say what they must, are gaps and never "nothing there".

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use amiaudit::aws::AwsSettings;
use amiaudit::sandbox::generate::{Size, listed, organization};

use crate::support::served::Served;
use crate::support::truth::truth;

/// What a proxy does to a body.
pub(crate) type Rewrite = fn(&str) -> String;

/// A proxy before the sandbox that rewrites the bodies of one action's answers, and says nothing of it in
/// `Content-Length`.
pub(crate) fn proxy(behind: String, action: &'static str, rewrite: Rewrite) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let behind = behind.clone();
            std::thread::spawn(move || serve(stream, &behind, action, rewrite));
        }
    });
    url
}

/// Reads one HTTP message: its head, and a body as long as it says.
fn message(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    Some((head, String::from_utf8(body).unwrap()))
}

fn serve(mut client: TcpStream, behind: &str, action: &str, rewrite: Rewrite) {
    let Ok(mut server) = TcpStream::connect(behind.trim_start_matches("http://")) else { return };
    while let Some((head, body)) = message(&mut client) {
        server.write_all(head.as_bytes()).unwrap();
        server.write_all(body.as_bytes()).unwrap();
        let Some((head, answer)) = message(&mut server) else { return };
        let is_it = body.contains(&format!("Action={action}&"));
        let answer = if is_it { rewrite(&answer) } else { answer };
        let rest: Vec<&str> = head
            .lines()
            .skip(1)
            .filter(|line| !line.to_ascii_lowercase().starts_with("content-length"))
            .collect();
        let start = head.lines().next().unwrap();
        let text = format!(
            "{start}\r\ncontent-length: {}\r\n{}\r\n\r\n{answer}",
            answer.len(),
            rest.join("\r\n").trim_end()
        );
        if client.write_all(text.as_bytes()).is_err() {
            return;
        }
    }
}

fn half(body: &str) -> String {
    body.chars().take(body.chars().count() / 2).collect()
}

fn after_first_item(body: &str) -> String {
    body.split_inclusive("</item>").next().unwrap().to_owned()
}

fn without_lists(body: &str) -> String {
    let mut text = body.to_owned();
    for (from, to) in [
        ("<launchPermission>", "</launchPermission>"),
        ("<imagesSet>", "</imagesSet>"),
        ("<regionInfo>", "</regionInfo>"),
    ] {
        if let (Some(start), Some(end)) = (text.find(from), text.find(to)) {
            text.replace_range(start..end + to.len(), "");
        }
    }
    text
}

fn nameless_tags(body: &str) -> String {
    body.replace("<userId>", "<>")
        .replace("</userId>", "</>")
        .replace("<group>", "<12>")
        .replace("</group>", "</12>")
}

fn another_owner(body: &str) -> String {
    body.replace("<imageOwnerId>100000000000<", "<imageOwnerId>222222222222<")
}

/// The SDK's parser gives up at these without a word.
fn forbidden_text(body: &str) -> String {
    body.replacen("</item><item><imageId>", "</item>]]><item><imageId>", 1)
}

fn forbidden_character(body: &str) -> String {
    body.replacen("</item><item><imageId>", "</item>\u{ffff}<item><imageId>", 1)
}

fn second_list(body: &str) -> String {
    body.replace("</imagesSet>", "</imagesSet><imagesSet></imagesSet>")
}

fn token_in_cdata(body: &str) -> String {
    body.replace("<nextToken>", "<nextToken><![CDATA[").replace("</nextToken>", "]]></nextToken>")
}

#[test]
fn what_is_not_whole_is_a_gap() {
    let size = Size { accounts: 1, regions: 1, images: 230, seed: 11, shared_percent: 12.5 };
    let cases: &[(&'static str, Rewrite)] = &[
        ("DescribeImages", half),
        ("DescribeImages", after_first_item),
        ("DescribeImages", without_lists),
        ("DescribeImages", another_owner),
        ("DescribeImages", forbidden_text),
        ("DescribeImages", forbidden_character),
        ("DescribeImages", second_list),
        ("DescribeImages", token_in_cdata),
        ("DescribeImageAttribute", half),
        ("DescribeImageAttribute", after_first_item),
        ("DescribeImageAttribute", without_lists),
        ("DescribeImageAttribute", nameless_tags),
        ("DescribeRegions", half),
        ("DescribeRegions", after_first_item),
        ("DescribeRegions", without_lists),
    ];
    for (action, rewrite) in cases {
        let served = Served::new(organization(size));
        assert!(truth(&served.sandbox().world()).len() > 3);
        let settings = served.settings();
        let url = proxy(served.url(), action, *rewrite);
        let (reading, judged) = served.scan(AwsSettings { endpoint_url: Some(url), ..settings }).unwrap();
        let told = reading.gaps.iter().filter(|gap| gap.call == *action).count();
        let found = judged.findings.len();
        assert!(told > 0, "{action}: {found} findings, and no gap");
    }
}

/// A member that nobody knows, beside one that everybody does.
#[test]
fn an_entry_with_two_members_loses_neither() {
    let mut scenario = listed(Size { accounts: 1, regions: 1, images: 1, seed: 1, shared_percent: 12.5 });
    scenario.images[0].shared_with = vec!["900000000001".to_owned()];
    let served = Served::new(scenario);
    let url = proxy(served.url(), "DescribeImageAttribute", |body| {
        body.replace("</userId>", "</userId><vpcArn>arn:x</vpcArn>")
    });
    let (reading, judged) =
        served.scan(AwsSettings { endpoint_url: Some(url), ..served.settings() }).unwrap();
    assert_eq!(reading.gaps, vec![]);
    let mut grantees: Vec<String> =
        judged.shares.iter().map(|assessed| assessed.share.grantee.label()).collect();
    grantees.sort();
    assert_eq!(grantees, ["900000000001", "vpcArn=arn:x"]);
}

/// What the SDK reads as less than it is: each leaves a gap, or an entry that is not recognized.
#[test]
fn an_odd_answer_hides_no_share() {
    let twice = "</launchPermission><launchPermission></launchPermission>";
    let cases: [Rewrite; 6] = [
        |body| {
            body.replace("</launchPermission>", "</launchPermission><launchPermission></launchPermission>")
        },
        |body| body.replace("<launchPermission>", "<launchPermission>]]>"),
        |body| body.replace("<item>", "<member>").replace("</item>", "</member>"),
        |body| {
            body.replace("<launchPermission>", "<!-- <launchPermission --><other>")
                .replace("</launchPermission>", "</other>")
        },
        |body| {
            body.replace("launchPermission>", "e:launchPermission>")
                .replace("</userId>", "</userId><userId>9</userId>")
        },
        |body| body.replace("<item>", "<item><item>").replace("</item>", "</item></item>"),
    ];
    assert!(cases[0]("</launchPermission>") == twice);
    for (nth, rewrite) in cases.into_iter().enumerate() {
        let size = Size { accounts: 1, regions: 1, images: 1, seed: 1, shared_percent: 100.0 };
        let mut scenario = amiaudit::sandbox::generate::listed(size);
        scenario.images[0].shared_with = vec!["900000000001".to_owned()];
        let served = Served::new(scenario);
        let url = proxy(served.url(), "DescribeImageAttribute", rewrite);
        let settings = AwsSettings { endpoint_url: Some(url), ..served.settings() };
        let (reading, judged) = served.scan(settings).unwrap();
        let told = reading.gaps.iter().any(|gap| gap.call == "DescribeImageAttribute");
        let odd = judged.shares.iter().any(|assessed| assessed.share.grantee.word() == "unrecognized");
        let found = judged.shares.iter().any(|assessed| assessed.share.grantee.label() == "900000000001");
        assert!(told || odd || found, "case {nth}");
    }
}
