//! What learning costs at size, and how good it is, beside `implicit` ALS, `sansa` and a numpy EASE on the
//! same invented people in the same run:
//!
//! ```text
//! cargo run --release -p learn --example scale -- --size small|large [--folder DIR] [--alone]
//! ```
//!
//! The peers run in a Python environment that the command makes in the folder, from the versions pinned in
//! `peers/requirements.txt` (`sansa` also needs SuiteSparse: Debian's `libsuitesparse-dev`).
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command prints")]

mod people;

use learn::evaluate::{Case, Quality, measure, shipped};
use learn::{Bounds, Facts, Provenance, Rows, Settings, train_rows};
use people::{Asked, People, Size, acts, invent};
use recommend::Model;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use vocabulary::{Day, Digest, Interaction, ItemId, Moment};

type Fault = Box<dyn std::error::Error>;

const SMALL: Size = Size {
    people: 6_040,
    items: 3_706,
    acts: 1_000_000,
    topics: 40,
    asked: 500,
};
const LARGE: Size = Size {
    people: 500_000,
    items: 50_000,
    acts: 50_000_000,
    topics: 400,
    asked: 1_000,
};
/// Ridges that are tried on the validated people.
const RIDGES: [f64; 5] = [0.1, 0.35, 0.7, 1.4, 5.6];

struct Choices {
    size: Size,
    large: bool,
    folder: PathBuf,
    peers: bool,
    ridge: Option<f64>,
    bounds: Bounds,
    python: Option<PathBuf>,
}

fn main() -> Result<(), Fault> {
    let choices = choices()?;
    let people = invent(choices.size, 7);
    let acts: usize = people.learned.iter().map(Vec::len).sum();
    println!(
        "{} people, {} items, {acts} acts to learn from; {} people asked; {} threads",
        people.learned.len(),
        choices.size.items,
        people.asked.len(),
        std::thread::available_parallelism()?
    );
    if choices.peers {
        write(&choices.folder, &choices, &people)?;
    }
    println!(
        "{:<34} {:>8} {:>8} {:>9}  NDCG@100",
        "", "wall s", "CPU s", "peak MB"
    );
    ours(&choices, people)?;
    if choices.peers {
        let python = environment(&choices)?;
        for name in ["als", "ease", "sansa"] {
            peer(&choices, &python, name)?;
        }
    }
    Ok(())
}

fn choices() -> Result<Choices, Fault> {
    let mut choices = Choices {
        size: SMALL,
        large: false,
        folder: std::env::temp_dir().join("egard-scale"),
        peers: true,
        ridge: None,
        bounds: Bounds::default(),
        python: None,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("`{word}` needs a value"));
        match word.as_str() {
            "--size" => match value()?.as_str() {
                "small" => {}
                "large" => (choices.size, choices.large) = (LARGE, true),
                other => return Err(format!("`{other}` is no size: `small` or `large`").into()),
            },
            "--folder" => choices.folder = value()?.into(),
            "--alone" => choices.peers = false,
            "--ridge" => choices.ridge = Some(value()?.parse()?),
            "--length" => choices.bounds.length = value()?.parse()?,
            "--python" => choices.python = Some(value()?.into()),
            "--part" => {
                let part: usize = value()?.parse()?;
                choices.size.people /= part;
                choices.size.acts /= part;
            }
            other => return Err(format!("`{other}` is no option").into()),
        }
    }
    Ok(choices)
}

fn name(at: u32) -> ItemId {
    ItemId(format!("{at:07}"))
}

fn cases(asked: &[Asked]) -> Vec<Case> {
    let cases = asked.iter().filter(|one| !one.wanted.is_empty()).map(|one| Case {
        history: one
            .known
            .iter()
            .map(|at| Interaction {
                item: name(*at),
                viewed: 0,
                added: 0,
                bought: 1,
                last_at: Moment(0),
            })
            .collect(),
        wanted: one.wanted.iter().map(|at| name(*at)).collect(),
        repeats: false,
        now: Moment(0),
    });
    cases.collect()
}

fn settings(ridge: f64) -> Settings {
    let mut settings = Settings {
        ridge,
        ..Settings::default()
    };
    // What is known of the asked has no days.
    settings.parameters.next = 0.0;
    settings.parameters.prior = 0.0;
    settings
}

fn ours(choices: &Choices, people: People) -> Result<(), Fault> {
    let (validated, asked) = (cases(&people.validated), cases(&people.asked));
    let gather = |rows: &mut Rows| {
        people
            .learned
            .iter()
            .try_for_each(|one| rows.add_places(acts(one)))
    };
    let empty = || Rows::new((0..choices.size.items as u32).map(name), choices.bounds);
    let quality = |bytes: &[u8], cases: &[Case]| -> Result<Quality, Fault> {
        let model = Model::read(bytes)?;
        Ok(measure(cases, |case| shipped(&model, case)))
    };
    let mut best = (f64::MIN, choices.ridge.unwrap_or(0.7));
    if choices.ridge.is_none() {
        let mut rows = empty()?;
        gather(&mut rows)?;
        for ridge in RIDGES {
            let found = quality(
                &train_rows(&rows, &Facts::default(), &settings(ridge), provenance())?,
                &validated,
            )?;
            println!("  ridge {ridge:<5} {:.4} on the validated", found.ndcg_100);
            if found.ndcg_100 > best.0 {
                best = (found.ndcg_100, ridge);
            }
        }
    }
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let (wall, before) = (Instant::now(), cpu());
    let mut rows = empty()?;
    gather(&mut rows)?;
    let gathered = wall.elapsed();
    let bytes = train_rows(&rows, &Facts::default(), &settings(best.1), provenance())?;
    let (wall, spent) = (wall.elapsed(), cpu().saturating_sub(before));
    let peak = peak_mb();
    let found = quality(&bytes, &asked)?;
    line(
        &format!("Égard, ridge {}", best.1),
        [wall.as_secs_f64(), spent.as_secs_f64(), peak],
        [found.ndcg_100, found.ndcg_error],
    );
    println!(
        "  of which gathering {:.1} s; model {:.1} MB, {} weights; the peak holds the invented people too",
        gathered.as_secs_f64(),
        bytes.len() as f64 / 1e6,
        Model::read(&bytes)?.discover().len()
    );
    Ok(())
}

