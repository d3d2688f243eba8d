//! Whoever goes is gone from the model: it is, to the byte, the one that never knew them. Whatever they
//! did before, whenever the server was killed, and on the orders of real customers.

use super::support::catalogue_lines;
use decide::own_data;
use gate::charter::Requester;
use gate::purposes::ShowOwnData;
use gate::{Act, Ask, Gate, Published, Whom};
use lab::online_retail::{self, Order};
use learn::{Bounds, Counts, Provenance, Settings};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::json;
use server::app::App;
use server::auth::ApiKeys;
use server::files;
use server::work::learn_model::{self, Choice, Error};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;
use store::{Embedded, Memory, Shelf};
use vocabulary::{Catalogue, DAY_MS, Digest, Event, Interaction, Kind, Moment, PurposeName, Signals};

/// 2026-11-22T08:00:00Z: models are made on that day.
const MORNING: i64 = 1_795_334_400_000;
pub(super) const DATA: &str = "the tests' shop";

/// An application without a server around it, over a store that outlives it.
pub(super) struct Shop {
    pub(super) app: App,
    pub(super) now: Arc<AtomicI64>,
    pub(super) settings: Settings,
}

/// Of each person who counts, what counts.
type Counted = BTreeMap<String, Vec<Interaction>>;

static MESSAGES: AtomicU64 = AtomicU64::new(0);

impl Shop {
    pub(super) async fn open(shelf: Arc<dyn Shelf>, keys: &Path, catalogue: Catalogue) -> Shop {
        if !keys.exists() {
            files::make_keys(keys).unwrap();
        }
        let keys = files::read_keys(keys, "test.example/egard").unwrap();
        let dictionary = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/dictionary.toml"));
        let now = Arc::new(AtomicI64::new(MORNING));
        let clock = {
            let now = Arc::clone(&now);
            Arc::new(move || Moment(now.load(Ordering::Relaxed)))
        };
        let options = gate::Options {
            shelf,
            keyring: keys.keyring,
            charter: gate::charter::Charter::built_in().unwrap(),
            dictionary: files::dictionary(dictionary).unwrap(),
            ledger: keys.ledger,
            hot: 1_000,
            clock: Arc::clone(&clock) as Arc<dyn Fn() -> Moment + Send + Sync>,
            owner: "test".to_owned(),
            erasures: None,
        };
        let gate = tokio::task::spawn_blocking(move || Gate::open(options).unwrap());
        let app = App::new(
            gate.await.unwrap(),
            ApiKeys::default(),
            catalogue,
            Digest::default(),
            clock,
        );
        Shop {
            app,
            now,
            settings: Settings {
                least_people: 2,
                ..Settings::default()
            },
        }
    }

    pub(super) fn choice(&self) -> Choice {
        Choice::Given(self.settings)
    }

    pub(super) fn now(&self) -> i64 {
        self.now.load(Ordering::Relaxed)
    }

    async fn say(&self, user: &str, name: &str, at: i64, fields: serde_json::Value, consent: Option<bool>) {
        let serde_json::Value::Object(fields) = fields else {
            panic!("fields are an object")
        };
        let categories = ["Learning", "Personalisation"];
        let number = MESSAGES.fetch_add(1, Ordering::Relaxed);
        let event = Event {
            message_id: format!("m{}-{number}", std::process::id()),
            kind: Kind::Track,
            name: name.to_owned(),
            user_id: Some(user.to_owned()),
            anonymous_id: None,
            previous_id: None,
            at: Moment(at),
            received_at: Moment(self.now()),
            fields,
            consent: consent.map(|given| categories.map(|c| (c.to_owned(), given)).into()),
            signals: Signals::default(),
        };
        let received = self.app.gate.take_in("shop", event);
        self.app.gate.observe(vec![received]).await.unwrap();
    }

    pub(super) async fn agree(&self, user: &str) {
        let now = self.now();
        self.say(user, gate::CONSENT_EVENT, now, json!({}), Some(true))
            .await;
    }

    pub(super) async fn buy(&self, user: &str, days_ago: i64, items: &[&str]) {
        let products: Vec<_> = items.iter().map(|item| json!({ "product_id": item })).collect();
        let fields = json!({ "order_id": "7", "products": products });
        let at = self.now() - days_ago * DAY_MS;
        self.say(user, "Order Completed", at, fields, None).await;
    }

    /// Everybody in the little shop of the tests, with what they buy.
    pub(super) async fn fill(&self, people: usize) {
        self.fill_but(people, &[]).await;
    }

