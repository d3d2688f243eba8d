//! Where boxes and ways stand: layers from top to bottom, each way's words in a layer of their own so that
//! they never lie over anything (Sugiyama, Tagawa and Toda 1981: break loops, layer, order by the mean of the
//! neighbours, place).
//!
//! Deliberately does not know: what the words say, markup.

use super::graph::{Box, Graph, Way};

/// Width of a letter, an upper estimate for the fonts a page has at 13 px.
const LETTER: f64 = 7.4;
/// Height of a line.
pub(super) const LINE: f64 = 17.0;
/// Room between things side by side.
const GAP: f64 = 18.0;
/// Room between layers.
const BETWEEN: f64 = 22.0;
/// Room inside a box at the left and the right, together.
const PAD: f64 = 26.0;
/// Room around all of it.
pub(super) const MARGIN: f64 = 12.0;
/// Sweeps of the ordering.
const SWEEPS: usize = 12;

/// Something that has a place: a box, the words of a way, or a bend of it.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Placed {
    /// Middle.
    pub(super) x: f64,
    /// Upper edge.
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A way as it runs.
pub(super) struct Run {
    /// Points from the box it starts at to the box it ends at.
    pub(super) points: Vec<(f64, f64)>,
    /// Where its words stand.
    pub(super) words: Placed,
    /// It leads back up: a loop.
    pub(super) back: bool,
}