fn line(name: &str, [wall, cpu, peak]: [f64; 3], [ndcg, error]: [f64; 2]) {
    println!("{name:<34} {wall:>8.1} {cpu:>8.1} {peak:>9.0}  {ndcg:.4} ± {error:.4}");
}

fn provenance() -> Provenance {
    Provenance {
        made_on: Day(0),
        charter: Digest::default(),
        data: "invented people, for measurement".to_owned(),
    }
}

/// The same data for the peers: per matrix where rows begin, and the items.
fn write(folder: &Path, choices: &Choices, people: &People) -> Result<(), Fault> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("items"), choices.size.items.to_string())?;
    let matrix = |name: &str, rows: &mut dyn Iterator<Item = Vec<u32>>| -> Result<(), Fault> {
        let (mut starts, mut items, mut end) = (0u64.to_le_bytes().to_vec(), Vec::new(), 0u64);
        for mut row in rows {
            row.sort_unstable();
            end += row.len() as u64;
            starts.extend(end.to_le_bytes());
            row.iter().for_each(|item| items.extend(item.to_le_bytes()));
        }
        std::fs::write(folder.join(format!("{name}.starts")), starts)?;
        Ok(std::fs::write(folder.join(format!("{name}.items")), items)?)
    };
    let learned = people.learned.iter();
    matrix(
        "train",
        &mut learned.map(|one| one.iter().map(|(item, _)| *item).collect()),
    )?;
    for (name, asked) in [("validated", &people.validated), ("asked", &people.asked)] {
        matrix(
            &format!("{name}-known"),
            &mut asked.iter().map(|one| one.known.clone()),
        )?;
        matrix(
            &format!("{name}-wanted"),
            &mut asked.iter().map(|one| one.wanted.clone()),
        )?;
    }
    Ok(())
}

/// Where the peers' files lie.
fn peers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/scale/peers")
}

fn environment(choices: &Choices) -> Result<PathBuf, Fault> {
    if let Some(python) = &choices.python {
        return Ok(python.clone());
    }
    let folder = choices.folder.join("venv");
    let python = folder.join("bin/python");
    if !python.exists() {
        let made = Command::new("python3")
            .args(["-m", "venv"])
            .arg(&folder)
            .status()?;
        if !made.success() {
            return Err("`python3 -m venv` failed".into());
        }
    }
    let list = peers().join("requirements.txt");
    let pip = Command::new(&python)
        .args(["-m", "pip", "install", "-q", "-r"])
        .arg(list)
        .status()?;
    if !pip.success() {
        eprintln!("not every peer could be installed; those that are missing say so");
    }
    Ok(python)
}

fn peer(choices: &Choices, python: &Path, name: &str) -> Result<(), Fault> {
    let mut command = Command::new("timeout");
    command
        .arg("900")
        .arg(python)
        .arg(peers().join("peer.py"))
        .arg(&choices.folder)
        .arg(name);
    // At size one iteration is run and its time taken fifteenfold: said in the line.
    let extrapolated = choices.large && name == "als";
    if choices.large {
        let setting: &[&str] = match name {
            "als" => &["--setting", "10", "1", "--iterations", "1"],
            _ => &["--setting", "700"],
        };
        command.args(setting);
    }
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let Ok(found) = serde_json::from_str::<serde_json::Value>(text.trim()) else {
        let error = String::from_utf8_lossy(&output.stderr);
        let last = error.lines().last().unwrap_or("no output");
        let why = match output.status.code() {
            Some(124) => "not done after 900 s",
            _ => last,
        };
        println!("{name:<34} {why}");
        return Ok(());
    };
    if let Some(problem) = found.get("problem").and_then(|value| value.as_str()) {
        println!("{name:<34} {problem}");
        return Ok(());
    }
    let number = |key: &str| {
        found
            .get(key)
            .and_then(|value| value.as_f64())
            .unwrap_or(f64::NAN)
    };
    let times = if extrapolated { 15.0 } else { 1.0 };
    let label = match extrapolated {
        true => "als, 1 iteration; time x 15".to_owned(),
        false => format!(
            "{name}, {}",
            found.get("setting").unwrap_or(&serde_json::Value::Null)
        ),
    };
    line(
        &label,
        [number("wall") * times, number("cpu") * times, number("peak_mb")],
        [number("ndcg"), number("error")],
    );
    Ok(())
}

fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(f64::NAN) / 1024.0
}

/// Processor time of all threads so far.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat
        .rsplit_once(')')
        .map_or("", |(_, rest)| rest)
        .split_whitespace();
    let ticks: u64 = fields
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks * 10)
}
