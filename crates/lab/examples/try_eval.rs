#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "experiment"
)]
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let least = a.get(3).and_then(|v| v.parse().ok());
    let data = lab::interactions::read(std::path::Path::new(&a[1]), least).unwrap();
    let topics = a.get(4).filter(|p| !p.is_empty()).map(|p| {
        lab::interactions::topics(std::path::Path::new(p), &data.items)
            .unwrap()
            .1
    });
    let privacy = a
        .get(5)
        .map(|p| p.split(',').map(|v| v.parse().unwrap()).collect())
        .unwrap_or_default();
    let from = || {
        let d: jiff::civil::Date = a[2].split_once(':').unwrap().1.parse().unwrap();
        vocabulary::Moment(
            d.to_zoned(jiff::tz::TimeZone::UTC)
                .unwrap()
                .timestamp()
                .as_millisecond(),
        )
    };
    let split = match a[2].as_str() {
        "people" => lab::eval::Split::People,
        "last" => lab::eval::Split::Last,
        "lastnew" => lab::eval::Split::LastNew,
        s if s.starts_with("from:") => lab::eval::Split::From(from()),
        _ => lab::eval::Split::FromNew(from()),
    };
    println!(
        "{}",
        lab::eval::run(
            &data,
            topics.as_deref(),
            &lab::eval::Choices {
                split,
                privacy,
                lengths: vec![20, 100],
                seed: 7
            }
        )
        .unwrap()
    );
}