/// All places.
pub(super) struct Laid {
    pub(super) boxes: Vec<Placed>,
    pub(super) ways: Vec<Run>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// One thing of a layer.
#[derive(Clone, Default)]
struct Node {
    layer: usize,
    /// Place in its layer, then its middle.
    order: f64,
    size: Placed,
    above: Vec<usize>,
    below: Vec<usize>,
}

pub(super) fn lay(graph: &Graph) -> Laid {
    let back = loops(graph);
    let layers = layers(graph, &back);
    let mut nodes: Vec<Node> = graph
        .boxes
        .iter()
        .zip(&layers)
        .map(|(one, layer)| Node {
            layer: layer * 2,
            size: size_of_box(one),
            ..Node::default()
        })
        .collect();
    let chains: Vec<(Vec<usize>, usize)> = graph
        .ways
        .iter()
        .zip(&back)
        .map(|(way, back)| chain(&mut nodes, way, *back))
        .collect();
    let mut rows = rows(&nodes);
    order(&mut nodes, &mut rows);
    place(&mut nodes, &rows);
    stack(&mut nodes, &rows);
    let width = nodes
        .iter()
        .map(|n| n.size.x + n.size.width / 2.0)
        .fold(0.0, f64::max)
        + MARGIN;
    let height = nodes.iter().map(|n| n.size.y + n.size.height).fold(0.0, f64::max) + MARGIN;
    let boxes: Vec<Placed> = nodes.iter().take(graph.boxes.len()).map(|n| n.size).collect();
    let ways = chains
        .into_iter()
        .zip(&graph.ways)
        .zip(back)
        .map(|(((chain, words), way), back)| {
            let mut points = points(&nodes, &chain);
            if way.from == way.to {
                points = to_itself(&nodes, way.from, words);
            } else if back {
                points.reverse();
            }
            Run {
                points,
                words: nodes.get(words).map(|n| n.size).unwrap_or_default(),
                back,
            }
        })
        .collect();
    Laid {
        boxes,
        ways,
        width,
        height,
    }
}

/// Which ways lead back to where a person was: found by walking, an explicit stack so that a long journey
/// needs none of the machine's.
fn loops(graph: &Graph) -> Vec<bool> {
    let mut back = vec![false; graph.ways.len()];
    // 0 not seen, 1 being walked, 2 done.
    let mut state = vec![0u8; graph.boxes.len()];
    let leaving: Vec<Vec<usize>> = (0..graph.boxes.len())
        .map(|at| {
            let ways = graph.ways.iter().enumerate();
            ways.filter(|(_, way)| way.from == at)
                .map(|(number, _)| number)
                .collect()
        })
        .collect();
    for start in 0..graph.boxes.len() {
        if state.get(start) != Some(&0) {
            continue;
        }
        let mut walk = vec![(start, 0usize)];
        set(&mut state, start, 1);
        while let Some((at, taken)) = walk.pop() {
            let next = leaving.get(at).and_then(|ways| ways.get(taken));
            let Some((number, to)) = next.and_then(|n| graph.ways.get(*n).map(|way| (*n, way.to))) else {
                set(&mut state, at, 2);
                continue;
            };
            walk.push((at, taken + 1));
            match state.get(to) {
                Some(1) => set(&mut back, number, true),
                Some(0) => {
                    set(&mut state, to, 1);
                    walk.push((to, 0));
                }
                _ => {}
            }
        }
    }
    back
}

/// The layer of each box: one below the lowest it is reached from; the way out below all.
fn layers(graph: &Graph, back: &[bool]) -> Vec<usize> {
    let mut layers = vec![0usize; graph.boxes.len()];
    // Each round settles at least one more box of the longest way.
    for _ in 0..graph.boxes.len() {
        let mut changed = false;
        for (way, _) in graph.ways.iter().zip(back).filter(|(_, back)| !**back) {
            let wanted = layers.get(way.from).copied().unwrap_or_default() + 1;
            if layers.get(way.to).is_some_and(|layer| *layer < wanted) {
                set(&mut layers, way.to, wanted);
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    layers
}

/// The nodes a way runs through, from the upper box to the lower one, and that of its words.
fn chain(nodes: &mut Vec<Node>, way: &Way, back: bool) -> (Vec<usize>, usize) {
    let (upper, lower) = if back {
        (way.to, way.from)
    } else {
        (way.from, way.to)
    };
    let layer = |nodes: &Vec<Node>, at: usize| nodes.get(at).map_or(0, |node| node.layer);
    let (first, last) = (layer(nodes, upper), layer(nodes, lower));
    let mut chain = vec![upper];
    let mut words = nodes.len();
    for layer in first + 1..last.max(first + 2) {
        // A way back is named where it begins, any other too.
        let named = if back {
            layer + 1 == last.max(first + 2)
        } else {
            layer == first + 1
        };
        let size = if named {
            size_of_words(way)
        } else {
            Placed {
                width: 8.0,
                ..Placed::default()
            }
        };
        let at = nodes.len();
        if named {
            words = at;
        }
        nodes.push(Node {
            layer,
            size,
            ..Node::default()
        });
        chain.push(at);
    }
    if upper != lower {
        chain.push(lower);
    }
    for pair in chain.windows(2) {
        if let [above, below] = pair {
            if let Some(node) = nodes.get_mut(*above) {
                node.below.push(*below);
            }
            if let Some(node) = nodes.get_mut(*below) {
                node.above.push(*above);
            }
        }
    }
    (chain, words)
}

fn rows(nodes: &[Node]) -> Vec<Vec<usize>> {
    let deepest = nodes.iter().map(|node| node.layer).max().unwrap_or_default();
    let mut rows = vec![Vec::new(); deepest + 1];
    for (at, node) in nodes.iter().enumerate() {
        if let Some(row) = rows.get_mut(node.layer) {
            row.push(at);
        }
    }
    rows
}

/// Orders each layer by the mean place of the neighbours, down and up again.
fn order(nodes: &mut [Node], rows: &mut [Vec<usize>]) {
    for row in rows.iter() {
        number(nodes, row);
    }
    for sweep in 0..SWEEPS {
        let down = sweep % 2 == 0;
        let places: Vec<usize> = if down {
            (0..rows.len()).collect()
        } else {
            (0..rows.len()).rev().collect()
        };
        for place in places {
            let Some(row) = rows.get_mut(place) else { continue };
            let mut wanted: Vec<(f64, usize)> = row
                .iter()
                .map(|at| (mean(nodes, *at, down, |node| node.order), *at))
                .collect();
            // Stable: of two that want the same place the first stays first.
            wanted.sort_by(|left, right| left.0.total_cmp(&right.0));
            *row = wanted.into_iter().map(|(_, at)| at).collect();
            number(nodes, row);
        }
    }
}

fn number(nodes: &mut [Node], row: &[usize]) {
    for (place, at) in row.iter().enumerate() {
        if let Some(node) = nodes.get_mut(*at) {
            node.order = place as f64;
        }
    }
}

fn mean(nodes: &[Node], at: usize, of_above: bool, figure: impl Fn(&Node) -> f64) -> f64 {
    let Some(node) = nodes.get(at) else { return 0.0 };
    let others = if of_above { &node.above } else { &node.below };
    let others: Vec<f64> = others
        .iter()
        .filter_map(|at| nodes.get(*at))
        .map(&figure)
        .collect();
    match others.len() {
        0 => figure(node),
        count => others.iter().sum::<f64>() / count as f64,
    }
}

/// Side by side without touching, then each towards its neighbours as far as there is room.
fn place(nodes: &mut [Node], rows: &[Vec<usize>]) {
    for row in rows {
        let mut x = 0.0;
        for at in row {
            if let Some(node) = nodes.get_mut(*at) {
                node.size.x = x + node.size.width / 2.0;
                x += node.size.width + GAP;
            }
        }
    }
    for sweep in 0..SWEEPS {
        let down = sweep % 2 == 0;
        let order: Vec<&Vec<usize>> = if down {
            rows.iter().collect()
        } else {
            rows.iter().rev().collect()
        };
        for row in order {
            settle(nodes, row, down);
        }
    }
    let left = nodes
        .iter()
        .map(|n| n.size.x - n.size.width / 2.0)
        .fold(f64::INFINITY, f64::min);
    for node in nodes {
        node.size.x += MARGIN - left;
    }
}

/// Puts a row as near as it can be to where its neighbours want it: the mean of pushing from the left and
/// from the right, which keeps the room between.
fn settle(nodes: &mut [Node], row: &[usize], down: bool) {
    let wanted: Vec<f64> = row
        .iter()
        .map(|at| mean(nodes, *at, down, |node| node.size.x))
        .collect();
    let width = |at: &usize| nodes.get(*at).map_or(0.0, |node| node.size.width);
    let mut from_left = wanted.clone();
    let mut edge = f64::NEG_INFINITY;
    for (x, at) in from_left.iter_mut().zip(row) {
        *x = x.max(edge + width(at) / 2.0);
        edge = *x + width(at) / 2.0 + GAP;
    }
    let mut from_right = wanted;
    let mut edge = f64::INFINITY;
    for (x, at) in from_right.iter_mut().zip(row).rev() {
        *x = x.min(edge - width(at) / 2.0);
        edge = *x - width(at) / 2.0 - GAP;
    }
    for ((left, right), at) in from_left.iter().zip(&from_right).zip(row) {
        if let Some(node) = nodes.get_mut(*at) {
            node.size.x = f64::midpoint(*left, *right);
        }
    }
}

/// One layer below the other.
fn stack(nodes: &mut [Node], rows: &[Vec<usize>]) {
    let mut y = MARGIN;
    for row in rows {
        let heights = row
            .iter()
            .filter_map(|at| nodes.get(*at))
            .map(|node| node.size.height);
        let height = heights.fold(0.0, f64::max);
        for at in row {
            if let Some(node) = nodes.get_mut(*at) {
                node.size.y = y + (height - node.size.height) / 2.0;
            }
        }
        y += height + BETWEEN;
    }
}

/// Through the middle of everything on the way.
fn points(nodes: &[Node], chain: &[usize]) -> Vec<(f64, f64)> {
    let mut points = Vec::new();
    let last = chain.len().saturating_sub(1);
    for (place, at) in chain.iter().enumerate() {
        let Some(Node { size, .. }) = nodes.get(*at) else {
            continue;
        };
        if place > 0 {
            points.push((size.x, size.y));
        }
        if place < last && (place == 0 || size.height > 0.0) {
            points.push((size.x, size.y + size.height));
        }
    }
    points
}

/// From a box to its words below and up to it again.
fn to_itself(nodes: &[Node], at: usize, words: usize) -> Vec<(f64, f64)> {
    let (Some(at), Some(words)) = (nodes.get(at), nodes.get(words)) else {
        return Vec::new();
    };
    let bottom = at.size.y + at.size.height;
    vec![
        (at.size.x - 14.0, bottom),
        (words.size.x, words.size.y),
        (at.size.x + 14.0, bottom),
    ]
}

fn size_of_box(one: &Box) -> Placed {
    let extra = usize::from(one.id.is_some()) + usize::from(one.count.is_some());
    let texts = one.lines.iter().chain(&one.id).chain(&one.count);
    Placed {
        width: widest(texts) + PAD,
        height: (one.lines.len() + extra) as f64 * LINE + 12.0,
        ..Placed::default()
    }
}

fn size_of_words(way: &Way) -> Placed {
    Placed {
        width: widest(way.lines.iter()) + 8.0,
        height: way.lines.len() as f64 * LINE,
        ..Placed::default()
    }
}

fn widest<'a>(lines: impl Iterator<Item = &'a String>) -> f64 {
    let letters = lines.map(|line| line.chars().count()).max().unwrap_or_default();
    letters as f64 * LETTER
}

fn set<T>(values: &mut [T], at: usize, value: T) {
    if let Some(slot) = values.get_mut(at) {
        *slot = value;
    }
}
