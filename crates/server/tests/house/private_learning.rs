//! Where a budget is declared, models are learned with noise alone, paid for before anybody sees them, and nothing
//! exact about people leaves: not in the model, not in the log, not in the register, not in a metric.

use super::unlearning::{Shop, in_memory, kept};
use decide::register::Register;
use gate::{Apply, NotSpent};
use server::ingest::PublicUrl;
use server::register::Press;
use server::settings::Settings;
use server::work::learn_model::{self, Error, Learned};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use vocabulary::{DAY_MS, Moment, PurposeName};

const DATA: &str = "the tests' shop";

/// Puts a program in force that declares this budget, or none.
async fn declare(shop: &Shop, training: Option<(f64, f64)>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo/program");
    let mut files = server::program::gather(&folder).unwrap();
    let mut text = String::from_utf8(files["program.yaml"].clone()).unwrap();
    if let Some((epsilon, lifetime)) = training {
        text.push_str(&format!(
            "\ntraining:\n  epsilon: {epsilon}\n  lifetime_epsilon: {lifetime}\n  every_days: 30\n"
        ));
    }
    files.insert("program.yaml".to_owned(), text.into_bytes());
    let program = ::program::Program::read(files).unwrap_or_else(|faults| panic!("{faults}"));
    let before = shop.app.gate.programs().await.unwrap();
    let apply = Apply {
        bytes: program.pack(),
        expected: before.first().map(|applied| applied.digest),
        by: "ann".to_owned(),
        needs_approval: false,
    };
    let applied = shop.app.gate.apply_program(apply, shop.app.now()).await.unwrap();
    applied.unwrap();
}

async fn learn(shop: &Shop) -> Result<Learned, Error> {
    learn_model::run(&shop.app, &shop.choice(), DATA).await
}

/// All entries of the log, as anybody can read them.
async fn entries(shop: &Shop) -> String {
    shop.app.gate.integrate().await.unwrap();
    let mut all = Vec::new();
    for path in shop.app.gate.tile_paths().await.unwrap() {
        if path.contains("entries") {
            all.extend(shop.app.gate.tile(path).await.unwrap().unwrap());
        }
    }
    String::from_utf8_lossy(&all).into_owned()
}

async fn register(shop: &Shop) -> Register {
    shop.app.gate.integrate().await.unwrap();
    let url = PublicUrl::parse("https://egard.example").unwrap();
    let press = Press::new(shop.app.clone(), &Settings::default(), &url);
    press.edition(Duration::ZERO).await.unwrap().register.clone()
}

async fn sum_is_kept(shop: &Shop) -> bool {
    let gate = shop.app.gate.clone();
    let kept = tokio::task::spawn_blocking(move || gate.kept_sealed("sum").unwrap().is_some());
    kept.await.unwrap()
}

/// Enough for ties between items at ε = 10: people times μ is over a thousand.
const MANY: usize = 640;

