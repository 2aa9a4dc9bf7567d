//! How near a scan comes to what AWS's buckets allow, and how it gets on with others who drink from them.

use amiaudit::sandbox::generate::Size;

use crate::hold;
use crate::other_clients;
use crate::process::{Taken, scan, take};
use crate::served::{LIKE_AWS, Served};

const READ: &str = "DescribeImageAttribute";

pub(crate) fn measure(part: usize) -> bool {
    let images = if part > 1 { 300 } else { 1_000 };
    let optimum = (images as f64 - 100.0) / 20.0;
    println!("{images} images a place: AWS's buckets allow {optimum:.1} s");
    let one = alone((1, 1), images, optimum);
    let forty = alone((8, 5), images, optimum);
    let half = with_half_taken(images);
    let eaten = with_most_eaten(300);
    one && forty && half && eaten
}

fn size((accounts, regions): (usize, usize), images: usize) -> Size {
    Size { accounts, regions, images, seed: 1, shared_percent: 12.5 }
}

fn read(served: &Served, more: &[&str]) -> (Taken, usize) {
    let out = tempfile::tempdir().expect("a folder");
    let taken = take(&served.sandbox.url(), &served.key, &scan(out.path(), more));
    let gaps = std::fs::read_to_string(out.path().join("gaps.csv")).unwrap_or_default();
    (taken, gaps.lines().count().saturating_sub(1))
}

fn alone(places: (usize, usize), images: usize, optimum: f64) -> bool {
    let served = Served::start(size(places, images), &LIKE_AWS);
    let (taken, gaps) = read(&served, &["--api-share", "1"]);
    let (sent, throttled) = served.counts(READ);
    let count = places.0 * places.1;
    println!(
        "{count} places, --api-share 1: {:.2} s, {gaps} gaps, {throttled} of {sent} refused",
        taken.wall
    );
    let pace = hold("wall time / optimum", taken.wall / optimum, 1.05);
    hold("refused for their rate, in %", 100.0 * throttled as f64 / sent as f64, 1.0) && pace && gaps == 0
}

fn with_half_taken(images: usize) -> bool {
    let served = Served::start(size((1, 1), images), &LIKE_AWS);
    let other = other_clients::start(&served, 49, 10);
    let (taken, gaps) = read(&served, &["--api-share", "0.5"]);
    let (sent, refused) = other.stop();
    let (_, throttled) = served.counts(READ);
    println!(
        "--api-share 0.5 beside a client with the other half ({sent} requests): {:.2} s, {gaps} gaps, of ours \
         {} refused",
        taken.wall,
        throttled - refused
    );
    let pace = hold("wall time / optimum of a half", taken.wall / ((images as f64 - 50.0) / 10.0), 1.05);
    hold("the other's requests that were refused", refused as f64, 0.0) && pace && gaps == 0
}

fn with_most_eaten(images: usize) -> bool {
    let served = Served::start(size((1, 1), images), &LIKE_AWS);
    let other = other_clients::start(&served, 0, 30);
    let (taken, gaps) = read(&served, &["--api-share", "1"]);
    let (sent, refused) = other.stop();
    let (_, throttled) = served.counts(READ);
    println!(
        "{images} images beside a client that never slows down and sends half again what the bucket gives ({sent} requests, {refused} \
         refused): {:.2} s, {} of ours refused, exit {}",
        taken.wall,
        throttled - refused,
        taken.exit
    );
    hold("gaps", gaps as f64, 0.0) && taken.exit == 10
}
