//! The token bucket, on a paused clock.

use std::sync::Arc;
use std::time::Duration;

use amiaudit::aws::Bucket;
use amiaudit::model::quota::{Quota, documented};
use tokio::time::Instant;

/// Seconds that taking `n` tokens takes.
async fn seconds_for(bucket: &Bucket, n: usize) -> f64 {
    let from = Instant::now();
    for _ in 0..n {
        bucket.take().await;
    }
    from.elapsed().as_secs_f64()
}

#[tokio::test(start_paused = true)]
async fn a_thousand_reads_take_what_aws_allows() {
    let quota = documented("DescribeImageAttribute");
    assert_eq!(quota, Quota { bucket: 100.0, refill: 20.0 });
    let seconds = seconds_for(&Bucket::new(quota), 1_000).await;
    let optimum = (1_000.0 - 100.0) / 20.0;
    assert!((optimum..optimum * 1.05).contains(&seconds), "{seconds}");
}

#[tokio::test(start_paused = true)]
async fn a_bucket_fills_up_and_not_further() {
    let bucket = Bucket::new(Quota { bucket: 10.0, refill: 2.0 });
    assert!(seconds_for(&bucket, 10).await < 0.01);
    tokio::time::advance(Duration::from_secs(3_600)).await;
    assert!(seconds_for(&bucket, 10).await < 0.01);
    let seconds = seconds_for(&bucket, 4).await;
    assert!((2.0..2.1).contains(&seconds), "{seconds}");
}

#[tokio::test(start_paused = true)]
async fn throttling_slows_it_down_and_success_brings_it_back() {
    let bucket = Bucket::new(Quota { bucket: 100.0, refill: 20.0 });
    bucket.throttled();
    let slowed = seconds_for(&bucket, 20).await;
    // All tokens are gone, and 20 come at 0.7 of the rate.
    assert!((1.4..1.5).contains(&slowed), "{slowed}");
    for _ in 0..50 {
        bucket.went_well();
    }
    let recovered = seconds_for(&bucket, 20).await;
    assert!((0.95..1.05).contains(&recovered), "{recovered}");
}

#[tokio::test(start_paused = true)]
async fn answers_to_one_burst_are_one_slow_down() {
    let bucket = Bucket::new(Quota { bucket: 100.0, refill: 20.0 });
    for _ in 0..64 {
        bucket.throttled();
    }
    let seconds = seconds_for(&bucket, 14).await;
    assert!((1.0..1.1).contains(&seconds), "{seconds}");
    // Over and over, it slows to a twentieth and no further.
    for _ in 0..64 {
        tokio::time::advance(Duration::from_secs(2)).await;
        bucket.throttled();
    }
    let slowest = seconds_for(&bucket, 10).await;
    assert!((9.5..10.5).contains(&slowest), "{slowest}");
}

#[tokio::test(start_paused = true)]
async fn who_asks_first_is_served_first() {
    let bucket = Arc::new(Bucket::new(Quota { bucket: 1.0, refill: 1.0 }));
    let served = Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut waiting = tokio::task::JoinSet::new();
    for nth in 0..5 {
        let (bucket, served) = (Arc::clone(&bucket), Arc::clone(&served));
        waiting.spawn(async move {
            bucket.take().await;
            served.lock().unwrap().push(nth);
        });
    }
    while waiting.join_next().await.is_some() {}
    assert_eq!(*served.lock().unwrap(), [0, 1, 2, 3, 4]);
}