#[tokio::test(flavor = "multi_thread")]
async fn with_a_budget_a_model_has_noise_is_paid_for_and_nothing_exact_leaves() {
    let (shop, _folder) = in_memory().await;
    shop.fill(MANY).await;
    declare(&shop, Some((10.0, 12.0))).await;
    let learned = learn(&shop).await.unwrap();
    let privacy = learned.privacy.unwrap();
    assert_eq!((privacy.epsilon, privacy.delta), (10.0, 1e-6));
    assert!(privacy.items > 10, "{privacy:?}");
    // The deviation of the number of people is 1/(0.1 μ): about 5.4.
    assert!(learned.people.abs_diff(MANY as u64) < 60, "{}", learned.people);
    assert_eq!(learned.refused, 0, "who does not permit it is counted by nobody");
    let model = shop.app.shop().unwrap();
    let header = model.model().header();
    assert_eq!((header.privacy, header.people), (Some(privacy), learned.people));
    // Every item of the public catalogue, whether anybody has it or not.
    assert_eq!(model.model().items().len(), shop.app.catalogue.items().len());

    let paid = shop.app.gate.releases().await.unwrap();
    let [one] = paid.as_slice() else {
        panic!("{paid:?}")
    };
    assert_eq!(
        (one.release.model, one.release.people),
        (learned.model, learned.people)
    );
    assert!(!sum_is_kept(&shop).await, "exact sums are kept");
    let log = entries(&shop).await;
    let told: Vec<&str> = log
        .split("people:")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    let noised = learned.people.to_string();
    assert_eq!(
        told.iter().filter(|told| **told == "not-told").count(),
        2,
        "{told:?}"
    );
    assert!(
        told.iter().all(|told| *told == "not-told" || *told == noised),
        "{told:?}"
    );
    let opened = shop.app.gate.openings(PurposeName::Train);
    assert_eq!(opened, 0, "a metric counts them");

    let public = register(&shop).await;
    let training = public.training.unwrap();
    assert!(
        (training.spent_epsilon - 10.0).abs() < 0.01,
        "{}",
        training.spent_epsilon
    );
    assert_eq!(training.releases_left, Some(0));
    assert_eq!(training.releases[0].people, learned.people);
    assert_eq!(training.releases[0].model, learned.model);
    let says = public.models[0].says.as_ref().unwrap();
    assert_eq!(says.privacy, Some(privacy));

    // Whoever goes is in no sum that could be told; the model stays, and says what it gives away.
    assert!(shop.erase("p3").await);
    assert!(
        learn_model::refit(&shop.app, &shop.choice(), DATA)
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(shop.waiting().await, 0);

    let refused = learn(&shop).await.unwrap_err();
    assert!(
        matches!(refused, Error::Budget(NotSpent::Exhausted { releases: 1, .. })),
        "{refused}"
    );
    assert_eq!(
        shop.app.shop().unwrap().model().digest(),
        learned.model,
        "the last one stays"
    );
    assert_eq!(shop.app.gate.releases().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_few_people_for_the_budget_give_noisy_popularity_and_public_facts_and_it_says_so() {
    let (shop, _folder) = in_memory().await;
    shop.fill(40).await;
    declare(&shop, Some((1.0, 3.0))).await;
    let learned = learn(&shop).await.unwrap();
    assert_eq!(learned.privacy.unwrap().items, 0);
    let held = shop.app.shop().unwrap();
    let model = held.model();
    assert_eq!(model.header().privacy.unwrap().items, 0);
    // What ties there are follow from the public catalogue alone: items of one category.
    let category = |at: u32| {
        let item = &model.items()[at as usize];
        shop.app
            .catalogue
            .items()
            .iter()
            .find(|known| known.id == *item)
            .unwrap()
            .category
            .clone()
    };
    for at in 0..model.items().len() as u32 {
        for (other, weight) in model.discover().from(at) {
            assert!(category(at) == category(other), "{weight} from {at} to {other}");
        }
    }
    let says = register(&shop).await.models[0].says.clone().unwrap();
    assert_eq!(says.privacy.unwrap().items, 0);
    assert_eq!(register(&shop).await.training.unwrap().releases_left, Some(6));
}

/// Nobody has to be there for a first release to be made or not: when it is depends on the calendar.
#[tokio::test(flavor = "multi_thread")]
async fn a_shop_without_people_gets_a_model_that_tells_nobody_so() {
    let (shop, _folder) = in_memory().await;
    declare(&shop, Some((0.5, 3.0))).await;
    let learned = learn(&shop).await.unwrap();
    assert_eq!(learned.privacy.unwrap().items, 0);
    assert_eq!(shop.app.gate.releases().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_budget_counts_are_exact_and_with_one_they_are_forgotten() {
    let (shop, _folder) = in_memory().await;
    shop.fill(30).await;
    declare(&shop, None).await;
    let exact = learn(&shop).await.unwrap();
    assert!(exact.privacy.is_none() && exact.people == 30 && sum_is_kept(&shop).await);
    assert!(register(&shop).await.training.is_none());
    // Until the first model with noise, whoever goes is taken out of the exact one.
    declare(&shop, Some((1.0, 1.0))).await;
    assert!(shop.erase("p3").await);
    let left = learn_model::refit(&shop.app, &shop.choice(), DATA)
        .await
        .unwrap()
        .unwrap();
    assert!(left.privacy.is_none() && left.people == 29);
    let noised = learn(&shop).await.unwrap();
    assert!(noised.privacy.is_some() && !sum_is_kept(&shop).await);
    // Learned exactly again by a program without a budget: what was spent stays told, and with the budget declared
    // again, used up as it is, the exact model does not stay.
    declare(&shop, None).await;
    assert_eq!(learn(&shop).await.unwrap().people, 29);
    assert_eq!(register(&shop).await.training.unwrap().releases.len(), 1);
    declare(&shop, Some((1.0, 1.0))).await;
    assert!(matches!(
        learn(&shop).await,
        Err(Error::Budget(NotSpent::Exhausted { .. }))
    ));
    assert!(shop.app.shop().is_none() && shop.model().await.is_none());
}

const FOLDER: &str = "EGARD_TEST_RELEASE_FOLDER";
const KILLS: u64 = 8;

/// The process is killed at random moments of learning and releasing, again and again. No model was ever in force
/// that was not paid for.
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_nothing_is_released_that_was_not_paid_for() {
    let folder = tempfile::tempdir().unwrap();
    let shop = kept(folder.path()).await;
    shop.fill(20).await;
    declare(&shop, Some((0.2, 20.0))).await;
    shop.app.gate.close().await;
    drop(shop);
    let mut acknowledged = 0;
    for kill in 0..KILLS {
        // After none, one or two releases, and some way into the next: however fast the machine is.
        let pause = Duration::from_millis(20 + kill * 7919 % 150);
        acknowledged += release_and_be_killed(folder.path(), kill as usize % 3, pause);
        let shop = kept(folder.path()).await;
        let paid = shop.app.gate.releases().await.unwrap();
        assert!(paid.len() >= acknowledged, "{} of {acknowledged}", paid.len());
        let ruled = shop.app.gate.in_force("model", 1_000).await.unwrap();
        for row in ruled.iter().filter_map(|row| row.digest) {
            assert!(
                paid.iter().any(|one| one.release.model == row),
                "kill {kill}: {row} was not paid for"
            );
        }
        shop.app.gate.close().await;
    }
    assert!(acknowledged > 0, "nothing happened before any of the kills");
}

/// Kills it a while after that many releases were acknowledged, and answers how many were in the end.
fn release_and_be_killed(folder: &Path, releases: usize, pause: Duration) -> usize {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "private_learning::releaser",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(FOLDER, folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let started = lines.by_ref().find(|line| line.as_ref().unwrap() == "releasing");
    assert!(started.is_some(), "the releaser did not begin");
    let released = |line: &String| line == "released";
    let before = lines
        .by_ref()
        .map_while(Result::ok)
        .filter(released)
        .take(releases)
        .count();
    std::thread::sleep(pause);
    child.kill().unwrap();
    child.wait().unwrap();
    before + lines.map_while(Result::ok).filter(released).count()
}

/// Releases one model after another; no test of its own.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the process that is killed"]
async fn releaser() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let shop = kept(Path::new(&folder)).await;
    let say = |word: &str| {
        let mut out = std::io::stdout();
        writeln!(out, "{word}").and_then(|()| out.flush()).unwrap();
    };
    say("\nreleasing");
    loop {
        match learn(&shop).await {
            Ok(_) => say("released"),
            Err(Error::Budget(NotSpent::Exhausted { .. })) => return,
            Err(error) => panic!("{error}"),
        }
    }
}

/// When the next model comes is known to everybody beforehand.
#[tokio::test(flavor = "multi_thread")]
async fn the_next_release_comes_by_the_calendar() {
    let (shop, _folder) = in_memory().await;
    shop.fill(5).await;
    assert_eq!(learn_model::is_due(&shop.app).await.unwrap(), None);
    declare(&shop, Some((1.0, 3.0))).await;
    let due = || learn_model::is_due(&shop.app);
    let begun = shop.now();
    let at = |days: i64| {
        shop.now
            .store(begun + days * DAY_MS, std::sync::atomic::Ordering::Relaxed)
    };
    assert_eq!(
        due().await.unwrap(),
        Some(false),
        "the first comes a day after the budget"
    );
    at(1);
    assert_eq!(due().await.unwrap(), Some(true));
    learn(&shop).await.unwrap();
    at(30);
    assert_eq!(due().await.unwrap(), Some(false));
    at(31);
    assert_eq!(due().await.unwrap(), Some(true));
    assert_eq!(shop.app.now(), Moment(begun + 31 * DAY_MS));
}