    /// The same, but these never came.
    pub(super) async fn fill_but(&self, people: usize, never: &[usize]) {
        for p in (0..people).filter(|p| !never.contains(p)) {
            let who = format!("p{p}");
            self.agree(&who).await;
            // No two of them alike: who is held back is drawn by what they did.
            let since = i64::try_from(p / 24).unwrap();
            for (ago, item) in (since + 1..).zip(super::support::bought_by(p)) {
                self.buy(&who, ago, &[&item]).await;
            }
        }
    }

    async fn choose(&self, user: &str, train: bool) {
        let choices = [(PurposeName::Train, train)];
        let now = Moment(self.now());
        self.app
            .gate
            .choose(&whom(user), &choices, "privacy-centre", now)
            .await
            .unwrap();
    }

    async fn act(&self, user: &str, act: Act) {
        let now = Moment(self.now());
        self.app
            .gate
            .act(&whom(user), act, "privacy-centre", now)
            .await
            .unwrap();
    }

    pub(super) async fn erase(&self, user: &str) -> bool {
        self.app.gate.erase(&whom(user)).await.unwrap()
    }

    /// Learns from everybody; fewer than enough people are no failure here.
    pub(super) async fn learn(&self) {
        match learn_model::run(&self.app, &self.choice(), DATA).await {
            Ok(_) | Err(Error::Nobody | Error::Learn(learn::Error::NothingToLearn { .. })) => {}
            Err(error) => panic!("{error}"),
        }
    }

    pub(super) async fn refit(&self) {
        match learn_model::refit(&self.app, &self.choice(), DATA).await {
            Ok(_) | Err(Error::Nobody | Error::Learn(learn::Error::NothingToLearn { .. })) => {}
            Err(error) => panic!("{error}"),
        }
    }

    /// The model that the store holds, if there is one.
    pub(super) async fn model(&self) -> Option<Vec<u8>> {
        match self.app.gate.published("model").await.unwrap() {
            Published::Absent => None,
            Published::Intact(bytes) => Some(bytes),
            Published::Damaged => panic!("the model is damaged"),
        }
    }

    /// The model of plain sums in memory over these people: what the store's must be to the byte.
    fn expected<'p>(&self, people: impl IntoIterator<Item = &'p Vec<Interaction>>) -> Option<Vec<u8>> {
        let items = self.app.catalogue.items().iter().map(|item| item.id.clone());
        let mut counts = Counts::new(items, Bounds::default()).unwrap();
        people
            .into_iter()
            .for_each(|history| counts.add(history).unwrap());
        let provenance = Provenance {
            made_on: Moment(MORNING).day(),
            charter: self.app.gate.charter().digest(),
            data: DATA.to_owned(),
        };
        let facts = learn_model::facts(&self.app.catalogue);
        match learn::train_with(&counts, &facts, &self.settings, provenance) {
            Ok(bytes) => Some(bytes),
            Err(learn::Error::NothingToLearn { .. }) => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// What the person's own page would show of their history, as far as it may be learned from.
    async fn history(&self, user: &str) -> Option<Vec<Interaction>> {
        let ask = Ask {
            signals: Signals::default(),
            requester: Requester::Person,
            now: Moment(self.now()),
        };
        let shown = self
            .app
            .gate
            .decide::<ShowOwnData, _, _>(&whom(user), ask, own_data::show)
            .await
            .unwrap()
            .ok()?;
        let held = shown.proposal.history.into_iter();
        let held = held.filter(|known| known.purposes.contains(PurposeName::Train));
        Some(held.map(|known| known.interaction).collect())
    }

    async fn histories(&self, people: usize) -> Counted {
        let mut all = Counted::new();
        for p in 0..people {
            let who = format!("p{p}");
            if let Some(history) = self.history(&who).await {
                all.insert(who, history);
            }
        }
        all
    }

    /// Everything that waits to be taken out, as the next refit would see it.
    pub(super) async fn waiting(&self) -> usize {
        self.app.gate.removals().await.unwrap().len()
    }
}

fn whom(user: &str) -> Whom<'_> {
    Whom {
        user_id: Some(user),
        anonymous_id: None,
    }
}

fn little_catalogue() -> Catalogue {
    files::catalogue_of(&catalogue_lines()).unwrap().0
}

pub(super) async fn in_memory() -> (Shop, tempfile::TempDir) {
    in_memory_of(Clone::clone).await
}

/// With a catalogue made of the little one.
pub(super) async fn in_memory_of(catalogue: impl Fn(&Catalogue) -> Catalogue) -> (Shop, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Arc::new(Memory::new());
    let catalogue = catalogue(&little_catalogue());
    let shop = Shop::open(shelf, &folder.path().join("keys"), catalogue).await;
    (shop, folder)
}

const PEOPLE: usize = 30;

#[tokio::test(flavor = "multi_thread")]
async fn the_model_after_an_erasure_a_withdrawal_or_a_correction_is_the_one_that_never_knew() {
    let (shop, _folder) = in_memory().await;
    shop.fill(PEOPLE).await;
    let mut counted = shop.histories(PEOPLE).await;
    shop.learn().await;
    assert_eq!(shop.model().await, shop.expected(counted.values()));
    let before = shop.model().await;

    shop.erase("p3").await;
    shop.choose("p4", false).await;
    shop.act("p5", Act::Restrict(true)).await;
    let taken = shop.history("p6").await.unwrap().remove(0).item;
    shop.act("p6", Act::Forget(taken.0)).await;
    assert_eq!(shop.waiting().await, 4, "each is durable before the answer");
    shop.refit().await;
    for gone in ["p3", "p4", "p5", "p6"] {
        counted.remove(gone);
    }
    assert_ne!(shop.model().await, before);
    assert_eq!(shop.model().await, shop.expected(counted.values()));
    assert_eq!(shop.waiting().await, 0);

    // Who corrected their history counts again with what is left of it; the others do not.
    shop.learn().await;
    counted.insert("p6".to_owned(), shop.history("p6").await.unwrap());
    assert_eq!(shop.model().await, shop.expected(counted.values()));
    // Forgetting what never counted takes nobody out.
    shop.act("p7", Act::Forget("nothing".to_owned())).await;
    assert_eq!(shop.waiting().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_of_people_who_are_all_gone_is_in_force_no_more() {
    let (shop, _folder) = in_memory().await;
    shop.fill(3).await;
    shop.learn().await;
    assert!(shop.model().await.is_some() && shop.app.shop().is_some());
    for p in 0..3 {
        assert!(shop.erase(&format!("p{p}")).await);
    }
    shop.refit().await;
    assert!(shop.model().await.is_none() && shop.app.shop().is_none());
    assert_eq!(shop.waiting().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_catalogue_or_a_lost_sum_only_means_that_everybody_is_counted_anew() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    let shelf: Arc<dyn Shelf> = Arc::new(Memory::new());
    let shop = Shop::open(Arc::clone(&shelf), &keys, little_catalogue()).await;
    shop.fill(PEOPLE).await;
    shop.learn().await;
    shop.app.gate.close().await;
    let fewer = little_catalogue().items()[..10].to_vec();
    let shop = Shop::open(Arc::clone(&shelf), &keys, Catalogue::new(fewer)).await;
    let mut counted = shop.histories(PEOPLE).await;
    shop.learn().await;
    assert_eq!(shop.model().await, shop.expected(counted.values()));
    // What stands in the sum's place is none; who went meanwhile is not in the one made anew.
    let gate = shop.app.gate.clone();
    tokio::task::spawn_blocking(move || gate.keep_sealed("sum", b"no sum").unwrap())
        .await
        .unwrap();
    shop.erase("p1").await;
    shop.refit().await;
    counted.remove("p1");
    assert_eq!(shop.model().await, shop.expected(counted.values()));
    shop.app.gate.close().await;
}

/// Real customers of the shipped data set, through the whole house: among those erased are the one who
/// bought most and the one who bought least.
#[tokio::test(flavor = "multi_thread")]
async fn on_the_orders_of_real_customers_the_model_is_the_one_that_never_knew_the_erased() {
    let catalogue = online_retail::shipped_catalogue().unwrap();
    let orders: Vec<Order> = online_retail::shipped_orders()
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let mut customers: Vec<u32> = orders.iter().map(|order| order.customer).collect();
    customers.sort_unstable();
    customers.dedup();
    customers.truncate(250);
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let shelf: Arc<dyn Shelf> = Arc::new(Embedded::open(&store).unwrap());
    let mut shop = Shop::open(shelf, &folder.path().join("keys"), catalogue).await;
    shop.settings = Settings::default();
    for customer in &customers {
        shop.agree(&customer.to_string()).await;
    }
    // As if the last order had been made today: what is older than its retention does not count.
    let last = orders.iter().map(|order| order.at.0).max().unwrap();
    let ours = |order: &&Order| customers.binary_search(&order.customer).is_ok();
    for order in orders.iter().filter(ours) {
        let items: Vec<&str> = order.lines.iter().map(|line| line.product.as_str()).collect();
        let ago = (last - order.at.0) / DAY_MS;
        shop.buy(&order.customer.to_string(), ago, &items).await;
    }
    let mut counted = Counted::new();
    for customer in &customers {
        let who = customer.to_string();
        counted.insert(who.clone(), shop.history(&who).await.unwrap());
    }
    shop.learn().await;
    let whole = shop.model().await;
    assert!(whole.is_some() && whole == shop.expected(counted.values()));

    let by_length = |who: &&String| counted[*who].len();
    let most = counted.keys().max_by_key(by_length).unwrap().clone();
    let least = counted.keys().min_by_key(by_length).unwrap().clone();
    let others = counted.keys().step_by(41).cloned();
    let gone: Vec<String> = others.chain([most, least]).collect();
    for who in &gone {
        shop.erase(who).await;
        counted.remove(who);
    }
    shop.refit().await;
    let left = shop.model().await;
    assert_ne!(left, whole);
    assert!(
        left == shop.expected(counted.values()),
        "the model knows somebody"
    );
    shop.app.gate.close().await;
}

#[derive(Clone, Debug)]
enum Step {
    Agree(usize),
    Buy(usize, usize, i64),
    Forget(usize, usize),
    Choose(usize, bool),
    Restrict(usize, bool),
    Erase(usize),
    Learn,
    Refit,
    /// Killed this many microseconds into learning, started again.
    Killed(u64, bool),
    /// Started again on what is on the disk.
    Crash,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = 0..5usize;
    let step = prop_oneof![
        4 => who.clone().prop_map(Step::Agree),
        8 => (who.clone(), 0..6usize, 0..20i64).prop_map(|(p, item, ago)| Step::Buy(p, item, ago)),
        2 => (who.clone(), 0..6usize).prop_map(|(p, item)| Step::Forget(p, item)),
        2 => (who.clone(), any::<bool>()).prop_map(|(p, yes)| Step::Choose(p, yes)),
        2 => (who.clone(), any::<bool>()).prop_map(|(p, yes)| Step::Restrict(p, yes)),
        2 => who.prop_map(Step::Erase),
        3 => Just(Step::Learn),
        3 => Just(Step::Refit),
        1 => (0..4_000u64, any::<bool>()).prop_map(|(after, refit)| Step::Killed(after, refit)),
        1 => Just(Step::Crash),
    ];
    proptest::collection::vec(step, 1..40)
}

/// What is known of one person apart from their history.
#[derive(Clone, Copy, Default)]
struct Wants {
    train: bool,
    restricted: bool,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A plain account beside the house: who counts is who permitted it at the last learning and has
    /// neither gone, nor withdrawn, nor corrected what counted since.
    #[test]
    fn whatever_people_do_the_model_is_that_of_those_who_count(steps in steps(), eager in any::<bool>()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(live(steps, eager))?;
    }
}

async fn live(steps: Vec<Step>, eager: bool) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    let shelf: Arc<dyn Shelf> = Arc::new(if eager { Memory::eager() } else { Memory::new() });
    let catalogue = Catalogue::new(little_catalogue().items()[..6].to_vec());
    let mut shop = Shop::open(Arc::clone(&shelf), &keys, catalogue.clone()).await;
    shop.settings.least_people = 1;
    let mut wants = [Wants::default(); 5];
    let mut counted = Counted::new();
    for step in steps {
        shop.now.fetch_add(60_000, Ordering::Relaxed);
        let name = |p: usize| format!("p{p}");
        let mut look = false;
        match step {
            Step::Agree(p) => {
                shop.agree(&name(p)).await;
                wants[p].train = true;
            }
            Step::Buy(p, item, ago) => shop.buy(&name(p), ago, &[&format!("i{item}")]).await,
            Step::Forget(p, item) => {
                let item = format!("i{item}");
                shop.act(&name(p), Act::Forget(item.clone())).await;
                let counts = |one: &Interaction| one.item.as_str() == item;
                if counted.get(&name(p)).is_some_and(|all| all.iter().any(counts)) {
                    counted.remove(&name(p));
                }
            }
            Step::Choose(p, yes) => {
                shop.choose(&name(p), yes).await;
                wants[p].train = yes;
            }
            Step::Restrict(p, yes) => {
                shop.act(&name(p), Act::Restrict(yes)).await;
                wants[p].restricted = yes;
            }
            Step::Erase(p) => {
                shop.erase(&name(p)).await;
                wants[p] = Wants::default();
                counted.remove(&name(p));
            }
            Step::Learn => look = true,
            Step::Refit => {
                shop.refit().await;
                let model = shop.model().await;
                prop_assert!(model.is_none() || model == shop.expected(counted.values()));
                prop_assert!(model.is_some() || shop.expected(counted.values()).is_none());
            }
            Step::Killed(after, refit) => {
                let (app, settings) = (shop.app.clone(), shop.settings);
                let dying = tokio::spawn(async move {
                    match refit {
                        true => drop(learn_model::refit(&app, &Choice::Given(settings), DATA).await),
                        false => drop(learn_model::run(&app, &Choice::Given(settings), DATA).await),
                    }
                });
                tokio::time::sleep(Duration::from_micros(after)).await;
                dying.abort();
                shop = reopened(shop, &shelf, &keys, &catalogue).await;
                look = true;
            }
            Step::Crash => shop = reopened(shop, &shelf, &keys, &catalogue).await,
        }
        for (p, wants) in wants.iter_mut().enumerate() {
            // A person who is not there has no wish that is remembered.
            if shop.history(&name(p)).await.is_none() {
                *wants = Wants::default();
            }
            if !wants.train || wants.restricted {
                counted.remove(&name(p));
            }
        }
        if look {
            shop.learn().await;
            counted = shop.histories(5).await;
            counted.retain(|who, _| {
                let p: usize = who[1..].parse().unwrap();
                wants[p].train && !wants[p].restricted
            });
            prop_assert!(shop.model().await == shop.expected(counted.values()));
            prop_assert_eq!(shop.waiting().await, 0);
        }
    }
    Ok(())
}

/// Killed without a word, and started again over the same store.
async fn reopened(shop: Shop, shelf: &Arc<dyn Shelf>, keys: &Path, catalogue: &Catalogue) -> Shop {
    let (now, settings) = (shop.now(), shop.settings);
    std::mem::forget(shop);
    let mut shop = Shop::open(Arc::clone(shelf), keys, catalogue.clone()).await;
    shop.now.store(now, Ordering::Relaxed);
    shop.settings = settings;
    shop
}

const FOLDER: &str = "EGARD_TEST_UNLEARN_FOLDER";
const KILLS: u64 = 12;

/// The process is killed at random moments of erasing and refitting, again and again. Whoever was erased
/// is in no model afterwards; whoever was not is counted once.
#[tokio::test(flavor = "multi_thread")]
async fn killed_while_erasing_nobody_is_forgotten_to_be_forgotten_or_taken_out_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut erased = 0;
    for kill in 0..KILLS {
        erased += erase_and_be_killed(folder.path(), Duration::from_millis(kill * 7919 % 90));
        let shop = kept(folder.path()).await;
        let left = shop.histories(PEOPLE).await;
        shop.refit().await;
        // At most one was on the way: taken out already, not erased yet.
        let model = shop.model().await;
        let without_one = left.keys().map(|gone| {
            let rest = left.iter().filter(move |(who, _)| *who != gone);
            shop.expected(rest.map(|(_, history)| history))
        });
        let is_right =
            model == shop.expected(left.values()) || without_one.into_iter().any(|one| one == model);
        assert!(is_right, "kill {kill}: the model knows somebody who is gone");
        shop.learn().await;
        assert!(
            shop.model().await == shop.expected(left.values()),
            "kill {kill}: somebody is counted twice, or not at all"
        );
        assert_eq!(shop.waiting().await, 0);
        shop.app.gate.close().await;
    }
    assert!(erased > 0, "nothing happened before any of the kills");
}

pub(super) async fn kept(folder: &Path) -> Shop {
    let store = folder.join("store");
    let shelf = tokio::task::spawn_blocking(move || Embedded::open(&store).unwrap());
    let shelf: Arc<dyn Shelf> = Arc::new(shelf.await.unwrap());
    Shop::open(shelf, &folder.join("keys"), little_catalogue()).await
}

/// Answers how many erasures were acknowledged.
fn erase_and_be_killed(folder: &Path, pause: Duration) -> usize {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "unlearning::eraser",
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
    let started = lines.by_ref().find(|line| line.as_ref().unwrap() == "erasing");
    assert!(started.is_some(), "the eraser did not begin");
    std::thread::sleep(pause);
    child.kill().unwrap();
    child.wait().unwrap();
    lines
        .map_while(Result::ok)
        .filter(|line| line == "erased")
        .count()
}

/// Fills the shop, learns, and erases one after another; no test of its own.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the process that is killed"]
async fn eraser() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let shop = kept(Path::new(&folder)).await;
    shop.fill(PEOPLE).await;
    shop.learn().await;
    let say = |word: &str| {
        let mut out = std::io::stdout();
        writeln!(out, "{word}").and_then(|()| out.flush()).unwrap();
    };
    // On a line of its own, whatever the test's harness says before.
    say("\nerasing");
    for p in 0..PEOPLE {
        shop.erase(&format!("p{p}")).await;
        say("erased");
        if p % 3 == 2 {
            shop.refit().await;
        }
    }
}
